/* SPDX-License-Identifier: MIT */
/* Domains that translate by somebody else's page table: bind, invalidations of the owner, the owner's end. */
#include "sva_rig.h"

#include <cerrno>
#include <cstring>

namespace
{

constexpr uint64_t kPage = AtsRig::kPage, k1G = AtsRig::k1G;
constexpr uint16_t kSid = AtsRig::kSid, kOther = AtsRig::kOther;
constexpr unsigned kRw = AtsRig::kRw;

TEST(Sva, ADeviceSeesTheOwnersTableAsItIs)
{
    for (unsigned levels : {4u, 5u}) {
        AtsRig rig(without());
        rig.add();
        Owner owner(rig, levels);
        auto *d = bind(rig, foreign(owner.root, levels == 4 ? 48 : 57), kSid, 5);
        EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0u);
        owner.map(0x1000, 0x5000); /* not present to present: nothing to invalidate (ref 6.5) */
        owner.map(0xffffffffffff0000, 0x6000);
        EXPECT_EQ(rig.reach(kSid, 5, 0x1234, VTD_WRITE), 0x5234u);
        EXPECT_EQ(rig.reach(kSid, 5, 0xffffffffffff0000), 0x6000u);
        EXPECT_EQ(vtd_drv_map(d, 0x2000, 0x5000, kPage, kRw), -EINVAL);
        EXPECT_EQ(vtd_drv_unmap(d, 0x1000, kPage), -EINVAL);
        EXPECT_EQ(vtd_drv_unmap_all(d), -EINVAL);
        uint64_t pa;
        EXPECT_EQ(vtd_drv_iova_to_phys(d, 0x1000, &pa, nullptr), -ENOTSUP);
    }
}

TEST(Sva, TheTableIsNeverWrittenOrFreed)
{
    std::vector<uint8_t> before;
    AtsRig rig(without());
    rig.add();
    Owner owner(rig);
    owner.map(0x1000, 0x5000);
    const uint8_t *memory = rig.machine.memory.base + Owner::kStart;
    before.assign(memory, memory + (Owner::kEnd - Owner::kStart) / 4);
    auto *d = bind(rig, foreign(owner.root), kSid, 5);
    EXPECT_EQ(vtd_drv_domain_invalidate(d, 0, 0, 0), 0);
    EXPECT_EQ(vtd_drv_detach(rig.drv, kSid, 5), 0);
    EXPECT_EQ(vtd_drv_domain_destroy(d), 0);
    EXPECT_EQ(memcmp(before.data(), memory, before.size()), 0);
}

TEST(Sva, EachInvalidationOfTheOwnerReachesUnitAndDevices)
{
    struct {
        uint64_t addr, size;
        unsigned flags;
    } cases[] = {
        {0x1000, kPage, VTD_DRV_INV_LEAF}, {0x1000, kPage, 0},   {0x1fff, 1, VTD_DRV_INV_LEAF}, /* parts of a page */
        {0x0fff, 2, VTD_DRV_INV_LEAF},     {0x0, 64 * kPage, 0}, {0, 0, 0},
    };
    for (const auto &c : cases) {
        AtsRig rig(without());
        rig.add(kSid);
        rig.add(kOther);
        Owner owner(rig);
        owner.map(0x1000, 0x5000);
        owner.map(0x800000, 0x6000);
        auto *d = bind(rig, foreign(owner.root), kSid, 5);
        ASSERT_EQ(vtd_drv_attach(rig.drv, kOther, 9, d), 0);
        for (unsigned round = 0; round < 2; round++) {
            EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0x5000u);
            EXPECT_EQ(rig.reach(kOther, 9, 0x1000), 0x5000u);
            if (round == 0) {
                owner.unmap(0x1000);
                EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0x5000u) << "still cached: the invalidation is needed";
            }
            if (round == 0)
                owner.map(0x1000, 0x5000);
        }
        owner.unmap(0x1000);
        ASSERT_EQ(vtd_drv_domain_invalidate(d, c.addr, c.size, c.flags), 0);
        EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0u);
        EXPECT_EQ(rig.reach(kOther, 9, 0x1000), 0u);
        EXPECT_EQ(rig.reach(kSid, 5, 0x800000), 0x6000u);
    }
}

