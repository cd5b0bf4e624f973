/* SPDX-License-Identifier: MIT */
/* Faults that somebody else found for the unit (vtd_fault_inject): recorded as its own are (ref 1.7, 5.4). */
#include "support/unit_fixture.h"

namespace vtdtest
{

namespace
{

/* A root table that is empty: every request meets SRT.2. */
struct Injected : Unit {
    Injected()
    {
        start();
    }
    static vtd_injected_fault fault(uint8_t reason)
    {
        vtd_injected_fault f{};
        f.addr = 0x7f0012345678;
        f.sid = 0x0123;
        f.reason = reason;
        f.access = VTD_READ;
        return f;
    }
    vtd_status inject(const vtd_injected_fault &f)
    {
        return vtd_fault_inject(get(), &f);
    }
};

} // namespace

TEST(FaultInjection, RecordsTheSameBitsAsARequest)
{
    Injected own, injected;
    own.dma(0x0123).read(0x7f0012345678);
    ASSERT_EQ(injected.inject(Injected::fault(VTD_FAULT_SRT_2)), VTD_STATUS_OK);
    for (unsigned half : {0, 8})
        EXPECT_EQ(injected.read64(injected.frcd(0) + half), own.read64(own.frcd(0) + half));
    EXPECT_EQ(injected.read32(VTD_REG_FSTS), own.read32(VTD_REG_FSTS));
    EXPECT_EQ(injected.stats().faults_by_reason[VTD_FAULT_SRT_2], 1u);

    vtd_injected_fault f = Injected::fault(VTD_FAULT_SGN_6);
    f.access = VTD_ATOMIC;
    f.at = VTD_AT_TRANSLATED;
    f.has_pasid = f.privileged = true;
    f.pasid = 0xabcde;
    ASSERT_EQ(injected.inject(f), VTD_STATUS_OK);
    /* F, T1, AT 10, PASID, reason 85h, PP, PRIV, T2 and the requester */
    EXPECT_EQ(injected.read64(injected.frcd(1) + 8), bit(63) | bit(62) | UINT64_C(2) << 60 | UINT64_C(0xabcde) << 40 |
                                                         UINT64_C(0x85) << 32 | bit(31) | bit(29) | bit(28) | 0x0123u);
    f.page_request = true;
    f.at = 0;
    ASSERT_EQ(injected.inject(f), VTD_STATUS_OK);
    EXPECT_EQ(injected.read64(injected.frcd(2) + 8) >> 60, 8u) << "F, T1 0, AT 00";
    EXPECT_EQ(injected.read64(injected.frcd(2) + 8) >> 28 & 1, 1u) << "T2: a page request";
}

TEST(FaultInjection, DisabledSilencesQualifiedReasonsOnly)
{
    Injected u;
    for (uint8_t reason : {VTD_FAULT_SFS_2, VTD_FAULT_SRT_2}) {
        vtd_injected_fault f = Injected::fault(reason);
        f.disabled = true;
        EXPECT_EQ(u.inject(f), VTD_STATUS_OK);
    }
    EXPECT_EQ(u.readFault(0).reason, VTD_FAULT_SRT_2);
    EXPECT_FALSE(u.readFault(1).valid);
    EXPECT_EQ(u.stats().faults_suppressed, 1u);
}

TEST(FaultInjection, WhatNoRequestCanMeetIsRefused)
{
    Injected u;
    for (unsigned reason : {0x00u, 0x20u, 0x2bu, 0x35u, 0x92u, 0xffu})
        EXPECT_EQ(u.inject(Injected::fault((uint8_t)reason)), VTD_STATUS_INVALID) << reason;
    vtd_injected_fault f = Injected::fault(VTD_FAULT_SFS_2);
    f.pasid = 1 << 20;
    EXPECT_EQ(u.inject(f), VTD_STATUS_INVALID);
    f = Injected::fault(VTD_FAULT_SFS_2);
    f.at = 3;
    EXPECT_EQ(u.inject(f), VTD_STATUS_INVALID);
    f = Injected::fault(VTD_FAULT_SFS_2);
    f.access = VTD_ATOMIC + 1;
    EXPECT_EQ(u.inject(f), VTD_STATUS_INVALID);
    EXPECT_EQ(u.read32(VTD_REG_FSTS), 0u);
    EXPECT_EQ(u.stats().faults, 0u);
}

} // namespace vtdtest
