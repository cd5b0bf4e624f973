/* SPDX-License-Identifier: MIT */
/* An exact histogram. See histogram.h. */
#include "histogram.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024u
#define DIGITS      10 /* significant bits of a value that is rounded */

const struct vtd_quantile vtd_quantiles[VTD_QUANTILES] = {{"p50", 500}, {"p90", 900}, {"p99", 990}, {"p99_9", 999}};

bool vtd_histogram_init(struct vtd_histogram *h)
{
    *h = (struct vtd_histogram){.small = calloc(VTD_HISTOGRAM_SMALL, sizeof *h->small)};
    return h->small != NULL;
}

void vtd_histogram_fini(struct vtd_histogram *h)
{
    free(h->small);
    free(h->large);
    *h = (struct vtd_histogram){0};
}

void vtd_histogram_clear(struct vtd_histogram *h)
{
    memset(h->small, 0, VTD_HISTOGRAM_SMALL * sizeof *h->small);
    if (h->large)
        memset(h->large, 0, h->slots * sizeof *h->large);
    h->used = 0;
    h->rounded = 0;
    h->failed = false;
}

static struct vtd_histogram_value *slot_of(struct vtd_histogram_value *table, uint32_t slots, uint64_t value)
{
    uint32_t i = (uint32_t)(value * 0x9e3779b97f4a7c15ull >> 32) & (slots - 1);
    while (table[i].count && table[i].value != value)
        i = (i + 1) & (slots - 1);
    return &table[i];
}

/* At most half of the slots are used. */
static bool grow(struct vtd_histogram *h)
{
    const uint32_t slots = h->large ? 2 * h->slots : FIRST_SLOTS;
    struct vtd_histogram_value *bigger = calloc(slots, sizeof *bigger);
    if (!bigger)
        return false;
    for (uint32_t i = 0; h->large && i < h->slots; i++)
        if (h->large[i].count)
            *slot_of(bigger, slots, h->large[i].value) = h->large[i];
    free(h->large);
    h->large = bigger;
    h->slots = slots;
    return true;
}

static uint64_t rounded_up(uint64_t value)
{
    const unsigned bits = 64 - (unsigned)__builtin_clzll(value) - DIGITS; /* value is large: more than DIGITS bits */
    const uint64_t low = (UINT64_C(1) << bits) - 1;
    return value > UINT64_MAX - low ? UINT64_MAX : (value + low) & ~low;
}

void vtd_histogram_add_large(struct vtd_histogram *h, uint64_t value, uint64_t count)
{
    struct vtd_histogram_value *slot = h->large ? slot_of(h->large, h->slots, value) : NULL;
    if (slot && slot->count) {
        slot->count += count;
        return;
    }
    if (h->used >= VTD_HISTOGRAM_EXACT) { /* few values have so few digits: there is room for all of them */
        value = rounded_up(value);
        slot = slot_of(h->large, h->slots, value);
        h->rounded += count;
    } else if (2 * h->used >= h->slots) {
        if (!grow(h)) {
            h->failed = true;
            return;
        }
        slot = slot_of(h->large, h->slots, value);
    }
    h->used += slot->count == 0;
    *slot = (struct vtd_histogram_value){value, slot->count + count};
}

void vtd_histogram_merge(struct vtd_histogram *h, const struct vtd_histogram *from)
{
    for (uint32_t i = 0; i < VTD_HISTOGRAM_SMALL; i++)
        h->small[i] += from->small[i];
    for (uint32_t i = 0; i < from->slots; i++)
        if (from->large[i].count)
            vtd_histogram_add_large(h, from->large[i].value, from->large[i].count);
    h->rounded += from->rounded;
    h->failed |= from->failed;
}

/* ---------------------------------------------------------------- what it says */

static int by_value(const void *a, const void *b)
{
    const struct vtd_histogram_value *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* Goes on with count values, in order. */
static void take(struct vtd_distribution *d, uint64_t *before, uint64_t value, uint64_t count)
{
    if (*before == 0)
        d->min = value;
    *before += count;
    d->max = value;
    for (unsigned q = 0; q < VTD_QUANTILES; q++) {
        const uint64_t permille = vtd_quantiles[q].permille;
        const uint64_t rank = d->count / 1000 * permille + (d->count % 1000 * permille + 999) / 1000;
        if (*before >= rank && *before - count < rank)
            d->quantile[q] = value;
    }
}

bool vtd_histogram_read(const struct vtd_histogram *h, struct vtd_distribution *d)
{
    struct vtd_histogram_value *sorted = h->used ? malloc(h->used * sizeof *sorted) : NULL;
    uint32_t n = 0;
    *d = (struct vtd_distribution){0};
    if (h->failed || (h->used && !sorted)) {
        free(sorted);
        return false;
    }
    for (uint32_t i = 0; i < h->slots; i++)
        if (h->large[i].count)
            sorted[n++] = h->large[i];
    if (n)
        qsort(sorted, n, sizeof *sorted, by_value);
    for (uint32_t i = 0; i < VTD_HISTOGRAM_SMALL; i++) {
        d->count += h->small[i];
        d->sum += i * h->small[i];
    }
    for (uint32_t i = 0; i < n; i++) {
        d->count += sorted[i].count;
        d->sum += sorted[i].value * sorted[i].count;
    }
    uint64_t before = 0;
    for (uint32_t i = 0; i < VTD_HISTOGRAM_SMALL; i++)
        if (h->small[i])
            take(d, &before, i, h->small[i]);
    for (uint32_t i = 0; i < n; i++)
        take(d, &before, sorted[i].value, sorted[i].count);
    free(sorted);
    d->mean = d->count ? (double)d->sum / (double)d->count : 0;
    return true;
}
