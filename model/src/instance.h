/* SPDX-License-Identifier: MIT */
/*
 * struct vtd: the state of one remapping unit, grouped by the file that owns it. Only the owner writes its group.
 */
#ifndef VTD_INSTANCE_H
#define VTD_INSTANCE_H

#include "bits.h"
#include "cache.h"
#include "iotlb_index.h"
#include "vtd/vtd.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

/* Capabilities, decoded once (config.c; ref 1.2, 1.3). */
struct features {
    bool c, qi, dt, ir, eim, pt, sc, nest, prs, ers, srs, nwfs, eafs, pasid, dit, pds, smts, ssads, ssts, fsts, smpwcs,
        rps, adms, rprivs, ptrs, ssirws, sms, eimer, irreq, mts, hpts, vcs, rwbf, cm, zlr, psi, fs1gp, fs5lp, pi, plmr,
        phmr, esirtps, esrtps, afl, ecmds, pms;
    uint8_t mamv, mhmv, sagaw, sslps;
    bool vcs_old;        /* the virtual command registers lie as before revision 3.3 (ref 0.1) */
    uint8_t mgaw;        /* bits */
    uint8_t version_max; /* VER.MAX */
    uint8_t revision;    /* of the specification: 3, 4 or 5 (ref 0.1) */
    uint16_t did_mask;
    uint32_t pasid_mask; /* the largest PASID of PSS; all ones below it */
    uint32_t frcd_count;
    uint64_t frcd_offset;  /* bytes */
    uint64_t iotlb_offset; /* bytes, of IVA */
    bool reg_invalidation; /* CCMD and IOTLB_REG work (ref 1.6) */
};

/* Reserved bits per structure, by capability (layout.c; ref 2). */
struct reserved {
    uint64_t legacy_root[VTD_LEGACY_ROOT_QWORDS];
    uint64_t legacy_context[VTD_LEGACY_CONTEXT_QWORDS];
    uint64_t sm_root[VTD_SM_ROOT_QWORDS];
    uint64_t sm_context[VTD_SM_CONTEXT_QWORDS];
    uint64_t pasid_dir[VTD_PASID_DIR_QWORDS];
    uint64_t pasid_entry[VTD_PASID_ENTRY_QWORDS];
    uint64_t irte[VTD_IRTE_QWORDS];
    uint64_t irte_posted[VTD_IRTE_POSTED_QWORDS];
    uint64_t pi_desc[VTD_PI_DESC_QWORDS];
    uint64_t fs[2][6];       /* [leaf][level]; without the address bits above the host address width */
    uint64_t ss[2][6];       /* [leaf][level] */
    uint64_t paging_address; /* bits 51..HAW of a paging entry */
    uint64_t cc_inv[2], iotlb_inv[2], dev_tlb_inv[2], iec_inv[2], inv_wait[2];
    uint64_t p_iotlb_inv[4], pc_inv[4], p_dev_tlb_inv[4], pg_resp[4];
};

/* Payload of a context cache entry, legacy or scalable mode (context.c; ref 2.1, 2.3). */
struct context {
    uint64_t table;           /* PASID directory; legacy: second-stage root */
    uint32_t rid_pasid;       /* scalable */
    uint16_t did;             /* legacy */
    uint8_t fault;            /* caching mode: what the entry faults with; 0 = good */
    uint8_t pdts, levels, tt; /* levels, tt: legacy */
    bool fpd, dte, paside, pre, eptr, rid_priv;
};

/* Payload of a PASID cache entry: a PASID table entry with what its directory entry adds (pasid.c; ref 2.4, 2.5). */
struct pasid_entry {
    uint64_t fs_root;
    uint64_t ss_root;
    uint16_t did;
    uint8_t fault; /* caching mode, as above */
    uint8_t pgtt;
    uint8_t fs_levels;
    uint8_t ss_levels;
    bool fpd : 1; /* directory or table entry */
    bool ssade : 1, pwsnp : 1, pgsnp : 1, sre : 1, wpe : 1, eafe : 1;
    bool ere : 1, slee : 1, nxe : 1, smep : 1; /* with ECAP.ERS (ref 0.2), else false */
    bool prefetched : 1;                       /* fetched ahead, and not asked for yet */
};

/* Payload of a PASID directory cache entry (pasid_dir.c; ref 2.4). In the PASID cache it is ss_root and fpd of the above. */
struct pasid_dir {
    uint64_t table; /* of 64 PASID entries */
    bool fpd;
};

