/* SPDX-License-Identifier: MIT */
/*
 * What came back, and what should have: comparing outcomes with expectations, and writing both the way a scenario does.
 */
#ifndef VTD_SIM_OUTCOME_H
#define VTD_SIM_OUTCOME_H

#include "scenario.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Size in bytes of a text about an outcome or an expectation. */
#define VTD_OUTCOME_TEXT_SIZE 256

/* What a statement got back; which member is valid depends on the statement. */
struct vtd_outcome {
    bool none; /* msi, to-device: nothing was waiting */
    uint64_t value;
    struct vtd_response response;
    struct vtd_irq_response irq;
    enum vtd_prq_result prq;
    uint64_t msi_addr;
    uint32_t msi_data;
    struct vtd_to_device to_device;
};

/* The outcome is as the statement expects (true when it expects nothing). */
bool vtd_outcome_matches(const struct vtd_stmt *stmt, const struct vtd_outcome *outcome);

/* The outcome of a statement, as a scenario would write it, with the names of fault reasons; text has
 * VTD_OUTCOME_TEXT_SIZE bytes. */
void vtd_outcome_text(const struct vtd_stmt *stmt, const struct vtd_outcome *outcome, char *text);

/* What a statement expects, as a scenario would write it. */
void vtd_expect_text(const struct vtd_stmt *stmt, char *text);

/* A page size in words: "4K", "2M", "1G", else "2^N". */
void vtd_page_text(unsigned shift, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
