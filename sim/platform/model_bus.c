/* SPDX-License-Identifier: MIT */
/* The C model as a machine with a bus. See model_bus.h. */
#include "model_bus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

static unsigned host_virtual_command(void *opaque, unsigned command, uint64_t operand_a, uint64_t operand_b,
                                     uint64_t *result)
{
    struct vtd_machine *m = opaque;
    (void)operand_b;
    return vtd_pasid_pool_command(&m->pasids, command, operand_a, result);
}

static void host_device_tlb_inv(void *opaque, const struct vtd_device_tlb_inv *inv)
{
    struct vtd_machine *m = opaque;
    vtd_answers_put(&m->answers, inv);
}

static void host_page_response(void *opaque, const struct vtd_page_response *resp)
{
    struct vtd_machine *m = opaque;
    struct vtd_requester *r = vtd_machine_requester(m, resp->sid);
    if (r)
        vtd_requester_page_response(r, resp);
    else
        m->lost_responses++;
}

/* ---------------------------------------------------------------- devices */

#define BUSES   256
#define PER_BUS 256 /* devices and functions */

struct vtd_requester *vtd_machine_requester(const struct vtd_machine *m, uint16_t sid)
{
    struct vtd_requester *const *on_bus = m->bus_devices[sid >> 8];
    return on_bus ? on_bus[sid & 0xff] : NULL;
}

int vtd_machine_add_requester(struct vtd_machine *m, const struct vtd_requester_config *config,
                              struct vtd_requester **requester, char *why)
{
    struct vtd_requester *made = NULL;
    if (requester)
        *requester = NULL;
    if (vtd_machine_requester(m, config->sid)) {
        if (why)
            snprintf(why, VTD_WHY_SIZE, "there is a device at this source-id");
        return -EEXIST;
    }
    struct vtd_requester ***on_bus = &m->bus_devices[config->sid >> 8];
    if (!*on_bus && !(*on_bus = calloc(PER_BUS, sizeof(struct vtd_requester *)))) {
        if (why)
            snprintf(why, VTD_WHY_SIZE, "out of memory");
        return -ENOMEM;
    }
    const int error = vtd_requester_create(m->unit, config, &made, why);
    (*on_bus)[config->sid & 0xff] = made;
    if (requester)
        *requester = made;
    return error;
}

static enum vtd_answer answer_of(void *opaque, uint16_t sid)
{
    const struct vtd_requester *r = vtd_machine_requester(opaque, sid);
    return r ? vtd_requester_answer(r) : VTD_ANSWER_PROMPT;
}

static void invalidate(void *opaque, const struct vtd_device_tlb_inv *inv)
{
    struct vtd_requester *r = vtd_machine_requester(opaque, inv->sid);
    if (r)
        vtd_requester_invalidate(r, inv);
}

bool vtd_machine_set_answer(struct vtd_machine *m, uint16_t sid, enum vtd_answer answer)
{
    struct vtd_requester *r = vtd_machine_requester(m, sid);
    if (!r)
        return false;
    vtd_requester_set_answer(r, answer == VTD_ANSWER_RELEASE ? VTD_ANSWER_PROMPT : answer);
    if (answer == VTD_ANSWER_RELEASE)
        vtd_answers_release(&m->answers, sid);
    return true;
}

unsigned vtd_machine_run_devices(struct vtd_machine *m)
{
    return vtd_answers_run(&m->answers, m->unit);
}

unsigned vtd_machine_run_devices_and_expire(struct vtd_machine *m)
{
    return vtd_answers_run_and_expire(&m->answers, m->unit);
}

/* ---------------------------------------------------------------- the bus */

/* Devices get what the unit has sent, and their answers reach it: over the link and back. */
static void bus_relax(void *opaque)
{
    const struct vtd_machine *m = opaque;
    struct vtd_clock *clock = m->clock;
    if (!clock || !clock->software) {
        vtd_machine_run_devices_and_expire(opaque);
        return;
    }
    vtd_timing_watch(clock->timing);
    if (vtd_machine_run_devices_and_expire(opaque))
        clock->now = vtd_timing_lay(clock->timing,
                                    clock->now + 2 * (uint64_t)vtd_timing_config_get(clock->timing)->link_latency);
}

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
    const struct vtd_machine *m = opaque;
    if (m->clock && m->clock->software)
        m->clock->now = vtd_timing_write32(m->clock->timing, offset, value, m->clock->now);
    else
        vtd_mmio_write32(m->unit, offset, value);
}

