/* SPDX-License-Identifier: MIT */
/* The driver over the model, one claim at a time: bring-up, PASIDs, faults and their event, split, replace, stop. */
#include "model_rig.h"

namespace
{

constexpr unsigned kRw = VTD_DRV_READ | VTD_DRV_WRITE;
constexpr uint16_t kSid = 0x510;
constexpr uint64_t kPage = 4096, k1G = 1 << 30;

vtd_config preset(const char *name = "default")
{
    vtd_config c;
    EXPECT_EQ(vtd_config_preset(&c, name), VTD_STATUS_OK);
    return c;
}

vtd_drv_domain *make(Rig &rig, vtd_drv_kind kind, uint8_t width, vtd_drv_domain *parent = nullptr)
{
    vtd_drv_domain_spec spec{};
    spec.kind = kind;
    spec.addr_width = width;
    spec.parent = parent;
    vtd_drv_domain *d = nullptr;
    EXPECT_EQ(vtd_drv_domain_create(rig.drv, &spec, &d), 0);
    return d;
}

TEST(DriverOverModel, StartsOnEveryPreset)
{
    for (unsigned i = 0; const char *name = vtd_config_preset_name(i, nullptr); i++) {
        for (uint8_t qs = 0; qs <= 7; qs++) {
            SCOPED_TRACE(name);
            vtd_drv_options options{};
            options.queue_size = qs;
            Rig rig(preset(name), options);
            EXPECT_TRUE(vtd_drv_running(rig.drv));
            EXPECT_EQ(vtd_mmio_read32(rig.machine.unit, 0x1c) & 0xc4000000, 0xc4000000u) << "TES, RTPS, QIES";
            EXPECT_EQ(vtd_drv_invalidate_all(rig.drv), 0);
        }
    }
}

TEST(DriverOverModel, StartsAndTranslatesInLegacyModeOnEveryPreset)
{
    for (unsigned i = 0; const char *name = vtd_config_preset_name(i, nullptr); i++) {
        for (unsigned mode = 0; mode < 4; mode++) { /* as it is; no scalable mode; registers; no queue */
            SCOPED_TRACE(testing::Message() << name << " mode " << mode);
            vtd_config config = preset(name);
            vtd_drv_options options{};
            options.legacy = mode == 0 || mode == 2;
            options.register_invalidation = mode == 2;
            if (mode == 1)
                make_legacy(config);
            if (mode == 2)
                config.version = 0x50;
            if (mode == 3)
                make_queueless(config);
            Rig rig(config, options);
            const uint32_t queue = mode < 2 ? 1u << 26 : 0;
            EXPECT_EQ(vtd_mmio_read32(rig.machine.unit, 0x1c) & 0xc4000000, 0xc0000000u | queue) << "TES, RTPS, QIES";
            EXPECT_EQ(vtd_mmio_read64(rig.machine.unit, 0x20) & 0xc00, 0u) << "TTM";
            rig.check(kSid, 0, 0x1000, false, {kLrt2, 0}, "no root entry");
            auto *d = make(rig, VTD_DRV_SECOND_STAGE, 48), *pt = make(rig, VTD_DRV_PASS_THROUGH, 0);
            ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 0, d), 0);
            rig.check(kSid + 1, 0, 0x1000, false, {kLct2, 0}, "no context entry");
            ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, kPage, VTD_DRV_READ), 0);
            rig.check(kSid, 0, 0x1234, false, {kNone, 0x5234}, "mapped");
            rig.check(kSid, 0, 0x1234, true, {kLgn2, 0}, "read only");
            ASSERT_EQ(vtd_drv_unmap(d, 0x1000, kPage), (int64_t)kPage);
            rig.check(kSid, 0, 0x1234, false, {kLgn3, 0}, "unmapped");
            ASSERT_EQ(vtd_drv_replace(rig.drv, kSid, 0, pt), 0);
            rig.check(kSid, 0, 0x1234, true, {kNone, 0x1234}, "pass-through");
            ASSERT_EQ(vtd_drv_detach(rig.drv, kSid, 0), 0);
            rig.check(kSid, 0, 0x1234, true, {kLct2, 0}, "detached");
        }
    }
}

TEST(DriverOverModel, LegacyTablesMayChangeWhileTheUnitIsOff)
{
    for (const bool queueless : {false, true}) {
        vtd_config config = preset();
        queueless ? make_queueless(config) : make_legacy(config);
        Rig rig(config);
        auto *d = make(rig, VTD_DRV_SECOND_STAGE, 39);
        ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 0, d), 0);
        ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, kPage, kRw), 0);
        rig.check(kSid, 0, 0x1000, true, {kNone, 0x5000}, "on");
        ASSERT_EQ(vtd_drv_stop(rig.drv), 0); /* the unit keeps what it had cached (ref 1.4) */
        ASSERT_EQ(vtd_drv_unmap(d, 0x1000, kPage), (int64_t)kPage);
        ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x7000, kPage, kRw), 0);
        ASSERT_EQ(vtd_drv_start(rig.drv), 0);
        rig.check(kSid, 0, 0x1000, true, {kNone, 0x7000}, "on again");
    }
}

