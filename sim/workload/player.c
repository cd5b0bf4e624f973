/* SPDX-License-Identifier: MIT */
/* Plays a workload on a unit. See player.h. */
#include "player.h"

#include "driver/vtd_driver.h"
#include "known_pages.h"
#include "page_set.h"
#include "platform/model_bus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One device, or one PASID of it: a domain and what is mapped in it. */
struct space {
    uint64_t key; /* 0 = free; see space_key */
    struct vtd_drv_domain *domain;
    struct vtd_page_set mapped;
};

struct vtd_player {
    struct vtd_machine machine;
    struct vtd_drv *drv;
    struct vtd_drv_domain *parent;      /* nested: guest physical = host physical */
    struct vtd_requester_config device; /* of every device, with device TLBs; no ats: they have none */
    enum vtd_player_pgtt without, with_pasid;
    struct space *space; /* open addressing */
    size_t mask, spaces;
    struct space *last;                        /* the one that was looked for last */
    struct vtd_known_pages known;              /* of all spaces; where nothing needs a mapping, all that were touched */
    uint64_t target, target_start, target_end; /* pages that mappings lead to; never touched */
    uint64_t pages_mapped;
};

/* Tables from 1 MiB to the middle of the memory, mapped pages behind it. */
#define TABLES_START 0x100000ull

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
        .pasid = true,
        .device_tlb = cfg->device_tlb,
        .seed = cfg->unit.seed,
    };
    p->target = p->target_start = middle;
    p->target_end = cfg->memory_size & ~0xfffull;
    int error = vtd_drv_create(&p->machine.bus, &(struct vtd_drv_options){.haw = cfg->unit.haw}, &p->drv);
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

/* ---------------------------------------------------------------- spaces */

/*
 * Does the request go to a domain of its PASID? PASID 0 is the driver's RID_PASID, so its entry is the device's own
 * domain, and nothing else may be attached there; the unit blocks a request that names it (ref 4.2 step 6).
 */
static bool by_pasid(const struct vtd_record *r)
{
    return r->has_pasid && r->pasid != 0;
}

static uint64_t space_key(const struct vtd_record *r)
{
    return 1ull << 40 | (uint64_t)by_pasid(r) << 36 | (uint64_t)(by_pasid(r) ? r->pasid : 0) << 16 | r->sid;
}

static struct space *slot_of(struct space *table, size_t mask, uint64_t key)
{
    size_t i = (size_t)(key * 0x9e3779b97f4a7c15ull >> 32) & mask;
    while (table[i].key && table[i].key != key)
        i = (i + 1) & mask;
    return &table[i];
}

static bool grow(struct vtd_player *p)
{
    const size_t slots = p->space ? 2 * (p->mask + 1) : 64;
    struct space *bigger = calloc(slots, sizeof *bigger);
    if (!bigger)
        return false;
    for (size_t i = 0; p->space && i <= p->mask; i++)
        if (p->space[i].key)
            *slot_of(bigger, slots - 1, p->space[i].key) = p->space[i];
    free(p->space);
    p->space = bigger;
    p->mask = slots - 1;
    p->last = NULL;
    return true;
}

static struct space *find_space(struct vtd_player *p, const struct vtd_record *r)
{
    const uint64_t key = space_key(r);
    if (p->last && p->last->key == key)
        return p->last;
    if (!p->space)
        return NULL;
    struct space *s = slot_of(p->space, p->mask, key);
    if (!s->key)
        return NULL;
    p->last = s;
    return s;
}

static void explain(char *why, const struct vtd_record *r, const char *problem)
{
    char pasid[32] = "";
    if (r->has_pasid)
        snprintf(pasid, sizeof pasid, " with PASID 0x%x", r->pasid);
    snprintf(why, VTD_WHY_SIZE, "cannot translate for device %02x:%02x.%x%s: %s", r->sid >> 8, r->sid >> 3 & 31,
             r->sid & 7, pasid, problem);
}

static const char *domain_problem(int error)
{
    switch (error) {
    case -ENOTSUP:
        return "the unit lacks this kind of translation (ECAP.FSTS, SSTS, NEST, PT) or its width (CAP.SAGAW)";
    case -ENOSPC:
        return "the unit has no domain-id left (CAP.ND)";
    default:
        return strerror(-error);
    }
}