/* Payload of an IOTLB entry (iotlb.c; ref 6.1). */
struct iotlb_entry {
    uint64_t frame_attr; /* page frame 51:12, IOTLB_* below */
    uint32_t pasid;      /* effective PASID: RID_PASID for requests without */
    uint16_t did;
    uint8_t pgtt;
    uint8_t fault; /* caching mode: a negative entry */
};
enum {
    IOTLB_R_USER = 1 << 0,
    IOTLB_W_USER = 1 << 1,
    IOTLB_R_PRIV = 1 << 2,
    IOTLB_W_PRIV = 1 << 3,
    IOTLB_DIRTY = 1 << 4,    /* a write needs no dirty-bit update */
    IOTLB_SNOOP = 1 << 5,    /* the final access is snooped whatever the request says */
    IOTLB_SIZE_SHIFT = 6,    /* 2 bits: the mapping's size class, which may exceed the entry's */
    IOTLB_NEGATIVE = 1 << 8, /* caching mode: holds a fault */
    IOTLB_FPD = 1 << 9,
    IOTLB_X_USER = 1 << 10, /* with ECAP.ERS */
    IOTLB_X_PRIV = 1 << 11,
};

/* The page that the hit path found last, and where: requests tend to stay on a page. */
struct iotlb_last {
    uint64_t page; /* address >> 12 */
    uint64_t tag;  /* IOTLB_NO_TAG: none */
    uint32_t index;
    uint32_t size_class;
};
#define IOTLB_NO_TAG (~0ull)

/* Payload of a paging-structure cache entry: where the next table is (pagewalk.c; ref 6.1). */
struct psc_entry {
    uint64_t table_attr; /* host physical address of the next table, PSC_* below */
    uint32_t pasid;      /* first stage */
    uint16_t did;
};
enum {
    PSC_R = 1 << 0, /* rights left: first stage R/W, US; second stage R, W */
    PSC_W = 1 << 1,
    PSC_US = 1 << 2,
    PSC_SS_W = 1 << 3,     /* nested: the second stage lets the table be written */
    PSC_SS_DIRTY = 1 << 4, /* nested: ... and needs no dirty-bit update for it */
    PSC_X = 1 << 5,        /* first stage: XD=0 so far; second stage: X=1 so far */
};

/* Payload of an interrupt entry cache entry (irq_remap.c; ref 8.3). */
struct irte {
    uint64_t q[VTD_IRTE_QWORDS];
    uint8_t fault; /* caching mode */
};

/* A wait descriptor whose completion is held up by device-TLB invalidations (invq.c; ref 3.3). */
struct pending_wait {
    uint64_t q[2];
    uint32_t itags; /* those it still waits for */
};

/* An invalidation request that a device has not answered yet (invq.c; ref 7.3). */
struct itag {
    uint16_t sid;
    uint16_t pf; /* the physical function that MIP limits */
};

/* Events that counters can count, and the page table levels that tell them apart: 0 for none (perfmon.c; ref 1.12). */
enum perf_event {
#define VTD_PERF_EVENT(NAME, name, in_linux, group, bit, counter, description) PERF_##NAME,
#include "vtd/defs/perf_events.def"
    PERF_EVENTS
};
#define PERF_LEVELS 6

/* In the order of the filter registers and of the bits PERFCAP.RIDFS to PTLFS. */
enum perf_filter {
    PERF_FILTER_RID,
    PERF_FILTER_DID,
    PERF_FILTER_PASID,
    PERF_FILTER_AT,
    PERF_FILTER_PTL,
    PERF_FILTERS
};

struct perf_counter {
    uint64_t value;
    uint64_t config; /* PERFCNTRCFG */
    uint32_t filter[PERF_FILTERS];
};

struct perfmon {
    bool active;                             /* a counter counts */
    uint64_t enabled, frozen, overflow;      /* bit per counter */
    uint32_t seen[PERF_EVENTS][PERF_LEVELS]; /* what the request at hand did so far */
    struct perf_counter counter[VTD_PERFMON_COUNTERS];
};

/* Memory that requests which are not translated may not reach (protected.c; ref 1.11); 0 bytes: none. */
struct protected_region {
    uint64_t base, bytes;
};

/* Who is told of the keys of a cache (lookup.c). */
struct cache_tap {
    vtd_cache_tap_call *call;
    void *opaque;
    uint8_t id; /* VTD_CACHES: nobody */
};

struct cache_stats {
    uint64_t lookup, hit, fill, evict, invalidate;
};

#define VTD_ITAGS    32
#define VTD_WAITS    32 /* pending at once; more hold up the queue */
#define VTD_FRCD_MAX 256
#define VTD_PAGE     4096u

