/* SPDX-License-Identifier: MIT */
/*
 * Described workloads (docs/02_user/workloads.md): a tree of nodes, each a stream of records without end. Leaves make
 * records; the others choose among the streams below them, label what comes, or give it a time. A node never changes
 * once it is complete; what changes while it is played is its state, a piece of memory that holds the states of the nodes
 * below, so that a million tenants share one node and differ in their state.
 */
#ifndef VTD_WORKLOAD_NODE_H
#define VTD_WORKLOAD_NODE_H

#include "random.h"
#include "record.h"
#include "trace.h"
#include "zipf.h"

#ifdef __cplusplus
extern "C" {
#endif

enum vtd_node_kind {
    VTD_NODE_PATTERN,
    VTD_NODE_RING,
    VTD_NODE_DSA,
    VTD_NODE_TRACE,
    VTD_NODE_TENANTS,
    VTD_NODE_PHASES,
    VTD_NODE_MIX,
    VTD_NODE_CLOCK, /* of a node with a rate */
    VTD_NODE_KINDS,
};

enum vtd_node_pattern {
    VTD_NODE_UNIFORM,
    VTD_NODE_SEQUENTIAL,
    VTD_NODE_STRIDE,
    VTD_NODE_ZIPF,
};

enum vtd_node_unmap {
    VTD_NODE_UNMAP_NEVER,
    VTD_NODE_UNMAP_STRICT, /* page by page */
    VTD_NODE_UNMAP_LAZY,   /* collected, then everything of the device or PASID */
};

enum vtd_node_interleave {
    VTD_NODE_ROUND_ROBIN,
    VTD_NODE_RANDOM,
    VTD_NODE_ZIPF_TURNS,
};

struct vtd_node;
struct vtd_node_ops {
    /* Completes a node whose keys are set and whose children are complete. Returns 0, or -1 with why. */
    int (*finish)(struct vtd_node *n, char *why);
    /* Makes the state that a stream begins with. */
    void (*begin)(const struct vtd_node *n, void *state, uint64_t seed);
    /* The next record. Returns true when what follows belongs to it (an unmap), and nothing may come between. */
    bool (*next)(const struct vtd_node *n, void *state, struct vtd_record *r);
};

#define VTD_NODE_MEMBERS_MAX 64
#define VTD_NODE_DEPTH_MAX   8
#define VTD_NODE_STATE_MAX   ((size_t)1 << 32)

struct vtd_node {
    const struct vtd_node_ops *ops;
    enum vtd_node_kind kind;
    size_t state;   /* bytes, a multiple of 8 */
    bool timed;     /* records have times */
    bool has_pasid; /* a record below may have a PASID */
    struct vtd_node **child;
    size_t *offset; /* of their states in this one */
    size_t children;

    /* Keys; which node has which: node_keys.c. Numbers are uint64_t, choices are numbers of their lists. */
    uint64_t size;                  /* ring: descriptors; dsa: pages of each area; tenants: how many */
    uint64_t pattern, pages, first; /* first: address of the first page */
    uint64_t stride, writes, len, sid, pasid;
    uint64_t unmap, unmap_every, unmap_batch;
    uint64_t descriptor, completion, buffer_pages, random_order;
    uint64_t interleave, burst, parallel, by_sid, first_pasid, first_sid;
    uint64_t churn, churn_next, pasid_pool;
    uint64_t stay, poisson, times;
    double s, rate;
    double weight[VTD_NODE_MEMBERS_MAX];     /* of the members of a mix */
    uint64_t requests[VTD_NODE_MEMBERS_MAX]; /* of phases */
    char *file;                              /* trace */
    uint64_t given;                          /* which keys were set, by number */

    /* Made of them. */
    struct vtd_zipf zipf;
    struct vtd_alias alias[VTD_NODE_MEMBERS_MAX];
    struct vtd_trace trace;
    uint64_t area[3]; /* addresses: ring: completions, buffers; dsa: sources, destinations, completions */
    uint64_t gap_ns;  /* between requests at a fixed rate, and its fraction times 2^32 */
    uint32_t gap_fraction;
    uint16_t *sids;      /* tenants: the devices below */
    uint16_t *sid_index; /* the place of each among them */
    size_t sid_count;
};

extern const struct vtd_node_ops vtd_node_pattern_ops, vtd_node_ring_ops, vtd_node_dsa_ops, vtd_node_trace_ops,
    vtd_node_tenants_ops, vtd_node_phases_ops, vtd_node_mix_ops, vtd_node_clock_ops;

/* A node with the defaults of its kind; NULL without memory. */
struct vtd_node *vtd_node_new(enum vtd_node_kind kind);

/* Frees a node with everything below; NULL is allowed. */
void vtd_node_free(struct vtd_node *n);

/* Puts a node below another one, which owns it from now on, whatever is returned. Returns -1 without memory. */
int vtd_node_add(struct vtd_node *parent, struct vtd_node *child);

/*
 * Lays the states of the children out behind head bytes of the node's own, copies times each (tenants), and sets
 * state, timed and has_pasid. Returns -1 with why when that is too much.
 */
int vtd_node_lay_out(struct vtd_node *n, size_t head, uint64_t copies, char *why);

/* Marks the source-ids of all devices below, one bit for each. */
void vtd_node_mark_sids(const struct vtd_node *n, uint8_t seen[0x10000 / 8]);

/* The pages pages from n->first on, for a leaf. Returns -1 with why when they cannot all be had. */
int vtd_node_check_range(const struct vtd_node *n, uint64_t pages, char *why);

/* Says what is wrong; returns -1. */
int vtd_node_refuse(char *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A seed for part i of something with a seed. */
static inline uint64_t vtd_node_seed(uint64_t seed, uint64_t i)
{
    struct vtd_random r = {seed ^ (i + 1) * 0xd1342543de82ef95ull};
    return vtd_random_next(&r);
}

static inline bool vtd_record_is_access(const struct vtd_record *r)
{
    return r->kind <= VTD_RECORD_WRITE;
}

/* ---- node_keys.c ---- */

/* Name of a kind: the key by which a description says what a node is. NULL for VTD_NODE_CLOCK. */
const char *vtd_node_kind_name(enum vtd_node_kind kind);

/*
 * Sets a key of a node ("rate" and "arrivals" belong to VTD_NODE_CLOCK; the name of the kind itself is a key, too).
 * Returns 0, or -1 with why: an unknown key names the nearest one of this kind, a bad value what is allowed.
 */
int vtd_node_set(struct vtd_node *n, const char *key, const char *value, char *why);

/* Keys that were set but say nothing beside the others. Returns 0, or -1 with why. */
int vtd_node_check_keys(const struct vtd_node *n, char *why);

/* Is it a key of nodes of this kind? */
bool vtd_node_has_key(enum vtd_node_kind kind, const char *key);

#ifdef __cplusplus
}
#endif
#endif
