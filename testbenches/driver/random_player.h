/* SPDX-License-Identifier: MIT */
/*
 * Plays random map, unmap, attach, detach, replace and DMA through the driver over the model. Every operation that
 * takes something away is followed at once by the DMA that must now fault, with the right reason.
 */
#ifndef VTD_TESTS_RANDOM_PLAYER_H
#define VTD_TESTS_RANDOM_PLAYER_H

#include "ats_rig.h"
#include "random_shape.h"

#include <random>

constexpr uint64_t kPage = 4096, k2M = 2 << 20, k1G = 1 << 30;

class Player
{
  public:
    Player(const Shape &shape, const Cast &cast, unsigned seed)
        : rig_(configure(shape), options(shape)), random_(seed), ats_(shape.ats), legacy_(shape.mode != Shape::Scalable)
    {
        for (uint16_t sid : kSids)
            if (ats_)
                rig_.add_off(sid);
        for (const auto &[kind, width] : cast.domains)
            create(kind, width);
    }

    void play(unsigned steps)
    {
        for (unsigned i = 0; i < steps && !testing::Test::HasFatalFailure(); i++)
            step();
        for (const auto &[who, m] : std::map(attached_))
            detach(who.first, who.second);
    }

  private:
    using Who = std::pair<uint16_t, uint32_t>; /* SID and PASID */
    static constexpr uint16_t kSids[3] = {0x0010, 0x0098, 0x8107};
    static constexpr uint32_t kPasids[5] = {0, 1, 5, 70, 0xfffff};
    /* Frames are at 256 MiB to 1 GiB; nested table pages are seen by the parent at 64 GiB above that. */
    static constexpr uint64_t kTableOffset = UINT64_C(0x1000000000);

    static vtd_drv_options options(const Shape &s)
    {
        vtd_drv_options o = {};
        o.queue_size = s.queue_size;
        o.no_preset_ad = s.no_preset_ad;
        o.ss_ad = s.ss_ad;
        o.legacy = s.mode == Shape::LegacyByChoice;
        o.register_invalidation = s.mode == Shape::RegistersByChoice;
        o.flush = s.flush;
        return o;
    }

    AtsRig rig_;
    std::mt19937_64 random_;
    bool ats_;
    bool legacy_;
    std::vector<std::unique_ptr<Model>> models_;
    std::map<Who, Model *> attached_;
    std::map<uint16_t, bool> added_, bus_known_; /* all in different halves of root entries */
    std::map<Who, bool> directory_;              /* SID and PASID / 64 whose directory entry is present */

    uint64_t below(uint64_t n)
    {
        return random_() % n;
    }

    void create(vtd_drv_kind kind, uint8_t width)
    {
        auto m = std::make_unique<Model>();
        m->spec.kind = kind;
        m->spec.addr_width = width;
        if (kind == VTD_DRV_NESTED) {
            for (auto &other : models_)
                if (other->spec.kind == VTD_DRV_SECOND_STAGE)
                    m->parent = other.get();
            ASSERT_NE(m->parent, nullptr);
            m->spec.parent = m->parent->domain;
            m->spec.table_offset = kTableOffset;
        }
        ASSERT_EQ(vtd_drv_domain_create(rig_.drv, &m->spec, &m->domain), 0);
        models_.push_back(std::move(m));
    }

    Model &any_model()
    {
        return *models_[below(models_.size())];
    }

    Who any_who()
    {
        return {kSids[below(3)], legacy_ ? 0 : kPasids[below(5)]};
    }

    /* Page-aligned addresses in a few windows, so that ranges meet: low, and near the ends of the address space. */
    uint64_t any_input(const Model &m)
    {
        const uint64_t window = below(6) * k2M + below(512) * kPage;
        switch (m.spec.kind == VTD_DRV_PASS_THROUGH ? 2 : below(4)) {
        case 0:
            if (m.spec.kind != VTD_DRV_SECOND_STAGE) /* the upper half */
                return (UINT64_MAX << (m.spec.addr_width - 1)) + window;
            return (UINT64_C(1) << std::min<unsigned>(m.spec.addr_width, 47)) - 16 * k2M + window;
        case 1:
            return 5 * k1G - 3 * k2M + window; /* across a 1 GiB boundary */
        default:
            return k1G + window;
        }
    }

