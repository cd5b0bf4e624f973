/* SPDX-License-Identifier: MIT */
/*
 * A driver for one VT-d remapping unit in scalable or legacy mode: bring-up, domains, devices, PASIDs, mapping, invalidation,
 * faults.
 *
 * Rules that hold for every function here
 * - The unit is reached through struct vtd_bus only, so the same driver runs over any device under test.
 * - Functions return 0 (or a count) on success and a negative errno value on failure; nothing aborts or prints:
 *     -EINVAL     the arguments are wrong on any unit            -ENOTSUP  this unit lacks what is asked for
 *     -ENOMEM     out of memory                                  -ENOSPC   out of domain-ids or PASIDs
 *     -EBUSY      still or already in use                        -ENOENT   not there (device, attachment)
 *     -EEXIST     the range is mapped in part                    -ERANGE   outside of the domain's address width
 *     -EIO        the unit reported an error of the queue        -ETIMEDOUT  the unit did not answer
 *     -ENODEV     no unit answers at the register base
 * - -ETIMEDOUT also comes when a device did not answer an invalidation of its device TLB: see vtd_drv_ats_state.
 * - After -EIO and -ETIMEDOUT the change stands in memory, but the unit may still use what it had cached; memory that it
 *   could still reach is kept until vtd_drv_destroy.
 * - When a function returns, the unit has completed every invalidation that the change needs (ref 6.5).
 * - One thread per driver instance.
 * - Domains, devices and mappings may be set up before vtd_drv_start and survive vtd_drv_stop.
 *
 * Typical use
 *     vtd_drv_create(&bus, NULL, &drv);  vtd_drv_start(drv);
 *     struct vtd_drv_domain_spec spec = {.kind = VTD_DRV_SECOND_STAGE, .addr_width = 48};
 *     vtd_drv_domain_create(drv, &spec, &domain);
 *     vtd_drv_attach(drv, sid, VTD_DRV_RID_PASID, domain);
 *     vtd_drv_map(domain, iova, pa, size, VTD_DRV_READ | VTD_DRV_WRITE);
 *     ... DMA ...
 *     vtd_drv_unmap(domain, iova, size);  vtd_drv_detach(drv, sid, VTD_DRV_RID_PASID);
 *     vtd_drv_domain_destroy(domain);  vtd_drv_destroy(drv);
 */
#ifndef VTD_DRIVER_H
#define VTD_DRIVER_H

#include "bus.h"
#include "vtd_driver_ats.h"
#include "vtd_driver_gpasid.h"
#include "vtd_driver_irq.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_drv;
struct vtd_drv_domain;

/* PASID under which requests without PASID are translated (RID_PASID, ref 2.3). */
#define VTD_DRV_RID_PASID 0u

/* ---------------------------------------------------------------- life */

/* How precise invalidations of the context cache, the PASID cache and the IOTLB are. Each is as wide as ref 6.5 asks for. */
enum vtd_drv_flush {
    VTD_DRV_FLUSH_EXACT,  /* no more than that: pages, and PASIDs in a domain */
    VTD_DRV_FLUSH_DOMAIN, /* all of the domain in PASID cache and IOTLB, as without a thought of PASIDs and pages */
    VTD_DRV_FLUSH_GLOBAL, /* everything in each of these caches that must be invalidated */
};

