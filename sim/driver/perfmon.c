/* SPDX-License-Identifier: MIT */
/*
 * The performance monitor and the enhanced commands that control it (ref 1.12, 1.13): discovery, counters for events,
 * and the handler of the overflow event.
 */
#include "driver/vtd_driver_perf.h"
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

enum {
    COUNTERS_MAX = 64, /* one qword of status bits */
    GROUPS_MAX = 16,   /* what PERFCNTRCFG.EGI can name */
    CONFIG_STRIDE = 0x100,
    FILTERS = 5,
};

struct counter {
    bool open;
    bool running;
    uint64_t last;  /* value when it was read last */
    uint64_t count; /* events up to then */
    uint32_t events[GROUPS_MAX];
};

struct vtd_drv_perf {
    struct vtd_drv_perf_info info;
    uint64_t config, values, overflow; /* offsets of the blocks */
    uint64_t stride;
    struct counter counter[COUNTERS_MAX];
};

static uint64_t read64(const struct vtd_drv *drv, uint64_t offset)
{
    return drv->bus.read64(drv->bus.opaque, offset);
}

static uint32_t read32(const struct vtd_drv *drv, uint64_t offset)
{
    return drv->bus.read32(drv->bus.opaque, offset);
}

static void write32(const struct vtd_drv *drv, uint64_t offset, uint32_t value)
{
    drv->bus.write32(drv->bus.opaque, offset, value);
}

/* ---------------------------------------------------------------- enhanced commands */

int vtd_drv_ecmd(struct vtd_drv *drv, uint8_t command, uint64_t a, uint64_t b, uint64_t *result)
{
    if (!vtd_reg_cap_ecmds(drv->cap))
        return -ENOTSUP;
    if (vtd_reg_ecrsp_ip(read64(drv, VTD_REG_ECRSP)))
        return -EBUSY;
    drv->bus.write64(drv->bus.opaque, VTD_REG_ECEO, b);
    drv->bus.write64(drv->bus.opaque, VTD_REG_ECMD, vtd_reg_ecmd_put_cmd(command) | vtd_reg_ecmd_put_oa(a));
    for (uint32_t turn = 0; turn <= drv->options.poll_limit; turn++) {
        const uint64_t response = read64(drv, VTD_REG_ECRSP);
        if (!vtd_reg_ecrsp_ip(response)) {
            if (result)
                *result = vtd_reg_ecrsp_res(response);
            return (int)vtd_reg_ecrsp_sc(response);
        }
        if (drv->bus.relax)
            drv->bus.relax(drv->bus.opaque);
    }
    return -ETIMEDOUT;
}

/* The same for commands that must succeed: a status code is -EIO. */
static int command(struct vtd_drv *drv, uint8_t code, uint64_t a)
{
    const int status = vtd_drv_ecmd(drv, code, a, 0, NULL);
    return status > 0 ? -EIO : status;
}

/* ---------------------------------------------------------------- discovery */

/* Without these there is nothing to work with. */
static bool has_commands(const struct vtd_drv *drv)
{
    const uint64_t needed = vtd_reg_eccap3_put_ecnts(1) | vtd_reg_eccap3_put_dcnts(1) | vtd_reg_eccap3_put_fcnts(1) |
                            vtd_reg_eccap3_put_ufcnts(1);
    return (read64(drv, VTD_REG_ECCAP3) & needed) == needed;
}

/* A counter that tells its own capabilities. Returns false when it is unlike the others: it cannot be used. */
static bool read_counter_capabilities(const struct vtd_drv *drv, struct vtd_drv_perf *p, unsigned c)
{
    const uint64_t base = p->config + (uint64_t)CONFIG_STRIDE * c;
    const uint32_t cap = read32(drv, base + VTD_REG_PERFCNTRCAP);
    if (!vtd_reg_perfcntrcap_pcc(cap))
        return true;
    if (vtd_reg_perfcntrcap_cw(cap) != p->info.width || !vtd_reg_perfcntrcap_ios(cap))
        return false;
    for (unsigned g = 0; g < GROUPS_MAX; g++)
        p->counter[c].events[g] = 0;
    for (unsigned i = 0; i < vtd_reg_perfcntrcap_egcnt(cap); i++) {
        const uint32_t events = read32(drv, base + VTD_REG_PERFCNTREVCAP + 4 * i);
        const unsigned group = (unsigned)vtd_reg_perfcntrevcap_egi(events);
        p->counter[c].events[group] |= (uint32_t)vtd_reg_perfcntrevcap_es(events);
        p->info.events[group] |= (uint32_t)vtd_reg_perfcntrevcap_es(events);
    }
    return true;
}

