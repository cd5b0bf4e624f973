/* SPDX-License-Identifier: MIT */
/* Results of vtdsim vm-study. See vm_study.h. */
#include "vm_study.h"

#include <inttypes.h>
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define COST(group, field, about)                                                                                      \
    {                                                                                                                  \
#group, #field, about, offsetof(struct vtd_vm_study_result, group.field)                                       \
    }

/* Costs: in files as sums under their names, in tables for one operation. */
static const struct {
    const char *group, *name, *about;
    size_t offset;
} costs[] = {
    COST(bind, guest_accesses, "traps"),     COST(bind, guest_descriptors, "desc"),
    COST(bind, host_accesses, "host acc"),   COST(bind, host_descriptors, "desc"),
    COST(bind, memory_reads, "reads"),       COST(bind, cycles, "cycles"),
    COST(unbind, guest_accesses, "traps"),   COST(unbind, guest_descriptors, "desc"),
    COST(unbind, host_accesses, "host acc"), COST(unbind, host_descriptors, "desc"),
    COST(unbind, memory_reads, "reads"),     COST(unbind, cycles, "cycles"),
};

enum {
    COSTS = sizeof costs / sizeof costs[0]
};

static double per_operation(const struct vtd_vm_study_result *r, unsigned i)
{
    const uint64_t *value = (const uint64_t *)(const void *)((const char *)r + costs[i].offset);
    return (double)*value / (double)r->bind.count;
}

