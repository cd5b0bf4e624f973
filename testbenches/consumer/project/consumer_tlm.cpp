// SPDX-License-Identifier: MIT
//
// A SystemC program of somebody else: an initiator, the unit and a memory that is nothing but an address that it remembers.
// Remapping is off, where the address passes unchanged (ref 4.2 step 1).
#include <cstdint>
#include <iostream>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vtd/tlm.hpp>

struct top : sc_core::sc_module {
    explicit top(const sc_core::sc_module_name &name)
        : sc_module(name), unit("unit", vtdsim::load_config({}, {"iotlb.entries=32"}))
    {
        cpu.bind(unit.registers);
        device.bind(unit.upstream[0]);
        unit.memory.bind(ram);
        ram.register_b_transport(this, &top::access);
    }
    void access(tlm::tlm_generic_payload &t, sc_core::sc_time &)
    {
        seen = t.get_address();
        t.set_response_status(tlm::TLM_OK_RESPONSE);
    }
    tlm_utils::simple_initiator_socket<top> cpu{"cpu"}, device{"device"};
    tlm_utils::simple_target_socket<top> ram{"ram"};
    vtdsim::iommu unit;
    std::uint64_t seen = 0;
};

int sc_main(int, char **)
{
    top t("top");
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    std::uint32_t version = 0;
    tlm::tlm_generic_payload payload;
    sc_core::sc_time delay;
    payload.set_read();
    payload.set_data_ptr(reinterpret_cast<unsigned char *>(&version));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    payload.set_address(0x1238);
    t.device->b_transport(payload, delay);
    bool right = payload.is_response_ok() && t.seen == 0x1238;
    payload.set_address(0);
    t.cpu->b_transport(payload, delay);
    right = right && payload.is_response_ok() && version == vtd_config_get(t.unit.model())->version &&
            vtd_config_get(t.unit.model())->cache[VTD_CACHE_IOTLB].entries == 32;
    std::cout << "vtdsim " << vtd_version() << " from SystemC: " << (right ? "right" : "wrong") << '\n';
    return right ? 0 : 1;
}
