// SPDX-License-Identifier: MIT
//
// Takes the calls of the driver suite to the model, by the linker's --wrap, and carries them out through the sockets of the
// SystemC module: the very same object files are tested over it. Memory is the caller's window, behind the memory socket.
#include "tlm/platform.hpp"

#include <cstdlib>
#include <iostream>
#include <vector>

#define EACH_WRAPPED(X)                                                                                                \
    X(enum vtd_status, vtd_translate, (struct ::vtd * u, const vtd_request *req, vtd_response *resp), (u, req, resp))  \
    X(enum vtd_status, vtd_page_request_submit,                                                                        \
      (struct ::vtd * u, const vtd_page_request *req, enum vtd_prq_result *result), (u, req, result))                  \
    X(enum vtd_status, vtd_interrupt,                                                                                  \
      (struct ::vtd * u, uint16_t sid, uint64_t addr, uint32_t data, vtd_irq_response * resp),                         \
      (u, sid, addr, data, resp))                                                                                      \
    X(uint32_t, vtd_mmio_read32, (struct ::vtd * u, uint64_t at), (u, at))                                             \
    X(uint64_t, vtd_mmio_read64, (struct ::vtd * u, uint64_t at), (u, at))                                             \
    X(void, vtd_mmio_write32, (struct ::vtd * u, uint64_t at, uint32_t value), (u, at, value))                         \
    X(void, vtd_mmio_write64, (struct ::vtd * u, uint64_t at, uint64_t value), (u, at, value))                         \
    X(void, vtd_device_tlb_complete, (struct ::vtd * u, uint16_t sid, uint32_t itags), (u, sid, itags))                \
    X(void, vtd_device_tlb_timeout, (struct ::vtd * u, unsigned itag), (u, itag))                                      \
    X(void, vtd_reset, (struct ::vtd * u), (u))

// The function itself, what stands in its place for everybody, and what that does for a unit behind sockets.
#define DECLARE(type, name, params, args)                                                                              \
    extern "C" type __real_##name params;                                                                              \
    extern "C" type __wrap_##name params;
EACH_WRAPPED(DECLARE)
extern "C" struct ::vtd *__real_vtd_create(const vtd_config *cfg, const vtd_host *host, char *why);
extern "C" struct ::vtd *__wrap_vtd_create(const vtd_config *cfg, const vtd_host *host, char *why);
extern "C" void __real_vtd_destroy(struct ::vtd *u);
extern "C" void __wrap_vtd_destroy(struct ::vtd *u);

namespace
{

unsigned inside = 0; // of the module: its calls are meant as they are

struct Inside {
    Inside()
    {
        inside++;
    }
    ~Inside()
    {
        inside--;
    }
};

// A platform for one unit at a time.
struct Slot : vtdsim::requester_if, vtdsim::interrupt_if, vtdsim::virtual_command_if {
    explicit Slot(const std::string &name)
        : ram((name + "_ram").c_str()), unit((name + "_unit").c_str()), cpu((name + "_cpu").c_str()),
          device((name + "_device").c_str())
    {
        cpu.socket.bind(unit.registers);
        device.socket.bind(unit.upstream[0]);
        unit.memory.bind(ram.socket);
        unit.set_other_requesters(this);
        unit.set_interrupts(this);
    }
    void device_tlb_invalidate(const vtd_device_tlb_inv &inv) override
    {
        if (host.device_tlb_inv != nullptr)
            host.device_tlb_inv(host.opaque, &inv);
        else
            unit.device_tlb_complete(inv.sid, UINT32_C(1) << inv.itag);
    }
    void page_response(const vtd_page_response &response) override
    {
        if (host.page_response != nullptr)
            host.page_response(host.opaque, &response);
    }
    void unit_interrupt(std::uint64_t addr, std::uint32_t data) override
    {
        if (host.msi != nullptr)
            host.msi(host.opaque, addr, data);
    }
    void device_interrupt(const vtd_irq_response &, std::uint64_t, std::uint32_t) override {}
    unsigned virtual_command(unsigned command, std::uint64_t a, std::uint64_t b, std::uint64_t *result) override
    {
        return host.virtual_command(host.opaque, command, a, b, result);
    }

