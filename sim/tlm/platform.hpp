// SPDX-License-Identifier: MIT
//
// Parts of a small platform around the unit, for the device under test, tests and benchmarks: memory over a window of plain
// bytes, and pins, through which plain code sends transactions.
#ifndef VTD_SIM_TLM_PLATFORM_HPP
#define VTD_SIM_TLM_PLATFORM_HPP

#include <algorithm>
#include <cstring>
#include <functional>

#include "vtd/tlm.hpp"

namespace vtdsim
{

// Memory: addresses [start, start + size) are at base; behind the processor's caches, what does not snoop reads
// `unsnooped` (ref 4.8). An access outside is an address error.
class window : public sc_core::sc_module, public tlm::tlm_fw_transport_if<>
{
  public:
    explicit window(const sc_core::sc_module_name &name) : sc_core::sc_module(name), socket("socket")
    {
        socket.bind(*this);
    }

    tlm::tlm_target_socket<> socket;
    unsigned char *base = nullptr, *unsnooped = nullptr;
    std::uint64_t start = 0, size = 0;
    sc_core::sc_time latency;                                     // of an access
    bool gives_pointers = false;                                  // direct memory access
    std::function<void(tlm::tlm_generic_payload &)> before;       // sees every access
    std::function<void(tlm::tlm_generic_payload &)> takes_others; // accesses outside, for example interrupt messages

    void b_transport(tlm::tlm_generic_payload &t, sc_core::sc_time &delay) override
    {
        if (before)
            before(t);
        delay += latency;
        const std::uint64_t at = t.get_address() - start;
        const unsigned width = std::min(t.get_streaming_width(), t.get_data_length());
        if (at >= size || size - at < width) {
            t.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
            if (takes_others)
                takes_others(t);
            return;
        }
        if (t.get_command() != tlm::TLM_IGNORE_COMMAND)
            move(t, at, width);
        t.set_dmi_allowed(gives_pointers);
        t.set_response_status(tlm::TLM_OK_RESPONSE);
    }

    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &t, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay) override
    {
        if (phase == tlm::BEGIN_REQ)
            b_transport(t, delay);
        phase = tlm::BEGIN_RESP;
        return tlm::TLM_COMPLETED;
    }

    bool get_direct_mem_ptr(tlm::tlm_generic_payload &t, tlm::tlm_dmi &dmi) override
    {
        dmi.init();
        if (!gives_pointers || t.get_address() - start >= size)
            return false;
        dmi.set_dmi_ptr(base);
        dmi.set_start_address(start);
        dmi.set_end_address(start + size - 1);
        dmi.allow_read_write();
        dmi.set_read_latency(latency);
        dmi.set_write_latency(latency);
        return true;
    }

    unsigned transport_dbg(tlm::tlm_generic_payload &t) override
    {
        const std::uint64_t at = t.get_address() - start;
        if (at >= size)
            return 0;
        const unsigned length = static_cast<unsigned>(std::min<std::uint64_t>(t.get_data_length(), size - at));
        if (t.is_read())
            std::memcpy(t.get_data_ptr(), source(t) + at, length);
        else if (t.is_write())
            std::memcpy(base + at, t.get_data_ptr(), length);
        return length;
    }

  private:
    const unsigned char *source(const tlm::tlm_generic_payload &t) const
    {
        const unit_access *access = t.get_extension<unit_access>();
        return unsnooped != nullptr && access != nullptr && !access->snoop ? unsnooped : base;
    }

    void move(tlm::tlm_generic_payload &t, std::uint64_t at, unsigned width)
    {
        unsigned char *data = t.get_data_ptr();
        const unsigned char *enable = t.get_byte_enable_ptr(), *from = source(t);
        const unsigned length = t.get_data_length();
        if (enable == nullptr && width == length) {
            if (t.is_read())
                std::memcpy(data, from + at, length);
            else
                std::memcpy(base + at, data, length);
        } else {
            for (unsigned i = 0; i < length; i++) {
                if (enable != nullptr && enable[i % t.get_byte_enable_length()] != TLM_BYTE_ENABLED)
                    continue;
                if (t.is_read())
                    data[i] = from[at + i % width];
                else
                    base[at + i % width] = data[i];
            }
        }
        // Writes of the unit are coherent: the processor's caches give up the lines that it touched.
        if (t.is_write() && unsnooped != nullptr && t.get_extension<unit_access>() != nullptr) {
            const std::uint64_t first = at & ~UINT64_C(63), last = std::min(size, (at + width + 63) & ~UINT64_C(63));
            std::memcpy(unsnooped + first, base + first, last - first);
        }
    }
};

