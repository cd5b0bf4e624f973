/* SPDX-License-Identifier: MIT */
/* The study of bindings: machines, binds, requests, unbinds. See vm_study.h. */
#include "vm_study.h"

#include "driver/vtd_driver.h"
#include "platform/counted_bus.h"
#include "platform/model_bus.h"
#include "vmm/vmm.h"
#include "workload/random.h"
#include "workload/zipf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE      UINT64_C(4096)
#define MIB       (UINT64_C(1) << 20)
#define GVA       UINT64_C(0x7f0000400000) /* of the pages of every process */
#define FIRST_SID 0x0100u
#define GUEST_SID 0x0008u /* of the first device, in the guest */

enum {
    PASID_BITS = 20,
    DEVICES_MAX = 16,
    WIDTH = 48, /* of processes' addresses */
};

struct process {
    struct vtd_drv_domain *domain;
    uint32_t gpasid;
    uint32_t hpasid[DEVICES_MAX];
};

struct guest {
    struct vtd_vmm *vmm;
    struct vtd_drv *drv;
    struct vtd_counted_bus counted;
    uint64_t data; /* guest physical */
};

struct study {
    const struct vtd_vm_study_spec *spec;
    struct vtd_machine machine;
    struct vtd_clock clock;
    struct vtd_timing *timing;
    struct vtd_pasid_sets pasids;
    struct vtd_drv *host;
    struct vtd_counted_bus counted;
    uint64_t guest_accesses, host_accesses;
    uint64_t host_frames_end, guest_size, guest_frames_end;
    struct guest *guest;
    struct process *process; /* guest g's number p at p * guests + g: in the order of their binds */
    char *why;
};

static int explain(const struct study *s, int error, const char *what)
{
    snprintf(s->why, VTD_WHY_SIZE, "%s: %s", what, strerror(error < 0 ? -error : error));
    return -1;
}

/* ---------------------------------------------------------------- the host */

static int check(const struct study *s)
{
    const struct vtd_vm_study_spec *p = s->spec;
    const char *bad = NULL;
    if (p->guests < 1 || p->guests > VTD_VM_STUDY_GUESTS_MAX)
        bad = "guests must be 1 to 250";
    else if (p->devices < 1 || p->devices > DEVICES_MAX)
        bad = "devices must be 1 to 16";
    else if (p->processes < 1 || (uint64_t)p->processes * p->guests * p->devices > VTD_VM_STUDY_BINDS_MAX)
        bad = "processes must be at least 1, and with guests and devices make at most 50000 bindings";
    else if (p->pages < 1 || p->pages > 512)
        bad = "pages must be 1 to 512";
    else if (p->allocation == VTD_PASID_RANGES && p->range < 1)
        bad = "range must be at least 1";
    else if (!p->guest_pasids && p->shared && p->devices > 1)
        bad = "with identity, a guest can bind a PASID on one shared device only once: devices must be 1";
    if (bad)
        snprintf(s->why, VTD_WHY_SIZE, "%s", bad);
    return bad ? -1 : 0;
}

/* Enough for all tables; what is not touched costs nothing. */
static void lay_out(struct study *s)
{
    const struct vtd_vm_study_spec *p = s->spec;
    const uint64_t round = 2 * MIB, devices = (uint64_t)p->devices * (p->shared ? 1 : p->guests);
    const uint64_t binds = (uint64_t)p->guests * p->processes * p->devices;
    const uint64_t host = 8 * MIB + devices * MIB / 2 + (binds + p->guests) * 4 * PAGE + p->guests * MIB / 8;
    s->host_frames_end = 16 * MIB + (host + round - 1) / round * round;
    s->guest_frames_end = MIB + p->devices * MIB / 2 + p->processes * (8 + p->devices) * PAGE + MIB;
    s->guest_size = s->guest_frames_end + (uint64_t)p->processes * p->pages * PAGE;
    s->guest_size = (s->guest_size + round - 1) / round * round;
}

