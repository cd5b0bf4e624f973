/* SPDX-License-Identifier: MIT */
/* Registers of the performance monitor, and what commands do to counters (ref 1.12, 1.13). See perfmon.h. */
#include "perfmon.h"

#include "event.h"

#include <string.h>

/*
 * The blocks stand behind everything that CAP and ECAP place: configuration, one page with the freeze and overflow
 * status, counters.
 */
#define CONFIG_STRIDE   0x100u
#define COUNTER_CS      0u
#define COUNTER_STRIDE  (1024u << COUNTER_CS)
#define OVERFLOW_OFFSET 0x100u /* from the freeze status */
#define EVENT_GROUPS    5u

static uint64_t page_up(uint64_t n)
{
    return (n + VTD_PAGE - 1) & ~(uint64_t)(VTD_PAGE - 1);
}

static uint64_t config_base(const struct vtd *v)
{
    const uint64_t frcd_end = v->f.frcd_offset + 16 * v->f.frcd_count;
    const uint64_t iotlb_end = v->f.iotlb_offset + 16;
    return page_up(frcd_end > iotlb_end ? frcd_end : iotlb_end);
}

static uint64_t freeze_base(const struct vtd *v)
{
    return config_base(v) + page_up((uint64_t)CONFIG_STRIDE * v->cfg.perfmon.counters);
}

static uint64_t counter_base(const struct vtd *v)
{
    return freeze_base(v) + VTD_PAGE;
}

uint64_t vtd_perfmon_blocks_end(const struct vtd *v)
{
    return v->f.pms ? counter_base(v) + page_up((uint64_t)COUNTER_STRIDE * v->cfg.perfmon.counters) : 0;
}

/* ---------------------------------------------------------------- reset */

void vtd_perfmon_reset(struct vtd *v)
{
    memset(&v->perfmon, 0, sizeof v->perfmon);
    if (!v->f.pms)
        return;
    const struct vtd_perfmon_config *c = &v->cfg.perfmon;
    reg_set64(v, VTD_REG_PERFCAP,
              vtd_reg_perfcap_put_ncntr(c->counters) | vtd_reg_perfcap_put_cw(c->width) |
                  vtd_reg_perfcap_put_egcnt(EVENT_GROUPS) | (uint64_t)c->filters << VTD_PERFCAP_RIDFS_LSB |
                  vtd_reg_perfcap_put_cwe(c->writable) | vtd_reg_perfcap_put_gfs(c->freeze) |
                  vtd_reg_perfcap_put_ios(c->interrupt) | vtd_reg_perfcap_put_pccs(c->per_counter) |
                  vtd_reg_perfcap_put_cs(COUNTER_CS));
    reg_set32(v, VTD_REG_PERFCFGOFF, (uint32_t)config_base(v));
    reg_set32(v, VTD_REG_PERFFRZOFF, (uint32_t)freeze_base(v));
    reg_set32(v, VTD_REG_PERFOVFOFF, (uint32_t)freeze_base(v) + OVERFLOW_OFFSET);
    reg_set32(v, VTD_REG_PERFCNTROFF, (uint32_t)counter_base(v));
    reg_set32(v, VTD_REG_PERFINTRCTL, (uint32_t)vtd_reg_perfintrctl_put_im(1));
    for (unsigned group = 0; group < EVENT_GROUPS; group++)
        reg_set64(v, VTD_REG_PERFEVNTCAP + 8 * group, vtd_perfmon_events(v, group));
}

/* ---------------------------------------------------------------- configuration blocks */

/* Which bits software may write; filters that the unit lacks are reserved. */
static uint64_t config_writable(const struct vtd *v)
{
    return vtd_reg_perfcntrcfg_put_io(v->cfg.perfmon.interrupt) | vtd_reg_perfcntrcfg_put_gfo(v->cfg.perfmon.freeze) |
           vtd_reg_perfcntrcfg_put_egi(~0ull) | vtd_reg_perfcntrcfg_put_es(~0ull);
}

