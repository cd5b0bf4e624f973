/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: devices with device TLBs in front of a unit that works at first. The input lets them access memory, ask for
 * pages and answer invalidations rightly or wrongly, while software writes registers, tables and the queue as it likes.
 * Nothing may crash or hang, and no device may be left waiting for an answer that it can still get.
 */
#include "bytes.h"

#include "platform/model_bus.h"
#include "tables/build.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#define MEMORY  (1u << 20)
#define DEVICES 3
#define QUEUE   0x1000
#define PRQ     0x2000
#define IOVA    0x40000000ull

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint16_t sid_of(unsigned i)
{
    return (uint16_t)(0x0100 + i % DEVICES); /* neighbours: a wrong source-id is that of another device */
}

/* Tables for 16 pages at IOVA: PASIDs 0 (RID_PASID) and 1 of each device. */
static void build_tables(struct vtd_machine *m)
{
    struct vtd_builder b;
    HOLDS(vtd_build_init(&b, &m->frames));
    const uint64_t root = vtd_build_table(&b);
    for (unsigned i = 0; i < 16; i++)
        *vtd_build_ss(&b, root, 4, IOVA + 4096ull * i, 1) = 0x80000 + 4096ull * i + (i < 12 ? 3 : 1);
    for (unsigned i = 0; i < DEVICES; i++) {
        for (uint32_t pasid = 0; pasid < 2; pasid++) {
            const struct vtd_pasid_spec spec = {
                .pgtt = VTD_PGTT_SECOND_STAGE, .ss_levels = 4, .did = (uint16_t)(2 + pasid), .ss_root = root};
            uint64_t *entry = vtd_build_pasid(&b, sid_of(i), pasid, true);
            HOLDS(entry != NULL);
            vtd_encode_pasid_entry(entry, &spec);
        }
        uint64_t *context = vtd_build_context(&b, sid_of(i));
        vtd_sm_context_set_dte(context, 1);
        vtd_sm_context_set_pre(context, 1);
    }
    vtd_mmio_write64(m->unit, VTD_REG_RTADDR, b.root | vtd_reg_rtaddr_put_ttm(VTD_TTM_SCALABLE));
}

static void start(struct vtd_machine *m)
{
    vtd_mmio_write32(m->unit, VTD_REG_GCMD, (uint32_t)vtd_reg_gcmd_put_srtp(1));
    vtd_mmio_write64(m->unit, VTD_REG_PQA, PRQ);
    vtd_mmio_write64(m->unit, VTD_REG_IQA, QUEUE | vtd_reg_iqa_put_dw(1));
    vtd_mmio_write32(m->unit, VTD_REG_GCMD, (uint32_t)vtd_reg_gcmd_put_qie(1));
    vtd_mmio_write32(m->unit, VTD_REG_GCMD, (uint32_t)(vtd_reg_gcmd_put_qie(1) | vtd_reg_gcmd_put_te(1)));
}

static void add_devices(struct vtd_machine *m, struct bytes *in)
{
    for (unsigned i = 0; i < DEVICES; i++) {
        const unsigned b = (unsigned)bytes_take(in, 2);
        const struct vtd_requester_config config = {
            .sid = sid_of(i),
            .ats = true,
            .pasid = true,
            .pri = !(b >> 8 & 1),
            .no_write = b >> 9 & 1,
            .pasid_in_translated = b >> 10 & 1,
            .watch_stale = b >> 11 & 1,
            .outstanding_max = b >> 12,
            .device_tlb = {.entries = b & 7 ? 1u << (b & 7) : 0, .ways = b >> 3 & 1, .policy = b >> 4 & 3},
        };
        HOLDS(vtd_machine_add_requester(m, &config, NULL, NULL) == 0);
    }
}

static struct vtd_request take_access(struct bytes *in)
{
    const unsigned b = (unsigned)bytes_take(in, 2);
    return (struct vtd_request){
        .addr = b >> 15 & 1 ? bytes_take(in, 8) : IOVA + 4096ull * (b >> 8 & 0x1f) + (b & 0x3f),
        .access = b >> 6 & 3,
        .flags = (uint8_t)(b >> 13 & 1 ? VTD_REQ_PASID : 0),
        .pasid = b >> 13 & 1,
        .len = b >> 14 & 1 ? (uint16_t)bytes_take(in, 2) : 4,
    };
}

static void device_acts(struct bytes *in, struct vtd_machine *m, unsigned what)
{
    struct vtd_requester *r = vtd_machine_requester(m, sid_of((unsigned)bytes_take(in, 1)));
    const struct vtd_request req = take_access(in);
    struct vtd_requester_outcome out;
    uint16_t prgi = (uint16_t)(req.addr >> 12 & 0x3f);
    uint8_t code = 0;
    switch (what) {
    case 0:
        HOLDS(vtd_requester_access(r, &req, &out) <= VTD_REQUESTER_INVALID);
        HOLDS(out.result != VTD_REQUESTER_DONE || out.resp.result != VTD_RESULT_UR);
        break;
    case 1:
        HOLDS(vtd_requester_retry(r, prgi, &out) <= VTD_REQUESTER_INVALID);
        break;
    case 2:
        vtd_requester_request_pages(r, &req, req.len % 8, &prgi);
        break;
    case 3:
        vtd_requester_collect(r, prgi, &code);
        HOLDS(code < 16);
        break;
    case 4:
        vtd_requester_stop_marker(r, req.pasid);
        break;
    case 5:
        vtd_requester_set_ats(r, req.len & 1);
        vtd_requester_set_pri(r, req.len & 2);
        break;
    case 6:
        vtd_requester_set_obey(r, req.len & 1);
        break;
    default:
        vtd_machine_set_answer(m, vtd_requester_sid(r), (enum vtd_answer)(req.len % (VTD_ANSWER_WRONG_ITAG + 1)));
        break;
    }
}

