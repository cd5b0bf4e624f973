/* SPDX-License-Identifier: MIT */
/*
 * The loop of a run. It plays up to the next request at which something is due - the statistics start, an interval ends,
 * progress is shown - and asks for nothing else in between.
 */
#define _POSIX_C_SOURCE 200809L

#include "play_loop.h"

#include "play_stop.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FAULTS_SHOWN = 5,
    PROGRESS_STEP = 0x20000,
    AHEAD = VTD_PLAY_AHEAD /* records */
};

/* Progress on a terminal: of requests, or of the bytes of a trace that is played as it is read. */
struct progress {
    uint64_t total, next;
    const struct vtd_trace_stream *stream;
};

struct loop {
    struct vtd_play *play;
    const struct vtd_play_hooks *hooks;
    struct vtd_player *player;
    struct vtd_timed_run *timed; /* NULL: there is no time */
    struct vtd_tenants *tenants;
    struct progress progress;
    uint64_t done;            /* requests */
    uint64_t unmaps, faults;  /* so far */
    struct vtd_counts start;  /* when the statistics started */
    struct vtd_counts before; /* when the interval began */
    uint64_t interval;        /* its number from 0 */
    uint64_t interval_first, interval_end;
    uint64_t cycles; /* of an interval of time; 0: they are of requests, or there are none */
    uint64_t due;    /* the cycle in which it is over */
    bool over;       /* an access came then */
    bool at_end;     /* the workload has no more */
    struct vtd_record record[AHEAD];
    unsigned next, ahead; /* record[next, ahead) are read and not played */
};

/* ---------------------------------------------------------------- progress and faults */

static uint64_t size_of_file(const char *name)
{
    struct stat s;
    return stat(name, &s) == 0 && S_ISREG(s.st_mode) ? (uint64_t)s.st_size : 0;
}

static void start_progress(struct loop *l)
{
    const struct vtd_workload *w = l->play->tenants.spec.workload;
    const uint64_t limit = l->play->region.limit;
    l->progress.next = UINT64_MAX;
    if (!isatty(STDERR_FILENO))
        return;
    l->progress.next = 0;
    l->progress.stream = w->stream;
    l->progress.total = limit;
    if (w->stream)
        l->progress.total = size_of_file(l->play->trace);
    else if (l->play->trace && w->trace.accesses * l->play->tenants.spec.count < limit)
        l->progress.total = w->trace.accesses * l->play->tenants.spec.count;
}

static void show_progress(struct loop *l)
{
    struct progress *g = &l->progress;
    g->next = l->done + PROGRESS_STEP;
    if (g->total)
        fprintf(stderr, "\r%3u %% of %llu %s",
                (unsigned)(100 * (g->stream ? vtd_trace_stream_consumed(g->stream) : l->done) / g->total),
                (unsigned long long)g->total, g->stream ? "bytes" : "requests");
}

static void end_progress(const struct loop *l)
{
    if (l->progress.next != UINT64_MAX && l->progress.total)
        fputs("\r\033[K", stderr);
}

static void report_fault(const struct vtd_play *p, const struct vtd_record *r, uint8_t reason, uint64_t faults)
{
    if (faults > FAULTS_SHOWN)
        return;
    fprintf(stderr, "%s: %02x:%02x.%x 0x%llx: fault %02xh %s: %s\n", p->command, r->sid >> 8, r->sid >> 3 & 31,
            r->sid & 7, (unsigned long long)r->iova, reason, vtd_fault_name(reason), vtd_fault_description(reason));
    if (faults == FAULTS_SHOWN)
        fprintf(stderr, "%s: further faults are counted only\n", p->command);
}

/* ---------------------------------------------------------------- counts */

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static struct vtd_timed_progress progress_of(const struct loop *l)
{
    struct vtd_timed_progress p = {0};
    if (l->timed)
        vtd_timed_run_progress(l->timed, &p);
    return p;
}

static void take_counts(const struct loop *l, struct vtd_counts *c)
{
    memset(c, 0, sizeof *c);
    vtd_stats_get(vtd_player_unit(l->player), &c->stats);
    vtd_player_device_stats(l->player, &c->devices);
    c->unmaps = l->unmaps;
    c->pages_mapped = vtd_player_pages_mapped(l->player);
    c->latency = progress_of(l).latency;
}

/* later - earlier. All that is counted is a 64-bit word. */
static void subtract(const struct vtd_counts *later, const struct vtd_counts *earlier, struct vtd_counts *difference)
{
    uint64_t a[sizeof *later / 8], b[sizeof *earlier / 8];
    _Static_assert(sizeof *later % 8 == 0, "words");
    memcpy(a, later, sizeof a);
    memcpy(b, earlier, sizeof b);
    for (size_t i = 0; i < sizeof a / sizeof a[0]; i++)
        a[i] -= b[i];
    memcpy(difference, a, sizeof a);
}

static void start_interval(struct loop *l)
{
    const uint64_t length = l->cycles ? 0 : l->play->interval;
    l->interval_first = l->done + 1;
    l->interval_end = length ? lesser(length, UINT64_MAX - l->done) + l->done : UINT64_MAX;
}

/* Intervals of time end at multiples of their length; those in which nothing came are left out. */
static void move_due(struct loop *l)
{
    const uint64_t now = progress_of(l).arrival;
    l->over = false;
    l->due = l->cycles && l->cycles < UINT64_MAX - now ? now - now % l->cycles + l->cycles : UINT64_MAX;
}

/* Without a warm-up everything counts, also what the driver did to bring the unit up. */
static void start_statistics(struct loop *l)
{
    start_interval(l);
    move_due(l);
    if (l->done) {
        if (l->timed)
            vtd_timed_run_reset(l->timed);
        take_counts(l, &l->start);
    }
    l->before = l->start;
    if (l->hooks->count)
        l->hooks->count(l->hooks->arg);
}