#define LEAF_TABLES 1024u /* foresee.h */

struct vtd {
    /* vtd.c: constant after vtd_create */
    struct vtd_config cfg;
    struct vtd_host host;
    struct features f;
    struct reserved rsvd;

    /* translate.c: what the hit path reads; refreshed by vtd_translate_mode_changed */
    bool fast[4];       /* [flags PASID, PRIV of a request]: the IOTLB may answer without further ado */
    bool tapped[4];     /* the same, but the tap at the IOTLB has to be told */
    uint64_t fast_hits; /* requests that it answered so; part of requests, lookups and hits */
    bool events;        /* vtd_host.event or the watch is told */
    bool host_events;   /* vtd_host.event is */
    bool watched;       /* memory reads are told or counted: events, or a counter of the performance monitor */
    bool quiet;         /* vtd_peek: no effects */
    struct cache_tap tap;
    struct vtd_watcher watch;
    struct record *record; /* of the timing, if there is one (timing.c) */
    bool background;       /* what is done now is not waited for by the request (pasid.c) */
    uint8_t ttm;           /* latched by SRTP (ref 1.4) */
    bool ssirwe;           /* latched by SRTP */
    uint64_t root;         /* latched by SRTP */

    /* cache.c and the owners of the payloads */
    struct vtd_cache cache[VTD_CACHES];
    struct context *context;
    struct pasid_entry *pasid;
    struct pasid_dir *pasid_dir;
    struct iotlb_entry *iotlb;
    struct psc_entry *psc[2]; /* [0] first stage, [1] second stage */
    struct irte *iec;
    uint8_t iotlb_classes; /* bit per size class that may have entries (iotlb.c) */
    struct iotlb_last iotlb_last;
    struct iotlb_index iotlb_index;
    bool iotlb_first_stage; /* it may have entries of first-stage or nested translation */

    /* regfile.c: values and access masks of the fixed page, by dword */
    uint32_t reg[VTD_PAGE / 4];
    uint32_t reg_rw[VTD_PAGE / 4];
    uint32_t reg_rw1c[VTD_PAGE / 4];

    /* fault.c */
    uint64_t frcd[VTD_FRCD_MAX][2];
    uint32_t fault_index; /* next record to write (ref 5.4) */

    /* fault_log.c: the pointer as SFL latched it, and the next record to write */
    uint64_t fault_log;
    uint32_t fault_log_records;
    uint32_t fault_log_index;

    /* mmio.c: the block at 16*IRO */
    uint64_t iva;
    uint64_t iotlb_reg;

    /* protected.c: low, high; empty while PMEN.EPM is 0 */
    struct protected_region pmr[2];

    /* irq_remap.c: latched by SIRTP */
    uint64_t irt;
    uint32_t irt_entries;
    bool eime;

    /* invq.c */
    struct itag itag[VTD_ITAGS];
    uint32_t itags_busy;                 /* bit per ITag */
    struct pending_wait wait[VTD_WAITS]; /* in order */
    unsigned waits;
    bool fence; /* the last pending wait has FN */
    bool invq_running;

    /* ecmd.c */
    uint32_t ecmd_high; /* of ECMD, until the low half with the command is written */

    /* perfmon.c, perfmon_regs.c */
    struct perfmon perfmon;

    /* stats.c gathers these into struct vtd_stats */
    struct cache_stats cache_stats[VTD_CACHES];
    uint64_t mem_reads[VTD_MEM_CLASSES]; /* in accesses of up to 16 bytes */
    struct vtd_stats stats;              /* all other counters */

    /* foresee.h: no state of the unit, for the host's caches only */
    uint64_t leaf_table[LEAF_TABLES];
};

/* The low half of a register pair or a 32-bit register. */
static inline uint32_t reg_get32(const struct vtd *v, unsigned offset)
{
    return v->reg[offset / 4];
}
static inline uint64_t reg_get64(const struct vtd *v, unsigned offset)
{
    return (uint64_t)v->reg[offset / 4 + 1] << 32 | v->reg[offset / 4];
}
static inline void reg_set32(struct vtd *v, unsigned offset, uint32_t value)
{
    v->reg[offset / 4] = value;
}
static inline void reg_set64(struct vtd *v, unsigned offset, uint64_t value)
{
    v->reg[offset / 4] = (uint32_t)value;
    v->reg[offset / 4 + 1] = (uint32_t)(value >> 32);
}

static inline bool unit_tes(const struct vtd *v)
{
    return reg_get32(v, VTD_REG_GSTS) >> VTD_GSTS_TES_LSB & 1;
}

#endif
