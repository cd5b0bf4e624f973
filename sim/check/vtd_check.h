/* SPDX-License-Identifier: MIT */
/*
 * The driver checker: watches what software does with a unit and names each violation of the programming rules once: what
 * was done, what was owed, and where the reference says so. It needs nothing of the driver: registers, descriptors, table
 * reads and cache fills are seen from the unit (vtd_watch).
 *
 *     struct vtd_check *check = vtd_check_start(unit, NULL, why);
 *     ... the driver works, devices do DMA ...
 *     vtd_check_write(check, VTD_CHECK_TEXT, stderr);
 *     vtd_check_stop(check);
 *
 * How stale translations are found: each cached entry remembers the table entries that it was made of. When a wait
 * descriptor is reached, all earlier invalidations are done, and what differs in memory from what is cached is a change that
 * no invalidation covered. It is reported when a request next uses the entry, or by vtd_check_sync.
 */
#ifndef VTD_CHECK_H
#define VTD_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "vtd/vtd.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is checked; names, sections and sentences are in checks.def. */
enum vtd_check_id {
#define VTD_CHECK(ID, name, section, text) VTD_CHECK_##ID,
#include "check/checks.def"
#undef VTD_CHECK
    VTD_CHECKS
};

struct vtd_check_options {
    uint32_t limit;           /* reports that are kept of one check; more are counted only. 0: 10 */
    const char *suppressions; /* file of checks that are silent (vtd_check_suppress), or NULL */
};

struct vtd_check;

/* One report. Texts live as long as the check. */
struct vtd_check_report {
    enum vtd_check_id id;
    uint64_t request;  /* requests of devices that the unit had seen */
    uint64_t waits;    /* wait descriptors that it had reached */
    const char *what;  /* what was done */
    const char *owed;  /* what the rules ask for */
    const char *since; /* invalidations that software did instead, one a line; "" if there are none, or none is owed */
};

/*
 * Begins to check a unit; at most one check for each. options NULL: defaults. Returns NULL with why filled (VTD_WHY_SIZE bytes,
 * may be NULL): memory is out, or the file of suppressions cannot be read or has a bad line (named).
 */
struct vtd_check *vtd_check_start(struct vtd *unit, const struct vtd_check_options *options, char *why);

/* Ends it; the unit must still exist. NULL is allowed. */
void vtd_check_stop(struct vtd_check *check);

/*
 * Silences what a line of a file of suppressions says: a check's name, or NAME:TEXT for those of its reports whose "what"
 * contains TEXT. "*" is every check. False with why filled when there is no such check.
 */
bool vtd_check_suppress(struct vtd_check *check, const char *line, char *why);

/*
 * Software says that all is flushed: reports every cached entry that does not agree with its tables, used or not.
 * Returns the number of reports that came of it.
 */
unsigned vtd_check_sync(struct vtd_check *check);

/*
 * Software says that [hpa, hpa + size) is no longer for devices: reports cached entries that lead there or were made of
 * tables there. Returns the number of reports that came of it.
 */
unsigned vtd_check_freed(struct vtd_check *check, uint64_t hpa, uint64_t size);

/* Reports so far, those beyond the limit included, those silenced not. */
uint64_t vtd_check_count(const struct vtd_check *check);

/* Report number i, counted from 0; false behind the last that was kept. */
bool vtd_check_get(const struct vtd_check *check, unsigned i, struct vtd_check_report *report);

/* Stable name of a check, the section of the reference behind it, and what it means; NULL behind the last. */
const char *vtd_check_name(enum vtd_check_id id);
const char *vtd_check_section(enum vtd_check_id id);
const char *vtd_check_text(enum vtd_check_id id);

/* Forms of the list of reports: for people, JSON, and SARIF 2.1.0 for tools that show findings. */
enum vtd_check_form {
    VTD_CHECK_TEXT,
    VTD_CHECK_JSON,
    VTD_CHECK_SARIF,
};

/* Writes all reports. False when writing fails. */
bool vtd_check_write(const struct vtd_check *check, enum vtd_check_form form, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
