// SPDX-License-Identifier: MIT
//
// Memory for random walks: 256 pages full of random paging entries, any of which may be a table of any level of either
// stage, and failures and races that depend on nothing but the address and the number of the access.
#ifndef VTD_TESTS_WALK_MEMORY_H
#define VTD_TESTS_WALK_MEMORY_H

#include "vtd/vtd_structs.h"

#include <cstdint>
#include <random>
#include <vector>

namespace vtdtest
{

class WalkMemory
{
  public:
    static constexpr uint64_t kFirst = 256, kPages = 256; // 1 MiB to 2 MiB: within the 2 MiB page at 0
    static constexpr unsigned kHaw = 46;

    explicit WalkMemory(std::mt19937_64 &random) : random_(random), qwords_(kPages * 512)
    {
        for (unsigned page = 0; page < kPages; page++)
            refresh(page);
    }
    // Another content for one page.
    void refresh(unsigned page)
    {
        const bool of_guest = chance(15); // its addresses are mostly not those of tables
        ir_iw_ = chance(15);
        for (unsigned i = 0; i < 512; i++)
            qwords_[page * 512 + i] = someEntry(of_guest);
    }
    uint64_t somePage()
    {
        return kFirst + random_() % kPages;
    }

    // What happens to the accesses of a request besides what they should do: before each of so many updates software
    // changes the entry.
    void begin(uint64_t salt, uint64_t races)
    {
        salt_ = salt;
        races_ = races;
        updates_ = 0;
    }
    bool read(uint64_t addr, uint64_t *value) const
    {
        if (addr >> 12 < kFirst || addr >> 12 >= kFirst + kPages || mix(addr) % 400 == 0)
            return false;
        *value = qwords_[addr / 8 - kFirst * 512];
        return true;
    }
    // *expected receives what was there.
    bool compareAndSwap(uint64_t addr, uint64_t *expected, uint64_t desired)
    {
        uint64_t there;
        if (!read(addr, &there) || mix(addr + 1) % 50 == 0)
            return false;
        uint64_t &q = qwords_[addr / 8 - kFirst * 512];
        updates_++;
        if (updates_ <= races_ || mix(salt_ + updates_) % 30 == 0)
            q ^= UINT64_C(1) << 52; // software changes an ignored bit first
        there = q;
        if (there == *expected)
            q = desired;
        *expected = there;
        return true;
    }
    bool operator==(const WalkMemory &o) const
    {
        return qwords_ == o.qwords_;
    }
    WalkMemory &operator=(const WalkMemory &o)
    {
        qwords_ = o.qwords_;
        return *this;
    }
    WalkMemory(const WalkMemory &) = default;

  private:
    bool chance(unsigned percent)
    {
        return random_() % 100 < percent;
    }
    static uint64_t mix(uint64_t x)
    {
        x = (x ^ x >> 31) * UINT64_C(0x9e3779b97f4a7c15);
        return x ^ x >> 29;
    }
    uint64_t someEntry(bool of_guest)
    {
        uint64_t e = 0;
        const auto bit = [&](unsigned n, unsigned percent) { e |= static_cast<uint64_t>(chance(percent)) << n; };
        bit(0, 99); // P, R
        bit(1, 95); // RW, W
        bit(2, 97); // US
        bit(VTD_FS_ENTRY_A_LSB, 60);
        bit(VTD_FS_ENTRY_D_LSB, 40);
        bit(VTD_FS_ENTRY_PS_LSB, 15);
        bit(VTD_SS_ENTRY_A_LSB, 60);
        bit(VTD_SS_ENTRY_D_LSB, 40);
        bit(VTD_FS_ENTRY_EA_LSB, 60);
        bit(VTD_SS_ENTRY_SNP_LSB, 1);
        bit(VTD_SS_ENTRY_IR_LSB, 99);
        bit(VTD_SS_ENTRY_IW_LSB, ir_iw_ ? 95 : 1);
        bit(VTD_FS_ENTRY_XD_LSB, 10);
        uint64_t page = somePage();
        if (of_guest && chance(80))
            page = random_() & ((UINT64_C(1) << (chance(50) ? 27 : 35)) - 1);
        if (chance(1))
            page = random_() & ((UINT64_C(1) << 40) - 1); // often above the host address width
        if (chance(50) && chance(1))
            page = 0xfee00 | (random_() & 0xff);
        if ((e >> VTD_FS_ENTRY_PS_LSB & 1) && chance(95))
            page = chance(60)
                       ? 0
                       : (page << 9 | (chance(50) ? page << 18 : 0)) & ((UINT64_C(1) << 34) - 1) & ~UINT64_C(0x1ff);
        e |= page << 12;
        // One bit that should not be there, most often where reserved bits of large pages are.
        if (chance(4))
            e ^= UINT64_C(1) << (chance(50) ? 12 + random_() % 18 : random_() % 64);
        return e;
    }

    std::mt19937_64 &random_;
    std::vector<uint64_t> qwords_;
    uint64_t salt_ = 0, updates_ = 0, races_ = 0;
    bool ir_iw_ = false;
};

} // namespace vtdtest

#endif
