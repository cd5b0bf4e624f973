/* SPDX-License-Identifier: MIT */
/*
 * vtdsim explain: runs a scenario and explains the requests of devices in it step by step: every cache probe and memory access in
 * order, with decoded fields, what was decided, and the section of the reference that says so.
 */
#define _POSIX_C_SOURCE 200809L
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../scenario/dut_model.h"
#include "commands.h"
#include "explain.h"
#include "vtd/vtd_regs.h"

enum {
    EXIT_EXPLAINED = 0,
    EXIT_ERROR = 2
};

enum {
    OPTION_JSON = 0x100,
    OPTION_COLOUR
};

struct arguments {
    const char *file;
    unsigned long line; /* 0: all requests */
    const char *colour; /* auto, always, never */
    bool json;
};

static const struct argp_option options[] = {
    {"line", 'l', "N", 0, "Explain the statement in line N: dma, translated, ats, page-request or interrupt", 0},
    {"json", OPTION_JSON, NULL, 0, "Write JSON", 0},
    {"color", OPTION_COLOUR, "WHEN", 0,
     "Use colour: auto (default; on a terminal, unless NO_COLOR is set), always, never", 0},
    {"colour", OPTION_COLOUR, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    char *end;
    switch (key) {
    case 'l':
        errno = 0;
        a->line = strtoul(argument, &end, 10);
        if (argument[0] < '0' || argument[0] > '9' || *end != '\0' || errno != 0 || a->line == 0)
            argp_error(state, "--line %s: not a line number", argument);
        return 0;
    case OPTION_JSON:
        a->json = true;
        return 0;
    case OPTION_COLOUR:
        if (strcmp(argument, "auto") != 0 && strcmp(argument, "always") != 0 && strcmp(argument, "never") != 0)
            argp_error(state, "--color %s: must be auto, always or never", argument);
        a->colour = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (a->file != NULL)
            argp_error(state, "one scenario file at a time, not also '%s'", argument);
        a->file = argument;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no scenario file given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "FILE",
    .doc = "Runs a scenario and explains the requests of devices in it (dma, translated, ats, page-request and "
           "interrupt statements) step by step: what the unit looked up, what it read from memory and how it "
           "understood it, what it decided, and which section of docs/03_reference says so."
           "\vExit status: 0 explained; 2 the file is malformed, asks for what the device does not support, or has "
           "nothing "
           "to explain.",
};

/* What the callbacks share. */
struct explain {
    const struct arguments *arguments;
    struct vtd_dut dut;
    struct vtd_explanation x; /* of the statement that is running */
    bool wanted;              /* it is to be explained */
    bool failed;              /* memory is out */
    bool colour;
    unsigned explained;
    unsigned ttm;
    struct vtd_explain_json *json;
};

static void on_event(void *opaque, const struct vtd_event *event)
{
    struct explain *e = opaque;
    if (e->wanted && !vtd_explain_note(&e->x, event))
        e->failed = true;
}

static bool is_request(const struct vtd_stmt *s)
{
    return s->kind == VTD_STMT_DMA || s->kind == VTD_STMT_TRANSLATED || s->kind == VTD_STMT_ATS ||
           s->kind == VTD_STMT_PAGE_REQUEST || s->kind == VTD_STMT_INTERRUPT;
}

static void before(void *opaque, const struct vtd_stmt *stmt)
{
    struct explain *e = opaque;
    const unsigned long line = e->arguments->line;
    e->wanted = is_request(stmt) && (line == 0 || stmt->line == line);
    vtd_explain_forget(&e->x);
    /* Set root table pointer latches RTADDR, and with it how root and context entries are laid out (ref 1.4). */
    if (stmt->kind == VTD_STMT_WRITE && stmt->addr == VTD_REG_GCMD && vtd_reg_gcmd_srtp(stmt->value))
        e->ttm = (unsigned)vtd_reg_rtaddr_ttm(vtd_mmio_read64(vtd_dut_model_unit(&e->dut), VTD_REG_RTADDR));
    else if (stmt->kind == VTD_STMT_RESET)
        e->ttm = 0;
}

static void after(void *opaque, const struct vtd_stmt *stmt, const struct vtd_outcome *outcome, bool held)
{
    struct explain *e = opaque;
    if (!e->wanted)
        return;
    e->wanted = false;
    e->explained++;
    e->x.stmt = stmt;
    e->x.outcome = outcome;
    e->x.held = held;
    e->x.ttm = e->ttm;
    if (e->json != NULL)
        e->failed = vtd_explain_json_add(e->json, &e->x) != 0 || e->failed;
    else
        vtd_explain_text(stdout, &e->x, e->colour);
}

static bool want_colour(const char *when)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    return isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0;
}

/* Says why nothing was explained. */
static int nothing(const struct vtd_scenario *sc, unsigned long line)
{
    if (line == 0) {
        fprintf(stderr, "%s: there is no request of a device to explain\n", sc->file);
        return EXIT_ERROR;
    }
    for (size_t i = 0; i < sc->count; i++) {
        if (sc->stmts[i].line == line) {
            fprintf(stderr, "%s:%lu: a '%s' statement is not a request of a device: there is nothing to explain\n",
                    sc->file, line, vtd_stmt_word(sc->stmts[i].kind));
            return EXIT_ERROR;
        }
    }
    fprintf(stderr, "%s:%lu: there is no statement in this line\n", sc->file, line);
    return EXIT_ERROR;
}

static int explain(struct explain *e, const struct vtd_scenario *sc)
{
    const struct vtd_run_options run = {.before = before, .after = after, .opaque = e};
    struct vtd_run_result result;
    char why[VTD_SCENARIO_WHY_SIZE];
    e->x.file = sc->file;
    vtd_dut_model_listen(&e->dut, on_event, e);
    int status = vtd_scenario_run(sc, &e->dut, &run, &result, why) == 0 ? EXIT_EXPLAINED : EXIT_ERROR;
    if (e->json != NULL && vtd_explain_json_end(e->json, e->explained > 0 ? stdout : NULL) != 0)
        e->failed = true;
    fflush(stdout);
    if (status == EXIT_ERROR)
        fprintf(stderr, "%s\n", why);
    else if (e->failed)
        fprintf(stderr, "%s: out of memory\n", sc->file);
    else if (e->explained == 0)
        return nothing(sc, e->arguments->line);
    return e->failed ? EXIT_ERROR : status;
}

int vtd_cmd_explain(int argc, char **argv)
{
    struct arguments arguments = {.colour = "auto"};
    struct vtd_scenario scenario;
    char why[VTD_SCENARIO_WHY_SIZE];
    argp_err_exit_status = EXIT_ERROR;
    if (argp_parse(&argp, argc, argv, 0, NULL, &arguments) != 0)
        return EXIT_ERROR;
    if (vtd_scenario_load(&scenario, arguments.file, why) != 0) {
        fprintf(stderr, "%s\n", why);
        return EXIT_ERROR;
    }
    struct explain e = {.arguments = &arguments, .colour = want_colour(arguments.colour)};
    int status = EXIT_ERROR;
    if (arguments.json)
        e.json = vtd_explain_json_begin();
    if (vtd_dut_model_create(&e.dut) == 0 && (e.json != NULL || !arguments.json))
        status = explain(&e, &scenario);
    else
        fprintf(stderr, "%s: out of memory\n", scenario.file);
    vtd_explain_free(&e.x);
    e.dut.ops->destroy(&e.dut);
    vtd_scenario_free(&scenario);
    return status;
}
