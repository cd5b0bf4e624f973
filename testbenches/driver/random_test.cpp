/* SPDX-License-Identifier: MIT */
/*
 * Random use of the driver over the model, against a plain dictionary: all kinds of domains, many shapes of the unit.
 */
#include "random_player.h"
#include "support/rounds.h"

namespace
{

constexpr uint64_t kC = 1, kWalkSnoop = UINT64_C(1) << 48 | UINT64_C(1) << 45 | UINT64_C(1) << 34; /* SMPWCS and more */
constexpr uint64_t kPsiMamv = UINT64_C(1) << 39 | UINT64_C(0x3f) << 48;

const Shape kShapes[] = {
    {"Default", ~0u, false, false, 0, 0, 0, false, false},
    {"OneEntry", 1, false, false, 0, 0, 0, false, false},
    {"NoCaches", 0, false, false, 0, 0, 0, false, false},
    {"Large", 4096, false, true, 0, 0, 3, false, false, false, 0, Shape::Scalable, 0, 63},
    {"CachingMode", ~0u, true, false, 0, 0, 0, false, false},
    {"CachingModeLarge", 4096, true, true, 0, 0, 0, false, false, false, 0, Shape::Scalable, 0, 63, true},
    {"CachingModeOneEntry", 1, true, false, 0, 0, 7, true, false},
    {"NoPsi", 1024, false, false, kPsiMamv, 0, 0, true, false, false, 0, Shape::Scalable, 0, 7, true},
    {"SmallMamv", 1024, false, true, UINT64_C(0x3c) << 48, 0, 0, false, false}, /* MAMV 18 becomes 2 */
    {"NoLargePages", 1024, true, false, UINT64_C(0xf) << 34 | UINT64_C(1) << 56, 0, 0, false, false},
    {"SecondStageAD", 1024, false, false, 0, 0, 1, true, true},
    {"NothingIsSnooped", 1024, false, true, 0, kC | kWalkSnoop, 0, false, false},
    {"TablesAreNotSnooped", ~0u, true, false, 0, kC, 0, true, true},
    {"WalksAreNotSnooped", 1, true, false, 0, kWalkSnoop, 0, false, false},
    {"NoSupervisor", 1024, false, false, 0, UINT64_C(1) << 31 | UINT64_C(1) << 53, 0, false, false},
    {"DomainFlushes", 4096, true, true, 0, 0, 0, false, false, false, 0, Shape::Scalable, 0, 63, true,
     VTD_DRV_FLUSH_DOMAIN},
    {"GlobalFlushes", 4096, false, true, 0, 0, 0, false, false, false, 0, Shape::Scalable, 0, 63, false,
     VTD_DRV_FLUSH_GLOBAL},
};

std::vector<Cast> casts()
{
    const auto fs = VTD_DRV_FIRST_STAGE, ss = VTD_DRV_SECOND_STAGE, nested = VTD_DRV_NESTED, pt = VTD_DRV_PASS_THROUGH;
    std::vector<Cast> all = {
        {"Fs4Fs5", {{fs, 48}, {fs, 57}, {fs, 48}}},
        {"Ss3Ss4Ss5", {{ss, 39}, {ss, 48}, {ss, 57}}},
        {"Mixed", {{fs, 48}, {ss, 48}, {nested, 48}, {pt, 0}, {fs, 57}, {ss, 39}, {nested, 57}}},
    };
    static std::vector<std::string> names;
    names.reserve(6);
    for (uint8_t f : {48, 57}) {
        for (uint8_t s : {39, 48, 57}) {
            names.push_back("Nested" + std::to_string(f) + "Over" + std::to_string(s));
            all.push_back({names.back().c_str(), {{ss, s}, {nested, f}, {nested, f}}});
        }
    }
    return all;
}

const Shape kLegacyShapes[] = {
    {"Queue", ~0u, false, false, 0, 0, 0, false, false, false, 0, Shape::Legacy},
    {"QueueByChoice", 1024, false, true, 0, 0, 2, false, false, false, 0, Shape::LegacyByChoice},
    {"QueueCachingMode", 1024, true, false, 0, 0, 0, false, false, false, 0, Shape::Legacy},
    {"QueueNotSnooped", 1024, true, true, 0, kC, 1, false, false, false, 0, Shape::Legacy},
    {"Registers", ~0u, false, false, 0, 0, 0, false, false, false, 0, Shape::Queueless},
    {"RegistersByChoice", 1024, false, true, 0, 0, 0, false, false, false, 0, Shape::RegistersByChoice},
    {"RegistersCachingMode", 1024, true, false, 0, 0, 0, false, false, false, 0, Shape::Queueless},
    {"RegistersNoPsi", 1024, false, false, kPsiMamv, kC, 0, false, false, false, 0, Shape::Queueless},
    {"OneEntry", 1, true, false, 0, 0, 0, false, false, false, 0, Shape::Legacy, UINT64_C(1) << 4}, /* RWBF */
    {"DomainFlushes", 1024, true, false, 0, 0, 0, false, false, false, 0, Shape::Legacy, 0, 0, false,
     VTD_DRV_FLUSH_DOMAIN},
    {"GlobalFlushes", 1024, false, false, 0, 0, 0, false, false, false, 0, Shape::Queueless, 0, 0, false,
     VTD_DRV_FLUSH_GLOBAL},
    {"FewDomains", 1024, false, false, 7, 0, 0, false, false, false, 0, Shape::Legacy}, /* ND 0: 16 domain-ids */
};

std::vector<Cast> legacy_casts()
{
    const auto ss = VTD_DRV_SECOND_STAGE, pt = VTD_DRV_PASS_THROUGH;
    return {
        {"SecondStage", {{ss, 39}, {ss, 48}, {ss, 57}}},
        {"Mixed", {{ss, 48}, {pt, 0}, {ss, 39}, {pt, 0}}},
    };
}

class RandomDriver : public testing::TestWithParam<std::tuple<size_t, size_t>>
{
};

TEST_P(RandomDriver, DevicesSeeTheDictionary)
{
    const Shape &shape = kShapes[std::get<0>(GetParam())];
    const Cast cast = casts()[std::get<1>(GetParam())];
    for (unsigned seed = 1; seed <= rounds(4) && !HasFatalFailure(); seed++) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        Player player(shape, cast, seed);
        player.play(2500);
    }
}

