/* SPDX-License-Identifier: MIT */
/*
 * Plays a workload on a unit as devices and their driver would: the driver brings the unit up, gives each device
 * (and PASID) a domain of its own, maps a page when it is first touched, unmaps what the workload unmaps, and takes
 * down the domain of a device or PASID that ends. When domain-ids run out, first-stage domains of further PASIDs share
 * one, as in Linux; their translations differ in the PASID.
 *
 * With device_tlb.entries in the configuration each device has ATS and a device TLB of that shape; the driver enables
 * it and flushes it when it unmaps.
 */
#ifndef VTD_WORKLOAD_PLAYER_H
#define VTD_WORKLOAD_PLAYER_H

#include "config/config.h"
#include "platform/requester.h"
#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How the devices are translated (PGTT, ref 2.5). */
enum vtd_player_pgtt {
    VTD_PLAYER_FIRST_STAGE,
    VTD_PLAYER_SECOND_STAGE,
    VTD_PLAYER_NESTED,
    VTD_PLAYER_PASS_THROUGH,
};

struct vtd_player;

/*
 * Creates the machine and starts its driver. with_pasid: how requests with PASID are translated, without: those
 * without.
 * NULL with why filled on failure.
 */
struct vtd_player *vtd_player_create(const struct vtd_sim_config *cfg, enum vtd_player_pgtt without,
                                     enum vtd_player_pgtt with_pasid, char *why);

/* Outcome of one record. */
enum vtd_player_result {
    VTD_PLAYED,
    VTD_PLAYER_FAULT, /* the unit blocked the request; *reason says why */
    VTD_PLAYER_ERROR, /* the driver could not do its part; why is filled */
};

/* A hint that a record will soon be played, with stage 0 and then 1: see vtd_prefetch. */
void vtd_player_prefetch(const struct vtd_player *p, const struct vtd_record *record, unsigned stage);

/* Is so much kept in memory that the hint pays? Ask again from time to time. */
bool vtd_player_wants_prefetch(const struct vtd_player *p);

/*
 * Was the page of this access accessed before, in a space that is attached and where it is mapped since? False also where
 * that is not known, and where another access to it may come to something else: of a device with a TLB, to the interrupt
 * range without a PASID, with PASID 0 (ref 4.2 step 6, 4.9).
 */
bool vtd_player_knows_page(const struct vtd_player *p, const struct vtd_record *record);

/*
 * Do all accesses in this one's space come to the same, once it is attached, whatever page they are to? They do where the unit passes
 * addresses through, below its highest address and with the exceptions above.
 */
bool vtd_player_passes(const struct vtd_player *p, const struct vtd_record *record);

/* A hint that vtd_player_knows_page will soon be asked. */
void vtd_player_prefetch_page(const struct vtd_player *p, const struct vtd_record *record);

/* Plays one record. */
enum vtd_player_result vtd_player_play(struct vtd_player *p, const struct vtd_record *record, uint8_t *reason,
                                       char *why);

/*
 * Accesses take time from now on: each begins at clock->now and moves it to its end, and so does the driver's work while
 * clock->software is set. NULL: they take none any more, which has to be said before the clock or its timing goes. False
 * when memory is out, which it is not for NULL.
 */
bool vtd_player_set_clock(struct vtd_player *p, struct vtd_clock *clock);

/* The unit, for its statistics. */
struct vtd *vtd_player_unit(struct vtd_player *p);

/* The statistics of all devices added up; all 0 when they have no device TLBs. */
void vtd_player_device_stats(const struct vtd_player *p, struct vtd_requester_stats *sum);

/* Pages mapped by the driver so far, and pages of memory that its tables take now. */
uint64_t vtd_player_pages_mapped(const struct vtd_player *p);
uint64_t vtd_player_table_pages(const struct vtd_player *p);

void vtd_player_destroy(struct vtd_player *p);

#ifdef __cplusplus
}
#endif
#endif