TEST(DriverOverModel, LegacyDevicesUseAtsWhenItIsOn)
{
    vtd_config config = preset();
    make_legacy(config);
    Rig rig(config);
    auto *d = make(rig, VTD_DRV_SECOND_STAGE, 48);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 0, d), 0);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, kPage, kRw), 0);
    const auto translation = [&] {
        vtd_request req{};
        req.addr = 0x1000;
        req.sid = kSid;
        req.at = VTD_AT_TRANSLATION;
        req.len = 8;
        vtd_response resp{};
        EXPECT_EQ(vtd_translate(rig.machine.unit, &req, &resp), VTD_STATUS_OK);
        return resp;
    };
    constexpr unsigned kLct5 = 0x0d; /* the context entry forbids it */
    EXPECT_EQ(translation().fault, kLct5);
    const vtd_drv_ats_spec ats{};
    ASSERT_EQ(vtd_drv_ats_enable(rig.drv, kSid, &ats), 0);
    EXPECT_EQ(translation().result, VTD_RESULT_OK);
    EXPECT_EQ(translation().hpa, 0x5000u);
    ASSERT_EQ(vtd_drv_ats_disable(rig.drv, kSid), 0);
    EXPECT_EQ(translation().fault, kLct5);
}

TEST(DriverOverModel, AMappedPageTranslatesAndAnUnmappedOneFaults)
{
    Rig rig(preset());
    auto *d = make(rig, VTD_DRV_SECOND_STAGE, 48);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 0, d), 0);
    rig.check(kSid, 0, 0x1000, false, {kSss2, 0}, "before");
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x200005000, kPage, VTD_DRV_READ), 0);
    rig.check(kSid, 0, 0x1234, false, {kNone, 0x200005234}, "mapped");
    rig.check(kSid, 0, 0x1234, true, {kSgn6, 0}, "read only");
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, kPage), (int64_t)kPage);
    rig.check(kSid, 0, 0x1234, false, {kSss2, 0}, "unmapped");
    rig.check(kSid, 1, 0x1234, false, {kSpt2, 0}, "no such PASID");
    rig.check(kSid, 100, 0x1234, false, {kSpd2, 0}, "no such PASID table");
    rig.check(kSid + 1, 0, 0x1234, false, {kSct2, 0}, "no such device");
}

TEST(DriverOverModel, PasidsOfADeviceAreApart)
{
    Rig rig(preset());
    uint32_t pasid[3];
    vtd_drv_domain *d[3];
    for (unsigned i = 0; i < 3; i++) {
        d[i] = make(rig, VTD_DRV_FIRST_STAGE, i == 2 ? 57 : 48);
        ASSERT_EQ(vtd_drv_pasid_alloc(rig.drv, &pasid[i]), 0);
        ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, pasid[i], d[i]), 0);
        ASSERT_EQ(vtd_drv_map(d[i], 0x1000, 0x100000000 + i * kPage, kPage, kRw), 0);
    }
    for (unsigned i = 0; i < 3; i++)
        rig.check(kSid, pasid[i], 0x1000, true, {kNone, 0x100000000 + i * kPage}, "own page");
    ASSERT_EQ(vtd_drv_unmap(d[1], 0x1000, kPage), (int64_t)kPage);
    rig.check(kSid, pasid[0], 0x1000, true, {kNone, 0x100000000}, "still there");
    rig.check(kSid, pasid[1], 0x1000, true, {kSfs2, 0}, "gone");
}

TEST(DriverOverModel, PasidWidthOfADeviceIsALimit)
{
    Rig rig(preset());
    ASSERT_EQ(vtd_drv_device_add(rig.drv, kSid, 0), 0);
    rig.check(kSid, 5, 0x1000, false, {kSct6, 0}, "no PASIDs");
    ASSERT_EQ(vtd_drv_device_add(rig.drv, kSid + 1, 13), 0);
    rig.check(kSid + 1, 0x2000, 0x1000, false, {kSct7, 0}, "beyond the directory");
}

