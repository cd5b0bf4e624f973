/* SPDX-License-Identifier: MIT */
/*
 * The validator of configurations, which names the one rule that is broken (ref 1.1-1.3). Dependencies are typed
 * by hand here from the table of ref 1.3.
 */
#include "support/unit_fixture.h"

#include <string>

namespace vtdtest
{

namespace
{

/* A field of CAP or ECAP by name. */
struct Field {
    const char *reg;
    const char *name;
    unsigned lsb, msb;
    std::string full() const
    {
        return std::string(reg) + "." + name;
    }
};
#define CAP_(NAME)                                                                                                     \
    {                                                                                                                  \
        "CAP", #NAME, VTD_FIELD_OF(CAP, NAME)                                                                          \
    }
#define ECAP_(NAME)                                                                                                    \
    {                                                                                                                  \
        "ECAP", #NAME, VTD_FIELD_OF(ECAP, NAME)                                                                        \
    }

void put(vtd_config &config, const Field &field, uint64_t value)
{
    if (std::string(field.reg) == "CAP")
        setCap(config, field.lsb, field.msb, value);
    else
        setEcap(config, field.lsb, field.msb, value);
}

/* "If the first is 0, the second must be 0." */
const std::vector<std::pair<Field, std::vector<Field>>> &dependencies()
{
    static const std::vector<std::pair<Field, std::vector<Field>>> all = {
        {ECAP_(QI), {ECAP_(DT), ECAP_(IR), ECAP_(SMTS)}},
        {ECAP_(IR), {ECAP_(EIM), CAP_(PI), ECAP_(MHMV), ECAP_(IRREQ)}},
        {ECAP_(EIM), {ECAP_(EIMER)}},
        {ECAP_(DT), {ECAP_(NWFS), ECAP_(DIT), ECAP_(PDS), ECAP_(PRS), ECAP_(HPTS), ECAP_(PTRS)}},
        {ECAP_(SMTS),
         {ECAP_(MTS), ECAP_(NEST), ECAP_(PRS), ECAP_(SRS), ECAP_(PSS), ECAP_(PASID), ECAP_(FSTS), ECAP_(SMPWCS),
          ECAP_(RPS), ECAP_(HPTS)}},
        {ECAP_(FSTS), {ECAP_(NEST), CAP_(FS1GP), CAP_(FS5LP), ECAP_(EAFS)}},
        {ECAP_(SSTS), {ECAP_(NEST), ECAP_(SSIRWS)}},
        {ECAP_(SMPWCS), {ECAP_(SSADS), ECAP_(EAFS)}},
        {ECAP_(SRS), {ECAP_(RPRIVS)}},
        {ECAP_(PASID), {ECAP_(ERS), ECAP_(PTRS)}},
        {ECAP_(PRS), {ECAP_(SMS)}},
        {CAP_(ECMDS), {ECAP_(PMS)}},
    };
    return all;
}

/* Clears the field and all that need it. */
void clearWithDependents(vtd_config &config, const Field &field)
{
    put(config, field, 0);
    for (const auto &[needed, dependents] : dependencies())
        if (needed.full() == field.full())
            for (const Field &dependent : dependents)
                clearWithDependents(config, dependent);
}

/* Version 5, where a unit may lack the queue; second-stage widths are always allowed there. */
vtd_config base()
{
    vtd_config config = preset();
    config.version = 0x50;
    return config;
}

/* Does the text name this field, and not one that only begins or ends like it? */
bool names(const std::string &text, const std::string &field)
{
    for (size_t at = text.find(field); at != std::string::npos; at = text.find(field, at + 1)) {
        const bool begins = at == 0 || !isalnum(static_cast<unsigned char>(text[at - 1]));
        const size_t end = at + field.size();
        if (begins && (end == text.size() || !isalnum(static_cast<unsigned char>(text[end]))))
            return true;
    }
    return false;
}

testing::AssertionResult gives(const vtd_config &config, vtd_status status, const std::vector<std::string> &words = {})
{
    char why[VTD_WHY_SIZE] = "unset";
    const vtd_status got = vtd_config_validate(&config, why);
    if (got != status)
        return testing::AssertionFailure() << "status " << got << ": " << why;
    if (got == VTD_STATUS_OK && *why)
        return testing::AssertionFailure() << "valid, but says " << why;
    for (const std::string &word : words)
        if (!names(why, word))
            return testing::AssertionFailure() << "\"" << why << "\" does not name " << word;
    if (vtd_config_validate(&config, nullptr) != status)
        return testing::AssertionFailure() << "another status without an explanation";
    return testing::AssertionSuccess();
}

} // namespace

/* ---------------------------------------------------------------- dependencies (ref 1.3) */

TEST(Validator, NamesTheDependencyThatIsBroken)
{
    ASSERT_TRUE(gives(base(), VTD_STATUS_OK));
    for (const auto &[needed, dependents] : dependencies()) {
        vtd_config without = base();
        clearWithDependents(without, needed);
        EXPECT_TRUE(gives(without, VTD_STATUS_OK)) << "without " << needed.full();
        for (const Field &dependent : dependents) {
            vtd_config broken = without;
            put(broken, dependent, 1);
            EXPECT_TRUE(gives(broken, VTD_STATUS_INVALID, {needed.full(), dependent.full()}));
        }
    }
}

TEST(Validator, WriteBufferFlushAndScalableModeExclude)
{
    vtd_config config = base();
    put(config, CAP_(RWBF), 1);
    EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {"CAP.RWBF", "ECAP.SMTS"}));
    clearWithDependents(config, ECAP_(SMTS));
    EXPECT_TRUE(gives(config, VTD_STATUS_OK));
}

