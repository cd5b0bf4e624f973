/* SPDX-License-Identifier: MIT */
/* A disk as a PCI function: configuration space and registers (virtio 1.1, 4.1). See virtio_blk.h. */
#define _GNU_SOURCE
#include "virtio_blk_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ISR_QUEUE  1u
#define ISR_CONFIG 2u

#define CONFIG_SIZE 0x40u /* of the disk's own configuration */

/* ---------------------------------------------------------------- configuration space */

static void add_part(struct vtd_virtio_blk *d, uint8_t type, uint32_t offset, uint32_t length)
{
    const bool notify = type == 2;
    const uint32_t size = notify ? 20 : 16;
    const uint16_t at = vtd_pci_add_capability(&d->pci, VTD_PCI_CAP_VENDOR, size);
    vtd_pci_set(&d->pci, at + 2u, size | (uint32_t)type << 8, 2);
    vtd_pci_set(&d->pci, at + 8u, offset, 4);
    vtd_pci_set(&d->pci, at + 12u, length, 4); /* the multiplier behind a notify capability stays 0: one place */
}

static bool build_config(struct vtd_virtio_blk *d)
{
    const struct vtd_pci_identity identity = {
        .vendor = VTD_VIRTIO_VENDOR,
        .device = VTD_VIRTIO_BLK_DEVICE,
        .subsystem_vendor = VTD_VIRTIO_VENDOR,
        .subsystem = 0x1100,
        .class_code = 0x018000, /* mass storage */
        .revision = 1,
    };
    vtd_pci_config_init(&d->pci, &identity, false);
    vtd_pci_add_bar(&d->pci, 0, VTD_VIRTIO_BAR);
    add_part(d, 1, VTD_VIRTIO_COMMON, VTD_VIRTIO_COMMON_SIZE);
    add_part(d, 2, VTD_VIRTIO_NOTIFY, 4);
    add_part(d, 3, VTD_VIRTIO_ISR, 1);
    add_part(d, 4, VTD_VIRTIO_CONFIG, CONFIG_SIZE);
    const bool good = vtd_msix_init(&d->msix, d->host, &d->pci, d->sid, VTD_VIRTIO_VECTORS, 1);
    vtd_pci_config_seal(&d->pci);
    return good;
}

static void reset(void *self)
{
    struct vtd_virtio_blk *d = self;
    vtd_pci_config_reset(&d->pci);
    vtd_msix_reset(&d->msix);
    vtd_virtio_reset_device(d);
}

static uint32_t config_read(void *self, uint32_t offset, unsigned size)
{
    const struct vtd_virtio_blk *d = self;
    return vtd_pci_config_read(&d->pci, offset, size);
}

static void config_write(void *self, uint32_t offset, uint32_t value, unsigned size)
{
    struct vtd_virtio_blk *d = self;
    vtd_pci_config_write(&d->pci, offset, value, size);
    vtd_msix_update(&d->msix);
}

/* ---------------------------------------------------------------- BARs */

static void fill_disk(const struct vtd_virtio_blk *d, uint8_t bytes[CONFIG_SIZE])
{
    memset(bytes, 0, CONFIG_SIZE);
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(d->sectors >> (8 * i));
    bytes[0x0c] = VTD_VIRTIO_QUEUE_MAX - 2; /* buffers of data in a request */
    bytes[0x15] = VTD_VIRTIO_SECTOR >> 8;   /* block size */
}

static uint64_t pick(const uint8_t *bytes, uint32_t count, uint64_t offset, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        if (offset + i < count)
            value |= (uint64_t)bytes[offset + i] << (8 * i);
    return value;
}

static bool bar_read(void *self, uint64_t addr, unsigned size, uint64_t *value)
{
    struct vtd_virtio_blk *d = self;
    uint64_t at;
    uint8_t bytes[CONFIG_SIZE];
    if (vtd_pci_bar_decode(&d->pci, 1, addr, size, &at)) {
        *value = vtd_msix_read(&d->msix, at, size);
        return true;
    }
    if (!vtd_pci_bar_decode(&d->pci, 0, addr, size, &at))
        return false;
    *value = 0;
    if (at < VTD_VIRTIO_ISR) {
        vtd_virtio_fill_common(d, bytes);
        *value = pick(bytes, VTD_VIRTIO_COMMON_SIZE, at, size);
    } else if (at == VTD_VIRTIO_ISR) {
        *value = d->isr;
        d->isr = 0;
    } else if (at >= VTD_VIRTIO_CONFIG && at < VTD_VIRTIO_NOTIFY) {
        fill_disk(d, bytes);
        *value = pick(bytes, CONFIG_SIZE, at - VTD_VIRTIO_CONFIG, size);
    }
    return true;
}

