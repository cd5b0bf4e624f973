/* SPDX-License-Identifier: MIT */
/*
 * Every fault reason of ref 5: met by each kind of request that can meet it, answered as its column says, recorded with
 * the right fields, and silenced by FPD only if it is qualified. A reason without a case fails the suite.
 */
#include "spec/fault_cases.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace vtdtest
{

namespace
{

std::vector<FaultCase> allCases()
{
    std::vector<FaultCase> all;
    for (const auto &list : {legacyCases(), contextCases(), pasidCases(), walkCases()})
        all.insert(all.end(), list.begin(), list.end());
    return all;
}

unsigned kindsOf(const FaultRow &row)
{
    return (row.untranslated ? kUntranslated : 0u) | (row.translation != Answer::Na ? kTranslation : 0u) |
           (row.translated != Answer::Na ? kTranslated : 0u) | (row.page_request != Answer::Na ? kPageRequest : 0u);
}

/* Interrupt requests (ref 5.3) have tests of their own. */
bool isInterruptReason(unsigned code)
{
    return code >= 0x20 && code <= 0x2b;
}

/* The model answers translated requests after step 7: the host permission table is not there (ref 4.2, 2.8). */
bool neverReachedTranslated(unsigned code)
{
    return code >= VTD_FAULT_SPD_1 && code <= VTD_FAULT_SPT_4;
}

class FaultReason : public testing::TestWithParam<unsigned>
{
  protected:
    FaultReason() : row(faultRow(GetParam())) {}

    static std::unique_ptr<Scene> scene(const FaultCase &c, bool fpd = false)
    {
        vtd_config config = preset();
        if (c.config)
            c.config(config);
        auto s = std::make_unique<Scene>(c.base, config);
        if (fpd)
            s->context[0] |= bit(1); /* the same bit in legacy and scalable mode */
        c.damage(*s);
        s->start();
        return s;
    }

    /* The request of the case as one of another kind. */
    static vtd_request as(const Scene &s, vtd_at at)
    {
        vtd_request req = s.req;
        req.at = at;
        if (at == VTD_AT_TRANSLATION && req.access != VTD_EXEC)
            req.access = VTD_READ;
        /* With a PASID a translated request needs EPTR; where a case is not about that, it has none. */
        const bool about_pasid = vtd_reg_ecap_ptrs(s.u.config().ecap) || GetParam() == VTD_FAULT_SCT_10 ||
                                 GetParam() == VTD_FAULT_RTA_2 || GetParam() == VTD_FAULT_RTA_5;
        if (at == VTD_AT_TRANSLATED && !about_pasid) {
            req.flags = 0;
            req.pasid = 0;
        }
        return req;
    }

    static vtd_response translate(Scene &s, const vtd_request &req)
    {
        vtd_response resp{};
        EXPECT_EQ(vtd_translate(s.u.get(), &req, &resp), VTD_STATUS_OK);
        return resp;
    }

    /* Fields of ref 1.7. */
    void expectRecord(const Fault &f, const vtd_request &req)
    {
        const bool pasid = req.flags & VTD_REQ_PASID;
        ASSERT_TRUE(f.valid) << "not recorded";
        EXPECT_EQ(f.reason, row.code);
        EXPECT_EQ(f.sid, req.sid);
        EXPECT_EQ(f.fi, req.addr & ~UINT64_C(0xfff));
        EXPECT_EQ(f.pp, pasid);
        if (pasid) {
            EXPECT_EQ(f.pasid, req.pasid);
            EXPECT_EQ(f.priv, (req.flags & VTD_REQ_PRIV) != 0);
            EXPECT_EQ(f.exe, req.access == VTD_EXEC);
        }
        EXPECT_EQ(f.at, req.at);
        EXPECT_EQ(f.type, req.access == VTD_WRITE ? kFaultWrite : req.access == VTD_ATOMIC ? kFaultAtomic : kFaultRead);
    }

    const FaultRow &row;
};

class UntranslatedFault : public FaultReason
{
};
class TranslationFault : public FaultReason
{
};
class TranslatedFault : public FaultReason
{
};
class PageRequestFault : public FaultReason
{
  protected:
    void expectRejected(const FaultCase &c, bool last);
};

/* The cases of a reason that a kind of request is tried with. */
std::vector<FaultCase> casesOf(unsigned kind, unsigned code)
{
    std::vector<FaultCase> cases;
    if (kind == kTranslated && neverReachedTranslated(code))
        return cases;
    for (const auto &c : allCases())
        if (c.code == code && (c.kinds & kindsOf(faultRow(code)) & kind))
            cases.push_back(c);
    return cases;
}

/* The reasons that have such cases. */
std::vector<unsigned> reasonsOf(unsigned kind)
{
    std::vector<unsigned> reasons;
    for (const auto &row : faultRows())
        if (!isInterruptReason(row.code) && !casesOf(kind, row.code).empty())
            reasons.push_back(row.code);
    return reasons;
}

} // namespace

TEST_P(UntranslatedFault, IsBlockedAndRecorded)
{
    for (const FaultCase &c : casesOf(kUntranslated, GetParam())) {
        SCOPED_TRACE(c.what);
        auto s = scene(c);
        EXPECT_TRUE(blocked(translate(*s, s->req), row.code));
        expectRecord(s->u.takeFault(), s->req);
        EXPECT_FALSE(s->u.takeFault().valid) << "recorded twice";
        EXPECT_EQ(s->u.stats().faults_by_reason[row.code], 1u);
        EXPECT_EQ(s->u.stats().faults, 1u);

        /* The answer stays the same when caches have seen the request. */
        EXPECT_TRUE(blocked(translate(*s, s->req), row.code));
        expectRecord(s->u.takeFault(), s->req);
    }
}

TEST_P(UntranslatedFault, FpdSilencesTheRecordOnlyIfQualified)
{
    for (const FaultCase &c : casesOf(kUntranslated, GetParam())) {
        SCOPED_TRACE(c.what);
        auto s = scene(c, true);
        EXPECT_TRUE(blocked(translate(*s, s->req), row.code));
        if (row.qualified) {
            EXPECT_FALSE(s->u.takeFault().valid);
            EXPECT_EQ(s->u.stats().faults_suppressed, 1u);
        } else {
            expectRecord(s->u.takeFault(), s->req);
            EXPECT_EQ(s->u.stats().faults_suppressed, 0u);
        }
    }
}

TEST_P(TranslationFault, IsAnsweredByItsColumn)
{
    for (const FaultCase &c : casesOf(kTranslation, GetParam())) {
        SCOPED_TRACE(c.what);
        auto s = scene(c);
        const vtd_request req = as(*s, VTD_AT_TRANSLATION);
        const vtd_response resp = translate(*s, req);
        switch (row.translation) {
        case Answer::Ur:
        case Answer::Ca:
            EXPECT_TRUE(answered(resp, row.translation == Answer::Ur ? VTD_RESULT_UR : VTD_RESULT_CA, row.code));
            expectRecord(s->u.takeFault(), req);
            break;
        case Answer::Null:
            EXPECT_TRUE(answered(resp, VTD_RESULT_OK, row.code));
            EXPECT_EQ(resp.attr & (VTD_ATTR_R | VTD_ATTR_W | VTD_ATTR_U), 0);
            if (row.code == VTD_FAULT_SFS_10) /* the one success that is logged (ref 5) */
                expectRecord(s->u.takeFault(), req);
            else
                EXPECT_FALSE(s->u.takeFault().valid);
            EXPECT_EQ(s->u.stats().faults, 1u) << "counted, though not recorded";
            EXPECT_EQ(s->u.stats().faults_by_reason[row.code], 1u);
            EXPECT_EQ(s->u.stats().faults_recorded, row.code == VTD_FAULT_SFS_10 ? 1u : 0u);
            EXPECT_EQ(s->u.stats().faults_suppressed, 0u);
            break;
        default: {
            ASSERT_EQ(row.translation, Answer::Eff);
            const bool no_write = row.code == VTD_FAULT_LGN_2 || row.code == VTD_FAULT_SGN_6;
            const unsigned data = VTD_ATTR_R | VTD_ATTR_W;
            unsigned rights = no_write ? VTD_ATTR_R : VTD_ATTR_W;
            if (row.code == VTD_FAULT_SGN_3) /* execution alone is missing */
                rights = data;
            EXPECT_EQ(resp.result, VTD_RESULT_OK);
            EXPECT_EQ(resp.attr & (data | VTD_ATTR_X), rights) << "effective rights";
            EXPECT_EQ(resp.hpa, kHpa);
            EXPECT_FALSE(s->u.takeFault().valid);
            EXPECT_EQ(s->u.stats().faults, 0u) << "a device asks for all rights and takes what it gets: no fault";
            break;
        }
        }
    }
}

TEST_P(TranslatedFault, IsAnsweredByItsColumn)
{
    for (const FaultCase &c : casesOf(kTranslated, GetParam())) {
        SCOPED_TRACE(c.what);
        auto s = scene(c);
        const vtd_request req = as(*s, VTD_AT_TRANSLATED);
        ASSERT_EQ(row.translated, Answer::Ur);
        EXPECT_TRUE(answered(translate(*s, req), VTD_RESULT_UR, row.code));
        expectRecord(s->u.takeFault(), req);
    }
}

/* LPIG=1: answered with Invalid Request; LPIG=0: dropped. Logged either way (ref 7.1). */
void PageRequestFault::expectRejected(const FaultCase &c, bool last)
{
    auto s = scene(c);
    const bool pasid = s->req.flags & VTD_REQ_PASID;
    const unsigned flags = VTD_PRQ_READ | pasid * VTD_PRQ_PASID | last * VTD_PRQ_LAST;
    EXPECT_EQ(s->u.pageRequest(s->req.sid, s->req.addr, flags, s->req.pasid, 7),
              last ? VTD_PRQ_REJECTED : VTD_PRQ_DROPPED);
    ASSERT_EQ(s->u.responses.size(), last ? 1u : 0u);
    if (last) {
        const vtd_page_response &resp = s->u.responses[0];
        EXPECT_EQ(resp.code, 1) << "Invalid Request";
        EXPECT_EQ(resp.sid, s->req.sid);
        EXPECT_EQ(resp.prgi, 7);
        EXPECT_EQ(resp.has_pasid, pasid);
        EXPECT_EQ(resp.pasid, pasid ? s->req.pasid : 0);
    }
    const Fault f = s->u.takeFault();
    ASSERT_TRUE(f.valid);
    EXPECT_EQ(f.reason, row.code);
    EXPECT_EQ(f.type, kFaultPageRequest);
    EXPECT_EQ(f.sid, s->req.sid);
    EXPECT_EQ(f.fi, s->req.addr & ~UINT64_C(0xfff));
    EXPECT_EQ(f.pp, pasid);
    EXPECT_EQ(f.pasid, pasid ? s->req.pasid : f.pasid);
}

TEST_P(PageRequestFault, IsRejected)
{
    ASSERT_EQ(row.page_request, Answer::Ir);
    for (const FaultCase &c : casesOf(kPageRequest, GetParam())) {
        SCOPED_TRACE(c.what);
        expectRejected(c, true);
        expectRejected(c, false);
    }
}

namespace
{
std::string reasonName(const testing::TestParamInfo<unsigned> &tested)
{
    std::string name = faultRow(tested.param).label;
    for (char &c : name)
        if (c == '.')
            c = '_';
    return name;
}
} // namespace

INSTANTIATE_TEST_SUITE_P(All, UntranslatedFault, testing::ValuesIn(reasonsOf(kUntranslated)), reasonName);
INSTANTIATE_TEST_SUITE_P(All, TranslationFault, testing::ValuesIn(reasonsOf(kTranslation)), reasonName);
INSTANTIATE_TEST_SUITE_P(All, TranslatedFault, testing::ValuesIn(reasonsOf(kTranslated)), reasonName);
INSTANTIATE_TEST_SUITE_P(All, PageRequestFault, testing::ValuesIn(reasonsOf(kPageRequest)), reasonName);

/* ---------------------------------------------------------------- the cases themselves */

TEST(FaultCoverage, EveryReasonHasACaseOrAWhyNot)
{
    std::map<unsigned, unsigned> cases;
    for (const auto &c : allCases())
        cases[c.code]++;
    std::map<unsigned, std::string> not_coverable;
    for (const auto &n : notCoverable())
        not_coverable[n.code] = n.why;
    for (const auto &row : faultRows()) {
        if (isInterruptReason(row.code))
            continue;
        EXPECT_TRUE(cases.count(row.code) != not_coverable.count(row.code))
            << row.label << ": " << cases[row.code] << " cases, not coverable: " << not_coverable[row.code];
    }
}

TEST(FaultCoverage, EveryColumnHasACase)
{
    std::map<unsigned, unsigned> tried;
    for (const auto &c : allCases())
        tried[c.code] |= c.kinds & kindsOf(faultRow(c.code));
    for (const auto &row : faultRows()) {
        if (isInterruptReason(row.code) || tried.count(row.code) == 0)
            continue;
        /* Of SPD and SPT the column for translated requests is about the host permission table (ref 4.2 step 7). */
        const unsigned all = kindsOf(row) & ~(neverReachedTranslated(row.code) ? kTranslated : 0u);
        EXPECT_EQ(tried[row.code] & all, all) << row.label << ": a kind of request is never tried";
    }
}

TEST(FaultCoverage, TheValidTablesOfTheCasesTranslate)
{
    for (Base base : {Base::Legacy, Base::FirstStage, Base::SecondStage, Base::Nested, Base::PassThrough}) {
        for (vtd_access access : {VTD_READ, VTD_WRITE, VTD_ATOMIC}) {
            Scene s(base, preset());
            s.start();
            vtd_request req = s.req;
            req.access = access;
            vtd_response resp{};
            ASSERT_EQ(vtd_translate(s.u.get(), &req, &resp), VTD_STATUS_OK);
            EXPECT_TRUE(translated(resp, base == Base::PassThrough ? kIova : kHpa)) << static_cast<int>(base);
            EXPECT_FALSE(s.u.takeFault().valid);
        }
    }
}

/* FPD counts in any entry that has it, also in one that is not present (ref 5.3, 2). */
TEST(Fpd, CountsInEveryEntryThatHasIt)
{
    const auto silenced = [](auto &&damage) {
        Scene s(Base::FirstStage, preset());
        *s.fsLeaf() = 0;
        damage(s);
        s.start();
        vtd_response resp{};
        EXPECT_EQ(vtd_translate(s.u.get(), &s.req, &resp), VTD_STATUS_OK);
        EXPECT_EQ(resp.result, VTD_RESULT_UR);
        return !s.u.takeFault().valid;
    };
    EXPECT_FALSE(silenced([](Scene &) {}));
    EXPECT_TRUE(silenced([](Scene &s) { vtd_sm_context_set_fpd(s.context, 1); }));
    EXPECT_TRUE(silenced([](Scene &s) { vtd_pasid_dir_set_fpd(s.dir, 1); }));
    EXPECT_TRUE(silenced([](Scene &s) { vtd_pasid_entry_set_fpd(s.entry, 1); }));
    EXPECT_TRUE(silenced([](Scene &s) {
        vtd_pasid_dir_set_fpd(s.dir, 1);
        vtd_pasid_dir_set_p(s.dir, 0);
    }));
    EXPECT_TRUE(silenced([](Scene &s) {
        vtd_pasid_entry_set_fpd(s.entry, 1);
        vtd_pasid_entry_set_p(s.entry, 0);
    }));
    EXPECT_TRUE(silenced([](Scene &s) {
        vtd_sm_context_set_fpd(s.context, 1);
        vtd_sm_context_set_p(s.context, 0);
    }));
}

TEST(Fpd, IsNotSeenInAnEntryThatIsNotRead)
{
    Scene s(Base::FirstStage, preset());
    vtd_pasid_dir_set_p(s.dir, 0);
    vtd_pasid_entry_set_fpd(s.entry, 1);
    s.start();
    vtd_response resp{};
    ASSERT_EQ(vtd_translate(s.u.get(), &s.req, &resp), VTD_STATUS_OK);
    EXPECT_TRUE(blocked(resp, VTD_FAULT_SPD_2));
    EXPECT_TRUE(s.u.takeFault().valid);
}

/* An entry of another device or PASID does not matter, and FPD also holds for what comes from a cache. */
TEST(Fpd, HoldsWhenTheEntryComesFromACache)
{
    Scene s(Base::FirstStage, preset());
    vtd_pasid_entry_set_fpd(s.entry, 1);
    *s.fsLeaf() &= ~kFsRw;
    s.start();
    EXPECT_TRUE(translated(s.u.dma(kSid).pasid(kPasid).read(kIova), kHpa));
    EXPECT_TRUE(blocked(s.u.dma(kSid).pasid(kPasid).write(kIova), VTD_FAULT_SGN_6));
    EXPECT_FALSE(s.u.takeFault().valid);
    EXPECT_TRUE(blocked(s.u.dma(kSid).write(kIova), VTD_FAULT_SGN_6)) << "the entry of RID_PASID has FPD=0";
    EXPECT_TRUE(s.u.takeFault().valid);
}

} // namespace vtdtest
