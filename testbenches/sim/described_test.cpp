/* SPDX-License-Identifier: MIT */
/*
 * Described workloads against what their description says: order and addresses by arithmetic, frequencies by theory.
 * Seeds are fixed; bounds are five standard deviations.
 */
#include "described.h"

#include <map>

using rig::chi_square_bound;
using rig::chi_square_of;
using rig::Described;
using rig::is_access;

namespace
{

constexpr uint64_t base = 0x100000000; /* where pages begin unless a description says otherwise */

std::string word(const vtd_record &r)
{
    char text[64];
    const char *const kinds[] = {"r", "w", "unmap", "unmap-all", "detach"};
    snprintf(text, sizeof text, "%s %llx %u", kinds[r.kind], (unsigned long long)(r.iova ? r.iova - base : 0),
             r.kind == VTD_RECORD_UNMAP ? r.pages : r.len);
    return text;
}

std::vector<std::string> words(const std::vector<vtd_record> &records)
{
    std::vector<std::string> all;
    for (const vtd_record &r : records)
        all.push_back(word(r));
    return all;
}

using Words = std::vector<std::string>;

/* ---------------------------------------------------------------- patterns */

TEST(DescribedPattern, UniformPagesAreThoseOfSplitmix64)
{
    uint64_t state = 7;
    const auto next = [&state] {
        uint64_t z = state += 0x9e3779b97f4a7c15ull;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return z ^ (z >> 31);
    };
    for (const vtd_record &r : Described("{pattern: uniform, pages: 1000, writes: 30}", 7).take(1000)) {
        const uint64_t page = (next() >> 32) * 1000 >> 32, percent = (next() >> 32) * 100 >> 32;
        ASSERT_EQ(r.iova, base + page * 4096);
        ASSERT_EQ(r.kind, percent < 30 ? VTD_RECORD_WRITE : VTD_RECORD_READ);
    }
}

TEST(DescribedPattern, StrideAndOrderAreArithmetic)
{
    size_t i = 0;
    for (const vtd_record &r : Described("{pattern: stride, pages: 16, stride: 6, first: 0x1000, len: 1}").take(50))
        ASSERT_EQ(r.iova, 0x1000 + 6 * i++ % 16 * 4096);
    i = 0;
    for (const vtd_record &r : Described("{pattern: sequential, pages: 5, sid: '01:02.3', pasid: 9}").take(50)) {
        ASSERT_EQ(r.iova, base + i++ % 5 * 4096);
        ASSERT_EQ(r.sid, 0x0113);
        ASSERT_TRUE(r.has_pasid);
        ASSERT_EQ(r.pasid, 9u);
    }
}

TEST(DescribedPattern, EveryNthPageIsUnmappedStrictlyAndInBatchesLazily)
{
    EXPECT_EQ(words(Described("{pattern: sequential, pages: 9, writes: 0, unmap: strict, unmap-every: 2}").take(7)),
              (Words{"r 0 64", "r 1000 64", "unmap 1000 1", "r 2000 64", "r 3000 64", "unmap 3000 1", "r 4000 64"}));
    EXPECT_EQ(words(Described("{pattern: sequential, writes: 0, unmap: lazy, unmap-every: 2, unmap-batch: 2}").take(6)),
              (Words{"r 0 64", "r 1000 64", "r 2000 64", "r 3000 64", "unmap-all 0 0", "r 4000 64"}));
}

/* ---------------------------------------------------------------- rings and accelerators */

TEST(DescribedRing, ReadsADescriptorUsesItsBufferWritesItsCompletionAndWraps)
{
    /* Descriptors on page 0, completions on page 1, buffers from page 2 on. */
    const Words descriptor0 = {"r 0 16", "w 2000 4096", "w 3000 4096", "w 1000 16"},
                descriptor1 = {"r 10 16", "w 4000 4096", "w 5000 4096", "w 1010 16"},
                descriptor2 = {"r 20 16", "w 6000 4096", "w 7000 4096", "w 1020 16"};
    Words expected;
    for (int round = 0; round < 3; round++)
        for (const Words &d : {descriptor0, descriptor1, descriptor2})
            expected.insert(expected.end(), d.begin(), d.end());
    EXPECT_EQ(words(Described("{ring: 3, buffer-pages: 2}").take(36)), expected);
}

TEST(DescribedRing, UnmapsTheBufferOfEachDescriptorOrEverythingAfterABatch)
{
    EXPECT_EQ(words(Described("{ring: 2, buffer-pages: 2, writes: 0, len: 100, unmap: strict}").take(11)),
              (Words{"r 0 16", "r 2000 100", "r 3000 100", "w 1000 16", "unmap 2000 2", "r 10 16", "r 4000 100",
                     "r 5000 100", "w 1010 16", "unmap 4000 2", "r 0 16"}));
    EXPECT_EQ(
        words(Described("{ring: 2, unmap: lazy, unmap-batch: 2, completion: 0, descriptor: 64}").take(8)),
        (Words{"r 0 64", "w 1000 4096", "w 0 64", "r 40 64", "w 2000 4096", "w 40 64", "unmap-all 0 0", "r 0 64"}));
}

TEST(DescribedRing, RandomBuffersAreWholeAndEquallyFrequent)
{
    const std::vector<vtd_record> all = Described("{ring: 8, buffer-pages: 4, pages: 64, order: random}").take(60000);
    std::vector<double> counts(16);
    for (size_t i = 0; i < all.size(); i += 6) {
        const uint64_t buffer = all[i + 1].iova;
        ASSERT_EQ((buffer - base - 0x2000) % 0x4000, 0u);
        for (size_t k = 0; k < 4; k++)
            ASSERT_EQ(all[i + 1 + k].iova, buffer + k * 4096);
        counts.at((buffer - base - 0x2000) / 0x4000)++;
    }
    EXPECT_LT(chi_square_of(counts, std::vector<double>(16, 1)), chi_square_bound(16));
}

/* Page 0: completions; then 10 pages of sources, and 10 of destinations. */
void expect_descriptor(const std::vector<vtd_record> &three, size_t number)
{
    ASSERT_EQ(three.size(), 3u);
    EXPECT_EQ(three[0].kind, VTD_RECORD_READ);
    EXPECT_EQ((three[0].iova - base) >> 12, 1 + number % 10);
    EXPECT_EQ(three[1].kind, VTD_RECORD_WRITE);
    EXPECT_EQ((three[1].iova - base) >> 12, 11 + number % 10);
    EXPECT_EQ(three[2].kind, VTD_RECORD_WRITE);
    EXPECT_EQ(three[2].iova, base + number % 128 * 32);
    EXPECT_EQ(three[2].len, 32);
    EXPECT_EQ(three[1].pasid, three[0].pasid);
    EXPECT_EQ(three[2].pasid, three[0].pasid);
}

TEST(DescribedDsa, EachDescriptorTouchesThreePlacesWithOnePasid)
{
    const std::vector<vtd_record> all =
        Described("{tenants: 40, interleave: random, burst: 3, of: {dsa: 10}}").take(30000);
    std::map<uint32_t, size_t> descriptors;
    for (size_t i = 0; i < all.size(); i += 3)
        expect_descriptor({&all[i], &all[i] + 3}, descriptors[all[i].pasid]++);
    EXPECT_EQ(descriptors.size(), 40u);
}

TEST(DescribedDsa, EnginesWorkOnDescriptorsOfDifferentProcessesAlternately)
{
    const std::vector<vtd_record> all = Described("{tenants: 4, burst: 3, parallel: 4, of: {dsa: 10}}").take(1200);
    for (size_t i = 0; i < all.size(); i += 12)
        for (size_t engine = 0; engine < 4; engine++) {
            ASSERT_EQ(all[i + engine].pasid, engine + 1);
            expect_descriptor({all[i + engine], all[i + 4 + engine], all[i + 8 + engine]}, i / 12);
        }
}

/* ---------------------------------------------------------------- tenants */

TEST(DescribedTenants, BurstsHaveTheirExactLengthAndUnmapsStayWithTheirTenant)
{
    const Described w("{tenants: 9, interleave: random, burst: 7, of: {ring: 4, unmap: strict}}");
    std::vector<vtd_record> all = w.take(70000);
    size_t accesses = 0;
    uint32_t pasid = 0;
    std::vector<double> counts(9);
    for (const vtd_record &r : all) {
        if (is_access(r) && accesses++ % 7 == 0) {
            pasid = r.pasid;
            counts.at(pasid - 1)++;
        }
        ASSERT_EQ(r.pasid, pasid) << "access " << accesses;
    }
    EXPECT_LT(chi_square_of(counts, std::vector<double>(9, 1)), chi_square_bound(9));
}

TEST(DescribedTenants, TakeTurnsByRoundRobinOrByZipfsLaw)
{
    const Described turns("{tenants: 5, burst: 2, first-pasid: 11, of: {pattern: uniform}}");
    size_t i = 0;
    for (const vtd_record &r : turns.take(100))
        ASSERT_EQ(r.pasid, 11 + i++ / 2 % 5);
    const Described skewed("{tenants: 30, interleave: 'zipf:1.2', of: {pattern: uniform}}");
    std::vector<double> counts(30), weights(30);
    for (size_t t = 0; t < 30; t++)
        weights[t] = std::pow(double(t + 1), -1.2);
    for (const vtd_record &r : skewed.take(100000))
        counts.at(r.pasid - 1)++;
    EXPECT_LT(chi_square_of(counts, weights), chi_square_bound(30));
}

TEST(DescribedTenants, BySourceIdHaveDevicesOfTheirOwn)
{
    const Described w("{tenants: 3, id: sid, first-sid: '01:00.0', of: {mix: [{pattern: uniform, sid: '00:02.0'}, "
                      "{pattern: uniform, sid: '00:01.0', pages: 10}]}}");
    size_t i = 0;
    std::map<uint16_t, bool> few;
    for (const vtd_record &r : w.take(3000)) {
        ASSERT_FALSE(r.has_pasid);
        const uint16_t tenant = (r.sid - 0x100) / 2;
        ASSERT_EQ(tenant, i++ % 3);
        few[r.sid] = few[r.sid] || r.iova >= base + 10 * 4096;
    }
    ASSERT_EQ(few.size(), 6u);
    for (const auto &[sid, wide] : few)
        EXPECT_EQ(wide, sid % 2 == 1) << "the lower source-id below comes first";
}

TEST(DescribedTenants, AMillionHaveStreamsOfTheirOwn)
{
    const Described w("{tenants: 1048575, of: {pattern: uniform, pages: 0x1000000}}");
    const std::vector<vtd_record> all = w.take(2 * 1048575);
    ASSERT_EQ(all.size(), 2u * 1048575);
    std::map<uint64_t, int> pages;
    for (size_t i = 0; i < 1048575; i++) {
        ASSERT_EQ(all[i].pasid, i + 1);
        ASSERT_EQ(all[i + 1048575].pasid, i + 1);
        if (i < 10000)
            pages[all[i].iova]++;
    }
    /* Of 10000 draws from 2^24 pages some 3 come twice. */
    EXPECT_GT(pages.size(), 9970u);
}

TEST(DescribedTenants, OfTheCommandLineGoAroundADescription)
{
    const Described ring("{ring: 4, unmap: strict}"), tenants("{tenants: 3, of: {ring: 4, unmap: strict}}");
    const std::vector<vtd_record> a = rig::Tenants(ring.workload, 3).take(600), b = tenants.take(600);
    for (size_t i = 0; i < 600; i++) {
        ASSERT_EQ(word(a[i]), word(b[i]));
        ASSERT_EQ(a[i].pasid, b[i].pasid);
    }
    char why[VTD_WHY_SIZE] = "";
    vtd_tenants_spec spec = {};
    spec.workload = &tenants.workload;
    spec.count = 2;
    EXPECT_EQ(vtd_tenants_create(&spec, why), nullptr);
    EXPECT_NE(std::string(why).find("has PASIDs already"), std::string::npos) << why;
}

/* ---------------------------------------------------------------- phases and mixes */

TEST(DescribedPhases, ChangeAtTheExactRequestAndComeBack)
{
    const std::string list = "[{requests: 7, pattern: sequential, pages: 100, unmap: strict}, "
                             "{requests: 5, pattern: sequential, pages: 100, first: 0x1000}]";
    size_t n = 0;
    for (const vtd_record &r : Described("{phases: " + list + "}").take(2000)) {
        n += is_access(r);
        const size_t in_round = (n - 1) % 12, round = (n - 1) / 12;
        const bool first = in_round < 7;
        ASSERT_TRUE(first || is_access(r));
        /* A phase goes on where it was left. */
        const size_t page = (first ? round * 7 + in_round : round * 5 + in_round - 7) % 100;
        ASSERT_EQ(r.iova, (first ? base : 0x1000) + page * 4096) << n;
    }
    n = 0;
    for (const vtd_record &r : Described("{after: stay, phases: " + list + "}").take(2000))
        if (is_access(r) && n++ >= 7) {
            ASSERT_LT(r.iova, base) << "the last phase stays";
        }
}

TEST(DescribedMix, WeightsAreSharesOfTheRequests)
{
    const Described w("mix:\n- {weight: 5, pattern: uniform, sid: '00:01.0'}\n"
                      "- {weight: 0.5, ring: 4, unmap: strict, sid: '00:02.0'}\n"
                      "- {pattern: uniform, sid: '00:03.0'}\n- {weight: 0, dsa: 4}\n");
    std::map<uint16_t, double> counts;
    const std::vector<vtd_record> all = w.take(100000);
    for (size_t i = 0; i < all.size(); i++) {
        if (is_access(all[i]))
            counts[all[i].sid]++;
        else /* and what belongs to an access follows it at once */
            ASSERT_TRUE(all[i].sid == 0x10 && all[i - 1].sid == 0x10 && is_access(all[i - 1]));
    }
    ASSERT_EQ(counts.size(), 3u);
    EXPECT_LT(chi_square_of({counts[0x08], counts[0x10], counts[0x18]}, {5, 0.5, 1}), chi_square_bound(3));
}

TEST(DescribedMix, MembersWithRatesComeInTheOrderOfTheirTimes)
{
    const Described w("mix:\n- {rate: 3e6, pattern: uniform, sid: '00:01.0'}\n"
                      "- {rate: 1e6, arrivals: poisson, ring: 4, unmap: strict, sid: '00:02.0'}\n");
    uint64_t last = 0;
    std::map<uint16_t, double> counts;
    for (const vtd_record &r : w.take(100000)) {
        ASSERT_GE(r.time_ns, last);
        last = r.time_ns;
        if (is_access(r))
            counts[r.sid]++;
    }
    const double seconds = double(last) / 1e9;
    EXPECT_NEAR(counts[0x08], 3e6 * seconds, 1);
    EXPECT_NEAR(counts[0x10], 1e6 * seconds, 5 * std::sqrt(1e6 * seconds));
}

TEST(DescribedMix, HoldsTracesWhichBeginAgainAtTheirEnd)
{
    const program::File trace(".trace", "# domains: 1=00:01.0\n0 00:01.0 - r 1000 8\ninv 1 1000 1\n"
                                        "0.5 00:01.0 - w 2000 16\n");
    const Described w("{trace: " + trace.path + ", times: 'yes'}");
    const std::vector<vtd_record> all = w.take(3 * 50);
    for (size_t i = 0; i < all.size(); i += 3) {
        ASSERT_EQ(all[i].iova, 0x1000u);
        ASSERT_EQ(all[i].time_ns, i / 3 * 500000);
        ASSERT_EQ(all[i + 1].kind, VTD_RECORD_UNMAP);
        ASSERT_EQ(all[i + 2].iova, 0x2000u);
        ASSERT_EQ(all[i + 2].time_ns, (i / 3 + 1) * 500000);
    }
}

/* ---------------------------------------------------------------- time */

TEST(DescribedRate, FixedArrivalsAreMultiplesOfTheGap)
{
    uint64_t k = 0;
    for (const vtd_record &r : Described("{pattern: uniform, rate: 3e6}").take(300000)) {
        k++;
        ASSERT_LE(r.time_ns, k * 1000 / 3);
        ASSERT_GE(r.time_ns + 1, k * 1000 / 3);
    }
}

TEST(DescribedRate, PoissonGapsAreExponential)
{
    const size_t n = 200000, cells = 40;
    const double mean = 1e5; /* ns at a rate of 10,000 */
    double sum = 0, squares = 0;
    uint64_t last = 0;
    std::vector<double> counts(cells);
    for (const vtd_record &r : Described("{pattern: uniform, rate: 10e3, arrivals: poisson}").take(n)) {
        const double gap = double(r.time_ns - last);
        last = r.time_ns;
        sum += gap;
        squares += (gap - mean) * (gap - mean);
        counts[std::min(cells - 1, size_t((1 - std::exp(-gap / mean)) * cells))]++;
    }
    EXPECT_NEAR(sum / n, mean, 5 * mean / std::sqrt(double(n)));
    /* The fourth central moment of an exponential distribution is 9 mean^4. */
    EXPECT_NEAR(squares / n, mean * mean, 5 * mean * mean * std::sqrt(8.0 / double(n)));
    EXPECT_LT(chi_square_of(counts, std::vector<double>(cells, 1)), chi_square_bound(cells));
}

TEST(DescribedRate, ClocksOfPhasesStopWhileOthersHaveTheirTurn)
{
    uint64_t n = 0, expected = 0;
    for (const vtd_record &r : Described("{phases: [{requests: 3, rate: 1e9, pattern: uniform}, "
                                         "{requests: 2, rate: 1e6, pattern: uniform}]}")
                                   .take(500)) {
        expected += n++ % 5 < 3 ? 1 : 1000;
        ASSERT_EQ(r.time_ns, expected) << n;
    }
}

TEST(DescribedSeed, DecidesAlone)
{
    const std::string text = "{mix: [{tenants: 9, interleave: random, churn: 50, of: {pattern: zipf}}, {dsa: 9, "
                             "order: random}]}";
    EXPECT_EQ(words(Described(text, 5).take(5000)), words(Described(text, 5).take(5000)));
    EXPECT_NE(words(Described(text, 5).take(5000)), words(Described(text, 6).take(5000)));
}

} // namespace