static void read_capabilities(const struct vtd_drv *drv, struct vtd_drv_perf *p, uint64_t perfcap)
{
    const uint64_t counters = vtd_reg_perfcap_ncntr(perfcap), groups = vtd_reg_perfcap_egcnt(perfcap);
    p->info.counters = (uint8_t)(counters < COUNTERS_MAX ? counters : COUNTERS_MAX);
    p->info.groups = (uint8_t)(groups < GROUPS_MAX ? groups : GROUPS_MAX);
    p->info.width = (uint8_t)vtd_reg_perfcap_cw(perfcap);
    p->info.filters = (uint8_t)(perfcap >> VTD_PERFCAP_RIDFS_LSB & 0x1f);
    p->stride = UINT64_C(1024) << vtd_reg_perfcap_cs(perfcap);
    p->config = read32(drv, VTD_REG_PERFCFGOFF);
    p->values = read32(drv, VTD_REG_PERFCNTROFF);
    p->overflow = read32(drv, VTD_REG_PERFOVFOFF);
    for (unsigned g = 0; g < p->info.groups; g++) {
        p->info.events[g] = (uint32_t)vtd_reg_perfevntcap_es(read64(drv, VTD_REG_PERFEVNTCAP + 8 * g));
        for (unsigned c = 0; c < p->info.counters; c++)
            p->counter[c].events[g] = p->info.events[g];
    }
    for (unsigned c = 0; c < p->info.counters; c++)
        if (!read_counter_capabilities(drv, p, c))
            p->info.counters = (uint8_t)c; /* this one and those behind it stay unused */
}

/* Nothing of an earlier owner goes on: neither counters nor what they left pending. */
static int quiesce(struct vtd_drv *drv, const struct vtd_drv_perf *p)
{
    write32(drv, VTD_REG_PERFINTRCTL, (uint32_t)vtd_reg_perfintrctl_put_im(1));
    int error = 0;
    for (unsigned c = 0; c < p->info.counters && !error; c++)
        error = command(drv, VTD_ECMD_DISABLE_COUNTER, c);
    if (!error)
        error = command(drv, VTD_ECMD_UNFREEZE, 0);
    drv->bus.write64(drv->bus.opaque, p->overflow, UINT64_MAX);
    write32(drv, VTD_REG_PERFINTRSTS, (uint32_t)vtd_reg_perfintrsts_put_pis(1));
    return error;
}

static void set_event(struct vtd_drv *drv, uint64_t address, uint32_t data)
{
    if (!address)
        return;
    write32(drv, VTD_REG_PERFINTRDATA, data);
    write32(drv, VTD_REG_PERFINTRADDR, (uint32_t)address);
    write32(drv, VTD_REG_PERFINTRUADDR, (uint32_t)(address >> 32));
    write32(drv, VTD_REG_PERFINTRCTL, 0);
    read32(drv, VTD_REG_PERFINTRCTL); /* completes the write */
}

int vtd_drv_perf_init(struct vtd_drv *drv, uint64_t event_address, uint32_t event_data)
{
    if (drv->perf)
        return -EBUSY;
    if (!vtd_reg_ecap_pms(drv->ecap) || !vtd_reg_cap_ecmds(drv->cap))
        return -ENOTSUP;
    const uint64_t perfcap = read64(drv, VTD_REG_PERFCAP);
    if (!vtd_reg_perfcap_ncntr(perfcap) || !vtd_reg_perfcap_egcnt(perfcap) || !vtd_reg_perfcap_ios(perfcap) ||
        vtd_reg_perfcap_cw(perfcap) == 0 || vtd_reg_perfcap_cw(perfcap) > 64 || !has_commands(drv))
        return -ENOTSUP;
    struct vtd_drv_perf *p = calloc(1, sizeof(*p));
    if (!p)
        return -ENOMEM;
    read_capabilities(drv, p, perfcap);
    const int error = p->info.counters ? quiesce(drv, p) : -ENOTSUP;
    if (error) {
        free(p);
        return error;
    }
    drv->perf = p;
    set_event(drv, event_address, event_data);
    return 0;
}

