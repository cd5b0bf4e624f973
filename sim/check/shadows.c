/* SPDX-License-Identifier: MIT */
/* What the unit's caches hold, and of which table entries each entry was made. */
#include "internal.h"

#include <stdlib.h>

#define ADDRESS UINT64_C(0x000ffffffffff000)

/* ---------------------------------------------------------------- the trail of a request */

/* Drops a source that nothing needs any more. */
static void let_go(struct vtd_check *check, struct source *s)
{
    const struct trail *t = &check->trail;
    bool needed = s->references > 0 || t->ahead == s;
    for (unsigned i = 0; i < t->count && !needed; i++)
        needed = t->source[i] == s;
    if (!needed)
        check_source_drop(check, s);
}

static void trail_add(struct vtd_check *check, struct source *s)
{
    struct trail *t = &check->trail;
    for (unsigned i = 0; i < t->count; i++) {
        if (t->source[i] == s)
            return;
        if (t->source[i]->key.addr == s->key.addr) { /* it changed under the walk, which read it again */
            struct source *before = t->source[i];
            t->source[i] = s;
            let_go(check, before);
            return;
        }
    }
    if (t->count < sizeof t->source / sizeof t->source[0])
        t->source[t->count++] = s;
}

static void trail_begin(struct vtd_check *check)
{
    struct trail *t = &check->trail;
    struct source *ahead = t->ahead;
    t->leaf = NULL;
    t->ahead = NULL;
    if (ahead)
        let_go(check, ahead);
    while (t->count > 0) {
        struct source *s = t->source[--t->count];
        let_go(check, s);
    }
}

/* ---------------------------------------------------------------- shadows */

static void shadow_release(struct vtd_check *check, struct shadow *sh)
{
    for (unsigned i = 0; i < sh->count; i++) {
        sh->source[i]->references--;
        let_go(check, sh->source[i]);
    }
    sh->count = 0;
}

static void shadow_drop(struct vtd_check *check, struct shadow *sh)
{
    shadow_release(check, sh);
    if (check->trail.leaf == sh)
        check->trail.leaf = NULL;
    HASH_DELETE(hh, check->shadows, sh);
    free(sh);
}

static struct shadow *shadow_find(struct vtd_check *check, const struct vtd_event *e)
{
    const struct shadow_key key = {.a = e->value[0], .b = e->value[1], .id = e->unit};
    struct shadow *sh;
    HASH_FIND(hh, check->shadows, &key, sizeof key, sh);
    return sh;
}

static void shadow_take(struct shadow *sh, struct source *s)
{
    if (sh->count < CHECK_SOURCES_MAX) {
        s->references++;
        sh->source[sh->count++] = s;
    }
}

/* Invalidations are not told one by one: forgets what the caches no longer have. */
static void purge(struct vtd_check *check)
{
    struct shadow *sh, *next;
    HASH_ITER(hh, check->shadows, sh, next)
    {
        if (!vtd_cache_has(check->unit, (enum vtd_cache_id)sh->key.id, sh->key.a, sh->key.b))
            shadow_drop(check, sh);
    }
    const unsigned left = HASH_COUNT(check->shadows);
    check->shadow_limit = left > 2048 ? 2 * left : 4096;
}

static unsigned key_level(const struct shadow *sh)
{
    return (unsigned)(sh->key.b >> 36) & 7;
}

/* Tables before the page tables: all of the classes below last, and of class last the one that was read last. */
static void take_tables(const struct trail *t, struct shadow *sh, uint8_t last)
{
    struct source *found = last == VTD_MEM_PASID_ENTRY ? t->ahead : NULL;
    for (unsigned i = 0; i < t->count; i++) {
        if (t->source[i]->cls < last)
            shadow_take(sh, t->source[i]);
        else if (t->source[i]->cls == last && (!found || found != t->ahead))
            found = t->source[i];
    }
    if (found)
        shadow_take(sh, found);
}