static int start_host(struct study *s)
{
    const struct vtd_vm_study_spec *p = s->spec;
    lay_out(s);
    int error = vtd_machine_init(&s->machine, &p->unit, s->host_frames_end + p->guests * s->guest_size, 16 * MIB,
                                 s->host_frames_end, s->why);
    if (error)
        return -1;
    s->timing = vtd_timing_create(s->machine.unit, &p->timing, s->why);
    if (!s->timing)
        return -1;
    s->clock.timing = s->timing;
    s->machine.clock = &s->clock;
    error = vtd_pasid_sets_init(&s->pasids, PASID_BITS);
    if (!error)
        error = vtd_pasid_sets_choose(&s->pasids, p->allocation, p->range, p->seed);
    if (!error)
        error = vtd_drv_create(vtd_counted_bus(&s->counted, &s->machine.bus, &s->host_accesses), NULL, &s->host);
    if (!error)
        error = vtd_drv_start(s->host);
    return error ? explain(s, error, "the host's driver") : 0;
}

/* ---------------------------------------------------------------- guests */

static uint16_t host_sid(const struct study *s, uint32_t guest, uint32_t device)
{
    return (uint16_t)(FIRST_SID + (s->spec->shared ? device : guest * s->spec->devices + device));
}

static uint16_t guest_sid(uint32_t device)
{
    return (uint16_t)(GUEST_SID + 8 * device);
}

static int start_guest(struct study *s, uint32_t number)
{
    const struct vtd_vm_study_spec *p = s->spec;
    struct guest *g = &s->guest[number];
    const struct vtd_vmm_config config = {
        .machine = &s->machine,
        .driver = s->host,
        .pasids = &s->pasids,
        .memory_start = s->host_frames_end + number * s->guest_size,
        .memory_size = s->guest_size,
        .frames_start = MIB,
        .frames_end = s->guest_frames_end,
        .quota = UINT32_MAX,
        .guest_pasids = p->guest_pasids,
    };
    g->data = s->guest_frames_end;
    int error = vtd_vmm_create(&config, &g->vmm, s->why);
    if (error)
        return -1;
    for (uint32_t d = 0; d < p->devices && !error; d++)
        error = p->shared ? vtd_vmm_assign_part(g->vmm, guest_sid(d), host_sid(s, number, d), NULL)
                          : vtd_vmm_assign(g->vmm, guest_sid(d), host_sid(s, number, d));
    if (!error)
        error = vtd_drv_create(vtd_counted_bus(&g->counted, vtd_vmm_bus(g->vmm), &s->guest_accesses), NULL, &g->drv);
    if (!error)
        error = vtd_drv_start(g->drv);
    for (uint32_t d = 0; d < p->devices && !error; d++)
        error = vtd_drv_device_add(g->drv, guest_sid(d), PASID_BITS);
    return error ? explain(s, error, "a guest") : 0;
}

static int make_process(struct study *s, uint32_t index)
{
    const struct vtd_drv_domain_spec spec = {.kind = VTD_DRV_FIRST_STAGE, .addr_width = WIDTH, .max_page_shift = 12};
    const uint32_t guests = s->spec->guests;
    struct guest *g = &s->guest[index % guests];
    struct process *process = &s->process[index];
    const uint64_t size = s->spec->pages * PAGE;
    int error = vtd_drv_domain_create(g->drv, &spec, &process->domain);
    if (!error)
        error = vtd_drv_map(process->domain, GVA, g->data + index / guests * size, size, VTD_DRV_READ | VTD_DRV_WRITE);
    return error ? explain(s, error, "a process") : 0;
}

/* ---------------------------------------------------------------- binds and unbinds */

static uint64_t descriptors_of_guests(const struct study *s)
{
    uint64_t sum = 0;
    struct vtd_stats stats;
    for (uint32_t g = 0; g < s->spec->guests; g++) {
        vtd_stats_get(vtd_vmm_unit(s->guest[g].vmm), &stats);
        sum += stats.inv_descriptors;
    }
    return sum;
}

