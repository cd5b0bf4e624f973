/* SPDX-License-Identifier: MIT */
/*
 * Explanations for machines: one JSON array with an object per statement. Addresses and qwords are hex strings,
 * because a JSON number does not hold 64 bits everywhere.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "explain.h"

struct vtd_explain_json {
    json_t *list;
};

struct vtd_explain_json *vtd_explain_json_begin(void)
{
    struct vtd_explain_json *json = malloc(sizeof(*json));
    if (json == NULL)
        return NULL;
    json->list = json_array();
    return json;
}

static json_t *hex(uint64_t value)
{
    return json_sprintf("0x%" PRIx64, value);
}

static json_t *sprint_or_text(const char *text)
{
    json_t *string = json_string(text);
    return string != NULL ? string : json_string("(not UTF-8)");
}

static void add_memory(json_t *step, const struct vtd_explanation *x, const struct vtd_event *e)
{
    const struct vtd_explain_layout layout = vtd_explain_layout(x, e);
    json_object_set_new(step, "what", json_string(vtd_mem_class_name(e->unit)));
    json_object_set_new(step, "address", hex(e->addr));
    json_object_set_new(step, "ref", json_string(e->kind == VTD_EVENT_MEM_CAS ? e->section : layout.section));
    if (e->level > 0)
        json_object_set_new(step, "level", json_integer(e->level));
    if (e->kind == VTD_EVENT_MEM_READ)
        json_object_set_new(step, "snooped", json_boolean(e->snoop));
    if (e->error) {
        json_object_set_new(step, "error", json_true());
        return;
    }
    json_t *values = json_array();
    uint64_t q[8] = {0};
    for (unsigned i = 0; i < e->count && i < 8; i++) {
        q[i] = e->value[i];
        json_array_append_new(values, hex(q[i]));
    }
    json_object_set_new(step, e->kind == VTD_EVENT_MEM_CAS ? "old_new" : "qwords", values);
    if (e->kind == VTD_EVENT_MEM_CAS) {
        json_object_set_new(step, "succeeded", json_boolean(e->hit));
        return;
    }
    if (layout.name == NULL)
        return;
    json_t *fields = json_object();
    struct vtd_explain_field f;
    for (unsigned i = 0; vtd_explain_field(&layout, q, &i, &f);)
        json_object_set_new(fields, f.name, hex(f.value));
    json_object_set_new(step, "fields", fields);
}

static void add_cache(json_t *step, const struct vtd_event *e)
{
    char tag[96];
    vtd_explain_tag(e, tag, sizeof(tag));
    json_object_set_new(step, "cache", json_string(vtd_cache_name(e->unit)));
    json_object_set_new(step, "tag", json_string(tag));
    if (e->kind == VTD_EVENT_CACHE_LOOKUP)
        json_object_set_new(step, "hit", json_boolean(e->hit));
}

/* One step as an object, or NULL for what stands beside the steps. */
static json_t *step_of(const struct vtd_explanation *x, const struct vtd_explain_step *s)
{
    static const char *const kinds[] = {
        [VTD_EVENT_CACHE_LOOKUP] = "lookup", [VTD_EVENT_CACHE_FILL] = "fill", [VTD_EVENT_CACHE_EVICT] = "evict",
        [VTD_EVENT_MEM_READ] = "read",       [VTD_EVENT_MEM_WRITE] = "write", [VTD_EVENT_MEM_CAS] = "update",
        [VTD_EVENT_DECISION] = "decision",   [VTD_EVENT_FAULT] = "fault",     [VTD_EVENT_INVALIDATE] = "invalidate",
    };
    const struct vtd_event *e = &s->event;
    if (e->kind >= sizeof(kinds) / sizeof(kinds[0]) || kinds[e->kind] == NULL)
        return NULL;
    json_t *step = json_object();
    json_object_set_new(step, "step", json_string(kinds[e->kind]));
    json_object_set_new(step, "ref", json_string(s->section));
    if (s->text != NULL)
        json_object_set_new(step, "text", sprint_or_text(s->text));
    if (e->kind == VTD_EVENT_MEM_READ || e->kind == VTD_EVENT_MEM_WRITE || e->kind == VTD_EVENT_MEM_CAS)
        add_memory(step, x, e);
    else if (e->kind <= VTD_EVENT_CACHE_EVICT)
        add_cache(step, e);
    else if (e->kind == VTD_EVENT_DECISION && e->count > 0)
        json_object_set_new(step, "value", hex(e->value[0]));
    if (e->kind == VTD_EVENT_FAULT) {
        json_object_set_new(step, "code", hex(e->fault));
        json_object_set_new(step, "name", json_string(vtd_fault_name(e->fault)));
        json_object_set_new(step, "recorded", json_boolean(e->hit));
    }
    if (e->kind == VTD_EVENT_INVALIDATE) {
        json_object_set_new(step, "cache", json_string(vtd_cache_name(e->unit)));
        json_object_set_new(step, "entries", json_integer((json_int_t)e->value[0]));
    }
    return step;
}

json_t *vtd_explain_json_object(const struct vtd_explanation *x)
{
    char text[VTD_OUTCOME_TEXT_SIZE];
    struct vtd_explain_sums sums;
    json_t *object = json_object();
    json_t *steps = json_array();
    if (x->file != NULL) {
        json_object_set_new(object, "file", sprint_or_text(x->file));
        json_object_set_new(object, "line", json_integer(x->stmt->line));
    }
    json_object_set_new(object, "statement", sprint_or_text(x->stmt->text));
    for (size_t i = 0; i < x->count; i++) {
        json_t *step = step_of(x, &x->steps[i]);
        if (step != NULL)
            json_array_append_new(steps, step);
    }
    json_object_set_new(object, "steps", steps);
    vtd_outcome_text(x->stmt, x->outcome, text);
    json_object_set_new(object, "outcome", json_string(text));
    if (x->stmt->expect.kind != VTD_EXPECT_NOTHING) {
        vtd_expect_text(x->stmt, text);
        json_object_set_new(object, "expected", json_string(text));
        json_object_set_new(object, "held", json_boolean(x->held));
    }
    vtd_explain_sum(x, &sums);
    json_object_set_new(object, "cache_lookups", json_integer(sums.lookups));
    json_object_set_new(object, "cache_hits", json_integer(sums.hits));
    json_object_set_new(object, "memory_reads", json_integer(sums.reads));
    json_object_set_new(object, "memory_updates", json_integer(sums.updates));
    return object;
}

int vtd_explain_json_add(struct vtd_explain_json *json, const struct vtd_explanation *x)
{
    return json_array_append_new(json->list, vtd_explain_json_object(x));
}

int vtd_explain_json_end(struct vtd_explain_json *json, FILE *out)
{
    int status = 0;
    if (out != NULL) {
        status = json_dumpf(json->list, out, JSON_INDENT(2));
        fputc('\n', out);
    }
    json_decref(json->list);
    free(json);
    return status;
}
