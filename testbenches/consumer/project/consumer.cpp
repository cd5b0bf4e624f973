// SPDX-License-Identifier: MIT
//
// A C++ program of somebody else: the header compiles as C++, its functions have C linkage, and an instance can be owned by a
// smart pointer.
#include <cstdint>
#include <iostream>
#include <memory>
#include <vector>

#include <vtd/vtd.h>

int main()
{
    std::vector<std::uint64_t> memory(512);
    vtd_config config{};
    if (vtd_config_preset(&config, nullptr) != VTD_STATUS_OK)
        return 1;
    vtd_host host{};
    host.mem_base = memory.data();
    host.mem_size = memory.size() * sizeof memory[0];
    char why[VTD_WHY_SIZE] = "";
    std::unique_ptr<struct vtd, void (*)(struct vtd *)> unit(vtd_create(&config, &host, why), vtd_destroy);
    if (!unit) {
        std::cerr << "vtd_create: " << why << '\n';
        return 1;
    }

    vtd_request request{};
    request.addr = 0x1238;
    request.sid = 0x0100;
    request.access = VTD_READ;
    request.len = 8;
    vtd_response response{};
    const bool right = vtd_translate(unit.get(), &request, &response) == VTD_STATUS_OK &&
                       response.result == VTD_RESULT_OK && response.hpa == 0x1238 &&
                       vtd_mmio_read32(unit.get(), 0x00) == config.version;
    std::cout << "vtdsim " << vtd_version() << " from C++: " << (right ? "right" : "wrong") << '\n';
    return right ? 0 : 1;
}
