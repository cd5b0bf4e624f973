// SPDX-License-Identifier: MIT
//
// The unit in SystemVerilog as a device under test: see dut_rtl.h. Every operation waits until the unit is at rest.
#include "dut_rtl.h"

#include "fit.hpp"
#include "rtl_unit.hpp"

#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <cstdio>
#include <cstring>
#include <deque>
#include <new>

extern "C" {
#include "config/config.h"
#include "platform/memory.h"
}

namespace
{

using namespace vtdsim;

constexpr std::size_t kMessagesMax = 1000000; // that wait to be taken

const char *trace_path = nullptr;

struct device {
    ~device()
    {
        unit.reset(); // before the memory that it uses
        vtd_memory_fini(&memory);
    }
    std::unique_ptr<rtl_unit> unit;
    vtd_memory memory{};
    std::deque<std::pair<std::uint64_t, std::uint32_t>> messages;
    bool lost = false, other_caches = false;
};

device &state_of(vtd_dut *dut)
{
    return *static_cast<device *>(dut->state);
}

vtd_dut_status says(vtd_dut *dut, vtd_dut_status status, const char *why)
{
    std::snprintf(dut->why, sizeof dut->why, "%s", why);
    return status;
}

// What a call does, and its end when the hardware hangs.
template <class F> vtd_dut_status guarded(vtd_dut *dut, F call)
{
    try {
        return call();
    } catch (const std::exception &e) {
        return says(dut, VTD_DUT_INVALID, e.what());
    }
}

void on_msi(void *opaque, std::uint64_t addr, std::uint32_t data)
{
    auto &d = *static_cast<device *>(opaque);
    if (d.messages.size() < kMessagesMax)
        d.messages.emplace_back(addr, data);
    else
        d.lost = true;
}

vtd_dut_status configure(vtd_dut *dut, const struct vtd_sim_config *cfg)
{
    device &d = state_of(dut);
    if (cfg->cpu_caches)
        return says(dut, VTD_DUT_INVALID, "memory.cpu_caches: the memory of a scenario is coherent, it has no flush");
    if (vtd_memory_init(&d.memory, cfg->memory_size, dut->why) != 0)
        return VTD_DUT_INVALID;
    return guarded(dut, [&] {
        vtd_host host{};
        host.opaque = &d;
        host.mem_base = d.memory.base;
        host.mem_size = d.memory.size;
        host.msi = on_msi;
        rtl_options options;
        if (trace_path != nullptr)
            options.trace = trace_path;
        d.unit = rtl_unit::make(host, options);
        const std::string misfit = misfit_of(*cfg, *d.unit);
        d.other_caches = has_other_caches(*cfg, *d.unit);
        return misfit.empty() ? VTD_DUT_OK : says(dut, VTD_DUT_UNSUPPORTED, misfit.c_str());
    });
}

void destroy(vtd_dut *dut)
{
    delete static_cast<device *>(dut->state);
    dut->state = nullptr;
}

vtd_dut_status reset(vtd_dut *dut)
{
    return guarded(dut, [&] {
        state_of(dut).unit->reset();
        return VTD_DUT_OK;
    });
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
    return vtd_memory_read(&state_of(dut).memory, addr, size, value)
               ? VTD_DUT_OK
               : says(dut, VTD_DUT_INVALID, "SIZE must be 1, 2, 4 or 8");
}

vtd_dut_status mem_store(vtd_dut *dut, std::uint64_t addr, unsigned size, std::uint64_t value)
{
    if (!in_memory(dut, addr, size))
        return VTD_DUT_INVALID;
    return vtd_memory_write(&state_of(dut).memory, addr, size, value)
               ? VTD_DUT_OK
               : says(dut, VTD_DUT_INVALID, "SIZE must be 1, 2, 4 or 8");
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
    return guarded(dut, [&] {
        *value = state_of(dut).unit->read(offset, size);
        return VTD_DUT_OK;
    });
}

// What software can only want of another unit: the device says so, rather than that an expectation does not hold.
const char *missing_for(rtl_unit &unit, std::uint64_t offset, std::uint64_t value)
{
    if (offset != VTD_REG_GCMD)
        return nullptr;
    if (value & (vtd_reg_gcmd_put_ire(1) | vtd_reg_gcmd_put_sirtp(1)))
        return "the RTL has no interrupt remapping";
    if ((value & vtd_reg_gcmd_put_srtp(1)) != 0 && vtd_reg_rtaddr_ttm(unit.read(VTD_REG_RTADDR, 8)) == VTD_TTM_LEGACY)
        return "the RTL has no legacy mode";
    return nullptr;
}

vtd_dut_status reg_write(vtd_dut *dut, std::uint64_t offset, unsigned size, std::uint64_t value)
{
    return guarded(dut, [&] {
        const char *missing = missing_for(*state_of(dut).unit, offset, value);
        if (missing != nullptr)
            return says(dut, VTD_DUT_UNSUPPORTED, missing);
        state_of(dut).unit->write(offset, size, value);
        return VTD_DUT_OK;
    });
}

vtd_dut_status request(vtd_dut *dut, const struct vtd_request *req, struct vtd_response *resp)
{
    if (!rtl_unit::is_possible(*req))
        return says(dut, VTD_DUT_INVALID, "the request is not possible on a PCIe link");
    if (!rtl_unit::has_port_for(*req))
        return says(dut, VTD_DUT_UNSUPPORTED, "the RTL takes untranslated reads, writes and atomics");
    return guarded(dut, [&] {
        *resp = state_of(dut).unit->translate(*req);
        return VTD_DUT_OK;
    });
}

vtd_dut_status interrupt(vtd_dut *dut, std::uint16_t sid, std::uint64_t addr, std::uint32_t data,
                         struct vtd_irq_response *resp)
{
    vtd_request req{};
    vtd_response outcome{};
    if (addr >> 20 != 0xfee || (addr & 3) != 0)
        return says(dut, VTD_DUT_INVALID, "not an interrupt request: a DWORD write to FEEx_xxxx");
    req.addr = addr;
    req.sid = sid;
    req.access = VTD_WRITE;
    req.len = 4;
    req.data = data;
    const vtd_dut_status status = request(dut, &req, &outcome);
    *resp = outcome.irq;
    return status;
}

vtd_dut_status take_msi(vtd_dut *dut, std::uint64_t *addr, std::uint32_t *data)
{
    device &d = state_of(dut);
    if (d.lost)
        return says(dut, VTD_DUT_INVALID, "more than a million messages were left waiting");
    if (d.messages.empty())
        return VTD_DUT_NONE;
    *addr = d.messages.front().first;
    *data = d.messages.front().second;
    d.messages.pop_front();
    return VTD_DUT_OK;
}

// The counters that the unit has pulses for: those of its caches, by the names of the statistics.
vtd_dut_status stat(vtd_dut *dut, const char *name, std::uint64_t *value)
{
    static const char *const caches[] = {"ctxt_cache", "pasid_cache", "iotlb", "fs_nonleaf", "ss_nonleaf"};
    const rtl_unit &unit = *state_of(dut).unit;
    if (state_of(dut).other_caches)
        return says(dut, VTD_DUT_UNSUPPORTED, "the caches of the RTL have sizes of their own (those of the preset)");
    for (std::size_t i = 0; i < rtl_caches.size(); i++) {
        const auto count = [&](rtl_count what) { return unit.count(what, rtl_caches[i]); };
        const std::string cache = caches[i];
        if (name == cache + "_lookup")
            return *value = count(rtl_count::lookup), VTD_DUT_OK;
        if (name == cache + "_hit")
            return *value = count(rtl_count::hit), VTD_DUT_OK;
        if (name == cache + "_miss")
            return *value = count(rtl_count::lookup) - count(rtl_count::hit), VTD_DUT_OK;
        if (name == cache + "_fill")
            return *value = count(rtl_count::fill), VTD_DUT_OK;
        if (name == cache + "_evict")
            return *value = count(rtl_count::evict), VTD_DUT_OK;
    }
    const char *known;
    for (unsigned i = 0; (known = vtd_counter_name(i, nullptr, nullptr)) != nullptr; i++)
        if (std::strcmp(known, name) == 0)
            return says(dut, VTD_DUT_UNSUPPORTED,
                        "the RTL counts lookups, hits, misses, fills and evictions of caches");
    std::snprintf(dut->why, sizeof dut->why, "unknown counter '%.100s'", name);
    return VTD_DUT_INVALID;
}

vtd_dut_ops make_ops()
{
    vtd_dut_ops ops{};
    ops.name = "rtl";
    ops.configure = configure;
    ops.destroy = destroy;
    ops.reset = reset;
    ops.mem_load = mem_load;
    ops.mem_store = mem_store;
    ops.mem_fill = mem_fill;
    ops.reg_read = reg_read;
    ops.reg_write = reg_write;
    ops.request = request;
    ops.interrupt = interrupt;
    ops.take_msi = take_msi;
    ops.stat = stat;
    return ops;
}

} // namespace

int vtd_dut_rtl_create(struct vtd_dut *dut)
{
    static const vtd_dut_ops ops = make_ops();
    std::memset(dut, 0, sizeof *dut);
    dut->ops = &ops;
    dut->state = new (std::nothrow) device;
    return dut->state != nullptr ? 0 : -1;
}

void vtd_dut_rtl_trace(const char *path)
{
    trace_path = path;
}
