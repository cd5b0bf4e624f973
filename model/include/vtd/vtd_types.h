/* SPDX-License-Identifier: MIT */
/*
 * Requests, responses, statistics and events of the remapping unit: the plain data that crosses the public interface.
 *
 * Section numbers in comments ("ref 4.2") are those of docs/03_reference, which restates the VT-d architecture.
 */
#ifndef VTD_TYPES_H
#define VTD_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a request does to memory (ref 4.1). */
enum vtd_access {
    VTD_READ,
    VTD_WRITE,
    VTD_EXEC,   /* an instruction fetch; needs a PASID, and a unit with ECAP.ERS (ref 0.2) */
    VTD_ATOMIC, /* FetchAdd, Swap, CAS: needs both rights */
};

/* Address type of a request, as in a PCIe transaction (ref 4.1) and in the fault record (ref 1.7). */
enum vtd_at {
    VTD_AT_UNTRANSLATED = 0,
    VTD_AT_TRANSLATION = 1,
    VTD_AT_TRANSLATED = 2,
};

/* Flags of a request. */
enum {
    VTD_REQ_PASID = 1 << 0,    /* the request carries a PASID */
    VTD_REQ_PRIV = 1 << 1,     /* privileged mode requested (PR); needs a PASID */
    VTD_REQ_NO_WRITE = 1 << 2, /* translation request with NW set (ref 7.2) */
    VTD_REQ_NO_SNOOP = 1 << 3, /* the no-snoop attribute of the transaction */
};

/* One request of a device. It never crosses a 4 KiB boundary (ref 4.1). */
struct vtd_request {
    uint64_t addr;  /* IOVA, GPA or HPA, byte address */
    uint32_t pasid; /* 20 bits, with VTD_REQ_PASID */
    uint16_t sid;   /* source-id: bus 15:8, device 7:3, function 2:0 */
    uint8_t access; /* enum vtd_access */
    uint8_t at;     /* enum vtd_at */
    uint8_t flags;  /* VTD_REQ_* */
    uint16_t len;   /* bytes, 0..4096; 0 is a zero-length read */
    uint32_t data;  /* payload of a DWORD write; matters only for interrupt requests (ref 8.1) */
};

/* How a request ended, as the device sees it. */
enum vtd_result {
    VTD_RESULT_OK,        /* forwarded: hpa, page_shift and rights are valid; for AT=01 a successful completion */
    VTD_RESULT_UR,        /* unsupported request (untranslated: blocked; ref 5) */
    VTD_RESULT_CA,        /* completer abort (translation requests only) */
    VTD_RESULT_INTERRUPT, /* was an interrupt request: see vtd_response.irq */
};

/* Rights and attributes of a response (bits of vtd_response.attr; ref 7.2 for translation requests). */
enum {
    VTD_ATTR_R = 1 << 0,
    VTD_ATTR_W = 1 << 1,
    VTD_ATTR_X = 1 << 2,        /* execute; only in answers to VTD_EXEC, and only with ECAP.ERS */
    VTD_ATTR_U = 1 << 3,        /* untranslated access only */
    VTD_ATTR_PRIV = 1 << 4,     /* granted to privileged mode */
    VTD_ATTR_GLOBAL = 1 << 5,   /* always 0 in revision 5 */
    VTD_ATTR_NO_SNOOP = 1 << 6, /* N: non-snooped accesses are allowed */
    VTD_ATTR_SNOOP = 1 << 7,    /* the final access is snooped (ref 4.8) */
};

/* What became of an interrupt request (ref 8.2). */
enum vtd_irq_result {
    VTD_IRQ_BLOCKED,  /* dropped; fault holds the reason */
    VTD_IRQ_PASSED,   /* compatibility format, forwarded unchanged */
    VTD_IRQ_REMAPPED, /* message built from the IRTE */
    VTD_IRQ_POSTED,   /* recorded in a posted-interrupt descriptor */
};

/* Outcome of an interrupt request. */
struct vtd_irq_response {
    uint32_t dest;  /* APIC id: 8 bits, 32 with EIME */
    uint8_t result; /* enum vtd_irq_result */
    uint8_t fault;  /* fault reason when blocked */
    uint8_t vector;
    uint8_t delivery_mode; /* DLM */
    bool level;            /* trigger mode */
    bool redirection_hint;
    bool logical; /* destination mode */
};

