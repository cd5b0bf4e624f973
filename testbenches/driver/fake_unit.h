/* SPDX-License-Identifier: MIT */
/*
 * A stand-in for the remapping unit that does nothing but answer the handshakes of ref 1.4 and 3.3 and write down
 * what the driver did. It can be slow, refuse descriptors, or fall silent, which the model never does.
 */
#ifndef VTD_TESTS_FAKE_UNIT_H
#define VTD_TESTS_FAKE_UNIT_H

#include "descriptor_text.h"

extern "C" {
#include "driver/vtd_driver.h"
#include "platform/memory.h"
}

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/* The example profile of ref 1.3. */
constexpr uint64_t kExampleCap = 0xD9D2078C22780E06;
constexpr uint64_t kExampleEcap = 0x0433ED9EA4F00FDF;

/* Capability bits that the tests turn on and off (ref 1.2, 1.3). */
constexpr uint64_t kCapCm = UINT64_C(1) << 7, kCapPsi = UINT64_C(1) << 39, kCapFs1gp = UINT64_C(1) << 56,
                   kCapFs5lp = UINT64_C(1) << 60, kCapEsrtps = UINT64_C(1) << 63, kCapMamv = UINT64_C(0x3f) << 48,
                   kCapSagaw = 0x1f00, kCapRwbf = 1 << 4;
constexpr uint64_t kEcapPt = 1 << 6, kEcapNest = 1 << 26, kEcapSsts = UINT64_C(1) << 46, kEcapFsts = UINT64_C(1) << 47,
                   kEcapC = 1, kEcapSmpwcs = UINT64_C(1) << 48, kEcapSmts = UINT64_C(1) << 43, kEcapQi = 2;

class FakeUnit
{
  public:
    uint64_t cap = kExampleCap, ecap = kExampleEcap;
    uint32_t version = 0x60;
    bool idle = false;    /* invalidation registers are never done (ref 1.6) */
    bool refuses = false; /* ... or say that they did nothing */
    bool lazy = false;    /* one descriptor per relax, instead of all at once */
    bool silent = false;  /* GSTS never changes */
    bool stuck = false;   /* descriptors are never executed */
    std::function<int(const uint64_t *)> refuse = [](const uint64_t *) { return 0; }; /* IQEI code for a descriptor */
    std::set<uint16_t> dead; /* devices that do not answer invalidations: the next wait meets a time-out (ref 3.4) */
    std::vector<std::string> log; /* descriptors that were executed, and register writes that matter, in order */
    std::vector<std::array<uint64_t, 4>> raw; /* descriptors that were executed, as they are */
    std::function<void(const uint64_t *)> executing = [](const uint64_t *) {}; /* called for each of them */
    std::map<uint64_t, uint64_t> reg;
    uint64_t max_queued = 0; /* most descriptors seen between head and tail */
    vtd_memory memory{};
    vtd_frames frames{};
    vtd_bus bus{};

    explicit FakeUnit(uint64_t memory_size = UINT64_C(64) << 20)
    {
        if (vtd_memory_init(&memory, memory_size, nullptr) != 0)
            throw std::runtime_error("no memory");
        vtd_frames_init(&frames, &memory, 0x100000, memory_size);
        bus.opaque = this;
        bus.read32 = [](void *o, uint64_t at) { return (uint32_t)self(o).read(at); };
        bus.read64 = [](void *o, uint64_t at) { return self(o).read(at); };
        bus.write32 = [](void *o, uint64_t at, uint32_t v) { self(o).write(at, v); };
        bus.write64 = [](void *o, uint64_t at, uint64_t v) { self(o).write(at, v); };
        bus.relax = [](void *o) { self(o).relax(); };
        bus.dma_alloc = [](void *o, unsigned order, uint64_t *dma) -> void * {
            *dma = vtd_frames_alloc(&self(o).frames, order);
            return *dma ? self(o).memory.base + *dma : nullptr;
        };
        bus.dma_free = [](void *o, uint64_t dma, unsigned order) { vtd_frames_free(&self(o).frames, dma, order); };
        bus.dma_to_cpu = [](void *o, uint64_t dma) -> void * { return self(o).memory.base + dma; };
    }
    ~FakeUnit()
    {
        vtd_memory_fini(&memory);
    }
    FakeUnit(const FakeUnit &) = delete;
    FakeUnit &operator=(const FakeUnit &) = delete;

    uint64_t qword(uint64_t addr) const
    {
        uint64_t v = 0;
        vtd_memory_read(&memory, addr, 8, &v);
        return v;
    }

    /* The log, and a fresh start of it. */
    std::vector<std::string> take()
    {
        return std::exchange(log, {});
    }

  private:
    static FakeUnit &self(void *o)
    {
        return *static_cast<FakeUnit *>(o);
    }

    uint64_t read(uint64_t at)
    {
        switch (at) {
        case 0x000:
            return version;
        case 0x008:
            return cap;
        case 0x010:
            return ecap;
        default:
            return reg[at];
        }
    }