TEST(DriverOverModel, SharedDomainIdKeepsProcessesApart)
{
    Rig rig(preset());
    for (uint32_t pasid = 1; pasid <= 100; pasid++) {
        vtd_drv_domain_spec spec{};
        spec.kind = VTD_DRV_FIRST_STAGE;
        spec.addr_width = 48;
        spec.shared_did = true;
        vtd_drv_domain *d;
        ASSERT_EQ(vtd_drv_domain_create(rig.drv, &spec, &d), 0);
        ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, pasid, d), 0);
        ASSERT_EQ(vtd_drv_attach(rig.drv, kSid + 1, pasid, d), 0);
        ASSERT_EQ(vtd_drv_map(d, 0x1000, pasid * kPage, kPage, kRw), 0);
    }
    for (unsigned round = 0; round < 2; round++)
        for (uint32_t pasid = 1; pasid <= 100; pasid++)
            for (uint16_t sid : {kSid, (uint16_t)(kSid + 1)})
                rig.check(sid, pasid, 0x1000, true, {kNone, pasid * kPage}, "own page");
    vtd_drv_domain *first = vtd_drv_attached(rig.drv, kSid, 1);
    ASSERT_EQ(vtd_drv_unmap_all(first), (int64_t)kPage);
    rig.check(kSid + 1, 1, 0x1000, true, {kSfs2, 0}, "gone");
    rig.check(kSid + 1, 2, 0x1000, true, {kNone, 2 * kPage}, "still there");
}

TEST(DriverOverModel, GigabytePagesInAllStages)
{
    Rig rig(preset());
    auto *ss = make(rig, VTD_DRV_SECOND_STAGE, 57), *fs = make(rig, VTD_DRV_FIRST_STAGE, 57);
    auto *nested = make(rig, VTD_DRV_NESTED, 57, ss);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 0, ss), 0);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 1, fs), 0);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 2, nested), 0);
    ASSERT_EQ(vtd_drv_map(ss, 4 * k1G, 8 * k1G, k1G, kRw), 0);
    ASSERT_EQ(vtd_drv_map(fs, k1G, 8 * k1G, k1G, kRw), 0);
    ASSERT_EQ(vtd_drv_map(nested, 2 * k1G, 4 * k1G, k1G, kRw), 0);
    for (unsigned pasid = 0; pasid < 3; pasid++) {
        const uint64_t base[] = {4 * k1G, k1G, 2 * k1G};
        const vtd_response r = rig.dma(kSid, pasid, base[pasid] + 0x12345678, true);
        EXPECT_EQ(r.result, VTD_RESULT_OK);
        EXPECT_EQ(r.hpa, 8 * k1G + 0x12345678);
        EXPECT_EQ(r.page_shift, 30);
    }
    /* A hole of one page in the parent is seen through everything that stands on it, and nothing else is. */
    ASSERT_EQ(vtd_drv_unmap(ss, 4 * k1G + 7 * kPage, kPage), (int64_t)kPage);
    rig.check(kSid, 0, 4 * k1G + 7 * kPage, false, {kSss2, 0}, "hole");
    rig.check(kSid, 2, 2 * k1G + 7 * kPage, false, {kSss2, 0}, "hole, nested");
    rig.check(kSid, 0, 4 * k1G + 8 * kPage, false, {kNone, 8 * k1G + 8 * kPage}, "beside");
    rig.check(kSid, 2, 2 * k1G + 8 * kPage, true, {kNone, 8 * k1G + 8 * kPage}, "beside, nested");
    rig.check(kSid, 1, k1G + 7 * kPage, true, {kNone, 8 * k1G + 7 * kPage}, "another domain");
}

TEST(DriverOverModel, TablesMayChangeWhileNothingRefersToTheirDomain)
{
    Rig rig(preset());
    auto *a = make(rig, VTD_DRV_SECOND_STAGE, 48), *b = make(rig, VTD_DRV_SECOND_STAGE, 48);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 0, a), 0);
    for (unsigned round = 0; round < 4; round++) { /* with table pages that change places */
        ASSERT_EQ(vtd_drv_map(a, 0x1000, (round + 1) * k1G, kPage, kRw), 0);
        rig.check(kSid, 0, 0x1000, true, {kNone, (round + 1) * k1G}, "attached");
        ASSERT_EQ(vtd_drv_replace(rig.drv, kSid, 0, b), 0);
        ASSERT_EQ(vtd_drv_unmap_all(a), (int64_t)kPage);
        ASSERT_EQ(vtd_drv_map(b, round * k1G, 0x1000, kPage, kRw), 0); /* takes the pages that were freed */
        ASSERT_EQ(vtd_drv_map(a, 0x2000, 0x7000, kPage, kRw), 0);
        ASSERT_EQ(vtd_drv_replace(rig.drv, kSid, 0, a), 0);
        rig.check(kSid, 0, 0x1000, true, {kSss2, 0}, "unmapped meanwhile");
        rig.check(kSid, 0, 0x2000, true, {kNone, 0x7000}, "mapped meanwhile");
        ASSERT_EQ(vtd_drv_unmap(a, 0x2000, kPage), (int64_t)kPage);
    }
}

