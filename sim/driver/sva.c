/* SPDX-License-Identifier: MIT */
/*
 * Domains whose page table somebody else owns: a process, or a guest (ref 2.5, 6.5). The driver programs the root,
 * passes on the owner's invalidations, and never touches the table.
 */
#include "internal.h"

#include <errno.h>

enum {
    ENTRY_FLAGS = VTD_DRV_ENTRY_SRE | VTD_DRV_ENTRY_EAFE | VTD_DRV_ENTRY_WPE | VTD_DRV_ENTRY_CD | VTD_DRV_ENTRY_EMTE,
};

int vtd_drv_sva_check(const struct vtd_drv *drv, const struct vtd_drv_domain_spec *s)
{
    const bool first_stage = s->kind == VTD_DRV_FIRST_STAGE || s->kind == VTD_DRV_NESTED;
    if (!s->foreign)
        return s->foreign_root || s->entry_flags || s->pat ? -EINVAL : 0;
    if (!first_stage || s->max_page_shift || s->table_offset || s->foreign_root % VTD_DRV_PAGE != 0)
        return -EINVAL;
    if (s->entry_flags & ~(unsigned)ENTRY_FLAGS)
        return -EINVAL;
    if ((s->entry_flags & VTD_DRV_ENTRY_EMTE) && s->kind != VTD_DRV_NESTED)
        return -EINVAL;
    if ((s->entry_flags & VTD_DRV_ENTRY_WPE) && !(s->entry_flags & VTD_DRV_ENTRY_SRE))
        return -EINVAL;
    const uint64_t limit = s->parent ? vtd_drv_ss_limit(s->parent) : UINT64_C(1) << drv->options.haw;
    return s->foreign_root < limit ? 0 : -ERANGE;
}

int vtd_drv_sva_check_unit(const struct vtd_drv *drv, const struct vtd_drv_domain_spec *s)
{
    if ((s->entry_flags & VTD_DRV_ENTRY_SRE) && !vtd_reg_ecap_srs(drv->ecap))
        return -ENOTSUP;
    if (((s->entry_flags & (VTD_DRV_ENTRY_CD | VTD_DRV_ENTRY_EMTE)) || s->pat) && !vtd_reg_ecap_mts(drv->ecap))
        return -ENOTSUP;
    return (s->entry_flags & VTD_DRV_ENTRY_EAFE) && !vtd_reg_ecap_eafs(drv->ecap) ? -ENOTSUP : 0;
}

int vtd_drv_domain_invalidate(struct vtd_drv_domain *domain, uint64_t iova, uint64_t size, unsigned flags)
{
    const uint64_t all = (UINT64_C(1) << domain->addr_width) - 1;
    uint64_t first = 0, last = all;
    if (!domain->foreign || (flags & ~(unsigned)VTD_DRV_INV_LEAF))
        return -EINVAL;
    if (size) {
        first = iova & ~(VTD_DRV_PAGE - 1);
        last = (iova + (size - 1)) | (VTD_DRV_PAGE - 1);
        if (iova + (size - 1) < iova || !vtd_drv_domain_has(domain, first, last))
            return -ERANGE;
        last = (first & all) + (last - first);
        first &= all;
    }
    vtd_drv_inv_range(domain, first, last, flags & VTD_DRV_INV_LEAF);
    vtd_drv_dtlb_range(domain, first, last);
    return vtd_drv_inv_sync(domain->drv);
}

/*
 * P off and FPD on in one store: the device may go on for a while, and nobody wants to read of its faults. Its page
 * requests are answered by the unit from now on; those that wait in the queue are answered when they are handled.
 */
static int release_entry(struct vtd_drv *drv, struct vtd_drv_domain *domain, const struct vtd_drv_user *user)
{
    uint64_t *entry = vtd_drv_pasid_entry(user->device, user->pasid);
    uint64_t q = vtd_drv_load(entry);
    vtd_pasid_entry_set_p(&q, 0);
    vtd_pasid_entry_set_fpd(&q, 1);
    vtd_drv_store(entry, q);
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, VTD_PASID_ENTRY_BYTES);
    vtd_drv_inv_entry(drv, domain, user->pasid);
    vtd_drv_dtlb_one(drv, user->device, user->pasid);
    return vtd_drv_inv_sync(drv);
}

int vtd_drv_domain_release(struct vtd_drv_domain *domain)
{
    int error = 0;
    if (!domain->foreign)
        return -EINVAL;
    if (domain->released)
        return 0;
    domain->released = true;
    for (const struct vtd_drv_user *user = domain->first_user; user; user = user->next) {
        const int one = release_entry(domain->drv, domain, user);
        error = error ? error : one;
    }
    return error;
}
