/* SPDX-License-Identifier: MIT */
/* The use of an entry whose tables have changed (ref 6.5). */
#include "internal.h"

#include "vtd/vtd_structs.h"

static const enum vtd_check_id by_class[] = {
    [VTD_MEM_ROOT] = VTD_CHECK_STALE_ROOT,           [VTD_MEM_CONTEXT] = VTD_CHECK_STALE_CONTEXT,
    [VTD_MEM_PASID_DIR] = VTD_CHECK_STALE_PASID_DIR, [VTD_MEM_PASID_ENTRY] = VTD_CHECK_STALE_PASID,
    [VTD_MEM_FS_ENTRY] = VTD_CHECK_STALE_FS,         [VTD_MEM_SS_ENTRY] = VTD_CHECK_STALE_SS,
    [VTD_MEM_IRTE] = VTD_CHECK_STALE_IRTE,
};

/* The change of an entry of several qwords: those that changed. */
static void describe_change(const struct source *s, char *text, size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < s->count && used < room; i++)
        if (s->key.q[i] != s->now[i] && (s->count > 1 || i == 0))
            used +=
                (size_t)snprintf(text + used, room - used, "%sqword %u was 0x%016llx, is 0x%016llx", used ? "; " : "",
                                 i, (unsigned long long)s->key.q[i], (unsigned long long)s->now[i]);
}

static bool still_differs(const struct vtd_check *check, struct source *s)
{
    uint64_t now[8];
    if (vtd_memory_peek(check->unit, s->key.addr, now, s->count, s->cls, true) && !check_source_differs(s, now))
        s->changed = 0;
    return s->changed != 0;
}

/*
 * What device TLBs, page requests and fault processing may do stands in the context entry and is of no use to other caches
 * than its own (ref 2.3).
 */
static bool is_of_use(const struct shadow *sh, const struct source *s)
{
    const uint64_t own = UINT64_C(1) << VTD_SM_CONTEXT_FPD_LSB | UINT64_C(1) << VTD_SM_CONTEXT_DTE_LSB |
                         UINT64_C(1) << VTD_SM_CONTEXT_PRE_LSB;
    if (s->cls != VTD_MEM_CONTEXT || s->count != VTD_SM_CONTEXT_QWORDS || sh->key.id == VTD_CACHE_CONTEXT)
        return true;
    return ((s->key.q[0] ^ s->now[0]) & ~own) || s->key.q[1] != s->now[1];
}

void check_stale_use(struct vtd_check *check, struct shadow *sh)
{
    char entry[200], owed[512], since[2048], change[600], level[40] = "";
    const char *verb = check->trail.active ? "is used" : "is still there";
    for (unsigned i = 0; i < sh->count && !sh->reported; i++) {
        struct source *s = sh->source[i];
        if (!s->changed || !still_differs(check, s) || !is_of_use(sh, s))
            continue;
        sh->reported = true;
        check_describe(sh, entry);
        check_owed(check, sh, s, owed);
        check_since(check, sh, s, since);
        describe_change(s, change, sizeof change);
        if (s->level)
            snprintf(level, sizeof level, " of level %u", s->level);
        if (s->unflushed)
            check_report(check, VTD_CHECK_CPU_CACHE,
                         "write the lines back from the processor's caches, then invalidate", "",
                         "%s, made of the %s%s at 0x%llx, %s; %s, but for the unit memory is as it was", entry,
                         vtd_mem_class_name(s->cls), level, (unsigned long long)s->key.addr, verb, change);
        else
            check_report(check, by_class[s->cls], owed, since,
                         "%s, made of the %s%s at 0x%llx, %s; %s (changed before wait %llu)", entry,
                         vtd_mem_class_name(s->cls), level, (unsigned long long)s->key.addr, verb, change,
                         (unsigned long long)s->changed);
    }
}
