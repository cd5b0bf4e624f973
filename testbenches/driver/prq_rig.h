/* SPDX-License-Identifier: MIT */
/* The driver over the model with a page request queue and a handler that a test chooses. */
#ifndef VTD_TESTS_PRQ_RIG_H
#define VTD_TESTS_PRQ_RIG_H

#include "ats_rig.h"

inline vtd_config prq_config(bool caching_mode = false)
{
    vtd_config c;
    EXPECT_EQ(vtd_config_preset(&c, "default"), VTD_STATUS_OK);
    c.cap |= caching_mode ? UINT64_C(1) << 7 : 0;
    return c;
}

inline vtd_drv_options prq_options(uint8_t prq_size)
{
    vtd_drv_options o{};
    o.page_requests = true;
    o.prq_size = prq_size;
    o.page_event_data = 0x51;
    o.page_event_address = 0xfee01000;
    return o;
}

struct PrqRig : AtsRig {
    std::vector<vtd_drv_page_request> seen;
    std::function<vtd_drv_page_answer(const vtd_drv_page_request &)> decide;

    explicit PrqRig(const vtd_config &config = prq_config(), uint8_t prq_size = 0)
        : AtsRig(config, prq_options(prq_size))
    {
        const auto handler = [](void *arg, const vtd_drv_page_request *req) {
            auto *rig = static_cast<PrqRig *>(arg);
            rig->seen.push_back(*req);
            return rig->decide ? rig->decide(*req) : VTD_DRV_PAGE_INVALID;
        };
        vtd_drv_set_page_handler(drv, handler, this);
    }

    /* Maps every page that is asked for 1 GiB above its address. */
    void map_on_demand()
    {
        decide = [](const vtd_drv_page_request &req) {
            const int error = vtd_drv_map(req.domain, req.addr, req.addr + k1G, kPage, kRw);
            return error && error != -EEXIST ? VTD_DRV_PAGE_INVALID : VTD_DRV_PAGE_SUCCESS;
        };
    }

    /* Asks for pages as one group; its index. */
    uint16_t ask(uint16_t sid, uint32_t pasid, uint64_t addr, unsigned count = 1, vtd_access kind = VTD_READ,
                 unsigned flags = 0)
    {
        const vtd_request req = want(pasid, addr, kind, flags);
        uint16_t prgi = 0;
        EXPECT_EQ(vtd_requester_request_pages(vtd_machine_requester(&machine, sid), &req, count, &prgi),
                  VTD_REQUESTER_WAITING);
        return prgi;
    }
    /* The response to a group; -1: there is none. */
    int response(uint16_t sid, uint16_t prgi)
    {
        uint8_t code;
        return vtd_requester_collect(vtd_machine_requester(&machine, sid), prgi, &code) ? code : -1;
    }
    int handle()
    {
        bool overflow;
        const int count = vtd_drv_handle_page_requests(drv, &overflow);
        EXPECT_FALSE(overflow);
        return count;
    }
    uint32_t prs()
    {
        return vtd_mmio_read32(machine.unit, 0xdc);
    }
    bool queue_is_empty()
    {
        return vtd_mmio_read64(machine.unit, 0xc0) == vtd_mmio_read64(machine.unit, 0xc8) && prs() == 0;
    }
    const vtd_requester_stats &stats(uint16_t sid)
    {
        return *vtd_requester_stats_get(vtd_machine_requester(&machine, sid));
    }
};

#endif
