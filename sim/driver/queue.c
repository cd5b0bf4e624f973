/* SPDX-License-Identifier: MIT */
/*
 * The invalidation queue (ref 3.3, 3.4). Descriptors are written to the ring as they come; one wait at the end of a
 * batch carries a status word, and the tail register is written once. A ring that is full is handed over early.
 */
#include "internal.h"

#include <errno.h>
#include <string.h>

enum {
    STATUS_PENDING = 1,
    STATUS_DONE = 2,
    WORD_BATCH = 0,
    WORD_REPAIR = 1,
    DESCRIPTOR_QWORDS = 4,
};

static uint32_t next_slot(const struct vtd_drv_queue *q, uint32_t slot)
{
    return (slot + 1) & (q->entries - 1);
}

static void free_memory(struct vtd_drv *drv)
{
    struct vtd_drv_queue *q = &drv->queue;
    if (q->ring)
        drv->bus.dma_free(drv->bus.opaque, q->ring_dma, q->order);
    if (q->status)
        drv->bus.dma_free(drv->bus.opaque, q->status_dma, 0);
    *q = (struct vtd_drv_queue){0};
}

int vtd_drv_queue_start(struct vtd_drv *drv)
{
    const struct vtd_bus *bus = &drv->bus;
    struct vtd_drv_queue *q = &drv->queue;
    *q = (struct vtd_drv_queue){.order = drv->options.queue_size};
    /* 256 bits need scalable mode, or the abort mode that is used instead of it (ref 3). */
    const bool wide = !drv->legacy || drv->options.abort_mode;
    q->slot_bytes = wide ? 32 : 16;
    q->entries = (uint32_t)(VTD_DRV_PAGE << q->order) / q->slot_bytes;
    q->ring = bus->dma_alloc(bus->opaque, q->order, &q->ring_dma);
    q->status = bus->dma_alloc(bus->opaque, 0, &q->status_dma);
    if (!q->ring || !q->status) {
        free_memory(drv);
        return -ENOMEM;
    }
    bus->write64(bus->opaque, VTD_REG_IQT, 0);
    bus->write64(bus->opaque, VTD_REG_IQA, q->ring_dma | vtd_reg_iqa_put_dw(wide) | vtd_reg_iqa_put_qs(q->order));
    const int error = vtd_drv_command(drv, vtd_reg_gcmd_put_qie(1), true, (uint32_t)vtd_reg_gsts_put_qies(1));
    if (error)
        free_memory(drv);
    return error;
}

int vtd_drv_queue_stop(struct vtd_drv *drv)
{
    /* Every batch was waited for, so the queue is empty and its last descriptor is a completed wait (ref 1.4). */
    const int error = vtd_drv_command(drv, vtd_reg_gcmd_put_qie(1), false, (uint32_t)vtd_reg_gsts_put_qies(1));
    free_memory(drv);
    return error;
}

/* A wait that writes STATUS_DONE to a status word, and that nothing overtakes. */
static void encode_wait(const struct vtd_drv_queue *q, unsigned word, uint64_t *d)
{
    memset(d, 0, q->slot_bytes);
    vtd_inv_wait_set_type_lo(d, VTD_TYPE_INV_WAIT);
    vtd_inv_wait_set_sw(d, 1);
    vtd_inv_wait_set_fn(d, 1);
    vtd_inv_wait_set_data(d, STATUS_DONE);
    vtd_inv_wait_set_addr(d, (q->status_dma + 4 * word) >> 2);
}

/*
 * A device did not answer (ITE): the unit has stopped fetching and has dropped every wait that it had taken. It goes on
 * with what follows in the ring when ITE is cleared (ref 3.4). Returns whether the last wait of the ring was among the
 * dropped.
 */
static bool repair_timeout(struct vtd_drv *drv)
{
    const struct vtd_bus *bus = &drv->bus;
    struct vtd_drv_queue *q = &drv->queue;
    const uint64_t record = bus->read64(bus->opaque, VTD_REG_IQERCD);
    const uint32_t head = (uint32_t)(bus->read64(bus->opaque, VTD_REG_IQH) / q->slot_bytes) & (q->entries - 1);
    q->error = -ETIMEDOUT;
    q->timed_out = true;
    vtd_drv_dtlb_note_timeout(drv, (uint16_t)vtd_reg_iqercd_itesid(record));
    bus->write32(bus->opaque, VTD_REG_FSTS, (uint32_t)vtd_reg_fsts_put_ite(1));
    return head == q->tail;
}

/*
 * Looks for a queue error and repairs it: the slot that the unit refused gets a harmless wait instead, and fetching
 * goes on (ref 3.4; Linux does the same). Errors that are not about one descriptor cannot be repaired.
 */
