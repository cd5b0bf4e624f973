/* SPDX-License-Identifier: MIT */
/*
 * Shared virtual addressing: the engine uses the address space of this process by a PASID, asks for pages that are not
 * there, and the kernel answers. Kernels offer no way to user space for this; a module of ours does (module/vtd_sva.c).
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MODULE  "/modules/vtd_sva.ko"
#define DEVICES "/sys/bus/pci/devices"
#define PAGES   16u
#define SIZE    (PAGES * VTD_GUEST_PAGE)
#define PAGING  (VTD_DMA_MODE_PASID | VTD_DMA_MODE_PAGING)
#define INVALID 1u /* code of a page response: there is no such page, or no such right */

/* ---------------------------------------------------------------- binding */

static const char *put(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    const bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    const int error = errno;
    if (fd >= 0)
        close(fd);
    VTD_GUEST_REQUIRE(good, "%s: %s", path, strerror(error));
    return NULL;
}

/* Gives a device to a driver by its name, or back to the one that its identifiers select ("\n"). */
static const char *give(const char *device, const char *driver)
{
    char path[128];
    snprintf(path, sizeof(path), DEVICES "/%s/driver/unbind", device);
    if (access(path, F_OK) == 0)
        VTD_GUEST_TRY(put(path, device));
    snprintf(path, sizeof(path), DEVICES "/%s/driver_override", device);
    VTD_GUEST_TRY(put(path, driver));
    return put("/sys/bus/pci/drivers_probe", device);
}

static const char *load_module(void)
{
    const int fd = open(MODULE, O_RDONLY | O_CLOEXEC);
    VTD_GUEST_REQUIRE(fd >= 0, "skip: there is no module " MODULE);
    const long error = syscall(SYS_finit_module, fd, "", 0);
    const int why = errno;
    close(fd);
    VTD_GUEST_REQUIRE(error == 0 || why == EEXIST, "module vtd_sva: %s", strerror(why));
    return NULL;
}

