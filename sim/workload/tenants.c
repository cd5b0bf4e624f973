/* SPDX-License-Identifier: MIT */
/* One workload, several tenants. See workload.h. */
#include "platform/table_memory.h"
#include "random.h"
#include "vtd/vtd.h"
#include "workload.h"

#include <stdio.h>

/* Where synthetic streams live: well inside of every address width. */
#define SYNTHETIC_IOVA 0x10000000ull

/* Many pages go around the interrupt range (ref 4.9), where a request without PASID has no page to access. */
#define INTERRUPTS     0xfee00000ull
#define INTERRUPTS_END 0xfef00000ull

/* From so many tenants on, whoever comes so many turns later is fetched from memory. */
#define MANY_TENANTS 8192u
#define TURNS_AHEAD  24u

struct tenant {
    uint64_t position; /* records played */
    struct vtd_random random;
    uint32_t number;
};

struct vtd_tenants {
    struct vtd_tenants_spec spec;
    struct vtd_random random;
    double *cumulative;          /* VTD_INTERLEAVE_ZIPF: weights of all tenants */
    uint16_t *sid_index;         /* VTD_TENANT_SID: place of a source-id among the devices of the workload */
    uint32_t active;             /* tenants that have something left */
    uint32_t turn;               /* round robin: whose turn it is */
    const struct vtd_node *node; /* a described workload: everything else is in its state */
    struct vtd_node *around;     /* tenants of a described workload; it does not own that */
    void *state;
    struct tenant tenant[]; /* the active ones first */
};

static const char *misfit(const struct vtd_tenants_spec *s)
{
    if (s->count == 0)
        return "there must be at least one tenant";
    if (s->workload->stream && s->count > 1)
        return "a trace that is played as it is read has one tenant";
    if (s->id == VTD_TENANT_PASID && s->count > 0xfffff)
        return "more tenants than PASIDs (1048575)";
    if (s->id == VTD_TENANT_SID && (uint64_t)s->count * s->workload->sid_count > 0x10000)
        return "more tenants times devices than source-ids (65536)";
    return NULL;
}

/* ---------------------------------------------------------------- described workloads */

/* A node for the tenants, around the workload. Returns 0, or -1 with why. */
static int surround(struct vtd_tenants *t, const struct vtd_tenants_spec *spec, char *why)
{
    static const uint64_t turns[] = {
        [VTD_INTERLEAVE_ROUND_ROBIN] = VTD_NODE_ROUND_ROBIN,
        [VTD_INTERLEAVE_RANDOM] = VTD_NODE_RANDOM,
        [VTD_INTERLEAVE_ZIPF] = VTD_NODE_ZIPF_TURNS,
    };
    struct vtd_node *n = t->around = vtd_node_new(VTD_NODE_TENANTS);
    if (!n || !(n->child = malloc(sizeof *n->child)))
        return vtd_node_refuse(why, "out of memory");
    n->child[n->children++] = spec->workload->node;
    n->size = spec->count;
    n->interleave = turns[spec->interleave];
    n->s = spec->s;
    n->by_sid = spec->id == VTD_TENANT_SID;
    t->node = n;
    return n->ops->finish(n, why);
}

static struct vtd_tenants *create_described(const struct vtd_tenants_spec *spec, char *why)
{
    char problem[VTD_WHY_SIZE] = "out of memory";
    struct vtd_tenants *t = calloc(1, sizeof *t);
    if (t)
        t->node = spec->workload->node;
    if (t && (spec->count == 1 || surround(t, spec, problem) == 0) && (t->state = vtd_table_alloc(t->node->state))) {
        t->node->ops->begin(t->node, t->state, spec->workload->seed);
        return t;
    }
    snprintf(why, VTD_WHY_SIZE, "tenants: %.200s", problem);
    vtd_tenants_destroy(t);
    return NULL;
}

static void destroy_described(struct vtd_tenants *t)
{
    if (t->around)
        t->around->children = 0; /* the workload's */
    vtd_node_free(t->around);
    free(t->state);
}

