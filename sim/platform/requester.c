/* SPDX-License-Identifier: MIT */
/* A PCIe function that does DMA: accesses. See requester.h. */
#include "requester_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PAGE 4096u

/* ---------------------------------------------------------------- life */

static int refuse(char *why, int error, const char *what)
{
    if (why)
        snprintf(why, VTD_WHY_SIZE, "%s", what);
    return error;
}

int vtd_requester_create(struct vtd *unit, const struct vtd_requester_config *config, struct vtd_requester **requester,
                         char *why)
{
    *requester = NULL;
    if (config->pri && !config->ats)
        return refuse(why, -EINVAL, "a device with PRI needs ATS");
    if (config->outstanding_max > VTD_REQUESTER_GROUPS_MAX)
        return refuse(why, -EINVAL, "a device has at most 511 page request groups");
    const char *bad = vtd_cache_geometry_error(&config->device_tlb);
    if (bad)
        return refuse(why, -EINVAL, bad);
    struct vtd_requester *r = calloc(1, sizeof(*r));
    if (!r || vtd_device_tlb_init(&r->tlb, &config->device_tlb, config->seed) != 0) {
        free(r);
        return refuse(why, -ENOMEM, "out of memory");
    }
    r->unit = unit;
    r->config = *config;
    r->ats = config->ats;
    r->pri = config->pri;
    r->obey = true;
    r->next_group = 1;
    r->group_limit = config->outstanding_max ? config->outstanding_max : 32;
    *requester = r;
    return 0;
}

void vtd_requester_destroy(struct vtd_requester *r)
{
    if (!r)
        return;
    vtd_device_tlb_fini(&r->tlb);
    free(r->ready);
    free(r);
}

/* ---------------------------------------------------------------- requests to the unit */

static inline enum vtd_requester_result end(struct vtd_requester_outcome *out, enum vtd_requester_result result)
{
    out->result = (uint8_t)result;
    return result;
}

/* Sends a memory request as it stands. */
static inline enum vtd_requester_result send(struct vtd_requester *r, const struct vtd_request *req,
                                             struct vtd_requester_outcome *out)
{
    if (VTD_UNLIKELY(vtd_clock_translate(r->clock, r->unit, req, &out->resp) != VTD_STATUS_OK))
        return end(out, VTD_REQUESTER_INVALID);
    if (VTD_LIKELY(out->resp.result == VTD_RESULT_OK))
        out->hpa = out->resp.hpa;
    else if (out->resp.result != VTD_RESULT_INTERRUPT)
        return end(out, VTD_REQUESTER_BLOCKED);
    return end(out, VTD_REQUESTER_DONE);
}

static enum vtd_requester_result send_untranslated(struct vtd_requester *r, const struct vtd_request *access,
                                                   struct vtd_requester_outcome *out)
{
    struct vtd_request req = *access;
    req.sid = r->config.sid;
    req.at = VTD_AT_UNTRANSLATED;
    out->way = VTD_REQUESTER_UNTRANSLATED;
    r->stats.untranslated_requests++;
    return send(r, &req, out);
}

/* A request to an address that the unit has translated before. No-snoop only where the completion allowed it (N). */
static inline enum vtd_requester_result send_translated(struct vtd_requester *r, const struct vtd_request *access,
                                                        const struct vtd_device_tlb_entry *e,
                                                        struct vtd_requester_outcome *out)
{
    const unsigned carried = VTD_REQ_NO_SNOOP | (r->config.pasid_in_translated ? VTD_REQ_PASID | VTD_REQ_PRIV : 0u);
    unsigned flags = access->flags & carried;
    if (!(e->attr & VTD_ATTR_NO_SNOOP))
        flags &= ~(unsigned)VTD_REQ_NO_SNOOP;
    const struct vtd_request req = {
        .addr = e->frame | (access->addr & bits_low(e->shift)),
        .pasid = flags & VTD_REQ_PASID ? access->pasid : 0,
        .sid = r->config.sid,
        /* An instruction fetch without PASID does not exist; it is a read (ref 0.2). */
        .access = access->access == VTD_EXEC && !(flags & VTD_REQ_PASID) ? VTD_READ : access->access,
        .at = VTD_AT_TRANSLATED,
        .flags = (uint8_t)flags,
        .len = access->len,
        .data = access->data,
    };
    r->stats.translated_requests++;
    return send(r, &req, out);
}

/* ---------------------------------------------------------------- rights */

