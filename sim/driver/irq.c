/* SPDX-License-Identifier: MIT */
/* Interrupt remapping: the table, its entries, and what is written into devices (ref 1.9, 2.9, 8.1). */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_BITS = 16, /* as many indexes as a request can name */
    MAX_BITS = 16,
    ENTRIES_PER_PAGE = 4096 / VTD_IRTE_BYTES,
    MEMBER = 0xff, /* vtd_drv_irqs.block: part of a block, but not its first */
};

/* ---------------------------------------------------------------- life */

int vtd_drv_irq_init(struct vtd_drv *drv)
{
    struct vtd_drv_irqs *irqs = &drv->irqs;
    struct vtd_drv_options *o = &drv->options;
    if (!o->interrupt_remapping)
        return o->x2apic || o->compatibility_interrupts || o->interrupt_bits ? -EINVAL : 0;
    if (o->interrupt_bits > MAX_BITS || (o->x2apic && o->compatibility_interrupts))
        return -EINVAL;
    if (!vtd_reg_ecap_ir(drv->ecap) || (o->x2apic && !vtd_reg_ecap_eim(drv->ecap)) ||
        (!o->x2apic && vtd_reg_ecap_eimer(drv->ecap)) || drv->registers) /* no register invalidates the entry cache */
        return -ENOTSUP;
    const unsigned bits = o->interrupt_bits ? o->interrupt_bits : DEFAULT_BITS;
    irqs->entries = 1u << bits;
    for (uint32_t pages = irqs->entries / ENTRIES_PER_PAGE; pages > 1; pages /= 2)
        irqs->order++;
    irqs->block = calloc(irqs->entries, sizeof(*irqs->block));
    if (irqs->block)
        irqs->table = drv->bus.dma_alloc(drv->bus.opaque, irqs->order, &irqs->table_dma);
    if (!irqs->table) {
        free(irqs->block);
        *irqs = (struct vtd_drv_irqs){0};
        return -ENOMEM;
    }
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), irqs->table, (size_t)irqs->entries * VTD_IRTE_BYTES);
    return 0;
}

void vtd_drv_irq_fini(struct vtd_drv *drv)
{
    if (drv->irqs.table)
        drv->bus.dma_free(drv->bus.opaque, drv->irqs.table_dma, drv->irqs.order);
    free(drv->irqs.block);
    drv->irqs = (struct vtd_drv_irqs){0};
}

/* The cache may hold entries of an earlier table, or after a stop those of ours (ref 1.4). */
static int invalidate_table(struct vtd_drv *drv)
{
    if (vtd_reg_cap_esirtps(drv->cap))
        return 0;
    vtd_drv_inv_interrupts_global(drv);
    return vtd_drv_inv_sync(drv);
}

int vtd_drv_irq_start(struct vtd_drv *drv)
{
    const struct vtd_bus *bus = &drv->bus;
    const struct vtd_drv_irqs *irqs = &drv->irqs;
    if (!irqs->table)
        return 0;
    const unsigned bits = (unsigned)__builtin_ctz(irqs->entries);
    int error = vtd_drv_write_buffer(drv);
    if (error)
        return error;
    bus->write64(bus->opaque, VTD_REG_IRTA,
                 irqs->table_dma | vtd_reg_irta_put_eime(drv->options.x2apic) | vtd_reg_irta_put_s(bits - 1));
    error = vtd_drv_command(drv, (uint32_t)vtd_reg_gcmd_put_sirtp(1), true, (uint32_t)vtd_reg_gsts_put_irtps(1));
    if (!error)
        error = invalidate_table(drv);
    /* Before IRE: never is remapping on with compatibility interrupts allowed that should not be. */
    if (!error)
        error = vtd_drv_command(drv, (uint32_t)vtd_reg_gcmd_put_cfi(1), drv->options.compatibility_interrupts,
                                (uint32_t)vtd_reg_gsts_put_cfis(1));
    if (!error)
        error = vtd_drv_command(drv, (uint32_t)vtd_reg_gcmd_put_ire(1), true, (uint32_t)vtd_reg_gsts_put_ires(1));
    return error;
}

int vtd_drv_irq_stop(struct vtd_drv *drv)
{
    if (!drv->irqs.table)
        return 0;
    const int error = invalidate_table(drv);
    const int second =
        vtd_drv_command(drv, (uint32_t)vtd_reg_gcmd_put_ire(1), false, (uint32_t)vtd_reg_gsts_put_ires(1));
    return error ? error : second;
}

/* ---------------------------------------------------------------- indexes */

static uint64_t *entry_of(const struct vtd_drv *drv, uint32_t index)
{
    return drv->irqs.table + (size_t)index * VTD_IRTE_QWORDS;
}

