/* SPDX-License-Identifier: MIT */
/*
 * Devices with device TLBs behind the unit of unit_fixture.h, and descriptors that concern them. Messages of the unit
 * reach the devices when the test says so: pump() for page responses and invalidation requests with their answers.
 */
#ifndef VTD_TESTS_DEVICE_RIG_H
#define VTD_TESTS_DEVICE_RIG_H

#include "support/unit_fixture.h"

extern "C" {
#include "platform/answers.h"
#include "platform/requester.h"
}

#include <cstring>
#include <map>
#include <memory>
#include <string>

namespace vtdtest
{

/* The two high-qword encodings of a range of 2^order pages (ref 3.2): order 0 is S=0; order 52 is everything. */
inline uint64_t rangeBits(uint64_t addr, unsigned order, unsigned s_bit)
{
    if (order == 0)
        return addr & ~UINT64_C(0xfff);
    const uint64_t low = ((order >= 52 ? ~UINT64_C(0) >> 12 : (UINT64_C(1) << order) - 1) >> 1) << 12;
    const uint64_t size_mask = order >= 52 ? ~UINT64_C(0) : (UINT64_C(0x1000) << order) - 1;
    return ((addr & ~size_mask) | low) | bit(s_bit);
}

/* Type 3 and type 8 for 2^order pages at addr. */
inline Desc devTlbInv(uint16_t sid, uint64_t addr, unsigned order)
{
    Desc d;
    vtd_dev_tlb_inv_set_type_lo(d.q, VTD_TYPE_DEV_TLB_INV);
    vtd_dev_tlb_inv_set_sid(d.q, sid);
    d.q[1] = rangeBits(addr, order, 0);
    return d;
}
inline Desc pasidDevTlbInv(uint16_t sid, uint32_t pasid, uint64_t addr, unsigned order, bool global = false)
{
    Desc d;
    vtd_p_dev_tlb_inv_set_type_lo(d.q, VTD_TYPE_P_DEV_TLB_INV);
    vtd_p_dev_tlb_inv_set_sid(d.q, sid);
    vtd_p_dev_tlb_inv_set_pasid(d.q, pasid);
    d.q[1] = rangeBits(addr, order, 11) | (global ? 1 : 0);
    return d;
}

/* Type 9: the answer to a page request group. */
inline Desc groupResponse(uint16_t sid, uint16_t prgi, unsigned code, bool has_pasid = false, uint32_t pasid = 0)
{
    Desc d;
    vtd_pg_resp_set_type_lo(d.q, VTD_TYPE_PG_RESP);
    vtd_pg_resp_set_rid(d.q, sid);
    vtd_pg_resp_set_prgi(d.q, prgi);
    vtd_pg_resp_set_rc(d.q, code);
    vtd_pg_resp_set_pp(d.q, has_pasid);
    vtd_pg_resp_set_pasid(d.q, pasid);
    return d;
}

/* A device: an owner of a requester, and short ways to let it do something. */
class Device
{
  public:
    Device(Unit &unit, const vtd_requester_config &config)
    {
        char why[VTD_WHY_SIZE] = "";
        vtd_requester *made = nullptr;
        EXPECT_EQ(vtd_requester_create(unit.get(), &config, &made, why), 0) << why;
        requester_.reset(made);
    }
    vtd_requester *get() const
    {
        return requester_.get();
    }
    const vtd_requester_stats &stats() const
    {
        return *vtd_requester_stats_get(get());
    }
    static vtd_request request(uint64_t addr, vtd_access access, int pasid = -1, unsigned flags = 0)
    {
        vtd_request req{};
        req.addr = addr;
        req.access = static_cast<uint8_t>(access);
        req.len = 4;
        req.flags = static_cast<uint8_t>(flags | (pasid >= 0 ? VTD_REQ_PASID : 0));
        req.pasid = pasid >= 0 ? static_cast<uint32_t>(pasid) : 0;
        return req;
    }
    vtd_requester_outcome access(const vtd_request &req)
    {
        vtd_requester_outcome out;
        std::memset(&out, 0xa5, sizeof out); /* all of it is written */
        const vtd_requester_result result = vtd_requester_access(get(), &req, &out);
        EXPECT_EQ(result, static_cast<vtd_requester_result>(out.result));
        return out;
    }
    vtd_requester_outcome read(uint64_t addr, int pasid = -1, unsigned flags = 0)
    {
        return access(request(addr, VTD_READ, pasid, flags));
    }
    vtd_requester_outcome write(uint64_t addr, int pasid = -1, unsigned flags = 0)
    {
        return access(request(addr, VTD_WRITE, pasid, flags));
    }
    vtd_requester_outcome retry(uint16_t prgi)
    {
        vtd_requester_outcome out;
        vtd_requester_retry(get(), prgi, &out);
        return out;
    }

