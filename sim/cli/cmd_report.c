/* SPDX-License-Identifier: MIT */
/* vtdsim report: a page of figures and tables from the results of vtdsim sweep, run and mrc. */
#define _POSIX_C_SOURCE 200809L /* open_memstream */

#include "commands.h"
#include "report/report.h"
#include "report/svg.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    EXIT_ERROR = 2
};

enum {
    OPT_TITLE = 256,
    OPT_X,
    OPT_Y,
    OPT_BY,
    OPT_FIGURES,
};

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "Write the page to FILE", 1},
    {"figures", OPT_FIGURES, "PREFIX", 0, "Write each figure to a file of its own, too: PREFIX1.svg, PREFIX2.svg, ...",
     1},
    {"title", OPT_TITLE, "TEXT", 0, "Title of the page", 1},
    {0, 0, 0, 0, "Figures (by default those that follow from what differs between the points):", 2},
    {"x", OPT_X, "KEY", 0, "What runs along the x axis: an axis of the sweep", 2},
    {"y", OPT_Y, "COLUMN", 0, "A result to draw: a rate, a counter, or a path as timing.latency.mean; can be repeated",
     2},
    {"by", OPT_BY, "KEY", 0, "Whose values are the lines of a figure; none: one line. Other axes make panels", 2},
    {0},
};

struct arguments {
    struct vtd_report report;
    const char *output;
    const char *figures; /* how the names of their files begin, NULL: no files */
    const char **files, **y;
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'o':
        a->output = argument;
        return 0;
    case OPT_TITLE:
        a->report.title = argument;
        return 0;
    case OPT_FIGURES:
        a->figures = argument;
        return 0;
    case OPT_X:
        a->report.x = argument;
        return 0;
    case OPT_Y:
        a->y[a->report.y_count++] = argument;
        return 0;
    case OPT_BY:
        a->report.by = argument;
        return 0;
    case ARGP_KEY_ARG:
        a->files[a->report.file_count++] = argument;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no file of results given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "RESULTS...",
    .doc =
        "Writes one HTML page, which needs no network and no other file, with figures and tables of results: JSON "
        "Lines of vtdsim sweep, and what vtdsim run --stats json, vtdsim run --intervals and vtdsim mrc --stats json "
        "print ('-': standard input)."
        "\vExit status: 0 success; 2 an error: a file that is not such results, with its line.",
};

static int fail(const char *why)
{
    fprintf(stderr, "vtdsim report: %s\n", why);
    return EXIT_ERROR;
}

/* A file exists whole or not at all. output NULL: standard output. Returns 0, or -1 and why. */
static int write_out(const char *output, const char *text, size_t length, char *why)
{
    FILE *out = output ? fopen(output, "w") : stdout;
    bool ok = out && fwrite(text, 1, length, out) == length && fflush(out) == 0;
    const int error = errno;
    if (out && output && fclose(out) != 0)
        ok = false;
    if (ok)
        return 0;
    struct stat about;
    if (out && output && stat(output, &about) == 0 && S_ISREG(about.st_mode))
        remove(output);
    snprintf(why, VTD_RESULTS_WHY, "cannot write %.200s: %s", output ? output : "the page", strerror(error));
    return -1;
}

static int write_figure(struct vtd_report *report, const struct vtd_figure *figure, unsigned number, char *why)
{
    const struct arguments *a = report->arg;
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    int status = -1;
    snprintf(why, VTD_RESULTS_WHY, "out of memory");
    if (memory) {
        vtd_svg_drawing(memory, &report->results.arena, figure);
        if (fclose(memory) == 0)
            status =
                write_out(vtd_arena_print(&report->results.arena, "%s%u.svg", a->figures, number), text, length, why);
    }
    free(text);
    return status;
}

static int make_page(struct arguments *a)
{
    char why[VTD_RESULTS_WHY], *page = NULL;
    size_t length = 0;
    for (size_t i = 0; i < a->report.file_count; i++)
        if (vtd_loaded_read(&a->report.results, a->files[i], why) != 0)
            return fail(why);
    if (vtd_loaded_finish(&a->report.results, why) != 0)
        return fail(why);
    FILE *memory = open_memstream(&page, &length);
    if (!memory)
        return fail("out of memory");
    a->report.arg = a;
    a->report.on_figure = a->figures ? write_figure : NULL;
    int status = vtd_report_write(&a->report, memory, why);
    const bool whole = fclose(memory) == 0;
    if (status != 0)
        status = fail(why);
    else if (!whole)
        status = fail("out of memory");
    else if (write_out(a->output, page, length, why) != 0)
        status = fail(why);
    free(page);
    return status;
}

int vtd_cmd_report(int argc, char **argv)
{
    struct arguments a = {.files = calloc((size_t)argc, sizeof(char *)), .y = calloc((size_t)argc, sizeof(char *))};
    int status = EXIT_ERROR;
    a.report.files = a.files;
    a.report.y = a.y;
    if (!a.files || !a.y)
        fail("out of memory");
    else if (argp_parse(&argp, argc, argv, 0, NULL, &a) == 0)
        status = make_page(&a);
    vtd_loaded_free(&a.report.results);
    free(a.files);
    free(a.y);
    return status;
}
