/* SPDX-License-Identifier: MIT */
/* Domains: what may be created, domain-ids (ref 2.5), tags for invalidation, and mapping ranges. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- domain-ids */

static bool test_bit(const uint64_t *bits, uint32_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

/*
 * Takes the lowest free domain-id. One that an earlier domain had may still tag something in the unit, so it is
 * invalidated before it means something else (ref 6.5 "DID reuse").
 */
static int did_alloc(struct vtd_drv *drv, uint16_t *did)
{
    const uint32_t limit = vtd_drv_did_limit(drv);
    for (uint32_t i = VTD_DRV_DID_FIRST; i < limit; i++) {
        if (drv->did_used[i / 64] == UINT64_MAX) {
            i |= 63;
            continue;
        }
        if (test_bit(drv->did_used, i))
            continue;
        if (test_bit(drv->did_dirty, i)) {
            if (drv->legacy)
                vtd_drv_inv_context_domain(drv, (uint16_t)i);
            vtd_drv_inv_pasid_domain(drv, (uint16_t)i);
            vtd_drv_inv_iotlb_domain(drv, (uint16_t)i);
            const int error = vtd_drv_inv_sync(drv);
            if (error)
                return error;
            drv->did_dirty[i / 64] &= ~(UINT64_C(1) << (i % 64));
        }
        drv->did_used[i / 64] |= UINT64_C(1) << (i % 64);
        *did = (uint16_t)i;
        return 0;
    }
    return -ENOSPC;
}

/* programmed: a PASID entry had it. */
static void did_free(struct vtd_drv *drv, uint16_t did, bool programmed)
{
    if (did < VTD_DRV_DID_FIRST)
        return;
    drv->did_used[did / 64] &= ~(UINT64_C(1) << (did % 64));
    if (programmed)
        drv->did_dirty[did / 64] |= UINT64_C(1) << (did % 64);
}

/* ---------------------------------------------------------------- creation */

static bool is_first_stage(enum vtd_drv_kind kind)
{
    return kind == VTD_DRV_FIRST_STAGE || kind == VTD_DRV_NESTED;
}

/* Arguments that are wrong on any unit. */
static int check_spec(const struct vtd_drv *drv, const struct vtd_drv_domain_spec *s)
{
    const bool nested = s->kind == VTD_DRV_NESTED;
    if (s->max_page_shift != 0 && s->max_page_shift != 12 && s->max_page_shift != 21 && s->max_page_shift != 30)
        return -EINVAL;
    if (nested != (s->parent != NULL) || (s->shared_did && s->kind != VTD_DRV_FIRST_STAGE))
        return -EINVAL;
    if (s->table_offset % VTD_DRV_PAGE != 0 || (s->table_offset && !nested))
        return -EINVAL;
    const int error = vtd_drv_sva_check(drv, s);
    if (error)
        return error;
    if (nested && (s->parent->kind != VTD_DRV_SECOND_STAGE || s->parent->drv != drv))
        return -EINVAL;
    switch (s->kind) {
    case VTD_DRV_FIRST_STAGE:
    case VTD_DRV_NESTED:
        return s->addr_width == 48 || s->addr_width == 57 ? 0 : -EINVAL;
    case VTD_DRV_SECOND_STAGE:
        return s->addr_width == 39 || s->addr_width == 48 || s->addr_width == 57 ? 0 : -EINVAL;
    case VTD_DRV_PASS_THROUGH:
        return s->addr_width == 0 ? 0 : -EINVAL;
    }
    return -EINVAL;
}

/* What this unit lacks (ref 1.2, 1.3). */
static int check_unit(const struct vtd_drv *drv, const struct vtd_drv_domain_spec *s)
{
    bool has = true;
    switch (s->kind) {
    case VTD_DRV_FIRST_STAGE:
        has = vtd_reg_ecap_fsts(drv->ecap) && !drv->legacy;
        break;
    case VTD_DRV_NESTED:
        has = vtd_reg_ecap_nest(drv->ecap) && !drv->legacy;
        break;
    case VTD_DRV_SECOND_STAGE: /* SAGAW: bit 1 is 39, bit 2 is 48, bit 3 is 57 */
        has = (drv->legacy || vtd_reg_ecap_ssts(drv->ecap)) &&
              (vtd_reg_cap_sagaw(drv->cap) >> ((s->addr_width - 30) / 9) & 1);
        break;
    case VTD_DRV_PASS_THROUGH:
        has = vtd_reg_ecap_pt(drv->ecap);
        break;
    }
    if (is_first_stage(s->kind) && s->addr_width == 57 && !vtd_reg_cap_fs5lp(drv->cap))
        has = false;
    return has ? vtd_drv_sva_check_unit(drv, s) : -ENOTSUP;
}

/* Level of the largest leaf that the unit has and the caller allows. */
static uint8_t max_leaf_level(const struct vtd_drv *drv, const struct vtd_drv_domain_spec *s)
{
    unsigned level;
    if (is_first_stage(s->kind))
        level = vtd_reg_cap_fs1gp(drv->cap) ? 3 : 2; /* 2 MiB is mandatory (ref 2.6) */
    else
        level = vtd_reg_cap_sslps(drv->cap) & 2 ? 3 : vtd_reg_cap_sslps(drv->cap) & 1 ? 2 : 1;
    const unsigned wanted = s->max_page_shift ? (s->max_page_shift - 12u) / 9 + 1 : 3;
    return (uint8_t)(wanted < level ? wanted : level);
}

static int domain_init(struct vtd_drv_domain *d, const struct vtd_drv_domain_spec *s)
{
    struct vtd_drv *drv = d->drv;
    d->did = VTD_DRV_DID_SHARED;
    if (s->kind == VTD_DRV_PASS_THROUGH)
        return 0;
    if (!s->shared_did) {
        const int error = did_alloc(drv, &d->did);
        if (error) {
            d->did = VTD_DRV_DID_NONE;
            return error;
        }
    }
    if (s->foreign)
        return 0;
    const int error = vtd_drv_table_new(d, d->levels, &d->root);
    if (!error)
        vtd_drv_table_publish(d, d->root);
    return error;
}

int vtd_drv_domain_create(struct vtd_drv *drv, const struct vtd_drv_domain_spec *spec, struct vtd_drv_domain **domain)
{
    *domain = NULL;
    int error = check_spec(drv, spec);
    if (!error)
        error = check_unit(drv, spec);
    if (error)
        return error;
    struct vtd_drv_domain *d = calloc(1, sizeof(*d));
    if (!d)
        return -ENOMEM;
    d->drv = drv;
    d->kind = spec->kind;
    d->addr_width = spec->addr_width;
    d->levels = (uint8_t)(spec->addr_width ? (spec->addr_width - 12) / 9 : 0);
    d->max_level = max_leaf_level(drv, spec);
    d->first_stage = is_first_stage(spec->kind);
    d->shared_did = spec->shared_did;
    d->parent = spec->parent;
    d->table_offset = spec->table_offset;
    d->foreign = spec->foreign;
    d->foreign_root = spec->foreign_root;
    d->entry_flags = (uint8_t)spec->entry_flags;
    d->pat = spec->pat;
    error = domain_init(d, spec);
    if (error) {
        did_free(drv, d->did, false);
        free(d);
        return error;
    }
    if (d->parent) {
        d->next_sibling = d->parent->first_child;
        d->parent->first_child = d;
    }
    d->next = drv->domains;
    if (d->next)
        d->next->prev = d;
    drv->domains = d;
    *domain = d;
    return 0;
}

static void leave_parent(struct vtd_drv_domain *d)
{
    struct vtd_drv_domain **link = &d->parent->first_child;
    while (*link != d)
        link = &(*link)->next_sibling;
    *link = d->next_sibling;
}

void vtd_drv_domain_free(struct vtd_drv_domain *d)
{
    struct vtd_drv *drv = d->drv;
    if (d->root)
        vtd_drv_table_free(d, d->root);
    if (d->parent)
        leave_parent(d);
    did_free(drv, d->did, d->programmed);
    if (d->prev)
        d->prev->next = d->next;
    else
        drv->domains = d->next;
    if (d->next)
        d->next->prev = d->prev;
    free(d->tags);
    free(d);
}

int vtd_drv_domain_destroy(struct vtd_drv_domain *domain)
{
    if (!domain)
        return 0;
    if (domain->attachments || domain->first_child)
        return -EBUSY;
    vtd_drv_domain_free(domain);
    return 0;
}

uint16_t vtd_drv_domain_id(const struct vtd_drv_domain *domain)
{
    return domain->did;
}

/* ---------------------------------------------------------------- tags */

/* Where {did, pasid} is or belongs. */
static size_t tag_find(const struct vtd_drv_domain *d, uint16_t did, uint32_t pasid, bool *found)
{
    size_t lo = 0, hi = d->tag_count;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const struct vtd_drv_tag *t = &d->tags[mid];
        if (t->did < did || (t->did == did && t->pasid < pasid))
            lo = mid + 1;
        else
            hi = mid;
    }
    *found = lo < d->tag_count && d->tags[lo].did == did && d->tags[lo].pasid == pasid;
    return lo;
}

