/* SPDX-License-Identifier: MIT */
/*
 * Page tables of a domain, first- or second-stage format (ref 2.6, 2.7). Beside each table page the driver keeps its
 * children and how many mappings are below, so that nothing needs to be searched and an address never has to be
 * turned back into a pointer. All ranges are first..last, inclusive, and lie in the span of the table that they are
 * given with.
 */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

static uint64_t entry_size(unsigned level)
{
    return UINT64_C(1) << vtd_level_shift(level);
}

static bool present(const struct vtd_drv_domain *domain, uint64_t entry)
{
    return domain->first_stage ? vtd_fs_entry_p(&entry) : vtd_ss_entry_r(&entry) || vtd_ss_entry_w(&entry);
}

/* Writes an entry; linked: of a table that the unit can reach. Others are published as a whole when they are linked. */
static void set_entry(struct vtd_drv_domain *domain, uint64_t *entry, uint64_t value, bool linked)
{
    vtd_drv_store(entry, value);
    if (linked)
        vtd_drv_publish(domain->drv, vtd_drv_paging_coherent(domain->drv), entry, sizeof(*entry));
}

/* The entry of a mapping. A and D are preset in the first stage as Linux does, so that the unit need not set them. */
static uint64_t leaf_entry(const struct vtd_drv_domain *domain, unsigned level, uint64_t pa, unsigned prot)
{
    unsigned flags = (prot & VTD_DRV_READ ? VTD_PTE_R : 0) | (prot & VTD_DRV_WRITE ? VTD_PTE_W : 0);
    if (!domain->first_stage)
        return vtd_encode_ss(pa, level, flags | (vtd_reg_ecap_sc(domain->drv->ecap) ? VTD_PTE_SNP : 0));
    if (!(prot & VTD_DRV_SUPERVISOR))
        flags |= VTD_PTE_U;
    if (!domain->drv->options.no_preset_ad)
        flags |= VTD_PTE_A | (prot & VTD_DRV_WRITE ? VTD_PTE_D : 0);
    return vtd_encode_fs(pa, level, flags);
}

/* The entry that points to a table: all rights, the leaf decides. */
static uint64_t table_entry(const struct vtd_drv_domain *domain, const struct vtd_drv_table *table)
{
    const uint64_t addr = vtd_drv_table_addr(domain, table);
    if (!domain->first_stage)
        return vtd_encode_ss(addr, table->level + 1u, VTD_PTE_R | VTD_PTE_W | VTD_PTE_TABLE);
    const unsigned accessed = domain->drv->options.no_preset_ad ? 0 : VTD_PTE_A;
    return vtd_encode_fs(addr, table->level + 1u, VTD_PTE_R | VTD_PTE_W | VTD_PTE_U | VTD_PTE_TABLE | accessed);
}

/* ---------------------------------------------------------------- links */

/* Links a table for which room is reserved: its content is published first, then the entry that leads to it is written. */
static void link_table(struct vtd_drv_domain *domain, struct vtd_drv_table *table, unsigned index,
                       struct vtd_drv_table *child, bool linked)
{
    vtd_drv_table_publish(domain, child);
    vtd_drv_table_set_child(table, index, child);
    set_entry(domain, &table->entry[index], table_entry(domain, child), linked);
}

/* ---------------------------------------------------------------- gathering */

static void gather_range(struct vtd_drv_gather *gather, uint64_t first, uint64_t last)
{
    if (!gather->any || first < gather->first)
        gather->first = first;
    if (!gather->any || last > gather->last)
        gather->last = last;
    gather->any = true;
}

int vtd_drv_gather_sync(struct vtd_drv_domain *domain, struct vtd_drv_gather *gather)
{
    struct vtd_drv *drv = domain->drv;
    int error = 0;
    if (gather->any) {
        vtd_drv_inv_range(domain, gather->first, gather->last, !gather->tables);
        vtd_drv_dtlb_range(domain, gather->first, gather->last);
        error = vtd_drv_inv_sync(drv);
    }
    while (gather->free) {
        struct vtd_drv_table *table = gather->free;
        gather->free = table->next;
        if (error) { /* the unit may still walk it: keep it until the unit is off */
            table->next = drv->quarantine;
            drv->quarantine = table;
        } else {
            vtd_drv_table_free(domain, table);
        }
    }
    gather->any = gather->tables = false;
    if (error)
        gather->error = error;
    return error;
}

/* Part of first..last that the entry at base covers. */
static uint64_t clip_first(uint64_t first, uint64_t base)
{
    return first > base ? first : base;
}

static uint64_t clip_last(uint64_t last, uint64_t base, unsigned level)
{
    const uint64_t end = base + (entry_size(level) - 1);
    return last < end ? last : end;
}

