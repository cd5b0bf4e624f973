// SPDX-License-Identifier: MIT
//
// tlm.hpp: the VT-d remapping unit as a SystemC TLM-2.0 module.
//
//     vtdsim::tlm_config config = vtdsim::load_config({"unit.yaml"});
//     vtdsim::iommu unit("iommu", config);
//     cpu.socket.bind(unit.registers);          // the register block (ref 1); addresses from 0
//     nic.socket.bind(unit.upstream[0]);        // one socket per requester, or one behind a bus of requesters
//     unit.memory.bind(ram.socket);             // translated traffic, the unit's table walks, interrupt messages
//     unit.set_source_id(0, 0x0510);            // who speaks on socket 0 when a transaction does not say
//
// Who sends a request, and how, is said by an extension, vtdsim::request, on the transaction; without one it is an ordinary
// request, without PASID, of the socket's source-id. docs/02_user/tlm.md tells the rest.
#ifndef VTD_TLM_HPP
#define VTD_TLM_HPP

#include <systemc>
#include <tlm>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "vtd/vtd.h"
#include "vtd/vtd_timing.h"

// The C interface has taken the name vtd, for a structure.
namespace vtdsim
{

// What a PCIe transaction carries beyond address and data (ref 4.1), and the unit's answer. The initiator owns it.
//
// The access is a read or a write as the command of the transaction says; TLM_IGNORE_COMMAND moves no data: the kind of
// access is `access` then, and its length `length`; so are translation requests and zero-length reads sent.
struct request : tlm::tlm_extension<request> {
    std::uint16_t source_id = 0;
    std::uint32_t pasid = 0; // 20 bits, with has_pasid
    bool has_pasid = false;
    bool privileged = false; // needs a PASID
    bool execute = false;    // a read that fetches instructions; needs a PASID
    bool atomic = false;     // needs the rights to read and to write; the transaction goes on as it is
    bool no_snoop = false;
    bool no_write = false; // NW of a translation request (ref 7.2)
    vtd_at type = VTD_AT_UNTRANSLATED;
    vtd_access access = VTD_READ; // TLM_IGNORE_COMMAND only
    std::uint16_t length = 0;     // TLM_IGNORE_COMMAND only: bytes, 0 for a zero-length read

    // The unit's answer, when the transaction has come back; of several pages the first that was blocked, else the first.
    vtd_response response = {};
    vtd_timed timed = {}; // cycles, with tlm_config.timed

    tlm::tlm_extension_base *clone() const override;
    void copy_from(const tlm::tlm_extension_base &other) override;
};

// What an access of the unit itself, on the memory socket, is for.
struct unit_access : tlm::tlm_extension<unit_access> {
    vtd_mem_class mem_class = VTD_MEM_ROOT;
    bool snoop = true;      // a read sees what is in the processor's caches (ref 4.8); writes always do
    bool interrupt = false; // a message interrupt, mem_class means nothing

    tlm::tlm_extension_base *clone() const override;
    void copy_from(const tlm::tlm_extension_base &other) override;
};

// The way back to a requester. Calls come when the call to the unit that caused them is over, in order, and may call the
// unit. Without a requester for a source-id invalidations are answered at once and responses are dropped.
class requester_if
{
  public:
    virtual ~requester_if() = default;
    // To be answered, now or later, with iommu::device_tlb_complete or iommu::device_tlb_timeout (ref 7.3).
    virtual void device_tlb_invalidate(const vtd_device_tlb_inv &inv) = 0;
    virtual void page_response(const vtd_page_response &response) = 0; // ref 2.11
};

// Takes message interrupts instead of memory, and the outcome of interrupt requests of devices.
class interrupt_if
{
  public:
    virtual ~interrupt_if() = default;
    // A message of the unit itself: fault, invalidation, page request and posted-interrupt notifications.
    virtual void unit_interrupt(std::uint64_t addr, std::uint32_t data) = 0;
    // An interrupt request that passed (addr and data as the device sent them) or was remapped (ref 8.2).
    virtual void device_interrupt(const vtd_irq_response &irq, std::uint64_t addr, std::uint32_t data) = 0;
};

// Software's virtual commands (ref 1.14); as vtd_host.virtual_command.
class virtual_command_if
{
  public:
    virtual ~virtual_command_if() = default;
    virtual unsigned virtual_command(unsigned command, std::uint64_t a, std::uint64_t b, std::uint64_t *result) = 0;
};

// Everything that defines a unit in a platform.
struct tlm_config {
    tlm_config(); // the preset "default"
    vtd_config unit;
    vtd_timing_config timing;
    bool timed = false;       // delays come from the timing model; else from the three latencies below
    sc_core::sc_time latency; // of a translation that reads no tables from memory; 0 by default
    sc_core::sc_time register_latency;
    unsigned upstream = 1; // sockets
};

// A configuration from YAML files and "key=value" settings, as the option --config and --set of the command line
// (docs/02_user/configuration.md). An error is reported with its file and line by SC_REPORT_ERROR.
tlm_config load_config(const std::vector<std::string> &files, const std::vector<std::string> &settings = {});

class iommu : public sc_core::sc_module
{
  public:
    explicit iommu(const sc_core::sc_module_name &name, const tlm_config &config = tlm_config());
    ~iommu() override;

    // Registers: 4 or 8 bytes, aligned (ref 1).
    tlm::tlm_target_socket<> registers;
    sc_core::sc_vector<tlm::tlm_target_socket<>> upstream;
    tlm::tlm_initiator_socket<> memory;
    // Power-on reset while true. May stay unbound.
    sc_core::sc_port<sc_core::sc_signal_in_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND> reset_in;

    // Source-id of requests on an upstream socket that carry no vtdsim::request.
    void set_source_id(unsigned socket, std::uint16_t source_id);
    // nullptr takes it away. The objects must outlive their use.
    void set_requester(std::uint16_t source_id, requester_if *requester);
    void set_other_requesters(requester_if *requester); // of all source-ids without one of their own
    void set_interrupts(interrupt_if *interrupts);
    void set_virtual_commands(virtual_command_if *commands);

    // Power-on reset; direct memory pointers are revoked. Transactions that are under way are answered.
    void reset();
    // Replaces the unit by another one in its power-on state. The number of upstream sockets stays as constructed. With a
    // transaction under way it is refused. why as in vtd_create; false: nothing has changed.
    bool configure(const tlm_config &config, char *why = nullptr);

    // A page request message (ref 7.1); VTD_STATUS_INVALID: it is not possible on a PCIe link.
    vtd_status page_request(const vtd_page_request &req, vtd_prq_result &result);
    void device_tlb_complete(std::uint16_t source_id, std::uint32_t itags); // ref 7.3
    void device_tlb_timeout(unsigned itag);                                 // ref 3.4

    // The model, for vtd_stats_get, vtd_peek and what else has no side effects. Gone with the next configure.
    struct vtd *model() const;
    // Pointers for direct memory access that were granted and not revoked.
    std::size_t dmi_regions() const;

    // Waveforms: address and result of the last request, requests, faults, and requests in flight (nb_transport).
    void trace(sc_core::sc_trace_file *file) const override;
    const char *kind() const override
    {
        return "vtdsim::iommu";
    }

    struct state;

  protected:
    void end_of_elaboration() override;

  private:
    std::unique_ptr<state> s_;
};

} // namespace vtdsim

#endif
