/* SPDX-License-Identifier: MIT */
/*
 * A model over a copy of a random world's memory, as random_tables_test.cpp drives it.
 */
#ifndef VTD_TESTS_RANDOM_MACHINE_H
#define VTD_TESTS_RANDOM_MACHINE_H

#include "spec/random_world.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace vtdtest
{

/* One model with a memory of its own. */
class Machine
{
  public:
    Machine(const char *name, const World &world, vtd_config config) : name_(name), memory_(world.memory)
    {
        vtd_host host{};
        host.mem_base = memory_.data();
        host.mem_size = 8 * memory_.size();
        char why[VTD_WHY_SIZE] = "";
        unit_ = vtd_create(&config, &host, why);
        if (unit_ == nullptr)
            throw std::runtime_error(why);
        frcd_ = 16 * vtd_reg_cap_fro(config.cap);
        wide_ = vtd_reg_ecap_smts(config.ecap);
        legacy_ = world.setup.ttm == VTD_TTM_LEGACY;
        vtd_mmio_write64(unit_, VTD_REG_IQA, World::kQueue | vtd_reg_iqa_put_dw(wide_));
        vtd_mmio_write64(unit_, VTD_REG_RTADDR,
                         world.setup.root | vtd_reg_rtaddr_put_ttm(world.setup.ttm) |
                             vtd_reg_rtaddr_put_ssirwe(world.setup.ssirwe));
        for (unsigned bit : {VTD_GCMD_SRTP_LSB, VTD_GCMD_QIE_LSB, VTD_GCMD_TE_LSB})
            vtd_mmio_write32(unit_, VTD_REG_GCMD, (vtd_mmio_read32(unit_, VTD_REG_GSTS) & 0x96ffffff) | 1u << bit);
    }
    ~Machine()
    {
        vtd_destroy(unit_);
    }
    Machine(const Machine &) = delete;
    Machine &operator=(const Machine &) = delete;

    const char *name() const
    {
        return name_;
    }
    uint64_t &at(uint64_t addr)
    {
        return memory_[addr / 8];
    }
    const std::vector<uint64_t> &memory() const
    {
        return memory_;
    }

    vtd_response translate(const vtd_request &req)
    {
        vtd_response resp{};
        EXPECT_EQ(vtd_translate(unit_, &req, &resp), VTD_STATUS_OK);
        return resp;
    }

    /* Context cache, PASID cache, IOTLB: global. */
    bool invalidateAll()
    {
        const std::vector<uint64_t> all = legacy_ ? std::vector<uint64_t>{0x11, 0x12}
                                                  : std::vector<uint64_t>{0x11, 0x37, 0x12}; /* golden, ref App. A */
        const uint64_t size = wide_ ? 32 : 16;
        uint64_t tail = vtd_mmio_read64(unit_, VTD_REG_IQT);
        for (uint64_t q : all) {
            std::fill_n(&at(World::kQueue + tail), size / 8, UINT64_C(0));
            at(World::kQueue + tail) = q;
            tail = (tail + size) % 4096;
        }
        vtd_mmio_write64(unit_, VTD_REG_IQT, tail);
        return vtd_mmio_read64(unit_, VTD_REG_IQH) == tail;
    }

    /* The one pending record, taken away. */
    bool takeFault(uint64_t &lo, uint64_t &hi)
    {
        const uint32_t status = vtd_mmio_read32(unit_, VTD_REG_FSTS);
        if (!vtd_reg_fsts_ppf(status))
            return false;
        const uint64_t record = frcd_ + 16 * vtd_reg_fsts_fri(status);
        lo = vtd_mmio_read64(unit_, record);
        hi = vtd_mmio_read64(unit_, record + 8);
        vtd_mmio_write32(unit_, record + 12, 1u << 31);
        return true;
    }

  private:
    const char *name_;
    std::vector<uint64_t> memory_;
    vtd *unit_ = nullptr;
    uint64_t frcd_ = 0;
    bool wide_ = false, legacy_ = false;
};

} // namespace vtdtest

#endif
