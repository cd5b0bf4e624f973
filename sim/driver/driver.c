/* SPDX-License-Identifier: MIT */
/* Bringing the unit up and down (ref 1.4, 1.5, 1.8). */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

/* GSTS bits of commands that are one-shot; every write of GCMD repeats the persistent ones only (ref 1.4). */
#define PERSISTENT UINT32_C(0x96ffffff)

#define DEFAULT_POLL_LIMIT 10000000

int vtd_drv_wait_gsts(struct vtd_drv *drv, uint32_t mask, uint32_t value)
{
    for (uint32_t turn = 0; turn <= drv->options.poll_limit; turn++) {
        if ((drv->bus.read32(drv->bus.opaque, VTD_REG_GSTS) & mask) == value)
            return 0;
        if (drv->bus.relax)
            drv->bus.relax(drv->bus.opaque);
    }
    return -ETIMEDOUT;
}

int vtd_drv_command(struct vtd_drv *drv, uint32_t command, bool on, uint32_t done_mask)
{
    const uint32_t status = drv->bus.read32(drv->bus.opaque, VTD_REG_GSTS) & PERSISTENT;
    drv->bus.write32(drv->bus.opaque, VTD_REG_GCMD, on ? status | command : status & ~command);
    return vtd_drv_wait_gsts(drv, done_mask, on ? done_mask : 0);
}

/* ---------------------------------------------------------------- creation */

/* Legacy mode: second stage and pass-through, both with a width of SAGAW; no PASIDs (ref 2.1). */
static int check_legacy(const struct vtd_drv *drv)
{
    const struct vtd_drv_options *o = &drv->options;
    if (!vtd_reg_cap_sagaw(drv->cap) || o->ss_ad || o->page_requests)
        return -ENOTSUP;
    if (drv->registers && (vtd_reg_ver_max(drv->version) > 5 || o->abort_mode || o->interrupt_remapping))
        return -ENOTSUP;
    return o->abort_mode && !vtd_reg_ecap_adms(drv->ecap) ? -ENOTSUP : 0;
}

static int check_unit(const struct vtd_drv *drv)
{
    if (drv->cap == UINT64_MAX && drv->ecap == UINT64_MAX)
        return -ENODEV;
    if (drv->legacy)
        return check_legacy(drv);
    if (!vtd_reg_ecap_qi(drv->ecap) || drv->options.register_invalidation)
        return -ENOTSUP;
    if (!vtd_reg_ecap_fsts(drv->ecap) && !vtd_reg_ecap_ssts(drv->ecap) && !vtd_reg_ecap_pt(drv->ecap))
        return -ENOTSUP;
    if (drv->options.ss_ad && !vtd_reg_ecap_ssads(drv->ecap))
        return -ENOTSUP;
    if (drv->options.page_requests && !vtd_reg_ecap_prs(drv->ecap))
        return -ENOTSUP;
    if (drv->options.abort_mode && !vtd_reg_ecap_adms(drv->ecap))
        return -ENOTSUP;
    return 0;
}

static int set_options(struct vtd_drv *drv)
{
    struct vtd_drv_options *o = &drv->options;
    if (o->queue_size > 7 || o->prq_size > 7 || (o->haw && (o->haw < 32 || o->haw > 52)) || o->pasid_bits > 20)
        return -EINVAL;
    if (o->flush > VTD_DRV_FLUSH_GLOBAL)
        return -EINVAL;
    if (o->haw == 0)
        o->haw = 52;
    if (o->poll_limit == 0)
        o->poll_limit = DEFAULT_POLL_LIMIT;
    return 0;
}

