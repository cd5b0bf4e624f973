/* SPDX-License-Identifier: MIT */
/*
 * Page requests with real threads, as in a kernel: devices, the page request thread, and a worker that maps pages and
 * answers later. The model and the driver are for one thread per instance, hence one lock around each call.
 */
#include "ats_rig.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace
{

constexpr uint64_t kPage = AtsRig::kPage, k1G = AtsRig::k1G;
constexpr unsigned kRw = AtsRig::kRw;
constexpr unsigned kDevices = 3, kAccesses = 2000, kPages = 64;

struct Threads {
    std::mutex lock; /* of unit, driver, devices and what is below */
    std::condition_variable event, work, answered;
    std::deque<vtd_drv_page_request> jobs;
    bool stop = false;
    uint64_t handled = 0, mapped = 0, unmapped = 0;
    AtsRig rig;

    static vtd_config config()
    {
        vtd_config c;
        EXPECT_EQ(vtd_config_preset(&c, "default"), VTD_STATUS_OK);
        return c;
    }
    static vtd_drv_options options()
    {
        vtd_drv_options o{};
        o.page_requests = true;
        o.page_event_data = 0x51;
        o.page_event_address = 0xfee01000;
        return o;
    }
    Threads() : rig(config(), options()) {}

    static vtd_drv_page_answer later(void *arg, const vtd_drv_page_request *req)
    {
        auto *t = static_cast<Threads *>(arg);
        t->jobs.push_back(*req);
        t->work.notify_one();
        return VTD_DRV_PAGE_LATER;
    }

    /* The page request thread sleeps until the event's message comes. */
    void page_requests()
    {
        std::unique_lock<std::mutex> hold(lock);
        while (!stop) {
            vtd_msi_message msi;
            if (!vtd_msi_sink_take(&rig.machine.msi, &msi)) {
                event.wait_for(hold, std::chrono::milliseconds(50));
                continue;
            }
            const int count = vtd_drv_handle_page_requests(rig.drv, nullptr);
            ASSERT_GE(count, 0);
            handled += (uint64_t)count;
        }
    }

    void worker()
    {
        std::unique_lock<std::mutex> hold(lock);
        while (!stop) {
            if (jobs.empty()) {
                work.wait_for(hold, std::chrono::milliseconds(50));
                continue;
            }
            const vtd_drv_page_request req = jobs.front();
            jobs.pop_front();
            const int error = vtd_drv_map(req.domain, req.addr, req.addr + k1G, kPage, kRw);
            ASSERT_TRUE(error == 0 || error == -EEXIST);
            mapped += error == 0;
            ASSERT_EQ(vtd_drv_page_respond(rig.drv, &req, VTD_DRV_PAGE_SUCCESS), 0);
            answered.notify_all();
        }
    }

    /* A device: every access must end at the right place, whatever others do meanwhile. */
    void device(uint16_t sid)
    {
        std::mt19937_64 random(sid);
        vtd_requester *r = vtd_machine_requester(&rig.machine, sid);
        for (unsigned i = 0; i < kAccesses; i++) {
            std::unique_lock<std::mutex> hold(lock);
            const uint64_t addr = (1 + random() % kPages) * kPage;
            vtd_requester_outcome out = rig.access(sid, 5, addr, VTD_WRITE);
            while (out.result == VTD_REQUESTER_WAITING) {
                event.notify_one();
                answered.wait_for(hold, std::chrono::milliseconds(50));
                vtd_requester_retry(r, out.prgi, &out);
            }
            ASSERT_EQ(out.result, VTD_REQUESTER_DONE);
            ASSERT_EQ(out.hpa, addr + k1G);
        }
    }

    /* Takes pages away again. */
    void reclaim(vtd_drv_domain *d, const std::atomic<bool> &done)
    {
        std::mt19937_64 random(7);
        while (!done) {
            {
                std::lock_guard<std::mutex> hold(lock);
                const int64_t bytes = vtd_drv_unmap(d, (1 + random() % kPages) * kPage, 4 * kPage);
                ASSERT_GE(bytes, 0);
                unmapped += (uint64_t)bytes / kPage;
            }
            std::this_thread::yield();
        }
    }
};

TEST(PageRequestThreads, DevicesAreServedWhilePagesComeAndGo)
{
    Threads t;
    auto *d = t.rig.make(VTD_DRV_FIRST_STAGE, 48);
    vtd_drv_set_page_handler(t.rig.drv, Threads::later, &t);
    for (uint16_t sid = 1; sid <= kDevices; sid++) {
        t.rig.add(sid, true);
        ASSERT_EQ(vtd_drv_attach(t.rig.drv, sid, 5, d), 0);
    }
    std::atomic<bool> done{false};
    std::thread prq(&Threads::page_requests, &t), worker(&Threads::worker, &t);
    std::thread reclaimer([&] { t.reclaim(d, done); });
    std::vector<std::thread> devices;
    for (uint16_t sid = 1; sid <= kDevices; sid++)
        devices.emplace_back(&Threads::device, &t, sid);
    for (auto &thread : devices)
        thread.join();
    done = true;
    reclaimer.join();
    {
        std::lock_guard<std::mutex> hold(t.lock);
        t.stop = true;
    }
    t.event.notify_all();
    t.work.notify_all();
    prq.join();
    worker.join();
    EXPECT_GT(t.handled, 0u);
    EXPECT_GT(t.mapped, 0u);
    EXPECT_LE(t.unmapped, t.mapped);
    for (uint16_t sid = 1; sid <= kDevices; sid++) {
        const vtd_requester_stats *s = vtd_requester_stats_get(vtd_machine_requester(&t.rig.machine, sid));
        EXPECT_EQ(t.rig.outstanding(sid), 0u);
        EXPECT_EQ(s->page_responses, s->page_requests) << "groups of one: as many answers as questions";
        EXPECT_EQ(s->unexpected_responses, 0u);
    }
}

} // namespace
