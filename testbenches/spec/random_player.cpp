/* SPDX-License-Identifier: MIT */
/*
 * The random user of random_player.h.
 */
#include "spec/random_player.h"

#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace vtdtest
{

namespace
{
constexpr uint64_t kPageQueue = World::kQueue - 4096;

void append(Player::Log &log, const vtd_response &r)
{
    log.insert(log.end(), {r.hpa, r.result, r.fault, r.page_shift, r.attr});
    if (r.result == VTD_RESULT_INTERRUPT)
        log.insert(log.end(), {r.irq.dest, r.irq.result, r.irq.fault, r.irq.vector, r.irq.delivery_mode});
}
} // namespace

Player::Player(uint64_t seed, const vtd_cache_geometry &cache, void (*change)(vtd_config &))
    : world_(std::make_unique<World>(seed)), random_(seed)
{
    memory_ = world_->memory;
    vtd_config config = world_->config;
    for (auto &geometry : config.cache)
        geometry = cache;
    if (change != nullptr)
        change(config);
    vtd_host host{};
    host.opaque = this;
    host.mem_base = memory_.data();
    host.mem_size = 8 * memory_.size();
    host.msi = [](void *opaque, uint64_t addr, uint32_t data) {
        static_cast<Player *>(opaque)->log_.insert(static_cast<Player *>(opaque)->log_.end(), {1, addr, data});
    };
    host.page_response = [](void *opaque, const vtd_page_response *r) {
        auto &log = static_cast<Player *>(opaque)->log_;
        log.insert(log.end(), {2, r->sid, r->pasid, r->prgi, r->code, r->has_pasid});
    };
    host.device_tlb_inv = [](void *opaque, const vtd_device_tlb_inv *inv) {
        auto *player = static_cast<Player *>(opaque);
        player->log_.insert(player->log_.end(), {3, inv->addr, inv->size, inv->sid, inv->itag});
        player->device_invs_.push_back(*inv);
    };
    char why[VTD_WHY_SIZE] = "";
    unit_ = vtd_create(&config, &host, why);
    if (unit_ == nullptr)
        throw std::runtime_error(why);
    start();
}

Player::~Player()
{
    vtd_destroy(unit_);
}

void Player::restart(uint64_t seed)
{
    world_ = std::make_unique<World>(seed);
    random_ = Random(seed);
    std::copy(world_->memory.begin(), world_->memory.end(), memory_.begin());
    sent_.clear();
    device_invs_.clear();
    log_.clear();
    vtd_reset(unit_);
    start();
}

void Player::command(unsigned bit, bool on)
{
    const uint32_t bits = vtd_mmio_read32(unit_, VTD_REG_GSTS) & 0x96ffffff;
    vtd_mmio_write32(unit_, VTD_REG_GCMD, on ? bits | 1u << bit : bits & ~(1u << bit));
}

void Player::start()
{
    vtd_mmio_write64(unit_, VTD_REG_IQA, World::kQueue | vtd_reg_iqa_put_dw(vtd_reg_ecap_smts(world_->setup.ecap)));
    vtd_mmio_write64(unit_, VTD_REG_PQA, kPageQueue);
    vtd_mmio_write64(unit_, VTD_REG_RTADDR,
                     world_->setup.root | vtd_reg_rtaddr_put_ttm(world_->setup.ttm) |
                         vtd_reg_rtaddr_put_ssirwe(world_->setup.ssirwe));
    for (unsigned bit : {VTD_GCMD_SRTP_LSB, VTD_GCMD_QIE_LSB, VTD_GCMD_TE_LSB})
        command(bit, true);
}

void Player::sendRequest()
{
    const bool again = !sent_.empty() && random_.chance(50);
    const vtd_request req = again ? random_.pick(sent_) : world_->request();
    sent_.push_back(req);
    vtd_response seen{}, resp{};
    const bool compare = compare_ && vtd_peek(unit_, &req, &seen) == VTD_STATUS_OK;
    EXPECT_EQ(vtd_translate(unit_, &req, &resp), VTD_STATUS_OK);
    append(log_, resp);
    if (!compare || resp.result == VTD_RESULT_INTERRUPT)
        return;
    compared_++;
    Log a, b;
    append(a, seen);
    append(b, resp);
    EXPECT_EQ(a, b) << "sid " << req.sid << " addr " << req.addr << " flags " << int(req.flags);
}

void Player::sendInterrupt()
{
    vtd_irq_response resp{};
    EXPECT_EQ(vtd_interrupt(unit_, static_cast<uint16_t>(random_.below(8)), 0xfee00000 | (random_.bits() & 0xffffc),
                            static_cast<uint32_t>(random_.bits()), &resp),
              VTD_STATUS_OK);
    log_.insert(log_.end(), {resp.dest, resp.result, resp.fault});
}

void Player::sendPage()
{
    const vtd_request like = world_->request();
    const struct vtd_page_request req = {like.addr,
                                         like.pasid,
                                         like.sid,
                                         static_cast<uint16_t>(random_.below(512)),
                                         static_cast<uint8_t>((like.flags & VTD_REQ_PASID ? VTD_PRQ_PASID : 0) |
                                                              VTD_PRQ_READ |
                                                              (random_.bits() & (VTD_PRQ_LAST | VTD_PRQ_PRIVATE))),
                                         {random_.bits(), random_.bits()}};
    vtd_prq_result result{};
    EXPECT_EQ(vtd_page_request_submit(unit_, &req, &result), VTD_STATUS_OK);
    log_.push_back(result);
    if (random_.chance(10)) {
        vtd_mmio_write64(unit_, VTD_REG_PQH, vtd_mmio_read64(unit_, VTD_REG_PQT));
        vtd_mmio_write32(unit_, VTD_REG_PRS, 3);
    }
}

void Player::changeTables()
{
    for (uint64_t addr : world_->damage())
        memory_[addr / 8] = world_->memory[addr / 8];
}

/* A descriptor of a random type, in range or not; a refused one is replaced by a wait. */
void Player::invalidate()
{
    const vtd_request like = world_->request();
    const uint64_t step = vtd_reg_ecap_smts(world_->setup.ecap) ? 32 : 16;
    uint64_t tail = vtd_mmio_read64(unit_, VTD_REG_IQT);
    uint64_t *d = &memory_[(World::kQueue + tail) / 8];
    d[0] = 1 + random_.below(9);
    d[0] |= random_.below(4) << 4 | random_.below(8) << 16;
    if (random_.chance(50))
        d[0] |= static_cast<uint64_t>(like.pasid) << 32;
    d[1] = random_.chance(50) ? (like.addr & ~UINT64_C(0xfff)) | random_.below(4) : 0;
    if (step == 32)
        d[2] = d[3] = 0;
    tail = (tail + step) % 4096;
    vtd_mmio_write64(unit_, VTD_REG_IQT, tail);
    log_.push_back(vtd_mmio_read64(unit_, VTD_REG_IQERCD));
    for (const vtd_device_tlb_inv &inv : std::exchange(device_invs_, {}))
        vtd_device_tlb_complete(unit_, inv.sid, 1u << inv.itag);
    if (vtd_mmio_read32(unit_, VTD_REG_FSTS) & 1u << VTD_FSTS_IQE_LSB) {
        d[0] = VTD_TYPE_INV_WAIT;
        d[1] = 0;
        vtd_mmio_write32(unit_, VTD_REG_FSTS, 0x70);
    }
}

void Player::writeRegister()
{
    switch (random_.below(5)) {
    case 0:
        vtd_mmio_write32(unit_, VTD_REG_FECTL, random_.chance(50) ? 1u << 31 : 0);
        break;
    case 1:
        vtd_mmio_write32(unit_, VTD_REG_FSTS, 1);
        break;
    case 2:
        for (uint64_t i = 0; i <= vtd_reg_cap_nfr(world_->setup.cap); i++)
            vtd_mmio_write32(unit_, 16 * vtd_reg_cap_fro(world_->setup.cap) + 16 * i + 12, 1u << 31);
        break;
    case 3:
        command(VTD_GCMD_SRTP_LSB, true);
        break;
    default:
        command(VTD_GCMD_TE_LSB, false);
        command(VTD_GCMD_TE_LSB, true);
        break;
    }
}

void Player::step()
{
    const uint64_t what = random_.below(100);
    if (what < 82)
        sendRequest();
    else if (what < 85)
        sendInterrupt();
    else if (what < 89)
        sendPage();
    else if (what < 92)
        changeTables();
    else if (what < 97)
        invalidate();
    else
        writeRegister();
    log_.push_back(vtd_mmio_read32(unit_, VTD_REG_FSTS));
    log_.push_back(vtd_mmio_read64(unit_, VTD_REG_IQH));
}

void Player::peek()
{
    if (sent_.empty())
        return;
    vtd_request req = sent_[peeks_++ * 7 % sent_.size()];
    req.addr ^= (peeks_ & 3) << 12;
    vtd_response resp;
    vtd_peek(unit_, &req, &resp);
}

vtd_stats Player::stats() const
{
    vtd_stats stats;
    vtd_stats_get(unit_, &stats);
    return stats;
}

Player::Log Player::state() const
{
    Log all = memory_;
    for (uint64_t offset = 0; offset < vtd_mmio_size(unit_); offset += 8)
        all.push_back(vtd_mmio_read64(unit_, offset));
    const vtd_stats s = stats();
    const auto *counters = reinterpret_cast<const uint64_t *>(&s);
    all.insert(all.end(), counters, counters + sizeof s / 8);
    return all;
}

} // namespace vtdtest
