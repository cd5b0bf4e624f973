/* SPDX-License-Identifier: MIT */
/* Foreign page tables over a parent; what their owners may ask for; wrong arguments. */
#include "sva_rig.h"

#include <cerrno>
#include <cstring>

namespace
{

constexpr uint64_t kPage = AtsRig::kPage, k1G = AtsRig::k1G;
constexpr uint16_t kSid = AtsRig::kSid;
constexpr unsigned kRw = AtsRig::kRw;

/* A guest whose memory is mapped one to one in the parent, but for a page or two. */
struct Guest {
    vtd_drv_domain *parent;
    Owner owner;

    explicit Guest(AtsRig &rig) : parent(rig.make(VTD_DRV_SECOND_STAGE, 48)), owner(rig)
    {
        EXPECT_EQ(vtd_drv_map(parent, Owner::kStart, Owner::kStart, Owner::kEnd - Owner::kStart, kRw), 0);
        EXPECT_EQ(vtd_drv_map(parent, k1G, 5 * k1G, kPage, kRw), 0);
        owner.map(0x1000, k1G);
    }
};

TEST(SvaNested, AGuestsTableWorksOverAParent)
{
    AtsRig rig(without());
    rig.add();
    Guest guest(rig);
    auto *d = bind(rig, foreign(guest.owner.root, 48, 0, guest.parent), kSid, 5);
    EXPECT_EQ(rig.reach(kSid, 5, 0x1000, VTD_WRITE), 5 * k1G);
    guest.owner.unmap(0x1000);
    EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 5 * k1G) << "still cached";
    ASSERT_EQ(vtd_drv_domain_invalidate(d, 0x1000, kPage, VTD_DRV_INV_LEAF), 0);
    EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0u);
    guest.owner.map(0x1000, k1G);
    EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 5 * k1G);
    ASSERT_EQ(vtd_drv_unmap(guest.parent, k1G, kPage), (int64_t)kPage);
    EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0u) << "the host took the page away";
    EXPECT_EQ(vtd_drv_domain_destroy(guest.parent), -EBUSY);
    ASSERT_EQ(vtd_drv_domain_release(d), 0);
    EXPECT_EQ((unsigned)rig.dma(kSid, 5, 0x1000, false).fault, (unsigned)kSpt2);
}

TEST(SvaNested, TheRootIsAnAddressOfTheParent)
{
    AtsRig rig(without());
    auto *parent = rig.make(VTD_DRV_SECOND_STAGE, 39);
    vtd_drv_domain *d;
    vtd_drv_domain_spec spec = foreign(UINT64_C(1) << 39, 48, 0, parent);
    EXPECT_EQ(vtd_drv_domain_create(rig.drv, &spec, &d), -ERANGE);
    spec.foreign_root -= kPage;
    EXPECT_EQ(vtd_drv_domain_create(rig.drv, &spec, &d), 0);
}

TEST(SvaRights, SupervisorRequestsOnlyWhereTheOwnerAllowsThem)
{
    AtsRig rig(without());
    rig.add();
    Owner owner(rig);
    owner.map(0x1000, 0x5000, kUser & ~VTD_PTE_U);
    owner.map(0x2000, 0x6000, kUser & ~(VTD_PTE_U | VTD_PTE_W | VTD_PTE_D));
    bind(rig, foreign(owner.root), kSid, 5);
    bind(rig, foreign(owner.root, 48, VTD_DRV_ENTRY_SRE), kSid, 6);
    bind(rig, foreign(owner.root, 48, VTD_DRV_ENTRY_SRE | VTD_DRV_ENTRY_WPE), kSid, 7);
    const auto fault = [&](uint32_t pasid, uint64_t addr, vtd_access kind) {
        vtd_request req = AtsRig::want(pasid, addr, kind, VTD_REQ_PRIV);
        req.sid = kSid;
        vtd_response resp;
        EXPECT_EQ(vtd_translate(rig.machine.unit, &req, &resp), VTD_STATUS_OK);
        return (unsigned)resp.fault;
    };
    EXPECT_EQ(fault(5, 0x1000, VTD_READ), 0x5du) << "SPT.6: SRE is 0";
    EXPECT_EQ(fault(6, 0x1000, VTD_WRITE), 0u);
    EXPECT_EQ(fault(6, 0x2000, VTD_WRITE), 0u) << "WPE is 0 (ref 4.3)";
    EXPECT_EQ(fault(7, 0x2000, VTD_WRITE), (unsigned)kSgn6) << "WPE is 1";
    EXPECT_EQ(fault(7, 0x2000, VTD_READ), 0u);
    EXPECT_EQ(rig.reach(kSid, 6, 0x1000), 0u) << "a user request meets a supervisor page";
}

