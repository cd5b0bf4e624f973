/* SPDX-License-Identifier: MIT */
/* State of a disk: shared by virtio_blk.c (the function) and virtio_disk.c (its requests). */
#ifndef VTD_QEMU_VIRTIO_BLK_INTERNAL_H
#define VTD_QEMU_VIRTIO_BLK_INTERNAL_H

#include "qemu/msix.h"
#include "qemu/virtio_blk.h"
#include "qemu/virtio_queue.h"

#define VTD_VIRTIO_SECTOR      512u
#define VTD_VIRTIO_COMMON_SIZE 0x38u
#define VTD_VIRTIO_VECTORS     2u

/* Status. */
#define VTD_VIRTIO_DRIVER_OK   0x04u
#define VTD_VIRTIO_NEEDS_RESET 0x40u

struct vtd_virtio_blk {
    struct vtd_qemu_host *host;
    struct vtd_requester *requester;
    struct vtd_pci_config pci;
    struct vtd_msix msix;
    uint16_t sid;

    /* common configuration */
    uint32_t device_select, driver_select;
    uint64_t driver_features;
    uint16_t config_vector;
    uint8_t status;
    uint16_t queue_select;
    struct vtd_virtio_queue queue;
    bool kicked;
    uint8_t isr;

    int image;
    bool read_only;
    uint64_t sectors;
    struct vtd_virtio_chain chain;
    struct vtd_virtio_blk_stats stats;
};

/* The device's own reset: by a status of 0. */
void vtd_virtio_reset_device(struct vtd_virtio_blk *d);

/* Common configuration as bytes. */
void vtd_virtio_fill_common(const struct vtd_virtio_blk *d, uint8_t bytes[VTD_VIRTIO_COMMON_SIZE]);

/* A write to one field, in its own width; to 64-bit fields in halves. */
void vtd_virtio_write_common(struct vtd_virtio_blk *d, uint64_t offset, uint32_t value);

/* Carries the request in d->chain out and writes its status byte. False when that cannot be written. */
bool vtd_virtio_disk_request(struct vtd_virtio_blk *d, uint32_t *written);

#endif
