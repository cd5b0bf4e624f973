// SPDX-License-Identifier: MIT
// ACPI tables as ACPICA's disassembler, which kernels share, understands them.
#include "qemu/acpi.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace
{

std::string path_of(const std::string &name)
{
    return testing::TempDir() + "vtd_iasl_" + name;
}

void write_file(const std::string &path, const void *bytes, size_t size)
{
    std::ofstream(path, std::ios::binary).write(static_cast<const char *>(bytes), static_cast<std::streamsize>(size));
}

std::string read_file(const std::string &path)
{
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

bool iasl(const std::string &arguments)
{
    return std::system((std::string(VTD_IASL) + " " + arguments + " >/dev/null 2>&1").c_str()) == 0;
}

std::string disassembled(const std::string &name, const vtd_acpi_table &table)
{
    write_file(path_of(name + ".dat"), table.bytes, table.size);
    std::remove(path_of(name + ".dsl").c_str());
    EXPECT_TRUE(iasl("-d " + path_of(name + ".dat")));
    return read_file(path_of(name + ".dsl"));
}

// Whether a line "[...] field : value" stands in the text; the distance varies.
bool says(const std::string &text, const std::string &field, const std::string &value)
{
    for (size_t at = text.find(field + " : "); at != std::string::npos; at = text.find(field + " : ", at + 1))
        if (text.compare(at + field.size() + 3, value.size(), value) == 0)
            return true;
    return false;
}

TEST(Iasl, DmarIsDisassembledToWhatItWasBuiltFrom)
{
    vtd_dmar_scope ioapic = {}, endpoint = {};
    ioapic.type = VTD_DMAR_IOAPIC;
    ioapic.id = 2;
    ioapic.bus = 0xf0;
    ioapic.depth = 1;
    endpoint.type = VTD_DMAR_ENDPOINT;
    endpoint.bus = 7;
    endpoint.depth = 1;
    endpoint.path[0] = 5 << 3 | 3;
    vtd_dmar_structure s[4] = {};
    s[0].type = VTD_DMAR_DRHD;
    s[0].flag = true;
    s[0].base = 0xfed90000;
    s[0].scope = &ioapic;
    s[0].scopes = 1;
    s[1].type = VTD_DMAR_RMRR;
    s[1].base = 0x7f000000;
    s[1].limit = 0x7f0fffff;
    s[1].scope = &endpoint;
    s[1].scopes = 1;
    s[2].type = VTD_DMAR_ATSR;
    s[2].flag = true;
    s[2].segment = 1;
    s[3].type = VTD_DMAR_RHSA;
    s[3].base = 0xfed90000;
    s[3].node = 3;
    vtd_dmar dmar = {};
    dmar.host_address_width = 39;
    dmar.interrupt_remapping = true;
    dmar.structure = s;
    dmar.structures = 4;
    vtd_acpi_table table = {};
    ASSERT_TRUE(vtd_acpi_dmar(&table, &dmar));
    const std::string text = disassembled("dmar", table);
    ASSERT_NE(text.find("[DMA Remapping table]"), std::string::npos) << text;
    EXPECT_EQ(text.find("Incorrect checksum"), std::string::npos) << text;
    EXPECT_EQ(text.find("rror"), std::string::npos) << text;
    EXPECT_TRUE(says(text, "Host Address Width", "26")) << text;
    EXPECT_TRUE(says(text, "Subtable Type", "0000 [Hardware Unit Definition]")) << text;
    EXPECT_TRUE(says(text, "Register Base Address", "00000000FED90000")) << text;
    EXPECT_TRUE(says(text, "Device Scope Type", "03 [IOAPIC Device]")) << text;
    EXPECT_TRUE(says(text, "Enumeration ID", "02")) << text;
    EXPECT_TRUE(says(text, "PCI Bus Number", "F0")) << text;
    EXPECT_TRUE(says(text, "Subtable Type", "0001 [Reserved Memory Region]")) << text;
    EXPECT_TRUE(says(text, "End Address (limit)", "000000007F0FFFFF")) << text;
    EXPECT_TRUE(says(text, "Device Scope Type", "01 [PCI Endpoint Device]")) << text;
    EXPECT_TRUE(says(text, "PCI Path", "05,03")) << text;
    EXPECT_TRUE(says(text, "Subtable Type", "0002 [Root Port ATS Capability]")) << text;
    EXPECT_TRUE(says(text, "Subtable Type", "0003 [Remapping Hardware Static Affinity]")) << text;
    EXPECT_TRUE(says(text, "Proximity Domain", "00000003")) << text;
}

// What the SSDT should say, in ACPI's source language.
const char kSource[] = R"(DefinitionBlock ("", "SSDT", 2, "VTDSIM", "SEGMENT", 1)
{
    Scope (\_SB)
    {
        Device (PC01)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_CID, EisaId ("PNP0A03"))
            Name (_UID, 1)
            Name (_SEG, 2)
            Name (_BBN, 0)
            Name (_CBA, 0xE0000000)
            Name (_CRS, ResourceTemplate ()
            {
                WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0, 0, 3, 0, 4)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                    0, 0xE0400000, 0xE05FFFFF, 0, 0x200000)
            })
        }
        Device (PCE1)
        {
            Name (_HID, EisaId ("PNP0C02"))
            Name (_UID, 0x56)
            Name (_CRS, ResourceTemplate ()
            {
                Memory32Fixed (ReadWrite, 0xE0000000, 0x400000)
            })
        }
    }
}
)";

// Ours uses longer forms of lengths than the compiler does: both sources are compiled, and must give the same.
TEST(Iasl, SsdtMeansWhatItsSourceSays)
{
    const vtd_acpi_segment segment = {2, 4, 0xe0000000, 0xe0400000, 0x200000};
    vtd_acpi_table table = {};
    ASSERT_TRUE(vtd_acpi_ssdt(&table, &segment));
    ASSERT_NE(disassembled("ssdt", table), "");
    write_file(path_of("source.dsl"), kSource, sizeof(kSource) - 1);
    ASSERT_TRUE(iasl("-p " + path_of("ours") + " " + path_of("ssdt.dsl")));
    ASSERT_TRUE(iasl("-p " + path_of("theirs") + " " + path_of("source.dsl")));
    const std::string ours = read_file(path_of("ours.aml")), theirs = read_file(path_of("theirs.aml"));
    ASSERT_GT(theirs.size(), 36u);
    EXPECT_EQ(ours, theirs);
}

} // namespace
