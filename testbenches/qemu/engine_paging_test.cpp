// SPDX-License-Identifier: MIT
// The DMA engine as an Express function: ATS with its device TLB, PASIDs, page requests.
#include "qemu/engine_rig.h"

namespace
{

TEST(EngineAts, TranslationsAreKeptUntilTheDriverInvalidatesThem)
{
    Mapped rig(VTD_DRV_SECOND_STAGE, true);
    rig.map(kTarget, kB, 0x1000);
    rig.enable_engine(false);
    EXPECT_EQ(rig.transfer(0x22, kTarget, 0x1000, VTD_DMA_MODE_FILL), VTD_DMA_STATUS_DONE);
    const vtd_requester_stats *stats = vtd_requester_stats_get(vtd_machine_requester(&rig.machine, EngineRig::kEngine));
    EXPECT_EQ(stats->translation_requests, 1u);
    EXPECT_EQ(stats->hits, 7u);
    EXPECT_EQ(vtd_drv_unmap(rig.domain, kTarget, 0x1000), 0x1000);
    EXPECT_EQ(rig.transfer(0x33, kTarget, 8, VTD_DMA_MODE_FILL), VTD_DMA_STATUS_FAULT);
    EXPECT_EQ(rig.at(kB)[0], 0x22);
}

TEST(EngineAts, PasidsHaveSpacesOfTheirOwn)
{
    EngineRig rig(true);
    rig.enable_engine(false);
    vtd_drv_domain *one = rig.attach(VTD_DRV_FIRST_STAGE, 1), *two = rig.attach(VTD_DRV_FIRST_STAGE, 2);
    EXPECT_EQ(vtd_drv_map(one, kTarget, kA, kPage, EngineRig::kRw), 0);
    EXPECT_EQ(vtd_drv_map(two, kTarget, kB, kPage, EngineRig::kRw), 0);
    for (uint32_t pasid : {1u, 2u, 1u}) {
        rig.write(VTD_DMA_REG_PASID, pasid);
        EXPECT_EQ(rig.transfer(pasid, kTarget, kPage, VTD_DMA_MODE_FILL | VTD_DMA_MODE_PASID), VTD_DMA_STATUS_DONE);
    }
    EXPECT_EQ(rig.at(kA)[0], 1);
    EXPECT_EQ(rig.at(kB)[0], 2);
    rig.write(VTD_DMA_REG_PASID, 0x100000); // more than 20 bits
    EXPECT_EQ(rig.transfer(1, kTarget, 8, VTD_DMA_MODE_FILL | VTD_DMA_MODE_PASID), VTD_DMA_STATUS_INVALID);
    rig.write(VTD_DMA_REG_PASID, 1);
    rig.config(rig.extended(0x1b) + 6, 0, 2); // off
    EXPECT_EQ(rig.transfer(1, kTarget, 8, VTD_DMA_MODE_FILL | VTD_DMA_MODE_PASID), VTD_DMA_STATUS_INVALID);
    for (uint32_t pasid : {1u, 2u})
        EXPECT_EQ(vtd_drv_detach(rig.drv, EngineRig::kEngine, pasid), 0);
    EXPECT_EQ(vtd_drv_domain_destroy(one), 0);
    EXPECT_EQ(vtd_drv_domain_destroy(two), 0);
}

// A domain behind PASID 1 that pages are put into when they are asked for.
struct Paging : EngineRig {
    static constexpr uint32_t kMode = VTD_DMA_MODE_PASID | VTD_DMA_MODE_PAGING;
    vtd_drv_domain *domain;
    Paging() : EngineRig(true)
    {
        enable_engine(true);
        domain = attach(VTD_DRV_FIRST_STAGE, 1);
        write(VTD_DMA_REG_PASID, 1);
    }
    ~Paging()
    {
        vtd_drv_detach(drv, kEngine, 1);
        vtd_drv_domain_destroy(domain);
    }
    void answer()
    {
        vtd_drv_handle_page_requests(drv, nullptr);
    }
};

TEST(EnginePaging, WaitsForThePageAndGoesOn)
{
    Paging rig;
    rig.decide = [&](const vtd_drv_page_request &req) {
        const uint64_t hpa = req.addr >= kTarget ? kB + (req.addr - kTarget) : kA + (req.addr - kSource);
        EXPECT_EQ(vtd_drv_map(req.domain, req.addr, hpa, kPage, EngineRig::kRw), 0);
        return VTD_DRV_PAGE_SUCCESS;
    };
    rig.scramble(kA, 0x3000);
    rig.start(kSource, kTarget, 0x3000, Paging::kMode);
    unsigned waits = 0;
    for (; rig.run() == (VTD_DMA_STATUS_BUSY | VTD_DMA_STATUS_WAITING) && waits < 100; waits++) {
        EXPECT_FALSE(rig.function.run(rig.function.self)) << "asks for time although it waits";
        rig.answer();
    }
    EXPECT_EQ(waits, 6u); // three pages on each side
    EXPECT_EQ(rig.status(), VTD_DMA_STATUS_DONE);
    EXPECT_TRUE(rig.same(kA, kB, 0x3000));
}

TEST(EnginePaging, AsksForNoPageUnlessItIsTold)
{
    Paging rig;
    rig.map_on_demand();
    EXPECT_EQ(rig.transfer(kSource, 0, 8, VTD_DMA_MODE_PASID | VTD_DMA_MODE_READ), VTD_DMA_STATUS_FAULT);
    EXPECT_EQ(rig.outstanding(EngineRig::kEngine), 0u);
    EXPECT_EQ(rig.config(rig.extended(0x13) + 6, 2), 0x8000u); // running nevertheless
}

TEST(EnginePaging, ShowsTheCodeOfARefusal)
{
    Paging rig;
    rig.start(kSource, kTarget, 8, Paging::kMode);
    EXPECT_EQ(rig.run(), VTD_DMA_STATUS_BUSY | VTD_DMA_STATUS_WAITING);
    rig.answer();
    EXPECT_EQ(rig.run(), VTD_DMA_STATUS_FAULT);
    EXPECT_EQ(rig.read(VTD_DMA_REG_FAULT) & 0xfff, VTD_DMA_FAULT_SOURCE | 1u << 4);
    rig.decide = [](const vtd_drv_page_request &) { return VTD_DRV_PAGE_FAILURE; };
    rig.start(kSource, kTarget, 8, Paging::kMode);
    rig.run();
    rig.answer();
    EXPECT_EQ(rig.run(), VTD_DMA_STATUS_FAULT);
    EXPECT_EQ(rig.read(VTD_DMA_REG_FAULT) & 0xfff, VTD_DMA_FAULT_SOURCE | 15u << 4);
    EXPECT_EQ(rig.config(rig.extended(0x13) + 6, 2), 0x8101u); // failed, stopped
}

TEST(EnginePaging, GroupsOfStoppedTransfersAreFreedWhenTheyAreAnswered)
{
    Paging rig;
    for (unsigned round = 0; round < 3; round++) {
        // More than it may have outstanding: the last ones wait for room.
        for (unsigned i = 0; i < 40; i++) {
            rig.start(kSource, kTarget, 8, Paging::kMode);
            EXPECT_EQ(rig.run(), VTD_DMA_STATUS_BUSY | VTD_DMA_STATUS_WAITING);
            rig.write(VTD_DMA_REG_CONTROL, VTD_DMA_STOP);
        }
        EXPECT_EQ(rig.outstanding(EngineRig::kEngine), 32u);
        rig.answer();
        EXPECT_EQ(rig.outstanding(EngineRig::kEngine), 0u);
    }
    rig.map_on_demand();
    rig.start(kSource, 0, 8, Paging::kMode | VTD_DMA_MODE_READ);
    EXPECT_EQ(rig.run(), VTD_DMA_STATUS_BUSY | VTD_DMA_STATUS_WAITING);
    EXPECT_EQ(rig.outstanding(EngineRig::kEngine), 1u);
}

} // namespace
