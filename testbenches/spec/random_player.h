/* SPDX-License-Identifier: MIT */
/*
 * A unit under random use of its whole interface: requests of every kind, table changes, queue descriptors, registers.
 * What it answers is logged, so that two of them can be compared.
 */
#ifndef VTD_TESTS_RANDOM_PLAYER_H
#define VTD_TESTS_RANDOM_PLAYER_H

#include "spec/random_world.h"
#include "vtd/vtd.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace vtdtest
{

class Player
{
  public:
    using Log = std::vector<uint64_t>;

    /* cache: the geometry of all caches; change may alter the configuration beyond the world's. */
    Player(uint64_t seed, const vtd_cache_geometry &cache, void (*change)(vtd_config &) = nullptr);
    ~Player();
    Player(const Player &) = delete;
    Player &operator=(const Player &) = delete;

    /* Back to the beginning of `seed`: memory and random numbers; the unit stays as it is, but for vtd_reset. */
    void restart(uint64_t seed);

    void step();
    /* Looks at some request without effect; what was seen is not logged. */
    void peek();
    /* Before each untranslated request: does vtd_peek say what vtd_translate then does? Counts how often. */
    void comparePeeks()
    {
        compare_ = true;
    }
    unsigned compared() const
    {
        return compared_;
    }

    vtd *unit() const
    {
        return unit_;
    }
    const Log &log() const
    {
        return log_;
    }
    /* Registers, statistics and memory. */
    Log state() const;
    vtd_stats stats() const;

  private:
    void start();
    void sendRequest();
    void sendInterrupt();
    void sendPage();
    void changeTables();
    void invalidate();
    void writeRegister();
    void command(unsigned bit, bool on);

    std::unique_ptr<World> world_;
    Random random_;
    std::vector<uint64_t> memory_;
    std::vector<vtd_request> sent_;
    std::vector<vtd_device_tlb_inv> device_invs_;
    Log log_;
    vtd *unit_ = nullptr;
    uint64_t peeks_ = 0;
    bool compare_ = false;
    unsigned compared_ = 0;
};

} // namespace vtdtest

#endif
