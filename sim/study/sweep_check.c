/* SPDX-License-Identifier: MIT */
/* Looks at every point of a sweep before anything runs, and gives the sweep its identity. See sweep.h. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include "pool.h"
#include "sweep.h"

#include "config/text.h"
#include "vtd/vtd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    EXIT_ERROR = 2
};

/* Seen by the process that looks and by the one that waits for it. */
struct progress {
    uint64_t index, inputs;
    bool finished;
};

struct check {
    struct vtd_sweep *sweep;
    struct progress *progress;
    bool begun;
};

static void fold(uint64_t *hash, const char *text)
{
    do /* the NUL, too: words must not run together */
        *hash = (*hash ^ (uint8_t)*text) * 0x100000001b3ull;
    while (*text++);
}

static void fold_words(uint64_t *hash, const struct vtd_words *words)
{
    char count[24];
    snprintf(count, sizeof count, "%zu", words->count);
    fold(hash, count);
    for (size_t i = 0; i < words->count; i++)
        fold(hash, words->word[i]);
}

static uint64_t identity_of(const struct vtd_sweep *s, uint64_t inputs)
{
    uint64_t hash = 0xcbf29ce484222325ull ^ inputs;
    fold(&hash, s->version);
    fold_words(&hash, &s->base);
    for (size_t i = 0; i < s->axes.count; i++) {
        fold_words(&hash, &s->axes.dimension[i].names);
        fold_words(&hash, &s->axes.dimension[i].values);
    }
    return hash;
}

static bool next(void *arg, uint64_t *job)
{
    struct check *c = arg;
    *job = 0;
    if (c->begun)
        return false;
    c->begun = true;
    return true;
}

static int work(void *arg, uint64_t job, int out)
{
    const struct check *c = arg;
    const struct vtd_sweep *s = c->sweep;
    char why[VTD_WHY_SIZE];
    (void)job, (void)out;
    for (uint64_t i = 0; i < s->axes.points; i++) {
        struct vtd_words words = {0};
        c->progress->index = i;
        int status = vtd_sweep_words(s, i, &words, why);
        if (status == 0)
            status = s->hooks->check(s->hooks->arg, &words, &c->progress->inputs, why);
        vtd_words_free(&words);
        if (status != 0) {
            fprintf(stderr, "%s\n", why);
            return EXIT_ERROR;
        }
    }
    c->progress->finished = true;
    return 0;
}

static int done(void *arg, uint64_t job, const struct vtd_pool_end *end, char *why)
{
    const struct check *c = arg;
    char point[96], said[VTD_WHY_SIZE];
    (void)job;
    if (end->status == 0 && c->progress->finished)
        return 0;
    const size_t prefix = strlen(c->sweep->program);
    const char *message = end->message;
    if (strncmp(message, c->sweep->program, prefix) == 0 && strncmp(message + prefix, ": ", 2) == 0)
        message += prefix + 2;
    snprintf(said, sizeof said, "%s", message);
    if (!*message)
        snprintf(said, sizeof said, "looking at it ended with status %d, signal %d", end->status, end->signal);
    vtd_sweep_describe(c->sweep, c->progress->index, point, sizeof point);
    snprintf(why, VTD_WHY_SIZE, "point %llu (%s): %.120s", (unsigned long long)c->progress->index, point, said);
    vtd_text_make_printable(why);
    return -1;
}

/* The names, and the values of axes that are alone, need no whole point to be refused. */
static int check_axes(const struct vtd_sweep *s, char *why)
{
    char reason[VTD_WHY_SIZE];
    for (size_t i = 0; i < s->axes.count; i++) {
        const struct vtd_dimension *d = &s->axes.dimension[i];
        for (size_t v = 0; v < d->values.count; v++) {
            const char *name = d->names.word[v % d->names.count];
            struct vtd_words words = {0};
            const int status = s->hooks->words(s->hooks->arg, name, d->values.word[v], &words, reason);
            vtd_words_free(&words);
            if (status != 0) {
                snprintf(why, VTD_WHY_SIZE, "axis %.60s: %.180s", name, reason);
                vtd_text_make_printable(why);
                return -1;
            }
        }
    }
    json_t *header = vtd_sweep_header(s);
    if (!header) {
        snprintf(why, VTD_WHY_SIZE, "a word or a value is not UTF-8, which JSON needs");
        return -1;
    }
    json_decref(header);
    return 0;
}

int vtd_sweep_check(struct vtd_sweep *s, char *why)
{
    struct check c = {.sweep = s};
    const struct vtd_pool_hooks hooks = {.arg = &c, .next = next, .work = work, .done = done};
    if (check_axes(s, why) != 0)
        return -1;
    void *shared = mmap(NULL, sizeof *c.progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return -1;
    }
    c.progress = shared;
    const int status = vtd_pool_run(&hooks, 1, why);
    s->identity = identity_of(s, c.progress->inputs);
    munmap(shared, sizeof *c.progress);
    return status;
}
