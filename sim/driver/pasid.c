/* SPDX-License-Identifier: MIT */
/* PASID directory and table entries (ref 2.4, 2.5): attaching domains, and the space of PASIDs. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 1024, /* PASIDs per piece of vtd_drv_pasids.use */
    MAX_PASIDS = 1 << 20,
};

/* ---------------------------------------------------------------- PASIDs over all devices */

/* What is known of a PASID; NULL when memory is out. */
static struct vtd_drv_pasid_use *pasid_use(struct vtd_drv *drv, uint32_t pasid)
{
    struct vtd_drv_pasids *p = &drv->pasids;
    if (!p->use)
        p->use = calloc(MAX_PASIDS / CHUNK, sizeof(*p->use));
    if (!p->use)
        return NULL;
    struct vtd_drv_pasid_use **chunk = &p->use[pasid / CHUNK];
    if (!*chunk)
        *chunk = calloc(CHUNK, sizeof(**chunk));
    return *chunk ? &(*chunk)[pasid % CHUNK] : NULL;
}

static bool pasid_in_use(const struct vtd_drv *drv, uint32_t pasid)
{
    const struct vtd_drv_pasids *p = &drv->pasids;
    return p->use && p->use[pasid / CHUNK] && p->use[pasid / CHUNK][pasid % CHUNK].users > 0;
}

static bool is_allocated(const struct vtd_drv_pasids *p, uint32_t pasid)
{
    return p->allocated[pasid / 64] >> (pasid % 64) & 1;
}

/* A PASID of the host (ref 9). One that cannot be used goes back at once. */
static int alloc_by_host(struct vtd_drv *drv, uint32_t limit, uint32_t *pasid)
{
    struct vtd_drv_pasids *p = &drv->pasids;
    uint32_t got;
    int error = vtd_drv_vcmd_alloc(drv, &got);
    if (error)
        return error;
    if (got >= limit || is_allocated(p, got))
        error = -EIO; /* 0 too: it is RID_PASID */
    else if (pasid_in_use(drv, got))
        error = -EBUSY;
    if (error) {
        vtd_drv_vcmd_free(drv, got);
        return error;
    }
    p->allocated[got / 64] |= UINT64_C(1) << (got % 64);
    *pasid = got;
    return 0;
}

int vtd_drv_pasid_alloc(struct vtd_drv *drv, uint32_t *pasid)
{
    struct vtd_drv_pasids *p = &drv->pasids;
    const unsigned bits = vtd_drv_pasid_bits(drv);
    if (bits == 0)
        return -ENOTSUP;
    if (!p->allocated) {
        p->allocated = calloc(MAX_PASIDS / 64, sizeof(*p->allocated));
        if (!p->allocated)
            return -ENOMEM;
        p->allocated[0] = 1; /* RID_PASID */
    }
    const uint32_t limit = 1u << bits;
    if (vtd_drv_vcmd_present(drv))
        return alloc_by_host(drv, limit, pasid);
    uint32_t word = p->first_word;
    while (word < MAX_PASIDS / 64 && p->allocated[word] == UINT64_MAX)
        word++;
    p->first_word = word;
    for (uint32_t i = word * 64; i < limit; i++) {
        if (is_allocated(p, i) || pasid_in_use(drv, i))
            continue;
        p->allocated[i / 64] |= UINT64_C(1) << (i % 64);
        *pasid = i;
        return 0;
    }
    return -ENOSPC;
}

int vtd_drv_pasid_free(struct vtd_drv *drv, uint32_t pasid)
{
    struct vtd_drv_pasids *p = &drv->pasids;
    if (pasid == VTD_DRV_RID_PASID || pasid >= MAX_PASIDS)
        return -EINVAL;
    if (!p->allocated || !is_allocated(p, pasid))
        return -ENOENT;
    if (pasid_in_use(drv, pasid))
        return -EBUSY;
    p->allocated[pasid / 64] &= ~(UINT64_C(1) << (pasid % 64));
    if (pasid / 64 < p->first_word)
        p->first_word = pasid / 64;
    return vtd_drv_vcmd_present(drv) ? vtd_drv_vcmd_free(drv, pasid) : 0;
}