/* Subtracts what is so far (sign -1), or adds it. */
static void tally(struct study *s, struct vtd_vm_study_cost *cost, uint64_t sign)
{
    struct vtd_stats stats;
    vtd_stats_get(s->machine.unit, &stats);
    cost->guest_accesses += sign * s->guest_accesses;
    cost->guest_descriptors += sign * descriptors_of_guests(s);
    cost->host_accesses += sign * s->host_accesses;
    cost->host_descriptors += sign * stats.inv_descriptors;
    cost->memory_reads += sign * stats.memory_reads_descriptor;
    cost->cycles += sign * s->clock.now;
}

static int bind(struct study *s, uint32_t index)
{
    const uint32_t number = index % s->spec->guests;
    struct guest *g = &s->guest[number];
    struct process *p = &s->process[index];
    int error = vtd_drv_pasid_alloc(g->drv, &p->gpasid);
    for (uint32_t d = 0; d < s->spec->devices && !error; d++) {
        error = vtd_drv_attach(g->drv, guest_sid(d), p->gpasid, p->domain);
        if (!error)
            error = vtd_vmm_host_pasid(g->vmm, guest_sid(d), p->gpasid, &p->hpasid[d]);
    }
    return error ? explain(s, error, error == -ENOENT ? "a PASID was refused" : "a bind") : 0;
}

static int unbind(struct study *s, uint32_t index)
{
    struct guest *g = &s->guest[index % s->spec->guests];
    const struct process *p = &s->process[index];
    int error = 0;
    for (uint32_t d = 0; d < s->spec->devices && !error; d++)
        error = vtd_drv_detach(g->drv, guest_sid(d), p->gpasid);
    if (!error)
        error = vtd_drv_pasid_free(g->drv, p->gpasid);
    return error ? explain(s, error, "an unbind") : 0;
}

static int for_all(struct study *s, int (*operation)(struct study *s, uint32_t index), struct vtd_vm_study_cost *cost)
{
    const uint32_t all = s->spec->guests * s->spec->processes;
    int error = 0;
    *cost = (struct vtd_vm_study_cost){.count = (uint64_t)all * s->spec->devices};
    tally(s, cost, UINT64_MAX);
    s->clock.software = true;
    for (uint32_t i = 0; i < all && !error; i++)
        error = operation(s, i);
    s->clock.software = false;
    tally(s, cost, 1);
    return error;
}

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Counts different PASIDs, and different pages of entries. */
static int look_at_pasids(struct study *s, struct vtd_vm_study_result *r)
{
    const size_t all = (size_t)s->spec->guests * s->spec->processes, n = all * s->spec->devices;
    uint32_t *list = malloc(n * sizeof(*list));
    if (!list)
        return explain(s, ENOMEM, "a list of PASIDs");
    for (size_t i = 0; i < n; i++)
        list[i] = s->process[i / s->spec->devices].hpasid[i % s->spec->devices];
    qsort(list, n, sizeof(*list), compare);
    for (size_t i = 0; i < n; i++) {
        r->pasids += i == 0 || list[i] != list[i - 1];
        r->directory_entries += i == 0 || list[i] / 64 != list[i - 1] / 64;
    }
    r->highest = list[n - 1];
    free(list);
    return 0;
}

/* ---------------------------------------------------------------- requests */

static void request(struct study *s, uint32_t index, uint32_t device, uint32_t page, struct vtd_vm_study_result *r)
{
    const struct process *p = &s->process[index];
    const struct vtd_request req = {
        .addr = GVA + page * PAGE,
        .sid = host_sid(s, index % s->spec->guests, device),
        .pasid = p->hpasid[device],
        .flags = VTD_REQ_PASID,
        .access = VTD_READ,
        .len = 64,
    };
    struct vtd_response resp;
    const uint64_t gpa =
        s->guest[index % s->spec->guests].data + ((uint64_t)(index / s->spec->guests) * s->spec->pages + page) * PAGE;
    const uint64_t hpa = s->host_frames_end + index % s->spec->guests * s->guest_size + gpa;
    vtd_translate(s->machine.unit, &req, &resp);
    r->blocked += resp.result != VTD_RESULT_OK || resp.hpa != hpa;
}

