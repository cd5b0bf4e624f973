/* SPDX-License-Identifier: MIT */
/* The life of a child process. See child.h. */
#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child: becomes the program, or tells by the pipe why not. There was one thread, so that memory may be had. */
static void become(char *const argv[], const char *libraries, int output, pid_t parent, int tell)
{
    const bool terminal = output < 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it ended before the line above */
        _exit(127);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    const int nothing = terminal ? -1 : open("/dev/null", O_RDONLY);
    const bool set = !libraries || setenv("LD_LIBRARY_PATH", libraries, 1) == 0;
    if (set && (terminal || (nothing >= 0 && dup2(nothing, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2)))
        execv(argv[0], argv);
    const int error = errno;
    if (write(tell, &error, sizeof(error)) != (ssize_t)sizeof(error))
        _exit(126);
    _exit(127);
}

int vtd_qemu_child_start(struct vtd_qemu_child *child, char *const argv[], const char *libraries, bool terminal,
                         int output)
{
    int pipe_ends[2];
    *child = (struct vtd_qemu_child){.pidfd = -1};
    if (pipe2(pipe_ends, O_CLOEXEC) != 0)
        return -errno;
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0)
        become(argv, libraries, terminal ? -1 : output, parent, pipe_ends[1]);
    int error = pid < 0 ? errno : 0;
    close(pipe_ends[1]);
    ssize_t got = 0;
    if (pid > 0) {
        child->pid = pid;
        child->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (child->pidfd < 0)
            error = errno;
        else
            do
                got = read(pipe_ends[0], &error, sizeof(error)); /* ends without a byte when the program runs */
            while (got < 0 && errno == EINTR);
    }
    close(pipe_ends[0]);
    if (error != 0)
        vtd_qemu_child_end(child);
    return -error;
}

int vtd_qemu_child_end(struct vtd_qemu_child *child)
{
    if (child->pid <= 0)
        return -1;
    int status = -1;
    pid_t ended = waitpid(child->pid, &status, WNOHANG);
    if (ended == 0) {
        kill(child->pid, SIGKILL);
        do
            ended = waitpid(child->pid, &status, 0);
        while (ended < 0 && errno == EINTR);
    }
    if (child->pidfd >= 0)
        close(child->pidfd);
    *child = (struct vtd_qemu_child){.pidfd = -1};
    return ended > 0 ? status : -1;
}