static void bus_write64(void *opaque, uint64_t offset, uint64_t value)
{
    const struct vtd_machine *m = opaque;
    if (m->clock && m->clock->software)
        m->clock->now = vtd_timing_write64(m->clock->timing, offset, value, m->clock->now);
    else
        vtd_mmio_write64(m->unit, offset, value);
}

static void *bus_dma_alloc(void *opaque, unsigned order, uint64_t *dma)
{
    struct vtd_machine *m = opaque;
    *dma = vtd_frames_alloc(&m->frames, order);
    if (!*dma)
        return NULL;
    vtd_cpu_cache_spoil(&m->cpu_cache, *dma, UINT64_C(4096) << order);
    return m->memory.base + *dma;
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

static void bus_flush(void *opaque, const void *cpu, size_t size)
{
    struct vtd_machine *m = opaque;
    vtd_cpu_cache_flush(&m->cpu_cache, (uint64_t)((const uint8_t *)cpu - m->memory.base), size);
}

static void host_event(void *opaque, const struct vtd_event *event)
{
    const struct vtd_machine *m = opaque;
    if (m->event)
        m->event(m->event_opaque, event);
}

/* The unit over the memory that is there, page frames and the bus. */
static int finish(struct vtd_machine *machine, const struct vtd_config *config, uint64_t frames_start,
                  uint64_t frames_end, char *why)
{
    const struct vtd_host host = {
        .opaque = machine,
        .mem_base = machine->memory.base,
        .mem_unsnooped = machine->cpu_cache.behind.base,
        .mem_size = machine->memory.size,
        .msi = host_msi,
        .virtual_command = host_virtual_command,
        .device_tlb_inv = host_device_tlb_inv,
        .page_response = host_page_response,
        .event = host_event,
    };
    machine->answers.host = (struct vtd_answers_host){
        .opaque = machine,
        .policy = answer_of,
        .invalidate = invalidate,
    };
    machine->unit = vtd_create(config, &host, why);
    if (!machine->unit)
        return -EINVAL;
    if (vtd_pasid_pool_init(&machine->pasids, vtd_pasid_pool_bits(config)) != 0) {
        if (why)
            strcpy(why, "out of memory");
        return -ENOMEM;
    }
    vtd_frames_init(&machine->frames, &machine->memory, frames_start, frames_end);
    machine->bus = (struct vtd_bus){
        .opaque = machine,
        .read32 = bus_read32,
        .read64 = bus_read64,
        .write32 = bus_write32,
        .write64 = bus_write64,
        .relax = bus_relax,
        .dma_alloc = bus_dma_alloc,
        .dma_free = bus_dma_free,
        .dma_to_cpu = bus_dma_to_cpu,
        .store128 = bus_store128,
    };
    return 0;
}

int vtd_machine_init_cached(struct vtd_machine *machine, const struct vtd_config *config, uint64_t memory_size,
                            uint64_t frames_start, uint64_t frames_end, char *why)
{
    *machine = (struct vtd_machine){0};
    int error = vtd_memory_init(&machine->memory, memory_size, why);
    if (!error)
        error = vtd_cpu_cache_init(&machine->cpu_cache, &machine->memory, why);
    if (!error)
        error = finish(machine, config, frames_start, frames_end, why);
    if (error)
        vtd_machine_fini(machine);
    else
        machine->bus.flush = bus_flush;
    return error;
}

int vtd_machine_init(struct vtd_machine *machine, const struct vtd_config *config, uint64_t memory_size,
                     uint64_t frames_start, uint64_t frames_end, char *why)
{
    *machine = (struct vtd_machine){0};
    int error = vtd_memory_init(&machine->memory, memory_size, why);
    if (!error)
        error = finish(machine, config, frames_start, frames_end, why);
    if (error)
        vtd_machine_fini(machine);
    return error;
}

void vtd_machine_fini(struct vtd_machine *machine)
{
    for (unsigned bus = 0; bus < BUSES; bus++) {
        for (unsigned i = 0; machine->bus_devices[bus] && i < PER_BUS; i++)
            vtd_requester_destroy(machine->bus_devices[bus][i]);
        free(machine->bus_devices[bus]);
    }
    vtd_destroy(machine->unit);
    vtd_cpu_cache_fini(&machine->cpu_cache);
    vtd_memory_fini(&machine->memory);
    vtd_pasid_pool_fini(&machine->pasids);
    *machine = (struct vtd_machine){0};
}
