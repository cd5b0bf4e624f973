/* SPDX-License-Identifier: MIT */
/* Keys from YAML files and command lines. See config.h. */
#define _POSIX_C_SOURCE 200809L

#include "config.h"

#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#define DEPTH_MAX       8
#define KEY_MAX         128
#define ASSIGNMENTS_MAX 4096

static int append(struct vtd_sim_assignments *a, const char *key, const char *value, const char *origin)
{
    struct vtd_sim_assignment *list = realloc(a->list, (a->count + 1) * sizeof *list);
    if (!list)
        return -1;
    a->list = list;
    struct vtd_sim_assignment *new = &list[a->count];
    *new = (struct vtd_sim_assignment){.key = strdup(key), .value = strdup(value), .origin = strdup(origin)};
    a->count++;
    return new->key &&new->value &&new->origin ? 0 : -1;
}

int vtd_sim_assignments_add(struct vtd_sim_assignments *a, const char *key_value, char *why)
{
    const char *equals = strchr(key_value, '=');
    char key[KEY_MAX];
    if (!equals || equals == key_value || equals - key_value >= KEY_MAX) {
        snprintf(why, VTD_WHY_SIZE, "--set %.60s: want KEY=VALUE", key_value);
        return -1;
    }
    snprintf(key, sizeof key, "%.*s", (int)(equals - key_value), key_value);
    if (append(a, key, equals + 1, "--set") == 0)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "out of memory");
    return -1;
}

/* ---------------------------------------------------------------- YAML */

/* Where the reader is in the nest of maps. */
struct reader {
    struct vtd_sim_assignments *out;
    const char *file;
    char *why;
    size_t first;            /* of this file, in out */
    char path[KEY_MAX];      /* "iotlb." inside of iotlb */
    size_t start[DEPTH_MAX]; /* length of path outside of the map at that depth */
    unsigned depth;
    bool have_key;
    char key[KEY_MAX];
    unsigned long key_line;
};

static int complain(struct reader *r, unsigned long line, const char *what, const char *name)
{
    snprintf(r->why, VTD_WHY_SIZE, "%.100s:%lu: %s%.60s", r->file, line, what, name);
    vtd_text_make_printable(r->why);
    return -1;
}

static int take_key(struct reader *r, const yaml_event_t *e)
{
    const char *text = (const char *)e->data.scalar.value;
    r->key_line = e->start_mark.line + 1;
    const int n = snprintf(r->key, sizeof r->key, "%s%s", r->path, text);
    if (*text == '\0' || strlen(text) != e->data.scalar.length || n < 0 || (size_t)n >= sizeof r->key)
        return complain(r, r->key_line, "this is no key: ", text);
    r->have_key = true;
    return 0;
}

static int take_value(struct reader *r, const yaml_event_t *e)
{
    const char *text = (const char *)e->data.scalar.value;
    char origin[VTD_WHY_SIZE];
    if (strlen(text) != e->data.scalar.length)
        return complain(r, r->key_line, "a value with a NUL character: ", r->key);
    for (size_t i = r->first; i < r->out->count; i++)
        if (strcmp(r->out->list[i].key, r->key) == 0)
            return complain(r, r->key_line, "this key stands twice: ", r->key);
    if (r->out->count >= ASSIGNMENTS_MAX)
        return complain(r, r->key_line, "too many keys", "");
    snprintf(origin, sizeof origin, "%.100s:%lu", r->file, r->key_line);
    r->have_key = false;
    return append(r->out, r->key, text, origin) == 0 ? 0 : complain(r, r->key_line, "out of memory", "");
}

static int open_map(struct reader *r, unsigned long line)
{
    if (r->depth == 0) {
        r->depth = 1;
        r->start[0] = 0;
        return 0;
    }
    if (!r->have_key || r->depth == DEPTH_MAX)
        return complain(r, line, "maps are nested too deeply or stand in place of a key", "");
    if (strlen(r->key) + 1 >= sizeof r->path)
        return complain(r, line, "the key is too long: ", r->key);
    r->start[r->depth++] = strlen(r->path);
    memcpy(r->path, r->key, strlen(r->key) + 1);
    strcat(r->path, ".");
    r->have_key = false;
    return 0;
}

