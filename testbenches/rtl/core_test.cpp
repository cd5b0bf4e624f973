// SPDX-License-Identifier: MIT
//
// The unit without AXI beside the model, one request after the other: the same responses, memory accesses, fills, evictions
// and fault records in the same order.
#include "core_world.h"

namespace
{

using namespace vtdtest;

class CoreLockstep : public CoreWorld
{
  protected:
    void compareCounts()
    {
        vtd_stats s;
        vtd_stats_get(model, &s);
        const uint64_t wanted[4][5] = {
            {s.ctxt_cache_lookup, s.pasid_cache_lookup, s.iotlb_lookup, s.fs_nonleaf_lookup, s.ss_nonleaf_lookup},
            {s.ctxt_cache_hit, s.pasid_cache_hit, s.iotlb_hit, s.fs_nonleaf_hit, s.ss_nonleaf_hit},
            {s.ctxt_cache_fill, s.pasid_cache_fill, s.iotlb_fill, s.fs_nonleaf_fill, s.ss_nonleaf_fill},
            {s.ctxt_cache_evict, s.pasid_cache_evict, s.iotlb_evict, s.fs_nonleaf_evict, s.ss_nonleaf_evict}};
        static const char *const what[] = {"lookups", "hits", "fills", "evictions"};
        for (unsigned i = 0; i < 4; i++)
            for (unsigned cache = 0; cache < 5; cache++)
                ASSERT_EQ(counts[i][cache], wanted[i][cache]) << what[i] << " of cache " << cache;
    }
    void compareFaults()
    {
        ASSERT_EQ(static_cast<uint32_t>(readDut(VTD_REG_FSTS)), vtd_mmio_read32(model, VTD_REG_FSTS));
        for (unsigned i = 0x220; i < 0x2a0; i += 8)
            ASSERT_EQ(readDut(i), vtd_mmio_read64(model, i)) << "fault record at 0x" << std::hex << i;
        if (!(vtd_mmio_read32(model, VTD_REG_FSTS) & 1))
            return;
        for (unsigned i = 0x22c; i < 0x2a0; i += 16)
            writeBoth(i, 1u << 31);
        writeBoth(VTD_REG_FSTS, 1);
    }
    void requestBoth()
    {
        const vtd_request req = someRequest();
        accesses.clear();
        expected.clear();
        responses.clear();
        to_send.push_back({static_cast<uint16_t>(random()), req});
        const uint16_t tag = to_send.front().first;
        settle();
        const Response wanted = ask(req);
        ASSERT_EQ(responses.size(), 1u);
        ASSERT_EQ(responses.begin()->first, tag);
        ASSERT_EQ(responses.begin()->second, wanted);
        ASSERT_EQ(accesses, expected);
        if (wanted.shift && req.len)
            good[random() % 8] = req;
        reasons[wanted.fault]++;
        shifts[wanted.shift]++;
        compareCounts();
        if (wanted.fault)
            compareFaults();
    }

    std::map<unsigned, uint64_t> reasons, shifts;
};

TEST_F(CoreLockstep, OneRequestAfterTheOtherDoesWhatTheModelDoes)
{
    ASSERT_NE(model, nullptr);
    makeWorld();
    start();
    for (unsigned n = 0; n < 10000; n++) {
        if (chance(1))
            change();
        if (chance(3)) {
            submit({someInvalidation()});
            settle();
            ASSERT_TRUE(waited());
        }
        if (n % 1000 == 999) { // off, or another mode, for some requests
            writeBoth(VTD_REG_GCMD, gcmd() & ~(1u << VTD_GCMD_TE_LSB));
            settle();
            if (chance(50))
                start(chance(50) ? VTD_TTM_RESERVED : VTD_TTM_ABORT);
            for (unsigned i = 0; i < 10; i++)
                requestBoth();
            start();
        }
        requestBoth();
        if (HasFatalFailure())
            FAIL() << "at request " << n;
        ASSERT_EQ(messages, expected_messages);
    }
    EXPECT_EQ(model_memory, dut_memory);
    EXPECT_GT(reasons.size(), 25u);
    EXPECT_GT(shifts[12], 1000u);
    EXPECT_GT(shifts[21], 100u);
    EXPECT_GT(shifts[30], 20u);
    for (unsigned cache = 0; cache < 5; cache++)
        EXPECT_GT(counts[3][cache], 50u) << "evictions of cache " << cache;
    EXPECT_GT(counts[1][2], 500u);
}

} // namespace
