/* SPDX-License-Identifier: MIT */
/*
 * What the files of the driver share. Each section is owned by the file that it names.
 */
#ifndef VTD_DRIVER_INTERNAL_H
#define VTD_DRIVER_INTERNAL_H

#include "driver/internal_ats.h"
#include "driver/internal_tables.h"
#include "driver/vtd_driver.h"
#include "tables/entries.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#define VTD_DRV_PAGE UINT64_C(4096)

/* Domain-ids that no domain of its own gets: 0 is the tag of negative entries (ref 6.2), 1 is shared by FS and PT. */
enum {
    VTD_DRV_DID_NONE = 0,
    VTD_DRV_DID_SHARED = 1,
    VTD_DRV_DID_FIRST = 2,
};

/* ---------------------------------------------------------------- queue.c */

/* The invalidation queue: a ring of 256-bit descriptors, in legacy mode of 128 bits (ref 1.8, 3.3). */
struct vtd_drv_queue {
    uint64_t *ring;
    uint64_t ring_dma;
    unsigned order; /* IQA.QS */
    uint32_t entries;
    uint32_t slot_bytes;
    uint32_t tail;    /* next slot to fill */
    uint32_t head;    /* the unit's head when it was last known: slots from here to tail are taken */
    uint32_t *status; /* status words of waits: 0 of batches, 1 of slots that were repaired */
    uint64_t status_dma;
    uint32_t pending; /* descriptors of the batch that is being built */
    int error;        /* of that batch */
    bool broken;      /* the unit stopped answering: every later batch fails */
    bool timed_out;   /* a device did not answer (ITE) in this batch */
};

/* Allocates the ring and turns the queue on; the reverse. */
int vtd_drv_queue_start(struct vtd_drv *drv);
int vtd_drv_queue_stop(struct vtd_drv *drv);

/* Adds a descriptor of four qwords (or the first two of them) to the batch; waits for room. Errors are kept for vtd_drv_queue_sync. */
void vtd_drv_queue_push(struct vtd_drv *drv, const uint64_t *descriptor);

/*
 * Ends the batch with a wait and waits for it. 0, -EIO (a descriptor was refused; the others were executed),
 * -ETIMEDOUT.
 */
int vtd_drv_queue_sync(struct vtd_drv *drv);

/* A wait that later descriptors do not overtake (FN). */
void vtd_drv_queue_fence(struct vtd_drv *drv);

/* As vtd_drv_queue_sync; the wait also drains page requests (PD) where the unit can. */
int vtd_drv_queue_drain(struct vtd_drv *drv);

/* ---------------------------------------------------------------- register_invalidation.c */

/* As vtd_drv_queue_push and vtd_drv_queue_sync, through registers (ref 1.6): context cache and IOTLB only. */
void vtd_drv_registers_execute(struct vtd_drv *drv, const uint64_t *descriptor);
int vtd_drv_registers_sync(struct vtd_drv *drv);

/* ---------------------------------------------------------------- invalidate.c */

/* Queues any descriptor of four qwords, unless the unit does not run. */
void vtd_drv_inv_push(struct vtd_drv *drv, const uint64_t *descriptor);

/* An aligned block of 2^am pages. */
struct vtd_drv_block {
    uint64_t addr;
    unsigned am;
};
#define VTD_DRV_BLOCKS 4

/*
 * Covers the pages a..b with aligned blocks of at most 2^max_am pages: exactly, if VTD_DRV_BLOCKS are enough, else with
 * the one smallest block around them. Returns the number of blocks; 0: a larger scope is better.
 */
unsigned vtd_drv_cover(uint64_t a, uint64_t b, unsigned max_am, struct vtd_drv_block *blocks);

/* First-stage addresses are sign-extended, as devices send them. */
uint64_t vtd_drv_canonical(const struct vtd_drv_domain *domain, uint64_t addr);

/*
 * Each queues one descriptor of ref 3.1; nothing is queued while the unit does not run, and nothing for the PASID cache in
 * legacy mode. Device: with the domain-id of what is attached at the moment, where the mode asks for it.
 */
