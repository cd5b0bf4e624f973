/* SPDX-License-Identifier: MIT */
/*
 * A unit that does not snoop table accesses sees only what was flushed (ref 4.8): everything in tables must have
 * been.
 */
#include "driver_fixture.h"

namespace
{

/*
 * Memory as the unit sees it: it changes only by flushes. Pages are never reused, so that every page can be compared.
 */
struct Coherency : DriverTest {
    std::vector<uint8_t> seen;
    uint64_t next = 0x100000;
    std::map<uint64_t, unsigned> pages; /* allocated: address and order */

    Coherency()
    {
        seen.assign(unit.memory.size, 0xaa);
        unit.bus.dma_alloc = [](void *o, unsigned order, uint64_t *dma) -> void * { return self(o).alloc(order, dma); };
        unit.bus.dma_free = [](void *o, uint64_t dma, unsigned) { self(o).pages.erase(dma); };
        unit.bus.flush = [](void *o, const void *cpu, size_t size) { self(o).flush(cpu, size); };
        current = this;
    }
    ~Coherency() override
    {
        vtd_drv_destroy(drv);
        drv = nullptr;
        EXPECT_TRUE(pages.empty());
    }

    static inline Coherency *current = nullptr;
    static Coherency &self(void *)
    {
        return *current;
    }

    void *alloc(unsigned order, uint64_t *dma)
    {
        const uint64_t size = UINT64_C(4096) << order;
        next = (next + size - 1) & ~(size - 1);
        *dma = next;
        next += size;
        if (next > unit.memory.size)
            return nullptr;
        pages[*dma] = order;
        return unit.memory.base + *dma;
    }
    void flush(const void *cpu, size_t size)
    {
        const size_t at = (size_t)(static_cast<const uint8_t *>(cpu) - unit.memory.base);
        memcpy(seen.data() + at, cpu, size);
    }

    /* Pages that differ, but for the ring and the status words, which are always coherent. */
    unsigned stale()
    {
        unsigned n = 0;
        const uint64_t ring = unit.reg[0x90] & ~UINT64_C(0xfff);
        for (const auto &[dma, order] : pages) {
            if (dma == ring || dma == ring + 0x1000)
                continue;
            n += memcmp(seen.data() + dma, unit.memory.base + dma, (size_t)4096 << order) != 0;
        }
        return n;
    }
};

TEST_F(Coherency, EveryTableWriteIsFlushedWhenTheUnitDoesNotSnoop)
{
    unit.ecap &= ~(kEcapC | kEcapSmpwcs | UINT64_C(1) << 45 | UINT64_C(1) << 34); /* and SSADS, EAFS, which need it */
    start();
    EXPECT_EQ(stale(), 0u) << "start";
    auto *fs = first_stage(), *ss = second_stage();
    auto *nested = domain(domain_spec(VTD_DRV_NESTED, 48, ss));
    ASSERT_EQ(vtd_drv_attach(drv, 0x1234, 0, fs), 0);
    ASSERT_EQ(vtd_drv_attach(drv, 0x1234, 77, ss), 0);
    ASSERT_EQ(vtd_drv_attach(drv, 0x1284, 77, nested), 0);
    EXPECT_EQ(stale(), 0u) << "attach";
    for (auto *d : {fs, ss, nested})
        ASSERT_EQ(vtd_drv_map(d, 0x40000000, 0x200000000, 0x40401000, kRw), 0);
    EXPECT_EQ(stale(), 0u) << "map";
    for (auto *d : {fs, ss, nested})
        ASSERT_EQ(vtd_drv_unmap(d, 0x40003000, 0x1000), 0x1000);
    EXPECT_EQ(stale(), 0u) << "unmap with a split";
    ASSERT_EQ(vtd_drv_replace(drv, 0x1234, 77, fs), 0);
    ASSERT_EQ(vtd_drv_detach(drv, 0x1234, 0), 0);
    ASSERT_EQ(vtd_drv_detach(drv, 0x1234, 77), 0);
    ASSERT_EQ(vtd_drv_device_remove(drv, 0x1234), 0);
    EXPECT_EQ(stale(), 0u) << "detach";
}

TEST_F(Coherency, NothingIsFlushedWhenTheUnitSnoops)
{
    start();
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_attach(drv, 0x1234, 0, d), 0);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x1000, 0x1000, kRw), 0);
    EXPECT_GT(stale(), 0u);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), 0xaa), (ptrdiff_t)seen.size());
}

} // namespace
