/* SPDX-License-Identifier: MIT */
/* Mappings: the same address again, large pages, very many, and the last address there is. */
#include "guest.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define IOVA 0x50000000ull

/* ---------------------------------------------------------------- the same address for other memory */

static const char *remap(struct vtd_guest_device *d, uint8_t *memory)
{
    for (unsigned round = 1; round <= 16; round++) {
        uint8_t *now = memory + round % 2 * VTD_GUEST_PAGE, *before = memory + (round + 1) % 2 * VTD_GUEST_PAGE;
        memset(before, 0xbb, VTD_GUEST_PAGE);
        VTD_GUEST_TRY(vtd_guest_map(d, IOVA, now, VTD_GUEST_PAGE, VTD_GUEST_RW));
        VTD_GUEST_TRY(vtd_guest_transfer(d, round * 0x0101010101010101ull, IOVA, VTD_GUEST_PAGE, VTD_DMA_MODE_FILL));
        VTD_GUEST_REQUIRE(vtd_guest_is(now, VTD_GUEST_PAGE, (uint8_t)round), "round %u: the new memory is not written",
                          round);
        VTD_GUEST_REQUIRE(vtd_guest_is(before, VTD_GUEST_PAGE, 0xbb), "round %u: the old memory is written", round);
        VTD_GUEST_TRY(vtd_guest_unmap(d, IOVA, VTD_GUEST_PAGE));
    }
    return NULL;
}

/* Runs a test with an open device and zeroed memory. */
static const char *with_memory(size_t size, const char *(*body)(struct vtd_guest_device *, uint8_t *))
{
    struct vtd_guest_device device;
    uint8_t *memory = vtd_guest_alloc(size);
    const char *wrong = vtd_guest_open(&device, 0);
    if (!wrong)
        wrong = memory ? body(&device, memory) : "no memory";
    vtd_guest_close(&device);
    vtd_guest_free(memory, size);
    return wrong;
}

const char *vtd_guest_test_remap(void)
{
    return with_memory(2 * VTD_GUEST_PAGE, remap);
}

/* ---------------------------------------------------------------- large pages */

#define HUGE (2u << 20)

static const char *copy_huge(struct vtd_guest_device *d, uint8_t *memory)
{
    const uint32_t part = 0x9000;
    vtd_guest_scramble(memory, HUGE, 5);
    VTD_GUEST_TRY(vtd_guest_map(d, IOVA, memory, 2 * HUGE, VTD_GUEST_RW));
    /* All of one page to the other. */
    VTD_GUEST_TRY(vtd_guest_transfer(d, IOVA, IOVA + HUGE, HUGE, VTD_DMA_MODE_COPY));
    VTD_GUEST_REQUIRE(memcmp(memory, memory + HUGE, HUGE) == 0, "the copy of a page differs");
    VTD_GUEST_TRY(vtd_guest_transfer(d, 0x6666666666666666ull, IOVA + HUGE - part / 2, part, VTD_DMA_MODE_FILL));
    VTD_GUEST_REQUIRE(vtd_guest_is(memory + HUGE - part / 2, part, 0x66), "a fill across both pages is not complete");
    VTD_GUEST_TRY(vtd_guest_unmap(d, IOVA, 2 * HUGE));
    VTD_GUEST_TRY(vtd_guest_refused(d, 0, IOVA + HUGE + 0x123000, 8, VTD_DMA_MODE_FILL, VTD_DMA_FAULT_TARGET,
                                    IOVA + HUGE + 0x123000));
    /* The first large page becomes 512 small ones with other rights, at the same address. */
    VTD_GUEST_TRY(vtd_guest_map(d, IOVA, memory + HUGE + VTD_GUEST_PAGE, VTD_GUEST_PAGE, VTD_GUEST_READ));
    VTD_GUEST_TRY(vtd_guest_transfer(d, IOVA, 0, VTD_GUEST_PAGE, VTD_DMA_MODE_READ));
    VTD_GUEST_TRY(vtd_guest_refused(d, 0, IOVA, 8, VTD_DMA_MODE_FILL, VTD_DMA_FAULT_TARGET, IOVA));
    return vtd_guest_refused(d, IOVA + VTD_GUEST_PAGE, 0, 8, VTD_DMA_MODE_READ, VTD_DMA_FAULT_SOURCE,
                             IOVA + VTD_GUEST_PAGE);
}

const char *vtd_guest_test_huge_pages(void)
{
    const int setting = open("/proc/sys/vm/nr_hugepages", O_WRONLY | O_CLOEXEC);
    if (setting < 0 || write(setting, "2", 1) != 1) {
        if (setting >= 0)
            close(setting);
        return "skip: the kernel has no large pages to give";
    }
    struct vtd_guest_device device;
    void *memory =
        mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);
    const char *wrong = NULL;
    if (memory == MAP_FAILED) {
        wrong = "skip: no two pages of 2 MiB are free";
    } else {
        wrong = vtd_guest_open(&device, 0);
        if (!wrong)
            wrong = copy_huge(&device, memory);
        vtd_guest_close(&device);
        munmap(memory, 2 * HUGE);
    }
    if (pwrite(setting, "0", 1, 0) != 1 && !wrong)
        wrong = "the kernel does not take its large pages back";
    close(setting);
    return wrong;
}

/* ---------------------------------------------------------------- very many */

#define MANY 512u

/* A permutation of 0 to MANY - 1: 77 has no divisor in common with a power of two. */
static unsigned place_of(unsigned i)
{
    return (i * 77u + 13u) % MANY;
}

