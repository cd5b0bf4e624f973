/* SPDX-License-Identifier: MIT */
/* Configuration: decoding of CAP and ECAP, presets, revisions (ref 1.1-1.3, 0.1). The validator is in config_check.c. */
#include "config.h"

#include <string.h>

/* ---------------------------------------------------------------- decoding */

void vtd_config_features(struct features *f, const struct vtd_config *cfg)
{
    const uint64_t cap = cfg->cap;
    const uint64_t ecap = cfg->ecap;
    *f = (struct features){
        .c = vtd_reg_ecap_c(ecap),
        .qi = vtd_reg_ecap_qi(ecap),
        .dt = vtd_reg_ecap_dt(ecap),
        .ir = vtd_reg_ecap_ir(ecap),
        .eim = vtd_reg_ecap_eim(ecap),
        .pt = vtd_reg_ecap_pt(ecap),
        .sc = vtd_reg_ecap_sc(ecap),
        .nest = vtd_reg_ecap_nest(ecap),
        .prs = vtd_reg_ecap_prs(ecap),
        .ers = vtd_reg_ecap_ers(ecap),
        .srs = vtd_reg_ecap_srs(ecap),
        .nwfs = vtd_reg_ecap_nwfs(ecap),
        .eafs = vtd_reg_ecap_eafs(ecap),
        .pasid = vtd_reg_ecap_pasid(ecap),
        .dit = vtd_reg_ecap_dit(ecap),
        .pds = vtd_reg_ecap_pds(ecap),
        .smts = vtd_reg_ecap_smts(ecap),
        .ssads = vtd_reg_ecap_ssads(ecap),
        .ssts = vtd_reg_ecap_ssts(ecap),
        .fsts = vtd_reg_ecap_fsts(ecap),
        .smpwcs = vtd_reg_ecap_smpwcs(ecap),
        .rps = vtd_reg_ecap_rps(ecap),
        .adms = vtd_reg_ecap_adms(ecap),
        .rprivs = vtd_reg_ecap_rprivs(ecap),
        .ptrs = vtd_reg_ecap_ptrs(ecap),
        .ssirws = vtd_reg_ecap_ssirws(ecap),
        .sms = vtd_reg_ecap_sms(ecap),
        .eimer = vtd_reg_ecap_eimer(ecap),
        .irreq = vtd_reg_ecap_irreq(ecap),
        .mts = vtd_reg_ecap_mts(ecap),
        .afl = vtd_reg_cap_afl(cap),
        .hpts = vtd_reg_ecap_hpts(ecap),
        .vcs = vtd_reg_ecap_vcs(ecap),
        .rwbf = vtd_reg_cap_rwbf(cap),
        .plmr = vtd_reg_cap_plmr(cap),
        .phmr = vtd_reg_cap_phmr(cap),
        .cm = vtd_reg_cap_cm(cap),
        .zlr = vtd_reg_cap_zlr(cap),
        .psi = vtd_reg_cap_psi(cap),
        .fs1gp = vtd_reg_cap_fs1gp(cap),
        .fs5lp = vtd_reg_cap_fs5lp(cap),
        .pi = vtd_reg_cap_pi(cap),
        .esirtps = vtd_reg_cap_esirtps(cap),
        .esrtps = vtd_reg_cap_esrtps(cap),
        .ecmds = vtd_reg_cap_ecmds(cap),
        .pms = vtd_reg_ecap_pms(ecap),
        .mamv = (uint8_t)vtd_reg_cap_mamv(cap),
        .mhmv = (uint8_t)vtd_reg_ecap_mhmv(ecap),
        .sagaw = (uint8_t)vtd_reg_cap_sagaw(cap),
        .sslps = (uint8_t)vtd_reg_cap_sslps(cap),
        .mgaw = (uint8_t)(vtd_reg_cap_mgaw(cap) + 1),
        .version_max = (uint8_t)vtd_reg_ver_max(cfg->version),
        .revision = cfg->spec_revision,
        .vcs_old = cfg->spec_revision == 3,
        .did_mask = (uint16_t)bits_low(4 + 2 * (unsigned)vtd_reg_cap_nd(cap)),
        .pasid_mask = (uint32_t)bits_low((unsigned)vtd_reg_ecap_pss(ecap) + 1),
        .frcd_count = (uint32_t)vtd_reg_cap_nfr(cap) + 1,
        .frcd_offset = 16 * vtd_reg_cap_fro(cap),
        .iotlb_offset = 16 * vtd_reg_ecap_iro(ecap),
        .reg_invalidation = vtd_reg_ver_max(cfg->version) <= 5,
    };
}

