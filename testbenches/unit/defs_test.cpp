/* SPDX-License-Identifier: MIT */
/*
 * The .def files themselves: they agree with golden_layouts.h, and they are well formed (nothing overlaps, nothing crosses
 * a qword, what must be unique is). The accessors touch exactly the bits of their field.
 */
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "golden_layouts.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"
#include "vtd/vtd_types.h"
#include "gtest/gtest.h"

namespace
{

struct Field {
    std::string name;
    unsigned msb, lsb;
    std::string kind;
};

struct Layout {
    std::string name;
    unsigned number, bits;
    std::vector<Field> fields;
};

/* One row of a .def file: a layout, or a field that must belong to the layout before it. */
struct Row {
    bool is_layout;
    const char *owner;
    unsigned number, bits;
    Field field;
};

std::vector<Layout> Collect(const std::vector<Row> &rows)
{
    std::vector<Layout> layouts;
    for (const Row &r : rows) {
        if (r.is_layout) {
            layouts.push_back({r.owner, r.number, r.bits, {}});
        } else if (layouts.empty() || layouts.back().name != r.owner) {
            ADD_FAILURE() << r.owner << "." << r.field.name << " does not stand directly behind its owner";
        } else {
            layouts.back().fields.push_back(r.field);
        }
    }
    return layouts;
}

const std::vector<Layout> &Registers()
{
    static const std::vector<Layout> layouts = Collect({
#define VTD_REG(NAME, name, offset, bits, description) {true, #NAME, offset, bits, {}},
#define VTD_REG_FIELD(REG, FIELD, reg, field, msb, lsb, access, description)                                           \
    {false, #REG, 0, 0, {#FIELD, msb, lsb, #access}},
#include "vtd/defs/registers.def"
    });
    return layouts;
}

const std::vector<Layout> &Structures()
{
    static const std::vector<Layout> layouts = Collect({
#define VTD_STRUCT(NAME, name, qwords, description) {true, #NAME, 0, 64 * (qwords), {}},
#define VTD_FIELD(STRUCT, FIELD, struct_, field, msb, lsb, kind, description)                                          \
    {false, #STRUCT, 0, 0, {#FIELD, msb, lsb, #kind}},
#include "vtd/defs/structures.def"
    });
    return layouts;
}

const std::vector<Layout> &Descriptors()
{
    static const std::vector<Layout> layouts = Collect({
#define VTD_DESC(NAME, name, type, qwords, description) {true, #NAME, type, 64 * (qwords), {}},
#define VTD_DESC_FIELD(DESC, FIELD, desc, field, msb, lsb, kind, description)                                          \
    {false, #DESC, 0, 0, {#FIELD, msb, lsb, #kind}},
#include "vtd/defs/descriptors.def"
    });
    return layouts;
}

/* "ND 2:0 RO, RWBF 4 RO" as fields. */
std::vector<Field> Parse(const char *text)
{
    std::vector<Field> fields;
    std::stringstream list(text);
    std::string item;
    while (std::getline(list, item, ',')) {
        std::stringstream words(item);
        Field f;
        std::string bits;
        words >> f.name >> bits >> f.kind;
        f.msb = static_cast<unsigned>(std::stoul(bits));
        const size_t colon = bits.find(':');
        f.lsb = colon == std::string::npos ? f.msb : static_cast<unsigned>(std::stoul(bits.substr(colon + 1)));
        fields.push_back(f);
    }
    return fields;
}

/* How golden_layouts.h writes the field: ignored ones have no name; USED and ADDR are not told apart there. */
std::string Describe(Field f)
{
    if (f.kind == "IGNORED")
        f.name = "-";
    if (f.kind == "IGNORED" || f.kind == "USED" || f.kind == "ADDR")
        f.kind = "";
    return f.name + " " + std::to_string(f.msb) + ":" + std::to_string(f.lsb) + " " + f.kind;
}

std::multiset<std::string> DescribeAll(const std::vector<Field> &fields)
{
    std::multiset<std::string> out;
    for (const Field &f : fields)
        if (f.name != "TYPE_LO" && f.name != "TYPE_HI")
            out.insert(Describe(f));
    return out;
}

template <size_t N> void ExpectGolden(const std::vector<Layout> &layouts, const GoldenLayout (&golden)[N])
{
    ASSERT_EQ(layouts.size(), N);
    for (size_t i = 0; i < N; i++) {
        SCOPED_TRACE(golden[i].name);
        EXPECT_EQ(layouts[i].name, golden[i].name);
        EXPECT_EQ(layouts[i].number, golden[i].number);
        EXPECT_EQ(layouts[i].bits, golden[i].bits);
        EXPECT_EQ(DescribeAll(layouts[i].fields), DescribeAll(Parse(golden[i].fields)));
    }
}

void ExpectWellFormed(const std::vector<Layout> &layouts)
{
    std::set<std::string> names;
    for (const Layout &l : layouts) {
        SCOPED_TRACE(l.name);
        EXPECT_TRUE(names.insert(l.name).second) << "defined twice";
        std::vector<const Field *> owner(l.bits, nullptr);
        std::set<std::string> field_names;
        for (const Field &f : l.fields) {
            EXPECT_TRUE(field_names.insert(f.name).second) << f.name << " is defined twice";
            ASSERT_LE(f.lsb, f.msb) << f.name;
            ASSERT_LT(f.msb, l.bits) << f.name << " lies beyond the end";
            EXPECT_EQ(f.lsb / 64, f.msb / 64) << f.name << " crosses a qword";
            for (unsigned b = f.lsb; b <= f.msb; b++) {
                EXPECT_EQ(owner[b], nullptr) << f.name << " and " << owner[b]->name << " overlap in bit " << b;
                owner[b] = &f;
            }
        }
    }
}

TEST(Defs, RegistersAgreeWithTheHandTypedTable)
{
    ExpectGolden(Registers(), kGoldenRegisters);
}

TEST(Defs, StructuresAgreeWithTheHandTypedTable)
{
    ExpectGolden(Structures(), kGoldenStructures);
}

TEST(Defs, DescriptorsAgreeWithTheHandTypedTable)
{
    ExpectGolden(Descriptors(), kGoldenDescriptors);
}

TEST(Defs, FieldsDoNotOverlapAndCrossNoQword)
{
    ExpectWellFormed(Registers());
    ExpectWellFormed(Structures());
    ExpectWellFormed(Descriptors());
}

TEST(Defs, RegistersAreAlignedAndDoNotOverlap)
{
    /*
     * What other registers place is a space of its own: IVA and IOTLB_REG, FRCD, and the blocks of counters; and so are
     * the virtual command registers of old revisions, which take the place of the new ones.
     */
    std::map<std::string, std::vector<const Layout *>> spaces;
    for (const Layout &l : Registers()) {
        static const std::map<std::string, std::string> placed = {{"IVA", "IVA"},
                                                                  {"IOTLB_REG", "IVA"},
                                                                  {"FRCD_LO", "FRCD"},
                                                                  {"FRCD_HI", "FRCD"},
                                                                  {"PERFCNTRCFG", "counter"},
                                                                  {"PERFCNTRRID", "counter"},
                                                                  {"PERFCNTRDID", "counter"},
                                                                  {"PERFCNTRPASID", "counter"},
                                                                  {"PERFCNTRAT", "counter"},
                                                                  {"PERFCNTRPTL", "counter"},
                                                                  {"PERFCNTRCAP", "counter"},
                                                                  {"PERFCNTREVCAP", "counter"},
                                                                  {"PERFCNTRFRZ", "freeze"},
                                                                  {"PERFCNTROVF", "overflow"},
                                                                  {"PERFCNTRVAL", "value"},
                                                                  {"OLD_VCCAP", "old"},
                                                                  {"OLD_VCMD", "old"},
                                                                  {"OLD_VCRSP", "old"}};
        const auto found = placed.find(l.name);
        spaces[found == placed.end() ? "fixed" : found->second].push_back(&l);
    }
    EXPECT_EQ(spaces.size(), 8u);
    for (auto &[space, registers] : spaces) {
        SCOPED_TRACE(space);
        std::sort(registers.begin(), registers.end(),
                  [](const Layout *a, const Layout *b) { return a->number < b->number; });
        unsigned end = 0;
        for (const Layout *r : registers) {
            SCOPED_TRACE(r->name);
            EXPECT_TRUE(r->bits == 32 || r->bits == 64);
            EXPECT_EQ(r->number % (r->bits / 8), 0u) << "not aligned";
            EXPECT_GE(r->number, end) << "overlaps the register before it";
            end = r->number + r->bits / 8;
        }
    }
}

TEST(Defs, RegisterAccessesAreKnown)
{
    const std::set<std::string> known = {"RO", "RW", "WO", "RW1C", "RW1CS", "ROS", "RSVDP"};
    for (const Layout &l : Registers())
        for (const Field &f : l.fields)
            EXPECT_EQ(known.count(f.kind), 1u) << l.name << "." << f.name << ": " << f.kind;
}

TEST(Defs, FieldKindsNameACapabilityOrAreKnown)
{
    std::set<std::string> known = {"USED", "IGNORED", "ADDR", "MTS3", "REV3"};
    for (const Layout &l : Registers())
        if (l.name == "ECAP")
            for (const Field &f : l.fields)
                if (f.msb == f.lsb)
                    known.insert(f.name);
    for (const auto *layouts : {&Structures(), &Descriptors()})
        for (const Layout &l : *layouts)
            for (const Field &f : l.fields)
                EXPECT_EQ(known.count(f.kind), 1u) << l.name << "." << f.name << ": " << f.kind;
}

TEST(Defs, EveryDescriptorHasTheTypeFieldAndAUniqueType)
{
    std::set<unsigned> types;
    for (const Layout &l : Descriptors()) {
        SCOPED_TRACE(l.name);
        EXPECT_TRUE(types.insert(l.number).second) << "type used twice";
        EXPECT_LT(l.number, 16u) << "bits 11:9 of every defined type are 0 (ref 3)";
        unsigned found = 0;
        for (const Field &f : l.fields) {
            found += f.name == "TYPE_LO" && f.msb == 3 && f.lsb == 0;
            found += f.name == "TYPE_HI" && f.msb == 11 && f.lsb == 9;
        }
        EXPECT_EQ(found, 2u);
    }
    EXPECT_EQ(types, (std::set<unsigned>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(Defs, BothInterruptEntryFormatsShareWhatIsReadBeforeTheFormatIsKnown)
{
    const Layout *remapped = nullptr, *posted = nullptr;
    for (const Layout &l : Structures()) {
        if (l.name == "IRTE")
            remapped = &l;
        if (l.name == "IRTE_POSTED")
            posted = &l;
    }
    ASSERT_TRUE(remapped && posted);
    for (const char *name : {"P", "FPD", "IM", "SID", "SQ", "SVT"}) {
        const auto find = [&](const Layout *l) {
            return std::find_if(l->fields.begin(), l->fields.end(), [&](const Field &f) { return f.name == name; });
        };
        ASSERT_TRUE(find(remapped) != remapped->fields.end() && find(posted) != posted->fields.end()) << name;
        EXPECT_EQ(Describe(*find(remapped)), Describe(*find(posted)));
    }
}

TEST(Defs, FaultsAgreeWithTheHandTypedTable)
{
    std::map<unsigned, std::string> defined, golden;
#define VTD_FAULT(NAME, code, label, qualified, tr, td, pr, description)                                               \
    EXPECT_TRUE(defined.emplace(code, std::string(label) + " " #qualified " " #tr " " #td " " #pr).second)             \
        << label << ": code used twice";
#include "vtd/defs/faults.def"
    /* The names IRM.n of interrupt faults are the project's own; chapter 5 gives them numbers only. */
    for (const GoldenFault &f : kGoldenFaults)
        golden[f.code] = f.columns;
    EXPECT_EQ(defined, golden);
    EXPECT_EQ(defined.count(0), 0u) << "0 means: no fault";
}

TEST(Defs, FaultNamesAreUnique)
{
    std::set<std::string> labels;
#define VTD_FAULT(NAME, code, label, qualified, tr, td, pr, description)                                               \
    EXPECT_TRUE(labels.insert(label).second) << label;                                                                 \
    EXPECT_GT(std::strlen(description), 0u) << label;
#include "vtd/defs/faults.def"
    EXPECT_EQ(labels.size(), std::size(kGoldenFaults));
}

TEST(Defs, EachCounterExistsOnceWithALowerCaseName)
{
    std::set<std::string> names;
#define VTD_COUNTER(name, description)                                                                                 \
    EXPECT_TRUE(names.insert(#name).second) << #name;                                                                  \
    EXPECT_GT(std::strlen(description), 0u) << #name;
#include "vtd/defs/counters.def"
#undef VTD_COUNTER
    for (const std::string &name : names)
        for (char c : name)
            EXPECT_TRUE(std::islower(static_cast<unsigned char>(c)) || c == '_') << name;
    for (const char *wanted : {"requests", "faults", "ctxt_cache_lookup", "ctxt_cache_hit", "pasid_cache_lookup",
                               "pasid_cache_hit", "iotlb_lookup", "iotlb_hit", "fs_nonleaf_lookup", "fs_nonleaf_hit",
                               "ss_nonleaf_lookup", "ss_nonleaf_hit", "memory_reads"})
        EXPECT_EQ(names.count(wanted), 1u) << wanted;
    EXPECT_EQ(sizeof(vtd_stats), (names.size() + 256) * sizeof(uint64_t));
}

TEST(Defs, CodedValuesAreThoseOfTheArchitecture)
{
    EXPECT_EQ(VTD_ECMD_ENABLE_COUNTER, 240);
    EXPECT_EQ(VTD_ECMD_DISABLE_COUNTER, 241);
    EXPECT_EQ(VTD_ECMD_RESET_CONFIG, 242);
    EXPECT_EQ(VTD_ECMD_RESET_VALUES, 243);
    EXPECT_EQ(VTD_ECMD_FREEZE, 244);
    EXPECT_EQ(VTD_ECMD_UNFREEZE, 245);
    EXPECT_EQ(VTD_ECRSP_OK, 0);
    EXPECT_EQ(VTD_ECRSP_UNDEFINED, 1);
    EXPECT_EQ(VTD_ECRSP_ABORTED, 2);
    EXPECT_EQ(VTD_ECRSP_REFUSED, 16);
    EXPECT_EQ(VTD_TTM_LEGACY, 0);
    EXPECT_EQ(VTD_TTM_SCALABLE, 1);
    EXPECT_EQ(VTD_TTM_RESERVED, 2);
    EXPECT_EQ(VTD_TTM_ABORT, 3);
    EXPECT_EQ(VTD_PGTT_FIRST_STAGE, 1);
    EXPECT_EQ(VTD_PGTT_SECOND_STAGE, 2);
    EXPECT_EQ(VTD_PGTT_NESTED, 3);
    EXPECT_EQ(VTD_PGTT_PASS_THROUGH, 4);
    EXPECT_EQ(VTD_IQEI_NONE, 0);
    EXPECT_EQ(VTD_IQEI_TAIL, 1);
    EXPECT_EQ(VTD_IQEI_FETCH, 2);
    EXPECT_EQ(VTD_IQEI_DESCRIPTOR, 3);
    EXPECT_EQ(VTD_IQEI_RESERVED, 4);
    EXPECT_EQ(VTD_IQEI_WIDTH, 5);
    EXPECT_EQ(VTD_IQEI_ALIGNMENT, 6);
    EXPECT_EQ(VTD_IQEI_TTM, 7);
}

/* Setting a field to all ones in zeros, and to zero in ones, changes exactly the bits lsb..msb. */
void ExpectTouchesOnly(const char *name, unsigned msb, unsigned lsb, uint64_t (*get)(const uint64_t *),
                       void (*set)(uint64_t *, uint64_t))
{
    SCOPED_TRACE(name);
    uint64_t zeros[8] = {}, ones[8];
    std::memset(ones, 0xff, sizeof ones);
    set(zeros, ~0ull);
    set(ones, 0);
    for (unsigned b = 0; b < 512; b++) {
        const uint64_t inside = b >= lsb && b <= msb;
        EXPECT_EQ(zeros[b / 64] >> b % 64 & 1, inside) << "bit " << b;
        EXPECT_EQ(ones[b / 64] >> b % 64 & 1, 1 - inside) << "bit " << b;
    }
    EXPECT_EQ(get(zeros), ~0ull >> (63 - (msb - lsb)));
    EXPECT_EQ(get(ones), 0u);
}

TEST(Defs, StructureAccessorsTouchExactlyTheirField)
{
#define EXPECT_ROW(STRUCT, FIELD, struct_, field, msb, lsb, kind, description)                                         \
    ExpectTouchesOnly(#STRUCT "." #FIELD, msb, lsb, vtd_##struct_##_##field, vtd_##struct_##_set_##field);
#define VTD_FIELD EXPECT_ROW
#include "vtd/defs/structures.def"
#define VTD_DESC_FIELD EXPECT_ROW
#include "vtd/defs/descriptors.def"
}

TEST(Defs, RegisterAccessorsTouchExactlyTheirField)
{
#define VTD_REG_FIELD(REG, FIELD, reg, field, msb, lsb, access, description)                                           \
    {                                                                                                                  \
        SCOPED_TRACE(#REG "." #FIELD);                                                                                 \
        const uint64_t low = ~0ull >> (63 - ((msb) - (lsb)));                                                          \
        EXPECT_EQ(vtd_reg_##reg##_put_##field(~0ull), low << (lsb));                                                   \
        EXPECT_EQ(vtd_reg_##reg##_##field(low << (lsb)), low);                                                         \
        EXPECT_EQ(vtd_reg_##reg##_##field(~(low << (lsb))), 0u);                                                       \
    }
#include "vtd/defs/registers.def"
}

} // namespace
