/* SPDX-License-Identifier: MIT */
/* Domains of a trace. See trace_domains.h. */
#include "trace_domains.h"

#include "lines.h"
#include "trace_item.h"

#include <stdlib.h>
#include <string.h>

struct member {
    struct vtd_requester requester;
    uint32_t domain;         /* index of its domain */
    uint32_t previous, next; /* in the domain; VTD_DOMAINS_NONE at the ends */
};

struct domain {
    uint32_t number, first, last;
};

/* Open addressing: index plus 1, 0 = free. Nothing is ever removed. */
struct index {
    uint32_t *slot;
    uint32_t mask;
};

struct vtd_domains {
    struct member *member;
    struct domain *domain;
    uint32_t members, member_room, domains, domain_room;
    struct index by_requester, by_number;
    char line[VTD_LINE_MAX + 1];
};

struct vtd_domains *vtd_domains_create(void)
{
    return calloc(1, sizeof(struct vtd_domains));
}

void vtd_domains_destroy(struct vtd_domains *d)
{
    if (!d)
        return;
    free(d->member);
    free(d->domain);
    free(d->by_requester.slot);
    free(d->by_number.slot);
    free(d);
}

/* ---------------------------------------------------------------- finding */

static uint64_t requester_key(const struct vtd_requester *r)
{
    return (uint64_t)(r->has_pasid ? r->pasid + 1 : 0) << 16 | r->sid;
}

static uint32_t home(uint64_t key)
{
    return (uint32_t)(key * 0x9e3779b97f4a7c15ull >> 32);
}

/* Place of a requester, or where it would go. */
static uint32_t *find_requester(const struct vtd_domains *d, uint64_t key)
{
    uint32_t i = home(key) & d->by_requester.mask;
    while (d->by_requester.slot[i] && requester_key(&d->member[d->by_requester.slot[i] - 1].requester) != key)
        i = (i + 1) & d->by_requester.mask;
    return &d->by_requester.slot[i];
}

static uint32_t *find_number(const struct vtd_domains *d, uint32_t number)
{
    uint32_t i = home(number) & d->by_number.mask;
    while (d->by_number.slot[i] && d->domain[d->by_number.slot[i] - 1].number != number)
        i = (i + 1) & d->by_number.mask;
    return &d->by_number.slot[i];
}

uint32_t vtd_domains_first(const struct vtd_domains *d, uint32_t number)
{
    const uint32_t place = d->domains ? *find_number(d, number) : 0;
    return place ? d->domain[place - 1].first : VTD_DOMAINS_NONE;
}

uint32_t vtd_domains_next(const struct vtd_domains *d, uint32_t member)
{
    return d->member[member].next;
}

uint32_t vtd_domains_count(const struct vtd_domains *d)
{
    return d->members;
}

const struct vtd_requester *vtd_domains_member(const struct vtd_domains *d, uint32_t member)
{
    return &d->member[member].requester;
}

bool vtd_domains_of(const struct vtd_domains *d, const struct vtd_requester *r, uint32_t *domain)
{
    const uint32_t place = d->members ? *find_requester(d, requester_key(r)) : 0;
    if (place)
        *domain = d->domain[d->member[place - 1].domain].number;
    return place != 0;
}

/* ---------------------------------------------------------------- adding */

/* Twice the room for elements, and an index with four slots for each; the caller fills the index anew. */
static bool grow(void **array, size_t size, uint32_t *room, struct index *index)
{
    const uint32_t more = *room ? 2 * *room : 16;
    if (more > 1u << 28)
        return false;
    void *bigger = realloc(*array, more * size);
    if (!bigger)
        return false;
    *array = bigger;
    uint32_t *slot = calloc(4 * (size_t)more, sizeof *slot);
    if (!slot)
        return false;
    free(index->slot);
    *index = (struct index){.slot = slot, .mask = 4 * more - 1};
    *room = more;
    return true;
}

