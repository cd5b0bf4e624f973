/* SPDX-License-Identifier: MIT */
/*
 * Hit rates in the long run against closed forms. Requests are independent of each other, and ask for page i with
 * probability p_i. Then the content of a cache of C entries with random or FIFO replacement is a set S with a probability in
 * proportion to the product of p_i over S (Gelenbe: A unified approach to the evaluation of a class of replacement
 * algorithms, 1973), so that
 *
 *     hit rate = sum_i p_i * p_i * e(C-1, all but i) / e(C, all)
 *
 * with e the elementary symmetric polynomials. For many pages that approaches the solution of a fixed point, sum_i q_i = C
 * with q_i = p_i T / (1 + p_i T), hit rate = sum_i p_i q_i.
 */
#include "player_rig.h"

#include <cmath>

using study::full;
using study::Player;
using study::Stream;

namespace
{

std::vector<double> zipf(size_t pages, double s)
{
    std::vector<double> p(pages);
    double sum = 0;
    for (size_t i = 0; i < pages; i++)
        sum += p[i] = std::pow(double(i + 1), -s);
    for (double &x : p)
        x /= sum;
    return p;
}

/* e(k, p) for k up to degree, without element skip; p is scaled so that nothing under- or overflows. */
std::vector<long double> symmetric(const std::vector<double> &p, size_t degree, size_t skip)
{
    std::vector<long double> e(degree + 1, 0);
    e[0] = 1;
    for (size_t i = 0; i < p.size(); i++)
        for (size_t k = degree; i != skip && k > 0; k--)
            e[k] += e[k - 1] * p[i];
    return e;
}

double exact(const std::vector<double> &p, size_t entries)
{
    const long double all = symmetric(p, entries, p.size())[entries];
    long double rate = 0;
    for (size_t i = 0; i < p.size(); i++)
        rate += static_cast<long double>(p[i]) * p[i] * symmetric(p, entries - 1, i)[entries - 1] / all;
    return static_cast<double>(rate);
}

double fixed_point(const std::vector<double> &p, size_t entries)
{
    double low = 0, high = 1e12;
    for (unsigned i = 0; i < 200; i++) {
        const double t = (low + high) / 2;
        double held = 0;
        for (const double x : p)
            held += x * t / (1 + x * t);
        (held < static_cast<double>(entries) ? low : high) = t;
    }
    double rate = 0;
    for (const double x : p)
        rate += x * x * low / (1 + x * low);
    return rate;
}

/* Hit rate of a fully associative IOTLB after a warm-up of a tenth. */
double measured(const char *spec, size_t entries, const char *policy, size_t requests = 500000)
{
    Player player(full("iotlb", entries, policy));
    const auto records = Stream(spec, nullptr, 1, VTD_INTERLEAVE_ROUND_ROBIN).take(requests + requests / 10);
    vtd_stats start = {};
    for (size_t i = 0; i < records.size(); i++) {
        if (i == requests / 10)
            start = player.stats();
        player.play(records[i]);
    }
    const vtd_stats end = player.stats();
    EXPECT_EQ(end.requests - start.requests, requests);
    return static_cast<double>(end.iotlb_hit - start.iotlb_hit) / static_cast<double>(requests);
}

/*
 * Bounds: the standard error of 500,000 independent outcomes is at most 0.0007; hits of neighbouring requests depend on each
 * other through what the cache holds, so 0.004 is asked for.
 */
constexpr double bound = 0.004;

TEST(ReplacementLaw, UniformRequestsHitInProportionToTheSizeWhateverIsReplaced)
{
    for (const char *policy : {"random", "fifo", "lru", "plru"})
        for (const size_t entries : {16, 64, 128})
            EXPECT_NEAR(measured("uniform:pages=256", entries, policy), static_cast<double>(entries) / 256, bound)
                << policy << " of " << entries;
}

TEST(ReplacementLaw, RandomAndFifoHitIndependentRequestsAsTheClosedFormSays)
{
    const auto p = zipf(200, 0.8);
    for (const size_t entries : {10, 50, 120})
        for (const char *policy : {"random", "fifo"})
            EXPECT_NEAR(measured("zipf:pages=200,s=0.8", entries, policy), exact(p, entries), bound)
                << policy << " of " << entries;
}

TEST(ReplacementLaw, ManyPagesFollowTheFixedPoint)
{
    const auto p = zipf(4000, 1);
    for (const char *policy : {"random", "fifo"})
        EXPECT_NEAR(measured("zipf:pages=4000,s=1", 500, policy), fixed_point(p, 500), bound) << policy;
}

/* The oracle itself, by hand: pages of probability 2/3 and 1/3, one entry: it holds i with p_i, so (2/3)^2 + (1/3)^2. */
TEST(ReplacementLaw, ClosedFormIsRightWhereItCanBeDoneByHand)
{
    EXPECT_NEAR(exact({2. / 3, 1. / 3}, 1), 5. / 9, 1e-12);
    EXPECT_NEAR(exact(std::vector<double>(10, 0.1), 4), 0.4, 1e-12);
    EXPECT_NEAR(fixed_point(std::vector<double>(10, 0.1), 4), 0.4, 1e-9);
    /* Of three pages, two are held; a miss asks for the third: 1 - sum over pairs w_ij p_k, w_ij = p_i p_j / sum. */
    const double a = 0.5, b = 0.3, c = 0.2, sum = a * b + a * c + b * c;
    EXPECT_NEAR(exact({a, b, c}, 2), 1 - 3 * a * b * c / sum, 1e-12);
}

/* Recency tells more than chance does where some pages are more popular than others. */
TEST(ReplacementLaw, LruBeatsRandomOnSkewedRequests)
{
    EXPECT_GT(measured("zipf:pages=200,s=0.8", 50, "lru"), exact(zipf(200, 0.8), 50) + 2 * bound);
}

} // namespace
