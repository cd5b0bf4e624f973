/* SPDX-License-Identifier: MIT */
/* The common configuration of a virtio function (virtio 1.1, 4.1.4.3): features, status, and its one queue. */
#include "virtio_blk_internal.h"

#include <string.h>

/* Offsets. */
enum {
    COMMON_DEVICE_SELECT = 0x00,
    COMMON_DEVICE_FEATURES = 0x04,
    COMMON_DRIVER_SELECT = 0x08,
    COMMON_DRIVER_FEATURES = 0x0c,
    COMMON_CONFIG_VECTOR = 0x10,
    COMMON_QUEUES = 0x12,
    COMMON_STATUS = 0x14,
    COMMON_GENERATION = 0x15,
    COMMON_QUEUE_SELECT = 0x16,
    COMMON_QUEUE_SIZE = 0x18,
    COMMON_QUEUE_VECTOR = 0x1a,
    COMMON_QUEUE_ENABLE = 0x1c,
    COMMON_QUEUE_NOTIFY = 0x1e,
    COMMON_QUEUE_DESCRIPTORS = 0x20,
    COMMON_QUEUE_DRIVER = 0x28,
    COMMON_QUEUE_DEVICE = 0x30,
};

#define STATUS_FEATURES_OK 0x08u
#define NO_VECTOR          0xffffu

#define FEATURE(bit) (UINT64_C(1) << (bit))
#define SEG_MAX      FEATURE(2)
#define RO           FEATURE(5)
#define BLK_SIZE     FEATURE(6)
#define FLUSH        FEATURE(9)
#define VERSION_1    FEATURE(32)
#define PLATFORM     FEATURE(33) /* ACCESS_PLATFORM */

static uint64_t features(const struct vtd_virtio_blk *d)
{
    return SEG_MAX | BLK_SIZE | FLUSH | VERSION_1 | PLATFORM | (d->read_only ? RO : 0);
}

void vtd_virtio_reset_device(struct vtd_virtio_blk *d)
{
    d->device_select = d->driver_select = 0;
    d->driver_features = 0;
    d->config_vector = NO_VECTOR;
    d->status = 0;
    d->queue_select = 0;
    d->queue = (struct vtd_virtio_queue){
        .host = d->host, .requester = d->requester, .size = VTD_VIRTIO_QUEUE_MAX, .vector = NO_VECTOR};
    d->kicked = false;
    d->isr = 0;
}

/* Common configuration as bytes; there is queue 0 only. */
void vtd_virtio_fill_common(const struct vtd_virtio_blk *d, uint8_t bytes[VTD_VIRTIO_COMMON_SIZE])
{
    const struct vtd_virtio_queue *q = &d->queue;
    const bool there = d->queue_select == 0;
    const uint64_t offered = features(d);
    const struct {
        uint8_t offset, size;
        uint64_t value;
    } field[] = {
        {COMMON_DEVICE_SELECT, 4, d->device_select},
        {COMMON_DEVICE_FEATURES, 4, d->device_select < 2 ? offered >> (32 * d->device_select) : 0},
        {COMMON_DRIVER_SELECT, 4, d->driver_select},
        {COMMON_DRIVER_FEATURES, 4, d->driver_select < 2 ? d->driver_features >> (32 * d->driver_select) : 0},
        {COMMON_CONFIG_VECTOR, 2, d->config_vector},
        {COMMON_QUEUES, 2, 1},
        {COMMON_STATUS, 1, d->status},
        {COMMON_QUEUE_SELECT, 2, d->queue_select},
        {COMMON_QUEUE_SIZE, 2, there ? q->size : 0},
        {COMMON_QUEUE_VECTOR, 2, there ? q->vector : NO_VECTOR},
        {COMMON_QUEUE_ENABLE, 2, there && q->enabled},
        {COMMON_QUEUE_DESCRIPTORS, 8, there ? q->descriptors : 0},
        {COMMON_QUEUE_DRIVER, 8, there ? q->driver : 0},
        {COMMON_QUEUE_DEVICE, 8, there ? q->device : 0},
    };
    memset(bytes, 0, VTD_VIRTIO_COMMON_SIZE);
    for (size_t i = 0; i < sizeof(field) / sizeof(*field); i++)
        for (unsigned k = 0; k < field[i].size; k++)
            bytes[field[i].offset + k] = (uint8_t)(field[i].value >> (8 * k));
}

static void write_status(struct vtd_virtio_blk *d, uint8_t status)
{
    if (status == 0) {
        vtd_virtio_reset_device(d);
        return;
    }
    /* Features that were not offered, or none of the new kind, are not accepted: FEATURES_OK does not stay. */
    if (status & STATUS_FEATURES_OK && !(d->status & STATUS_FEATURES_OK) &&
        (d->driver_features & ~features(d) || !(d->driver_features & VERSION_1)))
        status &= (uint8_t)~STATUS_FEATURES_OK;
    d->status = (uint8_t)(status | (d->status & VTD_VIRTIO_NEEDS_RESET));
}

static void set_half(uint64_t *value, unsigned half, uint32_t part)
{
    const unsigned shift = 32 * half;
    *value = (*value & ~(UINT64_C(0xffffffff) << shift)) | (uint64_t)part << shift;
}

static uint16_t vector_of(uint32_t value)
{
    return value < VTD_VIRTIO_VECTORS ? (uint16_t)value : NO_VECTOR;
}

static void write_queue(struct vtd_virtio_blk *d, uint64_t offset, uint32_t value)
{
    struct vtd_virtio_queue *q = &d->queue;
    if (d->queue_select != 0)
        return;
    if (offset == COMMON_QUEUE_VECTOR) {
        q->vector = vector_of(value);
        return;
    }
    if (q->enabled)
        return; /* it is in use: only a reset changes it */
    if (offset == COMMON_QUEUE_SIZE && value && value <= VTD_VIRTIO_QUEUE_MAX && !(value & (value - 1)))
        q->size = (uint16_t)value;
    else if (offset == COMMON_QUEUE_ENABLE)
        q->enabled = value & 1;
    else if (offset >= COMMON_QUEUE_DESCRIPTORS && offset < COMMON_QUEUE_DRIVER)
        set_half(&q->descriptors, offset / 4 % 2, value);
    else if (offset >= COMMON_QUEUE_DRIVER && offset < COMMON_QUEUE_DEVICE)
        set_half(&q->driver, offset / 4 % 2, value);
    else if (offset >= COMMON_QUEUE_DEVICE && offset < VTD_VIRTIO_COMMON_SIZE)
        set_half(&q->device, offset / 4 % 2, value);
}

void vtd_virtio_write_common(struct vtd_virtio_blk *d, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case COMMON_DEVICE_SELECT:
        d->device_select = value;
        break;
    case COMMON_DRIVER_SELECT:
        d->driver_select = value;
        break;
    case COMMON_DRIVER_FEATURES:
        if (d->driver_select < 2 && !(d->status & STATUS_FEATURES_OK))
            set_half(&d->driver_features, d->driver_select, value);
        break;
    case COMMON_CONFIG_VECTOR:
        d->config_vector = vector_of(value);
        break;
    case COMMON_STATUS:
        write_status(d, (uint8_t)value);
        break;
    case COMMON_QUEUE_SELECT:
        d->queue_select = (uint16_t)value;
        break;
    default:
        write_queue(d, offset, value);
        break;
    }
}
