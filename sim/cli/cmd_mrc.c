/* SPDX-License-Identifier: MIT */
/*
 * vtdsim mrc: the hit rate of a cache at every size, from one run. The cache is made so large that it keeps everything; what
 * it is asked for then does not depend on its size, and positions in recency order say what any smaller one would have held.
 */
#define _DEFAULT_SOURCE /* strsep */

#include "commands.h"
#include "config/text.h"
#include "mrc.h"
#include "play_stop.h"
#include "report/text.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXIT_ERROR = 2
};

enum {
    OPT_STATS = 256,
    OPT_SETS,
    OPT_SIZES,
    OPT_SAMPLE,
    OPT_KEYS,
    OPT_PLOT,
};

static const struct argp_option options[] = {
    {0, 0, 0, 0, "The curve:", 4},
    {"cache", 'C', "pasid_cache|iotlb|context_cache", 0, "Which cache (default pasid_cache)", 4},
    {"sets", OPT_SETS, "N", 0,
     "The cache has N sets, and its size changes by their ways (default 1: fully associative)", 4},
    {"sizes", OPT_SIZES, "N,N,...", 0, "Numbers of entries to show (default: powers of two)", 4},
    {"sample", OPT_SAMPLE, "SHARE", 0, "Follow a share of the keys only, e.g. 0.01; the error is stated", 4},
    {"keys", OPT_KEYS, "N", 0, "Room for N different keys at a time (default 1048576)", 4},
    {0, 0, 0, 0, "Results:", 5},
    {"stats", OPT_STATS, "text|json|csv", 0, "Form of the result (default text)", 5},
    {"output", 'o', "FILE", 0, "Write the result to FILE", 5},
    {"plot", OPT_PLOT, "FILE", 0, "Draw the curve, as .svg or .png (needs gnuplot)", 5},
    {0},
};

static const char *const cache_names[] = {"context_cache", "pasid_cache", "iotlb", NULL};
static const enum vtd_cache_id cache_ids[] = {VTD_CACHE_CONTEXT, VTD_CACHE_PASID, VTD_CACHE_IOTLB};

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void set_sizes(const struct argp_state *state, struct vtd_mrc_run *run, const char *list)
{
    char *words = strdup(list), *rest = words;
    free(run->sizes);
    run->size_count = 0;
    run->sizes = calloc(strlen(list) / 2 + 1, sizeof *run->sizes);
    if (!words || !run->sizes)
        argp_failure(state, EXIT_ERROR, 0, "out of memory");
    for (char *word; (word = strsep(&rest, ","));) {
        if (!vtd_number_parse(word, &run->sizes[run->size_count]) || run->sizes[run->size_count] == 0)
            argp_error(state, "--sizes %s: '%s' is no number of entries", list, word);
        run->size_count++;
    }
    qsort(run->sizes, run->size_count, sizeof *run->sizes, by_value);
    free(words);
}

static void set_sample(const struct argp_state *state, struct vtd_mrc_run *run, const char *text)
{
    char *end = NULL;
    run->spec.sample = strtod(text, &end);
    if (end == text || *end || !(run->spec.sample >= 1e-6 && run->spec.sample <= 1))
        argp_error(state, "--sample %s: want a share from 0.000001 to 1", text);
}