static bool is_allocated(const struct vtd_drv *drv, uint32_t index)
{
    return index < drv->irqs.entries && drv->irqs.block[index] != 0;
}

/* SID, SQ and SVT, which lie alike in both formats. Returns whether they can be. */
static bool encode_source(const struct vtd_drv_irq_source *s, uint64_t *q)
{
    static const uint8_t svt[] = {
        [VTD_DRV_SOURCE_ANY] = 0,
        [VTD_DRV_SOURCE_SID] = 1,
        [VTD_DRV_SOURCE_BUS] = 2,
    };
    if (s->check > VTD_DRV_SOURCE_BUS || s->mask > VTD_DRV_IGNORE_FUNCTION)
        return false;
    vtd_irte_set_svt(q, svt[s->check]);
    if (s->check == VTD_DRV_SOURCE_SID) {
        vtd_irte_set_sid(q, s->sid);
        vtd_irte_set_sq(q, s->mask);
    } else if (s->check == VTD_DRV_SOURCE_BUS) {
        if (s->first_bus > s->last_bus)
            return false;
        vtd_irte_set_sid(q, (uint64_t)s->first_bus << 8 | s->last_bus);
    }
    return true;
}

/* The first free block of count entries, aligned to its size; entries if there is none. */
static uint32_t find_block(const struct vtd_drv_irqs *irqs, uint32_t count)
{
    for (uint32_t first = irqs->first_free & ~(count - 1); first < irqs->entries; first += count) {
        uint32_t n = 0;
        while (n < count && irqs->block[first + n] == 0)
            n++;
        if (n == count)
            return first;
    }
    return irqs->entries;
}

int vtd_drv_irq_alloc(struct vtd_drv *drv, unsigned count, const struct vtd_drv_irq_source *source, uint32_t *index)
{
    struct vtd_drv_irqs *irqs = &drv->irqs;
    uint64_t q[VTD_IRTE_QWORDS] = {0};
    if (!irqs->table)
        return -ENOTSUP;
    if (count == 0 || (count & (count - 1)) || (source && !encode_source(source, q)))
        return -EINVAL;
    const unsigned order = (unsigned)__builtin_ctz(count);
    if (order > vtd_reg_ecap_mhmv(drv->ecap))
        return -ENOTSUP;
    const uint32_t first = count <= irqs->entries ? find_block(irqs, count) : irqs->entries;
    if (first == irqs->entries)
        return -ENOSPC;
    memset(irqs->block + first, MEMBER, count);
    irqs->block[first] = (uint8_t)(order + 1);
    /* Entries stay not present; they keep the source for vtd_drv_irq_set. */
    for (uint32_t i = first; i < first + count; i++)
        vtd_drv_store(&entry_of(drv, i)[1], q[1]);
    while (irqs->first_free < irqs->entries && irqs->block[irqs->first_free] != 0)
        irqs->first_free++;
    *index = first;
    return 0;
}

int vtd_drv_irq_free(struct vtd_drv *drv, uint32_t index)
{
    struct vtd_drv_irqs *irqs = &drv->irqs;
    if (!irqs->table)
        return -ENOTSUP;
    if (!is_allocated(drv, index) || irqs->block[index] == MEMBER)
        return -ENOENT;
    const unsigned order = irqs->block[index] - 1u;
    const uint32_t count = 1u << order;
    uint64_t *entry = entry_of(drv, index);
    for (uint32_t i = 0; i < count * VTD_IRTE_QWORDS; i += VTD_IRTE_QWORDS)
        vtd_drv_store(&entry[i], 0);
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, (size_t)count * VTD_IRTE_BYTES);
    vtd_drv_inv_interrupts(drv, index, order);
    const int error = vtd_drv_inv_sync(drv);
    if (error)
        return error; /* the unit may still deliver by these entries: they can be freed again */
    for (uint32_t i = 1; i < count * VTD_IRTE_QWORDS; i += VTD_IRTE_QWORDS)
        vtd_drv_store(&entry[i], 0);
    memset(irqs->block + index, 0, count);
    if (index < irqs->first_free)
        irqs->first_free = index;
    return 0;
}

/* ---------------------------------------------------------------- entries */