void vtd_drv_pasids_free(struct vtd_drv *drv)
{
    struct vtd_drv_pasids *p = &drv->pasids;
    int error = p->allocated && vtd_drv_vcmd_present(drv) ? 0 : -ENOENT;
    for (uint32_t i = 1; i < MAX_PASIDS && !error; i++) /* what the host gave goes back, unless it stops answering */
        if (is_allocated(p, i))
            error = vtd_drv_vcmd_free(drv, i);
    for (unsigned i = 0; p->use && i < MAX_PASIDS / CHUNK; i++)
        free(p->use[i]);
    free(p->use);
    free(p->allocated);
    *p = (struct vtd_drv_pasids){0};
}

/* ---------------------------------------------------------------- entries */

/* The entry for a domain (ref 2.5). */
static void encode(const struct vtd_drv *drv, const struct vtd_drv_domain *d, uint64_t *q)
{
    static const uint8_t pgtt[] = {
        [VTD_DRV_FIRST_STAGE] = VTD_PGTT_FIRST_STAGE,
        [VTD_DRV_SECOND_STAGE] = VTD_PGTT_SECOND_STAGE,
        [VTD_DRV_NESTED] = VTD_PGTT_NESTED,
        [VTD_DRV_PASS_THROUGH] = VTD_PGTT_PASS_THROUGH,
    };
    struct vtd_pasid_spec spec = {
        .pgtt = pgtt[d->kind],
        .did = d->did,
        .pwsnp = vtd_reg_ecap_smpwcs(drv->ecap),
        .sre = vtd_reg_ecap_srs(drv->ecap), /* in entries of all kinds, as Linux does */
        .wpe = d->first_stage && vtd_reg_ecap_srs(drv->ecap),
    };
    if (d->foreign) { /* its owner decides */
        spec.sre = d->entry_flags & VTD_DRV_ENTRY_SRE;
        spec.wpe = d->entry_flags & VTD_DRV_ENTRY_WPE;
        spec.eafe = d->entry_flags & VTD_DRV_ENTRY_EAFE;
        spec.cd = d->entry_flags & VTD_DRV_ENTRY_CD;
        spec.emte = d->entry_flags & VTD_DRV_ENTRY_EMTE;
        spec.pat = d->pat;
    }
    const struct vtd_drv_domain *ss = d->kind == VTD_DRV_NESTED ? d->parent : d;
    if (d->first_stage) {
        spec.fs_levels = d->levels;
        spec.fs_root = d->foreign ? d->foreign_root : vtd_drv_table_addr(d, d->root);
    }
    if (ss->kind == VTD_DRV_SECOND_STAGE) {
        spec.ss_levels = ss->levels;
        spec.ss_root = ss->root->dma;
        spec.ssade = drv->options.ss_ad;
    }
    vtd_encode_pasid_entry(q, &spec);
}

uint64_t *vtd_drv_pasid_entry(const struct vtd_drv_device *device, uint32_t pasid)
{
    return device->page[pasid / 64]->entry + (size_t)(pasid % 64) * VTD_PASID_ENTRY_QWORDS;
}

/* The low qword, with P, goes last. The entry is a cache line, so one flush does. */
static void write_entry(struct vtd_drv *drv, uint64_t *entry, const uint64_t *q)
{
    for (unsigned i = 1; i < VTD_PASID_ENTRY_QWORDS; i++)
        vtd_drv_store(&entry[i], q[i]);
    vtd_drv_wmb(drv);
    vtd_drv_store(&entry[0], q[0]);
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, VTD_PASID_ENTRY_BYTES);
}

/* What a domain needs that an entry no longer refers to (ref 6.5); code answers page requests that are still about. */
static int invalidate_entry(struct vtd_drv *drv, struct vtd_drv_device *device, const struct vtd_drv_domain *domain,
                            uint32_t pasid, enum vtd_drv_page_answer code)
{
    vtd_drv_inv_entry(drv, domain, pasid);
    vtd_drv_dtlb_one(drv, device, pasid);
    const int error = vtd_drv_inv_sync(drv);
    const int second = device->ats.pri ? vtd_drv_prq_drain(drv, device, pasid, domain, code) : 0;
    return error ? error : second;
}

/* Takes an entry down in the order of ref 2.5: P, invalidation, the rest. */
static int clear_entry(struct vtd_drv *drv, struct vtd_drv_device *device, const struct vtd_drv_domain *domain,
                       uint32_t pasid, enum vtd_drv_page_answer code)
{
    uint64_t *entry = vtd_drv_pasid_entry(device, pasid);
    vtd_drv_store(&entry[0], vtd_drv_load(&entry[0]) & ~UINT64_C(1));
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, VTD_PASID_ENTRY_BYTES);
    const int error = invalidate_entry(drv, device, domain, pasid, code);
    for (unsigned i = 0; i < VTD_PASID_ENTRY_QWORDS; i++)
        vtd_drv_store(&entry[i], 0);
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, VTD_PASID_ENTRY_BYTES);
    return error;
}

