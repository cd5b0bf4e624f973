/* SPDX-License-Identifier: MIT */
/*
 * vtd.h: the public interface of the VT-d remapping unit model.
 *
 * Rules that hold for every function here
 * - The instance comes first, then inputs, then outputs.
 * - One thread per instance; instances share nothing and may run in parallel.
 * - vtd_create makes one allocation and nothing else in the library allocates. The library never prints, never exits and
 *   never asserts on anything that software or a device can control.
 * - Three kinds of error are kept apart: a *status* (enum vtd_status: the caller of this interface erred), a *result* (what
 *   a device sees, in a response) and *registers* (what software sees).
 * - Same configuration, same calls, same memory: same behaviour. There is no clock and no hidden random source.
 * - Callbacks may call vtd_mmio_read*, vtd_stats_get and vtd_peek; they must not start requests or write registers of the
 *   same instance. (A message interrupt's handler runs after the call that raised it has returned.)
 *
 * A unit in twenty lines
 *     struct vtd_config cfg;
 *     vtd_config_preset(&cfg, "default");
 *     struct vtd_host host = {.mem_base = ram, .mem_size = ram_size};
 *     char why[VTD_WHY_SIZE];
 *     struct vtd *unit = vtd_create(&cfg, &host, why);
 *     ... software writes tables into ram and registers with vtd_mmio_write32/64 ...
 *     struct vtd_request req = {.addr = iova, .sid = sid, .access = VTD_READ, .len = 64};
 *     struct vtd_response resp;
 *     vtd_translate(unit, &req, &resp);
 */
#ifndef VTD_H
#define VTD_H

#include "vtd/vtd_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define VTD_API __attribute__((visibility("default")))
#else
#define VTD_API
#endif

/* Size in bytes of the buffers that receive an explanation of an error. */
#define VTD_WHY_SIZE 256

/* A remapping unit. */
struct vtd;

/* Status of a call: what the *caller* did wrong. */
enum vtd_status {
    VTD_STATUS_OK = 0,
    VTD_STATUS_INVALID,     /* an argument is out of its documented range */
    VTD_STATUS_UNSUPPORTED, /* the configuration asks for what the model does not have */
    VTD_STATUS_NO_MEMORY,
    VTD_STATUS_NOT_FOUND,
};

/* ---------------------------------------------------------------- configuration */

/* Replacement policies (ref 6 leaves them to the implementation). */
enum vtd_policy {
    VTD_POLICY_LRU,    /* true least-recently-used; a fill makes an entry most recent */
    VTD_POLICY_PLRU,   /* tree pseudo-LRU; ways must be a power of two */
    VTD_POLICY_FIFO,   /* oldest fill goes first */
    VTD_POLICY_RANDOM, /* pseudo-random from vtd_config.seed */
};

/* How a key selects a set. */
enum vtd_index {
    VTD_INDEX_HASH,   /* a hash of the whole key */
    VTD_INDEX_MODULO, /* the low bits: page number, PASID, source-id or interrupt index */
};

/*
 * Whether source-ids share a cache, or each has one of several equal parts and cannot evict what is in the others. index
 * says which part: the low bits of the source-id, or a hash of it.
 */
enum vtd_partition {
    VTD_PARTITION_NONE,
    VTD_PARTITION_SETS, /* a part has some of the sets, and all of their ways (as page colouring does) */
    VTD_PARTITION_WAYS, /* a part has some of the ways of each set (as way masks do) */
};

/* Shape of one cache. */
struct vtd_cache_geometry {
    uint32_t entries;    /* 0 turns the cache off; at most 16,777,216 */
    uint32_t ways;       /* divides entries (of a part) into a power-of-two number of sets; 0 = fully associative */
    uint8_t policy;      /* enum vtd_policy */
    uint8_t index;       /* enum vtd_index */
    uint8_t partition;   /* enum vtd_partition; for VTD_CACHE_PASID, VTD_CACHE_PASID_DIR and VTD_CACHE_IOTLB */
    uint32_t partitions; /* with it: number of parts, which divides the entries, or the ways */
};

/* When the IOTLB is looked up (the tags of ref 6.1 allow both). */
enum vtd_iotlb_order {
    VTD_IOTLB_FIRST,       /* before the context and PASID caches: a hit needs neither */
    VTD_IOTLB_AFTER_PASID, /* after both, as a unit with a serial pipeline does */
};