/* What only makes sense together. */
static void check(const struct argp_state *state, const struct vtd_mrc_run *run)
{
    if (run->spec.sample < 1 && run->spec.sets > 1)
        argp_error(state, "--sample is for a fully associative cache, not for --sets %u", run->spec.sets);
    for (size_t i = 0; i < run->size_count; i++)
        if (run->sizes[i] % run->spec.sets)
            argp_error(state, "--sizes: %llu entries cannot be had with %u sets", (unsigned long long)run->sizes[i],
                       run->spec.sets);
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    static const char *const format_names[] = {"text", "json", "csv", NULL};
    struct vtd_mrc_run *run = state->input;
    uint64_t v;
    switch (key) {
    case 'C':
        run->cache = cache_ids[vtd_option_choice(state, "cache", argument, cache_names)];
        return 0;
    case 'o':
        run->output = argument;
        return 0;
    case OPT_PLOT:
        run->plot = argument;
        return 0;
    case OPT_SETS:
        v = vtd_option_count(state, "sets", argument, 1);
        if (v > 1u << 20 || (v & (v - 1)))
            argp_error(state, "--sets %s: want a power of two up to 1048576", argument);
        run->spec.sets = (uint32_t)v;
        return 0;
    case OPT_SIZES:
        set_sizes(state, run, argument);
        return 0;
    case OPT_SAMPLE:
        set_sample(state, run, argument);
        return 0;
    case OPT_KEYS:
        run->keys = vtd_option_count(state, "keys", argument, 1);
        return 0;
    case OPT_STATS:
        run->format = vtd_option_choice(state, "stats", argument, format_names);
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &run->play;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "%s: no argument wanted here; a trace is given with --trace", argument);
        return 0;
    case ARGP_KEY_END:
        check(state, run);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&vtd_play_options, 0, NULL, 0}, {0}};

static const struct argp argp = {
    .options = options,
    .children = children,
    .parser = parse_option,
    .doc =
        "Plays a workload once and tells what the hit rate of a cache would be at every size, with LRU replacement; "
        "invalidations count. The configuration is that of the unit around the cache: what entries, ways and policy it "
        "has for the cache itself does not matter."
        "\vExit status: 0 success; 1 requests were blocked by faults; 2 an error; 128 and its number: a "
        "signal stopped it, and the result is that of the part before.",
};

/* ---------------------------------------------------------------- the stream of lookups */

static void on_change(void *opaque, enum vtd_cache_change change, uint32_t entry, uint64_t a, uint64_t b)
{
    struct vtd_mrc_run *run = opaque;
    struct vtd_mrc *m = run->curve;
    bool ok = true;
    if (run->missed && change != VTD_CACHE_CHANGE_FILL && change <= VTD_CACHE_CHANGE_MISS) {
        vtd_mrc_miss(m); /* the lookup before this one: nothing was filled after it */
        run->missed = false;
    }
    switch (change) {
    case VTD_CACHE_CHANGE_HIT:
        ok = vtd_mrc_access(m, entry, a, b);
        break;
    case VTD_CACHE_CHANGE_MISS:
        run->missed = true;
        break;
    case VTD_CACHE_CHANGE_FILL:
        if (run->missed)
            ok = vtd_mrc_fill(m, entry, a, b);
        run->missed = false;
        break;
    case VTD_CACHE_CHANGE_REMOVE:
        ok = vtd_mrc_remove(m, entry, a, b);
        break;
    case VTD_CACHE_CHANGE_CLEAR:
        vtd_mrc_clear(m);
        break;
    }
    run->no_memory |= !ok;
}

/* What the curve cannot tell: its lookups would depend on the size, or its parts would not be one cache. */
static const char *hindrance(const struct vtd_mrc_run *run, const struct vtd_config *unit)
{
    if (unit->cache[run->cache].partition != VTD_PARTITION_NONE)
        return "vtdsim mrc follows one cache, not parts of it: set .partition to none";
    if (run->cache != VTD_CACHE_PASID)
        return NULL;
    if (unit->pasid_prefetch)
        return "vtdsim mrc cannot tell what is read ahead at other sizes: set .prefetch to 0";
    if (unit->pasid_directory == VTD_PASID_DIRECTORY_SHARED)
        return "vtdsim mrc cannot tell which directory entries are asked for at other sizes: set .directory to "
               "separate";
    return NULL;
}

static int configure(void *arg, char *why)
{
    struct vtd_mrc_run *run = arg;
    struct vtd_config *unit = &run->play.config.unit;
    struct vtd_cache_geometry *g = &unit->cache[run->cache];
    const char *bad = hindrance(run, unit);
    if (bad) {
        snprintf(why, VTD_WHY_SIZE, "%s: %s", vtd_cache_name(run->cache), bad);
        return -1;
    }
    run->spec.modulo = g->index == VTD_INDEX_MODULO;
    *g = (struct vtd_cache_geometry){.entries = (uint32_t)(run->keys > UINT32_MAX ? UINT32_MAX : run->keys)};
    if (vtd_config_validate(unit, why) != VTD_STATUS_OK)
        return -1;
    run->curve = vtd_mrc_create(&run->spec);
    if (run->curve)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "out of memory");
    return -1;
}