static int take_event(struct reader *r, const yaml_event_t *e)
{
    const unsigned long line = e->start_mark.line + 1;
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        if (r->depth == 0) {
            const bool empty = e->data.scalar.length == 0 && e->data.scalar.plain_implicit;
            return empty ? 0 : complain(r, line, "want keys and values, not one value", "");
        }
        return r->have_key ? take_value(r, e) : take_key(r, e);
    case YAML_MAPPING_START_EVENT:
        return open_map(r, line);
    case YAML_MAPPING_END_EVENT:
        r->path[r->start[--r->depth]] = '\0';
        return 0;
    case YAML_SEQUENCE_START_EVENT:
        return complain(r, line, "a list stands where a value should: ", r->have_key ? r->key : "");
    case YAML_ALIAS_EVENT:
        return complain(r, line, "aliases are not used here", "");
    default:
        return 0;
    }
}

static int read_events(struct reader *r, yaml_parser_t *parser)
{
    for (;;) {
        yaml_event_t e;
        if (!yaml_parser_parse(parser, &e)) {
            const char *problem = parser->problem ? parser->problem : "not YAML";
            return complain(r, (unsigned long)parser->problem_mark.line + 1, problem, "");
        }
        const bool end = e.type == YAML_STREAM_END_EVENT;
        const int status = take_event(r, &e);
        yaml_event_delete(&e);
        if (status != 0 || end)
            return status;
    }
}

int vtd_sim_assignments_load(struct vtd_sim_assignments *a, const char *file, char *why)
{
    struct reader r = {.out = a, .file = file, .why = why, .first = a->count};
    yaml_parser_t parser;
    FILE *in = fopen(file, "rb");
    if (!in) {
        snprintf(why, VTD_WHY_SIZE, "%.100s: %s", file, strerror(errno));
        return -1;
    }
    if (!yaml_parser_initialize(&parser)) {
        fclose(in);
        return complain(&r, 0, "out of memory", "");
    }
    yaml_parser_set_input_file(&parser, in);
    const int status = read_events(&r, &parser);
    yaml_parser_delete(&parser);
    fclose(in);
    return status;
}

/* ---------------------------------------------------------------- use */

static int apply_one(const struct vtd_sim_assignment *s, struct vtd_sim_config *cfg, char *why)
{
    char reason[VTD_WHY_SIZE];
    if (vtd_sim_config_set(cfg, s->key, s->value, reason) == 0)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "%.110s: %.140s", s->origin, reason);
    return -1;
}

/*
 * Does an assignment set the thing that a message begins with ("pasid_cache: ...", "timing.walkers: ...", "ECAP.NEST needs
 * ...")? The name ends before one of end.
 */
static bool speaks_of(const char *message, const char *end, const char *key)
{
    const size_t length = strcspn(message, end);
    return length && strncasecmp(message, key, length) == 0 && (key[length] == '.' || key[length] == '\0');
}

/* The configuration as a whole is refused: the last assignment that can be the cause is named. */
static int blame(const struct vtd_sim_assignments *a, const char *reason, char *why)
{
    static const char *const ends[] = {": ", ":. "}; /* the whole name, or its first part */
    for (unsigned e = 0; e < 2; e++)
        for (size_t i = a->count; i-- > 0;)
            if (speaks_of(reason, ends[e], a->list[i].key)) {
                snprintf(why, VTD_WHY_SIZE, "%.90s: %.40s: %.120s", a->list[i].origin, a->list[i].key, reason);
                return -1;
            }
    snprintf(why, VTD_WHY_SIZE, "%.200s", reason);
    return -1;
}

int vtd_sim_assignments_apply(const struct vtd_sim_assignments *a, struct vtd_sim_config *cfg, char *why)
{
    char reason[VTD_WHY_SIZE];
    if (vtd_sim_config_init(cfg, NULL, why) != 0)
        return -1;
    for (unsigned round = 0; round < 2; round++)
        for (size_t i = 0; i < a->count; i++) {
            const bool preset = strcmp(a->list[i].key, "preset") == 0;
            if (preset == (round == 0) && apply_one(&a->list[i], cfg, why) != 0)
                return -1;
        }
    return vtd_sim_config_finish(cfg, reason) == 0 ? 0 : blame(a, reason, why);
}

void vtd_sim_assignments_free(struct vtd_sim_assignments *a)
{
    for (size_t i = 0; i < a->count; i++) {
        free(a->list[i].key);
        free(a->list[i].value);
        free(a->list[i].origin);
    }
    free(a->list);
    *a = (struct vtd_sim_assignments){0};
}
