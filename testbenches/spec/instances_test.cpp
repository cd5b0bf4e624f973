/* SPDX-License-Identifier: MIT */
/*
 * Rules of vtd.h that hold for every instance: instances share nothing, the same calls do the same, vtd_peek has no
 * effect, vtd_reset leads back to power-on, and vtd_create makes the only allocation.
 */
#include "spec/random_player.h"
#include "support/unit_fixture.h"

#include <cerrno>
#include <cstdlib>

/* The linker sends every allocation of the static library and of this program's own code here. */
namespace
{
unsigned allocations, frees;
bool out_of_memory;
} // namespace
extern "C" {
void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__real_aligned_alloc(size_t, size_t);
int __real_posix_memalign(void **, size_t, size_t);
void __real_free(void *);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_aligned_alloc(size_t align, size_t n);
int __wrap_posix_memalign(void **p, size_t align, size_t n);
void __wrap_free(void *p);

void *__wrap_malloc(size_t n)
{
    allocations++;
    return out_of_memory ? nullptr : __real_malloc(n);
}
void *__wrap_calloc(size_t n, size_t size)
{
    allocations++;
    return out_of_memory ? nullptr : __real_calloc(n, size);
}
void *__wrap_realloc(void *p, size_t n)
{
    allocations++;
    return out_of_memory ? nullptr : __real_realloc(p, n);
}
void *__wrap_aligned_alloc(size_t align, size_t n)
{
    allocations++;
    return out_of_memory ? nullptr : __real_aligned_alloc(align, n);
}
int __wrap_posix_memalign(void **p, size_t align, size_t n)
{
    allocations++;
    return out_of_memory ? ENOMEM : __real_posix_memalign(p, align, n);
}
void __wrap_free(void *p)
{
    frees += p != nullptr;
    __real_free(p);
}
}

