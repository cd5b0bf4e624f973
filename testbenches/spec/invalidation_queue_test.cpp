/* SPDX-License-Identifier: MIT */
/*
 * The invalidation queue: which descriptors are accepted when, every error code, head and tail, stop and resume, and what
 * a wait does (ref 3). Waits for devices are in device_tlb_test.cpp.
 */
#include "support/unit_fixture.h"

#include <cstring>

namespace vtdtest
{

namespace
{

constexpr uint32_t kIqe = 1u << VTD_FSTS_IQE_LSB;

/* A unit whose queue the test fills by hand. */
struct Queue : Unit {
    explicit Queue(unsigned ttm = VTD_TTM_SCALABLE, bool wide = true, unsigned qs = 0,
                   const vtd_config &config = preset(), Memory kind = Window)
        : Unit(config, kind), size(wide ? 32 : 16), bytes(4096u << qs)
    {
        base = alloc(qs);
        status = alloc();
        setRootTable(ttm);
        write64(VTD_REG_IQA, base | vtd_reg_iqa_put_dw(wide) | vtd_reg_iqa_put_qs(qs));
        command(VTD_GCMD_QIE_LSB);
    }
    uint64_t head() const
    {
        return read64(VTD_REG_IQH);
    }
    uint64_t tail() const
    {
        return read64(VTD_REG_IQT);
    }
    void store(uint64_t offset, const Desc &d)
    {
        std::memcpy(at(base + offset), d.q, size);
    }
    void put(const Desc &d)
    {
        const uint64_t slot = tail();
        store(slot, d);
        write64(VTD_REG_IQT, (slot + size) % bytes);
    }
    Desc wait(uint32_t data, unsigned n = 0) const
    {
        return waitStatus(status + 8 * n, data);
    }
    uint64_t result(unsigned n = 0)
    {
        return *at(status + 8 * n);
    }
    unsigned code() const
    {
        return static_cast<unsigned>(vtd_reg_iqercd_iqei(read64(VTD_REG_IQERCD)));
    }
    bool stopped() const
    {
        return read32(VTD_REG_FSTS) & kIqe;
    }
    /* Puts a descriptor: 0 when it was accepted, else the error code. */
    unsigned outcome(const Desc &d)
    {
        const uint64_t bad = head();
        put(d);
        if (!stopped()) {
            EXPECT_EQ(head(), tail());
            return 0;
        }
        EXPECT_EQ(head(), bad) << "the head stays at the bad descriptor";
        return code();
    }

