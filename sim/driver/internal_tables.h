/* SPDX-License-Identifier: MIT */
/* What the files of the driver share about page tables of its own (pagetable.c, table_page.c): part of internal.h. */
#ifndef VTD_DRIVER_INTERNAL_TABLES_H
#define VTD_DRIVER_INTERNAL_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vtd_drv_domain;

/* Children come in groups: most tables have one or two, and with a million domains an array of 512 would outweigh the page. */
#define VTD_DRV_CHILD_GROUP 16u

struct vtd_drv_children {
    struct vtd_drv_table *child[VTD_DRV_CHILD_GROUP];
};

/* A table page and, beside it, what the driver knows of it. */
struct vtd_drv_table {
    uint64_t *entry; /* 512 entries in DMA memory */
    uint64_t dma;
    uint64_t leaves;                 /* mappings in it and below */
    struct vtd_drv_children **group; /* [512 / VTD_DRV_CHILD_GROUP], each may be NULL; NULL for a level-1 table */
    struct vtd_drv_table *next;      /* in a list of tables to free */
    uint8_t level;
};

/* The table that entry index leads to; NULL when there is none. */
static inline struct vtd_drv_table *vtd_drv_table_child(const struct vtd_drv_table *table, unsigned index)
{
    const struct vtd_drv_children *group = table->group ? table->group[index / VTD_DRV_CHILD_GROUP] : NULL;
    return group ? group->child[index % VTD_DRV_CHILD_GROUP] : NULL;
}

/* The first child from entry *index on, and its entry; NULL when there is no more. */
struct vtd_drv_table *vtd_drv_table_next_child(const struct vtd_drv_table *table, unsigned *index);

/* Room for a child at entry index: 0 or -ENOMEM. It stays until the table goes. */
int vtd_drv_table_reserve_child(struct vtd_drv_table *table, unsigned index);

/* Notes a child, or with NULL that there is none, where room is reserved. */
void vtd_drv_table_set_child(struct vtd_drv_table *table, unsigned index, struct vtd_drv_table *child);

/* Frees what the driver keeps beside a table page; the page itself is gone. */
void vtd_drv_table_forget(struct vtd_drv_table *table);

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
