/* SPDX-License-Identifier: MIT */
/* One device with a device TLB, and what the tests of requesters ask of it. */
#ifndef VTD_TEST_REQUESTER_RIG_H
#define VTD_TEST_REQUESTER_RIG_H

#include "support/device_rig.h"

namespace vtdtest
{

constexpr uint64_t kIova = 0x40000000, kHpa = 0x10000000, kOther = 0x20000000;
constexpr int kPasid = 5;
constexpr unsigned kReadOnly = kSsR;

/* One device; PASID 5 and requests without PASID go to second-stage tables of their own. */
struct Rig : DeviceRig {
    explicit Rig(const vtd_requester_config &config = fullDevice(), const vtd_config &unit = preset())
        : DeviceRig(unit), plain(*this, 4), tagged(*this, 4)
    {
        setSs(kSid, 0, plain, 3);
        setSs(kSid, kPasid, tagged, 4);
        write64(VTD_REG_PQA, alloc());
        start();
        add(config);
    }
    Device &dev()
    {
        return *devices.at(kSid);
    }
    /* The mapping of a page, without any invalidation. */
    void remap(SsTree &tree, uint64_t iova, uint64_t hpa)
    {
        vtd_ss_entry_set_addr(tree.entry(iova, 1), hpa >> 12);
    }

    SsTree plain, tagged;
};

inline testing::AssertionResult went(const vtd_requester_outcome &out, uint64_t hpa, vtd_requester_way way)
{
    if (out.result != VTD_REQUESTER_DONE)
        return testing::AssertionFailure() << "result " << +out.result << ", fault " << std::hex << +out.resp.fault;
    if (out.hpa != hpa)
        return testing::AssertionFailure() << "went to 0x" << std::hex << out.hpa << ", not 0x" << hpa;
    if (out.way != way)
        return testing::AssertionFailure() << "way " << +out.way << ", not " << +way;
    return testing::AssertionSuccess();
}

} // namespace vtdtest

#endif