/* Where PASID directory entries are kept (ref 2.4); the architecture leaves it to the implementation. */
enum vtd_pasid_directory {
    VTD_PASID_DIRECTORY_SEPARATE, /* in VTD_CACHE_PASID_DIR; when that is off, each PASID-cache miss reads the directory */
    VTD_PASID_DIRECTORY_SHARED, /* in the PASID cache, where they compete with its own entries */
};
#define VTD_PASID_PREFETCH_MAX 63

/* The performance monitor (ref 1.12); counts only for a unit with ECAP.PMS. */
#define VTD_PERFMON_COUNTERS 64 /* at most */
struct vtd_perfmon_config {
    uint8_t counters; /* 1 to VTD_PERFMON_COUNTERS */
    uint8_t width;    /* of a counter in bits, 8 to 64 */
    uint8_t filters;  /* bit 0 requester-id, 1 domain-id, 2 PASID, 3 address type, 4 page table level */
    bool interrupt;   /* a counter may raise an interrupt when it overflows (PERFCAP.IOS) */
    bool freeze;      /* ... or freeze all counters (GFS) */
    bool writable;    /* software may write counters (CWE) */
    bool per_counter; /* each counter tells its capabilities itself, too (PCCS) */
};

/* Everything that defines a unit. Fill it with vtd_config_preset, then change what you need. */
struct vtd_config {
    uint64_t cap;            /* CAP register, ref 1.2 */
    uint64_t ecap;           /* ECAP register, ref 1.3 */
    uint32_t version;        /* VER register, ref 1.1, e.g. 0x60 for 6.0 */
    uint8_t haw;             /* host address width in bits, 32..52 */
    uint8_t iotlb_order;     /* enum vtd_iotlb_order */
    uint8_t pasid_directory; /* enum vtd_pasid_directory */
    uint8_t pasid_prefetch;  /* entries of the PASID table, behind one that was read, that are read ahead: 0 to 63 */
    uint8_t spec_revision;   /* 3, 4 or 5: the revision of the specification that the unit follows (ref 0.1, 0.2) */
    uint64_t seed;           /* of the random replacement policy */
    struct vtd_cache_geometry cache[VTD_CACHES];
    struct vtd_perfmon_config perfmon;
};

/*
 * Fills cfg with a named preset: "default" (the example profile of ref 1.3), "qemu" (what QEMU's emulated unit reports in
 * scalable mode) or "sapphire-rapids" (CAP and ECAP that a Xeon of that generation reports; what is not modelled is
 * masked out, see vtd_config_preset_masked). name NULL means "default".
 * Returns VTD_STATUS_NOT_FOUND for an unknown name.
 */
VTD_API enum vtd_status vtd_config_preset(struct vtd_config *cfg, const char *name);

/* Name of the preset number i, counted from 0, and in *about (if not NULL) one line about it; NULL behind the last. */
VTD_API const char *vtd_config_preset_name(unsigned i, const char **about);

/*
 * Capability bits that the hardware behind a preset reports and the model does not have; they are cleared in the preset.
 * cap_masked and ecap_masked receive the cleared bits. Returns VTD_STATUS_NOT_FOUND for an unknown name.
 */
VTD_API enum vtd_status vtd_config_preset_masked(const char *name, uint64_t *cap_masked, uint64_t *ecap_masked);

/*
 * Capability bits that a revision of the specification does not have (ref 0.1); a unit of that revision may not report them.
 * Returns VTD_STATUS_INVALID when revision is none of 3, 4 and 5.
 */
VTD_API enum vtd_status vtd_config_revision_lacks(unsigned revision, uint64_t *cap, uint64_t *ecap);

/*
 * Checks a configuration: reserved capability bits, the dependencies of ref 1.3, what the model supports, widths, and
 * cache geometry. why (VTD_WHY_SIZE bytes, may be NULL) receives which rule is broken.
 * Returns VTD_STATUS_OK, VTD_STATUS_INVALID (inconsistent) or VTD_STATUS_UNSUPPORTED (consistent but not modelled).
 */
VTD_API enum vtd_status vtd_config_validate(const struct vtd_config *cfg, char *why);

/* ---------------------------------------------------------------- life */

