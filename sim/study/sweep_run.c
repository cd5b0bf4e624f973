/* SPDX-License-Identifier: MIT */
/* Runs the points of a sweep that have no row yet. See sweep.h. */
#define _POSIX_C_SOURCE 200809L

#include "pool.h"
#include "sweep.h"
#include "sweep_file.h"

#include "config/text.h"
#include "vtd/vtd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    EXIT_ERROR = 2,
    ERRORS_SHOWN = 10
};

struct running {
    struct vtd_sweep *sweep;
    struct vtd_row_file file;
    uint8_t *done;
    uint64_t next;
    uint64_t here; /* points that were finished here */
    char *error[ERRORS_SHOWN];
    bool on_terminal;
    double begun, told; /* seconds */
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool next(void *arg, uint64_t *job)
{
    struct running *r = arg;
    const struct vtd_sweep *s = r->sweep;
    for (; r->next < s->axes.points; r->next += s->shards)
        if (!(r->done[r->next / 8] >> r->next % 8 & 1)) {
            *job = r->next;
            r->next += s->shards;
            return true;
        }
    return false;
}

/* ---------------------------------------------------------------- in a worker */

static int work(void *arg, uint64_t job, int out)
{
    const struct running *r = arg;
    const struct vtd_sweep *s = r->sweep;
    struct vtd_words words = {0};
    char why[VTD_WHY_SIZE];
    if (vtd_sweep_words(s, job, &words, why) != 0) {
        fprintf(stderr, "%s\n", why);
        return EXIT_ERROR;
    }
    json_t *row = vtd_sweep_row(s, job, &words);
    const int status = s->hooks->run(s->hooks->arg, &words, row);
    char *line = status <= 1 && json_object_get(row, "result") ? vtd_sweep_line(row) : NULL;
    const bool written = line && vtd_pool_write(out, line, strlen(line)) == 0;
    free(line);
    json_decref(row);
    vtd_words_free(&words);
    return written || status > 1 ? status : EXIT_ERROR;
}

/* ---------------------------------------------------------------- rows */

static void describe_end(const struct vtd_sweep *s, const struct vtd_pool_end *end, char *text)
{
    const size_t prefix = strlen(s->program);
    const char *message = end->message;
    if (strncmp(message, s->program, prefix) == 0 && strncmp(message + prefix, ": ", 2) == 0)
        message += prefix + 2;
    if (end->signal)
        snprintf(text, VTD_WHY_SIZE, "killed by signal %d (%s)", end->signal, strsignal(end->signal));
    else if (*message)
        snprintf(text, VTD_WHY_SIZE, "%s", message);
    else
        snprintf(text, VTD_WHY_SIZE, "ended with status %d and without a result", end->status);
    vtd_text_make_printable(text);
}

/* Keeps what went wrong for the end. */
static void remember(struct running *r, uint64_t index, const char *what)
{
    char point[160];
    struct vtd_sweep *s = r->sweep;
    if (s->failed++ >= ERRORS_SHOWN)
        return;
    const size_t size = sizeof point + VTD_WHY_SIZE + 64;
    char *text = malloc(size);
    vtd_sweep_describe(s, index, point, sizeof point);
    if (text)
        snprintf(text, size, "point %llu (%s): %s", (unsigned long long)index, point, what);
    r->error[s->failed - 1] = text;
}

/* The row of a point that has no result. */
static char *error_line(struct running *r, uint64_t index, const struct vtd_pool_end *end)
{
    char what[VTD_WHY_SIZE], why[VTD_WHY_SIZE];
    struct vtd_words words = {0};
    describe_end(r->sweep, end, what);
    remember(r, index, what);
    json_t *row = vtd_sweep_words(r->sweep, index, &words, why) == 0 ? vtd_sweep_row(r->sweep, index, &words) : NULL;
    json_t *error = json_string(what);
    json_object_set_new(row, "error", error ? error : json_string("an error whose message is not UTF-8"));
    char *line = vtd_sweep_line(row);
    json_decref(row);
    vtd_words_free(&words);
    return line;
}

static int done(void *arg, uint64_t job, const struct vtd_pool_end *end, char *why)
{
    struct running *r = arg;
    const char *newline = end->length ? memchr(end->text, '\n', end->length) : NULL;
    const bool good = (end->status == 0 || end->status == 1) && newline == end->text + end->length - 1 && end->length;
    char *error = good ? NULL : error_line(r, job, end);
    if (!good && !error) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return -1;
    }
    const char *line = good ? end->text : error;
    const int status = vtd_row_file_append(&r->file, line, strlen(line), why);
    free(error);
    if (status != 0)
        return -1;
    r->sweep->blocked += good && end->status == 1;
    r->sweep->done++;
    r->here++;
    return 0;
}

/* ---------------------------------------------------------------- progress */

static void tick(void *arg, unsigned running)
{
    struct running *r = arg;
    const struct vtd_sweep *s = r->sweep;
    const double time = now();
    if (!r->on_terminal || time < r->told + 0.2)
        return;
    r->told = time;
    fprintf(stderr, "\r%llu/%llu points, %u running", (unsigned long long)s->done, (unsigned long long)s->mine,
            running);
    if (r->here) {
        const unsigned long left = (unsigned long)((time - r->begun) / (double)r->here * (double)(s->mine - s->done));
        fprintf(stderr, ", %lu:%02lu:%02lu left", left / 3600, left / 60 % 60, left % 60);
    }
    fputs("\033[K", stderr);
}

static void tell_errors(struct running *r)
{
    const uint64_t failed = r->sweep->failed;
    for (unsigned i = 0; i < ERRORS_SHOWN; i++) {
        if (r->error[i])
            fprintf(stderr, "vtdsim sweep: %s\n", r->error[i]);
        free(r->error[i]);
    }
    if (failed > ERRORS_SHOWN)
        fprintf(stderr, "vtdsim sweep: and %llu more\n", (unsigned long long)(failed - ERRORS_SHOWN));
}

int vtd_sweep_run(struct vtd_sweep *s, char *why)
{
    struct running r = {.sweep = s, .next = s->shard - 1, .begun = now(), .on_terminal = isatty(STDERR_FILENO)};
    const struct vtd_pool_hooks hooks = {.arg = &r, .next = next, .work = work, .done = done, .tick = tick};
    char close_why[VTD_WHY_SIZE];
    r.done = calloc(s->axes.points / 8 + 1, 1);
    if (!r.done) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return -1;
    }
    int status = vtd_sweep_file_open(s, &r.file, r.done, why);
    if (status == 0) {
        s->mine = s->axes.points / s->shards + (s->shard - 1 < s->axes.points % s->shards);
        if (s->done)
            fprintf(stderr, "vtdsim sweep: %s: %llu of %llu points are there already\n", s->output,
                    (unsigned long long)s->done, (unsigned long long)s->mine);
        status = vtd_pool_run(&hooks, s->at_a_time, why);
        if (r.on_terminal)
            fputs("\r\033[K", stderr);
        tell_errors(&r);
        if (vtd_row_file_close(&r.file, close_why) != 0 && status == 0) {
            snprintf(why, VTD_WHY_SIZE, "%s", close_why);
            status = -1;
        }
    }
    free(r.done);
    return status;
}
