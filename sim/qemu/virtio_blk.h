/* SPDX-License-Identifier: MIT */
/*
 * A disk as a PCI function: virtio-blk over modern virtio-pci (virtio 1.1, 4.1 and 5.2), with one queue. The driver is that
 * of every Linux, so a file system can be used through the unit; it needs MSI-X.
 *
 * Offered: VERSION_1, ACCESS_PLATFORM (addresses are the unit's to translate), SEG_MAX, BLK_SIZE, FLUSH, and RO.
 */
#ifndef VTD_QEMU_VIRTIO_BLK_H
#define VTD_QEMU_VIRTIO_BLK_H

#include "qemu/function.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_VIRTIO_VENDOR     0x1af4
#define VTD_VIRTIO_BLK_DEVICE 0x1042

/* BAR 0: registers at these offsets. BAR 1: MSI-X. */
#define VTD_VIRTIO_BAR    0x4000u
#define VTD_VIRTIO_COMMON 0x0000u
#define VTD_VIRTIO_ISR    0x1000u
#define VTD_VIRTIO_CONFIG 0x2000u
#define VTD_VIRTIO_NOTIFY 0x3000u

struct vtd_virtio_blk_config {
    uint16_t sid;
    const char *path; /* of the image: whole sectors of 512 bytes, at least one */
    bool read_only;
};

struct vtd_virtio_blk_stats {
    uint64_t reads, writes, flushes; /* requests that ended well */
    uint64_t failed;
    uint64_t bytes;
    uint64_t broken; /* times that the device needed a reset */
};

/*
 * Makes a disk at config->sid, with a requester of the host's machine. function is filled; function->destroy ends it. The
 * host must outlive it. Returns 0, or a negative errno with why filled (VTD_WHY_SIZE bytes, may be NULL): -EINVAL for an
 * image without whole sectors, -EEXIST, -ENOMEM, or what opening the image gave.
 */
int vtd_virtio_blk_create(struct vtd_qemu_host *host, const struct vtd_virtio_blk_config *config,
                          struct vtd_qemu_function *function, char *why);

/* What a function that vtd_virtio_blk_create has made did so far. */
const struct vtd_virtio_blk_stats *vtd_virtio_blk_stats_get(const struct vtd_qemu_function *function);

#ifdef __cplusplus
}
#endif
#endif
