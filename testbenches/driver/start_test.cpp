/* SPDX-License-Identifier: MIT */
/* Bringing a unit up and down (ref 1.4, 1.8): order of what the driver does, and units that do not play along. */
#include "fake_unit.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace
{

using Log = std::vector<std::string>;

struct Driver {
    FakeUnit unit;
    vtd_drv *drv = nullptr;
    ~Driver()
    {
        vtd_drv_destroy(drv);
        EXPECT_EQ(unit.frames.used, 0u) << "pages leaked";
    }
    int create(const vtd_drv_options &options = {})
    {
        return vtd_drv_create(&unit.bus, &options, &drv);
    }
};

TEST(DriverStart, InvalidatesGloballyInOrderWithoutEsrtps)
{
    Driver d;
    d.unit.cap &= ~kCapEsrtps;
    ASSERT_EQ(d.create(), 0);
    ASSERT_EQ(vtd_drv_start(d.drv), 0);
    EXPECT_EQ(d.unit.take(), (Log{"FSTS", "QIE on", "RTADDR ttm=1", "SRTP", "cc global", "wait", "pc global", "wait",
                                  "iotlb global", "wait", "TE on"}));
    EXPECT_TRUE(vtd_drv_running(d.drv));
}

TEST(DriverStart, LeavesInvalidationToTheUnitWithEsrtps)
{
    Driver d;
    ASSERT_EQ(d.create(), 0);
    ASSERT_EQ(vtd_drv_start(d.drv), 0);
    EXPECT_EQ(d.unit.take(), (Log{"FSTS", "QIE on", "RTADDR ttm=1", "SRTP", "TE on"}));
}

TEST(DriverStart, QuiescesWhatAnEarlierOwnerLeftOn)
{
    Driver d;
    d.unit.reg[0x1c] = 0x84000000; /* TES, QIES */
    ASSERT_EQ(d.create(), 0);
    ASSERT_EQ(vtd_drv_start(d.drv), 0);
    EXPECT_EQ(d.unit.take(), (Log{"TE off", "QIE off", "FSTS", "QIE on", "RTADDR ttm=1", "SRTP", "TE on"}));
}

TEST(DriverStart, ProgramsTheQueueRegisters)
{
    for (unsigned qs = 0; qs <= 7; qs++) {
        Driver d;
        vtd_drv_options options = {};
        options.queue_size = (uint8_t)qs;
        ASSERT_EQ(d.create(options), 0);
        ASSERT_EQ(vtd_drv_start(d.drv), 0);
        EXPECT_EQ(d.unit.reg[0x90] & 0xfff, 0x800u | qs);
        EXPECT_EQ((d.unit.reg[0x90] & ~UINT64_C(0xfff)) % (UINT64_C(4096) << qs), 0u);
    }
}

TEST(DriverStart, SetsAndUnmasksTheFaultEvent)
{
    Driver d;
    d.unit.reg[0x38] = 0x80000000;
    vtd_drv_options options = {};
    options.event_data = 0x41;
    options.event_address = UINT64_C(0x300000000) | 0xfee01000;
    ASSERT_EQ(d.create(options), 0);
    ASSERT_EQ(vtd_drv_start(d.drv), 0);
    EXPECT_EQ(d.unit.reg[0x3c], 0x41u);
    EXPECT_EQ(d.unit.reg[0x40], 0xfee01000u);
    EXPECT_EQ(d.unit.reg[0x44], 3u);
    EXPECT_EQ(d.unit.reg[0x38], 0u);
    ASSERT_EQ(vtd_drv_stop(d.drv), 0);
    EXPECT_EQ(d.unit.reg[0x38], 0x80000000u);
}

TEST(DriverStop, TurnsTranslationOffBeforeTheQueue)
{
    Driver d;
    ASSERT_EQ(d.create(), 0);
    ASSERT_EQ(vtd_drv_start(d.drv), 0);
    d.unit.take();
    ASSERT_EQ(vtd_drv_stop(d.drv), 0);
    EXPECT_EQ(d.unit.take(), (Log{"TE off", "QIE off"}));
    EXPECT_FALSE(vtd_drv_running(d.drv));
    ASSERT_EQ(vtd_drv_start(d.drv), 0) << "may start again";
    EXPECT_EQ(vtd_drv_start(d.drv), -EBUSY);
}

TEST(DriverStart, AbortModeSetsTtm3)
{
    Driver d;
    vtd_drv_options options = {};
    options.abort_mode = true;
    ASSERT_EQ(d.create(options), 0);
    ASSERT_EQ(vtd_drv_start(d.drv), 0);
    EXPECT_EQ(d.unit.take()[2], "RTADDR ttm=3");
}

TEST(DriverCreate, RefusesUnitsItCannotDrive)
{
    struct {
        uint64_t cap, ecap;
        int error;
    } const cases[] = {
        {UINT64_MAX, UINT64_MAX, -ENODEV},
        {kExampleCap & ~kCapSagaw, kExampleEcap & ~kEcapSmts, -ENOTSUP}, /* legacy mode needs a width */
        {kExampleCap, kExampleEcap & ~kEcapQi, -ENOTSUP},
        {kExampleCap, kExampleEcap & ~(kEcapFsts | kEcapSsts | kEcapPt), -ENOTSUP},
    };
    for (const auto &c : cases) {
        Driver d;
        d.unit.cap = c.cap;
        d.unit.ecap = c.ecap;
        EXPECT_EQ(d.create(), c.error);
        EXPECT_EQ(d.drv, nullptr);
    }
}

TEST(DriverCreate, RefusesBadOptions)
{
    for (auto set : {+[](vtd_drv_options &o) { o.queue_size = 8; }, +[](vtd_drv_options &o) { o.haw = 31; },
                     +[](vtd_drv_options &o) { o.haw = 53; }, +[](vtd_drv_options &o) { o.pasid_bits = 21; }}) {
        Driver d;
        vtd_drv_options options = {};
        set(options);
        EXPECT_EQ(d.create(options), -EINVAL);
    }
    Driver d;
    d.unit.ecap &= ~(UINT64_C(1) << 52); /* ADMS */
    vtd_drv_options options = {};
    options.abort_mode = true;
    EXPECT_EQ(d.create(options), -ENOTSUP);
}

TEST(DriverStart, TimesOutOnASilentUnit)
{
    Driver d;
    d.unit.silent = true;
    vtd_drv_options options = {};
    options.poll_limit = 100;
    ASSERT_EQ(d.create(options), 0);
    EXPECT_EQ(vtd_drv_start(d.drv), -ETIMEDOUT);
    EXPECT_FALSE(vtd_drv_running(d.drv));
}

TEST(DriverStart, ReportsThatMemoryIsOut)
{
    for (unsigned pages = 0; pages < 3; pages++) { /* root, ring, status */
        Driver d;
        d.unit.frames.end = d.unit.frames.start + pages * 4096;
        int error = d.create();
        if (!error)
            error = vtd_drv_start(d.drv);
        EXPECT_EQ(error, -ENOMEM) << pages;
    }
}

} // namespace