TEST(Validator, ScalableModeNeedsATranslationType)
{
    vtd_config config = base();
    clearWithDependents(config, ECAP_(FSTS));
    clearWithDependents(config, ECAP_(SSTS));
    EXPECT_TRUE(gives(config, VTD_STATUS_OK)) << "pass-through is enough";
    put(config, ECAP_(PT), 0);
    EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {"ECAP.FSTS", "ECAP.SSTS", "ECAP.PT"}));
}

/* ---------------------------------------------------------------- single fields */

TEST(Validator, RefusesReservedBits)
{
    for (unsigned b : {13u, 14u, 15u, 23u, 38u, 57u, 58u}) {
        vtd_config config = base();
        config.cap |= bit(b);
        EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {"CAP bit " + std::to_string(b)}));
    }
    for (unsigned b : {5u, 18u, 19u, 24u, 27u, 28u, 32u, 54u, 63u}) {
        vtd_config config = base();
        config.ecap |= bit(b);
        EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {"ECAP bit " + std::to_string(b)}));
    }
}

TEST(Validator, RefusesValuesOutOfRange)
{
    const struct {
        Field field;
        uint64_t bad, good;
    } rows[] = {
        {CAP_(ND), 7, 0},        {CAP_(SAGAW), 0x0f, 0x0e}, {CAP_(SAGAW), 0x1e, 0x02}, {CAP_(SAGAW), 0, 0x08},
        {CAP_(SSLPS), 2, 1},     {CAP_(SSLPS), 4, 0},       {CAP_(SSLPS), 8, 3},       {CAP_(DWD), 0, 1},
        {CAP_(DRD), 0, 1},       {ECAP_(PSS), 20, 19},      {ECAP_(PSS), 31, 1},       {CAP_(MGAW), 44, 45},
        {CAP_(FRO), 0xe, 0x0f2}, {ECAP_(IRO), 0xe, 0x0f},
    };
    for (const auto &row : rows) {
        vtd_config config = base();
        put(config, row.field, row.bad);
        EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {row.field.full()})) << row.bad;
        put(config, row.field, row.good);
        EXPECT_TRUE(gives(config, VTD_STATUS_OK)) << row.field.full() << " " << row.good;
    }
}

TEST(Validator, MamvNeedsPsi)
{
    vtd_config config = base();
    put(config, CAP_(PSI), 0);
    EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {"CAP.MAMV", "CAP.PSI"}));
    put(config, CAP_(MAMV), 0);
    EXPECT_TRUE(gives(config, VTD_STATUS_OK));
}

TEST(Validator, HostAddressWidthIsThirtyTwoToFiftyTwo)
{
    for (unsigned haw : {0u, 31u, 32u, 39u, 52u, 53u, 64u, 255u}) {
        vtd_config config = base();
        config.haw = static_cast<uint8_t>(haw);
        EXPECT_TRUE(gives(config, haw >= 32 && haw <= 52 ? VTD_STATUS_OK : VTD_STATUS_INVALID)) << haw;
    }
}