/* Choices at creation; all zero is what vtd_drv_create takes for NULL, except where a default is named. */
struct vtd_drv_options {
    uint8_t queue_size;  /* IQA.QS, 0..7: 2^(QS+7) descriptors (ref 1.8) */
    uint8_t haw;         /* host address width, 32..52; 0 = 52 (a kernel learns it from firmware, not from the unit) */
    uint8_t pasid_bits;  /* PASID width of devices that vtd_drv_attach adds by itself; 0 = all that the unit has */
    bool no_preset_ad;   /* do not preset A and D in first-stage entries (Linux presets them) */
    bool ss_ad;          /* turn second-stage A and D bits on (SSADE); -ENOTSUP at start without ECAP.SSADS */
    bool abort_mode;     /* bring the unit up in abort-DMA mode (TTM 3) instead of scalable mode (ECAP.ADMS) */
    uint32_t event_data; /* message of the fault event (ref 1.7); with event_address 0 the event stays masked */
    uint64_t event_address;
    uint32_t poll_limit;           /* turns of a polling loop before -ETIMEDOUT; 0 = 10,000,000 */
    bool interrupt_remapping;      /* have an interrupt remapping table (ECAP.IR; see vtd_driver_irq.h) */
    bool x2apic;                   /* ... with 32-bit destinations (ECAP.EIM) */
    bool compatibility_interrupts; /* ... and let interrupts in compatibility format pass (CFI); not with x2apic */
    uint8_t interrupt_bits;        /* ... of 2^this entries, 1..16; 0 = 16 */
    bool page_requests;            /* have a page request queue; -ENOTSUP at start without ECAP.PRS */
    uint8_t prq_size;              /* PQA.PQS, 0..7: 2^(PQS+7) requests (ref 1.10) */
    uint32_t page_event_data;      /* message of the page request event; with page_event_address 0 it stays masked */
    uint64_t page_event_address;
    bool legacy;                /* legacy mode also on a unit that has scalable mode: see vtd_drv_create */
    uint8_t flush;              /* enum vtd_drv_flush */
    bool register_invalidation; /* legacy mode: invalidate through registers, not the queue (version 5 or less) */
};

/*
 * Creates a driver for the unit behind bus (copied) and reads its capabilities; touches no other register. options
 * may be NULL. -ENODEV when the unit reads all ones; -ENOTSUP for options that it lacks (ref 1.3).
 *
 * A unit without scalable mode, or with options.legacy, is driven in legacy mode (ref 2.1): second-stage and pass-through
 * domains, VTD_DRV_RID_PASID only; first-stage and nested domains, other PASIDs, ss_ad and page_requests are -ENOTSUP. Its
 * queue has 128-bit descriptors; without a queue (ECAP.QI), or with options.register_invalidation, registers are used, and
 * ATS and interrupt_remapping are -ENOTSUP, too.
 */
int vtd_drv_create(const struct vtd_bus *bus, const struct vtd_drv_options *options, struct vtd_drv **drv);

/* Stops the unit if it runs, and frees everything, domains included. NULL is allowed. */
void vtd_drv_destroy(struct vtd_drv *drv);

/*
 * Brings the unit up as a kernel does: quiesce what an earlier owner left on, clear old faults, queue, root table
 * pointer, global invalidations (unless CAP.ESRTPS makes them unneeded), fault event, translation (ref 1.4, 1.8,
 * 5.4). -EBUSY when it runs already.
 */
int vtd_drv_start(struct vtd_drv *drv);

/* Takes the unit down: fault event masked, translation off, queue off (ref 1.4). Domains and devices stay. */
int vtd_drv_stop(struct vtd_drv *drv);

/* True between vtd_drv_start and vtd_drv_stop. */
bool vtd_drv_running(const struct vtd_drv *drv);

/* What the unit reports. */
struct vtd_drv_info {
    uint64_t cap;
    uint64_t ecap;
    uint32_t version;
    uint32_t did_limit; /* domain-ids are below this: 2^(4+2*ND) */
    bool legacy;        /* legacy mode */
    bool page_requests; /* vtd_drv_options.page_requests, on a unit that has them */
    uint8_t pasid_bits; /* 0: no PASIDs */
    uint32_t fault_records;
};
void vtd_drv_get_info(const struct vtd_drv *drv, struct vtd_drv_info *info);

/* ---------------------------------------------------------------- domains */

/* How a domain translates (PGTT, ref 2.5). */
enum vtd_drv_kind {
    VTD_DRV_FIRST_STAGE,
    VTD_DRV_SECOND_STAGE,
    VTD_DRV_NESTED, /* first stage of its own over the second stage of a parent */
    VTD_DRV_PASS_THROUGH,
};

struct vtd_drv_domain_spec {
    enum vtd_drv_kind kind;
    uint8_t addr_width;            /* first stage, nested: 48, 57; second stage: 39, 48, 57; pass-through: 0 */
    uint8_t max_page_shift;        /* largest page that vtd_drv_map uses: 12, 21, 30; 0 = what the unit has */
    bool shared_did;               /* first stage: see below */
    struct vtd_drv_domain *parent; /* nested: a second-stage domain; it must live longer */
    uint64_t table_offset;         /* nested: a table page at host address X is mapped in the parent at X + this */
    bool foreign;          /* first stage, nested: the page table is somebody else's; see "shared virtual addressing" */
    uint64_t foreign_root; /* its root: host physical, guest physical when nested */
    unsigned entry_flags;  /* foreign: VTD_DRV_ENTRY_* */
    uint32_t pat;          /* foreign: page attribute table; 0 without ECAP.MTS */
};