void vtd_drv_inv_context_global(struct vtd_drv *drv);
void vtd_drv_inv_context_domain(struct vtd_drv *drv, uint16_t did);
void vtd_drv_inv_context_device(struct vtd_drv *drv, uint16_t sid);
void vtd_drv_inv_pasid_global(struct vtd_drv *drv);
void vtd_drv_inv_pasid_domain(struct vtd_drv *drv, uint16_t did);
void vtd_drv_inv_pasid_one(struct vtd_drv *drv, uint16_t did, uint32_t pasid);
void vtd_drv_inv_iotlb_global(struct vtd_drv *drv);
void vtd_drv_inv_iotlb_domain(struct vtd_drv *drv, uint16_t did);
void vtd_drv_inv_iotlb_pasid(struct vtd_drv *drv, uint16_t did, uint32_t pasid);
void vtd_drv_inv_interrupts_global(struct vtd_drv *drv);
void vtd_drv_inv_interrupts(struct vtd_drv *drv, uint32_t index, unsigned order); /* 2^order indexes */

/*
 * Queues what ref 6.5 asks for after a change of paging entries for the bytes first..last of a domain, for each
 * domain-id and PASID that uses them. leaf_only: no entry that points to a table changed (IH).
 */
void vtd_drv_inv_range(struct vtd_drv_domain *domain, uint64_t first, uint64_t last, bool leaf_only);

/*
 * Queues what ref 6.5 asks for when an entry of a domain with this PASID goes away or changes: PASID cache and IOTLB,
 * not the device TLB.
 */
void vtd_drv_inv_entry(struct vtd_drv *drv, const struct vtd_drv_domain *domain, uint32_t pasid);
void vtd_drv_inv_entry_iotlb(struct vtd_drv *drv, const struct vtd_drv_domain *domain, uint32_t pasid);

/* Ends the batch: waits, unless nothing was queued. Devices that did not answer lose ATS. */
int vtd_drv_inv_sync(struct vtd_drv *drv);

/* The same with a wait that drains page requests. */
int vtd_drv_inv_drain(struct vtd_drv *drv);

/* ---------------------------------------------------------------- domain.c */

/* A domain-id and PASID under which the unit may hold translations of a domain (pasid 0 in second-stage domains). */
struct vtd_drv_tag {
    uint64_t users;
    uint32_t pasid;
    uint16_t did;
};

struct vtd_drv_domain {
    struct vtd_drv *drv;
    struct vtd_drv_domain *next, *prev;
    enum vtd_drv_kind kind;
    uint8_t addr_width;
    uint8_t levels;
    uint8_t max_level; /* of a leaf: 1, 2, 3 */
    bool first_stage;  /* format of its own tables */
    bool shared_did;
    bool programmed; /* was attached at some time */
    bool new_tables; /* vtd_drv_table_map linked a table */
    bool foreign;    /* its tables are somebody else's */
    bool released;   /* and that one has gone away */
    bool bound;      /* vtd_drv_sva_bind_gpasid made it, for one PASID of one device */
    bool has_gpasid; /* and it has another PASID in the guest */
    uint8_t entry_flags;
    uint32_t pat;
    uint32_t gpasid;
    uint64_t foreign_root;
    uint16_t did;
    struct vtd_drv_domain *parent;
    struct vtd_drv_domain *first_child, *next_sibling; /* nested domains of a parent */
    struct vtd_drv_user *first_user, *last_user;
    uint64_t table_offset;
    uint64_t attachments;
    struct vtd_drv_table *root; /* NULL: pass-through, or foreign */
    struct vtd_drv_tag *tags;   /* sorted by did, pasid */
    size_t tag_count, tag_capacity;
};

/* Notes that entries now refer to the domain with this PASID; the reverse. */
int vtd_drv_domain_tag(struct vtd_drv_domain *domain, uint32_t pasid);
void vtd_drv_domain_untag(struct vtd_drv_domain *domain, uint32_t pasid);

/* Whether first..last are addresses that the domain can translate. */
bool vtd_drv_domain_has(const struct vtd_drv_domain *domain, uint64_t first, uint64_t last);

/* Second-stage addresses are below 2^min(MGAW, width) (ref 4.4). */
uint64_t vtd_drv_ss_limit(const struct vtd_drv_domain *domain);

/* Frees a domain whatever refers to it, for vtd_drv_destroy. */
void vtd_drv_domain_free(struct vtd_drv_domain *domain);

/* ---------------------------------------------------------------- device.c, pasid.c */

/* A page of 64 PASID entries. */
struct vtd_drv_pasid_page {
    uint64_t *entry; /* NULL in legacy mode */
    uint64_t dma;
    struct vtd_drv_domain *domain[64];
    struct vtd_drv_user user[64]; /* of those that have a domain */
};

