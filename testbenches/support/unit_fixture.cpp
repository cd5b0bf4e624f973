/* SPDX-License-Identifier: MIT */
/*
 * The unit of unit_fixture.h: memory, callbacks, registers, queue and fault records.
 */
#include "support/unit_fixture.h"

#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

namespace vtdtest
{

namespace
{
void put(uint64_t &reg, unsigned lsb, unsigned msb, uint64_t value)
{
    const uint64_t mask = (~UINT64_C(0) >> (63 - (msb - lsb))) << lsb;
    reg = (reg & ~mask) | ((value << lsb) & mask);
}

int observe(void *opaque, const MemAccess &access)
{
    auto *u = static_cast<Unit *>(opaque);
    u->accesses.push_back(access);
    if (u->before)
        u->before(access);
    if (u->fail && u->fail(access))
        return 1;
    return vtd_memory_has(&u->memory, access.addr, access.size) ? 0 : 1;
}

int memRead(void *opaque, uint64_t hpa, void *data, size_t size, vtd_mem_class cls, bool snoop)
{
    if (observe(opaque, {MemAccess::Read, cls, hpa, size, 0, 0, snoop}))
        return 1;
    std::memcpy(data, static_cast<Unit *>(opaque)->memory.base + hpa, size);
    return 0;
}

int memWrite(void *opaque, uint64_t hpa, const void *data, size_t size, vtd_mem_class cls)
{
    if (observe(opaque, {MemAccess::Write, cls, hpa, size, 0, 0, true}))
        return 1;
    std::memcpy(static_cast<Unit *>(opaque)->memory.base + hpa, data, size);
    return 0;
}

int memCas(void *opaque, uint64_t hpa, uint64_t *expected, uint64_t desired, vtd_mem_class cls)
{
    if (observe(opaque, {MemAccess::Cas, cls, hpa, 8, *expected, desired, true}))
        return 1;
    uint64_t *there = static_cast<Unit *>(opaque)->at(hpa);
    if (*there == *expected)
        *there = desired;
    else
        *expected = *there;
    return 0;
}
} // namespace

void setCap(vtd_config &config, unsigned lsb, unsigned msb, uint64_t value)
{
    put(config.cap, lsb, msb, value);
}

void setEcap(vtd_config &config, unsigned lsb, unsigned msb, uint64_t value)
{
    put(config.ecap, lsb, msb, value);
}

vtd_config preset(const char *name)
{
    vtd_config config{};
    EXPECT_EQ(vtd_config_preset(&config, name), VTD_STATUS_OK) << name;
    return config;
}

vtd_config atRevision(unsigned revision, vtd_config config)
{
    config.spec_revision = static_cast<uint8_t>(revision);
    uint64_t cap = 0, ecap = 0;
    EXPECT_EQ(vtd_config_revision_lacks(revision, &cap, &ecap), VTD_STATUS_OK);
    config.cap &= ~cap;
    config.ecap &= ~ecap;
    return config;
}

vtd_config withoutCaches(vtd_config config)
{
    for (auto &geometry : config.cache)
        geometry.entries = geometry.ways = 0;
    return config;
}

vtd_config withCaches(uint32_t entries, vtd_config config)
{
    for (unsigned id = 0; id < VTD_CACHES; id++)
        if (id != VTD_CACHE_PASID_DIR)
            config.cache[id] = {entries, 0, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0};
    return config;
}

/* ---------------------------------------------------------------- the unit */

Unit::Unit(const vtd_config &config, Memory kind)
{
    char why[VTD_WHY_SIZE] = "";
    if (vtd_memory_init(&memory, kMemorySize, why) != 0)
        throw std::runtime_error(why);
    vtd_frames_init(&frames, &memory, kFramesStart, kFramesEnd);

    vtd_host host{};
    host.opaque = this;
    if (kind == Window) {
        host.mem_base = memory.base;
        host.mem_size = memory.size;
    } else {
        host.mem_read = memRead;
        host.mem_write = memWrite;
        host.mem_cas = memCas;
    }
    host.msi = [](void *opaque, uint64_t addr, uint32_t data) {
        static_cast<Unit *>(opaque)->messages.push_back({addr, data});
    };
    host.page_response = [](void *opaque, const vtd_page_response *resp) {
        static_cast<Unit *>(opaque)->responses.push_back(*resp);
    };
    host.device_tlb_inv = [](void *opaque, const vtd_device_tlb_inv *inv) {
        static_cast<Unit *>(opaque)->device_invs.push_back(*inv);
    };
    host.virtual_command = [](void *opaque, unsigned command, uint64_t a, uint64_t b, uint64_t *result) {
        const auto &answer = static_cast<Unit *>(opaque)->virtual_command;
        return answer ? answer(command, a, b, result) : unsigned{VTD_VCMD_NO_PASID};
    };
    unit_ = vtd_create(&config, &host, why);
    if (unit_ == nullptr) {
        vtd_memory_fini(&memory);
        throw std::runtime_error(why);
    }
    root_ = alloc();
}

Unit::~Unit()
{
    vtd_destroy(unit_);
    vtd_memory_fini(&memory);
}

uint64_t Unit::alloc(unsigned order)
{
    const uint64_t frame = vtd_frames_alloc(&frames, order);
    if (frame == 0)
        throw std::runtime_error("the test is out of page frames");
    return frame;
}

uint64_t *Unit::at(uint64_t hpa)
{
    if (!vtd_memory_has(&memory, hpa, 8))
        throw std::runtime_error("the test looks outside of memory");
    return reinterpret_cast<uint64_t *>(memory.base + hpa);
}

vtd_prq_result Unit::pageRequest(uint16_t sid, uint64_t addr, unsigned flags, uint32_t pasid, unsigned prgi)
{
    struct vtd_page_request req {
    };
    req.addr = addr;
    req.pasid = pasid;
    req.sid = sid;
    req.prgi = static_cast<uint16_t>(prgi);
    req.flags = static_cast<uint8_t>(flags);
    req.private_data[0] = kPrivateData;
    req.private_data[1] = ~kPrivateData;
    vtd_prq_result result{};
    EXPECT_EQ(vtd_page_request_submit(unit_, &req, &result), VTD_STATUS_OK);
    return result;
}

vtd_stats Unit::stats() const
{
    vtd_stats stats;
    vtd_stats_get(unit_, &stats);
    return stats;
}

unsigned Unit::count(MemAccess::Kind kind, vtd_mem_class cls) const
{
    unsigned n = 0;
    for (const auto &access : accesses)
        n += access.kind == kind && access.cls == cls;
    return n;
}

/* ---------------------------------------------------------------- registers */

void Unit::command(unsigned gcmd_bit, bool on)
{
    constexpr uint32_t kPersistent = 0x96ffffff; /* drops the one-shot bits (ref 1.4) */
    const uint32_t bits = read32(VTD_REG_GSTS) & kPersistent;
    write32(VTD_REG_GCMD, on ? bits | 1u << gcmd_bit : bits & ~(1u << gcmd_bit));
}

void Unit::setRootTable(unsigned ttm, bool ssirwe, uint64_t root)
{
    write64(VTD_REG_RTADDR, vtd_reg_rtaddr_put_ttm(ttm) | vtd_reg_rtaddr_put_ssirwe(ssirwe) | (root ? root : root_));
    command(VTD_GCMD_SRTP_LSB);
    EXPECT_EQ(vtd_reg_gsts_rtps(read32(VTD_REG_GSTS)), 1u);
}

void Unit::start(unsigned ttm, bool ssirwe)
{
    setRootTable(ttm, ssirwe);
    if (vtd_reg_ecap_qi(config().ecap) && queue_ == 0)
        enableQueue();
    enable();
    EXPECT_EQ(vtd_reg_gsts_tes(read32(VTD_REG_GSTS)), 1u);
}

void Unit::enableQueue(unsigned qs)
{
    const bool wide = vtd_reg_ecap_smts(config().ecap);
    queue_ = alloc(qs);
    queue_bytes_ = 4096u << qs;
    write64(VTD_REG_IQT, 0);
    write64(VTD_REG_IQA, vtd_reg_iqa_put_dw(wide) | vtd_reg_iqa_put_qs(qs) | queue_);
    command(VTD_GCMD_QIE_LSB);
    EXPECT_EQ(vtd_reg_gsts_qies(read32(VTD_REG_GSTS)), 1u);
}

void Unit::submit(const std::vector<Desc> &descs)
{
    const unsigned size = vtd_reg_iqa_dw(read64(VTD_REG_IQA)) ? 32 : 16;
    uint64_t tail = read64(VTD_REG_IQT);
    for (const auto &desc : descs) {
        std::memcpy(at(queue_ + tail), desc.q, size);
        tail = (tail + size) % queue_bytes_;
        write64(VTD_REG_IQT, tail);
    }
    EXPECT_EQ(read64(VTD_REG_IQH), tail) << "IQERCD " << read64(VTD_REG_IQERCD);
}

void Unit::invalidateAll()
{
    /* PASID-cache descriptors exist in scalable and abort mode only (ref 3). */
    const bool legacy = vtd_reg_rtaddr_ttm(read64(VTD_REG_RTADDR)) == VTD_TTM_LEGACY;
    submit(legacy ? std::vector<Desc>{ccInv(1), iotlbInv(1)} : std::vector<Desc>{ccInv(1), pcInv(3), iotlbInv(1)});
}

/* ---------------------------------------------------------------- fault records */

uint64_t Unit::frcd(unsigned index) const
{
    return 16 * vtd_reg_cap_fro(config().cap) + UINT64_C(16) * index;
}

Fault Unit::readFault(unsigned index) const
{
    const uint64_t lo = read64(frcd(index)), hi = read64(frcd(index) + 8);
    Fault f;
    f.valid = vtd_reg_frcd_hi_f(hi);
    f.reason = static_cast<unsigned>(vtd_reg_frcd_hi_fr(hi));
    f.sid = static_cast<uint16_t>(vtd_reg_frcd_hi_sid(hi));
    f.pp = vtd_reg_frcd_hi_pp(hi);
    f.priv = vtd_reg_frcd_hi_priv(hi);
    f.exe = vtd_reg_frcd_hi_exe(hi);
    f.pasid = static_cast<uint32_t>(vtd_reg_frcd_hi_pv(hi));
    f.at = static_cast<unsigned>(vtd_reg_frcd_hi_at(hi));
    f.type = static_cast<unsigned>(vtd_reg_frcd_hi_t1(hi) << 1 | vtd_reg_frcd_hi_t2(hi));
    f.fi = lo;
    return f;
}

Fault Unit::takeFault()
{
    const uint32_t status = read32(VTD_REG_FSTS);
    if (!vtd_reg_fsts_ppf(status))
        return {};
    /* FRI stays where the first record was while others are pending: go forward from there, as software does. */
    const unsigned count = static_cast<unsigned>(vtd_reg_cap_nfr(config().cap)) + 1;
    for (unsigned n = 0; n < count; n++) {
        const unsigned index = static_cast<unsigned>(vtd_reg_fsts_fri(status) + n) % count;
        const Fault f = readFault(index);
        if (!f.valid)
            continue;
        write32(frcd(index) + 12, 1u << 31); /* as Linux does (ref 1.7) */
        return f;
    }
    ADD_FAILURE() << "PPF=1, but no record has F=1";
    return {};
}

void Unit::clearFaults()
{
    while (takeFault().valid)
        ;
    write32(VTD_REG_FSTS, 1u << VTD_FSTS_PFO_LSB);
}

/* ---------------------------------------------------------------- assertions */

namespace
{
std::string describe(const vtd_response &resp)
{
    char text[160];
    std::snprintf(text, sizeof text, "result %u fault %#x (%s) hpa %#llx shift %u attr %#x", resp.result, resp.fault,
                  resp.fault ? vtd_fault_name(resp.fault) : "none", static_cast<unsigned long long>(resp.hpa),
                  resp.page_shift, resp.attr);
    return text;
}
} // namespace

testing::AssertionResult translated(const vtd_response &resp, uint64_t hpa, unsigned page_shift)
{
    if (resp.result == VTD_RESULT_OK && resp.fault == 0 && resp.hpa == hpa &&
        (page_shift == 0 || resp.page_shift == page_shift))
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << describe(resp) << ", expected hpa 0x" << std::hex << hpa << " shift "
                                       << std::dec << page_shift;
}

testing::AssertionResult answered(const vtd_response &resp, vtd_result result, unsigned reason)
{
    if (resp.result == result && resp.fault == reason)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << describe(resp) << ", expected result " << result << " fault "
                                       << (reason ? vtd_fault_name(static_cast<uint8_t>(reason)) : "none");
}

testing::AssertionResult blocked(const vtd_response &resp, unsigned reason)
{
    return answered(resp, VTD_RESULT_UR, reason);
}

} // namespace vtdtest