static uint32_t filter_writable(const struct vtd *v, unsigned filter)
{
    static const uint32_t bits[PERF_FILTERS] = {0x8000ffff, 0x8000ffff, 0x803fffff, 0x8000001f, 0x8000001f};
    return v->cfg.perfmon.filters >> filter & 1 ? bits[filter] : 0;
}

static uint32_t counter_capabilities(const struct vtd *v)
{
    const struct vtd_perfmon_config *c = &v->cfg.perfmon;
    return (uint32_t)(vtd_reg_perfcntrcap_put_pcc(1) | vtd_reg_perfcntrcap_put_cw(c->width) |
                      vtd_reg_perfcntrcap_put_ios(c->interrupt) | vtd_reg_perfcntrcap_put_gfs(c->freeze) |
                      vtd_reg_perfcntrcap_put_egcnt(EVENT_GROUPS));
}

static uint32_t read_config(const struct vtd *v, const struct perf_counter *c, unsigned offset)
{
    if (offset < VTD_REG_PERFCNTRRID)
        return (uint32_t)(c->config >> (offset ? 32 : 0));
    if (offset <= VTD_REG_PERFCNTRPTL)
        return c->filter[(offset - VTD_REG_PERFCNTRRID) / 4];
    if (!v->cfg.perfmon.per_counter)
        return 0;
    if (offset == VTD_REG_PERFCNTRCAP)
        return counter_capabilities(v);
    const unsigned group = (offset - VTD_REG_PERFCNTREVCAP) / 4;
    if (offset >= VTD_REG_PERFCNTREVCAP && group < EVENT_GROUPS)
        return (uint32_t)(vtd_reg_perfcntrevcap_put_egi(group) |
                          vtd_reg_perfcntrevcap_put_es(vtd_perfmon_events(v, group)));
    return 0;
}

/* Locked while the counter is enabled. */
static void write_config(const struct vtd *v, struct perf_counter *c, unsigned offset, uint32_t value)
{
    if (vtd_reg_perfcntrcfg_en(c->config))
        return;
    if (offset < VTD_REG_PERFCNTRRID) {
        const unsigned shift = offset ? 32 : 0;
        const uint64_t mask = config_writable(v) & (0xffffffffull << shift);
        c->config = (c->config & ~mask) | ((uint64_t)value << shift & mask);
    } else if (offset <= VTD_REG_PERFCNTRPTL) {
        const unsigned filter = (offset - VTD_REG_PERFCNTRRID) / 4;
        c->filter[filter] = value & filter_writable(v, filter);
    }
}

/* ---------------------------------------------------------------- accesses */

/* Where an offset leads. */
struct place {
    enum {
        NOWHERE,
        CONFIG,
        FREEZE,
        OVERFLOW,
        COUNTER
    } kind;
    unsigned counter;
    unsigned offset; /* within the block */
};

static struct place find(const struct vtd *v, uint64_t offset)
{
    const unsigned counters = v->cfg.perfmon.counters;
    if (!v->f.pms)
        return (struct place){NOWHERE, 0, 0};
    uint64_t at = offset - config_base(v);
    if (at < (uint64_t)CONFIG_STRIDE * counters)
        return (struct place){CONFIG, (unsigned)at / CONFIG_STRIDE, (unsigned)at % CONFIG_STRIDE};
    at = offset - freeze_base(v);
    if (at < 8)
        return (struct place){FREEZE, 0, (unsigned)at};
    if (at - OVERFLOW_OFFSET < 8)
        return (struct place){OVERFLOW, 0, (unsigned)(at - OVERFLOW_OFFSET)};
    at = offset - counter_base(v);
    if (at < (uint64_t)COUNTER_STRIDE * counters && at % COUNTER_STRIDE < 8)
        return (struct place){COUNTER, (unsigned)at / COUNTER_STRIDE, (unsigned)at % COUNTER_STRIDE};
    return (struct place){NOWHERE, 0, 0};
}

