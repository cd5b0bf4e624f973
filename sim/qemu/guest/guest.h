/* SPDX-License-Identifier: MIT */
/*
 * Tests that run in a guest and use a DMA engine (dma_engine.h) through VFIO: what a test is, and what it can do.
 *
 * A test returns NULL when it passed, or says in a sentence what was wrong; a sentence that begins with "skip: " says why
 * it cannot be done here. It leaves nothing behind.
 */
#ifndef VTD_GUEST_H
#define VTD_GUEST_H

#include "qemu/dma_engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vtd_guest_test {
    const char *name;
    const char *about;
    const char *(*run)(void);
    bool by_name; /* not one of all: kernels are known that fail */
};

/* Ends with a name of NULL. */
extern const struct vtd_guest_test vtd_guest_tests[];

/* A sentence made as printf does, in a buffer that the next one overwrites. */
const char *vtd_guest_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Gives up the calling test unless a condition holds. */
#define VTD_GUEST_REQUIRE(condition, ...)                                                                              \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return vtd_guest_say(__VA_ARGS__);                                                                         \
    } while (0)

/* Hands on what a helper found wrong. */
#define VTD_GUEST_TRY(sentence)                                                                                        \
    do {                                                                                                               \
        const char *wrong_ = (sentence);                                                                               \
        if (wrong_)                                                                                                    \
            return wrong_;                                                                                             \
    } while (0)

/* ---------------------------------------------------------------- memory */

#define VTD_GUEST_PAGE 4096u

/* Zeroed pages that are there, or NULL. Given back when the program ends or by vtd_guest_free. */
uint8_t *vtd_guest_alloc(size_t size);
void vtd_guest_free(uint8_t *memory, size_t size);

/* Bytes that differ from place to place and from seed to seed, none of them 0. */
void vtd_guest_scramble(uint8_t *memory, size_t size, unsigned seed);

/* Whether all bytes have a value. */
bool vtd_guest_is(const uint8_t *memory, size_t size, uint8_t value);

/* ---------------------------------------------------------------- VFIO (vfio.c) */

/* The name of engine number `index`, in their order. "skip: " when there are not so many. */
const char *vtd_guest_find(unsigned index, char name[32]);

/* Whether a PCI function has an extended capability. */
bool vtd_guest_has_extended(const char *device, unsigned id);

/* Whether there is a PCI function with these identifiers. */
bool vtd_guest_has_pci(unsigned vendor, unsigned device);

/* An engine in a container of its own, that is, in an address space of its own. */
struct vtd_guest_device {
    int container, group, fd;
    uint64_t config;       /* offset of configuration space in fd */
    volatile uint8_t *bar; /* registers */
    char name[32];         /* as in sysfs, 0000:00:05.0 */
};

/* Opens engine number `index`, in the order of their names. "skip: " when there are not so many. */
const char *vtd_guest_open(struct vtd_guest_device *device, unsigned index);
/* Closing a device that could not be opened, or twice, is nothing. */
void vtd_guest_close(struct vtd_guest_device *device);

#define VTD_GUEST_READ  1u
#define VTD_GUEST_WRITE 2u
#define VTD_GUEST_RW    3u

/* Lets the device reach memory at iova. */
const char *vtd_guest_map(struct vtd_guest_device *device, uint64_t iova, void *memory, uint64_t size, unsigned rights);
const char *vtd_guest_unmap(struct vtd_guest_device *device, uint64_t iova, uint64_t size);

/* The last address that can be mapped. */
const char *vtd_guest_last_iova(struct vtd_guest_device *device, uint64_t *last);

/* An event for the device's message interrupt: a file descriptor of an eventfd in *event. */
const char *vtd_guest_enable_message(struct vtd_guest_device *device, int *event);

/* How often the event came within so many milliseconds; returns as soon as it did. */
uint64_t vtd_guest_wait_event(int event, int milliseconds);

/* ---------------------------------------------------------------- the engine (engine.c) */

uint32_t vtd_guest_get(const struct vtd_guest_device *device, unsigned reg);
uint64_t vtd_guest_get64(const struct vtd_guest_device *device, unsigned reg);
void vtd_guest_set(struct vtd_guest_device *device, unsigned reg, uint32_t value);
void vtd_guest_set64(struct vtd_guest_device *device, unsigned reg, uint64_t value);

/* Starts a transfer. mode: VTD_DMA_MODE_*. */
void vtd_guest_start(struct vtd_guest_device *device, uint64_t source, uint64_t target, uint32_t length, uint32_t mode);

/* Waits until it is not busy; STATUS, with VTD_DMA_STATUS_BUSY after ten seconds. */
uint32_t vtd_guest_wait(struct vtd_guest_device *device);

/* Both; then what is wrong if it did not end well. */
const char *vtd_guest_transfer(struct vtd_guest_device *device, uint64_t source, uint64_t target, uint32_t length,
                               uint32_t mode);

/* The same for one that has to be refused: where is VTD_DMA_FAULT_*, addr the first address that is refused. */
const char *vtd_guest_refused(struct vtd_guest_device *device, uint64_t source, uint64_t target, uint32_t length,
                              uint32_t mode, uint32_t where, uint64_t addr);

/* The unit's fault reason of the first refused request. */
unsigned vtd_guest_reason(const struct vtd_guest_device *device);

/* ---------------------------------------------------------------- the kernel's log (kmsg.c) */

/* Reads from here on; -1 when there is no log. */
int vtd_guest_log_open(void);

/*
 * Waits for a line that has both words, for so many milliseconds. Copies it to line (size bytes) and returns true; lines
 * that have neither are gone.
 */
bool vtd_guest_log_find(int log, const char *word, const char *other, int milliseconds, char *line, size_t size);

/* ---------------------------------------------------------------- the tests */

const char *vtd_guest_test_copy(void);
const char *vtd_guest_test_fill_read(void);
const char *vtd_guest_test_atomic(void);
const char *vtd_guest_test_flag(void);
const char *vtd_guest_test_message(void);
const char *vtd_guest_test_fault_names(void);
const char *vtd_guest_test_read_only(void);
const char *vtd_guest_test_unmapped(void);
const char *vtd_guest_test_after_unmap(void);
const char *vtd_guest_test_fault_flood(void);
const char *vtd_guest_test_remap(void);
const char *vtd_guest_test_huge_pages(void);
const char *vtd_guest_test_many_maps(void);
const char *vtd_guest_test_high_iova(void);
const char *vtd_guest_test_unmap_race(void);
const char *vtd_guest_test_two_domains(void);
const char *vtd_guest_test_spoofed_messages(void);
const char *vtd_guest_test_odd_unmap(void);
const char *vtd_guest_test_disk(void);
const char *vtd_guest_test_sva(void);

#endif
