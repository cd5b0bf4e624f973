/* SPDX-License-Identifier: MIT */
/* Plays a workload on a unit. See player.h. */
#include "player_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Tables from 1 MiB to the middle of the memory, mapped pages behind it. */
#define TABLES_START 0x100000ull

/* Lines of known pages from which on they, and what the unit keeps of them, outgrow the caches of usual processors. */
#define PREFETCH_LINES 8192

static int say(char *why, const char *what, int error)
{
    snprintf(why, VTD_WHY_SIZE, "%s: %s", what, strerror(-error));
    return -1;
}

/* ---------------------------------------------------------------- life */

static bool uses(const struct vtd_player *p, enum vtd_player_pgtt pgtt)
{
    return p->without == pgtt || p->with_pasid == pgtt;
}

/* The second stage of nested translation: every page at its own address. The driver adds the first-stage tables. */
static int make_parent(struct vtd_player *p, char *why)
{
    const struct vtd_drv_domain_spec spec = {.kind = VTD_DRV_SECOND_STAGE, .addr_width = 48};
    int error = vtd_drv_domain_create(p->drv, &spec, &p->parent);
    if (error)
        return say(why, "cannot create the second stage of nested translation", error);
    const uint64_t size = p->target_end - p->target_start;
    error = vtd_drv_map(p->parent, p->target_start, p->target_start, size, VTD_DRV_READ | VTD_DRV_WRITE);
    return error ? say(why, "cannot map the second stage of nested translation", error) : 0;
}

static int start(struct vtd_player *p, const struct vtd_sim_config *cfg, char *why)
{
    const uint64_t middle = cfg->memory_size / 2 & ~0xfffull;
    if (cfg->memory_size < 4 * TABLES_START || cfg->memory_size >> cfg->unit.haw) {
        snprintf(why, VTD_WHY_SIZE, "memory.size must be at least 4 MiB and below 2^haw");
        return -1;
    }
    const int made = cfg->cpu_caches
                         ? vtd_machine_init_cached(&p->machine, &cfg->unit, cfg->memory_size, TABLES_START, middle, why)
                         : vtd_machine_init(&p->machine, &cfg->unit, cfg->memory_size, TABLES_START, middle, why);
    if (made != 0)
        return -1;
    vtd_memory_expect_dense(&p->machine.memory, TABLES_START, middle);
    p->device = (struct vtd_requester_config){
        .ats = cfg->device_tlb.entries != 0,
        .pri = cfg->page_requests,
        .pasid = true,
        .device_tlb = cfg->device_tlb,
        .seed = cfg->unit.seed,
    };
    p->machine_end = UINT64_C(1) << cfg->unit.haw;
    p->target = p->target_start = middle;
    p->target_end = cfg->memory_size & ~0xfffull;
    const struct vtd_drv_options options = {
        .haw = cfg->unit.haw, .page_requests = cfg->page_requests, .flush = cfg->driver_flush};
    int error = vtd_drv_create(&p->machine.bus, &options, &p->drv);
    if (error)
        return say(why, "the driver cannot use this unit", error);
    if ((error = vtd_drv_start(p->drv)) != 0)
        return say(why, "the driver cannot start the unit", error);
    return uses(p, VTD_PLAYER_NESTED) ? make_parent(p, why) : 0;
}

struct vtd_player *vtd_player_create(const struct vtd_sim_config *cfg, enum vtd_player_pgtt without,
                                     enum vtd_player_pgtt with_pasid, char *why)
{
    struct vtd_player *p = calloc(1, sizeof *p);
    if (!p) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return NULL;
    }
    p->without = without;
    p->with_pasid = with_pasid;
    if (!vtd_known_pages_init(&p->known)) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        free(p);
        return NULL;
    }
    if (start(p, cfg, why) != 0) {
        vtd_player_destroy(p);
        return NULL;
    }
    return p;
}

