/* SPDX-License-Identifier: MIT */
/* The function that carries the unit's registers. See unit_function.h. */
#include "unit_function.h"

/* Offsets in configuration space (PCI Local Bus 3.0, 6.1). */
enum {
    CONFIG_ID = 0x00,
    CONFIG_COMMAND = 0x04,
    CONFIG_CLASS = 0x08,
    CONFIG_BAR = 0x10,
    CONFIG_SUBSYSTEM = 0x2c,
};
#define UNIT_ID    UINT32_C(0x0dae1b36)
#define UNIT_CLASS UINT32_C(0x08800000) /* system peripheral, other */

static uint32_t all_ones(unsigned size)
{
    return UINT32_MAX >> (32 - 8 * size);
}

static uint32_t config_dword(const struct vtd_qemu_unit_function *u, uint32_t at)
{
    const uint32_t bar = (at - CONFIG_BAR) / 4;
    switch (at) {
    case CONFIG_ID:
    case CONFIG_SUBSYSTEM:
        return UNIT_ID;
    case CONFIG_COMMAND:
        return u->command;
    case CONFIG_CLASS:
        return UNIT_CLASS;
    default:
        return at >= CONFIG_BAR && bar < VTD_QEMU_UNIT_BARS ? u->bar[bar] : 0;
    }
}

static uint32_t config_read(void *self, uint32_t offset, unsigned size)
{
    const struct vtd_qemu_unit_function *u = self;
    const uint32_t in = offset & 3;
    if (u->hidden || in + size > 4)
        return all_ones(size);
    return config_dword(u, offset - in) >> 8 * in & all_ones(size);
}

static void config_write(void *self, uint32_t offset, uint32_t value, unsigned size)
{
    struct vtd_qemu_unit_function *u = self;
    const uint32_t bar = (offset - CONFIG_BAR) / 4;
    if (u->hidden)
        return;
    if (offset == CONFIG_COMMAND)
        u->command = (uint16_t)(value & 7);
    else if (size == 4 && (offset & 3) == 0 && offset >= CONFIG_BAR && bar < VTD_QEMU_UNIT_BARS)
        u->bar[bar] = u->bar_size[bar] ? value & ~(u->bar_size[bar] - 1) : 0;
}

/* ---------------------------------------------------------------- the segment of our own */

/* The function whose configuration space an address in the ECAM window is in, with the offset there; NULL: nobody. */
static const struct vtd_qemu_function *segment_function(const struct vtd_qemu_unit_function *u, uint64_t at,
                                                        uint32_t *offset)
{
    const uint64_t devfn = at / VTD_QEMU_EXPRESS_SIZE & 0xff;
    *offset = (uint32_t)(at % VTD_QEMU_EXPRESS_SIZE);
    return devfn % 8 == 0 && devfn / 8 < VTD_QEMU_SEGMENT_MAX ? u->segment[devfn / 8] : NULL;
}

static bool configurable(uint32_t offset, unsigned size)
{
    return size <= 4 && offset % size == 0;
}

static uint64_t ecam_read(const struct vtd_qemu_unit_function *u, uint64_t at, unsigned size)
{
    uint32_t offset;
    const struct vtd_qemu_function *f = segment_function(u, at, &offset);
    if (!f || !configurable(offset, size))
        return UINT64_MAX;
    return f->config_read(f->self, offset, size);
}

static void ecam_write(const struct vtd_qemu_unit_function *u, uint64_t at, uint64_t value, unsigned size)
{
    uint32_t offset;
    const struct vtd_qemu_function *f = segment_function(u, at, &offset);
    if (f && configurable(offset, size))
        f->config_write(f->self, offset, (uint32_t)value, size);
}

static bool window_read(const struct vtd_qemu_unit_function *u, uint64_t addr, unsigned size, uint64_t *value)
{
    for (unsigned i = 0; i < VTD_QEMU_SEGMENT_MAX; i++)
        if (u->segment[i] && u->segment[i]->bar_read(u->segment[i]->self, addr, size, value))
            return true;
    return false;
}

static bool window_write(const struct vtd_qemu_unit_function *u, uint64_t addr, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < VTD_QEMU_SEGMENT_MAX; i++)
        if (u->segment[i] && u->segment[i]->bar_write(u->segment[i]->self, addr, value, size))
            return true;
    return false;
}

