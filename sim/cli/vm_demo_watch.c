/* SPDX-License-Identifier: MIT */
/*
 * What vtdsim vm-demo sees: accesses of the guest to registers of its unit, each of which is a trap, with the
 * descriptors that a new tail submits; and what the hypervisor makes of them. See vm_demo.h.
 */
#include "vm_demo.h"

#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <inttypes.h>
#include <string.h>

#define PAGE_MASK UINT64_C(0xfff)

/* ---------------------------------------------------------------- tables in memory */

static bool qword(const struct vtd_memory *memory, uint64_t address, uint64_t *q)
{
    return vtd_memory_read(memory, address, 8, q);
}

bool vtd_demo_find_entry(const struct vtd_memory *memory, uint64_t rtaddr, uint16_t sid, uint32_t pasid,
                         uint64_t *address, uint64_t *q)
{
    uint64_t root, context[1], directory[1];
    if (!qword(memory, (rtaddr & ~PAGE_MASK) + 16u * (sid >> 8) + 8u * (sid >> 7 & 1), &root) || !(root & 1) ||
        !qword(memory, (root & ~PAGE_MASK) + VTD_SM_CONTEXT_BYTES * (sid & 0x7fu), context) || !(context[0] & 1))
        return false;
    if (!qword(memory, (context[0] & ~PAGE_MASK) + 8u * (pasid / 64), directory) || !(directory[0] & 1))
        return false;
    *address = (directory[0] & ~PAGE_MASK) + VTD_PASID_ENTRY_BYTES * (pasid % 64);
    for (unsigned i = 0; i < VTD_PASID_ENTRY_QWORDS; i++)
        if (!qword(memory, *address + 8u * i, &q[i]))
            return false;
    return true;
}

static struct vtd_memory guest_memory(const struct vtd_demo *d)
{
    return (struct vtd_memory){.base = d->machine.memory.base + d->base, .size = d->machine.memory.size - d->base};
}

static void show_guests_entry(struct vtd_demo *d)
{
    const struct vtd_memory memory = guest_memory(d);
    const uint64_t table = vtd_mmio_read64(vtd_vmm_unit(d->vmm), VTD_REG_RTADDR);
    uint64_t address, q[VTD_PASID_ENTRY_QWORDS];
    d->show_entry = false;
    if (!vtd_demo_find_entry(&memory, table, VTD_DEMO_GUEST_SID, d->gpasid, &address, q))
        return;
    vtd_demo_tell(d, VTD_DEMO_GUEST, "has written the entry of PASID %u of %s in its own PASID table:", d->gpasid,
                  "00:01.0");
    vtd_demo_fact(d, "gpasid", d->gpasid);
    vtd_demo_entry(d, "the guest's", address, q);
}

static void show_hosts_entry(struct vtd_demo *d, uint32_t hpasid)
{
    const uint64_t table = vtd_mmio_read64(d->machine.unit, VTD_REG_RTADDR);
    uint64_t address = 0, q[VTD_PASID_ENTRY_QWORDS] = {0};
    vtd_demo_check(d, vtd_demo_find_entry(&d->machine.memory, table, VTD_DEMO_HOST_SID, hpasid, &address, q),
                   "the host's tables lead to the entry");
    vtd_demo_entry(d, "the host's", address, q);
}

/* ---------------------------------------------------------------- registers and descriptors */

/* In order of definition: registers of blocks that lie elsewhere come last. */
static const struct {
    uint64_t offset;
    const char *name, *description;
} registers[] = {
#define VTD_REG(NAME, name_, offset_, bits, about) {offset_, #NAME, about},
#include "vtd/defs/registers.def"
};

static const char *register_name(uint64_t offset, const char **description)
{
    for (unsigned i = 0; i < sizeof registers / sizeof registers[0]; i++) {
        if (registers[i].offset != offset)
            continue;
        *description = registers[i].description;
        return registers[i].name;
    }
    *description = "another register";
    return "?";
}

