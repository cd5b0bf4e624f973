/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a scenario file, parsed and run on the model. Memory and caches are kept small, so that time goes into
 * the unit and not into the machine around it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "scenario/dut_model.h"
#include "scenario/scenario.h"

#define MEMORY_MAX (UINT64_C(256) << 20) /* sparse: only what is touched costs time */
#define FILL_MAX   (UINT64_C(4) << 20)   /* bytes that all fill statements may touch */
#define CACHE_MAX  256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int accept_small(void *opaque, const struct vtd_sim_config *cfg, char *why)
{
    (void)opaque;
    int refused = cfg->memory_size > MEMORY_MAX;
    for (unsigned i = 0; i < VTD_CACHES; i++)
        refused |= cfg->unit.cache[i].entries > CACHE_MAX;
    if (refused)
        snprintf(why, VTD_WHY_SIZE, "too large for a fuzz run");
    return refused;
}

/* A scenario that says nothing about memory gets little of it: the line is put behind the first one. */
static char *with_memory(const uint8_t *data, size_t size, size_t *length)
{
    static const char line[] = "vtd-scenario 1\nconfig memory.size 0x100000\n";
    static const char first[] = "vtd-scenario 1\n";
    size_t skip = size >= sizeof(first) - 1 && memcmp(data, first, sizeof(first) - 1) == 0 ? sizeof(first) - 1 : 0;
    size_t head = skip > 0 ? sizeof(line) - 1 : 0;
    char *text = malloc(head + size - skip + 1);
    if (text == NULL)
        return NULL;
    memcpy(text, line, head);
    if (size > skip)
        memcpy(text + head, data + skip, size - skip);
    *length = head + size - skip;
    return text;
}

static bool fills_little(const struct vtd_scenario *scenario)
{
    uint64_t rest = FILL_MAX;
    for (size_t i = 0; i < scenario->count; i++) {
        const struct vtd_stmt *s = &scenario->stmts[i];
        if (s->kind == VTD_STMT_FILL && s->value > rest)
            return false;
        rest -= s->kind == VTD_STMT_FILL ? s->value : 0;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vtd_scenario scenario;
    struct vtd_run_result result;
    struct vtd_dut dut;
    char why[VTD_SCENARIO_WHY_SIZE];
    const struct vtd_run_options options = {.accept = accept_small};
    size_t length = 0;
    char *text = with_memory(data, size, &length);
    if (text == NULL)
        return 0;
    if (vtd_scenario_parse(&scenario, "fuzz.vtd", text, length, why) == 0) {
        if (vtd_dut_model_create(&dut) == 0 && fills_little(&scenario))
            vtd_scenario_run(&scenario, &dut, &options, &result, why);
        dut.ops->destroy(&dut);
        vtd_scenario_free(&scenario);
    }
    free(text);
    return 0;
}
