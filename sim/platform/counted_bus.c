/* SPDX-License-Identifier: MIT */
/* A bus that counts accesses to registers. See counted_bus.h. */
#include "counted_bus.h"

static uint32_t counted_read32(void *opaque, uint64_t offset)
{
    const struct vtd_counted_bus *c = opaque;
    ++*c->accesses;
    return c->inner.read32(c->inner.opaque, offset);
}

static uint64_t counted_read64(void *opaque, uint64_t offset)
{
    const struct vtd_counted_bus *c = opaque;
    ++*c->accesses;
    return c->inner.read64(c->inner.opaque, offset);
}

static void counted_write32(void *opaque, uint64_t offset, uint32_t value)
{
    const struct vtd_counted_bus *c = opaque;
    ++*c->accesses;
    c->inner.write32(c->inner.opaque, offset, value);
}

static void counted_write64(void *opaque, uint64_t offset, uint64_t value)
{
    const struct vtd_counted_bus *c = opaque;
    ++*c->accesses;
    c->inner.write64(c->inner.opaque, offset, value);
}

static void counted_relax(void *opaque)
{
    const struct vtd_counted_bus *c = opaque;
    c->inner.relax(c->inner.opaque);
}

static void *counted_alloc(void *opaque, unsigned order, uint64_t *dma)
{
    const struct vtd_counted_bus *c = opaque;
    return c->inner.dma_alloc(c->inner.opaque, order, dma);
}

static void counted_free(void *opaque, uint64_t dma, unsigned order)
{
    const struct vtd_counted_bus *c = opaque;
    c->inner.dma_free(c->inner.opaque, dma, order);
}

static void *counted_to_cpu(void *opaque, uint64_t dma)
{
    const struct vtd_counted_bus *c = opaque;
    return c->inner.dma_to_cpu(c->inner.opaque, dma);
}

static void counted_store128(void *opaque, void *cpu, uint64_t low, uint64_t high)
{
    const struct vtd_counted_bus *c = opaque;
    c->inner.store128(c->inner.opaque, cpu, low, high);
}

static void counted_wmb(void *opaque)
{
    const struct vtd_counted_bus *c = opaque;
    c->inner.dma_wmb(c->inner.opaque);
}

static void counted_rmb(void *opaque)
{
    const struct vtd_counted_bus *c = opaque;
    c->inner.dma_rmb(c->inner.opaque);
}

static void counted_flush(void *opaque, const void *cpu, size_t size)
{
    const struct vtd_counted_bus *c = opaque;
    c->inner.flush(c->inner.opaque, cpu, size);
}

const struct vtd_bus *vtd_counted_bus(struct vtd_counted_bus *c, const struct vtd_bus *inner, uint64_t *accesses)
{
    c->inner = *inner;
    c->accesses = accesses;
    c->bus = (struct vtd_bus){
        .opaque = c,
        .read32 = counted_read32,
        .read64 = counted_read64,
        .write32 = counted_write32,
        .write64 = counted_write64,
        .relax = inner->relax ? counted_relax : NULL,
        .dma_wmb = inner->dma_wmb ? counted_wmb : NULL,
        .dma_rmb = inner->dma_rmb ? counted_rmb : NULL,
        .dma_alloc = counted_alloc,
        .dma_free = counted_free,
        .dma_to_cpu = counted_to_cpu,
        .store128 = inner->store128 ? counted_store128 : NULL,
        .flush = inner->flush ? counted_flush : NULL,
    };
    return &c->bus;
}