/* Which fields a descriptor has, for all of its kind. */
static const struct {
    unsigned type;
    const char *name;
} kinds[] = {
#define VTD_DESC(NAME, name_, type_, qwords, about) {type_, about},
#include "vtd/defs/descriptors.def"
};

static const struct {
    unsigned type;
    const char *field;
    unsigned msb, lsb;
} fields[] = {
#define VTD_DESC(NAME, name_, type_, qwords, about)
#define VTD_DESC_FIELD(DESC, FIELD, desc, field_, msb_, lsb_, kind, about) {VTD_TYPE_##DESC, #FIELD, msb_, lsb_},
#include "vtd/defs/descriptors.def"
};

/* "PASID-cache invalidate: G 1, DID 2, PASID 1". */
static void describe(const uint64_t *q, char *text, size_t size)
{
    const unsigned type = (unsigned)((q[0] & 15) | (q[0] >> 9 & 7) << 4);
    int used = snprintf(text, size, "descriptor of type %u", type);
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].type == type)
            used = snprintf(text, size, "%s", kinds[i].name);
    const char *separator = ": ";
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0] && (size_t)used < size; i++) {
        const unsigned width = fields[i].msb - fields[i].lsb + 1, lsb = fields[i].lsb;
        uint64_t value = q[lsb / 64] >> lsb % 64;
        value = width < 64 ? value & ((UINT64_C(1) << width) - 1) : value;
        const bool skip = strncmp(fields[i].field, "TYPE", 4) == 0 ||
                          (value == 0 && strcmp(fields[i].field, "G") != 0 && strcmp(fields[i].field, "DID") != 0);
        if (fields[i].type != type || skip)
            continue;
        if (strcmp(fields[i].field, "ADDR") == 0)
            value <<= lsb % 64;
        used += snprintf(text + used, size - (size_t)used, "%s%s 0x%" PRIx64, separator, fields[i].field, value);
        separator = ", ";
    }
}

/* What lies between the tail that was told and the new one. */
static void show_descriptors(struct vtd_demo *d, uint64_t tail)
{
    const struct vtd_memory memory = guest_memory(d);
    const uint64_t queue = vtd_mmio_read64(vtd_vmm_unit(d->vmm), VTD_REG_IQA);
    const uint64_t step = queue & 1 << 11 ? 32 : 16, size = UINT64_C(4096) << (queue & 7);
    char text[256];
    for (uint64_t at = d->tail; d->watching && at != tail && at < size; at = (at + step) % size) {
        uint64_t q[4] = {0};
        for (unsigned i = 0; i < step / 8; i++)
            qword(&memory, (queue & ~PAGE_MASK) + at + 8u * i, &q[i]);
        describe(q, text, sizeof text);
        if (!d->json)
            printf("                   descriptor at guest physical 0x%" PRIx64 ": %s\n", (queue & ~PAGE_MASK) + at,
                   text);
        json_t *list = d->json ? json_object_get(d->last, "descriptors") : NULL;
        if (d->json && !list) {
            list = json_array();
            json_object_set_new(d->last, "descriptors", list);
        }
        if (d->json)
            json_array_append_new(list, json_string(text));
    }
    d->tail = tail;
}

static void before_write(struct vtd_demo *d, uint64_t offset, uint64_t value)
{
    const char *description;
    const char *name = register_name(offset, &description);
    if (d->watching) {
        if (d->show_entry && offset == VTD_REG_IQT)
            show_guests_entry(d);
        vtd_demo_tell(d, VTD_DEMO_GUEST, "TRAP: writes 0x%" PRIx64 " to %s, %s", value, name, description);
    }
    if (offset == VTD_REG_IQT)
        show_descriptors(d, value & UINT64_C(0x7fff0));
    else if (offset == VTD_REG_IQA)
        d->tail = 0;
}