/* Does a completion grant what an access needs? A zero-length read is content with either right. */
static inline bool suffices(uint8_t attr, const struct vtd_request *access)
{
    static const uint8_t needs[] = {
        [VTD_READ] = VTD_ATTR_R,
        [VTD_WRITE] = VTD_ATTR_W,
        [VTD_EXEC] = VTD_ATTR_R, /* Exe is 0 in every completion (ref 7.2) */
        [VTD_ATOMIC] = VTD_ATTR_R | VTD_ATTR_W,
    };
    if (VTD_UNLIKELY(access->len == 0))
        return attr & (VTD_ATTR_R | VTD_ATTR_W);
    return (needs[access->access] & ~attr) == 0;
}

static inline bool is_possible(const struct vtd_requester *r, const struct vtd_request *a)
{
    const bool has_pasid = a->flags & VTD_REQ_PASID;
    const bool bad_pasid =
        has_pasid ? !r->config.pasid || a->pasid >> 20 != 0 : (a->flags & VTD_REQ_PRIV) != 0 || a->access == VTD_EXEC;
    const bool wide = (a->addr & (PAGE - 1)) + a->len > PAGE;
    return !(bad_pasid | wide | (a->access > VTD_ATOMIC) | (a->len == 0 && a->access != VTD_READ));
}

/* ---------------------------------------------------------------- misses */

/* The unit refused to translate: UR takes ATS away (ref 7.2), CA only this access. */
static enum vtd_requester_result refused(struct vtd_requester *r, struct vtd_requester_outcome *out)
{
    if (out->resp.result == VTD_RESULT_UR) {
        vtd_requester_set_ats(r, false);
        r->stats.ats_lost++;
    }
    return end(out, VTD_REQUESTER_BLOCKED);
}

static void keep(struct vtd_requester *r, uint64_t tag, uint64_t addr, const struct vtd_device_tlb_entry *e)
{
    if (r->tlb.cache.entries == 0)
        return;
    r->stats.evictions += vtd_device_tlb_fill(&r->tlb, tag, addr, e);
    r->stats.fills++;
    if (r->clock) {
        const uint32_t i = vtd_device_tlb_find(&r->tlb, tag, addr);
        if (i != VTD_CACHE_NONE)
            r->ready[i] = r->clock->now;
    }
}

/* The lookup in time: what the device has asked for, but not got yet, is waited for. */
static __attribute__((noinline)) void look_up_in_time(const struct vtd_requester *r, uint32_t i)
{
    struct vtd_clock *clock = r->clock;
    vtd_clock_spend(clock, VTD_TIMING_DEVICE, clock->now + vtd_timing_config_get(clock->timing)->device_tlb_latency);
    if (i == VTD_CACHE_NONE) {
        if (clock->way != VTD_CLOCK_PAGED)
            clock->way = VTD_CLOCK_ATS;
        return;
    }
    if (clock->way != VTD_CLOCK_PAGED)
        clock->way = r->ready[i] > clock->now ? VTD_CLOCK_DEVICE_TLB_MERGED : VTD_CLOCK_DEVICE_TLB;
    vtd_clock_spend(clock, VTD_TIMING_DEVICE, r->ready[i]);
}

/* A translation request and what follows from its completion. */
static __attribute__((noinline)) enum vtd_requester_result
ask(struct vtd_requester *r, const struct vtd_request *access, uint64_t tag, struct vtd_requester_outcome *out)
{
    const bool reads = access->access == VTD_READ || access->access == VTD_EXEC;
    const bool no_write = reads && r->config.no_write;
    const struct vtd_request req = {
        .addr = access->addr & ~(uint64_t)(PAGE - 1),
        .pasid = access->pasid,
        .sid = r->config.sid,
        .access = VTD_READ,
        .at = VTD_AT_TRANSLATION,
        .flags = (uint8_t)((access->flags & (VTD_REQ_PASID | VTD_REQ_PRIV)) | (no_write ? VTD_REQ_NO_WRITE : 0)),
        .len = 8, /* one translation */
    };
    out->way = VTD_REQUESTER_ASKED;
    r->stats.translation_requests++;
    if (vtd_clock_translate(r->clock, r->unit, &req, &out->resp) != VTD_STATUS_OK)
        return end(out, VTD_REQUESTER_INVALID);
    if (out->resp.result != VTD_RESULT_OK)
        return refused(r, out);
    const uint8_t attr = out->resp.attr;
    if (attr & VTD_ATTR_U)
        return send_untranslated(r, access, out);
    if (attr & (VTD_ATTR_R | VTD_ATTR_W)) {
        const struct vtd_device_tlb_entry e = {
            .frame = out->resp.hpa,
            .attr = attr,
            .shift = out->resp.page_shift,
        };
        keep(r, tag, access->addr, &e);
        if (suffices(attr, access))
            return send_translated(r, access, &e, out);
    }
    return vtd_requester_ask_for_page(r, access, out);
}

