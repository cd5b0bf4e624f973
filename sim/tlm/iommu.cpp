// SPDX-License-Identifier: MIT
//
// Life of the module, and what the unit sends to others. See vtd/tlm.hpp.
#include "state.hpp"

#include "approximate.hpp"

#include <cstdio>
#include <cstring>

namespace vtdsim
{

tlm_config::tlm_config() : unit(), timing()
{
    vtd_config_preset(&unit, nullptr);
    vtd_timing_config_default(&timing);
}

tlm::tlm_extension_base *request::clone() const
{
    return new request(*this);
}

void request::copy_from(const tlm::tlm_extension_base &other)
{
    *this = static_cast<const request &>(other);
}

tlm::tlm_extension_base *unit_access::clone() const
{
    return new unit_access(*this);
}

void unit_access::copy_from(const tlm::tlm_extension_base &other)
{
    *this = static_cast<const unit_access &>(other);
}

// ---------------------------------------------------------------- life

iommu::state::state(iommu &t) : top(t) {}

iommu::state::~state()
{
    vtd_timing_destroy(timing);
    vtd_destroy(unit);
}

bool iommu::state::build(const tlm_config &config, char *why)
{
    vtd_host host{};
    host.opaque = this;
    fill(host);
    struct ::vtd *made = vtd_create(&config.unit, &host, why);
    if (made == nullptr)
        return false;
    struct vtd_timing *clock = nullptr;
    sc_core::sc_time cycle;
    if (config.timed) {
        clock = vtd_timing_create(made, &config.timing, why);
        if (clock != nullptr && config.timing.frequency != 0)
            cycle = sc_core::sc_time(1e12 / static_cast<double>(config.timing.frequency), sc_core::SC_PS);
        if (clock == nullptr || cycle == sc_core::SC_ZERO_TIME) {
            if (clock != nullptr)
                std::snprintf(why, VTD_WHY_SIZE, "a cycle is shorter than the time resolution of the simulation");
            vtd_timing_destroy(clock);
            vtd_destroy(made);
            return false;
        }
    }
    revoke_all();
    vtd_timing_destroy(timing);
    vtd_destroy(unit);
    unit = made;
    timing = clock;
    period = cycle;
    cfg = config;
    messages.clear();
    return true;
}

iommu::iommu(const sc_core::sc_module_name &name, const tlm_config &config)
    : sc_core::sc_module(name), registers("registers"), upstream("upstream", config.upstream), memory("memory"),
      reset_in("reset_in"), s_(std::make_unique<state>(*this))
{
    char why[VTD_WHY_SIZE] = "";

    for (unsigned i = 0; i < config.upstream; i++) {
        s_->ports.emplace_back();
        s_->ports[i].s = s_.get();
        s_->ports[i].index = i;
        upstream[i].bind(s_->ports[i]);
    }
    s_->regs.s = s_.get();
    s_->back.s = s_.get();
    registers.bind(s_->regs);
    memory.bind(s_->back);
    if (!s_->build(config, why))
        SC_REPORT_ERROR(kReport, (std::string(this->name()) + ": " + why).c_str());
}

iommu::~iommu() = default;

void iommu::end_of_elaboration()
{
    s_->mem = memory.get_base_port()[0];
    if (reset_in.size() == 0)
        return;
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.dont_initialize();
    options.set_sensitivity(&reset_in->value_changed_event());
    sc_core::sc_spawn(
        [this] {
            if (reset_in->read())
                reset();
        },
        "on_reset", &options);
}

void iommu::set_source_id(unsigned socket, std::uint16_t source_id)
{
    if (socket < s_->ports.size())
        s_->ports[socket].source_id = source_id;
    else
        SC_REPORT_ERROR(kReport, "set_source_id: there is no such upstream socket");
}

void iommu::set_requester(std::uint16_t source_id, requester_if *requester)
{
    if (requester != nullptr)
        s_->requesters[source_id] = requester;
    else
        s_->requesters.erase(source_id);
}

void iommu::set_other_requesters(requester_if *requester)
{
    s_->other_requesters = requester;
}

void iommu::set_interrupts(interrupt_if *interrupts)
{
    s_->interrupts = interrupts;
}

void iommu::set_virtual_commands(virtual_command_if *commands)
{
    s_->commands = commands;
}

struct vtd *iommu::model() const
{
    return s_->unit;
}

std::size_t iommu::dmi_regions() const
{
    return s_->regions.size();
}

void iommu::reset()
{
    if (!s_->enter())
        return;
    vtd_reset(s_->unit);
    s_->revoke_all();
    s_->leave();
}

bool iommu::configure(const tlm_config &config, char *why)
{
    char own[VTD_WHY_SIZE] = "";
    if (s_->busy || s_->waiting || (s_->engine && s_->engine->in_flight() != 0)) {
        std::snprintf(why ? why : own, VTD_WHY_SIZE, "a transaction is under way");
        return false;
    }
    return s_->build(config, why ? why : own);
}

// ---------------------------------------------------------------- one at a time

bool iommu::state::wait_until_free()
{
    sc_core::sc_process_b *me = sc_core::sc_get_current_process_b();
    const bool can_wait = me != nullptr && me != owner && me->proc_kind() != sc_core::SC_METHOD_PROC_;
    if (!can_wait) {
        SC_REPORT_ERROR(kReport,
                        me != nullptr && me == owner
                            ? "memory called the unit that was accessing it"
                            : "memory waits in an access of the unit, and a method process cannot wait for it");
        return false;
    }
    waiting++;
    eventful = true;
    while (busy)
        sc_core::wait(freed);
    waiting--;
    return true;
}

void iommu::state::after_call()
{
    if (waiting)
        freed.notify(sc_core::SC_ZERO_TIME);
    if (!delivering && !messages.empty()) {
        delivering = true;
        try {
            while (!messages.empty()) {
                const message m = messages.front();
                messages.pop_front();
                deliver(m);
            }
        } catch (...) {
            if (!thrown)
                thrown = std::current_exception();
        }
        delivering = false;
    }
    eventful = waiting != 0 || !messages.empty();
    if (thrown) {
        const std::exception_ptr e = thrown;
        thrown = nullptr;
        std::rethrow_exception(e);
    }
}

void iommu::state::send(const message &m)
{
    messages.push_back(m);
    eventful = true;
}

void iommu::state::deliver(const message &m)
{
    const auto requester_of = [this](std::uint16_t sid) {
        const auto it = requesters.find(sid);
        return it != requesters.end() ? it->second : other_requesters;
    };
    switch (m.kind) {
    case message::UNIT_INTERRUPT:
        if (interrupts != nullptr)
            interrupts->unit_interrupt(m.addr, m.data);
        else
            write_message(m.addr, m.data);
        break;
    case message::DEVICE_INTERRUPT:
        if (interrupts != nullptr) {
            interrupts->device_interrupt(m.irq, m.addr, m.data);
        } else if (m.irq.result == VTD_IRQ_PASSED) {
            write_message(m.addr, m.data);
        } else if (m.irq.result == VTD_IRQ_REMAPPED) { // the message that names its target (ref 8.2)
            const std::uint64_t addr = 0xfee00000 | (m.irq.dest & 0xff) << 12 |
                                       static_cast<std::uint64_t>(m.irq.dest >> 8) << 40 | m.irq.redirection_hint << 3 |
                                       m.irq.logical << 2;
            write_message(addr, m.irq.vector | m.irq.delivery_mode << 8 | (m.irq.level ? 0xc000u : 0));
        }
        break;
    case message::INVALIDATE:
        if (requester_if *r = requester_of(m.inv.sid))
            r->device_tlb_invalidate(m.inv);
        else
            top.device_tlb_complete(m.inv.sid, UINT32_C(1) << m.inv.itag);
        break;
    case message::PAGE_RESPONSE:
        if (requester_if *r = requester_of(m.response.sid))
            r->page_response(m.response);
        break;
    }
}

vtd_status iommu::page_request(const vtd_page_request &req, vtd_prq_result &result)
{
    if (!s_->enter())
        return VTD_STATUS_INVALID;
    const vtd_status status = vtd_page_request_submit(s_->unit, &req, &result);
    s_->leave();
    return status;
}

void iommu::device_tlb_complete(std::uint16_t source_id, std::uint32_t itags)
{
    if (!s_->enter())
        return;
    vtd_device_tlb_complete(s_->unit, source_id, itags);
    s_->leave();
}

void iommu::device_tlb_timeout(unsigned itag)
{
    if (!s_->enter())
        return;
    vtd_device_tlb_timeout(s_->unit, itag);
    s_->leave();
}

// ---------------------------------------------------------------- time

std::uint64_t iommu::state::cycle_at(const sc_core::sc_time &delay) const
{
    return (sc_core::sc_time_stamp() + delay).value() / period.value();
}

sc_core::sc_time iommu::state::time_of(std::uint64_t cycles) const
{
    return sc_core::sc_time::from_value(cycles * period.value());
}

// ---------------------------------------------------------------- waveforms

void iommu::state::note(const vtd_request &req, const vtd_response &resp)
{
    wave.requests++;
    wave.faults += resp.fault != 0;
    wave.addr = req.addr;
    wave.hpa = resp.hpa;
    wave.result = resp.result;
    wave.fault = resp.fault;
}

void iommu::trace(sc_core::sc_trace_file *file) const
{
    const std::string prefix = std::string(name()) + ".";
    s_->wave.on = true;
    sc_core::sc_trace(file, s_->wave.requests, prefix + "requests");
    sc_core::sc_trace(file, s_->wave.faults, prefix + "faults");
    sc_core::sc_trace(file, s_->wave.in_flight, prefix + "in_flight");
    sc_core::sc_trace(file, s_->wave.addr, prefix + "addr");
    sc_core::sc_trace(file, s_->wave.hpa, prefix + "hpa");
    sc_core::sc_trace(file, s_->wave.result, prefix + "result");
    sc_core::sc_trace(file, s_->wave.fault, prefix + "fault");
}

} // namespace vtdsim
