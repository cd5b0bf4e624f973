// SPDX-License-Identifier: MIT
//
// Tables for the unit and the model beside it, what software does with both, and requests of devices.
#ifndef VTD_TESTS_CORE_WORLD_H
#define VTD_TESTS_CORE_WORLD_H

#include "core_bench.h"

namespace vtdtest
{

class CoreWorld : public CoreBench
{
  protected:
    void put(uint64_t addr, uint64_t value)
    {
        model_memory.at(addr) = dut_memory.at(addr) = value;
    }
    // ------------------------------------------------------------ tables
    uint64_t contextQword(unsigned i)
    {
        if (i == 1)
            return random() % 4 | static_cast<uint64_t>(chance(30)) << 20;
        return i == 0 ? kDir << 12 | static_cast<uint64_t>(chance(98)) | static_cast<uint64_t>(chance(20)) << 1 |
                            static_cast<uint64_t>(chance(90)) << 3 | (random() & 1) << 9
                      : 0;
    }
    uint64_t somePage()
    {
        return (kFirstPage + random() % WalkMemory::kPages) << 12;
    }
    uint64_t pasidQword(unsigned i)
    {
        switch (i) {
        case 0: // P, FPD, AW, PGTT, SSADE, root
            return static_cast<uint64_t>(chance(98)) | static_cast<uint64_t>(chance(10)) << 1 |
                   (1 + random() % 3) << 2 | (chance(98) ? 1 + random() % 4 : random() % 8) << 6 | (random() & 1) << 9 |
                   somePage();
        case 1: // DID, PWSNP, PGSNP
            return random() % 4 | static_cast<uint64_t>(chance(85)) << 23 | static_cast<uint64_t>(chance(30)) << 24;
        case 2: // SRE, FSPM, WPE, EAFE, root
            return static_cast<uint64_t>(chance(90)) | random() % 2 << 2 | (random() & 1) << 4 | (random() & 1) << 7 |
                   somePage();
        default:
            return 0;
        }
    }
    void makePage(uint64_t page)
    {
        for (unsigned i = 0; i < 512; i++) {
            uint64_t q = 0;
            if (page == kRoot)
                q = (kContexts + i % 2) << 12 | static_cast<uint64_t>(chance(99));
            else if (page < kDir)
                q = contextQword(i % 4);
            else if (page == kDir)
                q = (kPasids + i % 2) << 12 | static_cast<uint64_t>(chance(98)) |
                    static_cast<uint64_t>(chance(10)) << 1;
            else
                q = pasidQword(i % 8);
            if (own_domains && page >= kPasids && i % 8 == 1)
                q = (q & ~UINT64_C(0xffff)) | ((page - kPasids) * 64 + i / 8);
            else if (chance(1))
                q ^= UINT64_C(1) << random() % 64;
            put((page << 12) + 8 * i, q);
        }
    }
    void makePaging(uint64_t page, const WalkMemory &entries)
    {
        for (uint64_t a = page << 12; a < (page + 1) << 12; a += 8) {
            uint64_t q = 0;
            entries.read(a, &q);
            put(a, q);
        }
    }
    uint64_t someAddress()
    {
        static const unsigned widths[] = {30, 36, 39, 39, 47, 47, 48, 56, 57, 64};
        const unsigned width = widths[random() % 10];
        const uint64_t low = width == 64 ? random() : random() & ((UINT64_C(1) << width) - 1);
        return chance(10) ? ~low : low; // also the canonical upper half
    }
    // ------------------------------------------------------------ software
    void writeBoth(unsigned offset, uint64_t data, unsigned bytes = 4)
    {
        if (bytes == 8)
            vtd_mmio_write64(model, offset, data);
        else
            vtd_mmio_write32(model, offset, static_cast<uint32_t>(data));
        writeDut(offset, static_cast<uint32_t>(data));
        if (bytes == 8)
            writeDut(offset + 4, static_cast<uint32_t>(data >> 32));
    }
    uint32_t gcmd() const
    {
        return vtd_mmio_read32(model, VTD_REG_GSTS) & (1u << VTD_GCMD_QIE_LSB | 1u << VTD_GCMD_TE_LSB);
    }
    void start(unsigned ttm = VTD_TTM_SCALABLE)
    {
        writeBoth(VTD_REG_FEDATA, 0x51);
        writeBoth(VTD_REG_FEADDR, 0xfee01000);
        writeBoth(VTD_REG_FECTL, 0);
        writeBoth(VTD_REG_RTADDR, kRoot << 12 | ttm << VTD_RTADDR_TTM_LSB, 8);
        writeBoth(VTD_REG_GCMD, gcmd() | 1u << VTD_GCMD_SRTP_LSB);
        writeBoth(VTD_REG_IQA, kQueue << 12 | 1u << VTD_IQA_DW_LSB, 8);
        writeBoth(VTD_REG_GCMD, gcmd() | 1u << VTD_GCMD_QIE_LSB);
        writeBoth(VTD_REG_GCMD, gcmd() | 1u << VTD_GCMD_TE_LSB);
        settle();
        ASSERT_EQ(readDut(VTD_REG_GSTS), vtd_mmio_read32(model, VTD_REG_GSTS));
    }
    // Puts descriptors and a wait with a status into the queue, and hands them over.
    void submit(const std::vector<std::array<uint64_t, 2>> &descriptors)
    {
        uint64_t tail = vtd_mmio_read64(model, VTD_REG_IQT);
        const auto add = [&](uint64_t a, uint64_t b) {
            const uint64_t q[4] = {a, b, 0, 0};
            for (unsigned i = 0; i < 4; i++)
                put((kQueue << 12) + tail + 8 * i, q[i]);
            tail = (tail + 32) & 0xfff;
        };
        for (const std::array<uint64_t, 2> &d : descriptors)
            add(d[0], d[1]);
        add(VTD_TYPE_INV_WAIT | 1 << VTD_INV_WAIT_SW_LSB | ++waits << VTD_INV_WAIT_DATA_LSB, kStatus << 12);
        writeBoth(VTD_REG_IQT, tail, 8);
    }
    bool waited() // the wait that was submitted last is complete
    {
        return dut_memory.at(kStatus << 12) == waits;
    }
    static std::vector<std::array<uint64_t, 2>> everything()
    {
        return {{VTD_TYPE_CC_INV | 1 << 4, 0}, {VTD_TYPE_PC_INV | 3 << 4, 0}, {VTD_TYPE_IOTLB_INV | 1 << 4, 0}};
    }
    std::array<uint64_t, 2> someInvalidation()
    {
        const uint64_t did = random() % 4 << 16, pasid = random() % 4 << 32, page = pages[random() % 16] >> 12 << 12;
        const uint64_t range = page | (random() & 1) << 6 | random() % 28;
        switch (random() % 4) {
        case 0:
            return {VTD_TYPE_CC_INV | 3 << 4 | did | (sids[random() % 6] | (random() & 3) << 16) << 32, 0};
        case 1:
            return {VTD_TYPE_IOTLB_INV | (2 + random() % 2) << 4 | did, range};
        case 2:
            return {VTD_TYPE_P_IOTLB_INV | (2 + random() % 2) << 4 | did | pasid, range};
        default:
            return {VTD_TYPE_PC_INV | random() % 2 << 4 | did | pasid, 0};
        }
    }
    vtd_request someRequest()
    {
        static const uint8_t kinds[] = {VTD_READ, VTD_READ, VTD_WRITE, VTD_ATOMIC};
        vtd_request r = {};
        if (chance(50)) // the neighbourhood of one that went through
            r = good[random() % 8];
        if (r.len) {
            r.addr ^= random() & (chance(50) ? 0xf00 : chance(50) ? 0x1fff00 : 0x7fffffff00);
            return r;
        }
        r.addr = pages[random() % 16] & ~UINT64_C(0xfff);
        if (chance(3))
            r.addr = 0xfee00000 | (random() & 0xff000);
        r.sid = sids[random() % 6];
        r.access = kinds[random() % 4];
        r.len = static_cast<uint16_t>(r.access == VTD_READ && chance(20) ? 0 : chance(50) ? 4 : 8);
        r.addr |= random() & (chance(90) ? 0xff8 : 0xff7);
        if (chance(70)) {
            r.flags = VTD_REQ_PASID;
            r.pasid = static_cast<uint32_t>(chance(90) ? random() % 4 : random() % 200);
            if (chance(30))
                r.flags |= VTD_REQ_PRIV;
        }
        if (chance(30))
            r.flags |= VTD_REQ_NO_SNOOP;
        return r;
    }
    void makeWorld()
    {
        for (uint64_t page = kRoot; page < kQueue; page++)
            makePage(page);
        for (uint64_t &p : pages)
            p = someAddress();
    }
    // Another world: some pages, or some tables; and the caches empty.
    void change()
    {
        for (unsigned n = 0; n < 4; n++)
            pages[random() % 16] = someAddress();
        const WalkMemory entries(random);
        for (unsigned n = 0; n < 40; n++)
            makePaging(kFirstPage + random() % WalkMemory::kPages, entries);
        makePage(kRoot + random() % (kQueue - kRoot));
        submit(everything());
        settle();
    }

    const uint16_t sids[6] = {0x0008, 0x0010, 0x0100, 0x0180, 0x00f9, 0x0208};
    uint64_t pages[16] = {};
    bool own_domains =
        false; // of PASID table entries: else entries share tags, and what is cached depends on the order
    vtd_request good[8] = {};
    uint64_t waits = 0;
};

} // namespace vtdtest

#endif
