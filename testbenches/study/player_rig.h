/* SPDX-License-Identifier: MIT */
/* A unit that is played on, seen from outside: requests go in, and counters tell what hit. */
#ifndef VTD_TEST_STUDY_PLAYER_RIG_H
#define VTD_TEST_STUDY_PLAYER_RIG_H

#include "vtd/vtd.h"
#include "workload/player.h"
#include "workload/workload.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace study
{

using Keys = std::vector<std::pair<std::string, std::string>>;

/* Keys of a cache without sets. */
inline Keys full(const std::string &cache, size_t entries, const std::string &policy = "lru")
{
    return {{cache + ".entries", std::to_string(entries)}, {cache + ".ways", "0"}, {cache + ".policy", policy}};
}

inline Keys both(Keys a, const Keys &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

class Player
{
  public:
    explicit Player(const Keys &keys, vtd_player_pgtt pgtt = VTD_PLAYER_PASS_THROUGH)
    {
        char why[VTD_WHY_SIZE] = "";
        vtd_sim_config cfg;
        EXPECT_EQ(vtd_sim_config_init(&cfg, nullptr, why), 0) << why;
        for (const auto &[key, value] : keys)
            EXPECT_EQ(vtd_sim_config_set(&cfg, key.c_str(), value.c_str(), why), 0) << why;
        EXPECT_EQ(vtd_sim_config_finish(&cfg, why), 0) << why;
        player = vtd_player_create(&cfg, pgtt, pgtt, why);
        EXPECT_NE(player, nullptr) << why;
    }
    ~Player()
    {
        vtd_player_destroy(player);
    }
    Player(const Player &) = delete;
    Player &operator=(const Player &) = delete;

    void play(const vtd_record &r)
    {
        char why[VTD_WHY_SIZE] = "";
        uint8_t reason = 0;
        ASSERT_EQ(vtd_player_play(player, &r, &reason, why), VTD_PLAYED) << why << " fault " << unsigned(reason);
    }
    void prefetch(const vtd_record &r)
    {
        for (const unsigned stage : {0, 1})
            vtd_player_prefetch(player, &r, stage);
    }
    vtd_stats stats() const
    {
        vtd_stats s;
        vtd_stats_get(vtd_player_unit(player), &s);
        return s;
    }

  private:
    vtd_player *player;
};

/* A synthetic stream, or a trace, for so many tenants: always the same records. */
class Stream
{
  public:
    static constexpr uint64_t seed = 9; /* of the stream and of the order of tenants */
    Stream(const char *spec, const char *trace, uint32_t tenants, vtd_interleave interleave)
    {
        char why[VTD_WHY_SIZE] = "";
        const int status =
            trace ? vtd_workload_open_trace(&workload, trace, why) : vtd_workload_open_spec(&workload, spec, seed, why);
        EXPECT_EQ(status, 0) << why;
        tenants_spec.workload = &workload;
        tenants_spec.count = tenants;
        tenants_spec.interleave = interleave;
        tenants_spec.s = 1;
        tenants_spec.seed = seed;
    }
    ~Stream()
    {
        vtd_workload_close(&workload);
    }
    Stream(const Stream &) = delete;
    Stream &operator=(const Stream &) = delete;

    std::vector<vtd_record> take(size_t most)
    {
        char why[VTD_WHY_SIZE] = "";
        std::vector<vtd_record> records;
        vtd_tenants *t = vtd_tenants_create(&tenants_spec, why);
        EXPECT_NE(t, nullptr) << why;
        vtd_record r;
        while (t && records.size() < most && vtd_tenants_next(t, &r))
            records.push_back(r);
        vtd_tenants_destroy(t);
        return records;
    }

  private:
    vtd_workload workload = {};
    vtd_tenants_spec tenants_spec = {};
};

} // namespace study

#endif
