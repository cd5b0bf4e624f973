// SPDX-License-Identifier: MIT
//
// The register block (ref 1).
#include "state.hpp"

namespace vtdsim
{

namespace
{

// What the register block takes: reads and writes of 4 or 8 aligned bytes.
tlm::tlm_response_status check(const payload &t, std::uint64_t size)
{
    const unsigned length = t.get_data_length();
    if (t.get_command() == tlm::TLM_IGNORE_COMMAND)
        return tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (t.get_byte_enable_ptr() != nullptr)
        return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    if ((length != 4 && length != 8) || t.get_streaming_width() < length)
        return tlm::TLM_BURST_ERROR_RESPONSE;
    if (t.get_address() % length != 0 || t.get_address() >= size)
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    return tlm::TLM_OK_RESPONSE;
}

std::uint64_t load(const unsigned char *from, unsigned length)
{
    std::uint64_t value = 0;
    for (unsigned i = 0; i < length; i++)
        value |= static_cast<std::uint64_t>(from[i]) << 8 * i;
    return value;
}

void read_register(struct ::vtd *unit, payload &t)
{
    const unsigned length = t.get_data_length();
    const std::uint64_t value =
        length == 8 ? vtd_mmio_read64(unit, t.get_address()) : vtd_mmio_read32(unit, t.get_address());
    for (unsigned i = 0; i < length; i++)
        t.get_data_ptr()[i] = static_cast<unsigned char>(value >> 8 * i);
}

void write_register(iommu::state &s, const payload &t, const sc_core::sc_time &delay)
{
    const std::uint64_t offset = t.get_address(), value = load(t.get_data_ptr(), t.get_data_length());
    if (s.timing != nullptr && t.get_data_length() == 8)
        vtd_timing_write64(s.timing, offset, value, s.cycle_at(delay));
    else if (s.timing != nullptr)
        vtd_timing_write32(s.timing, offset, static_cast<std::uint32_t>(value), s.cycle_at(delay));
    else if (t.get_data_length() == 8)
        vtd_mmio_write64(s.unit, offset, value);
    else
        vtd_mmio_write32(s.unit, offset, static_cast<std::uint32_t>(value));
}

} // namespace

void register_port::b_transport(payload &t, sc_core::sc_time &delay)
{
    const tlm::tlm_response_status status = check(t, vtd_mmio_size(s->unit));
    t.set_dmi_allowed(false);
    if (status != tlm::TLM_OK_RESPONSE) {
        t.set_response_status(status);
        return;
    }
    if (!s->enter()) {
        t.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
        return;
    }
    t.set_response_status(status);
    if (t.is_read()) {
        read_register(s->unit, t);
    } else {
        // The write is posted: what it sets off takes its time elsewhere.
        sc_core::sc_time unpaid = delay;
        const local_time scope(*s, &unpaid);
        const std::uint32_t before = vtd_mmio_read32(s->unit, VTD_REG_GSTS);
        write_register(*s, t, delay);
        const std::uint32_t changed = before ^ vtd_mmio_read32(s->unit, VTD_REG_GSTS);
        const bool root = t.get_address() == VTD_REG_GCMD && t.get_data_ptr()[3] >> (VTD_GCMD_SRTP_LSB - 24) & 1;
        if (root || changed >> VTD_GSTS_TES_LSB & 1) // other tables, or none
            s->revoke_all();
    }
    delay += s->cfg.register_latency;
    s->leave();
}

tlm::tlm_sync_enum register_port::nb_transport_fw(payload &t, tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    if (phase != tlm::BEGIN_REQ)
        return tlm::TLM_ACCEPTED;
    b_transport(t, delay); // answered at once
    phase = tlm::BEGIN_RESP;
    return tlm::TLM_COMPLETED;
}

bool register_port::get_direct_mem_ptr(payload &t, tlm::tlm_dmi &dmi)
{
    dmi.init();
    dmi.set_start_address(0);
    dmi.set_end_address(~UINT64_C(0));
    dmi.allow_none();
    t.set_dmi_allowed(false);
    return false;
}

// Reads have no side effects; a write would have, and is refused.
unsigned register_port::transport_dbg(payload &t)
{
    if (!t.is_read() || s->busy || check(t, vtd_mmio_size(s->unit)) != tlm::TLM_OK_RESPONSE)
        return 0;
    read_register(s->unit, t);
    return t.get_data_length();
}

} // namespace vtdsim
