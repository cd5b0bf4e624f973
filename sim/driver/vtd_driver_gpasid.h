/* SPDX-License-Identifier: MIT */
/*
 * Address spaces of guests (ref 9): a part of vtd_driver.h, whose rules hold here too. What a hypervisor asks its host's
 * driver for when a guest binds a process to a PASID on its virtual unit: a nested PASID entry, whose first stage is the
 * guest's own page table and whose second stage is the memory of the virtual machine.
 *
 * The same core in two shapes: the one that Linux had from 5.7 to 5.17 (bind a guest's PASID), and the one of today (a
 * user-managed first stage that is attached like any other domain). The structures have the members of Linux's, in its order.
 *
 * Where Linux and this driver differ
 * - The nested domain has a domain-id of its own in both shapes (Linux 5.x used that of the virtual machine).
 * - gpgd must be a multiple of 4096; Linux drops the low bits.
 * - EMT, PCD and PWT are bits of PASID entries of revision 3 only (ref 0.1). The driver writes the present layout, so that
 *   with ECAP.MTS the flags PCD and PWT, and an emt other than 0 with EMTE, are -EINVAL, as all are without ECAP.MTS.
 * - To unbind, or to invalidate, what is not bound is -ENOENT; Linux does nothing and says 0.
 */
#ifndef VTD_DRIVER_GPASID_H
#define VTD_DRIVER_GPASID_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_drv;
struct vtd_drv_domain;

/* ---------------------------------------------------------------- bind, as Linux 5.7 to 5.17 */

#define VTD_DRV_GPASID_VERSION     1u /* version of both structures below */
#define VTD_DRV_GPASID_FORMAT_VTD  1u
#define VTD_DRV_GPASID_FLAG_GPASID (UINT64_C(1) << 0) /* gpasid is valid: the guest knows the PASID by another number */
#define VTD_DRV_GPASID_VTD_SRE     (UINT64_C(1) << 0) /* privileged requests (ECAP.SRS) */
#define VTD_DRV_GPASID_VTD_EAFE    (UINT64_C(1) << 1) /* extended accessed bit (ECAP.EAFS) */
#define VTD_DRV_GPASID_VTD_PCD     (UINT64_C(1) << 2)
#define VTD_DRV_GPASID_VTD_PWT     (UINT64_C(1) << 3)
#define VTD_DRV_GPASID_VTD_EMTE    (UINT64_C(1) << 4) /* ECAP.MTS */
#define VTD_DRV_GPASID_VTD_CD      (UINT64_C(1) << 5) /* ECAP.MTS */
#define VTD_DRV_GPASID_VTD_WPE     (UINT64_C(1) << 6) /* no effect without SRE */

struct vtd_drv_gpasid_bind_data {
    uint32_t argsz;      /* bytes of it that the caller has filled */
    uint32_t version;    /* VTD_DRV_GPASID_VERSION */
    uint32_t format;     /* VTD_DRV_GPASID_FORMAT_VTD */
    uint32_t addr_width; /* of the guest's virtual addresses: 48, 57 */
    uint64_t flags;      /* VTD_DRV_GPASID_FLAG_* */
    uint64_t gpgd;       /* root of the guest's page table, guest physical */
    uint64_t hpasid;     /* PASID in the host's table, 1 to 2^20 - 1 */
    uint64_t gpasid;     /* with VTD_DRV_GPASID_FLAG_GPASID: PASID in the guest; only kept, in its low 32 bits */
    uint8_t padding[8];  /* 0 */
    struct {
        uint64_t flags; /* VTD_DRV_GPASID_VTD_* */
        uint32_t pat;   /* used with ECAP.MTS */
        uint32_t emt;
    } vtd;
};

/*
 * Binds a guest's page table to PASID data->hpasid of device sid (ref 9, 4.5). The device's RID_PASID must have a
 * second-stage domain, the memory of the virtual machine, or a nested one over it; that is the second stage.
 *   -EINVAL   argsz, version, format, flags, padding, vtd.flags, hpasid, addr_width, or gpgd is not good; what the unit
 *             lacks: nesting, 57 bits (CAP.FS5LP), SRE, EAFE, memory types; a device that was not added, has not all 20 bits of
 *             PASID, or has no such domain
 *   -EBUSY    the PASID of the device has a domain already
 *   -ENOSPC, -ENOMEM, -EIO, -ETIMEDOUT  as vtd_drv_domain_create and vtd_drv_attach
 * data is read once, and nothing has changed after the first three.
 */
int vtd_drv_sva_bind_gpasid(struct vtd_drv *drv, uint16_t sid, const struct vtd_drv_gpasid_bind_data *data);

/*
 * The same over the memory that is given, a second-stage domain: for a device that is shared by virtual machines, whose
 * requests without PASID are nobody's. -EINVAL for another kind of domain, or one of another driver.
 */
int vtd_drv_sva_bind_gpasid_over(struct vtd_drv *drv, struct vtd_drv_domain *memory, uint16_t sid,
                                 const struct vtd_drv_gpasid_bind_data *data);