static const char *map_registers(struct vtd_guest_device *d)
{
    char path[128];
    snprintf(path, sizeof(path), DEVICES "/%s/resource0", d->name);
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    VTD_GUEST_REQUIRE(fd >= 0, "%s: %s", path, strerror(errno));
    void *bar = mmap(NULL, VTD_DMA_ENGINE_BAR, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    VTD_GUEST_REQUIRE(bar != MAP_FAILED, "%s: %s", path, strerror(errno));
    d->bar = bar;
    return NULL;
}

/* ---------------------------------------------------------------- what is tested */

static uint64_t iova(const void *memory)
{
    return (uintptr_t)memory;
}

static uint8_t *untouched(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* The target is touched by the device first: each page of it is asked for. */
static const char *demand(struct vtd_guest_device *d)
{
    uint8_t *source = vtd_guest_alloc(SIZE), *target = untouched(SIZE);
    VTD_GUEST_REQUIRE(source && target, "no memory");
    vtd_guest_scramble(source, SIZE, 21);
    VTD_GUEST_TRY(vtd_guest_transfer(d, iova(source) + 5, iova(target) + 9, SIZE - 16, VTD_DMA_MODE_COPY | PAGING));
    VTD_GUEST_REQUIRE(memcmp(source + 5, target + 9, SIZE - 16) == 0, "the copy differs");
    VTD_GUEST_TRY(vtd_guest_transfer(d, 3, iova(target) + 4096, 8, VTD_DMA_MODE_ADD | PAGING));
    vtd_guest_free(source, SIZE);
    vtd_guest_free(target, SIZE);
    return NULL;
}

/* A refused page request shows its code. */
static const char *refused(struct vtd_guest_device *d, uint64_t target, const char *what)
{
    const char *wrong = vtd_guest_refused(d, 0, target, 8, VTD_DMA_MODE_FILL | PAGING, VTD_DMA_FAULT_TARGET, target);
    VTD_GUEST_REQUIRE(!wrong, "%s: %s", what, wrong);
    const uint32_t code = vtd_guest_get(d, VTD_DMA_REG_FAULT) >> 4 & 0xff;
    VTD_GUEST_REQUIRE(code == INVALID, "%s: code %u", what, code);
    return NULL;
}

static const char *rights(struct vtd_guest_device *d)
{
    uint8_t *memory = vtd_guest_alloc(2 * VTD_GUEST_PAGE);
    VTD_GUEST_REQUIRE(memory, "no memory");
    memset(memory, 0x31, 2 * VTD_GUEST_PAGE);
    VTD_GUEST_TRY(vtd_guest_transfer(d, iova(memory), 0, VTD_GUEST_PAGE, VTD_DMA_MODE_READ | PAGING));
    VTD_GUEST_REQUIRE(mprotect(memory, VTD_GUEST_PAGE, PROT_READ) == 0, "mprotect: %s", strerror(errno));
    VTD_GUEST_TRY(refused(d, iova(memory), "a page that became read-only"));
    VTD_GUEST_REQUIRE(vtd_guest_is(memory, 2 * VTD_GUEST_PAGE, 0x31), "a read-only page was written");
    munmap(memory, 2 * VTD_GUEST_PAGE);
    VTD_GUEST_TRY(refused(d, iova(memory) + VTD_GUEST_PAGE, "a page that is gone"));
    return refused(d, UINT64_C(0xffff888000000000), "an address of the kernel");
}

/* The same address means another page: neither the unit nor the device may remember the old one. */
static const char *replaced(struct vtd_guest_device *d)
{
    uint8_t *memory = vtd_guest_alloc(VTD_GUEST_PAGE);
    VTD_GUEST_REQUIRE(memory, "no memory");
    for (unsigned round = 1; round <= 10; round++) {
        VTD_GUEST_TRY(vtd_guest_transfer(d, round * 0x0101010101010101ull, iova(memory), VTD_GUEST_PAGE,
                                         VTD_DMA_MODE_FILL | PAGING));
        VTD_GUEST_REQUIRE(vtd_guest_is(memory, VTD_GUEST_PAGE, (uint8_t)round), "round %u: it is not written", round);
        void *again =
            mmap(memory, VTD_GUEST_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        VTD_GUEST_REQUIRE(again == memory, "mmap: %s", strerror(errno));
        VTD_GUEST_TRY(vtd_guest_transfer(d, iova(memory), 0, VTD_GUEST_PAGE, VTD_DMA_MODE_READ | PAGING));
        const uint64_t sum = vtd_guest_get64(d, VTD_DMA_REG_RESULT);
        VTD_GUEST_REQUIRE(sum == 0, "round %u: the device reads the old page", round);
    }
    vtd_guest_free(memory, VTD_GUEST_PAGE);
    return NULL;
}

/* After a fork the page is shared until somebody writes: the device's write is for the parent alone. */
static const char *copied_on_write(struct vtd_guest_device *d)
{
    uint8_t *memory = vtd_guest_alloc(VTD_GUEST_PAGE);
    int go[2], status = -1;
    VTD_GUEST_REQUIRE(memory && pipe(go) == 0, "no memory");
    memset(memory, 0x41, VTD_GUEST_PAGE);
    const pid_t child = fork();
    if (child == 0) {
        char byte;
        close(go[1]);
        _exit(read(go[0], &byte, 1) == 0 && vtd_guest_is(memory, VTD_GUEST_PAGE, 0x41) ? 0 : 1);
    }
    close(go[0]);
    const char *wrong =
        vtd_guest_transfer(d, 0x4242424242424242ull, iova(memory), VTD_GUEST_PAGE, VTD_DMA_MODE_FILL | PAGING);
    close(go[1]);
    if (child > 0)
        waitpid(child, &status, 0);
    VTD_GUEST_TRY(wrong);
    VTD_GUEST_REQUIRE(vtd_guest_is(memory, VTD_GUEST_PAGE, 0x42), "the parent's page is not written");
    VTD_GUEST_REQUIRE(status == 0, "the child's page was written, too");
    vtd_guest_free(memory, VTD_GUEST_PAGE);
    return NULL;
}

static const char *use(struct vtd_guest_device *d)
{
    uint32_t pasid = 0;
    const uint32_t wanted = VTD_DMA_FEATURE_ATS | VTD_DMA_FEATURE_PASID | VTD_DMA_FEATURE_PRI;
    VTD_GUEST_TRY(map_registers(d));
    VTD_GUEST_REQUIRE((vtd_guest_get(d, VTD_DMA_REG_FEATURES) & wanted) == wanted, "it has no page requests");
    d->fd = open("/dev/vtd_sva", O_RDONLY | O_CLOEXEC);
    VTD_GUEST_REQUIRE(d->fd >= 0, "bind: %s", strerror(errno));
    VTD_GUEST_REQUIRE(read(d->fd, &pasid, sizeof(pasid)) == sizeof(pasid) && pasid > 0 && pasid >> 20 == 0,
                      "the PASID is %u", pasid);
    vtd_guest_set(d, VTD_DMA_REG_PASID, pasid);
    VTD_GUEST_TRY(demand(d));
    VTD_GUEST_TRY(rights(d));
    VTD_GUEST_TRY(replaced(d));
    VTD_GUEST_TRY(copied_on_write(d));
    /* Nothing is left of it when it is over. */
    uint8_t *memory = vtd_guest_alloc(VTD_GUEST_PAGE);
    VTD_GUEST_REQUIRE(memory, "no memory");
    VTD_GUEST_TRY(vtd_guest_transfer(d, 0, iova(memory), 8, VTD_DMA_MODE_FILL | PAGING));
    close(d->fd);
    d->fd = -1;
    VTD_GUEST_TRY(vtd_guest_refused(d, ~UINT64_C(0), iova(memory), 8, VTD_DMA_MODE_FILL | PAGING, VTD_DMA_FAULT_TARGET,
                                    iova(memory)));
    VTD_GUEST_REQUIRE(vtd_guest_is(memory, VTD_GUEST_PAGE, 0), "memory was written after the end of the binding");
    vtd_guest_free(memory, VTD_GUEST_PAGE);
    return NULL;
}

const char *vtd_guest_test_sva(void)
{
    struct vtd_guest_device device = {.container = -1, .group = -1, .fd = -1};
    char name[sizeof(device.name)];
    VTD_GUEST_TRY(vtd_guest_find(0, name));
    memcpy(device.name, name, sizeof(name));
    VTD_GUEST_REQUIRE(vtd_guest_has_extended(name, 0x1b), "skip: the device has no PASIDs");
    VTD_GUEST_TRY(load_module());
    const char *wrong = give(name, "vtd_sva");
    if (!wrong)
        wrong = use(&device);
    vtd_guest_close(&device);
    const char *back = give(name, "\n");
    return wrong ? wrong : back;
}