void vtd_player_destroy(struct vtd_player *p)
{
    if (!p)
        return;
    for (size_t i = 0; p->space && i <= p->mask; i++)
        vtd_page_set_clear(&p->space[i].mapped);
    free(p->space);
    vtd_known_pages_fini(&p->known);
    vtd_drv_destroy(p->drv);
    vtd_machine_fini(&p->machine);
    free(p);
}

/* ---------------------------------------------------------------- records */

static bool is_tabled(const struct vtd_player *p, const struct vtd_record *r)
{
    return (player_by_pasid(r) ? p->with_pasid : p->without) != VTD_PLAYER_PASS_THROUGH;
}

static enum vtd_player_result unmap(struct vtd_player *p, const struct vtd_record *r, char *why)
{
    struct vtd_player_space *s = vtd_player_find_space(p, r);
    if (!s || !is_tabled(p, r))
        return VTD_PLAYED;
    int64_t done;
    if (r->kind == VTD_RECORD_UNMAP_ALL) {
        vtd_player_forget(p, s, 0, UINT64_MAX);
        done = vtd_drv_unmap_all(s->domain);
        vtd_page_set_clear(&s->mapped);
    } else {
        vtd_player_forget(p, s, r->iova >> 12, r->pages);
        done = vtd_drv_unmap(s->domain, r->iova, (uint64_t)r->pages * 4096);
        vtd_page_set_remove_range(&s->mapped, r->iova >> 12, r->pages);
    }
    if (done >= 0)
        return VTD_PLAYED;
    snprintf(why, VTD_WHY_SIZE, "cannot unmap 0x%llx: %s", (unsigned long long)r->iova, strerror((int)-done));
    return VTD_PLAYER_ERROR;
}

/* An access of a device that has a device TLB. */
static enum vtd_player_result access_by_device(struct vtd_player *p, const struct vtd_record *r,
                                               const struct vtd_request *req, struct vtd_response *resp, char *why)
{
    struct vtd_requester_outcome out;
    enum vtd_requester_result result = vtd_requester_access(vtd_machine_requester(&p->machine, req->sid), req, &out);
    if (result == VTD_REQUESTER_WAITING)
        result = vtd_player_serve_page(p, vtd_player_find_space(p, r), req->sid, &out, why);
    *resp = out.resp;
    if (result == VTD_REQUESTER_INVALID)
        return VTD_PLAYER_ERROR;
    return result == VTD_REQUESTER_DONE ? VTD_PLAYED : VTD_PLAYER_FAULT;
}

/* An access of a device that has none. */
static enum vtd_player_result access_directly(struct vtd_player *p, const struct vtd_request *req,
                                              struct vtd_response *resp)
{
    if (vtd_clock_translate(p->machine.clock, p->machine.unit, req, resp) != VTD_STATUS_OK)
        return VTD_PLAYER_ERROR;
    return resp->result == VTD_RESULT_OK || resp->result == VTD_RESULT_INTERRUPT ? VTD_PLAYED : VTD_PLAYER_FAULT;
}

/* Sees to it that a page is mapped which is not known to be. */
static int make_known(struct vtd_player *p, const struct vtd_record *r, char *why)
{
    struct vtd_player_space *s = vtd_player_find_space(p, r);
    if (!s && !(s = vtd_player_add_space(p, r, why)))
        return -1;
    if (is_tabled(p, r) && !vtd_page_set_has(&s->mapped, r->iova >> 12)) {
        if (p->device.pri) /* when the device asks for it */
            return 0;
        if (vtd_player_map_page(p, s, r->iova, why) != 0)
            return -1;
    }
    if (!is_tabled(p, r) && !vtd_page_set_add(&s->mapped, r->iova >> 12)) { /* for vtd_player_forget */
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return -1;
    }
    vtd_known_pages_add(&p->known, s->key, r->iova >> 12);
    return 0;
}

static struct vtd_request request_of(const struct vtd_record *r)
{
    return (struct vtd_request){
        .addr = r->iova,
        .pasid = r->has_pasid ? r->pasid : 0,
        .sid = r->sid,
        .access = r->kind == VTD_RECORD_WRITE ? VTD_WRITE : VTD_READ,
        .flags = r->has_pasid ? VTD_REQ_PASID : 0,
        .len = r->len,
    };
}

