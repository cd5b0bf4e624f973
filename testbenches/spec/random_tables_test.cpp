/* SPDX-License-Identifier: MIT */
/*
 * Random requests through random tables, valid and damaged: the model, with caches off, tiny and large, against the
 * oracle. Result, fault reason, record, address, page size, rights and the accessed and dirty bits in memory must
 * agree.
 *
 * VTD_TEST_SEED=N    first seed (default 1); a failure names the seed that shows it again
 * VTD_TEST_SCALE=N   N times as many worlds (default 1); a fraction is allowed
 */
#include "spec/random_machine.h"

#include "vtd/vtd_regs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

using namespace vtdtest;

namespace
{

constexpr unsigned kWorlds = 200, kRounds = 10, kRequests = 250;

/* Everything that is compared about one request. */
class Comparison
{
  public:
    std::string check(const oracle::Outcome &want, const vtd_request &req, const vtd_response &got, Machine &m);

  private:
    std::string response(const oracle::Outcome &want, const vtd_request &req, const vtd_response &got);
    std::string success(const oracle::Outcome &want, const vtd_request &req, const vtd_response &got);
    std::string record(const oracle::Outcome &want, const vtd_request &req, const vtd_response &got, Machine &m);
};

bool contains(const std::vector<unsigned> &codes, unsigned code)
{
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

std::string Comparison::success(const oracle::Outcome &want, const vtd_request &req, const vtd_response &got)
{
    if (got.result != VTD_RESULT_OK)
        return "result";
    if (got.fault != 0 && !(want.shaped && (got.fault == want.fault || got.fault == 0x82 || got.fault == 0x85 ||
                                            got.fault == 0x86 || got.fault == 0x05 || got.fault == 0x06)))
        return "fault reason";
    /* Pass-through has no mapping: how large a region a translation request gets is up to the unit (ref 7.2). */
    const bool region = want.shift == 0 && req.at == VTD_AT_TRANSLATION;
    if (got.hpa != (region ? want.hpa & ~((UINT64_C(1) << got.page_shift) - 1) : want.hpa))
        return "hpa";
    if (req.at == VTD_AT_TRANSLATED)
        return "";
    if (want.shift != 0 && got.page_shift != want.shift)
        return "page size";
    constexpr unsigned kAts = VTD_ATTR_R | VTD_ATTR_W | VTD_ATTR_X | VTD_ATTR_U | VTD_ATTR_PRIV | VTD_ATTR_NO_SNOOP;
    constexpr unsigned kDma = VTD_ATTR_R | VTD_ATTR_W | VTD_ATTR_X | VTD_ATTR_SNOOP;
    const unsigned looked_at = req.at == VTD_AT_TRANSLATION ? kAts : kDma;
    if ((got.attr ^ want.attr) & looked_at)
        return "rights or attributes";
    return "";
}

std::string Comparison::response(const oracle::Outcome &want, const vtd_request &req, const vtd_response &got)
{
    const bool good = want.fault == 0 || want.shaped;
    /* A fault of an A/D update in place of what else happens. */
    if (contains(want.also, got.fault) && got.fault != want.fault) {
        const bool ats_null =
            req.at == VTD_AT_TRANSLATION && oracle::translationAnswer(got.fault) == oracle::Answer::Null;
        const bool ats_ca = req.at == VTD_AT_TRANSLATION && oracle::translationAnswer(got.fault) == oracle::Answer::Ca;
        const vtd_result result = ats_null ? VTD_RESULT_OK : ats_ca ? VTD_RESULT_CA : VTD_RESULT_UR;
        return got.result == result ? "" : "result of an update's fault";
    }
    if (good && want.must)
        return "an update's fault is missing";
    if (good)
        return success(want, req, got);
    if (got.fault != want.fault)
        return "fault reason";
    if (got.result != want.result)
        return "result";
    if (got.result == VTD_RESULT_OK && (got.attr & (VTD_ATTR_R | VTD_ATTR_W)))
        return "rights in an empty answer";
    return "";
}

std::string Comparison::record(const oracle::Outcome &want, const vtd_request &req, const vtd_response &got, Machine &m)
{
    uint64_t lo = 0, hi = 0;
    const bool there = m.takeFault(lo, hi);
    const bool shaped = req.at == VTD_AT_TRANSLATION && got.result == VTD_RESULT_OK;
    const bool expected =
        got.fault != 0 && !(shaped && got.fault != 0x91) && !(oracle::qualified(got.fault) && want.fpd);
    if (there != expected)
        return there ? "a record too many" : "no record";
    if (!there)
        return "";
    const bool pasid = req.flags & VTD_REQ_PASID;
    const unsigned type = req.access == VTD_WRITE ? 0 : req.access == VTD_ATOMIC ? 3 : 2;
    if (vtd_reg_frcd_hi_fr(hi) != got.fault)
        return "record: reason";
    if (lo != (req.addr & ~UINT64_C(0xfff)))
        return "record: address";
    if (vtd_reg_frcd_hi_sid(hi) != req.sid || vtd_reg_frcd_hi_at(hi) != req.at)
        return "record: source-id or address type";
    if (vtd_reg_frcd_hi_pp(hi) != pasid || (pasid && vtd_reg_frcd_hi_pv(hi) != req.pasid))
        return "record: PASID";
    if (pasid && vtd_reg_frcd_hi_priv(hi) != ((req.flags & VTD_REQ_PRIV) != 0))
        return "record: privilege";
    if (pasid && vtd_reg_frcd_hi_exe(hi) != (req.access == VTD_EXEC))
        return "record: execute";
    if ((vtd_reg_frcd_hi_t1(hi) << 1 | vtd_reg_frcd_hi_t2(hi)) != type)
        return "record: request type";
    return "";
}

std::string Comparison::check(const oracle::Outcome &want, const vtd_request &req, const vtd_response &got, Machine &m)
{
    if (want.open) {
        uint64_t lo, hi;
        m.takeFault(lo, hi);
        return want.result == VTD_RESULT_INTERRUPT && got.result != VTD_RESULT_INTERRUPT ? "result" : "";
    }
    const std::string error = response(want, req, got);
    const std::string log = record(want, req, got, m);
    return error.empty() ? log : error;
}

/* What has been met, so that the test can see that it is worth something. */
struct Coverage {
    uint64_t requests = 0, good = 0, open = 0, fetches = 0;
    std::vector<uint64_t> faults = std::vector<uint64_t>(256), shifts = std::vector<uint64_t>(64);
};

class Trial
{
  public:
    explicit Trial(uint64_t seed, Coverage &coverage);
    bool go();

  private:
    bool round();
    bool one();
    bool memoryAfter(const oracle::Outcome &want, const vtd_request &req, const std::vector<vtd_response> &got);
    void fail(const std::string &what, const vtd_request &req, const oracle::Outcome &want, const vtd_response &got,
              const Machine &m);

    uint64_t seed_;
    World world_;
    Coverage &coverage_;
    std::vector<std::unique_ptr<Machine>> machines_;
};

Trial::Trial(uint64_t seed, Coverage &coverage) : seed_(seed), world_(seed), coverage_(coverage)
{
    const auto all = [this](vtd_cache_geometry g, uint8_t order, unsigned prefetch = 0, bool shared = false) {
        vtd_config config = world_.config;
        for (auto &cache : config.cache)
            cache = g;
        for (unsigned id : {VTD_CACHE_PASID, VTD_CACHE_IOTLB})
            if (prefetch) { /* and parts of two devices each */
                config.cache[id].partition = VTD_PARTITION_SETS;
                config.cache[id].partitions = 2;
            }
        config.pasid_prefetch = static_cast<uint8_t>(prefetch);
        if (shared) {
            config.pasid_directory = VTD_PASID_DIRECTORY_SHARED;
            config.cache[VTD_CACHE_PASID_DIR].entries = config.cache[VTD_CACHE_PASID_DIR].ways = 0;
        }
        config.iotlb_order = order;
        config.seed = seed_;
        return config;
    };
    const std::vector<uint8_t> policies = {VTD_POLICY_LRU, VTD_POLICY_PLRU, VTD_POLICY_FIFO, VTD_POLICY_RANDOM};
    const uint8_t policy = policies[seed % 4];
    machines_.push_back(
        std::make_unique<Machine>("no caches", world_, all({0, 0, VTD_POLICY_LRU, 0, 0, 0}, VTD_IOTLB_FIRST)));
    machines_.push_back(std::make_unique<Machine>(
        "tiny caches", world_,
        all({4, 2, policy, VTD_INDEX_HASH, 0, 0}, seed & 4 ? VTD_IOTLB_FIRST : VTD_IOTLB_AFTER_PASID)));
    machines_.push_back(std::make_unique<Machine>("large caches", world_,
                                                  all({1024, 8, policy, VTD_INDEX_HASH, 0, 0}, VTD_IOTLB_FIRST, seed % 64)));
    machines_.push_back(
        std::make_unique<Machine>("large caches, IOTLB after PASID", world_,
                                  all({256, 0, VTD_POLICY_LRU, VTD_INDEX_MODULO, 0, 0}, VTD_IOTLB_AFTER_PASID, 3, true)));
}

void Trial::fail(const std::string &what, const vtd_request &req, const oracle::Outcome &want, const vtd_response &got,
                 const Machine &m)
{
    char text[900];
    std::string also;
    for (unsigned code : want.also)
        also += std::string(" ") + vtd_fault_name(static_cast<uint8_t>(code));
    std::snprintf(text, sizeof text,
                  "%s (%s), VTD_TEST_SEED=%" PRIu64 ", request %" PRIu64 "\n"
                  "  unit: revision %u cap %#" PRIx64 " ecap %#" PRIx64 " haw %u ttm %u ssirwe %d\n"
                  "  request: sid %#x addr %#" PRIx64 " access %u at %u flags %#x pasid %#x len %u\n"
                  "  expected: result %u fault %s%s hpa %#" PRIx64 " shift %u attr %#x fpd %d, or faults:%s%s\n"
                  "  got:      result %u fault %s hpa %#" PRIx64 " shift %u attr %#x",
                  what.c_str(), m.name(), seed_, coverage_.requests, world_.config.spec_revision, world_.setup.cap,
                  world_.setup.ecap, world_.setup.haw, world_.setup.ttm, world_.setup.ssirwe, req.sid, req.addr,
                  req.access, req.at, req.flags, req.pasid, req.len, want.result,
                  want.fault ? vtd_fault_name(static_cast<uint8_t>(want.fault)) : "none",
                  want.shaped ? " (shaped)" : "", want.hpa, want.shift, want.attr, want.fpd, also.c_str(),
                  want.must ? " (must)" : "", got.result, got.fault ? vtd_fault_name(got.fault) : "none", got.hpa,
                  got.page_shift, got.attr);
    ADD_FAILURE() << text;
}

/* Success sets exactly what it must; a fault sets nothing but what it may. Then all memories are made the same. */
bool Trial::memoryAfter(const oracle::Outcome &want, const vtd_request &req, const std::vector<vtd_response> &got)
{
    for (const auto &t : want.touched) {
        const uint64_t before = world_.memory[t.addr / 8];
        uint64_t all = before;
        for (size_t i = 0; i < machines_.size(); i++) {
            const bool good =
                (want.fault == 0 || want.shaped) && !want.must && !want.open && !contains(want.also, got[i].fault);
            const uint64_t there = machines_[i]->at(t.addr);
            const bool right =
                good ? there == (before | t.set) : (there & ~t.may) == (before & ~t.may) && (before & ~there) == 0;
            if (!right) {
                char text[160];
                std::snprintf(text, sizeof text,
                              "memory at %#" PRIx64 " is %#" PRIx64 ", was %#" PRIx64 ", set %#" PRIx64
                              " may %#" PRIx64,
                              t.addr, there, before, t.set, t.may);
                fail(text, req, want, got[i], *machines_[i]);
                return false;
            }
            all |= there;
        }
        world_.memory[t.addr / 8] = all;
        for (auto &m : machines_)
            m->at(t.addr) = all;
    }
    return true;
}

bool Trial::one()
{
    const vtd_request req = world_.request();
    const oracle::Outcome want = oracle::translate(world_.setup, world_.memory, req);
    std::vector<vtd_response> got;
    for (auto &m : machines_) {
        got.push_back(m->translate(req));
        const std::string error = Comparison().check(want, req, got.back(), *m);
        if (!error.empty()) {
            fail(error, req, want, got.back(), *m);
            return false;
        }
    }
    coverage_.requests++;
    coverage_.good += want.fault == 0;
    coverage_.open += want.open;
    coverage_.fetches += (want.attr & VTD_ATTR_X) != 0;
    coverage_.faults[got[0].fault]++;
    coverage_.shifts[want.shift]++;
    return memoryAfter(want, req, got);
}

bool Trial::round()
{
    for (unsigned i = 0; i < kRequests; i++)
        if (!one())
            return false;
    for (auto &m : machines_) {
        const auto differs =
            std::mismatch(world_.memory.begin(), world_.memory.begin() + World::kQueue / 8, m->memory().begin());
        if (differs.first != world_.memory.begin() + World::kQueue / 8) {
            ADD_FAILURE() << m->name() << " wrote where it must not: address 0x" << std::hex
                          << 8 * (differs.first - world_.memory.begin()) << ", VTD_TEST_SEED=" << std::dec << seed_;
            return false;
        }
    }
    return true;
}

bool Trial::go()
{
    for (unsigned i = 0; i < kRounds; i++) {
        if (!round())
            return false;
        for (uint64_t addr : world_.damage())
            for (auto &m : machines_)
                m->at(addr) = world_.memory[addr / 8];
        for (auto &m : machines_) {
            if (!m->invalidateAll()) {
                ADD_FAILURE() << m->name() << " did not take the invalidations, VTD_TEST_SEED=" << seed_;
                return false;
            }
        }
    }
    return true;
}

double environment(const char *name, double otherwise)
{
    const char *text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtod(text, nullptr);
}

} // namespace

TEST(RandomTables, ModelAgreesWithNaiveWalker)
{
    const auto seed = static_cast<uint64_t>(environment("VTD_TEST_SEED", 1));
    const auto worlds = static_cast<uint64_t>(std::max(1.0, kWorlds * environment("VTD_TEST_SCALE", 1)));
    std::printf("VTD_TEST_SEED=%" PRIu64 ", %" PRIu64 " worlds\n", seed, worlds);
    std::fflush(stdout); /* before anything can crash */
    Coverage coverage;
    for (uint64_t i = 0; i < worlds; i++) {
        Trial trial(seed + i, coverage);
        if (!trial.go())
            break;
    }

    unsigned reasons = 0;
    for (unsigned code = 1; code < 256; code++) {
        if (coverage.faults[code]) {
            reasons++;
            std::printf("%8" PRIu64 " %s\n", coverage.faults[code], vtd_fault_name(static_cast<uint8_t>(code)));
        }
    }
    std::printf("%" PRIu64 " requests, %" PRIu64 " without fault, %" PRIu64 " undecided by the reference, %" PRIu64
                " fetches allowed, pages 4K %" PRIu64 " 2M %" PRIu64 " 1G %" PRIu64 "\n",
                coverage.requests, coverage.good, coverage.open, coverage.fetches, coverage.shifts[12],
                coverage.shifts[21], coverage.shifts[30]);
    if (worlds >= kWorlds) { /* the test must meet what it is about */
        EXPECT_GE(reasons, 40u);
        EXPECT_GE(coverage.good * 5, coverage.requests);
        EXPECT_LE(coverage.open * 20, coverage.requests);
        EXPECT_GE(coverage.faults[0x82] * 1000, coverage.requests) << "execute violations";
        EXPECT_GE(coverage.fetches * 200, coverage.requests);
        for (unsigned shift : {12, 21, 30})
            EXPECT_GE(coverage.shifts[shift] * 100, coverage.requests) << shift;
    }
}
