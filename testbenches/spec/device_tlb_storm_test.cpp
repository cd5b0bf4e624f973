/* SPDX-License-Identifier: MIT */
/*
 * Invalidations of device TLBs that are answered promptly, late, never and wrongly, in any mix, with time-outs: the queue
 * never gets stuck for good, and every wait is either completed or aborted, once (ref 3.3, 3.4, 7.3).
 */
#include "support/device_rig.h"

#include <random>
#include <set>

namespace vtdtest
{

namespace
{

constexpr uint32_t kIte = 1u << VTD_FSTS_ITE_LSB, kIce = 1u << VTD_FSTS_ICE_LSB, kIqe = 1u << VTD_FSTS_IQE_LSB;
constexpr unsigned kSlots = 4096 / 32;

/* A wait in the queue. */
struct Wait {
    uint64_t position; /* descriptors before it, since the beginning */
    uint64_t invs;     /* invalidation requests before it */
    uint64_t status;   /* where it reports */
    uint32_t data;
    bool fence;
};

class Storm : public DeviceRig
{
  public:
    explicit Storm(unsigned seed) : DeviceRig(preset()), rng_(seed)
    {
        for (unsigned i = 0; i < 5; i++) { /* neighbours, so that a wrong source-id is another device */
            vtd_requester_config c = fullDevice(static_cast<uint16_t>(kSid + i), 8);
            add(c);
        }
        page_ = alloc(4);
        start();
        tail_ = head_ = 0;
    }

    void play(unsigned steps)
    {
        for (unsigned i = 0; i < steps && !testing::Test::HasFailure(); i++) {
            step();
            settle();
        }
        finish();
    }
    unsigned completed = 0, aborted = 0, ite = 0, ice = 0, held_up = 0;

  private:
    unsigned below(unsigned n)
    {
        return static_cast<unsigned>(rng_() % n);
    }
    uint16_t someDevice()
    {
        return static_cast<uint16_t>(kSid + below(5));
    }

    void step()
    {
        switch (below(8)) {
        case 0:
        case 1:
        case 2:
        case 3:
            submit();
            break;
        case 4:
            vtd_requester_set_answer(devices[someDevice()]->get(), policy());
            break;
        case 5: {
            const uint16_t sid = someDevice();
            vtd_requester_set_answer(devices[sid]->get(), VTD_ANSWER_PROMPT);
            vtd_answers_release(&answers, sid);
            break;
        }
        case 6:
            expire_ = true;
            break;
        default:
            timeOutOne();
            break;
        }
    }

    vtd_answer policy()
    {
        static constexpr vtd_answer all[] = {VTD_ANSWER_PROMPT, VTD_ANSWER_HOLD, VTD_ANSWER_NEVER, VTD_ANSWER_WRONG_SID,
                                             VTD_ANSWER_WRONG_ITAG};
        return all[below(5)];
    }

    /* A few invalidations and, mostly, a wait. */
    void submit()
    {
        const unsigned invs = below(6);
        if (tail_ - head_ + invs + 1 >= kSlots)
            return;
        std::vector<Desc> descs;
        for (unsigned i = 0; i < invs; i++)
            descs.push_back(below(2) ? devTlbInv(someDevice(), below(64) << 12, below(4))
                                     : pasidDevTlbInv(someDevice(), below(8), below(64) << 12, below(4)));
        invs_ += invs;
        tail_ += invs;
        if (below(4))
            descs.push_back(newWait(below(4) == 0));
        put(descs);
    }

    Desc newWait(bool fence)
    {
        const Wait w = {tail_++, invs_, page_ + 8 * (number_ % 8192), ++number_, fence};
        Desc d = waitStatus(w.status, w.data);
        vtd_inv_wait_set_fn(d.q, fence);
        waits_.push_back(w);
        return d;
    }

    /* The time of a request that a device still holds is over; the device may answer all the same, later. */
    void timeOutOne()
    {
        for (unsigned i = 0; i < VTD_ANSWERS_ITAGS; i++) {
            const vtd_answers_pending &p = answers.pending[i];
            if (p.busy && p.held && !gone_.count(p.number) && below(4) == 0) {
                gone_.insert(p.number);
                vtd_device_tlb_timeout(get(), i);
                return;
            }
        }
    }

