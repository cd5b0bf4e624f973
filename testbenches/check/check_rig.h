/* SPDX-License-Identifier: MIT */
/*
 * A unit under a checker, programmed by hand: tables at known places, descriptors put one by one. Device 00:02.0 (source-id
 * 0010h) has, without PASID, second-stage domain 1, and with PASID 5, first-stage domain 2; PASID 6 is nested in domain 3.
 */
#ifndef VTD_CHECK_RIG_H
#define VTD_CHECK_RIG_H

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "check/vtd_check.h"
#include "vtd/vtd_regs.h"

class CheckRig
{
  public:
    static constexpr uint16_t kSid = 0x10;
    /* Places of tables; each takes a page. */
    enum : uint64_t {
        kRoot = 0x1000,
        kContext = 0x2000,
        kDirectory = 0x3000,
        kTable = 0x4000,
        kQueue = 0x5000,
        kStatus = 0x6000,
        kSs = 0x10000,    /* levels 4 to 1 at kSs, +1000h, +2000h, +3000h: IOVA 5000h is kPage */
        kFs = 0x20000,    /* the same for PASID 5 */
        kGuest = 0x30000, /* the same for PASID 6; its guest addresses are host addresses by kHost */
        kHost = 0x40000,  /* second stage of PASID 6: level 4, 3, and 2 with a page of 2 MiB at 0 and one at 16 MiB */
        kIrt = 0x50000,
        kPage = 0x200000,
        kSize = 0x2000000,
    };

    explicit CheckRig(const std::function<void(vtd_config &)> &change = nullptr,
                      const vtd_check_options *options = nullptr)
        : words(kSize / 8)
    {
        char why[VTD_WHY_SIZE] = "";
        vtd_config config;
        vtd_config_preset(&config, "default");
        if (change)
            change(config);
        vtd_host host = {};
        host.mem_base = words.data();
        host.mem_size = kSize;
        unit = vtd_create(&config, &host, why);
        EXPECT_NE(unit, nullptr) << why;
        check = vtd_check_start(unit, options, why);
        EXPECT_NE(check, nullptr) << why;
    }
    ~CheckRig()
    {
        vtd_check_stop(check);
        vtd_destroy(unit);
    }
    CheckRig(const CheckRig &) = delete;
    CheckRig &operator=(const CheckRig &) = delete;

    uint64_t &at(uint64_t address)
    {
        return words[address / 8];
    }

    void build()
    {
        at(kRoot) = kContext | 1;
        at(kContext + kSid * 32) = kDirectory | 1 | 1 << 3; /* PASIDE */
        at(kDirectory) = kTable | 1;
        at(kTable) = kSs | 2 << 6 | 2 << 2 | 1; /* PASID 0: second stage, 4 levels */
        at(kTable + 8) = 1;
        at(kTable + 5 * 64) = 1 << 6 | 1;      /* PASID 5: first stage */
        at(kTable + 5 * 64 + 8) = 2 | 1 << 23; /* page walks snoop */
        at(kTable + 5 * 64 + 16) = kFs;
        at(kTable + 6 * 64) = kHost | 3 << 6 | 2 << 2 | 1; /* PASID 6: nested */
        at(kTable + 6 * 64 + 8) = 3 | 1 << 23;
        at(kTable + 6 * 64 + 16) = kGuest;
        for (uint64_t stage : {uint64_t{kSs}, uint64_t{kFs}, uint64_t{kGuest}}) {
            const uint64_t rights = stage == kSs ? 3 : 7; /* R, W; or P, RW, US */
            for (uint64_t level = 0; level < 3; level++)
                at(stage + level * 0x1000) = (stage + (level + 1) * 0x1000) | rights;
            at(stage + 0x3000 + 5 * 8) = kPage | rights;
            at(stage + 0x3000 + 6 * 8) = (kPage + 0x1000) | rights;
        }
        at(kHost) = (kHost + 0x1000) | 3;
        at(kHost + 0x1000) = (kHost + 0x2000) | 3;
        at(kHost + 0x2000) = 0 | 3 | 1 << 7;
        at(kHost + 0x2000 + 8) = 0x200000 | 3 | 1 << 7;
    }

