/* SPDX-License-Identifier: MIT */
/*
 * Two machines, one with PASIDs of the host and one with its own, and four devices with device TLBs and page requests.
 * Guests bind, unbind, map, unmap and flush, devices work, faults and page requests find their way, devices are taken
 * and given back, all at random; and a plain dictionary, from process and page to page and right, says what each access
 * must meet.
 */
#ifndef VTD_TESTS_VMM_RANDOM_RUN_H
#define VTD_TESTS_VMM_RANDOM_RUN_H

#include "paging_rig.h"

#include <map>
#include <random>

class RandomRun
{
  public:
    static constexpr unsigned kVms = 2, kDevices = 2, kPages = 24;
    static constexpr size_t kProcesses = 150;                    /* of a machine */
    static constexpr uint64_t kGva = 0x7f0000400000 - 8 * kPage; /* pages on both sides of a page table's end */
    static constexpr uint16_t kGuestSid[kDevices] = {0x0008, 0x0110};

    explicit RandomRun(uint64_t seed) : seed_(seed), random_(seed)
    {
        for (unsigned m = 0; m < kVms; m++) {
            vm_[m] = std::make_unique<PagingGuest>(host, m, m == 1);
            for (unsigned d = 0; d < kDevices; d++)
                device_[m][d] = vm_[m]->give(kGuestSid[d], host_sid(m, d));
            vm_[m]->decide = [this, m](const vtd_drv_page_request &r) { return decide(m, r); };
            vm_[m]->keep_events = false;
        }
    }

    void run(uint64_t operations)
    {
        for (uint64_t i = 0; i < operations && !testing::Test::HasFatalFailure(); i++) {
            SCOPED_TRACE(testing::Message() << "seed " << seed_ << ", operation " << i);
            step();
            if (i % 50000 == 49999 || i + 1 == operations)
                compare_all();
        }
        if (testing::Test::HasFatalFailure())
            return;
        for (unsigned m = 0; m < kVms; m++)
            while (!process_[m].empty() && !testing::Test::HasFatalFailure())
                destroy(m, process_[m].begin()->first);
        check_empty();
    }

    struct {
        uint64_t binds, unbinds, accesses, done, asked, denied, faults, maps, unmaps;
    } count{};

  private:
    struct Page {
        uint64_t gpa;
        bool write;
    };
    struct Process {
        vtd_drv_domain *domain = nullptr;
        bool bound[kDevices] = {};
        std::map<uint64_t, Page> pages;
    };
    struct Late { /* an access whose page request is not answered yet */
        unsigned m, d;
        uint32_t hpasid; /* may be that of another process when it goes on */
        uint64_t gva;
        bool write;
        uint16_t prgi;
    };

    PagingHost host;
    std::unique_ptr<PagingGuest> vm_[kVms];
    vtd_requester *device_[kVms][kDevices] = {};
    bool given_[kVms][kDevices] = {{true, true}, {true, true}};
    std::map<uint32_t, Process> process_[kVms]; /* by the guest's PASID: the oracle */
    std::vector<Late> late_;
    uint64_t seed_;
    std::mt19937_64 random_;