static bool bar_write(void *self, uint64_t addr, uint64_t value, unsigned size)
{
    struct vtd_virtio_blk *d = self;
    uint64_t at;
    if (vtd_pci_bar_decode(&d->pci, 1, addr, size, &at)) {
        vtd_msix_write(&d->msix, at, value, size);
        return true;
    }
    if (!vtd_pci_bar_decode(&d->pci, 0, addr, size, &at))
        return false;
    if (at >= VTD_VIRTIO_NOTIFY) {
        d->kicked = true;
    } else if (at < VTD_VIRTIO_COMMON_SIZE && at % size == 0) {
        vtd_virtio_write_common(d, at, (uint32_t)value);
        if (size == 8)
            vtd_virtio_write_common(d, at + 4, (uint32_t)(value >> 32));
    }
    return true;
}

/* ---------------------------------------------------------------- work */

static void interrupt(struct vtd_virtio_blk *d, uint8_t isr, uint16_t vector)
{
    d->isr |= isr;
    vtd_msix_send(&d->msix, vector);
}

/* The rings make no sense or cannot be reached: nothing is done until the driver has reset the device. */
static void needs_reset(struct vtd_virtio_blk *d)
{
    d->status |= VTD_VIRTIO_NEEDS_RESET;
    d->kicked = false;
    d->stats.broken++;
    interrupt(d, ISR_CONFIG, d->config_vector);
}

/* One request. */
static bool run(void *self)
{
    struct vtd_virtio_blk *d = self;
    uint32_t written;
    bool notify = false;
    if (!d->kicked || !d->queue.enabled ||
        (d->status & (VTD_VIRTIO_DRIVER_OK | VTD_VIRTIO_NEEDS_RESET)) != VTD_VIRTIO_DRIVER_OK ||
        !vtd_pci_is_master(&d->pci))
        return false;
    switch (vtd_virtio_queue_take(&d->queue, &d->chain)) {
    case VTD_VIRTIO_EMPTY:
        d->kicked = false;
        return false;
    case VTD_VIRTIO_TAKEN:
        break;
    default:
        needs_reset(d);
        return false;
    }
    if (!vtd_virtio_disk_request(d, &written) || !vtd_virtio_queue_put(&d->queue, d->chain.head, written, &notify)) {
        needs_reset(d);
        return false;
    }
    if (notify)
        interrupt(d, ISR_QUEUE, d->queue.vector);
    return true;
}

/* ---------------------------------------------------------------- life */

static void destroy(void *self)
{
    struct vtd_virtio_blk *d = self;
    close(d->image);
    free(d);
}

static int refuse(char *why, int error, const char *path, const char *what)
{
    if (why)
        snprintf(why, VTD_WHY_SIZE, "%.180s: %s", path, what);
    return -error;
}

static int open_image(struct vtd_virtio_blk *d, const struct vtd_virtio_blk_config *config, char *why)
{
    struct stat s;
    d->image = open(config->path, (config->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (d->image < 0 || fstat(d->image, &s) != 0)
        return refuse(why, errno, config->path, strerror(errno));
    if (!S_ISREG(s.st_mode) || s.st_size < (off_t)VTD_VIRTIO_SECTOR || s.st_size % VTD_VIRTIO_SECTOR)
        return refuse(why, EINVAL, config->path, "not a file of whole sectors of 512 bytes");
    d->sectors = (uint64_t)s.st_size / VTD_VIRTIO_SECTOR;
    return 0;
}

int vtd_virtio_blk_create(struct vtd_qemu_host *host, const struct vtd_virtio_blk_config *config,
                          struct vtd_qemu_function *function, char *why)
{
    struct vtd_virtio_blk *d = calloc(1, sizeof(*d));
    if (!d)
        return refuse(why, ENOMEM, config->path, "out of memory");
    d->host = host;
    d->sid = config->sid;
    d->read_only = config->read_only;
    const struct vtd_requester_config requester = {.sid = config->sid};
    int error = open_image(d, config, why);
    if (error == 0)
        error = vtd_machine_add_requester(host->machine, &requester, &d->requester, why);
    if (error == 0 && !build_config(d))
        error = refuse(why, ENOSPC, config->path, "the capabilities do not fit");
    if (error) {
        if (d->image >= 0)
            close(d->image);
        free(d);
        return error;
    }
    reset(d);
    *function = (struct vtd_qemu_function){.self = d,
                                           .sid = config->sid,
                                           .config_read = config_read,
                                           .config_write = config_write,
                                           .bar_read = bar_read,
                                           .bar_write = bar_write,
                                           .reset = reset,
                                           .run = run,
                                           .destroy = destroy};
    return 0;
}

const struct vtd_virtio_blk_stats *vtd_virtio_blk_stats_get(const struct vtd_qemu_function *function)
{
    const struct vtd_virtio_blk *d = function->self;
    return &d->stats;
}