    /* Outputs of a nested domain are inputs of its parent. */
    uint64_t any_output(const Model &m)
    {
        if (m.parent)
            return k1G + below(6) * k2M + (below(2) ? below(512) * kPage : 0);
        return 8 * k1G + below(64) * k2M + (below(2) ? below(512) * kPage : 0);
    }

    static uint64_t canonical(const Model &m, uint64_t addr)
    {
        if (m.spec.kind != VTD_DRV_FIRST_STAGE && m.spec.kind != VTD_DRV_NESTED)
            return addr;
        const unsigned unused = 64u - m.spec.addr_width;
        return (uint64_t)((int64_t)(addr << unused) >> unused);
    }

    void step()
    {
        const unsigned dice = (unsigned)below(100);
        if (dice < 20)
            map();
        else if (dice < 32)
            unmap();
        else if (dice < 38)
            attach();
        else if (dice < 40)
            take_down();
        else if (dice < 42)
            replace();
        else if (dice < 43)
            unmap_all();
        else if (dice < 45 && ats_)
            switch_ats(kSids[below(3)]);
        else if (dice < 46 && ats_)
            unmap_with_a_silent_device();
        else
            dma();
    }

    void map()
    {
        Model &m = any_model();
        if (m.spec.kind == VTD_DRV_PASS_THROUGH)
            return;
        uint64_t iova = any_input(m), pa = any_output(m), size = kPage << below(4);
        if (below(3) == 0) { /* good for large pages */
            iova &= ~(k2M - 1);
            pa &= ~(k2M - 1);
            size = k2M * (1 + below(3));
        }
        const bool fs = m.spec.kind != VTD_DRV_SECOND_STAGE;
        unsigned prot = fs ? VTD_DRV_READ | (below(3) ? VTD_DRV_WRITE : 0) : 1 + (unsigned)below(3);
        if (fs && below(10) == 0)
            prot |= VTD_DRV_SUPERVISOR;
        const int error = vtd_drv_map(m.domain, iova, pa, size, prot);
        bool free = true;
        for (uint64_t p = 0; p < size / kPage; p++)
            free = free && !m.pages.count((iova >> 12) + p);
        ASSERT_EQ(error, free ? 0 : -EEXIST);
        for (uint64_t p = 0; free && p < size / kPage; p++)
            m.insert((iova >> 12) + p, (pa >> 12) + p, prot);
        probe(m, iova, size);
    }

    void unmap()
    {
        Model &m = any_model();
        if (m.spec.kind == VTD_DRV_PASS_THROUGH)
            return;
        uint64_t iova = any_input(m), size = kPage << below(5);
        if (below(4) == 0) {
            iova &= ~(k2M - 1);
            size = k2M * (1 + below(2));
        }
        probe(m, iova, size); /* fills the caches */
        int64_t expected = 0;
        for (uint64_t p = 0; p < size / kPage; p++)
            expected += m.erase((iova >> 12) + p) ? (int64_t)kPage : 0;
        ASSERT_EQ(vtd_drv_unmap(m.domain, iova, size), expected);
        probe(m, iova, size);
    }

    void unmap_all()
    {
        Model &m = any_model();
        if (m.spec.kind == VTD_DRV_PASS_THROUGH)
            return;
        bool is_parent = false;
        for (auto &other : models_)
            is_parent = is_parent || other->parent == &m;
        const int64_t bytes = vtd_drv_unmap_all(m.domain);
        ASSERT_EQ(bytes, is_parent ? -EBUSY : (int64_t)(m.pages.size() * kPage));
        if (!is_parent)
            m.clear();
        probe(m, k1G, 12 * k2M);
    }

