/* SPDX-License-Identifier: MIT */
/* Devices, PASIDs, their domains and pages of a player. See player_internal.h. */
#include "player_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- spaces */

static size_t home_of(uint64_t key, size_t mask)
{
    return (size_t)(key * 0x9e3779b97f4a7c15ull >> 32) & mask;
}

static struct vtd_player_space *slot_of(struct vtd_player_space *table, size_t mask, uint64_t key)
{
    size_t i = home_of(key, mask);
    while (table[i].key && table[i].key != key)
        i = (i + 1) & mask;
    return &table[i];
}

static bool grow(struct vtd_player *p)
{
    const size_t slots = p->space ? 2 * (p->mask + 1) : 64;
    struct vtd_player_space *bigger = calloc(slots, sizeof *bigger);
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

struct vtd_player_space *vtd_player_find_space(struct vtd_player *p, const struct vtd_record *r)
{
    const uint64_t key = player_space_key(r);
    if (p->last && p->last->key == key)
        return p->last;
    if (!p->space)
        return NULL;
    struct vtd_player_space *s = slot_of(p->space, p->mask, key);
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

static int enable_pri(void *opaque, uint16_t sid, bool on)
{
    struct vtd_player *p = opaque;
    struct vtd_requester *device = vtd_machine_requester(&p->machine, sid);
    return device && vtd_requester_set_pri(device, on) ? 0 : -ENODEV;
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
    vtd_requester_set_pri(device, false);
    const struct vtd_drv_ats_spec spec = {.ops = {.enable_ats = enable_ats, .enable_pri = enable_pri}, .opaque = p};
    int error = vtd_drv_ats_enable(p->drv, r->sid, &spec);
    if (error) {
        explain(why, r, error == -ENOTSUP ? "the unit has no device TLBs (ECAP.DT)" : strerror(-error));
        return -1;
    }
    if (p->device.pri && (error = vtd_player_enable_paging(p, r->sid)) != 0)
        explain(why, r, error == -ENOTSUP ? "the unit has no page requests (ECAP.PRS)" : strerror(-error));
    return error ? -1 : 0;
}

/* A device or PASID that was not seen before: a domain, attached. */
struct vtd_player_space *vtd_player_add_space(struct vtd_player *p, const struct vtd_record *r, char *why)
{
    static const enum vtd_drv_kind kinds[] = {
        [VTD_PLAYER_FIRST_STAGE] = VTD_DRV_FIRST_STAGE,
        [VTD_PLAYER_SECOND_STAGE] = VTD_DRV_SECOND_STAGE,
        [VTD_PLAYER_NESTED] = VTD_DRV_NESTED,
        [VTD_PLAYER_PASS_THROUGH] = VTD_DRV_PASS_THROUGH,
    };
    const enum vtd_player_pgtt pgtt = player_by_pasid(r) ? p->with_pasid : p->without;
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
    if (error == -ENOSPC && player_by_pasid(r) && pgtt == VTD_PLAYER_FIRST_STAGE) {
        spec.shared_did = true; /* the PASID tells these apart in every cache */
        error = vtd_drv_domain_create(p->drv, &spec, &domain);
    }
    if (error) {
        explain(why, r, domain_problem(error));
        return NULL;
    }
    error = vtd_drv_attach(p->drv, r->sid, player_by_pasid(r) ? r->pasid : VTD_DRV_RID_PASID, domain);
    if (error) {
        explain(why, r, attach_problem(r, error));
        return NULL;
    }
    if (p->device.ats && make_device(p, r, why) != 0)
        return NULL;
    struct vtd_player_space *s = slot_of(p->space, p->mask, player_space_key(r));
    *s = (struct vtd_player_space){.key = player_space_key(r), .domain = domain};
    p->spaces++;
    p->last = s;
    return s;
}

/* By going through the pages or through the space's set, whichever is shorter. */
void vtd_player_forget(struct vtd_player *p, const struct vtd_player_space *s, uint64_t first, uint64_t pages)
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

/* Takes a space out of the table; the run of slots behind it moves up, so that no search ends at the hole too early. */
static void close_slot(struct vtd_player *p, struct vtd_player_space *s)
{
    size_t hole = (size_t)(s - p->space);
    for (size_t i = (hole + 1) & p->mask; p->space[i].key; i = (i + 1) & p->mask) {
        const size_t home = home_of(p->space[i].key, p->mask);
        if (((i - home) & p->mask) < ((i - hole) & p->mask))
            continue;
        p->space[hole] = p->space[i];
        hole = i;
    }
    p->space[hole] = (struct vtd_player_space){0};
    p->spaces--;
    p->last = NULL;
}

int vtd_player_remove_space(struct vtd_player *p, const struct vtd_record *r, char *why)
{
    struct vtd_player_space *s = vtd_player_find_space(p, r);
    if (!s)
        return 0;
    vtd_player_forget(p, s, 0, UINT64_MAX);
    int error = vtd_drv_detach(p->drv, r->sid, player_by_pasid(r) ? r->pasid : VTD_DRV_RID_PASID);
    if (error == 0)
        error = vtd_drv_domain_destroy(s->domain);
    if (error) {
        explain(why, r, strerror(-error));
        return -1;
    }
    vtd_page_set_clear(&s->mapped);
    close_slot(p, s);
    return 0;
}

/* ---------------------------------------------------------------- pages */

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

int vtd_player_map_page(struct vtd_player *p, struct vtd_player_space *s, uint64_t iova, char *why)
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
