/* SPDX-License-Identifier: MIT */
/*
 * Random use of the driver while devices have device TLBs: what a device remembers is never what the dictionary no
 * longer says. ATS goes on and off in between.
 */
#include "random_player.h"
#include "support/rounds.h"

namespace
{

constexpr uint64_t kPtrs = UINT64_C(1) << 56, kDit = UINT64_C(1) << 41;
constexpr uint64_t kPsiMamv = UINT64_C(1) << 39 | UINT64_C(0x3f) << 48;
/* ECAP.C, and SMPWCS with what depends on it. */
constexpr uint64_t kSnoop = 1 | UINT64_C(1) << 48 | UINT64_C(1) << 45 | UINT64_C(1) << 34;

const Shape kShapes[] = {
    {"Default", ~0u, false, false, 0, 0, 0, false, false, true, 0},
    {"PasidsInTranslatedRequests", 1024, false, true, 0, 0, 0, false, false, true, kPtrs},
    {"Throttled", 1, false, false, 0, 0, 0, true, false, true, kDit},
    {"CachingMode", 1024, true, false, 0, 0, 2, false, false, true, 0},
    {"NoPsi", 1024, false, false, kPsiMamv, 0, 0, false, true, true, 0},
    {"NothingIsSnooped", 1024, false, false, 0, kSnoop, 0, false, false, true, 0},
};

std::vector<Cast> casts()
{
    const auto fs = VTD_DRV_FIRST_STAGE, ss = VTD_DRV_SECOND_STAGE, nested = VTD_DRV_NESTED, pt = VTD_DRV_PASS_THROUGH;
    return {
        {"Fs4Fs5", {{fs, 48}, {fs, 57}, {fs, 48}}},
        {"Ss3Ss4Ss5", {{ss, 39}, {ss, 48}, {ss, 57}}},
        {"Mixed", {{fs, 48}, {ss, 48}, {nested, 48}, {pt, 0}, {fs, 57}, {ss, 39}, {nested, 57}}},
        {"Nested", {{ss, 48}, {nested, 48}, {nested, 57}}},
    };
}

class RandomAtsDriver : public testing::TestWithParam<std::tuple<size_t, size_t>>
{
};

TEST_P(RandomAtsDriver, DevicesSeeTheDictionary)
{
    const Shape &shape = kShapes[std::get<0>(GetParam())];
    const Cast cast = casts()[std::get<1>(GetParam())];
    for (unsigned seed = 1; seed <= rounds(3) && !HasFatalFailure(); seed++) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        Player player(shape, cast, seed);
        player.play(2000);
    }
}

INSTANTIATE_TEST_SUITE_P(All, RandomAtsDriver,
                         testing::Combine(testing::Range<size_t>(0, std::size(kShapes)),
                                          testing::Range<size_t>(0, casts().size())),
                         [](const auto &p) {
                             return std::string(kShapes[std::get<0>(p.param)].name) + "_" +
                                    casts()[std::get<1>(p.param)].name;
                         });

} // namespace
