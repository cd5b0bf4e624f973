/* SPDX-License-Identifier: MIT */
/*
 * Machines whose devices ask for pages: the host's driver asks the machines in turn, and each guest decides by itself.
 */
#ifndef VTD_TESTS_VMM_PAGING_RIG_H
#define VTD_TESTS_VMM_PAGING_RIG_H

#include "vmm_rig.h"

extern "C" {
#include "vtd/vtd_structs.h"
}

#include <algorithm>
#include <functional>

struct PagingHost : Host {
    std::vector<vtd_vmm *> machines;
    std::vector<vtd_vmm_fault_result> faults; /* what became of the host's fault records */

    explicit PagingHost(const vtd_config &config = usual()) : Host(config)
    {
        const auto handler = [](void *arg, const vtd_drv_page_request *req) {
            for (vtd_vmm *vmm : static_cast<PagingHost *>(arg)->machines)
                if (const int answer = vtd_vmm_page_request(vmm, req); answer >= 0)
                    return (vtd_drv_page_answer)answer;
            return VTD_DRV_PAGE_INVALID;
        };
        vtd_drv_set_page_handler(drv, handler, this);
    }

    /* A device with a device TLB and page requests, off. */
    vtd_requester *device(uint16_t sid)
    {
        vtd_requester_config c{};
        c.sid = sid;
        c.ats = c.pri = c.pasid = true;
        c.device_tlb.entries = 64;
        c.device_tlb.ways = 4;
        c.outstanding_max = VTD_REQUESTER_GROUPS_MAX;
        vtd_requester *r = nullptr;
        EXPECT_EQ(vtd_machine_add_requester(&machine, &c, &r, nullptr), 0);
        vtd_requester_set_ats(r, false);
        vtd_requester_set_pri(r, false);
        return r;
    }
    /* On, once the host's driver knows the device. */
    void enable(uint16_t sid)
    {
        vtd_drv_ats_spec spec{};
        spec.opaque = &machine;
        spec.ops.enable_ats = [](void *m, uint16_t s, bool on) {
            return vtd_requester_set_ats(vtd_machine_requester((vtd_machine *)m, s), on) ? 0 : -EIO;
        };
        spec.ops.enable_pri = [](void *m, uint16_t s, bool on) {
            return vtd_requester_set_pri(vtd_machine_requester((vtd_machine *)m, s), on) ? 0 : -EIO;
        };
        EXPECT_EQ(vtd_drv_ats_enable(drv, sid, &spec), 0);
        EXPECT_EQ(vtd_drv_pri_enable(drv, sid), 0);
    }
    /* What the thread of the page request event does; how many requests there were. */
    int handle(bool *overflow = nullptr)
    {
        return vtd_drv_handle_page_requests(drv, overflow);
    }
    /* ... and of the fault event: the machines are asked in turn. */
    int handle_faults()
    {
        const auto handler = [](void *arg, const vtd_drv_fault *fault) {
            auto *host = static_cast<PagingHost *>(arg);
            vtd_vmm_fault_result result = VTD_VMM_FAULT_NOT_MINE;
            for (size_t i = 0; i < host->machines.size() && result == VTD_VMM_FAULT_NOT_MINE; i++)
                result = vtd_vmm_fault(host->machines[i], fault);
            host->faults.push_back(result);
        };
        return vtd_drv_handle_faults(drv, handler, this, nullptr);
    }
    /* A request without ATS; its faults stay in the unit. */
    vtd_response request(uint16_t sid, uint32_t pasid, uint64_t addr, vtd_access access = VTD_READ, unsigned flags = 0)
    {
        vtd_request req = want(pasid, addr, access, flags);
        req.sid = sid;
        vtd_response resp{};
        EXPECT_EQ(vtd_translate(machine.unit, &req, &resp), VTD_STATUS_OK);
        return resp;
    }
    static vtd_request want(uint32_t pasid, uint64_t addr, vtd_access access = VTD_READ, unsigned flags = 0)
    {
        vtd_request req{};
        req.addr = addr;
        req.pasid = pasid;
        req.access = (uint8_t)access;
        req.flags = (uint8_t)(flags | (pasid ? VTD_REQ_PASID : 0));
        req.len = 4;
        return req;
    }
    static vtd_requester_outcome access(vtd_requester *r, uint32_t pasid, uint64_t addr, vtd_access kind = VTD_READ)
    {
        const vtd_request req = want(pasid, addr, kind);
        vtd_requester_outcome out{};
        vtd_requester_access(r, &req, &out);
        return out;
    }
    static vtd_requester_outcome retry(vtd_requester *r, uint16_t prgi)
    {
        vtd_requester_outcome out{};
        vtd_requester_retry(r, prgi, &out);
        return out;
    }
    /* Asks for pages as one group; its index. */
    static uint16_t ask(vtd_requester *r, uint32_t pasid, uint64_t addr, unsigned count = 1)
    {
        const vtd_request req = want(pasid, addr);
        uint16_t prgi = 0;
        EXPECT_EQ(vtd_requester_request_pages(r, &req, count, &prgi), VTD_REQUESTER_WAITING);
        return prgi;
    }
    /* The response to a group; -1: there is none. */
    static int response(vtd_requester *r, uint16_t prgi)
    {
        uint8_t code;
        return vtd_requester_collect(r, prgi, &code) ? code : -1;
    }
};

