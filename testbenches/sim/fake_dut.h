/* SPDX-License-Identifier: MIT */
/*
 * A device under test that is only pretended: it answers whatever a test puts into it, and notes what it was asked.
 */
#ifndef VTD_TEST_FAKE_DUT_H
#define VTD_TEST_FAKE_DUT_H

#include <cstdio>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "scenario/dut.h"

/* A device whose answers are set by the test; it notes what it was asked. */
struct Fake {
    std::map<uint64_t, uint8_t> memory;
    std::map<uint64_t, uint64_t> regs;
    std::vector<struct vtd_request> requests;
    std::vector<std::pair<uint16_t, vtd_answer>> endpoints;
    struct vtd_response response = {};
    struct vtd_irq_response irq = {};
    enum vtd_prq_result prq = VTD_PRQ_QUEUED;
    std::deque<std::pair<uint64_t, uint32_t>> msis;
    std::deque<struct vtd_to_device> messages;
    uint64_t memory_size = 0;
    int resets = 0;
};

inline Fake &fake(struct vtd_dut *dut)
{
    return *static_cast<Fake *>(dut->state);
}

inline enum vtd_dut_status fake_configure(struct vtd_dut *dut, const struct vtd_sim_config *cfg)
{
    fake(dut).memory_size = cfg->memory_size;
    return VTD_DUT_OK;
}
inline void fake_destroy(struct vtd_dut *) {}
inline enum vtd_dut_status fake_reset(struct vtd_dut *dut)
{
    fake(dut).resets++;
    return VTD_DUT_OK;
}
inline enum vtd_dut_status fake_load(struct vtd_dut *dut, uint64_t addr, unsigned size, uint64_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < size; i++)
        *value |= static_cast<uint64_t>(fake(dut).memory[addr + i]) << 8 * i;
    return VTD_DUT_OK;
}
inline enum vtd_dut_status fake_store(struct vtd_dut *dut, uint64_t addr, unsigned size, uint64_t value)
{
    if (addr >= fake(dut).memory_size) {
        snprintf(dut->why, sizeof(dut->why), "beyond memory");
        return VTD_DUT_INVALID;
    }
    for (unsigned i = 0; i < size; i++)
        fake(dut).memory[addr + i] = static_cast<uint8_t>(value >> 8 * i);
    return VTD_DUT_OK;
}
inline enum vtd_dut_status fake_fill(struct vtd_dut *dut, uint64_t addr, uint64_t length, uint8_t byte)
{
    for (uint64_t i = 0; i < length; i++)
        fake(dut).memory[addr + i] = byte;
    return VTD_DUT_OK;
}
inline enum vtd_dut_status fake_reg_read(struct vtd_dut *dut, uint64_t offset, unsigned, uint64_t *value)
{
    *value = fake(dut).regs[offset];
    return VTD_DUT_OK;
}
inline enum vtd_dut_status fake_reg_write(struct vtd_dut *dut, uint64_t offset, unsigned, uint64_t value)
{
    fake(dut).regs[offset] = value;
    return VTD_DUT_OK;
}
inline enum vtd_dut_status fake_request(struct vtd_dut *dut, const struct vtd_request *req, struct vtd_response *resp)
{
    fake(dut).requests.push_back(*req);
    *resp = fake(dut).response;
    return VTD_DUT_OK;
}
inline enum vtd_dut_status fake_page_request(struct vtd_dut *dut, const struct vtd_page_request *,
                                             enum vtd_prq_result *result)
{
    *result = fake(dut).prq;
    return VTD_DUT_OK;
}
inline enum vtd_dut_status fake_interrupt(struct vtd_dut *dut, uint16_t, uint64_t, uint32_t,
                                          struct vtd_irq_response *resp)
{
    *resp = fake(dut).irq;
    return VTD_DUT_OK;
}
inline enum vtd_dut_status fake_endpoint(struct vtd_dut *dut, uint16_t sid, enum vtd_answer answer)
{
    fake(dut).endpoints.emplace_back(sid, answer);
    return VTD_DUT_OK;
}
inline enum vtd_dut_status fake_take_msi(struct vtd_dut *dut, uint64_t *addr, uint32_t *data)
{
    Fake &f = fake(dut);
    if (f.msis.empty())
        return VTD_DUT_NONE;
    *addr = f.msis.front().first;
    *data = f.msis.front().second;
    f.msis.pop_front();
    return VTD_DUT_OK;
}
inline enum vtd_dut_status fake_take_to_device(struct vtd_dut *dut, struct vtd_to_device *message)
{
    Fake &f = fake(dut);
    if (f.messages.empty())
        return VTD_DUT_NONE;
    *message = f.messages.front();
    f.messages.pop_front();
    return VTD_DUT_OK;
}
inline enum vtd_dut_status fake_stat(struct vtd_dut *dut, const char *name, uint64_t *value)
{
    if (std::string(name) != "requests") {
        snprintf(dut->why, sizeof(dut->why), "unknown counter '%s'", name);
        return VTD_DUT_INVALID;
    }
    *value = fake(dut).requests.size();
    return VTD_DUT_OK;
}

inline struct vtd_dut_ops all_ops()
{
    struct vtd_dut_ops ops = {};
    ops.name = "fake";
    ops.configure = fake_configure;
    ops.destroy = fake_destroy;
    ops.reset = fake_reset;
    ops.mem_load = fake_load;
    ops.mem_store = fake_store;
    ops.mem_fill = fake_fill;
    ops.reg_read = fake_reg_read;
    ops.reg_write = fake_reg_write;
    ops.request = fake_request;
    ops.page_request = fake_page_request;
    ops.interrupt = fake_interrupt;
    ops.endpoint = fake_endpoint;
    ops.take_msi = fake_take_msi;
    ops.take_to_device = fake_take_to_device;
    ops.stat = fake_stat;
    return ops;
}

#endif
