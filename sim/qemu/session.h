/* SPDX-License-Identifier: MIT */
/*
 * One run of QEMU with our unit as its remapping hardware.
 *
 * Order of a boot
 *     QEMU starts stopped and sets its proxy devices up; we serve them
 *     over qtest the BARs of the carrier of the unit are placed, before any firmware runs
 *     the carrier becomes absent from configuration space, and the processors start
 *     the guest finds the registers through the DMAR table that we have passed
 * From then on one loop serves accesses, advances transfers, and sends messages of the unit and its devices to the
 * processors, as writes of qtest to FEEx_xxxx.
 */
#ifndef VTD_QEMU_SESSION_H
#define VTD_QEMU_SESSION_H

#include "qemu/acpi.h"
#include "qemu/carrier.h"
#include "qemu/channel.h"
#include "qemu/child.h"
#include "qemu/unit_function.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_QEMU_FUNCTIONS  4 /* of ours, beside the carrier of the unit */
#define VTD_QEMU_FIRST_SLOT 5 /* device number of the first on segment 0; the unit's carrier is one below */

/* What is to be booted. Strings are borrowed until the session ends. */
struct vtd_qemu_boot {
    const char *qemu;      /* the program */
    const char *libraries; /* its library path, or NULL for the system's */
    const char *data;      /* directories with its firmware, separated by ':', or NULL */
    const char *kernel, *initrd, *append;
    const char *directory;      /* where ACPI tables are written for QEMU to read */
    uint64_t memory;            /* bytes, a multiple of 1 MiB; at least 128 MiB */
    unsigned cpus;              /* at least 1 */
    bool own_segment;           /* functions are on PCI Express segment 1, and the unit is that segment's */
    bool interrupt_remapping;   /* the DMAR table offers it */
    bool terminal;              /* the console is this terminal, and lines are not handed over */
    unsigned timeout;           /* seconds; 0: none */
    vtd_qemu_line *console;     /* lines of the guest's console */
    vtd_qemu_line *message;     /* lines that QEMU itself prints */
    void *opaque;               /* of both */
    volatile const int *cancel; /* not 0: end; may be NULL */
};

/* How a run ended. */
enum vtd_qemu_end {
    VTD_QEMU_END_EXIT,    /* the guest switched itself off */
    VTD_QEMU_END_TIMEOUT, /* it did not in time */
    VTD_QEMU_END_CANCEL,
    VTD_QEMU_END_ERROR, /* why says what */
};

/* Zero-initialized is valid for vtd_qemu_session_fini. Must not move between init and fini. */
struct vtd_qemu_session {
    struct vtd_machine machine;
    struct vtd_qemu_host host;
    struct vtd_qemu_memory memory;
    struct vtd_qemu_unit_function unit;
    struct vtd_qemu_function function[VTD_QEMU_FUNCTIONS];
    bool busy[VTD_QEMU_FUNCTIONS]; /* work in flight */
    unsigned functions;
    struct vtd_qemu_carrier carrier[1 + VTD_QEMU_FUNCTIONS]; /* the unit's first */
    unsigned carriers;
    struct vtd_qemu_child child;
    struct vtd_qemu_channel qtest, monitor, console, message;
    uint64_t commands, answers; /* over qtest */
    bool running;               /* the processors were started */
    bool failed;
    uint64_t interrupts; /* messages to the processors */
    const struct vtd_qemu_boot *boot;
    char why[VTD_QEMU_WHY_SIZE + VTD_WHY_SIZE];
};

/* Makes machine, unit and host. Returns 0, or -1 with s->why filled. */
int vtd_qemu_session_init(struct vtd_qemu_session *s, const struct vtd_config *config, uint64_t memory,
                          bool own_segment);

/*
 * Adds a function, which becomes the session's. On segment 0 it is device VTD_QEMU_FIRST_SLOT + i, on one of our own
 * device i. False when there are VTD_QEMU_FUNCTIONS.
 */
bool vtd_qemu_session_add(struct vtd_qemu_session *s, const struct vtd_qemu_function *function);

/* Boots and serves until the end. s->why says why for VTD_QEMU_END_ERROR and VTD_QEMU_END_TIMEOUT. QEMU has ended. */
enum vtd_qemu_end vtd_qemu_session_run(struct vtd_qemu_session *s, const struct vtd_qemu_boot *boot);

void vtd_qemu_session_fini(struct vtd_qemu_session *s);

/* ---- start.c, for session.c ---- */

/* Writes ACPI tables, makes sockets, starts QEMU. Returns 0, or -1 with s->why filled. */
int vtd_qemu_session_start(struct vtd_qemu_session *s);

#ifdef __cplusplus
}
#endif
#endif
