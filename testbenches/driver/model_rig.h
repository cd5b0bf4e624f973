/* SPDX-License-Identifier: MIT */
/*
 * A driver over the model, and for each device and PASID what a device should see: a plain dictionary from page to
 * page and rights per domain, kept by the tests alone.
 */
#ifndef VTD_TESTS_MODEL_RIG_H
#define VTD_TESTS_MODEL_RIG_H

extern "C" {
#include "check/vtd_check.h"
#include "driver/vtd_driver.h"
#include "platform/model_bus.h"
}

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

/* Faults that devices meet here (ref 5.2). */
enum : unsigned {
    kNone = 0,
    kLrt2 = 0x01, /* legacy root entry not present */
    kLct2 = 0x02, /* legacy context entry not present */
    kLgn2 = 0x05, /* legacy: write without W, or not present */
    kLgn3 = 0x06, /* legacy: read without R, or not present */
    kSrt2 = 0x39, /* root entry half not present */
    kSct2 = 0x41, /* context entry not present */
    kSct6 = 0x45, /* PASIDE=0 */
    kSct7 = 0x46, /* PASID beyond the directory */
    kSpd2 = 0x51, /* directory entry not present */
    kSpt2 = 0x59, /* PASID entry not present */
    kSfs2 = 0x71, /* first-stage entry not present */
    kSss2 = 0x79, /* second-stage entry not present */
    kSgn2 = 0x81, /* user access to a supervisor page */
    kSgn6 = 0x85, /* write without W */
    kSgn7 = 0x86, /* read without R */
};

/* What a test believes of a domain: 4 KiB page to page and rights. */
struct Model {
    vtd_drv_domain *domain = nullptr;
    vtd_drv_domain_spec spec{};
    Model *parent = nullptr;
    std::map<uint64_t, std::pair<uint64_t, unsigned>> pages;
    std::set<std::pair<uint64_t, uint64_t>> outputs; /* the same the other way round: output page, input page */

    void insert(uint64_t page, uint64_t to, unsigned prot)
    {
        pages[page] = {to, prot};
        outputs.insert({to, page});
    }
    bool erase(uint64_t page)
    {
        const auto it = pages.find(page);
        if (it == pages.end())
            return false;
        outputs.erase({it->second.first, page});
        pages.erase(it);
        return true;
    }
    void clear()
    {
        pages.clear();
        outputs.clear();
    }
};

struct Expected {
    unsigned fault = kNone;
    uint64_t hpa = 0;
};

/* What a user request to addr should meet behind a PASID entry (ref 4.3 to 4.6). */
inline Expected expect(const Model &m, uint64_t addr, bool write)
{
    if (m.spec.kind == VTD_DRV_PASS_THROUGH)
        return {kNone, addr};
    const bool fs = m.spec.kind != VTD_DRV_SECOND_STAGE;
    const auto it = m.pages.find(addr >> 12);
    if (it == m.pages.end())
        return {fs ? kSfs2 : kSss2, 0};
    const auto [page, prot] = it->second;
    const uint64_t out = page << 12 | (addr & 0xfff);
    /* What is not present in the second stage comes before a right that is missing in the first (ref 10.4). */
    if (m.parent && !m.parent->pages.count(page))
        return {kSss2, 0};
    if (fs && (prot & VTD_DRV_SUPERVISOR))
        return {kSgn2, 0};
    if (write && !(prot & VTD_DRV_WRITE))
        return {kSgn6, 0};
    if (!write && !(prot & VTD_DRV_READ))
        return {kSgn7, 0};
    return m.parent ? expect(*m.parent, out, write) : Expected{kNone, out};
}

/* The same in legacy mode, which knows two reasons only (ref 4.4). */
inline Expected expect_legacy(const Model &m, uint64_t addr, bool write)
{
    const Expected e = expect(m, addr, write);
    return e.fault == kNone ? e : Expected{write ? kLgn2 : kLgn3, 0};
}

/* A unit that has legacy mode only: without what needs scalable mode (ref 1.3). */
inline void make_legacy(vtd_config &config)
{
    for (unsigned bit : {26, 29, 31, 34, 35, 36, 37, 38, 39, 40, 43, 45, 46, 47, 48, 49, 53, 56, 58})
        config.ecap &= ~(UINT64_C(1) << bit);
    config.cap &= ~(UINT64_C(1) << 56 | UINT64_C(1) << 60); /* FS1GP, FS5LP */
}

/* ... and that has no queue either, nor what needs one; version 5.0. */
inline void make_queueless(vtd_config &config)
{
    make_legacy(config);
    for (unsigned bit : {1, 2, 3, 4, 20, 21, 22, 23, 33, 41, 42, 55, 61, 62})
        config.ecap &= ~(UINT64_C(1) << bit);
    config.cap &= ~(UINT64_C(1) << 59); /* PI */
    config.version = 0x50;
}

