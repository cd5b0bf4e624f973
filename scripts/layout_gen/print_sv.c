/* SPDX-License-Identifier: MIT */
/*
 * Prints rtl/vtd_defs_pkg.sv: the layouts as typed local parameters, in the part of SystemVerilog that both Verilator
 * 5.006 and Yosys 0.23 read. Identifiers are those of the C headers.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tables.h"

enum { MAX_BITS = 512 };

/* A bit vector as wide as the widest structure. */
struct mask {
    uint64_t q[MAX_BITS / 64];
};

static void mask_set(struct mask *m, unsigned msb, unsigned lsb)
{
    for (unsigned b = lsb; b <= msb; b++)
        m->q[b / 64] |= 1ull << (b % 64);
}

static void print_uint(const char *name, unsigned value)
{
    printf("  localparam int unsigned %s = 32'd%u;\n", name, value);
}

static void print_mask(const char *name, const struct mask *m, unsigned bits)
{
    printf("  localparam logic [%u:0] %s = %u'h", bits - 1, name, bits);
    if (bits < 64)
        printf("%0*llx", (int)bits / 4, (unsigned long long)m->q[0]);
    else
        for (unsigned i = bits / 64; i-- > 0;)
            printf("%016llx%s", (unsigned long long)m->q[i], i ? "_" : "");
    printf(";\n");
}

/* Positions of the fields of one layout, and the mask of every bit that no field names. */
static void print_positions(const struct gen_layout *l, const struct gen_field *fields)
{
    char name[128];
    struct mask reserved = {{0}};
    mask_set(&reserved, l->bits - 1, 0);
    for (const struct gen_field *f = fields; f->name; f++) {
        if (!gen_owns(l, f))
            continue;
        snprintf(name, sizeof name, "VTD_%s_%s_LSB", l->name, f->name);
        print_uint(name, f->lsb);
        snprintf(name, sizeof name, "VTD_%s_%s_MSB", l->name, f->name);
        print_uint(name, f->msb);
        snprintf(name, sizeof name, "VTD_%s_%s_WIDTH", l->name, f->name);
        print_uint(name, f->msb - f->lsb + 1);
        for (unsigned b = f->lsb; b <= f->msb; b++)
            reserved.q[b / 64] &= ~(1ull << (b % 64));
    }
    snprintf(name, sizeof name, "VTD_%s_RSVD_MASK", l->name);
    print_mask(name, &reserved, l->bits);
}

/* One mask per kind of field that occurs in l; kinds that every layout has need none. */
static void print_kind_masks(const struct gen_layout *l, const struct gen_field *fields, const char *infix)
{
    for (const struct gen_field *f = fields; f->name; f++) {
        if (!gen_owns(l, f) || strcmp(f->kind, "USED") == 0)
            continue;
        struct mask m = {{0}};
        int first = 1;
        for (const struct gen_field *g = fields; g->name; g++) {
            if (!gen_owns(l, g) || strcmp(g->kind, f->kind) != 0)
                continue;
            if (g < f)
                first = 0;
            mask_set(&m, g->msb, g->lsb);
        }
        char name[128];
        snprintf(name, sizeof name, "VTD_%s_%s%s_MASK", l->name, infix, f->kind);
        if (first)
            print_mask(name, &m, l->bits);
    }
}

static void print_registers(void)
{
    printf("  // Registers: byte offset, field positions, and one mask per access type. Bits in RSVD_MASK read 0.\n");
    printf("  // IVA, IOTLB_REG, FRCD and PERFCNTR (but for PERFCNTROFF) have the offset within their block.\n");
    for (const struct gen_layout *l = gen_registers; l->name; l++) {
        printf("\n  // %s: %s\n", l->name, l->text);
        printf("  localparam logic [11:0] VTD_REG_%s = 12'h%03x;\n", l->name, l->number);
        print_positions(l, gen_register_fields);
        print_kind_masks(l, gen_register_fields, "");
    }
}

static void print_layouts(const struct gen_layout *layouts, const struct gen_field *fields)
{
    for (const struct gen_layout *l = layouts; l->name; l++) {
        char name[128];
        printf("\n  // %s: %s\n", l->name, l->text);
        if (l->number)
            printf("  localparam logic [6:0] VTD_TYPE_%s = 7'h%02x;\n", l->name, l->number);
        snprintf(name, sizeof name, "VTD_%s_QWORDS", l->name);
        print_uint(name, l->bits / 64);
        snprintf(name, sizeof name, "VTD_%s_BYTES", l->name);
        print_uint(name, l->bits / 8);
        print_positions(l, fields);
        print_kind_masks(l, fields, "KIND_");
    }
}

