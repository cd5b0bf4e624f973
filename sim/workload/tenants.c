/* SPDX-License-Identifier: MIT */
/* One workload, several tenants. See workload.h. */
#include "random.h"
#include "vtd/vtd.h"
#include "workload.h"

#include <stdio.h>

/* Where synthetic streams live: well inside of every address width. */
#define SYNTHETIC_IOVA 0x10000000ull

struct tenant {
    uint64_t position; /* records played */
    struct vtd_random random;
    uint32_t number;
};

struct vtd_tenants {
    struct vtd_tenants_spec spec;
    struct vtd_random random;
    double *cumulative;     /* VTD_INTERLEAVE_ZIPF: weights of all tenants */
    uint16_t *sid_index;    /* VTD_TENANT_SID: place of a source-id among the devices of the workload */
    uint32_t active;        /* tenants that have something left */
    uint32_t turn;          /* round robin: whose turn it is */
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

struct vtd_tenants *vtd_tenants_create(const struct vtd_tenants_spec *spec, char *why)
{
    const char *problem = misfit(spec);
    if (problem) {
        snprintf(why, VTD_WHY_SIZE, "tenants: %s", problem);
        return NULL;
    }
    struct vtd_tenants *t = calloc(1, sizeof *t + spec->count * sizeof t->tenant[0]);
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
        page = vtd_zipf_draw(&t->random, w->cumulative, w->pages);
        break;
    }
    const bool write = vtd_random_below(&t->random, 100) < w->writes;
    *r = (struct vtd_record){.iova = SYNTHETIC_IOVA + page * 4096,
                             .sid = w->sid,
                             .len = 64,
                             .kind = write ? VTD_RECORD_WRITE : VTD_RECORD_READ};
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
