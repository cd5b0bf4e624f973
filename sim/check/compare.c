/* SPDX-License-Identifier: MIT */
/* Whether a change of a table entry needs an invalidation (ref 6.2, 6.5). */
#include "internal.h"

#include <string.h>

#define FS_RIGHTS     (UINT64_C(1) << 1 | UINT64_C(1) << 2) /* RW, US */
#define FS_XD         (UINT64_C(1) << 63)
#define SS_RIGHTS     (UINT64_C(1) << 0 | UINT64_C(1) << 1) /* R, W */
#define ADDRESS       UINT64_C(0x000ffffffffff000)
#define PAGE_SIZE_BIT (UINT64_C(1) << 7)

/* Bits whose change counts: not those that the unit sets or ignores (ref 2.6, 2.7). */
uint64_t check_significant(uint8_t cls, uint8_t level)
{
    const uint64_t page_size = level == 2 || level == 3 ? PAGE_SIZE_BIT : 0;
    if (cls == VTD_MEM_FS_ENTRY)
        return 1 | FS_RIGHTS | page_size | ADDRESS | FS_XD;
    if (cls == VTD_MEM_SS_ENTRY)
        return SS_RIGHTS | UINT64_C(1) << 2 | page_size | UINT64_C(1) << 11 | ADDRESS;
    return UINT64_MAX;
}

/* Not present: cached under caching mode only (ref 6.2). */
static bool is_absent(const struct source *s, const uint64_t *q)
{
    return s->cls == VTD_MEM_SS_ENTRY ? (q[0] & SS_RIGHTS) == 0 : (q[0] & 1) == 0;
}

/*
 * What became of an absent entry. A table that it now leads to may be empty: then what was cached still holds, and only the
 * invalidation of what was put into the table is owed.
 */
static bool appeared(const struct source *s, const uint64_t *now)
{
    if (is_absent(s, now))
        return false;
    if (s->cls == VTD_MEM_SS_ENTRY)
        return s->level == 1 || (now[0] & PAGE_SIZE_BIT);
    return s->cls == VTD_MEM_PASID_ENTRY || s->cls == VTD_MEM_IRTE;
}

/* Two halves; one that was not present is of no use to the other (ref 2.2). */
static bool root_differs(const struct source *s, const uint64_t *now)
{
    for (unsigned i = 0; i < s->count; i++)
        if ((s->key.q[i] & 1) && s->key.q[i] != now[i])
            return true;
    return false;
}

bool check_source_differs(const struct source *s, const uint64_t *now)
{
    if (s->cls == VTD_MEM_ROOT)
        return root_differs(s, now);
    if (is_absent(s, s->key.q))
        return appeared(s, now);
    if (s->cls != VTD_MEM_FS_ENTRY && s->cls != VTD_MEM_SS_ENTRY)
        return memcmp(s->key.q, now, 8 * s->count) != 0;
    const uint64_t was = s->key.q[0], is = now[0] & check_significant(s->cls, s->level);
    const uint64_t grants = s->cls == VTD_MEM_FS_ENTRY ? FS_RIGHTS : SS_RIGHTS;
    const uint64_t denies = s->cls == VTD_MEM_FS_ENTRY ? FS_XD : 0;
    if ((was ^ is) & ~grants & ~denies)
        return true;
    return (was & ~is & grants) || (is & ~was & denies);
}
