/* SPDX-License-Identifier: MIT */
/* Begins a file of results, or takes one up. See sweep_file.h. */
#define _POSIX_C_SOURCE 200809L

#include "sweep_file.h"

#include "vtd/vtd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reading {
    struct vtd_sweep *sweep;
    const char *path;
    uint8_t *done;
    json_t *header;           /* what it should be */
    uint64_t failed;          /* rows with an error */
    struct vtd_row_file *out; /* where rows without error are copied to; NULL: they are taken note of */
};

/* Shards of a sweep have its identity, but each has points and a file of its own. */
static int check_header(const struct reading *r, const struct vtd_row_file_line *line, char *why)
{
    json_t *have = vtd_header_parse(line, r->path, why);
    if (!have)
        return -1;
    int status = vtd_header_compare(have, r->path, r->header, "this command", why);
    const char *shard = json_string_value(json_object_get(have, "shard"));
    const char *want = json_string_value(json_object_get(r->header, "shard"));
    if (status == 0 && strcmp(shard ? shard : "", want ? want : "") != 0) {
        snprintf(why, VTD_WHY_SIZE, "%.120s: this file is of shard %.20s, not of %.20s", r->path, shard ? shard : "1/1",
                 want ? want : "1/1");
        status = -1;
    }
    json_decref(have);
    return status;
}

static int check_point(const struct reading *r, const struct vtd_row *row, const struct vtd_row_file_line *line,
                       char *why)
{
    const struct vtd_sweep *s = r->sweep;
    json_t *point = vtd_sweep_point(s, row->index);
    const bool same = json_equal(point, json_object_get(row->root, "point")) != 0;
    json_decref(point);
    if (same && row->index % s->shards == s->shard - 1)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "%.120s:%lu: this is no row of this sweep", r->path, line->number);
    return -1;
}

static void take_note(const struct reading *r, const struct vtd_row *row)
{
    uint8_t *byte = &r->done[row->index / 8];
    const uint8_t bit = (uint8_t)(1u << row->index % 8);
    const json_t *counters = json_object_get(json_object_get(row->root, "result"), "counters");
    if (*byte & bit)
        return;
    *byte |= bit;
    r->sweep->done++;
    r->sweep->blocked += json_integer_value(json_object_get(counters, "faults")) > 0;
}

static int visit(void *arg, const struct vtd_row_file_line *line, char *why)
{
    struct reading *r = arg;
    struct vtd_row row = {0};
    if (line->number == 1)
        return check_header(r, line, why);
    if (vtd_row_parse(&row, line, r->path, r->sweep->axes.points, why) != 0)
        return -1;
    const int status = check_point(r, &row, line, why);
    if (status == 0 && row.failed)
        r->failed++;
    else if (status == 0)
        take_note(r, &row);
    json_decref(row.root);
    return status;
}

/* Copies the lines that are kept. */
static int copy(void *arg, const struct vtd_row_file_line *line, char *why)
{
    const struct reading *r = arg;
    struct vtd_row row = {0};
    if (line->number > 1) {
        if (vtd_row_parse(&row, line, r->path, r->sweep->axes.points, why) != 0)
            return -1;
        json_decref(row.root);
        if (row.failed)
            return 0;
    }
    return vtd_row_file_append(r->out, line->text, line->length, why) == 0 ? vtd_row_file_append(r->out, "\n", 1, why)
                                                                           : -1;
}

/* Makes the file anew without rows that have an error. The old one stays until the new one is on the disk. */
static int drop_failed(struct reading *r, struct vtd_row_file *file, char *why)
{
    const size_t size = strlen(file->path) + 5;
    char *name = malloc(size);
    struct vtd_row_file new;
    off_t end, torn;
    if (!name) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return -1;
    }
    snprintf(name, size, "%s.new", file->path);
    int status = vtd_row_file_open(&new, name, why);
    if (status == 0) {
        r->out = &new;
        status = vtd_row_file_cut(&new, why);
        if (status == 0)
            status = vtd_row_file_read(file->fd, file->path, copy, r, &end, &torn, why);
        if (status == 0 && (fsync(new.fd) != 0 || rename(name, file->path) != 0)) {
            snprintf(why, VTD_WHY_SIZE, "%.120s: cannot be written: %s", name, strerror(errno));
            status = -1;
        }
        if (status != 0) {
            close(new.fd);
            unlink(name);
        } else {
            close(file->fd);
            new.path = file->path;
            *file = new;
        }
    }
    free(name);
    return status;
}

/* What stands behind the last whole line: of a row that a kill or a full disk cut short; or of anything, and is left alone. */
static int cut_torn(const struct reading *r, struct vtd_row_file *file, off_t torn, const char *first_line, char *why)
{
    if (file->end == 0) {
        char text[4096];
        const size_t length = strlen(first_line), want = (size_t)torn < sizeof text ? (size_t)torn : sizeof text;
        if ((size_t)torn >= length || pread(file->fd, text, want, 0) != (ssize_t)want ||
            memcmp(text, first_line, want)) {
            snprintf(why, VTD_WHY_SIZE, "%.120s: this file is not the result of a sweep", r->path);
            return -1;
        }
    }
    fprintf(stderr, "vtdsim sweep: %s: the last row was not finished; its %lld bytes are cut off\n", r->path,
            (long long)torn);
    return vtd_row_file_cut(file, why);
}

static int take_up(struct reading *r, struct vtd_row_file *file, const char *first_line, char *why)
{
    off_t torn = 0;
    if (r->sweep->restart) {
        if (vtd_row_file_cut(file, why) != 0)
            return -1;
    } else if (vtd_row_file_read(file->fd, file->path, visit, r, &file->end, &torn, why) != 0) {
        return -1;
    }
    if (torn && cut_torn(r, file, torn, first_line, why) != 0)
        return -1;
    if (r->failed)
        return drop_failed(r, file, why);
    return file->end ? 0 : vtd_row_file_append(file, first_line, strlen(first_line), why);
}

int vtd_sweep_file_open(struct vtd_sweep *s, struct vtd_row_file *file, uint8_t *done, char *why)
{
    struct reading r = {.sweep = s, .path = s->output, .done = done, .header = vtd_sweep_header(s)};
    char *first_line = vtd_sweep_line(r.header);
    int status = -1;
    if (!first_line)
        snprintf(why, VTD_WHY_SIZE, "out of memory");
    else
        status = vtd_row_file_open(file, s->output, why);
    if (status == 0 && (status = take_up(&r, file, first_line, why)) != 0) {
        close(file->fd);
        file->fd = -1;
    }
    free(first_line);
    json_decref(r.header);
    return status;
}