struct PagingGuest : GuestMachine {
    PagingHost &host;
    std::vector<vtd_drv_page_request> seen;
    std::vector<vtd_drv_fault> faults;
    std::function<vtd_drv_page_answer(const vtd_drv_page_request &)> decide;

    explicit PagingGuest(PagingHost &h, unsigned number = 0, bool guest_pasids = false, uint32_t page_groups = 400)
        : GuestMachine(h, number, guest_pasids, 1000, page_groups), host(h)
    {
        h.machines.push_back(vmm);
        const auto handler = [](void *arg, const vtd_drv_page_request *req) {
            auto *guest = static_cast<PagingGuest *>(arg);
            guest->seen.push_back(*req);
            return guest->decide ? guest->decide(*req) : VTD_DRV_PAGE_INVALID;
        };
        vtd_drv_set_page_handler(drv, handler, this);
    }
    ~PagingGuest()
    {
        forget();
    }
    void forget()
    {
        std::vector<vtd_vmm *> &all = host.machines;
        all.erase(std::remove(all.begin(), all.end(), vmm), all.end());
    }
    int kill()
    {
        forget();
        return GuestMachine::kill();
    }
    PagingGuest(const PagingGuest &) = delete;
    PagingGuest &operator=(const PagingGuest &) = delete;

    /* Gives a device of the host to the machine, with device TLB and page requests on, there and in the guest. */
    vtd_requester *give(uint16_t guest_sid, uint16_t host_sid)
    {
        vtd_requester *r = host.device(host_sid);
        EXPECT_EQ(vtd_vmm_assign(vmm, guest_sid, host_sid), 0);
        host.enable(host_sid);
        enable(guest_sid);
        return r;
    }
    void enable(uint16_t guest_sid)
    {
        const vtd_drv_ats_spec spec{};
        EXPECT_EQ(vtd_drv_device_add(drv, guest_sid, 20), 0);
        EXPECT_EQ(vtd_drv_ats_enable(drv, guest_sid, &spec), 0);
        EXPECT_EQ(vtd_drv_pri_enable(drv, guest_sid), 0);
    }
    /* A process with a PASID; its PASID in the guest. */
    uint32_t bind(uint16_t guest_sid, vtd_drv_domain **process, uint8_t width = 48)
    {
        const uint32_t p = pasid();
        *process = this->process(width);
        EXPECT_EQ(vtd_drv_attach(drv, guest_sid, p, *process), 0);
        return p;
    }
    /* Maps what is asked for at the same offset from kData as from base_va. */
    void map_on_demand(uint64_t base_va)
    {
        decide = [base_va](const vtd_drv_page_request &req) {
            const int error = vtd_drv_map(req.domain, req.addr, kData + (req.addr - base_va), kPage, kRw);
            return error && error != -EEXIST ? VTD_DRV_PAGE_INVALID : VTD_DRV_PAGE_SUCCESS;
        };
    }
    int handle(bool *overflow = nullptr)
    {
        return vtd_drv_handle_page_requests(drv, overflow);
    }
    int handle_faults(bool *overflow = nullptr)
    {
        const auto handler = [](void *arg, const vtd_drv_fault *fault) {
            static_cast<PagingGuest *>(arg)->faults.push_back(*fault);
        };
        return vtd_drv_handle_faults(drv, handler, this, overflow);
    }
    /* A page group response as the guest writes it, be it nonsense. */
    void respond_raw(uint16_t sid, bool has_pasid, uint32_t p, uint16_t prgi, unsigned code)
    {
        uint64_t d[1][4] = {};
        vtd_pg_resp_set_type_lo(d[0], VTD_TYPE_PG_RESP);
        vtd_pg_resp_set_pp(d[0], has_pasid);
        vtd_pg_resp_set_rc(d[0], code);
        vtd_pg_resp_set_rid(d[0], sid);
        vtd_pg_resp_set_pasid(d[0], p);
        vtd_pg_resp_set_prgi(d[0], prgi);
        EXPECT_EQ(vtd_drv_submit_raw(drv, d, 1), 0);
    }
};

#endif
