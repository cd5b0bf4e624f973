/* SPDX-License-Identifier: MIT */
/* A sweep described in YAML: over, list and base. See axes.h. */
#include "axes.h"

#include "config/text.h"
#include "vtd/vtd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#define DEPTH_MAX       8
#define NAME_MAX_LENGTH 128

struct study {
    const char *file;
    char *why;
    yaml_document_t *document;
    struct vtd_axes *axes;
    struct vtd_words *base;
};

static int complain(const struct study *s, const yaml_node_t *node, const char *what)
{
    const unsigned long line = node ? (unsigned long)node->start_mark.line + 1 : 1;
    snprintf(s->why, VTD_WHY_SIZE, "%.100s:%lu: %.130s", s->file, line, what);
    vtd_text_make_printable(s->why);
    return -1;
}

static yaml_node_t *node_of(const struct study *s, int id)
{
    return yaml_document_get_node(s->document, id);
}

/* The text of a scalar; NULL with a complaint. */
static const char *text_of(const struct study *s, const yaml_node_t *node, const char *want)
{
    const char *text = node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
    if (text && *text && strlen(text) == node->data.scalar.length)
        return text;
    complain(s, node, want);
    return NULL;
}

/* ---------------------------------------------------------------- maps of names */

/* What is done with a name and what stands beside it. */
typedef int visitor(const struct study *s, const char *name, const yaml_node_t *value, void *arg);

/* Visits a map. Maps in it are the dotted paths of keys, as in configuration files. */
/* Is name a key of the map before p? */
static bool stands_before(const struct study *s, const yaml_node_t *map, const yaml_node_pair_t *p, const char *name)
{
    for (const yaml_node_pair_t *before = map->data.mapping.pairs.start; before < p; before++)
        if (strcmp((const char *)node_of(s, before->key)->data.scalar.value, name) == 0)
            return true;
    return false;
}

static int visit_map(const struct study *s, const yaml_node_t *map, const char *prefix, unsigned depth, visitor *visit,
                     void *arg)
{
    if (map->type != YAML_MAPPING_NODE || depth == DEPTH_MAX)
        return complain(s, map, "want names and values here");
    for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        char name[NAME_MAX_LENGTH];
        const yaml_node_t *value = node_of(s, p->value);
        const char *word = text_of(s, node_of(s, p->key), "this is no name");
        if (!word)
            return -1;
        if (stands_before(s, map, p, word))
            return complain(s, node_of(s, p->key), "this key stands twice");
        const int n = snprintf(name, sizeof name, "%s%s%s", prefix, *prefix ? "." : "", word);
        if (n < 0 || (size_t)n >= sizeof name)
            return complain(s, node_of(s, p->key), "the name is too long");
        const int status = value->type == YAML_MAPPING_NODE ? visit_map(s, value, name, depth + 1, visit, arg)
                                                            : visit(s, name, value, arg);
        if (status != 0)
            return -1;
    }
    return 0;
}

/* ---------------------------------------------------------------- over, list, base */

static int take_axis(const struct study *s, const char *name, const yaml_node_t *value, void *arg)
{
    char reason[VTD_WHY_SIZE];
    (void)arg;
    if (s->axes->count >= VTD_AXES_COLUMNS_MAX)
        return complain(s, value, "too many axes");
    if (value->type == YAML_SCALAR_NODE) {
        const char *text = text_of(s, value, "want values");
        if (!text)
            return -1;
        return vtd_axes_add_values(s->axes, name, text, reason) == 0 ? 0 : complain(s, value, reason);
    }
    struct vtd_dimension *d = vtd_axes_add(s->axes);
    if (!d || !vtd_words_add(&d->names, name))
        return complain(s, value, "out of memory");
    const yaml_node_item_t *item = value->data.sequence.items.start;
    if (item == value->data.sequence.items.top)
        return complain(s, value, "want values");
    for (; item < value->data.sequence.items.top; item++) {
        const yaml_node_t *node = node_of(s, *item);
        const char *text = text_of(s, node, "want a value");
        if (!text)
            return -1;
        if (vtd_values_expand(&d->values, text, reason) != 0)
            return complain(s, node, reason);
    }
    return 0;
}

/* A point of a list: the names of the first one, in any order. */
struct point {
    struct vtd_dimension *d;
    const char *values[VTD_AXES_COLUMNS_MAX];
    size_t count;
};