static int encode_remapped(const struct vtd_drv *drv, const struct vtd_drv_irq *irq, uint64_t *q)
{
    const bool known_mode = irq->delivery_mode <= 7 && irq->delivery_mode != 3 && irq->delivery_mode != 6;
    if (!known_mode || (!drv->options.x2apic && irq->dest > 0xff))
        return -EINVAL;
    vtd_irte_set_p(q, 1);
    vtd_irte_set_dm(q, irq->logical);
    vtd_irte_set_rh(q, irq->redirection_hint);
    vtd_irte_set_tm(q, irq->level);
    vtd_irte_set_dlm(q, irq->delivery_mode);
    vtd_irte_set_v(q, irq->vector);
    vtd_irte_set_dst(q, drv->options.x2apic ? irq->dest : irq->dest << 8); /* xAPIC: bits 47:40 */
    return 0;
}

static int encode_posted(const struct vtd_drv *drv, const struct vtd_drv_irq *irq, uint64_t *q)
{
    if (!vtd_reg_cap_pi(drv->cap))
        return -ENOTSUP;
    if (irq->descriptor == 0 || irq->descriptor % 64 || irq->descriptor >> drv->options.haw)
        return -EINVAL;
    vtd_irte_posted_set_p(q, 1);
    vtd_irte_posted_set_im(q, 1);
    vtd_irte_posted_set_urg(q, irq->urgent);
    vtd_irte_posted_set_vv(q, irq->vector);
    vtd_irte_posted_set_pdal(q, (uint32_t)irq->descriptor >> 6);
    vtd_irte_posted_set_pdah(q, irq->descriptor >> 32);
    return 0;
}

/* Takes an entry down; *was tells whether it was present. The source stays. */
static int take_down(struct vtd_drv *drv, uint32_t index, bool *was)
{
    uint64_t *entry = entry_of(drv, index);
    *was = vtd_irte_p(entry);
    if (!*was)
        return 0;
    vtd_drv_store(&entry[0], 0);
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, VTD_IRTE_BYTES);
    vtd_drv_inv_interrupts(drv, index, 0);
    return vtd_drv_inv_sync(drv);
}

/* Writes an entry so that the unit never reads half of it. */
static int write_entry(struct vtd_drv *drv, uint32_t index, const uint64_t *q)
{
    uint64_t *entry = entry_of(drv, index);
    bool present = vtd_irte_p(entry);
    int error = 0;
    if (present && entry[1] != q[1] && !drv->bus.store128)
        error = take_down(drv, index, &present);
    if (entry[1] != q[1] && vtd_irte_p(entry)) {
        drv->bus.store128(drv->bus.opaque, entry, q[0], q[1]);
    } else {
        vtd_drv_store(&entry[1], q[1]);
        vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, VTD_IRTE_BYTES);
        vtd_drv_store(&entry[0], q[0]);
    }
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, VTD_IRTE_BYTES);
    if (present || vtd_drv_caching_mode(drv)) /* else the cache cannot have it (ref 6.5, 8.3) */
        vtd_drv_inv_interrupts(drv, index, 0);
    const int second = vtd_drv_inv_sync(drv);
    return error ? error : second;
}

int vtd_drv_irq_set(struct vtd_drv *drv, uint32_t index, const struct vtd_drv_irq *irq)
{
    if (!drv->irqs.table)
        return -ENOTSUP;
    if (!is_allocated(drv, index))
        return -ENOENT;
    uint64_t q[VTD_IRTE_QWORDS] = {0};
    const uint64_t *old = entry_of(drv, index);
    vtd_irte_set_sid(q, vtd_irte_sid(old));
    vtd_irte_set_sq(q, vtd_irte_sq(old));
    vtd_irte_set_svt(q, vtd_irte_svt(old));
    const int error = irq->posted ? encode_posted(drv, irq, q) : encode_remapped(drv, irq, q);
    return error ? error : write_entry(drv, index, q);
}

int vtd_drv_irq_clear(struct vtd_drv *drv, uint32_t index)
{
    bool was;
    if (!drv->irqs.table)
        return -ENOTSUP;
    return is_allocated(drv, index) ? take_down(drv, index, &was) : -ENOENT;
}

/* ---------------------------------------------------------------- messages */

void vtd_drv_irq_msi(uint32_t block, uint16_t n, struct vtd_drv_msi *msi)
{
    const uint64_t format = 1u << 4, subhandle_valid = 1u << 3;
    msi->address =
        0xfee00000 | (uint64_t)(block & 0x7fff) << 5 | format | subhandle_valid | (uint64_t)(block >> 15 & 1) << 2;
    msi->data = n;
}

uint64_t vtd_drv_irq_ioapic(uint32_t index, uint8_t vector, bool level, bool active_low, bool masked)
{
    const uint64_t format = UINT64_C(1) << 48;
    return (uint64_t)(index & 0x7fff) << 49 | format | (uint64_t)masked << 16 | (uint64_t)level << 15 |
           (uint64_t)active_low << 13 | (uint64_t)(index >> 15 & 1) << 11 | vector;
}