TEST(Validator, VersionIsAByteWithAMajorPart)
{
    for (uint32_t version : {0x10u, 0x53u, 0x60u, 0xf0u}) {
        vtd_config config = base();
        config.version = version;
        EXPECT_TRUE(gives(config, VTD_STATUS_OK)) << version;
    }
    for (uint32_t version : {0u, 0x0fu, 0x100u, 0x160u}) {
        vtd_config config = base();
        config.version = version;
        EXPECT_TRUE(gives(config, VTD_STATUS_INVALID)) << version;
    }
}

/* Draining is optional before version 2; SAGAW goes with SSTS from version 6 on; so does register-based invalidation. */
TEST(Validator, SomeRulesDependOnTheVersion)
{
    vtd_config config = base();
    put(config, CAP_(DRD), 0);
    config.version = 0x10;
    EXPECT_TRUE(gives(config, VTD_STATUS_OK));

    config = base();
    clearWithDependents(config, ECAP_(SSTS));
    EXPECT_TRUE(gives(config, VTD_STATUS_OK));
    config.version = 0x60;
    EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {"CAP.SAGAW"}));
    put(config, CAP_(SAGAW), 0);
    EXPECT_TRUE(gives(config, VTD_STATUS_OK));

    config = base();
    clearWithDependents(config, ECAP_(QI));
    EXPECT_TRUE(gives(config, VTD_STATUS_OK));
    config.version = 0x60;
    EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {"ECAP.QI"})) << "no way left to invalidate";
}

TEST(Validator, RegisterBlocksMayNotOverlap)
{
    vtd_config config = base();
    put(config, CAP_(FRO), 0x20);
    put(config, CAP_(NFR), 7); /* 0x200-0x27f */
    for (unsigned iro : {0x1fu, 0x28u}) {
        put(config, ECAP_(IRO), iro);
        EXPECT_TRUE(gives(config, VTD_STATUS_OK)) << iro;
    }
    for (unsigned iro : {0x20u, 0x24u, 0x27u}) {
        put(config, ECAP_(IRO), iro);
        EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {"CAP.FRO", "ECAP.IRO"})) << iro;
    }
}

/* ---------------------------------------------------------------- what is not modelled */

TEST(Validator, SaysWhatIsNotModelled)
{
    for (const Field &field : std::vector<Field>{ECAP_(MTS), ECAP_(TDXCS), ECAP_(HPTS), ECAP_(HPT1GPS), ECAP_(RDTS)}) {
        vtd_config config = base();
        put(config, field, 1);
        EXPECT_TRUE(gives(config, VTD_STATUS_UNSUPPORTED, {field.full()}));
    }
}

/* ---------------------------------------------------------------- the performance monitor (ref 1.12, 1.13) */

TEST(Validator, PerfmonHasBoundsThatCountOnlyWithPms)
{
    const std::vector<std::pair<const char *, std::function<void(vtd_perfmon_config &)>>> bad = {
        {"counters", [](vtd_perfmon_config &p) { p.counters = 0; }},
        {"counters", [](vtd_perfmon_config &p) { p.counters = 65; }},
        {"width", [](vtd_perfmon_config &p) { p.width = 7; }},
        {"width", [](vtd_perfmon_config &p) { p.width = 65; }},
        {"filters", [](vtd_perfmon_config &p) { p.filters = 0x20; }}};
    for (const auto &[name, change] : bad) {
        vtd_config config = base();
        change(config.perfmon);
        EXPECT_TRUE(gives(config, VTD_STATUS_OK)) << name << ": nothing asks for it";
        put(config, CAP_(ECMDS), 1);
        EXPECT_TRUE(gives(config, VTD_STATUS_OK)) << name << ": nothing asks for it";
        put(config, ECAP_(PMS), 1);
        EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {"perfmon", name}));
    }
    for (unsigned counters : {1u, 64u})
        for (unsigned width : {8u, 64u}) {
            vtd_config config = base();
            put(config, CAP_(ECMDS), 1);
            put(config, ECAP_(PMS), 1);
            config.perfmon.counters = static_cast<uint8_t>(counters);
            config.perfmon.width = static_cast<uint8_t>(width);
            EXPECT_TRUE(gives(config, VTD_STATUS_OK)) << counters << " x " << width;
        }
}

