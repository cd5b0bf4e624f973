/* SPDX-License-Identifier: MIT */
/*
 * A random unit, random tables for it, random damage to them and random requests, for random_tables_test.cpp.
 *
 * The rules that software must keep (ref 2.5: what equal domain-ids imply) are kept also by the damage, since a cache
 * may rely on them; everything else may be broken. Accessed and dirty bits are only ever written into paging tables:
 * pointers in paging entries lead to paging tables or out of memory, so that a walk does not change what other caches
 * hold.
 */
#ifndef VTD_TESTS_RANDOM_WORLD_H
#define VTD_TESTS_RANDOM_WORLD_H

#include "spec/oracle.h"
#include "vtd/vtd.h"

#include <map>
#include <random>
#include <vector>

namespace vtdtest
{

class Random
{
  public:
    explicit Random(uint64_t seed) : engine_(seed) {}
    uint64_t bits()
    {
        return engine_();
    }
    uint64_t below(uint64_t n)
    {
        return engine_() % n;
    }
    bool chance(unsigned percent)
    {
        return below(100) < percent;
    }
    template <class T> const T &pick(const std::vector<T> &from)
    {
        return from[below(from.size())];
    }

  private:
    std::mt19937_64 engine_;
};

class World
{
  public:
    static constexpr uint64_t kBytes = UINT64_C(2) << 20;
    static constexpr uint64_t kQueue = kBytes - 4096; /* left to the invalidation queue */

    explicit World(uint64_t seed);

    vtd_config config{}; /* caches as in the preset */
    oracle::Setup setup;
    std::vector<uint64_t> memory;

    Random random;
    vtd_request request();
    /* Changes some tables; the addresses of the qwords that were written. */
    std::vector<uint64_t> damage();

  private:
    enum Kind {
        Fs,
        Ss,
        Structure
    };
    struct Tree {
        Kind kind;
        bool guest;
        unsigned levels;
        uint64_t root, offset;
        size_t under; /* guest: the second-stage tree */
        unsigned under_shift;
    };
    struct Slot { /* one written qword */
        uint64_t addr;
        Kind kind;
        unsigned level; /* 0: structure */
        uint64_t offset;
    };
    struct Entry { /* a PASID entry in use */
        uint64_t addr;
        uint32_t pasid;
    };

    uint64_t frame(Kind kind, unsigned count = 1);
    bool full(unsigned need = 8) const
    {
        return next_frame_ + need >= kQueue >> 12;
    }
    uint64_t &at(uint64_t addr)
    {
        return memory[addr / 8];
    }
    void store(uint64_t addr, uint64_t value, Kind kind, unsigned level = 0, uint64_t offset = 0);

    void chooseUnit();
    void chooseRevision();
    bool executes() const
    {
        return ecap(30);
    }
    void tieCapabilities();
    void chooseAddresses();
    void buildTrees();
    void buildDevices();
    void buildDevice(uint16_t sid);
    void buildPasid(uint64_t dir, uint32_t pasid);
    void buildLegacyDevice(uint16_t sid);
    Tree newTree(Kind kind, unsigned levels);
    void newTable(Tree &tree, uint64_t table);
    uint64_t entryAddr(Tree &tree, uint64_t addr, unsigned level);
    void map(Tree &tree, uint64_t addr);
    uint64_t linkBits(const Tree &tree);
    uint64_t leafBits(const Tree &tree, unsigned level);
    uint64_t target(const Tree &tree, unsigned shift);

    void damagePaging(const Slot &slot);
    void damageStructure(const Slot &slot);
    void change(uint64_t addr, uint64_t value);
    void keepDomainRules();
    unsigned freshDid();

    bool cap(unsigned n) const
    {
        return config.cap >> n & 1;
    }
    bool ecap(unsigned n) const
    {
        return config.ecap >> n & 1;
    }
    unsigned ssWidth(unsigned levels) const;

    uint64_t next_frame_ = 1; /* frame 0 stays empty */
    unsigned next_did_ = 1;
    std::vector<uint64_t> paging_frames_;
    std::vector<uint64_t> addresses_;
    std::vector<uint16_t> sids_;
    std::vector<uint32_t> pasids_;
    std::map<uint16_t, uint64_t> directories_;
    std::vector<Tree> ss_, fs_, guest_;
    std::map<size_t, std::vector<uint64_t>> mapped_; /* second-stage tree -> mapped addresses */
    std::vector<Slot> slots_;
    std::vector<Entry> entries_;
    std::vector<uint64_t> legacy_;                     /* context entries */
    std::map<uint32_t, std::vector<uint64_t>> shared_; /* PASID -> an entry that another device may have too */
    std::map<uint64_t, uint64_t> original_;            /* of damaged qwords */
    std::vector<uint64_t> written_;
};

} // namespace vtdtest

#endif