/* Processes in an order that has nothing to do with their PASIDs: rank to index. */
static uint32_t *shuffled(uint32_t n, struct vtd_random *random)
{
    uint32_t *order = calloc(n, sizeof(*order));
    for (uint32_t i = 0; order && i < n; i++) {
        const uint32_t j = (uint32_t)vtd_random_below(random, i + 1u);
        order[i] = order[j];
        order[j] = i;
    }
    return order;
}

static int play(struct study *s, struct vtd_vm_study_result *r)
{
    const struct vtd_vm_study_spec *p = s->spec;
    const uint32_t all = p->guests * p->processes;
    struct vtd_random random = {.state = p->seed};
    struct vtd_zipf zipf = {0};
    uint32_t *order = shuffled(all, &random);
    const bool ok = order && vtd_zipf_init(&zipf, all, p->turns == VTD_VM_ZIPF ? p->s : 0);
    for (uint32_t i = 0; ok && i < all; i++)
        for (uint32_t d = 0; d < p->devices; d++)
            request(s, order[i], d, 0, r);
    vtd_stats_reset(s->machine.unit);
    for (uint64_t i = 0; ok && i < p->requests; i++) {
        const uint32_t rank = p->turns == VTD_VM_ROUND_ROBIN ? (uint32_t)(i % all) : vtd_zipf_next(&random, &zipf);
        const uint32_t device = (uint32_t)vtd_random_below(&random, p->devices);
        request(s, order[rank], device, (uint32_t)vtd_random_below(&random, p->pages), r);
    }
    vtd_stats_get(s->machine.unit, &r->stats);
    vtd_zipf_fini(&zipf);
    free(order);
    return ok ? 0 : explain(s, ENOMEM, "requests");
}

/* ---------------------------------------------------------------- all of it */

static int run(struct study *s, struct vtd_vm_study_result *r)
{
    const uint32_t all = s->spec->guests * s->spec->processes;
    if (start_host(s) != 0)
        return -1;
    for (uint32_t g = 0; g < s->spec->guests; g++)
        if (start_guest(s, g) != 0)
            return -1;
    for (uint32_t i = 0; i < all; i++)
        if (make_process(s, i) != 0)
            return -1;
    if (for_all(s, bind, &r->bind) != 0 || look_at_pasids(s, r) != 0 || play(s, r) != 0)
        return -1;
    return for_all(s, unbind, &r->unbind);
}

static void fini(struct study *s)
{
    for (uint32_t g = 0; s->guest && g < s->spec->guests; g++) {
        vtd_drv_destroy(s->guest[g].drv);
        vtd_vmm_destroy(s->guest[g].vmm);
    }
    vtd_drv_destroy(s->host);
    vtd_pasid_sets_fini(&s->pasids);
    vtd_timing_destroy(s->timing);
    vtd_machine_fini(&s->machine);
    free(s->guest);
    free(s->process);
}

int vtd_vm_study_run(const struct vtd_vm_study_spec *spec, struct vtd_vm_study_result *result, char *why)
{
    struct study s = {.spec = spec, .why = why};
    *result = (struct vtd_vm_study_result){0};
    if (check(&s) != 0)
        return -1;
    s.guest = calloc(spec->guests, sizeof(*s.guest));
    s.process = calloc((size_t)spec->guests * spec->processes, sizeof(*s.process));
    const int status = s.guest && s.process ? run(&s, result) : explain(&s, ENOMEM, "guests and processes");
    fini(&s);
    return status;
}
