/* SPDX-License-Identifier: MIT */
/*
 * Statistics per interval of a run: a CSV file that grows by whole rows, so that whoever reads it while the run goes on, or
 * after it was killed, finds no half row.
 */
#define _POSIX_C_SOURCE 200809L

#include "config/text.h"
#include "run.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OPT_INTERVAL = 0x2200,
    OPT_INTERVALS,
};

static const struct argp_option options[] = {
    {"interval", OPT_INTERVAL, "N|Ncycles|Nns", 0,
     "Statistics for each N requests, too, or in timed runs for each span of time", 4},
    {"intervals", OPT_INTERVALS, "FILE", 0, "Write them to FILE: CSV, a row per interval", 4},
    {0},
};

static void set_interval(const struct argp_state *state, struct vtd_run *run, const char *text)
{
    static const struct {
        const char *name;
        enum vtd_play_unit unit;
    } units[] = {{"", VTD_PLAY_REQUESTS}, {"cycles", VTD_PLAY_CYCLES}, {"ns", VTD_PLAY_NS}};
    char number[24];
    const size_t digits = strspn(text, "0123456789");
    if (digits && digits < sizeof number) {
        memcpy(number, text, digits);
        number[digits] = '\0';
        for (unsigned i = 0; i < sizeof units / sizeof units[0]; i++)
            if (strcmp(text + digits, units[i].name) == 0 && vtd_number_parse(number, &run->play.interval) &&
                run->play.interval) {
                run->play.interval_unit = units[i].unit;
                return;
            }
    }
    argp_error(state, "--interval %s: want a number of requests, or of time as in 5000cycles or 200ns", text);
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct vtd_run *run = state->input;
    switch (key) {
    case OPT_INTERVAL:
        set_interval(state, run, argument);
        return 0;
    case OPT_INTERVALS:
        run->intervals = argument;
        return 0;
    case ARGP_KEY_END:
        if (!run->intervals != !run->play.interval)
            argp_error(state, "--interval N and --intervals FILE belong together");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp vtd_interval_options = {.options = options, .parser = parse_option};

/* ---------------------------------------------------------------- rows */

static int fail(const struct vtd_run *run, char *why)
{
    snprintf(why, VTD_WHY_SIZE, "cannot write %.120s: %s", run->intervals, strerror(errno));
    return -1;
}

/* What an interval has of its own: not the configuration, and not what is only known of the whole run. */
static bool belongs(const struct vtd_run_column *c)
{
    return c->group && (strcmp(c->group, "counters") == 0 || strcmp(c->group, "rates") == 0);
}

static void put_name(void *arg, const struct vtd_run_column *c)
{
    if (belongs(c))
        fprintf(arg, ",%s", c->name);
}

static void put_value(void *arg, const struct vtd_run_column *c)
{
    if (!belongs(c))
        return;
    if (c->kind == VTD_RUN_REAL)
        fprintf(arg, ",%.10g", c->real);
    else if (c->kind == VTD_RUN_INTEGER)
        fprintf(arg, ",%" PRIu64, c->integer);
    else
        fprintf(arg, ",%s", c->text);
}

/* A row in one call; what a full disk took of it is taken back. */
static int append(struct vtd_run *run, const char *row, size_t size, char *why)
{
    const off_t end = lseek(run->intervals_file, 0, SEEK_CUR);
    size_t written = 0;
    while (written < size) {
        const ssize_t n = write(run->intervals_file, row + written, size - written);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            const int error = errno;
            if (written && end >= 0 && ftruncate(run->intervals_file, end) != 0)
                errno = error; /* the file stays as it is: the first error is the one to tell */
            errno = error;
            return fail(run, why);
        }
        written += (size_t)n;
    }
    return 0;
}

/* The names when interval is NULL. run has the counts of the interval. */
static int write_row(struct vtd_run *run, const struct vtd_run *of, const struct vtd_play_interval *interval, char *why)
{
    char *row = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&row, &size);
    if (!out)
        return fail(run, why);
    if (interval)
        fprintf(out, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, interval->index, interval->first,
                interval->requests, interval->counts.unmaps, interval->counts.pages_mapped);
    else
        fputs("interval,first_request,played,unmaps,pages_mapped", out);
    vtd_run_for_each_column(of, interval ? put_value : put_name, out);
    if (run->play.time.on && interval)
        fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%.10g", interval->arrival, interval->counts.latency,
                interval->requests ? (double)interval->counts.latency / (double)interval->requests : 0);
    else if (run->play.time.on)
        fputs(",last_arrival,latency_sum,latency_mean", out);
    fputc('\n', out);
    const bool bad = ferror(out);
    if (fclose(out) != 0 || bad) {
        free(row);
        errno = ENOMEM;
        return fail(run, why);
    }
    const int status = append(run, row, size, why);
    free(row);
    return status;
}

int vtd_intervals_open(struct vtd_run *run, char *why)
{
    if (run->play.interval_unit != VTD_PLAY_REQUESTS && !run->play.time.on) {
        snprintf(why, VTD_WHY_SIZE, "--interval: time passes in timed runs only: add --timing, or count requests");
        return -1;
    }
    run->intervals_file = open(run->intervals, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return run->intervals_file < 0 ? fail(run, why) : write_row(run, run, NULL, why);
}

int vtd_intervals_write(struct vtd_run *run, const struct vtd_play_interval *interval, char *why)
{
    struct vtd_run part = *run;
    part.play.stats = interval->counts.stats;
    part.play.devices = interval->counts.devices;
    return write_row(run, &part, interval, why);
}

int vtd_intervals_close(struct vtd_run *run, char *why)
{
    const int file = run->intervals_file;
    run->intervals_file = -1;
    return file >= 0 && close(file) != 0 ? fail(run, why) : 0;
}