/*
 * The reverse, as vtd_drv_detach does it. -EINVAL for PASID 0 and for one of more than 20 bits, -ENOENT when it is not bound
 * by vtd_drv_sva_bind_gpasid.
 */
int vtd_drv_sva_unbind_gpasid(struct vtd_drv *drv, uint16_t sid, uint64_t hpasid);

/* The guest's number of a PASID that is bound: gpasid of the bind, or hpasid without one. -ENOENT when it is not bound. */
int vtd_drv_sva_gpasid(const struct vtd_drv *drv, uint16_t sid, uint32_t hpasid, uint32_t *gpasid);

#define VTD_DRV_CACHE_IOTLB     (1u << 0)
#define VTD_DRV_CACHE_DEV_IOTLB (1u << 1)
#define VTD_DRV_CACHE_PASID     (1u << 2)

enum vtd_drv_inv_granularity {
    VTD_DRV_GRANU_DOMAIN,
    VTD_DRV_GRANU_PASID,
    VTD_DRV_GRANU_ADDR,
};

#define VTD_DRV_GRANU_FLAG_PASID  (1u << 0) /* pasid is valid */
#define VTD_DRV_GRANU_FLAG_ARCHID (1u << 1) /* archid is valid; the driver has no use for it */
#define VTD_DRV_GRANU_FLAG_LEAF   (1u << 2) /* of an address: no entry that points to a table changed */

struct vtd_drv_cache_invalidate_info {
    uint32_t argsz;
    uint32_t version;    /* VTD_DRV_GPASID_VERSION */
    uint8_t cache;       /* VTD_DRV_CACHE_*, several */
    uint8_t granularity; /* enum vtd_drv_inv_granularity */
    uint8_t padding[6];  /* 0 */
    struct {
        uint32_t flags; /* VTD_DRV_GRANU_FLAG_* */
        uint32_t archid;
        uint64_t pasid; /* of the host */
        uint64_t addr;  /* the rest is for VTD_DRV_GRANU_ADDR */
        uint64_t granule_size;
        uint64_t nb_granules;
    } granu;
};

/*
 * Passes an invalidation of the guest on for a PASID that is bound. IOTLB: the unit's IOTLB, and the device TLB too where
 * the device has one on. DEV_IOTLB: the device TLB only. PASID: nothing, since bind and unbind did it. An address range of
 * fewer bytes than a page is one page.
 *   -EINVAL  argsz, version, cache, granularity, flags or padding is not good; a combination that does not exist (domain:
 *            always; addresses of the PASID cache); no PASID given; a range that wraps or that the domain cannot have
 *   -ENOENT  the PASID is not bound
 */
int vtd_drv_sva_cache_invalidate(struct vtd_drv *drv, uint16_t sid, const struct vtd_drv_cache_invalidate_info *info);

/* ---------------------------------------------------------------- today: a user-managed first stage */

#define VTD_DRV_HWPT_S1_SRE  (UINT64_C(1) << 0)
#define VTD_DRV_HWPT_S1_EAFE (UINT64_C(1) << 1)
#define VTD_DRV_HWPT_S1_WPE  (UINT64_C(1) << 2) /* no effect without SRE */

struct vtd_drv_hwpt_s1 {
    uint64_t flags;      /* VTD_DRV_HWPT_S1_* */
    uint64_t pgtbl_addr; /* root of the guest's page table, guest physical */
    uint32_t addr_width; /* 48, 57 */
    uint32_t reserved;   /* 0 */
};

/*
 * Makes a nested domain over parent, a second-stage domain. It is attached, replaced, detached and destroyed as every
 * domain (vtd_driver.h), with any PASID, RID_PASID too. -ENOTSUP without nesting; -EINVAL for all that
 * vtd_drv_sva_bind_gpasid would refuse with it.
 */
int vtd_drv_hwpt_s1_alloc(struct vtd_drv *drv, struct vtd_drv_domain *parent, const struct vtd_drv_hwpt_s1 *data,
                          struct vtd_drv_domain **domain);

#define VTD_DRV_HWPT_S1_INV_LEAF (1u << 0)

struct vtd_drv_hwpt_s1_invalidate {
    uint64_t addr;   /* multiple of 4096 */
    uint64_t npages; /* UINT64_MAX with addr 0: all */
    uint32_t flags;  /* VTD_DRV_HWPT_S1_INV_LEAF */
    uint32_t reserved;
};

/*
 * Carries out *count invalidations of the unit's IOTLB and of device TLBs, in order, until one is not good; *count receives how
 * many were. -ENOTSUP for flags or reserved, -EINVAL for an address, a number of pages or a range that is not good, or a
 * domain of another kind.
 */
int vtd_drv_hwpt_s1_cache_invalidate(struct vtd_drv_domain *domain,
                                     const struct vtd_drv_hwpt_s1_invalidate *invalidations, uint32_t *count);

#ifdef __cplusplus
}
#endif
#endif