/* All that was read up to the first-stage entry of a level: it, and how it was reached. */
static void take_first_stage(const struct trail *t, struct shadow *sh)
{
    unsigned end = 0;
    for (unsigned i = 0; i < t->count; i++)
        if (t->source[i]->cls == VTD_MEM_FS_ENTRY && t->source[i]->level == key_level(sh))
            end = i + 1;
    for (unsigned i = 0; i < end; i++)
        shadow_take(sh, t->source[i]);
}

/* The second-stage entry that the key speaks of, and from table to table those above it: one request may walk many paths. */
static void take_second_stage(const struct trail *t, struct shadow *sh)
{
    for (unsigned i = 0; i < t->count; i++)
        if (t->source[i]->cls <= VTD_MEM_PASID_ENTRY)
            shadow_take(sh, t->source[i]);
    struct source *below = NULL;
    for (unsigned level = key_level(sh); level <= 5; level++) {
        const uint64_t index = sh->key.a >> 9 * (level - key_level(sh)) & 0x1ff;
        struct source *found = NULL;
        for (unsigned i = 0; i < t->count; i++) {
            struct source *s = t->source[i];
            if (s->cls == VTD_MEM_SS_ENTRY && s->level == level && (s->key.addr >> 3 & 0x1ff) == index &&
                (!below || (s->key.q[0] & ADDRESS) == (below->key.addr & ADDRESS)))
                found = s;
        }
        if (!found)
            return;
        shadow_take(sh, found);
        below = found;
    }
}

static void fill(struct vtd_check *check, const struct vtd_event *e)
{
    struct trail *t = &check->trail;
    struct shadow *sh = shadow_find(check, e);
    if (sh) {
        shadow_release(check, sh);
    } else {
        if (HASH_COUNT(check->shadows) >= check->shadow_limit)
            purge(check);
        sh = calloc(1, sizeof *sh);
        if (!sh)
            return;
        sh->key = (struct shadow_key){.a = e->value[0], .b = e->value[1], .id = e->unit};
        HASH_ADD(hh, check->shadows, key, sizeof sh->key, sh);
    }
    sh->since = check->retired;
    sh->page = UINT64_MAX;
    sh->reported = false;
    switch (e->unit) {
    case VTD_CACHE_CONTEXT:
        take_tables(t, sh, VTD_MEM_CONTEXT);
        break;
    case VTD_CACHE_PASID_DIR:
        take_tables(t, sh, VTD_MEM_PASID_DIR);
        break;
    case VTD_CACHE_PASID:
        take_tables(t, sh, VTD_MEM_PASID_ENTRY);
        break;
    case VTD_CACHE_FS_PSC:
        take_first_stage(t, sh);
        break;
    case VTD_CACHE_SS_PSC:
        take_second_stage(t, sh);
        break;
    case VTD_CACHE_IOTLB:
        t->leaf = sh;
        /* fallthrough */
    default:
        for (unsigned i = 0; i < t->count; i++)
            shadow_take(sh, t->source[i]);
        break;
    }
}

static void hit(struct vtd_check *check, const struct vtd_event *e)
{
    struct shadow *sh = shadow_find(check, e);
    if (!sh)
        return; /* from before the checks began */
    check_stale_use(check, sh);
    for (unsigned i = 0; i < sh->count; i++)
        trail_add(check, sh->source[i]);
}

/* Page requests begin without an event of their own, with the context entry. */
static void begin_untold(struct vtd_check *check)
{
    if (!check->trail.active)
        trail_begin(check);
}

/* A second PASID entry in one request is one that is fetched ahead, for no use but its own. */
static bool is_ahead(const struct trail *t, const struct source *s)
{
    for (unsigned i = 0; i < t->count; i++)
        if (t->source[i]->cls == VTD_MEM_PASID_ENTRY)
            return t->source[i]->key.addr != s->key.addr;
    return false;
}

static void read_ahead(struct vtd_check *check, struct source *s)
{
    struct source *before = check->trail.ahead;
    check->trail.ahead = s;
    if (before)
        let_go(check, before);
}

