/* SPDX-License-Identifier: MIT */
/*
 * Which reads of tables snoop the processor's caches (ref 4.8), and what the unit sees of memory behind them.
 */
#include "spec/walk_shape.h"

#include <cstring>

namespace vtdtest
{

namespace
{

/* ECAP.C, and SMPWCS with what needs it (ref 1.3). */
vtd_config configOf(bool c, bool smpwcs)
{
    vtd_config config = withoutCaches();
    setEcap(config, VTD_FIELD_OF(ECAP, C), c);
    setEcap(config, VTD_FIELD_OF(ECAP, SMPWCS), smpwcs);
    if (!smpwcs) {
        setEcap(config, VTD_FIELD_OF(ECAP, SSADS), 0);
        setEcap(config, VTD_FIELD_OF(ECAP, EAFS), 0);
    }
    return config;
}

/* The table of ref 4.8, by class of memory access. */
bool expectedToSnoop(vtd_mem_class cls, Kind kind, bool c, bool pwsnp)
{
    switch (cls) {
    case VTD_MEM_FS_ENTRY:
    case VTD_MEM_SS_ENTRY:
        return kind == Kind::Legacy ? c : pwsnp;
    case VTD_MEM_DESCRIPTOR:
    case VTD_MEM_PI_DESCRIPTOR:
        return true;
    default:
        return c;
    }
}

/* Memory with two views, of 2 MiB; the processor writes to base. */
struct TwoViews {
    static constexpr uint64_t kSize = 2 << 20;
    std::vector<uint64_t> base = std::vector<uint64_t>(kSize / 8), behind = std::vector<uint64_t>(kSize / 8);
    vtd *unit = nullptr;

    explicit TwoViews(const vtd_config &config)
    {
        vtd_host host{};
        host.mem_base = base.data();
        host.mem_unsnooped = behind.data();
        host.mem_size = kSize;
        unit = vtd_create(&config, &host, nullptr);
    }
    ~TwoViews()
    {
        vtd_destroy(unit);
    }
    TwoViews(const TwoViews &) = delete;
    TwoViews &operator=(const TwoViews &) = delete;