INSTANTIATE_TEST_SUITE_P(All, RandomDriver,
                         testing::Combine(testing::Range<size_t>(0, std::size(kShapes)),
                                          testing::Range<size_t>(0, casts().size())),
                         [](const auto &p) {
                             return std::string(kShapes[std::get<0>(p.param)].name) + "_" +
                                    casts()[std::get<1>(p.param)].name;
                         });

class RandomLegacyDriver : public testing::TestWithParam<std::tuple<size_t, size_t>>
{
};

TEST_P(RandomLegacyDriver, DevicesSeeTheDictionary)
{
    const Shape &shape = kLegacyShapes[std::get<0>(GetParam())];
    const Cast cast = legacy_casts()[std::get<1>(GetParam())];
    for (unsigned seed = 1; seed <= rounds(4) && !HasFatalFailure(); seed++) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        Player player(shape, cast, seed);
        player.play(2500);
    }
}

INSTANTIATE_TEST_SUITE_P(All, RandomLegacyDriver,
                         testing::Combine(testing::Range<size_t>(0, std::size(kLegacyShapes)),
                                          testing::Range<size_t>(0, legacy_casts().size())),
                         [](const auto &p) {
                             return std::string(kLegacyShapes[std::get<0>(p.param)].name) + "_" +
                                    legacy_casts()[std::get<1>(p.param)].name;
                         });

} // namespace
