/* SPDX-License-Identifier: MIT */
/* Table entries as the unit read them, and whether memory still says the same. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

struct source *check_source_get(struct vtd_check *check, const struct vtd_event *e)
{
    struct source_key key = {.addr = e->addr};
    const unsigned count = e->count < 8 ? e->count : 8;
    for (unsigned i = 0; i < count; i++)
        key.q[i] = e->value[i] & check_significant(e->unit, e->level);
    struct source *s;
    HASH_FIND(hh, check->sources, &key, sizeof key, s);
    if (s)
        return s;
    s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->key = key;
    s->cls = e->unit;
    s->level = e->level;
    s->count = (uint8_t)count;
    s->snoop = e->snoop;
    HASH_ADD(hh, check->sources, key, sizeof key, s);
    return s;
}

void check_source_drop(struct vtd_check *check, struct source *s)
{
    HASH_DELETE(hh, check->sources, s);
    free(s);
}

/* Whether memory still says what was read: what the processor sees, and what the unit would read. */
static void source_compare(struct vtd_check *check, struct source *s)
{
    uint64_t seen[8], unit[8];
    if (!vtd_memory_peek(check->unit, s->key.addr, seen, s->count, s->cls, true) ||
        !vtd_memory_peek(check->unit, s->key.addr, unit, s->count, s->cls, s->snoop))
        return;
    if (!check_source_differs(s, seen)) {
        s->changed = 0;
        return;
    }
    s->unflushed = !check_source_differs(s, unit);
    memcpy(s->now, seen, 8 * s->count);
    if (!s->changed)
        s->changed = check->waits;
}

void check_sources_scan(struct vtd_check *check)
{
    for (struct source *s = check->sources; s; s = s->hh.next)
        if (s->references && !s->changed)
            source_compare(check, s);
}

void check_sources_free(struct vtd_check *check)
{
    struct source *s, *next;
    HASH_ITER(hh, check->sources, s, next)
    {
        check_source_drop(check, s);
    }
}
