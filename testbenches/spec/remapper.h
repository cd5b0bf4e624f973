/* SPDX-License-Identifier: MIT */
/*
 * A unit with an interrupt remapping table, for the tests of ref 8.
 */
#ifndef VTD_TESTS_REMAPPER_H
#define VTD_TESTS_REMAPPER_H

#include "support/unit_fixture.h"

namespace vtdtest
{

constexpr unsigned kSize = 3;                          /* IRTA.S: 2^(3+1) = 16 entries */
constexpr uint64_t kDescriptor = UINT64_C(0x40000000); /* a posted-interrupt descriptor */

/* Address of a remappable request (ref 8.1). */
inline uint64_t remappable(unsigned handle, bool shv = false)
{
    return kMsiStart | (handle & 0x7fffu) << 5 | 1u << 4 | (shv ? 1u << 3 : 0) | (handle >> 15) << 2;
}

inline vtd_config with(unsigned lsb, unsigned msb, uint64_t value, vtd_config config = withCaches(64))
{
    setEcap(config, lsb, msb, value);
    return config;
}

/* A unit with an interrupt remapping table of 16 entries; remapping is on unless `on` is false. */
struct Remapper : Unit {
    explicit Remapper(const vtd_config &config = withCaches(64), bool x2apic = false, bool on = true) : Unit(config)
    {
        table = alloc();
        setTable(table, kSize, x2apic);
        enableQueue();
        if (on)
            command(VTD_GCMD_IRE_LSB);
    }
    void setTable(uint64_t base, unsigned s, bool x2apic = false)
    {
        write64(VTD_REG_IRTA, base | vtd_reg_irta_put_eime(x2apic) | vtd_reg_irta_put_s(s));
        command(VTD_GCMD_SIRTP_LSB);
    }
    uint64_t *irte(unsigned index)
    {
        return at(table + 16 * index);
    }
    /* A present entry: this vector, fixed, to APIC 3, no source check. */
    uint64_t *remapped(unsigned index, unsigned vector)
    {
        uint64_t *e = irte(index);
        e[0] = e[1] = 0;
        vtd_irte_set_p(e, 1);
        vtd_irte_set_v(e, vector);
        vtd_irte_set_dst(e, 3u << 8);
        return e;
    }
    uint64_t *posted(unsigned index, unsigned vector, uint64_t descriptor = kDescriptor)
    {
        uint64_t *e = irte(index);
        e[0] = e[1] = 0;
        vtd_irte_posted_set_p(e, 1);
        vtd_irte_posted_set_im(e, 1);
        vtd_irte_posted_set_vv(e, vector);
        vtd_irte_posted_set_pdal(e, (descriptor & 0xffffffff) >> 6);
        vtd_irte_posted_set_pdah(e, descriptor >> 32);
        return e;
    }
    vtd_irq_response interrupt(uint64_t addr, uint32_t data = 0, uint16_t sid = kSid)
    {
        vtd_irq_response resp{};
        EXPECT_EQ(vtd_interrupt(get(), sid, addr, data, &resp), VTD_STATUS_OK);
        return resp;
    }
    vtd_irq_response index(unsigned handle, uint16_t sid = kSid)
    {
        return interrupt(remappable(handle), 0, sid);
    }
    void iecInv(bool byIndex, unsigned first = 0, unsigned im = 0)
    {
        Desc d;
        vtd_iec_inv_set_type_lo(d.q, VTD_TYPE_IEC_INV);
        vtd_iec_inv_set_g(d.q, byIndex);
        vtd_iec_inv_set_iidx(d.q, first);
        vtd_iec_inv_set_im(d.q, im);
        submit({d});
    }
    /* Blocked with this reason, and recorded as ref 1.7 says; index only where it is defined. */
    testing::AssertionResult refused(const vtd_irq_response &resp, unsigned reason, int index = -1)
    {
        if (resp.result != VTD_IRQ_BLOCKED || resp.fault != reason)
            return testing::AssertionFailure() << "result " << int(resp.result) << " fault " << int(resp.fault);
        const Fault f = takeFault();
        if (!f.valid || f.reason != reason || f.sid != kSid || f.pp || f.at != 0)
            return testing::AssertionFailure()
                   << "record: valid " << f.valid << " reason " << f.reason << " sid " << f.sid;
        if (index >= 0 && f.fi != static_cast<uint64_t>(index) << 48)
            return testing::AssertionFailure() << std::hex << "record: fi " << f.fi;
        return testing::AssertionSuccess();
    }

    uint64_t table = 0;
};

inline testing::AssertionResult delivered(const vtd_irq_response &resp, unsigned vector)
{
    if (resp.result == VTD_IRQ_REMAPPED && resp.fault == 0 && resp.vector == vector)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "result " << int(resp.result) << " fault " << int(resp.fault) << " vector "
                                       << int(resp.vector);
}

} // namespace vtdtest

#endif
