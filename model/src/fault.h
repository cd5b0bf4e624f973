/* SPDX-License-Identifier: MIT */
/*
 * Faults: what each reason means for the requester, and the only writer of the fault recording registers (ref 5).
 */
#ifndef VTD_FAULT_H
#define VTD_FAULT_H

#include "instance.h"

/* Answer to a translation request, a translated request or a page request that met a fault (columns of ref 5). */
enum fault_answer {
    FAULT_NA,
    FAULT_UR,
    FAULT_CA,
    FAULT_NULL, /* success without rights */
    FAULT_EFF,  /* success with the effective rights */
    FAULT_IR,   /* page request: Invalid Request, or dropped */
};

struct fault_info {
    const char *label;
    const char *description;
    uint8_t qualified;
    uint8_t tr;
    uint8_t td;
    uint8_t pr;
};

extern const struct fault_info vtd_fault_table[256];

/* What a fault record holds besides the reason (ref 1.7). */
struct fault_record {
    uint64_t info; /* page address, or interrupt index << 48 */
    uint32_t pasid;
    uint16_t sid;
    uint8_t at;
    uint8_t access; /* enum vtd_access */
    bool page_request;
    bool has_pasid;
    bool priv;
};

/* Counts a fault, and records it unless it is qualified and fpd is set (ref 5.3, 5.4). */
void vtd_fault_report(struct vtd *v, uint8_t reason, bool fpd, const struct fault_record *rec);

/* Counts a fault that is answered without a record: a translation request completed with success (ref 5). */
void vtd_fault_count_only(struct vtd *v, uint8_t reason);

/* Sets IQE, ICE or ITE (a bit of FSTS) and raises the fault event when it was the first condition (ref 5.4). */
void vtd_fault_set_status(struct vtd *v, uint32_t bit);

/* Software wrote 1 to bits of FSTS, or to F of record n (ref 1.7, 5.4). */
void vtd_fault_status_cleared(struct vtd *v);
void vtd_fault_record_cleared(struct vtd *v, unsigned n);

/* TES and IRES are both 0: recording starts again at record 0 (ref 5.4). */
void vtd_fault_restart(struct vtd *v);

#endif
