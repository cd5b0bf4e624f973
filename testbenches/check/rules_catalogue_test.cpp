/* SPDX-License-Identifier: MIT */
/* Broken rules about domain-ids, registers and the queue. */
#include "catalogue.h"

namespace
{

const Bug bugs[] = {
    /* domain-ids */
    {"one domain-id, two second-stage tables",
     [](Rig &r) {
         r.start();
         r.at(Rig::kTable + 7 * 64) = Rig::kHost | 2 << 6 | 2 << 2 | 1;
         r.at(Rig::kTable + 7 * 64 + 8) = 1;
         r.dma(0, 0x5000);
         r.dma(7, 0x5000);
     },
     "did-two-tables", "one domain-id for one table"},
    {"one domain-id for first and second stage",
     [](Rig &r) {
         r.start();
         r.at(Rig::kTable + 5 * 64 + 8) = 1 | 1 << 23;
         r.dma(0, 0x5000);
         r.dma(5, 0x5000);
     },
     "did-mixed-stages", "domain-ids of their own"},
    /* registers and queue */
    {"two commands in one write of GCMD",
     [](Rig &r) {
         r.build();
         r.queue_on();
         r.write64(VTD_REG_RTADDR, Rig::kRoot | 1 << 10);
         r.write32(VTD_REG_GCMD, r.gcmd | 1u << 30 | 1u << 31);
     },
     "gcmd-several-commands", "one command in each write"},
    {"RTADDR without SRTP",
     [](Rig &r) {
         r.build();
         r.queue_on();
         r.write64(VTD_REG_RTADDR, Rig::kRoot | 1 << 10);
         r.command(1u << 31);
     },
     "rtaddr-without-srtp", "GCMD.SRTP"},
    {"IQA written while the queue is on",
     [](Rig &r) {
         r.start();
         r.write64(VTD_REG_IQA, 0x7000 | 1 << 11);
     },
     "iqa-while-enabled", "GCMD.QIE=0"},
    {"descriptors of 128 bits in scalable mode",
     [](Rig &r) {
         r.build();
         r.write64(VTD_REG_IQA, Rig::kQueue);
         r.command(1u << 26);
         r.write64(VTD_REG_RTADDR, Rig::kRoot | 1 << 10);
         r.command(1u << 30, false);
         r.flush_all();
     },
     "queue-error", "FSTS.IQE"},
    {"a descriptor of an unknown type",
     [](Rig &r) {
         r.start();
         r.put(0xf);
         r.wait();
     },
     "queue-error", "a descriptor in order"},
    {"two waits of a batch with one status",
     [](Rig &r) {
         r.start();
         r.put(5 | 1 << 5 | 1ull << 32, Rig::kStatus);
         r.put(5 | 1 << 5 | 2ull << 32, Rig::kStatus);
         r.ring();
     },
     "wait-status-shared", "a status of its own"},
    {"IOTLB before PASID cache",
     [](Rig &r) {
         clear_pasid(r, 5);
         r.p_iotlb(2, 5);
         r.pc(2, 5);
         r.wait();
     },
     "flush-order", "PASID cache, then IOTLB"},
    {"faults that nobody reads",
     [](Rig &r) {
         r.start();
         for (uint64_t i = 0; i < 12; i++)
             r.dma(0, 0x40000000 + i * 0x1000); /* the profile has 8 records */
         r.wait();
     },
     "fault-overflow", "read and clear"},
};

class RulesCatalogue : public testing::TestWithParam<Bug>
{
};

TEST_P(RulesCatalogue, IsNamed)
{
    run_bug(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Bugs, RulesCatalogue, testing::ValuesIn(bugs), name_of);

} // namespace