  private:
    struct Destroy {
        void operator()(vtd_requester *r) const
        {
            vtd_requester_destroy(r);
        }
    };
    std::unique_ptr<vtd_requester, Destroy> requester_;
};

/* A function with everything, and a device TLB of so many entries, fully associative LRU. */
inline vtd_requester_config fullDevice(uint16_t sid = kSid, uint32_t entries = 64)
{
    vtd_requester_config c{};
    c.sid = sid;
    c.ats = c.pasid = c.pri = true;
    c.device_tlb.entries = entries;
    return c;
}

struct DeviceRig : Unit {
    explicit DeviceRig(const vtd_config &config = preset()) : Unit(config)
    {
        answers.host.opaque = this;
        answers.host.policy = [](void *opaque, uint16_t sid) {
            const auto *rig = static_cast<DeviceRig *>(opaque);
            const auto it = rig->devices.find(sid);
            return it == rig->devices.end() ? VTD_ANSWER_PROMPT : vtd_requester_answer(it->second->get());
        };
        answers.host.invalidate = [](void *opaque, const vtd_device_tlb_inv *inv) {
            const auto *rig = static_cast<DeviceRig *>(opaque);
            const auto it = rig->devices.find(inv->sid);
            if (it != rig->devices.end())
                vtd_requester_invalidate(it->second->get(), inv);
        };
        status = alloc();
    }
    Device &add(const vtd_requester_config &config)
    {
        devices[config.sid] = std::make_unique<Device>(*this, config);
        return *devices[config.sid];
    }

    /* Delivers what the unit sent to devices and lets them answer, until nothing is left; expire: time-outs, too. */
    void pump(bool expire = false)
    {
        do {
            for (const vtd_page_response &r : std::exchange(responses, {}))
                if (devices.count(r.sid))
                    vtd_requester_page_response(devices[r.sid]->get(), &r);
            for (const vtd_device_tlb_inv &inv : std::exchange(device_invs, {}))
                vtd_answers_put(&answers, &inv);
            if (expire)
                vtd_answers_run_and_expire(&answers, get());
            else
                vtd_answers_run(&answers, get());
        } while (!responses.empty() || !device_invs.empty());
    }

    /* Puts descriptors into the queue; unlike submit, they need not be consumed. */
    void put(const std::vector<Desc> &descs)
    {
        uint64_t tail = read64(VTD_REG_IQT);
        for (const Desc &d : descs) {
            for (unsigned i = 0; i < 4; i++)
                at(queueBase() + tail)[i] = d.q[i];
            tail = (tail + 32) % 4096;
        }
        write64(VTD_REG_IQT, tail);
    }
    /* Queues descriptors with a wait behind them, and lets devices answer. Whether the wait completed. */
    bool flush(std::vector<Desc> descs, bool expire = false)
    {
        *at(status) = 0;
        descs.push_back(waitStatus(status, 2));
        put(descs);
        pump(expire);
        return static_cast<uint32_t>(*at(status)) == 2;
    }
    uint32_t fsts() const
    {
        return read32(VTD_REG_FSTS);
    }

    std::map<uint16_t, std::unique_ptr<Device>> devices;
    vtd_answers answers{};
    uint64_t status = 0;
};

} // namespace vtdtest

#endif