/* Virtual commands that a unit with ECAP.VCS knows, and their status codes (ref 1.14). */
enum vtd_virtual_command {
    VTD_VCMD_NULL = 0,
    VTD_VCMD_ALLOC_PASID = 1,
    VTD_VCMD_FREE_PASID = 2,
};
enum vtd_virtual_status {
    VTD_VCMD_SUCCESS = 0,
    VTD_VCMD_UNDEFINED = 1,
    VTD_VCMD_NO_PASID = 16,      /* of an allocation: none available */
    VTD_VCMD_INVALID_PASID = 16, /* of a free: it was not allocated */
};

/*
 * What the unit needs from its surroundings. Any callback may be NULL; then memory outside the window is absent (an access
 * error), messages are dropped, and devices answer nothing.
 */
struct vtd_host {
    void *opaque; /* first argument of every callback */

    /* A window of plain memory: host physical addresses [mem_start, mem_start + mem_size) are at mem_base. 8-byte aligned. */
    void *mem_base;
    uint64_t mem_start;
    uint64_t mem_size;

    /* What memory holds behind the processor's caches, as large and aligned as the window: reads that do not snoop read here
     * (ref 4.8). The unit's own writes are coherent: the lines of 64 bytes that they touch are carried over from mem_base.
     * NULL: the same as mem_base, the processor's writes are in memory at once. */
    void *mem_unsnooped;

    /* Memory outside the window. size is 4 (status writes), or a multiple of 8 up to 64, naturally aligned to 8, data little
     * endian. Return 0, or nonzero for an access error. snoop: the read sees what is in the processor's caches (ref 4.8);
     * writes and cas always are coherent. cas: compare 8 bytes with *expected and store desired; on a difference *expected
     * receives what is there; return 0 (also on a difference) or nonzero if the atomic cannot be done. */
    int (*mem_read)(void *opaque, uint64_t hpa, void *data, size_t size, enum vtd_mem_class cls, bool snoop);
    int (*mem_write)(void *opaque, uint64_t hpa, const void *data, size_t size, enum vtd_mem_class cls);
    int (*mem_cas)(void *opaque, uint64_t hpa, uint64_t *expected, uint64_t desired, enum vtd_mem_class cls);

    /* A message interrupt of the unit itself: 32-bit write of data to addr (ref 5.4, 8.2 step 7). */
    void (*msi)(void *opaque, uint64_t addr, uint32_t data);
    /* An invalidation request to a device; answered later (or from the callback's caller, after it returned) with
     * vtd_device_tlb_complete or vtd_device_tlb_timeout (ref 7.3). */
    void (*device_tlb_inv)(void *opaque, const struct vtd_device_tlb_inv *inv);
    /* A page group response to a device (ref 2.11). */
    void (*page_response)(void *opaque, const struct vtd_page_response *resp);
    /*
     * A virtual command of software (ref 1.14): VTD_VCMD_ALLOC_PASID, whose PASID goes to *result (0 before), or
     * VTD_VCMD_FREE_PASID, whose PASID is operand_a. operand_b is VCMD_EO. Returns an enum vtd_virtual_status. What it
     * does is the host's: a hypervisor asks for PASIDs of its own host. NULL: there is no PASID to have, and none to free.
     */
    unsigned (*virtual_command)(void *opaque, unsigned command, uint64_t operand_a, uint64_t operand_b,
                                uint64_t *result);
    /* Told of every invalidation, after it took what it takes; for hosts that keep translations of their own, as pointers
     * for direct memory access. A reset is not told. */
    void (*invalidated)(void *opaque, const struct vtd_invalidation *inv);
    /*
     * Told of every invalidation descriptor that is in order (ref 3.1), when it is its turn: before it has any effect and
     * before software can see by the head, a status write or an interrupt that it is done. For a hypervisor behind a virtual
     * unit, which does the same for what it shadows (ref 9). q: qwords descriptor, 2 or 4; the others are 0. Must not touch
     * this unit except by vtd_mmio_read*, vtd_stats_get and vtd_peek.
     */
    void (*descriptor)(void *opaque, const uint64_t q[4], unsigned qwords);
    /* Told of every step of every request when vtd_events_enable is on (ref 4.2). */
    void (*event)(void *opaque, const struct vtd_event *event);
};

/*
 * Creates a unit in its power-on state. cfg and host are copied. why as in vtd_config_validate.
 * Returns NULL when the configuration is not valid or memory is out.
 */
VTD_API struct vtd *vtd_create(const struct vtd_config *cfg, const struct vtd_host *host, char *why);

/* Power-on reset (ref 1): registers, caches and statistics; memory and configuration stay. */
VTD_API void vtd_reset(struct vtd *unit);