void vtd_drv_perf_free(struct vtd_drv *drv)
{
    if (!drv->perf)
        return;
    write32(drv, VTD_REG_PERFINTRCTL, (uint32_t)vtd_reg_perfintrctl_put_im(1));
    for (unsigned c = 0; c < drv->perf->info.counters; c++)
        if (drv->perf->counter[c].open)
            vtd_drv_perf_close(drv, c);
    free(drv->perf);
    drv->perf = NULL;
}

int vtd_drv_perf_get_info(const struct vtd_drv *drv, struct vtd_drv_perf_info *info)
{
    if (!drv->perf)
        return -ENOENT;
    *info = drv->perf->info;
    return 0;
}

/* ---------------------------------------------------------------- counters */

static struct counter *find(const struct vtd_drv *drv, unsigned counter)
{
    const struct vtd_drv_perf *p = drv->perf;
    if (!p || counter >= p->info.counters || !p->counter[counter].open)
        return NULL;
    return &drv->perf->counter[counter];
}

/*
 * Adds what was counted since the last time. The overflow status tells a counter that went full circle from one that did
 * not move; a counter that goes over its end right behind the look at the status shows it by a smaller value.
 */
static void update(struct vtd_drv *drv, unsigned n)
{
    struct vtd_drv_perf *p = drv->perf;
    struct counter *c = &p->counter[n];
    bool over = read64(drv, p->overflow) >> n & 1;
    const uint64_t now = read64(drv, p->values + p->stride * n);
    if (!over && now < c->last)
        over = read64(drv, p->overflow) >> n & 1;
    if (over)
        drv->bus.write64(drv->bus.opaque, p->overflow, UINT64_C(1) << n);
    c->count += now - c->last;
    if ((over || now < c->last) && p->info.width < 64)
        c->count += UINT64_C(1) << p->info.width;
    c->last = now;
}

static int check_spec(const struct vtd_drv_perf *p, const struct vtd_drv_perf_spec *spec)
{
    if (spec->events == 0 || spec->events >> 28 || spec->group >= GROUPS_MAX || spec->filters >> FILTERS ||
        spec->at > 0x1f || spec->levels > 0x1f ||
        (spec->pasid >> 20 && spec->pasid != VTD_DRV_PERF_ANY_PASID && spec->pasid != VTD_DRV_PERF_NO_PASID))
        return -EINVAL;
    if (spec->events & ~p->info.events[spec->group])
        return -ENOTSUP;
    return spec->filters & ~p->info.filters ? -ENOTSUP : 0;
}

/* Counters with special events stand at the end, as a rule: they are used first. */
static int pick(const struct vtd_drv_perf *p, const struct vtd_drv_perf_spec *spec, unsigned *counter)
{
    bool exists = false;
    for (unsigned n = p->info.counters; n-- > 0;) {
        if (spec->events & ~p->counter[n].events[spec->group])
            continue;
        exists = true;
        if (!p->counter[n].open) {
            *counter = n;
            return 0;
        }
    }
    return exists ? -EBUSY : -ENOTSUP;
}

static uint32_t pasid_filter(uint32_t pasid)
{
    if (pasid == VTD_DRV_PERF_ANY_PASID)
        return (uint32_t)vtd_reg_perfcntrpasid_put_mode(1);
    if (pasid == VTD_DRV_PERF_NO_PASID)
        return (uint32_t)vtd_reg_perfcntrpasid_put_mode(2);
    return pasid;
}

