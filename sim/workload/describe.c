/* SPDX-License-Identifier: MIT */
/* Reads descriptions of workloads. See describe.h. */
#define _POSIX_C_SOURCE 200809L

#include "describe.h"

#include "config/text.h"
#include "vtd/vtd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define FILE_MAX  ((size_t)1 << 20)
#define NODES_MAX 4096u
#define PAIRS_MAX 64

struct reader {
    const char *file;
    yaml_document_t *document;
    char *why;
    unsigned nodes;
};

/* What a list says of its members beside what they are. */
struct member {
    enum vtd_node_kind list; /* VTD_NODE_MIX, VTD_NODE_PHASES; VTD_NODE_KINDS: no member of a list */
    double weight;           /* below 0: not given */
    uint64_t requests;       /* 0: not given */
};

static void *complain(const struct reader *r, const yaml_node_t *at, const char *problem, const char *name)
{
    snprintf(r->why, VTD_WHY_SIZE, "%.90s:%lu: %.100s%.40s", r->file, (unsigned long)(at ? at->start_mark.line + 1 : 0),
             problem, name);
    vtd_text_make_printable(r->why);
    return NULL;
}

/* Text of a scalar without NUL characters; NULL otherwise, and that was told. */
static const char *text_of(const struct reader *r, const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE)
        return complain(r, node, "want a word or number here, not a list or map", "");
    const char *text = (const char *)node->data.scalar.value;
    if (strlen(text) != node->data.scalar.length)
        return complain(r, node, "a NUL character in ", text);
    return text;
}

static struct vtd_node *read_node(struct reader *r, yaml_node_t *map, unsigned depth, struct member *m);

/* ---------------------------------------------------------------- keys */

static int set_member(const struct reader *r, const yaml_node_t *at, const char *key, const char *value,
                      struct member *m)
{
    const bool weight = strcmp(key, "weight") == 0;
    char *end = NULL;
    if (m->list != (weight ? VTD_NODE_MIX : VTD_NODE_PHASES)) {
        complain(r, at, key, weight ? " is for members of mix" : " is for members of phases");
        return -1;
    }
    if (weight) {
        m->weight = strtod(value, &end);
        if (end != value && !*end && m->weight >= 0 && m->weight <= 1e9)
            return 0;
        complain(r, at, "weight: want a number from 0 to 1e9, not ", value);
        return -1;
    }
    if (vtd_number_parse(value, &m->requests) && m->requests)
        return 0;
    complain(r, at, "requests: want a number from 1, not ", value);
    return -1;
}

/* Members of mix or phases. */
static int read_list(struct reader *r, yaml_node_t *list, unsigned depth, struct vtd_node *n)
{
    if (list->type != YAML_SEQUENCE_NODE || list->data.sequence.items.start == list->data.sequence.items.top) {
        complain(r, list, "want a list of parts behind ", vtd_node_kind_name(n->kind));
        return -1;
    }
    for (yaml_node_item_t *i = list->data.sequence.items.start; i < list->data.sequence.items.top; i++) {
        struct member m = {.list = n->kind, .weight = -1};
        if (n->children == VTD_NODE_MEMBERS_MAX) {
            complain(r, list, "more than 64 members of ", vtd_node_kind_name(n->kind));
            return -1;
        }
        struct vtd_node *child = read_node(r, yaml_document_get_node(r->document, *i), depth + 1, &m);
        if (!child)
            return -1;
        n->weight[n->children] = m.weight;
        n->requests[n->children] = m.requests;
        if (vtd_node_add(n, child) != 0) {
            complain(r, list, "out of memory", "");
            return -1;
        }
    }
    return 0;
}

static int read_of(struct reader *r, yaml_node_t *value, unsigned depth, struct vtd_node *n)
{
    struct member none = {.list = VTD_NODE_KINDS};
    struct vtd_node *child = read_node(r, value, depth + 1, &none);
    if (!child)
        return -1;
    if (vtd_node_add(n, child) == 0)
        return 0;
    complain(r, value, "out of memory", "");
    return -1;
}

/* A node while it is read, with the clock that its rate makes, if it has one. */
struct half {
    struct vtd_node *node, *clock;
};

