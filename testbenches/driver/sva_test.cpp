/* SPDX-License-Identifier: MIT */
/* Domains that translate by somebody else's page table: bind, invalidations of the owner, the owner's end. */
#include "ats_rig.h"

extern "C" {
#include "tables/build.h"
}

#include <cerrno>
#include <cstring>

namespace
{

constexpr uint64_t kPage = AtsRig::kPage, k1G = AtsRig::k1G;
constexpr uint16_t kSid = AtsRig::kSid, kOther = AtsRig::kOther;
constexpr unsigned kRw = AtsRig::kRw;
constexpr unsigned kUser = VTD_PTE_R | VTD_PTE_W | VTD_PTE_U | VTD_PTE_A | VTD_PTE_D;

vtd_config preset(uint64_t ecap_clear = 0)
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

vtd_drv_domain_spec foreign(uint64_t root, uint8_t width = 48, unsigned flags = 0, vtd_drv_domain *parent = nullptr)
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

vtd_drv_domain *bind(AtsRig &rig, const vtd_drv_domain_spec &spec, uint16_t sid, uint32_t pasid)
{
    vtd_drv_domain *d = nullptr;
    EXPECT_EQ(vtd_drv_domain_create(rig.drv, &spec, &d), 0);
    EXPECT_EQ(vtd_drv_attach(rig.drv, sid, pasid, d), 0);
    return d;
}

TEST(Sva, ADeviceSeesTheOwnersTableAsItIs)
{
    for (unsigned levels : {4u, 5u}) {
        AtsRig rig(preset());
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
    AtsRig rig(preset());
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
        AtsRig rig(preset());
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
        AtsRig rig(preset());
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
    AtsRig rig(preset());
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
    AtsRig rig(preset());
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
    AtsRig rig(preset(), options);
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
    AtsRig rig(preset(), options);
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
        AtsRig rig(preset());
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
    AtsRig rig(preset());
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

/* ---------------------------------------------------------------- nested, rights, arguments */

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
    AtsRig rig(preset());
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
    AtsRig rig(preset());
    auto *parent = rig.make(VTD_DRV_SECOND_STAGE, 39);
    vtd_drv_domain *d;
    vtd_drv_domain_spec spec = foreign(UINT64_C(1) << 39, 48, 0, parent);
    EXPECT_EQ(vtd_drv_domain_create(rig.drv, &spec, &d), -ERANGE);
    spec.foreign_root -= kPage;
    EXPECT_EQ(vtd_drv_domain_create(rig.drv, &spec, &d), 0);
}

TEST(SvaRights, SupervisorRequestsOnlyWhereTheOwnerAllowsThem)
{
    AtsRig rig(preset());
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
    AtsRig rig(preset(), options);
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
    AtsRig rig(preset());
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
    AtsRig rig(preset(UINT64_C(1) << 31 | UINT64_C(1) << 53 | UINT64_C(1) << 34));
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
    EXPECT_EQ(create(foreign(0x10000000, 48, 8)), -EINVAL);
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
