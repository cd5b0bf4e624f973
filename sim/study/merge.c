/* SPDX-License-Identifier: MIT */
/* Puts files of results together. See sweep.h. */
#define _POSIX_C_SOURCE 200809L

#include "merge.h"

#include "vtd/vtd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What reads one file. */
struct reading {
    struct vtd_gathered *g;
    uint32_t file;
    const char *path;
};

static int no_memory(char *why)
{
    snprintf(why, VTD_WHY_SIZE, "out of memory");
    return -1;
}

bool vtd_is_csv(const char *path)
{
    const size_t length = strlen(path);
    return length >= 4 && strcmp(path + length - 4, ".csv") == 0;
}

const char *vtd_gathered_row(struct vtd_gathered *g, const struct vtd_place *p, char *why)
{
    if (p->length + 1 > g->room) {
        char *bigger = realloc(g->text, p->length + 1);
        if (!bigger) {
            no_memory(why);
            return NULL;
        }
        g->text = bigger;
        g->room = p->length + 1;
    }
    for (size_t done = 0; done < p->length;) {
        const ssize_t n = pread(g->fd[p->file], g->text + done, p->length - done, p->offset + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            snprintf(why, VTD_WHY_SIZE, "%.120s: cannot be read: %s", g->merge->inputs[p->file],
                     n ? strerror(errno) : "it is being written");
            return NULL;
        }
        done += (size_t)n;
    }
    g->text[p->length] = '\0';
    return g->text;
}

/* ---------------------------------------------------------------- gathering */

static int take_header(const struct reading *r, const struct vtd_row_file_line *line, char *why)
{
    struct vtd_gathered *g = r->g;
    json_t *header = vtd_header_parse(line, r->path, why);
    if (!header)
        return -1;
    if (g->header) {
        const int status = vtd_header_compare(g->header, g->merge->inputs[0], header, r->path, why);
        json_decref(header);
        return status;
    }
    g->header = header;
    json_object_del(header, "shard");
    g->place = calloc((size_t)json_integer_value(json_object_get(header, "points")), sizeof *g->place);
    return g->place ? 0 : no_memory(why);
}

static int visit(void *arg, const struct vtd_row_file_line *line, char *why)
{
    const struct reading *r = arg;
    struct vtd_gathered *g = r->g;
    struct vtd_row row;
    if (line->number == 1)
        return take_header(r, line, why);
    const uint64_t points = (uint64_t)json_integer_value(json_object_get(g->header, "points"));
    if (vtd_row_parse(&row, line, r->path, points, why) != 0)
        return -1;
    json_decref(row.root);
    struct vtd_place *p = &g->place[row.index];
    if (p->present && !p->failed && !row.failed) {
        const char *other = p->length == line->length ? vtd_gathered_row(g, p, why) : "";
        if (!other)
            return -1;
        if (strcmp(other, line->text) != 0) {
            snprintf(why, VTD_WHY_SIZE, "point %" PRIu64 " has different results in %.90s and %.90s", row.index,
                     g->merge->inputs[p->file], r->path);
            return -1;
        }
    }
    if (!p->present || (p->failed && !row.failed))
        *p = (struct vtd_place){line->offset, line->length, r->file, true, row.failed};
    return 0;
}

static int gather(struct vtd_gathered *g, char *why)
{
    const struct vtd_merge *m = g->merge;
    for (uint32_t i = 0; i < m->count; i++) {
        struct reading r = {.g = g, .file = i, .path = m->inputs[i]};
        off_t end, torn;
        g->fd[i] = open(r.path, O_RDONLY | O_CLOEXEC);
        if (g->fd[i] < 0) {
            snprintf(why, VTD_WHY_SIZE, "%.120s: %s", r.path, strerror(errno));
            return -1;
        }
        if (vtd_row_file_read(g->fd[i], r.path, visit, &r, &end, &torn, why) != 0)
            return -1;
        if (end == 0) {
            snprintf(why, VTD_WHY_SIZE, "%.120s: this file is not the result of a sweep", r.path);
            return -1;
        }
        if (torn)
            fprintf(stderr, "vtdsim merge: %s: the last row is not finished, and left out\n", r.path);
    }
    return 0;
}