/* What the owner of a foreign page table wants of the unit (ref 2.5); -ENOTSUP where the unit lacks it. */
enum {
    VTD_DRV_ENTRY_SRE = 1 << 0,  /* privileged requests are allowed (ECAP.SRS) */
    VTD_DRV_ENTRY_EAFE = 1 << 1, /* the unit sets the extended accessed bit (ECAP.EAFS) */
    VTD_DRV_ENTRY_WPE = 1 << 2,  /* privileged writes honour read-only pages; with SRE only */
    VTD_DRV_ENTRY_CD = 1 << 3,   /* cache disable (ECAP.MTS) */
    VTD_DRV_ENTRY_EMTE = 1 << 4, /* memory types of the second stage count; nested, with ECAP.MTS */
};

/*
 * Creates a domain. Every first-stage, second-stage and nested domain has a domain-id of its own; pass-through
 * domains share one. Domain-ids are scarce (65,534 at most, -ENOSPC), so a first-stage domain with shared_did uses
 * the one of the pass-through domains, as Linux does for processes; it can then be attached to PASIDs other than
 * RID_PASID only, and a PASID that one shared_did domain uses on some device cannot be used for another one on any
 * device (-EBUSY). -EINVAL for any other address width or page size, -ENOTSUP for a stage, width or nesting that the
 * unit lacks.
 */
int vtd_drv_domain_create(struct vtd_drv *drv, const struct vtd_drv_domain_spec *spec, struct vtd_drv_domain **domain);

/* Frees a domain with its tables. -EBUSY while it is attached or has nested domains. */
int vtd_drv_domain_destroy(struct vtd_drv_domain *domain);

/* Domain-id, for tests and traces. */
uint16_t vtd_drv_domain_id(const struct vtd_drv_domain *domain);

/* ---------------------------------------------------------------- devices and PASIDs */

/*
 * Makes the context entry of a device present, with a PASID directory for PASIDs of pasid_bits bits (0: requests with
 * PASID are refused by the unit). -EBUSY when it is there already, -ENOTSUP for more bits than the unit has.
 */
int vtd_drv_device_add(struct vtd_drv *drv, uint16_t sid, uint8_t pasid_bits);

/*
 * Takes the context entry down and frees the device's tables; page requests, ATS and PASID are switched off before, if
 * they were on. -EBUSY while something is attached, -ENOENT.
 */
int vtd_drv_device_remove(struct vtd_drv *drv, uint16_t sid);

/*
 * Sets the PASID entry of a device. pasid VTD_DRV_RID_PASID is for requests without PASID, any other for requests
 * with it. A device that was not added yet is added with vtd_drv_options.pasid_bits. Several devices and PASIDs may
 * share a domain. -EBUSY when the PASID of the device has a domain, -EINVAL for a PASID that the device's directory
 * cannot hold.
 */
int vtd_drv_attach(struct vtd_drv *drv, uint16_t sid, uint32_t pasid, struct vtd_drv_domain *domain);

/*
 * Replaces the domain of a present entry; without a gap in translation when the new entry differs in one 16-byte half
 * only and the bus can store 16 bytes atomically (ref 2.5), else the entry is taken down first. -ENOENT if there was
 * none.
 */
int vtd_drv_replace(struct vtd_drv *drv, uint16_t sid, uint32_t pasid, struct vtd_drv_domain *domain);

/* Takes the PASID entry down: P cleared, caches invalidated, rest cleared (ref 2.5). -ENOENT. */
int vtd_drv_detach(struct vtd_drv *drv, uint16_t sid, uint32_t pasid);

/* Domain that is attached; NULL if none. */
struct vtd_drv_domain *vtd_drv_attached(const struct vtd_drv *drv, uint16_t sid, uint32_t pasid);

