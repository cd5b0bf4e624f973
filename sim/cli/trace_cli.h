/* SPDX-License-Identifier: MIT */
/* The actions of vtdsim trace, one file each, and what they share. argv[0] is what usage lines call the action. */
#ifndef VTD_CLI_TRACE_CLI_H
#define VTD_CLI_TRACE_CLI_H

#include "workload/trace_writer.h"

#include "vtd/vtd.h"

#include <argp.h>

enum {
    VTD_TRACE_EXIT_ERROR = 2
};

int vtd_trace_info(int argc, char **argv);
int vtd_trace_convert(int argc, char **argv);
int vtd_trace_cut(int argc, char **argv);
int vtd_trace_mix(int argc, char **argv);

/* IN, OUT, --to and --level: an argp child of the actions that write a trace. */
struct vtd_trace_files {
    const char *in, *out;
    enum vtd_trace_format format;
    bool format_given;
    int level;
};

#define VTD_TRACE_FILES                                                                                                \
    {                                                                                                                  \
        .level = VTD_TRACE_LEVEL                                                                                       \
    }

extern const struct argp vtd_trace_file_options;

/* For parsers of the actions: takes an argument, and checks at the end that both are there. */
error_t vtd_trace_files_argument(struct vtd_trace_files *files, int key, char *argument, struct argp_state *state);

struct vtd_trace_writer *vtd_trace_files_open(const struct vtd_trace_files *files, char *why);

/*
 * The end of an action. status -1 with why: something is wrong, perhaps with the input, but the records before are
 * kept if there are any. Returns the exit status and prints what is wrong.
 */
int vtd_trace_files_finish(const char *action, struct vtd_trace_writer *writer, int status, char *why);

#endif
