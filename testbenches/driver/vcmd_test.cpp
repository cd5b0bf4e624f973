/* SPDX-License-Identifier: MIT */
/*
 * PASIDs by virtual command (ref 1.14, 9): the driver asks the hypervisor behind the unit; the pool of the machine.
 */
#include "model_rig.h"

extern "C" {
#include "vtd/vtd_regs.h"
}

#include <cerrno>

namespace
{

vtd_config guestConfig(unsigned pasid_bits = 20)
{
    vtd_config config{};
    EXPECT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
    config.ecap |= vtd_reg_ecap_put_vcs(1);
    config.ecap &= ~vtd_reg_ecap_put_pss(31);
    config.ecap |= vtd_reg_ecap_put_pss(pasid_bits - 1);
    return config;
}

uint32_t alloc(Rig &r)
{
    uint32_t pasid = 0;
    EXPECT_EQ(vtd_drv_pasid_alloc(r.drv, &pasid), 0);
    return pasid;
}

/* A bus whose response register says what the test wants. */
uint64_t forged_response;
uint64_t forged_writes;
uint64_t (*true_read64)(void *opaque, uint64_t offset);
uint64_t forgedRead64(void *opaque, uint64_t offset)
{
    return offset == VTD_REG_VCRSP ? forged_response : true_read64(opaque, offset);
}
void countWrites64(void *, uint64_t offset, uint64_t)
{
    forged_writes += offset == VTD_REG_VCMD;
}

int allocWithResponse(uint64_t response, uint64_t *commands = nullptr)
{
    const vtd_config config = guestConfig(16);
    vtd_machine machine{};
    EXPECT_EQ(vtd_machine_init(&machine, &config, Rig::kMemory, Rig::kFrames, Rig::kMemory, nullptr), 0);
    true_read64 = machine.bus.read64;
    machine.bus.read64 = forgedRead64;
    machine.bus.write64 = countWrites64;
    forged_response = response;
    forged_writes = 0;
    vtd_drv_options options{};
    options.poll_limit = 100;
    vtd_drv *drv = nullptr;
    EXPECT_EQ(vtd_drv_create(&machine.bus, &options, &drv), 0);
    uint32_t pasid = 0;
    const int error = vtd_drv_pasid_alloc(drv, &pasid);
    if (commands)
        *commands = forged_writes;
    vtd_drv_destroy(drv);
    vtd_machine_fini(&machine);
    return error;
}

} // namespace

TEST(PasidPool, GivesTheLowestFreePasidFromOneUp)
{
    vtd_pasid_pool pool{};
    ASSERT_EQ(vtd_pasid_pool_init(&pool, 2), 0);
    EXPECT_EQ(vtd_pasid_pool_alloc(&pool), 1u);
    EXPECT_EQ(vtd_pasid_pool_alloc(&pool), 2u);
    EXPECT_EQ(vtd_pasid_pool_alloc(&pool), 3u);
    EXPECT_EQ(vtd_pasid_pool_alloc(&pool), 0u) << "2 bits: 0 to 3, and 0 is not given";
    EXPECT_EQ(vtd_pasid_pool_free(&pool, 2), 0);
    EXPECT_EQ(vtd_pasid_pool_free(&pool, 2), -1) << "not in use";
    EXPECT_EQ(vtd_pasid_pool_free(&pool, 0), -1);
    EXPECT_EQ(vtd_pasid_pool_free(&pool, 4), -1);
    EXPECT_EQ(vtd_pasid_pool_free(&pool, UINT64_C(0x100000001)), -1);
    EXPECT_EQ(vtd_pasid_pool_alloc(&pool), 2u);
    vtd_pasid_pool_fini(&pool);
    ASSERT_EQ(vtd_pasid_pool_init(&pool, 0), 0);
    EXPECT_EQ(vtd_pasid_pool_alloc(&pool), 0u);
    vtd_pasid_pool_fini(&pool);
}

TEST(DriverVirtualCommand, PasidsComeFromTheHostAndGoBack)
{
    Rig r(guestConfig());
    EXPECT_EQ(vtd_pasid_pool_alloc(&r.machine.pasids), 1u) << "of another guest";
    EXPECT_EQ(alloc(r), 2u);
    EXPECT_EQ(alloc(r), 3u);
    EXPECT_EQ(vtd_drv_pasid_free(r.drv, 1), -ENOENT) << "not ours";
    EXPECT_EQ(vtd_drv_pasid_free(r.drv, 2), 0);
    EXPECT_EQ(vtd_pasid_pool_alloc(&r.machine.pasids), 2u) << "the host has it again";
    EXPECT_EQ(vtd_pasid_pool_free(&r.machine.pasids, 3), 0) << "the host takes one away";
    EXPECT_EQ(vtd_drv_pasid_free(r.drv, 3), -EIO) << "invalid PASID";
}

TEST(DriverVirtualCommand, WithoutTheCapabilityTheHostIsNotAsked)
{
    vtd_config config = guestConfig();
    config.ecap &= ~vtd_reg_ecap_put_vcs(1);
    Rig r(config);
    EXPECT_EQ(alloc(r), 1u);
    EXPECT_EQ(vtd_pasid_pool_alloc(&r.machine.pasids), 1u);
}

