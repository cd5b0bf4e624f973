/* SPDX-License-Identifier: MIT */
/* Page requests of guests with private data (revision 3, ref 0.1), and of devices that machines share (ref 7.1, 9). */
#include "paging_rig.h"

namespace
{

constexpr uint16_t kGuestSid = 0x0008, kHostSid = 0x0510;
constexpr uint64_t kGva = 0x7f0000400000;

enum : int {
    kSuccess = 0,
    kInvalid = 1,
    kFailure = 15
};

} // namespace

TEST(PageRequestPrivateData, GoesToTheGuestAndComesBackAsItCame)
{
    vtd_config config = Host::usual();
    uint64_t no_cap = 0, no_ecap = 0;
    config.spec_revision = 3;
    ASSERT_EQ(vtd_config_revision_lacks(3, &no_cap, &no_ecap), VTD_STATUS_OK);
    config.cap &= ~no_cap;
    config.ecap &= ~no_ecap;
    PagingHost host(config);
    PagingGuest vm(host, 0, true);
    vtd_requester *device = vm.give(kGuestSid, kHostSid);
    vtd_drv_domain *process = nullptr;
    const uint32_t pasid = vm.bind(kGuestSid, &process), hpasid = vm.host_pasid(kGuestSid, pasid);
    vtd_page_request request{};
    request.addr = kGva;
    request.sid = kHostSid;
    request.pasid = hpasid;
    request.prgi = host.ask(device, hpasid, kGva + kPage); /* the device's next index is free for this one */
    ASSERT_EQ(host.handle(), 1);
    vm.respond_raw(kGuestSid, true, pasid, request.prgi, 0);
    ASSERT_EQ(host.response(device, request.prgi), kSuccess);
    request.flags = VTD_PRQ_PASID | VTD_PRQ_READ | VTD_PRQ_LAST | VTD_PRQ_PRIVATE;
    request.private_data[0] = 0x1122334455667788;
    request.private_data[1] = 0x99aabbccddeeff00;
    vtd_prq_result result{};
    ASSERT_EQ(vtd_page_request_submit(host.machine.unit, &request, &result), VTD_STATUS_OK);
    ASSERT_EQ(host.handle(), 1);
    vm.seen.clear();
    vm.decide = [](const vtd_drv_page_request &) { return VTD_DRV_PAGE_LATER; };
    vm.handle();
    ASSERT_GE(vm.seen.size(), 1u);
    EXPECT_TRUE(vm.seen.back().has_private);
    EXPECT_EQ(vm.seen.back().private_data[0], request.private_data[0]);
    EXPECT_EQ(vm.seen.back().private_data[1], request.private_data[1]);

    vm.respond_raw(kGuestSid, true, pasid, request.prgi, 0); /* without the data */
    const uint64_t ring = vtd_mmio_read64(host.machine.unit, VTD_REG_IQA) & ~UINT64_C(0xfff);
    const uint64_t *q = (const uint64_t *)(host.machine.memory.base + ring);
    unsigned found = 0;
    for (unsigned i = 0; i < 128; i++, q += 4)
        found += (q[0] & 0xe0f) == VTD_TYPE_PG_RESP && vtd_pg_resp_pdp(q) && q[2] == request.private_data[0] &&
                 q[3] == request.private_data[1];
    EXPECT_EQ(found, 1u) << "the host's driver kept it";
}

/* A device of which each of two machines has a part (assign_part): one PASID stands for requests without PASID. */
TEST(PageRequestParts, GoToTheMachineWhosePasidItIsAndNoGuestCanEndThem)
{
    for (bool own : {false, true}) {
        PagingHost host;
        PagingGuest a(host, 0, own), b(host, 1, own);
        vtd_requester *device = host.device(kHostSid);
        uint32_t rid[2] = {}, hpasid[2] = {}, pasid[2] = {};
        vtd_drv_domain *process[2] = {}, *rids[2] = {};
        PagingGuest *guests[2] = {&a, &b};
        for (unsigned i = 0; i < 2; i++)
            ASSERT_EQ(vtd_vmm_assign_part(guests[i]->vmm, kGuestSid, kHostSid, &rid[i]), 0);
        host.enable(kHostSid);
        for (unsigned i = 0; i < 2; i++) {
            guests[i]->enable(kGuestSid);
            pasid[i] = guests[i]->bind(kGuestSid, &process[i]);
            hpasid[i] = guests[i]->host_pasid(kGuestSid, pasid[i]);
            rids[i] = guests[i]->process();
            ASSERT_EQ(vtd_drv_attach(guests[i]->drv, kGuestSid, VTD_DRV_RID_PASID, rids[i]), 0);
            guests[i]->map_on_demand(kGva);
        }
        for (unsigned i = 0; i < 2; i++) {
            const vtd_requester_outcome with = host.access(device, hpasid[i], kGva),
                                        without = host.access(device, rid[i], kGva + kPage);
            ASSERT_EQ(host.handle(), 2);
            ASSERT_EQ(guests[i]->handle(), 2);
            EXPECT_EQ(guests[i]->seen[0].pasid, pasid[i]);
            EXPECT_EQ(guests[i]->seen[0].domain, process[i]);
            EXPECT_FALSE(guests[i]->seen[1].has_pasid);
            EXPECT_EQ(guests[i]->seen[1].domain, rids[i]);
            EXPECT_EQ(host.retry(device, with.prgi).hpa, guests[i]->base + GuestMachine::kData);
            EXPECT_EQ(host.retry(device, without.prgi).hpa, guests[i]->base + GuestMachine::kData + kPage);
        }
        const uint16_t prgi = host.ask(device, hpasid[0], kGva + 5 * kPage);
        host.handle();
        a.respond_raw(kGuestSid, true, pasid[0], prgi, kFailure);
        EXPECT_EQ(host.response(device, prgi), kInvalid);
        EXPECT_TRUE(vtd_requester_has_pri_on(device)) << "the other machine needs it";

        host.request(kHostSid, rid[1], kGva + 9 * kPage, VTD_WRITE);
        ASSERT_EQ(host.handle_faults(), 1);
        ASSERT_EQ(b.handle_faults(), 1);
        EXPECT_FALSE(b.faults[0].has_pasid);
        EXPECT_EQ(a.handle_faults(), 0);
    }
}