    /* DMA to some pages of a range of a domain, from everyone who is attached to it or to a domain nested in it. */
    void probe(const Model &m, uint64_t iova, uint64_t size)
    {
        for (const auto &[who, at] : attached_) {
            for (unsigned i = 0; i < 3; i++) {
                uint64_t addr = iova + below(size);
                if (i == 0)
                    addr = iova;
                if (at->parent == &m) { /* an address that the nested domain maps into the range, if there is one */
                    const auto it = at->outputs.lower_bound({(iova + below(size)) >> 12, 0});
                    if (it == at->outputs.end() || it->first >= (iova + size) >> 12)
                        continue;
                    addr = canonical(*at, it->second << 12);
                } else if (at != &m) {
                    continue;
                }
                check(who, addr, below(2));
            }
        }
    }

    Expected expected(const Who &who, uint64_t addr, bool write)
    {
        const auto it = attached_.find(who);
        if (legacy_) { /* both halves of a bus have one root entry */
            const bool bus = bus_known_[who.first] || bus_known_[who.first ^ (kSids[0] ^ kSids[1])];
            return it != attached_.end() ? expect_legacy(*it->second, addr, write) : Expected{bus ? kLct2 : kLrt2, 0};
        }
        if (it != attached_.end())
            return expect(*it->second, addr, write);
        if (!added_[who.first])
            return {bus_known_[who.first] ? kSct2 : kSrt2, 0};
        return {directory_[{who.first, who.second / 64}] ? kSpt2 : kSpd2, 0};
    }

    void check(const Who &who, uint64_t addr, bool write)
    {
        if (ats_)
            check_device(who, addr, write);
        rig_.check(who.first, who.second, addr, write, expected(who, addr, write), "dma");
    }

    /* What the device itself reaches, with all that it remembers. */
    void check_device(const Who &who, uint64_t addr, bool write)
    {
        const Expected e = expected(who, addr, write);
        const vtd_requester_outcome out = rig_.access(who.first, who.second, addr, write ? VTD_WRITE : VTD_READ, 1);
        SCOPED_TRACE(testing::Message() << "device " << std::hex << who.first << " pasid " << who.second << " addr "
                                        << addr << (write ? " write" : " read"));
        ASSERT_EQ(out.result == VTD_REQUESTER_DONE, e.fault == kNone);
        if (e.fault == kNone) {
            ASSERT_EQ(out.hpa, e.hpa);
        }
        vtd_drv_handle_faults(rig_.drv, nullptr, nullptr, nullptr);
    }

    void switch_ats(uint16_t sid)
    {
        vtd_drv_ats_state state;
        const int error = vtd_drv_ats_get(rig_.drv, sid, &state);
        ASSERT_EQ(error, added_[sid] ? 0 : -ENOENT);
        if (error)
            return;
        ASSERT_EQ(state.ats ? vtd_drv_ats_disable(rig_.drv, sid) : vtd_drv_ats_enable(rig_.drv, sid, rig_.ats_spec()),
                  0);
    }

    /* A device does not answer: the change is made, the device has lost ATS, and everything else goes on. */
    void unmap_with_a_silent_device()
    {
        const auto it = attached_.find(any_who());
        if (it == attached_.end() || it->second->pages.empty())
            return;
        const uint16_t sid = it->first.first;
        Model &m = *it->second;
        vtd_drv_ats_state state;
        ASSERT_EQ(vtd_drv_ats_get(rig_.drv, sid, &state), 0);
        const uint64_t page = m.pages.begin()->first;
        vtd_machine_set_answer(&rig_.machine, sid, VTD_ANSWER_NEVER);
        ASSERT_EQ(vtd_drv_unmap(m.domain, page << 12, kPage), state.ats ? -ETIMEDOUT : (int64_t)kPage);
        vtd_machine_set_answer(&rig_.machine, sid, VTD_ANSWER_PROMPT);
        m.erase(page);
        const bool had_ats = state.ats;
        ASSERT_EQ(vtd_drv_ats_get(rig_.drv, sid, &state), 0);
        ASSERT_FALSE(state.ats);
        ASSERT_TRUE(!had_ats || state.timed_out);
        probe(m, page << 12, kPage);
    }

