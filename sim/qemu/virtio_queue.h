/* SPDX-License-Identifier: MIT */
/*
 * A split virtqueue (virtio 1.1, 2.6) as the device sees it: all of it is read and written by DMA of the function, through
 * the unit.
 */
#ifndef VTD_QEMU_VIRTIO_QUEUE_H
#define VTD_QEMU_VIRTIO_QUEUE_H

#include "qemu/function.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_VIRTIO_QUEUE_MAX 128u

struct vtd_virtio_queue {
    struct vtd_qemu_host *host;
    struct vtd_requester *requester;
    bool enabled;
    uint16_t size; /* a power of two, up to VTD_VIRTIO_QUEUE_MAX */
    uint16_t vector;
    uint64_t descriptors, driver, device; /* addresses of descriptor table, available ring, used ring */
    uint16_t next;                        /* index of the available ring that comes next */
    uint16_t used;                        /* index of the used ring that comes next */
};

/* A buffer of a request. */
struct vtd_virtio_buffer {
    uint64_t addr;
    uint32_t length;
    bool writable; /* by the device */
};

/* A request: a chain of buffers. */
struct vtd_virtio_chain {
    uint16_t head;
    unsigned count;
    struct vtd_virtio_buffer buffer[VTD_VIRTIO_QUEUE_MAX];
};

/* DMA of a function. False when the unit refused it, or there is no memory; some of it may then have been done. */
bool vtd_virtio_read(struct vtd_virtio_queue *q, uint64_t addr, void *data, uint32_t length);
bool vtd_virtio_write(struct vtd_virtio_queue *q, uint64_t addr, const void *data, uint32_t length);

enum vtd_virtio_take {
    VTD_VIRTIO_EMPTY,
    VTD_VIRTIO_TAKEN,
    VTD_VIRTIO_BROKEN, /* the rings cannot be reached or make no sense: the device needs a reset */
};

/* Takes the next request. */
enum vtd_virtio_take vtd_virtio_queue_take(struct vtd_virtio_queue *q, struct vtd_virtio_chain *chain);

/* Gives a request back, `written` bytes of which the device wrote. *notify: the driver wants an interrupt. */
bool vtd_virtio_queue_put(struct vtd_virtio_queue *q, uint16_t head, uint32_t written, bool *notify);

#ifdef __cplusplus
}
#endif
#endif
