/* SPDX-License-Identifier: MIT */
/* Address spaces of guests. See vtd_driver_gpasid.h; the errors are those of Linux (ref 9). */
#include "internal.h"

#include <errno.h>
#include <stddef.h>

enum {
    MAX_PASIDS = 1 << 20,
};

#define BIND_FLAGS                                                                                                     \
    (VTD_DRV_GPASID_VTD_SRE | VTD_DRV_GPASID_VTD_EAFE | VTD_DRV_GPASID_VTD_PCD | VTD_DRV_GPASID_VTD_PWT |              \
     VTD_DRV_GPASID_VTD_EMTE | VTD_DRV_GPASID_VTD_CD | VTD_DRV_GPASID_VTD_WPE)

static bool all_zero(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i])
            return false;
    return true;
}

/* ---------------------------------------------------------------- the core */

/* A nested domain over the memory of a virtual machine. The spec has everything but kind, parent and foreign. */
static int make_nested(struct vtd_drv *drv, struct vtd_drv_domain *parent, struct vtd_drv_domain_spec *spec,
                       struct vtd_drv_domain **domain)
{
    spec->kind = VTD_DRV_NESTED;
    spec->parent = parent;
    spec->foreign = true;
    if (!(spec->entry_flags & VTD_DRV_ENTRY_SRE))
        spec->entry_flags &= ~(unsigned)VTD_DRV_ENTRY_WPE;
    const int error = vtd_drv_domain_create(drv, spec, domain);
    /* To the caller, a field that this unit cannot have is as bad as one that none can have. */
    return error == -ENOTSUP || error == -ERANGE ? -EINVAL : error;
}

/* ---------------------------------------------------------------- bind */

/* What is wrong whatever device and unit it is for. */
static int check_bind(const struct vtd_drv_gpasid_bind_data *d)
{
    if (d->argsz < sizeof(*d) || d->version != VTD_DRV_GPASID_VERSION || d->format != VTD_DRV_GPASID_FORMAT_VTD)
        return -EINVAL;
    if ((d->flags & ~VTD_DRV_GPASID_FLAG_GPASID) || !all_zero(d->padding, sizeof(d->padding)))
        return -EINVAL;
    if (d->vtd.flags & ~BIND_FLAGS)
        return -EINVAL;
    return d->hpasid > 0 && d->hpasid < MAX_PASIDS ? 0 : -EINVAL;
}

/* The memory of the virtual machine that has the device; NULL when it is in none. */
static struct vtd_drv_domain *memory_of(const struct vtd_drv *drv, uint16_t sid)
{
    struct vtd_drv_domain *domain = vtd_drv_attached(drv, sid, VTD_DRV_RID_PASID);
    if (domain && domain->kind == VTD_DRV_NESTED)
        domain = domain->parent;
    return domain && domain->kind == VTD_DRV_SECOND_STAGE ? domain : NULL;
}

/* The fields that the guest decides on; -EINVAL for those that the unit, or the layout of its entries, has not. */
static int entry_of(const struct vtd_drv *drv, const struct vtd_drv_gpasid_bind_data *d,
                    struct vtd_drv_domain_spec *spec)
{
    const uint64_t flags = d->vtd.flags;
    if (flags & (VTD_DRV_GPASID_VTD_PCD | VTD_DRV_GPASID_VTD_PWT))
        return -EINVAL;
    if ((flags & VTD_DRV_GPASID_VTD_EMTE) && d->vtd.emt)
        return -EINVAL;
    if (d->addr_width != 48 && d->addr_width != 57)
        return -EINVAL;
    *spec = (struct vtd_drv_domain_spec){.addr_width = (uint8_t)d->addr_width, .foreign_root = d->gpgd};
    spec->entry_flags = (flags & VTD_DRV_GPASID_VTD_SRE ? VTD_DRV_ENTRY_SRE : 0u) |
                        (flags & VTD_DRV_GPASID_VTD_EAFE ? VTD_DRV_ENTRY_EAFE : 0u) |
                        (flags & VTD_DRV_GPASID_VTD_WPE ? VTD_DRV_ENTRY_WPE : 0u) |
                        (flags & VTD_DRV_GPASID_VTD_CD ? VTD_DRV_ENTRY_CD : 0u) |
                        (flags & VTD_DRV_GPASID_VTD_EMTE ? VTD_DRV_ENTRY_EMTE : 0u);
    if (vtd_reg_ecap_mts(drv->ecap))
        spec->pat = d->vtd.pat;
    return 0;
}

int vtd_drv_sva_bind_gpasid(struct vtd_drv *drv, uint16_t sid, const struct vtd_drv_gpasid_bind_data *data)
{
    return vtd_drv_sva_bind_gpasid_over(drv, memory_of(drv, sid), sid, data);
}

