/* SPDX-License-Identifier: MIT */
/*
 * Register-based invalidation (ref 1.6), for legacy mode without a queue. It takes the same descriptors that the queue
 * would, one at a time: each is complete when the next begins.
 */
#include "internal.h"

#include <errno.h>

/* Granularities are coded alike in descriptors and registers (ref 1.6, 3.1). */
#define PAGE_SELECTIVE 3

/* Waits until bit 63 of a register is 0; *value receives the register. */
static int wait_done(struct vtd_drv *drv, uint64_t offset, uint64_t *value)
{
    for (uint32_t turn = 0; turn <= drv->options.poll_limit; turn++) {
        *value = drv->bus.read64(drv->bus.opaque, offset);
        if (!(*value >> 63))
            return 0;
        if (drv->bus.relax)
            drv->bus.relax(drv->bus.opaque);
    }
    drv->queue.broken = true;
    return -ETIMEDOUT;
}

/* CAIG 0: the unit did nothing. */
static int context_cache(struct vtd_drv *drv, const uint64_t *d)
{
    uint64_t value = vtd_reg_ccmd_put_icc(1) | vtd_reg_ccmd_put_cirg(vtd_cc_inv_g(d)) |
                     vtd_reg_ccmd_put_fm(vtd_cc_inv_fm(d)) | vtd_reg_ccmd_put_sid(vtd_cc_inv_sid(d)) |
                     vtd_reg_ccmd_put_did(vtd_cc_inv_did(d));
    drv->bus.write64(drv->bus.opaque, VTD_REG_CCMD, value);
    const int error = wait_done(drv, VTD_REG_CCMD, &value);
    return error ? error : vtd_reg_ccmd_caig(value) ? 0 : -EIO;
}

/* IAIG 0: the unit did nothing. */
static int iotlb(struct vtd_drv *drv, const uint64_t *d)
{
    const uint64_t iva = 16 * vtd_reg_ecap_iro(drv->ecap);
    if (vtd_iotlb_inv_g(d) == PAGE_SELECTIVE)
        drv->bus.write64(drv->bus.opaque, iva,
                         vtd_reg_iva_put_addr(vtd_iotlb_inv_addr(d)) | vtd_reg_iva_put_ih(vtd_iotlb_inv_ih(d)) |
                             vtd_reg_iva_put_am(vtd_iotlb_inv_am(d)));
    uint64_t value = vtd_reg_iotlb_reg_put_ivt(1) | vtd_reg_iotlb_reg_put_iirg(vtd_iotlb_inv_g(d)) |
                     vtd_reg_iotlb_reg_put_dr(vtd_iotlb_inv_dr(d)) | vtd_reg_iotlb_reg_put_dw(vtd_iotlb_inv_dw(d)) |
                     vtd_reg_iotlb_reg_put_did(vtd_iotlb_inv_did(d));
    drv->bus.write64(drv->bus.opaque, iva + 8, value);
    const int error = wait_done(drv, iva + 8, &value);
    return error ? error : vtd_reg_iotlb_reg_iaig(value) ? 0 : -EIO;
}

void vtd_drv_registers_execute(struct vtd_drv *drv, const uint64_t *descriptor)
{
    struct vtd_drv_queue *q = &drv->queue;
    int error = -ENOTSUP;
    q->pending++;
    if (q->broken)
        return;
    vtd_drv_wmb(drv);
    if (vtd_cc_inv_type_lo(descriptor) == VTD_TYPE_CC_INV)
        error = context_cache(drv, descriptor);
    else if (vtd_cc_inv_type_lo(descriptor) == VTD_TYPE_IOTLB_INV)
        error = iotlb(drv, descriptor);
    if (!q->error)
        q->error = error;
}

int vtd_drv_registers_sync(struct vtd_drv *drv)
{
    struct vtd_drv_queue *q = &drv->queue;
    const int error = q->error ? q->error : q->broken ? -EIO : 0;
    q->error = 0;
    q->pending = 0;
    return error;
}
