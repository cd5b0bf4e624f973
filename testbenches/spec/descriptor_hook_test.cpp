/* SPDX-License-Identifier: MIT */
/* vtd_host.descriptor: a host is told of each invalidation descriptor before software can see that it is done (ref 3.3). */
#include "support/unit_fixture.h"

#include <array>
#include <cstring>

namespace vtdtest
{

namespace
{

/* A second unit over the tables and memory of a fixture, with a queue of its own and the callback. */
struct Told {
    Unit u;
    vtd *unit = nullptr;
    unsigned slot;
    uint64_t queue, status, tail = 0;
    struct Call {
        std::array<uint64_t, 4> q;
        unsigned qwords;
        uint64_t head;     /* when it was told */
        uint32_t status;   /* of the wait, then */
        uint64_t executed; /* IOTLB invalidations so far, then */
    };
    std::vector<Call> calls;

    explicit Told(unsigned ttm = VTD_TTM_SCALABLE) : slot(ttm == VTD_TTM_LEGACY ? 16 : 32)
    {
        vtd_host host{};
        host.opaque = this;
        host.mem_base = u.memory.base;
        host.mem_size = u.memory.size;
        host.descriptor = [](void *o, const uint64_t q[4], unsigned qwords) {
            Told &t = *static_cast<Told *>(o);
            vtd_stats s;
            vtd_stats_get(t.unit, &s);
            t.calls.push_back({{q[0], q[1], q[2], q[3]},
                               qwords,
                               vtd_mmio_read64(t.unit, VTD_REG_IQH),
                               static_cast<uint32_t>(*t.u.at(t.status)),
                               s.inv_iotlb});
        };
        unit = vtd_create(&u.config(), &host, nullptr);
        queue = u.alloc();
        status = u.alloc();
        vtd_mmio_write64(unit, VTD_REG_RTADDR, u.alloc() | vtd_reg_rtaddr_put_ttm(ttm));
        vtd_mmio_write32(unit, VTD_REG_GCMD, 1u << VTD_GCMD_SRTP_LSB);
        vtd_mmio_write64(unit, VTD_REG_IQA, queue | vtd_reg_iqa_put_dw(slot == 32));
        vtd_mmio_write32(unit, VTD_REG_GCMD, 1u << VTD_GCMD_QIE_LSB);
    }
    ~Told()
    {
        vtd_destroy(unit);
    }
    Told(const Told &) = delete;
    Told &operator=(const Told &) = delete;
    void put(const Desc &d)
    {
        std::memcpy(u.at(queue + tail), d.q, slot);
        tail += slot;
    }
    void go()
    {
        vtd_mmio_write64(unit, VTD_REG_IQT, tail);
    }
};

} // namespace

TEST(DescriptorHook, TellsEachDescriptorInOrderBeforeItIsDone)
{
    Told t;
    const Desc sent[] = {pcInv(1, 7, 5), pasidIotlbInv(3, 7, 5, 0x40000, 2, true), iotlbInv(1),
                         waitStatus(t.status, 9)};
    for (const Desc &d : sent)
        t.put(d);
    t.go();
    ASSERT_EQ(t.calls.size(), 4u);
    for (unsigned i = 0; i < 4; i++) {
        EXPECT_EQ(std::memcmp(t.calls[i].q.data(), sent[i].q, 32), 0) << i;
        EXPECT_EQ(t.calls[i].qwords, 4u);
        EXPECT_EQ(t.calls[i].head, 32 * i) << "the head is still at it";
        EXPECT_EQ(t.calls[i].status, 0u) << "the wait has not said anything yet";
        EXPECT_EQ(t.calls[i].executed, i == 3 ? 1u : 0u);
    }
    EXPECT_EQ(*t.u.at(t.status), 9u);
    EXPECT_EQ(vtd_mmio_read64(t.unit, VTD_REG_IQH), 128u);
}

TEST(DescriptorHook, NarrowDescriptorsHaveTwoQwords)
{
    Told t(VTD_TTM_LEGACY);
    t.put(iotlbInv(2, 3));
    t.put(ccInv(1));
    t.go();
    ASSERT_EQ(t.calls.size(), 2u);
    for (const auto &c : t.calls) {
        EXPECT_EQ(c.qwords, 2u);
        EXPECT_EQ(c.q[2] | c.q[3], 0u) << "the next descriptor is none of it";
    }
}

TEST(DescriptorHook, IsSilentAboutWhatTheUnitRefuses)
{
    Told t;
    t.put(iotlbInv(1));
    t.put(pcInv(2)); /* no such granularity */
    t.put(iotlbInv(1));
    t.go();
    EXPECT_EQ(t.calls.size(), 1u);
    EXPECT_TRUE(vtd_mmio_read32(t.unit, VTD_REG_FSTS) & 1u << VTD_FSTS_IQE_LSB);
}

} // namespace vtdtest
