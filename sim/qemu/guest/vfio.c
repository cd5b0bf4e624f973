/* SPDX-License-Identifier: MIT */
/* Engines through VFIO: containers, mappings, registers, interrupts. See guest.h. */
#include "guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEVICES "/sys/bus/pci/devices"

/* ---------------------------------------------------------------- which */

static unsigned read_id(const char *device, const char *file)
{
    char path[300];
    unsigned id = 0;
    snprintf(path, sizeof(path), DEVICES "/%s/%s", device, file);
    FILE *f = fopen(path, "r");
    if (f && fscanf(f, "%x", &id) != 1)
        id = 0;
    if (f)
        fclose(f);
    return id;
}

bool vtd_guest_has_pci(unsigned vendor, unsigned device)
{
    DIR *all = opendir(DEVICES);
    bool found = false;
    for (struct dirent *e; all && !found && (e = readdir(all)) != NULL;)
        found = e->d_name[0] != '.' && read_id(e->d_name, "vendor") == vendor && read_id(e->d_name, "device") == device;
    if (all)
        closedir(all);
    return found;
}

static int is_engine(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && read_id(entry->d_name, "vendor") == VTD_DMA_ENGINE_VENDOR &&
           read_id(entry->d_name, "device") == VTD_DMA_ENGINE_DEVICE;
}

const char *vtd_guest_find(unsigned index, char name[32])
{
    struct dirent **found = NULL;
    const int count = scandir(DEVICES, &found, is_engine, alphasort);
    if (count > (int)index)
        snprintf(name, 32, "%.31s", found[index]->d_name);
    for (int i = 0; i < count; i++)
        free(found[i]);
    free(found);
    if (count <= 0)
        return "there is no DMA engine";
    return count > (int)index ? NULL : vtd_guest_say("skip: there are only %d DMA engines", count);
}

bool vtd_guest_has_extended(const char *device, unsigned id)
{
    uint8_t config[4096];
    char path[300];
    snprintf(path, sizeof(path), DEVICES "/%s/config", device);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const bool whole = fd >= 0 && read(fd, config, sizeof(config)) == (ssize_t)sizeof(config);
    if (fd >= 0)
        close(fd);
    bool found = false;
    for (unsigned at = 0x100, steps = 0; whole && !found && at >= 0x100 && steps < 100; steps++) {
        found = (config[at] | config[at + 1] << 8) == (int)id;
        at = (config[at + 2] | config[at + 3] << 8) >> 4 & 0xffcu;
    }
    return found;
}

/* The number of the IOMMU group of a device, -1: it has none. */
static int group_of(const char *device)
{
    char path[300], target[300];
    snprintf(path, sizeof(path), DEVICES "/%s/iommu_group", device);
    const ssize_t length = readlink(path, target, sizeof(target) - 1);
    if (length <= 0)
        return -1;
    target[length] = 0;
    const char *slash = strrchr(target, '/');
    return slash ? atoi(slash + 1) : -1;
}

/* ---------------------------------------------------------------- open */

static const char *open_group(struct vtd_guest_device *d)
{
    char path[64];
    struct vfio_group_status status = {.argsz = sizeof(status)};
    const int number = group_of(d->name);
    VTD_GUEST_REQUIRE(number >= 0, "%s has no IOMMU group", d->name);
    d->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
    VTD_GUEST_REQUIRE(d->container >= 0, "/dev/vfio/vfio: %s", strerror(errno));
    snprintf(path, sizeof(path), "/dev/vfio/%d", number);
    d->group = open(path, O_RDWR | O_CLOEXEC);
    VTD_GUEST_REQUIRE(d->group >= 0, "%s: %s", path, strerror(errno));
    VTD_GUEST_REQUIRE(ioctl(d->group, VFIO_GROUP_GET_STATUS, &status) == 0 && status.flags & VFIO_GROUP_FLAGS_VIABLE,
                      "the group of %s is not viable", d->name);
    VTD_GUEST_REQUIRE(ioctl(d->group, VFIO_GROUP_SET_CONTAINER, &d->container) == 0, "set container: %s",
                      strerror(errno));
    VTD_GUEST_REQUIRE(ioctl(d->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) == 0, "set IOMMU: %s", strerror(errno));
    d->fd = ioctl(d->group, VFIO_GROUP_GET_DEVICE_FD, d->name);
    VTD_GUEST_REQUIRE(d->fd >= 0, "%s: %s", d->name, strerror(errno));
    return NULL;
}

/* Registers, and bus mastering, which VFIO has turned off. */
static const char *open_registers(struct vtd_guest_device *d)
{
    struct vfio_region_info config = {.argsz = sizeof(config), .index = VFIO_PCI_CONFIG_REGION_INDEX};
    struct vfio_region_info bar = {.argsz = sizeof(bar), .index = VFIO_PCI_BAR0_REGION_INDEX};
    uint16_t command = 0;
    VTD_GUEST_REQUIRE(ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &config) == 0, "configuration: %s", strerror(errno));
    VTD_GUEST_REQUIRE(ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &bar) == 0, "BAR 0: %s", strerror(errno));
    VTD_GUEST_REQUIRE(bar.size == VTD_DMA_ENGINE_BAR && bar.flags & VFIO_REGION_INFO_FLAG_MMAP,
                      "BAR 0 has %llu bytes, or cannot be mapped", (unsigned long long)bar.size);
    d->config = config.offset;
    VTD_GUEST_REQUIRE(pread(d->fd, &command, 2, (off_t)d->config + 4) == 2, "read command: %s", strerror(errno));
    command |= 0x6; /* memory, bus master */
    VTD_GUEST_REQUIRE(pwrite(d->fd, &command, 2, (off_t)d->config + 4) == 2, "write command: %s", strerror(errno));
    void *registers = mmap(NULL, bar.size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, (off_t)bar.offset);
    VTD_GUEST_REQUIRE(registers != MAP_FAILED, "map BAR 0: %s", strerror(errno));
    d->bar = registers;
    const uint32_t id = vtd_guest_get(d, VTD_DMA_REG_ID);
    VTD_GUEST_REQUIRE(id == VTD_DMA_ID, "the engine's ID is %#x", id);
    return NULL;
}

