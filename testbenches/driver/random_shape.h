/* SPDX-License-Identifier: MIT */
/* Shapes of units, and domains, under which random use of the driver must hold. */
#ifndef VTD_TESTS_RANDOM_SHAPE_H
#define VTD_TESTS_RANDOM_SHAPE_H

#include "model_rig.h"

/* Shapes of caches and capabilities under which the same must hold. */
struct Shape {
    const char *name;
    uint32_t entries; /* of every cache; ~0 = the preset's */
    bool caching_mode;
    bool after_pasid;   /* IOTLB order */
    uint64_t cap_clear; /* capabilities that the unit lacks */
    uint64_t ecap_clear;
    uint8_t queue_size;
    bool no_preset_ad;
    bool ss_ad;
    bool ats = false; /* devices with device TLBs */
    uint64_t ecap_set = 0;
    enum Mode {
        Scalable,
        Legacy,            /* the unit has nothing else */
        LegacyByChoice,    /* the driver does not use more */
        Queueless,         /* legacy without a queue */
        RegistersByChoice, /* legacy with a queue that the driver does not use */
    } mode = Scalable;
    uint64_t cap_set = 0;
    uint8_t prefetch = 0; /* PASID entries read ahead */
    bool shared = false;  /* PASID directory entries in the PASID cache */
    uint8_t flush = VTD_DRV_FLUSH_EXACT;
};

inline vtd_config configure(const Shape &s)
{
    vtd_config c;
    EXPECT_EQ(vtd_config_preset(&c, "default"), VTD_STATUS_OK);
    c.cap = (c.cap & ~s.cap_clear) | s.cap_set | (s.caching_mode ? UINT64_C(1) << 7 : 0);
    c.ecap = (c.ecap & ~s.ecap_clear) | s.ecap_set;
    if (s.mode == Shape::Legacy || s.mode == Shape::RegistersByChoice)
        make_legacy(c);
    if (s.mode == Shape::Queueless)
        make_queueless(c);
    if (s.mode == Shape::RegistersByChoice)
        c.version = 0x50;
    c.iotlb_order = s.after_pasid ? VTD_IOTLB_AFTER_PASID : VTD_IOTLB_FIRST;
    for (auto &g : c.cache) {
        if (s.entries != ~0u) {
            g.entries = s.entries;
            g.ways = s.entries > 8 ? 8 : 0;
        }
    }
    c.pasid_prefetch = s.prefetch;
    if (s.shared) {
        c.pasid_directory = VTD_PASID_DIRECTORY_SHARED;
        c.cache[VTD_CACHE_PASID_DIR].entries = c.cache[VTD_CACHE_PASID_DIR].ways = 0;
    }
    return c;
}

/* Which kinds of domains take part. */
struct Cast {
    const char *name;
    std::vector<std::pair<vtd_drv_kind, uint8_t>> domains; /* a nested one is over the second-stage one before it */
};

#endif
