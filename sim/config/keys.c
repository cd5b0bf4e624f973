/* SPDX-License-Identifier: MIT */
/* The registry of configuration keys. See keys.h; a new key is one line here, and a row in docs/02_user/configuration.md. */
#define _POSIX_C_SOURCE 200809L

#include "keys.h"

#include "text.h"

#include "vtd/vtd_regs.h"

#include <stddef.h>
#include <string.h>

static const char *const policies[] = {"lru", "plru", "fifo", "random", NULL};
static const char *const indexes[] = {"hash", "modulo", NULL};
static const char *const orders[] = {"first", "after-pasid", NULL};
static const char *const partitions[] = {"none", "sid", "sid-ways", NULL};
static const char *const flushes[] = {"exact", "domain", "global", NULL};
static const char *const directories[] = {"separate", "shared", NULL};

/* Where a member of struct vtd_sim_config lies. */
#define AT(member)                                                                                                     \
    .offset = offsetof(struct vtd_sim_config, member), .size = sizeof(((struct vtd_sim_config *)0)->member)

#define NUMBER(name_, member, max_, about_)                                                                            \
    {                                                                                                                  \
        .name = name_, .about = about_, .kind = VTD_KEY_NUMBER, .max = max_, AT(member)                                \
    }
#define WORD(name_, member, words_, about_)                                                                            \
    {                                                                                                                  \
        .name = name_, .about = about_, .kind = VTD_KEY_WORD, .words = words_, AT(member)                              \
    }

#define ENTRIES_MAX (1u << 24)

/* The four keys of a cache, whose geometry is a member. */
#define CACHE(name_, id, member, what)                                                                                 \
    NUMBER(name_ ".entries", member.entries, ENTRIES_MAX, "entries of the " what "; 0 turns it off"),                  \
        {.name = name_ ".ways",                                                                                        \
         .about = "ways of the " what "; 0 = fully associative",                                                       \
         .kind = VTD_KEY_WAYS,                                                                                         \
         .max = ENTRIES_MAX,                                                                                           \
         .cache = id,                                                                                                  \
         AT(member.ways)},                                                                                             \
        WORD(name_ ".policy", member.policy, policies, "replacement in the " what ": lru, plru, fifo, random"),        \
        WORD(name_ ".index", member.index, indexes, "set index of the " what ": hash, modulo")

#define TIMING_CACHE(name_, id, what)                                                                                  \
    NUMBER("timing." name_ ".latency", timing.lookup_latency[id], CYCLES_MAX, "cycles of a lookup in the " what),      \
        NUMBER("timing." name_ ".ports", timing.ports[id], 255,                                                        \
               "lookups of the " what " that begin in one cycle; 0 = any number")
#define TIMING_MEMORY(name_, cls, what)                                                                                \
    NUMBER("timing.memory." name_ ".latency", timing.memory_latency[cls], CYCLES_MAX, "cycles of an access: " what),   \
        NUMBER("timing.memory." name_ ".interval", timing.class_interval[cls], CYCLES_MAX,                             \
               "cycles from one access to the next: " what "; 0 = no limit")
#define CYCLES_MAX 1000000u
#define PLACES_MAX 65536u

/* And the two of one of which source-ids can have parts. */
#define PARTITIONS(name_, member, what)                                                                                \
    WORD(name_ ".partition", member.partition, partitions,                                                             \
         "who may evict whom in the " what ": none, sid (each has some sets), sid-ways (some ways of each set)"),      \
        NUMBER(name_ ".partitions", member.partitions, ENTRIES_MAX,                                                    \
               "equal parts of the " what ", with .partition; .index says which a source-id has")

