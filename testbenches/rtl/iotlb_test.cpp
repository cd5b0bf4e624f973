// SPDX-License-Identifier: MIT
//
// vtd_iotlb beside the IOTLB of the model: the same hits, translations and victims, whatever is filled and invalidated.
#include "Vvtd_iotlb_bench.h"
#include "lockstep.h"
#include "model_port.h"
#include "vtd/vtd_structs.h"

#include <gtest/gtest.h>

#include <random>

namespace
{

class IotlbLockstep : public testing::Test
{
  protected:
    IotlbLockstep()
    {
        vtd_config config;
        EXPECT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
        config.cache[VTD_CACHE_IOTLB] = {16, 4, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0}; // as vtd_iotlb_bench.sv
        vtd_host host = {};
        host.opaque = this;
        host.event = [](void *o, const vtd_event *e) { static_cast<IotlbLockstep *>(o)->note(*e); };
        model = lockstep::make_model(config, host);
        dut.rst_ni = 0;
        clock();
        dut.rst_ni = 1;
    }
    ~IotlbLockstep() override
    {
        vtd_destroy(model);
    }
    bool chance(unsigned percent)
    {
        return random() % 100 < percent;
    }
    void note(const vtd_event &e)
    {
        found |= e.kind == VTD_EVENT_CACHE_LOOKUP && e.hit;
        if (e.kind == VTD_EVENT_CACHE_EVICT) {
            evicted = true;
            victim_a = e.value[0];
            victim_b = e.value[1];
        }
    }
    void clock()
    {
        dut.clk_i = 1;
        dut.eval();
        dut.clk_i = 0;
        dut.eval();
    }
    model_iotlb_request someRequest()
    {
        static const uint8_t kinds[] = {VTD_READ, VTD_WRITE, VTD_ATOMIC};
        static const uint64_t bases[] = {0, 0xfee00000, 0xc0000000, 0x7fffffe00000, 0xffffffffffe00000};
        model_iotlb_request r = {};
        r.addr = bases[random() % 5] + (chance(80) ? random() % 0x6000 : random() % 0x200000);
        r.sid = static_cast<uint16_t>(random() % 2);
        r.has_pasid = chance(60);
        r.pasid = r.has_pasid ? static_cast<uint32_t>(random() % 3) : 0;
        r.priv = r.has_pasid && chance(40);
        r.access = kinds[random() % 3];
        return r;
    }
    void present(const model_iotlb_request &r)
    {
        dut.addr_i = r.addr;
        dut.sid_i = r.sid;
        dut.has_pasid_i = r.has_pasid;
        dut.pasid_i = r.pasid;
        dut.priv_i = r.priv;
        dut.kind_i = r.access;
    }
    void lookupBoth()
    {
        const model_iotlb_request r = someRequest();
        found = false;
        const model_iotlb_answer wanted = vtd_port_iotlb_lookup(model, &r);
        present(r);
        dut.lookup_i = 1;
        dut.eval();
        ASSERT_EQ(dut.found_o, found);
        ASSERT_EQ(dut.usable_o, wanted.usable);
        if (wanted.usable) {
            usable++;
            ASSERT_EQ(dut.hpa_o, wanted.hpa);
            ASSERT_EQ(12 + 9 * dut.size_o, wanted.shift);
            ASSERT_EQ(dut.rights_o, wanted.rights);
            ASSERT_EQ(dut.snoop_o, wanted.snoop);
        }
        clock();
        dut.lookup_i = 0;
    }
    void fillBoth()
    {
        const model_iotlb_request r = someRequest();
        model_iotlb_fill f = {};
        const unsigned size = static_cast<unsigned>(chance(60) ? 0 : random() % 3);
        f.shift = static_cast<uint8_t>(12 + 9 * size);
        // Sometimes the large page of the output holds the interrupt range.
        const uint64_t page = chance(80) ? random() & ((UINT64_C(1) << 46) - 1) : 0xc0000000 | (random() & 0x3fffffff);
        const uint64_t inside = (UINT64_C(1) << f.shift) - 1;
        f.hpa = (page & ~inside) | (r.addr & inside);
        f.effective_pasid = r.has_pasid ? r.pasid : static_cast<uint32_t>(random() % 3);
        f.did = static_cast<uint16_t>(random() % 3);
        f.pgtt = static_cast<uint8_t>(1 + random() % 4);
        f.rights = static_cast<uint8_t>(random() & 3);
        f.attr = static_cast<uint8_t>(random() & 0x3f);
        f.sre = chance(70);
        evicted = false;
        vtd_port_iotlb_fill(model, &r, &f);
        present(r);
        dut.did_i = f.did;
        dut.pgtt_i = f.pgtt;
        dut.sre_i = f.sre;
        dut.effective_pasid_i = f.effective_pasid;
        dut.hpa_i = f.hpa;
        dut.size_i = static_cast<uint8_t>(size);
        dut.rights_i = f.rights;
        dut.attr_i = f.attr;
        dut.fill_i = 1;
        dut.eval();
        ASSERT_TRUE(dut.fill_done_o);
        ASSERT_EQ(dut.evict_o, evicted);
        if (evicted) {
            evictions++;
            ASSERT_EQ(dut.evict_a_o, victim_a);
            ASSERT_EQ(dut.evict_b_o, victim_b);
        }
        clock();
        dut.fill_i = 0;
    }
    void invalidateBoth()
    {
        model_iotlb_invalidation i = {};
        i.all = chance(5);
        i.did = static_cast<uint16_t>(random() % 3);
        i.with_pasid = chance(60);
        i.pasid = static_cast<uint32_t>(random() % 3);
        i.range = chance(70);
        i.addr = someRequest().addr;
        i.am = static_cast<uint8_t>(random() % (chance(50) ? 4 : 40));
        vtd_port_iotlb_invalidate(model, &i);
        dut.inv_i = 1;
        dut.inv_all_i = i.all;
        dut.inv_did_i = i.did;
        dut.inv_with_pasid_i = i.with_pasid;
        dut.inv_pasid_i = i.pasid;
        dut.inv_range_i = i.range;
        dut.inv_page_i = i.addr >> 12;
        dut.inv_am_i = i.am;
        for (bool ready = false; !ready;) {
            dut.eval();
            ready = dut.inv_ready_o;
            clock();
        }
        dut.inv_i = 0;
    }

    Vvtd_iotlb_bench dut;
    vtd *model = nullptr;
    std::mt19937_64 random{20260705};
    bool found = false, evicted = false;
    uint64_t victim_a = 0, victim_b = 0;
    unsigned usable = 0, evictions = 0;
};

TEST_F(IotlbLockstep, RandomFillsAndInvalidationsGiveTheSameTranslations)
{
    ASSERT_NE(model, nullptr);
    for (unsigned n = 0; n < 200000; n++) {
        if (chance(60))
            lookupBoth();
        else if (chance(90))
            fillBoth();
        else
            invalidateBoth();
        if (HasFatalFailure())
            FAIL() << "at step " << n;
    }
    EXPECT_GT(usable, 1000u);
    EXPECT_GT(evictions, 10000u);
}

} // namespace
