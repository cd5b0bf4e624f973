/* SPDX-License-Identifier: MIT */
/* vtdsim: the command line. One file per subcommand; this one finds it. */
#include "commands.h"

#include "config/text.h"
#include "vtd/vtd.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *about;
};

static const struct command commands[] = {
    {"run", vtd_cmd_run, "play a DMA trace or a synthetic workload and count what the caches did"},
    {"mrc", vtd_cmd_mrc, "the hit rate of a cache at every size, from one run of a workload"},
    {"report", vtd_cmd_report, "a page of figures and tables from the results of studies"},
    {"sweep", vtd_cmd_sweep, "a run for each point of some axes, on all processors, with a row for each"},
    {"merge", vtd_cmd_merge, "put the results of parts of a sweep together"},
    {"replay", vtd_cmd_replay, "run scenario files and compare with what they expect"},
    {"cosim", vtd_cmd_cosim, "the unit in SystemVerilog and the model, step against step"},
    {"explain", vtd_cmd_explain, "show the translations of a scenario file step by step"},
    {"vm-demo", vtd_cmd_vm_demo, "tell how a process of a guest comes to a device of the host, step by step"},
    {"vm-study", vtd_cmd_vm_study, "what binding PASIDs of virtual machines costs, and what it does to caches"},
    {"trace", vtd_cmd_trace, "show, convert, import, cut and mix DMA traces"},
    {"linux", vtd_cmd_linux, "boot a stock Linux kernel on the unit, and run tests in it"},
    {"config", vtd_cmd_config, "show presets and the effective configuration, decode CAP and ECAP"},
};

enum {
    COMMANDS = sizeof commands / sizeof commands[0],
    EXIT_USAGE = 2
};

static void print_help(FILE *out)
{
    fputs("vtdsim: a simulator of Intel VT-d IOMMU hardware in scalable mode\n\n"
          "Usage: vtdsim COMMAND [OPTION...]\n\n",
          out);
    for (unsigned i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].about);
    fputs("\n  vtdsim COMMAND --help   describes a command\n"
          "  vtdsim --version        prints the version\n",
          out);
}

static int unknown(const char *word)
{
    const char *best = commands[0].name;
    for (unsigned i = 1; i < COMMANDS; i++)
        if (vtd_text_distance(word, commands[i].name) < vtd_text_distance(word, best))
            best = commands[i].name;
    fprintf(stderr, "vtdsim: there is no command '%s'", word);
    if (vtd_text_distance(word, best) < strlen(best)) /* else no letter of it is left */
        fprintf(stderr, "; did you mean '%s'?", best);
    fputs("\nTry 'vtdsim --help'.\n", stderr);
    return EXIT_USAGE;
}

/* What was printed may still be in a buffer, and a full disk must not look like success. Status 2 has told its error. */
static int finish(const char *name, int status)
{
    errno = 0;
    if (status == EXIT_USAGE || (fflush(stdout) == 0 && !ferror(stdout)))
        return status;
    fprintf(stderr, "%s: cannot write standard output%s%s\n", name, errno ? ": " : "", errno ? strerror(errno) : "");
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    static char version[64];
    snprintf(version, sizeof version, "vtdsim %s", vtd_version());
    argp_program_version = version; /* every command has --version, too */
    argp_err_exit_status = EXIT_USAGE;
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_help(stdout);
        return finish("vtdsim", 0);
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        puts(version);
        return finish("vtdsim", 0);
    }
    for (unsigned i = 0; i < COMMANDS; i++) {
        if (strcmp(word, commands[i].name) != 0)
            continue;
        char name[32];
        snprintf(name, sizeof name, "vtdsim %s", word);
        argv[1] = name; /* usage lines read well */
        return finish(name, commands[i].run(argc - 1, argv + 1));
    }
    return unknown(word);
}
