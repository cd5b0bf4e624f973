/* SPDX-License-Identifier: MIT */
/* What a device does with memory that is mapped: copies, fills, atomics, and how it says that it is done. */
#include "guest.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SIZE   0x8000u
#define SOURCE 0x10000000ull
#define TARGET 0x20000000ull

/* A device with two buffers, readable at SOURCE and writable at TARGET. */
struct rig {
    struct vtd_guest_device device;
    uint8_t *source, *target;
    int event;
};

static const char *begin(struct rig *r)
{
    r->event = -1;
    r->source = vtd_guest_alloc(SIZE);
    r->target = vtd_guest_alloc(SIZE);
    VTD_GUEST_TRY(vtd_guest_open(&r->device, 0));
    VTD_GUEST_REQUIRE(r->source && r->target, "no memory");
    VTD_GUEST_TRY(vtd_guest_map(&r->device, SOURCE, r->source, SIZE, VTD_GUEST_READ));
    VTD_GUEST_TRY(vtd_guest_map(&r->device, TARGET, r->target, SIZE, VTD_GUEST_RW));
    vtd_guest_scramble(r->source, SIZE, 1);
    return NULL;
}

static const char *end(struct rig *r, const char *wrong)
{
    vtd_guest_close(&r->device);
    vtd_guest_free(r->source, SIZE);
    vtd_guest_free(r->target, SIZE);
    if (r->event >= 0)
        close(r->event);
    return wrong;
}

/* Runs what is to be done between begin and end. */
static const char *with_rig(const char *(*body)(struct rig *))
{
    struct rig r = {.device = {.container = -1, .group = -1, .fd = -1}};
    const char *wrong = begin(&r);
    return end(&r, wrong ? wrong : body(&r));
}

static const char *copy(struct rig *r)
{
    memset(r->target, 0xee, SIZE);
    VTD_GUEST_TRY(vtd_guest_transfer(&r->device, SOURCE + 0x123, TARGET + 0xabc, 0x5000, VTD_DMA_MODE_COPY));
    VTD_GUEST_REQUIRE(memcmp(r->source + 0x123, r->target + 0xabc, 0x5000) == 0, "the copy differs");
    VTD_GUEST_REQUIRE(vtd_guest_is(r->target, 0xabc, 0xee), "bytes before the copy changed");
    VTD_GUEST_REQUIRE(vtd_guest_is(r->target + 0x5abc, SIZE - 0x5abc, 0xee), "bytes behind the copy changed");
    VTD_GUEST_TRY(vtd_guest_unmap(&r->device, SOURCE, SIZE));
    return vtd_guest_unmap(&r->device, TARGET, SIZE);
}

const char *vtd_guest_test_copy(void)
{
    return with_rig(copy);
}

static const char *fill_read(struct rig *r)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < 0x3333; i++)
        sum += r->source[0x11 + i];
    VTD_GUEST_TRY(vtd_guest_transfer(&r->device, SOURCE + 0x11, 0, 0x3333, VTD_DMA_MODE_READ));
    const uint64_t read = vtd_guest_get64(&r->device, VTD_DMA_REG_RESULT);
    VTD_GUEST_REQUIRE(read == sum, "the bytes add up to %llu, not %llu", (unsigned long long)read,
                      (unsigned long long)sum);
    VTD_GUEST_TRY(vtd_guest_transfer(&r->device, 0x5a5a5a5a5a5a5a5aull, TARGET + 1, SIZE - 2, VTD_DMA_MODE_FILL));
    VTD_GUEST_REQUIRE(vtd_guest_is(r->target + 1, SIZE - 2, 0x5a), "not all is filled");
    VTD_GUEST_REQUIRE(r->target[0] == 0 && r->target[SIZE - 1] == 0, "more is filled");
    return NULL;
}

const char *vtd_guest_test_fill_read(void)
{
    return with_rig(fill_read);
}

static const char *atomic(struct rig *r)
{
    uint64_t value = 1000;
    memcpy(r->target + 0x1010, &value, sizeof(value));
    for (unsigned i = 0; i < 5; i++)
        VTD_GUEST_TRY(vtd_guest_transfer(&r->device, 7, TARGET + 0x1010, 8, VTD_DMA_MODE_ADD));
    memcpy(&value, r->target + 0x1010, sizeof(value));
    VTD_GUEST_REQUIRE(value == 1035, "1000 + 5 * 7 is %llu", (unsigned long long)value);
    value = vtd_guest_get64(&r->device, VTD_DMA_REG_RESULT);
    VTD_GUEST_REQUIRE(value == 1028, "the last addition saw %llu", (unsigned long long)value);
    /* It needs the right to write. */
    return vtd_guest_refused(&r->device, 1, SOURCE, 8, VTD_DMA_MODE_ADD, VTD_DMA_FAULT_TARGET, SOURCE);
}

const char *vtd_guest_test_atomic(void)
{
    return with_rig(atomic);
}

static const char *flag(struct rig *r)
{
    volatile uint32_t *place = (volatile uint32_t *)(void *)(r->target + 0x7000);
    for (uint32_t round = 1; round <= 20; round++) {
        vtd_guest_scramble(r->source, 0x6000, round);
        vtd_guest_set64(&r->device, VTD_DMA_REG_FLAG, TARGET + 0x7000);
        vtd_guest_set(&r->device, VTD_DMA_REG_VALUE, round);
        vtd_guest_start(&r->device, SOURCE, TARGET, 0x6000, VTD_DMA_MODE_COPY | VTD_DMA_MODE_FLAG);
        /* Nothing else is asked; but a read of a register now and then gives the engine its time. */
        for (unsigned i = 0; *place != round && i < 100000; i++)
            (void)vtd_guest_get(&r->device, VTD_DMA_REG_ID);
        VTD_GUEST_REQUIRE(*place == round, "the flag of round %u did not come", round);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        VTD_GUEST_REQUIRE(memcmp(r->source, r->target, 0x6000) == 0, "round %u: the flag came before the data", round);
    }
    return NULL;
}

const char *vtd_guest_test_flag(void)
{
    return with_rig(flag);
}

static const char *message(struct rig *r)
{
    VTD_GUEST_TRY(vtd_guest_enable_message(&r->device, &r->event));
    VTD_GUEST_TRY(vtd_guest_transfer(&r->device, SOURCE, TARGET, 0x1000, VTD_DMA_MODE_COPY));
    VTD_GUEST_REQUIRE(vtd_guest_wait_event(r->event, 20) == 0, "a message came that was not asked for");
    for (unsigned round = 0; round < 10; round++) {
        VTD_GUEST_TRY(vtd_guest_transfer(&r->device, SOURCE, TARGET, 0x1000, VTD_DMA_MODE_COPY | VTD_DMA_MODE_MESSAGE));
        const uint64_t count = vtd_guest_wait_event(r->event, 2000);
        VTD_GUEST_REQUIRE(count == 1, "round %u: %llu messages (%u were blocked)", round, (unsigned long long)count,
                          vtd_guest_get(&r->device, VTD_DMA_REG_LOST));
    }
    VTD_GUEST_REQUIRE(vtd_guest_wait_event(r->event, 20) == 0, "one message too many");
    return NULL;
}

const char *vtd_guest_test_message(void)
{
    return with_rig(message);
}
