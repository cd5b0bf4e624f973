/* SPDX-License-Identifier: MIT */
/* Root and context entries (ref 2.2, 2.3; legacy mode 2.1): devices come and go. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct vtd_drv_device *vtd_drv_device_find(const struct vtd_drv *drv, uint16_t sid)
{
    const struct vtd_drv_pci_bus *bus = drv->pci_bus[sid >> 8];
    return bus ? bus->device[sid & 0xff] : NULL;
}

uint64_t *vtd_drv_context_entry(const struct vtd_drv *drv, uint16_t sid)
{
    if (drv->legacy)
        return drv->pci_bus[sid >> 8]->context[0] + (size_t)(sid & 0xff) * VTD_LEGACY_CONTEXT_QWORDS;
    return drv->pci_bus[sid >> 8]->context[sid >> 7 & 1] + (size_t)(sid & 0x7f) * VTD_SM_CONTEXT_QWORDS;
}

/* Makes the bus and the context table for sid; *linked tells whether the root entry changed. */
static int make_context_table(struct vtd_drv *drv, uint16_t sid, bool *linked)
{
    const unsigned half = drv->legacy ? 0 : sid >> 7 & 1; /* legacy mode: the upper half is reserved */
    struct vtd_drv_pci_bus **slot = &drv->pci_bus[sid >> 8];
    *linked = false;
    if (!*slot)
        *slot = calloc(1, sizeof(**slot));
    if (!*slot)
        return -ENOMEM;
    struct vtd_drv_pci_bus *bus = *slot;
    if (bus->context[half])
        return 0;
    bus->context[half] = drv->bus.dma_alloc(drv->bus.opaque, 0, &bus->context_dma[half]);
    if (!bus->context[half])
        return -ENOMEM;
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), bus->context[half], VTD_DRV_PAGE);
    uint64_t *root = drv->root + (size_t)(sid >> 8) * VTD_SM_ROOT_QWORDS + half;
    vtd_drv_store(root, vtd_encode_pointer(bus->context_dma[half]));
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), root, sizeof(*root));
    *linked = true;
    return 0;
}

static void device_free(struct vtd_drv *drv, struct vtd_drv_device *device)
{
    for (uint32_t i = 0; device->page && i < device->directory_entries; i++) {
        if (device->page[i] && device->page[i]->entry)
            drv->bus.dma_free(drv->bus.opaque, device->page[i]->dma, 0);
        free(device->page[i]);
    }
    if (device->directory)
        drv->bus.dma_free(drv->bus.opaque, device->directory_dma, device->directory_order);
    free(device->page);
    free(device);
}

/* A directory holds 2^(PDTS+7) entries of 64 PASIDs each: PASIDs of PDTS+13 bits (ref 2.3). */
static struct vtd_drv_device *device_new(struct vtd_drv *drv, uint16_t sid, uint8_t pasid_bits, unsigned pdts)
{
    struct vtd_drv_device *device = calloc(1, sizeof(*device));
    if (!device)
        return NULL;
    device->sid = sid;
    if (drv->legacy) {
        if (vtd_drv_legacy_device_init(device) == 0)
            return device;
        device_free(drv, device);
        return NULL;
    }
    device->pasid_limit = 1u << pasid_bits;
    device->directory_entries = 1u << (pdts + 7);
    device->directory_order = (uint8_t)(pdts > 2 ? pdts - 2 : 0); /* 512 entries of 8 bytes are a page */
    device->page = calloc(device->directory_entries, sizeof(*device->page));
    if (device->page)
        device->directory = drv->bus.dma_alloc(drv->bus.opaque, device->directory_order, &device->directory_dma);
    if (!device->directory) {
        device_free(drv, device);
        return NULL;
    }
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), device->directory, VTD_DRV_PAGE << device->directory_order);
    return device;
}

/* The entry becomes visible with its P bit, hence the low qword last. It is in one cache line, so one flush does. */
static void write_context(struct vtd_drv *drv, const struct vtd_drv_device *device, unsigned pdts)
{
    uint64_t *entry = vtd_drv_context_entry(drv, device->sid);
    uint64_t q[VTD_SM_CONTEXT_QWORDS];
    const struct vtd_context_spec spec = {
        .directory = device->directory_dma,
        .rid_pasid = VTD_DRV_RID_PASID,
        .pdts = (uint8_t)pdts,
        .paside = device->pasid_limit > 1,
    };
    vtd_encode_context(q, &spec);
    for (unsigned i = 1; i < VTD_SM_CONTEXT_QWORDS; i++)
        vtd_drv_store(&entry[i], q[i]);
    vtd_drv_wmb(drv);
    vtd_drv_store(&entry[0], q[0]);
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, VTD_SM_CONTEXT_BYTES);
}

