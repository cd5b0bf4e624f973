/* SPDX-License-Identifier: MIT */
/*
 * Invalidation by registers CCMD, IVA and IOTLB_REG, which units up to version 5 have in legacy mode (ref 1.6).
 */
#include "support/unit_fixture.h"

namespace vtdtest
{

namespace
{
constexpr uint64_t kPage = 0x1000, kFirst = 0x200000, kSecond = 0x300000;

/* A legacy unit of version 5 without queue: one device of domain 1, its page cached and then changed in the table. */
struct OldUnit : Unit {
    explicit OldUnit(uint32_t version = 0x50, unsigned ttm = VTD_TTM_LEGACY) : Unit(config(version)), ss(*this, 4)
    {
        ss.map(kPage, kFirst);
        setLegacy(kSid, ss, 1);
        setRootTable(ttm);
        enable();
        if (ttm == VTD_TTM_LEGACY) {
            dma(kSid).read(kPage);
            ss.map(kPage, kSecond);
            EXPECT_TRUE(stale());
        }
        block = 16 * vtd_reg_ecap_iro(this->config().ecap);
    }
    using Unit::config;
    static vtd_config config(uint32_t version)
    {
        vtd_config c = withCaches(64);
        c.version = version;
        setEcap(c, VTD_FIELD_OF(ECAP, IRO), 0x60);
        return c;
    }
    bool stale()
    {
        const vtd_response r = dma(kSid).read(kPage);
        EXPECT_TRUE(translated(r, kFirst) || translated(r, kSecond));
        return r.hpa == kFirst;
    }
    /* Both return the granularity that was done. */
    unsigned context(unsigned cirg, uint64_t low = 0)
    {
        write64(VTD_REG_CCMD, vtd_reg_ccmd_put_icc(1) | vtd_reg_ccmd_put_cirg(cirg) | low);
        const uint64_t ccmd = read64(VTD_REG_CCMD);
        EXPECT_EQ(vtd_reg_ccmd_icc(ccmd), 0u) << "done";
        return static_cast<unsigned>(vtd_reg_ccmd_caig(ccmd));
    }
    unsigned iotlb(unsigned iirg, unsigned did = 0, uint64_t iva = 0)
    {
        write64(block, iva);
        write64(block + 8,
                vtd_reg_iotlb_reg_put_ivt(1) | vtd_reg_iotlb_reg_put_iirg(iirg) | vtd_reg_iotlb_reg_put_did(did));
        const uint64_t reg = read64(block + 8);
        EXPECT_EQ(vtd_reg_iotlb_reg_ivt(reg), 0u) << "done";
        return static_cast<unsigned>(vtd_reg_iotlb_reg_iaig(reg));
    }
    SsTree ss;
    uint64_t block = 0;
};
} // namespace

TEST(RegisterInvalidation, IotlbByEachGranularityAndAtIro)
{
    OldUnit global, domain, page, other_domain, other_page;
    EXPECT_EQ(global.block, 0x600u);
    EXPECT_EQ(global.iotlb(1), 1u);
    EXPECT_FALSE(global.stale());
    EXPECT_EQ(domain.iotlb(2, 1), 2u);
    EXPECT_FALSE(domain.stale());
    EXPECT_EQ(page.iotlb(3, 1, kPage), 3u);
    EXPECT_FALSE(page.stale());
    EXPECT_EQ(other_domain.iotlb(2, 2), 2u);
    EXPECT_TRUE(other_domain.stale());
    EXPECT_EQ(other_page.iotlb(3, 1, 0x2000), 3u);
    EXPECT_TRUE(other_page.stale());
    EXPECT_EQ(other_page.iotlb(3, 1, 1), 3u); /* AM 1: pages 0 and 1 */
    EXPECT_FALSE(other_page.stale());
}

TEST(RegisterInvalidation, BadGranularityAndAmAreRejected)
{
    OldUnit u;
    EXPECT_EQ(u.iotlb(0), 0u);
    EXPECT_EQ(u.iotlb(3, 1, 19), 0u) << "MAMV is 18";
    EXPECT_TRUE(u.stale());
    EXPECT_EQ(u.iotlb(3, 1, 18), 3u);
    EXPECT_FALSE(u.stale());
    EXPECT_EQ(u.context(0), 0u);
}

TEST(RegisterInvalidation, ContextByEachGranularity)
{
    const struct {
        unsigned cirg;
        uint64_t low;
        bool gone;
    } rows[] = {{1, 0, true},
                {2, 1, true},
                {2, 2, false},
                {3, vtd_reg_ccmd_put_sid(kSid), true},
                {3, vtd_reg_ccmd_put_sid(kSid ^ 4), false},
                {3, vtd_reg_ccmd_put_sid(kSid ^ 4) | vtd_reg_ccmd_put_fm(1), true},
                {3, vtd_reg_ccmd_put_sid(kSid ^ 2) | vtd_reg_ccmd_put_fm(1), false},
                {3, vtd_reg_ccmd_put_sid(kSid) | vtd_reg_ccmd_put_fm(2), true},
                {3, vtd_reg_ccmd_put_sid(kSid ^ 2) | vtd_reg_ccmd_put_fm(2), true},
                {3, vtd_reg_ccmd_put_sid(kSid ^ 4) | vtd_reg_ccmd_put_fm(2), true},
                {3, vtd_reg_ccmd_put_sid(kSid ^ 6) | vtd_reg_ccmd_put_fm(2), true},
                {3, vtd_reg_ccmd_put_sid(kSid ^ 1) | vtd_reg_ccmd_put_fm(2), false},
                {3, vtd_reg_ccmd_put_sid(kSid ^ 7) | vtd_reg_ccmd_put_fm(2), false},
                {3, vtd_reg_ccmd_put_sid(kSid ^ 8) | vtd_reg_ccmd_put_fm(3), false},
                {3, vtd_reg_ccmd_put_sid(kSid ^ 7) | vtd_reg_ccmd_put_fm(3), true}};
    for (const auto &row : rows) {
        OldUnit u;
        EXPECT_EQ(u.context(row.cirg, row.low), row.cirg);
        EXPECT_EQ(u.stats().ctxt_cache_invalidate, row.gone ? 1u : 0u) << row.cirg << " " << row.low;
        EXPECT_TRUE(u.stale()) << "the IOTLB is not touched";
    }
}

TEST(RegisterInvalidation, IsTriggeredByTheTopDwordOnly)
{
    OldUnit u;
    u.write32(u.block + 8, ~0u);
    EXPECT_TRUE(u.stale());
    u.write32(u.block + 12, 1u << 31 | 1u << 28);
    EXPECT_FALSE(u.stale());
}

TEST(RegisterInvalidation, IsIgnoredWithTheQueueOnOrInScalableMode)
{
    OldUnit u;
    u.enableQueue();
    EXPECT_EQ(u.iotlb(1), 0u);
    EXPECT_EQ(u.context(1), 0u);
    EXPECT_TRUE(u.stale());
    OldUnit scalable(0x50, VTD_TTM_SCALABLE);
    EXPECT_EQ(scalable.iotlb(1), 0u);
    EXPECT_EQ(scalable.context(1), 0u);
}

TEST(RegisterInvalidation, IsGoneFromVersionSixOn)
{
    OldUnit u(0x60);
    EXPECT_EQ(u.iotlb(1), 0u);
    EXPECT_EQ(u.context(1), 0u);
    EXPECT_TRUE(u.stale());
    EXPECT_EQ(u.read64(u.block + 8), 0u);
    EXPECT_EQ(u.read64(VTD_REG_CCMD), 0u);
}

} // namespace vtdtest