/* ---------------------------------------------------------------- registers */

static bool in_bar(const struct vtd_qemu_unit_function *u, unsigned i, uint64_t addr, unsigned size)
{
    return u->bar_size[i] && addr >= u->bar[i] && addr - u->bar[i] <= u->bar_size[i] - size;
}

static void watch(const struct vtd_qemu_unit_function *u, bool write, uint64_t offset, uint64_t value, unsigned size)
{
    if (u->watch)
        u->watch(u->watch_opaque, write, offset, value, size);
}

static uint64_t register_read(struct vtd_qemu_unit_function *u, uint64_t offset, unsigned size)
{
    struct vtd *unit = u->host->machine->unit;
    u->reads++;
    if (size < 4 || offset % size != 0) {
        u->odd++;
        return 0;
    }
    const uint64_t value = size == 8 ? vtd_mmio_read64(unit, offset) : vtd_mmio_read32(unit, offset);
    watch(u, false, offset, value, size);
    return value;
}

static void register_write(struct vtd_qemu_unit_function *u, uint64_t offset, uint64_t value, unsigned size)
{
    struct vtd *unit = u->host->machine->unit;
    u->writes++;
    if (size < 4 || offset % size != 0) {
        u->odd++;
        return;
    }
    watch(u, true, offset, value, size);
    if (size == 8)
        vtd_mmio_write64(unit, offset, value);
    else
        vtd_mmio_write32(unit, offset, (uint32_t)value);
}

static bool bar_read(void *self, uint64_t addr, unsigned size, uint64_t *value)
{
    struct vtd_qemu_unit_function *u = self;
    if (in_bar(u, 0, addr, size))
        *value = register_read(u, addr - u->bar[0], size);
    else if (in_bar(u, 1, addr, size))
        *value = ecam_read(u, addr - u->bar[1], size) & UINT64_MAX >> (64 - 8 * size);
    else
        return in_bar(u, 2, addr, size) && window_read(u, addr, size, value);
    return true;
}

static bool bar_write(void *self, uint64_t addr, uint64_t value, unsigned size)
{
    struct vtd_qemu_unit_function *u = self;
    if (in_bar(u, 0, addr, size))
        register_write(u, addr - u->bar[0], value, size);
    else if (in_bar(u, 1, addr, size))
        ecam_write(u, addr - u->bar[1], value, size);
    else
        return in_bar(u, 2, addr, size) && window_write(u, addr, value, size);
    return true;
}

/* QEMU resets its devices before the processors run; the unit is new then, and a machine that reboots ends. */
static void reset(void *self)
{
    struct vtd_qemu_unit_function *u = self;
    for (unsigned i = 0; i < VTD_QEMU_SEGMENT_MAX; i++)
        if (u->segment[i] && u->segment[i]->reset)
            u->segment[i]->reset(u->segment[i]->self);
}

/* ---------------------------------------------------------------- */

static uint32_t power_of_two(uint64_t size)
{
    uint32_t p = 4096;
    while (p < size)
        p *= 2;
    return p;
}

void vtd_qemu_unit_function_init(struct vtd_qemu_unit_function *u, struct vtd_qemu_host *host, bool own_segment)
{
    *u = (struct vtd_qemu_unit_function){.host = host};
    u->bar_size[0] = power_of_two(vtd_mmio_size(host->machine->unit));
    u->bar_size[1] = own_segment ? VTD_QEMU_ECAM_SIZE : 0;
    u->bar_size[2] = own_segment ? VTD_QEMU_WINDOW_SIZE : 0;
    u->function = (struct vtd_qemu_function){
        .self = u,
        .config_read = config_read,
        .config_write = config_write,
        .bar_read = bar_read,
        .bar_write = bar_write,
        .reset = reset,
    };
}

uint32_t vtd_qemu_unit_function_bar(const struct vtd_qemu_unit_function *u, unsigned i, uint32_t *base)
{
    static const uint32_t place[VTD_QEMU_UNIT_BARS] = {VTD_QEMU_UNIT_BASE, VTD_QEMU_ECAM_BASE, VTD_QEMU_WINDOW_BASE};
    *base = i < VTD_QEMU_UNIT_BARS ? place[i] : 0;
    return i < VTD_QEMU_UNIT_BARS ? u->bar_size[i] : 0;
}