/* Unlinks a table whose span lies in the range. */
static void unlink_table(struct vtd_drv_domain *domain, struct vtd_drv_table *table, unsigned index, uint64_t base,
                         struct vtd_drv_gather *gather)
{
    struct vtd_drv_table *child = vtd_drv_table_child(table, index);
    vtd_drv_table_set_child(table, index, NULL);
    table->leaves -= child->leaves;
    set_entry(domain, &table->entry[index], 0, gather != NULL);
    if (!gather) {
        vtd_drv_table_free(domain, child);
        return;
    }
    child->next = gather->free;
    gather->free = child;
    gather->tables = true;
    gather_range(gather, base, base + (entry_size(table->level) - 1));
}

/* ---------------------------------------------------------------- map */

bool vtd_drv_table_overlaps(const struct vtd_drv_table *table, uint64_t first, uint64_t last)
{
    if (table->leaves == 0)
        return false;
    const unsigned level = table->level;
    const unsigned to = vtd_level_index(last, level);
    uint64_t base = first & ~(entry_size(level) - 1);
    for (unsigned i = vtd_level_index(first, level); i <= to; i++, base += entry_size(level)) {
        const struct vtd_drv_table *child = vtd_drv_table_child(table, i);
        if (!child && vtd_drv_load(&table->entry[i]))
            return true;
        if (child && vtd_drv_table_overlaps(child, clip_first(first, base), clip_last(last, base, level)))
            return true;
    }
    return false;
}

/* Whether a single entry of this level can map the bytes first..last to pa. */
static bool fits_leaf(const struct vtd_drv_domain *domain, unsigned level, uint64_t first, uint64_t last, uint64_t pa)
{
    return level <= domain->max_level && last - first == entry_size(level) - 1 && pa % entry_size(level) == 0;
}

/* Unlinks an empty table so that a large page can take its place: clear, invalidate, then install (ref 6.5). */
static int drop_empty(struct vtd_drv_domain *domain, struct vtd_drv_table *table, unsigned index, uint64_t base)
{
    struct vtd_drv_gather gather = {0};
    unlink_table(domain, table, index, base, &gather);
    return vtd_drv_gather_sync(domain, &gather);
}

int vtd_drv_table_map(struct vtd_drv_domain *domain, struct vtd_drv_table *table, uint64_t first, uint64_t last,
                      uint64_t pa, unsigned prot)
{
    const unsigned level = table->level;
    const unsigned to = vtd_level_index(last, level);
    uint64_t base = first & ~(entry_size(level) - 1);
    for (unsigned i = vtd_level_index(first, level); i <= to; i++, base += entry_size(level)) {
        const uint64_t lo = clip_first(first, base);
        const uint64_t hi = clip_last(last, base, level);
        struct vtd_drv_table *child = vtd_drv_table_child(table, i);
        if (level == 1 || fits_leaf(domain, level, lo, hi, pa + (lo - first))) {
            const int error = child ? drop_empty(domain, table, i, base) : 0;
            if (error)
                return error;
            set_entry(domain, &table->entry[i], leaf_entry(domain, level, pa + (lo - first), prot), true);
            table->leaves++;
            continue;
        }
        if (!child) {
            int error = vtd_drv_table_reserve_child(table, i);
            if (!error)
                error = vtd_drv_table_new(domain, level - 1, &child);
            if (error)
                return error;
            link_table(domain, table, i, child, true);
            domain->new_tables = true;
        }
        const uint64_t before = child->leaves;
        const int error = vtd_drv_table_map(domain, child, lo, hi, pa + (lo - first), prot);
        table->leaves += child->leaves - before;
        if (error)
            return error;
    }
    return 0;
}

/* ---------------------------------------------------------------- unmap */

/* A table, not yet linked, that maps what the leaf `entry` of level table->level + 1 maps. */
static int split_leaf(struct vtd_drv_domain *domain, uint64_t entry, unsigned level, struct vtd_drv_table **out)
{
    struct vtd_drv_table *table;
    const int error = vtd_drv_table_new(domain, level - 1, &table);
    if (error)
        return error;
    const uint64_t size = entry_size(level - 1);
    uint64_t sub = entry;
    if (level - 1 == 1) {
        if (domain->first_stage)
            vtd_fs_entry_set_ps(&sub, 0); /* PAT in a PTE */
        else
            vtd_ss_entry_set_ps(&sub, 0);
    }
    for (unsigned i = 0; i < 512; i++)
        vtd_drv_store(&table->entry[i], sub + i * size);
    table->leaves = 512;
    *out = table;
    return 0;
}

