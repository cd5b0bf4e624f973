/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a unit between hostile software and hostile devices. The input chooses capabilities and cache shapes, writes
 * registers and memory, and sends requests of every kind. Nothing may crash or hang, and what the unit answers must be
 * within what the interface documents.
 */
#include "bytes.h"

#include "vtd/vtd.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <string.h>

#define MEMORY (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Devices answer invalidations after the call that caused them, as vtd.h asks. */
struct devices {
    uint32_t itags;
    uint16_t sid[32];
    uint64_t messages, responses;
};

static void on_msi(void *opaque, uint64_t addr, uint32_t data)
{
    struct devices *d = opaque;
    (void)addr, (void)data;
    d->messages++;
}

static void on_invalidation(void *opaque, const struct vtd_device_tlb_inv *inv)
{
    struct devices *d = opaque;
    HOLDS(inv->itag < 32 && !(d->itags & 1u << inv->itag)); /* an ITag is used once at a time */
    HOLDS((inv->size & (inv->size - 1)) == 0);              /* a power of two, or 0 for everything */
    HOLDS(inv->size == 0 || inv->addr % inv->size == 0);
    d->itags |= 1u << inv->itag;
    d->sid[inv->itag] = inv->sid;
}

static void on_response(void *opaque, const struct vtd_page_response *resp)
{
    struct devices *d = opaque;
    HOLDS(resp->prgi < 512 && resp->pasid < 1u << 20 && resp->code < 16);
    d->responses++;
}

/* A hypervisor of moods; what it says must fit into the response register. */
static unsigned on_virtual_command(void *opaque, unsigned command, uint64_t a, uint64_t b, uint64_t *result)
{
    (void)opaque;
    HOLDS(command == VTD_VCMD_ALLOC_PASID || command == VTD_VCMD_FREE_PASID);
    HOLDS(a < 1u << 20);
    *result = a ^ b;
    return (unsigned)b;
}

/* Access errors and failing atomics outside of the window. */
static int on_cas(void *opaque, uint64_t hpa, uint64_t *expected, uint64_t desired, enum vtd_mem_class cls)
{
    (void)opaque, (void)desired, (void)cls;
    *expected ^= hpa; /* never what was read: the update starts again, but not for ever */
    return hpa >> 12 & 1;
}

static int on_read(void *opaque, uint64_t hpa, void *out, size_t size, enum vtd_mem_class cls, bool snoop)
{
    (void)opaque, (void)cls, (void)snoop;
    HOLDS(hpa % 8 == 0 && size % 8 == 0 && size <= 64);
    memset(out, (int)(hpa >> 13), size);
    return hpa >> 12 & 1;
}

/* A performance monitor, where its registers have room; what: six bits. */
static void add_monitor(struct vtd_config *cfg, unsigned what)
{
    struct vtd_config with = *cfg;
    with.cap |= vtd_reg_cap_put_ecmds(1);
    with.ecap |= vtd_reg_ecap_put_pms(1);
    with.perfmon.counters = (uint8_t)(1 + what);
    with.perfmon.width = what & 1 ? 8 : 48; /* overflows happen only with few bits */
    with.perfmon.per_counter = what & 2;
    if (vtd_config_validate(&with, NULL) == VTD_STATUS_OK)
        *cfg = with;
}

/* An older revision, with what only that may have (ref 0.1). */
static void choose_revision(unsigned choice, struct vtd_config *cfg)
{
    struct vtd_config other = *cfg;
    uint64_t cap, ecap;
    other.spec_revision = (uint8_t)(5 - choice % 3);
    vtd_config_revision_lacks(other.spec_revision, &cap, &ecap);
    other.cap = (other.cap | vtd_reg_cap_put_afl(1)) & ~cap;
    other.ecap = (other.ecap | (choice & 4 ? vtd_reg_ecap_put_ers(1) : 0)) & ~ecap;
    if (vtd_config_validate(&other, NULL) == VTD_STATUS_OK)
        *cfg = other;
}

/* Directory entries among the others, and entries that are read ahead. */
static void choose_pasid_cache(unsigned choice, struct vtd_config *cfg)
{
    cfg->pasid_directory = choice >> 5 & 1 ? VTD_PASID_DIRECTORY_SHARED : VTD_PASID_DIRECTORY_SEPARATE;
    cfg->pasid_prefetch = (uint8_t)(choice >> 6 & 1 ? VTD_PASID_PREFETCH_MAX : choice >> 7 & 1);
}

