/* SPDX-License-Identifier: MIT */
/* What a device may not do: refused requests, what the kernel says of them, and that nothing changed. */
#include "guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PAGES 4u
#define SIZE  (PAGES * VTD_GUEST_PAGE)
#define IOVA  0x30000000ull
#define OTHER 0x40000000ull /* nothing is ever mapped here */

struct rig {
    struct vtd_guest_device device;
    uint8_t *memory;
    int log;
};

static const char *with_rig(const char *(*body)(struct rig *))
{
    struct rig r = {.log = -1};
    const char *wrong = vtd_guest_open(&r.device, 0);
    r.memory = vtd_guest_alloc(SIZE);
    if (!wrong)
        wrong = r.memory ? body(&r) : "no memory";
    vtd_guest_close(&r.device);
    vtd_guest_free(r.memory, SIZE);
    if (r.log >= 0)
        close(r.log);
    return wrong;
}

/* ---------------------------------------------------------------- the kernel's words */

/* Reasons (VT-d, 7.1.3), as Linux names them. */
static const struct {
    unsigned reason;
    const char *name;
} names[] = {
    {0x05, "PTE Write access is not set"},
    {0x06, "PTE Read access is not set"},
    {0x71, "SM: Present bit in first-level paging entry is clear"},
    {0x79, "SM: Read/Write permission error in second-level paging entry"},
    {0x85, "SM: No write permission"},
    {0x86, "SM: No read permission"},
};

static const char *name_of(unsigned reason)
{
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].reason == reason)
            return names[i].name;
    return "a reason that none of these tests can meet";
}

/* A refused access, and the line of the kernel about it. */
static const char *fault_is_told(struct rig *r, bool write, uint64_t addr)
{
    char line[400] = "", word[80], device[16];
    const uint32_t where = write ? VTD_DMA_FAULT_TARGET : VTD_DMA_FAULT_SOURCE;
    const uint32_t mode = write ? VTD_DMA_MODE_FILL : VTD_DMA_MODE_READ;
    snprintf(word, sizeof(word), "fault addr %#llx ", (unsigned long long)addr);
    snprintf(device, sizeof(device), "[%.8s]", strchr(r->device.name, ':') + 1);
    for (unsigned attempt = 0; attempt < 2 && !line[0]; attempt++) {
        VTD_GUEST_TRY(vtd_guest_refused(&r->device, addr, addr, 8, mode, where, addr));
        /* A device with ATS asks before, and the refusal of a translation is no fault that is recorded. */
        VTD_GUEST_REQUIRE(vtd_guest_reason(&r->device) != 0, "skip: requests that ATS refuses are not reported");
        if (!vtd_guest_log_find(r->log, "DMAR:", word, 1000, line, sizeof(line)))
            sleep(6); /* at most ten lines in five seconds: others may have used them up */
    }
    VTD_GUEST_REQUIRE(line[0], "the kernel did not tell of the fault at %#llx", (unsigned long long)addr);
    line[strcspn(line, "\n")] = 0;
    const char *says = strstr(line, "DMAR:"), *reason = strstr(line, "[fault reason 0x");
    VTD_GUEST_REQUIRE(strstr(line, device), "not of %s: %s", device, says);
    VTD_GUEST_REQUIRE(strstr(line, write ? "[DMA Write" : "[DMA Read"), "not a %s: %s", write ? "write" : "read", says);
    VTD_GUEST_REQUIRE(reason && strtoul(reason + 14, NULL, 16) == vtd_guest_reason(&r->device),
                      "the unit's reason is %#x: %s", vtd_guest_reason(&r->device), says);
    VTD_GUEST_REQUIRE(strstr(line, name_of(vtd_guest_reason(&r->device))), "expected \"%s\": %s",
                      name_of(vtd_guest_reason(&r->device)), says);
    return NULL;
}

static const char *fault_names(struct rig *r)
{
    r->log = vtd_guest_log_open();
    VTD_GUEST_REQUIRE(r->log >= 0, "the kernel's log cannot be read");
    VTD_GUEST_TRY(vtd_guest_map(&r->device, IOVA, r->memory, SIZE, VTD_GUEST_READ));
    VTD_GUEST_TRY(fault_is_told(r, true, IOVA + VTD_GUEST_PAGE));
    return fault_is_told(r, false, OTHER);
}

const char *vtd_guest_test_fault_names(void)
{
    return with_rig(fault_names);
}

/* ---------------------------------------------------------------- rights */

