/* SPDX-License-Identifier: MIT */
/* The invalidation queue: fetch, checks, order (ref 3.3, 3.4). What each descriptor does is in vtd_inv_exec.c. */
#include "invq.h"

#include "event.h"
#include "fault.h"
#include "inv_exec.h"
#include "mem.h"

static void error(struct vtd *v, unsigned code)
{
    const uint64_t record = reg_get64(v, VTD_REG_IQERCD) & ~vtd_reg_iqercd_put_iqei(~0ull);
    reg_set64(v, VTD_REG_IQERCD, record | vtd_reg_iqercd_put_iqei(code));
    vtd_fault_set_status(v, (uint32_t)vtd_reg_fsts_put_iqe(1));
}

static bool is_enabled(const struct vtd *v)
{
    const uint32_t stopped = (uint32_t)(vtd_reg_fsts_put_iqe(1) | vtd_reg_fsts_put_ite(1));
    return vtd_reg_gsts_qies(reg_get32(v, VTD_REG_GSTS)) && !(reg_get32(v, VTD_REG_FSTS) & stopped);
}

/* Codes 7, 5, 6 and 1: raised when a fetch is attempted (ref 10.4). */
static unsigned check_queue(const struct vtd *v, uint64_t iqa, uint64_t tail)
{
    const bool wide = vtd_reg_iqa_dw(iqa);
    const uint64_t size = (uint64_t)VTD_PAGE << vtd_reg_iqa_qs(iqa);
    if (v->ttm == VTD_TTM_RESERVED)
        return VTD_IQEI_TTM;
    if (wide ? !v->f.smts && !v->f.adms : v->ttm == VTD_TTM_SCALABLE || v->ttm == VTD_TTM_ABORT)
        return VTD_IQEI_WIDTH;
    if (wide && (tail & 16))
        return VTD_IQEI_ALIGNMENT;
    return tail >= size ? VTD_IQEI_TAIL : VTD_IQEI_NONE;
}

/* One descriptor. Returns false when the queue must stop here. */
static bool step(struct vtd *v)
{
    const uint64_t iqa = reg_get64(v, VTD_REG_IQA);
    const uint64_t tail = vtd_reg_iqt_qt(reg_get64(v, VTD_REG_IQT)) << 4;
    const uint64_t head = vtd_reg_iqh_qh(reg_get64(v, VTD_REG_IQH)) << 4;
    if (head == tail)
        return false;
    unsigned code = check_queue(v, iqa, tail);
    const unsigned qwords = vtd_reg_iqa_dw(iqa) ? 4 : 2;
    uint64_t q[4] = {0};
    if (code == VTD_IQEI_NONE &&
        !mem_read_shared(v, (vtd_reg_iqa_iqa(iqa) << 12) + head, q, qwords, VTD_MEM_DESCRIPTOR))
        code = VTD_IQEI_FETCH;
    if (code == VTD_IQEI_NONE)
        code = vtd_inv_exec_check(v, q, qwords);
    if (code != VTD_IQEI_NONE) {
        error(v, code);
        return false;
    }
    if (!vtd_inv_exec_accept(v, q))
        return false;
    if (v->host.descriptor)
        v->host.descriptor(v->host.opaque, q, qwords);
    if (v->watch.descriptor)
        v->watch.descriptor(v->watch.opaque, q, qwords);
    v->stats.inv_descriptors++;
    const uint64_t size = (uint64_t)VTD_PAGE << vtd_reg_iqa_qs(iqa);
    reg_set64(v, VTD_REG_IQH, (head + 8 * qwords) & (size - 1));
    vtd_inv_exec(v, q);
    return true;
}

void vtd_invq_run(struct vtd *v)
{
    if (v->invq_running)
        return;
    v->invq_running = true;
    while (is_enabled(v) && !v->fence && step(v))
        ;
    v->invq_running = false;
}

void vtd_invq_disable(struct vtd *v)
{
    reg_set64(v, VTD_REG_IQH, 0);
    v->waits = 0;
    v->fence = false;
}

/* ---------------------------------------------------------------- answers of devices (ref 3.4, 7.3) */

static void record_sid(struct vtd *v, unsigned msb, unsigned lsb, uint16_t sid)
{
    const uint64_t record = reg_get64(v, VTD_REG_IQERCD) & ~bits_mask(msb, lsb);
    reg_set64(v, VTD_REG_IQERCD, record | (uint64_t)sid << lsb);
}

/* Frees ITags that are busy for sid. Returns those that were not. */
static uint32_t release(struct vtd *v, uint16_t sid, uint32_t itags)
{
    uint32_t unexpected = 0;
    for (uint32_t rest = itags; rest; rest &= rest - 1) {
        const uint32_t bit = rest & -rest;
        const unsigned itag = (unsigned)__builtin_ctz(rest);
        if (!(v->itags_busy & bit) || v->itag[itag].sid != sid) {
            unexpected |= bit;
            continue;
        }
        v->itags_busy &= ~bit;
        for (unsigned i = 0; i < v->waits; i++)
            v->wait[i].itags &= ~bit;
    }
    return unexpected;
}

void vtd_device_tlb_complete(struct vtd *v, uint16_t sid, uint32_t itags)
{
    if (release(v, sid, itags)) {
        record_sid(v, VTD_IQERCD_ICESID_MSB, VTD_IQERCD_ICESID_LSB, sid);
        vtd_fault_set_status(v, (uint32_t)vtd_reg_fsts_put_ice(1));
    }
    vtd_inv_exec_finish_waits(v);
    vtd_invq_run(v);
}

void vtd_device_tlb_timeout(struct vtd *v, unsigned itag)
{
    if (itag >= VTD_ITAGS || !(v->itags_busy & 1u << itag))
        return;
    const uint16_t sid = v->itag[itag].sid;
    v->itags_busy &= ~(1u << itag);
    v->waits = 0; /* aborted: no status is written */
    v->fence = false;
    if (!(reg_get32(v, VTD_REG_FSTS) & vtd_reg_fsts_put_ite(1)))
        record_sid(v, VTD_IQERCD_ITESID_MSB, VTD_IQERCD_ITESID_LSB, sid);
    vtd_fault_set_status(v, (uint32_t)vtd_reg_fsts_put_ite(1));
}
