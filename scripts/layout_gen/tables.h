/* SPDX-License-Identifier: MIT */
/*
 * The .def files of the model as plain tables, for the program that prints the SystemVerilog package and the reference
 * tables of the documentation from them.
 */
#ifndef VTD_LAYOUT_TABLES_H
#define VTD_LAYOUT_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* A field of a register, structure or descriptor. kind is the ACCESS or KIND of the .def file, as text. */
struct gen_field {
    const char *owner;
    const char *name;
    unsigned msb, lsb;
    const char *kind;
    const char *text;
};

/* A register, structure or descriptor: number is its offset or its descriptor type. */
struct gen_layout {
    const char *name;
    unsigned number;
    unsigned bits;
    const char *text;
};

struct gen_fault {
    const char *name;
    unsigned code;
    const char *label;
    const char *qualified, *tr, *td, *pr;
    const char *text;
};

struct gen_value {
    const char *group;
    const char *name;
    unsigned value;
    const char *text;
};

struct gen_counter {
    const char *name;
    const char *text;
};

struct gen_perf_event {
    const char *name;
    unsigned in_linux, group, bit;
    const char *counter; /* NULL: the model does not have the event */
    const char *text;
};

/* Each table ends with an element whose name is NULL. */
extern const struct gen_layout gen_registers[], gen_structures[], gen_descriptors[];
extern const struct gen_field gen_register_fields[], gen_structure_fields[], gen_descriptor_fields[];
extern const struct gen_fault gen_faults[];
extern const struct gen_value gen_values[];
extern const struct gen_counter gen_counters[];
extern const struct gen_perf_event gen_perf_events[];

/* Does field f belong to layout l? */
int gen_owns(const struct gen_layout *l, const struct gen_field *f);

/* The field of l with the highest msb below bit (exclusive), or NULL. */
const struct gen_field *gen_field_below(const struct gen_layout *l, const struct gen_field *fields, unsigned bit);

/* What the two kinds of output begin with says that nobody should edit them. */
#define GEN_BANNER "Generated from model/include/vtd/defs/*.def by scripts/generate-layouts. Do not edit."

void gen_print_systemverilog(void);

/* Prints one page: "registers", "structures", "descriptors", "faults" or "counters". Returns 0, or 1 for another name. */
int gen_print_markdown(const char *page);

#endif