int vtd_drv_device_add(struct vtd_drv *drv, uint16_t sid, uint8_t pasid_bits)
{
    if (pasid_bits > vtd_drv_pasid_bits(drv))
        return -ENOTSUP;
    if (vtd_drv_device_find(drv, sid))
        return -EBUSY;
    const unsigned pdts = pasid_bits > 13 ? pasid_bits - 13u : 0;
    struct vtd_drv_device *device = device_new(drv, sid, pasid_bits, pdts);
    if (!device)
        return -ENOMEM;
    bool linked;
    const int error = make_context_table(drv, sid, &linked);
    if (error) {
        device_free(drv, device);
        return error;
    }
    drv->pci_bus[sid >> 8]->device[sid & 0xff] = device;
    if (!drv->legacy)
        write_context(drv, device, pdts);
    /* Entries that were not present may be cached in caching mode only; their tag is domain 0 (ref 6.2, 6.5). */
    if (vtd_drv_caching_mode(drv)) {
        if (linked)
            return vtd_drv_invalidate_all(drv);
        vtd_drv_inv_context_device(drv, sid);
        vtd_drv_inv_pasid_domain(drv, VTD_DRV_DID_NONE);
        vtd_drv_inv_iotlb_domain(drv, VTD_DRV_DID_NONE);
    }
    return vtd_drv_inv_sync(drv);
}

/* Takes the context entry down in the order of ref 2.5: P, invalidation, the rest. */
static int clear_context(struct vtd_drv *drv, uint16_t sid)
{
    uint64_t *entry = vtd_drv_context_entry(drv, sid);
    vtd_drv_store(&entry[0], vtd_drv_load(&entry[0]) & ~UINT64_C(1));
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, VTD_SM_CONTEXT_BYTES);
    /* No PASID entry is present, so no domain has anything of this device, but for negative entries (ref 6.5). */
    vtd_drv_inv_context_device(drv, sid);
    if (vtd_drv_caching_mode(drv)) {
        vtd_drv_inv_pasid_domain(drv, VTD_DRV_DID_NONE);
        vtd_drv_inv_iotlb_domain(drv, VTD_DRV_DID_NONE);
    }
    const int error = vtd_drv_inv_sync(drv);
    if (error)
        return error;
    for (unsigned i = 0; i < VTD_SM_CONTEXT_QWORDS; i++)
        vtd_drv_store(&entry[i], 0);
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, VTD_SM_CONTEXT_BYTES);
    return 0;
}

int vtd_drv_device_remove(struct vtd_drv *drv, uint16_t sid)
{
    struct vtd_drv_device *device = vtd_drv_device_find(drv, sid);
    if (!device)
        return -ENOENT;
    if (device->attachments)
        return -EBUSY;
    int error = vtd_drv_ats_shutdown(drv, device);
    if (error)
        return error;
    if (!drv->legacy)
        error = clear_context(drv, sid);
    if (error)
        return error; /* the unit may still use the tables: the device stays, and can be removed again */
    drv->pci_bus[sid >> 8]->device[sid & 0xff] = NULL;
    vtd_drv_ats_forget(device);
    device_free(drv, device);
    return 0;
}

void vtd_drv_devices_free(struct vtd_drv *drv)
{
    for (unsigned b = 0; b < 256; b++) {
        struct vtd_drv_pci_bus *bus = drv->pci_bus[b];
        if (!bus)
            continue;
        for (unsigned i = 0; i < 256; i++) {
            if (bus->device[i]) {
                vtd_drv_ats_forget(bus->device[i]);
                device_free(drv, bus->device[i]);
            }
        }
        for (unsigned half = 0; half < 2; half++)
            if (bus->context[half])
                drv->bus.dma_free(drv->bus.opaque, bus->context_dma[half], 0);
        free(bus);
        drv->pci_bus[b] = NULL;
    }
}
