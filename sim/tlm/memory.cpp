// SPDX-License-Identifier: MIT
//
// The model's memory accesses, as transactions of the memory socket. The model is C: nothing may be thrown through it, so an
// exception of memory is an access error for the model, and thrown again when it has returned.
#include "state.hpp"

#include <cstring>

namespace vtdsim
{

piece *piece_pool::take()
{
    if (free_.empty()) {
        all_.push_back(std::make_unique<piece>());
        return all_.back().get();
    }
    piece *p = free_.back();
    free_.pop_back();
    return p;
}

bool iommu::state::access(tlm::tlm_command command, std::uint64_t hpa, void *data, unsigned size, vtd_mem_class cls,
                          bool snoop)
{
    if (thrown || mem == nullptr)
        return false;
    piece *p = pieces.take();
    p->access.mem_class = cls;
    p->access.snoop = snoop;
    p->access.interrupt = false;
    p->set_extension(&p->access);
    p->set_command(command);
    p->set_address(hpa);
    p->set_data_ptr(static_cast<unsigned char *>(data));
    p->set_data_length(size);
    p->set_streaming_width(size);
    p->set_byte_enable_ptr(nullptr);
    p->set_dmi_allowed(false);
    p->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    bool ok = false;
    sc_core::sc_process_b *before = owner;
    sc_core::sc_time *const delay = local; // another process may come in while this one waits
    owner = sc_core::sc_get_current_process_b();
    try {
        if (debugging) {
            ok = mem->transport_dbg(*p) == size;
        } else {
            sc_core::sc_time unpaid;
            mem->b_transport(*p, delay ? *delay : unpaid);
            ok = p->is_response_ok();
        }
    } catch (...) {
        thrown = std::current_exception();
        eventful = true;
    }
    owner = before;
    local = delay;
    pieces.give(p);
    return ok;
}

void iommu::state::write_message(std::uint64_t addr, std::uint32_t data)
{
    piece *p = pieces.take();
    unsigned char bytes[4];
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = static_cast<unsigned char>(data >> 8 * i);
    p->access.mem_class = VTD_MEM_STATUS;
    p->access.snoop = true;
    p->access.interrupt = true;
    p->set_extension(&p->access);
    p->set_command(tlm::TLM_WRITE_COMMAND);
    p->set_address(addr);
    p->set_data_ptr(bytes);
    p->set_data_length(4);
    p->set_streaming_width(4);
    p->set_byte_enable_ptr(nullptr);
    p->set_dmi_allowed(false);
    p->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time unpaid;
    try {
        mem->b_transport(*p, unpaid);
    } catch (...) {
        pieces.give(p);
        throw;
    }
    pieces.give(p); // nobody is told of a message that got lost
}

namespace
{

iommu::state &self(void *opaque)
{
    return *static_cast<iommu::state *>(opaque);
}

int on_read(void *o, std::uint64_t hpa, void *data, std::size_t size, vtd_mem_class cls, bool snoop)
{
    return !self(o).access(tlm::TLM_READ_COMMAND, hpa, data, static_cast<unsigned>(size), cls, snoop);
}

int on_write(void *o, std::uint64_t hpa, const void *data, std::size_t size, vtd_mem_class cls)
{
    // What is written must stay as it is when memory waits, and memory may not write to it.
    unsigned char copy[64];
    if (size > sizeof copy)
        return 1;
    std::memcpy(copy, data, size);
    return !self(o).access(tlm::TLM_WRITE_COMMAND, hpa, copy, static_cast<unsigned>(size), cls, true);
}

// A read and a write: indivisible as long as memory lets no time pass in them.
int on_cas(void *o, std::uint64_t hpa, std::uint64_t *expected, std::uint64_t desired, vtd_mem_class cls)
{
    unsigned char bytes[8];
    if (!self(o).access(tlm::TLM_READ_COMMAND, hpa, bytes, 8, cls, true))
        return 1;
    std::uint64_t now = 0;
    for (unsigned i = 0; i < 8; i++)
        now |= static_cast<std::uint64_t>(bytes[i]) << 8 * i;
    if (now != *expected) {
        *expected = now;
        return 0;
    }
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = static_cast<unsigned char>(desired >> 8 * i);
    return !self(o).access(tlm::TLM_WRITE_COMMAND, hpa, bytes, 8, cls, true);
}

void on_msi(void *o, std::uint64_t addr, std::uint32_t data)
{
    message m{message::UNIT_INTERRUPT};
    m.addr = addr;
    m.data = data;
    self(o).send(m);
}

void on_device_tlb_inv(void *o, const vtd_device_tlb_inv *inv)
{
    message m{message::INVALIDATE};
    m.inv = *inv;
    self(o).send(m);
}

void on_page_response(void *o, const vtd_page_response *response)
{
    message m{message::PAGE_RESPONSE};
    m.response = *response;
    self(o).send(m);
}

unsigned on_virtual_command(void *o, unsigned command, std::uint64_t a, std::uint64_t b, std::uint64_t *result)
{
    iommu::state &s = self(o);
    if (s.commands == nullptr) // as without a host: nothing to have, nothing to free
        return command == VTD_VCMD_ALLOC_PASID ? VTD_VCMD_NO_PASID : VTD_VCMD_INVALID_PASID;
    try {
        return s.commands->virtual_command(command, a, b, result);
    } catch (...) {
        s.thrown = std::current_exception();
        s.eventful = true;
        return VTD_VCMD_UNDEFINED;
    }
}

void on_invalidated(void *o, const vtd_invalidation *inv)
{
    iommu::state &s = self(o);
    if (s.regions.empty())
        return;
    try {
        s.revoke(*inv);
    } catch (...) {
        s.thrown = std::current_exception();
        s.eventful = true;
    }
}

} // namespace

void iommu::state::fill(vtd_host &host)
{
    host.mem_read = on_read;
    host.mem_write = on_write;
    host.mem_cas = on_cas;
    host.msi = on_msi;
    host.device_tlb_inv = on_device_tlb_inv;
    host.page_response = on_page_response;
    host.virtual_command = on_virtual_command;
    host.invalidated = on_invalidated;
}

} // namespace vtdsim