static const char *attach_problem(const struct vtd_record *r, int error)
{
    if (r->has_pasid && (error == -EINVAL || error == -ENOTSUP))
        return "the unit has no PASIDs of that size (ECAP.PASID, PSS)";
    if (error == -EBUSY)
        return "no domain-id is left (CAP.ND), and in the shared one another device has this PASID";
    return strerror(-error);
}

static int enable_ats(void *opaque, uint16_t sid, bool on)
{
    struct vtd_player *p = opaque;
    struct vtd_requester *device = vtd_machine_requester(&p->machine, sid);
    return device && vtd_requester_set_ats(device, on) ? 0 : -ENODEV;
}

/* A device with a device TLB, where there is none yet. The driver switches it on. */
static int make_device(struct vtd_player *p, const struct vtd_record *r, char *why)
{
    if (vtd_machine_requester(&p->machine, r->sid))
        return 0;
    struct vtd_requester_config config = p->device;
    struct vtd_requester *device;
    config.sid = r->sid;
    config.seed += r->sid;
    if (vtd_machine_add_requester(&p->machine, &config, &device, why) != 0)
        return -1;
    if (p->machine.clock && !vtd_requester_set_clock(device, p->machine.clock)) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return -1;
    }
    vtd_requester_set_ats(device, false);
    const struct vtd_drv_ats_spec spec = {.ops = {.enable_ats = enable_ats}, .opaque = p};
    const int error = vtd_drv_ats_enable(p->drv, r->sid, &spec);
    if (error)
        explain(why, r, error == -ENOTSUP ? "the unit has no device TLBs (ECAP.DT)" : strerror(-error));
    return error ? -1 : 0;
}

/* A device or PASID that was not seen before: a domain, attached. */
static struct space *add_space(struct vtd_player *p, const struct vtd_record *r, char *why)
{
    static const enum vtd_drv_kind kinds[] = {
        [VTD_PLAYER_FIRST_STAGE] = VTD_DRV_FIRST_STAGE,
        [VTD_PLAYER_SECOND_STAGE] = VTD_DRV_SECOND_STAGE,
        [VTD_PLAYER_NESTED] = VTD_DRV_NESTED,
        [VTD_PLAYER_PASS_THROUGH] = VTD_DRV_PASS_THROUGH,
    };
    const enum vtd_player_pgtt pgtt = by_pasid(r) ? p->with_pasid : p->without;
    struct vtd_drv_domain_spec spec = {
        .kind = kinds[pgtt],
        .addr_width = pgtt == VTD_PLAYER_PASS_THROUGH ? 0 : 48,
        .parent = pgtt == VTD_PLAYER_NESTED ? p->parent : NULL,
    };
    if (2 * p->spaces >= p->mask && !grow(p)) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return NULL;
    }
    struct vtd_drv_domain *domain;
    int error = vtd_drv_domain_create(p->drv, &spec, &domain);
    if (error == -ENOSPC && by_pasid(r) && pgtt == VTD_PLAYER_FIRST_STAGE) {
        spec.shared_did = true; /* the PASID tells these apart in every cache */
        error = vtd_drv_domain_create(p->drv, &spec, &domain);
    }
    if (error) {
        explain(why, r, domain_problem(error));
        return NULL;
    }
    error = vtd_drv_attach(p->drv, r->sid, by_pasid(r) ? r->pasid : VTD_DRV_RID_PASID, domain);
    if (error) {
        explain(why, r, attach_problem(r, error));
        return NULL;
    }
    if (p->device.ats && make_device(p, r, why) != 0)
        return NULL;
    struct space *s = slot_of(p->space, p->mask, space_key(r));
    *s = (struct space){.key = space_key(r), .domain = domain};
    p->spaces++;
    p->last = s;
    return s;
}

/* ---------------------------------------------------------------- records */

/* The next page to map to: one after the other, round and round, past the interrupt range. */
static uint64_t next_target(struct vtd_player *p)
{
    if (p->target >> 20 == 0xfee)
        p->target = 0xfef00000;
    if (p->target >= p->target_end)
        p->target = p->target_start;
    const uint64_t page = p->target;
    p->target += 4096;
    return page;
}