static void read_table(struct vtd_check *check, const struct vtd_event *e)
{
    if (e->unit > VTD_MEM_IRTE || e->error)
        return;
    if (e->unit == VTD_MEM_IRTE)
        trail_begin(check); /* an interrupt is a request of its own */
    else if (e->unit == VTD_MEM_ROOT)
        begin_untold(check);
    if (e->unit == VTD_MEM_PASID_ENTRY && e->count == 8)
        check_protocol_pasid(check, e->value);
    struct source *s = check_source_get(check, e);
    if (!s)
        return;
    if (e->unit == VTD_MEM_PASID_ENTRY && is_ahead(&check->trail, s))
        read_ahead(check, s);
    else
        trail_add(check, s);
}

void check_shadows_event(struct vtd_check *check, const struct vtd_event *e)
{
    struct shadow *sh;
    switch (e->kind) {
    case VTD_EVENT_REQUEST:
        trail_begin(check);
        check->trail.active = true;
        break;
    case VTD_EVENT_RESPONSE:
        check->trail.active = false;
        if (check->trail.leaf && e->resp->result == VTD_RESULT_OK) {
            check->trail.leaf->bytes = UINT64_C(1) << e->resp->page_shift;
            check->trail.leaf->page = e->resp->hpa & ~(check->trail.leaf->bytes - 1);
        }
        break;
    case VTD_EVENT_MEM_READ:
        read_table(check, e);
        break;
    case VTD_EVENT_CACHE_LOOKUP:
        if (e->unit == VTD_CACHE_CONTEXT)
            begin_untold(check);
        if (e->hit)
            hit(check, e);
        break;
    case VTD_EVENT_CACHE_FILL:
        fill(check, e);
        break;
    case VTD_EVENT_CACHE_EVICT:
        sh = shadow_find(check, e);
        if (sh)
            shadow_drop(check, sh);
        break;
    default:
        break;
    }
}

void check_shadows_free(struct vtd_check *check)
{
    struct shadow *sh, *next;
    HASH_ITER(hh, check->shadows, sh, next)
    {
        shadow_drop(check, sh);
    }
    check_sources_free(check);
}

/* ---------------------------------------------------------------- what software asks */

unsigned vtd_check_sync(struct vtd_check *check)
{
    const uint64_t before = check->total;
    struct shadow *sh, *next;
    check->waits++;
    check_sources_scan(check);
    purge(check);
    HASH_ITER(hh, check->shadows, sh, next)
    {
        check_stale_use(check, sh);
    }
    return (unsigned)(check->total - before);
}

static bool overlaps(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a < b + b_size && b < a + a_size;
}

unsigned vtd_check_freed(struct vtd_check *check, uint64_t hpa, uint64_t size)
{
    const uint64_t before = check->total;
    struct shadow *sh, *next;
    char entry[200], owed[512], since[2048];
    purge(check);
    HASH_ITER(hh, check->shadows, sh, next)
    {
        const struct source *table = NULL;
        for (unsigned i = 0; i < sh->count && !table; i++)
            if (overlaps(sh->source[i]->key.addr, 8u * sh->source[i]->count, hpa, size))
                table = sh->source[i];
        const bool leads = sh->page != UINT64_MAX && overlaps(sh->page, sh->bytes, hpa, size);
        if (sh->reported || sh->count == 0 || (!table && !leads))
            continue;
        sh->reported = true;
        check_describe(sh, entry);
        check_owed(check, sh, table ? table : sh->source[sh->count - 1], owed);
        check_since(check, sh, table ? table : sh->source[sh->count - 1], since);
        check_report(check, VTD_CHECK_FREED, owed, since, "0x%llx to 0x%llx was given back, and %s %s",
                     (unsigned long long)hpa, (unsigned long long)(hpa + size - 1), entry,
                     table ? "was made of a table there" : "leads there");
    }
    return (unsigned)(check->total - before);
}
