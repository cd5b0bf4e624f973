/* SPDX-License-Identifier: MIT */
/*
 * The memory of a guest in QEMU as memory of our machine: QEMU names files that back it, and they are mapped where a
 * struct vtd_memory has the same addresses. So the unit and devices reach it without a copy or a message.
 */
#ifndef VTD_QEMU_GUEST_MEMORY_H
#define VTD_QEMU_GUEST_MEMORY_H

#include "platform/memory.h"
#include "qemu/wire.h"

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_qemu_memory {
    struct vtd_memory *memory; /* reserved, as large as vtd_qemu_memory_top says */
    uint64_t size;             /* bytes of guest memory */
    uint64_t low_end;          /* [0, low_end), and the rest from 4 GiB on: how QEMU's machine q35 lays it out */
    bool mapped;
    dev_t device; /* the file that is mapped */
    ino_t inode;
};

/* End of the memory below 4 GiB, and of all memory, when the guest has size bytes. */
uint64_t vtd_qemu_memory_low_end(uint64_t size);
uint64_t vtd_qemu_memory_top(uint64_t size);

/*
 * Takes a VTD_QEMU_SYNC_MEMORY message: maps the file when it is the first, and checks that the layout is that of the
 * machine. Closes the descriptors. Returns 0, or -1 with why (VTD_QEMU_WHY_SIZE bytes) filled.
 */
int vtd_qemu_memory_sync(struct vtd_qemu_memory *m, const struct vtd_qemu_message *message, char *why);

#ifdef __cplusplus
}
#endif
#endif
