// SPDX-License-Identifier: MIT
//
// What a host is told of invalidations: exactly the translations that the IOTLB loses are those that the scope selects
// (ref 6.3), and the tags that vtd_peek_tagged gives are those that the IOTLB goes by (ref 6.1).

#include "support/unit_fixture.h"

#include <random>
#include <set>
#include <tuple>

using namespace vtdtest;

namespace
{

constexpr uint16_t kSids[] = {0x0100, 0x0208};
using Key = std::tuple<uint64_t, uint16_t, uint32_t>; /* page, source-id, PASID; 0: without */

/* A second unit over the tables and the queue of a fixture, with the callback that the fixture does not have. */
struct Listener {
    explicit Listener(Unit &fixture) : u(fixture)
    {
        vtd_host host{};
        host.opaque = this;
        host.mem_base = u.memory.base;
        host.mem_size = u.memory.size;
        host.invalidated = [](void *o, const vtd_invalidation *inv) {
            static_cast<Listener *>(o)->told.push_back(*inv);
        };
        unit = vtd_create(&u.config(), &host, nullptr);
        for (unsigned reg : {VTD_REG_RTADDR, VTD_REG_IQA})
            vtd_mmio_write64(unit, reg, u.read64(reg));
        uint32_t on = 0;
        for (unsigned bit : {VTD_GCMD_SRTP_LSB, VTD_GCMD_QIE_LSB, VTD_GCMD_TE_LSB}) {
            vtd_mmio_write32(unit, VTD_REG_GCMD, on | 1u << bit);
            on |= bit == VTD_GCMD_SRTP_LSB ? 0 : 1u << bit;
        }
        follow();
        vtd_cache_tap(unit, VTD_CACHE_IOTLB, tap, this);
    }
    ~Listener()
    {
        vtd_destroy(unit);
    }
    Listener(const Listener &) = delete;
    Listener &operator=(const Listener &) = delete;

    /* Carries out what the fixture's software has queued since. */
    void follow()
    {
        told.clear();
        gone.clear();
        vtd_mmio_write64(unit, VTD_REG_IQT, u.read64(VTD_REG_IQT));
    }
    static void tap(void *o, vtd_cache_change change, uint32_t, uint64_t a, uint64_t b)
    {
        Listener &l = *static_cast<Listener *>(o);
        const Key key{a, static_cast<uint16_t>(b), static_cast<uint32_t>(b >> 16 & 0xfffff)};
        if (change == VTD_CACHE_CHANGE_FILL)
            l.held.insert(key);
        if (change == VTD_CACHE_CHANGE_REMOVE)
            l.gone.insert(key);
        if (change == VTD_CACHE_CHANGE_CLEAR)
            l.gone = l.held;
    }

