/* SPDX-License-Identifier: MIT */
/*
 * Storms of page requests from several devices, and software that takes them, answers in any order, recovers from
 * overflow and drains (ref 7.1), against a plain bookkeeping of what must become of each request: which are queued and
 * in which order, which the unit answers itself, when an event is sent. No response may be lost or come twice.
 */
#include "support/device_rig.h"

#include <deque>
#include <random>
#include <set>

namespace vtdtest
{

namespace
{

constexpr unsigned kSlots = 4096 / 32; /* of the smallest queue */
constexpr uint32_t kPpr = 1, kPro = 2;
constexpr uint64_t kEventAddress = 0xfee01000;
constexpr uint32_t kEventData = 0x51;
constexpr uint64_t kIova = 0x40000000;

/* What a request must look like in the queue. */
struct Queued {
    uint16_t sid, prgi;
    uint32_t pasid;
    bool has_pasid, last, marker;
    uint64_t page;

    bool operator==(const Queued &o) const
    {
        return sid == o.sid && prgi == o.prgi && pasid == o.pasid && has_pasid == o.has_pasid && last == o.last &&
               marker == o.marker && page == o.page;
    }
};

/* The queue as the reference describes it. */
struct Book {
    std::deque<Queued> queue; /* software has not taken them yet */
    bool ppr = false, pro = false;
    unsigned events = 0;

    void raise(bool &flag)
    {
        events += !ppr && !pro;
        flag = true;
    }
    /* Is the request queued? */
    bool request(const Queued &q)
    {
        if (pro)
            return false;
        if (queue.size() == kSlots - 1) {
            raise(pro);
            return false;
        }
        queue.push_back(q);
        raise(ppr);
        return true;
    }
};

using Group = std::pair<uint16_t, uint16_t>; /* source-id, PRGI */

class Storm : public DeviceRig
{
  public:
    Storm(unsigned seed, unsigned devices_n) : DeviceRig(config()), fs_(*this, 4), ss_(*this, 4), rng_(seed)
    {
        for (unsigned i = 0; i < devices_n; i++) {
            const uint16_t sid = static_cast<uint16_t>(kSid + 8 * i);
            setSs(sid, 0, ss_, 2);
            setFs(sid, 1, fs_, 3);
            setSs(sid, 2, ss_, 4);
            vtd_requester_config c = fullDevice(sid, 16);
            c.outstanding_max = 1 + below(VTD_REQUESTER_GROUPS_MAX);
            add(c);
            sids_.push_back(sid);
            limit_.push_back(c.outstanding_max);
        }
        refused_ = static_cast<uint16_t>(kSid + 8 * devices_n); /* its requests never pass: PRE is 0 */
        setSs(refused_, 0, ss_, 2);
        vtd_sm_context_set_pre(context(refused_), 0);
        add(fullDevice(refused_));
        base_ = alloc();
        write64(VTD_REG_PQA, base_);
        write32(VTD_REG_PEDATA, kEventData);
        write32(VTD_REG_PEADDR, kEventAddress);
        write32(VTD_REG_PECTL, 0);
        start();
    }

    void play(unsigned steps)
    {
        for (unsigned i = 0; i < steps && !testing::Test::HasFailure(); i++) {
            step();
            check();
        }
        finish();
    }
    unsigned answered = 0, overflowed = 0, drained = 0;

  private:
    static vtd_config config()
    {
        vtd_config cfg = preset();
        setEcap(cfg, VTD_FIELD_OF(ECAP, PDS), 1);
        return cfg;
    }
    unsigned below(unsigned n)
    {
        return static_cast<unsigned>(rng_() % n);
    }

    void step()
    {
        if (below(200) == 0)
            lazy_ = !lazy_;
        switch (below(16)) {
        default:
            ask();
            break;
        case 7:
        case 8:
        case 9:
            take(lazy_ ? 0 : below(24));
            break;
        case 10:
        case 11:
        case 12:
            respond(below(24));
            break;
        case 13:
            if (below(lazy_ ? 32 : 4) == 0)
                recover();
            break;
        case 14:
            if (below(lazy_ ? 32 : 8) == 0)
                drain();
            else
                clearPpr();
            break;
        case 15:
            if (below(2))
                refused();
            else
                marker();
            break;
        }
        pump();
        collect();
    }

    /* -------- devices */

