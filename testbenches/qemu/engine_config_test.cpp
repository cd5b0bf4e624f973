// SPDX-License-Identifier: MIT
// Configuration space of the DMA engine, as PCI and PCI Express lay it out, and its message interrupts.
#include "qemu/engine_rig.h"

namespace
{

TEST(EngineConfig, SaysWhoItIs)
{
    EngineRig rig;
    EXPECT_EQ(rig.config(0x00), 0x0dad1b36u);
    EXPECT_EQ(rig.config(0x08), 0xff000000u);
    EXPECT_EQ(rig.config(0x0e, 1), 0u); // header type
    EXPECT_EQ(rig.config(0x2c), 0x0dad1b36u);
    EXPECT_EQ(rig.config(0x3d, 1), 0u); // no interrupt pin
    EXPECT_EQ(rig.read(VTD_DMA_REG_ID), VTD_DMA_ID);
    EXPECT_EQ(rig.read(VTD_DMA_REG_FEATURES), 512u << 16);
}

TEST(EngineConfig, SizingFindsOneBarOfFourKibibytes)
{
    EngineRig rig;
    for (uint32_t at = 0x10; at <= 0x30; at += 4) {
        if (at == 0x2c)
            continue; // subsystem
        rig.config(at, ~0u, 4);
        EXPECT_EQ(rig.config(at), at == 0x10 ? 0xfffff000u : 0u) << std::hex << at;
    }
}

TEST(EngineConfig, AccessesOfBytesAndWordsReachTheirBytesOnly)
{
    EngineRig rig;
    rig.config(0x10, ~0u, 4);
    rig.config(0x12, 0, 1);
    EXPECT_EQ(rig.config(0x10), 0xff00f000u);
    rig.config(0x12, 0x1234, 2);
    EXPECT_EQ(rig.config(0x10), 0x1234f000u);
    EXPECT_EQ(rig.config(0x12, 2), 0x1234u);
    EXPECT_EQ(rig.config(0x13, 1), 0x12u);
}

TEST(EngineConfig, OutsideOfTheSpaceReadsAreOnesAndWritesNothing)
{
    EngineRig rig;
    for (uint32_t at : {0x100u, 0xffdu, 0xfffu, 0x1000u, 0x80000000u, 0xfffffffeu}) {
        rig.config(at, 0, 4);
        EXPECT_EQ(rig.config(at), ~0u) << std::hex << at;
    }
    EXPECT_EQ(rig.config(0xfe, 2), 0u);
    EXPECT_EQ(rig.config(0xff, 2), ~0u);
}

TEST(EngineConfig, RegistersAreThereWhileMemoryDecodingIsOn)
{
    EngineRig rig;
    uint64_t value = 0;
    auto there = [&](uint64_t addr, unsigned size) {
        return rig.function.bar_read(rig.function.self, addr, size, &value);
    };
    EXPECT_TRUE(there(rig.kBar, 4));
    EXPECT_TRUE(there(rig.kBar + 0xff8, 8));
    EXPECT_FALSE(there(rig.kBar + 0xffc, 8)); // across the end
    EXPECT_FALSE(there(rig.kBar - 1, 1));
    EXPECT_FALSE(there(rig.kBar + 0x1000, 1));
    rig.config(0x04, 0x4, 2);
    EXPECT_FALSE(there(rig.kBar, 4));
    EXPECT_FALSE(rig.function.bar_write(rig.function.self, rig.kBar, 0, 4));
    rig.config(0x04, 0x2, 2);
    rig.config(0x10, 0xc0000000, 4);
    EXPECT_TRUE(there(0xc0000000, 4));
    EXPECT_FALSE(there(rig.kBar, 4));
}

TEST(EngineConfig, ConventionalFunctionHasMessagesAndReset)
{
    EngineRig rig;
    EXPECT_TRUE(rig.config(0x06, 2) & 0x10);
    const uint32_t msi = rig.capability(0x05), af = rig.capability(0x13);
    ASSERT_NE(msi, 0u);
    ASSERT_NE(af, 0u);
    EXPECT_EQ(rig.capability(0x10), 0u);
    EXPECT_EQ(rig.config(msi + 2, 2), 0x0180u); // one message, 64-bit addresses, masking
    EXPECT_EQ(rig.config(af + 2, 2), 0x0306u);
}

TEST(EngineConfig, ExpressFunctionIsAnIntegratedEndpointWithAtsPasidAndPri)
{
    EngineRig rig(true);
    const uint32_t express = rig.capability(0x10);
    ASSERT_NE(express, 0u);
    EXPECT_EQ(rig.config(express + 2, 2) >> 4 & 15, 9u);
    EXPECT_TRUE(rig.config(express + 0x04) & 1u << 28); // function level reset
    EXPECT_TRUE(rig.config(express + 0x24) & 1u << 21); // prefixes
    EXPECT_EQ(rig.extended(0x0f), 0x100u);
    EXPECT_EQ(rig.extended(0x1b), 0x110u);
    EXPECT_EQ(rig.extended(0x13), 0x120u);
    EXPECT_EQ(rig.config(0x104, 2) & 0x3f, 0x20u);             // 32 invalidations, page aligned
    EXPECT_EQ(rig.config(0x114, 2), 20u << 8 | 4);             // 20 bits
    EXPECT_EQ(rig.config(0x126, 2), 0x8100u);                  // stopped, responses have a PASID
    EXPECT_EQ(rig.config(0x128), 32u);                         // capacity
    EXPECT_EQ(rig.config(0x102, 2) & 15, 1u);                  // version
    EXPECT_EQ(rig.read(VTD_DMA_REG_FEATURES), 512u << 16 | 7); // the same in its registers
    rig.config(0x124, 1, 2);
    EXPECT_EQ(rig.config(0x126, 2), 0x8000u); // running
}

TEST(EngineConfig, CreationRefusesWhatCannotBe)
{
    EngineRig rig;
    char why[VTD_WHY_SIZE];
    vtd_qemu_function f{};
    vtd_dma_engine_config c{};
    c.sid = EngineRig::kEngine;
    EXPECT_EQ(vtd_dma_engine_create(&rig.host, &c, &f, why), -EEXIST); // one is there
    c.sid = 0x30;
    c.ats = true;
    EXPECT_EQ(vtd_dma_engine_create(&rig.host, &c, &f, why), -EINVAL);
    EXPECT_STREQ(why, "a DMA engine with ATS, PASID or PRI has to be an Express function");
    c.express = c.pri = true;
    c.ats = false;
    EXPECT_EQ(vtd_dma_engine_create(&rig.host, &c, &f, why), -EINVAL);
    EXPECT_STREQ(why, "a DMA engine with PRI needs ATS");
}

struct Msi : EngineRig {
    uint32_t msi = capability(0x05);
    const uint32_t kMode = VTD_DMA_MODE_FILL | VTD_DMA_MODE_MESSAGE;

