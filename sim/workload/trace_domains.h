/* SPDX-License-Identifier: MIT */
/*
 * Which devices, or PASIDs of them, are in which domain of a trace: from its "# domains:" comments for reading, and
 * to number new ones for writing. Memory: about 50 bytes for each device or PASID.
 */
#ifndef VTD_WORKLOAD_TRACE_DOMAINS_H
#define VTD_WORKLOAD_TRACE_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_requester {
    uint32_t pasid; /* with has_pasid */
    uint16_t sid;
    bool has_pasid;
};

struct vtd_domains;

/* NULL without memory. */
struct vtd_domains *vtd_domains_create(void);
void vtd_domains_destroy(struct vtd_domains *d);

/* Puts a requester into a domain; it leaves the one that it was in. Returns false without memory. */
bool vtd_domains_add(struct vtd_domains *d, uint32_t domain, const struct vtd_requester *r);

/*
 * Takes what a comment says: "# domains: 7=00:1f.2 8=01:00.0,01:00.1/3a". Others say nothing. Returns false with
 * *problem.
 */
bool vtd_domains_comment(struct vtd_domains *d, const char *text, size_t length, const char **problem);

#define VTD_DOMAINS_NONE UINT32_MAX

/* Number of the first member of a domain, in the order in which they were added; VTD_DOMAINS_NONE: it has none. */
uint32_t vtd_domains_first(const struct vtd_domains *d, uint32_t domain);
/* The member after that one. */
uint32_t vtd_domains_next(const struct vtd_domains *d, uint32_t member);

/* All requesters that are in any domain are members 0 to count - 1. */
uint32_t vtd_domains_count(const struct vtd_domains *d);
const struct vtd_requester *vtd_domains_member(const struct vtd_domains *d, uint32_t member);

/* Domain of a requester. Returns false when it is in none. */
bool vtd_domains_of(const struct vtd_domains *d, const struct vtd_requester *r, uint32_t *domain);

#ifdef __cplusplus
}
#endif
#endif
