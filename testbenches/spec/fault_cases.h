/* SPDX-License-Identifier: MIT */
/*
 * Fault reasons as tests: for each reason of faults.def, ways to provoke it. One case is a unit with
 * valid tables of some kind and one thing that is wrong with them, with the unit, or with the request.
 */
#ifndef VTD_TESTS_FAULT_CASES_H
#define VTD_TESTS_FAULT_CASES_H

#include "support/unit_fixture.h"

#include <memory>
#include <string>
#include <vector>

namespace vtdtest
{

/* Answers of ref 5.1 and 5.2; Na is "-". */
enum class Answer {
    Na,
    Ur,
    Ca,
    Null,
    Eff,
    Ir
};

/* A row of ref 5.1 or 5.2. untranslated: whether an ordinary request can meet it. */
struct FaultRow {
    unsigned code;
    const char *label;
    bool qualified;
    bool untranslated;
    Answer translation, translated, page_request;
};
const std::vector<FaultRow> &faultRows();
const FaultRow &faultRow(unsigned code);

/* Reasons that no request can meet in this model, and why. */
struct NotCoverable {
    unsigned code;
    const char *why;
};
const std::vector<NotCoverable> &notCoverable();

/* The kinds of requests that a case is tried with, of those that the row of its reason has. */
enum : unsigned {
    kUntranslated = 1,
    kTranslation = 2,
    kTranslated = 4,
    kPageRequest = 8,
    kAll = 15
};

enum class Base {
    Legacy,
    FirstStage,
    SecondStage,
    Nested,
    PassThrough
};

constexpr uint32_t kPasid = 5;
constexpr uint64_t kIova = 0x40201000; /* mapped by a 4 KiB page in all bases with tables */
constexpr uint64_t kGpa = 0x60605000;  /* nested: what the first stage maps it to */
constexpr uint64_t kHpa = 0x80a0b000;  /* where it ends */

/* Valid tables for kSid, with PASID kPasid and without (RID_PASID 0), both to the same address space. */
struct Scene {
    Scene(Base base, const vtd_config &config, Unit::Memory kind = Unit::Observed);

    Unit u;
    Base base;
    std::unique_ptr<SsTree> ss;
    std::unique_ptr<FsTree> fs;
    uint64_t *root = nullptr, *context = nullptr, *dir = nullptr; /* in memory; dir: scalable mode */
    uint64_t *entry = nullptr, *rid_entry = nullptr;              /* PASID entries of kPasid and of RID_PASID */

    /* What the unit is started with and which request is sent. */
    unsigned ttm;
    bool ssirwe = false;
    uint64_t root_address = 0; /* 0: the fixture's */
    vtd_request req{};         /* a read of kIova; with kPasid in scalable mode */

    void pasidTables(uint64_t *q); /* writes a PASID entry for the base */
    void start();
    uint64_t *fsLeaf()
    {
        return fs->entry(kIova, 1);
    }
    uint64_t *ssLeaf()
    {
        return ss->entry(base == Base::Nested ? kGpa : kIova, 1);
    }
    /* Second-stage leaf that maps the first-stage root or the last first-stage table. */
    uint64_t *ssOfFsRoot()
    {
        return ss->entry(fs->rootAddress(), 1);
    }
    uint64_t *ssOfFsTable()
    {
        return ss->entry(kGpaOffset + (fs->entryHpa(kIova, 1) & ~UINT64_C(0xfff)), 1);
    }
    void failAt(vtd_mem_class cls, uint64_t page); /* accesses of a class to a 4 KiB page fail */
    void failCas(vtd_mem_class cls);
    void unsnooped(); /* PWSNP=0 */
    void fetch();     /* the request is an instruction fetch, and ERE=1 (ref 0.2) */
};

struct FaultCase {
    unsigned code;
    Base base;
    const char *what; /* number of the sub-case, if it has one, and what is wrong */
    void (*damage)(Scene &);
    void (*config)(vtd_config &) = nullptr;
    unsigned kinds = kAll;
};

/* Revision 4 with execute requests (ref 0.1). */
void withExecuteRequests(vtd_config &config);

/* The lists one after the other. */
std::vector<FaultCase> joined(const std::vector<std::vector<FaultCase>> &lists);

std::vector<FaultCase> legacyCases();
std::vector<FaultCase> contextCases(); /* RTADDR, root and context entry of scalable mode */
std::vector<FaultCase> pasidCases();   /* PASID directory and table */
std::vector<FaultCase> walkCases();    /* both stages, and what comes after */

} // namespace vtdtest

#endif