    unsigned size, bytes;
    uint64_t base = 0, status = 0;
};

/* The simplest valid descriptor of each type. */
Desc simplest(unsigned type)
{
    const unsigned g = type == 1 || type == 2 ? 1 : type == 6 ? 2 : 0;
    return Desc{{type | g << 4}};
}

enum : unsigned {
    kOk = VTD_IQEI_NONE,
    kBad = VTD_IQEI_DESCRIPTOR,
    kRsvd = VTD_IQEI_RESERVED
};

} // namespace

/* ---------------------------------------------------------------- types by mode and capability (table of ref 3) */

TEST(QueueTypes, NarrowInLegacyMode)
{
    for (unsigned type = 0; type < 16; type++) {
        Queue u(VTD_TTM_LEGACY, false);
        EXPECT_EQ(u.outcome(simplest(type)), type >= 1 && type <= 5 ? kOk : kBad) << type;
    }
}

TEST(QueueTypes, WideByMode)
{
    for (unsigned ttm : {unsigned{VTD_TTM_LEGACY}, unsigned{VTD_TTM_SCALABLE}, unsigned{VTD_TTM_ABORT}})
        for (unsigned type = 0; type < 16; type++) {
            Queue u(ttm, true);
            const unsigned last = ttm == VTD_TTM_LEGACY ? 5 : 9; /* A, the HPT cache, needs HPTS */
            EXPECT_EQ(u.outcome(simplest(type)), type >= 1 && type <= last ? kOk : kBad) << ttm << " " << type;
        }
}

TEST(QueueTypes, HighTypeBitsBelongToTheType)
{
    for (unsigned b : {9u, 10u, 11u}) {
        Queue u;
        EXPECT_EQ(u.outcome(Desc{{simplest(5).q[0] | bit(b)}}), kBad) << b;
    }
}

TEST(QueueTypes, NeedTheirCapability)
{
    vtd_config config = preset();
    for (unsigned b : {VTD_ECAP_DT_LSB, VTD_ECAP_NWFS_LSB, VTD_ECAP_PDS_LSB, VTD_ECAP_PRS_LSB, VTD_ECAP_SMS_LSB,
                       VTD_ECAP_IR_LSB, VTD_ECAP_EIM_LSB})
        setEcap(config, b, b, 0);
    setEcap(config, VTD_FIELD_OF(ECAP, MHMV), 0);
    setCap(config, VTD_FIELD_OF(CAP, PI), 0);
    for (unsigned type : {3u, 4u, 8u, 9u}) {
        Queue u(VTD_TTM_SCALABLE, true, 0, config);
        EXPECT_EQ(u.outcome(simplest(type)), kBad) << type;
    }
    Desc drain = simplest(5);
    vtd_inv_wait_set_pd(drain.q, 1);
    EXPECT_EQ(Queue(VTD_TTM_SCALABLE, true, 0, config).outcome(drain), kRsvd) << "PD without PDS";
    EXPECT_EQ(Queue().outcome(drain), kOk);
}

TEST(QueueTypes, Granularities)
{
    const struct {
        unsigned type;
        std::vector<unsigned> legal;
    } rows[] = {{1, {1, 2, 3}}, {2, {1, 2, 3}}, {6, {2, 3}}, {7, {0, 1, 3}}};
    for (const auto &row : rows)
        for (unsigned g = 0; g < 4; g++) {
            bool legal = false;
            for (unsigned l : row.legal)
                legal = legal || l == g;
            Queue u;
            EXPECT_EQ(u.outcome(Desc{{row.type | g << 4}}), legal ? kOk : kBad) << row.type << " " << g;
        }
}

TEST(QueueTypes, Limits)
{
    EXPECT_EQ(Queue().outcome(iotlbInv(3, 1, 0, 18)), kOk);
    EXPECT_EQ(Queue().outcome(iotlbInv(3, 1, 0, 19)), kBad) << "MAMV is 18";
    EXPECT_EQ(Queue().outcome(pasidIotlbInv(3, 1, 1, 0, 63)), kOk) << "MAMV is no limit of p_iotlb_inv";
    EXPECT_EQ(Queue().outcome(Desc{{4 | 1u << 4 | UINT64_C(15) << 27}}), kOk);
    EXPECT_EQ(Queue().outcome(Desc{{4 | 1u << 4 | UINT64_C(16) << 27}}), kBad) << "MHMV is 15";
    vtd_config config = preset();
    setCap(config, VTD_FIELD_OF(CAP, PSI), 0);
    setCap(config, VTD_FIELD_OF(CAP, MAMV), 0);
    EXPECT_EQ(Queue(VTD_TTM_SCALABLE, true, 0, config).outcome(iotlbInv(3)), kBad);
    EXPECT_EQ(Queue(VTD_TTM_SCALABLE, true, 0, config).outcome(iotlbInv(2)), kOk);
}

/* ---------------------------------------------------------------- error codes (ref 3.4) */

/* Every bit that no field of the layouts of ref 3.1 covers. Typed by hand: first and last bit of each field. */
TEST(QueueErrors, ReservedBitsAreCodeFour)
{
    const struct {
        unsigned type;
        std::vector<std::pair<unsigned, unsigned>> fields;
    } rows[] = {{1, {{4, 5}, {16, 31}, {32, 47}, {48, 49}}},
                {2, {{4, 7}, {16, 31}, {64, 70}, {76, 127}}},
                {3, {{16, 20}, {32, 47}, {64, 64}, {76, 127}}},
                {4, {{4, 4}, {27, 31}, {32, 47}}},
                {5, {{4, 7}, {32, 63}, {66, 127}}},
                {6, {{4, 5}, {16, 31}, {32, 51}, {64, 70}, {76, 127}}},
                {7, {{4, 5}, {16, 31}, {32, 51}}},
                {8, {{4, 8}, {16, 31}, {32, 51}, {64, 64}, {75, 75}, {76, 127}}},
                {9, {{4, 4}, {12, 15}, {16, 31}, {32, 51}, {66, 66}, {67, 75}}}};
    for (const auto &row : rows)
        for (unsigned b = 4; b < 256; b++) {
            bool field = b >= 9 && b <= 11;
            for (const auto &[first, last] : row.fields)
                field = field || (b >= first && b <= last);
            if (field)
                continue;
            Desc d = simplest(row.type);
            d.q[b / 64] |= bit(b % 64);
            EXPECT_EQ(Queue().outcome(d), kRsvd) << "type " << row.type << " bit " << b;
        }
}

TEST(QueueErrors, InvalidWinsOverReserved)
{
    Desc d{{0}};
    d.q[3] = 1;
    EXPECT_EQ(Queue().outcome(d), kBad);
}

TEST(QueueErrors, TailBeyondTheQueueIsCodeOne)
{
    for (unsigned qs = 0; qs < 7; qs++) {
        Queue u(VTD_TTM_SCALABLE, true, qs);
        u.write64(VTD_REG_IQT, u.bytes);
        EXPECT_TRUE(u.stopped());
        EXPECT_EQ(u.code(), unsigned{VTD_IQEI_TAIL}) << qs;
        EXPECT_EQ(u.head(), 0u);
    }
}

TEST(QueueErrors, FetchFailureIsCodeTwo)
{
    Queue u;
    u.command(VTD_GCMD_QIE_LSB, false);
    u.write64(VTD_REG_IQA, kAbsent | vtd_reg_iqa_put_dw(1));
    u.command(VTD_GCMD_QIE_LSB);
    EXPECT_FALSE(u.stopped()) << "nothing to fetch yet";
    u.write64(VTD_REG_IQT, 32);
    EXPECT_TRUE(u.stopped());
    EXPECT_EQ(u.code(), unsigned{VTD_IQEI_FETCH});
    EXPECT_EQ(u.head(), 0u);
}

TEST(QueueErrors, WrongWidthIsCodeFive)
{
    for (unsigned ttm : {unsigned{VTD_TTM_SCALABLE}, unsigned{VTD_TTM_ABORT}})
        EXPECT_EQ(Queue(ttm, false).outcome(simplest(5)), unsigned{VTD_IQEI_WIDTH});
    vtd_config config = preset("qemu");
    for (unsigned b : {VTD_ECAP_SMTS_LSB, VTD_ECAP_SRS_LSB, VTD_ECAP_ADMS_LSB})
        setEcap(config, b, b, 0);
    EXPECT_EQ(Queue(VTD_TTM_LEGACY, true, 0, config).outcome(simplest(5)), unsigned{VTD_IQEI_WIDTH});
    EXPECT_EQ(Queue(VTD_TTM_LEGACY, false, 0, config).outcome(simplest(5)), kOk);
}

TEST(QueueErrors, MisalignedTailIsCodeSix)
{
    Queue u;
    u.write64(VTD_REG_IQT, 16);
    EXPECT_EQ(u.code(), unsigned{VTD_IQEI_ALIGNMENT});
    Queue narrow(VTD_TTM_LEGACY, false);
    narrow.store(0, simplest(5));
    narrow.write64(VTD_REG_IQT, 16);
    EXPECT_FALSE(narrow.stopped());
}

TEST(QueueErrors, ReservedModeIsCodeSeven)
{
    for (bool wide : {false, true})
        EXPECT_EQ(Queue(VTD_TTM_RESERVED, wide).outcome(simplest(5)), unsigned{VTD_IQEI_TTM});
}

TEST(QueueErrors, EarlierDescriptorsCompleteAndRepairResumes)
{
    Queue u;
    u.store(0, u.wait(1, 0));
    u.store(32, simplest(0));
    u.store(64, u.wait(3, 2));
    u.write64(VTD_REG_IQT, 96);
    EXPECT_EQ(u.result(0), 1u);
    EXPECT_EQ(u.head(), 32u);
    EXPECT_EQ(u.result(2), 0u);
    u.put(u.wait(4, 3));
    EXPECT_EQ(u.head(), 32u) << "a new tail does not restart fetching";
    u.store(32, u.wait(2, 1));
    EXPECT_EQ(u.head(), 32u);
    u.write32(VTD_REG_FSTS, kIqe);
    EXPECT_EQ(u.head(), 128u) << "clearing IQE does";
    for (unsigned n = 0; n < 4; n++)
        EXPECT_EQ(u.result(n), n + 1) << n;
    EXPECT_EQ(u.code(), kBad) << "the code stays until the next error";
}

TEST(QueueErrors, ClearingWithoutRepairFailsAgain)
{
    Queue u;
    u.put(simplest(0));
    u.write32(VTD_REG_FSTS, kIqe);
    EXPECT_TRUE(u.stopped());
    EXPECT_EQ(u.head(), 0u);
}

/* ---------------------------------------------------------------- head and tail (ref 3.3) */

TEST(QueueRun, WrapsAroundForEverySizeAndWidth)
{
    for (bool wide : {false, true})
        for (unsigned qs = 0; qs < 8; qs++) {
            Queue u(wide ? VTD_TTM_SCALABLE : VTD_TTM_LEGACY, wide, qs);
            const unsigned entries = wide ? 128u << qs : 256u << qs; /* 2^(QS+7), 2^(QS+8) */
            ASSERT_EQ(u.bytes / u.size, entries);
            for (unsigned n = 0; n < entries; n++)
                u.store(n * u.size, simplest(5));
            u.write64(VTD_REG_IQT, u.bytes - u.size);
            EXPECT_EQ(u.head(), u.bytes - u.size);
            u.write64(VTD_REG_IQT, 0);
            EXPECT_EQ(u.head(), 0u) << "the last slot leads to the first";
            EXPECT_EQ(u.stats().inv_wait, entries);
            EXPECT_FALSE(u.stopped());
        }
}

TEST(QueueRun, DoesNothingWhileDisabledOrEmpty)
{
    Queue u;
    u.command(VTD_GCMD_QIE_LSB, false);
    u.put(u.wait(7));
    EXPECT_EQ(u.result(), 0u);
    EXPECT_EQ(u.head(), 0u);
    u.command(VTD_GCMD_QIE_LSB);
    EXPECT_EQ(u.result(), 7u) << "what stands there is fetched when the queue goes on";
    EXPECT_EQ(u.stats().inv_descriptors, 1u);
    u.write64(VTD_REG_IQT, u.tail());
    EXPECT_EQ(u.stats().inv_descriptors, 1u);
}

TEST(QueueRun, NeedsNeitherTranslationNorRemapping)
{
    Queue u;
    EXPECT_EQ(u.read32(VTD_REG_GSTS) & (1u << VTD_GSTS_TES_LSB | 1u << VTD_GSTS_IRES_LSB), 0u);
    u.put(u.wait(7));
    EXPECT_EQ(u.result(), 7u);
}

/* ---------------------------------------------------------------- waits (ref 3.3) */

TEST(Wait, StatusIsADword)
{
    Queue u(VTD_TTM_SCALABLE, true, 0, preset(), Unit::Observed);
    *u.at(u.status) = ~UINT64_C(0);
    u.put(u.wait(2));
    EXPECT_EQ(u.result(), UINT64_C(0xffffffff00000002));
    u.put(waitStatus(u.status + 4, 3));
    EXPECT_EQ(u.result(), UINT64_C(0x300000002));
    EXPECT_EQ(u.count(MemAccess::Write, VTD_MEM_STATUS), 2u);
    for (const MemAccess &access : u.accesses)
        EXPECT_TRUE(access.cls != VTD_MEM_STATUS || access.size == 4);
}

TEST(Wait, WithNeitherFlagIsLegalAndDoesNothing)
{
    Queue u;
    Desc d = u.wait(2);
    vtd_inv_wait_set_sw(d.q, 0);
    EXPECT_EQ(u.outcome(d), kOk);
    EXPECT_EQ(u.result(), 0u);
    EXPECT_EQ(u.read32(VTD_REG_ICS), 0u);
}

TEST(Wait, EveryCombinationOfFlags)
{
    for (unsigned flags = 0; flags < 16; flags++) {
        Queue u;
        Desc d = u.wait(2);
        d.q[0] = (d.q[0] & ~UINT64_C(0xf0)) | flags << 4; /* IF, SW, FN, PD */
        EXPECT_EQ(u.outcome(d), kOk) << flags;
        EXPECT_EQ(u.result(), flags & 2 ? 2u : 0u) << flags;
        EXPECT_EQ(u.read32(VTD_REG_ICS), flags & 1) << flags;
    }
}

TEST(Wait, AddressBitsAboveTheHostAddressWidthAreIgnored)
{
    Queue u;
    u.put(waitStatus(u.status | bit(63) | bit(u.config().haw), 5));
    EXPECT_EQ(u.result(), 5u);
}

TEST(Wait, GoldenOneOfAppendixA)
{
    Queue u;
    u.put(Desc{{UINT64_C(0x200000065), 0x80001000}});
    EXPECT_EQ(*u.at(0x80001000), 2u);
}

} // namespace vtdtest