int vtd_drv_sva_bind_gpasid_over(struct vtd_drv *drv, struct vtd_drv_domain *memory, uint16_t sid,
                                 const struct vtd_drv_gpasid_bind_data *data)
{
    if (!data)
        return -EINVAL;
    const struct vtd_drv_gpasid_bind_data d = *data;
    const struct vtd_drv_device *device = vtd_drv_device_find(drv, sid);
    int error = check_bind(&d);
    if (error)
        return error;
    if (!device || drv->legacy || device->pasid_limit != MAX_PASIDS)
        return -EINVAL;
    const uint32_t pasid = (uint32_t)d.hpasid;
    if (vtd_drv_attached(drv, sid, pasid))
        return -EBUSY;
    struct vtd_drv_domain_spec spec;
    error = entry_of(drv, &d, &spec);
    if (error || !memory || memory->drv != drv || memory->kind != VTD_DRV_SECOND_STAGE)
        return -EINVAL;
    struct vtd_drv_domain *domain;
    error = make_nested(drv, memory, &spec, &domain);
    if (error)
        return error;
    domain->bound = true;
    domain->has_gpasid = d.flags & VTD_DRV_GPASID_FLAG_GPASID;
    domain->gpasid = (uint32_t)d.gpasid;
    error = vtd_drv_attach(drv, sid, pasid, domain);
    if (error && vtd_drv_attached(drv, sid, pasid)) /* the unit did not answer: take back what can be */
        vtd_drv_detach(drv, sid, pasid);
    if (error)
        vtd_drv_domain_destroy(domain);
    return error;
}

/* The domain that a bind made for a PASID of a device; NULL when there is none. */
static struct vtd_drv_domain *bound(const struct vtd_drv *drv, uint16_t sid, uint64_t hpasid)
{
    if (hpasid >= MAX_PASIDS)
        return NULL;
    struct vtd_drv_domain *domain = vtd_drv_attached(drv, sid, (uint32_t)hpasid);
    return domain && domain->bound ? domain : NULL;
}

int vtd_drv_sva_unbind_gpasid(struct vtd_drv *drv, uint16_t sid, uint64_t hpasid)
{
    if (hpasid == VTD_DRV_RID_PASID || hpasid >= MAX_PASIDS)
        return -EINVAL;
    struct vtd_drv_domain *domain = bound(drv, sid, hpasid);
    if (!domain)
        return -ENOENT;
    const int error = vtd_drv_detach(drv, sid, (uint32_t)hpasid);
    vtd_drv_domain_destroy(domain);
    return error;
}

int vtd_drv_sva_gpasid(const struct vtd_drv *drv, uint16_t sid, uint32_t hpasid, uint32_t *gpasid)
{
    const struct vtd_drv_domain *domain = bound(drv, sid, hpasid);
    if (!domain)
        return -ENOENT;
    *gpasid = domain->has_gpasid ? domain->gpasid : hpasid;
    return 0;
}

/* ---------------------------------------------------------------- invalidation */

static int check_invalidation(const struct vtd_drv_cache_invalidate_info *i)
{
    const unsigned caches = VTD_DRV_CACHE_IOTLB | VTD_DRV_CACHE_DEV_IOTLB | VTD_DRV_CACHE_PASID;
    const bool by_address = i->granularity == VTD_DRV_GRANU_ADDR;
    if (i->argsz < sizeof(*i) || i->version != VTD_DRV_GPASID_VERSION || !all_zero(i->padding, sizeof(i->padding)))
        return -EINVAL;
    if (!i->cache || (i->cache & ~caches) || (by_address && (i->cache & VTD_DRV_CACHE_PASID)))
        return -EINVAL;
    if (!by_address && i->granularity != VTD_DRV_GRANU_PASID) /* the domain: no cache has that here */
        return -EINVAL;
    const unsigned flags =
        VTD_DRV_GRANU_FLAG_PASID | VTD_DRV_GRANU_FLAG_ARCHID | (by_address ? VTD_DRV_GRANU_FLAG_LEAF : 0u);
    return (i->granu.flags & ~flags) || !(i->granu.flags & VTD_DRV_GRANU_FLAG_PASID) ? -EINVAL : 0;
}

/* The bytes of an invalidation by address; 0: more than there are. */
static uint64_t bytes_of(const struct vtd_drv_cache_invalidate_info *i)
{
    uint64_t size;
    if (__builtin_mul_overflow(i->granu.granule_size, i->granu.nb_granules, &size))
        return 0;
    return size < VTD_DRV_PAGE ? VTD_DRV_PAGE : size;
}