struct Rig {
    static constexpr uint64_t kMemory = UINT64_C(1) << 30;
    static constexpr uint64_t kFrames = UINT64_C(0x10000000);

    vtd_machine machine{};
    vtd_drv *drv = nullptr;
    vtd_check *checker = nullptr;
    std::set<std::string> provoked; /* checks that a test makes the driver fail */

    /*
     * hook: may put functions of its own between the driver and the machine. honest: they hide nothing that the driver does,
     * so that the checker must have nothing to say about it.
     */
    explicit Rig(const vtd_config &config, const vtd_drv_options &options = {},
                 const std::function<void(vtd_bus &)> &hook = nullptr, bool honest = false)
    {
        char why[VTD_WHY_SIZE] = "";
        const auto init = snoops_all(config) ? vtd_machine_init : vtd_machine_init_cached;
        EXPECT_EQ(init(&machine, &config, kMemory, kFrames, kMemory, why), 0) << why;
        if (hook)
            hook(machine.bus);
        if (!hook || honest) {
            checker = vtd_check_start(machine.unit, nullptr, why);
            EXPECT_NE(checker, nullptr) << why;
        }
        vtd_drv_options o = options;
        o.haw = config.haw;
        EXPECT_EQ(vtd_drv_create(&machine.bus, &o, &drv), 0);
        EXPECT_EQ(vtd_drv_start(drv), 0);
    }
    ~Rig()
    {
        vtd_drv_destroy(drv);
        vtd_check_report report;
        for (unsigned i = 0; checker && vtd_check_get(checker, i, &report); i++)
            EXPECT_TRUE(provoked.count(vtd_check_name(report.id)))
                << vtd_check_name(report.id) << ": " << report.what << "; owed: " << report.owed
                << "; done: " << report.since;
        vtd_check_stop(checker);
        EXPECT_EQ(machine.frames.used, 0u) << "pages leaked";
        vtd_machine_fini(&machine);
    }
    Rig(const Rig &) = delete;
    Rig &operator=(const Rig &) = delete;

    /* Whether the unit snoops all that the driver writes (ref 4.8); if not, the machine has processor caches. */
    static bool snoops_all(const vtd_config &config)
    {
        const bool c = config.ecap & 1, scalable = config.ecap >> 43 & 1, smpwcs = config.ecap >> 48 & 1;
        return c && (!scalable || smpwcs);
    }

    vtd_response dma(uint16_t sid, uint32_t pasid, uint64_t addr, bool write)
    {
        vtd_request req{};
        req.addr = addr;
        req.sid = sid;
        req.pasid = pasid;
        req.access = write ? VTD_WRITE : VTD_READ;
        req.flags = pasid ? VTD_REQ_PASID : 0;
        req.len = 1;
        vtd_response resp{};
        EXPECT_EQ(vtd_translate(machine.unit, &req, &resp), VTD_STATUS_OK);
        return resp;
    }

    /* Does a DMA and compares everything: answer, address, and that a fault leaves exactly one matching record. */
    void check(uint16_t sid, uint32_t pasid, uint64_t addr, bool write, const Expected &e, const char *what)
    {
        const vtd_response resp = dma(sid, pasid, addr, write);
        std::vector<vtd_drv_fault> records;
        const auto add = [](void *arg, const vtd_drv_fault *f) {
            static_cast<std::vector<vtd_drv_fault> *>(arg)->push_back(*f);
        };
        vtd_drv_handle_faults(drv, add, &records, nullptr);
        SCOPED_TRACE(testing::Message() << what << " sid " << std::hex << sid << " pasid " << pasid << " addr " << addr
                                        << (write ? " write" : " read"));
        ASSERT_EQ((unsigned)resp.fault, e.fault);
        if (e.fault == kNone) {
            ASSERT_EQ(resp.result, VTD_RESULT_OK);
            ASSERT_EQ(resp.hpa, e.hpa);
            ASSERT_TRUE(records.empty());
            return;
        }
        ASSERT_EQ(resp.result, VTD_RESULT_UR);
        ASSERT_EQ(records.size(), 1u);
        const vtd_drv_fault &f = records[0];
        ASSERT_EQ((unsigned)f.reason, e.fault);
        ASSERT_EQ(f.sid, sid);
        ASSERT_EQ(f.addr, addr & ~UINT64_C(0xfff));
        ASSERT_EQ(f.has_pasid, pasid != 0);
        if (pasid) {
            ASSERT_EQ(f.pasid, pasid);
        }
        ASSERT_EQ((unsigned)f.type, write ? 0u : 2u);
    }
};

#endif