    void write32(uint64_t offset, uint32_t value)
    {
        vtd_mmio_write32(unit, offset, value);
    }
    void write64(uint64_t offset, uint64_t value)
    {
        vtd_mmio_write64(unit, offset, value);
    }
    void command(uint32_t bit, bool stays = true)
    {
        write32(VTD_REG_GCMD, gcmd | bit);
        if (stays)
            gcmd |= bit;
    }

    /* Queue on, root table latched, everything flushed, translation on: in good order. */
    void start()
    {
        build();
        queue_on();
        write64(VTD_REG_RTADDR, kRoot | 1 << 10);
        command(1u << 30, false);
        flush_all();
        command(1u << 31);
    }
    void queue_on()
    {
        write64(VTD_REG_IQA, kQueue | 1 << 11);
        command(1u << 26);
    }

    void put(uint64_t first, uint64_t second = 0)
    {
        at(kQueue + tail) = first;
        at(kQueue + tail + 8) = second;
        at(kQueue + tail + 16) = at(kQueue + tail + 24) = 0;
        tail = (tail + 32) % 4096;
    }
    void ring()
    {
        write64(VTD_REG_IQT, tail);
    }
    void wait(uint64_t status = kStatus)
    {
        put(5 | 1 << 5 | 1ull << 32, status);
        ring();
    }
    void flush_all()
    {
        put(0x1 | 1 << 4);
        put(0x7 | 3 << 4);
        put(0x2 | 1 << 4);
        wait();
    }
    /* Single descriptors (reference 3.1). */
    void cc_device(uint64_t sid)
    {
        put(0x1 | 3 << 4 | sid << 32);
    }
    void pc(uint64_t did, uint64_t pasid)
    {
        put(0x7 | 1 << 4 | did << 16 | pasid << 32);
    }
    void pc_domain(uint64_t did)
    {
        put(0x7 | did << 16);
    }
    void iotlb_domain(uint64_t did)
    {
        put(0x2 | 2 << 4 | did << 16);
    }
    void iotlb_page(uint64_t did, uint64_t address, uint64_t am = 0, bool hint = false)
    {
        put(0x2 | 3 << 4 | did << 16, address | am | (hint ? 1 << 6 : 0));
    }
    void p_iotlb(uint64_t did, uint64_t pasid)
    {
        put(0x6 | 2 << 4 | did << 16 | pasid << 32);
    }
    void p_iotlb_page(uint64_t did, uint64_t pasid, uint64_t address, uint64_t am = 0, bool hint = false)
    {
        put(0x6 | 3 << 4 | did << 16 | pasid << 32, address | am | (hint ? 1 << 6 : 0));
    }

    bool dma(uint32_t pasid, uint64_t address, bool write = true)
    {
        vtd_request request = {};
        request.addr = address;
        request.sid = kSid;
        request.pasid = pasid;
        request.flags = pasid ? VTD_REQ_PASID : 0;
        request.access = write ? VTD_WRITE : VTD_READ;
        request.len = 8;
        EXPECT_EQ(vtd_translate(unit, &request, &response), VTD_STATUS_OK);
        return response.result == VTD_RESULT_OK;
    }

    std::vector<std::string> names() const
    {
        std::vector<std::string> all;
        vtd_check_report report;
        for (unsigned i = 0; vtd_check_get(check, i, &report); i++)
            all.push_back(vtd_check_name(report.id));
        return all;
    }
    vtd_check_report report(unsigned i) const
    {
        vtd_check_report report = {};
        EXPECT_TRUE(vtd_check_get(check, i, &report));
        return report;
    }

    std::vector<uint64_t> words;
    vtd *unit;
    vtd_check *check;
    vtd_response response;
    uint32_t gcmd = 0;
    uint64_t tail = 0;
};

#endif
