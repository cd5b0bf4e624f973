/* SPDX-License-Identifier: MIT */
/* The driver over the fake unit, with devices whose owner writes down in the same log what was switched. */
#ifndef VTD_TESTS_ATS_FIXTURE_H
#define VTD_TESTS_ATS_FIXTURE_H

#include "driver_fixture.h"

#include <cerrno>
#include <set>

constexpr uint64_t kEcapDt = 4, kEcapPrs = UINT64_C(1) << 29, kEcapNwfs = UINT64_C(1) << 33,
                   kEcapDit = UINT64_C(1) << 41, kEcapPds = UINT64_C(1) << 42, kEcapPtrs = UINT64_C(1) << 56,
                   kEcapSms = UINT64_C(1) << 58;

struct AtsTest : DriverTest {
    static constexpr uint16_t kSid = 0x10;

    std::string refuse_switch;      /* what the owner of a device refuses */
    std::set<std::string> switched; /* what is on */
    vtd_drv_ats_spec ats_spec{};

    AtsTest()
    {
        ats_spec.opaque = this;
        ats_spec.ops.enable_pasid = [](void *o, uint16_t sid, bool on) { return self(o).flip(sid, "pasid", on); };
        ats_spec.ops.enable_ats = [](void *o, uint16_t sid, bool on) { return self(o).flip(sid, "ats", on); };
        ats_spec.ops.enable_pri = [](void *o, uint16_t sid, bool on) { return self(o).flip(sid, "pri", on); };
    }

    ~AtsTest() override
    {
        vtd_drv_destroy(drv); /* while the owner of the devices is still there */
        drv = nullptr;
    }

    void enable_ats(uint16_t sid)
    {
        ASSERT_EQ(vtd_drv_ats_enable(drv, sid, &ats_spec), 0);
    }
    void enable_ats_of_new(uint16_t sid)
    {
        ASSERT_EQ(vtd_drv_device_add(drv, sid, 20), 0);
        enable_ats(sid);
    }

    /* A domain that a device with ATS has, with nothing in the log. */
    vtd_drv_domain *with_ats(const vtd_drv_domain_spec &spec, uint32_t pasid, uint16_t sid = kSid)
    {
        vtd_drv_domain *d = domain(spec);
        EXPECT_EQ(vtd_drv_attach(drv, sid, pasid, d), 0);
        enable_ats(sid);
        unit.take();
        return d;
    }

    uint64_t dte(uint16_t sid) const
    {
        return unit.qword(context_entry(sid)) >> 2 & 1;
    }

  private:
    static AtsTest &self(void *o)
    {
        return *static_cast<AtsTest *>(o);
    }

    int flip(uint16_t sid, const char *what, bool on)
    {
        char name[32];
        snprintf(name, sizeof(name), "%x %s", sid, what);
        const std::string text = std::string(name) + (on ? " on" : " off");
        if (text == refuse_switch)
            return -EPERM;
        EXPECT_NE(switched.count(name), on ? 1u : 0u) << text << " twice";
        if (on)
            switched.insert(name);
        else
            switched.erase(name);
        unit.log.push_back(text);
        return 0;
    }
};

#endif