static int read_pair(struct reader *r, yaml_node_pair_t *pair, unsigned depth, struct half *h, struct member *m)
{
    yaml_node_t *key = yaml_document_get_node(r->document, pair->key);
    yaml_node_t *value = yaml_document_get_node(r->document, pair->value);
    const char *name = text_of(r, key);
    char problem[VTD_WHY_SIZE];
    if (!name)
        return -1;
    if ((strcmp(name, "mix") == 0 && h->node->kind == VTD_NODE_MIX) ||
        (strcmp(name, "phases") == 0 && h->node->kind == VTD_NODE_PHASES))
        return read_list(r, value, depth, h->node);
    if (strcmp(name, "of") == 0 && h->node->kind == VTD_NODE_TENANTS)
        return read_of(r, value, depth, h->node);
    const char *text = text_of(r, value);
    if (!text)
        return -1;
    if (strcmp(name, "weight") == 0 || strcmp(name, "requests") == 0)
        return set_member(r, key, name, text, m);
    struct vtd_node *owner = h->node;
    if (vtd_node_has_key(VTD_NODE_CLOCK, name)) {
        if (!h->clock && !(h->clock = vtd_node_new(VTD_NODE_CLOCK))) {
            complain(r, key, "out of memory", "");
            return -1;
        }
        owner = h->clock;
    }
    if (vtd_node_set(owner, name, text, problem) == 0)
        return 0;
    snprintf(r->why, VTD_WHY_SIZE, "%.90s:%lu: %.150s", r->file, (unsigned long)key->start_mark.line + 1, problem);
    vtd_text_make_printable(r->why);
    return -1;
}

/* ---------------------------------------------------------------- nodes */

/* What the map describes: the one kind whose name is a key of it. Keys stand once. */
static int kind_of(const struct reader *r, const yaml_node_t *map, enum vtd_node_kind *kind)
{
    const yaml_node_pair_t *start = map->data.mapping.pairs.start, *top = map->data.mapping.pairs.top;
    *kind = VTD_NODE_KINDS;
    if (top - start > PAIRS_MAX) {
        complain(r, map, "too many keys", "");
        return -1;
    }
    for (const yaml_node_pair_t *p = start; p < top; p++) {
        const yaml_node_t *key = yaml_document_get_node(r->document, p->key);
        const char *name = text_of(r, key);
        if (!name)
            return -1;
        for (const yaml_node_pair_t *q = start; q < p; q++)
            if (strcmp((const char *)yaml_document_get_node(r->document, q->key)->data.scalar.value, name) == 0) {
                complain(r, key, "this key stands twice: ", name);
                return -1;
            }
        for (enum vtd_node_kind k = 0; k < VTD_NODE_CLOCK; k++) {
            if (strcmp(vtd_node_kind_name(k), name) != 0)
                continue;
            if (*kind != VTD_NODE_KINDS) {
                complain(r, key, "a part is one thing; it has another name already beside ", name);
                return -1;
            }
            *kind = k;
        }
    }
    if (*kind != VTD_NODE_KINDS)
        return 0;
    complain(r, map, "no kind: want one of pattern, ring, dsa, trace, tenants, phases and mix", "");
    return -1;
}

/* A relative name of a trace is relative to the file that names it. */
static int place_file(const struct reader *r, struct vtd_node *n, char *why)
{
    const char *slash = strrchr(r->file, '/');
    if (!n->file || n->file[0] == '/' || !slash)
        return 0;
    const size_t directory = (size_t)(slash - r->file) + 1, length = strlen(n->file);
    char *whole = malloc(directory + length + 1);
    if (!whole)
        return vtd_node_refuse(why, "out of memory");
    memcpy(whole, r->file, directory);
    memcpy(whole + directory, n->file, length + 1);
    free(n->file);
    n->file = whole;
    return 0;
}

/* What a list needs to know of its members. */
static int check_members(const struct vtd_node *n, char *why)
{
    if (n->kind == VTD_NODE_TENANTS && n->children == 0)
        return vtd_node_refuse(why, "tenants of what? Want the key of");
    for (size_t i = 0; n->kind == VTD_NODE_PHASES && i < n->children; i++)
        if (!n->requests[i] && !(n->stay && i + 1 == n->children))
            return vtd_node_refuse(why, "phase %zu lacks the key requests", i + 1);
    return 0;
}

/* Keys are set and children complete. The clock goes around the node. */
static struct vtd_node *complete(const struct reader *r, const yaml_node_t *map, struct half *h)
{
    char problem[VTD_WHY_SIZE];
    if (vtd_node_check_keys(h->node, problem) == 0 && check_members(h->node, problem) == 0 &&
        place_file(r, h->node, problem) == 0 && h->node->ops->finish(h->node, problem) == 0) {
        if (!h->clock)
            return h->node;
        struct vtd_node *clock = h->clock, *inner = h->node;
        h->node = NULL;
        snprintf(problem, sizeof problem, "out of memory");
        if (vtd_node_add(clock, inner) == 0 && vtd_node_check_keys(clock, problem) == 0 &&
            clock->ops->finish(clock, problem) == 0)
            return clock;
    }
    snprintf(r->why, VTD_WHY_SIZE, "%.90s:%lu: %.150s", r->file, (unsigned long)map->start_mark.line + 1, problem);
    vtd_text_make_printable(r->why);
    return NULL;
}

