// SPDX-License-Identifier: MIT
//
// Speed of the SystemC module: a hit through its sockets, with a reused payload, beside the model's own hit and a socket with
// nothing behind it, so that what the module adds can be read from one run.

#include "tlm/platform.hpp"

#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <benchmark/benchmark.h>

#include <vector>

namespace
{

constexpr uint16_t kSid = 0x0010;
constexpr uint32_t kPasid = 5;
constexpr uint64_t kPages = 256; // that are used in turn; all of them are in the IOTLB

// A target that does nothing.
class Nothing : public sc_core::sc_module, public tlm::tlm_fw_transport_if<>
{
  public:
    explicit Nothing(const sc_core::sc_module_name &name) : sc_core::sc_module(name), socket("socket")
    {
        socket.bind(*this);
    }
    void b_transport(tlm::tlm_generic_payload &t, sc_core::sc_time &) override
    {
        t.set_response_status(tlm::TLM_OK_RESPONSE);
    }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &, tlm::tlm_phase &, sc_core::sc_time &) override
    {
        return tlm::TLM_COMPLETED;
    }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &, tlm::tlm_dmi &) override
    {
        return false;
    }
    unsigned transport_dbg(tlm::tlm_generic_payload &) override
    {
        return 0;
    }
    tlm::tlm_target_socket<> socket;
};

// Tables in memory, data nowhere: what is below the tables' end goes to memory, all else to nothing.
class Router : public Nothing
{
  public:
    using Nothing::Nothing;
    void b_transport(tlm::tlm_generic_payload &t, sc_core::sc_time &delay) override
    {
        if (t.get_address() >= sizeof(uint64_t) * kWords) {
            Nothing::b_transport(t, delay);
            return;
        }
        unsigned char *at = reinterpret_cast<unsigned char *>(words.data()) + t.get_address();
        if (t.is_read())
            std::memcpy(t.get_data_ptr(), at, t.get_data_length());
        else
            std::memcpy(at, t.get_data_ptr(), t.get_data_length());
        t.set_response_status(tlm::TLM_OK_RESPONSE);
    }
    static constexpr size_t kWords = 64 * 512;
    std::vector<uint64_t> words = std::vector<uint64_t>(kWords);
};

struct Bench {
    Bench() : memory("memory"), nothing("nothing"), unit("unit"), cpu("cpu"), device("device"), idle("idle")
    {
        cpu.socket.bind(unit.registers);
        device.socket.bind(unit.upstream[0]);
        unit.memory.bind(memory.socket);
        idle.socket.bind(nothing.socket);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        const uint64_t root = 0x1000, contexts = 0x2000, directory = 0x4000, table = 0x5000;
        uint64_t *w = memory.words.data();
        vtd_sm_root_set_lp(w + root / 8, 1);
        vtd_sm_root_set_lctp(w + root / 8, contexts >> 12);
        uint64_t *context = w + (contexts + (kSid & 0x7f) * VTD_SM_CONTEXT_BYTES) / 8;
        vtd_sm_context_set_p(context, 1);
        vtd_sm_context_set_paside(context, 1);
        vtd_sm_context_set_pasiddirptr(context, directory >> 12);
        vtd_pasid_dir_set_smptblptr(w + directory / 8, table >> 12);
        vtd_pasid_dir_set_p(w + directory / 8, 1);
        uint64_t *entry = w + (table + kPasid * VTD_PASID_ENTRY_BYTES) / 8;
        vtd_pasid_entry_set_pgtt(entry, VTD_PGTT_PASS_THROUGH);
        vtd_pasid_entry_set_aw(entry, 2);
        vtd_pasid_entry_set_did(entry, 1);
        vtd_pasid_entry_set_p(entry, 1);
        cpu.write<uint64_t>(VTD_REG_RTADDR, root | vtd_reg_rtaddr_put_ttm(VTD_TTM_SCALABLE));
        cpu.write<uint32_t>(VTD_REG_GCMD, static_cast<uint32_t>(vtd_reg_gcmd_put_srtp(1)));
        cpu.write<uint32_t>(VTD_REG_GCMD, static_cast<uint32_t>(vtd_reg_gcmd_put_te(1)));
        ext.source_id = kSid;
        ext.pasid = kPasid;
        ext.has_pasid = true;
        payload.set_read();
        payload.set_data_ptr(data);
        payload.set_data_length(64);
        payload.set_streaming_width(64);
        payload.set_extension(&ext);
    }
    Router memory;
    Nothing nothing;
    vtdsim::iommu unit;
    vtdsim::pin cpu, device, idle;
    vtdsim::request ext;
    tlm::tlm_generic_payload payload;
    unsigned char data[64] = {};
};

Bench &bench()
{
    static Bench *const it = new Bench; // never destroyed: SystemC's own objects may be gone before
    return *it;
}

uint64_t address(uint64_t i)
{
    return 0x100000000 + i % kPages * 4096;
}

void through(benchmark::State &state, vtdsim::pin &pin)
{
    Bench &b = bench();
    sc_core::sc_time delay;
    uint64_t i = 0;
    for (auto _ : state) {
        b.payload.set_address(address(i++));
        b.payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        b.payload.set_dmi_allowed(false);
        pin.socket->b_transport(b.payload, delay);
        if (b.payload.get_response_status() != tlm::TLM_OK_RESPONSE) {
            state.SkipWithError("blocked");
            break;
        }
    }
}

void ModelHit(benchmark::State &state)
{
    vtd_request req{};
    vtd_response resp;
    req.sid = kSid;
    req.pasid = kPasid;
    req.flags = VTD_REQ_PASID;
    req.len = 64;
    uint64_t i = 0;
    for (auto _ : state) {
        req.addr = address(i++);
        vtd_translate(bench().unit.model(), &req, &resp);
        benchmark::DoNotOptimize(resp.hpa);
    }
}
void EmptySocket(benchmark::State &state)
{
    through(state, bench().idle);
}
void ThroughUnit(benchmark::State &state)
{
    through(state, bench().device);
}
BENCHMARK(ThroughUnit); // first: it fills the IOTLB
BENCHMARK(ModelHit);
BENCHMARK(EmptySocket);

} // namespace

BENCHMARK_MAIN();