/* Frees a unit; NULL is allowed. */
VTD_API void vtd_destroy(struct vtd *unit);

/* The configuration the unit was created with. */
VTD_API const struct vtd_config *vtd_config_get(const struct vtd *unit);

/* ---------------------------------------------------------------- registers */

/* Bytes of register space that the unit decodes: a multiple of 4 KiB (ref 1). */
VTD_API uint64_t vtd_mmio_size(const struct vtd *unit);

/*
 * Register accesses (ref 1). offset is in bytes from the register base. An access that is unaligned or outside the block
 * reads 0 and writes nothing. Side effects are complete when the call returns, the invalidation queue included.
 */
VTD_API uint32_t vtd_mmio_read32(struct vtd *unit, uint64_t offset);
VTD_API uint64_t vtd_mmio_read64(struct vtd *unit, uint64_t offset);
VTD_API void vtd_mmio_write32(struct vtd *unit, uint64_t offset, uint32_t value);
VTD_API void vtd_mmio_write64(struct vtd *unit, uint64_t offset, uint64_t value);

/* ---------------------------------------------------------------- requests of devices */

/*
 * Translates one request of any kind, in the order of ref 4.2, and applies all its effects: caches, accessed and dirty
 * bits, fault records, events. An untranslated DWORD write without PASID to FEEx_xxxx is handled as vtd_interrupt.
 * resp is always written. Returns VTD_STATUS_OK, or VTD_STATUS_INVALID (nothing done) when the request itself could not
 * be on a PCIe link: crosses 4 KiB, PASID wider than 20 bits, privilege or execute without PASID, unknown enum value,
 * zero length with another kind than read.
 */
VTD_API enum vtd_status vtd_translate(struct vtd *unit, const struct vtd_request *req, struct vtd_response *resp);

/* As vtd_translate for count requests in order; stops at the first that is not VTD_STATUS_OK and returns its status; *done
 * (may be NULL) receives how many were translated. */
VTD_API enum vtd_status vtd_translate_batch(struct vtd *unit, const struct vtd_request *req, struct vtd_response *resp,
                                            size_t count, size_t *done);

/*
 * A hint that an untranslated request will soon be translated: no effect but on speed, where the caches of the unit are much
 * larger than those of the processor it runs on. Call it for some requests in a row with stage 0, for the same with stage 1,
 * then translate them.
 */
VTD_API void vtd_prefetch(const struct vtd *unit, const struct vtd_request *req, unsigned stage);

/*
 * Translates an untranslated request without any effect: no recency, statistics, A/D updates, fault records or events.
 * It uses the same cached entries that vtd_translate would.
 */
VTD_API enum vtd_status vtd_peek(struct vtd *unit, const struct vtd_request *req, struct vtd_response *resp);

/*
 * As vtd_peek; and for a translated page (VTD_RESULT_OK, page_shift not 0) tags receives what invalidations select its
 * translation by (ref 6.1).
 */
VTD_API enum vtd_status vtd_peek_tagged(struct vtd *unit, const struct vtd_request *req, struct vtd_response *resp,
                                        struct vtd_translation_tags *tags);

/* Whether an invalidation selects a translation (ref 6.3), whatever cache it is for. */
VTD_API bool vtd_invalidation_selects(const struct vtd_invalidation *inv, const struct vtd_translation_tags *tags);

/* An interrupt request: a DWORD write of data to addr in FEEx_xxxx (ref 8.1). */
VTD_API enum vtd_status vtd_interrupt(struct vtd *unit, uint16_t sid, uint64_t addr, uint32_t data,
                                      struct vtd_irq_response *resp);

/* A page request message (ref 7.1). */
VTD_API enum vtd_status vtd_page_request_submit(struct vtd *unit, const struct vtd_page_request *req,
                                                enum vtd_prq_result *result);

/*
 * Records a fault that was found elsewhere, as if a request had met it here (ref 5.4): with the fault event, the
 * overflow, and the statistics. For a hypervisor behind a virtual unit, whose devices are translated by another one
 * (ref 9). Not from a callback. Returns VTD_STATUS_INVALID, and nothing is done, for a reason that no DMA request has,
 * a PASID wider than 20 bits, or an unknown enum value.
 */
VTD_API enum vtd_status vtd_fault_inject(struct vtd *unit, const struct vtd_injected_fault *fault);