    void dma()
    {
        const Who who = any_who();
        const auto it = attached_.find(who);
        const Model &m = it == attached_.end() ? *models_[0] : *it->second;
        uint64_t addr = any_input(m) + below(kPage);
        if (m.spec.kind == VTD_DRV_PASS_THROUGH)
            addr = k1G + below(64 * k1G) % (UINT64_C(0xfee00000) - k1G);
        else if (!m.pages.empty() && below(3)) /* a page that is mapped */
            addr = std::next(m.pages.begin(), (long)below(std::min<size_t>(m.pages.size(), 64)))->first << 12;
        check(who, canonical(m, addr), below(2));
    }

    void attach()
    {
        const Who who = any_who();
        Model &m = any_model();
        const bool busy = attached_.count(who) != 0;
        ASSERT_EQ(vtd_drv_attach(rig_.drv, who.first, who.second, m.domain), busy ? -EBUSY : 0);
        const bool is_new = !added_[who.first];
        added_[who.first] = bus_known_[who.first] = true;
        if (is_new && ats_)
            switch_ats(who.first);
        if (legacy_) {
            ASSERT_EQ(vtd_drv_attach(rig_.drv, who.first, 1 + (uint32_t)below(1000), m.domain), -ENOTSUP);
        }
        if (busy)
            return;
        attached_[who] = &m;
        directory_[{who.first, who.second / 64}] = true;
        probe(m, any_input(m), k2M);
    }

    void detach(uint16_t sid, uint32_t pasid)
    {
        const Who who{sid, pasid};
        const auto it = attached_.find(who);
        if (it == attached_.end()) {
            ASSERT_EQ(vtd_drv_detach(rig_.drv, sid, pasid), -ENOENT);
            return;
        }
        const Model *m = it->second;
        const uint64_t addr = m->pages.empty() ? k1G : m->pages.begin()->first << 12;
        check(who, addr, false);
        ASSERT_EQ(vtd_drv_detach(rig_.drv, sid, pasid), 0);
        attached_.erase(it);
        check(who, addr, false);
    }

    /* Detaches, and sometimes removes the device or makes the domain anew, under the same domain-id. */
    void take_down()
    {
        const Who who = any_who();
        detach(who.first, who.second);
        bool in_use = false;
        for (const auto &a : attached_)
            in_use = in_use || a.first.first == who.first;
        if (added_[who.first] && below(2)) {
            ASSERT_EQ(vtd_drv_device_remove(rig_.drv, who.first), in_use ? -EBUSY : 0);
            if (!in_use) {
                added_[who.first] = false;
                for (uint32_t pasid : kPasids)
                    directory_[{who.first, pasid / 64}] = false;
                check(who, k1G, false);
            }
        }
        recreate();
    }

    void recreate()
    {
        Model &m = any_model();
        for (const auto &a : attached_)
            if (a.second == &m)
                return;
        for (const auto &other : models_)
            if (other->parent == &m)
                return;
        ASSERT_EQ(vtd_drv_domain_destroy(m.domain), 0);
        m.clear();
        ASSERT_EQ(vtd_drv_domain_create(rig_.drv, &m.spec, &m.domain), 0);
    }

    void replace()
    {
        const Who who = any_who();
        const auto it = attached_.find(who);
        if (it == attached_.end())
            return;
        Model &m = any_model();
        check(who, it->second->pages.empty() ? k1G : it->second->pages.begin()->first << 12, false);
        ASSERT_EQ(vtd_drv_replace(rig_.drv, who.first, who.second, m.domain), 0);
        it->second = &m;
        probe(m, any_input(m), k2M);
        if (!m.pages.empty())
            check(who, m.pages.begin()->first << 12, true);
    }
};

#endif