    void ask()
    {
        const unsigned d = below(static_cast<unsigned>(sids_.size()));
        const uint16_t sid = sids_[d];
        const int pasid = static_cast<int>(below(3));
        const unsigned count = 1 + below(5);
        const vtd_request want =
            Device::request(kIova + UINT64_C(0x1000) * below(512), below(2) ? VTD_WRITE : VTD_READ, pasid ? pasid : -1);
        uint16_t prgi = 0;
        const vtd_requester_result result = vtd_requester_request_pages(devices[sid]->get(), &want, count, &prgi);
        if (outstanding(sid) == limit_[d]) {
            EXPECT_EQ(result, VTD_REQUESTER_BUSY);
            return;
        }
        ASSERT_EQ(result, VTD_REQUESTER_WAITING);
        ASSERT_EQ(waiting_.count({sid, prgi}), 0u) << "an index that is in use";
        int expected = kOpen;
        for (unsigned i = 0; i < count; i++) {
            const bool last = i == count - 1;
            const bool queued = book_.request(
                {sid, prgi, static_cast<uint32_t>(pasid), pasid != 0, last, false, (want.addr >> 12) + i});
            overflowed += !queued;
            if (last && !queued)
                expected = 0; /* the unit answers: success */
        }
        waiting_[{sid, prgi}] = expected;
    }

    void marker()
    {
        const uint16_t sid = sids_[below(static_cast<unsigned>(sids_.size()))];
        const bool queued = book_.request({sid, 0, 1, true, true, true, 0});
        EXPECT_EQ(vtd_requester_stop_marker(devices[sid]->get(), 1), queued ? VTD_PRQ_QUEUED : VTD_PRQ_OVERFLOW);
        markers_overflowed_ += !queued;
    }

    /* The unit answers "invalid request", and nothing gets into the queue. */
    void refused()
    {
        const vtd_request want = Device::request(kIova, VTD_READ);
        uint16_t prgi;
        ASSERT_EQ(vtd_requester_request_pages(devices[refused_]->get(), &want, 1 + below(3), &prgi),
                  VTD_REQUESTER_WAITING);
        waiting_[{refused_, prgi}] = 1;
        clearFaults();
    }

    size_t outstanding(uint16_t sid) const
    {
        size_t n = 0;
        for (const auto &w : waiting_)
            n += w.first.first == sid;
        return n;
    }

    /* Devices take the responses that came; each must be expected, with its code. */
    void collect()
    {
        for (auto it = waiting_.begin(); it != waiting_.end();) {
            uint8_t code = 0xff;
            const bool there = vtd_requester_collect(devices[it->first.first]->get(), it->first.second, &code);
            ASSERT_EQ(there, it->second != kOpen) << "sid " << std::hex << it->first.first;
            if (!there) {
                ++it;
                continue;
            }
            ASSERT_EQ(code, it->second);
            answered++;
            it = waiting_.erase(it);
        }
    }

    /* -------- software */

    /* Takes up to n requests from the queue; each must be the one that stands in the book. */
    void take(size_t n)
    {
        uint64_t head = read64(VTD_REG_PQH);
        for (; n && head != read64(VTD_REG_PQT); n--) {
            const uint64_t *q = at(base_ + head);
            const bool last = vtd_prq_desc_lpig(q);
            const bool marker = !vtd_prq_desc_rdr(q) && !vtd_prq_desc_wrr(q);
            const Queued seen = {static_cast<uint16_t>(vtd_prq_desc_rid(q)),
                                 static_cast<uint16_t>(vtd_prq_desc_prgi(q)),
                                 static_cast<uint32_t>(vtd_prq_desc_pasid(q)),
                                 vtd_prq_desc_pp(q) != 0,
                                 last,
                                 marker,
                                 vtd_prq_desc_addr(q)};
            ASSERT_FALSE(book_.queue.empty());
            ASSERT_TRUE(seen == book_.queue.front()) << "slot " << head / 32;
            book_.queue.pop_front();
            if (last && !marker)
                to_answer_.push_back(seen);
            head = (head + 32) % 4096;
        }
        write64(VTD_REG_PQH, head);
    }

