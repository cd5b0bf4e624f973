/* SPDX-License-Identifier: MIT */
/*
 * Posting while software works on the same descriptor (ref 8.2 step 7). Software does what a hypervisor does on a
 * notification: it clears ON and then takes the requests. Whatever the two do in between each other, a request is taken,
 * or a notification is on its way.
 */
#include "spec/remapper.h"

#include <atomic>
#include <chrono>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

namespace vtdtest
{

namespace
{

constexpr uint8_t kNotification = 0xe1;

/* The software side. All accesses are atomic: the unit is at work on the descriptor, too. */
class Guest
{
  public:
    explicit Guest(uint64_t *descriptor) : d_(descriptor) {}
    bool on() const
    {
        return __atomic_load_n(&d_[4], __ATOMIC_SEQ_CST) & 1;
    }
    void clearOn()
    {
        __atomic_fetch_and(&d_[4], ~UINT64_C(1), __ATOMIC_SEQ_CST);
    }
    /* Takes the requests; returns how many there were. */
    unsigned take()
    {
        unsigned n = 0;
        for (unsigned i = 0; i < 4; i++)
            n += static_cast<unsigned>(__builtin_popcountll(__atomic_exchange_n(&d_[i], 0, __ATOMIC_SEQ_CST)));
        return n;
    }

  private:
    uint64_t *d_;
};

void prepare(uint64_t *d)
{
    for (unsigned i = 0; i < 8; i++)
        d[i] = 0;
    vtd_pi_desc_set_nv(d, kNotification);
    vtd_pi_desc_set_ndst(d, 5u << 8);
}

/* A remapper whose memory accesses are seen, so that software can act between any two of them. */
struct Slow : Unit {
    Slow() : Unit(withCaches(64), Unit::Observed)
    {
        const uint64_t table = alloc();
        write64(VTD_REG_IRTA, table | vtd_reg_irta_put_s(kSize));
        command(VTD_GCMD_SIRTP_LSB);
        command(VTD_GCMD_IRE_LSB);
        uint64_t *e = at(table);
        vtd_irte_posted_set_p(e, 1);
        vtd_irte_posted_set_im(e, 1);
        vtd_irte_posted_set_vv(e, 0x42);
        vtd_irte_posted_set_pdal(e, kDescriptor >> 6);
        prepare(at(kDescriptor));
    }
    void post()
    {
        vtd_irq_response resp{};
        EXPECT_EQ(vtd_interrupt(get(), kSid, remappable(0), 0, &resp), VTD_STATUS_OK);
        EXPECT_EQ(resp.result, VTD_IRQ_POSTED);
    }
};

} // namespace

/* Software acts right before the n-th access of the unit to the descriptor, for every n. */
TEST(PostingRace, SoftwareMayStepInBeforeAnyAccess)
{
    for (bool outstanding : {false, true}) {
        for (unsigned when = 0;; when++) {
            Slow u;
            Guest guest(u.at(kDescriptor));
            if (outstanding)
                u.post(); /* notified, and not yet handled */
            const size_t before = u.messages.size();
            unsigned accesses = 0, taken = 0;
            u.before = [&](const MemAccess &a) {
                if (a.cls == VTD_MEM_PI_DESCRIPTOR && accesses++ == when) {
                    guest.clearOn();
                    taken = guest.take();
                }
            };
            u.post();
            u.before = nullptr;
            const unsigned left = guest.take();
            EXPECT_GE(taken + left, 1u);
            EXPECT_TRUE(left == 0 || guest.on()) << "a request that nobody was told of: before access " << when;
            EXPECT_TRUE(left == 0 || taken == 0 || u.messages.size() == before + 1) << when;
            if (accesses <= when)
                break; /* software did not get a turn: all cases are done */
            ASSERT_LT(when, 100u);
        }
    }
}

/* ON changes under the update of ON: the unit looks again, and notifies once. */
TEST(PostingRace, SuppressionMayBeginBeforeOnIsSet)
{
    Slow u;
    uint64_t *d = u.at(kDescriptor);
    u.before = [&](const MemAccess &a) {
        if (a.kind == MemAccess::Cas && a.addr == kDescriptor + 32)
            vtd_pi_desc_set_sn(d, 1);
    };
    u.post();
    EXPECT_EQ(d[1], bit(2));
    EXPECT_EQ(vtd_pi_desc_on(d), 0u);
    EXPECT_TRUE(u.messages.empty()) << "suppressed by then";
}

namespace
{

/* A unit whose descriptor is behind callbacks that take their time, so that the two sides often meet in it. */
struct SharedDescriptor {
    uint64_t d[8] = {};
    std::vector<uint64_t> table = std::vector<uint64_t>(512); /* 256 entries at address 0: vector = index */
    std::mt19937 random{1};
    std::atomic<uint64_t> notified{0};
    vtd *unit = nullptr;

