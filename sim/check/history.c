/* SPDX-License-Identifier: MIT */
/* Which invalidation a change asks for (ref 6.5), and which ones software did instead. */
#include "internal.h"

#include <string.h>

#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#define ALL_PAGES UINT64_C(0xffffffffffffffff)

void check_history_add(struct vtd_check *check, const uint64_t *q)
{
    struct retired *r = &check->history[check->retired++ % CHECK_HISTORY];
    *r = (struct retired){.number = check->retired, .q = {q[0], q[1]}};
}

/* ---------------------------------------------------------------- what an entry belongs to */

/* What invalidations select an entry by (ref 6.1), as far as it is known. */
struct tags {
    uint64_t first, last; /* of the range of addresses */
    uint32_t pasid;
    uint16_t did, sid;
    bool has_did, has_pasid, has_sid;
    bool nested, second_stage; /* by PGTT of the PASID entry */
};

static const struct source *find_class(const struct shadow *sh, uint8_t cls)
{
    for (unsigned i = 0; i < sh->count; i++)
        if (sh->source[i]->cls == cls)
            return sh->source[i];
    return NULL;
}

static void tags_of_pasid_entry(const struct source *s, struct tags *t)
{
    const uint64_t pgtt = vtd_pasid_entry_pgtt(s->key.q);
    t->did = (uint16_t)vtd_pasid_entry_did(s->key.q);
    t->has_did = true;
    t->nested = pgtt == 3;
    t->second_stage = pgtt == 2;
}

static void set_range(struct tags *t, uint64_t address, unsigned shift)
{
    t->first = address << shift;
    t->last = t->first + ((UINT64_C(1) << shift) - 1);
}

static struct tags tags_of(const struct shadow *sh)
{
    static const unsigned size_shift[] = {12, 21, 30, 30};
    struct tags t = {.last = ALL_PAGES};
    const struct source *pasid_entry = find_class(sh, VTD_MEM_PASID_ENTRY);
    const struct source *context = find_class(sh, VTD_MEM_CONTEXT);
    if (pasid_entry)
        tags_of_pasid_entry(pasid_entry, &t);
    switch (sh->key.id) {
    case VTD_CACHE_IOTLB:
        t.sid = (uint16_t)sh->key.b;
        t.has_sid = true;
        t.pasid = sh->key.b >> 16 & 0xfffff;
        t.has_pasid = sh->key.b >> 36 & 1;
        if (!t.has_pasid && pasid_entry && context && context->count == 4) {
            t.pasid = (uint32_t)vtd_sm_context_rid_pasid(context->key.q);
            t.has_pasid = true;
        }
        set_range(&t, sh->key.a, size_shift[sh->key.b >> 40 & 3]);
        break;
    case VTD_CACHE_FS_PSC:
    case VTD_CACHE_SS_PSC:
        t.did = (uint16_t)sh->key.b;
        t.has_did = true;
        t.pasid = sh->key.b >> 16 & 0xfffff;
        t.has_pasid = sh->key.id == VTD_CACHE_FS_PSC;
        set_range(&t, sh->key.a, 12 + 9 * ((unsigned)(sh->key.b >> 36 & 7) - 1));
        break;
    case VTD_CACHE_PASID:
        t.pasid = (uint32_t)sh->key.a;
        t.has_pasid = true;
        t.sid = (uint16_t)sh->key.b;
        t.has_sid = true;
        break;
    case VTD_CACHE_PASID_DIR:
        t.sid = (uint16_t)sh->key.b;
        t.has_sid = true;
        break;
    default:
        t.sid = (uint16_t)sh->key.a;
        t.has_sid = true;
        break;
    }
    return t;
}

void check_describe(const struct shadow *sh, char *text)
{
    const struct tags t = tags_of(sh);
    int used = snprintf(text, 200, "the %s entry of ", vtd_cache_name((enum vtd_cache_id)sh->key.id));
    if (sh->key.id == VTD_CACHE_IEC) {
        snprintf(text + used, 200 - (size_t)used, "interrupt index %llu", (unsigned long long)sh->key.a);
        return;
    }
    if (t.has_sid)
        used +=
            snprintf(text + used, 200 - (size_t)used, "device %02x:%02x.%u, ", t.sid >> 8, t.sid >> 3 & 31, t.sid & 7);
    if (t.has_did && sh->key.id != VTD_CACHE_CONTEXT)
        used += snprintf(text + used, 200 - (size_t)used, "domain %u, ", t.did);
    if (t.has_pasid && t.pasid)
        used += snprintf(text + used, 200 - (size_t)used, "PASID %u, ", t.pasid);
    if (t.last != ALL_PAGES)
        used += snprintf(text + used, 200 - (size_t)used, "address 0x%llx, ", (unsigned long long)t.first);
    text[used - 2] = '\0';
}

