/* SPDX-License-Identifier: MIT */
/* A host with virtual machines, each with a driver of its own on its virtual unit: all of it the project's own code. */
#ifndef VTD_TESTS_VMM_RIG_H
#define VTD_TESTS_VMM_RIG_H

extern "C" {
#include "driver/vtd_driver.h"
#include "vmm/vmm.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"
}

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <vector>

constexpr uint64_t kPage = 4096, kMiB = 1 << 20;
constexpr unsigned kRw = VTD_DRV_READ | VTD_DRV_WRITE;

enum : unsigned {
    kSpd2 = 0x51, /* directory entry not present (ref 5.2) */
    kSpt2 = 0x59, /* PASID entry not present */
    kSfs2 = 0x71, /* first-stage entry not present */
    kSss2 = 0x79, /* second-stage entry not present */
};

struct Host {
    static constexpr uint64_t kMemory = 512 * kMiB;

    vtd_machine machine{};
    vtd_drv *drv = nullptr;
    vtd_pasid_sets pasids{};

    static vtd_config usual()
    {
        vtd_config config;
        EXPECT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
        return config;
    }
    explicit Host(const vtd_config &config = usual())
    {
        char why[VTD_WHY_SIZE] = "";
        EXPECT_EQ(vtd_machine_init(&machine, &config, kMemory, 16 * kMiB, 128 * kMiB, why), 0) << why;
        vtd_drv_options options{};
        options.page_requests = true;
        EXPECT_EQ(vtd_drv_create(&machine.bus, &options, &drv), 0);
        EXPECT_EQ(vtd_drv_start(drv), 0);
        EXPECT_EQ(vtd_pasid_sets_init(&pasids, 20), 0);
    }
    ~Host()
    {
        vtd_drv_destroy(drv);
        EXPECT_EQ(machine.frames.used, 0u) << "pages of the host leaked";
        EXPECT_EQ(vtd_pasid_pool_alloc(&pasids.pool), 1u) << "the first PASID is free again";
        vtd_pasid_sets_fini(&pasids);
        vtd_machine_fini(&machine);
    }
    Host(const Host &) = delete;
    Host &operator=(const Host &) = delete;

    vtd_response dma(uint16_t sid, uint32_t pasid, uint64_t addr, bool write = false)
    {
        vtd_request req{};
        req.addr = addr;
        req.sid = sid;
        req.pasid = pasid;
        req.access = write ? VTD_WRITE : VTD_READ;
        req.flags = pasid ? VTD_REQ_PASID : 0;
        req.len = 4;
        vtd_response resp{};
        EXPECT_EQ(vtd_translate(machine.unit, &req, &resp), VTD_STATUS_OK);
        vtd_drv_handle_faults(drv, nullptr, nullptr, nullptr);
        return resp;
    }
    /* Where a request goes; 0: nowhere, and then *fault says why. */
    uint64_t reach(uint16_t sid, uint32_t pasid, uint64_t addr, unsigned *fault = nullptr)
    {
        const vtd_response r = dma(sid, pasid, addr);
        if (fault)
            *fault = r.fault;
        return r.result == VTD_RESULT_OK ? r.hpa : 0;
    }
};

struct GuestMachine {
    static constexpr uint64_t kMemory = 64 * kMiB, kData = 32 * kMiB; /* below kData: the driver's frames */
    static constexpr uint32_t kFaultEvent = 0x41, kPageEvent = 0x51;

    Host &host;
    uint64_t base; /* host physical address of guest physical 0 */
    vtd_vmm *vmm = nullptr;
    vtd_drv *drv = nullptr;
    uint64_t host_errors = 0; /* that the test expects */
    bool keep_events = true;  /* and interrupts */
    std::vector<vtd_vmm_event> events;
    std::vector<uint32_t> interrupts; /* data of the messages of its virtual unit */

    explicit GuestMachine(Host &h, unsigned number = 0, bool guest_pasids = false, uint32_t quota = 1000,
                          uint32_t page_groups = 0 /* 0: no page requests */)
        : host(h), base(128 * kMiB + number * kMemory)
    {
        vtd_vmm_config c{};
        c.machine = &h.machine;
        c.driver = h.drv;
        c.pasids = &h.pasids;
        c.memory_start = base;
        c.memory_size = kMemory;
        c.frames_start = kMiB;
        c.frames_end = kData;
        c.quota = quota;
        c.guest_pasids = guest_pasids;
        c.page_requests = page_groups != 0;
        c.page_groups = page_groups;
        c.opaque = this;
        c.interrupt = [](void *o, uint64_t, uint32_t data) {
            auto *self = static_cast<GuestMachine *>(o);
            if (self->keep_events)
                self->interrupts.push_back(data);
        };
        c.event = [](void *o, const vtd_vmm_event *e) {
            auto *self = static_cast<GuestMachine *>(o);
            if (self->keep_events)
                self->events.push_back(*e);
        };
        char why[VTD_WHY_SIZE] = "";
        EXPECT_EQ(vtd_vmm_create(&c, &vmm, why), 0) << why;
        vtd_drv_options options{};
        options.event_data = kFaultEvent;
        options.event_address = options.page_event_address = 0xfee00000;
        options.page_requests = page_groups != 0;
        options.page_event_data = kPageEvent;
        options.poll_limit = 100000;
        const vtd_bus bus = own_bus();
        EXPECT_EQ(vtd_drv_create(&bus, &options, &drv), 0);
        EXPECT_EQ(vtd_drv_start(drv), 0);
    }
    /* Ends the machine while its guest's driver is at work; that one finds nothing at its bus from now on. */
    int kill()
    {
        vtd_vmm *v = vmm;
        vmm = nullptr;
        return vtd_vmm_destroy(v);
    }
    ~GuestMachine()
    {
        vtd_drv_destroy(drv);
        if (vmm) {
            EXPECT_EQ(vtd_vmm_stats_get(vmm)->host_errors, host_errors);
        }
        EXPECT_EQ(vtd_vmm_destroy(vmm), 0);
    }
    GuestMachine(const GuestMachine &) = delete;
    GuestMachine &operator=(const GuestMachine &) = delete;

