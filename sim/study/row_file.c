/* SPDX-License-Identifier: MIT */
/* Files of results: whole lines, appended, read, locked. See row_file.h. */
#define _POSIX_C_SOURCE 200809L

#include "row_file.h"

#include "vtd/vtd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PIECE = 1 << 18,
    LINE_MAX_LENGTH = 1 << 27
};

static int give_up(const char *path, const char *what, char *why)
{
    snprintf(why, VTD_WHY_SIZE, "%.120s: %s: %s", path, what, strerror(errno));
    return -1;
}

/* ---------------------------------------------------------------- appending */

int vtd_row_file_open(struct vtd_row_file *r, const char *path, char *why)
{
    struct stat s;
    *r = (struct vtd_row_file){.path = path, .fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666)};
    if (r->fd < 0)
        return give_up(path, "cannot be opened", why);
    /* Of this process alone: workers do not inherit it, and it goes when the process does. */
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fstat(r->fd, &s) != 0 || !S_ISREG(s.st_mode)) {
        snprintf(why, VTD_WHY_SIZE, "%.120s: this is not a plain file, which a sweep needs to go on where it was",
                 path);
    } else if (fcntl(r->fd, F_SETLK, &lock) != 0) {
        if (errno != EACCES && errno != EAGAIN)
            give_up(path, "cannot be locked", why);
        else
            snprintf(why, VTD_WHY_SIZE, "%.120s: another sweep is writing it", path);
    } else {
        return 0;
    }
    close(r->fd);
    r->fd = -1;
    return -1;
}

int vtd_row_file_cut(struct vtd_row_file *r, char *why)
{
    r->dirty = true;
    return ftruncate(r->fd, r->end) == 0 ? 0 : give_up(r->path, "cannot be cut", why);
}

static int sync_file(struct vtd_row_file *r, time_t now, char *why)
{
    r->synced = now;
    if (r->dirty && fdatasync(r->fd) != 0)
        return give_up(r->path, "cannot be written", why);
    r->dirty = false;
    return 0;
}

static time_t seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

int vtd_row_file_append(struct vtd_row_file *r, const char *line, size_t length, char *why)
{
    char ignored[VTD_WHY_SIZE];
    size_t done = 0;
    r->dirty = true;
    while (done < length) {
        const ssize_t n = write(r->fd, line + done, length - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            give_up(r->path, "cannot be written", why);
            if (done)
                vtd_row_file_cut(r, ignored);
            return -1;
        }
        done += (size_t)n; /* short only where the disk is full: the next one tells */
    }
    r->end += (off_t)length;
    const time_t now = seconds();
    return now == r->synced ? 0 : sync_file(r, now, why);
}

int vtd_row_file_close(struct vtd_row_file *r, char *why)
{
    if (r->fd < 0)
        return 0;
    int status = sync_file(r, 0, why);
    if (close(r->fd) != 0 && status == 0)
        status = give_up(r->path, "cannot be written", why);
    r->fd = -1;
    return status;
}

/* ---------------------------------------------------------------- reading */

struct reader {
    int fd;
    const char *path;
    vtd_row_file_visit *visit;
    void *arg;
    char *why;
    char *buffer;
    size_t length, room;
    off_t offset; /* of the buffer in the file */
    unsigned long lines;
};

/* More of the file. 1: there is some; 0: the end; -1: an error. */
static int fill(struct reader *r)
{
    if (r->room - r->length < PIECE + 1) {
        const size_t room = 2 * (r->length + PIECE + 1);
        char *bigger = r->length <= LINE_MAX_LENGTH ? realloc(r->buffer, room) : NULL;
        if (!bigger) {
            snprintf(r->why, VTD_WHY_SIZE, "%.120s:%lu: the line is too long", r->path, r->lines + 1);
            return -1;
        }
        r->buffer = bigger;
        r->room = room;
    }
    const ssize_t n = pread(r->fd, r->buffer + r->length, PIECE, r->offset + (off_t)r->length);
    if (n < 0)
        return errno == EINTR ? 1 : give_up(r->path, "cannot be read", r->why);
    r->length += (size_t)n;
    return n > 0;
}

/* Visits the whole lines of the buffer, and keeps the rest. */
static int visit_lines(struct reader *r, size_t from)
{
    size_t begin = 0;
    int status = 0;
    for (char *end; status == 0 && (end = memchr(r->buffer + from, '\n', r->length - from));) {
        *end = '\0';
        const size_t next = (size_t)(end - r->buffer) + 1;
        const struct vtd_row_file_line line = {
            .text = r->buffer + begin,
            .length = next - 1 - begin,
            .offset = r->offset + (off_t)begin,
            .number = ++r->lines,
        };
        status = r->visit(r->arg, &line, r->why);
        begin = from = next;
    }
    memmove(r->buffer, r->buffer + begin, r->length - begin);
    r->length -= begin;
    r->offset += (off_t)begin;
    return status;
}

int vtd_row_file_read(int fd, const char *path, vtd_row_file_visit *visit, void *arg, off_t *end, off_t *torn,
                      char *why)
{
    struct reader r = {.fd = fd, .path = path, .visit = visit, .arg = arg, .why = why};
    int status = 0;
    for (;;) {
        const size_t before = r.length;
        const int more = fill(&r);
        status = more < 0 ? -1 : visit_lines(&r, before);
        if (more <= 0 || status != 0)
            break;
    }
    *end = r.offset;
    *torn = (off_t)r.length;
    free(r.buffer);
    return status;
}