static int fault_has(const struct gen_fault *f, unsigned column, const char *answer)
{
    const char *const columns[] = {f->qualified, f->tr, f->td, f->pr};
    return strcmp(columns[column], answer) == 0;
}

/* The fault codes, and which codes have which property, as sets of 256 bits. */
static void print_faults(void)
{
    static const struct {
        const char *name, *answer;
        unsigned column;
    } sets[] = {
        {"QUALIFIED", "Y", 0}, {"TR_UR", "UR", 1}, {"TR_CA", "CA", 1}, {"TR_NULL", "NULL", 1},
        {"TR_EFF", "EFF", 1},  {"TD_UR", "UR", 2}, {"TD_CA", "CA", 2}, {"PR_IR", "IR", 3},
    };
    printf("\n  // Fault reasons; bit N of a set says whether reason N has the property.\n");
    printf("  localparam logic [7:0] VTD_FAULT_NONE = 8'h00;\n");
    for (const struct gen_fault *f = gen_faults; f->name; f++)
        printf("  localparam logic [7:0] VTD_FAULT_%s = 8'h%02x;  // %s\n", f->name, f->code, f->text);
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        struct mask m = {{0}};
        char name[128];
        for (const struct gen_fault *f = gen_faults; f->name; f++)
            if (fault_has(f, sets[i].column, sets[i].answer))
                mask_set(&m, f->code, f->code);
        snprintf(name, sizeof name, "VTD_FAULT_%s_SET", sets[i].name);
        print_mask(name, &m, 256);
    }
}

/* Width of the field that holds the values of a group: that of the field with the group's name. */
static unsigned value_width(const struct gen_value *v)
{
    const struct gen_field *const tables[] = {gen_register_fields, gen_structure_fields};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const struct gen_field *f = tables[i]; f->name; f++)
            if (strcmp(f->name, v->group) == 0)
                return f->msb - f->lsb + 1;
    return 32;
}

static void print_values(void)
{
    printf("\n  // Values of coded fields.\n");
    for (const struct gen_value *v = gen_values; v->name; v++)
        printf("  localparam logic [%u:0] VTD_%s_%s = %u'd%u;  // %s\n", value_width(v) - 1, v->group, v->name,
               value_width(v), v->value, v->text);
}

static void print_counters(void)
{
    unsigned n = 0;
    printf("\n  // Statistics counters, numbered.\n");
    for (const struct gen_counter *c = gen_counters; c->name; c++) {
        printf("  localparam int unsigned VTD_COUNTER_");
        for (const char *p = c->name; *p; p++)
            putchar(toupper((unsigned char)*p));
        printf(" = 32'd%u;  // %s\n", n++, c->text);
    }
    print_uint("VTD_COUNTERS", n);
}

void gen_print_systemverilog(void)
{
    printf("// SPDX-License-Identifier: MIT\n");
    printf("// %s\n//\n", GEN_BANNER);
    printf("// Layouts of the VT-d remapping unit: registers, in-memory structures, queue descriptors, fault reasons.\n");
    printf("// Bit numbers are the architecture's absolute ones. A RSVD_MASK is the complement of the named fields. Of a\n");
    printf("// structure or descriptor, KIND_x_MASK holds the fields that are reserved without capability x; KIND_ADDR the\n");
    printf("// addresses, reserved from the host address width upwards; KIND_IGNORED what hardware does not look at.\n\n");
    printf("// verilator lint_off UNUSEDPARAM\n");
    printf("// (A package of constants: no design uses all of them.)\n");
    printf("package vtd_defs_pkg;\n\n");
    print_registers();
    printf("\n  // In-memory structures.\n");
    print_layouts(gen_structures, gen_structure_fields);
    printf("\n  // Invalidation queue descriptors. Bits 11:9 (TYPE_HI) and 3:0 (TYPE_LO) hold the type.\n");
    print_layouts(gen_descriptors, gen_descriptor_fields);
    print_faults();
    print_values();
    print_counters();
    printf("\nendpackage\n// verilator lint_on UNUSEDPARAM\n");
}
