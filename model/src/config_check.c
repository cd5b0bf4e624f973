/* SPDX-License-Identifier: MIT */
/* The validator of configurations, which says which rule is broken (ref 1.1-1.3). */
#include "config.h"

#include "vcmd.h"

#include <string.h>

/* Appends to why, which holds VTD_WHY_SIZE bytes; the library does without stdio. */
static void say(char *why, const char *text)
{
    if (!why)
        return;
    size_t used = strlen(why);
    for (; *text && used < VTD_WHY_SIZE - 1; text++)
        why[used++] = *text;
    why[used] = '\0';
}

static enum vtd_status refuse(enum vtd_status status, char *why, const char *a, const char *b, const char *c)
{
    say(why, a);
    say(why, b);
    say(why, c);
    return status;
}

struct cap_field {
    const char *reg;
    const char *name;
    uint8_t msb, lsb;
};

/* Every register field; those of CAP and ECAP are looked for by name. */
static const struct cap_field reg_fields[] = {
#define VTD_REG_FIELD(REG, FIELD, reg_, field_, msb_, lsb_, access, description)                                       \
    {.reg = #REG, .name = #FIELD, .msb = msb_, .lsb = lsb_},
#include "vtd/defs/registers.def"
};

static enum vtd_status check_unknown_bits(const char *reg, uint64_t value, char *why)
{
    for (size_t i = 0; i < sizeof reg_fields / sizeof reg_fields[0]; i++)
        if (strcmp(reg_fields[i].reg, reg) == 0)
            value &= ~bits_mask(reg_fields[i].msb, reg_fields[i].lsb);
    if (value == 0)
        return VTD_STATUS_OK;
    const unsigned bit = (unsigned)__builtin_ctzll(value);
    const char digits[3] = {(char)(bit >= 10 ? '0' + bit / 10 : '0' + bit), (char)(bit >= 10 ? '0' + bit % 10 : '\0'),
                            '\0'};
    say(why, reg);
    return refuse(VTD_STATUS_INVALID, why, " bit ", digits, " is reserved and must be 0");
}

/* Refuses a register in which a bit of value is set; the first field of them is named, then text follows. */
static enum vtd_status refuse_fields(enum vtd_status status, const char *reg, uint64_t value, const char *text,
                                     char *why)
{
    for (size_t i = 0; value && i < sizeof reg_fields / sizeof reg_fields[0]; i++)
        if (strcmp(reg_fields[i].reg, reg) == 0 && (value & bits_mask(reg_fields[i].msb, reg_fields[i].lsb))) {
            say(why, reg);
            return refuse(status, why, ".", reg_fields[i].name, text);
        }
    return VTD_STATUS_OK;
}

static enum vtd_status check_unmodelled(const char *reg, uint64_t value, char *why)
{
    return refuse_fields(VTD_STATUS_UNSUPPORTED, reg, value, " is not modelled", why);
}

/* Capabilities of other revisions (ref 0.1). */
static enum vtd_status check_revision(const struct vtd_config *cfg, char *why)
{
    uint64_t cap, ecap;
    if (vtd_config_revision_lacks(cfg->spec_revision, &cap, &ecap) != VTD_STATUS_OK)
        return refuse(VTD_STATUS_INVALID, why, "spec.revision must be 3, 4 or 5", "", "");
    const char *text = cfg->spec_revision == 5 ? " needs spec.revision 3 or 4" : " needs spec.revision 5";
    if (cfg->cap & cap)
        return refuse_fields(VTD_STATUS_INVALID, "CAP", cfg->cap & cap, text, why);
    return refuse_fields(VTD_STATUS_INVALID, "ECAP", cfg->ecap & ecap, text, why);
}

struct rule {
    bool broken;
    const char *text;
};

static enum vtd_status check_rules(const struct rule *rules, size_t count, char *why)
{
    for (size_t i = 0; i < count; i++)
        if (rules[i].broken)
            return refuse(VTD_STATUS_INVALID, why, rules[i].text, "", "");
    return VTD_STATUS_OK;
}

/* The dependency table of ref 1.3. */
static enum vtd_status check_dependencies(const struct vtd_config *cfg, const struct features *f, char *why)
{
    const uint64_t e = cfg->ecap;
    const bool pss = vtd_reg_ecap_pss(e) != 0;
    const struct rule rules[] = {
        {!f->qi && f->dt, "ECAP.DT needs ECAP.QI"},
        {!f->qi && f->ir, "ECAP.IR needs ECAP.QI"},
        {!f->qi && f->smts, "ECAP.SMTS needs ECAP.QI"},
        {!f->ir && f->eim, "ECAP.EIM needs ECAP.IR"},
        {!f->ir && f->pi, "CAP.PI needs ECAP.IR"},
        {!f->ir && f->mhmv, "ECAP.MHMV must be 0 without ECAP.IR"},
        {!f->ir && f->irreq, "ECAP.IRREQ needs ECAP.IR"},
        {!f->eim && f->eimer, "ECAP.EIMER needs ECAP.EIM"},
        {!f->dt && f->nwfs, "ECAP.NWFS needs ECAP.DT"},
        {!f->dt && f->dit, "ECAP.DIT needs ECAP.DT"},
        {!f->dt && f->pds, "ECAP.PDS needs ECAP.DT"},
        {!f->dt && f->prs, "ECAP.PRS needs ECAP.DT"},
        {!f->dt && f->hpts, "ECAP.HPTS needs ECAP.DT"},
        {!f->dt && f->ptrs, "ECAP.PTRS needs ECAP.DT"},
        {!f->smts && f->mts, "ECAP.MTS needs ECAP.SMTS"},
        {!f->smts && f->nest, "ECAP.NEST needs ECAP.SMTS"},
        {!f->smts && f->prs, "ECAP.PRS needs ECAP.SMTS"},
        {!f->smts && f->srs, "ECAP.SRS needs ECAP.SMTS"},
        {!f->smts && pss, "ECAP.PSS must be 0 without ECAP.SMTS"},
        {!f->smts && f->pasid, "ECAP.PASID needs ECAP.SMTS"},
        {!f->smts && f->fsts, "ECAP.FSTS needs ECAP.SMTS"},
        {!f->smts && f->smpwcs, "ECAP.SMPWCS needs ECAP.SMTS"},
        {!f->smts && f->rps, "ECAP.RPS needs ECAP.SMTS"},
        {!f->smts && f->hpts, "ECAP.HPTS needs ECAP.SMTS"},
        {!f->fsts && f->nest, "ECAP.NEST needs ECAP.FSTS"},
        {!f->ssts && f->nest, "ECAP.NEST needs ECAP.SSTS"},
        {!f->fsts && f->fs1gp, "CAP.FS1GP needs ECAP.FSTS"},
        {!f->fsts && f->fs5lp, "CAP.FS5LP needs ECAP.FSTS"},
        {!f->fsts && f->eafs, "ECAP.EAFS needs ECAP.FSTS"},
        {!f->ssts && f->ssirws, "ECAP.SSIRWS needs ECAP.SSTS"},
        {!f->smpwcs && f->ssads, "ECAP.SSADS needs ECAP.SMPWCS"},
        {!f->smpwcs && f->eafs, "ECAP.EAFS needs ECAP.SMPWCS"},
        {!f->srs && f->rprivs, "ECAP.RPRIVS needs ECAP.SRS"},
        {!f->pasid && f->ers, "ECAP.ERS needs ECAP.PASID"},
        {!f->pasid && f->ptrs, "ECAP.PTRS needs ECAP.PASID"},
        {!f->prs && f->sms, "ECAP.SMS needs ECAP.PRS"},
        {!f->ecmds && f->pms, "ECAP.PMS needs CAP.ECMDS"},
        {f->smts && f->rwbf, "CAP.RWBF must be 0 with ECAP.SMTS"},
        {f->smts && !f->fsts && !f->ssts && !f->pt, "ECAP.SMTS needs at least one of ECAP.FSTS, ECAP.SSTS and ECAP.PT"},
    };
    return check_rules(rules, sizeof rules / sizeof rules[0], why);
}

/* Do [a, a + n) and [b, b + m) overlap? */
static bool overlap(uint64_t a, uint64_t n, uint64_t b, uint64_t m)
{
    return a < b + m && b < a + n;
}

/* Ranges of single fields (ref 1.1-1.3), and room for the register blocks that CAP and ECAP place. */
static enum vtd_status check_values(const struct vtd_config *cfg, const struct features *f, char *why)
{
    const uint64_t fixed = 0xf0; /* end of the registers at fixed offsets that every unit has */
    const bool second_stage = f->ssts || !f->smts;
    const struct rule rules[] = {
        {cfg->haw < 32 || cfg->haw > 52, "haw must be 32 to 52"},
        {cfg->version > 0xff || f->version_max == 0, "version must be a major version of at least 1 in bits 7:4"},
        {vtd_reg_cap_nd(cfg->cap) == 7, "CAP.ND 7 is reserved"},
        {f->sagaw & 0x11, "CAP.SAGAW bits 0 and 4 are reserved"},
        {second_stage && f->sagaw == 0, "CAP.SAGAW must name a width when there is second-stage translation"},
        {!second_stage && f->sagaw && f->version_max >= 6, "CAP.SAGAW must be 0 without ECAP.SSTS"},
        {f->mgaw < cfg->haw, "CAP.MGAW + 1 must be at least haw"},
        {f->sslps != 0 && f->sslps != 1 && f->sslps != 3, "CAP.SSLPS must be 0, 1 or 3"},
        {!f->psi && f->mamv, "CAP.MAMV must be 0 without CAP.PSI"},
        {f->version_max >= 2 && !(vtd_reg_cap_dwd(cfg->cap) && vtd_reg_cap_drd(cfg->cap)),
         "CAP.DWD and CAP.DRD must be 1 with a major version of 2 or more"},
        {vtd_reg_ecap_pss(cfg->ecap) > 19, "ECAP.PSS must be at most 19"},
        {f->ers && f->version_max >= 8, "ECAP.ERS must be 0 with a major version of 8 or more"},
        {!f->qi && !f->reg_invalidation,
         "without ECAP.QI the major version must be 5 or less (register-based invalidation)"},
        {f->frcd_offset < fixed, "CAP.FRO places the fault records over other registers"},
        {f->iotlb_offset < fixed, "ECAP.IRO places the IOTLB registers over other registers"},
        {overlap(f->frcd_offset, 16 * f->frcd_count, f->iotlb_offset, 16), "CAP.FRO and ECAP.IRO overlap"},
        {f->vcs && overlap(f->frcd_offset, 16 * f->frcd_count, VTD_REG_VCMD, VTD_VCMD_BLOCK),
         "CAP.FRO places the fault records over the virtual command registers"},
        {f->vcs && overlap(f->iotlb_offset, 16, VTD_REG_VCMD, VTD_VCMD_BLOCK),
         "ECAP.IRO places the IOTLB registers over the virtual command registers"},
        {cfg->iotlb_order > VTD_IOTLB_AFTER_PASID, "the IOTLB order is not known"},
        {cfg->pasid_directory > VTD_PASID_DIRECTORY_SHARED, "the place of PASID directory entries is not known"},
        {cfg->pasid_directory == VTD_PASID_DIRECTORY_SHARED && cfg->cache[VTD_CACHE_PASID_DIR].entries,
         "pasid_dir_cache.entries must be 0 when pasid_cache.directory is shared"},
        {cfg->pasid_prefetch > VTD_PASID_PREFETCH_MAX, "pasid_cache.prefetch must be at most 63"},
    };
    return check_rules(rules, sizeof rules / sizeof rules[0], why);
}

/* The performance monitor, and room for its registers and those of enhanced commands (ref 1.12, 1.13). */
static enum vtd_status check_perfmon(const struct vtd_config *cfg, const struct features *f, char *why)
{
    const struct vtd_perfmon_config *p = &cfg->perfmon;
    const uint64_t first = VTD_REG_PERFCAP, commands = VTD_REG_ECMD, end = VTD_REG_ECCAP3 + 8;
    const uint64_t from = f->pms ? first : commands;
    const uint64_t frcd_bytes = 16 * (uint64_t)f->frcd_count;
    const struct rule rules[] = {
        {f->ecmds && overlap(f->frcd_offset, frcd_bytes, from, end - from),
         "CAP.FRO places the fault records over the registers of ECAP.PMS and CAP.ECMDS"},
        {f->ecmds && overlap(f->iotlb_offset, 16, from, end - from),
         "ECAP.IRO places the IOTLB registers over those of ECAP.PMS and CAP.ECMDS"},
        {f->pms && (p->counters < 1 || p->counters > VTD_PERFMON_COUNTERS), "perfmon.counters must be 1 to 64"},
        {f->pms && (p->width < 8 || p->width > 64), "perfmon.width must be 8 to 64"},
        {f->pms && p->filters > 0x1f, "perfmon.filters has five bits"},
    };
    return check_rules(rules, sizeof rules / sizeof rules[0], why);
}

/* Keys of the other caches hold no source-id. */
static const char *cache_error(const struct vtd_config *cfg, enum vtd_cache_id id)
{
    const bool by_device = id == VTD_CACHE_PASID || id == VTD_CACHE_PASID_DIR || id == VTD_CACHE_IOTLB;
    if (!by_device && cfg->cache[id].partition != VTD_PARTITION_NONE)
        return "source-ids cannot have parts of it";
    return vtd_cache_geometry_error(&cfg->cache[id]);
}

static enum vtd_status check_caches(const struct vtd_config *cfg, char *why)
{
    for (unsigned i = 0; i < VTD_CACHES; i++) {
        const char *error = cache_error(cfg, i);
        if (error)
            return refuse(VTD_STATUS_INVALID, why, vtd_cache_name(i), ": ", error);
    }
    return VTD_STATUS_OK;
}

enum vtd_status vtd_config_validate(const struct vtd_config *cfg, char *why)
{
    struct features f;
    enum vtd_status status;
    if (why)
        why[0] = '\0';
    vtd_config_features(&f, cfg);
    if ((status = check_unknown_bits("CAP", cfg->cap, why)) != VTD_STATUS_OK ||
        (status = check_unknown_bits("ECAP", cfg->ecap, why)) != VTD_STATUS_OK ||
        (status = check_values(cfg, &f, why)) != VTD_STATUS_OK ||
        (status = check_dependencies(cfg, &f, why)) != VTD_STATUS_OK ||
        (status = check_perfmon(cfg, &f, why)) != VTD_STATUS_OK ||
        (status = check_revision(cfg, why)) != VTD_STATUS_OK ||
        (status = check_unmodelled("CAP", cfg->cap & UNMODELLED_CAP, why)) != VTD_STATUS_OK ||
        (status = check_unmodelled("ECAP", cfg->ecap & UNMODELLED_ECAP, why)) != VTD_STATUS_OK)
        return status;
    return check_caches(cfg, why);
}