static int tag_get(struct vtd_drv_domain *d, uint16_t did, uint32_t pasid)
{
    bool found;
    const size_t i = tag_find(d, did, pasid, &found);
    if (found) {
        d->tags[i].users++;
        return 0;
    }
    if (d->tag_count == d->tag_capacity) {
        const size_t capacity = d->tag_capacity ? 2 * d->tag_capacity : 1;
        struct vtd_drv_tag *tags = realloc(d->tags, capacity * sizeof(*tags));
        if (!tags)
            return -ENOMEM;
        d->tags = tags;
        d->tag_capacity = capacity;
    }
    memmove(&d->tags[i + 1], &d->tags[i], (d->tag_count - i) * sizeof(*d->tags));
    d->tags[i] = (struct vtd_drv_tag){.users = 1, .did = did, .pasid = pasid};
    d->tag_count++;
    return 0;
}

static void tag_put(struct vtd_drv_domain *d, uint16_t did, uint32_t pasid)
{
    bool found;
    const size_t i = tag_find(d, did, pasid, &found);
    if (!found || --d->tags[i].users > 0)
        return;
    d->tag_count--;
    memmove(&d->tags[i], &d->tags[i + 1], (d->tag_count - i) * sizeof(*d->tags));
}

int vtd_drv_domain_tag(struct vtd_drv_domain *domain, uint32_t pasid)
{
    int error = 0;
    if (domain->parent) /* translations of the nested domain hold results of the parent, under the nested domain-id */
        error = tag_get(domain->parent, domain->did, 0);
    if (error)
        return error;
    error = tag_get(domain, domain->did, domain->first_stage ? pasid : 0);
    if (error && domain->parent)
        tag_put(domain->parent, domain->did, 0);
    if (error)
        return error;
    domain->attachments++;
    domain->programmed = true;
    return 0;
}

