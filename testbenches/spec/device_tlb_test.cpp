/* SPDX-License-Identifier: MIT */
/*
 * Invalidation requests to devices and their completions: ranges, ITags, limits, errors, and how waits depend on them
 * (ref 3.1-3.4, 7.3).
 */
#include "support/unit_fixture.h"

namespace vtdtest
{

namespace
{

constexpr uint32_t kIqe = 1u << VTD_FSTS_IQE_LSB, kIce = 1u << VTD_FSTS_ICE_LSB, kIte = 1u << VTD_FSTS_ITE_LSB;

/* Type 3. */
Desc devTlb(uint16_t sid, uint64_t high = 0)
{
    Desc d;
    vtd_dev_tlb_inv_set_type_lo(d.q, VTD_TYPE_DEV_TLB_INV);
    vtd_dev_tlb_inv_set_sid(d.q, sid);
    d.q[1] = high;
    return d;
}

/* Type 8. */
Desc pasidDevTlb(uint16_t sid, uint32_t pasid, uint64_t high = 0)
{
    Desc d;
    vtd_p_dev_tlb_inv_set_type_lo(d.q, VTD_TYPE_P_DEV_TLB_INV);
    vtd_p_dev_tlb_inv_set_sid(d.q, sid);
    vtd_p_dev_tlb_inv_set_pasid(d.q, pasid);
    d.q[1] = high;
    return d;
}

vtd_config withThrottle()
{
    vtd_config config = preset();
    setEcap(config, VTD_FIELD_OF(ECAP, DIT), 1);
    return config;
}

/* Devices here answer nothing until told to: each request stands in device_invs. */
struct Devices : Unit {
    explicit Devices(const vtd_config &config = preset()) : Unit(config)
    {
        start();
        status = alloc();
    }
    /* Puts descriptors into the queue; unlike submit, they need not be consumed. */
    void put(const std::vector<Desc> &descs)
    {
        uint64_t tail = read64(VTD_REG_IQT);
        for (const Desc &d : descs) {
            for (unsigned i = 0; i < 4; i++)
                at(queueBase() + tail)[i] = d.q[i];
            tail = (tail + 32) % 4096;
        }
        write64(VTD_REG_IQT, tail);
    }
    /* A wait that stores `data` as the `n`-th status. */
    Desc wait(uint32_t data, unsigned n = 0, bool fence = false)
    {
        Desc d = waitStatus(status + 8 * n, data);
        vtd_inv_wait_set_fn(d.q, fence);
        return d;
    }
    uint32_t result(unsigned n = 0)
    {
        return static_cast<uint32_t>(*at(status + 8 * n));
    }
    void complete(size_t n)
    {
        vtd_device_tlb_complete(get(), device_invs.at(n).sid, 1u << device_invs.at(n).itag);
    }
    uint32_t fsts() const
    {
        return read32(VTD_REG_FSTS);
    }

