/* SPDX-License-Identifier: MIT */
/* Fault reasons, fault recording registers and fault status. See fault.h; ref 5. */
#include "fault.h"

#include "event.h"
#include "fault_log.h"

#include <stddef.h>

/* Answers and qualification by the names that faults.def uses. */
enum {
    Y = 1,
    N = 0,
    NA = FAULT_NA,
    UR = FAULT_UR,
    CA = FAULT_CA,
    EFF = FAULT_EFF,
    IR = FAULT_IR,
    NULL_ = FAULT_NULL,
};
#define ANSWER_NA   NA
#define ANSWER_UR   UR
#define ANSWER_CA   CA
#define ANSWER_EFF  EFF
#define ANSWER_IR   IR
#define ANSWER_NULL NULL_

const struct fault_info vtd_fault_table[256] = {
#undef NULL /* faults.def uses the word for an answer */
#define VTD_FAULT(NAME, code, label_, qualified_, tr_, td_, pr_, description_)                                         \
    [code] = {.label = label_,                                                                                         \
              .description = description_,                                                                             \
              .qualified = qualified_,                                                                                 \
              .tr = ANSWER_##tr_,                                                                                      \
              .td = ANSWER_##td_,                                                                                      \
              .pr = ANSWER_##pr_},
#include "vtd/defs/faults.def"
};

#define CONDITIONS                                                                                                     \
    ((uint32_t)(vtd_reg_fsts_put_pfo(1) | vtd_reg_fsts_put_ppf(1) | vtd_reg_fsts_put_iqe(1) |                          \
                vtd_reg_fsts_put_ice(1) | vtd_reg_fsts_put_ite(1) | vtd_reg_fsts_put_afo(1) |                          \
                vtd_reg_fsts_put_apf(1)))

/* Fault event: only when no condition was pending before (ref 5.4). */
static void raise_if_first(struct vtd *v, uint32_t before)
{
    if ((before & CONDITIONS) == 0)
        vtd_event_raise(v, VTD_REG_FECTL);
}

void vtd_fault_set_status(struct vtd *v, uint32_t bit)
{
    const uint32_t before = reg_get32(v, VTD_REG_FSTS);
    reg_set32(v, VTD_REG_FSTS, before | bit);
    raise_if_first(v, before);
}

static void encode(uint64_t q[2], uint8_t reason, const struct fault_record *rec)
{
    const bool read = rec->access == VTD_READ || rec->access == VTD_EXEC;
    const bool atomic = rec->access == VTD_ATOMIC;
    q[0] = rec->info;
    q[1] = vtd_reg_frcd_hi_put_sid(rec->sid) | vtd_reg_frcd_hi_put_fr(reason) | vtd_reg_frcd_hi_put_at(rec->at) |
           vtd_reg_frcd_hi_put_f(1);
    if (rec->page_request)
        q[1] |= vtd_reg_frcd_hi_put_t2(1);
    else if (atomic)
        q[1] |= vtd_reg_frcd_hi_put_t1(1) | vtd_reg_frcd_hi_put_t2(1);
    else if (read)
        q[1] |= vtd_reg_frcd_hi_put_t1(1);
    if (rec->has_pasid)
        q[1] |= vtd_reg_frcd_hi_put_pp(1) | vtd_reg_frcd_hi_put_pv(rec->pasid) | vtd_reg_frcd_hi_put_priv(rec->priv) |
                vtd_reg_frcd_hi_put_exe(rec->access == VTD_EXEC);
}

/* Into the advanced fault log, if it is in use (ref 0.1). */
static void record_in_log(struct vtd *v, uint8_t reason, const struct fault_record *rec)
{
    uint64_t q[2];
    encode(q, reason, rec);
    if (vtd_fault_log_write(v, q))
        v->stats.faults_recorded++;
    else
        v->stats.faults_overflowed++;
}

/* Rules 1, 3 and 4 of ref 5.4 (fault compression, rule 2, is off). */
static void record(struct vtd *v, uint8_t reason, const struct fault_record *rec)
{
    const uint32_t before = reg_get32(v, VTD_REG_FSTS);
    uint64_t *q = v->frcd[v->fault_index];
    if ((before & vtd_reg_fsts_put_pfo(1)) || vtd_reg_frcd_hi_f(q[1])) {
        v->stats.faults_overflowed++;
        reg_set32(v, VTD_REG_FSTS, before | (uint32_t)vtd_reg_fsts_put_pfo(1));
        return;
    }
    encode(q, reason, rec);
    v->stats.faults_recorded++;
    if (!(before & vtd_reg_fsts_put_ppf(1))) {
        const uint32_t cleared = before & ~(uint32_t)vtd_reg_fsts_put_fri(~0ull);
        reg_set32(v, VTD_REG_FSTS,
                  cleared | (uint32_t)(vtd_reg_fsts_put_ppf(1) | vtd_reg_fsts_put_fri(v->fault_index)));
        raise_if_first(v, before);
    }
    v->fault_index = (v->fault_index + 1) % v->f.frcd_count;
}

static void explain(struct vtd *v, uint8_t reason, bool recorded, const char *text)
{
    if (VTD_LIKELY(!v->events))
        return;
    struct vtd_event e = {.kind = VTD_EVENT_FAULT, .section = "5", .fault = reason, .hit = recorded, .text = text};
    vtd_event_emit(v, &e);
}

void vtd_fault_report(struct vtd *v, uint8_t reason, bool fpd, const struct fault_record *rec)
{
    v->stats.faults++;
    v->stats.faults_by_reason[reason]++;
    if (v->quiet)
        return;
    if (fpd && vtd_fault_table[reason].qualified) {
        v->stats.faults_suppressed++;
        explain(v, reason, false, "not recorded: fault processing is disabled (FPD)");
        return;
    }
    const uint64_t recorded = v->stats.faults_recorded;
    const bool in_log = fault_log_is_enabled(v);
    if (in_log)
        record_in_log(v, reason, rec);
    else
        record(v, reason, rec);
    const bool done = v->stats.faults_recorded != recorded;
    explain(v, reason, done,
            done     ? "recorded"
            : in_log ? "not recorded: the fault log has no room"
                     : "not recorded: the fault recording registers are full");
}

void vtd_fault_count_only(struct vtd *v, uint8_t reason)
{
    v->stats.faults++;
    v->stats.faults_by_reason[reason]++;
    explain(v, reason, false, "not recorded: the translation request is answered with success");
}

enum vtd_status vtd_fault_inject(struct vtd *v, const struct vtd_injected_fault *f)
{
    const bool of_interrupt = f->reason >= VTD_FAULT_IR_RSVD_REQUEST && f->reason <= VTD_FAULT_IR_REQUIRED;
    if (!vtd_fault_table[f->reason].label || of_interrupt || f->at > VTD_AT_TRANSLATED || f->access > VTD_ATOMIC ||
        f->pasid >> 20 != 0)
        return VTD_STATUS_INVALID;
    const struct fault_record rec = {
        .info = f->addr & ~(uint64_t)(VTD_PAGE - 1),
        .sid = f->sid,
        .pasid = f->pasid,
        .has_pasid = f->has_pasid,
        .priv = f->privileged,
        .at = f->at,
        .access = f->access,
        .page_request = f->page_request,
    };
    vtd_fault_report(v, f->reason, f->disabled, &rec);
    return VTD_STATUS_OK;
}

void vtd_fault_status_cleared(struct vtd *v)
{
    if ((reg_get32(v, VTD_REG_FSTS) & CONDITIONS) == 0)
        vtd_event_withdraw(v, VTD_REG_FECTL);
}

void vtd_fault_record_cleared(struct vtd *v, unsigned n)
{
    v->frcd[n][1] &= ~vtd_reg_frcd_hi_put_f(1);
    for (uint32_t i = 0; i < v->f.frcd_count; i++)
        if (vtd_reg_frcd_hi_f(v->frcd[i][1]))
            return;
    reg_set32(v, VTD_REG_FSTS, reg_get32(v, VTD_REG_FSTS) & ~(uint32_t)vtd_reg_fsts_put_ppf(1));
    vtd_fault_status_cleared(v);
}

void vtd_fault_restart(struct vtd *v)
{
    v->fault_index = 0;
    vtd_fault_log_restart(v);
}