void vtd_drv_domain_untag(struct vtd_drv_domain *domain, uint32_t pasid)
{
    tag_put(domain, domain->did, domain->first_stage ? pasid : 0);
    if (domain->parent)
        tag_put(domain->parent, domain->did, 0);
    domain->attachments--;
}

/* ---------------------------------------------------------------- mapping */

uint64_t vtd_drv_ss_limit(const struct vtd_drv_domain *domain)
{
    const unsigned mgaw = (unsigned)vtd_reg_cap_mgaw(domain->drv->cap) + 1;
    return UINT64_C(1) << (domain->addr_width < mgaw ? domain->addr_width : mgaw);
}

/* First-stage addresses are canonical (ref 4.3). */
bool vtd_drv_domain_has(const struct vtd_drv_domain *domain, uint64_t first, uint64_t last)
{
    if (last < first)
        return false;
    if (domain->kind == VTD_DRV_PASS_THROUGH)
        return true;
    if (!domain->first_stage)
        return last < vtd_drv_ss_limit(domain);
    const uint64_t half = UINT64_C(1) << (domain->addr_width - 1);
    return last < half || first >= -half;
}

static bool good_output(const struct vtd_drv_domain *domain, uint64_t first, uint64_t last)
{
    if (last < first)
        return false;
    const unsigned haw = domain->drv->options.haw;
    return domain->parent ? last < vtd_drv_ss_limit(domain->parent) : last < UINT64_C(1) << haw;
}

/* The part of an address that the tables look at. */
static uint64_t table_input(const struct vtd_drv_domain *domain, uint64_t addr)
{
    return addr & ((UINT64_C(1) << domain->addr_width) - 1);
}

int vtd_drv_map(struct vtd_drv_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned prot)
{
    if (!domain->root || size == 0 || (iova | pa | size) % VTD_DRV_PAGE != 0)
        return -EINVAL;
    if (domain->first_stage ? !(prot & VTD_DRV_READ) || prot > 7 : prot == 0 || prot > 3)
        return -EINVAL;
    if (!vtd_drv_domain_has(domain, iova, iova + (size - 1)) || !good_output(domain, pa, pa + (size - 1)))
        return -ERANGE;
    const uint64_t first = table_input(domain, iova);
    const uint64_t last = first + (size - 1);
    if (vtd_drv_table_overlaps(domain->root, first, last))
        return -EEXIST;
    domain->new_tables = false;
    int error = vtd_drv_table_map(domain, domain->root, first, last, pa, prot);
    if (error) {
        vtd_drv_unmap(domain, iova, size);
        return error;
    }
    /*
     * From not present to present: only a unit in caching mode may hold something, and never of the first stage (ref
     * 6.5).
     */
    if (vtd_drv_caching_mode(domain->drv) && !domain->first_stage) {
        vtd_drv_inv_range(domain, first, last, !domain->new_tables);
        return vtd_drv_inv_sync(domain->drv);
    }
    return vtd_drv_write_buffer(domain->drv);
}

/* Unmaps what is mapped in first..last of the tables. */
static int64_t unmap(struct vtd_drv_domain *domain, uint64_t first, uint64_t last)
{
    struct vtd_drv_gather gather = {0};
    const int error = vtd_drv_table_unmap(domain, domain->root, first, last, &gather);
    vtd_drv_gather_sync(domain, &gather); /* also after an error: what is gone must be gone in the caches */
    const int second = vtd_drv_write_buffer(domain->drv); /* what remains of a page that was split */
    if (error || second)
        return error ? error : second;
    return gather.error ? gather.error : gather.unmapped;
}

int64_t vtd_drv_unmap(struct vtd_drv_domain *domain, uint64_t iova, uint64_t size)
{
    if (!domain->root || size == 0 || (iova | size) % VTD_DRV_PAGE != 0)
        return -EINVAL;
    if (!vtd_drv_domain_has(domain, iova, iova + (size - 1)))
        return -ERANGE;
    const uint64_t first = table_input(domain, iova);
    return unmap(domain, first, first + (size - 1));
}

int64_t vtd_drv_unmap_all(struct vtd_drv_domain *domain)
{
    if (!domain->root)
        return -EINVAL;
    if (domain->first_child)
        return -EBUSY;
    return unmap(domain, 0, (UINT64_C(1) << domain->addr_width) - 1);
}