    static uint16_t host_sid(unsigned m, unsigned d)
    {
        return (uint16_t)(0x0500 * (m + 1) + 0x0110 * d);
    }
    bool chance(unsigned one_in)
    {
        return random_() % one_in == 0;
    }
    uint64_t some_gva()
    {
        return kGva + random_() % kPages * kPage;
    }
    uint64_t some_gpa()
    {
        return GuestMachine::kData + random_() % ((GuestMachine::kMemory - GuestMachine::kData) / kPage) * kPage;
    }
    /* A process of a machine; 0: it has none. */
    uint32_t pick(unsigned m)
    {
        if (process_[m].empty())
            return 0;
        auto it = process_[m].lower_bound((uint32_t)(random_() % (2 * kProcesses)));
        return it == process_[m].end() ? process_[m].begin()->first : it->first;
    }
    /* Who has a PASID of the host now; 0: nobody. */
    uint32_t owner(unsigned m, unsigned d, uint32_t hpasid)
    {
        for (const auto &[p, process] : process_[m])
            if (process.bound[d] && vm_[m]->host_pasid(kGuestSid[d], p) == hpasid)
                return p;
        return 0;
    }
    const Page *page_of(unsigned m, uint32_t gpasid, unsigned d, uint64_t gva) const
    {
        const auto it = process_[m].find(gpasid);
        if (it == process_[m].end() || !given_[m][d] || !it->second.bound[d])
            return nullptr;
        const auto page = it->second.pages.find(gva & ~(kPage - 1));
        return page == it->second.pages.end() ? nullptr : &page->second;
    }

    /* ------------------------------------------------------------ what guests do */

    void create(unsigned m)
    {
        if (process_[m].size() >= kProcesses)
            return;
        const uint32_t p = vm_[m]->pasid();
        ASSERT_EQ(process_[m].count(p), 0u);
        process_[m][p].domain = vm_[m]->process(chance(2) ? 57 : 48);
        attach(m, p, (unsigned)(random_() % kDevices));
    }
    void attach(unsigned m, uint32_t p, unsigned d)
    {
        Process &process = process_[m].at(p);
        ASSERT_EQ(vtd_drv_attach(vm_[m]->drv, kGuestSid[d], p, process.domain), process.bound[d] ? -EBUSY : 0);
        count.binds += !process.bound[d];
        process.bound[d] = true;
        ASSERT_EQ(vm_[m]->host_pasid(kGuestSid[d], p) != 0, given_[m][d]);
    }
    void detach(unsigned m, uint32_t p, unsigned d)
    {
        Process &process = process_[m].at(p);
        const uint32_t hpasid = vm_[m]->host_pasid(kGuestSid[d], p);
        ASSERT_EQ(vtd_drv_detach(vm_[m]->drv, kGuestSid[d], p), process.bound[d] ? 0 : -ENOENT);
        count.unbinds += process.bound[d];
        process.bound[d] = false;
        ASSERT_EQ(vm_[m]->host_pasid(kGuestSid[d], p), 0u);
        if (hpasid) {
            ASSERT_EQ(host.request(host_sid(m, d), hpasid, some_gva()).fault, kSpt2);
            ASSERT_EQ(host.handle_faults(), 1);
        }
    }
    void destroy(unsigned m, uint32_t p)
    {
        for (unsigned d = 0; d < kDevices; d++)
            if (process_[m].at(p).bound[d])
                detach(m, p, d);
        ASSERT_EQ(vtd_drv_domain_destroy(process_[m].at(p).domain), 0);
        ASSERT_EQ(vtd_drv_pasid_free(vm_[m]->drv, p), 0);
        process_[m].erase(p);
    }
    void map(unsigned m, uint32_t p)
    {
        const uint64_t gva = some_gva();
        const Page page = {some_gpa(), !chance(4)};
        const bool there = process_[m].at(p).pages.count(gva) != 0;
        ASSERT_EQ(
            vtd_drv_map(process_[m].at(p).domain, gva, page.gpa, kPage, page.write ? kRw : (unsigned)VTD_DRV_READ),
            there ? -EEXIST : 0);
        process_[m].at(p).pages.emplace(gva, page);
        count.maps += !there;
    }
    void unmap(unsigned m, uint32_t p)
    {
        const uint64_t gva = some_gva(), size = (1 + random_() % 4) * kPage;
        auto &pages = process_[m].at(p).pages;
        int64_t there = 0;
        for (uint64_t at = gva; at < gva + size; at += kPage)
            there += (int64_t)(pages.erase(at) * kPage);
        ASSERT_EQ(vtd_drv_unmap(process_[m].at(p).domain, gva, size), there);
        count.unmaps += there != 0;
    }
    /* More than is needed is allowed. */
    void flush(unsigned m, uint32_t p)
    {
        const uint64_t did = vtd_drv_domain_id(process_[m].at(p).domain), sid = kGuestSid[random_() % kDevices];
        const uint64_t d[][1][4] = {
            {{VTD_TYPE_PC_INV | UINT64_C(1) << 4 | did << 16 | (uint64_t)p << 32, 0, 0, 0}},
            {{VTD_TYPE_P_IOTLB_INV | UINT64_C(2) << 4 | did << 16 | (uint64_t)p << 32, 0, 0, 0}},
            {{VTD_TYPE_P_IOTLB_INV | UINT64_C(3) << 4 | did << 16 | (uint64_t)p << 32, some_gva() | 2, 0, 0}},
            {{VTD_TYPE_P_DEV_TLB_INV | sid << 16 | (uint64_t)p << 32, some_gva(), 0, 0}},
            {{VTD_TYPE_IOTLB_INV | UINT64_C(2) << 4 | did << 16, 0, 0, 0}},
            {{VTD_TYPE_CC_INV | UINT64_C(3) << 4 | sid << 32, 0, 0, 0}},
        };
        ASSERT_EQ(vtd_drv_submit_raw(vm_[m]->drv, d[random_() % (chance(50) ? 6 : 5)], 1), 0);
    }
    /* The guest's answer to a page request: most pages that are missing come. */
    vtd_drv_page_answer decide(unsigned m, const vtd_drv_page_request &r)
    {
        const auto it = process_[m].find(r.pasid);
        if (it == process_[m].end() || it->second.domain != r.domain) {
            ADD_FAILURE() << "a request for PASID " << r.pasid << " of machine " << m;
            return VTD_DRV_PAGE_INVALID;
        }
        const auto page = it->second.pages.find(r.addr);
        if (page != it->second.pages.end())
            return page->second.write || !r.write ? VTD_DRV_PAGE_SUCCESS : VTD_DRV_PAGE_INVALID;
        if (chance(6))
            return VTD_DRV_PAGE_INVALID;
        const Page fresh = {some_gpa(), r.write || chance(2)};
        EXPECT_EQ(vtd_drv_map(r.domain, r.addr, fresh.gpa, kPage, fresh.write ? kRw : (unsigned)VTD_DRV_READ), 0);
        it->second.pages.emplace(r.addr, fresh);
        return VTD_DRV_PAGE_SUCCESS;
    }

