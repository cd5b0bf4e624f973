/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a description of a workload. What is accepted makes records that a trace can say, in the order of their
 * times, and the same ones again.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "input_file.h"
#include "workload/describe.h"
#include "workload/trace_item.h"
#include "workload/workload.h"

#define RECORDS   2000
#define STATE_MAX ((size_t)1 << 24)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct vtd_node *root, const struct vtd_record *r, uint64_t last)
{
    HOLDS(r->kind <= VTD_RECORD_DETACH);
    HOLDS(!r->has_pasid || (r->pasid >= 1 && r->pasid <= 0xfffff) || root->kind == VTD_NODE_TRACE);
    if (vtd_record_is_access(r))
        HOLDS(r->len >= 1 && r->iova % 4096 + r->len <= 4096 && r->iova < 1ull << 47);
    if (r->kind == VTD_RECORD_UNMAP)
        HOLDS(r->iova % 4096 == 0 && r->pages > 0);
    HOLDS(r->time_ns <= VTD_ITEM_TIME_MAX && (r->time_ns >= last || !root->timed));
}

static void play(const struct vtd_node *root)
{
    void *state[2] = {malloc(root->state), malloc(root->state)};
    uint64_t last = 0;
    HOLDS(state[0] && state[1]);
    for (unsigned i = 0; i < 2; i++)
        root->ops->begin(root, state[i], 7);
    for (unsigned i = 0; i < RECORDS; i++) {
        struct vtd_record r[2];
        const bool more = root->ops->next(root, state[0], &r[0]);
        HOLDS(root->ops->next(root, state[1], &r[1]) == more);
        HOLDS(r[0].iova == r[1].iova && r[0].kind == r[1].kind && r[0].pasid == r[1].pasid && r[0].sid == r[1].sid &&
              r[0].time_ns == r[1].time_ns);
        check(root, &r[0], last);
        last = r[0].time_ns;
    }
    free(state[0]);
    free(state[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[VTD_WHY_SIZE];
    if (memmem(data, size, "trace", 5)) /* files of this machine are no business of the fuzzer */
        return 0;
    struct input_file file = input_file_make(data, size);
    struct vtd_node *root = vtd_describe_file(file.name, why);
    input_file_drop(&file);
    if (root && root->state <= STATE_MAX)
        play(root);
    vtd_node_free(root);
    return 0;
}
