/* SPDX-License-Identifier: MIT */
/* What the parts of the checker share. */
#ifndef VTD_CHECK_INTERNAL_H
#define VTD_CHECK_INTERNAL_H

#include "vtd_check.h"

#include <uthash.h>

/* Table entries behind one cached entry: root, context, directory, PASID entry, and a nested walk of 5 + 5 levels. */
#define CHECK_SOURCES_MAX 40

/* A table entry as the unit read it. One for each address and content that a cached entry was made of. */
struct source {
    struct source_key {
        uint64_t addr;
        uint64_t q[8];
    } key;
    uint64_t now[8];     /* with changed: what memory held then */
    uint64_t changed;    /* wait at which it was found changed, counted from 1; 0: not */
    uint32_t references; /* cached entries made of it */
    uint8_t cls;         /* enum vtd_mem_class */
    uint8_t level;
    uint8_t count; /* qwords */
    bool snoop;
    bool unflushed; /* with changed: memory behind the processor's caches still is as it was */
    UT_hash_handle hh;
};

/* An entry of one of the unit's caches. */
struct shadow {
    struct shadow_key {
        uint64_t a, b;
        uint64_t id; /* enum vtd_cache_id */
    } key;
    uint64_t since; /* descriptors that had retired when it was filled */
    uint64_t page;  /* of an IOTLB entry: the host page it leads to; UINT64_MAX: unknown */
    uint64_t bytes; /* of an IOTLB entry: size of the page */
    bool reported;
    unsigned count;
    struct source *source[CHECK_SOURCES_MAX];
    UT_hash_handle hh;
};

/* What one request has read so far, in order. */
struct trail {
    unsigned count;
    bool active; /* between request and response */
    struct source *source[CHECK_SOURCES_MAX + 24];
    struct source *ahead; /* a PASID entry that was read for later requests */
    struct shadow *leaf;  /* filled by this request in the IOTLB; the response tells where it leads */
};

#define CHECK_HISTORY 32 /* descriptors that are remembered */
struct retired {
    uint64_t number; /* counted from 1 */
    uint64_t q[2];
};

/* Domain-ids as PASID entries use them (ref 2.5). */
struct domain_use {
    uint16_t did;
    uint8_t pgtt;
    uint8_t aw;
    uint64_t ssptptr;
    UT_hash_handle hh;
};

struct kept_report {
    struct vtd_check_report report;
    char *text; /* what the report's strings point into */
};

struct suppression {
    int id; /* -1: all */
    char *text;
};

struct vtd_check {
    struct vtd *unit;
    struct vtd_check_options options;
    uint64_t requests, waits;

    /* sources.c, shadows.c */
    struct source *sources;
    struct shadow *shadows;
    unsigned shadow_limit; /* from here on, those that the caches lost are looked for */
    struct trail trail;

    /* history.c */
    struct retired history[CHECK_HISTORY];
    uint64_t retired; /* descriptors */

    /* protocol.c */
    uint32_t gcmd_status; /* persistent commands that are on */
    uint64_t rtaddr;      /* as SRTP latched it */
    bool srtp_owes[3];    /* after SRTP: context cache, PASID cache, IOTLB, as long as no global invalidation came */
    bool iqe, overflow;   /* as seen last */
    uint64_t tail;        /* IQT as software wrote it last */
    struct domain_use *domains;

    /* report.c */
    struct kept_report *reports;
    unsigned report_count, report_room;
    uint64_t total, by_check[VTD_CHECKS];
    struct suppression *suppressions;
    unsigned suppression_count;
};

/* compare.c */
/* Bits of an entry whose change counts: not those that the unit sets or ignores (ref 2.6, 2.7). */
uint64_t check_significant(uint8_t cls, uint8_t level);
/* Whether an entry that differs needs an invalidation (ref 6.5): rights that were added do not. */
bool check_source_differs(const struct source *s, const uint64_t *now);

/* sources.c */
/* The source for a memory read; NULL when memory is out. */
struct source *check_source_get(struct vtd_check *check, const struct vtd_event *read);
void check_source_drop(struct vtd_check *check, struct source *s);
/* Finds out which sources changed; to be called when a wait is reached. */
void check_sources_scan(struct vtd_check *check);
void check_sources_free(struct vtd_check *check);

/* shadows.c */
void check_shadows_event(struct vtd_check *check, const struct vtd_event *event);
void check_shadows_free(struct vtd_check *check);

/* stale.c */
void check_stale_use(struct vtd_check *check, struct shadow *shadow);

/* history.c: what is owed, and what was done instead */
void check_history_add(struct vtd_check *check, const uint64_t *q);
/* Writes what is owed for a change of s to what shadow kept of it (512 bytes). */
void check_owed(const struct vtd_check *check, const struct shadow *shadow, const struct source *s, char *text);
/* Writes the invalidations since shadow was filled, and why each does not cover it (2048 bytes). */
void check_since(const struct vtd_check *check, const struct shadow *shadow, const struct source *s, char *text);
/* Name of a cached entry for people (200 bytes). */
void check_describe(const struct shadow *shadow, char *text);

/* protocol.c */
void check_protocol_write(struct vtd_check *check, uint64_t offset, unsigned size, uint64_t value);
/* An invalidation by CCMD (context) or IOTLB_REG; high is its upper dword (ref 1.6). */
void check_protocol_register_invalidation(struct vtd_check *check, bool context, uint32_t high);
void check_protocol_descriptor(struct vtd_check *check, const uint64_t *q);
void check_protocol_request(struct vtd_check *check);
void check_protocol_pasid(struct vtd_check *check, const uint64_t *q);
void check_protocol_free(struct vtd_check *check);

/* batch.c: what software submits with one write of IQT */
void check_batch(struct vtd_check *check, uint64_t tail);

/* report.c: takes a report, unless it is silenced or beyond the limit; true when it counted */
bool check_report(struct vtd_check *check, enum vtd_check_id id, const char *owed, const char *since, const char *what,
                  ...) __attribute__((format(printf, 5, 6)));

#endif
