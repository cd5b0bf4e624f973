/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a guest behind a hypervisor. At first its tables are good and some PASIDs are bound; the input lets it
 * write its memory, the registers of its virtual unit and descriptors as it likes, while its device works and asks for
 * pages. Nothing may crash or hang; the device reaches nothing but the guest's memory; another machine is not touched;
 * and when the guest ends, nothing of it is left on the host.
 */
#include "bytes.h"

#include "driver/vtd_driver.h"
#include "vmm/vmm.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <errno.h>
#include <string.h>

#define MIB       (1u << 20)
#define PAGE      4096u
#define PAGES     16u /* mapped, from guest virtual 0 on */
#define DATA      0x20000u
#define QUEUE     0x10000u
#define MAX_STEPS 400

/* Where a guest has its tables, in guest physical addresses; paging tables from the root to the last. */
enum {
    ROOT = 0x1000,
    CONTEXT = 0x2000,
    DIRECTORY = 0x3000,
    ENTRIES = 0x4000,
    PAGING = 0x5000,
    PRQ = 0x9000,
};

enum {
    GUEST_SID = 0x0008,
    GUEST,
    VICTIM,
};

struct machine {
    uint64_t base; /* host physical */
    uint16_t host_sid;
    struct vtd_vmm *vmm;
};