/* ---------------------------------------------------------------- what is owed */

static void owed_of_context_cache(const struct tags *t, const struct source *s, char *text)
{
    if (s->cls == VTD_MEM_ROOT)
        snprintf(text, 512, "a global context-cache invalidation");
    else
        snprintf(text, 512, "a context-cache invalidation of device %04x", t->sid);
}

static void owed_of_pasid_cache(const struct tags *t, const struct source *s, char *text)
{
    if (s->cls == VTD_MEM_ROOT)
        snprintf(text, 512, "a global PASID-cache invalidation");
    else if (s->cls == VTD_MEM_CONTEXT || !t->has_pasid)
        snprintf(text, 512, "a PASID-cache invalidation of domain %u", t->did);
    else
        snprintf(text, 512, "a PASID-cache invalidation of PASID %u in domain %u", t->pasid, t->did);
}

static void owed_of_tlb(const struct tags *t, const struct source *s, char *text)
{
    const bool by_pasid = s->cls == VTD_MEM_PASID_ENTRY && !t->nested && !t->second_stage;
    if (s->cls == VTD_MEM_ROOT)
        snprintf(text, 512, "a global IOTLB invalidation");
    else if (s->cls == VTD_MEM_FS_ENTRY)
        snprintf(text, 512, "a PASID-based IOTLB invalidation (page 0x%llx, PASID %u, domain %u)%s",
                 (unsigned long long)t->first, t->pasid, t->did, s->level > 1 ? " with IH=0" : "");
    else if (s->cls == VTD_MEM_SS_ENTRY && t->nested)
        snprintf(text, 512, "an IOTLB invalidation of domain %u, or of the guest page in it%s", t->did,
                 s->level > 1 ? " with IH=0" : "");
    else if (s->cls == VTD_MEM_SS_ENTRY)
        snprintf(text, 512, "an IOTLB invalidation (page 0x%llx, domain %u)%s", (unsigned long long)t->first, t->did,
                 s->level > 1 ? " with IH=0" : "");
    else if (by_pasid)
        snprintf(text, 512, "a PASID-based IOTLB invalidation of PASID %u in domain %u", t->pasid, t->did);
    else
        snprintf(text, 512, "an IOTLB invalidation of domain %u", t->did);
}

void check_owed(const struct vtd_check *check, const struct shadow *sh, const struct source *s, char *text)
{
    (void)check;
    const struct tags t = tags_of(sh);
    switch (sh->key.id) {
    case VTD_CACHE_CONTEXT:
        owed_of_context_cache(&t, s, text);
        break;
    case VTD_CACHE_PASID:
    case VTD_CACHE_PASID_DIR:
        owed_of_pasid_cache(&t, s, text);
        break;
    case VTD_CACHE_IEC:
        snprintf(text, 512, "an interrupt-entry-cache invalidation of index %llu", (unsigned long long)sh->key.a);
        break;
    default:
        owed_of_tlb(&t, s, text);
        break;
    }
    strcat(text, ", then a wait");
}

/* ---------------------------------------------------------------- what was done instead */

static int name_of(const uint64_t *q, char *text, size_t room)
{
    static const char *const cc[] = {"?", "global", "domain", "device"};
    static const char *const tlb[] = {"?", "global", "domain", "page"};
    static const char *const pc[] = {"domain", "PASID", "?", "global"};
    switch (q[0] & 0xf) {
    case VTD_TYPE_CC_INV:
        return snprintf(text, room, "context cache, %s, device %04x", cc[vtd_cc_inv_g(q)], (unsigned)vtd_cc_inv_sid(q));
    case VTD_TYPE_IOTLB_INV:
        return snprintf(text, room, "IOTLB, %s, domain %u, 0x%llx, AM %u%s", tlb[vtd_iotlb_inv_g(q)],
                        (unsigned)vtd_iotlb_inv_did(q), (unsigned long long)(vtd_iotlb_inv_addr(q) << 12),
                        (unsigned)vtd_iotlb_inv_am(q), vtd_iotlb_inv_ih(q) ? ", IH" : "");
    case VTD_TYPE_P_IOTLB_INV:
        return snprintf(text, room, "PASID-based IOTLB, %s, domain %u, PASID %u, 0x%llx, AM %u%s",
                        vtd_p_iotlb_inv_g(q) == 3 ? "page" : "PASID", (unsigned)vtd_p_iotlb_inv_did(q),
                        (unsigned)vtd_p_iotlb_inv_pasid(q), (unsigned long long)(vtd_p_iotlb_inv_addr(q) << 12),
                        (unsigned)vtd_p_iotlb_inv_am(q), vtd_p_iotlb_inv_ih(q) ? ", IH" : "");
    case VTD_TYPE_PC_INV:
        return snprintf(text, room, "PASID cache, %s, domain %u, PASID %u", pc[vtd_pc_inv_g(q)],
                        (unsigned)vtd_pc_inv_did(q), (unsigned)vtd_pc_inv_pasid(q));
    default:
        return 0;
    }
}