static struct vtd_node *read_node(struct reader *r, yaml_node_t *map, unsigned depth, struct member *m)
{
    enum vtd_node_kind kind;
    if (map->type != YAML_MAPPING_NODE)
        return complain(r, map, "want a map of keys and values here", "");
    if (depth > VTD_NODE_DEPTH_MAX || ++r->nodes > NODES_MAX)
        return complain(r, map, "parts are nested too deeply, or there are too many", "");
    if (kind_of(r, map, &kind) != 0)
        return NULL;
    struct half h = {.node = vtd_node_new(kind)};
    if (!h.node)
        return complain(r, map, "out of memory", "");
    bool ok = true;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; ok && p < map->data.mapping.pairs.top; p++)
        ok = read_pair(r, p, depth, &h, m) == 0;
    struct vtd_node *whole = ok ? complete(r, map, &h) : NULL;
    if (!whole) {
        vtd_node_free(h.node);
        vtd_node_free(h.clock);
    }
    return whole;
}

/* ---------------------------------------------------------------- files */

bool vtd_describe_is_file(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static struct vtd_node *read_document(struct reader *r, yaml_parser_t *parser)
{
    yaml_document_t document;
    if (!yaml_parser_load(parser, &document)) {
        snprintf(r->why, VTD_WHY_SIZE, "%.90s:%lu: %.100s", r->file, (unsigned long)parser->problem_mark.line + 1,
                 parser->problem ? parser->problem : "this is no YAML");
        vtd_text_make_printable(r->why);
        return NULL;
    }
    struct member none = {.list = VTD_NODE_KINDS};
    r->document = &document;
    yaml_node_t *root = yaml_document_get_root_node(&document);
    struct vtd_node *n = root ? read_node(r, root, 1, &none) : complain(r, NULL, "there is nothing in it", "");
    yaml_document_delete(&document);
    return n;
}

/* Before a tree is made of it: no deeper nests than the language has, which the library would be slow with; no aliases;
 * and no second document, of which a tree would say nothing. */
static int check_events(const struct reader *r, yaml_parser_t *parser)
{
    unsigned depth = 0, documents = 0;
    for (bool end = false; !end;) {
        yaml_event_t e;
        const char *problem = NULL;
        if (!yaml_parser_parse(parser, &e))
            return 0; /* is told when the tree is made */
        const unsigned long line = e.start_mark.line + 1;
        if (e.type == YAML_SEQUENCE_START_EVENT || e.type == YAML_MAPPING_START_EVENT)
            problem = ++depth > 2 * VTD_NODE_DEPTH_MAX + 2 ? "parts are nested too deeply" : NULL;
        else if (e.type == YAML_SEQUENCE_END_EVENT || e.type == YAML_MAPPING_END_EVENT)
            depth--;
        else if (e.type == YAML_ALIAS_EVENT)
            problem = "aliases are not used here";
        else if (e.type == YAML_DOCUMENT_START_EVENT)
            problem = ++documents > 1 ? "a second document begins here: a file describes one workload" : NULL;
        end = e.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&e);
        if (problem) {
            snprintf(r->why, VTD_WHY_SIZE, "%.90s:%lu: %s", r->file, line, problem);
            return -1;
        }
    }
    return 0;
}

static struct vtd_node *parse(struct reader *r, const unsigned char *text, size_t size)
{
    struct vtd_node *n = NULL;
    yaml_parser_t parser;
    for (int round = 0; round < 2; round++) {
        if (!yaml_parser_initialize(&parser)) {
            snprintf(r->why, VTD_WHY_SIZE, "out of memory");
            return NULL;
        }
        yaml_parser_set_input_string(&parser, text, size);
        const bool go_on = round == 0 && check_events(r, &parser) == 0;
        if (round == 1)
            n = read_document(r, &parser);
        yaml_parser_delete(&parser);
        if (!go_on)
            break;
    }
    return n;
}

struct vtd_node *vtd_describe_file(const char *file, char *why)
{
    struct reader r = {.file = file, .why = why};
    FILE *in = fopen(file, "rb");
    unsigned char *text = in ? malloc(FILE_MAX) : NULL;
    struct vtd_node *n = NULL;
    const size_t size = text ? fread(text, 1, FILE_MAX, in) : 0;
    if (!text || ferror(in)) {
        snprintf(why, VTD_WHY_SIZE, "%.100s: %s", file, strerror(errno));
    } else if (size == FILE_MAX) {
        snprintf(why, VTD_WHY_SIZE, "%.100s: a description is smaller than 1 MiB", file);
    } else {
        n = parse(&r, text, size);
    }
    free(text);
    if (in)
        fclose(in);
    return n;
}
