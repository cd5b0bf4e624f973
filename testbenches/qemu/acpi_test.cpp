// SPDX-License-Identifier: MIT
// ACPI tables byte by byte, as chapter 8 of the VT-d specification and ACPI 6.4 lay them out.
#include "qemu/acpi.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

namespace
{

using Bytes = std::vector<uint8_t>;

const unsigned kHeader = 36, kCreator = 10; // bytes 10 to 35 name who made the table

Bytes bytes_of(const vtd_acpi_table &table)
{
    return Bytes(table.bytes, table.bytes + table.size);
}

unsigned sum_of(const vtd_acpi_table &table)
{
    return std::accumulate(table.bytes, table.bytes + table.size, 0u) & 0xff;
}

// What stands behind the header.
Bytes body_of(const vtd_acpi_table &table)
{
    return Bytes(table.bytes + kHeader, table.bytes + table.size);
}

vtd_dmar_structure drhd(uint64_t base)
{
    vtd_dmar_structure s = {};
    s.type = VTD_DMAR_DRHD;
    s.flag = true;
    s.base = base;
    return s;
}

vtd_dmar of(const std::vector<vtd_dmar_structure> &structures)
{
    vtd_dmar dmar = {};
    dmar.host_address_width = 39;
    dmar.structure = structures.data();
    dmar.structures = static_cast<unsigned>(structures.size());
    return dmar;
}

vtd_dmar_scope scope(uint8_t type, uint8_t id, uint8_t bus, std::vector<uint8_t> path)
{
    vtd_dmar_scope s = {};
    s.type = type;
    s.id = id;
    s.bus = bus;
    s.depth = static_cast<uint8_t>(path.size());
    std::copy(path.begin(), path.begin() + std::min<size_t>(path.size(), VTD_DMAR_PATH_MAX), s.path);
    return s;
}

Bytes dmar_body(const std::vector<vtd_dmar_structure> &structures)
{
    vtd_acpi_table table = {};
    const vtd_dmar dmar = of(structures);
    EXPECT_TRUE(vtd_acpi_dmar(&table, &dmar));
    Bytes body = body_of(table);
    EXPECT_GE(body.size(), 12u);
    return Bytes(body.begin() + 12, body.end()); // behind width, flags and reserved bytes
}

TEST(Dmar, OneUnitForEverythingIsTheSixtyFourByteTable)
{
    vtd_acpi_table table = {};
    const std::vector<vtd_dmar_structure> units = {drhd(0xfed90000)};
    const vtd_dmar dmar = of(units);
    ASSERT_TRUE(vtd_acpi_dmar(&table, &dmar));
    ASSERT_EQ(table.size, 64u);
    const Bytes all = bytes_of(table);
    EXPECT_EQ(std::string(all.begin(), all.begin() + 4), "DMAR");
    EXPECT_EQ(Bytes(all.begin() + 4, all.begin() + 9), (Bytes{64, 0, 0, 0, 1})); // length, revision
    EXPECT_EQ(sum_of(table), 0u);
    const Bytes rest = {38, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,    0, // width 39, flags, reserved
                        0,  0, 16, 0, 1, 0, 0, 0, 0, 0, 0xd9, 0xfe, 0, 0, 0, 0};
    EXPECT_EQ(body_of(table), rest);
}

TEST(Dmar, NamesItsMakerInPrintableText)
{
    vtd_acpi_table table = {};
    const std::vector<vtd_dmar_structure> units = {drhd(0xfed90000)};
    const vtd_dmar dmar = of(units);
    ASSERT_TRUE(vtd_acpi_dmar(&table, &dmar));
    EXPECT_EQ(std::string(table.bytes + kCreator, table.bytes + kCreator + 6), "VTDSIM");
    EXPECT_EQ(std::string(table.bytes + 28, table.bytes + 32), "VTD ");
}

TEST(Dmar, FlagsTellInterruptRemappingAndX2apicOptOut)
{
    const std::vector<vtd_dmar_structure> units = {drhd(0xfed90000)};
    for (unsigned flags = 0; flags < 4; flags++) {
        vtd_acpi_table table = {};
        vtd_dmar dmar = of(units);
        dmar.host_address_width = 52;
        dmar.interrupt_remapping = flags & 1;
        dmar.x2apic_opt_out = flags & 2;
        ASSERT_TRUE(vtd_acpi_dmar(&table, &dmar));
        EXPECT_EQ(table.bytes[36], 51);
        EXPECT_EQ(table.bytes[37], flags);
        EXPECT_EQ(sum_of(table), 0u);
    }
}

TEST(Dmar, ScopesOfAUnitCarryTypeIdBusAndPath)
{
    const vtd_dmar_scope scopes[] = {scope(VTD_DMAR_IOAPIC, 0x12, 0xf0, {0x1f << 3 | 2}),
                                     scope(VTD_DMAR_BRIDGE, 0, 3, {0x1c << 3 | 1, 4 << 3})};
    vtd_dmar_structure s = drhd(UINT64_C(0x123456789000));
    s.flag = false;
    s.size = 3;
    s.segment = 0x0102;
    s.scope = scopes;
    s.scopes = 2;
    const Bytes expected = {
        0, 0, 34, 0, 0,    3,    2,    1, 0x00, 0x90, 0x78, 0x56, 0x34, 0x12, 0,    0, // length 16 + 8 + 10
        3, 8, 0,  0, 0x12, 0xf0, 0x1f, 2, 2,    10,   0,    0,    0,    3,    0x1c, 1, 4, 0};
    EXPECT_EQ(dmar_body({s}), expected);
}

TEST(Dmar, OtherStructuresHaveTheLayoutOfTheirType)
{
    const vtd_dmar_scope endpoint = scope(VTD_DMAR_ENDPOINT, 0, 0, {5 << 3});
    vtd_dmar_structure rmrr = {}, atsr = {}, rhsa = {}, satc = {};
    rmrr.type = VTD_DMAR_RMRR;
    rmrr.base = 0x7f000000;
    rmrr.limit = 0x7f0fffff;
    rmrr.scope = &endpoint;
    rmrr.scopes = 1;
    atsr.type = VTD_DMAR_ATSR;
    atsr.flag = true;
    atsr.segment = 1;
    rhsa.type = VTD_DMAR_RHSA;
    rhsa.base = 0xfed90000;
    rhsa.node = 0x01020304;
    satc.type = VTD_DMAR_SATC;
    satc.flag = true;
    satc.segment = 1;
    satc.scope = &endpoint;
    satc.scopes = 1;
    EXPECT_EQ(dmar_body({rmrr}), (Bytes{1,    0,    32,   0,    0, 0, 0, 0, 0, 0, 0, 0x7f, 0, 0, 0, 0,
                                        0xff, 0xff, 0x0f, 0x7f, 0, 0, 0, 0, 1, 8, 0, 0,    0, 0, 5, 0}));
    EXPECT_EQ(dmar_body({atsr}), (Bytes{2, 0, 8, 0, 1, 0, 1, 0}));
    EXPECT_EQ(dmar_body({rhsa}), (Bytes{3, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0xd9, 0xfe, 0, 0, 0, 0, 4, 3, 2, 1}));
    EXPECT_EQ(dmar_body({satc}), (Bytes{5, 0, 16, 0, 1, 0, 1, 0, 1, 8, 0, 0, 0, 0, 5, 0}));
}

TEST(Dmar, StructuresStandInTheOrderOfTheirTypes)
{
    vtd_dmar_structure atsr = {}, satc = {};
    atsr.type = VTD_DMAR_ATSR;
    satc.type = VTD_DMAR_SATC;
    const Bytes body = dmar_body({satc, atsr, drhd(0x1000), drhd(0x2000)});
    ASSERT_EQ(body.size(), 48u);
    EXPECT_EQ(body[0], VTD_DMAR_DRHD);
    EXPECT_EQ(body[9], 0x10); // of the same type: as they were given
    EXPECT_EQ(body[16 + 9], 0x20);
    EXPECT_EQ(body[32], VTD_DMAR_ATSR);
    EXPECT_EQ(body[40], VTD_DMAR_SATC);
}

TEST(Dmar, RefusesWhatCannotBe)
{
    vtd_acpi_table table = {};
    std::vector<vtd_dmar_structure> units = {drhd(0x1000)};
    vtd_dmar dmar = of(units);
    dmar.host_address_width = 0;
    EXPECT_FALSE(vtd_acpi_dmar(&table, &dmar));
    dmar.host_address_width = 65;
    EXPECT_FALSE(vtd_acpi_dmar(&table, &dmar));
    dmar.host_address_width = 39;
    units[0].type = 4; // a namespace device declaration, which is not known
    EXPECT_FALSE(vtd_acpi_dmar(&table, &dmar));
    units[0].type = 9;
    EXPECT_FALSE(vtd_acpi_dmar(&table, &dmar));
    units[0].type = VTD_DMAR_DRHD;
    vtd_dmar_scope s = scope(VTD_DMAR_ENDPOINT, 0, 0, {});
    units[0].scope = &s;
    units[0].scopes = 1;
    EXPECT_FALSE(vtd_acpi_dmar(&table, &dmar)); // no path
    s.depth = VTD_DMAR_PATH_MAX + 1;
    EXPECT_FALSE(vtd_acpi_dmar(&table, &dmar));
    s.depth = VTD_DMAR_PATH_MAX;
    EXPECT_TRUE(vtd_acpi_dmar(&table, &dmar));
    s.type = 6;
    EXPECT_FALSE(vtd_acpi_dmar(&table, &dmar));
}

TEST(Dmar, AsksForMoreThanFitsIsRefused)
{
    vtd_acpi_table table = {};
    // 48 + 16 n bytes: 253 units are 4096.
    std::vector<vtd_dmar_structure> units(253, drhd(0x1000));
    vtd_dmar dmar = of(units);
    EXPECT_TRUE(vtd_acpi_dmar(&table, &dmar));
    EXPECT_EQ(table.size, VTD_ACPI_SIZE);
    EXPECT_EQ(sum_of(table), 0u);
    units.push_back(drhd(0x1000));
    dmar = of(units);
    EXPECT_FALSE(vtd_acpi_dmar(&table, &dmar));
}

// ---------------------------------------------------------------- SSDT

const vtd_acpi_segment kSegment = {1, 1, 0xfef00000, 0xff000000, 0x100000};

// Written from ACPI 6.4, 20.2 (encoding) and 6.4 (resources), inside to outside.
TEST(Ssdt, DeclaresTheHostBridgeAndReservesItsConfigurationSpace)
{
    const Bytes bus = {0x88, 13, 0, 2, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    const Bytes memory = {0x87, 23,   0,    0,    0x0c, 1, 0, 0, 0, 0, 0, 0,    0,
                          0xff, 0xff, 0xff, 0x0f, 0xff, 0, 0, 0, 0, 0, 0, 0x10, 0};
    ASSERT_EQ(bus.size(), 16u);
    ASSERT_EQ(memory.size(), 26u);
    const Bytes end = {0x79, 0};
    auto append = [](Bytes &to, const Bytes &what) { to.insert(to.end(), what.begin(), what.end()); };
    auto name = [&](Bytes &to, const char *n) {
        append(to, {0x08, uint8_t(n[0]), uint8_t(n[1]), uint8_t(n[2]), uint8_t(n[3])});
    };
    // A package of two length bytes: low four bits, then eight.
    auto package = [&](Bytes &to, const Bytes &content) {
        const size_t n = content.size() + 2;
        append(to, {uint8_t(0x40 | (n & 15)), uint8_t(n >> 4)});
        append(to, content);
    };
    Bytes crs = {0x0a, 44}; // 16 + 26 + 2 bytes
    append(crs, bus);
    append(crs, memory);
    append(crs, end);
    Bytes bridge = {'P', 'C', '0', '1'};
    name(bridge, "_HID");
    append(bridge, {0x0c, 0x41, 0xd0, 0x0a, 0x08}); // PNP: 10000 01110 10000 = 41d0, then 0A08
    name(bridge, "_CID");
    append(bridge, {0x0c, 0x41, 0xd0, 0x0a, 0x03});
    name(bridge, "_UID");
    append(bridge, {0x01});
    name(bridge, "_SEG");
    append(bridge, {0x01});
    name(bridge, "_BBN");
    append(bridge, {0x00});
    name(bridge, "_CBA");
    append(bridge, {0x0c, 0x00, 0x00, 0xf0, 0xfe});
    name(bridge, "_CRS");
    append(bridge, {0x11});
    package(bridge, crs);
    Bytes reserved_crs = {0x0a, 14, 0x86, 9, 0, 1, 0x00, 0x00, 0xf0, 0xfe, 0x00, 0x00, 0x10, 0x00, 0x79, 0};
    Bytes reservation = {'P', 'C', 'E', '1'};
    name(reservation, "_HID");
    append(reservation, {0x0c, 0x41, 0xd0, 0x0c, 0x02});
    name(reservation, "_UID");
    append(reservation, {0x0a, 0x56});
    name(reservation, "_CRS");
    append(reservation, {0x11});
    package(reservation, reserved_crs);
    Bytes scope = {0x5c, '_', 'S', 'B', '_', 0x5b, 0x82};
    package(scope, bridge);
    append(scope, {0x5b, 0x82});
    package(scope, reservation);
    Bytes expected = {0x10};
    package(expected, scope);

    vtd_acpi_table table = {};
    ASSERT_TRUE(vtd_acpi_ssdt(&table, &kSegment));
    EXPECT_EQ(std::string(table.bytes, table.bytes + 4), "SSDT");
    EXPECT_EQ(table.bytes[8], 2);
    EXPECT_EQ(table.bytes[4] | table.bytes[5] << 8, int(table.size));
    EXPECT_EQ(sum_of(table), 0u);
    EXPECT_EQ(body_of(table), expected);
}

TEST(Ssdt, RefusesRangesThatCannotBe)
{
    vtd_acpi_table table = {};
    auto ok = [&](vtd_acpi_segment s) { return vtd_acpi_ssdt(&table, &s); };
    EXPECT_TRUE(ok({1, 16, 0xe0000000, 0xe1000000, 0x1000}));
    EXPECT_FALSE(ok({1, 0, 0xfef00000, 0xff000000, 0x100000}));  // no bus
    EXPECT_FALSE(ok({1, 17, 0xe0000000, 0xff000000, 0x100000})); // more than it says
    EXPECT_FALSE(ok({1, 1, 0xfef80000, 0xff000000, 0x100000}));  // not aligned
    EXPECT_FALSE(ok({1, 2, 0xfff00000, 0xe0000000, 0x100000}));  // beyond 4 GiB
    EXPECT_FALSE(ok({1, 1, 0xfef00000, 0xff000000, 0}));         // an empty window
    EXPECT_FALSE(ok({1, 1, 0xfef00000, 0xff000800, 0x1000}));
    EXPECT_FALSE(ok({1, 1, 0xfef00000, 0xfefff000, 0x1000})); // the window within the configuration space
    EXPECT_FALSE(ok({1, 1, 0xfef00000, 0xfeeff000, 0x2000})); // across its beginning
    EXPECT_TRUE(ok({1, 1, 0xfef00000, 0xfeeff000, 0x1000}));  // up to it
}

} // namespace
