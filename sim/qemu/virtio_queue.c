/* SPDX-License-Identifier: MIT */
/* A split virtqueue, by DMA. See virtio_queue.h. */
#include "qemu/virtio_queue.h"

#include <string.h>

#define PAGE 4096u

/* Flags of a descriptor, and of the available ring. */
#define NEXT         1u
#define WRITE        2u
#define INDIRECT     4u /* not offered */
#define NO_INTERRUPT 1u

static bool move(struct vtd_virtio_queue *q, uint64_t addr, uint8_t *data, uint32_t length, bool write)
{
    while (length) {
        const uint32_t page = PAGE - (uint32_t)(addr % PAGE), part = length < page ? length : page;
        const struct vtd_request req = {.addr = addr, .access = write ? VTD_WRITE : VTD_READ, .len = (uint16_t)part};
        struct vtd_requester_outcome out;
        if (vtd_requester_access(q->requester, &req, &out) != VTD_REQUESTER_DONE || out.resp.result != VTD_RESULT_OK)
            return false;
        uint8_t *memory = vtd_qemu_ram(q->host, out.hpa, part);
        if (!memory)
            return false;
        memcpy(write ? memory : data, write ? data : memory, part);
        addr += part;
        data += part;
        length -= part;
    }
    return true;
}

bool vtd_virtio_read(struct vtd_virtio_queue *q, uint64_t addr, void *data, uint32_t length)
{
    return move(q, addr, data, length, false);
}

bool vtd_virtio_write(struct vtd_virtio_queue *q, uint64_t addr, const void *data, uint32_t length)
{
    return move(q, addr, (uint8_t *)(uintptr_t)data, length, true);
}

static uint16_t get16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t get32(const uint8_t *bytes)
{
    return get16(bytes) | (uint32_t)get16(bytes + 2) << 16;
}

static void put32(uint8_t *bytes, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

/* Follows a chain; one that is longer than the queue runs in a circle. */
static bool read_chain(struct vtd_virtio_queue *q, struct vtd_virtio_chain *chain)
{
    uint16_t index = chain->head, flags;
    chain->count = 0;
    do {
        uint8_t d[16];
        if (index >= q->size || chain->count == q->size ||
            !vtd_virtio_read(q, q->descriptors + 16u * index, d, sizeof(d)))
            return false;
        flags = get16(d + 12);
        if (flags & INDIRECT)
            return false;
        chain->buffer[chain->count++] = (struct vtd_virtio_buffer){
            .addr = get32(d) | (uint64_t)get32(d + 4) << 32, .length = get32(d + 8), .writable = flags & WRITE};
        index = get16(d + 14);
    } while (flags & NEXT);
    return true;
}

enum vtd_virtio_take vtd_virtio_queue_take(struct vtd_virtio_queue *q, struct vtd_virtio_chain *chain)
{
    uint8_t ring[4], head[2];
    if (!vtd_virtio_read(q, q->driver, ring, sizeof(ring)))
        return VTD_VIRTIO_BROKEN;
    const uint16_t ready = (uint16_t)(get16(ring + 2) - q->next);
    if (ready == 0)
        return VTD_VIRTIO_EMPTY;
    __atomic_thread_fence(__ATOMIC_ACQUIRE); /* what the index speaks of was written before it */
    if (ready > q->size || !vtd_virtio_read(q, q->driver + 4 + 2u * (q->next % q->size), head, sizeof(head)))
        return VTD_VIRTIO_BROKEN;
    chain->head = get16(head);
    if (!read_chain(q, chain))
        return VTD_VIRTIO_BROKEN;
    q->next++;
    return VTD_VIRTIO_TAKEN;
}

bool vtd_virtio_queue_put(struct vtd_virtio_queue *q, uint16_t head, uint32_t written, bool *notify)
{
    uint8_t element[8], index[2], ring[2];
    put32(element, head);
    put32(element + 4, written);
    if (!vtd_virtio_write(q, q->device + 4 + 8u * (q->used % q->size), element, sizeof(element)))
        return false;
    q->used++;
    index[0] = (uint8_t)q->used;
    index[1] = (uint8_t)(q->used >> 8);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    if (!vtd_virtio_write(q, q->device + 2, index, sizeof(index)))
        return false;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!vtd_virtio_read(q, q->driver, ring, sizeof(ring)))
        return false;
    *notify = !(get16(ring) & NO_INTERRUPT);
    return true;
}