/* Outcome of a request. */
struct vtd_response {
    uint64_t hpa;   /* host physical address of the first byte (translation request: base of the page) */
    uint8_t result; /* enum vtd_result */
    uint8_t
        fault; /* fault reason of ref 5 that blocked or shaped the answer, 0 = none; also when it was not recorded */
    uint8_t page_shift; /* log2 of the mapping's size: 12, 21, 30; nested: the smaller of both stages; pass-through: 12;
                           0 = the address was not translated (translation off, translated request) */
    uint8_t attr;       /* VTD_ATTR_* */
    struct vtd_irq_response irq; /* valid for VTD_RESULT_INTERRUPT */
};

/* A PCIe page request message (ref 7.1). */
struct vtd_page_request {
    uint64_t addr;
    uint32_t pasid;
    uint16_t sid;
    uint16_t prgi;            /* page request group index, 9 bits */
    uint8_t flags;            /* VTD_PRQ_* */
    uint64_t private_data[2]; /* with VTD_PRQ_PRIVATE */
};
enum {
    VTD_PRQ_PASID = 1 << 0,
    VTD_PRQ_PRIV = 1 << 1,
    VTD_PRQ_EXEC = 1 << 2,
    VTD_PRQ_READ = 1 << 3,
    VTD_PRQ_WRITE = 1 << 4,
    VTD_PRQ_LAST = 1 << 5, /* last in group (LPIG) */
    VTD_PRQ_PRIVATE =
        1 << 6, /* private data present (PDP): revision 3 only, later units know nothing of it (ref 0.1) */
};
enum vtd_prq_result {
    VTD_PRQ_QUEUED,
    VTD_PRQ_OVERFLOW, /* no room: with LAST the unit answers it itself with Success */
    VTD_PRQ_REJECTED, /* faulted and answered with an error response */
    VTD_PRQ_DROPPED,  /* faulted and discarded without an answer */
};

/* A page group response to a device (ref 2.11). */
struct vtd_page_response {
    uint32_t pasid;
    uint16_t sid;
    uint16_t prgi;
    uint8_t code; /* 0 success, 1 invalid request, 15 response failure */
    bool has_pasid;
    bool has_private; /* revision 3: private_data is that of the request */
    uint64_t private_data[2];
};

/* A fault that somebody else has found for the unit: for vtd_fault_inject. */
struct vtd_injected_fault {
    uint64_t addr; /* of the request */
    uint32_t pasid;
    uint16_t sid;
    uint8_t reason; /* of a DMA request (ref 5.1, 5.2) */
    uint8_t at;     /* enum vtd_at */
    uint8_t access; /* enum vtd_access */
    bool has_pasid; /* pasid and privileged mean something */
    bool privileged;
    bool page_request; /* of a page request; access means nothing then */
    bool disabled;     /* FPD is set in an entry of the request: a qualified fault is counted, not recorded */
};

/* An invalidation request to a device TLB (ref 7.3). */
struct vtd_device_tlb_inv {
    uint64_t addr; /* base of the range */
    uint64_t size; /* bytes, a power of two; 0 = the whole address space */
    uint32_t pasid;
    uint16_t sid;
    uint8_t itag; /* 0..31: completion carries it back */
    bool has_pasid;
    bool global; /* GI: all PASIDs of the function */
};

/* What invalidations select a translation by (ref 6.1): vtd_peek_tagged. */
struct vtd_translation_tags {
    uint64_t addr;  /* any address of the page */
    uint32_t pasid; /* of the request, or RID_PASID */
    uint16_t sid;
    uint16_t did;
    uint8_t page_shift;
    bool first_stage; /* first-stage or nested */
};

/*
 * An invalidation of the context cache, the PASID cache or the IOTLB that was carried out (ref 6.3): what it selects,
 * whether or not the cache held any of it. What is not limited by a member below is selected whole.
 */
struct vtd_invalidation {
    uint64_t first, last; /* with has_range: addresses */
    uint32_t pasid;
    uint16_t did;
    uint16_t sid, sid_mask; /* bits of the source-id that must agree; 0: all do */
    uint8_t cache;          /* enum vtd_cache_id */
    bool has_did, has_pasid, has_range;
    bool first_stage_only;  /* leaves second-stage and pass-through translations alone */
    bool first_stage_whole; /* takes first-stage and nested ones whatever their address */
};

