/* SPDX-License-Identifier: MIT */
/*
 * A machine around the C model: memory, page frames for the driver, a queue of the unit's message interrupts, devices
 * that do DMA (requester.h), the PASIDs that virtual commands give, and the struct vtd_bus through which the driver sees
 * it all.
 */
#ifndef VTD_MODEL_BUS_H
#define VTD_MODEL_BUS_H

#include "driver/bus.h"
#include "platform/answers.h"
#include "platform/clock.h"
#include "platform/cpu_cache.h"
#include "platform/memory.h"
#include "platform/pasid_pool.h"
#include "platform/requester.h"
#include "vtd/vtd.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Messages that are kept until somebody takes them; more are counted and dropped. */
#define VTD_MSI_SINK_SIZE 64

struct vtd_msi_message {
    uint64_t addr;
    uint32_t data;
};

struct vtd_msi_sink {
    struct vtd_msi_message message[VTD_MSI_SINK_SIZE];
    unsigned head, count;
    uint64_t dropped;
};

/* Adds a message. */
void vtd_msi_sink_put(struct vtd_msi_sink *sink, uint64_t addr, uint32_t data);

/* Takes the oldest message; false if there is none. */
bool vtd_msi_sink_take(struct vtd_msi_sink *sink, struct vtd_msi_message *message);

/* Zero-initialized is valid for vtd_machine_fini. Must not move between init and fini. */
struct vtd_machine {
    struct vtd *unit;
    struct vtd_memory memory;
    struct vtd_frames frames; /* what the driver's dma_alloc takes from */
    struct vtd_cpu_cache cpu_cache;
    struct vtd_msi_sink msi;
    struct vtd_pasid_pool pasids; /* behind virtual commands: the PASIDs that the unit can express */
    struct vtd_bus bus;           /* for vtd_drv_create */

    struct vtd_requester **bus_devices[256]; /* by bus, then device and function; NULL for a bus without any */
    struct vtd_answers answers;              /* invalidation requests that devices have yet to answer */
    struct vtd_clock *clock;                 /* NULL: register writes take no time */
    uint64_t lost_responses;                 /* page responses to source-ids where no requester is */

    /* Told of each step of requests while vtd_events_enable is on (vtd_host.event); may be NULL. */
    void (*event)(void *opaque, const struct vtd_event *event);
    void *event_opaque;
};

/*
 * Makes memory of memory_size bytes at address 0 and a unit of configuration config over it; frames come from
 * [frames_start, frames_end). Returns 0 or a negative errno with why filled (VTD_WHY_SIZE bytes, may be NULL):
 * -EINVAL for the configuration or a bad size, -ENOMEM.
 */
int vtd_machine_init(struct vtd_machine *machine, const struct vtd_config *config, uint64_t memory_size,
                     uint64_t frames_start, uint64_t frames_end, char *why);

/*
 * The same with processor caches (cpu_cache.h): the unit sees in tables that it does not snoop what was flushed through
 * the bus, and what dma_alloc gives is 0 for the processor only.
 */
int vtd_machine_init_cached(struct vtd_machine *machine, const struct vtd_config *config, uint64_t memory_size,
                            uint64_t frames_start, uint64_t frames_end, char *why);
void vtd_machine_fini(struct vtd_machine *machine);

/* ---------------------------------------------------------------- devices (requester.c, model_bus.c) */

/*
 * Adds a device at config->sid; the machine owns it. Returns 0 with *requester (may be NULL) set, or a negative errno
 * with why filled (VTD_WHY_SIZE bytes, may be NULL): -EEXIST, -EINVAL, -ENOMEM.
 */
int vtd_machine_add_requester(struct vtd_machine *machine, const struct vtd_requester_config *config,
                              struct vtd_requester **requester, char *why);

/* The device at sid, or NULL. */
struct vtd_requester *vtd_machine_requester(const struct vtd_machine *machine, uint16_t sid);

/*
 * How the device at sid answers invalidation requests from now on. VTD_ANSWER_RELEASE lets go what it held. False if no
 * device is there: then the root complex answers, promptly.
 */
bool vtd_machine_set_answer(struct vtd_machine *machine, uint16_t sid, enum vtd_answer answer);

/*
 * Devices carry out and answer the invalidation requests that the unit has sent since. To be called outside of the
 * unit's callbacks. Returns how many messages went to the unit.
 */
unsigned vtd_machine_run_devices(struct vtd_machine *machine);

/*
 * The same, and what devices never answer times out. vtd_bus.relax does this, so that a driver that polls for a wait
 * descriptor sees either its end or the time-out.
 */
unsigned vtd_machine_run_devices_and_expire(struct vtd_machine *machine);

#ifdef __cplusplus
}
#endif
#endif
