/* SPDX-License-Identifier: MIT */
/* Encoders of root, context, PASID and paging entries. See entries.h. */
#include "tables/entries.h"

#include "vtd/vtd_structs.h"

#include <string.h>

void vtd_encode_context(uint64_t *q, const struct vtd_context_spec *spec)
{
    memset(q, 0, VTD_SM_CONTEXT_BYTES);
    vtd_sm_context_set_p(q, 1);
    vtd_sm_context_set_fpd(q, spec->fpd);
    vtd_sm_context_set_dte(q, spec->dte);
    vtd_sm_context_set_paside(q, spec->paside);
    vtd_sm_context_set_pre(q, spec->pre);
    vtd_sm_context_set_pdts(q, spec->pdts);
    vtd_sm_context_set_pasiddirptr(q, spec->directory >> 12);
    vtd_sm_context_set_rid_pasid(q, spec->rid_pasid);
    vtd_sm_context_set_rid_priv(q, spec->rid_priv);
}

void vtd_encode_legacy_context(uint64_t *q, const struct vtd_legacy_context_spec *spec)
{
    memset(q, 0, VTD_LEGACY_CONTEXT_BYTES);
    vtd_legacy_context_set_p(q, 1);
    vtd_legacy_context_set_fpd(q, spec->fpd);
    vtd_legacy_context_set_tt(q, spec->tt);
    vtd_legacy_context_set_ssptptr(q, spec->ss_root >> 12);
    vtd_legacy_context_set_aw(q, spec->ss_levels - 2u);
    vtd_legacy_context_set_did(q, spec->did);
}

void vtd_encode_pasid_entry(uint64_t *q, const struct vtd_pasid_spec *spec)
{
    memset(q, 0, VTD_PASID_ENTRY_BYTES);
    vtd_pasid_entry_set_p(q, 1);
    vtd_pasid_entry_set_fpd(q, spec->fpd);
    if (spec->ss_levels)
        vtd_pasid_entry_set_aw(q, spec->ss_levels - 2u);
    vtd_pasid_entry_set_pgtt(q, spec->pgtt);
    vtd_pasid_entry_set_ssade(q, spec->ssade);
    vtd_pasid_entry_set_ssptptr(q, spec->ss_root >> 12);
    vtd_pasid_entry_set_did(q, spec->did);
    vtd_pasid_entry_set_pwsnp(q, spec->pwsnp);
    vtd_pasid_entry_set_pgsnp(q, spec->pgsnp);
    vtd_pasid_entry_set_sre(q, spec->sre);
    vtd_pasid_entry_set_wpe(q, spec->wpe);
    vtd_pasid_entry_set_eafe(q, spec->eafe);
    vtd_pasid_entry_set_cd(q, spec->cd);
    vtd_pasid_entry_set_emte(q, spec->emte);
    vtd_pasid_entry_set_pat(q, spec->pat);
    if (spec->fs_levels)
        vtd_pasid_entry_set_fspm(q, spec->fs_levels - 4u);
    vtd_pasid_entry_set_fsptptr(q, spec->fs_root >> 12);
}

uint64_t vtd_encode_pointer(uint64_t addr)
{
    return (addr & ~UINT64_C(0xfff)) | 1;
}

uint64_t vtd_encode_fs(uint64_t addr, unsigned level, unsigned flags)
{
    uint64_t q = 0;
    vtd_fs_entry_set_p(&q, !!(flags & VTD_PTE_R));
    vtd_fs_entry_set_rw(&q, !!(flags & VTD_PTE_W));
    vtd_fs_entry_set_us(&q, !!(flags & VTD_PTE_U));
    vtd_fs_entry_set_a(&q, !!(flags & VTD_PTE_A));
    vtd_fs_entry_set_d(&q, !!(flags & VTD_PTE_D));
    vtd_fs_entry_set_ps(&q, level > 1 && !(flags & VTD_PTE_TABLE));
    vtd_fs_entry_set_addr(&q, addr >> 12);
    return q;
}

uint64_t vtd_encode_ss(uint64_t addr, unsigned level, unsigned flags)
{
    uint64_t q = 0;
    vtd_ss_entry_set_r(&q, !!(flags & VTD_PTE_R));
    vtd_ss_entry_set_w(&q, !!(flags & VTD_PTE_W));
    vtd_ss_entry_set_a(&q, !!(flags & VTD_PTE_A));
    vtd_ss_entry_set_d(&q, !!(flags & VTD_PTE_D));
    vtd_ss_entry_set_snp(&q, !!(flags & VTD_PTE_SNP));
    vtd_ss_entry_set_ps(&q, level > 1 && !(flags & VTD_PTE_TABLE));
    vtd_ss_entry_set_addr(&q, addr >> 12);
    return q;
}