    /* ------------------------------------------------------------ what devices do */

    void handle_requests()
    {
        ASSERT_GE(host.handle(), 0);
        for (auto &vm : vm_) {
            ASSERT_GE(vm->handle(), 0);
            vm->seen.clear();
        }
    }
    void expect_done(const vtd_requester_outcome &out, unsigned m, const Page *page, uint64_t gva, bool write)
    {
        ASSERT_TRUE(page && (page->write || !write)) << "an access that must not pass";
        ASSERT_EQ(out.hpa, vm_[m]->base + page->gpa + gva % kPage);
        count.done++;
    }
    void access(unsigned m, uint32_t p, unsigned d)
    {
        const uint32_t hpasid = vm_[m]->host_pasid(kGuestSid[d], p);
        const uint64_t gva = some_gva() + 8 * (random_() % 512);
        const bool write = chance(2);
        if (!hpasid)
            return;
        count.accesses++;
        const Page *page = page_of(m, p, d, gva);
        vtd_requester_outcome out = host.access(device_[m][d], hpasid, gva, write ? VTD_WRITE : VTD_READ);
        if (page && (page->write || !write)) {
            ASSERT_EQ(out.result, VTD_REQUESTER_DONE);
            expect_done(out, m, page, gva, write);
            return;
        }
        ASSERT_EQ(out.result, VTD_REQUESTER_WAITING) << "there is no page for it";
        count.asked++;
        if (chance(8) && late_.size() < 40) {
            late_.push_back({m, d, hpasid, gva, write, out.prgi});
            return;
        }
        handle_requests();
        out = host.retry(device_[m][d], out.prgi);
        page = page_of(m, p, d, gva);
        if (page && (page->write || !write)) {
            ASSERT_EQ(out.result, VTD_REQUESTER_DONE);
            expect_done(out, m, page, gva, write);
        } else {
            ASSERT_EQ(out.result, VTD_REQUESTER_DENIED);
            ASSERT_EQ(out.code, 1) << "the guest said so";
            count.denied++;
        }
    }
    /* Those that wait since long: the process may have gone since, or the page. */
    void finish_late()
    {
        handle_requests();
        for (const Late &l : late_) {
            vtd_requester_outcome out = host.retry(device_[l.m][l.d], l.prgi);
            if (out.result == VTD_REQUESTER_DONE)
                expect_done(out, l.m, page_of(l.m, owner(l.m, l.d, l.hpasid), l.d, l.gva), l.gva, l.write);
            while (out.result == VTD_REQUESTER_WAITING) { /* the page came and went: it asks again */
                handle_requests();
                out = host.retry(device_[l.m][l.d], out.prgi);
            }
            ASSERT_TRUE(out.result == VTD_REQUESTER_DONE || out.result == VTD_REQUESTER_DENIED) << (int)out.result;
        }
        late_.clear();
        host.handle_faults(); /* page requests of what is gone */
        for (vtd_vmm_fault_result result : host.faults)
            ASSERT_NE(result, VTD_VMM_FAULT_OF_GUEST);
        host.faults.clear();
    }
    /* Without ATS: a fault is recorded, and is the guest's under its numbers. */
    void request(unsigned m, uint32_t p, unsigned d)
    {
        const uint32_t hpasid = vm_[m]->host_pasid(kGuestSid[d], p);
        const uint64_t gva = some_gva() + 4 * (random_() % 1024);
        const bool write = chance(2);
        if (!hpasid)
            return;
        const Page *page = page_of(m, p, d, gva);
        const vtd_response resp = host.request(host_sid(m, d), hpasid, gva, write ? VTD_WRITE : VTD_READ);
        if (page && (page->write || !write)) {
            ASSERT_EQ(resp.result, VTD_RESULT_OK);
            ASSERT_EQ(resp.hpa, vm_[m]->base + page->gpa + gva % kPage);
            return;
        }
        const unsigned reason = page ? 0x85u : (unsigned)kSfs2; /* write without W, or not present */
        ASSERT_EQ(resp.fault, reason);
        ASSERT_EQ(host.handle_faults(), 1);
        ASSERT_EQ(vm_[m]->handle_faults(), 1);
        ASSERT_EQ(vm_[1 - m]->handle_faults(), 0);
        const vtd_drv_fault f = vm_[m]->faults.at(0);
        ASSERT_EQ(f.reason, reason);
        ASSERT_EQ(f.sid, kGuestSid[d]);
        ASSERT_EQ(f.pasid, p);
        ASSERT_EQ(f.addr, gva & ~(kPage - 1));
        ASSERT_EQ(f.type, write ? 0u : 2u);
        vm_[m]->faults.clear();
        host.faults.clear();
        count.faults++;
    }