/*
 * What an entry that was not present needs when it becomes present: only in caching mode, tagged with domain 0 (ref
 * 6.2).
 */
static int entry_now_present(struct vtd_drv *drv, uint32_t pasid, bool linked)
{
    if (vtd_drv_caching_mode(drv) && linked) {
        vtd_drv_inv_pasid_domain(drv, VTD_DRV_DID_NONE);
        vtd_drv_inv_iotlb_domain(drv, VTD_DRV_DID_NONE);
    } else if (vtd_drv_caching_mode(drv)) {
        vtd_drv_inv_pasid_one(drv, VTD_DRV_DID_NONE, pasid);
        vtd_drv_inv_iotlb_pasid(drv, VTD_DRV_DID_NONE, pasid);
    }
    return vtd_drv_inv_sync(drv);
}

/* Makes the PASID table page; it is linked to the directory by link_page, when its entry is written. */
static int make_page(struct vtd_drv *drv, struct vtd_drv_device *device, uint32_t pasid, bool *made)
{
    struct vtd_drv_pasid_page **slot = &device->page[pasid / 64];
    *made = false;
    if (*slot)
        return 0;
    struct vtd_drv_pasid_page *page = calloc(1, sizeof(*page));
    if (!page)
        return -ENOMEM;
    page->entry = drv->bus.dma_alloc(drv->bus.opaque, 0, &page->dma);
    if (!page->entry) {
        free(page);
        return -ENOMEM;
    }
    *slot = page;
    *made = true;
    return 0;
}

static void link_page(struct vtd_drv *drv, struct vtd_drv_device *device, uint32_t pasid)
{
    struct vtd_drv_pasid_page *page = device->page[pasid / 64];
    uint64_t *entry = &device->directory[pasid / 64];
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), page->entry, VTD_DRV_PAGE);
    vtd_drv_store(entry, vtd_encode_pointer(page->dma));
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, sizeof(*entry));
}

/* ---------------------------------------------------------------- attach */

/* Whether the domain may have this PASID (see vtd_drv_domain_create), in place of old if that is not NULL. */
static int check_sharing(struct vtd_drv *drv, uint32_t pasid, const struct vtd_drv_domain *domain,
                         const struct vtd_drv_domain *old)
{
    if (!domain->shared_did)
        return 0;
    if (pasid == VTD_DRV_RID_PASID)
        return -EINVAL;
    const struct vtd_drv_pasid_use *use = pasid_use(drv, pasid);
    if (!use)
        return -ENOMEM;
    const bool only_old = use->shared == old && use->shared_users == 1;
    return use->shared && use->shared != domain && !only_old ? -EBUSY : 0;
}

/* Counts an attachment; the reverse. */
static int hold(struct vtd_drv *drv, uint32_t pasid, struct vtd_drv_domain *domain)
{
    struct vtd_drv_pasid_use *use = pasid_use(drv, pasid);
    if (!use)
        return -ENOMEM;
    const int error = vtd_drv_domain_tag(domain, pasid);
    if (error)
        return error;
    use->users++;
    if (domain->shared_did) {
        use->shared = domain;
        use->shared_users++;
    }
    return 0;
}

static void release(struct vtd_drv *drv, uint32_t pasid, struct vtd_drv_domain *domain)
{
    struct vtd_drv_pasid_use *use = pasid_use(drv, pasid);
    use->users--;
    if (domain->shared_did && --use->shared_users == 0)
        use->shared = NULL;
    vtd_drv_domain_untag(domain, pasid);
}

struct vtd_drv_domain *vtd_drv_attached(const struct vtd_drv *drv, uint16_t sid, uint32_t pasid)
{
    const struct vtd_drv_device *device = vtd_drv_device_find(drv, sid);
    if (!device || pasid >= device->pasid_limit || !device->page[pasid / 64])
        return NULL;
    return device->page[pasid / 64]->domain[pasid % 64];
}

