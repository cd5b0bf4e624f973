/* SPDX-License-Identifier: MIT */
/*
 * The end of a machine while its devices work: page requests in the host's queue, in the guest's, and groups that wait;
 * entries in every cache; a device that does not answer. Nothing of it stays: no entry in the host's tables, no PASID,
 * nothing cached.
 */
#include "paging_rig.h"

#include <array>
#include <tuple>

namespace
{

constexpr uint16_t kSids[] = {0x0008, 0x0010}, kHostSids[] = {0x0510, 0x0610}, kOtherSid = 0x9910;
constexpr uint64_t kGva = 0x7f0000400000;
constexpr unsigned kPasids = 70, kMapped = 3; /* more than one page of a PASID table */

struct Teardown : testing::TestWithParam<std::tuple<bool, bool>> {
    PagingHost host;
    bool own = std::get<0>(GetParam()), kill = std::get<1>(GetParam());
    PagingGuest other{host, 1, own};
    vtd_requester *others_device = other.give(0x0008, kOtherSid);
    vtd_drv_domain *others_process = nullptr;
    uint32_t others_pasid = other.bind(0x0008, &others_process);
    uint32_t others_hpasid = other.host_pasid(0x0008, others_pasid);
    std::unique_ptr<PagingGuest> vm = std::make_unique<PagingGuest>(host, 0, own);
    vtd_requester *devices[2] = {vm->give(kSids[0], kHostSids[0]), vm->give(kSids[1], kHostSids[1])};
    std::vector<std::array<uint32_t, 2>> hpasid;

    void SetUp() override
    {
        ASSERT_EQ(vtd_drv_map(others_process, kGva, GuestMachine::kData, kPage, kRw), 0);
        for (unsigned i = 0; i < kPasids; i++) {
            const uint32_t p = vm->pasid();
            vtd_drv_domain *d = vm->process(i % 2 ? 57 : 48);
            ASSERT_EQ(vtd_drv_map(d, kGva, GuestMachine::kData + i * kPage, kMapped * kPage, kRw), 0);
            hpasid.push_back({});
            for (unsigned n = 0; n < 2; n++) {
                ASSERT_EQ(vtd_drv_attach(vm->drv, kSids[n], p, d), 0);
                hpasid[i][n] = vm->host_pasid(kSids[n], p);
            }
        }
    }
    /* Fills device TLB and the unit's caches, by translated and untranslated requests. */
    void work()
    {
        for (unsigned i = 0; i < kPasids; i++) {
            for (unsigned n = 0; n < 2; n++) {
                ASSERT_EQ(host.access(devices[n], hpasid[i][n], kGva + kPage).hpa,
                          vm->base + GuestMachine::kData + (i + 1) * kPage);
                ASSERT_EQ(host.request(kHostSids[n], hpasid[i][n], kGva, VTD_WRITE).hpa,
                          vm->base + GuestMachine::kData + i * kPage);
            }
        }
        ASSERT_EQ(host.access(others_device, others_hpasid, kGva).hpa, other.base + GuestMachine::kData);
    }
    void end()
    {
        if (kill) {
            EXPECT_EQ(vm->kill(), 0);
            return;
        }
        for (uint16_t sid : kSids)
            EXPECT_EQ(vtd_vmm_remove(vm->vmm, sid), 0);
    }
    /* The PASID entries of a device of the host, followed from the root (ref 2.2 to 2.5): how many qwords are not 0. */
    unsigned entries_of(uint16_t sid)
    {
        const auto qword = [&](uint64_t hpa) { return *(uint64_t *)(host.machine.memory.base + hpa); };
        const uint64_t page = ~UINT64_C(0xfff), root = vtd_mmio_read64(host.machine.unit, VTD_REG_RTADDR) & page;
        const uint64_t context = qword(root + 16 * (sid >> 8) + 8 * (sid >> 7 & 1)) & page;
        const uint64_t directory = qword(context + 32 * (sid & 0x7f)) & page;
        unsigned found = 0, tables = 0;
        for (unsigned i = 0; i < (1u << 14); i++) {
            const uint64_t table = qword(directory + 8 * i);
            for (unsigned k = 0; (table & 1) && k < 512; k++)
                found += qword((table & page) + 8 * k) != 0;
            tables += table & 1;
        }
        EXPECT_GE(tables, 2u) << "looked at something";
        return found;
    }
    void check_nothing_is_left()
    {
        for (unsigned n = 0; n < 2; n++) {
            EXPECT_EQ(entries_of(kHostSids[n]), 0u);
            for (unsigned i = 0; i < kPasids; i++) {
                EXPECT_EQ(vtd_drv_attached(host.drv, kHostSids[n], hpasid[i][n]), nullptr);
                for (unsigned page = 0; page < kMapped; page++) {
                    vtd_request req = host.want(hpasid[i][n], kGva + page * kPage);
                    req.sid = kHostSids[n];
                    vtd_response resp{};
                    ASSERT_EQ(vtd_peek(host.machine.unit, &req, &resp), VTD_STATUS_OK);
                    EXPECT_NE(resp.result, VTD_RESULT_OK) << "PASID cache or IOTLB";
                    EXPECT_NE(host.access(devices[n], hpasid[i][n], kGva + page * kPage).result, VTD_REQUESTER_DONE)
                        << "device TLB";
                }
            }
            EXPECT_EQ(host.request(kHostSids[n], 0, GuestMachine::kData).result, VTD_RESULT_UR);
            EXPECT_EQ(vtd_requester_outstanding(devices[n]), 0u) << "nobody waits for ever";
            EXPECT_EQ(vtd_requester_stats_get(devices[n])->unexpected_responses, 0u);
        }
        unsigned sets = 0, pasids = 0, users = 0;
        for (const vtd_pasid_set &set : host.pasids.set) {
            sets += set.exists;
            pasids += set.exists ? set.count : 0;
        }
        for (uint32_t p = 0; p < 1u << 20; p++)
            users += host.pasids.users[p];
        EXPECT_EQ(sets, kill ? 1u : 2u);
        EXPECT_EQ(pasids, kill || own ? 1u : 1u + kPasids) << "identity: they are the guest's until it frees them";
        EXPECT_EQ(users, 1u) << "the other machine's";
        EXPECT_EQ(host.request(kOtherSid, others_hpasid, kGva).hpa, other.base + GuestMachine::kData);
        EXPECT_EQ(host.access(others_device, others_hpasid, kGva).way, VTD_REQUESTER_HIT) << "untouched";
    }
};

} // namespace