static uint64_t after_read(struct vtd_demo *d, uint64_t offset, uint64_t value)
{
    const char *description;
    const char *name = register_name(offset, &description);
    if (d->watching)
        vtd_demo_tell(d, VTD_DEMO_GUEST, "TRAP: reads 0x%" PRIx64 " from %s, %s", value, name, description);
    return value;
}

static uint32_t read32(void *opaque, uint64_t offset)
{
    struct vtd_demo *d = opaque;
    const struct vtd_bus *inner = vtd_vmm_bus(d->vmm);
    return (uint32_t)after_read(d, offset, inner->read32(inner->opaque, offset));
}

static uint64_t read64(void *opaque, uint64_t offset)
{
    struct vtd_demo *d = opaque;
    const struct vtd_bus *inner = vtd_vmm_bus(d->vmm);
    return after_read(d, offset, inner->read64(inner->opaque, offset));
}

static void write32(void *opaque, uint64_t offset, uint32_t value)
{
    struct vtd_demo *d = opaque;
    const struct vtd_bus *inner = vtd_vmm_bus(d->vmm);
    before_write(d, offset, value);
    inner->write32(inner->opaque, offset, value);
}

static void write64(void *opaque, uint64_t offset, uint64_t value)
{
    struct vtd_demo *d = opaque;
    const struct vtd_bus *inner = vtd_vmm_bus(d->vmm);
    before_write(d, offset, value);
    inner->write64(inner->opaque, offset, value);
}

static void *dma_alloc(void *opaque, unsigned order, uint64_t *dma)
{
    const struct vtd_bus *inner = vtd_vmm_bus(((struct vtd_demo *)opaque)->vmm);
    return inner->dma_alloc(inner->opaque, order, dma);
}

static void dma_free(void *opaque, uint64_t dma, unsigned order)
{
    const struct vtd_bus *inner = vtd_vmm_bus(((struct vtd_demo *)opaque)->vmm);
    inner->dma_free(inner->opaque, dma, order);
}

static void *dma_to_cpu(void *opaque, uint64_t dma)
{
    const struct vtd_bus *inner = vtd_vmm_bus(((struct vtd_demo *)opaque)->vmm);
    return inner->dma_to_cpu(inner->opaque, dma);
}

static void store128(void *opaque, void *cpu, uint64_t low, uint64_t high)
{
    const struct vtd_bus *inner = vtd_vmm_bus(((struct vtd_demo *)opaque)->vmm);
    inner->store128(inner->opaque, cpu, low, high);
}

const struct vtd_bus *vtd_demo_watch_bus(struct vtd_demo *d)
{
    d->bus = (struct vtd_bus){
        .opaque = d,
        .read32 = read32,
        .read64 = read64,
        .write32 = write32,
        .write64 = write64,
        .dma_alloc = dma_alloc,
        .dma_free = dma_free,
        .dma_to_cpu = dma_to_cpu,
        .store128 = store128,
    };
    return &d->bus;
}

/* ---------------------------------------------------------------- the hypervisor */

static void tell_bind(struct vtd_demo *d, const struct vtd_vmm_event *e)
{
    if (e->result) {
        vtd_demo_tell(d, VTD_DEMO_HYPERVISOR, "the entry of PASID %u is refused: error %d", e->gpasid, -e->result);
        return;
    }
    vtd_demo_tell(d, VTD_DEMO_HYPERVISOR,
                  "reads the guest's entry, and binds: {format VT-d, addr_width %u, flags %s, gpgd 0x%" PRIx64
                  ", hpasid %u, gpasid %u}",
                  e->addr_width, d->guest_pasids ? "GPASID_VAL" : "0", e->gpgd, e->hpasid,
                  d->guest_pasids ? e->gpasid : 0);
    vtd_demo_fact(d, "gpasid", e->gpasid);
    vtd_demo_fact(d, "hpasid", e->hpasid);
    vtd_demo_fact(d, "gpgd", e->gpgd);
    vtd_demo_fact(d, "addr_width", e->addr_width);
    vtd_demo_tell(d, VTD_DEMO_HOST,
                  "checks them, and writes the entry of PASID %u of 28:02.0: first stage the guest's table, second "
                  "stage its memory",
                  e->hpasid);
    vtd_demo_fact(d, "hpasid", e->hpasid);
    show_hosts_entry(d, e->hpasid);
}

