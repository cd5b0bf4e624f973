/* SPDX-License-Identifier: MIT */
/* Prints the tables of docs/03_reference: one page each for registers, structures, descriptors, faults and counters. */
#include <stdio.h>
#include <string.h>

#include "tables.h"

/* What stands in the last column but one: for registers the access, for the others when the field is reserved. */
typedef const char *kind_text(const char *kind);

static const char *access_text(const char *kind)
{
    return strcmp(kind, "RSVDP") == 0 ? "RsvdP" : kind;
}

static const char *reserved_text(const char *kind)
{
    static const struct {
        const char *kind, *text;
    } texts[] = {
        {"USED", ""},          {"IGNORED", "(ignored)"}, {"ADDR", "bits from HAW upwards"}, {"DT", "ECAP.DT=0"},
        {"PASID", "ECAP.PASID=0"}, {"PRS", "ECAP.PRS=0"},    {"HPTS", "ECAP.HPTS=0"},           {"PTRS", "ECAP.PTRS=0"},
        {"RPS", "ECAP.RPS=0"},     {"RPRIVS", "ECAP.RPRIVS=0"}, {"SSADS", "ECAP.SSADS=0"},
        {"SMPWCS", "ECAP.SMPWCS=0"}, {"SC", "ECAP.SC=0"},    {"MTS", "ECAP.MTS=0"},             {"SRS", "ECAP.SRS=0"},
        {"EAFS", "ECAP.EAFS=0"},   {"DIT", "ECAP.DIT=0"},    {"PDS", "ECAP.PDS=0"},             {"ERS", "ECAP.ERS=0"},
        {"MTS3", "ECAP.MTS=0, or revision 4 or 5"}, {"REV3", "revision 4 or 5"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(texts[i].kind, kind) == 0)
            return texts[i].text;
    return kind;
}

static void print_bits(unsigned msb, unsigned lsb)
{
    if (msb == lsb)
        printf("%u", msb);
    else
        printf("%u:%u", msb, lsb);
}

/* "q1[15:0]": the position within the qword; nothing for what is only one qword long. */
static void print_position(const struct gen_layout *l, unsigned msb, unsigned lsb)
{
    print_bits(msb, lsb);
    if (l->bits <= 64)
        return;
    printf(" | q%u", lsb / 64);
    if (msb / 64 != lsb / 64) {
        printf("-q%u", msb / 64);
    } else if (msb - lsb < 63) {
        printf("[");
        print_bits(msb % 64, lsb % 64);
        printf("]");
    }
}

static void print_reserved(const struct gen_layout *l, unsigned msb, unsigned lsb, const char *kind)
{
    printf("| ");
    print_position(l, msb, lsb);
    printf(" | - | %s | reserved |\n", kind);
}

/* All bits of l from the top down; what no field names is reserved. */
static void print_fields(const struct gen_layout *l, const struct gen_field *fields, kind_text *text, const char *reserved)
{
    unsigned bit = l->bits; /* the bits from here on are printed */
    const struct gen_field *f;
    while ((f = gen_field_below(l, fields, bit))) {
        if (f->msb + 1 < bit)
            print_reserved(l, bit - 1, f->msb + 1, reserved);
        printf("| ");
        print_position(l, f->msb, f->lsb);
        printf(" | %s | %s | %s |\n", f->name, text(f->kind), f->text);
        bit = f->lsb;
    }
    if (bit > 0)
        print_reserved(l, bit - 1, 0, reserved);
}

static void print_title(const char *title)
{
    printf("<!-- SPDX-License-Identifier: MIT -->\n<!-- %s -->\n# %s\n\n", GEN_BANNER, title);
}

static void print_values(const char *group, const char *what)
{
    printf("\n### %s\n\n| Value | Name | Meaning |\n| ---: | --- | --- |\n", what);
    for (const struct gen_value *v = gen_values; v->name; v++)
        if (strcmp(v->group, group) == 0)
            printf("| %u | VTD_%s_%s | %s |\n", v->value, v->group, v->name, v->text);
}

static const char *block_base(const struct gen_layout *l)
{
    if (strncmp(l->name, "FRCD", 4) == 0)
        return "16*FRO + 16n + ";
    if (strcmp(l->name, "IVA") == 0 || strcmp(l->name, "IOTLB_REG") == 0)
        return "16*IRO + ";
    if (strcmp(l->name, "PERFCNTRFRZ") == 0)
        return "PERFFRZOFF + ";
    if (strcmp(l->name, "PERFCNTROVF") == 0)
        return "PERFOVFOFF + ";
    if (strcmp(l->name, "PERFCNTRVAL") == 0)
        return "PERFCNTROFF + stride*c + ";
    if (strncmp(l->name, "PERFCNTR", 8) == 0 && strcmp(l->name, "PERFCNTROFF") != 0)
        return "PERFCFGOFF + 0x100*c + ";
    return "";
}

static void print_registers(void)
{
    print_title("Registers");
    printf("The registers that the unit decodes; everything else in its register window reads 0 and ignores writes. C and\n"
           "SystemVerilog call the offset of register `CAP` `VTD_REG_CAP` and the lowest bit of its field `ND`\n"
           "`VTD_CAP_ND_LSB`. Access types: RO read only, RW read and write, WO write only (reads 0), RW1C cleared by\n"
           "writing 1, a final S: sticky (survives a warm reset), RsvdP: kept as it is, RsvdZ: reads 0. What each register\n"
           "does is told in [chapter 1 of the architecture](architecture.md#1-register-map).\n\n");
    printf("| Offset | Bits | Register | Meaning |\n| ---: | ---: | --- | --- |\n");
    for (const struct gen_layout *l = gen_registers; l->name; l++)
        printf("| %s0x%03x | %u | %s | %s |\n", block_base(l), l->number, l->bits, l->name, l->text);
    for (const struct gen_layout *l = gen_registers; l->name; l++) {
        printf("\n## %s: %s\n\n", l->name, l->text);
        printf("Offset %s0x%03x, %u bits.\n\n", block_base(l), l->number, l->bits);
        printf("| Bits | Field | Access | Meaning |\n| ---: | --- | --- | --- |\n");
        print_fields(l, gen_register_fields, access_text, "RsvdZ");
        if (strcmp(l->name, "RTADDR") == 0)
            print_values("TTM", "Values of TTM");
        if (strcmp(l->name, "IQERCD") == 0)
            print_values("IQEI", "Values of IQEI");
        if (strcmp(l->name, "ECMD") == 0)
            print_values("ECMD", "Values of CMD");
        if (strcmp(l->name, "ECRSP") == 0)
            print_values("ECRSP", "Values of SC");
    }
}

static void print_layout(const struct gen_layout *l, const struct gen_field *fields)
{
    printf(l->bits > 64 ? "| Bits | Qword | Field | Reserved if | Meaning |\n| ---: | --- | --- | --- | --- |\n"
                        : "| Bits | Field | Reserved if | Meaning |\n| ---: | --- | --- | --- |\n");
    print_fields(l, fields, reserved_text, "always");
}

static void print_structures(void)
{
    print_title("In-memory structures");
    printf("Little-endian arrays of 64-bit words; bit numbers are absolute, so bit 64 is bit 0 of qword 1. C reads and\n"
           "writes field `DID` of `PASID_ENTRY` with `vtd_pasid_entry_did(q)` and `vtd_pasid_entry_set_did(q, value)`;\n"
           "address fields count in units of their lowest bit (pages, as a rule). HAW is the host address width. The rules\n"
           "behind the tables are in [chapter 2 of the architecture](architecture.md#2-in-memory-structures).\n\n");
    printf("| Structure | Bytes | Meaning |\n| --- | ---: | --- |\n");
    for (const struct gen_layout *l = gen_structures; l->name; l++)
        printf("| %s | %u | %s |\n", l->name, l->bits / 8, l->text);
    for (const struct gen_layout *l = gen_structures; l->name; l++) {
        printf("\n## %s: %s\n\n", l->name, l->text);
        print_layout(l, gen_structure_fields);
        if (strcmp(l->name, "PASID_ENTRY") == 0)
            print_values("PGTT", "Values of PGTT");
    }
}

static void print_descriptors(void)
{
    print_title("Invalidation queue descriptors");
    printf("The type is seven bits wide: bits 3:0 and, above them, bits 11:9. A descriptor of 16 bytes is followed by 16\n"
           "zero bytes when the queue holds 256-bit descriptors (IQA.DW=1); one of 32 bytes exists only there. When each is\n"
           "allowed, and what it invalidates, is in [chapters 3](architecture.md#3-invalidation-queue) and\n"
           "[6.3 of the architecture](architecture.md#63-which-command-removes-what).\n\n");
    printf("| Type | Descriptor | Bytes | Meaning |\n| ---: | --- | ---: | --- |\n");
    for (const struct gen_layout *l = gen_descriptors; l->name; l++)
        printf("| 0x%x | %s | %u | %s |\n", l->number, l->name, l->bits / 8, l->text);
    for (const struct gen_layout *l = gen_descriptors; l->name; l++) {
        printf("\n## %s: %s (type 0x%x)\n\n", l->name, l->text, l->number);
        print_layout(l, gen_descriptor_fields);
    }
}

static const char *answer_text(const char *answer)
{
    if (strcmp(answer, "NA") == 0)
        return "-";
    if (strcmp(answer, "NULL") == 0)
        return "null";
    return strcmp(answer, "EFF") == 0 ? "eff" : answer;
}

static void print_faults(void)
{
    print_title("Fault reasons");
    printf("The code stands in FRCD.FR and in `vtd_response.fault`; C and SystemVerilog call 0x71 `VTD_FAULT_SFS_2`.\n"
           "*Qualified*: FPD=1 in any entry that was read for the request silences the record. An untranslated request is\n"
           "always blocked. The other columns say what a translation request, a translated request and a page request get:\n"
           "UR unsupported request, CA completer abort, null a success without any right, eff a success with the rights\n"
           "that are left, IR the response Invalid Request (or none, unless last in its group), - cannot happen.\n"
           "[Chapter 5 of the architecture](architecture.md#5-faults) has the rules.\n\n");
    printf("| Code | Name | Qualified | Translation | Translated | Page request | Meaning |\n");
    printf("| ---: | --- | --- | --- | --- | --- | --- |\n");
    for (const struct gen_fault *f = gen_faults; f->name; f++)
        printf("| 0x%02x | %s | %s | %s | %s | %s | %s |\n", f->code, f->label, f->qualified[0] == 'Y' ? "yes" : "no",
               answer_text(f->tr), answer_text(f->td), answer_text(f->pr), f->text);
}

static void print_perf_events(void)
{
    printf("\n## Events of the performance monitor\n\n"
           "What the counters of the unit itself can count ([section 1.12](architecture.md#112-performance-monitoring-ecappms)),\n"
           "and the statistics counter with the same count. A name in parentheses is not one of Linux's: there the event is\n"
           "`event_group=GROUP,event=ES`.\n\n"
           "| Group | ES | Event | Counter | Counts |\n| ---: | ---: | --- | --- | --- |\n");
    for (const struct gen_perf_event *e = gen_perf_events; e->name; e++) {
        printf(e->in_linux ? "| %u | 0x%03x | `%s` |" : "| %u | 0x%03x | (`%s`) |", e->group, 1u << e->bit, e->name);
        if (e->counter)
            printf(" `%s` | %s |\n", e->counter, e->text);
        else
            printf(" not modelled | %s |\n", e->text);
    }
}

static void print_counters(void)
{
    print_title("Statistics counters");
    printf("The names are those of `struct vtd_stats`, of `counters` in the JSON of `vtdsim run` and of the `stat`\n"
           "statement of scenario files. They follow the events of Linux's intel-iommu performance monitor where one exists.\n\n");
    printf("| Counter | Counts |\n| --- | --- |\n");
    for (const struct gen_counter *c = gen_counters; c->name; c++)
        printf("| `%s` | %s |\n", c->name, c->text);
    print_perf_events();
}

int gen_print_markdown(const char *page)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } pages[] = {
        {"registers", print_registers}, {"structures", print_structures}, {"descriptors", print_descriptors},
        {"faults", print_faults},       {"counters", print_counters},
    };
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        if (strcmp(pages[i].name, page) == 0) {
            pages[i].print();
            return 0;
        }
    }
    return 1;
}