struct vtd_drv_device {
    struct vtd_drv_pasid_page **page; /* as the PASID directory */
    uint64_t *directory;
    uint64_t directory_dma;
    uint64_t attachments;
    uint32_t directory_entries;
    uint32_t pasid_limit; /* PASIDs are below this; 1: RID_PASID only */
    uint16_t sid;
    uint8_t directory_order;
    struct vtd_drv_ats ats;
};

/* One bus: its two context tables (devfn below 0x80, and the rest; legacy mode: one) and its devices. */
struct vtd_drv_pci_bus {
    uint64_t *context[2];
    uint64_t context_dma[2];
    struct vtd_drv_device *device[256];
};

struct vtd_drv_device *vtd_drv_device_find(const struct vtd_drv *drv, uint16_t sid);
void vtd_drv_devices_free(struct vtd_drv *drv);
uint64_t *vtd_drv_context_entry(const struct vtd_drv *drv, uint16_t sid);
uint64_t *vtd_drv_pasid_entry(const struct vtd_drv_device *device, uint32_t pasid);

/* ---------------------------------------------------------------- legacy.c */

/* The device's own memory, instead of a PASID directory. */
int vtd_drv_legacy_device_init(struct vtd_drv_device *device);

/* vtd_drv_attach, _detach and _replace of a device; to detach and to replace it must have a domain. */
int vtd_drv_legacy_attach(struct vtd_drv *drv, struct vtd_drv_device *device, struct vtd_drv_domain *domain);
int vtd_drv_legacy_detach(struct vtd_drv *drv, struct vtd_drv_device *device);
int vtd_drv_legacy_replace(struct vtd_drv *drv, struct vtd_drv_device *device, struct vtd_drv_domain *domain);

/* 0 or -ENOTSUP; and whether the unit translates for the device TLB of a device: sets TT and queues what that needs. */
int vtd_drv_legacy_may_use_ats(const struct vtd_drv *drv, struct vtd_drv_device *device);
void vtd_drv_legacy_set_ats(struct vtd_drv *drv, struct vtd_drv_device *device, bool on);

/* ---------------------------------------------------------------- pasid.c */

/* What the driver knows of a PASID, over all devices. */
struct vtd_drv_pasid_use {
    uint64_t users;
    uint64_t shared_users;
    struct vtd_drv_domain *shared; /* the shared_did domain that has it, shared_users times */
};

struct vtd_drv_pasids {
    uint64_t *allocated;            /* a bit per PASID */
    uint32_t first_word;            /* words below are full */
    struct vtd_drv_pasid_use **use; /* chunks of 1024 */
};
void vtd_drv_pasids_free(struct vtd_drv *drv);

/* ---------------------------------------------------------------- perfmon.c */

struct vtd_drv_perf;

/* Gives all counters up; nothing happens without vtd_drv_perf_init. */
void vtd_drv_perf_free(struct vtd_drv *drv);

/* ---------------------------------------------------------------- irq.c */

/* The interrupt remapping table; table NULL: there is none. */
struct vtd_drv_irqs {
    uint64_t *table;
    uint64_t table_dma;
    uint8_t *block; /* by index: 0 free; else part of a block, whose first says its order + 1 */
    uint32_t entries;
    uint32_t first_free; /* indexes below are allocated */
    unsigned order;      /* of the table's pages */
};

/* Makes the table if the options ask for it: 0, -EINVAL, -ENOTSUP, -ENOMEM; the reverse. */
int vtd_drv_irq_init(struct vtd_drv *drv);
void vtd_drv_irq_fini(struct vtd_drv *drv);

/* Turns remapping on, after the queue; and off, before it. */
int vtd_drv_irq_start(struct vtd_drv *drv);
int vtd_drv_irq_stop(struct vtd_drv *drv);

/* ---------------------------------------------------------------- vcmd.c */

/* Where the virtual command registers lie (ref 0.1, 1.14); all 0: the unit has none. */
struct vtd_drv_vcmd {
    uint16_t command, response; /* offsets */
    uint8_t shift;              /* of operand and result */
    uint8_t status_mask;
};

/* Looks for the registers. */
void vtd_drv_vcmd_probe(struct vtd_drv *drv);
bool vtd_drv_vcmd_present(const struct vtd_drv *drv);