/* Performance monitoring is at 300h, enhanced commands end at 450h. */
TEST(Validator, PlacedBlocksMayNotCoverPerfmonAndCommands)
{
    const struct {
        const char *what;
        Field field;
        unsigned free, commands, perfmon;
    } rows[] = {{"FRO", CAP_(FRO), 0x45, 0x44, 0x2f}, {"IRO", ECAP_(IRO), 0x45, 0x44, 0x30}};
    for (const auto &row : rows) {
        vtd_config config = base();
        put(config, CAP_(NFR), 1); /* two records, 20h bytes */
        put(config, row.field, row.commands);
        EXPECT_TRUE(gives(config, VTD_STATUS_OK)) << row.what;
        put(config, CAP_(ECMDS), 1);
        EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {row.field.full(), "CAP.ECMDS"}));
        put(config, row.field, row.free);
        EXPECT_TRUE(gives(config, VTD_STATUS_OK)) << row.what;
        put(config, row.field, row.perfmon);
        EXPECT_TRUE(gives(config, VTD_STATUS_OK)) << row.what;
        put(config, ECAP_(PMS), 1);
        EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {row.field.full(), "ECAP.PMS"}));
        put(config, row.field, row.perfmon - 1);
        EXPECT_TRUE(gives(config, VTD_STATUS_OK)) << row.what;
    }
}

TEST(Validator, InconsistencyIsReportedBeforeLackOfAModel)
{
    vtd_config config = base();
    put(config, ECAP_(HPTS), 1);
    clearWithDependents(config, ECAP_(DT));
    put(config, ECAP_(HPTS), 1);
    EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {"ECAP.HPTS", "ECAP.DT"}));
}

/* ---------------------------------------------------------------- cache geometry */

TEST(Validator, NamesTheCacheWhoseGeometryIsWrong)
{
    const vtd_cache_geometry bad[] = {
        {16777217, 1, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0},
        {16, 3, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0},
        {24, 8, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0},
        {8, 16, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0},
        {24, 24, VTD_POLICY_PLRU, VTD_INDEX_HASH, 0, 0},
        {24, 0, VTD_POLICY_PLRU, VTD_INDEX_HASH, 0, 0},
        {16, 4, VTD_POLICY_RANDOM + 1, VTD_INDEX_HASH, 0, 0},
        {16, 4, VTD_POLICY_LRU, VTD_INDEX_MODULO + 1, 0, 0},
        {16, 4, VTD_POLICY_LRU, VTD_INDEX_HASH, VTD_PARTITION_WAYS + 1, 2},
        {16, 4, VTD_POLICY_LRU, VTD_INDEX_HASH, VTD_PARTITION_SETS, 0},
        {16, 4, VTD_POLICY_LRU, VTD_INDEX_HASH, VTD_PARTITION_SETS, 3},
        {16, 4, VTD_POLICY_LRU, VTD_INDEX_HASH, VTD_PARTITION_SETS, 8},
        {16, 4, VTD_POLICY_LRU, VTD_INDEX_HASH, VTD_PARTITION_WAYS, 8},
    };
    const vtd_cache_geometry good[] = {
        {0, 0, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0},     {1, 1, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0},
        {24, 0, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0},    {24, 3, VTD_POLICY_FIFO, VTD_INDEX_MODULO, 0, 0},
        {96, 0, VTD_POLICY_FIFO, VTD_INDEX_HASH, 0, 0},   {64, 64, VTD_POLICY_PLRU, VTD_INDEX_HASH, 0, 0},
        {64, 4, VTD_POLICY_RANDOM, VTD_INDEX_HASH, 0, 0},
    };
    for (unsigned i = 0; i < VTD_CACHES; i++) {
        for (const auto &geometry : bad) {
            vtd_config config = base();
            config.cache[i] = geometry;
            EXPECT_TRUE(gives(config, VTD_STATUS_INVALID, {vtd_cache_name(static_cast<vtd_cache_id>(i))}))
                << geometry.entries << "/" << geometry.ways;
        }
        for (const auto &geometry : good) {
            vtd_config config = base();
            config.cache[i] = geometry;
            EXPECT_TRUE(gives(config, VTD_STATUS_OK)) << geometry.entries << "/" << geometry.ways;
        }
    }
}

TEST(Validator, RefusesAnUnknownIotlbOrder)
{
    vtd_config config = base();
    config.iotlb_order = VTD_IOTLB_AFTER_PASID;
    EXPECT_TRUE(gives(config, VTD_STATUS_OK));
    config.iotlb_order = VTD_IOTLB_AFTER_PASID + 1;
    EXPECT_TRUE(gives(config, VTD_STATUS_INVALID));
}

} // namespace vtdtest