    void respond(size_t n)
    {
        std::vector<Desc> descs;
        for (; n && !to_answer_.empty(); n--) {
            const size_t i = below(static_cast<unsigned>(to_answer_.size()));
            const Queued q = to_answer_[i];
            to_answer_[i] = to_answer_.back();
            to_answer_.pop_back();
            const unsigned code = below(2);
            const auto it = waiting_.find({q.sid, q.prgi});
            ASSERT_NE(it, waiting_.end());
            ASSERT_EQ(it->second, kOpen) << "answered before";
            it->second = static_cast<int>(code);
            descs.push_back(groupResponse(q.sid, q.prgi, code, q.has_pasid, q.pasid));
        }
        EXPECT_TRUE(flush(descs));
    }

    void clearPpr()
    {
        write32(VTD_REG_PRS, kPpr);
        book_.ppr = false;
    }

    /* The queue is emptied before PRO is cleared; requests are accepted again. */
    void recover()
    {
        take(kSlots);
        write32(VTD_REG_PRS, kPro | kPpr);
        book_.ppr = book_.pro = false;
        EXPECT_TRUE(book_.queue.empty());
    }

    /* By the recipe; afterwards nothing of the device is in the unit, the queue or without a response. */
    void drain()
    {
        const uint16_t sid = sids_[below(static_cast<unsigned>(sids_.size()))];
        Desc fence, drained_wait = waitStatus(status, 2);
        vtd_inv_wait_set_type_lo(fence.q, VTD_TYPE_INV_WAIT);
        vtd_inv_wait_set_fn(fence.q, 1);
        vtd_inv_wait_set_pd(drained_wait.q, 1);
        *at(status) = 0;
        put({fence, iotlbInv(2, 2), devTlbInv(sid, 0, 52), drained_wait});
        pump();
        ASSERT_EQ(static_cast<uint32_t>(*at(status)), 2u);
        if (read32(VTD_REG_PRS) & kPro)
            recover();
        take(kSlots);
        respond(to_answer_.size());
        collect();
        EXPECT_EQ(outstanding(sid), 0u);
        EXPECT_EQ(vtd_requester_outstanding(devices[sid]->get()), 0u);
        drained++;
    }

    /* -------- the book against the unit */

    void check()
    {
        ASSERT_EQ(read32(VTD_REG_PRS) & (kPpr | kPro), (book_.ppr ? kPpr : 0) | (book_.pro ? kPro : 0));
        const uint64_t used = (read64(VTD_REG_PQT) - read64(VTD_REG_PQH)) % 4096 / 32;
        ASSERT_EQ(used, book_.queue.size());
        ASSERT_EQ(messages.size(), book_.events);
        unsigned unexpected = 0;
        for (const auto &d : devices)
            unexpected += static_cast<unsigned>(d.second->stats().unexpected_responses);
        ASSERT_EQ(unexpected, markers_overflowed_) << "only stop markers that met a full queue";
    }

    void finish()
    {
        recover();
        respond(to_answer_.size());
        collect();
        EXPECT_TRUE(waiting_.empty()) << "a response was lost";
        for (const auto &d : devices)
            EXPECT_EQ(vtd_requester_outstanding(d.second->get()), 0u);
        EXPECT_EQ(fsts() & 0x7f, 0u) << "an error of the queue";
        for (const Message &m : messages) {
            EXPECT_EQ(m.addr, kEventAddress);
            EXPECT_EQ(m.data, kEventData);
        }
    }

    static constexpr int kOpen = -1; /* no response was sent yet */

    FsTree fs_;
    SsTree ss_;
    std::mt19937 rng_;
    std::vector<uint16_t> sids_;
    std::vector<unsigned> limit_;
    uint16_t refused_ = 0;
    bool lazy_ = false; /* software leaves the queue alone for a while */
    uint64_t base_ = 0;
    Book book_;
    std::map<Group, int> waiting_; /* to the code that was sent, or kOpen */
    std::vector<Queued> to_answer_;
    unsigned markers_overflowed_ = 0;
};

} // namespace

class PageRequestStorm : public testing::TestWithParam<unsigned>
{
};

TEST_P(PageRequestStorm, EveryGroupIsAnsweredExactlyOnceAndTheQueueIsWhatTheBookSays)
{
    const unsigned seed = GetParam();
    Storm storm(seed, 1 + seed % 5);
    storm.play(4000);
    EXPECT_GT(storm.answered, 500u);
    EXPECT_GT(storm.overflowed, 0u);
    EXPECT_GT(storm.drained, 5u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, PageRequestStorm, testing::Range(1u, 13u));

} // namespace vtdtest
