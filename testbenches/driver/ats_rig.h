/* SPDX-License-Identifier: MIT */
/*
 * The driver over the model with devices that have device TLBs and page requests (platform/requester.h), switched by
 * the driver through vtd_drv_device_ops. The bus can lose device-TLB invalidations, to show what each of them is for.
 */
#ifndef VTD_TESTS_ATS_RIG_H
#define VTD_TESTS_ATS_RIG_H

#include "model_rig.h"

#include <functional>
#include <random>

/*
 * Stands between the driver and the machine: counts device-TLB invalidations (type 3 and 8 together), can lose one, and
 * tells when the driver waits.
 */
struct AtsBus {
    unsigned flushes = 0;
    unsigned lost_flush = ~0u;     /* number of the one that is lost */
    std::function<void()> waiting; /* called in every turn of a polling loop of the driver */

    /* Puts itself in the place of the machine's bus. */
    void enter(vtd_bus &bus)
    {
        inner_ = bus;
        bus.opaque = this;
        bus.read32 = [](void *o, uint64_t at) { return self(o).inner_.read32(self(o).inner_.opaque, at); };
        bus.read64 = [](void *o, uint64_t at) { return self(o).inner_.read64(self(o).inner_.opaque, at); };
        bus.write32 = [](void *o, uint64_t at, uint32_t v) { self(o).inner_.write32(self(o).inner_.opaque, at, v); };
        bus.write64 = [](void *o, uint64_t at, uint64_t v) {
            if (at == 0x88)
                self(o).look_at_descriptors(v);
            self(o).inner_.write64(self(o).inner_.opaque, at, v);
        };
        bus.relax = [](void *o) {
            if (self(o).waiting)
                self(o).waiting();
            self(o).inner_.relax(self(o).inner_.opaque);
        };
        bus.dma_alloc = [](void *o, unsigned order, uint64_t *dma) {
            return self(o).inner_.dma_alloc(self(o).inner_.opaque, order, dma);
        };
        bus.dma_free = [](void *o, uint64_t dma, unsigned order) {
            self(o).inner_.dma_free(self(o).inner_.opaque, dma, order);
        };
        bus.dma_to_cpu = [](void *o, uint64_t dma) { return self(o).inner_.dma_to_cpu(self(o).inner_.opaque, dma); };
        if (bus.store128)
            bus.store128 = [](void *o, void *cpu, uint64_t low, uint64_t high) {
                self(o).inner_.store128(self(o).inner_.opaque, cpu, low, high);
            };
        if (bus.flush)
            bus.flush = [](void *o, const void *cpu, size_t size) {
                self(o).inner_.flush(self(o).inner_.opaque, cpu, size);
            };
        if (bus.dma_wmb)
            bus.dma_wmb = [](void *o) { self(o).inner_.dma_wmb(self(o).inner_.opaque); };
        if (bus.dma_rmb)
            bus.dma_rmb = [](void *o) { self(o).inner_.dma_rmb(self(o).inner_.opaque); };
    }

  private:
    vtd_bus inner_{};
    uint64_t tail_ = 0;

    static AtsBus &self(void *o)
    {
        return *static_cast<AtsBus *>(o);
    }

    void look_at_descriptors(uint64_t tail)
    {
        const uint64_t iqa = inner_.read64(inner_.opaque, 0x90);
        const uint64_t size = UINT64_C(4096) << (iqa & 7), slot = iqa & 0x800 ? 32 : 16;
        if (!(inner_.read32(inner_.opaque, 0x1c) & (1u << 26))) { /* the queue is off: a new ring begins */
            tail_ = tail;
            return;
        }
        for (; tail_ != tail; tail_ = (tail_ + slot) & (size - 1)) {
            uint64_t *d = (uint64_t *)inner_.dma_to_cpu(inner_.opaque, (iqa & ~UINT64_C(0xfff)) + tail_);
            const unsigned type = d[0] & 0xf;
            if ((type != 3 && type != 8) || flushes++ != lost_flush)
                continue;
            d[0] = 5; /* a wait that says nothing to anybody */
            d[1] = 0;
        }
    }
};

/* A page request message as a device sends it. */
inline vtd_page_request page_request(uint64_t addr, uint32_t pasid, uint16_t sid, uint16_t prgi, unsigned flags)
{
    vtd_page_request p{};
    p.addr = addr;
    p.pasid = pasid;
    p.sid = sid;
    p.prgi = prgi;
    p.flags = (uint8_t)flags;
    return p;
}

