// SPDX-License-Identifier: MIT
//
// What is behind vtdsim::iommu, shared by the files of this directory:
//
//   iommu.cpp      life, messages                             upstream.cpp   requests, loosely timed and for debuggers
//   registers.cpp  the register block                         at.cpp         requests, approximately timed
//   memory.cpp     the model's memory accesses                dmi.cpp        pointers for direct memory access
//   config.cpp     configuration from files
#ifndef VTD_SIM_TLM_STATE_HPP
#define VTD_SIM_TLM_STATE_HPP

#include <deque>
#include <exception>
#include <map>
#include <set>
#include <unordered_map>

#include "vtd/tlm.hpp"
#include "vtd/vtd_regs.h"

namespace vtdsim
{

constexpr const char *kReport = "/vtdsim/iommu";
constexpr std::uint64_t kPage = 4096;

using payload = tlm::tlm_generic_payload;

// A transaction of the unit's own, with the extension that says what it is for, and room for byte enables of a piece.
struct piece : payload {
    ~piece() override
    {
        clear_extension(&access); // the payload would free it
    }
    unit_access access;
    unsigned char enables[kPage];
};

// Pieces are reused: memory may let time pass while one is under way, and another is needed meanwhile.
class piece_pool
{
  public:
    piece *take();
    void give(piece *p)
    {
        free_.push_back(p);
    }

  private:
    std::vector<std::unique_ptr<piece>> all_;
    std::vector<piece *> free_;
};

// Something that the model has sent, to be delivered when the call is over.
struct message {
    enum kind_t {
        UNIT_INTERRUPT,
        DEVICE_INTERRUPT,
        INVALIDATE,
        PAGE_RESPONSE
    } kind;
    std::uint64_t addr = 0;
    std::uint32_t data = 0;
    vtd_irq_response irq = {};
    vtd_device_tlb_inv inv = {};
    vtd_page_response response = {};
};

// A pointer that an initiator holds.
struct dmi_region {
    unsigned socket;
    std::uint64_t start, end; // as the device says addresses
    std::uint64_t hpa;        // of start
    vtd_translation_tags tags;
};

class approximate; // at.cpp

// One upstream socket.
class upstream_port : public tlm::tlm_fw_transport_if<>
{
  public:
    void b_transport(payload &t, sc_core::sc_time &delay) override;
    tlm::tlm_sync_enum nb_transport_fw(payload &t, tlm::tlm_phase &phase, sc_core::sc_time &delay) override;
    bool get_direct_mem_ptr(payload &t, tlm::tlm_dmi &dmi) override;
    unsigned transport_dbg(payload &t) override;

    iommu::state *s = nullptr;
    unsigned index = 0;
    std::uint16_t source_id = 0;
};

class register_port : public tlm::tlm_fw_transport_if<>
{
  public:
    void b_transport(payload &t, sc_core::sc_time &delay) override;
    tlm::tlm_sync_enum nb_transport_fw(payload &t, tlm::tlm_phase &phase, sc_core::sc_time &delay) override;
    bool get_direct_mem_ptr(payload &t, tlm::tlm_dmi &dmi) override;
    unsigned transport_dbg(payload &t) override;

    iommu::state *s = nullptr;
};

// What memory may ask of the unit.
class memory_port : public tlm::tlm_bw_transport_if<>
{
  public:
    tlm::tlm_sync_enum nb_transport_bw(payload &t, tlm::tlm_phase &phase, sc_core::sc_time &delay) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override;

    iommu::state *s = nullptr;
};

struct iommu::state {
    explicit state(iommu &t);
    ~state();

    iommu &top;
    tlm_config cfg;
    struct ::vtd *unit = nullptr;
    struct vtd_timing *timing = nullptr;
    sc_core::sc_time period; // of a cycle, with timing
    tlm::tlm_fw_transport_if<> *mem = nullptr;

    // ---- iommu.cpp
    bool build(const tlm_config &config, char *why);
    // The model is entered by one process at a time; another one waits until memory has answered. False: it cannot.
    bool enter()
    {
        if (__builtin_expect(busy, 0) && !wait_until_free())
            return false;
        busy = true;
        return true;
    }
    // After the model has returned: delivers what it sent, and rethrows what memory threw.
    void leave()
    {
        busy = false;
        if (__builtin_expect(eventful, 0))
            after_call();
    }
    bool wait_until_free();
    void after_call();
    void deliver(const message &m);
    void send(const message &m);
    std::uint64_t cycle_at(const sc_core::sc_time &delay) const;
    sc_core::sc_time time_of(std::uint64_t cycles) const;

    bool busy = false;     // inside of the model
    bool eventful = false; // somebody waits, or there is a message or an exception
    bool delivering = false;
    unsigned waiting = 0;
    sc_core::sc_process_b *owner = nullptr; // the process inside of a memory access
    sc_core::sc_event freed;
    std::exception_ptr thrown;
    std::deque<message> messages;

    std::unordered_map<std::uint16_t, requester_if *> requesters;
    requester_if *other_requesters = nullptr;
    interrupt_if *interrupts = nullptr;
    virtual_command_if *commands = nullptr;

    // ---- memory.cpp
    static void fill(vtd_host &host);
    bool access(tlm::tlm_command command, std::uint64_t hpa, void *data, unsigned size, vtd_mem_class cls, bool snoop);
    void write_message(std::uint64_t addr, std::uint32_t data);
    bool debugging = false;            // accesses have no side effects
    sc_core::sc_time *local = nullptr; // the local time of the caller
    piece_pool pieces;

    // ---- upstream.cpp
    vtd_request request_of(const payload &t, const request *ext, std::uint16_t source_id) const;
    // Translates; false: the transaction has its response status already.
    bool translate(const vtd_request &req, request *ext, payload &t, vtd_response &resp, sc_core::sc_time &delay,
                   vtd_timed *timed);
    bool answer(const vtd_request &req, const vtd_response &resp, payload &t);
    void go(payload &t, request *ext, std::uint16_t source_id, sc_core::sc_time &delay);
    void go_in_pieces(payload &t, request *ext, vtd_request &req, sc_core::sc_time &delay);
    void go_without_data(payload &t, request *ext, vtd_request &req, sc_core::sc_time &delay);
    unsigned debug(payload &t, std::uint16_t source_id);

    // ---- dmi.cpp
    bool grant(unsigned socket, std::uint16_t source_id, payload &t, tlm::tlm_dmi &dmi);
    void revoke(const vtd_invalidation &inv);
    void revoke_hpa(std::uint64_t start, std::uint64_t end);
    void revoke_all();
    template <class Predicate> void revoke_if(Predicate predicate);
    std::vector<dmi_region> regions;

    // ---- at.cpp
    std::unique_ptr<approximate> engine;

    std::deque<upstream_port> ports;
    register_port regs;
    memory_port back;

    // ---- waveforms
    struct {
        bool on = false;
        std::uint64_t requests = 0, faults = 0, addr = 0, hpa = 0;
        std::uint32_t in_flight = 0;
        std::uint8_t result = 0, fault = 0;
    } wave;
    void note(const vtd_request &req, const vtd_response &resp);
};

// Local time that nobody pays for: posted writes, and accesses whose time the timing model knows.
class local_time
{
  public:
    local_time(iommu::state &s, sc_core::sc_time *delay) : s_(s), before_(s.local)
    {
        s.local = delay;
    }
    ~local_time()
    {
        s_.local = before_;
    }
    local_time(const local_time &) = delete;
    local_time &operator=(const local_time &) = delete;

  private:
    iommu::state &s_;
    sc_core::sc_time *before_;
};

} // namespace vtdsim

#endif