static void tell_invalidation(struct vtd_demo *d, const struct vtd_vmm_event *e)
{
    const char *what = e->device_only ? "device TLB" : "IOTLB and device TLB";
    if (e->size)
        vtd_demo_tell(d, VTD_DEMO_HYPERVISOR, "passes the flush on: %s of PASID %u, 0x%" PRIx64 " bytes at 0x%" PRIx64,
                      what, e->hpasid, e->size, e->addr);
    else
        vtd_demo_tell(d, VTD_DEMO_HYPERVISOR, "passes the flush on: %s, all of PASID %u", what, e->hpasid);
    vtd_demo_fact(d, "hpasid", e->hpasid);
    vtd_demo_fact(d, "addr", e->addr);
    vtd_demo_fact(d, "size", e->size);
}

static void tell_end(struct vtd_demo *d, const struct vtd_vmm_event *e)
{
    vtd_demo_tell(d, VTD_DEMO_HYPERVISOR, "the guest's entry of PASID %u is gone: unbinds PASID %u", e->gpasid,
                  e->hpasid);
    vtd_demo_fact(d, "gpasid", e->gpasid);
    vtd_demo_fact(d, "hpasid", e->hpasid);
    vtd_demo_tell(d, VTD_DEMO_HOST, "clears the entry, and flushes PASID cache, IOTLB and device TLB:");
    show_hosts_entry(d, e->hpasid);
}

void vtd_demo_event(void *opaque, const struct vtd_vmm_event *e)
{
    struct vtd_demo *d = opaque;
    if (!d->watching && e->kind != VTD_VMM_PAGE_REQUEST && e->kind != VTD_VMM_FAULT)
        return;
    switch (e->kind) {
    case VTD_VMM_PASID_ALLOC:
        vtd_demo_tell(d, VTD_DEMO_HYPERVISOR,
                      "virtual command \"allocate PASID\": takes PASID %u from the host's for this machine", e->gpasid);
        vtd_demo_fact(d, "gpasid", e->gpasid);
        break;
    case VTD_VMM_PASID_FREE:
        vtd_demo_tell(d, VTD_DEMO_HYPERVISOR, "virtual command \"free PASID\": PASID %u goes back to the host",
                      e->gpasid);
        break;
    case VTD_VMM_BIND:
        tell_bind(d, e);
        break;
    case VTD_VMM_UNBIND:
        tell_end(d, e);
        break;
    case VTD_VMM_INVALIDATE:
        tell_invalidation(d, e);
        break;
    case VTD_VMM_PAGE_REQUEST:
        vtd_demo_tell(d, VTD_DEMO_HYPERVISOR,
                      "page request of PASID %u: puts it into the guest's queue as PASID %u, 0x%" PRIx64 ", group %u",
                      e->hpasid, e->gpasid, e->addr, e->prgi);
        vtd_demo_fact(d, "hpasid", e->hpasid);
        vtd_demo_fact(d, "gpasid", e->gpasid);
        vtd_demo_fact(d, "addr", e->addr);
        break;
    case VTD_VMM_PAGE_RESPONSE:
        vtd_demo_tell(d, VTD_DEMO_HYPERVISOR,
                      "page group response of PASID %u: answers group %u of PASID %u with code %u", e->gpasid, e->prgi,
                      e->hpasid, e->code);
        break;
    case VTD_VMM_FAULT:
        vtd_demo_tell(
            d, VTD_DEMO_HYPERVISOR,
            "the fault is one of the guest's table: records it in the guest's unit, %s for 00:01.0 and PASID %u",
            vtd_fault_name(e->code), e->gpasid);
        vtd_demo_fact(d, "gpasid", e->gpasid);
        vtd_demo_fact(d, "code", e->code);
        break;
    }
}