TEST(Sva, EveryFlushOfAnOwnersInvalidationIsNeeded)
{
    for (unsigned lost = 0; lost <= 2; lost++) {
        AtsRig rig(without());
        rig.add(kSid);
        rig.add(kOther);
        Owner owner(rig);
        owner.map(0x1000, 0x5000);
        auto *d = bind(rig, foreign(owner.root), kSid, 5);
        ASSERT_EQ(vtd_drv_attach(rig.drv, kOther, 9, d), 0);
        rig.reach(kSid, 5, 0x1000);
        rig.reach(kOther, 9, 0x1000);
        owner.unmap(0x1000);
        rig.flushes = 0;
        rig.lost_flush = lost;
        ASSERT_EQ(vtd_drv_domain_invalidate(d, 0x1000, kPage, VTD_DRV_INV_LEAF), 0);
        EXPECT_EQ(rig.flushes, 2u);
        EXPECT_EQ(rig.reach(kSid, 5, 0x1000), lost == 0 ? 0x5000u : 0u);
        EXPECT_EQ(rig.reach(kOther, 9, 0x1000), lost == 1 ? 0x5000u : 0u);
    }
}

TEST(Sva, TablesMayGoAfterAnInvalidationThatIsNotForLeavesOnly)
{
    AtsRig rig(without());
    rig.add();
    Owner owner(rig), scratch(rig, 4, 1);
    owner.map(0x1000, 0x5000);
    auto *d = bind(rig, foreign(owner.root), kSid, 5);
    ASSERT_EQ(rig.reach(kSid, 5, 0x1000), 0x5000u);
    scratch.map(0x1000, 0x7000);
    *owner.entry(0x1000, 2) = *scratch.entry(0x1000, 2); /* another table of pages */
    ASSERT_EQ(vtd_drv_domain_invalidate(d, 0x1000, kPage, 0), 0);
    EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0x7000u);
}

TEST(Sva, ProcessesShareADomainIdAndStayApart)
{
    AtsRig rig(without());
    rig.add();
    Owner a(rig), b(rig, 4, 1);
    a.map(0x1000, 0x5000);
    b.map(0x1000, 0x7000);
    vtd_drv_domain_spec sa = foreign(a.root), sb = foreign(b.root);
    sa.shared_did = sb.shared_did = true;
    auto *da = bind(rig, sa, kSid, 5);
    bind(rig, sb, kSid, 6);
    EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0x5000u);
    EXPECT_EQ(rig.reach(kSid, 6, 0x1000), 0x7000u);
    a.unmap(0x1000);
    ASSERT_EQ(vtd_drv_domain_invalidate(da, 0x1000, kPage, VTD_DRV_INV_LEAF), 0);
    EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0u);
    EXPECT_EQ(rig.reach(kSid, 6, 0x1000), 0x7000u);
}

TEST(Sva, AnOwnerMapsOnDemand)
{
    vtd_drv_options options{};
    options.page_requests = true;
    AtsRig rig(without(), options);
    rig.add(kSid, true);
    Owner owner(rig);
    bind(rig, foreign(owner.root), kSid, 5);
    const auto handler = [](void *arg, const vtd_drv_page_request *req) {
        static_cast<Owner *>(arg)->map(req->addr, req->addr + k1G);
        return VTD_DRV_PAGE_SUCCESS;
    };
    vtd_drv_set_page_handler(rig.drv, handler, &owner);
    vtd_requester_outcome out = rig.access(kSid, 5, 0x1000, VTD_WRITE);
    ASSERT_EQ(out.result, VTD_REQUESTER_WAITING);
    EXPECT_EQ(vtd_drv_handle_page_requests(rig.drv, nullptr), 1);
    EXPECT_EQ(vtd_requester_retry(vtd_machine_requester(&rig.machine, kSid), out.prgi, &out), VTD_REQUESTER_DONE);
    EXPECT_EQ(out.hpa, k1G + 0x1000);
}

/* ---------------------------------------------------------------- the owner's end */

