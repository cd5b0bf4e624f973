// SPDX-License-Identifier: MIT
//
// The SystemC module as a device under test. The platform is elaborated with the first device and stays; each device
// configures its unit and memory anew.
#include "dut_tlm.h"

#include "platform.hpp"

#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <new>

extern "C" {
#include "config/config.h"
#include "platform/answers.h"
#include "platform/memory.h"
#include "platform/pasid_pool.h"
#include "scenario/dut_model.h"
}

namespace
{

using namespace vtdsim;

constexpr std::size_t kMessagesMax = 1000000; // that wait to be taken

struct platform {
    platform() : ram("ram"), unit("unit"), cpu("cpu"), devices("devices")
    {
        cpu.socket.bind(unit.registers);
        devices.socket.bind(unit.upstream[0]);
        unit.memory.bind(ram.socket);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
    window ram;
    iommu unit;
    pin cpu, devices;
    bool used = false;
};

platform &the_platform()
{
    static platform *const it = new platform; // never destroyed: SystemC's own objects may be gone before
    return *it;
}

// The state of a device: what the unit sent, memory, and how endpoints answer.
struct device : requester_if, interrupt_if, virtual_command_if {
    explicit device(platform &on) : p(on)
    {
        answers.host.opaque = this;
        answers.host.policy = [](void *o, std::uint16_t sid) {
            return static_cast<vtd_answer>(static_cast<device *>(o)->answer[sid]);
        };
        answers.host.complete = [](void *o, std::uint16_t sid, std::uint32_t itags) {
            static_cast<device *>(o)->p.unit.device_tlb_complete(sid, itags);
        };
        answers.host.timeout = [](void *o, unsigned itag) {
            static_cast<device *>(o)->p.unit.device_tlb_timeout(itag);
        };
        p.used = true;
        p.unit.set_other_requesters(this);
        p.unit.set_interrupts(this);
        p.unit.set_virtual_commands(this);
    }
    ~device() override
    {
        p.unit.configure(tlm_config());
        p.unit.set_other_requesters(nullptr);
        p.unit.set_interrupts(nullptr);
        p.unit.set_virtual_commands(nullptr);
        p.ram.base = nullptr;
        p.ram.size = 0;
        if (has_memory)
            vtd_memory_fini(&memory);
        vtd_pasid_pool_fini(&pasids);
        p.used = false;
    }
    device(const device &) = delete;
    device &operator=(const device &) = delete;

    void device_tlb_invalidate(const vtd_device_tlb_inv &inv) override
    {
        vtd_to_device message{};
        message.invalidate = inv;
        put(to_device, message);
        vtd_answers_put(&answers, &inv);
    }
    void page_response(const vtd_page_response &response) override
    {
        vtd_to_device message{};
        message.is_response = true;
        message.page_response = response;
        put(to_device, message);
    }
    void unit_interrupt(std::uint64_t addr, std::uint32_t data) override
    {
        put(messages, {addr, data});
    }
    void device_interrupt(const vtd_irq_response &, std::uint64_t, std::uint32_t) override {}
    unsigned virtual_command(unsigned command, std::uint64_t a, std::uint64_t, std::uint64_t *result) override
    {
        return vtd_pasid_pool_command(&pasids, command, a, result);
    }
    // Endpoints react until nothing is left that they react to; then what they never answer times out.
    void settle()
    {
        vtd_answers_run_and_expire(&answers, nullptr);
    }
    template <class T> void put(std::deque<T> &queue, const T &message)
    {
        if (queue.size() < kMessagesMax)
            queue.push_back(message);
        else
            lost = true;
    }