static int map_page(struct vtd_player *p, struct space *s, uint64_t iova, char *why)
{
    const uint64_t page = iova & ~0xfffull;
    const int error = vtd_drv_map(s->domain, page, next_target(p), 4096, VTD_DRV_READ | VTD_DRV_WRITE);
    if (error) {
        snprintf(why, VTD_WHY_SIZE, "cannot map 0x%llx: %s", (unsigned long long)page, strerror(-error));
        return -1;
    }
    p->pages_mapped++;
    if (vtd_page_set_add(&s->mapped, page >> 12))
        return 0;
    snprintf(why, VTD_WHY_SIZE, "out of memory");
    return -1;
}

static bool is_tabled(const struct vtd_player *p, const struct vtd_record *r)
{
    return (by_pasid(r) ? p->with_pasid : p->without) != VTD_PLAYER_PASS_THROUGH;
}

/* Pages of a space that are about to be unmapped: by going through them or through the space's set, whichever is shorter. */
static void forget(struct vtd_player *p, const struct space *s, uint64_t first, uint64_t pages)
{
    if (pages <= s->mapped.count) {
        for (uint64_t page = first; page < first + pages; page++)
            vtd_known_pages_remove(&p->known, s->key, page);
        return;
    }
    for (size_t i = 0; s->mapped.slot && i <= s->mapped.mask; i++)
        if (s->mapped.slot[i] && s->mapped.slot[i] - 1 - first < pages)
            vtd_known_pages_remove(&p->known, s->key, s->mapped.slot[i] - 1);
}

static enum vtd_player_result unmap(struct vtd_player *p, const struct vtd_record *r, char *why)
{
    struct space *s = find_space(p, r);
    if (!s || !is_tabled(p, r))
        return VTD_PLAYED;
    int64_t done;
    if (r->kind == VTD_RECORD_UNMAP_ALL) {
        forget(p, s, 0, UINT64_MAX);
        done = vtd_drv_unmap_all(s->domain);
        vtd_page_set_clear(&s->mapped);
    } else {
        forget(p, s, r->iova >> 12, r->pages);
        done = vtd_drv_unmap(s->domain, r->iova, (uint64_t)r->pages * 4096);
        vtd_page_set_remove_range(&s->mapped, r->iova >> 12, r->pages);
    }
    if (done >= 0)
        return VTD_PLAYED;
    snprintf(why, VTD_WHY_SIZE, "cannot unmap 0x%llx: %s", (unsigned long long)r->iova, strerror((int)-done));
    return VTD_PLAYER_ERROR;
}

/* An access of a device that has a device TLB. */
static enum vtd_player_result access_by_device(struct vtd_player *p, const struct vtd_request *req,
                                               struct vtd_response *resp)
{
    struct vtd_requester_outcome out;
    switch (vtd_requester_access(vtd_machine_requester(&p->machine, req->sid), req, &out)) {
    case VTD_REQUESTER_INVALID:
        return VTD_PLAYER_ERROR;
    case VTD_REQUESTER_DONE:
        *resp = out.resp;
        return VTD_PLAYED;
    default:
        *resp = out.resp;
        return VTD_PLAYER_FAULT;
    }
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
    struct space *s = find_space(p, r);
    if (!s && !(s = add_space(p, r, why)))
        return -1;
    if (is_tabled(p, r) && !vtd_page_set_has(&s->mapped, r->iova >> 12) && map_page(p, s, r->iova, why) != 0)
        return -1;
    vtd_known_pages_add(&p->known, s->key, r->iova >> 12);
    return 0;
}

enum vtd_player_result vtd_player_play(struct vtd_player *p, const struct vtd_record *r, uint8_t *reason, char *why)
{
    if (r->kind > VTD_RECORD_WRITE)
        return unmap(p, r, why);
    if (!vtd_known_pages_has(&p->known, space_key(r), r->iova >> 12) && make_known(p, r, why) != 0)
        return VTD_PLAYER_ERROR;
    const struct vtd_request req = {
        .addr = r->iova,
        .pasid = r->has_pasid ? r->pasid : 0,
        .sid = r->sid,
        .access = r->kind == VTD_RECORD_WRITE ? VTD_WRITE : VTD_READ,
        .flags = r->has_pasid ? VTD_REQ_PASID : 0,
        .len = r->len,
    };
    struct vtd_response resp = {0};
    const enum vtd_player_result result =
        p->device.ats ? access_by_device(p, &req, &resp) : access_directly(p, &req, &resp);
    if (result == VTD_PLAYER_ERROR)
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