const char *vtd_guest_open(struct vtd_guest_device *device, unsigned index)
{
    *device = (struct vtd_guest_device){.container = -1, .group = -1, .fd = -1};
    const char *wrong = vtd_guest_find(index, device->name);
    if (!wrong)
        wrong = open_group(device);
    if (!wrong)
        wrong = open_registers(device);
    if (wrong)
        vtd_guest_close(device);
    return wrong;
}

void vtd_guest_close(struct vtd_guest_device *device)
{
    if (device->bar) {
        vtd_guest_set(device, VTD_DMA_REG_CONTROL, VTD_DMA_STOP);
        munmap((void *)(uintptr_t)device->bar, VTD_DMA_ENGINE_BAR);
    }
    if (device->fd >= 0)
        close(device->fd);
    if (device->group >= 0)
        close(device->group);
    if (device->container >= 0)
        close(device->container);
    *device = (struct vtd_guest_device){.container = -1, .group = -1, .fd = -1};
}

/* ---------------------------------------------------------------- mappings */

const char *vtd_guest_map(struct vtd_guest_device *device, uint64_t iova, void *memory, uint64_t size, unsigned rights)
{
    struct vfio_iommu_type1_dma_map map = {
        .argsz = sizeof(map),
        .flags = (rights & VTD_GUEST_READ ? VFIO_DMA_MAP_FLAG_READ : 0u) |
                 (rights & VTD_GUEST_WRITE ? VFIO_DMA_MAP_FLAG_WRITE : 0u),
        .vaddr = (uintptr_t)memory,
        .iova = iova,
        .size = size,
    };
    VTD_GUEST_REQUIRE(ioctl(device->container, VFIO_IOMMU_MAP_DMA, &map) == 0, "map %#llx: %s",
                      (unsigned long long)iova, strerror(errno));
    return NULL;
}

const char *vtd_guest_unmap(struct vtd_guest_device *device, uint64_t iova, uint64_t size)
{
    struct vfio_iommu_type1_dma_unmap unmap = {.argsz = sizeof(unmap), .iova = iova, .size = size};
    VTD_GUEST_REQUIRE(ioctl(device->container, VFIO_IOMMU_UNMAP_DMA, &unmap) == 0 && unmap.size == size,
                      "unmap %#llx: %s, %llu bytes", (unsigned long long)iova, strerror(errno),
                      (unsigned long long)unmap.size);
    return NULL;
}

const char *vtd_guest_last_iova(struct vtd_guest_device *device, uint64_t *last)
{
    union {
        struct vfio_iommu_type1_info info;
        uint8_t bytes[4096];
    } u = {.info = {.argsz = sizeof(u)}};
    VTD_GUEST_REQUIRE(ioctl(device->container, VFIO_IOMMU_GET_INFO, &u.info) == 0, "get info: %s", strerror(errno));
    uint32_t at = u.info.flags & VFIO_IOMMU_INFO_CAPS ? u.info.cap_offset : 0;
    while (at && at + sizeof(struct vfio_info_cap_header) <= sizeof(u.bytes)) {
        struct vfio_iommu_type1_info_cap_iova_range range;
        struct vfio_iova_range one;
        memcpy(&range, u.bytes + at, sizeof(range));
        if (range.header.id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE && range.nr_iovas) {
            memcpy(&one, u.bytes + at + sizeof(range) + (range.nr_iovas - 1) * sizeof(one), sizeof(one));
            *last = one.end;
            return NULL;
        }
        at = range.header.next;
    }
    return "the kernel does not tell what can be mapped";
}

/* ---------------------------------------------------------------- interrupts */

const char *vtd_guest_enable_message(struct vtd_guest_device *device, int *event)
{
    union {
        struct vfio_irq_set set;
        uint8_t bytes[sizeof(struct vfio_irq_set) + sizeof(int32_t)];
    } u = {.set = {.argsz = sizeof(u.bytes),
                   .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
                   .index = VFIO_PCI_MSI_IRQ_INDEX,
                   .count = 1}};
    *event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    VTD_GUEST_REQUIRE(*event >= 0, "eventfd: %s", strerror(errno));
    const int32_t fd = *event;
    memcpy(u.bytes + offsetof(struct vfio_irq_set, data), &fd, sizeof(fd));
    VTD_GUEST_REQUIRE(ioctl(device->fd, VFIO_DEVICE_SET_IRQS, &u.set) == 0, "enable the message: %s", strerror(errno));
    return NULL;
}

uint64_t vtd_guest_wait_event(int event, int milliseconds)
{
    struct pollfd wait = {.fd = event, .events = POLLIN};
    uint64_t count = 0;
    if (poll(&wait, 1, milliseconds) <= 0 || read(event, &count, sizeof(count)) != sizeof(count))
        return 0;
    return count;
}
