/* SPDX-License-Identifier: MIT */
/*
 * A program of somebody else: creates a unit, reads a register, and translates one request while remapping is off, where
 * the address passes unchanged (ref 4.2 step 1).
 */
#include <stdio.h>
#include <string.h>

#include <vtd/vtd.h>

int main(void)
{
    static uint64_t memory[512];
    struct vtd_config config;
    struct vtd_host host = {.mem_base = memory, .mem_size = sizeof memory};
    char why[VTD_WHY_SIZE] = "";

    if (vtd_config_preset(&config, "default") != VTD_STATUS_OK)
        return 1;
    struct vtd *unit = vtd_create(&config, &host, why);
    if (unit == NULL) {
        fprintf(stderr, "vtd_create: %s\n", why);
        return 1;
    }

    struct vtd_request request = {.addr = 0x1238, .sid = 0x0100, .access = VTD_READ, .len = 8};
    struct vtd_response response;
    memset(&response, 0xff, sizeof response);
    enum vtd_status status = vtd_translate(unit, &request, &response);
    int bad = status != VTD_STATUS_OK || response.result != VTD_RESULT_OK || response.hpa != 0x1238 ||
              vtd_mmio_read32(unit, 0x00) != config.version;

    printf("vtdsim %s from C: %s\n", vtd_version(), bad ? "wrong" : "right");
    vtd_destroy(unit);
    return bad;
}
