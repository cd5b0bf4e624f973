/* SPDX-License-Identifier: MIT */
/*
 * vtdsim vm-demo: the story as it is written down here, and its numbers by plain arithmetic: each first-stage entry is
 * where the guest's address and the start of its memory say, and so is what the device reaches.
 */
#include "../sim/program.h"

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace
{

uint64_t number(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    EXPECT_NE(text, nullptr) << name;
    return text ? std::strtoull(text, nullptr, 0) : 0;
}

struct Variant {
    const char *mapping;
    unsigned levels;
};

class VmDemo : public testing::TestWithParam<Variant>
{
  public:
    const bool own = std::string(GetParam().mapping) == "guest-owned";
    const unsigned levels = GetParam().levels;
    const uint64_t gva = levels == 5 ? 0xab7f0000400000 : 0x7f0000400000;
    json_t *root = nullptr, *steps = nullptr;
    uint64_t base = 0;

    void SetUp() override
    {
        const program::Output o = program::vtdsim(std::string("vm-demo --json --mapping ") + GetParam().mapping +
                                                  " --levels " + std::to_string(levels));
        ASSERT_EQ(o.status, 0) << o.err;
        root = json_loads(o.out.c_str(), JSON_REJECT_DUPLICATES, nullptr);
        ASSERT_NE(root, nullptr);
        steps = json_object_get(root, "steps");
        base = number(facts(step("gives the machine memory")), "base");
    }
    void TearDown() override
    {
        json_decref(root);
    }
    /* The first step whose text has a part; from a number of steps on. */
    json_t *step(const char *part, size_t from = 0) const
    {
        for (size_t i = from; i < json_array_size(steps); i++) {
            const char *text = json_string_value(json_object_get(json_array_get(steps, i), "text"));
            if (text && std::strstr(text, part))
                return json_array_get(steps, i);
        }
        ADD_FAILURE() << "no step says: " << part;
        return nullptr;
    }
    bool has(const char *part) const
    {
        for (size_t i = 0; i < json_array_size(steps); i++)
            if (std::strstr(json_string_value(json_object_get(json_array_get(steps, i), "text")), part))
                return true;
        return false;
    }
    static json_t *facts(const json_t *of)
    {
        return json_object_get(of, "facts");
    }
    static json_t *fields(const json_t *of)
    {
        return json_object_get(json_object_get(of, "entry"), "fields");
    }
    static size_t place(const json_t *of)
    {
        return (size_t)json_integer_value(json_object_get(of, "step"));
    }
};

std::string variant_name(const testing::TestParamInfo<Variant> &i)
{
    return std::string(i.param.mapping[0] == 'i' ? "Identity" : "GuestOwned") + std::to_string(i.param.levels);
}

INSTANTIATE_TEST_SUITE_P(All, VmDemo,
                         testing::Values(Variant{"identity", 4}, Variant{"identity", 5}, Variant{"guest-owned", 4},
                                         Variant{"guest-owned", 5}),
                         variant_name);

TEST_P(VmDemo, TheHostsEntryIsTheGuestsOverTheMachinesMemory)
{
    const json_t *guest = fields(step("has written the entry")), *host = fields(step("checks them, and writes"));
    const json_t *bind = facts(step("reads the guest's entry, and binds"));
    EXPECT_EQ(number(guest, "PGTT"), 1u) << "first stage";
    EXPECT_EQ(number(host, "PGTT"), 3u) << "nested";
    EXPECT_EQ(number(host, "FSPTPTR"), number(guest, "FSPTPTR"));
    EXPECT_EQ(number(bind, "gpgd"), number(guest, "FSPTPTR"));
    for (const json_t *entry : {guest, host})
        EXPECT_EQ(number(entry, "FSPM"), levels - 4);
    EXPECT_EQ(number(host, "AW"), 2u) << "4 levels of second stage";
    EXPECT_LT(number(host, "SSPTPTR"), base) << "the table is the host's";
    EXPECT_EQ(number(bind, "addr_width"), levels == 5 ? 57u : 48u);
    EXPECT_EQ(number(bind, "hpasid"), 5u) << "1 to 4 are the host's own";
    EXPECT_EQ(number(bind, "gpasid"), own ? 1u : 5u);
}

TEST_P(VmDemo, OnlyIdentityHasVirtualCommands)
{
    EXPECT_EQ(has("to VCMD"), !own);
    EXPECT_EQ(has("from VCRSP"), !own);
    EXPECT_EQ(has("virtual command \"allocate PASID\""), !own);
    EXPECT_EQ(has("virtual command \"free PASID\""), !own);
    const json_t *trap = step("to IQT", place(step("has written the entry")));
    const json_t *first = json_array_get(json_object_get(trap, "descriptors"), 0);
    ASSERT_TRUE(json_is_string(first));
    EXPECT_EQ(std::string(json_string_value(first)).rfind("PASID-cache invalidate", 0), 0u)
        << "what the hypervisor follows: " << json_string_value(first);
}

TEST_P(VmDemo, TheNestedWalkGoesWhereArithmeticSays)
{
    const json_t *device = step("writes 64 bytes");
    const json_t *walk = json_object_get(json_object_get(device, "explain"), "steps");
    uint64_t table = number(fields(step("has written the entry")), "FSPTPTR"); /* guest physical */
    unsigned level = levels, second = 0;
    size_t i;
    json_t *s;
    json_array_foreach(walk, i, s)
    {
        const char *what = json_string_value(json_object_get(s, "what"));
        if (std::strcmp(json_string_value(json_object_get(s, "step")), "read") != 0)
            continue;
        second += std::strcmp(what, "second-stage entry") == 0;
        if (std::strcmp(what, "first-stage entry") != 0)
            continue;
        EXPECT_EQ(json_integer_value(json_object_get(s, "level")), (json_int_t)level);
        const uint64_t index = gva >> (3 + 9 * level) & 511;
        EXPECT_EQ(number(s, "address"), base + table + 8 * index) << "level " << level;
        table = std::strtoull(json_string_value(json_array_get(json_object_get(s, "qwords"), 0)), nullptr, 0) &
                0xffffffffff000;
        level--;
    }
    EXPECT_EQ(level, 0u);
    EXPECT_EQ(table, number(facts(step("-level page table maps")), "gpa")) << "the leaf";
    EXPECT_EQ(second, 3 * (levels + 1)) << "3 levels to pages of 2 MiB, for each table and for the page";
    EXPECT_EQ(number(facts(device), "hpa"), base + table + 0x40);
    EXPECT_EQ(number(facts(device), "expected"), number(facts(device), "hpa"));
}

TEST_P(VmDemo, ADemandFaultGoesToTheGuestUnderItsPasidAndBack)
{
    const json_t *want = facts(step("wants to write")), *injected = facts(step("puts it into the guest's queue"));
    const json_t *guest = facts(step("takes the page request")), *done = facts(step("tries again, and reaches"));
    EXPECT_EQ(number(want, "addr"), gva + 0x5080);
    EXPECT_EQ(number(injected, "addr"), gva + 0x5000);
    EXPECT_EQ(number(injected, "hpasid"), 5u);
    EXPECT_EQ(number(injected, "gpasid"), own ? 1u : 5u);
    EXPECT_EQ(number(guest, "gpasid"), own ? 1u : 5u);
    EXPECT_EQ(number(done, "hpa"), base + number(guest, "gpa") + 0x80);
    EXPECT_LT(place(step("takes the page request")), place(step("page group response of PASID")));
}

TEST_P(VmDemo, AfterUnmapAndUnbindTheDeviceIsBlockedAndNothingIsLeft)
{
    const json_t *flush = facts(step("passes the flush on")), *fault = facts(step("reads its fault record"));
    EXPECT_EQ(number(flush, "addr"), gva);
    EXPECT_EQ(number(flush, "size"), 0x1000u);
    EXPECT_EQ(number(flush, "hpasid"), 5u);
    EXPECT_EQ(number(facts(step("writes there again")), "fault"), 0x71u) << "SFS.2";
    EXPECT_EQ(number(fault, "gpasid"), own ? 1u : 5u);
    EXPECT_EQ(number(fault, "sid"), 8u) << "00:01.0, as the guest knows it";
    EXPECT_EQ(number(fault, "addr"), gva);
    const json_t *cleared = json_object_get(step("clears the entry"), "entry");
    size_t i;
    json_t *q;
    json_array_foreach(json_object_get(cleared, "qwords"), i, q) EXPECT_STREQ(json_string_value(q), "0x0");
    EXPECT_EQ(number(facts(step("is nobody's now")), "fault"), 0x59u) << "SPT.2";
    const json_t *left = facts(step("Left of it"));
    EXPECT_EQ(number(left, "frames"), 0u);
    EXPECT_EQ(number(left, "pasids"), 0u);
}

/* To renew: run the command, and look at what has changed. */
TEST(VmDemoText, IsTheStoryThatIsWrittenDown)
{
    for (const char *mapping : {"identity", "guest-owned"}) {
        const std::string levels = mapping[0] == 'i' ? "4" : "5";
        const program::Output o = program::vtdsim(std::string("vm-demo --mapping ") + mapping + " --levels " + levels);
        EXPECT_EQ(o.status, 0) << o.err;
        EXPECT_EQ(o.out, program::read_all(std::string(VTD_TEST_SOURCE_DIR "/testbenches/vmm/vm-demo-") + mapping +
                                           "-" + levels + ".txt"));
    }
}

TEST(VmDemoText, RefusesWhatItDoesNotKnow)
{
    for (const char *arguments : {"--mapping both", "--levels 3", "--levels 45", "stray", "--unknown"}) {
        const program::Output o = program::vtdsim(std::string("vm-demo ") + arguments);
        EXPECT_EQ(o.status, 2) << arguments;
        EXPECT_FALSE(o.err.empty());
    }
}

} // namespace
