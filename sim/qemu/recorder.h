/* SPDX-License-Identifier: MIT */
/*
 * Writes down what software and devices do to a unit as a scenario file (scenario/scenario.h), which vtdsim replay runs again
 * without them: register accesses, requests with what came of them, interrupt requests, and what the unit reads in memory,
 * as stores in front of the statement that reads it.
 *
 * Memory is written down when the unit reads it and only where it is not what the file has so far, so that the recording has
 * tables and descriptors, and none of the rest of the guest.
 */
#ifndef VTD_QEMU_RECORDER_H
#define VTD_QEMU_RECORDER_H

#include "qemu/wire.h"
#include "vtd/vtd.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_RECORDER_TEXT 256

/* A qword of memory as the recording has it. */
struct vtd_recorder_word {
    uint64_t addr; /* + 1; 0: the place is free */
    uint64_t value;
    uint64_t statement; /* that has read it last */
};

/* Zero-initialized is a recorder that writes nothing. */
struct vtd_recorder {
    FILE *out;
    struct vtd_recorder_word *word; /* a hash table */
    size_t words, capacity;
    char pending[VTD_RECORDER_TEXT]; /* the last statement: its stores may still come */
    uint64_t statements, stores;
    uint64_t limit;     /* of statements: then nothing more is written */
    uint64_t conflicts; /* memory changed while a statement ran: the recording cannot say that */
    bool no_memory;
};

/*
 * Begins a recording: out gets the file's first lines, with the lines of configuration after them (may be empty). limit: most
 * statements, 0 for as many as come. Returns false when out cannot be written.
 */
bool vtd_recorder_begin(struct vtd_recorder *r, FILE *out, const char *configuration, uint64_t limit);

/* A register access, after a read and before a write; the type of vtd_qemu_register_watch. opaque: the recorder. */
void vtd_recorder_register(void *opaque, bool write, uint64_t offset, uint64_t value, unsigned size);

/* What the unit does; for vtd_host.event. opaque: the recorder. */
void vtd_recorder_event(void *opaque, const struct vtd_event *event);

/* An interrupt request (vtd_interrupt): begin before it, end after it. */
void vtd_recorder_interrupt(struct vtd_recorder *r, uint16_t sid, uint64_t addr, uint32_t data);
void vtd_recorder_interrupt_end(struct vtd_recorder *r, const struct vtd_irq_response *irq);

/*
 * Ends it; out stays open. Returns 0, or -1 with why (VTD_QEMU_WHY_SIZE bytes) when the file is not what happened. Page
 * requests (page_requests of the unit's statistics) are none of the statements that can be recorded.
 */
int vtd_recorder_end(struct vtd_recorder *r, uint64_t page_requests, char *why);

#ifdef __cplusplus
}
#endif
#endif
