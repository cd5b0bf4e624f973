/* SPDX-License-Identifier: MIT */
/* A unit with a performance monitor, and what a driver of it does (ref 1.12, 1.13). */
#ifndef VTD_TESTS_PERFMON_RIG_H
#define VTD_TESTS_PERFMON_RIG_H

#include "support/unit_fixture.h"
#include "vtd/vtd_perf.h"

namespace vtdtest
{

inline vtd_config monitored(vtd_config config = preset())
{
    setCap(config, VTD_FIELD_OF(CAP, ECMDS), 1);
    setEcap(config, VTD_FIELD_OF(ECAP, PMS), 1);
    return config;
}

/* An event by name: VTD_EVENT_OF(IOTLB_HIT). */
struct PerfEvent {
    unsigned group;
    uint32_t es;
};
#define VTD_EVENT_OF(NAME)                                                                                             \
    PerfEvent                                                                                                          \
    {                                                                                                                  \
        VTD_PERF_##NAME##_GROUP, VTD_PERF_##NAME##_ES                                                                  \
    }

constexpr uint32_t kFilterOn = 1u << 31;

class Monitor
{
  public:
    explicit Monitor(Unit &unit) : unit_(unit) {}

    /* -------- places */
    uint64_t configOf(unsigned c) const
    {
        return unit_.read32(VTD_REG_PERFCFGOFF) + UINT64_C(0x100) * c;
    }
    uint64_t counterOf(unsigned c) const
    {
        return unit_.read32(VTD_REG_PERFCNTROFF) +
               (UINT64_C(1024) << vtd_reg_perfcap_cs(unit_.read64(VTD_REG_PERFCAP))) * c;
    }
    uint64_t value(unsigned c) const
    {
        return unit_.read64(counterOf(c));
    }
    uint64_t frozen() const
    {
        return unit_.read64(unit_.read32(VTD_REG_PERFFRZOFF));
    }
    uint64_t overflowed() const
    {
        return unit_.read64(unit_.read32(VTD_REG_PERFOVFOFF));
    }
    bool enabled(unsigned c) const
    {
        return vtd_reg_perfcntrcfg_en(unit_.read64(configOf(c)));
    }

    /* -------- commands; each returns the status code */
    unsigned ecmd(unsigned cmd, uint64_t operand = 0)
    {
        unit_.write64(VTD_REG_ECMD, vtd_reg_ecmd_put_cmd(cmd) | vtd_reg_ecmd_put_oa(operand));
        EXPECT_EQ(vtd_reg_ecrsp_ip(unit_.read64(VTD_REG_ECRSP)), 0u);
        return static_cast<unsigned>(vtd_reg_ecrsp_sc(unit_.read64(VTD_REG_ECRSP)));
    }
    unsigned enableCounter(unsigned c)
    {
        return ecmd(VTD_ECMD_ENABLE_COUNTER, c);
    }
    unsigned disableCounter(unsigned c)
    {
        return ecmd(VTD_ECMD_DISABLE_COUNTER, c);
    }

    /* -------- counters */
    void select(unsigned c, PerfEvent event, uint64_t flags = 0)
    {
        unit_.write64(configOf(c),
                      vtd_reg_perfcntrcfg_put_egi(event.group) | vtd_reg_perfcntrcfg_put_es(event.es) | flags);
    }
    void filter(unsigned c, uint64_t reg, uint32_t value)
    {
        unit_.write32(configOf(c) + reg, value);
    }
    /* Counts an event from now on. */
    void count(unsigned c, PerfEvent event, uint64_t flags = 0)
    {
        select(c, event, flags);
        EXPECT_EQ(enableCounter(c), unsigned{VTD_ECRSP_OK});
    }

  private:
    Unit &unit_;
};

class Monitored : public Unit, public Monitor
{
  public:
    explicit Monitored(const vtd_config &config = monitored()) : Unit(config), Monitor(static_cast<Unit &>(*this)) {}
    using Monitor::count; /* of events, not of memory accesses */
};

constexpr uint64_t kIo = UINT64_C(1) << VTD_PERFCNTRCFG_IO_LSB, kGfo = UINT64_C(1) << VTD_PERFCNTRCFG_GFO_LSB;

/* Counters of 8 bits overflow soon. */
inline vtd_config narrow(unsigned counters = 4)
{
    vtd_config config = monitored();
    config.perfmon.width = 8;
    config.perfmon.counters = static_cast<uint8_t>(counters);
    return config;
}

/* Sends n requests. Translation is off: each is one event of group 0. */
inline void requests(Unit &u, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        u.dma(kSid).read(0x1000);
}

} // namespace vtdtest

#endif
