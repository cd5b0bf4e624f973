// SPDX-License-Identifier: MIT
//
// Requests of devices: loosely timed, and for debuggers. A burst is translated page by page (a PCIe request never crosses
// 4 KiB, ref 4.1) and answered as one.
#include "state.hpp"

#include <algorithm>
#include <cstring>

namespace vtdsim
{

namespace
{

bool is_interrupt_write(const vtd_request &req)
{
    return req.addr >> 20 == 0xfee && req.access == VTD_WRITE && req.len == 4 && !(req.flags & VTD_REQ_PASID);
}

bool all_enabled(const payload &t)
{
    const unsigned char *e = t.get_byte_enable_ptr();
    return e == nullptr || std::all_of(e, e + std::min(t.get_byte_enable_length(), t.get_data_length()),
                                       [](unsigned char b) { return b == TLM_BYTE_ENABLED; });
}

std::uint32_t dword(const unsigned char *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | static_cast<std::uint32_t>(p[3]) << 24;
}

// Bytes of the piece that begins at byte `at` of the data: to the end of the page, of the beat, of the data.
unsigned piece_length(const payload &t, unsigned at)
{
    const unsigned width = std::min(t.get_streaming_width(), t.get_data_length());
    const std::uint64_t addr = t.get_address() + at % width;
    return static_cast<unsigned>(
        std::min<std::uint64_t>({kPage - addr % kPage, width - at % width, t.get_data_length() - at}));
}

// A piece of a transaction, at hpa; what the initiator has said about it goes along.
void cut(const payload &t, unsigned at, unsigned length, std::uint64_t hpa, piece &p)
{
    p.set_extension(static_cast<unit_access *>(nullptr));
    p.set_extension(t.get_extension<request>());
    p.set_command(t.get_command());
    p.set_address(hpa);
    p.set_data_ptr(t.get_data_ptr() + at);
    p.set_data_length(length);
    p.set_streaming_width(length);
    p.set_byte_enable_ptr(nullptr);
    p.set_byte_enable_length(0);
    if (t.get_byte_enable_ptr() != nullptr && t.get_byte_enable_length() != 0) {
        for (unsigned i = 0; i < length; i++)
            p.enables[i] = t.get_byte_enable_ptr()[(at + i) % t.get_byte_enable_length()];
        p.set_byte_enable_ptr(p.enables);
        p.set_byte_enable_length(length);
    }
    p.set_dmi_allowed(false);
    p.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

// A piece from the pool, given back whatever happens.
struct borrowed {
    explicit borrowed(piece_pool &from) : pool(from), p(from.take()) {}
    ~borrowed()
    {
        p->set_extension(static_cast<request *>(nullptr));
        pool.give(p);
    }
    borrowed(const borrowed &) = delete;
    borrowed &operator=(const borrowed &) = delete;
    piece_pool &pool;
    piece *p;
};

} // namespace

vtd_request iommu::state::request_of(const payload &t, const request *ext, std::uint16_t source_id) const
{
    vtd_request req;
    req.addr = t.get_address();
    req.access = t.is_write() ? VTD_WRITE : VTD_READ;
    req.len = 0;
    req.data = 0;
    if (ext == nullptr) {
        req.sid = source_id;
        req.pasid = 0;
        req.at = VTD_AT_UNTRANSLATED;
        req.flags = 0;
        return req;
    }
    req.sid = ext->source_id;
    req.pasid = ext->has_pasid ? ext->pasid : 0;
    req.at = static_cast<std::uint8_t>(ext->type);
    req.flags =
        static_cast<std::uint8_t>((ext->has_pasid ? VTD_REQ_PASID : 0) | (ext->privileged ? VTD_REQ_PRIV : 0) |
                                  (ext->no_snoop ? VTD_REQ_NO_SNOOP : 0) | (ext->no_write ? VTD_REQ_NO_WRITE : 0));
    if (ext->atomic)
        req.access = VTD_ATOMIC;
    else if (ext->execute && t.is_read())
        req.access = VTD_EXEC;
    return req;
}

// The status that fits (ref 5): blocked requests are errors of the address.
bool iommu::state::answer(const vtd_request &req, const vtd_response &resp, payload &t)
{
    switch (resp.result) {
    case VTD_RESULT_OK:
        return true;
    case VTD_RESULT_INTERRUPT:
        if (resp.irq.result == VTD_IRQ_BLOCKED) {
            t.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
            return false;
        }
        if (resp.irq.result != VTD_IRQ_POSTED) {
            message m{message::DEVICE_INTERRUPT};
            m.irq = resp.irq;
            m.addr = req.addr;
            m.data = req.data;
            send(m);
        }
        t.set_response_status(tlm::TLM_OK_RESPONSE);
        return false;
    case VTD_RESULT_CA:
        t.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
        return false;
    default:
        t.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return false;
    }
}

bool iommu::state::translate(const vtd_request &req, request *ext, payload &t, vtd_response &resp,
                             sc_core::sc_time &delay, vtd_timed *timed)
{
    if (!enter()) {
        t.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
        return false;
    }
    vtd_status status;
    if (timing == nullptr) {
        local = &delay;
        status = vtd_translate(unit, &req, &resp);
        local = nullptr;
        if (cfg.latency != sc_core::SC_ZERO_TIME)
            delay += cfg.latency;
    } else {
        sc_core::sc_time unpaid = delay; // the timing knows what tables cost
        vtd_timed own{};
        const local_time scope(*this, &unpaid);
        const std::uint64_t arrival = cycle_at(delay);
        status = vtd_timing_translate(timing, &req, arrival, &resp, &own);
        if (status == VTD_STATUS_OK && timed == nullptr)
            delay += time_of(own.done - arrival);
        if (status == VTD_STATUS_OK && timed != nullptr)
            *timed = own;
        if (ext != nullptr)
            ext->timed = own;
    }
    bool forward = false;
    if (__builtin_expect(status != VTD_STATUS_OK, 0)) {
        leave();
        t.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
        SC_REPORT_ERROR(kReport,
                        (std::string(top.name()) +
                         ": a request that is not possible on a PCIe link: PASID wider than 20 bits, privilege "
                         "or execution without PASID, an unknown type, or a length that does not fit")
                            .c_str());
        return false;
    }
    if (ext != nullptr)
        ext->response = resp;
    if (__builtin_expect(wave.on, 0))
        note(req, resp);
    if (__builtin_expect(resp.result == VTD_RESULT_OK, 1))
        forward = true;
    else
        forward = answer(req, resp, t);
    leave();
    return forward;
}

void iommu::state::go(payload &t, request *ext, std::uint16_t source_id, sc_core::sc_time &delay)
{
    vtd_request req = request_of(t, ext, source_id);
    const unsigned length = t.get_data_length(), width = t.get_streaming_width();
    const std::uint64_t addr = req.addr;
    if (__builtin_expect(t.get_command() == tlm::TLM_IGNORE_COMMAND, 0)) {
        go_without_data(t, ext, req, delay);
        return;
    }
    if (__builtin_expect(length == 0 || width == 0, 0)) {
        t.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        return;
    }
    const unsigned span = std::min(length, width); // later beats are at the same addresses
    if (__builtin_expect((addr & (kPage - 1)) + span > kPage, 0)) {
        go_in_pieces(t, ext, req, delay);
        return;
    }
    req.len = static_cast<std::uint16_t>(span);
    if (__builtin_expect(is_interrupt_write(req), 0)) {
        if (all_enabled(t) && length == 4)
            req.data = dword(t.get_data_ptr());
        else
            req.len = 1; // not a DWORD write: the unit says so (ref 4.9)
    }
    vtd_response resp;
    if (!translate(req, ext, t, resp, delay, nullptr))
        return;
    t.set_address(resp.hpa);
    mem->b_transport(t, delay);
    t.set_address(addr);
    if (__builtin_expect(t.is_dmi_allowed(), 0) && (resp.page_shift == 0 || req.at != VTD_AT_UNTRANSLATED))
        t.set_dmi_allowed(false);
}

void iommu::state::go_in_pieces(payload &t, request *ext, vtd_request &req, sc_core::sc_time &delay)
{
    const std::uint64_t addr = req.addr;
    const unsigned width = std::min(t.get_streaming_width(), t.get_data_length());
    vtd_response first{};
    t.set_dmi_allowed(false);
    for (unsigned at = 0; at < t.get_data_length();) {
        const unsigned length = piece_length(t, at);
        vtd_response resp;
        req.addr = addr + at % width;
        req.len = static_cast<std::uint16_t>(length);
        if (is_interrupt_write(req)) // part of a larger write: not an interrupt request
            req.len = 1;
        if (!translate(req, ext, t, resp, delay, nullptr))
            return;
        if (at == 0)
            first = resp;
        const borrowed b(pieces);
        cut(t, at, length, resp.hpa, *b.p);
        mem->b_transport(*b.p, delay);
        if (!b.p->is_response_ok()) {
            t.set_response_status(b.p->get_response_status());
            return;
        }
        at += length;
    }
    if (ext != nullptr)
        ext->response = first;
    t.set_response_status(tlm::TLM_OK_RESPONSE);
}

void iommu::state::go_without_data(payload &t, request *ext, vtd_request &req, sc_core::sc_time &delay)
{
    t.set_dmi_allowed(false);
    if (ext == nullptr) {
        t.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
        SC_REPORT_ERROR(
            kReport,
            (std::string(top.name()) + ": TLM_IGNORE_COMMAND without the extension that says what is asked").c_str());
        return;
    }
    req.access = static_cast<std::uint8_t>(ext->access);
    req.len = ext->length;
    vtd_response resp;
    if (translate(req, ext, t, resp, delay, nullptr))
        t.set_response_status(tlm::TLM_OK_RESPONSE);
}

// Debuggers see memory as the device would, without leaving a trace: vtd_peek, and transport_dbg for everything.
unsigned iommu::state::debug(payload &t, std::uint16_t source_id)
{
    const request *ext = t.get_extension<request>();
    vtd_request req = request_of(t, ext, source_id);
    if (busy || mem == nullptr || t.get_command() == tlm::TLM_IGNORE_COMMAND)
        return 0;
    const std::uint64_t addr = req.addr;
    unsigned done = 0;
    while (done < t.get_data_length()) {
        const std::uint64_t at = addr + done;
        const unsigned length =
            static_cast<unsigned>(std::min<std::uint64_t>(kPage - at % kPage, t.get_data_length() - done));
        vtd_response resp{};
        req.addr = at;
        req.len = static_cast<std::uint16_t>(length);
        bool ok = req.at == VTD_AT_UNTRANSLATED;
        busy = debugging = true;
        ok = ok && vtd_peek(unit, &req, &resp) == VTD_STATUS_OK && resp.result == VTD_RESULT_OK;
        busy = debugging = false;
        if (eventful)
            after_call();
        if (!ok)
            break;
        const borrowed b(pieces);
        cut(t, done, length, resp.hpa, *b.p);
        b.p->set_byte_enable_ptr(nullptr); // debug transport has none
        const unsigned got = mem->transport_dbg(*b.p);
        done += got;
        if (got != length)
            break;
    }
    return done;
}

void upstream_port::b_transport(payload &t, sc_core::sc_time &delay)
{
    s->go(t, t.get_extension<request>(), source_id, delay);
}

unsigned upstream_port::transport_dbg(payload &t)
{
    return s->debug(t, source_id);
}

bool upstream_port::get_direct_mem_ptr(payload &t, tlm::tlm_dmi &dmi)
{
    return s->grant(index, source_id, t, dmi);
}

} // namespace vtdsim