int vtd_drv_create(const struct vtd_bus *bus, const struct vtd_drv_options *options, struct vtd_drv **out)
{
    *out = NULL;
    struct vtd_drv *drv = calloc(1, sizeof(*drv));
    if (!drv)
        return -ENOMEM;
    drv->bus = *bus;
    if (options)
        drv->options = *options;
    int error = set_options(drv);
    if (error)
        goto fail;
    drv->version = bus->read32(bus->opaque, VTD_REG_VER);
    drv->cap = bus->read64(bus->opaque, VTD_REG_CAP);
    drv->ecap = bus->read64(bus->opaque, VTD_REG_ECAP);
    drv->legacy = drv->options.legacy || !vtd_reg_ecap_smts(drv->ecap);
    drv->registers = drv->legacy && (drv->options.register_invalidation || !vtd_reg_ecap_qi(drv->ecap));
    error = check_unit(drv);
    if (error)
        goto fail;
    const unsigned pasid_bits = vtd_drv_pasid_bits(drv);
    if (drv->options.pasid_bits == 0)
        drv->options.pasid_bits = (uint8_t)pasid_bits;
    error = drv->options.pasid_bits > pasid_bits ? -ENOTSUP : -ENOMEM;
    if (drv->options.pasid_bits > pasid_bits)
        goto fail;
    const size_t words = (vtd_drv_did_limit(drv) + 63) / 64;
    drv->did_used = calloc(words, sizeof(*drv->did_used));
    drv->did_dirty = calloc(words, sizeof(*drv->did_dirty));
    if (!drv->did_used || !drv->did_dirty)
        goto fail;
    drv->root = bus->dma_alloc(bus->opaque, 0, &drv->root_dma);
    if (!drv->root)
        goto fail;
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), drv->root, VTD_DRV_PAGE);
    error = vtd_drv_irq_init(drv);
    if (error) {
        bus->dma_free(bus->opaque, drv->root_dma, 0);
        goto fail;
    }
    vtd_drv_vcmd_probe(drv);
    *out = drv;
    return 0;
fail:
    free(drv->did_used);
    free(drv->did_dirty);
    free(drv);
    return error;
}

/* Tables that could not be freed while the unit ran. */
static void free_quarantine(struct vtd_drv *drv, struct vtd_drv_table *table)
{
    struct vtd_drv_table *child;
    for (unsigned i = 0; (child = vtd_drv_table_next_child(table, &i)); i++)
        free_quarantine(drv, child);
    drv->bus.dma_free(drv->bus.opaque, table->dma, 0);
    vtd_drv_table_forget(table);
}

void vtd_drv_destroy(struct vtd_drv *drv)
{
    if (!drv)
        return;
    vtd_drv_ats_abandon(drv);
    vtd_drv_perf_free(drv);
    if (drv->running)
        vtd_drv_stop(drv);
    while (drv->domains)
        vtd_drv_domain_free(drv->domains); /* the newest first, so a nested domain before its parent */
    while (drv->quarantine) {
        struct vtd_drv_table *table = drv->quarantine;
        drv->quarantine = table->next;
        free_quarantine(drv, table);
    }
    vtd_drv_devices_free(drv);
    vtd_drv_pasids_free(drv);
    vtd_drv_irq_fini(drv);
    drv->bus.dma_free(drv->bus.opaque, drv->root_dma, 0);
    free(drv->did_used);
    free(drv->did_dirty);
    free(drv);
}

/* ---------------------------------------------------------------- start, stop */

/* Turns off what an earlier owner left on. */
static int quiesce(struct vtd_drv *drv)
{
    const uint32_t status = drv->bus.read32(drv->bus.opaque, VTD_REG_GSTS);
    int error = 0;
    if (vtd_reg_gsts_tes(status))
        error = vtd_drv_command(drv, (uint32_t)vtd_reg_gcmd_put_te(1), false, (uint32_t)vtd_reg_gsts_put_tes(1));
    if (!error && vtd_reg_gsts_ires(status))
        error = vtd_drv_command(drv, (uint32_t)vtd_reg_gcmd_put_ire(1), false, (uint32_t)vtd_reg_gsts_put_ires(1));
    if (!error && vtd_reg_gsts_qies(status))
        error = vtd_drv_command(drv, (uint32_t)vtd_reg_gcmd_put_qie(1), false, (uint32_t)vtd_reg_gsts_put_qies(1));
    return error;
}

int vtd_drv_write_buffer(struct vtd_drv *drv)
{
    if (!vtd_reg_cap_rwbf(drv->cap) || !drv->written || !drv->running)
        return 0;
    const uint32_t status = drv->bus.read32(drv->bus.opaque, VTD_REG_GSTS) & PERSISTENT;
    drv->bus.write32(drv->bus.opaque, VTD_REG_GCMD, status | (uint32_t)vtd_reg_gcmd_put_wbf(1));
    drv->written = false;
    return vtd_drv_wait_gsts(drv, (uint32_t)vtd_reg_gsts_put_wbfs(1), 0);
}

static int set_root(struct vtd_drv *drv)
{
    const uint64_t ttm = drv->options.abort_mode ? VTD_TTM_ABORT : drv->legacy ? VTD_TTM_LEGACY : VTD_TTM_SCALABLE;
    const int error = vtd_drv_write_buffer(drv);
    if (error)
        return error;
    drv->bus.write64(drv->bus.opaque, VTD_REG_RTADDR, drv->root_dma | vtd_reg_rtaddr_put_ttm(ttm));
    return vtd_drv_command(drv, (uint32_t)vtd_reg_gcmd_put_srtp(1), true, (uint32_t)vtd_reg_gsts_put_rtps(1));
}

