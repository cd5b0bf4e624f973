/* SPDX-License-Identifier: MIT */
/* Zipf's distribution: its tables and what is drawn from them against the closed form; and the arithmetic below it. */
#include "described.h"
#include "workload/steady_math.h"

using rig::chi_square_bound;
using rig::chi_square_of;
using rig::Described;

namespace
{

constexpr uint64_t base = 0x100000000; /* where pages begin unless a description says otherwise */

TEST(SteadyMath, IsThatOfTheLibraryToSomeUnitsOfTheLastPlace)
{
    for (double x = 1e-9; x < 1e9; x *= 1.0007) {
        ASSERT_NEAR(vtd_steady_log(x), std::log(x), 2e-15 * std::fmax(1, std::fabs(std::log(x)))) << x;
        const double y = std::log(x) * 8;
        ASSERT_NEAR(vtd_steady_exp(y) / std::exp(y), 1, 2e-13) << y;
    }
    EXPECT_EQ(vtd_steady_log(1), 0);
    EXPECT_EQ(vtd_steady_exp(0), 1);
}

/* What the tables make of each run and rank, without drawing: exact to the 2^-32 that they promise. */
TEST(Zipf, TablesGiveEveryRunAndRankItsClosedFormProbability)
{
    for (const double s : {0.0, 0.5, 0.99, 1.0, 2.5, 10.0})
        for (const uint32_t n : {1u, 2u, 2049u, 100000u, 1u << 24}) {
            vtd_zipf z;
            ASSERT_TRUE(vtd_zipf_init(&z, n, s));
            ASSERT_LT(z.runs, 16384u) << "small enough for a processor's cache";
            std::vector<double> share(z.runs, 0.0), weight(z.runs);
            double sum = 0;
            uint64_t ranks = 0;
            for (uint32_t i = 0; i < z.runs; i++) {
                const double keep = z.table[i].keep == UINT32_MAX ? 1 : z.table[i].keep * 0x1p-32;
                share[i] += keep / z.runs;
                share[z.table[i].alias] += (1 - keep) / z.runs;
                const vtd_zipf_run &run = z.run[i];
                ASSERT_EQ(run.first, ranks) << "runs follow each other";
                ranks += run.length;
                sum += weight[i] = run.length * std::pow(run.first + 1.0, -s);
                const double last = std::pow((run.first + run.length) / (run.first + 1.0), -s);
                if (run.length == 1)
                    continue;
                ASSERT_GE(last, 0.97);
                ASSERT_LE(run.least * 0x1p-32, last);
                ASSERT_GE(run.least * 0x1p-32, last - 1e-6);
                const auto below = uint32_t(last * 0x1p32 - 2),
                           above = uint32_t(std::fmin(last * 0x1p32 + 2, 0x1p32 - 1));
                ASSERT_TRUE(vtd_zipf_accepts(&z, &run, run.first + run.length - 1, below));
                if (s > 0) {
                    ASSERT_FALSE(vtd_zipf_accepts(&z, &run, run.first + run.length - 1, above));
                }
            }
            EXPECT_EQ(ranks, n);
            for (uint32_t i = 0; i < z.runs; i++)
                ASSERT_NEAR(share[i], weight[i] / sum, 0x1p-32) << s << " " << n << " run " << i;
            vtd_zipf_fini(&z);
        }
}

TEST(Zipf, DrawsHaveTheClosedFormFrequencies)
{
    for (const double s : {0.4, 1.0}) {
        const size_t pages = 20000, cell = 50;
        std::vector<double> counts(pages / cell), weights(pages / cell);
        for (size_t i = 0; i < pages; i++)
            weights[i / cell] += std::pow(double(i + 1), -s);
        const Described w("{pattern: zipf, pages: 20000, s: " + std::to_string(s) + "}");
        for (const vtd_record &r : w.take(400000))
            counts[(r.iova - base) / 4096 / cell]++;
        EXPECT_LT(chi_square_of(counts, weights), chi_square_bound(counts.size())) << s;
        for (size_t i = 0; i < weights.size(); i++)
            weights[i] *= 1 + 0.1 * double(i % 2);
        EXPECT_GT(chi_square_of(counts, weights), chi_square_bound(counts.size())) << "the test can tell";
    }
}

} // namespace