    uint64_t status = 0;
};

} // namespace

/* ---------------------------------------------------------------- what the device is asked (ref 3.1, 3.2) */

TEST(DeviceTlb, GoldenRequestsOfAppendixA)
{
    Devices u;
    u.put({Desc{{UINT64_C(0x51000000003), 0x12345000}}, devTlb(kSid, 0x402ff001), devTlb(kSid, 0x7ffffffffffff001)});
    ASSERT_EQ(u.device_invs.size(), 3u);
    EXPECT_EQ(u.device_invs[0].addr, 0x12345000u);
    EXPECT_EQ(u.device_invs[0].size, 0x1000u);
    EXPECT_EQ(u.device_invs[1].addr, 0x40200000u);
    EXPECT_EQ(u.device_invs[1].size, 0x200000u);
    EXPECT_EQ(u.device_invs[2].size, 0u) << "everything";
    for (const auto &inv : u.device_invs) {
        EXPECT_EQ(inv.sid, kSid);
        EXPECT_FALSE(inv.has_pasid);
        EXPECT_FALSE(inv.global);
    }
}

TEST(DeviceTlb, GoldenPasidRequestsOfAppendixA)
{
    Devices u;
    u.put({Desc{{UINT64_C(0x2a05100008), 0x12345000}}, pasidDevTlb(kSid, 0x2a, 0x7ffffffffffff800),
           pasidDevTlb(kSid, 0x2a, 0x7ffffffffffff801)});
    ASSERT_EQ(u.device_invs.size(), 3u);
    EXPECT_EQ(u.device_invs[0].addr, 0x12345000u);
    EXPECT_EQ(u.device_invs[0].size, 0x1000u);
    EXPECT_EQ(u.device_invs[1].size, 0u);
    EXPECT_FALSE(u.device_invs[1].global);
    EXPECT_TRUE(u.device_invs[2].global);
    for (const auto &inv : u.device_invs) {
        EXPECT_TRUE(inv.has_pasid);
        EXPECT_EQ(inv.pasid, 0x2au);
        EXPECT_EQ(inv.sid, kSid);
    }
}

/* With S the lowest zero bit p of the address, counted from bit 12, makes 2^(p+1) pages. */
TEST(DeviceTlb, EverySizeFromTwoPagesOn)
{
    for (unsigned p = 0; p < 51; p++) {
        Devices u;
        const uint64_t size = UINT64_C(0x2000) << p;
        const uint64_t ones = (bit(p) - 1) << 12, base = p < 50 ? size : 0;
        u.put({devTlb(kSid, base | ones | 1), pasidDevTlb(kSid, 1, base | ones | 0x800)});
        ASSERT_EQ(u.device_invs.size(), 2u);
        for (const auto &inv : u.device_invs) {
            EXPECT_EQ(inv.size, size) << p;
            EXPECT_EQ(inv.addr, base) << p;
        }
    }
}

TEST(DeviceTlb, SizeFlagStandsElsewhereForEachType)
{
    Devices u;
    u.put({devTlb(kSid, 0x800)}); /* bit 11 is reserved in type 3 */
    EXPECT_EQ(u.fsts() & kIqe, kIqe);
    EXPECT_EQ(vtd_reg_iqercd_iqei(u.read64(VTD_REG_IQERCD)), unsigned{VTD_IQEI_RESERVED});
    EXPECT_TRUE(u.device_invs.empty());
    Devices v;
    v.put({pasidDevTlb(kSid, 5, 0x3000 | 1)}); /* bit 0 is GI in type 8 */
    ASSERT_EQ(v.device_invs.size(), 1u);
    EXPECT_EQ(v.device_invs[0].size, 0x1000u);
    EXPECT_TRUE(v.device_invs[0].global);
}

/* ---------------------------------------------------------------- completion and waits (ref 3.3) */

TEST(DeviceCompletion, WaitCompletesWithTheLastDeviceBeforeIt)
{
    Devices u;
    u.put({devTlb(kSid), devTlb(0x0611), u.wait(2)});
    EXPECT_EQ(u.result(), 0u);
    u.complete(1);
    EXPECT_EQ(u.result(), 0u);
    u.complete(0);
    EXPECT_EQ(u.result(), 2u);
    EXPECT_EQ(u.fsts(), 0u);
}

TEST(DeviceCompletion, OneMessageMayCarryManyTags)
{
    Devices u;
    u.put({devTlb(kSid), devTlb(kSid), devTlb(kSid), u.wait(2)});
    uint32_t itags = 0;
    for (const auto &inv : u.device_invs)
        itags |= 1u << inv.itag;
    EXPECT_EQ(__builtin_popcount(itags), 3);
    vtd_device_tlb_complete(u.get(), kSid, itags);
    EXPECT_EQ(u.result(), 2u);
    EXPECT_EQ(u.fsts(), 0u);
}

TEST(DeviceCompletion, LaterRequestsDoNotHoldAnEarlierWait)
{
    Devices u;
    u.put({devTlb(kSid), u.wait(2, 0), devTlb(kSid), u.wait(3, 1)});
    ASSERT_EQ(u.device_invs.size(), 2u) << "without a fence the next descriptor starts";
    u.complete(0);
    EXPECT_EQ(u.result(0), 2u);
    EXPECT_EQ(u.result(1), 0u);
    u.complete(1);
    EXPECT_EQ(u.result(1), 3u);
}

TEST(DeviceCompletion, WaitsCompleteInTheirOrder)
{
    Devices u;
    u.put({devTlb(kSid), u.wait(2, 0), devTlb(kSid), u.wait(3, 1)});
    u.complete(1);
    EXPECT_EQ(u.result(1), 0u) << "everything before it includes the first request";
    u.complete(0);
    EXPECT_EQ(u.result(0), 2u);
    EXPECT_EQ(u.result(1), 3u);
}

TEST(DeviceCompletion, FenceHoldsBackLaterDescriptors)
{
    Devices u;
    u.put({devTlb(kSid), u.wait(2, 0, true), devTlb(0x0611), u.wait(3, 1)});
    ASSERT_EQ(u.device_invs.size(), 1u) << "behind the fence nothing starts";
    u.complete(0);
    EXPECT_EQ(u.result(0), 2u);
    ASSERT_EQ(u.device_invs.size(), 2u);
    u.complete(1);
    EXPECT_EQ(u.result(1), 3u);
    EXPECT_EQ(u.read64(VTD_REG_IQH), u.read64(VTD_REG_IQT));
}

TEST(DeviceCompletion, AtMostThirtyTwoAreOutstanding)
{
    Devices u;
    std::vector<Desc> many;
    for (unsigned i = 0; i < 40; i++)
        many.push_back(devTlb(static_cast<uint16_t>(0x1000 + i)));
    many.push_back(u.wait(2));
    u.put(many);
    ASSERT_EQ(u.device_invs.size(), 32u);
    EXPECT_EQ(u.read64(VTD_REG_IQH), 32u * 32u);
    uint32_t itags = 0;
    for (const auto &inv : u.device_invs)
        itags |= 1u << inv.itag;
    EXPECT_EQ(itags, 0xffffffffu) << "each tag once";
    u.complete(17);
    ASSERT_EQ(u.device_invs.size(), 33u);
    EXPECT_EQ(u.device_invs[32].itag, u.device_invs[17].itag) << "the only free one";
    for (size_t i = 0; i < 40; i++)
        if (i != 17)
            u.complete(i);
    EXPECT_EQ(u.device_invs.size(), 40u);
    EXPECT_EQ(u.result(), 2u);
    EXPECT_EQ(u.fsts(), 0u);
}

/* MIP limits what is pending per physical function; 0 means 32 (ref 3.1). */
TEST(DeviceCompletion, MipLimitsAPhysicalFunction)
{
    Devices u(withThrottle());
    const Desc golden{{UINT64_C(0x0500051000048003), 0}}; /* MIP 4, PFSID 0x508 (App. A) */
    Desc other = devTlb(0x0600);
    vtd_dev_tlb_inv_set_pfsid_lo(other.q, 0);
    vtd_dev_tlb_inv_set_pfsid_hi(other.q, 0x60);
    u.put({golden, golden, other, golden, golden, golden, golden});
    EXPECT_EQ(u.device_invs.size(), 5u) << "four of the function, one of another";
    u.complete(2);
    EXPECT_EQ(u.device_invs.size(), 5u) << "the other one does not help";
    u.complete(0);
    EXPECT_EQ(u.device_invs.size(), 6u);
    u.complete(1);
    EXPECT_EQ(u.device_invs.size(), 7u);
}

TEST(DeviceCompletion, MipCountsBothTypes)
{
    Devices u(withThrottle());
    const Desc plain{{UINT64_C(0x0500051000048003), 0}}, with_pasid{{UINT64_C(0x0500002a05108048), 0}}; /* App. A */
    u.put({plain, with_pasid, plain, with_pasid, with_pasid});
    EXPECT_EQ(u.device_invs.size(), 4u);
    u.complete(0);
    EXPECT_EQ(u.device_invs.size(), 5u);
}

/* PFSID is 16 bits in two fields; each of them tells one function from another, in both types. */
TEST(DeviceCompletion, EveryBitOfPfsidNamesAnotherFunction)
{
    const auto descriptor = [](bool with_pasid, unsigned pfsid) {
        Desc d{{UINT64_C(0x51000010003), 0}}; /* type 3, MIP 1 */
        if (with_pasid)
            d = Desc{{UINT64_C(0x2a05100018), 0}};                          /* type 8, MIP 1 */
        d.q[0] |= uint64_t{pfsid & 0xf} << 12 | uint64_t{pfsid >> 4} << 52; /* ref 3.1 */
        return d;
    };
    for (bool with_pasid : {false, true})
        for (unsigned b = 0; b < 16; b++) {
            Devices u(withThrottle());
            const unsigned pfsid = 0x5a3c;
            u.put({descriptor(with_pasid, pfsid), descriptor(with_pasid, pfsid ^ 1u << b), descriptor(true, pfsid),
                   descriptor(false, pfsid ^ 1u << b)});
            EXPECT_EQ(u.device_invs.size(), 2u) << "bit " << b << ": each function has one pending";
            u.complete(1);
            EXPECT_EQ(u.device_invs.size(), 2u) << "bit " << b << ": the third is of the first function";
            u.complete(0);
            EXPECT_EQ(u.device_invs.size(), 4u) << "bit " << b;
        }
}

TEST(DeviceCompletion, PfsidIsReservedWithoutThrottling)
{
    Devices u;
    u.put({Desc{{UINT64_C(0x0500051000048003), 0}}});
    EXPECT_EQ(u.fsts() & kIqe, kIqe);
    EXPECT_EQ(vtd_reg_iqercd_iqei(u.read64(VTD_REG_IQERCD)), unsigned{VTD_IQEI_RESERVED});
}

/* ---------------------------------------------------------------- errors (ref 3.4) */

TEST(DeviceError, UnknownTagIsIceAndNamesTheDevice)
{
    Devices u;
    vtd_device_tlb_complete(u.get(), 0x0abc, 1u << 7);
    EXPECT_EQ(u.fsts(), kIce);
    EXPECT_EQ(vtd_reg_iqercd_icesid(u.read64(VTD_REG_IQERCD)), 0x0abcu);
    EXPECT_EQ(vtd_reg_iqercd_iqei(u.read64(VTD_REG_IQERCD)), 0u);
    u.put({u.wait(2)});
    EXPECT_EQ(u.result(), 2u) << "the queue continues";
    u.write32(VTD_REG_FSTS, kIce);
    EXPECT_EQ(u.fsts(), 0u);
}

TEST(DeviceError, CompletionOfAnotherDeviceIsIceAndCompletesNothing)
{
    Devices u;
    u.put({devTlb(kSid), u.wait(2)});
    vtd_device_tlb_complete(u.get(), kSid + 1, 1u << u.device_invs[0].itag);
    EXPECT_EQ(u.fsts(), kIce);
    EXPECT_EQ(vtd_reg_iqercd_icesid(u.read64(VTD_REG_IQERCD)), kSid + 1u);
    EXPECT_EQ(u.result(), 0u);
    u.complete(0);
    EXPECT_EQ(u.result(), 2u);
}

TEST(DeviceError, SecondCompletionOfATagIsIce)
{
    Devices u;
    u.put({devTlb(kSid)});
    u.complete(0);
    EXPECT_EQ(u.fsts(), 0u);
    u.complete(0);
    EXPECT_EQ(u.fsts(), kIce);
}

TEST(DeviceError, TimeOutAbortsWaitsAndStopsTheQueue)
{
    Devices u;
    u.put({devTlb(kSid), u.wait(2, 0), u.wait(3, 1)});
    const uint64_t head = u.read64(VTD_REG_IQH);
    vtd_device_tlb_timeout(u.get(), u.device_invs[0].itag);
    EXPECT_EQ(u.fsts(), kIte);
    EXPECT_EQ(vtd_reg_iqercd_itesid(u.read64(VTD_REG_IQERCD)), kSid);
    EXPECT_EQ(u.read64(VTD_REG_IQH), head) << "head unchanged";
    u.put({u.wait(4, 2)});
    EXPECT_EQ(u.result(2), 0u) << "no fetch while ITE is set";
    u.write32(VTD_REG_FSTS, kIte);
    EXPECT_EQ(u.result(2), 4u) << "resumes at the head";
    EXPECT_EQ(u.result(0), 0u) << "aborted, never completed";
    EXPECT_EQ(u.result(1), 0u);
    EXPECT_EQ(u.read64(VTD_REG_IQH), u.read64(VTD_REG_IQT));
}

TEST(DeviceError, TimeOutFreesTheTag)
{
    Devices u;
    u.put({devTlb(kSid)});
    const unsigned itag = u.device_invs[0].itag;
    vtd_device_tlb_timeout(u.get(), itag);
    u.write32(VTD_REG_FSTS, kIte);
    vtd_device_tlb_timeout(u.get(), itag);
    EXPECT_EQ(u.fsts(), 0u) << "it is not outstanding any more";
    u.complete(0);
    EXPECT_EQ(u.fsts(), kIce) << "too late";
}

TEST(DeviceError, FirstTimedOutDeviceIsRemembered)
{
    Devices u;
    u.put({devTlb(kSid), devTlb(0x0611)});
    vtd_device_tlb_timeout(u.get(), u.device_invs[0].itag);
    vtd_device_tlb_timeout(u.get(), u.device_invs[1].itag);
    EXPECT_EQ(vtd_reg_iqercd_itesid(u.read64(VTD_REG_IQERCD)), kSid);
}

TEST(DeviceError, TimeOutBehindAFenceLetsTheQueueRunAgain)
{
    Devices u;
    u.put({devTlb(kSid), u.wait(2, 0, true), devTlb(0x0611), u.wait(3, 1)});
    vtd_device_tlb_timeout(u.get(), u.device_invs[0].itag);
    EXPECT_EQ(u.device_invs.size(), 1u);
    u.write32(VTD_REG_FSTS, kIte);
    ASSERT_EQ(u.device_invs.size(), 2u);
    u.complete(1);
    EXPECT_EQ(u.result(0), 0u);
    EXPECT_EQ(u.result(1), 3u);
}

TEST(DeviceError, OtherDevicesCompleteWhileTheQueueStands)
{
    Devices u;
    u.put({devTlb(kSid), devTlb(0x0611)});
    vtd_device_tlb_timeout(u.get(), u.device_invs[0].itag);
    u.complete(1);
    EXPECT_EQ(u.fsts(), kIte) << "a proper completion is no error";
}

} // namespace vtdtest