static int begin(void *arg, struct vtd_player *player, char *why)
{
    struct vtd_mrc_run *run = arg;
    run->player = player;
    run->foresight = vtd_foresight_create(player, run->cache, on_change, run);
    if (run->foresight)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "out of memory");
    return -1;
}

/* Requests that the unit was spared are requests all the same. */
static void end(void *arg)
{
    struct vtd_mrc_run *run = arg;
    if (run->foresight) {
        const uint64_t spared = vtd_foresight_spared(run->foresight);
        run->play.all.requests += spared;
        run->play.stats.requests += spared - run->spared;
    }
    vtd_foresight_destroy(run->foresight);
    run->foresight = NULL;
}

static enum vtd_player_result play(void *arg, const struct vtd_record *r, uint8_t *reason, char *why)
{
    const struct vtd_mrc_run *run = arg;
    return vtd_foresight_play(run->foresight, r, reason, why);
}

/* Fetches what records will need: of an access that is foreseen its stamp, of another what the unit keeps. */
static void ahead(void *arg, const struct vtd_record *record, unsigned count)
{
    const struct vtd_mrc_run *run = arg;
    uint32_t entry[VTD_PLAY_AHEAD];
    for (unsigned i = 0; i < count; i++)
        vtd_foresight_prefetch(run->foresight, &record[i]);
    for (unsigned i = 0; i < count; i++)
        entry[i] = vtd_foresight_entry(run->foresight, &record[i]);
    for (unsigned stage = 0; stage < 2; stage++)
        for (unsigned i = 0; i < count; i++)
            if (entry[i] != VTD_FORESIGHT_NONE)
                vtd_mrc_prefetch(run->curve, entry[i], stage);
            else
                vtd_player_prefetch(run->player, &record[i], stage);
}

/* The warm-up is over. Its last lookup is not, where it missed: the request after it may not look anything up. */
static void start_counting(void *arg)
{
    struct vtd_mrc_run *run = arg;
    if (run->missed)
        vtd_mrc_miss(run->curve);
    run->missed = false;
    run->spared = vtd_foresight_spared(run->foresight);
    vtd_mrc_start_counting(run->curve);
}

static int write_result(void *arg, char *why)
{
    struct vtd_mrc_run *run = arg;
    const struct vtd_stats *s = &run->play.all;
    const uint64_t evicted[] = {s->ctxt_cache_evict, s->pasid_cache_evict, s->iotlb_evict};
    if (run->no_memory) {
        snprintf(why, VTD_WHY_SIZE, "out of memory: follow fewer keys with --sample");
        return -1;
    }
    if (evicted[run->cache]) {
        snprintf(why, VTD_WHY_SIZE, "there are more than %llu different keys at a time: raise --keys",
                 (unsigned long long)run->keys);
        return -1;
    }
    if (run->missed)
        vtd_mrc_miss(run->curve);
    return vtd_mrc_write(run, why);
}

int vtd_cmd_mrc(int argc, char **argv)
{
    struct vtd_mrc_run run = {
        .play = VTD_PLAY("vtdsim mrc"),
        .cache = VTD_CACHE_PASID,
        .spec = {.sets = 1, .sample = 1},
        .keys = 1 << 20,
    };
    if (argp_parse(&argp, argc, argv, 0, NULL, &run) != 0)
        return EXIT_ERROR;
    const struct vtd_play_hooks hooks = {
        .arg = &run,
        .configure = configure,
        .begin = begin,
        .play = play,
        .ahead = ahead,
        .end = end,
        .count = start_counting,
        .write = write_result,
    };
    struct vtd_arena arena = {0};
    run.command = vtd_shell_command(&arena, argc, argv);
    vtd_play_stop_on_signals();
    const int status = vtd_play(&run.play, &hooks);
    vtd_arena_free(&arena);
    vtd_mrc_destroy(run.curve);
    free(run.sizes);
    vtd_play_free(&run.play);
    return status;
}