/*
 * An invalidation completion of device sid for the ITags set in itags (ref 7.3). Unknown ITags or a wrong device set ICE.
 */
VTD_API void vtd_device_tlb_complete(struct vtd *unit, uint16_t sid, uint32_t itags);

/* The time for outstanding invalidation itag (0..31) is over: ITE (ref 3.4). No effect if it is not outstanding. */
VTD_API void vtd_device_tlb_timeout(struct vtd *unit, unsigned itag);

/* ---------------------------------------------------------------- observation */

/* Copies the statistics. */
VTD_API void vtd_stats_get(const struct vtd *unit, struct vtd_stats *stats);

/* Sets all statistics to 0; caches and registers stay. */
VTD_API void vtd_stats_reset(struct vtd *unit);

/* Name, description and offset in struct vtd_stats of counter number i; NULL behind the last. */
VTD_API const char *vtd_counter_name(unsigned i, const char **description, size_t *offset);

/*
 * Tells of every change of one cache, cheaply: what studies of a cache need. entry is the number of the entry, below the
 * number of entries: a key keeps it as long as it is there. key_a and key_b are the words of the key as for struct vtd_event.
 * All three are 0 for a miss, whose key is known when it is filled, and for VTD_CACHE_CHANGE_CLEAR. The call must not call
 * the unit. One tap at a time; call NULL takes it away. Requests that hit the IOTLB are slower with a tap there.
 */
enum vtd_cache_change {
    VTD_CACHE_CHANGE_HIT,
    VTD_CACHE_CHANGE_MISS,
    VTD_CACHE_CHANGE_FILL, /* the key was put in, or again; another that was in the entry is gone, and that is not told */
    VTD_CACHE_CHANGE_REMOVE, /* invalidated */
    VTD_CACHE_CHANGE_CLEAR,  /* all were */
};
typedef void vtd_cache_tap_call(void *opaque, enum vtd_cache_change change, uint32_t entry, uint64_t key_a,
                                uint64_t key_b);
VTD_API void vtd_cache_tap(struct vtd *unit, enum vtd_cache_id id, vtd_cache_tap_call *call, void *opaque);

/* Turns the event callback on or off (off after vtd_create). */
VTD_API void vtd_events_enable(struct vtd *unit, bool on);

/*
 * A second listener, beside the host's callbacks: for tools that watch what software and devices do with a unit. Any call may be
 * NULL. None of them may change the unit; vtd_mmio_read*, vtd_peek, vtd_memory_peek and vtd_cache_has are allowed.
 */
struct vtd_watcher {
    void *opaque;                                                           /* first argument of every call */
    void (*event)(void *opaque, const struct vtd_event *event);             /* as vtd_host.event, always on */
    void (*descriptor)(void *opaque, const uint64_t q[4], unsigned qwords); /* as vtd_host.descriptor */
    void (*register_write)(void *opaque, uint64_t offset, unsigned size, uint64_t value); /* after all its effects */
};

/* Begins to watch; watcher is copied. NULL ends it. A unit that is watched translates more slowly. */
VTD_API void vtd_watch(struct vtd *unit, const struct vtd_watcher *watcher);

/* Whether a cache holds a key (words as for struct vtd_event); without effect on it. */
VTD_API bool vtd_cache_has(const struct vtd *unit, enum vtd_cache_id id, uint64_t key_a, uint64_t key_b);

/*
 * Reads memory as the unit does, from 1 to 8 aligned qwords (ref 4.8 for snoop), without effect on the unit; memory outside of the
 * host's window is read through its mem_read. False: there is none.
 */
VTD_API bool vtd_memory_peek(const struct vtd *unit, uint64_t hpa, uint64_t *q, unsigned count, enum vtd_mem_class cls,
                             bool snoop);

/* Names for people; "?" for what does not exist. */
VTD_API const char *vtd_fault_name(uint8_t reason);        /* e.g. "SFS.2" */
VTD_API const char *vtd_fault_description(uint8_t reason); /* e.g. "first-stage entry not present" */
VTD_API const char *vtd_cache_name(enum vtd_cache_id id);  /* e.g. "pasid_cache": also the configuration key */
VTD_API const char *vtd_mem_class_name(enum vtd_mem_class cls);

/* Version of the library, "MAJOR.MINOR.PATCH". */
VTD_API const char *vtd_version(void);

#ifdef __cplusplus
}
#endif
#endif
