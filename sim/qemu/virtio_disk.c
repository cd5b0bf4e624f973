/* SPDX-License-Identifier: MIT */
/* Requests to a disk (virtio 1.1, 5.2.6): a header, data, and a status byte. See virtio_blk.h. */
#define _GNU_SOURCE
#include "virtio_blk_internal.h"

#include <string.h>
#include <unistd.h>

/* Types of requests, and states. */
enum {
    TYPE_IN = 0,
    TYPE_OUT = 1,
    TYPE_FLUSH = 4,
    TYPE_GET_ID = 8,
};
enum {
    STATUS_OK = 0,
    STATUS_ERROR = 1,
    STATUS_UNSUPPORTED = 2,
};
#define HEADER  16u
#define ID_SIZE 20u
#define PART    4096u

/* The bytes of a chain from `from` on that may be written (or read), one after the other. */
struct cursor {
    const struct vtd_virtio_chain *chain;
    unsigned buffer;
    uint32_t offset;
};

/* The next bytes: their address, and in *length (in: at most) how many. 0 bytes: the chain ends. */
static uint64_t next_bytes(struct cursor *c, bool writable, uint32_t *length)
{
    while (c->buffer < c->chain->count) {
        const struct vtd_virtio_buffer *b = &c->chain->buffer[c->buffer];
        if (b->writable == writable && c->offset < b->length) {
            const uint32_t rest = b->length - c->offset;
            const uint64_t addr = b->addr + c->offset;
            *length = *length < rest ? *length : rest;
            c->offset += *length;
            return addr;
        }
        c->buffer++;
        c->offset = 0;
    }
    *length = 0;
    return 0;
}

/* How many bytes of a chain may be written (or read). */
static uint64_t total(const struct vtd_virtio_chain *chain, bool writable)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < chain->count; i++)
        if (chain->buffer[i].writable == writable)
            sum += chain->buffer[i].length;
    return sum;
}

static bool read_header(struct vtd_virtio_blk *d, struct cursor *c, uint8_t header[HEADER])
{
    for (uint32_t done = 0; done < HEADER;) {
        uint32_t length = HEADER - done;
        const uint64_t addr = next_bytes(c, false, &length);
        if (length == 0 || !vtd_virtio_read(&d->queue, addr, header + done, length))
            return false;
        done += length;
    }
    return true;
}

static uint64_t get(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

/* Image to memory, or memory to image; size bytes of the chain from the cursor on. */
static uint8_t transfer(struct vtd_virtio_blk *d, struct cursor *c, bool in, uint64_t sector, uint64_t size)
{
    uint8_t part[PART];
    if (size % VTD_VIRTIO_SECTOR || sector > d->sectors || size / VTD_VIRTIO_SECTOR > d->sectors - sector)
        return STATUS_ERROR;
    if (!in && d->read_only)
        return STATUS_ERROR;
    off_t at = (off_t)(sector * VTD_VIRTIO_SECTOR);
    while (size) {
        uint32_t length = size < PART ? (uint32_t)size : PART;
        const uint64_t addr = next_bytes(c, in, &length);
        if (length == 0)
            return STATUS_ERROR;
        const bool good =
            in ? pread(d->image, part, length, at) == (ssize_t)length && vtd_virtio_write(&d->queue, addr, part, length)
               : vtd_virtio_read(&d->queue, addr, part, length) &&
                     pwrite(d->image, part, length, at) == (ssize_t)length;
        if (!good)
            return STATUS_ERROR;
        at += length;
        size -= length;
        d->stats.bytes += length;
    }
    return STATUS_OK;
}

static uint8_t carry_out(struct vtd_virtio_blk *d, uint32_t *written)
{
    struct cursor c = {.chain = &d->chain};
    uint8_t header[HEADER];
    const uint64_t in = total(&d->chain, true) - 1, out = total(&d->chain, false);
    uint8_t status = STATUS_UNSUPPORTED;
    *written = 0;
    if (!read_header(d, &c, header))
        return STATUS_ERROR;
    const uint64_t sector = get(header + 8, 8);
    switch (get(header, 4)) {
    case TYPE_IN:
        status = transfer(d, &(struct cursor){.chain = &d->chain}, true, sector, in);
        *written = status == STATUS_OK ? (uint32_t)in : 0;
        d->stats.reads += status == STATUS_OK;
        break;
    case TYPE_OUT:
        status = transfer(d, &c, false, sector, out - HEADER);
        d->stats.writes += status == STATUS_OK;
        break;
    case TYPE_FLUSH:
        status = fdatasync(d->image) == 0 ? STATUS_OK : STATUS_ERROR;
        d->stats.flushes += status == STATUS_OK;
        break;
    case TYPE_GET_ID: {
        char id[ID_SIZE] = "vtdsim";
        uint32_t length = ID_SIZE;
        const uint64_t addr = next_bytes(&(struct cursor){.chain = &d->chain}, true, &length);
        status = in >= ID_SIZE && length == ID_SIZE && vtd_virtio_write(&d->queue, addr, id, ID_SIZE) ? STATUS_OK
                                                                                                      : STATUS_ERROR;
        *written = status == STATUS_OK ? ID_SIZE : 0;
        break;
    }
    default:
        break;
    }
    return status;
}

bool vtd_virtio_disk_request(struct vtd_virtio_blk *d, uint32_t *written)
{
    const struct vtd_virtio_chain *chain = &d->chain;
    /* The status is the last byte that can be written; buffers of no length say nothing. */
    const struct vtd_virtio_buffer *last = NULL;
    for (unsigned i = 0; i < chain->count; i++)
        if (chain->buffer[i].writable && chain->buffer[i].length)
            last = &chain->buffer[i];
    *written = 0;
    if (!last)
        return false;
    const uint8_t status = carry_out(d, written);
    d->stats.failed += status != STATUS_OK;
    *written += 1;
    return vtd_virtio_write(&d->queue, last->addr + last->length - 1, &status, 1);
}