uint32_t vtd_perfmon_read(const struct vtd *v, uint64_t offset)
{
    const struct place p = find(v, offset);
    const unsigned shift = p.offset ? 32 : 0;
    switch (p.kind) {
    case CONFIG:
        return read_config(v, &v->perfmon.counter[p.counter], p.offset);
    case FREEZE:
        return (uint32_t)(v->perfmon.frozen >> shift);
    case OVERFLOW:
        return (uint32_t)(v->perfmon.overflow >> shift);
    case COUNTER:
        return (uint32_t)(v->perfmon.counter[p.counter].value >> shift);
    default:
        return 0;
    }
}

static void write_counter(const struct vtd *v, struct perf_counter *c, unsigned shift, uint32_t value)
{
    const uint64_t mask = bits_low(v->cfg.perfmon.width) & (0xffffffffull << shift);
    if (v->cfg.perfmon.writable && !vtd_reg_perfcntrcfg_en(c->config))
        c->value = (c->value & ~mask) | ((uint64_t)value << shift & mask);
}

void vtd_perfmon_write(struct vtd *v, uint64_t offset, uint32_t value)
{
    const struct place p = find(v, offset);
    const unsigned shift = p.offset ? 32 : 0;
    switch (p.kind) {
    case CONFIG:
        write_config(v, &v->perfmon.counter[p.counter], p.offset, value);
        break;
    case OVERFLOW:
        v->perfmon.overflow &= ~((uint64_t)value << shift);
        break;
    case COUNTER:
        write_counter(v, &v->perfmon.counter[p.counter], shift, value);
        break;
    default:
        break;
    }
}

void vtd_perfmon_status_cleared(struct vtd *v)
{
    if (!vtd_reg_perfintrsts_pis(reg_get32(v, VTD_REG_PERFINTRSTS)))
        vtd_event_withdraw(v, VTD_REG_PERFINTRCTL);
}

/* ---------------------------------------------------------------- commands */

static void set_enabled(struct vtd *v, unsigned n, bool on)
{
    struct perf_counter *c = &v->perfmon.counter[n];
    c->config = (c->config & ~vtd_reg_perfcntrcfg_put_en(1)) | vtd_reg_perfcntrcfg_put_en(on);
    v->perfmon.enabled = (v->perfmon.enabled & ~(1ull << n)) | (uint64_t)on << n;
    vtd_perfmon_update(v);
}

/* Refused: a counter or an event that is not there. */
bool vtd_perfmon_enable(struct vtd *v, uint64_t counter)
{
    if (counter >= v->cfg.perfmon.counters)
        return false;
    const uint64_t config = v->perfmon.counter[counter].config;
    const uint64_t group = vtd_reg_perfcntrcfg_egi(config);
    if (group >= EVENT_GROUPS || (vtd_reg_perfcntrcfg_es(config) & ~(uint64_t)vtd_perfmon_events(v, (unsigned)group)))
        return false;
    set_enabled(v, (unsigned)counter, true);
    return true;
}

bool vtd_perfmon_disable(struct vtd *v, uint64_t counter)
{
    if (counter >= v->cfg.perfmon.counters)
        return false;
    set_enabled(v, (unsigned)counter, false);
    return true;
}

/* Also of counters that are enabled: they stop. */
void vtd_perfmon_reset_config(struct vtd *v)
{
    for (unsigned n = 0; n < v->cfg.perfmon.counters; n++) {
        v->perfmon.counter[n].config = 0;
        memset(v->perfmon.counter[n].filter, 0, sizeof v->perfmon.counter[n].filter);
    }
    v->perfmon.enabled = 0;
    vtd_perfmon_update(v);
}

void vtd_perfmon_reset_values(struct vtd *v)
{
    for (unsigned n = 0; n < v->cfg.perfmon.counters; n++)
        v->perfmon.counter[n].value = 0;
}

void vtd_perfmon_freeze(struct vtd *v, bool on)
{
    v->perfmon.frozen = on ? bits_low(v->cfg.perfmon.counters) : 0;
    vtd_perfmon_update(v);
}
