/* SPDX-License-Identifier: MIT */
/*
 * Corners of registers, queue and events: what stops and what does not, fields that must not disturb each other,
 * and surroundings that refuse or lack something (ref 1, 3.4, 5.4, 7.3, 8).
 */
#include "spec/remapper.h"

#include <memory>

namespace vtdtest
{

namespace
{

constexpr uint32_t kIqe = 1u << VTD_FSTS_IQE_LSB, kIce = 1u << VTD_FSTS_ICE_LSB, kIte = 1u << VTD_FSTS_ITE_LSB;

/* A started unit whose queue may stop; devices answer when the test says so. */
struct Stopper : Unit {
    explicit Stopper(const vtd_config &config = preset()) : Unit(config)
    {
        start();
        status = alloc();
    }
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
    Desc deviceTlb(uint16_t sid) const
    {
        Desc d;
        vtd_dev_tlb_inv_set_type_lo(d.q, VTD_TYPE_DEV_TLB_INV);
        vtd_dev_tlb_inv_set_sid(d.q, sid);
        return d;
    }
    uint32_t result(unsigned n = 0)
    {
        return static_cast<uint32_t>(*at(status + 8 * n));
    }
    uint64_t record() const
    {
        return read64(VTD_REG_IQERCD);
    }
    uint64_t status = 0;
};

} // namespace

/* ---------------------------------------------------------------- queue */

TEST(StopResume, RepairAndANewTailDoNotResumeBeforeIqeIsCleared)
{
    Stopper u;
    u.put({Desc{{0}}});
    u.at(u.queueBase())[0] = VTD_TYPE_INV_WAIT;
    u.put({waitStatus(u.status, 5)});
    EXPECT_EQ(u.read64(VTD_REG_IQH), 0u);
    EXPECT_EQ(u.result(), 0u);
    u.write32(VTD_REG_FSTS, kIqe);
    EXPECT_EQ(u.result(), 5u);
}

TEST(StopResume, ErrorRecordFieldsDoNotDisturbEachOther)
{
    Stopper u;
    vtd_device_tlb_complete(u.get(), 0x0abc, 1);
    u.put({u.deviceTlb(0x0611)});
    vtd_device_tlb_timeout(u.get(), u.device_invs.at(0).itag);
    u.write32(VTD_REG_FSTS, kIce | kIte);
    u.put({Desc{{VTD_TYPE_INV_WAIT | UINT64_C(1) << 12}}}); /* reserved: code 4 */
    EXPECT_EQ(u.record(), UINT64_C(0x0abc061100000004));
    u.at(u.queueBase() + u.read64(VTD_REG_IQH))[0] = 0; /* code 3, less bits */
    u.write32(VTD_REG_FSTS, kIqe);
    EXPECT_EQ(u.record(), UINT64_C(0x0abc061100000003));
    vtd_device_tlb_complete(u.get(), 0x0500, 1);
    EXPECT_EQ(u.record(), UINT64_C(0x0500061100000003));
}

TEST(StopResume, TimeOutFreesThatTagOnly)
{
    Stopper u;
    u.put({u.deviceTlb(1), u.deviceTlb(2), u.deviceTlb(3)});
    const auto invs = u.device_invs;
    ASSERT_EQ(invs.size(), 3u);
    vtd_device_tlb_timeout(u.get(), invs[1].itag);
    EXPECT_EQ(vtd_reg_iqercd_itesid(u.record()), 2u);
    u.write32(VTD_REG_FSTS, kIte);
    vtd_device_tlb_complete(u.get(), 1, 1u << invs[0].itag);
    vtd_device_tlb_complete(u.get(), 3, 1u << invs[2].itag);
    EXPECT_EQ(u.read32(VTD_REG_FSTS), 0u);
    vtd_device_tlb_complete(u.get(), 2, 1u << invs[1].itag);
    EXPECT_EQ(u.read32(VTD_REG_FSTS), kIce);
    vtd_device_tlb_timeout(u.get(), 32); /* no such tag */
    EXPECT_EQ(u.read32(VTD_REG_FSTS), kIce);
}

TEST(StopResume, ManyWaitsBehindOneDevice)
{
    Stopper u;
    std::vector<Desc> all = {u.deviceTlb(kSid)};
    for (unsigned n = 0; n < 100; n++)
        all.push_back(waitStatus(u.status + 8 * n, n + 1));
    u.put(all);
    for (unsigned n = 0; n < 100; n++)
        ASSERT_EQ(u.result(n), 0u) << n;
    vtd_device_tlb_complete(u.get(), kSid, 1u << u.device_invs.at(0).itag);
    for (unsigned n = 0; n < 100; n++)
        EXPECT_EQ(u.result(n), n + 1) << n;
    EXPECT_EQ(u.read64(VTD_REG_IQH), u.read64(VTD_REG_IQT));
}

TEST(StopResume, WithoutDevicesNothingIsWaitedFor)
{
    alignas(8) static uint64_t memory[2 * 512];
    vtd_host host{};
    host.mem_base = memory;
    host.mem_size = sizeof memory;
    const vtd_config config = preset();
    const std::unique_ptr<vtd, void (*)(vtd *)> unit(vtd_create(&config, &host, nullptr), vtd_destroy);
    ASSERT_NE(unit, nullptr);
    for (unsigned n = 0; n < 40; n++) /* more than there are tags */
        memory[4 * n] = VTD_TYPE_DEV_TLB_INV;
    const Desc wait = waitStatus(4096, 7);
    memory[160] = wait.q[0];
    memory[161] = wait.q[1];
    vtd_mmio_write64(unit.get(), VTD_REG_IQA, vtd_reg_iqa_put_dw(1));
    vtd_mmio_write64(unit.get(), VTD_REG_IQT, 41 * 32);
    vtd_mmio_write32(unit.get(), VTD_REG_GCMD, 1u << VTD_GCMD_QIE_LSB);
    EXPECT_EQ(memory[512], 7u);
    EXPECT_EQ(vtd_mmio_read64(unit.get(), VTD_REG_IQH), 41u * 32u);
}

TEST(StopResume, WideDescriptorsNeedScalableOrAbortModeNotBoth)
{
    vtd_config scalable = preset(), abort = preset("qemu");
    setEcap(scalable, VTD_FIELD_OF(ECAP, ADMS), 0);
    for (unsigned b : {VTD_ECAP_SMTS_LSB, VTD_ECAP_SRS_LSB})
        setEcap(abort, b, b, 0);
    setEcap(abort, VTD_FIELD_OF(ECAP, ADMS), 1);
    for (const vtd_config &config : {scalable, abort}) {
        Unit u(config);
        u.setRootTable(VTD_TTM_LEGACY);
        const uint64_t queue = u.alloc(), status = u.alloc();
        const Desc wait = waitStatus(status, 7);
        u.at(queue)[0] = wait.q[0];
        u.at(queue)[1] = wait.q[1];
        u.write64(VTD_REG_IQA, queue | vtd_reg_iqa_put_dw(1));
        u.command(VTD_GCMD_QIE_LSB);
        u.write64(VTD_REG_IQT, 32);
        EXPECT_EQ(u.read32(VTD_REG_FSTS), 0u);
        EXPECT_EQ(*u.at(status), 7u);
    }
}

/* ---------------------------------------------------------------- registers */

TEST(Corner, WithoutTheQueueItsRegistersAreNotThere)
{
    vtd_config config{};
    ASSERT_EQ(vtd_config_preset(&config, "qemu"), VTD_STATUS_OK);
    config.version = 0x50;
    config.ecap = 0;
    setEcap(config, VTD_FIELD_OF(ECAP, IRO), 0x0f);
    setEcap(config, VTD_FIELD_OF(ECAP, SSTS), 1);
    setCap(config, VTD_FIELD_OF(CAP, PI), 0);
    setCap(config, VTD_FIELD_OF(CAP, FS1GP), 0);
    setCap(config, VTD_FIELD_OF(CAP, FS5LP), 0);
    Unit u(config);
    for (uint64_t offset = VTD_REG_IQH; offset <= VTD_REG_IQERCD + 4; offset += 4) {
        u.write32(offset, ~0u);
        EXPECT_EQ(u.read32(offset), 0u) << std::hex << offset;
    }
    u.write32(VTD_REG_GCMD, 1u << VTD_GCMD_QIE_LSB);
    EXPECT_EQ(u.read32(VTD_REG_GSTS), 0u);
}

TEST(Corner, SizeOfTheBlockCoversBothRelocatedParts)
{
    const struct {
        unsigned fro, iro;
        uint64_t size;
    } rows[] = {{0x22, 0x0f, 0x1000},  {0xf8, 0x0f, 0x1000},  {0xf9, 0x0f, 0x2000},
                {0x22, 0x0ff, 0x1000}, {0x22, 0x100, 0x2000}, {0x22, 0x1ff, 0x2000}};
    for (const auto &row : rows) {
        vtd_config config = preset();
        setCap(config, VTD_FIELD_OF(CAP, FRO), row.fro);
        setEcap(config, VTD_FIELD_OF(ECAP, IRO), row.iro);
        Unit u(config);
        EXPECT_EQ(vtd_mmio_size(u.get()), row.size) << std::hex << row.fro << " " << row.iro;
    }
}

TEST(Corner, OtherCommandsDoNotRestartTheFaultIndex)
{
    Stopper u;
    EXPECT_TRUE(blocked(u.dma(1).read(0), VTD_FAULT_SRT_2));
    u.takeFault();
    u.command(VTD_GCMD_CFI_LSB);
    EXPECT_TRUE(blocked(u.dma(2).read(0), VTD_FAULT_SRT_2));
    EXPECT_FALSE(u.readFault(0).valid);
    EXPECT_EQ(u.readFault(1).sid, 2u);
}

/* ---------------------------------------------------------------- events */

TEST(Corner, ClearingTheLastRecordWithdrawsTheFaultEvent)
{
    Stopper u;
    EXPECT_TRUE(blocked(u.dma(1).read(0), VTD_FAULT_SRT_2));
    EXPECT_EQ(u.read32(VTD_REG_FECTL), 3u << 30);
    u.write32(u.frcd(0) + 12, 1u << 31);
    EXPECT_EQ(u.read32(VTD_REG_FECTL), 1u << 31);
}

TEST(Corner, PageEventStaysPendingWhenOverflowIsClearedFirst)
{
    Stopper u;
    u.setPassThrough(kSid, 1, 3);
    u.write64(VTD_REG_PQA, u.alloc());
    while (u.pageRequest(kSid, 0x1000, VTD_PRQ_READ | VTD_PRQ_PASID, 1) == VTD_PRQ_QUEUED)
        ;
    u.write32(VTD_REG_PRS, 2);
    EXPECT_EQ(u.read32(VTD_REG_PECTL), 3u << 30);
    u.write32(VTD_REG_PRS, 1);
    EXPECT_EQ(u.read32(VTD_REG_PECTL), 1u << 31);
}

/* ---------------------------------------------------------------- interrupts */

TEST(Corner, CompatibilityMessagePassesUnmodified)
{
    Remapper u;
    u.command(VTD_GCMD_CFI_LSB);
    for (unsigned flag = 0; flag < 3; flag++) {
        const uint64_t addr = kMsiStart | 0xa5u << 12 | (flag == 0 ? 8u : flag == 1 ? 4u : 0u);
        const vtd_irq_response r = u.interrupt(addr, 0x41 | 1u << 8 | (flag == 2 ? 1u << 15 : 0));
        EXPECT_EQ(r.result, VTD_IRQ_PASSED);
        EXPECT_EQ(r.vector, 0x41u);
        EXPECT_EQ(r.delivery_mode, 1u);
        EXPECT_EQ(r.dest, 0xa5u);
        EXPECT_EQ(r.redirection_hint, flag == 0);
        EXPECT_EQ(r.logical, flag == 1);
        EXPECT_EQ(r.level, flag == 2);
    }
}

TEST(Corner, DescriptorThatCannotBeUpdatedIsAnAccessError)
{
    Unit u(preset(), Unit::Observed);
    const uint64_t table = u.alloc();
    uint64_t *e = u.at(table);
    vtd_irte_posted_set_p(e, 1);
    vtd_irte_posted_set_im(e, 1);
    vtd_irte_posted_set_vv(e, 0x42);
    vtd_irte_posted_set_pdal(e, kDescriptor >> 6);
    u.write64(VTD_REG_IRTA, table);
    u.command(VTD_GCMD_SIRTP_LSB);
    u.command(VTD_GCMD_IRE_LSB);
    u.fail = [](const MemAccess &access) { return access.kind == MemAccess::Cas; };
    vtd_irq_response r{};
    ASSERT_EQ(vtd_interrupt(u.get(), kSid, remappable(0), 0, &r), VTD_STATUS_OK);
    EXPECT_EQ(r.result, VTD_IRQ_BLOCKED);
    EXPECT_EQ(r.fault, VTD_FAULT_IR_PD_ACCESS);
    EXPECT_EQ(u.readFault(0).reason, unsigned{VTD_FAULT_IR_PD_ACCESS});
    EXPECT_TRUE(u.messages.empty());
}

TEST(Corner, WhatIsNoDwordInTheRangeIsTheCallersError)
{
    Unit u;
    vtd_irq_response r{};
    for (uint64_t addr : {kMsiStart | 1, kMsiStart | 2, kMsiStart - 4, kMsiStart + 0x100000})
        EXPECT_EQ(vtd_interrupt(u.get(), kSid, addr, 0, &r), VTD_STATUS_INVALID) << std::hex << addr;
}

/* ---------------------------------------------------------------- counters */

TEST(Corner, EveryCommandIsCountedOnce)
{
    Stopper u;
    vtd_stats_reset(u.get());
    Desc iec;
    vtd_iec_inv_set_type_lo(iec.q, VTD_TYPE_IEC_INV);
    u.put({ccInv(1), iotlbInv(1), pasidIotlbInv(2, 1, 1), pcInv(3), iec, u.deviceTlb(kSid), waitStatus(u.status, 1)});
    const vtd_stats s = u.stats();
    EXPECT_EQ(s.inv_descriptors, 7u);
    for (uint64_t count : {s.inv_context_cache, s.inv_iotlb, s.inv_pasid_iotlb, s.inv_pasid_cache,
                           s.inv_interrupt_cache, s.inv_device_tlb, s.inv_wait})
        EXPECT_EQ(count, 1u);
    EXPECT_EQ(s.inv_global, 0u);
    u.setRootTable(VTD_TTM_SCALABLE);
    EXPECT_EQ(u.stats().inv_global, 1u);
}

TEST(Corner, RequestsMessagesAndFaultsAreCounted)
{
    Stopper u;
    u.setPassThrough(kSid, 1, 3);
    u.write64(VTD_REG_PQA, u.alloc());
    u.write32(VTD_REG_FECTL, 0);
    EXPECT_TRUE(blocked(u.dma(1).read(0), VTD_FAULT_SRT_2));
    u.pageRequest(kSid, 0x1000, VTD_PRQ_READ | VTD_PRQ_PASID, 1);
    vtd_irq_response r{};
    EXPECT_EQ(vtd_interrupt(u.get(), kSid, kMsiStart, 0x41, &r), VTD_STATUS_OK);
    const vtd_stats s = u.stats();
    EXPECT_EQ(s.faults, 1u);
    EXPECT_EQ(s.faults_by_reason[VTD_FAULT_SRT_2], 1u);
    EXPECT_EQ(s.messages, 1u);
    EXPECT_EQ(s.page_requests, 1u);
    EXPECT_EQ(s.page_requests_queued, 1u);
    EXPECT_EQ(s.interrupts, 1u);
}

} // namespace vtdtest