/* Page i is mapped at place place_of(i); the device copies all in order of address to the pages behind. */
static const char *many_maps(struct vtd_guest_device *d, uint8_t *memory)
{
    uint8_t *target = memory + MANY * VTD_GUEST_PAGE;
    const uint64_t copy = IOVA + 0x10000000;
    vtd_guest_scramble(memory, MANY * VTD_GUEST_PAGE, 9);
    for (unsigned i = 0; i < MANY; i++)
        VTD_GUEST_TRY(vtd_guest_map(d, IOVA + (uint64_t)place_of(i) * VTD_GUEST_PAGE, memory + i * VTD_GUEST_PAGE,
                                    VTD_GUEST_PAGE, VTD_GUEST_READ));
    VTD_GUEST_TRY(vtd_guest_map(d, copy, target, MANY * VTD_GUEST_PAGE, VTD_GUEST_WRITE));
    VTD_GUEST_TRY(vtd_guest_transfer(d, IOVA, copy, MANY * VTD_GUEST_PAGE, VTD_DMA_MODE_COPY));
    for (unsigned i = 0; i < MANY; i++)
        VTD_GUEST_REQUIRE(memcmp(memory + i * VTD_GUEST_PAGE, target + place_of(i) * VTD_GUEST_PAGE, VTD_GUEST_PAGE) ==
                              0,
                          "page %u is not where it was mapped", i);
    /* Every other one goes; its neighbours stay. */
    for (unsigned place = 0; place < MANY; place += 2)
        VTD_GUEST_TRY(vtd_guest_unmap(d, IOVA + (uint64_t)place * VTD_GUEST_PAGE, VTD_GUEST_PAGE));
    vtd_guest_start(d, IOVA, 0, MANY * VTD_GUEST_PAGE, VTD_DMA_MODE_READ | VTD_DMA_MODE_GO_ON);
    vtd_guest_wait(d);
    const uint32_t faults = vtd_guest_get(d, VTD_DMA_REG_FAULTS),
                   expected = MANY / 2 * VTD_GUEST_PAGE / VTD_DMA_REQUEST;
    VTD_GUEST_REQUIRE(faults == expected, "%u requests were refused, not %u", faults, expected);
    return NULL;
}

const char *vtd_guest_test_many_maps(void)
{
    return with_memory(2 * MANY * VTD_GUEST_PAGE, many_maps);
}

/* ---------------------------------------------------------------- the last page */

static const char *high_iova(struct vtd_guest_device *d, uint8_t *memory)
{
    uint64_t last = 0;
    VTD_GUEST_TRY(vtd_guest_last_iova(d, &last));
    VTD_GUEST_REQUIRE(last >= 0xffffffff, "addresses end at %#llx already", (unsigned long long)last);
    const uint64_t page = last & ~(uint64_t)(VTD_GUEST_PAGE - 1);
    VTD_GUEST_TRY(vtd_guest_map(d, page, memory, VTD_GUEST_PAGE, VTD_GUEST_RW));
    VTD_GUEST_TRY(vtd_guest_map(d, 0, memory + VTD_GUEST_PAGE, VTD_GUEST_PAGE, VTD_GUEST_RW));
    VTD_GUEST_TRY(vtd_guest_transfer(d, 0x4444444444444444ull, page, VTD_GUEST_PAGE, VTD_DMA_MODE_FILL));
    VTD_GUEST_TRY(vtd_guest_transfer(d, page, 0, VTD_GUEST_PAGE, VTD_DMA_MODE_COPY));
    VTD_GUEST_REQUIRE(vtd_guest_is(memory, 2 * VTD_GUEST_PAGE, 0x44), "the first and the last page differ");
    /* One page further there is nothing. */
    return vtd_guest_refused(d, 0, page + VTD_GUEST_PAGE, 8, VTD_DMA_MODE_FILL, VTD_DMA_FAULT_TARGET,
                             page + VTD_GUEST_PAGE);
}

const char *vtd_guest_test_high_iova(void)
{
    return with_memory(2 * VTD_GUEST_PAGE, high_iova);
}

/* ---------------------------------------------------------------- unmaps that are not aligned to their size */

/*
 * Two pages of one mapping that begins at an odd page number. An invalidation is for 2^n pages at a multiple of 2^n: for
 * these two, four pages are needed, or two invalidations.
 */
static const char *odd_unmap(struct vtd_guest_device *d, uint8_t *memory)
{
    const uint64_t at = IOVA + VTD_GUEST_PAGE;
    for (unsigned round = 0; round < 4; round++) {
        VTD_GUEST_TRY(vtd_guest_map(d, at, memory, 2 * VTD_GUEST_PAGE, VTD_GUEST_RW));
        VTD_GUEST_TRY(vtd_guest_transfer(d, 0x1212121212121212ull, at, 2 * VTD_GUEST_PAGE, VTD_DMA_MODE_FILL));
        VTD_GUEST_TRY(vtd_guest_unmap(d, at, 2 * VTD_GUEST_PAGE));
        memset(memory, 0, 2 * VTD_GUEST_PAGE);
        vtd_guest_start(d, 0x3434343434343434ull, at, 2 * VTD_GUEST_PAGE, VTD_DMA_MODE_FILL | VTD_DMA_MODE_GO_ON);
        vtd_guest_wait(d);
        for (unsigned page = 0; page < 2; page++)
            VTD_GUEST_REQUIRE(vtd_guest_is(memory + page * VTD_GUEST_PAGE, VTD_GUEST_PAGE, 0),
                              "page %u of 2 was written after its unmap", page + 1);
    }
    return NULL;
}

const char *vtd_guest_test_odd_unmap(void)
{
    return with_memory(2 * VTD_GUEST_PAGE, odd_unmap);
}
