/* SPDX-License-Identifier: MIT */
/*
 * Inside of the oracle (oracle.h): what its two source files share.
 */
#ifndef VTD_TESTS_ORACLE_REQUEST_H
#define VTD_TESTS_ORACLE_REQUEST_H

#include "spec/oracle.h"

#include <utility>

namespace oracle
{

/* The request ends with this fault reason. */
struct Stop {
    unsigned code;
};

inline uint64_t bits(uint64_t v, unsigned msb, unsigned lsb)
{
    return (v >> lsb) & (~UINT64_C(0) >> (63 - (msb - lsb)));
}

inline bool any(uint64_t v, unsigned msb, unsigned lsb)
{
    return bits(v, msb, lsb) != 0;
}

/* Whether an address needs more than `width` bits. */
inline bool above(uint64_t addr, unsigned width)
{
    return width < 64 && (addr >> width) != 0;
}

inline bool inInterruptRange(uint64_t addr)
{
    return addr >= 0xfee00000 && addr <= 0xfeefffff;
}

/* What a second-stage walk found. */
struct Ss {
    std::vector<std::pair<uint64_t, uint64_t>> used; /* address, value; the last is the leaf */
    uint64_t hpa = 0;
    unsigned shift = 0;
    bool r = true, w = true, x = true, snp = false;
};

struct FsStep {
    uint64_t addr, value;
    Ss table; /* nested: the walk of the entry's own address */
};

/* One request on its way through the steps of ref 4.2. */
class Request
{
  public:
    Request(const Setup &setup, const std::vector<uint64_t> &memory, const vtd_request &req)
        : s_(setup), mem_(memory), r_(req), with_pasid_(req.flags & VTD_REQ_PASID),
          wants_write_(req.access == VTD_WRITE || req.access == VTD_ATOMIC),
          wants_read_(req.access == VTD_READ || req.access == VTD_ATOMIC), wants_exec_(req.access == VTD_EXEC)
    {
    }

    Outcome run();

  private:
    bool cap(unsigned n) const
    {
        return bits(s_.cap, n, n);
    }
    bool ecap(unsigned n) const
    {
        return bits(s_.ecap, n, n);
    }
    bool load(uint64_t addr, uint64_t &v) const
    {
        if (above(addr, s_.haw) || addr / 8 >= mem_.size())
            return false;
        v = mem_[addr / 8];
        return true;
    }
    bool noWrite() const
    {
        return (r_.flags & VTD_REQ_NO_WRITE) && ecap(33);
    }

    bool interruptRange();
    void legacy();
    void scalable();
    void contextChecks(const uint64_t *c);
    void translatedRequest(unsigned haw_fault, unsigned range_fault);
    void pasidEntry(uint64_t dir, uint32_t pasid, uint64_t *e);
    void pasidReserved(const uint64_t *e);
    void pasidValid(const uint64_t *e);
    void byPgtt(const uint64_t *e);
    void passThrough(unsigned haw_fault);
    Ss ssWalk(uint64_t gpa);
    bool ssReserved(uint64_t v, unsigned level, bool leaf) const;
    void fsWalk(bool nested);
    void firstStageEnds(uint64_t out, unsigned shift, bool nested);
    bool fsReserved(uint64_t v, unsigned level, bool leaf, bool nested) const;
    void finish(uint64_t hpa, unsigned shift, bool r, bool w, bool snp);
    bool mayFetchFs() const;
    bool mayFetchSs(const Ss &ss) const;
    void interruptOutput(uint64_t hpa, unsigned shift);
    void noteSs(const Ss &ss, bool dirty, bool optional);
    void noteFs(bool dirty, bool optional);
    void note(uint64_t addr, uint64_t value, uint64_t need, uint64_t may);
    void also(unsigned code, bool optional);
    void close(unsigned code);

    const Setup &s_;
    const std::vector<uint64_t> &mem_;
    const vtd_request &r_;
    const bool with_pasid_, wants_write_, wants_read_, wants_exec_;
    Outcome o_;

    /* From the context and PASID entries. */
    bool legacy_ = false, priv_ = false;
    unsigned aw_bits_ = 0, ss_levels_ = 0, fs_levels_ = 0;
    uint64_t ss_root_ = 0, fs_root_ = 0;
    bool slee_ = false, nxe_ = false, smep_ = false; /* ref 0.2 */
    bool ssade_ = false, eafe_ = false, wpe_ = false, pgsnp_ = false, snooped_walk_ = false;

    /* The walk so far; the first stage: whether all its entries have U/S=1, RW=1, XD=0. */
    bool us_ = true, rw_ = true, xd_clear_ = true, fetch_ = true;
    std::vector<FsStep> fs_;
    std::vector<Ss> final_; /* none or one */
};

} // namespace oracle

#endif