TEST(SvaRights, PrivilegedPageRequestsAreForSupervisorDomains)
{
    vtd_drv_options options{};
    options.page_requests = true;
    AtsRig rig(without(), options);
    auto *device = rig.add(kSid, true);
    Owner owner(rig);
    bind(rig, foreign(owner.root), kSid, 5);
    bind(rig, foreign(owner.root, 48, VTD_DRV_ENTRY_SRE), kSid, 6);
    vtd_drv_set_page_handler(
        rig.drv, [](void *, const vtd_drv_page_request *) { return VTD_DRV_PAGE_SUCCESS; }, nullptr);
    const vtd_request user = AtsRig::want(5, 0x1000, VTD_READ, VTD_REQ_PRIV);
    uint16_t prgi;
    uint8_t code = 0;
    ASSERT_EQ(vtd_requester_request_pages(device, &user, 1, &prgi), VTD_REQUESTER_WAITING);
    EXPECT_EQ(vtd_drv_handle_page_requests(rig.drv, nullptr), 1);
    ASSERT_TRUE(vtd_requester_collect(device, prgi, &code));
    EXPECT_EQ(code, 1) << "the unit does not look at SRE for page requests (ref 5.2, SPT.6), the driver does";
    const vtd_request supervisor = AtsRig::want(6, 0x1000, VTD_READ, VTD_REQ_PRIV);
    ASSERT_EQ(vtd_requester_request_pages(device, &supervisor, 1, &prgi), VTD_REQUESTER_WAITING);
    EXPECT_EQ(vtd_drv_handle_page_requests(rig.drv, nullptr), 1);
    ASSERT_TRUE(vtd_requester_collect(device, prgi, &code));
    EXPECT_EQ(code, 0);
}

TEST(SvaRights, TheExtendedAccessedBitIsSetWhereItIsWanted)
{
    AtsRig rig(without());
    rig.add();
    Owner owner(rig);
    owner.map(0x1000, 0x5000);
    bind(rig, foreign(owner.root), kSid, 5);
    ASSERT_EQ(rig.reach(kSid, 5, 0x1000), 0x5000u);
    EXPECT_EQ(*owner.entry(0x1000) >> 10 & 1, 0u);
    bind(rig, foreign(owner.root, 48, VTD_DRV_ENTRY_EAFE), kSid, 6);
    ASSERT_EQ(rig.reach(kSid, 6, 0x1000), 0x5000u);
    EXPECT_EQ(*owner.entry(0x1000) >> 10 & 1, 1u);
}

TEST(SvaArguments, WhatNoUnitCanDoAndWhatThisOneLacks)
{
    /* SRS with RPRIVS; EAFS. */
    AtsRig rig(without(UINT64_C(1) << 31 | UINT64_C(1) << 53 | UINT64_C(1) << 34));
    vtd_drv_domain *d;
    const auto create = [&](const vtd_drv_domain_spec &spec) { return vtd_drv_domain_create(rig.drv, &spec, &d); };
    EXPECT_EQ(create(foreign(0x1234)), -EINVAL) << "not a page address";
    EXPECT_EQ(create(foreign(UINT64_C(1) << 52)), -ERANGE) << "beyond the host address width";
    vtd_drv_domain_spec spec = foreign(0x10000000);
    spec.kind = VTD_DRV_SECOND_STAGE;
    EXPECT_EQ(create(spec), -EINVAL);
    spec = foreign(0x10000000);
    spec.max_page_shift = 12;
    EXPECT_EQ(create(spec), -EINVAL);
    spec = foreign(0x10000000);
    spec.foreign = false;
    EXPECT_EQ(create(spec), -EINVAL) << "a root without an owner";
    EXPECT_EQ(create(foreign(0x10000000, 48, VTD_DRV_ENTRY_WPE)), -EINVAL) << "with SRE only";
    EXPECT_EQ(create(foreign(0x10000000, 48, 32)), -EINVAL);
    EXPECT_EQ(create(foreign(0x10000000, 48, VTD_DRV_ENTRY_EMTE)), -EINVAL) << "nested only";
    EXPECT_EQ(create(foreign(0x10000000, 48, VTD_DRV_ENTRY_CD)), -ENOTSUP);
    EXPECT_EQ(create(foreign(0x10000000, 48, VTD_DRV_ENTRY_SRE)), -ENOTSUP);
    EXPECT_EQ(create(foreign(0x10000000, 48, VTD_DRV_ENTRY_EAFE)), -ENOTSUP);
    ASSERT_EQ(create(foreign(0x10000000)), 0);
    EXPECT_EQ(vtd_drv_domain_invalidate(d, UINT64_C(0x800000000000), kPage, 0), -ERANGE) << "not canonical";
    EXPECT_EQ(vtd_drv_domain_invalidate(d, ~UINT64_C(0), 2, 0), -ERANGE) << "wraps";
    EXPECT_EQ(vtd_drv_domain_invalidate(d, 0, 0, 2), -EINVAL);
    EXPECT_EQ(vtd_drv_domain_invalidate(d, ~UINT64_C(0), 1, 0), 0) << "the last byte";
    auto *own = rig.make(VTD_DRV_FIRST_STAGE, 48);
    EXPECT_EQ(vtd_drv_domain_invalidate(own, 0, 0, 0), -EINVAL);
    EXPECT_EQ(vtd_drv_domain_release(own), -EINVAL);
}

} // namespace
