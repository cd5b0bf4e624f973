/* SPDX-License-Identifier: MIT */
/*
 * Golden encodings (ref App. A), typed by hand. Model, driver and RTL all use the same .def files, so a wrong definition
 * would agree with itself everywhere; these values do not come from the .def files. Each test builds an item through the
 * accessors, compares every qword with the value, and reads the fields back from the value.
 */
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "golden_layouts.h"
#include "gtest/gtest.h"
#include "vtd/vtd_perf.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

namespace
{

using Accessor = uint64_t (*)(const uint64_t *);
using Setter = void (*)(uint64_t *, uint64_t);

struct Field {
    const char *name;
    Accessor get;
    Setter set;
    uint64_t value;
};

#define F(structure, field, value)                                                                                     \
    {                                                                                                                  \
        #field, vtd_##structure##_##field, vtd_##structure##_set_##field, value                                        \
    }
#define TYPE(structure, type) F(structure, type_lo, type), F(structure, type_hi, 0)

constexpr unsigned kQwords = 8;

/* Encodes the fields, compares with the golden qwords (those not given are 0), decodes the golden qwords. */
void ExpectEncoding(const std::vector<Field> &fields, const std::vector<uint64_t> &golden)
{
    uint64_t q[kQwords] = {};
    for (const Field &f : fields)
        f.set(q, f.value);
    uint64_t expected[kQwords] = {};
    for (size_t i = 0; i < golden.size(); i++)
        expected[i] = golden[i];
    for (unsigned i = 0; i < kQwords; i++)
        EXPECT_EQ(q[i], expected[i]) << std::hex << "qword " << i << ": 0x" << q[i] << ", golden 0x" << expected[i];
    for (const Field &f : fields)
        EXPECT_EQ(f.get(expected), f.value) << f.name;
}

TEST(GoldenDescriptor, ContextCacheGlobal)
{
    ExpectEncoding({TYPE(cc_inv, 1), F(cc_inv, g, 1)}, {0x11});
}

TEST(GoldenDescriptor, ContextCacheDevice)
{
    ExpectEncoding({TYPE(cc_inv, 1), F(cc_inv, g, 3), F(cc_inv, did, 5), F(cc_inv, sid, 0x510)}, {0x51000050031});
}

TEST(GoldenDescriptor, IotlbGlobal)
{
    ExpectEncoding({TYPE(iotlb_inv, 2), F(iotlb_inv, g, 1)}, {0x12});
}

TEST(GoldenDescriptor, IotlbDomainWithDrains)
{
    ExpectEncoding({TYPE(iotlb_inv, 2), F(iotlb_inv, g, 2), F(iotlb_inv, dr, 1), F(iotlb_inv, dw, 1),
                    F(iotlb_inv, did, 5)},
                   {0x500e2});
}

TEST(GoldenDescriptor, IotlbPageWithDrainsAndHint)
{
    ExpectEncoding({TYPE(iotlb_inv, 2), F(iotlb_inv, g, 3), F(iotlb_inv, dr, 1), F(iotlb_inv, dw, 1),
                    F(iotlb_inv, did, 5), F(iotlb_inv, addr, 0x7f0000200000 >> 12), F(iotlb_inv, am, 9),
                    F(iotlb_inv, ih, 1)},
                   {0x500f2, 0x7f0000200049});
}

TEST(GoldenDescriptor, DeviceTlbPage)
{
    ExpectEncoding({TYPE(dev_tlb_inv, 3), F(dev_tlb_inv, sid, 0x510), F(dev_tlb_inv, addr, 0x12345), F(dev_tlb_inv, s, 0)},
                   {0x51000000003, 0x12345000});
}

TEST(GoldenDescriptor, DeviceTlbTwoMegabytes)
{
    /* ref 3.2: bits 19:12 all ones, bit 20 zero, S set. */
    ExpectEncoding({TYPE(dev_tlb_inv, 3), F(dev_tlb_inv, sid, 0x510), F(dev_tlb_inv, addr, 0x402ff), F(dev_tlb_inv, s, 1)},
                   {0x51000000003, 0x402ff001});
}

TEST(GoldenDescriptor, DeviceTlbEverything)
{
    ExpectEncoding({TYPE(dev_tlb_inv, 3), F(dev_tlb_inv, sid, 0x510), F(dev_tlb_inv, addr, 0x7ffffffffffff),
                    F(dev_tlb_inv, s, 1)},
                   {0x51000000003, 0x7ffffffffffff001});
}

TEST(GoldenDescriptor, DeviceTlbPhysicalFunction)
{
    /* PFSID 0x508 is split: 3:0 and 15:4. */
    ExpectEncoding({TYPE(dev_tlb_inv, 3), F(dev_tlb_inv, sid, 0x510), F(dev_tlb_inv, mip, 4), F(dev_tlb_inv, pfsid_lo, 8),
                    F(dev_tlb_inv, pfsid_hi, 0x50)},
                   {0x0500051000048003});
}

TEST(GoldenDescriptor, InterruptEntryCacheGlobal)
{
    ExpectEncoding({TYPE(iec_inv, 4), F(iec_inv, g, 0)}, {0x4});
}

TEST(GoldenDescriptor, InterruptEntryCacheIndex)
{
    ExpectEncoding({TYPE(iec_inv, 4), F(iec_inv, g, 1), F(iec_inv, im, 2), F(iec_inv, iidx, 0x123)}, {0x12310000014});
}

TEST(GoldenDescriptor, WaitWithStatusAndFence)
{
    ExpectEncoding({TYPE(inv_wait, 5), F(inv_wait, sw, 1), F(inv_wait, fn, 1), F(inv_wait, if, 0), F(inv_wait, data, 2),
                    F(inv_wait, addr, 0x80001000 >> 2)},
                   {0x200000065, 0x80001000});
}

TEST(GoldenDescriptor, WaitWithStatusAndPageRequestDrain)
{
    ExpectEncoding({TYPE(inv_wait, 5), F(inv_wait, sw, 1), F(inv_wait, pd, 1), F(inv_wait, data, 2)}, {0x2000000a5});
}

TEST(GoldenDescriptor, PasidIotlbPasid)
{
    ExpectEncoding({TYPE(p_iotlb_inv, 6), F(p_iotlb_inv, g, 2), F(p_iotlb_inv, did, 5), F(p_iotlb_inv, pasid, 0x2a)},
                   {0x2a00050026});
}

TEST(GoldenDescriptor, PasidIotlbPage)
{
    ExpectEncoding({TYPE(p_iotlb_inv, 6), F(p_iotlb_inv, g, 3), F(p_iotlb_inv, did, 5), F(p_iotlb_inv, pasid, 0x2a),
                    F(p_iotlb_inv, am, 0), F(p_iotlb_inv, ih, 1), F(p_iotlb_inv, addr, 0x7f0000003)},
                   {0x2a00050036, 0x7f0000003040});
}

TEST(GoldenDescriptor, PasidCachePasid)
{
    ExpectEncoding({TYPE(pc_inv, 7), F(pc_inv, g, 1), F(pc_inv, did, 5), F(pc_inv, pasid, 0x2a)}, {0x2a00050017});
}

TEST(GoldenDescriptor, PasidCacheDomain)
{
    ExpectEncoding({TYPE(pc_inv, 7), F(pc_inv, g, 0), F(pc_inv, did, 5)}, {0x50007});
}

TEST(GoldenDescriptor, PasidCacheGlobal)
{
    ExpectEncoding({TYPE(pc_inv, 7), F(pc_inv, g, 3)}, {0x37});
}

TEST(GoldenDescriptor, PasidDeviceTlbPage)
{
    ExpectEncoding({TYPE(p_dev_tlb_inv, 8), F(p_dev_tlb_inv, sid, 0x510), F(p_dev_tlb_inv, pasid, 0x2a),
                    F(p_dev_tlb_inv, addr, 0x12345), F(p_dev_tlb_inv, s, 0)},
                   {0x2a05100008, 0x12345000});
}

TEST(GoldenDescriptor, PasidDeviceTlbEverything)
{
    /* S is bit 11 of the high qword here, not bit 0. */
    ExpectEncoding({TYPE(p_dev_tlb_inv, 8), F(p_dev_tlb_inv, sid, 0x510), F(p_dev_tlb_inv, pasid, 0x2a),
                    F(p_dev_tlb_inv, addr, 0x7ffffffffffff), F(p_dev_tlb_inv, s, 1), F(p_dev_tlb_inv, gi, 0)},
                   {0x2a05100008, 0x7ffffffffffff800});
}

TEST(GoldenDescriptor, PasidDeviceTlbPhysicalFunction)
{
    ExpectEncoding({TYPE(p_dev_tlb_inv, 8), F(p_dev_tlb_inv, sid, 0x510), F(p_dev_tlb_inv, pasid, 0x2a),
                    F(p_dev_tlb_inv, mip, 4), F(p_dev_tlb_inv, pfsid_lo, 8), F(p_dev_tlb_inv, pfsid_hi, 0x50)},
                   {0x0500002a05108048});
}

TEST(GoldenDescriptor, PageGroupResponse)
{
    ExpectEncoding({TYPE(pg_resp, 9), F(pg_resp, pp, 1), F(pg_resp, rc, 0), F(pg_resp, rid, 0x510),
                    F(pg_resp, pasid, 0x2a), F(pg_resp, prgi, 7)},
                   {0x2a05100019, 0x38});
}

TEST(GoldenStructure, PageRequest)
{
    ExpectEncoding({F(prq_desc, type, 1), F(prq_desc, pp, 1), F(prq_desc, rid, 0x510), F(prq_desc, pasid, 0x2a),
                    F(prq_desc, rdr, 1), F(prq_desc, wrr, 1), F(prq_desc, lpig, 1), F(prq_desc, prgi, 7),
                    F(prq_desc, addr, 0x7f0000003)},
                   {0x2a05100101, 0x7f000000303f});
}

TEST(GoldenStructure, ScalableModeRoot)
{
    ExpectEncoding({F(sm_root, lp, 1), F(sm_root, lctp, 0x70000), F(sm_root, up, 1), F(sm_root, uctp, 0x70001)},
                   {0x70000001, 0x70001001});
}

TEST(GoldenStructure, ScalableModeContext)
{
    ExpectEncoding({F(sm_context, p, 1), F(sm_context, dte, 1), F(sm_context, paside, 1), F(sm_context, pre, 1),
                    F(sm_context, pdts, 7), F(sm_context, pasiddirptr, 0x80000)},
                   {0x80000e1d});
}

TEST(GoldenStructure, PasidEntryNested)
{
    ExpectEncoding({F(pasid_entry, p, 1), F(pasid_entry, aw, 2), F(pasid_entry, pgtt, 3), F(pasid_entry, ssade, 1),
                    F(pasid_entry, ssptptr, 0x100000), F(pasid_entry, did, 5), F(pasid_entry, pwsnp, 1),
                    F(pasid_entry, fspm, 0), F(pasid_entry, fsptptr, 0x2345)},
                   {0x1000002c9, 0x800005, 0x2345000});
}

TEST(GoldenStructure, PasidEntryFirstStageFiveLevels)
{
    ExpectEncoding({F(pasid_entry, p, 1), F(pasid_entry, pgtt, 1), F(pasid_entry, did, 1), F(pasid_entry, pwsnp, 1),
                    F(pasid_entry, fspm, 1), F(pasid_entry, fsptptr, 0x200000)},
                   {0x41, 0x800001, 0x200000004});
}

TEST(GoldenStructure, PasidEntryPassThrough)
{
    ExpectEncoding({F(pasid_entry, p, 1), F(pasid_entry, pgtt, 4), F(pasid_entry, did, 1), F(pasid_entry, pwsnp, 1)},
                   {0x101, 0x800001});
}

TEST(GoldenStructure, PasidEntrySecondStage)
{
    ExpectEncoding({F(pasid_entry, p, 1), F(pasid_entry, aw, 2), F(pasid_entry, pgtt, 2),
                    F(pasid_entry, ssptptr, 0x100000), F(pasid_entry, did, 5), F(pasid_entry, pwsnp, 1)},
                   {0x100000089, 0x800005});
}

TEST(GoldenStructure, InterruptEntryXapic)
{
    /* The 8-bit destination of xAPIC mode stands in bits 47:40. */
    ExpectEncoding({F(irte, p, 1), F(irte, v, 0x41), F(irte, dst, 3 << 8), F(irte, sid, 0x510), F(irte, sq, 0),
                    F(irte, svt, 1)},
                   {0x30000410001, 0x40510});
}

TEST(GoldenStructure, InterruptEntryX2apic)
{
    ExpectEncoding({F(irte, p, 1), F(irte, v, 0x41), F(irte, dst, 0x103), F(irte, sid, 0x510), F(irte, svt, 1)},
                   {0x10300410001, 0x40510});
}

TEST(GoldenStructure, InterruptEntryPosted)
{
    const uint64_t descriptor = 0x123456780; /* split: 31:6 and 63:32 */
    ExpectEncoding({F(irte_posted, p, 1), F(irte_posted, im, 1), F(irte_posted, vv, 0x51),
                    F(irte_posted, pdal, (descriptor & 0xffffffff) >> 6), F(irte_posted, pdah, descriptor >> 32),
                    F(irte_posted, sid, 0x510), F(irte_posted, svt, 1)},
                   {0x2345678000518001, 0x100040510});
}

TEST(GoldenRegister, FaultRecord)
{
    const uint64_t lo = vtd_reg_frcd_lo_put_fi(0x7f0000003);
    const uint64_t hi = vtd_reg_frcd_hi_put_sid(0x510) | vtd_reg_frcd_hi_put_t1(1) | vtd_reg_frcd_hi_put_t2(0) |
                        vtd_reg_frcd_hi_put_pp(1) | vtd_reg_frcd_hi_put_fr(0x71) | vtd_reg_frcd_hi_put_pv(0x2a) |
                        vtd_reg_frcd_hi_put_at(0) | vtd_reg_frcd_hi_put_f(1);
    EXPECT_EQ(lo, 0x7f0000003000u);
    EXPECT_EQ(hi, 0xc0002a7180000510u);
    const uint64_t golden = 0xc0002a7180000510;
    EXPECT_EQ(vtd_reg_frcd_lo_fi(0x7f0000003000), 0x7f0000003u);
    EXPECT_EQ(vtd_reg_frcd_hi_sid(golden), 0x510u);
    EXPECT_EQ(vtd_reg_frcd_hi_t1(golden), 1u);
    EXPECT_EQ(vtd_reg_frcd_hi_t2(golden), 0u);
    EXPECT_EQ(vtd_reg_frcd_hi_priv(golden), 0u);
    EXPECT_EQ(vtd_reg_frcd_hi_exe(golden), 0u);
    EXPECT_EQ(vtd_reg_frcd_hi_pp(golden), 1u);
    EXPECT_EQ(vtd_reg_frcd_hi_fr(golden), 0x71u);
    EXPECT_EQ(vtd_reg_frcd_hi_pv(golden), 0x2au);
    EXPECT_EQ(vtd_reg_frcd_hi_at(golden), 0u);
    EXPECT_EQ(vtd_reg_frcd_hi_f(golden), 1u);
}

TEST(GoldenRegister, InvalidationQueueAddress)
{
    EXPECT_EQ(vtd_reg_iqa_put_iqa(0x90000) | vtd_reg_iqa_put_dw(1) | vtd_reg_iqa_put_qs(1), 0x90000801u);
    EXPECT_EQ(vtd_reg_iqa_iqa(0x90000801), 0x90000u);
    EXPECT_EQ(vtd_reg_iqa_dw(0x90000801), 1u);
    EXPECT_EQ(vtd_reg_iqa_qs(0x90000801), 1u);
}

TEST(GoldenRegister, CapabilitiesOfTheExampleProfile)
{
    /* ref 1.3, with the meaning of each field given in words there. */
    const uint64_t cap = 0xd9d2078c22780e06;
    EXPECT_EQ(vtd_reg_cap_put_nd(6) | vtd_reg_cap_put_sagaw(0xe) | vtd_reg_cap_put_mgaw(56) | vtd_reg_cap_put_zlr(1) |
                  vtd_reg_cap_put_fro(0x22) | vtd_reg_cap_put_sslps(3) | vtd_reg_cap_put_psi(1) |
                  vtd_reg_cap_put_nfr(7) | vtd_reg_cap_put_mamv(18) | vtd_reg_cap_put_dwd(1) | vtd_reg_cap_put_drd(1) |
                  vtd_reg_cap_put_fs1gp(1) | vtd_reg_cap_put_pi(1) | vtd_reg_cap_put_fs5lp(1) |
                  vtd_reg_cap_put_esirtps(1) | vtd_reg_cap_put_esrtps(1),
              cap);
    EXPECT_EQ(vtd_reg_cap_fro(cap), 0x22u);
    EXPECT_EQ(vtd_reg_cap_mgaw(cap), 56u);
    EXPECT_EQ(vtd_reg_cap_nfr(cap), 7u);
    EXPECT_EQ(vtd_reg_cap_cm(cap), 0u);
}

TEST(GoldenRegister, ExtendedCapabilitiesOfTheExampleProfile)
{
    const uint64_t ecap = 0x0433ed9ea4f00fdf;
    EXPECT_EQ(vtd_reg_ecap_put_c(1) | vtd_reg_ecap_put_qi(1) | vtd_reg_ecap_put_dt(1) | vtd_reg_ecap_put_ir(1) |
                  vtd_reg_ecap_put_eim(1) | vtd_reg_ecap_put_pt(1) | vtd_reg_ecap_put_sc(1) |
                  vtd_reg_ecap_put_iro(0xf) | vtd_reg_ecap_put_mhmv(15) | vtd_reg_ecap_put_nest(1) |
                  vtd_reg_ecap_put_prs(1) | vtd_reg_ecap_put_srs(1) | vtd_reg_ecap_put_nwfs(1) |
                  vtd_reg_ecap_put_eafs(1) | vtd_reg_ecap_put_pss(19) | vtd_reg_ecap_put_pasid(1) |
                  vtd_reg_ecap_put_pds(1) | vtd_reg_ecap_put_smts(1) | vtd_reg_ecap_put_ssads(1) |
                  vtd_reg_ecap_put_ssts(1) | vtd_reg_ecap_put_fsts(1) | vtd_reg_ecap_put_smpwcs(1) |
                  vtd_reg_ecap_put_rps(1) | vtd_reg_ecap_put_adms(1) | vtd_reg_ecap_put_rprivs(1) |
                  vtd_reg_ecap_put_sms(1),
              ecap);
    EXPECT_EQ(vtd_reg_ecap_pss(ecap), 19u);
    EXPECT_EQ(vtd_reg_ecap_iro(ecap), 0xfu);
    EXPECT_EQ(vtd_reg_ecap_mhmv(ecap), 15u);
}

TEST(GoldenPerfEvents, AgreeWithTheHandTypedTable)
{
    std::vector<std::string> defined, golden(std::begin(kGoldenPerfEvents), std::end(kGoldenPerfEvents));
    const auto say = [&defined](const char *name, bool in_linux, unsigned group, unsigned bit) {
        defined.push_back(std::to_string(group) + ":" + std::to_string(bit) + (in_linux ? " " : " -") + name);
    };
    std::set<std::string> counters;
#define VTD_PERF_EVENT(NAME, name, in_linux, group, bit, counter, description)                                         \
    say(#name, in_linux, group, bit);                                                                                  \
    EXPECT_TRUE(counters.insert(#counter).second) << #counter << " is the count of two events";                        \
    EXPECT_EQ(VTD_PERF_##NAME##_GROUP, group);                                                                         \
    EXPECT_EQ(VTD_PERF_##NAME##_ES, 1 << (bit));
#define VTD_PERF_EVENT_ABSENT(NAME, name, in_linux, group, bit, description) say(#name, in_linux, group, bit);
#include "vtd/defs/perf_events.def"
    EXPECT_EQ(defined, golden);
}

} // namespace
