/* SPDX-License-Identifier: MIT */
/* The advanced fault log. See fault_log.h. */
#include "fault_log.h"

#include "fault.h"
#include "mem.h"

#define RECORD_BYTES 16u

void vtd_fault_log_set_pointer(struct vtd *v)
{
    const uint64_t aflog = reg_get64(v, VTD_REG_AFLOG);
    v->fault_log = vtd_reg_aflog_fla(aflog) << 12;
    v->fault_log_records = (VTD_PAGE / RECORD_BYTES) << vtd_reg_aflog_fls(aflog);
    v->fault_log_index &= v->fault_log_records - 1;
}

void vtd_fault_log_restart(struct vtd *v)
{
    v->fault_log_index = 0;
}

static bool has(const struct vtd *v, uint64_t bit)
{
    return reg_get32(v, VTD_REG_FSTS) & (uint32_t)bit;
}

/* Memory that cannot be read or written loses the fault as an occupied record does. */
static bool store(struct vtd *v, const uint64_t record[2])
{
    const uint64_t at = v->fault_log + (uint64_t)v->fault_log_index * RECORD_BYTES;
    const uint64_t q[2] = {mem_le64(record[0]), mem_le64(record[1])};
    uint64_t high;
    if (v->fault_log_records == 0 || !mem_read_shared(v, at + 8, &high, 1, VTD_MEM_FAULT_LOG) ||
        vtd_reg_frcd_hi_f(high))
        return false;
    return vtd_mem_write(v, at, q, sizeof q, VTD_MEM_FAULT_LOG);
}

bool vtd_fault_log_write(struct vtd *v, const uint64_t record[2])
{
    if (has(v, vtd_reg_fsts_put_afo(1)))
        return false;
    if (!store(v, record)) {
        vtd_fault_set_status(v, (uint32_t)vtd_reg_fsts_put_afo(1));
        return false;
    }
    v->fault_log_index = (v->fault_log_index + 1) & (v->fault_log_records - 1);
    if (!has(v, vtd_reg_fsts_put_apf(1)))
        vtd_fault_set_status(v, (uint32_t)vtd_reg_fsts_put_apf(1));
    return true;
}
