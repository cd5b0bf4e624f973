/* SPDX-License-Identifier: MIT */
/* One socket of QEMU and the function behind it. See carrier.h. */
#include "carrier.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint64_t bar_read(struct vtd_qemu_carrier *c, const struct vtd_qemu_message *m)
{
    const struct vtd_qemu_function *f = c->function;
    uint64_t value = 0;
    if (f->bar_read(f->self, m->addr, m->size, &value))
        return value;
    c->strays++;
    return UINT64_MAX >> (64 - 8 * m->size);
}

/* Carries the access out; the value is for the reply. */
static uint64_t access_function(struct vtd_qemu_carrier *c, const struct vtd_qemu_message *m)
{
    const struct vtd_qemu_function *f = c->function;
    switch (m->command) {
    case VTD_QEMU_CONFIG_READ:
        return f->config_read(f->self, (uint32_t)m->addr,
                              m->size); /* 32 bits: all ones in 64 would be an error to QEMU */
    case VTD_QEMU_CONFIG_WRITE:
        f->config_write(f->self, (uint32_t)m->addr, (uint32_t)m->value, m->size);
        return 0;
    case VTD_QEMU_BAR_READ:
        return bar_read(c, m);
    case VTD_QEMU_BAR_WRITE:
        if (!f->bar_write(f->self, m->addr, m->value, m->size))
            c->strays++;
        return 0;
    default:
        if (m->command == VTD_QEMU_RESET && f->reset)
            f->reset(f->self);
        return 0;
    }
}

static int take_memory(struct vtd_qemu_carrier *c, const struct vtd_qemu_message *m, char *why)
{
    if (c->memory)
        return vtd_qemu_memory_sync(c->memory, m, why);
    for (unsigned i = 0; i < m->regions; i++)
        close(m->region[i].fd);
    return 0;
}

enum vtd_qemu_carrier_result vtd_qemu_carrier_serve(struct vtd_qemu_carrier *c, char *why)
{
    struct vtd_qemu_message message;
    switch (vtd_qemu_wire_receive(&c->wire, &message, why)) {
    case VTD_QEMU_WIRE_MESSAGE:
        break;
    case VTD_QEMU_WIRE_WAIT:
        return VTD_QEMU_CARRIER_IDLE;
    case VTD_QEMU_WIRE_CLOSED:
        return VTD_QEMU_CARRIER_CLOSED;
    default:
        return VTD_QEMU_CARRIER_ERROR;
    }
    c->messages++;
    if (message.command == VTD_QEMU_SYNC_MEMORY)
        return take_memory(c, &message, why) == 0 ? VTD_QEMU_CARRIER_SERVED : VTD_QEMU_CARRIER_ERROR;
    const uint64_t value = access_function(c, &message);
    if (!vtd_qemu_wire_wants_reply(&message))
        return VTD_QEMU_CARRIER_SERVED;
    const int error = vtd_qemu_wire_reply(&c->wire, value);
    if (error == -EPIPE || error == -ECONNRESET)
        return VTD_QEMU_CARRIER_CLOSED;
    if (error == 0)
        return VTD_QEMU_CARRIER_SERVED;
    snprintf(why, VTD_QEMU_WHY_SIZE, "cannot write to QEMU: %s", strerror(-error));
    return VTD_QEMU_CARRIER_ERROR;
}
