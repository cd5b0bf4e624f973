/* SPDX-License-Identifier: MIT */
/* Work in processes of its own. See pool.h. */
#define _GNU_SOURCE /* ppoll, sched_getaffinity */

#include "pool.h"

#include "vtd/vtd.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TEXT_MAX = 1 << 26,   /* of a job; more is an error of the job */
    MESSAGE_MAX = 1 << 12 /* the rest is read, and forgotten */
};

/* What comes through a pipe. */
struct stream {
    int fd; /* -1: at its end */
    char *text;
    size_t length, room, most;
    bool overflow;
};

struct worker {
    pid_t pid; /* 0: none */
    uint64_t job;
    struct stream out, err;
};

struct pool {
    const struct vtd_pool_hooks *hooks;
    struct worker *worker;
    struct pollfd *polled;
    unsigned at_a_time, running;
    sigset_t waiting; /* the signals that are let in while the pool waits */
    char *why;
};

static volatile sig_atomic_t stop_signal;

static void note_signal(int number)
{
    stop_signal = number;
}

int vtd_pool_write(int fd, const char *text, size_t length)
{
    while (length) {
        const ssize_t n = write(fd, text, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        text += n;
        length -= (size_t)n;
    }
    return 0;
}

unsigned vtd_pool_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

/* ---------------------------------------------------------------- signals */

static const int stopping[] = {SIGINT, SIGTERM, SIGHUP};

enum {
    STOPPING = sizeof stopping / sizeof stopping[0]
};

struct signals {
    struct sigaction action[STOPPING];
    sigset_t mask;
};

/* From here on they come in only while the pool waits. One that was ignored (as nohup does) stays so. */
static void take_signals(struct signals *before, sigset_t *waiting)
{
    struct sigaction action = {.sa_handler = note_signal};
    sigset_t block;
    sigemptyset(&action.sa_mask);
    sigemptyset(&block);
    stop_signal = 0;
    for (unsigned i = 0; i < STOPPING; i++)
        sigaddset(&block, stopping[i]);
    sigprocmask(SIG_BLOCK, &block, &before->mask);
    for (unsigned i = 0; i < STOPPING; i++) {
        sigaction(stopping[i], NULL, &before->action[i]);
        if (before->action[i].sa_handler != SIG_IGN)
            sigaction(stopping[i], &action, NULL);
    }
    *waiting = before->mask;
    for (unsigned i = 0; i < STOPPING; i++)
        sigdelset(waiting, stopping[i]);
}

static void give_signals_back(const struct signals *before)
{
    for (unsigned i = 0; i < STOPPING; i++)
        sigaction(stopping[i], &before->action[i], NULL);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

/* ---------------------------------------------------------------- workers */

/* The life of a worker. It does not outlive the pool, however that ends. */
static _Noreturn void be_worker(const struct pool *p, uint64_t job, pid_t parent, int out, int err)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    for (unsigned i = 0; i < STOPPING; i++)
        signal(stopping[i], SIG_DFL);
    sigprocmask(SIG_SETMASK, &p->waiting, NULL);
    dup2(err, STDERR_FILENO);
    dup2(err, STDOUT_FILENO);
    const int status = p->hooks->work(p->hooks->arg, job, out);
    fflush(NULL);
    _exit(status);
}

static int give_up(struct pool *p, const char *what)
{
    snprintf(p->why, VTD_WHY_SIZE, "%s: %s", what, strerror(errno));
    return -1;
}

static int start(struct pool *p, struct worker *w, uint64_t job)
{
    int out[2], err[2];
    if (pipe(out) != 0)
        return give_up(p, "cannot make a pipe");
    if (pipe(err) != 0) {
        close(out[0]);
        close(out[1]);
        return give_up(p, "cannot make a pipe");
    }
    fflush(NULL); /* what is buffered is written once */
    const pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        be_worker(p, job, parent, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    if (pid < 0) {
        close(out[0]);
        close(err[0]);
        return give_up(p, "cannot start a process");
    }
    w->pid = pid;
    w->job = job;
    w->out = (struct stream){.fd = out[0], .most = TEXT_MAX};
    w->err = (struct stream){.fd = err[0], .most = MESSAGE_MAX};
    p->running++;
    return 0;
}

/* Takes what is there to be read, at most a piece. */
static void take(struct stream *s)
{
    char piece[65536];
    const ssize_t n = read(s->fd, piece, sizeof piece);
    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        close(s->fd);
        s->fd = -1;
        return;
    }
    size_t length = (size_t)n;
    if (length > s->most - s->length) {
        length = s->most - s->length;
        s->overflow = true;
    }
    if (s->length + length + 1 > s->room) {
        const size_t room = 2 * (s->length + length + 1);
        char *bigger = realloc(s->text, room);
        if (!bigger) {
            s->overflow = true;
            return;
        }
        s->text = bigger;
        s->room = room;
    }
    memcpy(s->text + s->length, piece, length);
    s->length += length;
    s->text[s->length] = '\0';
}

static void forget(struct pool *p, struct worker *w)
{
    if (w->out.fd >= 0)
        close(w->out.fd);
    if (w->err.fd >= 0)
        close(w->err.fd);
    free(w->out.text);
    free(w->err.text);
    *w = (struct worker){0};
    p->running--;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* Both pipes of a worker are at their ends: it is over. */
static int finish(struct pool *p, struct worker *w)
{
    const int status = wait_for(w->pid);
    if (w->err.text)
        w->err.text[strcspn(w->err.text, "\n")] = '\0';
    struct vtd_pool_end end = {
        .status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
        .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
        .text = w->out.text ? w->out.text : "",
        .length = w->out.length,
        .message = w->err.text ? w->err.text : "",
    };
    if (w->out.overflow) {
        end.status = -1;
        end.message = "the result is too large";
    }
    const int result = p->hooks->done(p->hooks->arg, w->job, &end, p->why);
    forget(p, w);
    return result == 0 ? 0 : -1;
}

static void kill_all(struct pool *p)
{
    for (unsigned i = 0; i < p->at_a_time; i++)
        if (p->worker[i].pid) {
            kill(p->worker[i].pid, SIGKILL);
            wait_for(p->worker[i].pid);
            forget(p, &p->worker[i]);
        }
}

/* ---------------------------------------------------------------- the pool */

/* Waits until something can be read, a second is over, or a signal comes, and reads. */
static int attend(struct pool *p)
{
    const struct timespec second = {.tv_sec = 1};
    for (unsigned i = 0; i < p->at_a_time; i++) {
        const struct worker *w = &p->worker[i];
        p->polled[2 * i] = (struct pollfd){.fd = w->pid ? w->out.fd : -1, .events = POLLIN};
        p->polled[2 * i + 1] = (struct pollfd){.fd = w->pid ? w->err.fd : -1, .events = POLLIN};
    }
    if (ppoll(p->polled, 2 * p->at_a_time, &second, &p->waiting) < 0)
        return errno == EINTR ? 0 : give_up(p, "cannot wait");
    for (unsigned i = 0; i < p->at_a_time; i++) {
        struct worker *w = &p->worker[i];
        if (!w->pid)
            continue;
        if (w->out.fd >= 0 && p->polled[2 * i].revents)
            take(&w->out);
        if (w->err.fd >= 0 && p->polled[2 * i + 1].revents)
            take(&w->err);
        if (w->out.fd < 0 && w->err.fd < 0 && finish(p, w) != 0)
            return -1;
    }
    return 0;
}

/* Gives every idle worker something to do. */
static int refill(struct pool *p)
{
    uint64_t job;
    for (unsigned i = 0; i < p->at_a_time; i++)
        if (!p->worker[i].pid) {
            if (!p->hooks->next(p->hooks->arg, &job))
                return 0;
            if (start(p, &p->worker[i], job) != 0)
                return -1;
        }
    return 0;
}

int vtd_pool_run(const struct vtd_pool_hooks *hooks, unsigned at_a_time, char *why)
{
    struct pool p = {.hooks = hooks, .at_a_time = at_a_time, .why = why};
    struct signals before;
    int status = 0;
    p.worker = calloc(at_a_time, sizeof *p.worker);
    p.polled = calloc(2 * (size_t)at_a_time, sizeof *p.polled);
    if (!p.worker || !p.polled) {
        free(p.worker);
        free(p.polled);
        errno = ENOMEM;
        return give_up(&p, "cannot begin");
    }
    take_signals(&before, &p.waiting);
    while ((status = refill(&p)) == 0 && p.running) {
        if (hooks->tick)
            hooks->tick(hooks->arg, p.running);
        status = attend(&p);
        if (status != 0 || stop_signal)
            break;
    }
    kill_all(&p);
    give_signals_back(&before);
    free(p.worker);
    free(p.polled);
    return status == 0 ? (int)stop_signal : status;
}