void vtd_player_prefetch(const struct vtd_player *p, const struct vtd_record *r, unsigned stage)
{
    const struct vtd_request req = request_of(r);
    if (stage == 0)
        __builtin_prefetch(vtd_known_pages_line(&p->known, player_space_key(r), r->iova >> 12));
    vtd_prefetch(p->machine.unit, &req, stage);
}

void vtd_player_prefetch_page(const struct vtd_player *p, const struct vtd_record *r)
{
    __builtin_prefetch(vtd_known_pages_line(&p->known, player_space_key(r), r->iova >> 12));
}

/* An access whose outcome only tables decide. */
static bool is_plain(const struct vtd_player *p, const struct vtd_record *r)
{
    return (r->has_pasid ? r->pasid != 0 : r->iova >> 20 != 0xfee) && r->kind <= VTD_RECORD_WRITE && !p->device.ats &&
           !p->device.pri;
}

bool vtd_player_passes(const struct vtd_player *p, const struct vtd_record *r)
{
    return is_plain(p, r) && !is_tabled(p, r) && r->iova < p->machine_end;
}

bool vtd_player_knows_page(const struct vtd_player *p, const struct vtd_record *r)
{
    return is_plain(p, r) && vtd_known_pages_has(&p->known, player_space_key(r), r->iova >> 12);
}

bool vtd_player_wants_prefetch(const struct vtd_player *p)
{
    return p->known.mask >= PREFETCH_LINES;
}

enum vtd_player_result vtd_player_play(struct vtd_player *p, const struct vtd_record *r, uint8_t *reason, char *why)
{
    if (r->kind == VTD_RECORD_DETACH)
        return vtd_player_remove_space(p, r, why) == 0 ? VTD_PLAYED : VTD_PLAYER_ERROR;
    if (r->kind > VTD_RECORD_WRITE)
        return unmap(p, r, why);
    if (!vtd_known_pages_has(&p->known, player_space_key(r), r->iova >> 12) && make_known(p, r, why) != 0)
        return VTD_PLAYER_ERROR;
    const struct vtd_request req = request_of(r);
    struct vtd_response resp = {0};
    *why = '\0';
    const enum vtd_player_result result =
        p->device.ats ? access_by_device(p, r, &req, &resp, why) : access_directly(p, &req, &resp);
    if (result == VTD_PLAYER_ERROR && !*why)
        snprintf(why, VTD_WHY_SIZE, "the request for 0x%llx is not possible on a link", (unsigned long long)r->iova);
    *reason = resp.fault;
    return result;
}

bool vtd_player_set_clock(struct vtd_player *p, struct vtd_clock *clock)
{
    for (unsigned sid = 0; p->device.ats && sid <= UINT16_MAX; sid++) {
        struct vtd_requester *device = vtd_machine_requester(&p->machine, (uint16_t)sid);
        if (device && !vtd_requester_set_clock(device, clock))
            return false;
    }
    p->machine.clock = clock;
    return true;
}

struct vtd *vtd_player_unit(struct vtd_player *p)
{
    return p->machine.unit;
}

uint64_t vtd_player_pages_mapped(const struct vtd_player *p)
{
    return p->pages_mapped;
}

uint64_t vtd_player_table_pages(const struct vtd_player *p)
{
    return p->machine.frames.used;
}

void vtd_player_device_stats(const struct vtd_player *p, struct vtd_requester_stats *sum)
{
    *sum = (struct vtd_requester_stats){0};
    for (unsigned sid = 0; p->device.ats && sid <= UINT16_MAX; sid++) {
        const struct vtd_requester *device = vtd_machine_requester(&p->machine, (uint16_t)sid);
        if (device)
            vtd_requester_stats_add(sum, vtd_requester_stats_get(device));
    }
}
