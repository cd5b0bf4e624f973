/* SPDX-License-Identifier: MIT */
/* Makes the disk of a guest. See disk_image.h. */
#define _GNU_SOURCE
#include "qemu/disk_image.h"

#include "qemu/pattern.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH 4096

static int refuse(char *why, int error, const char *what)
{
    snprintf(why, VTD_DISK_IMAGE_WHY, "%.400s: %s", what, strerror(error));
    return -error;
}

/* It is for administrators: its directory need not be among those of programs. */
static const char *mke2fs(void)
{
    static const char *const place[] = {"/usr/sbin/mke2fs", "/sbin/mke2fs", "/usr/bin/mke2fs",
                                        "/usr/local/sbin/mke2fs"};
    for (size_t i = 0; i < sizeof(place) / sizeof(*place); i++)
        if (access(place[i], X_OK) == 0)
            return place[i];
    return NULL;
}

static void file_path(char path[PATH], const char *directory, unsigned number)
{
    snprintf(path, PATH, "%.4000s/file-%u", directory, number);
}

static int write_file(const char *directory, unsigned number, char *why)
{
    char path[PATH];
    const uint32_t size = vtd_pattern_sizes[number - 1];
    file_path(path, directory, number);
    uint8_t *content = malloc(size);
    FILE *f = content ? fopen(path, "wb") : NULL;
    int error = f ? 0 : content ? errno : ENOMEM;
    if (f) {
        vtd_pattern_fill(content, size, number);
        if (fwrite(content, 1, size, f) != size)
            error = EIO;
        if (fclose(f) != 0 && !error)
            error = errno;
    }
    free(content);
    return error ? refuse(why, error, path) : 0;
}

/* Quietly, on an image that is there already. */
static int format(const char *program, const char *directory, const char *path, char *why)
{
    const pid_t pid = fork();
    if (pid == 0) {
        const int null = open("/dev/null", O_RDWR);
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execl(program, program, "-q", "-F", "-t", "ext4", "-b", "4096", "-E", "lazy_itable_init=0", "-d", directory,
              path, "16M", (char *)NULL);
        _exit(127);
    }
    int status = -1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    snprintf(why, VTD_DISK_IMAGE_WHY, "%s cannot make %.300s (status %#x)", program, path, (unsigned)status);
    return -EIO;
}

int vtd_disk_image_make(const char *path, char *why)
{
    char directory[PATH], file[PATH];
    const char *program = mke2fs();
    if (!program)
        return refuse(why, ENOENT, "mke2fs (Debian's e2fsprogs)");
    if (snprintf(directory, sizeof(directory), "%s.d", path) >= PATH - 32)
        return refuse(why, ENAMETOOLONG, path);
    if (mkdir(directory, 0777) != 0)
        return refuse(why, errno, directory);
    int error = 0;
    for (unsigned i = 1; i <= VTD_PATTERN_FILES && error == 0; i++)
        error = write_file(directory, i, why);
    if (error == 0)
        error = format(program, directory, path, why);
    for (unsigned i = 1; i <= VTD_PATTERN_FILES; i++) {
        file_path(file, directory, i);
        unlink(file);
    }
    rmdir(directory);
    return error;
}