/* What a memory access of the unit is for; passed to every memory callback. */
enum vtd_mem_class {
    VTD_MEM_ROOT,
    VTD_MEM_CONTEXT,
    VTD_MEM_PASID_DIR,
    VTD_MEM_PASID_ENTRY,
    VTD_MEM_FS_ENTRY,
    VTD_MEM_SS_ENTRY,
    VTD_MEM_IRTE,
    VTD_MEM_PI_DESCRIPTOR, /* posted-interrupt descriptor */
    VTD_MEM_DESCRIPTOR,    /* invalidation queue */
    VTD_MEM_STATUS,        /* wait status write */
    VTD_MEM_PRQ,           /* page request queue */
    VTD_MEM_FAULT_LOG,     /* advanced fault log (revisions 3 and 4) */
    VTD_MEM_CLASSES,
};

/* The unit's caches (ref 6.1). */
enum vtd_cache_id {
    VTD_CACHE_CONTEXT,
    VTD_CACHE_PASID,
    VTD_CACHE_IOTLB,
    VTD_CACHE_FS_PSC,    /* first-stage paging-structure cache */
    VTD_CACHE_SS_PSC,    /* second-stage paging-structure cache */
    VTD_CACHE_IEC,       /* interrupt entry cache */
    VTD_CACHE_PASID_DIR, /* PASID directory entries; off unless configured */
    VTD_CACHES,
};

/* Statistics: 64-bit counters, names and meanings in defs/counters.def. */
struct vtd_stats {
#define VTD_COUNTER(name, description) uint64_t name;
#include "vtd/defs/counters.def"
#undef VTD_COUNTER
    uint64_t faults_by_reason[256]; /* every blocked or shaped request, recorded or not, by fault reason */
};

/*
 * One step of a translation, told to vtd_host.event. Pointers are valid during the call only.
 *
 * Keys of caches, value[0] and value[1]:
 *   context cache   source-id                                 0, or 1 in legacy mode
 *   PASID cache     PASID                                     source-id
 *   IOTLB           address >> 12, 21 or 30 (size class)      source-id 15:0, PASID 35:16, has PASID 36, size class 41:40
 *   FS PSC          address above the bits of the level       domain-id 15:0, PASID 35:16, level 38:36 (2..5)
 *   SS PSC          address above the bits of the level       domain-id 15:0, level 38:36
 *   IEC             interrupt index                           0
 *   PASID directory PASID >> 6                                source-id 15:0, 1 in bit 16; also those in the PASID cache
 */
enum vtd_event_kind {
    VTD_EVENT_REQUEST,      /* a request begins: req */
    VTD_EVENT_CACHE_LOOKUP, /* unit = cache, hit; key in value[0..1], see below */
    VTD_EVENT_CACHE_FILL,   /* unit = cache; key in value[0..1] */
    VTD_EVENT_CACHE_EVICT,  /* unit = cache; the victim's key in value[0..1] */
    VTD_EVENT_MEM_READ,     /* unit = memory class; addr; count qwords in value; level for paging entries; snoop */
    VTD_EVENT_MEM_WRITE,    /* unit = memory class; addr; count qwords in value */
    VTD_EVENT_MEM_CAS,      /* unit = memory class; addr; value[0] old, value[1] new; hit = it succeeded */
    VTD_EVENT_DECISION,     /* text says what was decided; with count 1, value[0] is the number it speaks of */
    VTD_EVENT_FAULT,        /* fault = reason; hit = it was recorded; text says why, if not */
    VTD_EVENT_RESPONSE,     /* the request ends: resp */
    VTD_EVENT_INVALIDATE,   /* unit = cache; count = entries that went */
};
struct vtd_event {
    const char *section; /* section of the reference that governs the step, never NULL */
    const char *text;    /* what was decided, or NULL */
    const struct vtd_request *req;
    const struct vtd_response *resp;
    uint64_t addr;
    uint64_t value[8];
    uint8_t kind;  /* enum vtd_event_kind */
    uint8_t unit;  /* enum vtd_cache_id or vtd_mem_class */
    uint8_t level; /* paging level 5..1 of an FS/SS entry, else 0 */
    uint8_t count;
    uint8_t fault;
    bool hit;
    bool error; /* the memory access failed */
    bool snoop; /* the memory read snooped the processor's caches (ref 4.8) */
};

#ifdef __cplusplus
}
#endif
#endif