struct AtsRig : AtsBus, Rig {
    static constexpr uint16_t kSid = 0x510, kOther = 0x9910;
    static constexpr uint64_t kPage = 4096, k2M = 2 << 20, k1G = 1 << 30;
    static constexpr unsigned kRw = VTD_DRV_READ | VTD_DRV_WRITE;

    explicit AtsRig(const vtd_config &config, const vtd_drv_options &options = {})
        : Rig(config, options, [this](vtd_bus &bus) { enter(bus); }, true)
    {
    }

    /* A device with ATS, and page requests if so wanted, on; it keeps what it has got until it is told otherwise. */
    vtd_requester *add(uint16_t sid = kSid, bool pri = false, uint8_t pasid_bits = 20)
    {
        vtd_requester *r = add_off(sid, pasid_bits);
        const int error = vtd_drv_device_add(drv, sid, pasid_bits);
        EXPECT_TRUE(error == 0 || error == -EBUSY);
        enable(sid, pri);
        return r;
    }

    /* A device that the driver knows nothing of yet, with everything off. */
    vtd_requester *add_off(uint16_t sid, uint8_t pasid_bits = 20)
    {
        vtd_requester_config c{};
        c.sid = sid;
        c.ats = c.pri = true;
        c.pasid = pasid_bits > 0;
        c.pasid_in_translated = pasid_bits > 0 && (vtd_config_get(machine.unit)->ecap >> 56 & 1);
        c.device_tlb.entries = 1024;
        c.device_tlb.ways = 4;
        c.outstanding_max = VTD_REQUESTER_GROUPS_MAX;
        vtd_requester *r = nullptr;
        EXPECT_EQ(vtd_machine_add_requester(&machine, &c, &r, nullptr), 0);
        vtd_requester_set_ats(r, false);
        vtd_requester_set_pri(r, false);
        return r;
    }
    void enable(uint16_t sid, bool pri)
    {
        EXPECT_EQ(vtd_drv_ats_enable(drv, sid, ats_spec()), 0);
        if (pri) {
            EXPECT_EQ(vtd_drv_pri_enable(drv, sid), 0);
        }
    }
    const vtd_drv_ats_spec *ats_spec()
    {
        spec_ = {};
        spec_.opaque = &machine;
        spec_.ops.enable_ats = [](void *m, uint16_t sid, bool on) {
            return vtd_requester_set_ats(vtd_machine_requester((vtd_machine *)m, sid), on) ? 0 : -EIO;
        };
        spec_.ops.enable_pri = [](void *m, uint16_t sid, bool on) {
            return vtd_requester_set_pri(vtd_machine_requester((vtd_machine *)m, sid), on) ? 0 : -EIO;
        };
        return &spec_;
    }

    vtd_drv_domain *make(vtd_drv_kind kind, uint8_t width, vtd_drv_domain *parent = nullptr, uint64_t table_offset = 0)
    {
        vtd_drv_domain_spec spec{};
        spec.kind = kind;
        spec.addr_width = width;
        spec.parent = parent;
        spec.table_offset = table_offset;
        vtd_drv_domain *d = nullptr;
        EXPECT_EQ(vtd_drv_domain_create(drv, &spec, &d), 0);
        return d;
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

    vtd_requester_outcome access(uint16_t sid, uint32_t pasid, uint64_t addr, vtd_access kind = VTD_READ,
                                 uint16_t length = 4)
    {
        vtd_request req = want(pasid, addr, kind);
        req.len = length;
        vtd_requester_outcome out{};
        vtd_requester_access(vtd_machine_requester(&machine, sid), &req, &out);
        return out;
    }

    /* Where the device's access goes; 0: nowhere. */
    uint64_t reach(uint16_t sid, uint32_t pasid, uint64_t addr, vtd_access kind = VTD_READ)
    {
        const vtd_requester_outcome out = access(sid, pasid, addr, kind);
        return out.result == VTD_REQUESTER_DONE ? out.hpa : 0;
    }

    unsigned outstanding(uint16_t sid)
    {
        return vtd_requester_outstanding(vtd_machine_requester(&machine, sid));
    }

  private:
    vtd_drv_ats_spec spec_{};
};

#endif
