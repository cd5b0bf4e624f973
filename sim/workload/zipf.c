/* SPDX-License-Identifier: MIT */
/* Zipf's distribution by alias tables. See zipf.h. */
#include "zipf.h"

#include "steady_math.h"

#include <stdlib.h>

/* Ranks with an entry of their own, and the share by which weights of a run may differ. */
#define HEAD   512u
#define SPREAD 0.02

/* ---------------------------------------------------------------- alias tables */

/* The entry's own share as keep; a full one never asks for its alias. */
static uint32_t keep_of(double share)
{
    return share >= 1 ? UINT32_MAX : (uint32_t)(share * 0x1p32);
}

bool vtd_alias_make(struct vtd_alias *table, double *weight, uint32_t n)
{
    double sum = 0;
    uint32_t small = 0, large = n; /* stacks from both ends */
    uint32_t *stack = malloc((size_t)n * sizeof *stack);
    if (!stack)
        return false;
    for (uint32_t i = n; i-- > 0;) /* the small ones first, for precision */
        sum += weight[i];
    for (uint32_t i = 0; i < n; i++) {
        weight[i] = weight[i] / sum * n;
        if (weight[i] < 1)
            stack[small++] = i;
        else
            stack[--large] = i;
    }
    while (small && large < n) {
        const uint32_t poor = stack[--small], rich = stack[large];
        table[poor] = (struct vtd_alias){keep_of(weight[poor]), rich};
        weight[rich] -= 1 - weight[poor];
        if (weight[rich] < 1) {
            large++;
            stack[small++] = rich;
        }
    }
    /* What rounding leaves over is full. */
    while (small--)
        table[stack[small]] = (struct vtd_alias){UINT32_MAX, stack[small]};
    for (; large < n; large++)
        table[stack[large]] = (struct vtd_alias){UINT32_MAX, stack[large]};
    free(stack);
    return true;
}

/* ---------------------------------------------------------------- Zipf */

static double weight_of(double rank, double s)
{
    return vtd_steady_exp(-s * vtd_steady_log(rank + 1));
}

/* The rank behind the run that begins with first. */
static uint32_t end_of_run(uint32_t first, uint32_t n, double s)
{
    if (first < HEAD)
        return first + 1;
    const double length = s > SPREAD ? (first + 1.0) * SPREAD / s : n;
    return length < 1 ? first + 1 : length >= n - first ? n : first + (uint32_t)length;
}

bool vtd_zipf_init(struct vtd_zipf *z, uint32_t n, double s)
{
    *z = (struct vtd_zipf){.s = s};
    for (uint32_t first = 0; first < n; first = end_of_run(first, n, s))
        z->runs++;
    double *weight = malloc(z->runs * sizeof *weight);
    z->table = malloc(z->runs * sizeof *z->table);
    z->run = malloc(z->runs * sizeof *z->run);
    bool made = weight && z->table && z->run;
    for (uint32_t i = 0, first = 0, end; made && i < z->runs; i++, first = end) {
        end = end_of_run(first, n, s);
        const double top = weight_of(first, s);
        z->run[i] = (struct vtd_zipf_run){.first = first, .length = end - first};
        weight[i] = top * (end - first);
        /* A little less, so that no rounding can accept too much. */
        z->run[i].least = end - first > 1 ? (uint32_t)(weight_of(end - 1, s) / top * (0x1p32 - 1024)) : UINT32_MAX;
    }
    made = made && vtd_alias_make(z->table, weight, z->runs);
    free(weight);
    if (!made)
        vtd_zipf_fini(z);
    return made;
}

void vtd_zipf_fini(struct vtd_zipf *z)
{
    free(z->table);
    free(z->run);
    *z = (struct vtd_zipf){0};
}

bool vtd_zipf_accepts(const struct vtd_zipf *z, const struct vtd_zipf_run *run, uint32_t rank, uint32_t share)
{
    return share < weight_of(rank, z->s) / weight_of(run->first, z->s) * 0x1p32;
}
