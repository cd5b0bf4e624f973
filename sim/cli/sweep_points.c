/* SPDX-License-Identifier: MIT */
/* Points of a sweep as runs. See sweep_points.h. */
#define _POSIX_C_SOURCE 200809L

#include "sweep_points.h"

#include "config/text.h"
#include "run_json.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    EXIT_ERROR = 2,
    SAMPLE = 65536 /* bytes at the beginning of a file that tell it from another one */
};

/* ---------------------------------------------------------------- names of axes */

static bool is_last(const struct argp_option *o)
{
    return !o->name && !o->key && !o->doc && !o->group;
}

/* The option of this name, in argp or its children. */
static const struct argp_option *find_option(const struct argp *argp, const char *name)
{
    for (const struct argp_option *o = argp->options; o && !is_last(o); o++)
        if (o->name && strcmp(o->name, name) == 0)
            return o;
    for (const struct argp_child *c = argp->children; c && c->argp; c++) {
        const struct argp_option *o = find_option(c->argp, name);
        if (o)
            return o;
    }
    return NULL;
}

static int add(struct vtd_words *words, const char *text, char *why)
{
    if (vtd_words_add(words, text))
        return 0;
    snprintf(why, VTD_WHY_SIZE, "out of memory");
    return -1;
}

static int add_option(struct vtd_words *words, const char *name, const char *value, bool has_value, char *why)
{
    char *text = malloc(strlen(name) + strlen(value) + 4);
    int status = -1;
    if (!text) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
    } else {
        sprintf(text, "--%s%s%s", name, has_value ? "=" : "", has_value ? value : "");
        status = add(words, text, why);
    }
    free(text);
    return status;
}

static int add_key(struct vtd_words *words, const char *key, const char *value, char *why)
{
    struct vtd_sim_config scratch;
    if (vtd_sim_config_init(&scratch, NULL, why) != 0 || vtd_sim_config_set(&scratch, key, value, why) != 0)
        return -1;
    char *text = malloc(strlen(key) + strlen(value) + 2);
    int status = -1;
    if (!text) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
    } else {
        sprintf(text, "%s=%s", key, value);
        status = add(words, "-s", why) == 0 ? add(words, text, why) : -1;
    }
    free(text);
    return status;
}

static bool is_key(const char *name)
{
    const char *key;
    for (unsigned i = 0; (key = vtd_sim_config_key(i, NULL)); i++)
        if (strcmp(key, name) == 0)
            return true;
    return false;
}

/* Goes on from best, or NULL: the option in argp or its children that is spelled most like name. */
static const char *nearest_option(const struct argp *argp, const char *name, const char *best)
{
    for (const struct argp_option *o = argp->options; o && !is_last(o); o++)
        if (o->name && (!best || vtd_text_distance(name, o->name) < vtd_text_distance(name, best)))
            best = o->name;
    for (const struct argp_child *c = argp->children; c && c->argp; c++)
        best = nearest_option(c->argp, name, best);
    return best;
}

static int refuse_name(const char *name, char *why)
{
    const char *best = nearest_option(&vtd_run_options, name, NULL), *key;
    for (unsigned i = 0; (key = vtd_sim_config_key(i, NULL)); i++)
        if (vtd_text_distance(name, key) < vtd_text_distance(name, best))
            best = key;
    snprintf(why, VTD_WHY_SIZE, "no option of vtdsim run, and no key; the nearest one is '%.64s'", best);
    return -1;
}

/* Options come before keys: what both have is the seed, and that of the workload is the one that studies vary. */
static int words_of(void *arg, const char *name, const char *value, struct vtd_words *words, char *why)
{
    const struct argp_option *option = find_option(&vtd_run_options, name);
    (void)arg;
    if (!option && is_key(name))
        return add_key(words, name, value, why);
    if (!option)
        return refuse_name(name, why);
    if (option->arg)
        return add_option(words, name, value, true, why);
    if (strcmp(value, "no") == 0)
        return 0;
    if (strcmp(value, "yes") == 0)
        return add_option(words, name, value, false, why);
    snprintf(why, VTD_WHY_SIZE, "--%.40s has no value: want yes or no, not %.80s", name, value);
    return -1;
}

/* ---------------------------------------------------------------- words as a run */

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->input;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "%s: no argument wanted here; a trace is given with --trace", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&vtd_run_options, 0, NULL, 0}, {0}};
static const struct argp argp = {.parser = parse_option, .children = children};

/* A mistake ends the process with a message. argv, to be freed, has to stay as long as run is used; NULL: out of memory. */
static char **parse(const struct vtd_words *words, struct vtd_run *run)
{
    static char program[] = VTD_SWEEP_PROGRAM;
    char **argv = calloc(words->count + 2, sizeof *argv);
    if (!argv)
        return NULL;
    argv[0] = program;
    for (size_t i = 0; i < words->count; i++)
        argv[i + 1] = words->word[i];
    /* Without --help, which would be no run. */
    if (argp_parse(&argp, (int)words->count + 1, argv, ARGP_NO_HELP, NULL, run) != 0)
        exit(EXIT_ERROR);
    return argv;
}

static void fold(uint64_t *hash, const void *data, size_t length)
{
    const uint8_t *byte = data;
    for (size_t i = 0; i < length; i++)
        *hash = (*hash ^ byte[i]) * 0x100000001b3ull;
}

/* Folds in what tells the content of a file from another one, as far as that is cheap. */
static void fold_file(uint64_t *hash, const char *path)
{
    static char sample[SAMPLE];
    struct stat s;
    const int fd = path ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode)) {
        const ssize_t n = read(fd, sample, sizeof sample);
        fold(hash, &s.st_size, sizeof s.st_size);
        fold(hash, sample, n > 0 ? (size_t)n : 0);
    }
    close(fd);
}

/* A file that all points would write to is not what anybody wants. */
static int check_files(const struct vtd_run *run, char *why)
{
    if (!run->play.time.timeline.file)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "--timeline is for one run: give it to the command that the row of a point tells");
    return -1;
}

static int check(void *arg, const struct vtd_words *words, uint64_t *inputs, char *why)
{
    struct vtd_run run = VTD_RUN;
    char **argv = parse(words, &run);
    (void)arg;
    int status = -1;
    if (!argv)
        snprintf(why, VTD_WHY_SIZE, "out of memory");
    else if (check_files(&run, why) == 0)
        status = vtd_run_check(&run, why);
    if (status == 0) {
        const uint64_t config = vtd_sim_config_hash(&run.play.config);
        fold(inputs, &config, sizeof config);
        fold_file(inputs, run.play.trace);
        fold_file(inputs, run.play.spec);
    }
    vtd_run_free(&run);
    free(argv);
    return status;
}

static int write_into_row(struct vtd_run *run, char *why)
{
    if (json_object_set_new(run->write_arg, "result", vtd_run_json(run)) == 0)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "out of memory");
    return -1;
}

static int run_point(void *arg, const struct vtd_words *words, json_t *row)
{
    struct vtd_run run = VTD_RUN;
    char **argv = parse(words, &run);
    (void)arg;
    if (!argv)
        return EXIT_ERROR;
    run.write = write_into_row;
    run.write_arg = row;
    const int status = vtd_run_play(&run);
    vtd_run_free(&run);
    free(argv);
    return status;
}

const struct vtd_sweep_hooks vtd_sweep_of_runs = {.words = words_of, .check = check, .run = run_point};