    Unit &u;
    vtd *unit = nullptr;
    std::vector<vtd_invalidation> told;
    std::set<Key> held, gone;
};

TEST(InvalidationScope, SelectsExactlyWhatTheIotlbLoses)
{
    Unit u(withCaches(8192));
    FsTree fs(u, 4);
    SsTree ss(u, 4);
    constexpr uint64_t kPages = 24;
    for (uint64_t page = 0; page < kPages; page++) {
        fs.map(page << 12, page << 12);
        ss.map(page << 12, page << 12);
    }
    for (uint16_t sid : kSids) {
        u.setFs(sid, 1, fs, 1);
        u.setFs(sid, 2, fs, 1);
        u.setSs(sid, 3, ss, 3);
        u.setPassThrough(sid, 4, 3);
    }
    u.start();
    Listener l(u);
    std::mt19937 random{11};
    unsigned selected_by_range = 0;
    for (unsigned round = 0; round < 400; round++) {
        std::vector<vtd_translation_tags> tags;
        for (uint16_t sid : kSids) {
            for (uint32_t pasid = 1; pasid <= 4; pasid++) {
                for (uint64_t page = 0; page < kPages; page++) {
                    const vtd_request req = u.dma(sid).pasid(pasid).request(page << 12);
                    vtd_response resp;
                    vtd_translation_tags t;
                    ASSERT_EQ(vtd_translate(l.unit, &req, &resp), VTD_STATUS_OK);
                    ASSERT_EQ(resp.result, VTD_RESULT_OK);
                    ASSERT_EQ(vtd_peek_tagged(l.unit, &req, &resp, &t), VTD_STATUS_OK);
                    ASSERT_EQ(t.pasid, pasid);
                    ASSERT_EQ(t.did, pasid <= 2 ? 1 : 3);
                    ASSERT_EQ(t.first_stage, pasid <= 2);
                    tags.push_back(t);
                }
            }
        }
        const uint64_t addr = random() % kPages << 12;
        const unsigned did = 1 + random() % 3, pasid = 1 + random() % 4, am = random() % 4;
        const Desc choices[] = {iotlbInv(1),
                                iotlbInv(2, did),
                                iotlbInv(3, did, addr & ~((UINT64_C(4096) << am) - 1), am),
                                pasidIotlbInv(2, did, pasid),
                                pasidIotlbInv(3, did, pasid, addr & ~((UINT64_C(4096) << am) - 1), am),
                                ccInv(3, 0, kSids[0]),
                                pcInv(1, did, pasid),
                                pcInv(0, did)};
        const unsigned choice = random() % std::size(choices);
        u.submit({choices[choice]});
        l.follow();
        ASSERT_EQ(l.told.size(), 1u);
        std::set<Key> selected;
        for (const vtd_translation_tags &t : tags) {
            if (l.told[0].cache == VTD_CACHE_IOTLB && vtd_invalidation_selects(&l.told[0], &t))
                selected.insert({t.addr >> 12, t.sid, t.pasid});
        }
        ASSERT_EQ(selected, l.gone) << "descriptor " << choice << " did " << did << " pasid " << pasid;
        ASSERT_EQ(l.told[0].cache, choice < 5 ? VTD_CACHE_IOTLB : choice == 5 ? VTD_CACHE_CONTEXT : VTD_CACHE_PASID);
        selected_by_range += choice == 4 && !selected.empty();
        for (const Key &key : l.gone)
            l.held.erase(key);
    }
    EXPECT_GT(selected_by_range, 5u);
}

TEST(InvalidationScope, OfOtherCachesSelectsByDeviceDomainAndPasid)
{
    const vtd_translation_tags t = {/*addr*/ 0x1000, /*pasid*/ 5, /*sid*/ 0x0102, /*did*/ 7, 12, true};
    vtd_invalidation inv{};
    EXPECT_TRUE(vtd_invalidation_selects(&inv, &t)) << "global";
    inv.sid = 0x0100;
    inv.sid_mask = 0xffff;
    EXPECT_FALSE(vtd_invalidation_selects(&inv, &t)) << "another function";
    inv.sid_mask = 0xfff8;
    EXPECT_TRUE(vtd_invalidation_selects(&inv, &t)) << "all functions of the device";
    inv.has_did = true;
    inv.did = 8;
    EXPECT_FALSE(vtd_invalidation_selects(&inv, &t)) << "another domain";
    inv.did = 7;
    inv.has_pasid = true;
    inv.pasid = 5;
    EXPECT_TRUE(vtd_invalidation_selects(&inv, &t));
    inv.pasid = 6;
    EXPECT_FALSE(vtd_invalidation_selects(&inv, &t)) << "another PASID";
}

TEST(InvalidationScope, TagsNameRidPasidForRequestsWithoutPasid)
{
    Unit u;
    FsTree fs(u, 4);
    fs.map(0x1000, 0x5000);
    u.setFs(kSid, 0, fs, 9); /* RID_PASID is 0 */
    u.start();
    const vtd_request req = u.dma(kSid).request(0x1000);
    for (unsigned i = 0; i < 2; i++) { /* by a walk, then by the IOTLB */
        vtd_response resp;
        vtd_translation_tags t{};
        ASSERT_EQ(vtd_peek_tagged(u.get(), &req, &resp, &t), VTD_STATUS_OK);
        EXPECT_EQ(t.sid, kSid);
        EXPECT_EQ(t.did, 9);
        EXPECT_EQ(t.pasid, 0u);
        EXPECT_EQ(t.page_shift, 12);
        EXPECT_TRUE(t.first_stage);
        EXPECT_TRUE(translated(u.dma(kSid).read(0x1000), 0x5000, 12));
    }
}

} // namespace