static int take_value_of_point(const struct study *s, const char *name, const yaml_node_t *value, void *arg)
{
    struct point *p = arg;
    const char *text = text_of(s, value, "want one value");
    if (!text)
        return -1;
    size_t c = vtd_words_find(&p->d->names, name);
    if (c == p->d->names.count) {
        if (p->d->values.count)
            return complain(s, value, "the first point of the list does not have this name");
        if (c == VTD_AXES_COLUMNS_MAX || !vtd_words_add(&p->d->names, name))
            return complain(s, value, "too many names");
    } else if (p->values[c]) {
        return complain(s, value, "this name stands twice");
    }
    p->values[c] = text;
    p->count++;
    return 0;
}

static int take_list(const struct study *s, const yaml_node_t *list)
{
    struct vtd_dimension *d = vtd_axes_add(s->axes);
    if (!d)
        return complain(s, list, "out of memory");
    if (list->type != YAML_SEQUENCE_NODE || list->data.sequence.items.start == list->data.sequence.items.top)
        return complain(s, list, "want a list of points");
    for (const yaml_node_item_t *i = list->data.sequence.items.start; i < list->data.sequence.items.top; i++) {
        const yaml_node_t *node = node_of(s, *i);
        struct point p = {.d = d};
        if (visit_map(s, node, "", 0, take_value_of_point, &p) != 0)
            return -1;
        if (p.count == 0 || p.count != d->names.count)
            return complain(s, node, "this point does not have the names of the first one");
        for (size_t c = 0; c < p.count; c++)
            if (!vtd_words_add(&d->values, p.values[c]))
                return complain(s, node, "out of memory");
    }
    return 0;
}

static int take_base(const struct study *s, const char *name, const yaml_node_t *value, void *arg)
{
    (void)arg;
    const char *text = text_of(s, value, "want one value");
    if (!text)
        return -1;
    return vtd_words_add(s->base, name) && vtd_words_add(s->base, text) ? 0 : complain(s, value, "out of memory");
}

static int take_study(const struct study *s)
{
    const yaml_node_t *root = yaml_document_get_root_node(s->document);
    if (!root || root->type != YAML_MAPPING_NODE)
        return complain(s, root, "want over, list or base");
    for (const yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = node_of(s, p->key), *value = node_of(s, p->value);
        const char *name = text_of(s, key, "want over, list or base");
        int status;
        if (!name)
            return -1;
        if (stands_before(s, root, p, name))
            return complain(s, key, "this key stands twice");
        if (strcmp(name, "over") == 0)
            status = visit_map(s, value, "", 0, take_axis, NULL);
        else if (strcmp(name, "list") == 0)
            status = take_list(s, value);
        else if (strcmp(name, "base") == 0)
            status = visit_map(s, value, "", 0, take_base, NULL);
        else
            status = complain(s, key, "unknown; there are over, list and base");
        if (status != 0)
            return -1;
    }
    return 0;
}

/* What stands behind a second "---" would be left out without a word. */
static int expect_end(const struct study *s, yaml_parser_t *parser)
{
    yaml_event_t e;
    if (!yaml_parser_parse(parser, &e)) {
        snprintf(s->why, VTD_WHY_SIZE, "%.100s:%lu: %.100s", s->file, (unsigned long)parser->problem_mark.line + 1,
                 parser->problem ? parser->problem : "not YAML");
        return -1;
    }
    const bool is_end = e.type == YAML_STREAM_END_EVENT;
    if (!is_end)
        snprintf(s->why, VTD_WHY_SIZE, "%.100s:%lu: a second document begins here: a file has one study", s->file,
                 (unsigned long)e.start_mark.line + 1);
    yaml_event_delete(&e);
    return is_end ? 0 : -1;
}

int vtd_axes_add_yaml(struct vtd_axes *axes, struct vtd_words *base, const char *file, char *why)
{
    yaml_parser_t parser;
    yaml_document_t document;
    FILE *in = fopen(file, "rb");
    if (!in || !yaml_parser_initialize(&parser)) {
        snprintf(why, VTD_WHY_SIZE, "%.100s: %s", file, in ? "out of memory" : strerror(errno));
        if (in)
            fclose(in);
        return -1;
    }
    int status = -1;
    yaml_parser_set_input_file(&parser, in);
    if (yaml_parser_load(&parser, &document)) {
        const struct study s = {.file = file, .why = why, .document = &document, .axes = axes, .base = base};
        status = take_study(&s);
        if (status == 0)
            status = expect_end(&s, &parser);
        yaml_document_delete(&document);
    } else {
        snprintf(why, VTD_WHY_SIZE, "%.100s:%lu: %.100s", file, (unsigned long)parser.problem_mark.line + 1,
                 parser.problem ? parser.problem : "not YAML");
    }
    yaml_parser_delete(&parser);
    fclose(in);
    return status;
}