static bool room_for_member(struct vtd_domains *d)
{
    if (d->members < d->member_room)
        return true;
    void *array = d->member;
    const bool grown = grow(&array, sizeof *d->member, &d->member_room, &d->by_requester);
    d->member = array;
    for (uint32_t i = 0; grown && i < d->members; i++)
        *find_requester(d, requester_key(&d->member[i].requester)) = i + 1;
    return grown;
}

static bool room_for_domain(struct vtd_domains *d)
{
    if (d->domains < d->domain_room)
        return true;
    void *array = d->domain;
    const bool grown = grow(&array, sizeof *d->domain, &d->domain_room, &d->by_number);
    d->domain = array;
    for (uint32_t i = 0; grown && i < d->domains; i++)
        *find_number(d, d->domain[i].number) = i + 1;
    return grown;
}

static void leave(struct vtd_domains *d, struct member *m)
{
    struct domain *from = &d->domain[m->domain];
    if (m->previous == VTD_DOMAINS_NONE)
        from->first = m->next;
    else
        d->member[m->previous].next = m->next;
    if (m->next == VTD_DOMAINS_NONE)
        from->last = m->previous;
    else
        d->member[m->next].previous = m->previous;
}

static void enter(struct vtd_domains *d, uint32_t member, uint32_t domain)
{
    struct domain *to = &d->domain[domain];
    struct member *m = &d->member[member];
    m->domain = domain;
    m->previous = to->last;
    m->next = VTD_DOMAINS_NONE;
    if (to->last == VTD_DOMAINS_NONE)
        to->first = member;
    else
        d->member[to->last].next = member;
    to->last = member;
}

bool vtd_domains_add(struct vtd_domains *d, uint32_t number, const struct vtd_requester *r)
{
    if (!room_for_member(d) || !room_for_domain(d))
        return false;
    uint32_t *place = find_number(d, number);
    if (!*place) {
        d->domain[d->domains] = (struct domain){number, VTD_DOMAINS_NONE, VTD_DOMAINS_NONE};
        *place = ++d->domains;
    }
    const uint32_t domain = *place - 1;
    place = find_requester(d, requester_key(r));
    if (!*place) {
        d->member[d->members].requester = *r;
        *place = ++d->members;
    } else if (d->member[*place - 1].domain == domain) {
        return true;
    } else {
        leave(d, &d->member[*place - 1]);
    }
    enter(d, *place - 1, domain);
    return true;
}

/* ---------------------------------------------------------------- comments */

static bool take_pair(struct vtd_domains *d, char *pair, const char **problem)
{
    char *next = strchr(pair, '=');
    uint64_t domain;
    *problem = "want DOMAIN=SID";
    if (!next)
        return false;
    *next++ = '\0';
    *problem = "the domain is no hex number";
    if (!vtd_item_digits(pair, 16, UINT32_MAX, &domain))
        return false;
    while (next) {
        struct vtd_requester r = {0};
        char *one = next;
        if ((next = strchr(one, ',')) != NULL)
            *next++ = '\0';
        *problem = "want source-ids as BB:DD.F or BB:DD.F/PASID";
        if (!vtd_item_parse_requester(one, &r.sid, &r.has_pasid, &r.pasid))
            return false;
        *problem = "out of memory";
        if (!vtd_domains_add(d, (uint32_t)domain, &r))
            return false;
    }
    return true;
}

bool vtd_domains_comment(struct vtd_domains *d, const char *text, size_t length, const char **problem)
{
    static const char word[] = "# domains:";
    if (length < sizeof word - 1 || memcmp(text, word, sizeof word - 1) != 0)
        return true;
    length -= sizeof word - 1;
    memcpy(d->line, text + sizeof word - 1, length);
    d->line[length] = '\0';
    char *rest = d->line;
    for (char *pair; (pair = vtd_item_token(&rest));)
        if (!take_pair(d, pair, problem))
            return false;
    return true;
}