// An initiator for plain code.
class pin : public sc_core::sc_module, public tlm::tlm_bw_transport_if<>
{
  public:
    explicit pin(const sc_core::sc_module_name &name) : sc_core::sc_module(name), socket("socket")
    {
        socket.bind(*this);
    }

    tlm::tlm_initiator_socket<> socket;
    std::function<tlm::tlm_sync_enum(tlm::tlm_generic_payload &, tlm::tlm_phase &, sc_core::sc_time &)> on_backward;
    std::function<void(std::uint64_t start, std::uint64_t end)> on_invalidate;

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &t, tlm::tlm_phase &phase,
                                       sc_core::sc_time &t_delay) override
    {
        return on_backward ? on_backward(t, phase, t_delay) : tlm::TLM_ACCEPTED;
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override
    {
        if (on_invalidate)
            on_invalidate(start, end);
    }

    // Loosely timed; the time it took is left in delay.
    tlm::tlm_response_status send(tlm::tlm_command command, std::uint64_t addr, void *data, unsigned length,
                                  request *ext = nullptr, unsigned char *enable = nullptr, unsigned enable_length = 0)
    {
        payload_.set_command(command);
        payload_.set_address(addr);
        payload_.set_data_ptr(static_cast<unsigned char *>(data));
        payload_.set_data_length(length);
        payload_.set_streaming_width(length);
        payload_.set_byte_enable_ptr(enable);
        payload_.set_byte_enable_length(enable_length);
        payload_.set_dmi_allowed(false);
        payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        payload_.set_extension(ext);
        socket->b_transport(payload_, delay);
        payload_.set_extension(static_cast<request *>(nullptr));
        return payload_.get_response_status();
    }
    template <class T> T read(std::uint64_t addr)
    {
        unsigned char bytes[sizeof(T)] = {};
        T value = 0;
        if (send(tlm::TLM_READ_COMMAND, addr, bytes, sizeof(T)) == tlm::TLM_OK_RESPONSE) {
            for (unsigned i = 0; i < sizeof(T); i++)
                value |= static_cast<T>(static_cast<T>(bytes[i]) << 8 * i);
        }
        return value; // what is not there reads 0
    }
    template <class T> void write(std::uint64_t addr, T value)
    {
        unsigned char bytes[sizeof(T)];
        for (unsigned i = 0; i < sizeof(T); i++)
            bytes[i] = static_cast<unsigned char>(value >> 8 * i);
        send(tlm::TLM_WRITE_COMMAND, addr, bytes, sizeof(T));
    }

    sc_core::sc_time delay;

  private:
    tlm::tlm_generic_payload payload_;
};

// A request of the C interface as a transaction. Reads and writes move data, writes none of it (no byte is enabled), but
// for interrupt requests, which are their data. Exceptions of misuse go on.
inline vtd_response send_request(pin &from, const vtd_request &req)
{
    unsigned char data[4096] = {}, none = TLM_BYTE_DISABLED;
    request ext;
    ext.source_id = req.sid;
    ext.pasid = req.pasid;
    ext.has_pasid = (req.flags & VTD_REQ_PASID) != 0;
    ext.privileged = (req.flags & VTD_REQ_PRIV) != 0;
    ext.no_snoop = (req.flags & VTD_REQ_NO_SNOOP) != 0;
    ext.no_write = (req.flags & VTD_REQ_NO_WRITE) != 0;
    ext.execute = req.access == VTD_EXEC;
    ext.atomic = req.access == VTD_ATOMIC;
    ext.type = static_cast<vtd_at>(req.at);
    ext.access = static_cast<vtd_access>(req.access);
    ext.length = req.len;
    const bool interrupt = req.addr >> 20 == 0xfee && req.access == VTD_WRITE && req.len == 4;
    if (req.len == 0 || req.len > sizeof data || req.at == VTD_AT_TRANSLATION || req.access > VTD_ATOMIC) {
        if (req.access > VTD_ATOMIC)
            ext.atomic = false;
        from.send(tlm::TLM_IGNORE_COMMAND, req.addr, nullptr, 0, &ext);
    } else if (interrupt) {
        for (unsigned i = 0; i < 4; i++)
            data[i] = static_cast<unsigned char>(req.data >> 8 * i);
        from.send(tlm::TLM_WRITE_COMMAND, req.addr, data, 4, &ext);
    } else if (req.access == VTD_WRITE || req.access == VTD_ATOMIC) {
        from.send(tlm::TLM_WRITE_COMMAND, req.addr, data, req.len, &ext, &none, 1);
    } else {
        from.send(tlm::TLM_READ_COMMAND, req.addr, data, req.len, &ext);
    }
    return ext.response;
}

} // namespace vtdsim

#endif