int vtd_drv_attach(struct vtd_drv *drv, uint16_t sid, uint32_t pasid, struct vtd_drv_domain *domain)
{
    if (!domain || domain->drv != drv || domain->released)
        return -EINVAL;
    int error = 0;
    if (!vtd_drv_device_find(drv, sid))
        error = vtd_drv_device_add(drv, sid, drv->options.pasid_bits);
    if (error)
        return error;
    struct vtd_drv_device *device = vtd_drv_device_find(drv, sid);
    if (drv->legacy)
        return pasid == VTD_DRV_RID_PASID ? vtd_drv_legacy_attach(drv, device, domain) : -ENOTSUP;
    if (pasid >= device->pasid_limit)
        return -EINVAL;
    if (vtd_drv_attached(drv, sid, pasid))
        return -EBUSY;
    error = check_sharing(drv, pasid, domain, NULL);
    bool made;
    if (!error)
        error = make_page(drv, device, pasid, &made);
    if (error)
        return error;
    error = hold(drv, pasid, domain);
    if (!error) {
        uint64_t q[VTD_PASID_ENTRY_QWORDS];
        encode(drv, domain, q);
        write_entry(drv, vtd_drv_pasid_entry(device, pasid), q);
        device->page[pasid / 64]->domain[pasid % 64] = domain;
        vtd_drv_user_add(domain, device, pasid);
        device->attachments++;
    }
    if (made)
        link_page(drv, device, pasid);
    return error ? error : entry_now_present(drv, pasid, made);
}

int vtd_drv_detach(struct vtd_drv *drv, uint16_t sid, uint32_t pasid)
{
    struct vtd_drv_domain *domain = vtd_drv_attached(drv, sid, pasid);
    if (!domain)
        return -ENOENT;
    struct vtd_drv_device *device = vtd_drv_device_find(drv, sid);
    if (drv->legacy)
        return vtd_drv_legacy_detach(drv, device);
    const int error = clear_entry(drv, device, domain, pasid, VTD_DRV_PAGE_INVALID);
    device->page[pasid / 64]->domain[pasid % 64] = NULL;
    vtd_drv_user_remove(domain, device, pasid);
    device->attachments--;
    release(drv, pasid, domain);
    return error;
}

/*
 * Changes a present entry without a gap if one store does it: 16 bytes of the first half (PGTT, SSPTPTR, DID, which
 * belong together), or the qword of the first-stage root. Returns whether it did.
 */
static bool write_in_place(struct vtd_drv *drv, uint64_t *entry, const uint64_t *q)
{
    const bool low = entry[0] != q[0] || entry[1] != q[1];
    const bool first_stage = entry[2] != q[2];
    if (low && (first_stage || !drv->bus.store128))
        return false;
    if (low)
        drv->bus.store128(drv->bus.opaque, entry, q[0], q[1]);
    else if (first_stage)
        vtd_drv_store(&entry[2], q[2]);
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, VTD_PASID_ENTRY_BYTES);
    return true;
}

int vtd_drv_replace(struct vtd_drv *drv, uint16_t sid, uint32_t pasid, struct vtd_drv_domain *domain)
{
    struct vtd_drv_domain *old = vtd_drv_attached(drv, sid, pasid);
    if (!old)
        return -ENOENT;
    if (!domain || domain->drv != drv || domain->released)
        return -EINVAL;
    if (domain == old)
        return 0;
    struct vtd_drv_device *device = vtd_drv_device_find(drv, sid);
    if (drv->legacy)
        return vtd_drv_legacy_replace(drv, device, domain);
    int error = check_sharing(drv, pasid, domain, old);
    if (!error)
        error = hold(drv, pasid, domain);
    if (error)
        return error;
    uint64_t *entry = vtd_drv_pasid_entry(device, pasid);
    uint64_t q[VTD_PASID_ENTRY_QWORDS];
    encode(drv, domain, q);
    if (write_in_place(drv, entry, q)) {
        error = invalidate_entry(drv, device, old, pasid, VTD_DRV_PAGE_SUCCESS);
    } else {
        error = clear_entry(drv, device, old, pasid, VTD_DRV_PAGE_SUCCESS);
        write_entry(drv, entry, q);
        const int second = entry_now_present(drv, pasid, false);
        error = error ? error : second;
    }
    device->page[pasid / 64]->domain[pasid % 64] = domain;
    vtd_drv_user_remove(old, device, pasid);
    vtd_drv_user_add(domain, device, pasid);
    release(drv, pasid, old);
    return error;
}