/* Device TLBs only: [addr, addr + size), or with size 0 everything. */
static int invalidate_devices(struct vtd_drv_domain *domain, uint64_t addr, uint64_t size)
{
    const uint64_t all = (UINT64_C(1) << domain->addr_width) - 1;
    uint64_t first = 0, last = all;
    if (size) {
        const uint64_t end = (addr + (size - 1)) | (VTD_DRV_PAGE - 1);
        addr &= ~(VTD_DRV_PAGE - 1);
        if (!vtd_drv_domain_has(domain, addr, end))
            return -EINVAL;
        first = addr & all;
        last = first + (end - addr);
    }
    vtd_drv_dtlb_range(domain, first, last);
    return vtd_drv_inv_sync(domain->drv);
}

int vtd_drv_sva_cache_invalidate(struct vtd_drv *drv, uint16_t sid, const struct vtd_drv_cache_invalidate_info *info)
{
    if (!info)
        return -EINVAL;
    const struct vtd_drv_cache_invalidate_info i = *info;
    int error = check_invalidation(&i);
    if (error)
        return error;
    struct vtd_drv_domain *domain = bound(drv, sid, i.granu.pasid);
    if (!domain)
        return -ENOENT;
    uint64_t addr = 0, size = 0;
    if (i.granularity == VTD_DRV_GRANU_ADDR) {
        addr = i.granu.addr;
        size = bytes_of(&i);
        if (size == 0)
            return -EINVAL;
    }
    const unsigned leaf = i.granu.flags & VTD_DRV_GRANU_FLAG_LEAF ? VTD_DRV_INV_LEAF : 0u;
    if (i.cache & VTD_DRV_CACHE_IOTLB)
        error = vtd_drv_domain_invalidate(domain, addr, size, leaf);
    else if (i.cache & VTD_DRV_CACHE_DEV_IOTLB)
        error = invalidate_devices(domain, addr, size);
    return error == -ERANGE ? -EINVAL : error;
}

/* ---------------------------------------------------------------- user-managed first stage */

int vtd_drv_hwpt_s1_alloc(struct vtd_drv *drv, struct vtd_drv_domain *parent, const struct vtd_drv_hwpt_s1 *data,
                          struct vtd_drv_domain **domain)
{
    const uint64_t flags = VTD_DRV_HWPT_S1_SRE | VTD_DRV_HWPT_S1_EAFE | VTD_DRV_HWPT_S1_WPE;
    *domain = NULL;
    if (!vtd_reg_ecap_nest(drv->ecap) || drv->legacy)
        return -ENOTSUP;
    if (!parent || !data)
        return -EINVAL;
    const struct vtd_drv_hwpt_s1 d = *data;
    if ((d.flags & ~flags) || d.reserved || (d.addr_width != 48 && d.addr_width != 57))
        return -EINVAL;
    struct vtd_drv_domain_spec spec = {.addr_width = (uint8_t)d.addr_width, .foreign_root = d.pgtbl_addr};
    spec.entry_flags = (d.flags & VTD_DRV_HWPT_S1_SRE ? VTD_DRV_ENTRY_SRE : 0u) |
                       (d.flags & VTD_DRV_HWPT_S1_EAFE ? VTD_DRV_ENTRY_EAFE : 0u) |
                       (d.flags & VTD_DRV_HWPT_S1_WPE ? VTD_DRV_ENTRY_WPE : 0u);
    return make_nested(drv, parent, &spec, domain);
}

static int invalidate_one(struct vtd_drv_domain *domain, const struct vtd_drv_hwpt_s1_invalidate *i)
{
    if ((i->flags & ~VTD_DRV_HWPT_S1_INV_LEAF) || i->reserved)
        return -ENOTSUP;
    const unsigned leaf = i->flags ? VTD_DRV_INV_LEAF : 0u;
    const bool all = i->npages == UINT64_MAX && i->addr == 0;
    if (all)
        return vtd_drv_domain_invalidate(domain, 0, 0, leaf);
    if (i->addr % VTD_DRV_PAGE != 0 || i->npages == 0 || i->npages > UINT64_MAX / VTD_DRV_PAGE)
        return -EINVAL;
    const int error = vtd_drv_domain_invalidate(domain, i->addr, i->npages * VTD_DRV_PAGE, leaf);
    return error == -ERANGE ? -EINVAL : error;
}

int vtd_drv_hwpt_s1_cache_invalidate(struct vtd_drv_domain *domain,
                                     const struct vtd_drv_hwpt_s1_invalidate *invalidations, uint32_t *count)
{
    const uint32_t wanted = *count;
    *count = 0;
    if (!domain || domain->kind != VTD_DRV_NESTED || !domain->foreign)
        return -EINVAL;
    for (; *count < wanted; (*count)++) {
        const int error = invalidate_one(domain, &invalidations[*count]);
        if (error)
            return error;
    }
    return 0;
}
