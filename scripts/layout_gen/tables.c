/* SPDX-License-Identifier: MIT */
/* Expands the .def files into tables; see tables.h. */
#include "tables.h"

#include <string.h>

const struct gen_layout gen_registers[] = {
#define VTD_REG(NAME, name, offset, bits, description) {#NAME, offset, bits, description},
#include "vtd/defs/registers.def"
    {0},
};
const struct gen_layout gen_structures[] = {
#define VTD_STRUCT(NAME, name, qwords, description) {#NAME, 0, 64 * (qwords), description},
#include "vtd/defs/structures.def"
    {0},
};
const struct gen_layout gen_descriptors[] = {
#define VTD_DESC(NAME, name, type, qwords, description) {#NAME, type, 64 * (qwords), description},
#include "vtd/defs/descriptors.def"
    {0},
};

#define ROW(OWNER, FIELD, owner, field, msb, lsb, kind, description) {#OWNER, #FIELD, msb, lsb, #kind, description},
const struct gen_field gen_register_fields[] = {
#define VTD_REG_FIELD ROW
#include "vtd/defs/registers.def"
    {0},
};
const struct gen_field gen_structure_fields[] = {
#define VTD_FIELD ROW
#include "vtd/defs/structures.def"
    {0},
};
const struct gen_field gen_descriptor_fields[] = {
#define VTD_DESC_FIELD ROW
#include "vtd/defs/descriptors.def"
    {0},
};

const struct gen_fault gen_faults[] = {
#define VTD_FAULT(NAME, code, label, qualified, tr, td, pr, description)                                               \
    {#NAME, code, label, #qualified, #tr, #td, #pr, description},
#include "vtd/defs/faults.def"
    {0},
};
const struct gen_value gen_values[] = {
#define VTD_VALUE(GROUP, NAME, value, description) {#GROUP, #NAME, value, description},
#include "vtd/defs/values.def"
    {0},
};
const struct gen_counter gen_counters[] = {
#define VTD_COUNTER(name, description) {#name, description},
#include "vtd/defs/counters.def"
    {0},
};

const struct gen_perf_event gen_perf_events[] = {
#define VTD_PERF_EVENT(NAME, name, in_linux, group, bit, counter, description)                                         \
    {#name, in_linux, group, bit, #counter, description},
#define VTD_PERF_EVENT_ABSENT(NAME, name, in_linux, group, bit, description)                                           \
    {#name, in_linux, group, bit, NULL, description},
#include "vtd/defs/perf_events.def"
    {0},
};

int gen_owns(const struct gen_layout *l, const struct gen_field *f)
{
    return strcmp(l->name, f->owner) == 0;
}

const struct gen_field *gen_field_below(const struct gen_layout *l, const struct gen_field *fields, unsigned bit)
{
    const struct gen_field *best = NULL;
    for (const struct gen_field *f = fields; f->name; f++)
        if (gen_owns(l, f) && f->msb < bit && (!best || f->msb > best->msb))
            best = f;
    return best;
}