/*
 * Allocates the lowest free PASID >= 1 (one space for all devices); -ENOSPC, -ENOTSUP. Free it after the last detach.
 * A unit with virtual commands (ECAP.VCS, VCCAP bit 0) is asked for the PASID, since the space is the host's there, and
 * told of its end (ref 9): -EBUSY when it gives one that was attached without being allocated, -EIO when it gives one
 * that cannot be or does not know the one that is freed. PASIDs that are still allocated go back in vtd_drv_destroy.
 */
int vtd_drv_pasid_alloc(struct vtd_drv *drv, uint32_t *pasid);
int vtd_drv_pasid_free(struct vtd_drv *drv, uint32_t pasid);

/* ---------------------------------------------------------------- mapping */

/*
 * Rights of a mapping. Second stage: any but none. First stage: READ must be there (the format has no write-only
 * page).
 */
enum {
    VTD_DRV_READ = 1 << 0,
    VTD_DRV_WRITE = 1 << 1,
    VTD_DRV_SUPERVISOR = 1 << 2, /* first stage: privileged requests only (US=0); second stage: -EINVAL */
};

/*
 * Maps [iova, iova + size) to [pa, pa + size), with the largest pages that alignment, the unit and max_page_shift
 * allow. All are multiples of 4 KiB. pa is guest physical for a nested domain. Nothing is mapped on failure: -EEXIST
 * when a page of the range is mapped already, -ERANGE for addresses that the domain or the unit cannot express.
 */
int vtd_drv_map(struct vtd_drv_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned prot);

/*
 * Unmaps what is mapped in [iova, iova + size); holes are fine. A large page that the range cuts is split: it is
 * removed, the caches are invalidated, and the rest comes back in smaller pages (ref 6.5, last lines), so a device
 * that uses the rest at that moment can fault. Table pages that lie wholly inside of the range are freed after the
 * invalidation. Returns how many bytes were unmapped, or a negative errno.
 */
int64_t vtd_drv_unmap(struct vtd_drv_domain *domain, uint64_t iova, uint64_t size);

/* Unmaps everything, with one invalidation. Returns as vtd_drv_unmap; -EBUSY for a parent of nested domains. */
int64_t vtd_drv_unmap_all(struct vtd_drv_domain *domain);

/*
 * Walks the tables in software. *pa and *page_shift (may be NULL) receive the result. -ENOENT when iova is not
 * mapped.
 */
int vtd_drv_iova_to_phys(const struct vtd_drv_domain *domain, uint64_t iova, uint64_t *pa, unsigned *page_shift);

/* ---------------------------------------------------------------- faults */

/* One fault record (ref 1.7). */
struct vtd_drv_fault {
    uint64_t addr; /* page address; 0 for interrupts */
    uint32_t pasid;
    uint16_t sid;
    uint16_t interrupt_index; /* interrupts (reasons 20h to 2Bh), where the reason has one */
    uint8_t reason;           /* ref 5 */
    uint8_t at;               /* address type: 0 untranslated, 1 translation, 2 translated */
    uint8_t type;             /* {T1,T2}: 0 write, 1 page request, 2 read, 3 atomic */
    bool has_pasid;
    bool privileged;
    bool execute;
};
typedef void vtd_drv_fault_handler(void *arg, const struct vtd_drv_fault *fault);

/*
 * The handler of the fault event: reads the records from FSTS.FRI on, with wrap, hands each to handler (may be NULL),
 * clears it, and at the end clears an overflow (ref 5.4). *overflow (may be NULL) tells that faults were lost.
 * Returns the number of records.
 */
int vtd_drv_handle_faults(struct vtd_drv *drv, vtd_drv_fault_handler *handler, void *arg, bool *overflow);

/* ---------------------------------------------------------------- invalidation by hand */

/* Invalidates all caches of the unit: context, PASID, IOTLB, in that order, and waits (ref 6.3). */
int vtd_drv_invalidate_all(struct vtd_drv *drv);

/*
 * Queues count raw descriptors of four qwords each and a wait, and waits for it: for tests. -EIO if the unit refused
 * one.
 */
int vtd_drv_submit_raw(struct vtd_drv *drv, const uint64_t (*descriptors)[4], unsigned count);

#ifdef __cplusplus
}
#endif
#endif