/* The global invalidations after SRTP, each complete before the next (ref 1.4). */
static int invalidate_after_root(struct vtd_drv *drv)
{
    if (vtd_reg_cap_esrtps(drv->cap))
        return 0;
    vtd_drv_inv_context_global(drv);
    int error = vtd_drv_inv_sync(drv);
    if (!error) {
        vtd_drv_inv_pasid_global(drv);
        error = vtd_drv_inv_sync(drv);
    }
    if (!error) {
        vtd_drv_inv_iotlb_global(drv);
        error = vtd_drv_inv_sync(drv);
    }
    return error;
}

/* Sets the message of the fault event and unmasks it (ref 1.7); reading FECTL back completes the write. */
static void set_fault_event(struct vtd_drv *drv)
{
    const struct vtd_bus *bus = &drv->bus;
    if (!drv->options.event_address)
        return;
    bus->write32(bus->opaque, VTD_REG_FEDATA, drv->options.event_data);
    bus->write32(bus->opaque, VTD_REG_FEADDR, (uint32_t)drv->options.event_address);
    bus->write32(bus->opaque, VTD_REG_FEUADDR, (uint32_t)(drv->options.event_address >> 32));
    bus->write32(bus->opaque, VTD_REG_FECTL, 0);
    bus->read32(bus->opaque, VTD_REG_FECTL);
}

int vtd_drv_start(struct vtd_drv *drv)
{
    if (drv->running)
        return -EBUSY;
    int error = quiesce(drv);
    if (error)
        return error;
    vtd_drv_handle_faults(drv, NULL, NULL, NULL); /* of an earlier owner */
    drv->bus.write32(drv->bus.opaque, VTD_REG_FSTS,
                     (uint32_t)(vtd_reg_fsts_put_iqe(1) | vtd_reg_fsts_put_ice(1) | vtd_reg_fsts_put_ite(1)));
    drv->queue = (struct vtd_drv_queue){0};
    error = drv->registers ? 0 : vtd_drv_queue_start(drv);
    if (error)
        return error;
    drv->running = true;
    error = vtd_drv_irq_start(drv);
    if (!error)
        error = vtd_drv_prq_start(drv);
    if (!error)
        error = set_root(drv);
    if (!error)
        error = invalidate_after_root(drv);
    if (!error)
        error = vtd_drv_dtlb_restart(drv);
    if (!error) {
        set_fault_event(drv);
        error = vtd_drv_command(drv, (uint32_t)vtd_reg_gcmd_put_te(1), true, (uint32_t)vtd_reg_gsts_put_tes(1));
    }
    if (error)
        vtd_drv_stop(drv);
    return error;
}

int vtd_drv_stop(struct vtd_drv *drv)
{
    if (!drv->running)
        return 0;
    if (drv->options.event_address)
        drv->bus.write32(drv->bus.opaque, VTD_REG_FECTL, (uint32_t)vtd_reg_fectl_put_im(1));
    /*
     * Memory may be freed afterwards: in scalable mode this also invalidates all translation caches (ref 1.4), in legacy mode
     * vtd_drv_start does it before they are used again.
     */
    const int error = vtd_drv_command(drv, (uint32_t)vtd_reg_gcmd_put_te(1), false, (uint32_t)vtd_reg_gsts_put_tes(1));
    vtd_drv_prq_stop(drv);
    const int second = vtd_drv_irq_stop(drv);
    drv->running = false;
    const int third = drv->registers ? 0 : vtd_drv_queue_stop(drv);
    return error ? error : second ? second : third;
}

bool vtd_drv_running(const struct vtd_drv *drv)
{
    return drv->running;
}

void vtd_drv_get_info(const struct vtd_drv *drv, struct vtd_drv_info *info)
{
    *info = (struct vtd_drv_info){
        .cap = drv->cap,
        .ecap = drv->ecap,
        .version = drv->version,
        .did_limit = vtd_drv_did_limit(drv),
        .legacy = drv->legacy,
        .page_requests = drv->options.page_requests && vtd_reg_ecap_prs(drv->ecap),
        .pasid_bits = (uint8_t)vtd_drv_pasid_bits(drv),
        .fault_records = (uint32_t)vtd_reg_cap_nfr(drv->cap) + 1,
    };
}