/* Tells of an interval; the last one may be short, and even without a request when only unmaps came behind the one before. */
static int end_interval(struct loop *l, char *why)
{
    static const struct vtd_counts nothing;
    struct vtd_play_interval i = {.index = l->interval++, .first = l->interval_first};
    struct vtd_counts now;
    take_counts(l, &now);
    subtract(&now, &l->before, &i.counts);
    i.requests = l->done + 1 - l->interval_first;
    if (i.requests == 0 && memcmp(&i.counts, &nothing, sizeof nothing) == 0)
        return 0;
    i.arrival = progress_of(l).arrival;
    start_interval(l);
    move_due(l);
    l->before = now;
    return l->hooks->interval(l->hooks->arg, &i, why);
}

/* ---------------------------------------------------------------- the loop */

/*
 * Reads some records ahead, with hints for what they need. Never more than there are requests to play: what lies behind
 * them in a trace, damage too, is not for this run to see. False at the end.
 */
static bool read_ahead(struct loop *l, uint64_t most)
{
    const unsigned want = most < AHEAD ? (unsigned)most : AHEAD;
    l->next = l->ahead = 0;
    while (l->ahead < want && vtd_tenants_next(l->tenants, &l->record[l->ahead]))
        l->ahead++;
    if (!vtd_player_wants_prefetch(l->player))
        return l->ahead > 0;
    if (l->hooks->ahead)
        l->hooks->ahead(l->hooks->arg, l->record, l->ahead);
    else
        for (unsigned stage = 0; stage < 2; stage++)
            for (unsigned i = 0; i < l->ahead; i++)
                vtd_player_prefetch(l->player, &l->record[i], stage);
    return l->ahead > 0;
}

static inline enum vtd_player_result play(const struct loop *l, const struct vtd_record *r, uint8_t *reason, char *why)
{
    if (l->hooks->play)
        return l->hooks->play(l->hooks->arg, r, reason, why);
    return l->timed ? vtd_timed_run_play(l->timed, r, reason, why) : vtd_player_play(l->player, r, reason, why);
}

/* Plays until so many requests are done, or there are no more. Returns 0, or -1 with why filled. */
static int play_until(struct loop *l, uint64_t stop, char *why)
{
    const bool ignore = l->play->ignore_invalidations;
    uint8_t reason = 0;
    while (l->done < stop) {
        if (l->next == l->ahead) {
            l->play->stopped = vtd_play_stop_signal();
            l->at_end = l->play->stopped || !read_ahead(l, stop - l->done);
            if (l->at_end)
                break;
        }
        const struct vtd_record *r = &l->record[l->next++];
        const bool access = r->kind <= VTD_RECORD_WRITE;
        if (!access && ignore)
            continue;
        const enum vtd_player_result result = play(l, r, &reason, why);
        if (result == VTD_PLAYER_FAULT)
            report_fault(l->play, r, reason, ++l->faults);
        else if (result != VTD_PLAYED)
            return -1;
        l->done += access;
        l->unmaps += !access;
        if (l->due != UINT64_MAX && progress_of(l).arrival >= l->due) {
            l->over = true;
            break;
        }
    }
    return 0;
}

static int play_all(struct loop *l, char *why)
{
    const struct vtd_region *region = &l->play->region;
    bool counting = region->skipped == 0;
    if (counting)
        start_statistics(l);
    while (!l->at_end && l->done < region->limit) {
        uint64_t stop = lesser(region->limit, l->progress.next);
        stop = lesser(stop, counting ? l->interval_end : region->skipped);
        if (play_until(l, stop, why) != 0)
            return -1;
        if (l->done >= l->progress.next)
            show_progress(l);
        if (!counting && l->done == region->skipped) {
            start_statistics(l);
            counting = true;
        } else if ((l->over || l->done == l->interval_end) && end_interval(l, why) != 0) {
            return -1;
        }
    }
    return counting && l->play->interval ? end_interval(l, why) : 0;
}

/* The length of an interval of time, at least one cycle; 0 for other intervals. */
static uint64_t cycles_of(const struct vtd_play *play)
{
    if (play->interval == 0 || play->interval_unit == VTD_PLAY_REQUESTS)
        return 0;
    if (play->interval_unit == VTD_PLAY_CYCLES)
        return play->interval;
    const double cycles = (double)play->interval * (double)play->config.timing.frequency / 1e9;
    return cycles < 1 ? 1 : cycles < 0x1p62 ? (uint64_t)cycles : UINT64_C(1) << 62;
}

int vtd_play_loop(struct vtd_play *play, const struct vtd_play_hooks *hooks, const struct vtd_stage *stage,
                  struct vtd_tenants *tenants, char *why)
{
    struct loop l = {.play = play,
                     .hooks = hooks,
                     .player = stage->player,
                     .timed = stage->timed,
                     .tenants = tenants,
                     .interval_end = UINT64_MAX,
                     .cycles = cycles_of(play),
                     .due = UINT64_MAX};
    struct vtd_counts now;
    start_progress(&l);
    const int status = play_all(&l, why);
    end_progress(&l);
    take_counts(&l, &now);
    subtract(&now, &l.start, &now);
    play->done = l.done;
    play->blocked = l.faults;
    play->stats = now.stats;
    play->devices = now.devices;
    play->invalidations = now.unmaps;
    play->pages_mapped = now.pages_mapped;
    play->table_pages = vtd_player_table_pages(l.player);
    vtd_stats_get(vtd_player_unit(l.player), &play->all);
    return status;
}