/* ---------------------------------------------------------------- what is missing */

static bool is_missing(const struct vtd_place *p)
{
    return !p->present;
}

static bool is_failed(const struct vtd_place *p)
{
    return p->present && p->failed;
}

/* The numbers of points of a kind as "1, 3-7", and how many these are. */
static char *list_points(const struct vtd_gathered *g, uint64_t points, bool (*is)(const struct vtd_place *p),
                         uint64_t *count)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    *count = 0;
    for (uint64_t i = 0; out && i < points; i++) {
        const uint64_t first = i;
        while (i < points && is(&g->place[i]))
            i++;
        if (i == first)
            continue;
        fprintf(out, "%s%" PRIu64, *count ? ", " : "", first);
        if (i - first > 1)
            fprintf(out, "-%" PRIu64, i - 1);
        *count += i - first;
    }
    if (!out || fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* ---------------------------------------------------------------- writing */

static int write_lines(struct vtd_gathered *g, FILE *out, char *why)
{
    char *line = vtd_sweep_line(g->header);
    if (!line)
        return no_memory(why);
    fputs(line, out);
    free(line);
    for (uint64_t i = 0; i < g->merge->points; i++) {
        const char *row = g->place[i].present ? vtd_gathered_row(g, &g->place[i], why) : "";
        if (!row)
            return -1;
        if (*row)
            fprintf(out, "%s\n", row);
    }
    return 0;
}

static int write_to(struct vtd_gathered *g, FILE *out, const char *name, char *why)
{
    const char *path = g->merge->output;
    const int status = path && vtd_is_csv(path) ? vtd_gathered_write_csv(g, out, why) : write_lines(g, out, why);
    if (status == 0 && (fflush(out) != 0 || ferror(out))) {
        snprintf(why, VTD_WHY_SIZE, "%.120s: cannot be written: %s", name, strerror(errno));
        return -1;
    }
    return status;
}

/* A file is there as a whole, or not at all: it gets its name at the end. */
static int write_file(struct vtd_gathered *g, char *why)
{
    const char *path = g->merge->output;
    const size_t size = strlen(path) + 5;
    char *name = malloc(size);
    if (!name)
        return no_memory(why);
    snprintf(name, size, "%s.new", path);
    FILE *out = fopen(name, "w");
    int status = -1;
    if (!out) {
        snprintf(why, VTD_WHY_SIZE, "%.120s: %s", name, strerror(errno));
    } else {
        status = write_to(g, out, name, why);
        if ((fsync(fileno(out)) != 0 || fclose(out) != 0 || (status == 0 && rename(name, path) != 0)) && status == 0) {
            snprintf(why, VTD_WHY_SIZE, "%.120s: cannot be written: %s", path, strerror(errno));
            status = -1;
        }
        if (status != 0)
            unlink(name);
    }
    free(name);
    return status;
}

int vtd_merge_run(struct vtd_merge *m, char *why)
{
    struct vtd_gathered g = {.merge = m};
    int status = -1;
    g.fd = calloc(m->count, sizeof *g.fd);
    for (size_t i = 0; g.fd && i < m->count; i++)
        g.fd[i] = -1;
    if (!g.fd)
        no_memory(why);
    else
        status = gather(&g, why);
    if (status == 0) {
        m->points = (uint64_t)json_integer_value(json_object_get(g.header, "points"));
        m->missing_list = list_points(&g, m->points, is_missing, &m->missing);
        m->failed_list = list_points(&g, m->points, is_failed, &m->failed);
        if (!m->missing_list || !m->failed_list)
            status = no_memory(why);
        else if ((m->missing || m->failed) && !m->partial)
            status = 1;
        else
            status = m->output ? write_file(&g, why) : write_to(&g, stdout, "standard output", why);
    }
    for (size_t i = 0; g.fd && i < m->count; i++)
        if (g.fd[i] >= 0)
            close(g.fd[i]);
    free(g.fd);
    free(g.place);
    free(g.text);
    json_decref(g.header);
    return status;
}