/* ---------------------------------------------------------------- presets */

struct preset {
    const char *name;
    const char *about;
    uint64_t cap, ecap; /* as the hardware reports them */
    uint32_t version;
    uint8_t haw;
};

static const struct preset presets[] = {
    {"default", "the example profile: scalable mode with every translation type, 5-level, ATS, page requests, posting",
     0xd9d2078c22780e06, 0x0433ed9ea4f00fdf, 0x60, 46},
    {"qemu", "what QEMU's emulated unit reports in scalable mode: second-stage and pass-through, 48 bits",
     0x00d2008c222f0606, 0x0000480080f00f5a, 0x10, 48},
    {"sapphire-rapids", "a Xeon of the Sapphire Rapids generation as its kernel log shows it; no PASID",
     0x19ed008c40780c66, 0x0003ee9e86f050df, 0x60, 52},
};

enum {
    PRESETS = sizeof presets / sizeof presets[0]
};

static const struct preset *preset_find(const char *name)
{
    for (unsigned i = 0; i < PRESETS; i++)
        if (strcmp(presets[i].name, name ? name : "default") == 0)
            return &presets[i];
    return NULL;
}

enum vtd_status vtd_config_preset(struct vtd_config *cfg, const char *name)
{
    const struct preset *p = preset_find(name);
    if (!p)
        return VTD_STATUS_NOT_FOUND;
    *cfg = (struct vtd_config){
        .cap = p->cap & ~UNMODELLED_CAP,
        .ecap = p->ecap & ~UNMODELLED_ECAP,
        .version = p->version,
        .haw = p->haw,
        .iotlb_order = VTD_IOTLB_FIRST,
        .pasid_directory = VTD_PASID_DIRECTORY_SEPARATE,
        .spec_revision = 5,
        .seed = 1,
        .cache =
            {
                [VTD_CACHE_CONTEXT] = {.entries = 64, .ways = 8},
                [VTD_CACHE_PASID] = {.entries = 64, .ways = 8, .partitions = 1},
                [VTD_CACHE_IOTLB] = {.entries = 512, .ways = 8, .partitions = 1},
                [VTD_CACHE_FS_PSC] = {.entries = 64, .ways = 8},
                [VTD_CACHE_SS_PSC] = {.entries = 64, .ways = 8},
                [VTD_CACHE_IEC] = {.entries = 64, .ways = 8},
                [VTD_CACHE_PASID_DIR] = {.partitions = 1},
            },
        .perfmon = {.counters = 8, .width = 48, .filters = 0x1f, .interrupt = true, .freeze = true, .writable = true},
    };
    return VTD_STATUS_OK;
}

const char *vtd_config_preset_name(unsigned i, const char **about)
{
    if (i >= PRESETS)
        return NULL;
    if (about)
        *about = presets[i].about;
    return presets[i].name;
}

enum vtd_status vtd_config_preset_masked(const char *name, uint64_t *cap_masked, uint64_t *ecap_masked)
{
    const struct preset *p = preset_find(name);
    if (!p)
        return VTD_STATUS_NOT_FOUND;
    *cap_masked = p->cap & UNMODELLED_CAP;
    *ecap_masked = p->ecap & UNMODELLED_ECAP;
    return VTD_STATUS_OK;
}

/* What came with revision 5 (ref 0.1). */
#define SINCE_5_ECAP                                                                                                   \
    (vtd_reg_ecap_put_hpts(1) | vtd_reg_ecap_put_hpt1gps(1) | vtd_reg_ecap_put_ptrs(1) | vtd_reg_ecap_put_ssirws(1) |  \
     vtd_reg_ecap_put_sms(1) | vtd_reg_ecap_put_rdts(1) | vtd_reg_ecap_put_eimer(1) | vtd_reg_ecap_put_irreq(1))

enum vtd_status vtd_config_revision_lacks(unsigned revision, uint64_t *cap, uint64_t *ecap)
{
    if (revision < 3 || revision > 5)
        return VTD_STATUS_INVALID;
    *cap = revision == 5 ? vtd_reg_cap_put_afl(1) : 0;
    *ecap = revision == 5 ? vtd_reg_ecap_put_ers(1) : SINCE_5_ECAP;
    return VTD_STATUS_OK;
}