    void settle()
    {
        pump(expire_);
        expire_ = false;
        const uint64_t queued = (read64(VTD_REG_IQT) - read64(VTD_REG_IQH)) % 4096 / 32;
        head_ = tail_ - queued;
        ASSERT_EQ(fsts() & kIqe, 0u);
        if (fsts() & kIce) {
            ice++;
            write32(VTD_REG_FSTS, kIce);
        }
        const bool stopped = fsts() & kIte;
        account(stopped);
        if (stopped)
            repair();
        else
            expectProgress();
    }

    bool outstandingBefore(uint64_t invs) const
    {
        for (const vtd_answers_pending &p : answers.pending)
            if (p.busy && !gone_.count(p.number) && p.number < invs)
                return true;
        return false;
    }

    /* What became of the waits, and whether that is what had to become of them. */
    void account(bool stopped)
    {
        std::vector<Wait> left;
        to_requeue_.clear();
        for (const Wait &w : waits_) {
            const uint32_t seen = static_cast<uint32_t>(*at(w.status));
            const bool fetched = w.position < head_;
            if (seen != 0) {
                ASSERT_EQ(seen, w.data);
                ASSERT_TRUE(fetched);
                ASSERT_FALSE(outstandingBefore(w.invs)) << "completed too early";
                done_.push_back(w);
                *at(w.status) = 0;
                completed++;
            } else if (fetched && stopped) {
                to_requeue_.push_back(w);
                done_.push_back(w); /* never to be completed */
                aborted++;
            } else {
                ASSERT_TRUE(!fetched || outstandingBefore(w.invs)) << "nothing holds it up";
                left.push_back(w);
            }
        }
        waits_ = left;
        for (const Wait &w : done_)
            ASSERT_EQ(static_cast<uint32_t>(*at(w.status)), 0u) << "a status was written twice, or after an abort";
        if (done_.size() > 4000) /* status slots come round again */
            done_.erase(done_.begin(), done_.begin() + 2000);
    }

    /* ITE: clear it, and queue the aborted waits again, as a driver does. */
    void repair()
    {
        ite++;
        write32(VTD_REG_FSTS, kIte);
        EXPECT_EQ(fsts() & kIte, 0u);
        std::vector<Desc> descs;
        for (const Wait &w : to_requeue_)
            if (tail_ - head_ + descs.size() + 1 < kSlots)
                descs.push_back(newWait(w.fence));
        put(descs);
    }

    /* The queue stands still only for one of the reasons that the reference knows. */
    void expectProgress()
    {
        if (head_ == tail_)
            return;
        held_up++;
        bool fence = false;
        unsigned pending_waits = 0, busy = 0;
        for (const Wait &w : waits_) {
            if (w.position < head_) {
                fence = fence || w.fence;
                pending_waits++;
            }
        }
        for (const vtd_answers_pending &p : answers.pending)
            busy += p.busy && !gone_.count(p.number);
        EXPECT_TRUE(fence || pending_waits == 32 || busy == 32) << "the queue is stuck without a reason";
    }

    /* All devices become good; software repairs what is left. */
    void finish()
    {
        for (unsigned round = 0; round < 64 && !testing::Test::HasFailure(); round++) {
            for (const auto &d : devices) {
                vtd_requester_set_answer(d.second->get(), VTD_ANSWER_PROMPT);
                vtd_answers_release(&answers, d.first);
            }
            settle();
        }
        EXPECT_EQ(head_, tail_) << "the queue is not empty";
        EXPECT_TRUE(waits_.empty());
        EXPECT_EQ(vtd_answers_outstanding(&answers), 0u);
        EXPECT_TRUE(flush({devTlbInv(kSid, 0, 52)})) << "and it works as on the first day";
    }

    std::mt19937 rng_;
    uint64_t page_ = 0;
    uint64_t tail_ = 0, head_ = 0; /* descriptors since the beginning: queued, fetched */
    uint64_t invs_ = 0;
    uint32_t number_ = 0;
    bool expire_ = false;
    std::vector<Wait> waits_, done_, to_requeue_;
    std::set<uint64_t> gone_; /* requests, by arrival, whose time was over while the device held them */
};

} // namespace

class DeviceTlbStorm : public testing::TestWithParam<unsigned>
{
};

TEST_P(DeviceTlbStorm, TheQueueComesBackAndEveryWaitEndsExactlyOnce)
{
    Storm storm(GetParam());
    storm.play(5000);
    EXPECT_GT(storm.completed, 100u);
    EXPECT_GT(storm.aborted, 20u);
    EXPECT_GT(storm.ite, 20u);
    EXPECT_GT(storm.ice, 20u);
    EXPECT_GT(storm.held_up, 20u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, DeviceTlbStorm, testing::Range(1u, 13u));

} // namespace vtdtest
