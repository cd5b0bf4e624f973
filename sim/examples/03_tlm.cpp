// SPDX-License-Identifier: MIT
//
// A platform in SystemC: two bus masters with a PASID each, memory, the remapping unit, and the C driver as a thread. Both
// masters write to the same virtual address, and meet in different places; then the driver takes one of them its page away.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include <vtd/tlm.hpp>

#include "tlm/platform.hpp"

extern "C" {
#include "driver/vtd_driver.h"
#include "platform/memory.h"
}

constexpr std::uint64_t kMemory = UINT64_C(1) << 30, kTables = UINT64_C(1) << 28, kVirtual = 0x7f0000000000;

// Memory as a target, and its page frames for the driver.
struct ram : vtdsim::window {
    explicit ram(const sc_core::sc_module_name &name) : window(name)
    {
        vtd_memory_init(&memory, kMemory, nullptr);
        vtd_frames_init(&frames, &memory, kTables, 2 * kTables);
        base = memory.base;
        size = memory.size;
        latency = sc_core::sc_time(40, sc_core::SC_NS);
    }
    ~ram() override
    {
        vtd_memory_fini(&memory);
    }
    vtd_memory memory{};
    vtd_frames frames{};
};

// An initiator that lets the time pass that its accesses take.
struct initiator : vtdsim::pin {
    using pin::pin;
    bool access(tlm::tlm_command command, std::uint64_t addr, void *data, unsigned size, vtdsim::request *ext = nullptr)
    {
        const bool ok = send(command, addr, data, size, ext) == tlm::TLM_OK_RESPONSE;
        wait(delay);
        delay = sc_core::SC_ZERO_TIME;
        return ok;
    }
};

struct master : initiator {
    master(const sc_core::sc_module_name &name, std::uint16_t source_id) : initiator(name)
    {
        request.source_id = source_id;
        request.has_pasid = true;
    }
    void write(std::uint64_t addr, std::uint32_t value)
    {
        const bool done = access(tlm::TLM_WRITE_COMMAND, addr, &value, 4, &request);
        std::printf("%s, PASID %u: 0x%" PRIx64, name(), request.pasid, addr);
        done ? std::printf(" -> 0x%" PRIx64 "\n", request.response.hpa) : std::printf(" is blocked\n");
    }
    vtdsim::request request;
};

// The processor: the driver's view of the machine is registers through a socket, and memory.
struct processor : initiator {
    processor(const sc_core::sc_module_name &name, ram &r, master &a, master &b)
        : initiator(name), memory(r), first(a), second(b)
    {
        SC_HAS_PROCESS(processor);
        SC_THREAD(run);
        set_stack_size(1 << 20);
    }
    template <class T> static T read(void *p, std::uint64_t at)
    {
        T value = 0;
        static_cast<processor *>(p)->access(tlm::TLM_READ_COMMAND, at, &value, sizeof value);
        return value;
    }
    template <class T> static void write(void *p, std::uint64_t at, T value)
    {
        static_cast<processor *>(p)->access(tlm::TLM_WRITE_COMMAND, at, &value, sizeof value);
    }
    void run()
    {
        vtd_bus bus{};
        bus.opaque = this;
        bus.read32 = read<std::uint32_t>;
        bus.read64 = read<std::uint64_t>;
        bus.write32 = write<std::uint32_t>;
        bus.write64 = write<std::uint64_t>;
        bus.dma_alloc = [](void *p, unsigned order, std::uint64_t *dma) -> void * {
            ram &r = static_cast<processor *>(p)->memory;
            *dma = vtd_frames_alloc(&r.frames, order);
            return *dma ? r.memory.base + *dma : nullptr;
        };
        bus.dma_free = [](void *p, std::uint64_t dma, unsigned order) {
            vtd_frames_free(&static_cast<processor *>(p)->memory.frames, dma, order);
        };
        bus.dma_to_cpu = [](void *p, std::uint64_t dma) -> void * {
            return static_cast<processor *>(p)->memory.memory.base + dma;
        };
        vtd_drv *driver = nullptr;
        vtd_drv_domain *domain[2] = {};
        vtd_drv_domain_spec spec{};
        spec.kind = VTD_DRV_FIRST_STAGE;
        spec.addr_width = 48;
        bool ok = vtd_drv_create(&bus, nullptr, &driver) == 0 && vtd_drv_start(driver) == 0;
        master *masters[] = {&first, &second};
        for (unsigned i = 0; ok && i < 2; i++)
            ok = vtd_drv_domain_create(driver, &spec, &domain[i]) == 0 &&
                 vtd_drv_pasid_alloc(driver, &masters[i]->request.pasid) == 0 &&
                 vtd_drv_attach(driver, masters[i]->request.source_id, masters[i]->request.pasid, domain[i]) == 0 &&
                 vtd_drv_map(domain[i], kVirtual, 0x100000 * (i + 1), 0x1000, VTD_DRV_READ | VTD_DRV_WRITE) == 0;
        if (!ok)
            std::exit(1);
        first.write(kVirtual + 0x10, 1);
        second.write(kVirtual + 0x10, 2);
        vtd_drv_unmap(domain[1], kVirtual, 0x1000);
        second.write(kVirtual + 0x10, 3);
        vtd_drv_handle_faults(
            driver,
            [](void *, const vtd_drv_fault *f) {
                std::printf("fault: device %04x, PASID %u: %s\n", f->sid, f->pasid, vtd_fault_description(f->reason));
            },
            nullptr, nullptr);
        std::printf("memory: %u and %u\n", memory.memory.base[0x100010], memory.memory.base[0x200010]);
        vtd_drv_destroy(driver);
    }
    ram &memory;
    master &first, &second;
};

int sc_main(int, char **)
{
    vtdsim::tlm_config config;
    config.upstream = 2;
    vtdsim::iommu unit("iommu", config);
    ram memory("ram");
    master nic("nic", 0x0510), gpu("gpu", 0x0600);
    processor cpu("cpu", memory, nic, gpu);
    cpu.socket.bind(unit.registers);
    nic.socket.bind(unit.upstream[0]);
    gpu.socket.bind(unit.upstream[1]);
    unit.memory.bind(memory.socket);
    sc_core::sc_start();
    return 0;
}