static const char *read_only(struct rig *r)
{
    vtd_guest_scramble(r->memory, SIZE, 3);
    uint8_t *before = vtd_guest_alloc(SIZE);
    VTD_GUEST_REQUIRE(before, "no memory");
    memcpy(before, r->memory, SIZE);
    VTD_GUEST_TRY(vtd_guest_map(&r->device, IOVA, r->memory, SIZE, VTD_GUEST_READ));
    VTD_GUEST_TRY(vtd_guest_transfer(&r->device, IOVA, 0, SIZE, VTD_DMA_MODE_READ));
    VTD_GUEST_TRY(
        vtd_guest_refused(&r->device, 0, IOVA + 0x234, 0x100, VTD_DMA_MODE_FILL, VTD_DMA_FAULT_TARGET, IOVA + 0x234));
    VTD_GUEST_TRY(vtd_guest_refused(&r->device, IOVA, IOVA + 0x2000, 0x1000, VTD_DMA_MODE_COPY, VTD_DMA_FAULT_TARGET,
                                    IOVA + 0x2000));
    const bool same = memcmp(before, r->memory, SIZE) == 0;
    vtd_guest_free(before, SIZE);
    VTD_GUEST_REQUIRE(same, "read-only memory was written");
    return NULL;
}

const char *vtd_guest_test_read_only(void)
{
    return with_rig(read_only);
}

static const char *unmapped(struct rig *r)
{
    VTD_GUEST_TRY(vtd_guest_map(&r->device, IOVA, r->memory, SIZE, VTD_GUEST_RW));
    VTD_GUEST_TRY(vtd_guest_refused(&r->device, OTHER, 0, 0x100, VTD_DMA_MODE_READ, VTD_DMA_FAULT_SOURCE, OTHER));
    VTD_GUEST_TRY(
        vtd_guest_refused(&r->device, 1, OTHER + 0x10, 0x10, VTD_DMA_MODE_FILL, VTD_DMA_FAULT_TARGET, OTHER + 0x10));
    /* Up to the end of what is mapped, and not one byte further. */
    VTD_GUEST_TRY(vtd_guest_refused(&r->device, 0x7777777777777777ull, IOVA + SIZE - 0x1000, 0x1001, VTD_DMA_MODE_FILL,
                                    VTD_DMA_FAULT_TARGET, IOVA + SIZE));
    VTD_GUEST_REQUIRE(vtd_guest_is(r->memory + SIZE - 0x1000, 0x1000, 0x77), "what is mapped was not written");
    /* Just before it. */
    return vtd_guest_refused(&r->device, IOVA - 8, 0, 16, VTD_DMA_MODE_READ, VTD_DMA_FAULT_SOURCE, IOVA - 8);
}

const char *vtd_guest_test_unmapped(void)
{
    return with_rig(unmapped);
}

static const char *after_unmap(struct rig *r)
{
    for (unsigned round = 0; round < 8; round++) {
        VTD_GUEST_TRY(vtd_guest_map(&r->device, IOVA, r->memory, SIZE, VTD_GUEST_RW));
        VTD_GUEST_TRY(vtd_guest_transfer(&r->device, 0x1111111111111111ull, IOVA, SIZE, VTD_DMA_MODE_FILL));
        VTD_GUEST_TRY(vtd_guest_unmap(&r->device, IOVA, SIZE));
        const uint64_t at = IOVA + round % PAGES * VTD_GUEST_PAGE;
        VTD_GUEST_TRY(vtd_guest_refused(&r->device, 0x2222222222222222ull, at, 0x100, VTD_DMA_MODE_FILL,
                                        VTD_DMA_FAULT_TARGET, at));
        VTD_GUEST_TRY(vtd_guest_refused(&r->device, at, 0, 0x100, VTD_DMA_MODE_READ, VTD_DMA_FAULT_SOURCE, at));
        VTD_GUEST_REQUIRE(vtd_guest_is(r->memory, SIZE, 0x11), "round %u: memory changed after the unmap", round);
    }
    return NULL;
}

const char *vtd_guest_test_after_unmap(void)
{
    return with_rig(after_unmap);
}

/* ---------------------------------------------------------------- very many */

static const char *fault_flood(struct rig *r)
{
    const uint32_t length = 0x100000, expected = length / VTD_DMA_REQUEST;
    VTD_GUEST_TRY(vtd_guest_map(&r->device, IOVA, r->memory, SIZE, VTD_GUEST_RW));
    for (unsigned round = 0; round < 3; round++) {
        vtd_guest_start(&r->device, OTHER, 0, length, VTD_DMA_MODE_READ | VTD_DMA_MODE_GO_ON);
        const uint32_t status = vtd_guest_wait(&r->device), faults = vtd_guest_get(&r->device, VTD_DMA_REG_FAULTS);
        VTD_GUEST_REQUIRE(status == (VTD_DMA_STATUS_DONE | VTD_DMA_STATUS_FAULT), "status %#x", status);
        VTD_GUEST_REQUIRE(faults == expected, "%u faults, not %u", faults, expected);
        VTD_GUEST_TRY(vtd_guest_transfer(&r->device, 0x3333333333333333ull + round, IOVA, SIZE, VTD_DMA_MODE_FILL));
        VTD_GUEST_REQUIRE(r->memory[SIZE - 8] == 0x33 + round, "nothing was written after the flood");
    }
    return NULL;
}

const char *vtd_guest_test_fault_flood(void)
{
    return with_rig(fault_flood);
}
