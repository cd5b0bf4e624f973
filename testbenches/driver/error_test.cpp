/* SPDX-License-Identifier: MIT */
/* What stays intact when the unit refuses an invalidation, and rare answers of the driver. */
#include "driver_fixture.h"

#include <cerrno>

namespace
{

constexpr uint16_t kSid = 0x10;
constexpr uint64_t k2M = 2 << 20, k1G = 1 << 30;

struct Errors : DriverTest {
    void refuse(unsigned type)
    {
        unit.refuse = [type](const uint64_t *q) { return (q[0] & 0xf) == type ? 3 : 0; };
    }
    void accept()
    {
        unit.refuse = [](const uint64_t *) { return 0; };
    }
};

TEST_F(Errors, AWholeTreeOfTablesStaysWhenItsInvalidationFails)
{
    start();
    auto *d = first_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    ASSERT_EQ(vtd_drv_map(d, k1G + 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_map(d, k1G + 4 * k2M + 0x1000, 0x5000, 0x1000, kRw), 0);
    const uint64_t used = unit.frames.used;
    refuse(6);
    EXPECT_EQ(vtd_drv_unmap(d, k1G, k1G), -EIO);
    EXPECT_EQ(unit.frames.used, used); /* the fixture checks that the end frees them */
    accept();
    ASSERT_EQ(vtd_drv_map(d, k1G, 0x40000000, k1G, kRw), 0) << "the range can be used again";
}

TEST_F(Errors, NestedTablesStayWhenTheParentCannotInvalidate)
{
    start();
    auto *parent = second_stage();
    auto *d = domain(domain_spec(VTD_DRV_NESTED, 48, parent));
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    ASSERT_EQ(vtd_drv_map(d, k2M, 0x5000, k2M, kRw), 0);
    const uint64_t used = unit.frames.used;
    refuse(2); /* the first stage is invalidated with type 6, the parent with type 2 */
    EXPECT_EQ(vtd_drv_unmap(d, k2M, k2M), (int64_t)k2M);
    EXPECT_EQ(unit.frames.used, used);
    accept();
}

TEST_F(Errors, ADeviceStaysWhenItsContextEntryCannotBeInvalidated)
{
    start();
    ASSERT_EQ(vtd_drv_device_add(drv, kSid, 5), 0);
    refuse(1);
    EXPECT_EQ(vtd_drv_device_remove(drv, kSid), -EIO);
    EXPECT_EQ(vtd_drv_device_add(drv, kSid, 5), -EBUSY);
    accept();
    EXPECT_EQ(vtd_drv_device_remove(drv, kSid), 0);
    EXPECT_EQ(vtd_drv_device_add(drv, kSid, 5), 0);
}

TEST_F(Errors, ADomainIdThatCannotBeInvalidatedIsNotReused)
{
    start();
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    ASSERT_EQ(vtd_drv_domain_destroy(d), 0);
    refuse(7);
    const auto spec = domain_spec(VTD_DRV_SECOND_STAGE, 48);
    EXPECT_EQ(vtd_drv_domain_create(drv, &spec, &d), -EIO);
    accept();
    EXPECT_EQ(vtd_drv_domain_id(second_stage()), 2);
}

TEST_F(Errors, SplitFailsWithoutLosingTheRest)
{
    start();
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    ASSERT_EQ(vtd_drv_map(d, k2M, 0, k2M, kRw), 0);
    refuse(2);
    EXPECT_EQ(vtd_drv_unmap(d, k2M, 0x1000), -EIO);
    accept();
    uint64_t pa;
    EXPECT_EQ(vtd_drv_iova_to_phys(d, k2M, &pa, nullptr), -ENOENT);
    EXPECT_EQ(vtd_drv_iova_to_phys(d, k2M + 0x1000, &pa, nullptr), 0);
    EXPECT_EQ(pa, 0x1000u);
}

TEST_F(Errors, AnAttachThatTheUnitDidNotConfirmCanBeTakenDown)
{
    unit.cap |= kCapCm;
    start();
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_device_add(drv, kSid, 5), 0);
    refuse(7);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 3, d), -EIO);
    accept();
    EXPECT_EQ(vtd_drv_attached(drv, kSid, 3), d);
    EXPECT_EQ(vtd_drv_detach(drv, kSid, 3), 0);
    EXPECT_EQ(vtd_drv_domain_destroy(d), 0);
}

TEST_F(Errors, HundredsOfDomainsHaveDomainIdsOfTheirOwn)
{
    start();
    std::map<unsigned, vtd_drv_domain *> seen;
    for (unsigned i = 0; i < 300; i++) {
        auto *d = second_stage(39);
        ASSERT_NE(d, nullptr);
        ASSERT_TRUE(seen.emplace(vtd_drv_domain_id(d), d).second);
    }
    ASSERT_EQ(vtd_drv_domain_destroy(seen[200]), 0);
    EXPECT_EQ(vtd_drv_domain_id(second_stage(39)), 200);
}

TEST_F(Errors, AStoppedDriverTakesNoRawDescriptors)
{
    start();
    const uint64_t d[1][4] = {{0x37, 0, 0, 0}};
    ASSERT_EQ(vtd_drv_stop(drv), 0);
    EXPECT_EQ(vtd_drv_stop(drv), 0);
    EXPECT_EQ(vtd_drv_submit_raw(drv, d, 1), -ENODEV);
    EXPECT_EQ(vtd_drv_invalidate_all(drv), 0);
}

TEST_F(Errors, InfoIsWhatTheUnitReports)
{
    start();
    vtd_drv_info info{};
    vtd_drv_get_info(drv, &info);
    EXPECT_EQ(info.cap, kExampleCap);
    EXPECT_EQ(info.ecap, kExampleEcap);
    EXPECT_EQ(info.version, 0x60u);
    EXPECT_EQ(info.did_limit, 65536u); /* ND 6 */
    EXPECT_EQ(info.pasid_bits, 20);    /* PSS 19 */
    EXPECT_EQ(info.fault_records, 8u);
}

TEST_F(Errors, PassThroughIsTheIdentity)
{
    start();
    uint64_t pa;
    unsigned shift;
    ASSERT_EQ(vtd_drv_iova_to_phys(domain(domain_spec(VTD_DRV_PASS_THROUGH, 0)), 0x123456789, &pa, &shift), 0);
    EXPECT_EQ(pa, UINT64_C(0x123456789));
}

TEST_F(Errors, WithoutPasidsOnlyRequestsWithoutPasidAreServed)
{
    unit.ecap &= ~(UINT64_C(1) << 40 | UINT64_C(0x1f) << 35); /* PASID, PSS */
    start();
    uint32_t pasid;
    EXPECT_EQ(vtd_drv_pasid_alloc(drv, &pasid), -ENOTSUP);
    auto *d = second_stage();
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 1, d), -EINVAL);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    EXPECT_EQ(unit.qword(context_entry(kSid)) & 0xfff, 1u) << "PASIDE is reserved then";
}

} // namespace