static bool outside(const struct tags *t, uint64_t page, uint64_t am)
{
    const uint64_t pages = UINT64_C(1) << am;
    const uint64_t first = (page & ~(pages - 1)) << 12;
    return t->last < first || t->first > first + ((pages << 12) - 1);
}

/* Why an invalidation of translations left this one alone; "" if that cannot be told. */
static const char *why_not_tlb(const struct tags *t, const struct shadow *sh, const uint64_t *q)
{
    const bool by_pasid = (q[0] & 0xf) == VTD_TYPE_P_IOTLB_INV;
    const unsigned granularity = (unsigned)vtd_iotlb_inv_g(q);
    const bool page = granularity == 3, hint = vtd_iotlb_inv_ih(q);
    if (granularity != 1 && t->has_did && vtd_iotlb_inv_did(q) != t->did)
        return "another domain";
    if (by_pasid && t->has_pasid && vtd_p_iotlb_inv_pasid(q) != t->pasid)
        return "another PASID";
    if (by_pasid && sh->key.id == VTD_CACHE_SS_PSC)
        return "this type leaves second-stage structure caches alone";
    if (by_pasid && page && t->second_stage)
        return "this type with a page leaves second-stage translations alone";
    if (page && hint && sh->key.id != VTD_CACHE_IOTLB)
        return "IH=1 says that only leaf entries changed";
    if (page && outside(t, vtd_iotlb_inv_addr(q), vtd_iotlb_inv_am(q)))
        return "another range of addresses";
    return "it came before the change, or the entry was made again from the old table";
}

static const char *why_not(const struct tags *t, const struct shadow *sh, const uint64_t *q)
{
    switch (q[0] & 0xf) {
    case VTD_TYPE_CC_INV:
        if (sh->key.id != VTD_CACHE_CONTEXT)
            return NULL;
        return vtd_cc_inv_g(q) == 3 && vtd_cc_inv_sid(q) != t->sid ? "another device" : "it came before the change";
    case VTD_TYPE_PC_INV:
        if (sh->key.id != VTD_CACHE_PASID && sh->key.id != VTD_CACHE_PASID_DIR)
            return NULL;
        if (vtd_pc_inv_g(q) != 3 && t->has_did && vtd_pc_inv_did(q) != t->did)
            return "another domain";
        if (vtd_pc_inv_g(q) == 1 && t->has_pasid && vtd_pc_inv_pasid(q) != t->pasid)
            return "another PASID";
        return "it came before the change";
    case VTD_TYPE_IOTLB_INV:
    case VTD_TYPE_P_IOTLB_INV:
        if (sh->key.id != VTD_CACHE_IOTLB && sh->key.id != VTD_CACHE_FS_PSC && sh->key.id != VTD_CACHE_SS_PSC)
            return NULL;
        return why_not_tlb(t, sh, q);
    default:
        return NULL;
    }
}

void check_since(const struct vtd_check *check, const struct shadow *sh, const struct source *s, char *text)
{
    (void)s;
    const struct tags t = tags_of(sh);
    const uint64_t from = check->retired > CHECK_HISTORY ? check->retired - CHECK_HISTORY : 0;
    size_t used = 0;
    unsigned lines = 0;
    text[0] = '\0';
    /* The latest first; six of them say enough. */
    for (uint64_t n = check->retired; n > sh->since && n > from && lines < 6; n--) {
        const uint64_t *q = check->history[(n - 1) % CHECK_HISTORY].q;
        const char *why = why_not(&t, sh, q);
        if (!why)
            continue;
        used += (size_t)name_of(q, text + used, 2048 - used);
        used += (size_t)snprintf(text + used, 2048 - used, ": %s\n", why);
        lines++;
    }
}