static void choose_config(struct bytes *in, struct vtd_config *cfg)
{
    static const char *const presets[] = {"default", "qemu", "sapphire-rapids"};
    vtd_config_preset(cfg, presets[bytes_take(in, 1) % 3]);
    struct vtd_config other = *cfg;
    other.cap ^= bytes_take(in, 8);
    other.ecap ^= bytes_take(in, 8);
    other.version = (uint32_t)bytes_take(in, 1);
    other.haw = (uint8_t)bytes_take(in, 1);
    if (vtd_config_validate(&other, NULL) == VTD_STATUS_OK)
        *cfg = other;
    const unsigned order = (unsigned)bytes_take(in, 1);
    cfg->iotlb_order = (uint8_t)(order & 1);
    if (order >> 1 & 1)
        add_monitor(cfg, order >> 2);
    choose_revision(order >> 2, cfg);
    choose_pasid_cache(order, cfg);
    for (unsigned i = 0; i < VTD_CACHES; i++) {
        const unsigned b = (unsigned)bytes_take(in, 2);
        struct vtd_cache_geometry g = {
            .entries = 1u << (b & 7), .ways = 1u << (b >> 3 & 7), .policy = b >> 6 & 3, .index = b >> 8 & 1};
        if (b >> 9 & 1)
            g.entries = b >> 10 & 1 ? 0 : 96; /* off, or more ways than are scanned */
        if (b >> 9 & 1)
            g.ways = 0;
        g.partition = (uint8_t)((b >> 11) % 3);
        g.partitions = 1u << (b >> 13 & 3);
        struct vtd_config with = *cfg;
        with.cache[i] = g;
        if (vtd_config_validate(&with, NULL) == VTD_STATUS_OK)
            *cfg = with;
    }
}

static void check_registers(struct vtd *unit)
{
    const uint64_t head = vtd_mmio_read64(unit, VTD_REG_IQH);
    const uint32_t fsts = vtd_mmio_read32(unit, VTD_REG_FSTS);
    const uint64_t cap = vtd_mmio_read64(unit, VTD_REG_CAP);
    HOLDS((head & ~0x7fff0ull) == 0);
    HOLDS(vtd_reg_fsts_fri(fsts) <= vtd_reg_cap_nfr(cap));
    const uint32_t old = vtd_reg_cap_afl(cap) ? 0xc : 0;
    const uint32_t pro = vtd_config_get(unit)->spec_revision == 3 ? 0x80 : 0;
    HOLDS((fsts & ~(0xff73u | old | pro)) == 0);
    if (vtd_reg_ecap_vcs(vtd_mmio_read64(unit, VTD_REG_ECAP)))
        HOLDS(!vtd_reg_vcrsp_ip(vtd_mmio_read64(unit, VTD_REG_VCRSP))); /* no command is ever in progress */
    if (vtd_reg_cap_ecmds(cap))                                         /* never in progress, no result */
        HOLDS(vtd_mmio_read64(unit, VTD_REG_ECRSP) <= vtd_reg_ecrsp_put_sc(VTD_ECRSP_REFUSED));
}

static void send_request(struct bytes *in, struct vtd *unit)
{
    const struct vtd_request req = {
        .addr = bytes_take(in, 8),
        .pasid = (uint32_t)bytes_take(in, 3),
        .sid = (uint16_t)bytes_take(in, 2),
        .access = (uint8_t)bytes_take(in, 1),
        .at = (uint8_t)bytes_take(in, 1),
        .flags = (uint8_t)bytes_take(in, 1),
        .len = (uint16_t)bytes_take(in, 2),
        .data = (uint32_t)bytes_take(in, 4),
    };
    struct vtd_response resp;
    memset(&resp, 0xee, sizeof resp);
    if (vtd_translate(unit, &req, &resp) != VTD_STATUS_OK)
        return;
    HOLDS(resp.result <= VTD_RESULT_INTERRUPT);
    HOLDS(resp.result != VTD_RESULT_CA || req.at != VTD_AT_UNTRANSLATED);
    if (resp.result == VTD_RESULT_OK && req.at == VTD_AT_UNTRANSLATED) {
        HOLDS(resp.fault == 0);
        HOLDS(resp.page_shift == 0 || resp.page_shift == 12 || resp.page_shift == 21 || resp.page_shift == 30);
        HOLDS((resp.hpa & 0xfff) == (req.addr & 0xfff));
    }
    vtd_peek(unit, &req, &resp);
}

