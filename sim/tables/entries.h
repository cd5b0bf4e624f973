/* SPDX-License-Identifier: MIT */
/*
 * Encoders of the structures that software writes for the unit: from a plain description to qwords (ref 2). They
 * touch no memory but the qwords they are given. The driver and the tests use the same ones; a hand-typed test of
 * golden encodings guards them.
 */
#ifndef VTD_ENTRIES_H
#define VTD_ENTRIES_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Scalable-mode context entry (ref 2.3). */
struct vtd_context_spec {
    uint64_t directory; /* PASID directory, host physical */
    uint32_t rid_pasid;
    uint8_t pdts; /* 2^(pdts+7) directory entries */
    bool dte, paside, pre, rid_priv, fpd;
};

/* Legacy context entry (ref 2.1). */
struct vtd_legacy_context_spec {
    uint64_t ss_root; /* host physical; 0 for pass-through */
    uint16_t did;
    uint8_t ss_levels; /* 3..5, also for pass-through */
    uint8_t tt;
    bool fpd;
};

/*
 * PASID table entry (ref 2.5). Levels say the paging depth: second stage 3..5, first stage 4..5; 0 leaves the field
 * 0.
 */
struct vtd_pasid_spec {
    uint8_t pgtt; /* enum vtd_pgtt */
    uint8_t ss_levels, fs_levels;
    uint16_t did;
    uint64_t ss_root; /* host physical */
    uint64_t fs_root; /* host physical; guest physical when nested */
    bool fpd, ssade, pwsnp, pgsnp, sre, wpe, eafe;
    bool cd, emte; /* with ECAP.MTS; so is pat */
    uint32_t pat;
};

/* Properties of a paging entry. */
enum {
    VTD_PTE_R = 1 << 0,     /* second stage: R; first stage: P */
    VTD_PTE_W = 1 << 1,     /* W; RW */
    VTD_PTE_U = 1 << 2,     /* first stage: US */
    VTD_PTE_A = 1 << 3,     /* accessed */
    VTD_PTE_D = 1 << 4,     /* dirty */
    VTD_PTE_SNP = 1 << 5,   /* second-stage leaf: snoop */
    VTD_PTE_TABLE = 1 << 6, /* points to a table: no page size bit */
};

/* Writes a present context entry (4 qwords). */
void vtd_encode_context(uint64_t *q, const struct vtd_context_spec *spec);

/* Writes a present legacy context entry (2 qwords). */
void vtd_encode_legacy_context(uint64_t *q, const struct vtd_legacy_context_spec *spec);

/* Writes a present PASID entry (8 qwords). */
void vtd_encode_pasid_entry(uint64_t *q, const struct vtd_pasid_spec *spec);

/* A present root entry half or PASID directory entry: both are an address and a present bit (ref 2.2, 2.4). */
uint64_t vtd_encode_pointer(uint64_t addr);

/* A first- or second-stage paging entry at level 5..1 with VTD_PTE_* (ref 2.6, 2.7). */
uint64_t vtd_encode_fs(uint64_t addr, unsigned level, unsigned flags);
uint64_t vtd_encode_ss(uint64_t addr, unsigned level, unsigned flags);

/* log2 of the bytes that an entry of level 5..1 covers, and the index of an address in a table of that level. */
static inline unsigned vtd_level_shift(unsigned level)
{
    return 12 + 9 * (level - 1);
}

static inline unsigned vtd_level_index(uint64_t addr, unsigned level)
{
    return (unsigned)(addr >> vtd_level_shift(level)) & 511;
}

#ifdef __cplusplus
}
#endif
#endif