/*
 * Removes lo..hi from a large page at base: the page is taken down, invalidated, and the rest is installed in smaller
 * pages. The smaller pages inherit A and D. Without gather the table is not visible and no invalidation is needed.
 */
static int unmap_part(struct vtd_drv_domain *domain, struct vtd_drv_table *table, unsigned index, uint64_t base,
                      uint64_t lo, uint64_t hi, struct vtd_drv_gather *gather)
{
    const uint64_t last = base + (entry_size(table->level) - 1);
    struct vtd_drv_table *child;
    int error = vtd_drv_table_reserve_child(table, index);
    if (!error)
        error = split_leaf(domain, vtd_drv_load(&table->entry[index]), table->level, &child);
    if (error)
        return error;
    error = vtd_drv_table_unmap(domain, child, lo, hi, NULL);
    if (error) {
        vtd_drv_table_free(domain, child);
        return error;
    }
    if (gather) {
        set_entry(domain, &table->entry[index], 0, true);
        gather_range(gather, base, last);
        error = vtd_drv_gather_sync(domain, gather);
        gather->unmapped += (int64_t)(hi - lo + 1);
    }
    table->leaves += child->leaves - 1;
    link_table(domain, table, index, child, gather != NULL);
    if (gather && vtd_drv_caching_mode(domain->drv) && !domain->first_stage) {
        gather->tables = true; /* not-present entries may be cached (ref 6.2) */
        gather_range(gather, base, last);
    }
    return error;
}

/* Bytes that are mapped in and below a table. */
static int64_t mapped_bytes(const struct vtd_drv_table *table)
{
    int64_t bytes = 0;
    if (table->leaves == 0)
        return 0;
    if (table->level == 1)
        return (int64_t)(table->leaves * VTD_DRV_PAGE);
    for (unsigned i = 0; i < 512; i++) {
        const struct vtd_drv_table *child = vtd_drv_table_child(table, i);
        if (child)
            bytes += mapped_bytes(child);
        else if (vtd_drv_load(&table->entry[i]))
            bytes += (int64_t)entry_size(table->level);
    }
    return bytes;
}

int vtd_drv_table_unmap(struct vtd_drv_domain *domain, struct vtd_drv_table *table, uint64_t first, uint64_t last,
                        struct vtd_drv_gather *gather)
{
    const unsigned level = table->level;
    const unsigned to = vtd_level_index(last, level);
    uint64_t base = first & ~(entry_size(level) - 1);
    for (unsigned i = vtd_level_index(first, level); i <= to; i++, base += entry_size(level)) {
        const uint64_t lo = clip_first(first, base);
        const uint64_t hi = clip_last(last, base, level);
        const bool whole = hi - lo == entry_size(level) - 1;
        struct vtd_drv_table *child = vtd_drv_table_child(table, i);
        int error = 0;
        if (child && whole) {
            if (gather)
                gather->unmapped += mapped_bytes(child);
            unlink_table(domain, table, i, base, gather);
        } else if (child) {
            const uint64_t before = child->leaves;
            error = vtd_drv_table_unmap(domain, child, lo, hi, gather);
            table->leaves -= before - child->leaves;
        } else if (vtd_drv_load(&table->entry[i]) && !whole) {
            error = unmap_part(domain, table, i, base, lo, hi, gather);
        } else if (vtd_drv_load(&table->entry[i])) {
            table->leaves--;
            set_entry(domain, &table->entry[i], 0, gather != NULL);
            if (gather) {
                gather->unmapped += (int64_t)entry_size(level);
                gather_range(gather, lo, hi);
            }
        }
        if (error)
            return error;
    }
    return 0;
}

/* ---------------------------------------------------------------- lookup */

int vtd_drv_iova_to_phys(const struct vtd_drv_domain *domain, uint64_t iova, uint64_t *pa, unsigned *page_shift)
{
    const struct vtd_drv_table *table = domain->root;
    if (!vtd_drv_domain_has(domain, iova, iova))
        return -ENOENT;
    if (domain->foreign)
        return -ENOTSUP;
    if (!table) { /* pass-through */
        *pa = iova;
        if (page_shift)
            *page_shift = 12;
        return 0;
    }
    for (const struct vtd_drv_table *child = table; child;
         child = vtd_drv_table_child(table, vtd_level_index(iova, table->level)))
        table = child;
    const uint64_t entry = vtd_drv_load(&table->entry[vtd_level_index(iova, table->level)]);
    if (!present(domain, entry))
        return -ENOENT;
    const uint64_t addr = (domain->first_stage ? vtd_fs_entry_addr(&entry) : vtd_ss_entry_addr(&entry)) << 12;
    *pa = addr + (iova & (entry_size(table->level) - 1));
    if (page_shift)
        *page_shift = vtd_level_shift(table->level);
    return 0;
}