static void repair_descriptor(struct vtd_drv *drv)
{
    const struct vtd_bus *bus = &drv->bus;
    struct vtd_drv_queue *q = &drv->queue;
    q->error = -EIO;
    const uint64_t code = vtd_reg_iqercd_iqei(bus->read64(bus->opaque, VTD_REG_IQERCD));
    if (code != VTD_IQEI_DESCRIPTOR && code != VTD_IQEI_RESERVED) {
        q->broken = true;
        return;
    }
    const uint64_t head = bus->read64(bus->opaque, VTD_REG_IQH) & ((uint64_t)q->slot_bytes * q->entries - 1);
    uint64_t *slot = q->ring + head / sizeof(*slot);
    if (vtd_inv_wait_type_lo(slot) == VTD_TYPE_INV_WAIT) {
        q->broken = true; /* a unit that refuses our waits cannot be worked with */
        return;
    }
    encode_wait(q, WORD_REPAIR, slot);
    vtd_drv_wmb(drv);
    bus->write32(bus->opaque, VTD_REG_FSTS, (uint32_t)vtd_reg_fsts_put_iqe(1));
}

/* Repairs what the unit reports. Returns whether the last wait of the ring was dropped. */
static bool check_error(struct vtd_drv *drv)
{
    const uint32_t fsts = drv->bus.read32(drv->bus.opaque, VTD_REG_FSTS);
    if (vtd_reg_fsts_ice(fsts)) /* a stray completion: nothing depends on it, and the queue goes on */
        drv->bus.write32(drv->bus.opaque, VTD_REG_FSTS, (uint32_t)vtd_reg_fsts_put_ice(1));
    if (vtd_reg_fsts_iqe(fsts))
        repair_descriptor(drv);
    return vtd_reg_fsts_ite(fsts) && repair_timeout(drv);
}

static void hand_over(struct vtd_drv *drv)
{
    vtd_drv_wmb(drv);
    drv->bus.write64(drv->bus.opaque, VTD_REG_IQT, (uint64_t)drv->queue.tail * drv->queue.slot_bytes);
}

static void relax(struct vtd_drv *drv)
{
    if (drv->bus.relax)
        drv->bus.relax(drv->bus.opaque);
}

/* Waits until a slot is free; one slot always stays unused, so that full and empty differ. */
static void make_room(struct vtd_drv *drv)
{
    struct vtd_drv_queue *q = &drv->queue;
    if (next_slot(q, q->tail) != q->head)
        return;
    hand_over(drv);
    for (uint32_t turn = 0; !q->broken; turn++) {
        q->head = (uint32_t)(drv->bus.read64(drv->bus.opaque, VTD_REG_IQH) / q->slot_bytes) & (q->entries - 1);
        if (next_slot(q, q->tail) != q->head)
            return;
        check_error(drv);
        if (turn == drv->options.poll_limit) {
            q->error = -ETIMEDOUT;
            q->broken = true;
        }
        relax(drv);
    }
}

static void push(struct vtd_drv *drv, const uint64_t *descriptor)
{
    struct vtd_drv_queue *q = &drv->queue;
    make_room(drv);
    if (q->broken)
        return;
    memcpy((uint8_t *)q->ring + (size_t)q->tail * q->slot_bytes, descriptor, q->slot_bytes);
    q->tail = next_slot(q, q->tail);
    q->pending++;
}

void vtd_drv_queue_push(struct vtd_drv *drv, const uint64_t *descriptor)
{
    push(drv, descriptor);
}

void vtd_drv_queue_fence(struct vtd_drv *drv)
{
    uint64_t wait[DESCRIPTOR_QWORDS];
    encode_wait(&drv->queue, WORD_REPAIR, wait);
    push(drv, wait);
}

static int sync(struct vtd_drv *drv, bool drain)
{
    struct vtd_drv_queue *q = &drv->queue;
    uint64_t wait[DESCRIPTOR_QWORDS];
    encode_wait(q, WORD_BATCH, wait);
    vtd_inv_wait_set_pd(wait, drain);
    __atomic_store_n(&q->status[WORD_BATCH], STATUS_PENDING, __ATOMIC_RELAXED);
    push(drv, wait);
    if (!q->broken)
        hand_over(drv);
    for (uint32_t turn = 0; !q->broken; turn++) {
        if (__atomic_load_n(&q->status[WORD_BATCH], __ATOMIC_ACQUIRE) == STATUS_DONE)
            break;
        if (check_error(drv)) { /* our wait is gone, while what stood before it may still be under way */
            push(drv, wait);
            hand_over(drv);
        }
        if (turn == drv->options.poll_limit) {
            q->error = -ETIMEDOUT;
            q->broken = true;
        }
        relax(drv);
    }
    if (drv->bus.dma_rmb)
        drv->bus.dma_rmb(drv->bus.opaque);
    const int error = q->error ? q->error : q->broken ? -EIO : 0;
    q->error = 0;
    q->pending = 0;
    q->head = q->tail; /* the wait was the last descriptor */
    return error;
}

int vtd_drv_queue_sync(struct vtd_drv *drv)
{
    return sync(drv, false);
}

int vtd_drv_queue_drain(struct vtd_drv *drv)
{
    return sync(drv, vtd_reg_ecap_pds(drv->ecap));
}