/* ---------------------------------------------------------------- accesses */

/* Does the unit translate to what the entry says? Only with watch_stale. */
static __attribute__((noinline)) bool is_stale(const struct vtd_requester *r, const struct vtd_request *access,
                                               const struct vtd_device_tlb_entry *e)
{
    struct vtd_request req = *access;
    struct vtd_response now;
    req.sid = r->config.sid;
    req.at = VTD_AT_UNTRANSLATED;
    if (vtd_peek(r->unit, &req, &now) != VTD_STATUS_OK)
        return false;
    return now.result != VTD_RESULT_OK || now.hpa != (e->frame | (access->addr & bits_low(e->shift)));
}

enum vtd_requester_result vtd_requester_access(struct vtd_requester *r, const struct vtd_request *access,
                                               struct vtd_requester_outcome *out)
{
    out->hpa = 0;
    out->code = 0;
    out->prgi = 0;
    if (VTD_UNLIKELY(!is_possible(r, access))) {
        *out = (struct vtd_requester_outcome){.result = VTD_REQUESTER_INVALID};
        return VTD_REQUESTER_INVALID;
    }
    r->stats.accesses++;
    if (VTD_UNLIKELY(!r->ats))
        return send_untranslated(r, access, out);
    const uint64_t tag = vtd_device_tlb_tag(access->flags, access->pasid);
    const uint32_t i = vtd_device_tlb_find(&r->tlb, tag, access->addr);
    const bool known = i != VTD_CACHE_NONE && suffices(r->tlb.entry[i].attr, access);
    r->stats.lookups++;
    if (VTD_UNLIKELY(r->clock != NULL))
        look_up_in_time(r, known ? i : VTD_CACHE_NONE);
    if (VTD_UNLIKELY(!known)) {
        r->stats.misses++;
        return ask(r, access, tag, out);
    }
    const struct vtd_device_tlb_entry *e = &r->tlb.entry[i];
    vtd_cache_touch(&r->tlb.cache, i);
    r->stats.hits++;
    out->way = VTD_REQUESTER_HIT;
    if (VTD_UNLIKELY(r->config.watch_stale))
        r->stats.stale_hits += is_stale(r, access, e);
    return send_translated(r, access, e, out);
}

/* ---------------------------------------------------------------- settings */

uint32_t vtd_requester_invalidate(struct vtd_requester *r, const struct vtd_device_tlb_inv *inv)
{
    r->stats.invalidations++;
    const uint32_t gone = r->obey ? vtd_device_tlb_invalidate(&r->tlb, inv) : 0;
    r->stats.invalidated += gone;
    return gone;
}

bool vtd_requester_set_ats(struct vtd_requester *r, bool on)
{
    if (!r->config.ats)
        return false;
    r->ats = on;
    vtd_device_tlb_clear(&r->tlb);
    return true;
}

bool vtd_requester_has_ats_on(const struct vtd_requester *r)
{
    return r->ats;
}

void vtd_requester_set_obey(struct vtd_requester *r, bool obey)
{
    r->obey = obey;
}

void vtd_requester_set_answer(struct vtd_requester *r, enum vtd_answer answer)
{
    r->answer = answer;
}

enum vtd_answer vtd_requester_answer(const struct vtd_requester *r)
{
    return r->answer;
}

bool vtd_requester_set_clock(struct vtd_requester *r, struct vtd_clock *clock)
{
    if (clock && !r->ready && !(r->ready = calloc((size_t)r->config.device_tlb.entries + 1, sizeof *r->ready)))
        return false;
    r->clock = clock;
    return true;
}

uint16_t vtd_requester_sid(const struct vtd_requester *r)
{
    return r->config.sid;
}

const struct vtd_requester_stats *vtd_requester_stats_get(const struct vtd_requester *r)
{
    return &r->stats;
}

void vtd_requester_stats_add(struct vtd_requester_stats *sum, const struct vtd_requester_stats *stats)
{
    uint64_t *to = (uint64_t *)sum;
    const uint64_t *from = (const uint64_t *)stats;
    for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++)
        to[i] += from[i];
}

void vtd_requester_stats_reset(struct vtd_requester *r)
{
    r->stats = (struct vtd_requester_stats){0};
}
