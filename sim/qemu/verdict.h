/* SPDX-License-Identifier: MIT */
/*
 * What the lines on a guest's console say: results of tests, and complaints of the kernel.
 *
 * Lines of the guest's own, at the beginning or behind a time stamp of the kernel:
 *     VTD-START                      the tests begin
 *     VTD-TEST NAME PASS             also "FAIL: reason", "SKIP: reason"
 *     VTD-STATUS N                   the exit status of the test program
 *     VTD-END                        the guest switches off
 */
#ifndef VTD_QEMU_VERDICT_H
#define VTD_QEMU_VERDICT_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum vtd_verdict_result {
    VTD_VERDICT_PASS,
    VTD_VERDICT_FAIL,
    VTD_VERDICT_SKIP,
};

#define VTD_VERDICT_TESTS 64
struct vtd_verdict_test {
    char name[32];
    char reason[160];
    unsigned char result; /* enum vtd_verdict_result */
};

struct vtd_verdict {
    bool driver; /* the kernel's driver for remapping units has started */
    bool started, ended;
    unsigned tests, failed, skipped;
    unsigned dropped; /* results beyond VTD_VERDICT_TESTS */
    struct vtd_verdict_test test[VTD_VERDICT_TESTS];
    int status;          /* of the test program; -1: none was told */
    unsigned complaints; /* of the kernel */
    char complaint[200]; /* the first */
    unsigned faults;     /* "fault reason" lines of the driver */
};

enum vtd_verdict_line {
    VTD_VERDICT_LINE_OTHER,
    VTD_VERDICT_LINE_START,
    VTD_VERDICT_LINE_TEST, /* verdict->test[tests - 1] is new */
    VTD_VERDICT_LINE_END,
};

void vtd_verdict_init(struct vtd_verdict *v);

/* Takes a line of the console; says what it was. */
enum vtd_verdict_line vtd_verdict_take(struct vtd_verdict *v, const char *line);

/*
 * Whether all is well: the driver started, the guest came to its end, neither a test nor the test
 * program failed, and the kernel did not complain. why (256 bytes) receives what is not.
 */
bool vtd_verdict_good(const struct vtd_verdict *v, char *why);

#ifdef __cplusplus
}
#endif
#endif
