/* SPDX-License-Identifier: MIT */
/* The C model as a machine with a bus. See model_bus.h. */
#include "model_bus.h"

#include <errno.h>
#include <string.h>

void vtd_msi_sink_put(struct vtd_msi_sink *sink, uint64_t addr, uint32_t data)
{
    if (sink->count == VTD_MSI_SINK_SIZE) {
        sink->dropped++;
        return;
    }
    sink->message[(sink->head + sink->count++) % VTD_MSI_SINK_SIZE] =
        (struct vtd_msi_message){.addr = addr, .data = data};
}

bool vtd_msi_sink_take(struct vtd_msi_sink *sink, struct vtd_msi_message *message)
{
    if (sink->count == 0)
        return false;
    *message = sink->message[sink->head];
    sink->head = (sink->head + 1) % VTD_MSI_SINK_SIZE;
    sink->count--;
    return true;
}

static void host_msi(void *opaque, uint64_t addr, uint32_t data)
{
    struct vtd_machine *m = opaque;
    vtd_msi_sink_put(&m->msi, addr, data);
}

/* ---------------------------------------------------------------- the bus */

static uint32_t bus_read32(void *opaque, uint64_t offset)
{
    return vtd_mmio_read32(((struct vtd_machine *)opaque)->unit, offset);
}

static uint64_t bus_read64(void *opaque, uint64_t offset)
{
    return vtd_mmio_read64(((struct vtd_machine *)opaque)->unit, offset);
}

static void bus_write32(void *opaque, uint64_t offset, uint32_t value)
{
    vtd_mmio_write32(((struct vtd_machine *)opaque)->unit, offset, value);
}

static void bus_write64(void *opaque, uint64_t offset, uint64_t value)
{
    vtd_mmio_write64(((struct vtd_machine *)opaque)->unit, offset, value);
}

static void *bus_dma_alloc(void *opaque, unsigned order, uint64_t *dma)
{
    struct vtd_machine *m = opaque;
    *dma = vtd_frames_alloc(&m->frames, order);
    return *dma ? m->memory.base + *dma : NULL;
}

static void bus_dma_free(void *opaque, uint64_t dma, unsigned order)
{
    struct vtd_machine *m = opaque;
    vtd_frames_free(&m->frames, dma, order);
}

static void *bus_dma_to_cpu(void *opaque, uint64_t dma)
{
    struct vtd_machine *m = opaque;
    return dma >= m->frames.start && dma < m->frames.end ? m->memory.base + dma : NULL;
}

/* The model reads memory only inside of calls of the same thread, so that nothing can see half of it. */
static void bus_store128(void *opaque, void *cpu, uint64_t low, uint64_t high)
{
    (void)opaque;
    const uint64_t both[2] = {low, high};
    memcpy(cpu, both, sizeof(both));
}

int vtd_machine_init(struct vtd_machine *machine, const struct vtd_config *config, uint64_t memory_size,
                     uint64_t frames_start, uint64_t frames_end, char *why)
{
    *machine = (struct vtd_machine){0};
    const int error = vtd_memory_init(&machine->memory, memory_size, why);
    if (error)
        return error;
    const struct vtd_host host = {
        .opaque = machine,
        .mem_base = machine->memory.base,
        .mem_size = memory_size,
        .msi = host_msi,
    };
    machine->unit = vtd_create(config, &host, why);
    if (!machine->unit) {
        vtd_machine_fini(machine);
        return -EINVAL;
    }
    vtd_frames_init(&machine->frames, &machine->memory, frames_start, frames_end);
    machine->bus = (struct vtd_bus){
        .opaque = machine,
        .read32 = bus_read32,
        .read64 = bus_read64,
        .write32 = bus_write32,
        .write64 = bus_write64,
        .dma_alloc = bus_dma_alloc,
        .dma_free = bus_dma_free,
        .dma_to_cpu = bus_dma_to_cpu,
        .store128 = bus_store128,
    };
    return 0;
}

void vtd_machine_fini(struct vtd_machine *machine)
{
    vtd_destroy(machine->unit);
    vtd_memory_fini(&machine->memory);
    *machine = (struct vtd_machine){0};
}
