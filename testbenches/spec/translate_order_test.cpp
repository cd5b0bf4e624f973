/* SPDX-License-Identifier: MIT */
/*
 * When several things are wrong, the first in the order of ref 4.2 (and of 10.4 within a walk) is what is reported.
 * Each chain is a list of faults in that order; all pairs are tried, the later one first and last in the making.
 */
#include "spec/fault_cases.h"

namespace vtdtest
{

namespace
{

struct Link {
    unsigned code;
    void (*damage)(Scene &);
};

/* How a request of a chain is sent; the reason it met. */
using Send = unsigned (*)(Scene &);

unsigned sendDma(Scene &s)
{
    vtd_response resp{};
    EXPECT_EQ(vtd_translate(s.u.get(), &s.req, &resp), VTD_STATUS_OK);
    return resp.fault;
}

template <vtd_at At> unsigned sendAs(Scene &s)
{
    s.req.at = At;
    return sendDma(s);
}

unsigned sendPageRequest(Scene &s)
{
    s.u.pageRequest(s.req.sid, s.req.addr, VTD_PRQ_PASID | VTD_PRQ_READ | VTD_PRQ_LAST, s.req.pasid);
    return s.u.takeFault().reason;
}

void tryAllPairs(Base base, const vtd_config &config, const std::vector<Link> &chain, Send send = sendDma)
{
    for (size_t i = 0; i < chain.size(); i++) {
        for (size_t j = i; j < chain.size(); j++) {
            for (const bool later_first : {false, true}) {
                Scene s(base, config);
                chain[later_first ? j : i].damage(s);
                chain[later_first ? i : j].damage(s);
                s.start();
                EXPECT_EQ(send(s), chain[i].code)
                    << vtd_fault_name(static_cast<uint8_t>(chain[i].code)) << " against "
                    << vtd_fault_name(static_cast<uint8_t>(chain[j].code)) << ", links " << i << " and " << j;
            }
        }
    }
}

vtd_config narrowPasids()
{
    vtd_config config = preset();
    setEcap(config, VTD_FIELD_OF(ECAP, PSS), 15); /* 16 bits */
    setEcap(config, VTD_FIELD_OF(ECAP, PTRS), 1);
    return config;
}

/* Sets, never toggles: a damage may be made twice. */
void setBit(uint64_t *q, unsigned n)
{
    q[n / 64] |= bit(n % 64);
}

} // namespace

TEST(Order, ScalableModeUpToTheFirstStageWalk)
{
    tryAllPairs(Base::FirstStage, narrowPasids(),
                {
                    {VTD_FAULT_RTA_1, [](Scene &s) { s.ttm = VTD_TTM_RESERVED; }},
                    {VTD_FAULT_SRT_1, [](Scene &s) { s.root_address = kAbsent; }},
                    {VTD_FAULT_SRT_2, [](Scene &s) { vtd_sm_root_set_lp(s.root, 0); }},
                    {VTD_FAULT_SRT_3, [](Scene &s) { setBit(s.root, 1); }},
                    {VTD_FAULT_SCT_1, [](Scene &s) { vtd_sm_root_set_lctp(s.root, kAbsent >> 12); }},
                    {VTD_FAULT_SCT_2, [](Scene &s) { vtd_sm_context_set_p(s.context, 0); }},
                    {VTD_FAULT_SCT_3, [](Scene &s) { setBit(s.context, 85); }},
                    {VTD_FAULT_SCT_4, [](Scene &s) { vtd_sm_context_set_dte(s.context, 0); }},
                    {VTD_FAULT_SCT_6, [](Scene &s) { vtd_sm_context_set_paside(s.context, 0); }},
                    {VTD_FAULT_SGN_10, [](Scene &s) { s.req.pasid |= 1 << 16; }},
                    {VTD_FAULT_SCT_7,
                     [](Scene &s) {
                         vtd_sm_context_set_pdts(s.context, 0);
                         s.req.pasid |= 1 << 13;
                     }},
                    {VTD_FAULT_SCT_9, [](Scene &s) { vtd_sm_context_set_rid_pasid(s.context, kPasid); }},
                    {VTD_FAULT_SPD_1, [](Scene &s) { vtd_sm_context_set_pasiddirptr(s.context, kAbsent >> 12); }},
                    {VTD_FAULT_SPD_2, [](Scene &s) { vtd_pasid_dir_set_p(s.dir, 0); }},
                    {VTD_FAULT_SPD_3, [](Scene &s) { setBit(s.dir, 2); }},
                    {VTD_FAULT_SPT_1, [](Scene &s) { vtd_pasid_dir_set_smptblptr(s.dir, kAbsent >> 12); }},
                    {VTD_FAULT_SPT_2, [](Scene &s) { vtd_pasid_entry_set_p(s.entry, 0); }},
                    {VTD_FAULT_SPT_3, [](Scene &s) { setBit(s.entry, 511); }},
                    {VTD_FAULT_SPT_4, [](Scene &s) { vtd_pasid_entry_set_fspm(s.entry, 2); }},
                    {VTD_FAULT_SPT_5, [](Scene &s) { s.req.access = VTD_EXEC; }},
                    {VTD_FAULT_SPT_6, [](Scene &s) { s.req.flags |= VTD_REQ_PRIV; }},
                    {VTD_FAULT_SGN_1, [](Scene &s) { s.req.addr |= bit(60); }},
                    {VTD_FAULT_SFS_4, [](Scene &s) { vtd_pasid_entry_set_fsptptr(s.entry, kAbsent >> 12); }},
                    {VTD_FAULT_SFS_2, [](Scene &s) { *s.fs->entry(s.req.addr & ~bit(60), 4) &= ~kFsP; }},
                });
}

/* ref 10.4: structure before rights, deeper or not; user/supervisor before write; the result last. */
TEST(Order, FirstStageWalk)
{
    tryAllPairs(
        Base::FirstStage, preset(),
        {
            {VTD_FAULT_SGN_1, [](Scene &s) { s.req.addr |= bit(60); }},
            {VTD_FAULT_SFS_3, [](Scene &s) { setBit(s.fs->entry(kIova, 4), 7); }},
            {VTD_FAULT_SFS_2, [](Scene &s) { *s.fs->entry(kIova, 2) &= ~kFsP; }},
            {VTD_FAULT_SFS_3, [](Scene &s) { setBit(s.fs->entry(kIova, 1), 51); }},
            {VTD_FAULT_SGN_2, [](Scene &s) { *s.fs->entry(kIova, 4) &= ~kFsUs; }},
            {VTD_FAULT_SGN_6,
             [](Scene &s) {
                 *s.fs->entry(kIova, 3) &= ~kFsRw;
                 s.req.access = VTD_WRITE;
             }},
            {VTD_FAULT_SGN_8, [](Scene &s) { *s.fsLeaf() = (*s.fsLeaf() & ~UINT64_C(0x7fffffffff000)) | kMsiStart; }},
        });
}

TEST(Order, SecondStageWalk)
{
    tryAllPairs(
        Base::SecondStage, preset(),
        {
            {VTD_FAULT_SGN_5, [](Scene &s) { s.req.addr |= bit(50); }},
            {VTD_FAULT_SSS_4, [](Scene &s) { vtd_pasid_entry_set_ssptptr(s.entry, kAbsent >> 12); }},
            {VTD_FAULT_SSS_2, [](Scene &s) { *s.ss->entry(kIova, 4) &= ~(kSsR | kSsW); }},
            {VTD_FAULT_SSS_3, [](Scene &s) { setBit(s.ss->entry(kIova, 3), 11); }},
            {VTD_FAULT_SSS_2, [](Scene &s) { *s.ss->entry(kIova, 2) &= ~(kSsR | kSsW); }},
            {VTD_FAULT_SSS_3, [](Scene &s) { setBit(s.ss->entry(kIova, 1), 51); }},
            {VTD_FAULT_SGN_6,
             [](Scene &s) {
                 *s.ss->entry(kIova, 1) &= ~kSsW;
                 s.req.access = VTD_ATOMIC;
             }},
            {VTD_FAULT_SGN_8, [](Scene &s) { *s.ssLeaf() = (*s.ssLeaf() & ~UINT64_C(0x7fffffffff000)) | kMsiStart; }},
        });
}

TEST(Order, NestedWalk)
{
    tryAllPairs(Base::Nested, preset(),
                {
                    {VTD_FAULT_SPT_4, [](Scene &s) { vtd_pasid_entry_set_fspm(s.entry, 2); }},
                    {VTD_FAULT_SGN_1, [](Scene &s) { s.req.addr |= bit(60); }},
                    {VTD_FAULT_SSS_4, [](Scene &s) { vtd_pasid_entry_set_ssptptr(s.entry, kAbsent >> 12); }},
                    {VTD_FAULT_SSS_3, [](Scene &s) { setBit(s.ssOfFsRoot(), 51); }},
                    {VTD_FAULT_SFS_6, [](Scene &s) { *s.ssOfFsRoot() &= ~kSsR; }},
                    {VTD_FAULT_SFS_3, [](Scene &s) { setBit(s.fs->entry(kIova, 4), 7); }},
                    {VTD_FAULT_SFS_7, [](Scene &s) { *s.ssOfFsTable() &= ~kSsR; }},
                    {VTD_FAULT_SFS_5, [](Scene &s) { setBit(s.fsLeaf(), 49); }},
                    {VTD_FAULT_SSS_3, [](Scene &s) { setBit(s.ss->entry(kGpa, 1), 51); }},
                    {VTD_FAULT_SGN_2, [](Scene &s) { *s.fsLeaf() &= ~kFsUs; }},
                    {VTD_FAULT_SGN_6,
                     [](Scene &s) {
                         *s.fs->entry(kIova, 3) &= ~kFsRw;
                         s.req.access = VTD_ATOMIC;
                     }},
                    {VTD_FAULT_SGN_7,
                     [](Scene &s) {
                         *s.ss->entry(kGpa, 1) &= ~kSsR;
                         s.req.access = VTD_ATOMIC;
                     }},
                    {VTD_FAULT_SGN_8,
                     [](Scene &s) {
                         uint64_t *leaf = s.ss->entry(kGpa, 1);
                         *leaf = (*leaf & ~UINT64_C(0x7fffffffff000)) | kMsiStart;
                     }},
                });
}

TEST(Order, LegacyMode)
{
    vtd_config config = preset();
    setEcap(config, VTD_FIELD_OF(ECAP, SSIRWS), 1);
    tryAllPairs(
        Base::Legacy, config,
        {
            {VTD_FAULT_RTA_1, [](Scene &s) { s.ssirwe = true; }},
            {VTD_FAULT_LRT_1, [](Scene &s) { s.root_address = kAbsent; }},
            {VTD_FAULT_LRT_2, [](Scene &s) { vtd_legacy_root_set_p(s.root, 0); }},
            {VTD_FAULT_LRT_3, [](Scene &s) { setBit(s.root, 64); }},
            {VTD_FAULT_LCT_1, [](Scene &s) { vtd_legacy_root_set_ctp(s.root, kAbsent >> 12); }},
            {VTD_FAULT_LCT_2, [](Scene &s) { vtd_legacy_context_set_p(s.context, 0); }},
            {VTD_FAULT_LCT_3, [](Scene &s) { setBit(s.context, 71); }},
            {VTD_FAULT_LCT_4, [](Scene &s) { vtd_legacy_context_set_aw(s.context, 5); }},
            {VTD_FAULT_LGN_1, [](Scene &s) { s.req.addr |= bit(50); }},
            {VTD_FAULT_LCT_4, [](Scene &s) { vtd_legacy_context_set_ssptptr(s.context, kAbsent >> 12); }},
            {VTD_FAULT_LSS_2, [](Scene &s) { setBit(s.ss->entry(kIova, 3), 11); }},
            {VTD_FAULT_LSS_1,
             [](Scene &s) {
                 uint64_t *q = s.ss->entry(kIova, 3);
                 s.failAt(VTD_MEM_SS_ENTRY, vtd_ss_entry_addr(q) << 12);
             }},
            {VTD_FAULT_LGN_2,
             [](Scene &s) {
                 *s.ss->entry(kIova, 4) &= ~kSsW;
                 s.req.access = VTD_WRITE;
             }},
            {VTD_FAULT_LGN_4, [](Scene &s) { *s.ssLeaf() = (*s.ssLeaf() & ~UINT64_C(0x7fffffffff000)) | kMsiStart; }},
        });
}

/* ref 4.2 step 6 for the kinds of requests that have more to pass (10.3). */
static const Link kDteOff = {VTD_FAULT_SCT_5, [](Scene &s) {
                                 vtd_sm_context_set_dte(s.context, 0);
                                 vtd_sm_context_set_pre(s.context, 0);
                             }};
static const Link kPasidOff = {VTD_FAULT_SCT_6, [](Scene &s) { vtd_sm_context_set_paside(s.context, 0); }};
static const Link kPssLimit = {VTD_FAULT_SGN_10, [](Scene &s) { s.req.pasid |= 1 << 16; }};
static const Link kPdtsLimit = {VTD_FAULT_SCT_7, [](Scene &s) {
                                    vtd_sm_context_set_pdts(s.context, 0);
                                    s.req.pasid |= 1 << 13;
                                }};
static const Link kRidPasid = {VTD_FAULT_SCT_9, [](Scene &s) { vtd_sm_context_set_rid_pasid(s.context, kPasid); }};
static const Link kNoDirectory = {VTD_FAULT_SPD_2, [](Scene &s) { vtd_pasid_dir_set_p(s.dir, 0); }};

TEST(Order, TranslationRequests)
{
    tryAllPairs(Base::FirstStage, narrowPasids(), {kDteOff, kPasidOff, kPssLimit, kPdtsLimit, kRidPasid, kNoDirectory},
                sendAs<VTD_AT_TRANSLATION>);
}

TEST(Order, PageRequests)
{
    const Link no_page_requests = {VTD_FAULT_SCT_8, [](Scene &s) { vtd_sm_context_set_pre(s.context, 0); }};
    tryAllPairs(Base::FirstStage, narrowPasids(),
                {no_page_requests, kPasidOff, kPssLimit, kPdtsLimit, kRidPasid, kNoDirectory}, sendPageRequest);
}

TEST(Order, TranslatedRequests)
{
    vtd_config config = narrowPasids();
    const std::vector<Link> chain = {
        kDteOff,
        {VTD_FAULT_SGN_10,
         [](Scene &s) {
             vtd_sm_context_set_eptr(s.context, 1);
             s.req.pasid |= 1 << 16;
         }},
        {VTD_FAULT_SCT_7,
         [](Scene &s) {
             vtd_sm_context_set_eptr(s.context, 1);
             vtd_sm_context_set_pdts(s.context, 0);
             s.req.pasid |= 1 << 13;
         }},
        {VTD_FAULT_SCT_9,
         [](Scene &s) {
             vtd_sm_context_set_eptr(s.context, 1);
             vtd_sm_context_set_rid_pasid(s.context, kPasid);
         }},
        {VTD_FAULT_SGN_4,
         [](Scene &s) {
             vtd_sm_context_set_eptr(s.context, 1);
             s.req.addr |= bit(50);
         }},
        {VTD_FAULT_SGN_8,
         [](Scene &s) {
             vtd_sm_context_set_eptr(s.context, 1);
             s.req.addr = (s.req.addr & bit(50)) | kMsiStart;
         }},
    };
    /* The first link leaves EPTR as it is; alone it needs EPTR=0 and PASIDE=1 to be consistent, which they are. */
    tryAllPairs(Base::FirstStage, config, chain, sendAs<VTD_AT_TRANSLATED>);
    /* EPTR=0 wins over what is wrong with the PASID. */
    for (const Link &later : {kPssLimit, kPdtsLimit, kRidPasid}) {
        Scene s(Base::FirstStage, config);
        later.damage(s);
        s.start();
        EXPECT_EQ(sendAs<VTD_AT_TRANSLATED>(s), unsigned{VTD_FAULT_SCT_10});
    }
}

/* ref 10.4: SCT.4 (.3) gives way to SCT.6 for requests with PASID that are not translated. */
TEST(Order, EptrWithoutPasideIsSct6ForRequestsWithPasid)
{
    for (const bool with_pasid : {true, false}) {
        Scene s(Base::FirstStage, narrowPasids());
        vtd_sm_context_set_eptr(s.context, 1);
        vtd_sm_context_set_paside(s.context, 0);
        if (!with_pasid)
            s.req.flags = s.req.pasid = 0;
        s.start();
        EXPECT_EQ(sendDma(s), with_pasid ? unsigned{VTD_FAULT_SCT_6} : unsigned{VTD_FAULT_SCT_4});
    }
    /* It gives way to SCT.6 in its place: what comes before SCT.6 in step 6 stays before it. */
    Scene s(Base::FirstStage, narrowPasids());
    vtd_sm_context_set_eptr(s.context, 1);
    vtd_sm_context_set_paside(s.context, 0);
    kDteOff.damage(s);
    s.start();
    EXPECT_EQ(sendAs<VTD_AT_TRANSLATION>(s), unsigned{VTD_FAULT_SCT_5});
    EXPECT_EQ(sendAs<VTD_AT_UNTRANSLATED>(s), unsigned{VTD_FAULT_SCT_6});
    s.u.clearFaults();
    EXPECT_EQ(sendPageRequest(s), unsigned{VTD_FAULT_SCT_4});
}

/* ref 10.4: FSPTPTR above HAW is SPT.3 also when nested, before SPT.4 (.4). */
TEST(Order, NestedFirstStageRootAboveBothWidthsIsReserved)
{
    Scene s(Base::Nested, preset());
    s.entry[2] |= bit(46); /* HAW 46 */
    vtd_pasid_entry_set_aw(s.entry, 1);
    s.start();
    EXPECT_EQ(sendDma(s), unsigned{VTD_FAULT_SPT_3});
}

/* ref 10.4: legacy atomics. */
TEST(Order, LegacyAtomicThatLacksBothRightsIsLgn2)
{
    const struct {
        uint64_t rights;
        unsigned code;
    } cases[] = {{0, VTD_FAULT_LGN_2}, {kSsR, VTD_FAULT_LGN_2}, {kSsW, VTD_FAULT_LGN_3}};
    for (const auto &c : cases) {
        Scene s(Base::Legacy, preset());
        *s.ssLeaf() = kHpa | c.rights;
        s.req.access = VTD_ATOMIC;
        s.start();
        EXPECT_EQ(sendDma(s), c.code) << c.rights;
    }
}

} // namespace vtdtest