    void write(uint64_t at, uint64_t v)
    {
        switch (at) {
        case 0x018:
            command((uint32_t)v);
            break;
        case 0x020:
            log.push_back("RTADDR ttm=" + std::to_string(v >> 10 & 3));
            reg[at] = v;
            break;
        case 0x028: /* CCMD: ICC, CIRG, CAIG, FM, SID, DID (ref 1.6) */
            log.push_back("CCMD " + std::string(v >> 61 & 2 ? v >> 61 & 1 ? "device" : "domain" : "global") +
                          " sid=" + std::to_string(v >> 16 & 0xffff) + " did=" + std::to_string(v & 0xffff) +
                          (v >> 63 && !(v >> 32 & 3) ? "" : " BAD"));
            reg[at] = idle ? v : (v & ~(UINT64_C(1) << 63)) | (refuses ? 0 : (v >> 61 & 3) << 59);
            break;
        case 0x0f0: /* IVA */
            reg[at] = v;
            break;
        case 0x0f8: /* IOTLB_REG: IVT, IIRG, IAIG, DR, DW, DID */
            log.push_back("IOTLB " + iotlb_text(v) +
                          (v >> 63 && (v >> 48 & 3) == 3 && !(v & 0xffffffff) ? "" : " BAD"));
            reg[at] = idle ? v : (v & ~(UINT64_C(1) << 63)) | (refuses ? 0 : (v >> 60 & 3) << 57);
            break;
        case 0x034: /* RW1C */
            reg[at] &= ~(v & 0x71);
            log.push_back(v & 1 ? "FSTS PFO" : "FSTS");
            run();
            break;
        case 0x0dc: /* RW1C */
            reg[at] &= ~v;
            break;
        case 0x088:
            reg[at] = v;
            max_queued = std::max(max_queued, ((v - reg[0x80]) & (queue_bytes() - 1)) / slot());
            if (!lazy)
                run();
            break;
        default:
            reg[at] = v;
            if (at >= frcd() && at < frcd() + 16 * records()) { /* F is RW1C; PPF follows */
                reg[at] = reg_before_[at] & ~(v & UINT64_C(0x80000000));
                log.push_back("FRCD " + std::to_string((at - frcd()) / 16));
            }
        }
        reg_before_ = reg;
    }

  public:
    uint64_t frcd() const
    {
        return 16 * (cap >> 24 & 0x3ff);
    }
    uint64_t records() const
    {
        return (cap >> 40 & 0xff) + 1;
    }

    /* Puts a pending record into the registers. */
    void set_record(unsigned i, uint64_t low, uint64_t high)
    {
        const uint64_t at = frcd() + 16 * i;
        reg[at] = low;
        reg[at + 8] = high;
        reg[at + 12] = high >> 32;
        reg_before_ = reg;
    }

  private:
    std::map<uint64_t, uint64_t> reg_before_;
    uint64_t owed_ = 0; /* a device that has not answered: bit 32 and its source-id */

    uint64_t queue_bytes() const
    {
        return UINT64_C(4096) << (reg.count(0x90) ? reg.at(0x90) & 7 : 0);
    }

    uint64_t slot() const /* bytes of a descriptor */
    {
        return reg.count(0x90) && reg.at(0x90) & 0x800 ? 32 : 16;
    }

    std::string iotlb_text(uint64_t v) const
    {
        const uint64_t granularity = v >> 60 & 3, iva = reg.count(0xf0) ? reg.at(0xf0) : 0;
        const std::string did = " did=" + std::to_string(v >> 32 & 0xffff);
        if (granularity == 1)
            return "global";
        if (granularity == 2)
            return "domain" + did;
        char text[64];
        snprintf(text, sizeof(text), " %" PRIx64 " am=%u ih=%u", iva & ~UINT64_C(0xfff), (unsigned)(iva & 0x3f),
                 (unsigned)(iva >> 6 & 1));
        return "page" + did + text;
    }

    void command(uint32_t v)
    {
        const uint32_t before = (uint32_t)reg[0x1c];
        if (silent)
            return;
        if (v & (1u << 30))
            log.push_back("SRTP");
        if (v & (1u << 27))
            log.push_back("WBF");
        if ((v ^ before) & (1u << 31))
            log.push_back(v & (1u << 31) ? "TE on" : "TE off");
        if ((v ^ before) & (1u << 26)) {
            log.push_back(v & (1u << 26) ? "QIE on" : "QIE off");
            reg[0x80] = 0;
        }
        reg[0x1c] = (v & 0x86800000) | ((v | before) & (1u << 30));
    }

    void relax()
    {
        if (lazy)
            step();
    }

    /* Whether a wait is dropped because a device did not answer. */
    bool times_out(const uint64_t *q)
    {
        const unsigned type = q[0] & 0xf;
        const uint16_t sid = (uint16_t)(type == 3 ? q[0] >> 32 : q[0] >> 16);
        if ((type == 3 || type == 8) && dead.count(sid) && !owed_)
            owed_ = UINT64_C(1) << 32 | sid;
        if (type != 5 || !owed_)
            return false;
        reg[0xb0] = (owed_ & 0xffff) << 32;
        reg[0x34] |= 0x40;
        owed_ = 0;
        return true;
    }

    void run()
    {
        while (step())
            ;
    }

    /* Executes one descriptor; false when there is none to execute. */
    bool step()
    {
        if (stuck || !(reg[0x1c] & (1u << 26)) || (reg[0x34] & 0x50) || reg[0x80] == reg[0x88])
            return false;
        uint64_t q[4] = {};
        memcpy(q, memory.base + (reg[0x90] & ~UINT64_C(0xfff)) + reg[0x80], slot());
        const int code = refuse(q);
        if (code) {
            reg[0xb0] = (uint64_t)code;
            reg[0x34] |= 0x10;
            return false;
        }
        log.push_back(descriptor_text(q));
        raw.push_back({q[0], q[1], q[2], q[3]});
        executing(q);
        reg[0x80] = (reg[0x80] + slot()) & (queue_bytes() - 1);
        if (times_out(q))
            log.back() += " dropped";
        else if ((q[0] & 0xf) == 5 && (q[0] & 0x20))
            vtd_memory_write(&memory, q[1], 4, q[0] >> 32);
        return true;
    }
};

#endif