static double ratio(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

/* Rates: in all forms. */
struct rates {
    double pasid_cache, pasid_dir, iotlb, reads;
};

static struct rates rates_of(const struct vtd_stats *s)
{
    return (struct rates){
        .pasid_cache = ratio(s->pasid_cache_hit, s->pasid_cache_lookup),
        .pasid_dir = ratio(s->pasid_dir_hit, s->pasid_dir_lookup),
        .iotlb = ratio(s->iotlb_hit, s->iotlb_lookup),
        .reads = ratio(s->memory_reads, s->requests),
    };
}

/* ---------------------------------------------------------------- table */

static size_t widest(const struct vtd_axes *axes, size_t c)
{
    const char *values[VTD_AXES_COLUMNS_MAX];
    size_t width = strlen(vtd_axes_name(axes, c));
    for (uint64_t i = 0; i < axes->points; i++) {
        vtd_axes_point(axes, i, values);
        width = strlen(values[c]) > width ? strlen(values[c]) : width;
    }
    return width;
}

static void table_begin(const struct vtd_vm_output *o)
{
    size_t indent = 0;
    for (size_t c = 0; c < o->axes->columns; c++)
        indent += widest(o->axes, c) + 2;
    fprintf(o->out, "%*s%30s | %-53s | an unbind\n", (int)indent, "", "", "a bind");
    for (size_t c = 0; c < o->axes->columns; c++)
        fprintf(o->out, "%-*s  ", (int)widest(o->axes, c), vtd_axes_name(o->axes, c));
    fprintf(o->out, "%10s %10s %8s", "PASID hits", "directory", "reads");
    for (unsigned i = 0; i < COSTS; i++)
        fprintf(o->out, "%s%8s", i % (COSTS / 2) ? " " : " | ", costs[i].about);
    fputc('\n', o->out);
}

static void table_point(const struct vtd_vm_output *o, uint64_t index, const struct vtd_vm_study_result *r)
{
    const char *values[VTD_AXES_COLUMNS_MAX];
    const struct rates rates = rates_of(&r->stats);
    vtd_axes_point(o->axes, index, values);
    for (size_t c = 0; c < o->axes->columns; c++)
        fprintf(o->out, "%-*s  ", (int)widest(o->axes, c), values[c]);
    fprintf(o->out, "%8.2f %% %8.2f %% %8.3f", 100 * rates.pasid_cache, 100 * rates.pasid_dir, rates.reads);
    for (unsigned i = 0; i < COSTS; i++)
        fprintf(o->out, "%s%8.1f", i % (COSTS / 2) ? " " : " | ", per_operation(r, i));
    fputc('\n', o->out);
}

/* ---------------------------------------------------------------- CSV */

static void csv_word(FILE *out, const char *word)
{
    const bool quoted = strpbrk(word, ",\"\n") != NULL;
    if (quoted)
        fputc('"', out);
    for (; *word; word++)
        fprintf(out, *word == '"' ? "\"\"" : "%c", *word);
    if (quoted)
        fputc('"', out);
}

static void csv_begin(const struct vtd_vm_output *o)
{
    const char *name;
    fputs("index", o->out);
    for (size_t c = 0; c < o->axes->columns; c++) {
        fputc(',', o->out);
        csv_word(o->out, vtd_axes_name(o->axes, c));
    }
    fputs(",pasid_cache_hit_rate,pasid_dir_hit_rate,iotlb_hit_rate,memory_reads_per_request,blocked", o->out);
    fputs(",pasids,highest_pasid,directory_entries", o->out);
    for (unsigned i = 0; i < COSTS; i++)
        fprintf(o->out, ",%s_%s", costs[i].group, costs[i].name);
    for (unsigned i = 0; (name = vtd_counter_name(i, NULL, NULL)); i++)
        fprintf(o->out, ",%s", name);
    fputc('\n', o->out);
}

static void csv_point(const struct vtd_vm_output *o, uint64_t index, const struct vtd_vm_study_result *r)
{
    const char *values[VTD_AXES_COLUMNS_MAX];
    const struct rates rates = rates_of(&r->stats);
    size_t offset;
    vtd_axes_point(o->axes, index, values);
    fprintf(o->out, "%" PRIu64, index);
    for (size_t c = 0; c < o->axes->columns; c++) {
        fputc(',', o->out);
        csv_word(o->out, values[c]);
    }
    fprintf(o->out, ",%.9g,%.9g,%.9g,%.9g,%" PRIu64 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32, rates.pasid_cache,
            rates.pasid_dir, rates.iotlb, rates.reads, r->blocked, r->pasids, r->highest, r->directory_entries);
    for (unsigned i = 0; i < COSTS; i++)
        fprintf(o->out, ",%.9g", per_operation(r, i));
    for (unsigned i = 0; vtd_counter_name(i, NULL, &offset); i++)
        fprintf(o->out, ",%" PRIu64, *(const uint64_t *)(const void *)((const char *)&r->stats + offset));
    fputc('\n', o->out);
}

/* ---------------------------------------------------------------- rows of a sweep */

static json_t *strings(const struct vtd_words *words)
{
    json_t *list = json_array();
    for (size_t i = 0; i < words->count; i++)
        json_array_append_new(list, json_string(words->word[i]));
    return list;
}

static int write_line(FILE *out, json_t *json)
{
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    if (text)
        fprintf(out, "%s\n", text);
    free(text);
    json_decref(json);
    return text ? 0 : -1;
}

static json_t *axes_of(const struct vtd_axes *axes)
{
    json_t *list = json_array();
    for (size_t c = 0; c < axes->columns; c++) {
        struct vtd_words values = {0};
        vtd_axes_distinct(axes, c, &values);
        json_array_append_new(list,
                              json_pack("{s:s, s:o}", "name", vtd_axes_name(axes, c), "values", strings(&values)));
        vtd_words_free(&values);
    }
    return list;
}

/* The command of one point, or with index UINT64_MAX of the whole study; to be freed. */
static char *command_of(const struct vtd_vm_output *o, uint64_t index)
{
    const char *values[VTD_AXES_COLUMNS_MAX];
    struct vtd_words words = {0};
    char text[512];
    for (size_t i = 0; i < o->base->count; i++)
        vtd_words_add(&words, o->base->word[i]);
    for (size_t i = 0; index == UINT64_MAX && i < o->overs->count; i++)
        vtd_words_add(&words, o->overs->word[i]);
    if (index != UINT64_MAX)
        vtd_axes_point(o->axes, index, values);
    for (size_t c = 0; index != UINT64_MAX && c < o->axes->columns; c++) {
        snprintf(text, sizeof text, "%s=%s", vtd_axes_name(o->axes, c), values[c]);
        vtd_words_add(&words, "--over");
        vtd_words_add(&words, text);
    }
    char *line = vtd_words_command("vtdsim vm-study", &words);
    vtd_words_free(&words);
    return line;
}

static int jsonl_begin(const struct vtd_vm_output *o)
{
    char *command = command_of(o, UINT64_MAX);
    json_t *header = json_pack("{s:i, s:s, s:s, s:o, s:o, s:I, s:s}", "vtdsim_sweep", 1, "version", vtd_version(),
                               "command", command ? command : "", "base", strings(o->base), "axes", axes_of(o->axes),
                               "points", (json_int_t)o->axes->points, "identity", "vm-study");
    free(command);
    return write_line(o->out, header);
}

static json_t *result_of(const struct vtd_vm_study_result *r)
{
    json_t *counters = json_object(), *bind = json_object(), *unbind = json_object();
    const struct rates rates = rates_of(&r->stats);
    const char *name;
    size_t offset;
    for (unsigned i = 0; (name = vtd_counter_name(i, NULL, &offset)); i++)
        json_object_set_new(
            counters, name,
            json_integer((json_int_t) * (const uint64_t *)(const void *)((const char *)&r->stats + offset)));
    for (unsigned i = 0; i < COSTS; i++)
        json_object_set_new(i < COSTS / 2 ? bind : unbind, costs[i].name, json_real(per_operation(r, i)));
    return json_pack("{s:s, s:I, s:o, s:{s:f, s:f, s:f, s:f}, s:o, s:o, s:{s:i, s:i, s:i}}", "version", vtd_version(),
                     "blocked", (json_int_t)r->blocked, "counters", counters, "rates", "pasid_cache_hit_rate",
                     rates.pasid_cache, "pasid_dir_hit_rate", rates.pasid_dir, "iotlb_hit_rate", rates.iotlb,
                     "memory_reads_per_request", rates.reads, "bind", bind, "unbind", unbind, "pasids", "count",
                     (int)r->pasids, "highest", (int)r->highest, "directory_entries", (int)r->directory_entries);
}

static int jsonl_point(const struct vtd_vm_output *o, uint64_t index, const struct vtd_vm_study_result *r)
{
    const char *values[VTD_AXES_COLUMNS_MAX];
    json_t *point = json_object();
    char *command = command_of(o, index);
    vtd_axes_point(o->axes, index, values);
    for (size_t c = 0; c < o->axes->columns; c++)
        json_object_set_new(point, vtd_axes_name(o->axes, c), json_string(values[c]));
    json_t *row = json_pack("{s:I, s:o, s:s, s:o}", "index", (json_int_t)index, "point", point, "command",
                            command ? command : "", "result", result_of(r));
    free(command);
    return write_line(o->out, row);
}

int vtd_vm_output_begin(const struct vtd_vm_output *o)
{
    if (o->format == VTD_VM_JSONL)
        return jsonl_begin(o);
    if (o->format == VTD_VM_CSV)
        csv_begin(o);
    else
        table_begin(o);
    return 0;
}

int vtd_vm_output_point(const struct vtd_vm_output *o, uint64_t index, const struct vtd_vm_study_result *r)
{
    if (o->format == VTD_VM_JSONL)
        return jsonl_point(o, index, r);
    if (o->format == VTD_VM_CSV)
        csv_point(o, index, r);
    else
        table_point(o, index, r);
    return 0;
}
