/* SPDX-License-Identifier: MIT */
/*
 * Synthetic streams against the frequencies that theory gives, and whose turn it is among tenants. Seeds are fixed;
 * bounds are five standard deviations.
 */
#include "workload_rig.h"

#include <algorithm>
#include <cmath>
#include <map>

using rig::Synthetic;
using rig::Tenants;
using rig::Trace;

namespace
{

/* ---------------------------------------------------------------- synthetic streams */

std::vector<uint64_t> pages_of(const char *spec, size_t count, uint64_t seed = 1)
{
    const Synthetic w(spec, seed);
    std::vector<uint64_t> pages;
    for (const vtd_record &r : Tenants(w.workload, 1).take(count))
        pages.push_back(r.iova >> 12);
    return pages;
}

/* Chi-square of how often each page came, against the weights; the first page of the stream has the lowest address. */
double chi_square(const std::vector<uint64_t> &pages, const std::vector<double> &weights)
{
    std::map<uint64_t, double> seen;
    double sum = 0, result = 0;
    const uint64_t first = *std::min_element(pages.begin(), pages.end());
    for (const uint64_t page : pages)
        seen[page - first]++;
    for (const double weight : weights)
        sum += weight;
    for (size_t i = 0; i < weights.size(); i++) {
        const double expected = weights[i] / sum * double(pages.size());
        result += (seen[i] - expected) * (seen[i] - expected) / expected;
        seen.erase(i);
    }
    EXPECT_TRUE(seen.empty()) << "a page that should not exist";
    return result;
}

/* Mean plus five standard deviations. */
double bound(size_t cells)
{
    return double(cells - 1) + 5 * std::sqrt(2.0 * double(cells - 1));
}

std::vector<double> zipf(size_t n, double s)
{
    std::vector<double> weights;
    for (size_t i = 1; i <= n; i++)
        weights.push_back(std::pow(double(i), -s));
    return weights;
}

TEST(SyntheticStream, SequentialGoesPageByPageAndBeginsAgain)
{
    const std::vector<uint64_t> pages = pages_of("sequential:pages=5", 12);
    for (size_t i = 0; i < pages.size(); i++)
        EXPECT_EQ(pages[i] - pages[0], i % 5);
}

TEST(SyntheticStream, StrideTakesEveryNthPageModuloPages)
{
    const std::vector<uint64_t> pages = pages_of("stride:pages=16,stride=6", 40);
    for (size_t i = 0; i < pages.size(); i++)
        EXPECT_EQ(pages[i] - pages[0], 6 * i % 16);
}

TEST(SyntheticStream, PagesGoAroundTheInterruptRange)
{
    /* 0x10000000 + 16 pages * 4096 * 61151 = 0xfedf0000, the last one before 0xfee00000; then 0xfef00000 */
    const std::vector<uint64_t> pages = pages_of("stride:pages=0x1000000,stride=16", 61154);
    ASSERT_EQ(pages[0], 0x10000u);
    EXPECT_EQ(pages[61151], 0xfedf0u);
    EXPECT_EQ(pages[61152], 0xfef00u);
    EXPECT_EQ(pages[61153], 0xfef10u);
}

TEST(SyntheticStream, UniformTakesEachPageEquallyOften)
{
    EXPECT_LT(chi_square(pages_of("uniform:pages=64", 64000), std::vector<double>(64, 1.0)), bound(64));
}

TEST(SyntheticStream, ZipfTakesPageRankRWithWeightOneOverRToTheS)
{
    EXPECT_LT(chi_square(pages_of("zipf:pages=32,s=1", 100000), zipf(32, 1)), bound(32));
    EXPECT_LT(chi_square(pages_of("zipf:pages=32,s=0.7", 100000), zipf(32, 0.7)), bound(32));
    EXPECT_LT(chi_square(pages_of("zipf:pages=32,s=0", 100000), zipf(32, 0)), bound(32));
    EXPECT_GT(chi_square(pages_of("zipf:pages=32,s=1.1", 100000), zipf(32, 1)), bound(32)) << "the test can tell";
}

TEST(SyntheticStream, SeedDecides)
{
    EXPECT_EQ(pages_of("uniform", 100, 7), pages_of("uniform", 100, 7));
    EXPECT_NE(pages_of("uniform", 100, 7), pages_of("uniform", 100, 8));
}

TEST(SyntheticStream, WritesArePercent)
{
    for (const unsigned percent : {0u, 30u, 100u}) {
        const Synthetic w(("uniform:sid=00:02.1,writes=" + std::to_string(percent)).c_str());
        double writes = 0;
        for (const vtd_record &r : Tenants(w.workload, 1).take(10000)) {
            writes += r.kind == VTD_RECORD_WRITE;
            ASSERT_EQ(r.sid, 0x0011);
        }
        /* Five standard deviations of a binomial distribution. */
        const double p = percent / 100.0;
        EXPECT_NEAR(writes / 10000, p, 5 * std::sqrt(p * (1 - p) / 10000)) << percent;
    }
}

/* ---------------------------------------------------------------- tenants */

const char *const two_devices = "# domains: 1=00:01.0 2=00:02.0\n"
                                "0 00:01.0 - r 1000 1\n"
                                "inv 1 1000 1\n"
                                "0 00:02.0 - r 2000 1\n"
                                "0 00:01.0 - r 3000 1\n";

TEST(TenantTurns, OneTenantIsTheWorkloadItself)
{
    const Trace t(two_devices);
    const std::vector<vtd_record> all = Tenants(t.workload, 1).take(100);
    ASSERT_EQ(all.size(), 4u);
    for (size_t i = 0; i < all.size(); i++) {
        EXPECT_EQ(all[i].iova, t[i].iova);
        EXPECT_EQ(all[i].sid, t[i].sid);
        EXPECT_FALSE(all[i].has_pasid);
    }
}

TEST(TenantTurns, RoundRobinGivesEachOneAccessAndUnmapsTakeNoTurn)
{
    const Trace t(two_devices);
    const std::vector<vtd_record> all = Tenants(t.workload, 3).take(100);
    ASSERT_EQ(all.size(), 12u);
    /* PASIDs in order: three first accesses; then each its unmap and second access; then the third. */
    const unsigned pasids[] = {1, 2, 3, 1, 1, 2, 2, 3, 3, 1, 2, 3};
    const uint64_t addresses[] = {0x1000, 0x1000, 0x1000, 0x1000, 0x2000, 0x1000,
                                  0x2000, 0x1000, 0x2000, 0x3000, 0x3000, 0x3000};
    for (size_t i = 0; i < all.size(); i++) {
        EXPECT_TRUE(all[i].has_pasid) << i;
        EXPECT_EQ(all[i].pasid, pasids[i]) << i;
        EXPECT_EQ(all[i].iova, addresses[i]) << i;
    }
    EXPECT_EQ(all[3].kind, VTD_RECORD_UNMAP);
}

TEST(TenantTurns, SourceIdsAreDifferentForEachTenantAndDevice)
{
    const Trace t(two_devices);
    std::map<unsigned, std::vector<uint64_t>> seen;
    for (const vtd_record &r : Tenants(t.workload, 4, VTD_INTERLEAVE_ROUND_ROBIN, VTD_TENANT_SID).take(100)) {
        EXPECT_FALSE(r.has_pasid);
        seen[r.sid].push_back(r.iova);
    }
    ASSERT_EQ(seen.size(), 8u);
    size_t first_device = 0;
    for (const auto &one : seen)
        first_device += one.second == std::vector<uint64_t>{0x1000, 0x1000, 0x3000};
    EXPECT_EQ(first_device, 4u);
}

TEST(TenantTurns, EachPlaysTheWholeTraceInOrderWhateverTheInterleaving)
{
    const Trace t(two_devices);
    for (const vtd_interleave interleave : {VTD_INTERLEAVE_RANDOM, VTD_INTERLEAVE_ZIPF, VTD_INTERLEAVE_ROUND_ROBIN}) {
        std::map<unsigned, std::vector<uint64_t>> seen;
        for (const vtd_record &r : Tenants(t.workload, 50, interleave).take(1000))
            seen[r.pasid].push_back(r.iova);
        ASSERT_EQ(seen.size(), 50u);
        for (const auto &one : seen)
            EXPECT_EQ(one.second, (std::vector<uint64_t>{0x1000, 0x1000, 0x2000, 0x3000})) << one.first;
    }
}

TEST(TenantTurns, SyntheticStreamsDifferFromTenantToTenant)
{
    const Synthetic w("uniform");
    std::map<unsigned, std::vector<uint64_t>> seen;
    for (const vtd_record &r : Tenants(w.workload, 3).take(300))
        seen[r.pasid].push_back(r.iova);
    ASSERT_EQ(seen.size(), 3u);
    EXPECT_NE(seen[1], seen[2]);
    EXPECT_NE(seen[2], seen[3]);
    EXPECT_NE(seen[1], seen[3]);
}

TEST(TenantTurns, SharesFollowTheInterleaving)
{
    const Synthetic w("sequential");
    std::vector<uint64_t> random, skewed;
    for (const vtd_record &r : Tenants(w.workload, 16, VTD_INTERLEAVE_RANDOM).take(50000))
        random.push_back(r.pasid);
    for (const vtd_record &r : Tenants(w.workload, 16, VTD_INTERLEAVE_ZIPF, VTD_TENANT_PASID, 1.2).take(50000))
        skewed.push_back(r.pasid);
    EXPECT_LT(chi_square(random, zipf(16, 0)), bound(16));
    EXPECT_LT(chi_square(skewed, zipf(16, 1.2)), bound(16));
}

} // namespace
