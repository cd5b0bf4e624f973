/* SPDX-License-Identifier: MIT */
/*
 * The scenario runner: configures a device under test, plays the statements on it in order, compares what comes back,
 * and goes on after an expectation that does not hold.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "../config/config.h"
#include "outcome.h"

struct run {
    const struct vtd_scenario *sc;
    struct vtd_dut *dut;
    const struct vtd_run_options *options;
    struct vtd_run_result *result;
    char *why;
};

static int fail(struct run *r, unsigned line, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int fail(struct run *r, unsigned line, const char *format, ...)
{
    int used = snprintf(r->why, VTD_SCENARIO_WHY_SIZE, "%.600s:%u: ", r->sc->file, line);
    va_list args;
    va_start(args, format);
    vsnprintf(r->why + used, (size_t)(VTD_SCENARIO_WHY_SIZE - used), format, args);
    va_end(args);
    return -1;
}

static void print(struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void print(struct run *r, const char *format, ...)
{
    if (r->options->out == NULL)
        return;
    va_list args;
    va_start(args, format);
    vfprintf(r->options->out, format, args);
    va_end(args);
}

/* Calls an operation of the device; one that it does not have is not supported. */
#define CALL(r, op, arguments) ((r)->dut->ops->op != NULL ? (r)->dut->ops->op arguments : VTD_DUT_UNSUPPORTED)

/* Configures the device; *first receives the index of the first statement that is not config. */
static int configure(struct run *r, size_t *first)
{
    struct vtd_sim_config cfg;
    char why[VTD_WHY_SIZE] = "";
    unsigned line = 1;
    if (vtd_sim_config_init(&cfg, NULL, why) != 0)
        return fail(r, line, "%s", why);
    for (*first = 0; *first < r->sc->count && r->sc->stmts[*first].kind == VTD_STMT_CONFIG; ++*first) {
        const struct vtd_stmt *s = &r->sc->stmts[*first];
        line = s->line;
        if (vtd_sim_config_set(&cfg, s->name, s->argument, why) != 0)
            return fail(r, line, "%s", why);
        if (strncmp(s->name, "device_tlb.", 11) == 0)
            return fail(r, line, "%s: a scenario has no device TLBs; its statements speak for the devices", s->name);
    }
    if (vtd_sim_config_finish(&cfg, why) != 0)
        return fail(r, line, "%s", why);
    if (r->options->accept != NULL && r->options->accept(r->options->opaque, &cfg, why) != 0)
        return fail(r, line, "%s", why);
    switch (CALL(r, configure, (r->dut, &cfg))) {
    case VTD_DUT_OK:
        return 0;
    case VTD_DUT_UNSUPPORTED:
        return fail(r, line, "this configuration is not supported by this device (%s)%s%s", r->dut->ops->name,
                    r->dut->why[0] != '\0' ? ": " : "", r->dut->why);
    default:
        return fail(r, line, "%s", r->dut->why);
    }
}

/* Statements that poke memory, registers and the unit as a whole. */
static enum vtd_dut_status poke(struct run *r, const struct vtd_stmt *s, struct vtd_outcome *o)
{
    switch (s->kind) {
    case VTD_STMT_STORE:
        return CALL(r, mem_store, (r->dut, s->addr, s->size, s->value));
    case VTD_STMT_FILL:
        return CALL(r, mem_fill, (r->dut, s->addr, s->value, s->byte));
    case VTD_STMT_CHECK:
        return CALL(r, mem_load, (r->dut, s->addr, s->size, &o->value));
    case VTD_STMT_WRITE:
        return CALL(r, reg_write, (r->dut, s->addr, s->size, s->value));
    case VTD_STMT_READ:
        return CALL(r, reg_read, (r->dut, s->addr, s->size, &o->value));
    case VTD_STMT_STAT:
        return CALL(r, stat, (r->dut, s->name, &o->value));
    case VTD_STMT_RESET:
        return CALL(r, reset, (r->dut));
    default:
        return VTD_DUT_UNSUPPORTED;
    }
}