    vtdsim::window ram;
    vtdsim::iommu unit;
    vtdsim::pin cpu, device;
    vtd_host host{};
    bool used = false;
};

std::vector<Slot *> &slots()
{
    static auto *const all = [] { // never destroyed: SystemC's own objects may be gone before
        const Inside scope;
        auto *made = new std::vector<Slot *>;
        for (unsigned i = 0; i < 4; i++)
            made->push_back(new Slot("slot" + std::to_string(i)));
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        return made;
    }();
    return *all;
}

Slot *find(struct ::vtd *u)
{
    for (Slot *s : slots()) {
        if (s->used && s->unit.model() == u)
            return s;
    }
    return nullptr;
}

// The slot of a unit whose caller is not the module.
Slot *slot_of(struct ::vtd *u)
{
    return inside == 0 ? find(u) : nullptr;
}

Slot &holder_of(struct ::vtd *u)
{
    return *find(u);
}

enum vtd_status over_vtd_translate(struct ::vtd *u, const vtd_request *req, vtd_response *resp)
{
    Slot &s = holder_of(u);
    if ((req->addr & 0xfff) + req->len > 4096)
        return VTD_STATUS_INVALID; // the module would split it
    try {
        *resp = vtdsim::send_request(s.device, *req);
    } catch (const sc_core::sc_report &) {
        return VTD_STATUS_INVALID;
    }
    return VTD_STATUS_OK;
}

enum vtd_status over_vtd_page_request_submit(struct ::vtd *u, const vtd_page_request *req, enum vtd_prq_result *result)
{
    Slot &s = holder_of(u);
    return s.unit.page_request(*req, *result);
}

enum vtd_status over_vtd_interrupt(struct ::vtd *u, uint16_t sid, uint64_t addr, uint32_t data, vtd_irq_response *resp)
{
    vtd_request req{};
    vtd_response outcome{};
    if (addr >> 20 != 0xfee || (addr & 3) != 0)
        return VTD_STATUS_INVALID;
    req.addr = addr;
    req.sid = sid;
    req.access = VTD_WRITE;
    req.len = 4;
    req.data = data;
    const enum vtd_status status = over_vtd_translate(u, &req, &outcome);
    *resp = outcome.irq;
    return status;
}

uint32_t over_vtd_mmio_read32(struct ::vtd *u, uint64_t at)
{
    Slot &s = holder_of(u);
    return s.cpu.read<uint32_t>(at);
}
uint64_t over_vtd_mmio_read64(struct ::vtd *u, uint64_t at)
{
    Slot &s = holder_of(u);
    return s.cpu.read<uint64_t>(at);
}
void over_vtd_mmio_write32(struct ::vtd *u, uint64_t at, uint32_t value)
{
    Slot &s = holder_of(u);
    s.cpu.write(at, value);
}
void over_vtd_mmio_write64(struct ::vtd *u, uint64_t at, uint64_t value)
{
    Slot &s = holder_of(u);
    s.cpu.write(at, value);
}
void over_vtd_device_tlb_complete(struct ::vtd *u, uint16_t sid, uint32_t itags)
{
    Slot &s = holder_of(u);
    s.unit.device_tlb_complete(sid, itags);
}
void over_vtd_device_tlb_timeout(struct ::vtd *u, unsigned itag)
{
    Slot &s = holder_of(u);
    s.unit.device_tlb_timeout(itag);
}
void over_vtd_reset(struct ::vtd *u)
{
    Slot &s = holder_of(u);
    s.unit.reset();
}

} // namespace

#define DEFINE(type, name, params, args)                                                                               \
    type __wrap_##name params                                                                                          \
    {                                                                                                                  \
        if (slot_of(u) != nullptr) {                                                                                   \
            const Inside scope;                                                                                        \
            return over_##name args;                                                                                   \
        }                                                                                                              \
        return __real_##name args;                                                                                     \
    }
EACH_WRAPPED(DEFINE)

struct ::vtd *__wrap_vtd_create(const vtd_config *cfg, const vtd_host *host, char *why)
{
    if (inside != 0)
        return __real_vtd_create(cfg, host, why);
    for (Slot *s : slots()) {
        if (s->used)
            continue;
        if (host->mem_read != nullptr || host->descriptor != nullptr) {
            std::cerr << "this suite is expected to give the unit a window of memory, and to watch no descriptors\n";
            std::abort();
        }
        const Inside scope;
        vtdsim::tlm_config config;
        char own[VTD_WHY_SIZE];
        config.unit = *cfg;
        s->host = *host;
        s->ram.base = static_cast<unsigned char *>(host->mem_base);
        s->ram.unsnooped = static_cast<unsigned char *>(host->mem_unsnooped);
        s->ram.start = host->mem_start;
        s->ram.size = host->mem_size;
        s->unit.set_virtual_commands(host->virtual_command != nullptr ? s : nullptr);
        s->used = s->unit.configure(config, why != nullptr ? why : own);
        return s->used ? s->unit.model() : nullptr;
    }
    std::cerr << "more units at a time than there are platforms\n";
    std::abort();
}

void __wrap_vtd_destroy(struct ::vtd *u)
{
    Slot *s = slot_of(u);
    if (s == nullptr) {
        __real_vtd_destroy(u);
        return;
    }
    const Inside scope;
    s->unit.configure(vtdsim::tlm_config());
    s->ram.base = nullptr;
    s->ram.size = 0;
    s->used = false;
}