TEST(DriverOverModel, FaultEventArrivesAndTheHandlerEmptiesTheRecords)
{
    vtd_drv_options options{};
    options.event_data = 0x4b;
    options.event_address = 0xfee03000;
    Rig rig(preset(), options);
    rig.provoked = {"fault-overflow"};
    vtd_msi_message msi;
    auto *d = make(rig, VTD_DRV_FIRST_STAGE, 48);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 0, d), 0);
    EXPECT_FALSE(vtd_msi_sink_take(&rig.machine.msi, &msi));
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 10; i++) /* the unit has 8 records */
            rig.dma(kSid, 0, i * kPage, false);
        ASSERT_TRUE(vtd_msi_sink_take(&rig.machine.msi, &msi));
        EXPECT_EQ(msi.addr, 0xfee03000u);
        EXPECT_EQ(msi.data, 0x4bu);
        EXPECT_FALSE(vtd_msi_sink_take(&rig.machine.msi, &msi)) << "one event until the status is cleared";
        bool overflow = false;
        EXPECT_EQ(vtd_drv_handle_faults(rig.drv, nullptr, nullptr, &overflow), 8);
        EXPECT_TRUE(overflow);
        EXPECT_EQ(vtd_drv_handle_faults(rig.drv, nullptr, nullptr, &overflow), 0);
        EXPECT_FALSE(overflow);
        rig.check(kSid, 0, 0x5000, true, {kSfs2, 0}, "recorded again");
        vtd_msi_sink_take(&rig.machine.msi, &msi);
    }
}

TEST(DriverOverModel, ARefusedDescriptorIsRepaired)
{
    Rig rig(preset());
    rig.provoked = {"queue-error"};
    const uint64_t bad[3][4] = {{0x37}, {0xf}, {0x12}}; /* PC global, unknown type, IOTLB global */
    EXPECT_EQ(vtd_drv_submit_raw(rig.drv, bad, 3), -EIO);
    EXPECT_EQ(vtd_mmio_read32(rig.machine.unit, 0x34) & 0x10, 0u) << "IQE is cleared";
    EXPECT_EQ(vtd_drv_submit_raw(rig.drv, bad, 1), 0);
    EXPECT_EQ(vtd_drv_invalidate_all(rig.drv), 0);
}

TEST(DriverOverModel, BatchesOfAnySizeGoThroughTheSmallestQueue)
{
    Rig rig(preset());
    std::vector<std::array<uint64_t, 4>> many(5000, {0x12, 0, 0, 0});
    for (unsigned n : {1u, 126u, 127u, 128u, 5000u})
        EXPECT_EQ(vtd_drv_submit_raw(rig.drv, (const uint64_t(*)[4])many.data(), n), 0) << n;
}

TEST(DriverOverModel, StopLetsDmaThroughAndRestartTranslatesAgain)
{
    Rig rig(preset());
    auto *d = make(rig, VTD_DRV_SECOND_STAGE, 39);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 0, d), 0);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, kPage, kRw), 0);
    rig.check(kSid, 0, 0x1000, true, {kNone, 0x5000}, "on");
    ASSERT_EQ(vtd_drv_stop(rig.drv), 0);
    rig.check(kSid, 0, 0x1000, true, {kNone, 0x1000}, "off (ref 4.1)");
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, kPage), (int64_t)kPage);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x7000, kPage, kRw), 0);
    vtd_reset(rig.machine.unit);
    ASSERT_EQ(vtd_drv_start(rig.drv), 0);
    rig.check(kSid, 0, 0x1000, true, {kNone, 0x7000}, "on again");
}

TEST(DriverOverModel, AbortModeBlocksAllDma)
{
    vtd_drv_options options{};
    options.abort_mode = true;
    Rig rig(preset(), options);
    rig.check(kSid, 0, 0x1000, false, {0x33, 0}, "RTA.4");
}

TEST(DriverOverModel, AMillionPasidsCanBeConfigured)
{
    Rig rig(preset());
    auto *d = make(rig, VTD_DRV_PASS_THROUGH, 0);
    for (uint32_t pasid = 1; pasid < 1 << 20; pasid += 61) /* some of them, all over the directory */
        ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, pasid, d), 0);
    for (uint32_t pasid = 1; pasid < 1 << 20; pasid += 61 * 97)
        rig.check(kSid, pasid, 0x5000, true, {kNone, 0x5000}, "pass-through");
}

} // namespace