/* In the order in which they are told; all keys with the same first part stand together. */
static const struct vtd_config_key keys[] = {
    {.name = "preset",
     .about = "replaces everything by a preset: default, qemu, sapphire-rapids",
     .kind = VTD_KEY_PRESET},
    {.name = "version", .about = "VER register, e.g. 0x60 for 6.0", .kind = VTD_KEY_HEX, .max = 255, AT(unit.version)},
    NUMBER("spec.revision", unit.spec_revision, 255, "revision of the specification: 3, 4 or 5"),
    {.name = "cap", .about = "CAP register, 64 bits", .kind = VTD_KEY_REGISTER, .max = UINT64_MAX, AT(unit.cap)},
    {.name = "ecap", .about = "ECAP register, 64 bits", .kind = VTD_KEY_REGISTER, .max = UINT64_MAX, AT(unit.ecap)},
    NUMBER("haw", unit.haw, 255, "host address width in bits, 32 to 52"),
    NUMBER("seed", unit.seed, UINT64_MAX, "seed of the random replacement policy"),
    NUMBER("memory.size", memory_size, UINT64_MAX, "bytes of system memory from address 0"),
    NUMBER("memory.cpu_caches", cpu_caches, 1,
           "1: what the unit does not snoop it sees only after a flush (vtdsim run)"),
    CACHE("context_cache", VTD_CACHE_CONTEXT, unit.cache[VTD_CACHE_CONTEXT], "context cache"),
    CACHE("pasid_cache", VTD_CACHE_PASID, unit.cache[VTD_CACHE_PASID], "PASID cache"),
    PARTITIONS("pasid_cache", unit.cache[VTD_CACHE_PASID], "PASID cache"),
    WORD("pasid_cache.directory", unit.pasid_directory, directories,
         "where PASID directory entries are cached: separate (pasid_dir_cache), shared (in the PASID cache)"),
    NUMBER("pasid_cache.prefetch", unit.pasid_prefetch, VTD_PASID_PREFETCH_MAX,
           "PASID table entries read ahead after a miss, in the same page of the table: 0 to 63"),
    CACHE("pasid_dir_cache", VTD_CACHE_PASID_DIR, unit.cache[VTD_CACHE_PASID_DIR], "PASID directory cache"),
    PARTITIONS("pasid_dir_cache", unit.cache[VTD_CACHE_PASID_DIR], "PASID directory cache"),
    CACHE("iotlb", VTD_CACHE_IOTLB, unit.cache[VTD_CACHE_IOTLB], "IOTLB"),
    PARTITIONS("iotlb", unit.cache[VTD_CACHE_IOTLB], "IOTLB"),
    WORD("iotlb.order", unit.iotlb_order, orders, "when the IOTLB is looked up: first, after-pasid"),
    CACHE("fs_psc", VTD_CACHE_FS_PSC, unit.cache[VTD_CACHE_FS_PSC], "first-stage paging-structure cache"),
    CACHE("ss_psc", VTD_CACHE_SS_PSC, unit.cache[VTD_CACHE_SS_PSC], "second-stage paging-structure cache"),
    CACHE("iec", VTD_CACHE_IEC, unit.cache[VTD_CACHE_IEC], "interrupt entry cache"),
    CACHE("device_tlb", VTD_SIM_DEVICE_TLB, device_tlb, "device TLB of each device"),
    NUMBER("device_tlb.page_requests", page_requests, 1,
           "1: pages are mapped when a device asks for them by a page request (vtdsim run)"),
    WORD("driver.invalidation", driver_flush, flushes,
         "how precise the driver of vtdsim run flushes: exact (pages, PASIDs), domain, global"),
    NUMBER("perfmon.counters", unit.perfmon.counters, VTD_PERFMON_COUNTERS,
           "counters of the performance monitor (ecap.pms), 1 to 64"),
    NUMBER("perfmon.width", unit.perfmon.width, 64, "width of its counters in bits, 8 to 64"),
    NUMBER("perfmon.filters", unit.perfmon.filters, 31,
           "its filters: 1 requester-id, 2 domain-id, 4 PASID, 8 address type, 16 page table level"),
    NUMBER("perfmon.interrupt", unit.perfmon.interrupt, 1, "its counters can raise an interrupt when they overflow"),
    NUMBER("perfmon.freeze", unit.perfmon.freeze, 1, "its counters can freeze all when they overflow"),
    NUMBER("perfmon.writable", unit.perfmon.writable, 1, "software may write its counters"),
    NUMBER("perfmon.per_counter", unit.perfmon.per_counter, 1, "each counter reports capabilities of its own, too"),
    NUMBER("timing.frequency", timing.frequency, 10000000000ull, "cycles per second, Hz (vtdsim run --timing)"),
    NUMBER("timing.link", timing.link_latency, CYCLES_MAX, "cycles from the device to the unit, and the same back"),
    NUMBER("timing.in_flight", timing.in_flight, PLACES_MAX,
           "accesses of a device under way at a time; 0 = any number"),
    NUMBER("timing.misses", timing.misses, PLACES_MAX, "requests that missed the IOTLB at a time; 0 = any number"),
    NUMBER("timing.walkers", timing.walkers, PLACES_MAX, "requests that read tables at a time; 0 = any number"),
    TIMING_CACHE("context_cache", VTD_CACHE_CONTEXT, "context cache"),
    TIMING_CACHE("pasid_cache", VTD_CACHE_PASID, "PASID cache"),
    TIMING_CACHE("pasid_dir_cache", VTD_CACHE_PASID_DIR, "PASID directory cache"),
    TIMING_CACHE("iotlb", VTD_CACHE_IOTLB, "IOTLB"),
    TIMING_CACHE("fs_psc", VTD_CACHE_FS_PSC, "first-stage paging-structure cache"),
    TIMING_CACHE("ss_psc", VTD_CACHE_SS_PSC, "second-stage paging-structure cache"),
    TIMING_CACHE("iec", VTD_CACHE_IEC, "interrupt entry cache"),
    NUMBER("timing.device_tlb.latency", timing.device_tlb_latency, CYCLES_MAX, "cycles of a lookup in a device TLB"),
    NUMBER("timing.memory.interval", timing.memory_interval, CYCLES_MAX,
           "cycles from the start of accesses to that of the next; 0 = no limit"),
    NUMBER("timing.memory.ports", timing.memory_ports, 255,
           "accesses that start together, each timing.memory.interval"),
    {.name = "timing.memory.latency",
     .about = "cycles of an access, of all classes",
     .kind = VTD_KEY_EACH,
     .max = CYCLES_MAX,
     .offset = offsetof(struct vtd_sim_config, timing.memory_latency),
     .size = sizeof(uint32_t),
     .count = VTD_MEM_CLASSES},
    TIMING_MEMORY("root", VTD_MEM_ROOT, "root entries"),
    TIMING_MEMORY("context", VTD_MEM_CONTEXT, "context entries"),
    TIMING_MEMORY("pasid_dir", VTD_MEM_PASID_DIR, "PASID directory entries"),
    TIMING_MEMORY("pasid_entry", VTD_MEM_PASID_ENTRY, "PASID table entries"),
    TIMING_MEMORY("fs", VTD_MEM_FS_ENTRY, "first-stage page tables"),
    TIMING_MEMORY("ss", VTD_MEM_SS_ENTRY, "second-stage page tables"),
    TIMING_MEMORY("irte", VTD_MEM_IRTE, "interrupt remapping entries"),
    TIMING_MEMORY("pi", VTD_MEM_PI_DESCRIPTOR, "posted-interrupt descriptors"),
    TIMING_MEMORY("descriptor", VTD_MEM_DESCRIPTOR, "invalidation descriptors"),
    TIMING_MEMORY("status", VTD_MEM_STATUS, "status writes of wait descriptors"),
    TIMING_MEMORY("prq", VTD_MEM_PRQ, "page request queue"),
    TIMING_MEMORY("fault_log", VTD_MEM_FAULT_LOG, "fault log"),
    CACHE("timing.table_cache", VTD_SIM_TABLE_CACHE, timing.table_cache, "cache for 64-byte lines of tables"),
    NUMBER("timing.table_cache.latency", timing.table_cache_latency, CYCLES_MAX,
           "cycles of a lookup in the cache for lines of tables"),
    NUMBER("timing.descriptor", timing.descriptor_cycles, CYCLES_MAX, "cycles to carry out an invalidation descriptor"),
    NUMBER("timing.software", timing.software_latency, 1000000000u,
           "cycles from a page request in the queue to software's response"),
/* Single fields of CAP and ECAP; those of other registers have names that no lookup asks for. */
#define VTD_REG_FIELD(REG, FIELD, reg_, field_, msb_, lsb_, access_, description)                                      \
    {.name = #reg_ "." #field_,                                                                                        \
     .about = description,                                                                                             \
     .kind = VTD_KEY_FIELD,                                                                                            \
     .max = ~0ull >> (63 - ((msb_) - (lsb_))),                                                                         \
     .offset = sizeof(#reg_) == sizeof("cap") ? offsetof(struct vtd_sim_config, unit.cap)                              \
                                              : offsetof(struct vtd_sim_config, unit.ecap),                            \
     .size = sizeof(uint64_t),                                                                                         \
     .msb = msb_,                                                                                                      \
     .lsb = lsb_},
#include "vtd/defs/registers.def"
};

enum {
    KEYS = sizeof keys / sizeof keys[0]
};

/* Fields of other registers stand in the table, too; they are no keys. */
static bool is_key(const struct vtd_config_key *k)
{
    return k->kind != VTD_KEY_FIELD || strncmp(k->name, "cap.", 4) == 0 || strncmp(k->name, "ecap.", 5) == 0;
}

const struct vtd_config_key *vtd_config_key_at(unsigned i)
{
    for (unsigned n = 0; n < KEYS; n++)
        if (is_key(&keys[n]) && i-- == 0)
            return &keys[n];
    return NULL;
}

const char *vtd_sim_config_key(unsigned i, const char **about)
{
    const struct vtd_config_key *k = vtd_config_key_at(i);
    if (k && about)
        *about = k->about;
    return k ? k->name : NULL;
}

/* ---------------------------------------------------------------- values */

uint64_t vtd_config_key_get(const struct vtd_config_key *k, const struct vtd_sim_config *cfg)
{
    const uint8_t *at = (const uint8_t *)cfg + k->offset;
    uint32_t word;
    uint64_t value;
    switch (k->size) {
    case 1:
        return *at;
    case 4:
        memcpy(&word, at, sizeof word);
        return word;
    default:
        memcpy(&value, at, sizeof value);
        return value;
    }
}

void vtd_config_key_set(const struct vtd_config_key *k, struct vtd_sim_config *cfg, uint64_t value)
{
    uint8_t *at = (uint8_t *)cfg + k->offset;
    const uint32_t word = (uint32_t)value;
    switch (k->size) {
    case 1:
        *at = (uint8_t)value;
        break;
    case 4:
        memcpy(at, &word, sizeof word);
        break;
    default:
        memcpy(at, &value, sizeof value);
        break;
    }
}

const struct vtd_cache_geometry *vtd_config_key_geometry(const struct vtd_config_key *k,
                                                         const struct vtd_sim_config *cfg)
{
    return (const void *)((const char *)cfg + k->offset - offsetof(struct vtd_cache_geometry, ways));
}

/* ---------------------------------------------------------------- the nearest key */

static const char *nearest(const char *name)
{
    const char *best = keys[0].name;
    unsigned least = UINT32_MAX;
    for (unsigned i = 0; i < KEYS; i++) {
        const unsigned d = is_key(&keys[i]) ? vtd_text_distance(name, keys[i].name) : UINT32_MAX;
        if (d < least) {
            least = d;
            best = keys[i].name;
        }
    }
    return best;
}

const struct vtd_config_key *vtd_config_key_find(const char *name, const char **near)
{
    for (unsigned i = 0; i < KEYS; i++)
        if (is_key(&keys[i]) && strcmp(keys[i].name, name) == 0)
            return &keys[i];
    *near = nearest(name);
    return NULL;
}