/* The counter is disabled: only then the unit takes these. Filters that are not wanted are cleared. */
static void program(const struct vtd_drv *drv, unsigned n, const struct vtd_drv_perf_spec *spec)
{
    const struct vtd_drv_perf *p = drv->perf;
    const uint64_t base = p->config + (uint64_t)CONFIG_STRIDE * n;
    const uint32_t values[FILTERS] = {spec->sid, spec->did, pasid_filter(spec->pasid), spec->at, spec->levels};
    drv->bus.write64(drv->bus.opaque, base,
                     vtd_reg_perfcntrcfg_put_es(spec->events) | vtd_reg_perfcntrcfg_put_egi(spec->group) |
                         vtd_reg_perfcntrcfg_put_io(spec->events != 0));
    for (unsigned f = 0; f < FILTERS; f++)
        if (p->info.filters >> f & 1)
            write32(drv, base + VTD_REG_PERFCNTRRID + 4 * f,
                    spec->filters >> f & 1 ? values[f] | UINT32_C(1) << 31 : 0);
}

int vtd_drv_perf_open(struct vtd_drv *drv, const struct vtd_drv_perf_spec *spec, unsigned *counter)
{
    struct vtd_drv_perf *p = drv->perf;
    if (!p)
        return -ENOENT;
    unsigned n = 0;
    int error = check_spec(p, spec);
    if (!error)
        error = pick(p, spec, &n);
    if (error)
        return error;
    program(drv, n, spec);
    p->counter[n].count = 0;
    p->counter[n].open = true;
    error = vtd_drv_perf_start(drv, n);
    if (error)
        p->counter[n].open = false;
    else
        *counter = n;
    return error;
}

int vtd_drv_perf_start(struct vtd_drv *drv, unsigned counter)
{
    struct counter *c = find(drv, counter);
    if (!c)
        return -ENOENT;
    if (c->running)
        return 0;
    c->last = read64(drv, drv->perf->values + drv->perf->stride * counter); /* counters need not start at 0 */
    const int error = command(drv, VTD_ECMD_ENABLE_COUNTER, counter);
    c->running = !error;
    return error;
}

int vtd_drv_perf_stop(struct vtd_drv *drv, unsigned counter)
{
    struct counter *c = find(drv, counter);
    if (!c)
        return -ENOENT;
    if (!c->running)
        return 0;
    const int error = command(drv, VTD_ECMD_DISABLE_COUNTER, counter);
    update(drv, counter);
    c->running = error != 0;
    return error;
}

int vtd_drv_perf_read(struct vtd_drv *drv, unsigned counter, uint64_t *count)
{
    struct counter *c = find(drv, counter);
    if (!c)
        return -ENOENT;
    if (c->running)
        update(drv, counter);
    *count = c->count;
    return 0;
}

int vtd_drv_perf_close(struct vtd_drv *drv, unsigned counter)
{
    struct counter *c = find(drv, counter);
    if (!c)
        return -ENOENT;
    const int error = vtd_drv_perf_stop(drv, counter);
    if (!error) {
        const struct vtd_drv_perf_spec none = {.events = 0};
        program(drv, counter, &none);
        c->open = false;
    }
    return error;
}

int vtd_drv_perf_freeze(struct vtd_drv *drv, bool on)
{
    if (!drv->perf)
        return -ENOENT;
    return command(drv, on ? VTD_ECMD_FREEZE : VTD_ECMD_UNFREEZE, 0);
}

/* ---------------------------------------------------------------- the overflow event */

int vtd_drv_perf_handle_overflow(struct vtd_drv *drv)
{
    struct vtd_drv_perf *p = drv->perf;
    int handled = 0;
    uint64_t status;
    if (!p || !vtd_reg_perfintrsts_pis(read32(drv, VTD_REG_PERFINTRSTS)))
        return 0;
    /* The status first: what overflows from here on raises the event anew, should it come behind the last look. */
    write32(drv, VTD_REG_PERFINTRSTS, (uint32_t)vtd_reg_perfintrsts_put_pis(1));
    /* One may overflow while another is looked at: until there is none. A unit gone mad cannot hold us here for ever. */
    for (unsigned turn = 0; turn < COUNTERS_MAX && (status = read64(drv, p->overflow)) != 0; turn++) {
        for (unsigned n = 0; n < p->info.counters; n++)
            if ((status >> n & 1) && find(drv, n)) {
                update(drv, n);
                status &= ~(UINT64_C(1) << n);
                handled++;
            }
        if (status) /* of counters that nobody has */
            drv->bus.write64(drv->bus.opaque, p->overflow, status);
    }
    return handled;
}