/* Asks for a PASID: 0, -ENOSPC, -EIO, -ETIMEDOUT; and gives one back: 0, -EIO, -ETIMEDOUT. */
int vtd_drv_vcmd_alloc(struct vtd_drv *drv, uint32_t *pasid);
int vtd_drv_vcmd_free(struct vtd_drv *drv, uint32_t pasid);

/* ---------------------------------------------------------------- driver.c */

struct vtd_drv {
    struct vtd_bus bus;
    struct vtd_drv_options options;
    uint64_t cap, ecap;
    uint32_t version;
    bool running;
    bool legacy;    /* mode of tables (ref 2.1) */
    bool registers; /* invalidation through registers (ref 1.6) */
    bool written;   /* a table was written since the write buffer was flushed last (CAP.RWBF) */
    struct vtd_drv_queue queue;
    uint64_t *root;
    uint64_t root_dma;
    struct vtd_drv_pci_bus *pci_bus[256];
    struct vtd_drv_domain *domains;
    struct vtd_drv_table *quarantine; /* tables that the unit may still use, because an invalidation failed */
    uint64_t *did_used;               /* a bit per domain-id */
    uint64_t *did_dirty;              /* was used by a domain that is gone (ref 6.5 "DID reuse") */
    struct vtd_drv_pasids pasids;
    struct vtd_drv_device *ats_devices; /* with ATS on */
    struct vtd_drv_prq prq;
    struct vtd_drv_perf *perf; /* NULL: not in use */
    uint64_t batch;            /* number of the batch that is being built */
    struct vtd_drv_vcmd vcmd;
    struct vtd_drv_irqs irqs;
};

static inline uint32_t vtd_drv_did_limit(const struct vtd_drv *drv)
{
    return 1u << (4 + 2 * vtd_reg_cap_nd(drv->cap));
}

static inline unsigned vtd_drv_pasid_bits(const struct vtd_drv *drv)
{
    return vtd_reg_ecap_pasid(drv->ecap) && !drv->legacy ? (unsigned)vtd_reg_ecap_pss(drv->ecap) + 1 : 0;
}

/* Whether the unit snoops root, context and PASID tables; and paging structures (ref 4.8). */
static inline bool vtd_drv_tables_coherent(const struct vtd_drv *drv)
{
    return vtd_reg_ecap_c(drv->ecap);
}

static inline bool vtd_drv_paging_coherent(const struct vtd_drv *drv)
{
    return drv->legacy ? vtd_reg_ecap_c(drv->ecap) : vtd_reg_ecap_smpwcs(drv->ecap);
}

static inline bool vtd_drv_caching_mode(const struct vtd_drv *drv)
{
    return vtd_reg_cap_cm(drv->cap);
}

static inline void vtd_drv_wmb(const struct vtd_drv *drv)
{
    if (drv->bus.dma_wmb)
        drv->bus.dma_wmb(drv->bus.opaque);
}

/* Makes what was written to a table visible to the unit; with CAP.RWBF only together with vtd_drv_inv_sync. */
static inline void vtd_drv_publish(struct vtd_drv *drv, bool coherent, const void *cpu, size_t size)
{
    if (!coherent && drv->bus.flush)
        drv->bus.flush(drv->bus.opaque, cpu, size);
    vtd_drv_wmb(drv);
    drv->written = true;
}

/* The unit reads and updates table entries beside us: one access each, never torn. */
static inline void vtd_drv_store(uint64_t *entry, uint64_t value)
{
    __atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

static inline uint64_t vtd_drv_load(const uint64_t *entry)
{
    return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

/*
 * Flushes the write buffer of a unit with CAP.RWBF, if a table was written since that was done (ref 1.2, 1.4). Invalidations
 * do it by themselves (ref 3.3), and vtd_drv_inv_sync does it for what was written after the last of them.
 */
int vtd_drv_write_buffer(struct vtd_drv *drv);

/* Waits until (GSTS & mask) == value. */
int vtd_drv_wait_gsts(struct vtd_drv *drv, uint32_t mask, uint32_t value);

/*
 * Sets (on) or clears one command bit of GCMD, keeping the persistent ones, and waits for done_mask in GSTS (ref
 * 1.4).
 */
int vtd_drv_command(struct vtd_drv *drv, uint32_t command, bool on, uint32_t done_mask);

#endif