struct vtd_tenants *vtd_tenants_create(const struct vtd_tenants_spec *spec, char *why)
{
    const char *problem = misfit(spec);
    if (problem) {
        snprintf(why, VTD_WHY_SIZE, "tenants: %s", problem);
        return NULL;
    }
    if (spec->workload->node)
        return create_described(spec, why);
    struct vtd_tenants *t = vtd_table_alloc(sizeof *t + spec->count * sizeof t->tenant[0]);
    if (t && spec->interleave == VTD_INTERLEAVE_ZIPF)
        t->cumulative = vtd_zipf_table(spec->count, spec->s);
    if (t)
        t->sid_index = calloc(0x10000, sizeof *t->sid_index);
    if (!t || !t->sid_index || (spec->interleave == VTD_INTERLEAVE_ZIPF && !t->cumulative)) {
        vtd_tenants_destroy(t);
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return NULL;
    }
    t->spec = *spec;
    t->active = spec->count;
    t->random.state = spec->seed;
    for (uint32_t i = 0; i < spec->count; i++)
        t->tenant[i] = (struct tenant){.number = i, .random = {.state = spec->workload->seed + 0x1000003ull * i}};
    for (size_t i = 0; i < spec->workload->sid_count; i++)
        t->sid_index[spec->workload->sids[i]] = (uint16_t)i;
    return t;
}

void vtd_tenants_destroy(struct vtd_tenants *t)
{
    if (!t)
        return;
    destroy_described(t);
    free(t->cumulative);
    free(t->sid_index);
    free(t);
}

/* ---------------------------------------------------------------- one tenant's stream */

static void synthesize(const struct vtd_workload *w, struct tenant *t, struct vtd_record *r)
{
    uint64_t page;
    switch (w->pattern) {
    case VTD_PATTERN_UNIFORM:
        page = vtd_random_below(&t->random, w->pages);
        break;
    case VTD_PATTERN_SEQUENTIAL:
        page = t->position % w->pages;
        break;
    case VTD_PATTERN_STRIDE:
        page = t->position * w->stride % w->pages;
        break;
    default:
        page = vtd_zipf_next(&t->random, &w->zipf);
        break;
    }
    const bool write = vtd_random_below(&t->random, 100) < w->writes;
    uint64_t iova = SYNTHETIC_IOVA + page * 4096;
    if (iova >= INTERRUPTS)
        iova += INTERRUPTS_END - INTERRUPTS;
    *r =
        (struct vtd_record){.iova = iova, .sid = w->sid, .len = 64, .kind = write ? VTD_RECORD_WRITE : VTD_RECORD_READ};
    t->position++;
}

/* The tenant's next record; false at the end. */
static bool next_of(const struct vtd_workload *w, struct tenant *t, struct vtd_record *r)
{
    if (w->pattern != VTD_PATTERN_TRACE) {
        synthesize(w, t, r);
        return true;
    }
    if (w->stream)
        return vtd_workload_next_of_stream(w, r);
    if (t->position == w->trace.count)
        return false;
    *r = w->trace.record[t->position++];
    return true;
}

/* ---------------------------------------------------------------- turns */

/* Index among the active tenants. */
static uint32_t choose(struct vtd_tenants *t)
{
    switch (t->spec.interleave) {
    case VTD_INTERLEAVE_ROUND_ROBIN:
        return t->turn < t->active ? t->turn : 0;
    case VTD_INTERLEAVE_RANDOM:
        if (t->active >= MANY_TENANTS)
            __builtin_prefetch(&t->tenant[vtd_random_below_later(&t->random, t->active, TURNS_AHEAD)], 1);
        return (uint32_t)vtd_random_below(&t->random, t->active);
    default:
        return (uint32_t)vtd_zipf_draw(&t->random, t->cumulative, t->active);
    }
}

/* A tenant is done; the others keep their order. */
static void retire(struct vtd_tenants *t, uint32_t i)
{
    t->active--;
    for (; i < t->active; i++)
        t->tenant[i] = t->tenant[i + 1];
}

static void label(const struct vtd_tenants *t, uint32_t number, struct vtd_record *r)
{
    if (t->spec.count == 1)
        return;
    if (t->spec.id == VTD_TENANT_PASID) {
        r->has_pasid = true;
        r->pasid = number + 1;
    } else {
        r->sid = (uint16_t)(number * t->spec.workload->sid_count + t->sid_index[r->sid]);
    }
}

bool vtd_tenants_next(struct vtd_tenants *t, struct vtd_record *record)
{
    if (t->node) {
        t->node->ops->next(t->node, t->state, record);
        return true;
    }
    while (t->active) {
        const uint32_t i = choose(t);
        struct tenant *chosen = &t->tenant[i];
        t->turn = i;
        if (!next_of(t->spec.workload, chosen, record)) {
            retire(t, i);
            continue;
        }
        label(t, chosen->number, record);
        if (record->kind <= VTD_RECORD_WRITE)
            t->turn = i + 1;
        return true;
    }
    return false;
}