    void store(uint64_t addr, uint64_t value)
    {
        base[addr / 8] = value;
    }
    void flush(uint64_t addr) /* one line */
    {
        std::memcpy(&behind[addr / 64 * 8], &base[addr / 64 * 8], 64);
    }
    void command(unsigned bit_number)
    {
        const uint32_t status = vtd_mmio_read32(unit, VTD_REG_GSTS) & 0x96ffffff;
        vtd_mmio_write32(unit, VTD_REG_GCMD, status | 1u << bit_number);
    }
    void start(uint64_t root, unsigned ttm)
    {
        vtd_mmio_write64(unit, VTD_REG_RTADDR, root | ttm << 10);
        command(VTD_GCMD_SRTP_LSB);
        command(VTD_GCMD_TE_LSB);
    }
    vtd_response read(uint64_t addr)
    {
        vtd_request req{};
        req.addr = addr;
        req.sid = kSid;
        req.len = 8;
        vtd_response resp{};
        EXPECT_EQ(vtd_translate(unit, &req, &resp), VTD_STATUS_OK);
        return resp;
    }
};

} // namespace

TEST(TableSnoop, EveryReadOfAWalkSnoopsAsItsClassSays)
{
    for (unsigned mask = 0; mask < 8; mask++) {
        const bool c = mask & 1, smpwcs = mask & 2, pwsnp = mask & 4;
        if (pwsnp && !smpwcs)
            continue;
        for (Kind kind : {Kind::First, Kind::Second, Kind::Nested, Kind::Legacy}) {
            SCOPED_TRACE(testing::Message() << "C " << c << " SMPWCS " << smpwcs << " PWSNP " << pwsnp);
            const bool fs = kind == Kind::First || kind == Kind::Nested;
            Walk w({kind, fs ? 4u : 0, kind == Kind::First ? 0 : 4u, fs ? 12u : 0, kind == Kind::First ? 0 : 12u},
                   configOf(c, smpwcs));
            if (w.entry)
                vtd_pasid_entry_set_pwsnp(w.entry, pwsnp);
            if (fs) /* a walk that does not snoop may not set accessed bits (ref 4.7) */
                for (uint64_t at : w.fsPath())
                    *w.u.at(at) |= kFsA;
            w.start();
            EXPECT_TRUE(translated(w.send(VTD_READ), w.hpa, w.shift));
            EXPECT_GE(w.u.accesses.size(), 6u);
            for (const MemAccess &a : w.u.accesses)
                EXPECT_EQ(a.snoop, expectedToSnoop(a.cls, kind, c, pwsnp)) << vtd_mem_class_name(a.cls);
        }
    }
}

TEST(TableSnoop, DescriptorsAlwaysAndInterruptEntriesWithC)
{
    for (const bool c : {false, true}) {
        Unit u(configOf(c, false), Unit::Observed);
        u.start();
        const uint64_t table = u.alloc(), status = u.alloc();
        u.submit({waitStatus(status, 7)});
        u.write64(VTD_REG_IRTA, table | 7);
        u.command(VTD_GCMD_SIRTP_LSB);
        u.command(VTD_GCMD_IRE_LSB);
        vtd_irq_response irq{};
        ASSERT_EQ(vtd_interrupt(u.get(), kSid, kMsiStart | 1 << 4, 0, &irq), VTD_STATUS_OK);
        EXPECT_EQ(irq.fault, VTD_FAULT_IR_NOT_PRESENT);
        unsigned seen = 0;
        for (const MemAccess &a : u.accesses) {
            seen |= 1u << a.cls;
            if (a.cls == VTD_MEM_DESCRIPTOR || a.cls == VTD_MEM_STATUS) {
                EXPECT_TRUE(a.snoop);
            } else if (a.cls == VTD_MEM_IRTE) {
                EXPECT_EQ(a.snoop, c);
            }
        }
        EXPECT_EQ(seen & (1u << VTD_MEM_DESCRIPTOR | 1u << VTD_MEM_STATUS | 1u << VTD_MEM_IRTE),
                  1u << VTD_MEM_DESCRIPTOR | 1u << VTD_MEM_STATUS | 1u << VTD_MEM_IRTE);
    }
}

TEST(TableSnoop, EventsTellIt)
{
    for (const bool c : {false, true}) {
        struct Seen {
            unsigned reads = 0, snooped = 0;
        } seen;
        std::vector<uint64_t> memory(0x10000 / 8);
        vtd_host host{};
        host.opaque = &seen;
        host.mem_base = memory.data();
        host.mem_size = 0x10000;
        host.event = [](void *opaque, const vtd_event *e) {
            auto *s = static_cast<Seen *>(opaque);
            s->reads += e->kind == VTD_EVENT_MEM_READ;
            s->snooped += e->kind == VTD_EVENT_MEM_READ && e->snoop;
        };
        const vtd_config config = configOf(c, true);
        vtd *unit = vtd_create(&config, &host, nullptr);
        ASSERT_NE(unit, nullptr);
        vtd_events_enable(unit, true);
        vtd_mmio_write64(unit, VTD_REG_RTADDR, 0x1000 | 1 << 10);
        vtd_mmio_write32(unit, VTD_REG_GCMD, 1u << VTD_GCMD_SRTP_LSB);
        vtd_mmio_write32(unit, VTD_REG_GCMD, 1u << VTD_GCMD_TE_LSB);
        vtd_request req{};
        req.len = 4;
        vtd_response resp{};
        ASSERT_EQ(vtd_translate(unit, &req, &resp), VTD_STATUS_OK); /* ends at the root entry */
        EXPECT_EQ(seen.reads, 1u);
        EXPECT_EQ(seen.snooped, c ? 1u : 0u);
        vtd_destroy(unit);
    }
}

TEST(TableSnoop, AUnitThatDoesNotSnoopSeesATableOnlyAfterItsLineIsFlushed)
{
    TwoViews m(configOf(false, false));
    ASSERT_NE(m.unit, nullptr);
    const uint64_t root = 0x1000, context = 0x2000, ss = 0x3000;
    const uint64_t root_entry = root + 16 * (kSid >> 8), context_entry = context + 16 * (kSid & 0xff);
    m.start(root, VTD_TTM_LEGACY);
    m.store(root_entry, context | 1);
    EXPECT_TRUE(blocked(m.read(0), VTD_FAULT_LRT_2));
    m.flush(root_entry);
    EXPECT_TRUE(blocked(m.read(0), VTD_FAULT_LCT_2));
    m.store(context_entry, ss | 1);
    m.store(context_entry + 8, 1); /* AW: 39 bits, DID 0 */
    EXPECT_TRUE(blocked(m.read(0), VTD_FAULT_LCT_2));
    m.flush(context_entry);
    m.store(ss, 0x40000000 | kSsPs | kSsR); /* 1 GiB */
    EXPECT_TRUE(blocked(m.read(0), VTD_FAULT_LGN_3));
    m.flush(ss);
    EXPECT_TRUE(translated(m.read(0x1234), 0x40001234, 30));
    m.store(ss, 0);
    EXPECT_TRUE(translated(m.read(0x1234), 0x40001234, 30)) << "the old entry is still in memory";
    m.flush(ss);
    EXPECT_TRUE(blocked(m.read(0x1234), VTD_FAULT_LGN_3));
}

TEST(TableSnoop, AUnitThatSnoopsSeesEveryStoreAtOnce)
{
    TwoViews m(configOf(true, true));
    ASSERT_NE(m.unit, nullptr);
    m.store(0x1000 + 16 * (kSid >> 8), 0x2001);
    m.store(0x2000 + 16 * (kSid & 0xff), 0x3001);
    m.store(0x2000 + 16 * (kSid & 0xff) + 8, 1);
    m.store(0x3000, 0x40000000 | kSsPs | kSsR);
    m.start(0x1000, VTD_TTM_LEGACY);
    EXPECT_TRUE(translated(m.read(0x1234), 0x40001234, 30));
}

TEST(TableSnoop, TheUnitsOwnWritesCarryTheirLinesToMemory)
{
    vtd_config config = configOf(false, true);
    config.version = 0x50;
    TwoViews m(config);
    ASSERT_NE(m.unit, nullptr);
    /* A wait with a status write, 256 bits: dirty neighbours in its line go to memory with it, others do not. */
    const uint64_t ring = 0x4000, status = 0x5040;
    m.store(ring, UINT64_C(0x1234) << 32 | 1 << 5 | VTD_TYPE_INV_WAIT);
    m.store(ring + 8, status);
    for (uint64_t at = status - 8; at <= status + 64; at += 8)
        m.store(at, at);
    vtd_mmio_write64(m.unit, VTD_REG_RTADDR, 0x1000 | 1 << 10);
    m.command(VTD_GCMD_SRTP_LSB);
    vtd_mmio_write64(m.unit, VTD_REG_IQA, ring | 1 << 11);
    m.command(VTD_GCMD_QIE_LSB);
    vtd_mmio_write64(m.unit, VTD_REG_IQT, 32);
    EXPECT_EQ((uint32_t)m.base[status / 8], 0x1234u);
    EXPECT_EQ((uint32_t)m.behind[status / 8], 0x1234u);
    for (uint64_t at = status + 8; at < status + 64; at += 8)
        EXPECT_EQ(m.behind[at / 8], at);
    EXPECT_EQ(m.behind[(status - 8) / 8], 0u);
    EXPECT_EQ(m.behind[(status + 64) / 8], 0u);
}

TEST(TableSnoop, AnAccessedBitThatIsSetIsInBothViews)
{
    TwoViews m(configOf(true, true));
    ASSERT_NE(m.unit, nullptr);
    uint64_t entry[VTD_PASID_ENTRY_QWORDS] = {};
    vtd_pasid_entry_set_p(entry, 1);
    vtd_pasid_entry_set_pgtt(entry, VTD_PGTT_FIRST_STAGE);
    vtd_pasid_entry_set_did(entry, 3);
    vtd_pasid_entry_set_pwsnp(entry, 1);
    vtd_pasid_entry_set_fsptptr(entry, 0x6000 >> 12);
    m.store(0x1000 + 16 * (kSid >> 8), 0x2001);              /* root entry, lower half */
    m.store(0x2000 + 32 * (kSid & 0x7f), 0x3001);            /* context entry: directory */
    m.store(0x3000, 0x4001);                                 /* directory entry: PASID 0 */
    std::memcpy(&m.base[0x4000 / 8], entry, sizeof entry);   /* PASID entry */
    m.store(0x6000, 0x7000 | kFsP | kFsRw | kFsUs | kFsA);   /* PML4E */
    m.store(0x7000, UINT64_C(0x8000) | kFsP | kFsUs);        /* PDPE, to be accessed */
    m.store(0x8000, 0x200000 | kFsP | kFsUs | kFsPs | kFsA); /* 2 MiB */
    m.start(0x1000, VTD_TTM_SCALABLE);
    EXPECT_TRUE(translated(m.read(0x1234), 0x201234, 21));
    EXPECT_EQ(m.base[0x7000 / 8], UINT64_C(0x8000) | kFsP | kFsUs | kFsA);
    EXPECT_EQ(m.behind[0x7000 / 8], m.base[0x7000 / 8]);
    EXPECT_EQ(m.behind[0x8000 / 8], 0u) << "a line that the unit only read stays in the cache";
}

TEST(TableSnoop, TheViewBehindTheCachesMustBeAligned)
{
    std::vector<uint64_t> memory(1024);
    vtd_host host{};
    host.mem_base = memory.data();
    host.mem_unsnooped = reinterpret_cast<char *>(memory.data()) + 4;
    host.mem_size = 4096;
    char why[VTD_WHY_SIZE] = "";
    const vtd_config config = preset();
    EXPECT_EQ(vtd_create(&config, &host, why), nullptr);
    EXPECT_STRNE(why, "");
}

} // namespace vtdtest