    SharedDescriptor()
    {
        prepare(d);
        for (unsigned i = 0; i < 256; i++) {
            vtd_irte_posted_set_p(&table[2 * i], 1);
            vtd_irte_posted_set_im(&table[2 * i], 1);
            vtd_irte_posted_set_vv(&table[2 * i], i);
            vtd_irte_posted_set_pdal(&table[2 * i], kDescriptor >> 6);
        }
        vtd_host host{};
        host.opaque = this;
        host.mem_base = table.data();
        host.mem_size = 4096;
        host.mem_read = [](void *o, uint64_t hpa, void *data, size_t size, vtd_mem_class, bool) {
            auto *out = static_cast<uint64_t *>(data);
            for (size_t i = 0; i < size / 8; i++)
                out[i] = __atomic_load_n(self(o).qword(hpa + 8 * i), __ATOMIC_SEQ_CST);
            self(o).pause();
            return 0;
        };
        host.mem_cas = [](void *o, uint64_t hpa, uint64_t *expected, uint64_t desired, vtd_mem_class) {
            __atomic_compare_exchange_n(self(o).qword(hpa), expected, desired, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST);
            self(o).pause();
            return 0;
        };
        host.msi = [](void *o, uint64_t, uint32_t data) {
            EXPECT_EQ(data, kNotification);
            self(o).notified.fetch_add(1);
        };
        const vtd_config config = withCaches(512);
        unit = vtd_create(&config, &host, nullptr);
        if (unit == nullptr)
            throw std::runtime_error("no unit");
        vtd_mmio_write64(unit, VTD_REG_IRTA, vtd_reg_irta_put_s(7));
        vtd_mmio_write32(unit, VTD_REG_GCMD, 1u << VTD_GCMD_SIRTP_LSB);
        vtd_mmio_write32(unit, VTD_REG_GCMD, 1u << VTD_GCMD_IRE_LSB);
    }
    ~SharedDescriptor()
    {
        vtd_destroy(unit);
    }
    SharedDescriptor(const SharedDescriptor &) = delete;
    SharedDescriptor &operator=(const SharedDescriptor &) = delete;

    static SharedDescriptor &self(void *o)
    {
        return *static_cast<SharedDescriptor *>(o);
    }
    uint64_t *qword(uint64_t hpa)
    {
        return &d[(hpa - kDescriptor) / 8 % 8];
    }
    void pause()
    {
        if (random() % 8 == 0)
            std::this_thread::yield();
        for (unsigned turns = random() % 64; turns > 0; turns--)
            __atomic_load_n(&d[5], __ATOMIC_RELAXED);
    }
    void post(unsigned vector)
    {
        vtd_irq_response resp{};
        vtd_interrupt(unit, kSid, remappable(vector), 0, &resp);
    }
};

} // namespace

/* Software that never holds still is given up on: the request is in the descriptor, and the unit goes on. */
TEST(PostingRace, ADescriptorThatChangesForEverDoesNotHang)
{
    Slow u;
    uint64_t *d = u.at(kDescriptor);
    unsigned changes = 0;
    u.before = [&](const MemAccess &a) {
        if (a.kind == MemAccess::Cas && a.addr == kDescriptor + 32)
            vtd_pi_desc_set_nv(d, ++changes & 0xff);
    };
    u.post();
    EXPECT_EQ(d[1], bit(2));
    EXPECT_GE(changes, 100u);
    EXPECT_LE(changes, 10000u);
}

/*
 * Two threads: the unit posts bursts, software acts on notifications only. After every burst all requests must come to be
 * taken; one that was set without a notification would stay for ever.
 */
TEST(PostingRace, TwoThreadsLoseNoInterrupt)
{
    SharedDescriptor u;
    std::atomic<uint64_t> handled{0}, taken{0};
    std::atomic<bool> stop{false};
    uint64_t handled_without_on = 0;
    std::thread software([&] {
        Guest guest(u.d);
        while (!stop.load()) {
            if (u.notified.load() == handled.load()) {
                std::this_thread::yield();
                continue;
            }
            handled_without_on += !guest.on();
            handled.fetch_add(1); /* before ON is cleared: from then on there may be the next */
            guest.clearOn();
            taken.fetch_add(guest.take());
        }
    });

    std::mt19937 random(2);
    uint64_t posted = 0, most_outstanding = 0;
    bool lost = false;
    using clock = std::chrono::steady_clock;
    const auto end = clock::now() + std::chrono::milliseconds(1500);
    while (!lost && clock::now() < end) {
        const unsigned burst = 1 + random() % 6, first = random() % 256;
        for (unsigned n = 0; n < burst; n++) { /* vectors of a burst differ: each is one request to be taken */
            u.post((first + n) % 256);
            most_outstanding = std::max(most_outstanding, u.notified.load() - handled.load());
        }
        posted += burst;
        const auto patience = clock::now() + std::chrono::seconds(10);
        while (taken.load() != posted && !lost) {
            std::this_thread::yield();
            lost = clock::now() > patience;
        }
    }
    stop = true;
    software.join();
    EXPECT_EQ(taken.load(), posted) << "a request was left without a notification";
    EXPECT_EQ(handled_without_on, 0u) << "a notification was sent without ON";
    EXPECT_LE(most_outstanding, 1u) << "no second notification while ON is 1";
    EXPECT_GT(posted, 100u);
}

} // namespace vtdtest
