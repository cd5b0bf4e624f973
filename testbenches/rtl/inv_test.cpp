// SPDX-License-Identifier: MIT
//
// The invalidation queue engine with the registers beside the model: random queues, good and damaged, of both widths; the
// same fetches, commands to the caches, status writes, messages, and registers that say the same.
#include "inv_bench.h"

#include <array>

namespace
{

using namespace vtdtest;

class InvalidationLockstep : public InvalidationBench
{
  protected:
    // ------------------------------------------------------------ software
    void writeBoth(unsigned offset, uint64_t data, unsigned bytes = 4, bool waits = true)
    {
        // What a command of software takes: everything.
        fsScope = ranged(VTD_CACHE_FS_PSC, 0, 0, false, 0, 0);
        ssScope = ranged(VTD_CACHE_SS_PSC, 0, 0, false, 0, 0);
        if (bytes == 8)
            vtd_mmio_write64(model, offset, data);
        else
            vtd_mmio_write32(model, offset, static_cast<uint32_t>(data));
        writeDword(offset, data);
        if (bytes == 8)
            writeDword(offset + 4, data >> 32);
        if (waits)
            settle();
    }
    uint32_t gcmd() const
    {
        return vtd_mmio_read32(model, VTD_REG_GSTS) & (1u << VTD_GCMD_QIE_LSB | 1u << VTD_GCMD_TE_LSB);
    }
    void writeGcmd(uint32_t set, uint32_t clear = 0)
    {
        writeBoth(VTD_REG_GCMD, (gcmd() | set) & ~clear);
    }
    // A descriptor that is in order for a wide queue in scalable mode.
    std::array<uint64_t, 4> good()
    {
        const uint64_t g = random() % 3, did = (random() & 0xffff) << 16, pasid = (random() & 0xfffff) << 32;
        const uint64_t range = random() << 12 | (random() & 1) << 6 | random() % 28;
        switch (random() % 5) {
        case 0:
            return {VTD_TYPE_CC_INV | (g + 1) << 4 | did | (random() & 0x3ffff) << 32, 0, 0, 0};
        case 1:
            return {VTD_TYPE_IOTLB_INV | (g + 1) << 4 | (random() & 3) << 6 | did, range, 0, 0};
        case 2:
            return {VTD_TYPE_INV_WAIT | (random() & 7) << 4 | random() << 32, random() & ~UINT64_C(3), 0, 0};
        case 3:
            return {VTD_TYPE_P_IOTLB_INV | (2 + g % 2) << 4 | did | pasid,
                    chance(80) ? range : (range & ~UINT64_C(63)) | (random() & 63), 0, 0};
        default:
            return {VTD_TYPE_PC_INV | (g == 2 ? 3 : g) << 4 | did | pasid, 0, 0, 0};
        }
    }
    void put(uint64_t at, bool wide, unsigned damage)
    {
        std::array<uint64_t, 4> q = good();
        const bool scalable = wide && chance(98);
        while (!scalable && (q[0] & 15) > VTD_TYPE_INV_WAIT)
            q = good();
        if (chance(damage))
            q[random() % (wide ? 4 : 2)] ^= UINT64_C(1) << random() % 64;
        else if (chance(damage))
            q[0] ^= random() & 0xfff; // another type or granularity
        for (unsigned i = 0; i < (wide ? 4 : 2) && at / 8 + i < memory.size(); i++)
            memory[at / 8 + i] = q[i];
    }
    void enable()
    {
        const bool wide = chance(75);
        uint64_t mode = random() & 3;
        if (chance(90))
            mode = wide ? VTD_TTM_SCALABLE : VTD_TTM_LEGACY;
        writeGcmd(0, 1u << VTD_GCMD_QIE_LSB);
        writeBoth(VTD_REG_IQT, chance(95) ? 0 : random() & 0x7fff0);
        writeBoth(VTD_REG_RTADDR, mode << 10 | (random() & 0xfff) << 12, 8);
        const uint64_t size = chance(90) ? random() & 1 : random() & 7;
        const uint64_t base = chance(97) ? kMemory + (random() & 3) * 4096 : random() >> (random() % 20);
        writeBoth(VTD_REG_IQA, base >> 12 << 12 | static_cast<uint64_t>(wide) << 11 | size, 8);
        writeGcmd(1u << VTD_GCMD_SRTP_LSB | (chance(50) ? 1u << VTD_GCMD_TE_LSB : 0) | 1u << VTD_GCMD_QIE_LSB);
    }
    // Some descriptors behind the tail; the tail moves behind them.
    void submit(bool waits = true)
    {
        const uint64_t iqa = vtd_mmio_read64(model, VTD_REG_IQA), size = UINT64_C(4096) << (iqa & 7);
        const uint64_t bytes = iqa >> 11 & 1 ? 32 : 16;
        uint64_t tail = vtd_mmio_read64(model, VTD_REG_IQT);
        const bool lap = chance(4); // perhaps beyond the end of the queue, and on from its begin
        for (uint64_t n = lap ? 200 : 1 + random() % 12; n > 0; n--) {
            put((iqa >> 12 << 12) + tail - kMemory, bytes == 32, lap ? 0 : 5);
            tail = (tail + bytes) & (size - 1);
        }
        if (chance(3))
            tail = chance(50) ? size : random() & 0x7fff0;
        writeBoth(VTD_REG_IQT, tail, random() & 1 ? 8 : 4, waits);
    }
    // Not allowed to software, but harmless: what is in the queue is done before it is off.
    void submitAndDisable()
    {
        submit(false);
        writeGcmd(0, 1u << VTD_GCMD_QIE_LSB);
    }
    // Another descriptor in the place of the bad one, and on.
    void repair()
    {
        const uint64_t iqa = vtd_mmio_read64(model, VTD_REG_IQA), head = vtd_mmio_read64(model, VTD_REG_IQH);
        if (chance(80))
            put((iqa >> 12 << 12) + head - kMemory, iqa >> 11 & 1, 1);
        writeBoth(VTD_REG_FSTS, ~UINT64_C(0));
    }
    void step()
    {
        const uint64_t choice = random() % 100;
        const bool stopped = vtd_mmio_read32(model, VTD_REG_FSTS) & vtd_reg_fsts_put_iqe(1);
        const bool works = gcmd() >> VTD_GCMD_QIE_LSB & 1;
        if (stopped && choice < 60)
            repair();
        else if ((stopped && choice < 75) || !works || choice < 3)
            enable();
        else if (choice < 77)
            submit();
        else if (choice < 80)
            submitAndDisable();
        else if (choice < 88)
            writeBoth(VTD_REG_ICS, 1);
        else if (choice < 92)
            writeBoth(random() & 1 ? VTD_REG_FECTL : VTD_REG_IECTL, chance(70) ? 0 : UINT64_C(1) << 31);
        else if (choice < 95)
            writeGcmd(1u << VTD_GCMD_SRTP_LSB, random() & 1 ? 1u << VTD_GCMD_TE_LSB : 0);
        else if (choice < 96)
            writeBoth(VTD_REG_IQA, vtd_mmio_read64(model, VTD_REG_IQA) ^ (random() & 0x807),
                      8); // not allowed; harmless
        else
            writeBoth(VTD_REG_IEDATA, random());
    }
    void compareRegisters()
    {
        static const unsigned offsets[] = {VTD_REG_GSTS, VTD_REG_FSTS, VTD_REG_FECTL, VTD_REG_IQH,   VTD_REG_IQT,
                                           VTD_REG_IQA,  VTD_REG_ICS,  VTD_REG_IECTL, VTD_REG_IQERCD};
        for (unsigned offset : offsets)
            ASSERT_EQ(static_cast<uint32_t>(readDut(offset)), vtd_mmio_read32(model, offset))
                << std::hex << "register 0x" << offset;
    }
    void compare()
    {
        ASSERT_EQ(done, expected);
        ASSERT_EQ(messages, expectedMessages);
        compareRegisters();
        for (const Step &s : done)
            seen[s.kind]++;
        seen[Step::Message] += messages.size();
        for (std::vector<Step> *list : {&done, &expected, &messages, &expectedMessages})
            list->clear();
    }
};
TEST_F(InvalidationLockstep, RandomQueuesAreWorkedOffAsByTheModel)
{
    ASSERT_NE(model, nullptr);
    std::map<uint64_t, unsigned> errors;
    for (unsigned n = 0; n < 60000; n++) {
        step();
        compare();
        if (HasFatalFailure())
            FAIL() << "at step " << n;
        if (vtd_mmio_read32(model, VTD_REG_FSTS) & vtd_reg_fsts_put_iqe(1))
            errors[vtd_mmio_read64(model, VTD_REG_IQERCD) & 15]++;
    }
    for (uint64_t code = VTD_IQEI_TAIL; code <= VTD_IQEI_TTM; code++)
        EXPECT_GT(errors[code], 20u) << "error code " << code;
    for (unsigned kind :
         {VTD_TYPE_CC_INV, VTD_TYPE_IOTLB_INV, VTD_TYPE_INV_WAIT, VTD_TYPE_P_IOTLB_INV, VTD_TYPE_PC_INV})
        EXPECT_GT(kinds[kind], 1000u) << "type " << kind;
    EXPECT_GT(seen[Step::Status], 1000u);
    EXPECT_GT(seen[Step::Message], 500u);
}

TEST_F(InvalidationLockstep, AWaitDoesNotWaitForRequestsThatCameLater)
{
    ASSERT_NE(model, nullptr);
    relay = true; // the unit is never empty
    memory[0] = VTD_TYPE_INV_WAIT | 1 << 5 | UINT64_C(2) << 32;
    memory[1] = 0x3000;
    writeBoth(VTD_REG_IQA, kMemory, 8);
    writeGcmd(1u << VTD_GCMD_QIE_LSB);
    writeBoth(VTD_REG_IQT, 16);
    EXPECT_EQ(seen[Step::Status], 0u);
    compare();
    EXPECT_EQ(seen[Step::Status], 1u);
}

TEST_F(InvalidationLockstep, AWaitWithoutEffectsHoldsUpWhatFollows)
{
    ASSERT_NE(model, nullptr);
    memory[0] = VTD_TYPE_INV_WAIT; // neither IF nor SW: an ordering point
    memory[2] = VTD_TYPE_IOTLB_INV | 1 << 4;
    held = 4;
    writeBoth(VTD_REG_IQA, kMemory, 8);
    writeGcmd(1u << VTD_GCMD_QIE_LSB);
    writeBoth(VTD_REG_IQT, 32, 4, false);
    for (unsigned i = 0; i < 200; i++) {
        clock();
        ASSERT_EQ(dut.inv_valid_o, 0);
    }
    held = 0;
    settle();
    compare();
    EXPECT_EQ(seen[Step::Invalidate], 3u); // IOTLB, both structure caches (ref 6.3)
}

} // namespace
