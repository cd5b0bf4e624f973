/* SPDX-License-Identifier: MIT */
/*
 * What is sent to the unit of unit_fixture.h: queue descriptors by software, requests by devices.
 */
#include "support/unit_fixture.h"

#include <cstring>

namespace vtdtest
{

/* ---------------------------------------------------------------- descriptors */

Desc ccInv(unsigned g, unsigned did, unsigned sid, unsigned fm)
{
    Desc d;
    vtd_cc_inv_set_type_lo(d.q, VTD_TYPE_CC_INV);
    vtd_cc_inv_set_g(d.q, g);
    vtd_cc_inv_set_did(d.q, did);
    vtd_cc_inv_set_sid(d.q, sid);
    vtd_cc_inv_set_fm(d.q, fm);
    return d;
}

Desc iotlbInv(unsigned g, unsigned did, uint64_t addr, unsigned am, bool ih)
{
    Desc d;
    vtd_iotlb_inv_set_type_lo(d.q, VTD_TYPE_IOTLB_INV);
    vtd_iotlb_inv_set_g(d.q, g);
    vtd_iotlb_inv_set_dr(d.q, 1);
    vtd_iotlb_inv_set_dw(d.q, 1);
    vtd_iotlb_inv_set_did(d.q, did);
    vtd_iotlb_inv_set_am(d.q, am);
    vtd_iotlb_inv_set_ih(d.q, ih);
    vtd_iotlb_inv_set_addr(d.q, addr >> 12);
    return d;
}

Desc pcInv(unsigned g, unsigned did, uint32_t pasid)
{
    Desc d;
    vtd_pc_inv_set_type_lo(d.q, VTD_TYPE_PC_INV);
    vtd_pc_inv_set_g(d.q, g);
    vtd_pc_inv_set_did(d.q, did);
    vtd_pc_inv_set_pasid(d.q, pasid);
    return d;
}

Desc pasidIotlbInv(unsigned g, unsigned did, uint32_t pasid, uint64_t addr, unsigned am, bool ih)
{
    Desc d;
    vtd_p_iotlb_inv_set_type_lo(d.q, VTD_TYPE_P_IOTLB_INV);
    vtd_p_iotlb_inv_set_g(d.q, g);
    vtd_p_iotlb_inv_set_did(d.q, did);
    vtd_p_iotlb_inv_set_pasid(d.q, pasid);
    vtd_p_iotlb_inv_set_am(d.q, am);
    vtd_p_iotlb_inv_set_ih(d.q, ih);
    vtd_p_iotlb_inv_set_addr(d.q, addr >> 12);
    return d;
}

Desc waitStatus(uint64_t addr, uint32_t data)
{
    Desc d;
    vtd_inv_wait_set_type_lo(d.q, VTD_TYPE_INV_WAIT);
    vtd_inv_wait_set_sw(d.q, 1);
    vtd_inv_wait_set_data(d.q, data);
    vtd_inv_wait_set_addr(d.q, addr >> 2);
    return d;
}

/* ---------------------------------------------------------------- requests */

Dma::Dma(Unit &unit, uint16_t sid) : unit_(unit)
{
    req_.sid = sid;
    req_.len = 8;
}

Dma &Dma::pasid(uint32_t pasid)
{
    req_.pasid = pasid;
    req_.flags |= VTD_REQ_PASID;
    return *this;
}

Dma &Dma::priv(bool on)
{
    req_.flags = static_cast<uint8_t>(on ? req_.flags | VTD_REQ_PRIV : req_.flags & ~VTD_REQ_PRIV);
    return *this;
}

Dma &Dma::length(unsigned bytes)
{
    req_.len = static_cast<uint16_t>(bytes);
    return *this;
}

Dma &Dma::noWrite(bool on)
{
    req_.flags = static_cast<uint8_t>(on ? req_.flags | VTD_REQ_NO_WRITE : req_.flags & ~VTD_REQ_NO_WRITE);
    return *this;
}

Dma &Dma::noSnoop(bool on)
{
    req_.flags = static_cast<uint8_t>(on ? req_.flags | VTD_REQ_NO_SNOOP : req_.flags & ~VTD_REQ_NO_SNOOP);
    return *this;
}

Dma &Dma::at(vtd_at type)
{
    req_.at = type;
    return *this;
}

Dma &Dma::access(vtd_access kind)
{
    req_.access = kind;
    return *this;
}

vtd_request Dma::request(uint64_t addr) const
{
    vtd_request req = req_;
    req.addr = addr;
    return req;
}

vtd_response Dma::go(uint64_t addr)
{
    const vtd_request req = request(addr);
    vtd_response resp;
    std::memset(&resp, 0xa5, sizeof resp); /* the unit writes all of it */
    EXPECT_EQ(vtd_translate(unit_.get(), &req, &resp), VTD_STATUS_OK) << std::hex << addr;
    return resp;
}

vtd_response Dma::read(uint64_t addr)
{
    return access(VTD_READ).go(addr);
}

vtd_response Dma::write(uint64_t addr)
{
    return access(VTD_WRITE).go(addr);
}

vtd_response Dma::atomic(uint64_t addr)
{
    return access(VTD_ATOMIC).go(addr);
}

vtd_response Dma::exec(uint64_t addr)
{
    return access(VTD_EXEC).go(addr);
}

vtd_response Dma::zeroLengthRead(uint64_t addr)
{
    return length(0).read(addr);
}

vtd_response Dma::translation(uint64_t addr)
{
    return at(VTD_AT_TRANSLATION).read(addr);
}

vtd_response Dma::translated(uint64_t addr, vtd_access kind)
{
    return at(VTD_AT_TRANSLATED).access(kind).go(addr);
}

} // namespace vtdtest