struct world {
    struct vtd_machine machine;
    struct vtd_drv *drv;
    struct vtd_pasid_sets pasids;
    struct machine guest, victim;
    uint32_t victims_pasid;
    struct vtd_requester *device;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---------------------------------------------------------------- a guest that works at first */

static uint64_t *at(struct world *w, const struct machine *m, uint64_t gpa)
{
    return (uint64_t *)(void *)(w->machine.memory.base + m->base + gpa);
}

static void write32(const struct machine *m, uint64_t offset, uint32_t value)
{
    const struct vtd_bus *bus = vtd_vmm_bus(m->vmm);
    bus->write32(bus->opaque, offset, value);
}

static void write64(const struct machine *m, uint64_t offset, uint64_t value)
{
    const struct vtd_bus *bus = vtd_vmm_bus(m->vmm);
    bus->write64(bus->opaque, offset, value);
}

static void build_tables(struct world *w, const struct machine *m)
{
    *at(w, m, ROOT) = CONTEXT | 1;
    uint64_t *context = at(w, m, CONTEXT + VTD_SM_CONTEXT_BYTES * GUEST_SID);
    vtd_sm_context_set_p(context, 1);
    vtd_sm_context_set_dte(context, 1);
    vtd_sm_context_set_paside(context, 1);
    vtd_sm_context_set_pre(context, 1);
    vtd_sm_context_set_pasiddirptr(context, DIRECTORY >> 12);
    *at(w, m, DIRECTORY) = ENTRIES | 1;
    for (unsigned level = 0; level < 3; level++)
        *at(w, m, PAGING + PAGE * level) = (PAGING + PAGE * (level + 1)) | 7;
    for (unsigned i = 0; i < PAGES - 2; i++)
        *at(w, m, PAGING + PAGE * 3 + 8 * i) = (DATA + PAGE * i) | 7;
    for (unsigned pasid = 1; pasid < 8; pasid++) {
        uint64_t *entry = at(w, m, ENTRIES + VTD_PASID_ENTRY_BYTES * pasid);
        vtd_pasid_entry_set_p(entry, 1);
        vtd_pasid_entry_set_pgtt(entry, VTD_PGTT_FIRST_STAGE);
        vtd_pasid_entry_set_did(entry, 2);
        vtd_pasid_entry_set_fsptptr(entry, PAGING >> 12);
    }
}

static void start(const struct machine *m)
{
    write64(m, VTD_REG_RTADDR, ROOT | vtd_reg_rtaddr_put_ttm(VTD_TTM_SCALABLE));
    write32(m, VTD_REG_GCMD, (uint32_t)vtd_reg_gcmd_put_srtp(1));
    write64(m, VTD_REG_PQA, PRQ);
    write64(m, VTD_REG_IQA, QUEUE | vtd_reg_iqa_put_dw(1));
    write32(m, VTD_REG_GCMD, (uint32_t)vtd_reg_gcmd_put_qie(1));
    write32(m, VTD_REG_GCMD, (uint32_t)(vtd_reg_gcmd_put_qie(1) | vtd_reg_gcmd_put_te(1)));
}

static void make_guest(struct world *w, struct machine *m, unsigned number, bool own)
{
    m->base = (4 + number) * (uint64_t)MIB;
    m->host_sid = (uint16_t)(0x0100 + number);
    const struct vtd_vmm_config config = {
        .machine = &w->machine,
        .driver = w->drv,
        .pasids = &w->pasids,
        .memory_start = m->base,
        .memory_size = MIB,
        .quota = 10,
        .guest_pasids = own,
        .page_requests = true,
        .page_groups = 8,
    };
    HOLDS(vtd_vmm_create(&config, &m->vmm, NULL) == 0);
    HOLDS(vtd_vmm_assign(m->vmm, GUEST_SID, m->host_sid) == 0);
    build_tables(w, m);
    for (unsigned i = 0; !own && i < 4; i++)
        write64(m, VTD_REG_VCMD, VTD_VCMD_ALLOC_PASID);
    start(m);
}

/* ---------------------------------------------------------------- the host */

static enum vtd_drv_page_answer page_handler(void *arg, const struct vtd_drv_page_request *request)
{
    const struct world *w = arg;
    int answer = vtd_vmm_page_request(w->guest.vmm, request);
    if (answer < 0 && w->victim.vmm)
        answer = vtd_vmm_page_request(w->victim.vmm, request);
    return answer < 0 ? VTD_DRV_PAGE_INVALID : (enum vtd_drv_page_answer)answer;
}

static void fault_handler(void *arg, const struct vtd_drv_fault *fault)
{
    const struct world *w = arg;
    if (vtd_vmm_fault(w->guest.vmm, fault) == VTD_VMM_FAULT_OF_GUEST)
        HOLDS(fault->sid == w->guest.host_sid);
}

static int set_ats(void *machine, uint16_t sid, bool on)
{
    return vtd_requester_set_ats(vtd_machine_requester(machine, sid), on) ? 0 : -EIO;
}

static int set_pri(void *machine, uint16_t sid, bool on)
{
    return vtd_requester_set_pri(vtd_machine_requester(machine, sid), on) ? 0 : -EIO;
}

static void make_world(struct world *w, bool own)
{
    struct vtd_config config;
    const struct vtd_drv_options options = {.page_requests = true};
    HOLDS(vtd_config_preset(&config, "default") == VTD_STATUS_OK);
    for (unsigned i = 0; i < VTD_CACHES; i++) { /* small: they are made anew for each input, and evictions are seen */
        config.cache[i].entries = 16;
        config.cache[i].ways = 4;
    }
    HOLDS(vtd_machine_init(&w->machine, &config, 6 * MIB, MIB, 4 * MIB, NULL) == 0);
    HOLDS(vtd_drv_create(&w->machine.bus, &options, &w->drv) == 0 && vtd_drv_start(w->drv) == 0);
    HOLDS(vtd_pasid_sets_init(&w->pasids, 8) == 0);
    make_guest(w, &w->victim, 1, own);
    HOLDS(vtd_vmm_host_pasid(w->victim.vmm, GUEST_SID, 1, &w->victims_pasid) == 0);
    if (!own) /* so that the guest has other PASIDs than the victim: its entries are for 1 to 7 */
        HOLDS(w->victims_pasid == 1);
    make_guest(w, &w->guest, 0, own);
    const struct vtd_requester_config device = {
        .sid = w->guest.host_sid, .ats = true, .pasid = true, .pri = true, .device_tlb = {.entries = 16, .ways = 4}};
    const struct vtd_drv_ats_spec ats = {.ops = {.enable_ats = set_ats, .enable_pri = set_pri}, .opaque = &w->machine};
    HOLDS(vtd_machine_add_requester(&w->machine, &device, &w->device, NULL) == 0);
    vtd_requester_set_ats(w->device, false);
    vtd_requester_set_pri(w->device, false);
    HOLDS(vtd_drv_ats_enable(w->drv, w->guest.host_sid, &ats) == 0);
    HOLDS(vtd_drv_pri_enable(w->drv, w->guest.host_sid) == 0);
    vtd_drv_set_page_handler(w->drv, page_handler, w);
}

/* ---------------------------------------------------------------- steps */

/* A place in a table, or anywhere. */
static uint64_t take_gpa(struct bytes *in)
{
    static const uint32_t table[] = {ROOT,          CONTEXT + 32 * GUEST_SID,
                                     DIRECTORY,     ENTRIES,
                                     PAGING,        PAGING + 3 * PAGE,
                                     QUEUE,         ENTRIES + 64,
                                     PRQ,           ENTRIES + 128,
                                     PAGING + PAGE, DIRECTORY + 64};
    const unsigned b = (unsigned)bytes_take(in, 1);
    if (b >> 4 < 12)
        return table[b >> 4] + 8 * (b & 15);
    return bytes_take(in, 3) % MIB & ~7ull;
}

static void write_memory(struct bytes *in, struct world *w)
{
    uint64_t *q = at(w, &w->guest, take_gpa(in));
    const unsigned b = (unsigned)bytes_take(in, 1);
    if (b & 0x80) /* all of it */
        *q = bytes_take(in, 8);
    else if (b & 0x40) /* an address in its memory or behind it, the rest stays */
        *q = (*q & 0xfff) | bytes_take(in, 2) << 12;
    else
        *q ^= 1ull << b;
}

static void write_descriptor(struct bytes *in, struct world *w)
{
    const struct vtd_bus *bus = vtd_vmm_bus(w->guest.vmm);
    const uint64_t tail = bus->read64(bus->opaque, VTD_REG_IQT) & 0xfe0;
    const unsigned kind = (unsigned)bytes_take(in, 1);
    uint64_t d[4] = {bytes_take(in, 3) << 4 | (kind & 15), 0, 0, 0};
    if (kind & 0x10)
        d[0] |= bytes_take(in, 3) << 28;
    if (kind & 0x20)
        d[1] = bytes_take(in, 8);
    memcpy(at(w, &w->guest, QUEUE + tail), d, sizeof(d));
    write64(&w->guest, VTD_REG_IQT, (tail + sizeof(d)) & 0xfff);
    if (kind & 0x40) /* over an error of the queue */
        write32(&w->guest, VTD_REG_FSTS, ~0u);
}

static void write_register(struct bytes *in, struct world *w)
{
    static const uint16_t often[] = {VTD_REG_GCMD, VTD_REG_RTADDR, VTD_REG_IQT, VTD_REG_PQH, VTD_REG_PQA,  VTD_REG_PRS,
                                     VTD_REG_VCMD, VTD_REG_FSTS,   VTD_REG_IQA, VTD_REG_PQT, VTD_REG_PECTL};
    const unsigned b = (unsigned)bytes_take(in, 1), n = sizeof(often) / sizeof(*often);
    const uint64_t offset = (b & 0x3f) < n ? often[b & 0x3f] : bytes_take(in, 2);
    if (b & 0x80)
        write64(&w->guest, offset, bytes_take(in, 8));
    else
        write32(&w->guest, offset, (uint32_t)bytes_take(in, 4));
}

/* PASIDs and addresses that may be something, with a device TLB or without. */
static void work(struct bytes *in, struct world *w)
{
    const unsigned b = (unsigned)bytes_take(in, 2);
    const struct vtd_request req = {
        .sid = w->guest.host_sid,
        .pasid = b & 15,
        .addr = PAGE * (uint64_t)(b >> 4 & 15),
        .access = b >> 8 & 1 ? VTD_WRITE : VTD_READ,
        .flags = b & 15 ? VTD_REQ_PASID : 0,
        .len = 4,
    };
    const uint64_t base = w->guest.base;
    struct vtd_requester_outcome out;
    struct vtd_response resp;
    uint16_t prgi = 0;
    uint8_t code;
    switch (b >> 9 & 3) {
    case 0:
        if (vtd_requester_access(w->device, &req, &out) == VTD_REQUESTER_DONE)
            HOLDS(out.hpa >= base && out.hpa < base + MIB);
        break;
    case 1:
        HOLDS(vtd_translate(w->machine.unit, &req, &resp) == VTD_STATUS_OK);
        if (resp.result == VTD_RESULT_OK)
            HOLDS(resp.hpa >= base && resp.hpa < base + MIB);
        break;
    case 2:
        vtd_requester_request_pages(w->device, &req, 1 + (b >> 11 & 3), &prgi);
        break;
    default:
        vtd_requester_collect(w->device, (uint16_t)(b >> 4 & 63), &code);
        break;
    }
}

static void host_acts(struct bytes *in, struct world *w)
{
    switch (bytes_take(in, 1) & 7) {
    case 0:
        vtd_vmm_expire_page_requests(w->guest.vmm);
        break;
    case 1:
        vtd_vmm_remove(w->guest.vmm, GUEST_SID);
        break;
    case 2:
        vtd_vmm_assign(w->guest.vmm, GUEST_SID, w->guest.host_sid);
        break;
    case 3:
    case 4:
        vtd_drv_handle_faults(w->drv, fault_handler, w, NULL);
        break;
    default:
        HOLDS(vtd_drv_handle_page_requests(w->drv, NULL) >= 0);
        break;
    }
}

/* ---------------------------------------------------------------- what must hold */

static void check(struct world *w)
{
    struct vtd_request req = {.sid = w->guest.host_sid, .access = VTD_READ, .len = 4};
    struct vtd_response resp;
    for (req.pasid = 0; req.pasid < 24; req.pasid++) {
        req.flags = req.pasid ? VTD_REQ_PASID : 0;
        HOLDS(vtd_peek(w->machine.unit, &req, &resp) == VTD_STATUS_OK);
        if (resp.result == VTD_RESULT_OK)
            HOLDS(resp.hpa >= w->guest.base && resp.hpa < w->guest.base + MIB);
    }
    req.sid = w->victim.host_sid;
    req.pasid = w->victims_pasid;
    req.flags = VTD_REQ_PASID;
    HOLDS(vtd_translate(w->machine.unit, &req, &resp) == VTD_STATUS_OK);
    HOLDS(resp.result == VTD_RESULT_OK && resp.hpa == w->victim.base + DATA);
    HOLDS(vtd_requester_stats_get(w->device)->unexpected_responses == 0);
}

static void end(struct world *w)
{
    HOLDS(vtd_vmm_stats_get(w->guest.vmm)->host_errors == 0);
    HOLDS(vtd_vmm_destroy(w->guest.vmm) == 0);
    for (uint32_t pasid = 0; pasid < 64; pasid++)
        HOLDS(!vtd_drv_attached(w->drv, w->guest.host_sid, pasid));
    w->guest.vmm = w->victim.vmm;
    w->victim.vmm = NULL;
    HOLDS(vtd_drv_handle_page_requests(w->drv, NULL) >= 0);
    HOLDS(vtd_requester_outstanding(w->device) == 0);
    HOLDS(vtd_vmm_destroy(w->guest.vmm) == 0);
    for (unsigned i = 0; i < VTD_PASID_SETS_MAX; i++)
        HOLDS(!w->pasids.set[i].exists);
    HOLDS(vtd_pasid_pool_alloc(&w->pasids.pool) == 1);
    vtd_drv_destroy(w->drv);
    HOLDS(w->machine.frames.used == 0);
    vtd_pasid_sets_fini(&w->pasids);
    vtd_machine_fini(&w->machine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = {data, size};
    struct world w = {0};
    make_world(&w, bytes_take(&in, 1) & 1);
    for (unsigned i = 0; i < MAX_STEPS && in.left; i++) {
        switch (bytes_take(&in, 1) & 7) {
        case 0:
        case 1:
            write_memory(&in, &w);
            break;
        case 2:
        case 3:
            write_descriptor(&in, &w);
            break;
        case 4:
            write_register(&in, &w);
            break;
        case 5:
        case 6:
            work(&in, &w);
            break;
        default:
            host_acts(&in, &w);
            break;
        }
        check(&w);
    }
    end(&w);
    return 0;
}