/* Statements that act as devices do, or look at what reached them. */
static enum vtd_dut_status act(struct run *r, const struct vtd_stmt *s, struct vtd_outcome *o)
{
    switch (s->kind) {
    case VTD_STMT_DMA:
    case VTD_STMT_TRANSLATED:
    case VTD_STMT_ATS:
        return CALL(r, request, (r->dut, &s->request, &o->response));
    case VTD_STMT_PAGE_REQUEST:
        return CALL(r, page_request, (r->dut, &s->page_request, &o->prq));
    case VTD_STMT_INTERRUPT:
        return CALL(r, interrupt, (r->dut, s->sid, s->addr, s->data, &o->irq));
    case VTD_STMT_ENDPOINT:
        return CALL(r, endpoint, (r->dut, s->sid, (enum vtd_answer)s->answer));
    case VTD_STMT_MSI:
        return CALL(r, take_msi, (r->dut, &o->msi_addr, &o->msi_data));
    case VTD_STMT_TO_DEVICE:
        return CALL(r, take_to_device, (r->dut, &o->to_device));
    default:
        return poke(r, s, o);
    }
}

/* What statements print that ask without expecting. */
static void print_answer(struct run *r, const struct vtd_stmt *s, const struct vtd_outcome *o)
{
    char got[VTD_OUTCOME_TEXT_SIZE];
    vtd_outcome_text(s, o, got);
    print(r, "%s:%u: %s = %s\n", r->sc->file, s->line, s->text, got);
}

/* Compares and tells; *held: it is as expected. */
static void compare(struct run *r, const struct vtd_stmt *s, const struct vtd_outcome *o, bool *held)
{
    bool asks = s->kind == VTD_STMT_READ || s->kind == VTD_STMT_STAT;
    *held = vtd_outcome_matches(s, o);
    if ((asks && s->expect.kind == VTD_EXPECT_NOTHING) || (s->expect.kind == VTD_EXPECT_ANY && *held))
        print_answer(r, s, o);
    if (s->expect.kind == VTD_EXPECT_NOTHING)
        return;
    r->result->expectations++;
    if (*held)
        return;
    char expected[VTD_OUTCOME_TEXT_SIZE], got[VTD_OUTCOME_TEXT_SIZE];
    vtd_expect_text(s, expected);
    vtd_outcome_text(s, o, got);
    r->result->failures++;
    print(r, "%s:%u: expected %s, got %s\n", r->sc->file, s->line, expected, got);
}

static int run_statement(struct run *r, const struct vtd_stmt *s)
{
    struct vtd_outcome outcome;
    bool held = true;
    memset(&outcome, 0, sizeof(outcome));
    if (s->kind == VTD_STMT_ECHO) {
        print(r, "%s\n", s->name);
        return 0;
    }
    if (r->options->before != NULL)
        r->options->before(r->options->opaque, s);
    r->dut->why[0] = '\0';
    switch (act(r, s, &outcome)) {
    case VTD_DUT_OK:
        break;
    case VTD_DUT_NONE:
        outcome.none = true;
        break;
    case VTD_DUT_UNSUPPORTED:
        return fail(r, s->line, "%s: not supported by this device (%s)%s%s", vtd_stmt_word(s->kind), r->dut->ops->name,
                    r->dut->why[0] != '\0' ? ": " : "", r->dut->why);
    case VTD_DUT_INVALID:
        return fail(r, s->line, "%s: %s", vtd_stmt_word(s->kind), r->dut->why);
    }
    compare(r, s, &outcome, &held);
    if (r->options->after != NULL)
        r->options->after(r->options->opaque, s, &outcome, held);
    return 0;
}

int vtd_scenario_run(const struct vtd_scenario *sc, struct vtd_dut *dut, const struct vtd_run_options *options,
                     struct vtd_run_result *result, char *why)
{
    struct run r = {.sc = sc, .dut = dut, .options = options, .result = result, .why = why};
    size_t i = 0;
    *result = (struct vtd_run_result){0};
    why[0] = '\0';
    if (configure(&r, &i) != 0)
        return -1;
    for (; i < sc->count; i++) {
        if (run_statement(&r, &sc->stmts[i]) != 0)
            return -1;
    }
    return 0;
}
