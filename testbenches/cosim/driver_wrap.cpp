// SPDX-License-Identifier: MIT
//
// Takes the calls of the driver suite to the model, by the linker's --wrap, to the RTL: the very same object files are
// tested over it. The handle that the suite holds is a model that rests; nothing that it does is asked for.
#include "cosim/rtl_unit.hpp"

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>

#define EACH_WRAPPED(X)                                                                                                \
    X(enum vtd_status, vtd_translate, (struct ::vtd * u, const vtd_request *req, vtd_response *resp), (u, req, resp))  \
    X(enum vtd_status, vtd_page_request_submit,                                                                        \
      (struct ::vtd * u, const vtd_page_request *req, enum vtd_prq_result *result), (u, req, result))                  \
    X(enum vtd_status, vtd_interrupt,                                                                                  \
      (struct ::vtd * u, uint16_t sid, uint64_t addr, uint32_t data, vtd_irq_response * resp),                         \
      (u, sid, addr, data, resp))                                                                                      \
    X(uint32_t, vtd_mmio_read32, (struct ::vtd * u, uint64_t at), (u, at))                                             \
    X(uint64_t, vtd_mmio_read64, (struct ::vtd * u, uint64_t at), (u, at))                                             \
    X(void, vtd_mmio_write32, (struct ::vtd * u, uint64_t at, uint32_t value), (u, at, value))                         \
    X(void, vtd_mmio_write64, (struct ::vtd * u, uint64_t at, uint64_t value), (u, at, value))                         \
    X(void, vtd_reset, (struct ::vtd * u), (u))

#define DECLARE(type, name, params, args)                                                                              \
    extern "C" type __real_##name params;                                                                              \
    extern "C" type __wrap_##name params;
EACH_WRAPPED(DECLARE)
extern "C" struct ::vtd *__real_vtd_create(const vtd_config *cfg, const vtd_host *host, char *why);
extern "C" struct ::vtd *__wrap_vtd_create(const vtd_config *cfg, const vtd_host *host, char *why);
extern "C" void __real_vtd_destroy(struct ::vtd *u);
extern "C" void __wrap_vtd_destroy(struct ::vtd *u);

namespace
{

using vtdsim::rtl_unit;

std::map<struct ::vtd *, std::unique_ptr<rtl_unit>> &units()
{
    static std::map<struct ::vtd *, std::unique_ptr<rtl_unit>> all;
    return all;
}

rtl_unit *unit_of(struct ::vtd *u)
{
    const auto it = units().find(u);
    return it != units().end() ? it->second.get() : nullptr;
}

[[noreturn]] void cannot(const char *what)
{
    std::cerr << "the RTL has no " << what << ": this test is not for it\n";
    std::abort();
}

// Whether the RTL stands for the configuration: the preset, and what does not change what devices see.
bool is_ours(const vtd_config &config)
{
    vtd_config preset;
    vtd_config_preset(&preset, "default");
    return config.cap == preset.cap && config.ecap == preset.ecap && config.version == preset.version &&
           config.spec_revision == preset.spec_revision;
}

enum vtd_status over_vtd_translate(rtl_unit &unit, const vtd_request *req, vtd_response *resp)
{
    if (!rtl_unit::is_possible(*req))
        return VTD_STATUS_INVALID;
    if (!rtl_unit::has_port_for(*req))
        cannot("port for such requests");
    *resp = unit.translate(*req);
    return VTD_STATUS_OK;
}

enum vtd_status over_vtd_page_request_submit(rtl_unit &, const vtd_page_request *, enum vtd_prq_result *)
{
    cannot("page requests");
}

enum vtd_status over_vtd_interrupt(rtl_unit &, uint16_t, uint64_t, uint32_t, vtd_irq_response *)
{
    cannot("interrupt remapping");
}

uint32_t over_vtd_mmio_read32(rtl_unit &unit, uint64_t at)
{
    return static_cast<uint32_t>(unit.read(at, 4));
}
uint64_t over_vtd_mmio_read64(rtl_unit &unit, uint64_t at)
{
    return unit.read(at, 8);
}
void over_vtd_mmio_write32(rtl_unit &unit, uint64_t at, uint32_t value)
{
    unit.write(at, 4, value);
}
void over_vtd_mmio_write64(rtl_unit &unit, uint64_t at, uint64_t value)
{
    unit.write(at, 8, value);
}
void over_vtd_reset(rtl_unit &unit)
{
    unit.reset();
}

// A unit whose host looks at what only the model tells of is left to the model.
bool watches(const vtd_host &host)
{
    return host.mem_read != nullptr || host.descriptor != nullptr || host.invalidated != nullptr;
}

} // namespace

#define DEFINE(type, name, params, args)                                                                               \
    type __wrap_##name params                                                                                          \
    {                                                                                                                  \
        rtl_unit *unit = unit_of(u);                                                                                   \
        if (unit == nullptr)                                                                                           \
            return __real_##name args;                                                                                 \
        return OVER_##name;                                                                                            \
    }
#define OVER_vtd_translate           over_vtd_translate(*unit, req, resp)
#define OVER_vtd_page_request_submit over_vtd_page_request_submit(*unit, req, result)
#define OVER_vtd_interrupt           over_vtd_interrupt(*unit, sid, addr, data, resp)
#define OVER_vtd_mmio_read32         over_vtd_mmio_read32(*unit, at)
#define OVER_vtd_mmio_read64         over_vtd_mmio_read64(*unit, at)
#define OVER_vtd_mmio_write32        over_vtd_mmio_write32(*unit, at, value)
#define OVER_vtd_mmio_write64        over_vtd_mmio_write64(*unit, at, value)
#define OVER_vtd_reset               over_vtd_reset(*unit)
EACH_WRAPPED(DEFINE)

struct ::vtd *__wrap_vtd_create(const vtd_config *cfg, const vtd_host *host, char *why)
{
    if (!is_ours(*cfg))
        cannot("such capabilities");
    if (watches(*host))
        cannot("callbacks of this kind");
    const vtd_host rests{};
    struct ::vtd *handle = __real_vtd_create(cfg, &rests, why);
    if (handle == nullptr)
        return nullptr;
    vtdsim::rtl_options options;
    options.walkers = 4;
    options.latency = 1;
    units()[handle] = rtl_unit::make(*host, options);
    return handle;
}

void __wrap_vtd_destroy(struct ::vtd *u)
{
    units().erase(u);
    __real_vtd_destroy(u);
}
