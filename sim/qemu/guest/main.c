/* SPDX-License-Identifier: MIT */
/* The tests that run in a guest: list them, run some or all of them. See guest.h. */
#include "guest.h"

#include "qemu/pattern.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Faults are told by the kernel at a limited rate, so what reads its log comes before what makes many of them. */
const struct vtd_guest_test vtd_guest_tests[] = {
    {"fault-names", "the kernel reports faults with address, device and reason", vtd_guest_test_fault_names, false},
    {"copy", "map, copy across pages at odd offsets, unmap", vtd_guest_test_copy, false},
    {"fill-read", "write only, and read only", vtd_guest_test_fill_read, false},
    {"atomic", "fetch-and-add", vtd_guest_test_atomic, false},
    {"flag", "the completion flag is written after the data", vtd_guest_test_flag, false},
    {"message", "the message interrupt arrives, once", vtd_guest_test_message, false},
    {"read-only", "a write to a read-only mapping is refused, a read is not", vtd_guest_test_read_only, false},
    {"unmapped", "accesses to what is not mapped are refused", vtd_guest_test_unmapped, false},
    {"after-unmap", "what was unmapped is refused, and its memory stays as it is", vtd_guest_test_after_unmap, false},
    {"remap", "an address that is mapped anew means the new memory", vtd_guest_test_remap, false},
    {"huge-pages", "mappings of pages of 2 MiB", vtd_guest_test_huge_pages, false},
    {"many-maps", "hundreds of mappings of one page, in disorder", vtd_guest_test_many_maps, false},
    {"high-iova", "the last page that can be mapped", vtd_guest_test_high_iova, false},
    {"unmap-race", "unmap and map again under a transfer that goes on", vtd_guest_test_unmap_race, false},
    {"two-domains", "two devices use the same addresses for different memory", vtd_guest_test_two_domains, false},
    {"spoofed-messages", "interrupts that a device makes up are refused", vtd_guest_test_spoofed_messages, false},
    {"disk", "a file system on a disk, through the kernel's own driver", vtd_guest_test_disk, false},
    {"fault-flood", "thousands of refused requests, and everything works afterwards", vtd_guest_test_fault_flood,
     false},
    {"sva", "the address space of a process, with page requests", vtd_guest_test_sva, false},
    {"odd-unmap", "an unmap of two pages at an odd page number; not one of all", vtd_guest_test_odd_unmap, true},
    {NULL, NULL, NULL, false},
};

const char *vtd_guest_say(const char *format, ...)
{
    static char sentence[400];
    char made[sizeof(sentence)]; /* arguments may be what was said before */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(made, sizeof(made), format, arguments);
    va_end(arguments);
    memcpy(sentence, made, sizeof(sentence));
    return sentence;
}

uint8_t *vtd_guest_alloc(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void vtd_guest_free(uint8_t *memory, size_t size)
{
    if (memory)
        munmap(memory, size);
}

void vtd_guest_scramble(uint8_t *memory, size_t size, unsigned seed)
{
    vtd_pattern_fill(memory, size, seed);
}

bool vtd_guest_is(const uint8_t *memory, size_t size, uint8_t value)
{
    for (size_t i = 0; i < size; i++)
        if (memory[i] != value)
            return false;
    return true;
}

/* One line in one write, also when it goes to the kernel's log. Returns whether the test failed. */
static bool run(const struct vtd_guest_test *test)
{
    const char *wrong = test->run();
    const bool skipped = wrong && strncmp(wrong, "skip: ", 6) == 0;
    if (!wrong)
        printf("VTD-TEST %s PASS\n", test->name);
    else
        printf("VTD-TEST %s %s: %s\n", test->name, skipped ? "SKIP" : "FAIL", skipped ? wrong + 6 : wrong);
    fflush(stdout);
    return wrong && !skipped;
}

static int run_named(const char *name)
{
    const bool all = strcmp(name, "all") == 0;
    int failed = 0, known = 0;
    for (const struct vtd_guest_test *t = vtd_guest_tests; t->name; t++) {
        if ((all && !t->by_name) || strcmp(t->name, name) == 0) {
            known++;
            failed += run(t);
        }
    }
    if (known)
        return failed;
    printf("VTD-TEST %s FAIL: there is no such test\n", name);
    return 1;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        for (const struct vtd_guest_test *t = vtd_guest_tests; t->name; t++)
            printf("%-16s %s\n", t->name, t->about);
        return 0;
    }
    if (argc < 3 || strcmp(argv[1], "run") != 0) {
        fprintf(stderr, "Usage: vtd_guest list | run all|NAME...\n");
        return 2;
    }
    int failed = 0;
    for (int i = 2; i < argc; i++)
        failed += run_named(argv[i]);
    return failed ? 1 : 0;
}