static void send_other(struct bytes *in, struct vtd *unit, unsigned kind)
{
    struct vtd_irq_response irq;
    enum vtd_prq_result result;
    if (kind == 0) {
        const uint64_t addr = 0xfee00000 | bytes_take(in, 3);
        if (vtd_interrupt(unit, (uint16_t)bytes_take(in, 2), addr, (uint32_t)bytes_take(in, 4), &irq) == VTD_STATUS_OK)
            HOLDS(irq.result <= VTD_IRQ_POSTED && (irq.result == VTD_IRQ_BLOCKED) == (irq.fault != 0));
        return;
    }
    const struct vtd_page_request req = {.addr = bytes_take(in, 8),
                                         .pasid = (uint32_t)bytes_take(in, 3),
                                         .sid = (uint16_t)bytes_take(in, 2),
                                         .prgi = (uint16_t)bytes_take(in, 2),
                                         .flags = (uint8_t)bytes_take(in, 1)};
    if (vtd_page_request_submit(unit, &req, &result) == VTD_STATUS_OK)
        HOLDS(result <= VTD_PRQ_DROPPED);
}

/* Devices answer what they were asked: rightly, wrongly, or too late. */
static void answer(struct bytes *in, struct vtd *unit, struct devices *d)
{
    const unsigned how = (unsigned)bytes_take(in, 1);
    while (d->itags) {
        const unsigned itag = (unsigned)__builtin_ctz(d->itags);
        d->itags &= d->itags - 1;
        if (how & 1)
            vtd_device_tlb_timeout(unit, itag);
        else
            vtd_device_tlb_complete(unit, d->sid[itag], 1u << itag);
    }
    if (how & 2)
        vtd_device_tlb_complete(unit, (uint16_t)how, (uint32_t)bytes_take(in, 4) & ~d->itags);
}

static void step(struct bytes *in, struct vtd *unit, uint8_t *memory, struct devices *devices)
{
    const unsigned what = (unsigned)bytes_take(in, 1);
    const uint64_t offset = bytes_take(in, 3);
    switch (what % 8) {
    case 0:
    case 1:
        vtd_mmio_write32(unit, what & 0x80 ? offset : offset % 0x400 & ~3ull, (uint32_t)bytes_take(in, 4));
        break;
    case 2: {
        const uint64_t window = what & 0x40 ? vtd_mmio_size(unit) : 0x400;
        const uint64_t value = bytes_take(in, 8);
        vtd_mmio_write64(unit, offset % window & ~7ull, value);
        vtd_mmio_read64(unit, offset);
        if (what & 0x20) /* a command of the performance monitor, for a counter that may be there */
            vtd_mmio_write64(unit, VTD_REG_ECMD,
                             vtd_reg_ecmd_put_cmd(VTD_ECMD_ENABLE_COUNTER + value % 6) |
                                 vtd_reg_ecmd_put_oa(value >> 8 & 0x7f));
        break;
    }
    case 3:
    case 4: {
        const uint64_t value = bytes_take(in, 8);
        memcpy(memory + (offset % MEMORY & ~7ull), &value, 8);
        break;
    }
    case 5:
        send_request(in, unit);
        break;
    case 6:
        send_other(in, unit, what >> 3 & 1);
        break;
    default:
        answer(in, unit, devices);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[MEMORY] __attribute__((aligned(4096)));
    static uint8_t behind[MEMORY] __attribute__((aligned(4096)));
    struct bytes in = {.data = data, .left = size};
    struct devices devices = {0};
    struct vtd_config cfg;
    choose_config(&in, &cfg);
    const struct vtd_host host = {.opaque = &devices,
                                  .mem_base = memory,
                                  .mem_size = MEMORY,
                                  .mem_unsnooped = size & 1 ? behind : NULL,
                                  .mem_read = on_read,
                                  .mem_cas = on_cas,
                                  .msi = on_msi,
                                  .device_tlb_inv = on_invalidation,
                                  .virtual_command = on_virtual_command,
                                  .page_response = on_response};
    struct vtd *unit = vtd_create(&cfg, &host, NULL);
    HOLDS(unit != NULL);
    memset(memory, 0, sizeof memory);
    memset(behind, (int)size, sizeof behind);
    while (in.left) {
        step(&in, unit, memory, &devices);
        check_registers(unit);
    }
    vtd_destroy(unit);
    return 0;
}