    Msi()
    {
        EXPECT_EQ(vtd_drv_attach(drv, kEngine, VTD_DRV_RID_PASID, domain), 0);
        config(msi + 4, 0xfee01004, 4);
        config(msi + 12, 0x4022, 2);
    }
    ~Msi()
    {
        vtd_drv_detach(drv, kEngine, VTD_DRV_RID_PASID);
        vtd_drv_domain_destroy(domain);
    }
    vtd_drv_domain *domain = make(VTD_DRV_PASS_THROUGH, 0);
};

TEST(EngineMessage, IsSentAtTheEndWhenEnabled)
{
    Msi rig;
    EXPECT_EQ(rig.transfer(0, 0x1000, 8, rig.kMode), VTD_DMA_STATUS_DONE);
    EXPECT_TRUE(rig.messages.empty());
    rig.config(rig.msi + 2, 1, 2);
    EXPECT_EQ(rig.transfer(0, 0x1000, 8, VTD_DMA_MODE_FILL), VTD_DMA_STATUS_DONE);
    EXPECT_TRUE(rig.messages.empty());
    rig.transfer(0, 0x1000, 8, rig.kMode);
    EXPECT_EQ(rig.messages, (std::vector<EngineRig::Message>{{0xfee01004, 0x4022}}));
}

TEST(EngineMessage, WaitsWhileMaskedAndIsSentOnceAfterwards)
{
    Msi rig;
    rig.config(rig.msi + 2, 1, 2);
    rig.config(rig.msi + 0x10, 1, 4);
    rig.transfer(0, 0x1000, 8, rig.kMode);
    rig.transfer(0, 0x1000, 8, rig.kMode);
    EXPECT_TRUE(rig.messages.empty());
    EXPECT_EQ(rig.config(rig.msi + 0x14), 1u);
    rig.config(rig.msi + 0x10, 0, 4);
    EXPECT_EQ(rig.messages.size(), 1u);
    EXPECT_EQ(rig.config(rig.msi + 0x14), 0u);
    rig.config(rig.msi + 0x10, 0, 4);
    EXPECT_EQ(rig.messages.size(), 1u);
}

TEST(EngineMessage, FourBytesWrittenToTheInterruptRangeAreOne)
{
    Msi rig;
    const uint32_t data = 0x31;
    memcpy(rig.at(0x2000), &data, 4);
    EXPECT_EQ(rig.transfer(0x2000, 0xfee02000, 4), VTD_DMA_STATUS_DONE);
    EXPECT_EQ(rig.messages, (std::vector<EngineRig::Message>{{0xfee02000, 0x31}}));
    // Eight are nothing that an interrupt can be.
    EXPECT_EQ(rig.transfer(0x2000, 0xfee02000, 8), VTD_DMA_STATUS_FAULT);
    EXPECT_EQ(rig.messages.size(), 1u);
}

} // namespace
