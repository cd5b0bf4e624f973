/* SPDX-License-Identifier: MIT */
/* An unmap under a transfer in flight, devices in address spaces of their own, and interrupts that they make up. */
#include "guest.h"

#include <stdio.h>
#include <string.h>

#define IOVA  0x60000000ull
#define PAGES 16u
#define SIZE  (PAGES * VTD_GUEST_PAGE)

/* ---------------------------------------------------------------- unmap under a transfer */

/* Waits until the transfer has been around at least once more. */
static const char *another_round(struct vtd_guest_device *d)
{
    const uint64_t rounds = vtd_guest_get64(d, VTD_DMA_REG_ROUNDS);
    for (unsigned i = 0; i < 100000; i++)
        if (vtd_guest_get64(d, VTD_DMA_REG_ROUNDS) >= rounds + 2) /* the first one may have begun before */
            return NULL;
    return vtd_guest_say("the transfer stands still, status %#x", vtd_guest_get(d, VTD_DMA_REG_STATUS));
}

static const char *unmap_race(struct vtd_guest_device *d, uint8_t *memory)
{
    for (unsigned page = 0; page < PAGES; page++)
        VTD_GUEST_TRY(vtd_guest_map(d, IOVA + page * VTD_GUEST_PAGE, memory + page * VTD_GUEST_PAGE, VTD_GUEST_PAGE,
                                    VTD_GUEST_RW));
    vtd_guest_start(d, 0x9999999999999999ull, IOVA, SIZE, VTD_DMA_MODE_FILL | VTD_DMA_MODE_REPEAT | VTD_DMA_MODE_GO_ON);
    for (unsigned round = 0; round < 100; round++) {
        const unsigned page = round * 7 % PAGES;
        uint8_t *at = memory + page * VTD_GUEST_PAGE;
        VTD_GUEST_TRY(another_round(d));
        VTD_GUEST_REQUIRE(vtd_guest_is(at, VTD_GUEST_PAGE, 0x99), "round %u: the page is not written", round);
        VTD_GUEST_TRY(vtd_guest_unmap(d, IOVA + page * VTD_GUEST_PAGE, VTD_GUEST_PAGE));
        memset(at, 0, VTD_GUEST_PAGE); /* from now on it is ours alone */
        VTD_GUEST_TRY(another_round(d));
        VTD_GUEST_REQUIRE(vtd_guest_is(at, VTD_GUEST_PAGE, 0), "round %u: the page was written after its unmap", round);
        VTD_GUEST_TRY(vtd_guest_map(d, IOVA + page * VTD_GUEST_PAGE, at, VTD_GUEST_PAGE, VTD_GUEST_RW));
    }
    vtd_guest_set(d, VTD_DMA_REG_CONTROL, VTD_DMA_STOP);
    const uint32_t status = vtd_guest_wait(d);
    VTD_GUEST_REQUIRE(status == (VTD_DMA_STATUS_STOPPED | VTD_DMA_STATUS_FAULT), "status %#x at the end", status);
    return NULL;
}

const char *vtd_guest_test_unmap_race(void)
{
    struct vtd_guest_device device;
    uint8_t *memory = vtd_guest_alloc(SIZE);
    const char *wrong = vtd_guest_open(&device, 0);
    if (!wrong)
        wrong = memory ? unmap_race(&device, memory) : "no memory";
    vtd_guest_close(&device);
    vtd_guest_free(memory, SIZE);
    return wrong;
}

/* ---------------------------------------------------------------- two devices */

