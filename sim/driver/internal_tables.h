/* SPDX-License-Identifier: MIT */
/* What the files of the driver share about page tables of its own (pagetable.c): part of internal.h. */
#ifndef VTD_DRIVER_INTERNAL_TABLES_H
#define VTD_DRIVER_INTERNAL_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vtd_drv_domain;

/* A table page and, beside it, what the driver knows of it. */
struct vtd_drv_table {
    uint64_t *entry; /* 512 entries in DMA memory */
    uint64_t dma;
    uint64_t leaves;              /* mappings in it and below */
    struct vtd_drv_table **child; /* 512 pointers, NULL for a level-1 table */
    struct vtd_drv_table *next;   /* in a list of tables to free */
    uint8_t level;
};

/* What an unmap collects until the invalidation. */
struct vtd_drv_gather {
    uint64_t first, last; /* bytes that changed; valid if any */
    bool any;
    bool tables;                /* a non-leaf entry changed */
    struct vtd_drv_table *free; /* unlinked tables */
    int64_t unmapped;
    int error;
};

/* Allocates an empty table; for a nested domain also maps it in the parent. The unit may not see its content yet. */
int vtd_drv_table_new(struct vtd_drv_domain *domain, unsigned level, struct vtd_drv_table **table);

/* Makes what is in a table visible to the unit. */
void vtd_drv_table_publish(const struct vtd_drv_domain *domain, const struct vtd_drv_table *table);

/* Frees a table with all below. */
void vtd_drv_table_free(struct vtd_drv_domain *domain, struct vtd_drv_table *table);

/* Address by which entries of the domain's tables refer to a table: guest physical when nested. */
uint64_t vtd_drv_table_addr(const struct vtd_drv_domain *domain, const struct vtd_drv_table *table);

/* Whether anything in first..last is mapped. */
bool vtd_drv_table_overlaps(const struct vtd_drv_table *table, uint64_t first, uint64_t last);

/*
 * Writes the entries for first..last, which are not mapped, and sets domain->new_tables when a table was linked. On
 * an error part of it may be there.
 */
int vtd_drv_table_map(struct vtd_drv_domain *domain, struct vtd_drv_table *table, uint64_t first, uint64_t last,
                      uint64_t pa, unsigned prot);

/* Clears the entries for first..last; gather NULL: the table is not linked, nothing needs to be invalidated. */
int vtd_drv_table_unmap(struct vtd_drv_domain *domain, struct vtd_drv_table *table, uint64_t first, uint64_t last,
                        struct vtd_drv_gather *gather);

/* Invalidates what gather holds, waits, frees the tables, and empties gather. */
int vtd_drv_gather_sync(struct vtd_drv_domain *domain, struct vtd_drv_gather *gather);

#endif