    vtd_drv_domain *process(uint8_t width = 48)
    {
        vtd_drv_domain_spec spec{};
        spec.kind = VTD_DRV_FIRST_STAGE;
        spec.addr_width = width;
        vtd_drv_domain *d = nullptr;
        EXPECT_EQ(vtd_drv_domain_create(drv, &spec, &d), 0);
        return d;
    }
    /* A process whose page table lies where the guest says, be it nonsense. */
    vtd_drv_domain *foreign(uint64_t root)
    {
        vtd_drv_domain_spec spec{};
        spec.kind = VTD_DRV_FIRST_STAGE;
        spec.addr_width = 48;
        spec.foreign = true;
        spec.foreign_root = root;
        vtd_drv_domain *d = nullptr;
        EXPECT_EQ(vtd_drv_domain_create(drv, &spec, &d), 0);
        return d;
    }
    uint32_t pasid()
    {
        uint32_t p = 0;
        EXPECT_EQ(vtd_drv_pasid_alloc(drv, &p), 0);
        return p;
    }
    /* The guest's entry of a PASID in its memory, followed from the root (ref 2.2 to 2.5): eight qwords. */
    uint64_t *entry(uint16_t sid, uint32_t pasid)
    {
        uint8_t *memory = host.machine.memory.base + base;
        const auto table = [memory](uint64_t q) { return (uint64_t *)(memory + (q & UINT64_C(0x0000fffffffff000))); };
        const uint64_t *root = table(vtd_mmio_read64(vtd_vmm_unit(vmm), VTD_REG_RTADDR));
        const uint64_t *context = table(root[2 * (sid >> 8) + (sid >> 7 & 1)]) + 4 * (sid & 0x7f);
        return table(table(*context)[pasid / 64]) + 8 * (pasid % 64);
    }
    /* What a guest writes into its queue to flush a PASID of a domain-id from the PASID cache; the end of a batch. */
    int flush_pasid(uint16_t did, uint32_t pasid)
    {
        const uint64_t d[][4] = {
            {VTD_TYPE_PC_INV | UINT64_C(1) << 4 | (uint64_t)did << 16 | (uint64_t)pasid << 32, 0, 0, 0}};
        return vtd_drv_submit_raw(drv, d, 1);
    }
    uint32_t host_pasid(uint16_t sid, uint32_t gpasid)
    {
        uint32_t p = 0;
        return vtd_vmm_host_pasid(vmm, sid, gpasid, &p) == 0 ? p : 0;
    }
    const vtd_vmm_stats &stats()
    {
        return *vtd_vmm_stats_get(vmm);
    }

  private:
    static const vtd_bus *bus_of(void *o)
    {
        const vtd_vmm *v = static_cast<GuestMachine *>(o)->vmm;
        return v ? vtd_vmm_bus(v) : nullptr;
    }
    /* The bus of the machine, as long as there is one. */
    vtd_bus own_bus()
    {
        vtd_bus b{};
        b.opaque = this;
        b.read32 = [](void *o, uint64_t at) { return bus_of(o) ? bus_of(o)->read32(bus_of(o)->opaque, at) : 0; };
        b.read64 = [](void *o, uint64_t at) { return bus_of(o) ? bus_of(o)->read64(bus_of(o)->opaque, at) : 0; };
        b.write32 = [](void *o, uint64_t at, uint32_t v) {
            if (bus_of(o))
                bus_of(o)->write32(bus_of(o)->opaque, at, v);
        };
        b.write64 = [](void *o, uint64_t at, uint64_t v) {
            if (bus_of(o))
                bus_of(o)->write64(bus_of(o)->opaque, at, v);
        };
        b.dma_alloc = [](void *o, unsigned order, uint64_t *dma) {
            return bus_of(o) ? bus_of(o)->dma_alloc(bus_of(o)->opaque, order, dma) : nullptr;
        };
        b.dma_free = [](void *o, uint64_t dma, unsigned order) {
            if (bus_of(o))
                bus_of(o)->dma_free(bus_of(o)->opaque, dma, order);
        };
        b.dma_to_cpu = [](void *o, uint64_t dma) {
            return bus_of(o) ? bus_of(o)->dma_to_cpu(bus_of(o)->opaque, dma) : nullptr;
        };
        b.store128 = [](void *o, void *cpu, uint64_t low, uint64_t high) {
            if (bus_of(o))
                bus_of(o)->store128(bus_of(o)->opaque, cpu, low, high);
        };
        return b;
    }
};

#endif