    platform &p;
    vtd_memory memory{};
    vtd_pasid_pool pasids{};
    bool has_memory = false, lost = false;
    std::deque<std::pair<std::uint64_t, std::uint32_t>> messages;
    std::deque<vtd_to_device> to_device;
    vtd_answers answers{};
    std::uint8_t answer[65536] = {};
};

device &state_of(vtd_dut *dut)
{
    return *static_cast<device *>(dut->state);
}

vtd_dut_status invalid(vtd_dut *dut, const char *why)
{
    std::snprintf(dut->why, sizeof dut->why, "%s", why);
    return VTD_DUT_INVALID;
}

vtd_dut_status configure(vtd_dut *dut, const struct vtd_sim_config *cfg)
{
    device &d = state_of(dut);
    if (cfg->cpu_caches)
        return invalid(dut, "memory.cpu_caches: the memory of a scenario is coherent, it has no flush");
    if (vtd_memory_init(&d.memory, cfg->memory_size, dut->why) != 0)
        return VTD_DUT_INVALID;
    d.has_memory = true;
    if (vtd_pasid_pool_init(&d.pasids, vtd_pasid_pool_bits(&cfg->unit)) != 0)
        return invalid(dut, "out of memory");
    d.p.ram.base = d.memory.base;
    d.p.ram.size = d.memory.size;
    tlm_config config;
    config.unit = cfg->unit;
    return d.p.unit.configure(config, dut->why) ? VTD_DUT_OK : VTD_DUT_INVALID;
}

void destroy(vtd_dut *dut)
{
    delete static_cast<device *>(dut->state);
    dut->state = nullptr;
}

vtd_dut_status reset(vtd_dut *dut)
{
    device &d = state_of(dut);
    d.p.unit.reset();
    vtd_answers_forget(&d.answers);
    return VTD_DUT_OK;
}

bool in_memory(vtd_dut *dut, std::uint64_t addr, std::uint64_t length)
{
    const device &d = state_of(dut);
    if (vtd_memory_has(&d.memory, addr, length))
        return true;
    std::snprintf(dut->why, sizeof dut->why, "0x%llx + 0x%llx bytes is beyond memory.size 0x%llx",
                  static_cast<unsigned long long>(addr), static_cast<unsigned long long>(length),
                  static_cast<unsigned long long>(d.memory.size));
    return false;
}

vtd_dut_status mem_load(vtd_dut *dut, std::uint64_t addr, unsigned size, std::uint64_t *value)
{
    if (!in_memory(dut, addr, size))
        return VTD_DUT_INVALID;
    return vtd_memory_read(&state_of(dut).memory, addr, size, value) ? VTD_DUT_OK
                                                                     : invalid(dut, "SIZE must be 1, 2, 4 or 8");
}

vtd_dut_status mem_store(vtd_dut *dut, std::uint64_t addr, unsigned size, std::uint64_t value)
{
    if (!in_memory(dut, addr, size))
        return VTD_DUT_INVALID;
    return vtd_memory_write(&state_of(dut).memory, addr, size, value) ? VTD_DUT_OK
                                                                      : invalid(dut, "SIZE must be 1, 2, 4 or 8");
}

vtd_dut_status mem_fill(vtd_dut *dut, std::uint64_t addr, std::uint64_t length, std::uint8_t byte)
{
    if (!in_memory(dut, addr, length))
        return VTD_DUT_INVALID;
    vtd_memory_fill(&state_of(dut).memory, addr, length, byte);
    return VTD_DUT_OK;
}

vtd_dut_status reg_read(vtd_dut *dut, std::uint64_t offset, unsigned size, std::uint64_t *value)
{
    pin &cpu = state_of(dut).p.cpu;
    *value = size == 8 ? cpu.read<std::uint64_t>(offset) : cpu.read<std::uint32_t>(offset);
    return VTD_DUT_OK;
}

vtd_dut_status reg_write(vtd_dut *dut, std::uint64_t offset, unsigned size, std::uint64_t value)
{
    device &d = state_of(dut);
    if (size == 8)
        d.p.cpu.write<std::uint64_t>(offset, value);
    else
        d.p.cpu.write<std::uint32_t>(offset, static_cast<std::uint32_t>(value));
    d.settle();
    return VTD_DUT_OK;
}

vtd_dut_status send(vtd_dut *dut, const struct vtd_request *req, struct vtd_response *resp)
{
    device &d = state_of(dut);
    const char *impossible = "the request is not possible on a PCIe link";
    if ((req->addr & 0xfff) + req->len > 4096) // the module would split it
        return invalid(dut, impossible);
    try {
        *resp = send_request(d.p.devices, *req);
    } catch (const sc_core::sc_report &) {
        return invalid(dut, impossible);
    }
    d.settle();
    return VTD_DUT_OK;
}

vtd_dut_status page_request(vtd_dut *dut, const struct vtd_page_request *req, enum vtd_prq_result *result)
{
    device &d = state_of(dut);
    if (d.p.unit.page_request(*req, *result) != VTD_STATUS_OK)
        return invalid(dut, "the page request is not possible on a PCIe link");
    d.settle();
    return VTD_DUT_OK;
}

vtd_dut_status interrupt(vtd_dut *dut, std::uint16_t sid, std::uint64_t addr, std::uint32_t data,
                         struct vtd_irq_response *resp)
{
    vtd_request req{};
    vtd_response outcome{};
    if (addr >> 20 != 0xfee || (addr & 3) != 0)
        return invalid(dut, "not an interrupt request: a DWORD write to FEEx_xxxx");
    req.addr = addr;
    req.sid = sid;
    req.access = VTD_WRITE;
    req.len = 4;
    req.data = data;
    const vtd_dut_status status = send(dut, &req, &outcome);
    *resp = outcome.irq;
    return status;
}

vtd_dut_status endpoint(vtd_dut *dut, std::uint16_t sid, enum vtd_answer answer)
{
    device &d = state_of(dut);
    d.answer[sid] = static_cast<std::uint8_t>(answer == VTD_ANSWER_RELEASE ? VTD_ANSWER_PROMPT : answer);
    if (answer == VTD_ANSWER_RELEASE)
        vtd_answers_release(&d.answers, sid);
    d.settle();
    return VTD_DUT_OK;
}

template <class T> vtd_dut_status take(vtd_dut *dut, std::deque<T> &queue, T &message)
{
    if (state_of(dut).lost)
        return invalid(dut, "more than a million messages were left waiting");
    if (queue.empty())
        return VTD_DUT_NONE;
    message = queue.front();
    queue.pop_front();
    return VTD_DUT_OK;
}

vtd_dut_status take_msi(vtd_dut *dut, std::uint64_t *addr, std::uint32_t *data)
{
    std::pair<std::uint64_t, std::uint32_t> message{};
    const vtd_dut_status status = take(dut, state_of(dut).messages, message);
    *addr = message.first;
    *data = message.second;
    return status;
}

vtd_dut_status take_to_device(vtd_dut *dut, struct vtd_to_device *message)
{
    return take(dut, state_of(dut).to_device, *message);
}

vtd_dut_status stat(vtd_dut *dut, const char *name, std::uint64_t *value)
{
    return vtd_dut_stat_of(dut, state_of(dut).p.unit.model(), name, value);
}

vtd_dut_ops make_ops()
{
    vtd_dut_ops ops{};
    ops.name = "tlm";
    ops.configure = configure;
    ops.destroy = destroy;
    ops.reset = reset;
    ops.mem_load = mem_load;
    ops.mem_store = mem_store;
    ops.mem_fill = mem_fill;
    ops.reg_read = reg_read;
    ops.reg_write = reg_write;
    ops.request = send;
    ops.page_request = page_request;
    ops.interrupt = interrupt;
    ops.endpoint = endpoint;
    ops.take_msi = take_msi;
    ops.take_to_device = take_to_device;
    ops.stat = stat;
    return ops;
}

} // namespace

int vtd_dut_tlm_create(struct vtd_dut *dut)
{
    static const vtd_dut_ops ops = make_ops();
    std::memset(dut, 0, sizeof *dut);
    dut->ops = &ops;
    platform &p = the_platform();
    if (p.used)
        return -1;
    dut->state = new (std::nothrow) device(p);
    return dut->state != nullptr ? 0 : -1;
}
