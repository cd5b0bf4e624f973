/* SPDX-License-Identifier: MIT */
/* The PASID entry that a guest's bind becomes, bit by bit (ref 2.5), and what is queued for it; over the fake unit. */
#include "driver_fixture.h"

#include <cerrno>

namespace
{

constexpr uint16_t kSid = 0x510;
constexpr uint64_t kGpgd = 0x123000;
constexpr uint64_t kMts = UINT64_C(1) << 25; /* of ECAP */

struct GuestEntry : DriverTest {
    vtd_drv_domain *memory = nullptr;

    void start_with(uint64_t ecap_set)
    {
        unit.ecap |= ecap_set;
        start();
        memory = second_stage();
        ASSERT_EQ(vtd_drv_device_add(drv, kSid, 20), 0);
        ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, memory), 0);
        unit.take();
    }
    static vtd_drv_gpasid_bind_data data(uint64_t hpasid, uint64_t flags, unsigned width = 48)
    {
        vtd_drv_gpasid_bind_data d{};
        d.argsz = sizeof(d);
        d.version = 1;
        d.format = 1;
        d.addr_width = width;
        d.gpgd = kGpgd;
        d.hpasid = hpasid;
        d.vtd.flags = flags;
        return d;
    }
    int bind(const vtd_drv_gpasid_bind_data &d)
    {
        return vtd_drv_sva_bind_gpasid(drv, kSid, &d);
    }
    uint64_t entry(uint32_t pasid, unsigned qword) const
    {
        return unit.qword(pasid_entry(kSid, pasid) + 8 * qword);
    }
};

} // namespace

TEST_F(GuestEntry, HoldsWhatTheGuestAskedFor)
{
    start_with(kMts);
    vtd_drv_gpasid_bind_data d = data(5,
                                      VTD_DRV_GPASID_VTD_SRE | VTD_DRV_GPASID_VTD_EAFE | VTD_DRV_GPASID_VTD_EMTE |
                                          VTD_DRV_GPASID_VTD_CD | VTD_DRV_GPASID_VTD_WPE,
                                      57);
    d.vtd.pat = 0x00070406;
    ASSERT_EQ(bind(d), 0);
    /* P, AW 010 (48 bits), PGTT 011, and the second stage of the machine's memory */
    EXPECT_EQ(entry(5, 0) & 0xfff, 1u | 2u << 2 | 3u << 6);
    EXPECT_EQ(entry(5, 0) >> 12, entry(0, 0) >> 12);
    EXPECT_NE(entry(5, 1) & 0xffff, entry(0, 1) & 0xffff) << "a domain-id of its own";
    EXPECT_EQ(entry(5, 1) >> 25 & 0x7f, 3u) << "CD, EMTE, and nothing in what revision 3 had";
    EXPECT_EQ(entry(5, 1) >> 32, 0x00070406u);
    EXPECT_EQ(entry(5, 2), kGpgd | 1u | 1u << 2 | 1u << 4 | 1u << 7) << "SRE, FSPM 01, WPE, EAFE, the guest's root";
}

TEST_F(GuestEntry, HasNothingThatTheGuestDidNotAskFor)
{
    start_with(0);
    vtd_drv_gpasid_bind_data d = data(6, 0);
    d.vtd.pat = 0x00070406; /* not used without ECAP.MTS */
    d.vtd.emt = 6;          /* nor without EMTE */
    ASSERT_EQ(bind(d), 0);
    EXPECT_EQ(entry(6, 1) >> 24, 0u);
    EXPECT_EQ(entry(6, 2), kGpgd);
    ASSERT_EQ(bind(data(7, VTD_DRV_GPASID_VTD_WPE)), 0);
    EXPECT_EQ(entry(7, 2), kGpgd) << "WPE has no effect without SRE";
}

TEST_F(GuestEntry, MemoryTypesThatOnlyRevision3HasAreRefused)
{
    start_with(kMts);
    EXPECT_EQ(bind(data(7, VTD_DRV_GPASID_VTD_PCD)), -EINVAL);
    EXPECT_EQ(bind(data(7, VTD_DRV_GPASID_VTD_PWT)), -EINVAL);
    vtd_drv_gpasid_bind_data d = data(7, VTD_DRV_GPASID_VTD_EMTE);
    d.vtd.emt = 6;
    EXPECT_EQ(bind(d), -EINVAL);
    d.vtd.emt = 0;
    EXPECT_EQ(bind(d), 0);
}

TEST_F(GuestEntry, IsGoneAndInvalidatedAfterAnUnbind)
{
    start_with(0);
    ASSERT_EQ(bind(data(5, 0)), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_sva_unbind_gpasid(drv, kSid, 5), 0);
    for (unsigned i = 0; i < 8; i++)
        EXPECT_EQ(entry(5, i), 0u);
    EXPECT_FALSE(unit.take().empty());
}
