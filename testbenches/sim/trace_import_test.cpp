/* SPDX-License-Identifier: MIT */
/* Import of logs of other programs: every record of these small logs is worked out by hand. */
#include "program.h"

#include <gmock/gmock.h>

using program::File;
using program::Output;
using program::vtdsim;
using testing::HasSubstr;

namespace
{

std::string hit(const std::string &sid, const std::string &iova, const std::string &slpte, const std::string &domain)
{
    return "vtd_iotlb_page_hit IOTLB page hit sid 0x" + sid + " iova 0x" + iova + " slpte 0x" + slpte + " domain 0x" +
           domain + "\n";
}

Output import(const std::string &log, const std::string &options = "")
{
    const File file(".log", log);
    return vtdsim("trace convert --from qemu " + options + file.path + " -");
}

TEST(QemuImport, ReadsEachEventOfTheUnit)
{
    const Output o =
        import("vtd_dmar_translate dev 00:03.00 iova 0x1000 -> gpa 0x2000 mask 0xfff\n" +
               hit("18", "fffff010", "12345001", "3") +
               "vtd_iotlb_page_update IOTLB page update sid 0x140 iova 0xffffe000 slpte 0x6002 domain 0xa\n" +
               hit("18", "ffffd123", "7003", "3") +
               "vtd_inv_desc_iotlb_pages iotlb invalidate domain 0x3 addr 0xffff9000 mask 0x3\n"
               "vtd_inv_desc_iotlb_domain iotlb invalidate whole domain 0xa\n"
               "vtd_inv_desc_iotlb_domain iotlb invalidate whole domain 0xb\n"
               "vtd_inv_desc_iotlb_global iotlb invalidate global\n"
               "vtd_iotlb_page_hit IOTLB page hit sid 0x18 iova 0x5000 pte 0x7000 domain 0x3\n");
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_EQ(o.out, "# domains: 3=00:03.0\n"
                     "0 00:03.0 - r fffff010 0\n"
                     "# domains: a=01:08.0\n"
                     "0 01:08.0 - w ffffe000 0\n"
                     "0 00:03.0 - ? ffffd123 0\n"
                     "inv 3 ffff8000 8\n" /* 2^3 pages, aligned */
                     "inv a 0 all\n"
                     "inv * 0 all\n"
                     "0 00:03.0 - ? 5000 0\n");
    EXPECT_THAT(o.err, HasSubstr("4 accesses, 3 invalidations"));
    EXPECT_THAT(o.err, HasSubstr("1 invalidations of domains without an access"));
    EXPECT_THAT(o.err, HasSubstr("1 other lines"));
}

TEST(QemuImport, TakesTheTimeSinceTheFirstAccess)
{
    const Output o = import("77@1700000000.999000:vtd_inv_desc_iotlb_global iotlb invalidate global\n"
                            "77@1700000000.999500:" +
                            hit("18", "1000", "1", "3") + "78@1700000001.000000:" + hit("18", "2000", "1", "3") +
                            "qemu-system-x86_64: warning: user@host.example: no event\n"
                            "77@1700000002.000001:" +
                            hit("18", "3000", "1", "3"));
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_EQ(o.out, "inv * 0 all\n# domains: 3=00:03.0\n0 00:03.0 - r 1000 0\n0.5 00:03.0 - r 2000 0\n"
                     "1000.501 00:03.0 - r 3000 0\n");
}

TEST(QemuImport, CutsByTheTimeOfTheLogAndStillLearnsFromTheRest)
{
    const std::string log = "1@10.000000:" + hit("18", "9000", "3", "3") +
                            "1@10.000001:pci_nvme_create_sq create submission queue, addr=0x8000, sqid=1, cqid=1, "
                            "qsize=63, qflags=1\n"
                            "1@11.500000:" +
                            hit("18", "8000", "3", "3") + "1@11.600000:" + hit("18", "9000", "3", "3") +
                            "1@12.000000:" + hit("18", "8040", "3", "3");
    EXPECT_EQ(import(log, "--since 11 --until 12 ").out,
              "# domains: 3=00:03.0\n0 00:03.0 - r 8000 64\n100 00:03.0 - w 9000 0\n");
}

TEST(QemuImport, TellsDirectionsOfNvmeByItsQueues)
{
    const std::string access = hit("18", "a000", "3", "3");
    const Output o = import(
        access + /* not known yet to be NVMe, but it is when the access is decided on */
        "pci_nvme_create_cq create completion queue, addr=0x7000, cqid=1, vector=1, qsize=3, qflags=3, ien=1\n" +
        access + "pci_nvme_create_sq create submission queue, addr=0x8000, sqid=1, cqid=1, qsize=1, qflags=1\n" +
        "pci_nvme_dbbuf_config dbs_addr=0x5000 eis_addr=0x6000\n" + hit("18", "5008", "3", "3") + /* doorbell */
        hit("18", "8040", "3", "3") + /* second entry of the submission queue */
        "pci_nvme_map_prp trans_len 4096 len 12288 prp1 0x20000 prp2 0x30000 num_prps 4\n" + /* 8192 more: a list */
        hit("18", "30000", "3", "3") +                                                       /* the list */
        hit("18", "20000", "3", "3") + hit("18", "21000", "1", "3") +
        "pci_nvme_map_prp trans_len 4096 len 8192 prp1 0x22000 prp2 0x40000 num_prps 3\n" + /* 4096 more: a page */
        hit("18", "40000", "3", "3") + hit("18", "6008", "3", "3") +                        /* event index */
        hit("18", "7030", "3", "3") +                               /* fourth entry of the completion queue */
        hit("18", "7040", "3", "3") + hit("18", "8080", "3", "3") + /* behind the queues */
        hit("20", "8040", "3", "4") +                               /* another device */
        "vtd_inv_desc_iotlb_pages iotlb invalidate domain 0x3 addr 0x30000 mask 0x0\n" + hit("18", "30000", "3", "3"));
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_EQ(o.out, "# domains: 3=00:03.0\n"
                     "0 00:03.0 - w a000 0\n"
                     "0 00:03.0 - w a000 0\n"
                     "0 00:03.0 - r 5008 4\n"
                     "0 00:03.0 - r 8040 64\n"
                     "0 00:03.0 - r 30000 0\n"
                     "0 00:03.0 - w 20000 0\n"
                     "0 00:03.0 - r 21000 0\n"
                     "0 00:03.0 - w 40000 0\n"
                     "0 00:03.0 - w 6008 4\n"
                     "0 00:03.0 - w 7030 16\n"
                     "0 00:03.0 - w 7040 0\n"
                     "0 00:03.0 - w 8080 0\n"
                     "# domains: 4=00:04.0\n"
                     "0 00:04.0 - ? 8040 0\n"
                     "inv 3 30000 1\n"
                     "0 00:03.0 - w 30000 0\n");
}

TEST(QemuImport, TheAccessBeforeADescriptorEventIsItsFetch)
{
    const Output o = import(hit("40", "fffff0a0", "3", "3") + "e1000e_tx_descr 0xffef2e02 : abcd 1\n" +
                            hit("40", "ffef2e02", "1", "3") + hit("48", "ffffc030", "3", "4") +
                            "e1000e_rx_descr Next RX descriptor: ring #0, PA: 0xffffc030, length: 16\n" +
                            hit("48", "ffff8040", "3", "4") + hit("48", "ffffc030", "3", "4"));
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_EQ(o.out, "# domains: 3=00:08.0\n0 00:08.0 - r fffff0a0 16\n0 00:08.0 - r ffef2e02 0\n"
                     "# domains: 4=00:09.0\n0 00:09.0 - r ffffc030 16\n0 00:09.0 - w ffff8040 0\n"
                     "0 00:09.0 - w ffffc030 0\n");
}

TEST(QemuImport, DevicesCanBeNamed)
{
    EXPECT_EQ(import(hit("18", "1000", "3", "3"), "--device 00:03.0=nvme ").out,
              "# domains: 3=00:03.0\n0 00:03.0 - w 1000 0\n");
}

TEST(QemuImport, AnEventWithoutItsFieldsEndsItAndKeepsTheRest)
{
    const std::string good = hit("18", "1000", "1", "3");
    for (const char *bad : {"vtd_iotlb_page_hit IOTLB page hit sid 0x18 iova 0x10", "vtd_iotlb_page_hit",
                            "vtd_iotlb_page_hit IOTLB page hit sid 0x18 iova 0xzz slpte 0x1 domain 0x3",
                            "vtd_inv_desc_iotlb_pages iotlb invalidate domain 0x3 addr 0x1000",
                            "pci_nvme_create_sq create submission queue, addr=0x8000, sqid=1"}) {
        const Output o = import(good + bad + "\n" + good);
        EXPECT_EQ(o.status, 2) << bad;
        EXPECT_THAT(o.err, HasSubstr(":2: fields of the event are missing (record 2, offset " +
                                     std::to_string(good.size()) + ")"));
        EXPECT_EQ(o.out, "# domains: 3=00:03.0\n0 00:03.0 - r 1000 0\n") << bad;
    }
}

/* ---------------------------------------------------------------- HyperSIO */

std::string little(uint64_t value, unsigned bytes)
{
    std::string s;
    for (unsigned i = 0; i < bytes; i++)
        s += char(value >> 8 * i);
    return s;
}

std::string event(unsigned sid, unsigned did, uint64_t iova, uint64_t slpte, bool next)
{
    return little(1, 4) + little(sid, 2) + little(did, 2) + little(iova, 8) + little(0xfffffffffffff000, 8) +
           little(1, 8) + little(slpte, 8) + (next ? little(UINT64_MAX, 8) : "");
}

TEST(HypersioImport, ReadsTracesAndLogs)
{
    for (const bool next : {true, false}) {
        const File file(".bin", event(0x10, 2, 0xbbe00d82, 0x1003, next) + event(0x18, 3, 0x1000, 0x2001, next) +
                                    event(0x10, 2, 0x2fff, 0x3002, next));
        const Output o = vtdsim("trace convert --from hypersio " + file.path + " -");
        EXPECT_EQ(o.status, 0) << o.err;
        EXPECT_EQ(o.out, "# domains: 2=00:02.0\n0 00:02.0 - ? bbe00d82 0\n"
                         "# domains: 3=00:03.0\n0 00:03.0 - r 1000 0\n0 00:02.0 - w 2fff 0\n");
    }
}

TEST(HypersioImport, ALoneEventIsATraceToo)
{
    for (const bool next : {true, false}) {
        const File file(".bin", event(0x10, 2, 0x5000, 3, next));
        EXPECT_EQ(vtdsim("trace convert --from hypersio " + file.path + " -").out,
                  "# domains: 2=00:02.0\n0 00:02.0 - ? 5000 0\n");
    }
}

TEST(HypersioImport, RefusesOtherFilesAndNamesWhereItEnds)
{
    const std::string good = event(0x10, 2, 0x5000, 3, true);
    const File cut(".bin", good + good + good.substr(0, 20)), bad(".bin", good + good + little(2, 4) + good.substr(4)),
        other(".bin", std::string(100, 'x'));
    const Output a = vtdsim("trace convert --from hypersio " + cut.path + " -");
    EXPECT_EQ(a.status, 2);
    EXPECT_THAT(a.err, HasSubstr("ends within an event (record 3, offset 96)"));
    EXPECT_THAT(a.out, HasSubstr("5000 0\n0 00:02.0 - ? 5000 0\n"));
    EXPECT_THAT(vtdsim("trace convert --from hypersio " + bad.path + " -").err,
                HasSubstr("no translation (record 3, offset 96)"));
    EXPECT_THAT(vtdsim("trace convert --from hypersio " + other.path + " -").err, HasSubstr("neither"));
}

} // namespace