/* Puts a descriptor with a good type into the queue, the rest as it comes. */
static void queue(struct bytes *in, struct vtd_machine *m)
{
    const uint64_t tail = vtd_mmio_read64(m->unit, VTD_REG_IQT) & 0xfe0;
    const unsigned kind = (unsigned)bytes_take(in, 1);
    const uint16_t sid = sid_of(kind >> 4);
    const uint64_t low = bytes_take(in, 2), high = bytes_take(in, 3);
    uint64_t d[4] = {0};
    switch (kind & 7) {
    case 0:
    case 1:
        vtd_dev_tlb_inv_set_type_lo(d, VTD_TYPE_DEV_TLB_INV);
        vtd_dev_tlb_inv_set_sid(d, sid);
        d[1] = (IOVA + (high << 12)) | (low & 1);
        break;
    case 2:
    case 3:
        vtd_p_dev_tlb_inv_set_type_lo(d, VTD_TYPE_P_DEV_TLB_INV);
        vtd_p_dev_tlb_inv_set_sid(d, sid);
        vtd_p_dev_tlb_inv_set_pasid(d, low >> 8 & 1);
        d[1] = (IOVA + (high << 12)) | (low & 0x801);
        break;
    case 4:
    case 5:
        vtd_pg_resp_set_type_lo(d, VTD_TYPE_PG_RESP);
        vtd_pg_resp_set_rid(d, sid);
        vtd_pg_resp_set_pp(d, low & 1);
        vtd_pg_resp_set_pasid(d, low & 1);
        vtd_pg_resp_set_rc(d, low >> 4 & 15);
        vtd_pg_resp_set_prgi(d, high & 0x3f);
        break;
    case 6:
        vtd_inv_wait_set_type_lo(d, VTD_TYPE_INV_WAIT);
        vtd_inv_wait_set_fn(d, low & 1);
        break;
    default:
        d[0] = low | high << 16;
        break;
    }
    for (unsigned i = 0; i < 4; i++)
        vtd_memory_write(&m->memory, QUEUE + tail + 8 * i, 8, d[i]);
    vtd_mmio_write64(m->unit, VTD_REG_IQT, (tail + 32) & 0xfe0);
}

static void software_acts(struct bytes *in, struct vtd_machine *m, unsigned what)
{
    const uint64_t where = bytes_take(in, 2);
    switch (what) {
    case 0:
    case 1:
    case 2:
        queue(in, m);
        break;
    case 3:
        vtd_mmio_write64(m->unit, where & 0xff8, bytes_take(in, 8));
        break;
    case 4:
        vtd_mmio_write32(m->unit, where & 0xffc, (uint32_t)bytes_take(in, 4));
        break;
    case 5: /* tables */
        vtd_memory_write(&m->memory, 0x10000 + (where << 3 & 0x1fff8), 8, bytes_take(in, 8));
        break;
    case 6: /* the queues' errors, and room */
        vtd_mmio_write32(m->unit, VTD_REG_FSTS, 0x70);
        vtd_mmio_write32(m->unit, VTD_REG_PRS, 3);
        vtd_mmio_write64(m->unit, VTD_REG_PQH, vtd_mmio_read64(m->unit, VTD_REG_PQT));
        break;
    default:
        start(m);
        break;
    }
}

static void check_device(const struct vtd_requester *r)
{
    const struct vtd_requester_stats *s = vtd_requester_stats_get(r);
    HOLDS(s->hits + s->misses == s->lookups);
    HOLDS(s->lookups + s->untranslated_requests >= s->accesses);
    HOLDS(s->translation_requests == s->misses);
    HOLDS(s->translated_requests <= s->lookups);
    HOLDS(s->evictions + s->invalidated <= s->fills);
    HOLDS(s->unexpected_responses <= s->page_responses);
    HOLDS(vtd_requester_outstanding(r) <= VTD_REQUESTER_GROUPS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = {data, size};
    struct vtd_machine m;
    struct vtd_config cfg;
    vtd_config_preset(&cfg, "default");
    for (unsigned i = 0; i < VTD_CACHES; i++)
        cfg.cache[i] = (struct vtd_cache_geometry){.entries = 16, .ways = 4};
    HOLDS(vtd_machine_init(&m, &cfg, MEMORY, 0x10000, 0x80000, NULL) == 0);
    build_tables(&m);
    start(&m);
    add_devices(&m, &in);
    while (in.left) {
        const unsigned op = (unsigned)bytes_take(&in, 1);
        if (op & 0x80)
            software_acts(&in, &m, op & 7);
        else if ((op & 0x40) == 0)
            device_acts(&in, &m, op & 8 ? 0 : op & 7);
        else if (op & 1)
            vtd_machine_run_devices(&m);
        else
            vtd_machine_run_devices_and_expire(&m);
    }
    for (unsigned i = 0; i < DEVICES; i++) {
        vtd_machine_set_answer(&m, sid_of(i), VTD_ANSWER_RELEASE);
        check_device(vtd_machine_requester(&m, sid_of(i)));
    }
    vtd_machine_run_devices(&m);
    HOLDS(vtd_answers_outstanding(&m.answers) == 0);
    vtd_machine_fini(&m);
    return 0;
}
