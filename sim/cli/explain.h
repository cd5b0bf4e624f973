/* SPDX-License-Identifier: MIT */
/*
 * What `vtdsim explain` shows: the steps that the unit took for one statement of a scenario, and how they are decoded
 * and written, for people and as JSON.
 */
#ifndef VTD_SIM_EXPLAIN_H
#define VTD_SIM_EXPLAIN_H

#include <stdio.h>

#include "../scenario/outcome.h"

/* One step; event.text and event.section are owned copies, event.req and event.resp are not kept. */
struct vtd_explain_step {
    struct vtd_event event;
    char *text;
    char *section;
};

/* One statement and everything that happened for it. */
struct vtd_explanation {
    const char *file; /* NULL: the statement is of no file */
    const struct vtd_stmt *stmt;
    const struct vtd_outcome *outcome;
    bool held;    /* as the scenario expects */
    unsigned ttm; /* enum vtd_ttm at that time: how root and context entries are to be read */
    struct vtd_explain_step *steps;
    size_t count;
    size_t capacity;
};

/* ---------------------------------------------------------------- steps (explain_steps.c) */

/* Keeps a step (for vtd_host.event). False when memory is out. */
bool vtd_explain_note(struct vtd_explanation *x, const struct vtd_event *event);

/* Forgets all steps; and frees what holds them. */
void vtd_explain_forget(struct vtd_explanation *x);
void vtd_explain_free(struct vtd_explanation *x);

/* ---------------------------------------------------------------- decoding (explain_fields.c) */

/* A field of an in-memory structure with its value. */
struct vtd_explain_field {
    const char *name;
    const char *description;
    uint64_t value; /* an address is shifted to its place */
    bool is_address;
};

/* What is in memory: how to call it, where the reference defines it, and a handle for its fields. */
struct vtd_explain_layout {
    const char *name;
    const char *section;
    unsigned structure; /* handle */
    unsigned first;     /* of its qwords that the event touches */
    unsigned qwords;    /* how many */
};

/* Layout of what a memory event touches; name is NULL for what has no fields to show (queues, status). */
struct vtd_explain_layout vtd_explain_layout(const struct vtd_explanation *x, const struct vtd_event *event);

/* The next used field of a structure, starting with *i = 0; false behind the last. */
bool vtd_explain_field(const struct vtd_explain_layout *layout, const uint64_t *q, unsigned *i,
                       struct vtd_explain_field *field);

/* "PML4 entry", "level 4 entry": a paging entry by stage and level; NULL for anything else. */
const char *vtd_explain_level(const struct vtd_event *event);

/* A paging entry maps a page (instead of naming the next table). */
bool vtd_explain_is_leaf(const struct vtd_event *event);

/* What an atomic update set: "A, D" of a paging entry, "ON" of a posted-interrupt descriptor; buffer has size bytes. */
void vtd_explain_update(const struct vtd_event *event, char *buffer, size_t size);

/* What tells one entry of a cache from another, in words; buffer has size bytes. */
void vtd_explain_tag(const struct vtd_event *event, char *buffer, size_t size);

/* A cache's name for people: "IOTLB". */
const char *vtd_explain_cache(unsigned id);

/* The request of a statement, in one sentence. */
void vtd_explain_request(const struct vtd_stmt *stmt, char *buffer, size_t size);

/* ---------------------------------------------------------------- output */

/* Counts over the steps. */
struct vtd_explain_sums {
    unsigned lookups, hits, reads, updates, writes;
};
void vtd_explain_sum(const struct vtd_explanation *x, struct vtd_explain_sums *sums);

/* For people (explain_text.c). */
void vtd_explain_text(FILE *out, const struct vtd_explanation *x, bool colour);

/* As JSON (explain_json.c): begin, any number of statements, end. */
struct vtd_explain_json;
struct vtd_explain_json *vtd_explain_json_begin(void);
int vtd_explain_json_add(struct vtd_explain_json *json, const struct vtd_explanation *x);
int vtd_explain_json_end(struct vtd_explain_json *json, FILE *out);

/* One statement as a json_t of jansson, which the caller owns; NULL when memory is out. */
struct json_t *vtd_explain_json_object(const struct vtd_explanation *x);

#endif
