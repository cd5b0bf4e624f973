/* SPDX-License-Identifier: MIT */
/* vtdsim trace: finds the action; and what the actions share. */
#include "commands.h"

#include "tenant_options.h"
#include "trace_cli.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *about;
} actions[] = {
    {"info", vtd_trace_info, "counts, devices, PASIDs, pages, duration, reuse"},
    {"convert", vtd_trace_convert, "text to binary and back; import logs of QEMU and HyperSIO"},
    {"cut", vtd_trace_cut, "a part of a trace, by records or time"},
    {"mix", vtd_trace_mix, "one trace given to several tenants, as a trace"},
};

enum {
    ACTIONS = sizeof actions / sizeof actions[0]
};

static void print_help(FILE *out)
{
    fputs("Usage: vtdsim trace ACTION [OPTION...] FILE...\n\nWorks on DMA traces.\n\n", out);
    for (unsigned i = 0; i < ACTIONS; i++)
        fprintf(out, "  %-8s %s\n", actions[i].name, actions[i].about);
    fputs("\n  vtdsim trace ACTION --help   describes an action\n\n"
          "Exit status: 0 success; 2 an error. A trace that is damaged is used up to there.\n",
          out);
}

int vtd_cmd_trace(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0 || strcmp(word, "-h") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        puts(argp_program_version);
        return 0;
    }
    for (unsigned i = 0; i < ACTIONS; i++) {
        if (strcmp(word, actions[i].name) != 0)
            continue;
        char name[32];
        snprintf(name, sizeof name, "vtdsim trace %s", word);
        argv[1] = name;
        return actions[i].run(argc - 1, argv + 1);
    }
    if (*word)
        fprintf(stderr, "vtdsim trace: there is no action '%s'\n", word);
    print_help(stderr);
    return VTD_TRACE_EXIT_ERROR;
}

/* ---------------------------------------------------------------- files */

static const struct argp_option options[] = {
    {"to", 't', "text|text-zst|binary", 0, "Form of OUT (default: by its name; .vtdtrace binary, .zst compressed text)",
     0},
    {"level", 'l', "1-19", 0, "How hard to compress (default 15)", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    static const char *const formats[] = {
        [VTD_TRACE_TEXT] = "text",
        [VTD_TRACE_TEXT_ZSTD] = "text-zst",
        [VTD_TRACE_BINARY] = "binary",
        NULL,
    };
    struct vtd_trace_files *f = state->input;
    uint64_t level;
    switch (key) {
    case 't':
        f->format = vtd_option_choice(state, "to", argument, formats);
        f->format_given = true;
        return 0;
    case 'l':
        level = vtd_option_count(state, "level", argument, 1);
        if (level > 19)
            argp_error(state, "--level %s: want a number from 1 to 19", argument);
        f->level = (int)level;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp vtd_trace_file_options = {.options = options, .parser = parse_option};

error_t vtd_trace_files_argument(struct vtd_trace_files *f, int key, char *argument, struct argp_state *state)
{
    if (key == ARGP_KEY_ARG && !f->in)
        f->in = argument;
    else if (key == ARGP_KEY_ARG && !f->out)
        f->out = argument;
    else if (key == ARGP_KEY_ARG)
        argp_error(state, "%s: there are only IN and OUT", argument);
    else if (key == ARGP_KEY_END && !f->out)
        argp_error(state, "want IN and OUT");
    else if (key != ARGP_KEY_END)
        return ARGP_ERR_UNKNOWN;
    return 0;
}

struct vtd_trace_writer *vtd_trace_files_open(const struct vtd_trace_files *f, char *why)
{
    const enum vtd_trace_format format = f->format_given ? f->format : vtd_trace_format_of(f->out);
    return vtd_trace_writer_open(f->out, format, f->level, why);
}

int vtd_trace_files_finish(const char *action, struct vtd_trace_writer *writer, int status, char *why)
{
    if (status != 0)
        fprintf(stderr, "vtdsim trace %s: %s\n", action, why);
    if (!writer)
        return VTD_TRACE_EXIT_ERROR;
    if (status != 0 && !vtd_trace_writer_has_records(writer)) {
        vtd_trace_writer_abandon(writer);
    } else if (vtd_trace_writer_finish(writer, why) != 0) {
        if (status == 0)
            fprintf(stderr, "vtdsim trace %s: %s\n", action, why);
        status = -1;
    }
    return status == 0 ? 0 : VTD_TRACE_EXIT_ERROR;
}
