/* SPDX-License-Identifier: MIT */
/* Changes of tables that no invalidation covers, or one that is too narrow (reference 6.5). */
#include "catalogue.h"

namespace
{

void unmap_ss(Rig &r)
{
    r.start();
    r.dma(0, 0x5000);
    r.at(Rig::kSs + 0x3000 + 40) = 0;
}

void unmap_fs(Rig &r)
{
    r.start();
    r.dma(5, 0x5000);
    r.at(Rig::kFs + 0x3000 + 40) = 0;
}

/* The last two levels of a second stage get another table. */
void relink_ss(Rig &r)
{
    r.start();
    r.dma(0, 0x5000);
    r.at(0x60000 + 40) = (Rig::kPage + 0x5000) | 3;
    r.at(Rig::kSs + 0x2000) = 0x60000 | 3;
}

void relink_fs(Rig &r)
{
    r.start();
    r.dma(5, 0x5000);
    r.at(0x60000 + 48) = (Rig::kPage + 0x5000) | 7;
    r.at(Rig::kFs + 0x2000) = 0x60000 | 7;
}

TEST(CheckRig, DevicesReachTheirPages)
{
    Rig r;
    r.start();
    for (uint32_t pasid : {0u, 5u, 6u}) {
        EXPECT_TRUE(r.dma(pasid, 0x5000)) << "PASID " << pasid << ": " << vtd_fault_name(r.response.fault);
        EXPECT_EQ(r.response.hpa, Rig::kPage);
    }
}

const Bug bugs[] = {
    /* second stage */
    {"ss unmap, no flush at all",
     [](Rig &r) {
         unmap_ss(r);
         r.wait();
         r.dma(0, 0x5000);
     },
     "stale-second-stage", "an IOTLB invalidation (page 0x5000, domain 1), then a wait"},
    {"ss unmap, another domain",
     [](Rig &r) {
         unmap_ss(r);
         r.iotlb_page(2, 0x5000);
         r.wait();
         r.dma(0, 0x5000);
     },
     "stale-second-stage", "domain 1", "IOTLB, page, domain 2, 0x5000, AM 0: another domain"},
    {"ss unmap, another page",
     [](Rig &r) {
         unmap_ss(r);
         r.iotlb_page(1, 0x6000);
         r.wait();
         r.dma(0, 0x5000);
     },
     "stale-second-stage", "page 0x5000", "0x6000, AM 0: another range of addresses"},
    {"ss unmap, range too small",
     [](Rig &r) {
         unmap_ss(r);
         r.iotlb_page(1, 0x0, 2); /* pages 0 to 3 */
         r.wait();
         r.dma(0, 0x5000);
     },
     "stale-second-stage", "page 0x5000", "0x0, AM 2: another range of addresses"},
    {"ss unmap, flushed before the change",
     [](Rig &r) {
         r.start();
         r.dma(0, 0x5000);
         r.iotlb_page(1, 0x5000);
         r.wait();
         r.dma(0, 0x5000); /* made again from the old table */
         r.at(Rig::kSs + 0x3000 + 40) = 0;
         r.wait();
         r.dma(0, 0x5000);
     },
     "stale-second-stage", "page 0x5000"},
    {"ss unmap, PASID-based page flush",
     [](Rig &r) {
         unmap_ss(r);
         r.p_iotlb_page(1, 0, 0x5000);
         r.wait();
         r.dma(0, 0x5000);
     },
     "stale-second-stage", "an IOTLB invalidation (page 0x5000, domain 1)",
     "this type with a page leaves second-stage translations alone"},
    {"ss unmap, right",
     [](Rig &r) {
         unmap_ss(r);
         r.iotlb_page(1, 0x5000);
         r.wait();
         EXPECT_FALSE(r.dma(0, 0x5000));
     },
     "", ""},
    {"ss remap to another page",
     [](Rig &r) {
         unmap_ss(r);
         r.at(Rig::kSs + 0x3000 + 40) = (Rig::kPage + 0x3000) | 3;
         r.wait();
         r.dma(0, 0x5000);
     },
     "stale-second-stage", "page 0x5000"},
    {"ss write right taken away",
     [](Rig &r) {
         unmap_ss(r);
         r.at(Rig::kSs + 0x3000 + 40) = Rig::kPage | 1;
         r.wait();
         r.dma(0, 0x5000);
     },
     "stale-second-stage", "page 0x5000"},
    {"ss write right given, no flush owed where devices fault",
     [](Rig &r) {
         r.start();
         r.at(Rig::kSs + 0x3000 + 40) = Rig::kPage | 1;
         r.dma(0, 0x5000, false);
         r.at(Rig::kSs + 0x3000 + 40) = Rig::kPage | 3;
         r.wait();
         r.dma(0, 0x5000, false);
     },
     "", ""},
    {"ss table replaced, leaf-only hint",
     [](Rig &r) {
         relink_ss(r);
         r.iotlb_page(1, 0x5000, 0, true);
         r.wait();
         r.dma(0, 0x5000);
     },
     "stale-second-stage", "with IH=0", "IH: IH=1 says that only leaf entries changed"},
    {"ss table replaced, right",
     [](Rig &r) {
         relink_ss(r);
         r.iotlb_page(1, 0x5000);
         r.wait();
         EXPECT_TRUE(r.dma(0, 0x5000));
         EXPECT_EQ(r.response.hpa, Rig::kPage + 0x5000);
     },
     "", ""},
    /* first stage */
    {"fs unmap, no flush",
     [](Rig &r) {
         unmap_fs(r);
         r.wait();
         r.dma(5, 0x5000);
     },
     "stale-first-stage", "a PASID-based IOTLB invalidation (page 0x5000, PASID 5, domain 2)"},
    {"fs unmap, another PASID",
     [](Rig &r) {
         unmap_fs(r);
         r.p_iotlb_page(2, 6, 0x5000);
         r.wait();
         r.dma(5, 0x5000);
     },
     "stale-first-stage", "PASID 5", "PASID 6, 0x5000, AM 0: another PASID"},
    {"fs unmap, another domain",
     [](Rig &r) {
         unmap_fs(r);
         r.p_iotlb_page(1, 5, 0x5000);
         r.wait();
         r.dma(5, 0x5000);
     },
     "stale-first-stage", "domain 2", "domain 1, PASID 5, 0x5000, AM 0: another domain"},
    {"fs unmap, right",
     [](Rig &r) {
         unmap_fs(r);
         r.p_iotlb_page(2, 5, 0x5000);
         r.wait();
         EXPECT_FALSE(r.dma(5, 0x5000));
     },
     "", ""},
    {"fs unmap, range flush right",
     [](Rig &r) {
         unmap_fs(r);
         r.p_iotlb_page(2, 5, 0x4000, 2);
         r.wait();
         EXPECT_FALSE(r.dma(5, 0x5000));
     },
     "", ""},
    {"fs table replaced, leaf-only hint",
     [](Rig &r) {
         relink_fs(r);
         r.p_iotlb_page(2, 5, 0x5000, 1, true);
         r.wait();
         r.dma(5, 0x6000); /* the structure cache still leads to the old table */
     },
     "stale-first-stage", "with IH=0", "IH=1 says that only leaf entries changed"},
    {"fs write protection, no flush",
     [](Rig &r) {
         unmap_fs(r);
         r.at(Rig::kFs + 0x3000 + 40) = Rig::kPage | 5;
         r.wait();
         r.dma(5, 0x5000);
     },
     "stale-first-stage", "PASID 5"},
    {"fs present from not present, nothing owed",
     [](Rig &r) {
         r.start();
         r.dma(5, 0x7000);
         r.at(Rig::kFs + 0x3000 + 56) = Rig::kPage | 7;
         r.wait();
         EXPECT_TRUE(r.dma(5, 0x7000));
     },
     "", ""},
    {"fs use before any wait is not judged",
     [](Rig &r) {
         unmap_fs(r);
         r.dma(5, 0x5000);
     },
     "", ""},
    /* nested */
    {"nested, guest unmaps, no flush",
     [](Rig &r) {
         r.start();
         r.dma(6, 0x5000);
         r.at(Rig::kGuest + 0x3000 + 40) = 0;
         r.wait();
         r.dma(6, 0x5000);
     },
     "stale-first-stage", "PASID 6, domain 3"},
    {"nested, host moves memory, no flush",
     [](Rig &r) {
         r.start();
         r.dma(6, 0x5000);
         r.at(Rig::kHost + 0x2000 + 8) = 0x1000000 | 3 | 1 << 7;
         r.wait();
         r.dma(6, 0x5000);
     },
     "stale-second-stage", "an IOTLB invalidation of domain 3"},
    {"nested, host moves memory, flushes by PASID and page",
     [](Rig &r) {
         r.start();
         r.dma(6, 0x6000);
         r.dma(6, 0x5000);
         r.at(Rig::kHost + 0x2000 + 8) = 0x1000000 | 3 | 1 << 7;
         r.p_iotlb_page(3, 6, 0x5000);
         r.wait();
         r.dma(6, 0x6000);
     },
     "stale-second-stage", "domain 3", "0x5000, AM 0: another range of addresses"},
    {"nested, host moves memory, right",
     [](Rig &r) {
         r.start();
         r.dma(6, 0x5000);
         r.at(Rig::kHost + 0x2000 + 8) = 0x1000000 | 3 | 1 << 7;
         r.iotlb_domain(3);
         r.wait();
         EXPECT_TRUE(r.dma(6, 0x5000));
         EXPECT_EQ(r.response.hpa, 0x1000000u);
     },
     "", ""},
    /* PASID entry */
    {"PASID torn down, nothing flushed",
     [](Rig &r) {
         clear_pasid(r, 5);
         r.wait();
         r.dma(5, 0x5000);
     },
     "stale-pasid-entry", "domain 2"},
    {"PASID torn down, only the PASID cache",
     [](Rig &r) {
         clear_pasid(r, 5);
         r.pc(2, 5);
         r.wait();
         r.dma(5, 0x5000);
     },
     "stale-pasid-entry", "a PASID-based IOTLB invalidation of PASID 5 in domain 2"},
    {"PASID torn down, only the IOTLB",
     [](Rig &r) {
         clear_pasid(r, 5);
         r.p_iotlb(2, 5);
         r.wait();
         r.dma(5, 0x5000);
     },
     "stale-pasid-entry", "a PASID-cache invalidation of PASID 5 in domain 2"},
    {"PASID torn down, PASID cache of another domain",
     [](Rig &r) {
         clear_pasid(r, 5);
         r.pc(9, 5);
         r.p_iotlb(2, 5);
         r.wait();
         r.dma(5, 0x5000);
     },
     "stale-pasid-entry", "a PASID-cache invalidation of PASID 5 in domain 2",
     "PASID cache, PASID, domain 9, PASID 5: another domain"},
    {"PASID torn down, right",
     [](Rig &r) {
         clear_pasid(r, 5);
         r.pc(2, 5);
         r.p_iotlb(2, 5);
         r.wait();
         EXPECT_FALSE(r.dma(5, 0x5000));
     },
     "", ""},
    {"second-stage PASID entry changed, only the PASID cache",
     [](Rig &r) {
         clear_pasid(r, 0);
         r.pc(1, 0);
         r.wait();
         r.dma(0, 0x5000);
     },
     "stale-pasid-entry", "an IOTLB invalidation of domain 1"},
    {"PASID directory entry taken away, nothing flushed",
     [](Rig &r) {
         r.start();
         r.dma(5, 0x5000);
         r.at(Rig::kDirectory) = 0;
         r.wait();
         r.dma(5, 0x5000);
     },
     "stale-pasid-directory", "domain 2"},
    /* context and root */
    {"context entry taken away, nothing flushed",
     [](Rig &r) {
         r.start();
         r.dma(0, 0x5000);
         r.at(Rig::kContext + Rig::kSid * 32) = 0;
         r.wait();
         r.dma(0, 0x5000);
     },
     "stale-context-entry", "domain 1"},
    {"context entry taken away, another device flushed",
     [](Rig &r) {
         r.start();
         r.dma(0, 0x5000);
         r.at(Rig::kContext + Rig::kSid * 32) = 0;
         r.cc_device(0x18);
         r.pc_domain(1);
         r.iotlb_domain(1);
         r.wait();
         r.dma(0, 0x5000);
     },
     "stale-context-entry", "a context-cache invalidation of device 0010", "device 0018: another device"},
    {"context entry taken away, right",
     [](Rig &r) {
         r.start();
         r.dma(0, 0x5000);
         r.at(Rig::kContext + Rig::kSid * 32) = 0;
         r.cc_device(Rig::kSid);
         r.pc_domain(1);
         r.iotlb_domain(1);
         r.wait();
         EXPECT_FALSE(r.dma(0, 0x5000));
     },
     "", ""},
    {"root entry taken away, nothing flushed",
     [](Rig &r) {
         r.start();
         r.dma(0, 0x5000);
         r.at(Rig::kRoot) = 0;
         r.wait();
         r.dma(0, 0x5000);
     },
     "stale-root-entry", "global"},
    {"other half of a root entry filled, nothing owed",
     [](Rig &r) {
         r.start();
         r.dma(0, 0x5000);
         r.at(Rig::kRoot + 8) = 0x7000 | 1;
         r.wait();
         EXPECT_TRUE(r.dma(0, 0x5000));
     },
     "", ""},
};

class StaleCatalogue : public testing::TestWithParam<Bug>
{
};

TEST_P(StaleCatalogue, IsNamed)
{
    run_bug(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Bugs, StaleCatalogue, testing::ValuesIn(bugs), name_of);

} // namespace