TEST(DriverVirtualCommand, TheEndOfTheSpaceIsNoSpace)
{
    Rig r(guestConfig(4));
    for (uint32_t n = 1; n < 16; n++)
        EXPECT_EQ(alloc(r), n);
    uint32_t pasid = 0;
    EXPECT_EQ(vtd_drv_pasid_alloc(r.drv, &pasid), -ENOSPC);
    EXPECT_EQ(vtd_drv_pasid_free(r.drv, 7), 0);
    EXPECT_EQ(alloc(r), 7u);
}

TEST(DriverVirtualCommand, APasidThatWasAttachedUnaskedIsNotGivenTwice)
{
    Rig r(guestConfig());
    vtd_drv_domain_spec spec{};
    spec.kind = VTD_DRV_FIRST_STAGE;
    spec.addr_width = 48;
    vtd_drv_domain *domain = nullptr;
    ASSERT_EQ(vtd_drv_domain_create(r.drv, &spec, &domain), 0);
    ASSERT_EQ(vtd_drv_attach(r.drv, 0x510, 1, domain), 0);
    uint32_t pasid = 0;
    EXPECT_EQ(vtd_drv_pasid_alloc(r.drv, &pasid), -EBUSY);
    EXPECT_EQ(vtd_pasid_pool_alloc(&r.machine.pasids), 1u) << "it went back";
    EXPECT_EQ(alloc(r), 2u);
    ASSERT_EQ(vtd_drv_attach(r.drv, 0x510, 2, domain), 0);
    EXPECT_EQ(vtd_drv_pasid_free(r.drv, 2), -EBUSY);
    EXPECT_EQ(vtd_drv_detach(r.drv, 0x510, 2), 0);
    EXPECT_EQ(vtd_drv_pasid_free(r.drv, 2), 0);
    EXPECT_EQ(vtd_drv_detach(r.drv, 0x510, 1), 0);
}

/* The driver finds the registers by itself where they lie in revision 3 (ref 0.1). */
TEST(DriverVirtualCommand, WorksWithTheRegistersOfOldRevisions)
{
    vtd_config config = guestConfig(4);
    config.spec_revision = 3;
    uint64_t cap = 0, ecap = 0;
    ASSERT_EQ(vtd_config_revision_lacks(3, &cap, &ecap), VTD_STATUS_OK);
    config.cap &= ~cap;
    config.ecap &= ~ecap;
    Rig r(config);
    EXPECT_EQ(vtd_pasid_pool_alloc(&r.machine.pasids), 1u) << "of another guest";
    for (uint32_t n = 2; n < 16; n++)
        EXPECT_EQ(alloc(r), n);
    uint32_t pasid = 0;
    EXPECT_EQ(vtd_drv_pasid_alloc(r.drv, &pasid), -ENOSPC);
    EXPECT_EQ(vtd_drv_pasid_free(r.drv, 7), 0);
    EXPECT_EQ(vtd_pasid_pool_alloc(&r.machine.pasids), 7u) << "the host has it again";
    EXPECT_EQ(vtd_pasid_pool_free(&r.machine.pasids, 7), 0);
    EXPECT_EQ(vtd_pasid_pool_free(&r.machine.pasids, 8), 0);
    EXPECT_EQ(vtd_drv_pasid_free(r.drv, 8), -EIO) << "invalid PASID";
}

TEST(DriverVirtualCommand, TheEndOfTheDriverGivesEverythingBack)
{
    const vtd_config config = guestConfig();
    vtd_machine machine{};
    ASSERT_EQ(vtd_machine_init(&machine, &config, Rig::kMemory, Rig::kFrames, Rig::kMemory, nullptr), 0);
    vtd_drv *drv = nullptr;
    ASSERT_EQ(vtd_drv_create(&machine.bus, nullptr, &drv), 0);
    for (uint32_t n = 1, pasid = 0; n <= 100; n++) {
        EXPECT_EQ(vtd_drv_pasid_alloc(drv, &pasid), 0);
        EXPECT_EQ(pasid, n);
    }
    vtd_drv_destroy(drv);
    EXPECT_EQ(vtd_pasid_pool_alloc(&machine.pasids), 1u);
    EXPECT_EQ(vtd_pasid_pool_free(&machine.pasids, 100), -1);
    vtd_machine_fini(&machine);
}

TEST(DriverVirtualCommand, StrangeAnswersAreErrors)
{
    uint64_t commands = 0;
    EXPECT_EQ(allocWithResponse(1), -ETIMEDOUT) << "in progress for ever";
    EXPECT_EQ(allocWithResponse(1u << 1), -EIO) << "undefined command";
    EXPECT_EQ(allocWithResponse(16u << 1), -ENOSPC);
    EXPECT_EQ(allocWithResponse(0, &commands), -EIO) << "PASID 0";
    EXPECT_EQ(commands, 2u) << "and gives it back";
    EXPECT_EQ(allocWithResponse(UINT64_C(0x10000) << 16), -EIO) << "more than the unit's 16 bits";
    EXPECT_EQ(allocWithResponse(UINT64_C(0xffff) << 16), 0);
}