namespace vtdtest
{

namespace
{

constexpr unsigned kSeeds = 12, kSteps = 1500;

vtd_cache_geometry geometryOf(uint64_t seed)
{
    const vtd_cache_geometry all[] = {
        {4, 2, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0},     {8, 4, VTD_POLICY_PLRU, VTD_INDEX_MODULO, 0, 0},
        {8, 0, VTD_POLICY_FIFO, VTD_INDEX_HASH, 0, 0},    {16, 4, VTD_POLICY_RANDOM, VTD_INDEX_HASH, 0, 0},
        {128, 0, VTD_POLICY_LRU, VTD_INDEX_MODULO, 0, 0}, {0, 0, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0},
    };
    return all[seed % 6];
}

std::unique_ptr<Player> play(uint64_t seed, unsigned steps = kSteps)
{
    auto player = std::make_unique<Player>(seed, geometryOf(seed));
    while (steps--)
        player->step();
    return player;
}

} // namespace

/* ---------------------------------------------------------------- instances */

TEST(Instances, SameCallsSameMemorySameBehaviour)
{
    for (uint64_t seed = 1; seed <= kSeeds; seed++) {
        const auto a = play(seed), b = play(seed);
        EXPECT_TRUE(a->log() == b->log()) << "seed " << seed;
        EXPECT_TRUE(a->state() == b->state()) << "seed " << seed;
        EXPECT_GT(a->stats().requests, kSteps / 2);
    }
}

TEST(Instances, DifferentRunsAreToldApart)
{
    EXPECT_FALSE(play(1)->log() == play(2)->log());
    EXPECT_FALSE(play(1)->state() == play(1, kSteps - 100)->state());
}

TEST(Instances, TwoThatTakeTurnsBehaveAsEachAlone)
{
    for (uint64_t seed = 1; seed <= kSeeds; seed++) {
        Player a(seed, geometryOf(seed)), b(seed + 100, geometryOf(seed));
        Random turns(seed);
        unsigned left_a = kSteps, left_b = kSteps;
        while (left_a + left_b > 0)
            if (left_b == 0 || (left_a > 0 && turns.chance(50)))
                a.step(), left_a--;
            else
                b.step(), left_b--;
        const auto alone_a = play(seed);
        Player alone_b(seed + 100, geometryOf(seed));
        for (unsigned n = 0; n < kSteps; n++)
            alone_b.step();
        EXPECT_TRUE(a.log() == alone_a->log() && a.state() == alone_a->state()) << "seed " << seed;
        EXPECT_TRUE(b.log() == alone_b.log() && b.state() == alone_b.state()) << "seed " << seed;
    }
}

TEST(Instances, ResetLeadsBackToPowerOn)
{
    for (uint64_t seed = 1; seed <= kSeeds; seed++) {
        const auto used = play(seed), fresh = play(seed);
        used->restart(seed);
        for (unsigned n = 0; n < kSteps; n++)
            used->step();
        EXPECT_TRUE(used->log() == fresh->log()) << "seed " << seed;
        EXPECT_TRUE(used->state() == fresh->state()) << "seed " << seed;
    }
}

TEST(Instances, ResetClearsRegistersAndStatistics)
{
    Unit fresh, used;
    FsTree fs(used, 4);
    fs.map(0x1000, 0x200000);
    used.setFs(kSid, 1, fs, 1);
    used.start();
    used.dma(kSid).pasid(1).read(0x1000);
    EXPECT_TRUE(blocked(used.dma(0x999).read(0), VTD_FAULT_SRT_2));
    used.write32(VTD_REG_FEDATA, 0x41);
    vtd_reset(used.get());
    for (uint64_t offset = 0; offset < vtd_mmio_size(used.get()); offset += 8)
        EXPECT_EQ(used.read64(offset), fresh.read64(offset)) << std::hex << offset;
    EXPECT_EQ(used.stats().requests, 0u);
    EXPECT_EQ(used.stats().faults_by_reason[VTD_FAULT_SRT_2], 0u);
    EXPECT_TRUE(translated(used.dma(kSid).read(0x1234), 0x1234)) << "translation is off";
}

TEST(Instances, StatisticsResetLeavesCachesAndRegisters)
{
    Unit u;
    FsTree fs(u, 4);
    fs.map(0x1000, 0x200000);
    u.setFs(kSid, 1, fs, 1);
    u.start();
    u.dma(kSid).pasid(1).read(0x1000);
    vtd_stats_reset(u.get());
    EXPECT_EQ(u.stats().iotlb_miss, 0u);
    u.dma(kSid).pasid(1).read(0x1000);
    EXPECT_EQ(u.stats().iotlb_hit, 1u);
    EXPECT_EQ(u.stats().memory_reads, 0u);
}

/* ---------------------------------------------------------------- allocation */

TEST(Allocation, CreateMakesOneAndNothingElseMakesAny)
{
    vtd_config config = preset();
    const vtd_host host{};
    allocations = frees = 0;
    vtd *unit = vtd_create(&config, &host, nullptr);
    EXPECT_EQ(allocations, 1u);
    ASSERT_NE(unit, nullptr);
    vtd_reset(unit);
    vtd_destroy(unit);
    EXPECT_EQ(allocations, 1u);
    EXPECT_EQ(frees, 1u);

    Player player(1, geometryOf(1));
    allocations = frees = 0;
    for (unsigned n = 0; n < kSteps; n++)
        player.step(), player.peek();
    EXPECT_EQ(allocations, 0u);
    EXPECT_EQ(frees, 0u);
}

TEST(Allocation, LackOfMemoryIsSaid)
{
    vtd_config config = preset();
    const vtd_host host{};
    char why[VTD_WHY_SIZE] = "";
    out_of_memory = true;
    vtd *unit = vtd_create(&config, &host, why);
    vtd *silent = vtd_create(&config, &host, nullptr);
    out_of_memory = false;
    EXPECT_EQ(unit, nullptr);
    EXPECT_EQ(silent, nullptr);
    EXPECT_STRNE(why, "");
}

/* ---------------------------------------------------------------- vtd_peek */

TEST(Peek, ChangesNothing)
{
    for (uint64_t seed = 1; seed <= kSeeds; seed++) {
        Player looked_at(seed, geometryOf(seed));
        for (unsigned n = 0; n < kSteps; n++) {
            looked_at.step();
            const bool check = n % 250 == 0;
            const Player::Log before = check ? looked_at.state() : Player::Log();
            for (int i = 0; i < 3; i++)
                looked_at.peek();
            EXPECT_TRUE(!check || looked_at.state() == before) << "seed " << seed << " step " << n;
        }
        const auto alone = play(seed);
        EXPECT_TRUE(looked_at.log() == alone->log()) << "seed " << seed;
        EXPECT_TRUE(looked_at.state() == alone->state()) << "seed " << seed;
    }
}

TEST(Peek, SeesWhatTranslateThenDoes)
{
    unsigned compared = 0;
    for (uint64_t seed = 1; seed <= kSeeds; seed++) {
        Player player(seed, geometryOf(seed));
        player.comparePeeks();
        for (unsigned n = 0; n < kSteps; n++)
            player.step();
        compared += player.compared();
    }
    EXPECT_GT(compared, kSeeds * kSteps / 4);
}

TEST(Peek, SetsNoBitsRecordsNoFaultSendsNoMessage)
{
    Unit u;
    FsTree fs(u, 4);
    fs.map(0x1000, 0x200000);
    u.setFs(kSid, 1, fs, 1);
    u.start();
    u.write32(VTD_REG_FECTL, 0);
    vtd_response resp{};
    vtd_request req = u.dma(kSid).pasid(1).access(VTD_WRITE).request(0x1000);
    ASSERT_EQ(vtd_peek(u.get(), &req, &resp), VTD_STATUS_OK);
    EXPECT_TRUE(translated(resp, 0x200000, 12));
    EXPECT_EQ(*fs.entry(0x1000, 1) & (kFsA | kFsD), 0u);
    req = u.dma(kSid).pasid(1).access(VTD_WRITE).request(0x5000);
    ASSERT_EQ(vtd_peek(u.get(), &req, &resp), VTD_STATUS_OK);
    EXPECT_TRUE(blocked(resp, VTD_FAULT_SFS_2));
    EXPECT_EQ(u.read32(VTD_REG_FSTS), 0u);
    EXPECT_TRUE(u.messages.empty());
    EXPECT_EQ(u.stats().faults, 0u);
    u.dma(kSid).pasid(1).read(0x1000);
    EXPECT_EQ(u.stats().iotlb_miss, 1u) << "peeking had cached nothing";
}

TEST(Peek, DoesNotMakeAnEntryRecent)
{
    Unit u(withCaches(2));
    FsTree fs(u, 4);
    for (uint64_t page : {0x1000, 0x2000, 0x3000})
        fs.map(page, 0x200000 + page);
    u.setFs(kSid, 1, fs, 1);
    u.start();
    u.dma(kSid).pasid(1).read(0x1000);
    u.dma(kSid).pasid(1).read(0x2000);
    const vtd_request req = u.dma(kSid).pasid(1).request(0x1000);
    vtd_response resp{};
    ASSERT_EQ(vtd_peek(u.get(), &req, &resp), VTD_STATUS_OK);
    u.dma(kSid).pasid(1).read(0x3000); /* takes the place of 0x1000 */
    vtd_stats_reset(u.get());
    u.dma(kSid).pasid(1).read(0x2000);
    EXPECT_EQ(u.stats().iotlb_hit, 1u);
    u.dma(kSid).pasid(1).read(0x1000);
    EXPECT_EQ(u.stats().iotlb_miss, 1u);
}

TEST(Peek, SeesStaleTranslationsAsTranslateDoes)
{
    Unit u;
    FsTree fs(u, 4);
    fs.map(0x1000, 0x200000);
    u.setFs(kSid, 1, fs, 1);
    u.start();
    u.dma(kSid).pasid(1).read(0x1000);
    *fs.entry(0x1000, 1) = 0;
    const vtd_request req = u.dma(kSid).pasid(1).request(0x1000);
    vtd_response resp{};
    ASSERT_EQ(vtd_peek(u.get(), &req, &resp), VTD_STATUS_OK);
    EXPECT_TRUE(translated(resp, 0x200000, 12));
    u.invalidateAll();
    ASSERT_EQ(vtd_peek(u.get(), &req, &resp), VTD_STATUS_OK);
    EXPECT_TRUE(blocked(resp, VTD_FAULT_SFS_2));
}

TEST(Peek, IsForUntranslatedRequestsOnly)
{
    Unit u;
    vtd_response resp{};
    for (vtd_at at : {VTD_AT_TRANSLATION, VTD_AT_TRANSLATED}) {
        const vtd_request req = u.dma(kSid).at(at).request(0x1000);
        EXPECT_EQ(vtd_peek(u.get(), &req, &resp), VTD_STATUS_INVALID);
    }
}

} // namespace vtdtest