/* Both write all the time, each its own pattern, to the same addresses. */
static const char *two_domains(struct vtd_guest_device d[2], uint8_t *memory)
{
    const uint64_t pattern[2] = {0xaaaaaaaaaaaaaaaaull, 0x5555555555555555ull};
    uint8_t *at[2] = {memory, memory + SIZE};
    for (unsigned i = 0; i < 2; i++) {
        VTD_GUEST_TRY(vtd_guest_map(&d[i], IOVA, at[i], SIZE, VTD_GUEST_RW));
        vtd_guest_start(&d[i], pattern[i], IOVA, SIZE, VTD_DMA_MODE_FILL | VTD_DMA_MODE_REPEAT | VTD_DMA_MODE_GO_ON);
    }
    for (unsigned round = 0; round < 10; round++) {
        VTD_GUEST_TRY(another_round(&d[0]));
        VTD_GUEST_TRY(another_round(&d[1]));
        for (unsigned i = 0; i < 2; i++)
            VTD_GUEST_REQUIRE(vtd_guest_is(at[i], SIZE, (uint8_t)pattern[i]), "%s wrote to memory of the other",
                              d[1 - i].name);
    }
    /* What the first one loses, the second one keeps. */
    VTD_GUEST_TRY(vtd_guest_unmap(&d[0], IOVA, SIZE));
    memset(memory, 0, 2 * SIZE);
    VTD_GUEST_TRY(another_round(&d[0]));
    VTD_GUEST_TRY(another_round(&d[1]));
    VTD_GUEST_REQUIRE(vtd_guest_is(at[0], SIZE, 0), "memory of %s was written after its unmap", d[0].name);
    VTD_GUEST_REQUIRE(vtd_guest_is(at[1], SIZE, 0x55), "%s lost its mapping, too", d[1].name);
    VTD_GUEST_REQUIRE(vtd_guest_get(&d[0], VTD_DMA_REG_FAULTS) > 0, "%s was not refused", d[0].name);
    VTD_GUEST_REQUIRE(vtd_guest_get(&d[1], VTD_DMA_REG_FAULTS) == 0, "%s was refused", d[1].name);
    return NULL;
}

const char *vtd_guest_test_two_domains(void)
{
    struct vtd_guest_device device[2] = {{.container = -1, .group = -1, .fd = -1},
                                         {.container = -1, .group = -1, .fd = -1}};
    uint8_t *memory = vtd_guest_alloc(2 * SIZE);
    const char *wrong = vtd_guest_open(&device[0], 0);
    if (!wrong)
        wrong = vtd_guest_open(&device[1], 1);
    if (!wrong)
        wrong = memory ? two_domains(device, memory) : "no memory";
    vtd_guest_close(&device[0]);
    vtd_guest_close(&device[1]);
    vtd_guest_free(memory, 2 * SIZE);
    return wrong;
}

/* ---------------------------------------------------------------- messages that a device makes up */

#define COMPATIBLE  0xfee00000ull                        /* destination 0; data: the vector */
#define REMAPPED(n) (0xfee00010ull | (uint64_t)(n) << 5) /* by entry n of the interrupt remapping table */
#define ENTRIES     256u

/* Whether the run has interrupt remapping; without it nothing stops a device. */
static bool has_remapping(void)
{
    char line[2048] = "";
    FILE *f = fopen("/proc/cmdline", "r");
    const bool read_it = f && fgets(line, sizeof(line), f);
    if (f)
        fclose(f);
    return read_it && strstr(line, "vtd.ir=1");
}

/* A write of 4 bytes to the range of interrupts, which must be refused. */
static const char *spoof(struct vtd_guest_device *d, uint64_t addr, uint32_t data)
{
    return vtd_guest_refused(d, data, addr, 4, VTD_DMA_MODE_FILL, VTD_DMA_FAULT_TARGET, addr);
}

static const char *spoof_all(struct vtd_guest_device *d)
{
    for (uint32_t vector = 0x20; vector < 0x100; vector += 0x11)
        VTD_GUEST_TRY(spoof(d, COMPATIBLE, vector));
    /* Entries of other devices, and none of this one: its own message is not enabled. */
    for (unsigned n = 0; n < ENTRIES; n++)
        VTD_GUEST_TRY(spoof(d, REMAPPED(n), 0));
    return NULL;
}

const char *vtd_guest_test_spoofed_messages(void)
{
    struct vtd_guest_device device;
    VTD_GUEST_REQUIRE(has_remapping(), "skip: interrupts are not remapped");
    const char *wrong = vtd_guest_open(&device, 0);
    if (!wrong)
        wrong = spoof_all(&device);
    vtd_guest_close(&device);
    return wrong;
}
