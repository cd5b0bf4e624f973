/* SPDX-License-Identifier: MIT */
/* Owners of page tables that the driver only binds: processes and guests. */
#ifndef VTD_TESTS_SVA_RIG_H
#define VTD_TESTS_SVA_RIG_H

#include "ats_rig.h"

extern "C" {
#include "tables/build.h"
}

/* Rights of a page of a user. */
constexpr unsigned kUser = VTD_PTE_R | VTD_PTE_W | VTD_PTE_U | VTD_PTE_A | VTD_PTE_D;

/* The default unit, without some of ECAP. */
inline vtd_config without(uint64_t ecap_clear = 0)
{
    vtd_config c;
    EXPECT_EQ(vtd_config_preset(&c, "default"), VTD_STATUS_OK);
    c.ecap &= ~ecap_clear;
    return c;
}

/* A process (or a guest): owns a page table in memory that the driver knows nothing of. */
struct Owner {
    static constexpr uint64_t kStart = UINT64_C(0x8000000), kEnd = UINT64_C(0x9000000);

    vtd_frames frames{};
    vtd_builder builder{};
    uint64_t root = 0;
    unsigned levels;

    explicit Owner(AtsRig &rig, unsigned n = 4, unsigned number = 0) : levels(n)
    {
        const uint64_t start = kStart + number * (kEnd - kStart) / 4;
        vtd_frames_init(&frames, &rig.machine.memory, start, start + (kEnd - kStart) / 4);
        builder.frames = &frames;
        root = vtd_build_table(&builder);
    }
    void map(uint64_t addr, uint64_t to, unsigned flags = kUser, unsigned level = 1)
    {
        *entry(addr, level) = vtd_encode_fs(to, level, flags);
    }
    void unmap(uint64_t addr)
    {
        *entry(addr) = 0;
    }
    uint64_t *entry(uint64_t addr, unsigned level = 1)
    {
        return vtd_build_fs(&builder, root, levels, addr, level);
    }
};

inline vtd_drv_domain_spec foreign(uint64_t root, uint8_t width = 48, unsigned flags = 0,
                                   vtd_drv_domain *parent = nullptr)
{
    vtd_drv_domain_spec s{};
    s.kind = parent ? VTD_DRV_NESTED : VTD_DRV_FIRST_STAGE;
    s.addr_width = width;
    s.parent = parent;
    s.foreign = true;
    s.foreign_root = root;
    s.entry_flags = flags;
    return s;
}

inline vtd_drv_domain *bind(AtsRig &rig, const vtd_drv_domain_spec &spec, uint16_t sid, uint32_t pasid)
{
    vtd_drv_domain *d = nullptr;
    EXPECT_EQ(vtd_drv_domain_create(rig.drv, &spec, &d), 0);
    EXPECT_EQ(vtd_drv_attach(rig.drv, sid, pasid, d), 0);
    return d;
}

#endif