    /* ------------------------------------------------------------ what the hypervisor does */

    void take_or_give(unsigned m, unsigned d)
    {
        finish_late();
        if (given_[m][d])
            ASSERT_EQ(vtd_vmm_remove(vm_[m]->vmm, kGuestSid[d]), 0);
        else
            ASSERT_EQ(vtd_vmm_assign(vm_[m]->vmm, kGuestSid[d], host_sid(m, d)), 0);
        given_[m][d] = !given_[m][d];
        compare_device(m, d);
    }

    /* ------------------------------------------------------------ comparison */

    /* Every PASID of the host that anybody may have, and each page, as the caches and tables have it now. */
    void compare_device(unsigned m, unsigned d)
    {
        std::map<uint32_t, uint32_t> guests; /* PASID of the host to that of the guest */
        for (const auto &[p, process] : process_[m]) {
            const uint32_t hpasid = vm_[m]->host_pasid(kGuestSid[d], p);
            ASSERT_EQ(hpasid != 0, given_[m][d] && process.bound[d]) << p;
            if (hpasid) {
                ASSERT_TRUE(guests.emplace(hpasid, p).second) << "two for one";
            }
        }
        for (uint32_t hpasid = 1; hpasid < 3 * kVms * kProcesses; hpasid++) {
            const auto it = guests.find(hpasid);
            ASSERT_EQ(vtd_drv_attached(host.drv, host_sid(m, d), hpasid) != nullptr, it != guests.end()) << hpasid;
            for (unsigned i = 0; i < kPages; i += it == guests.end() ? 5 : 1) {
                vtd_request req = host.want(hpasid, kGva + i * kPage, VTD_WRITE);
                vtd_response resp{};
                req.sid = host_sid(m, d);
                ASSERT_EQ(vtd_peek(host.machine.unit, &req, &resp), VTD_STATUS_OK);
                const Page *page = it == guests.end() ? nullptr : page_of(m, it->second, d, req.addr);
                ASSERT_EQ(resp.result == VTD_RESULT_OK, page && page->write) << hpasid;
                ASSERT_EQ(resp.result == VTD_RESULT_OK ? resp.hpa : 0,
                          page && page->write ? vm_[m]->base + page->gpa : 0);
            }
        }
    }
    void compare_all()
    {
        finish_late();
        for (unsigned m = 0; m < kVms; m++)
            for (unsigned d = 0; d < kDevices; d++)
                ASSERT_NO_FATAL_FAILURE(compare_device(m, d));
    }
    void check_empty()
    {
        uint64_t users = 0, pasids = 0;
        for (uint32_t p = 0; p < 1u << 20; p++)
            users += host.pasids.users[p];
        for (const vtd_pasid_set &set : host.pasids.set)
            pasids += set.count;
        EXPECT_EQ(users, 0u);
        EXPECT_EQ(pasids, 0u);
        for (unsigned m = 0; m < kVms; m++) {
            const vtd_vmm_stats &s = vm_[m]->stats();
            EXPECT_EQ(s.binds, s.unbinds);
            EXPECT_EQ(s.refused + s.page_requests_overflowed + s.page_requests_refused, 0u);
            EXPECT_LE(s.page_responses_refused, count.unbinds) << "what was answered after the unbind had answered it";
            EXPECT_EQ(vtd_vmm_expire_page_requests(vm_[m]->vmm), 0u);
            for (vtd_requester *r : device_[m]) {
                EXPECT_EQ(vtd_requester_outstanding(r), 0u);
                EXPECT_EQ(vtd_requester_stats_get(r)->unexpected_responses, 0u);
            }
        }
    }

    void step()
    {
        const unsigned m = (unsigned)(random_() % kVms), d = (unsigned)(random_() % kDevices);
        const unsigned what = (unsigned)(random_() % 100);
        const uint32_t p = pick(m);
        if (!p || what < 3)
            create(m);
        else if (what < 5)
            destroy(m, p);
        else if (what < 9)
            attach(m, p, d);
        else if (what < 12)
            detach(m, p, d);
        else if (what < 22)
            map(m, p);
        else if (what < 30)
            unmap(m, p);
        else if (what < 33)
            flush(m, p);
        else if (what < 50)
            request(m, p, d);
        else if (what < 52)
            finish_late();
        else if (what == 52 && chance(40))
            take_or_give(m, d);
        else
            access(m, p, d);
    }
};

#endif