INSTANTIATE_TEST_SUITE_P(Vmm, Teardown, testing::Combine(testing::Bool(), testing::Bool()), [](const auto &i) {
    return std::string(std::get<0>(i.param) ? "GuestOwned" : "Identity") +
           (std::get<1>(i.param) ? "KilledMachine" : "TakenDevices");
});

TEST_P(Teardown, LeavesNothingWhileRequestsAreOnTheWay)
{
    ASSERT_NO_FATAL_FAILURE(work());
    std::vector<std::pair<unsigned, uint16_t>> asked;
    for (unsigned i = 0; i < 60; i++) {
        const unsigned n = i % 2;
        asked.emplace_back(n, host.ask(devices[n], hpasid[i][n], kGva + 16 * kPage, 1 + i % 2));
        if (i < 30) { /* these are in the guest's queue, the others in the host's */
            ASSERT_GT(host.handle(), 0);
        }
    }
    const uint16_t others = host.ask(others_device, others_hpasid, kGva + kPage);
    end();
    for (const auto &[n, prgi] : asked)
        EXPECT_EQ(host.response(devices[n], prgi), 1) << "invalid";
    check_nothing_is_left();
    host.handle();
    EXPECT_EQ(other.handle(), 1) << "what came between is not lost";
    EXPECT_EQ(host.response(others_device, others), 1);
}

TEST_P(Teardown, LeavesNothingWhenADeviceDoesNotAnswer)
{
    ASSERT_NO_FATAL_FAILURE(work());
    host.ask(devices[0], hpasid[0][0], kGva + 16 * kPage);
    vtd_machine_set_answer(&host.machine, kHostSids[0], VTD_ANSWER_NEVER);
    vm->host_errors = 1; /* the first invalidation that it does not answer */
    end();
    EXPECT_FALSE(vtd_requester_has_ats_on(devices[0])) << "it was taken away";
    check_nothing_is_left();
}
