/* SPDX-License-Identifier: MIT */
/* Finds or fetches what vtdsim linux boots. See linux_files.h. */
#include "linux_files.h"

#include "qemu/dma_engine.h"
#include "qemu/initramfs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "qemu-system-x86_64"

/* Writes a path; false when it is too long, and then it is empty. */
__attribute__((format(printf, 2, 3))) static bool set(char *path, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const int size = vsnprintf(path, VTD_LINUX_PATH, format, list);
    va_end(list);
    if (size > 0 && size < VTD_LINUX_PATH)
        return true;
    path[0] = '\0';
    return false;
}

static bool readable(const char *path, const char *what)
{
    if (access(path, R_OK) == 0)
        return true;
    fprintf(stderr, "vtdsim linux: %s %s: %s\n", what, path, strerror(errno));
    return false;
}

/* A program of the machine. */
static bool installed(const char *name, char *path)
{
    const char *all = getenv("PATH");
    while (all && *all) {
        const size_t length = strcspn(all, ":");
        if (length != 0 && set(path, "%.*s/%s", (int)length, all, name) && access(path, X_OK) == 0)
            return true;
        all += length + (all[length] == ':');
    }
    path[0] = '\0';
    return false;
}

/* Runs the script that fetches packages. */
static int fetch(const char *directory, bool backports)
{
    char script[VTD_LINUX_PATH], done[VTD_LINUX_PATH];
    if (!set(done, "%s/complete", directory) || access(done, F_OK) == 0)
        return 0;
    if (!set(script, "%s/fetch-linux", VTD_SCRIPTS_DIR) || access(script, X_OK) != 0) {
        fprintf(stderr, "vtdsim linux: %s: %s; run it where the sources are, and give its directory by --directory\n",
                script, strerror(errno));
        return -1;
    }
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO);
        if (backports)
            execl(script, script, "--backports", directory, (char *)NULL);
        else
            execl(script, script, directory, (char *)NULL);
        _exit(127);
    }
    int status = -1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    fprintf(stderr, "vtdsim linux: there is no kernel or QEMU to boot: fetch-linux failed. Bring your own by --qemu, "
                    "--kernel and --initrd\n");
    return -1;
}

static bool find_qemu(struct vtd_linux_files *f, const char *given)
{
    if (given)
        return set(f->qemu, "%s", given) && readable(f->qemu, "QEMU");
    if (installed(PROGRAM, f->qemu))
        return true;
    const char *d = f->directory;
    return set(f->qemu, "%s/root/usr/bin/" PROGRAM, d) && readable(f->qemu, "QEMU") &&
           set(f->libraries, "%s/root/usr/lib/x86_64-linux-gnu:%s/root/lib/x86_64-linux-gnu", d, d) &&
           set(f->data, "%s/root/usr/share/qemu:%s/root/usr/share/seabios", d, d);
}

/* The file system, when the user gives none. */
static bool make_initrd(struct vtd_linux_files *f)
{
    char ids[16], why[256], sva[VTD_LINUX_PATH];
    snprintf(ids, sizeof(ids), "%04x:%04x", VTD_DMA_ENGINE_VENDOR, VTD_DMA_ENGINE_DEVICE);
    const struct vtd_qemu_initramfs content = {
        .busybox = f->busybox,
        .tests = f->tests[0] ? f->tests : NULL,
        .modules = f->modules[0] ? f->modules : NULL,
        .sva = set(sva, "%s/vtd_sva.ko", f->directory) && access(sva, R_OK) == 0 ? sva : NULL,
        .ids = ids,
    };
    if (vtd_qemu_initramfs_write(&content, f->initrd, why) == 0)
        return true;
    fprintf(stderr, "vtdsim linux: %s\n", why);
    return false;
}

static bool find_tests(struct vtd_linux_files *f, bool needed)
{
    if (set(f->tests, "%s", VTD_GUEST_PROGRAM) && access(f->tests, R_OK) == 0)
        return true;
    f->tests[0] = '\0';
    if (needed)
        fprintf(stderr,
                "vtdsim linux: the guest tests, %s, are not built (they need a static C library); --test boot "
                "does without them\n",
                VTD_GUEST_PROGRAM);
    return !needed;
}

int vtd_linux_files_find(struct vtd_linux_files *f, const struct vtd_linux_given *given)
{
    memset(f, 0, sizeof(*f));
    const char *top = given->directory   ? given->directory
                      : given->backports ? VTD_LINUX_DIR "-backports"
                                         : VTD_LINUX_DIR;
    if (!set(f->directory, "%s", top) || (mkdir(f->directory, 0777) != 0 && errno != EEXIST)) {
        fprintf(stderr, "vtdsim linux: %s: %s\n", top, strerror(errno));
        return -1;
    }
    char machine[VTD_LINUX_PATH];
    const bool have_qemu = given->qemu || installed(PROGRAM, machine);
    const bool needed = !have_qemu || !given->kernel || !given->initrd;
    if (needed && fetch(f->directory, given->backports) != 0)
        return -1;
    bool good = find_qemu(f, given->qemu) && find_tests(f, given->tests && !given->initrd);
    char of_package[VTD_LINUX_PATH];
    good = good && set(of_package, "%s/modules", top);
    const char *modules = given->modules ? given->modules : given->kernel ? NULL : of_package;
    if (given->kernel)
        good = good && set(f->kernel, "%s", given->kernel);
    else
        good = good && set(f->kernel, "%s/vmlinux", top);
    if (modules) /* those of another kernel would not load */
        good = good && set(f->modules, "%s", modules) && readable(f->modules, "kernel modules");
    good = good && readable(f->kernel, "kernel");
    if (given->initrd)
        return good && set(f->initrd, "%s", given->initrd) && readable(f->initrd, "initrd") ? 0 : -1;
    good = good && set(f->busybox, "%s/root/bin/busybox", top) && set(f->initrd, "%s/initrd.%d", top, (int)getpid());
    return good && make_initrd(f) ? 0 : -1;
}