TEST(SvaRelease, NothingUsesTheTableAndFaultsAreSilent)
{
    vtd_drv_options options{};
    options.page_requests = true;
    AtsRig rig(without(), options);
    rig.add(kSid, true);
    rig.add(kOther);
    Owner owner(rig);
    owner.map(0x1000, 0x5000);
    auto *d = bind(rig, foreign(owner.root), kSid, 5);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kOther, 9, d), 0);
    ASSERT_EQ(rig.reach(kSid, 5, 0x1000), 0x5000u);
    ASSERT_EQ(rig.reach(kOther, 9, 0x1000), 0x5000u);
    const vtd_request want = AtsRig::want(5, 0x2000);
    uint16_t queued;
    ASSERT_EQ(vtd_requester_request_pages(vtd_machine_requester(&rig.machine, kSid), &want, 1, &queued),
              VTD_REQUESTER_WAITING);
    ASSERT_EQ(vtd_drv_domain_release(d), 0);
    memset(rig.machine.memory.base + owner.root, 0xff, kPage); /* it is somebody else's memory now */
    const vtd_response resp = rig.dma(kSid, 5, 0x1000, false);
    EXPECT_EQ((unsigned)resp.fault, (unsigned)kSpt2);
    vtd_requester_outcome out = rig.access(kSid, 5, 0x1000);
    ASSERT_EQ(out.result, VTD_REQUESTER_WAITING);
    EXPECT_EQ(vtd_requester_retry(vtd_machine_requester(&rig.machine, kSid), out.prgi, &out), VTD_REQUESTER_DENIED)
        << "the unit has answered the page request itself";
    EXPECT_EQ(rig.reach(kOther, 9, 0x1000), 0u);
    EXPECT_EQ(vtd_drv_handle_faults(rig.drv, nullptr, nullptr, nullptr), 0) << "FPD";
    EXPECT_EQ(vtd_drv_handle_page_requests(rig.drv, nullptr), 1);
    EXPECT_EQ(vtd_drv_domain_invalidate(d, 0x1000, kPage, 0), 0);
    EXPECT_EQ(vtd_drv_domain_release(d), 0);
    EXPECT_EQ(vtd_drv_attach(rig.drv, kSid, 6, d), -EINVAL);
    EXPECT_EQ(vtd_drv_domain_destroy(d), -EBUSY);
    ASSERT_EQ(vtd_drv_detach(rig.drv, kSid, 5), 0);
    ASSERT_EQ(vtd_drv_detach(rig.drv, kOther, 9), 0);
    rig.dma(kSid, 5, 0x1000, false);
    EXPECT_EQ(vtd_drv_handle_faults(rig.drv, nullptr, nullptr, nullptr), 1) << "the whole entry is clear again";
    EXPECT_EQ(vtd_drv_domain_destroy(d), 0);
    EXPECT_EQ(rig.outstanding(kSid), 0u);
}

TEST(SvaRelease, EveryFlushOfItIsNeeded)
{
    for (unsigned lost = 0; lost < 2; lost++) {
        AtsRig rig(without());
        rig.add(kSid);
        rig.add(kOther);
        Owner owner(rig);
        owner.map(0x1000, 0x5000);
        auto *d = bind(rig, foreign(owner.root), kSid, 5);
        ASSERT_EQ(vtd_drv_attach(rig.drv, kOther, 9, d), 0);
        rig.reach(kSid, 5, 0x1000);
        rig.reach(kOther, 9, 0x1000);
        rig.flushes = 0;
        rig.lost_flush = lost;
        ASSERT_EQ(vtd_drv_domain_release(d), 0);
        EXPECT_EQ(rig.flushes, 2u);
        EXPECT_EQ(rig.reach(kSid, 5, 0x1000), lost == 0 ? 0x5000u : 0u);
        EXPECT_EQ(rig.reach(kOther, 9, 0x1000), lost == 1 ? 0x5000u : 0u);
    }
}

TEST(SvaRelease, ReplacingAReleasedDomainMakesTheEntryPresentAgain)
{
    AtsRig rig(without());
    rig.add();
    Owner a(rig), b(rig, 4, 1);
    b.map(0x1000, 0x7000);
    auto *d = bind(rig, foreign(a.root), kSid, 5);
    ASSERT_EQ(vtd_drv_domain_release(d), 0);
    const vtd_drv_domain_spec spec = foreign(b.root);
    vtd_drv_domain *next;
    ASSERT_EQ(vtd_drv_domain_create(rig.drv, &spec, &next), 0);
    ASSERT_EQ(vtd_drv_replace(rig.drv, kSid, 5, next), 0);
    EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0x7000u);
}

} // namespace
