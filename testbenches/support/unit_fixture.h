/* SPDX-License-Identifier: MIT */
/*
 * A remapping unit with memory, tables, queue and devices around it, for tests that speak VT-d and not hex.
 *
 *     Unit u;                                        // preset "default", scalable mode not yet on
 *     FsTree fs(u, 4);
 *     fs.map(0x1000, 0x200000);
 *     u.setFs(kSid, 5, fs, 7);                       // PASID entry: first stage, DID 7; context entry made as needed
 *     u.start(VTD_TTM_SCALABLE);                     // SRTP, queue, TE
 *     EXPECT_TRUE(translated(u.dma(kSid).pasid(5).read(0x1000), 0x200000, 12));
 *     fs.entry(0x1000, 1)[0] = 0;
 *     u.invalidateAll();
 *     EXPECT_TRUE(blocked(u.dma(kSid).pasid(5).read(0x1000), VTD_FAULT_SFS_2));
 *     Fault f = u.takeFault();
 *
 * Entries are pointers to qwords in memory: vtd_pasid_entry_set_did(u.pasidEntry(kSid, 5), 9).
 * Memory is [0, kMemorySize); what is above is absent, an access to it an access error.
 */
#ifndef VTD_TESTS_UNIT_FIXTURE_H
#define VTD_TESTS_UNIT_FIXTURE_H

extern "C" {
#include "platform/memory.h"
}
#include "vtd/vtd.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <gtest/gtest.h>

#include <functional>
#include <utility>
#include <vector>

namespace vtdtest
{

constexpr uint64_t kMemorySize = UINT64_C(8) << 30;
constexpr uint64_t kFramesStart = UINT64_C(16) << 20; /* tables come from [kFramesStart, kFramesEnd) */
constexpr uint64_t kFramesEnd = UINT64_C(1) << 30;
constexpr uint64_t kAbsent = UINT64_C(1) << 36;    /* no memory here, and within every address width from 37 up */
constexpr uint64_t kGpaOffset = UINT64_C(1) << 37; /* guest tables: guest physical minus host physical; fits 39 bits */
constexpr uint16_t kSid = 0x0510;                  /* a device: bus 5, device 2, function 0 */
constexpr uint64_t kPrivateData = 0x1122334455667788; /* page requests with VTD_PRQ_PRIVATE: this and its complement */
constexpr uint64_t kMsiStart = 0xfee00000;            /* the interrupt address range (ref 4.9) */

/* Bits of paging entries (ref 2.6, 2.7). */
constexpr uint64_t bit(unsigned n)
{
    return UINT64_C(1) << n;
}
constexpr uint64_t kFsP = bit(VTD_FS_ENTRY_P_LSB), kFsRw = bit(VTD_FS_ENTRY_RW_LSB), kFsUs = bit(VTD_FS_ENTRY_US_LSB),
                   kFsA = bit(VTD_FS_ENTRY_A_LSB), kFsD = bit(VTD_FS_ENTRY_D_LSB), kFsPs = bit(VTD_FS_ENTRY_PS_LSB),
                   kFsEa = bit(VTD_FS_ENTRY_EA_LSB);
constexpr uint64_t kSsR = bit(VTD_SS_ENTRY_R_LSB), kSsW = bit(VTD_SS_ENTRY_W_LSB), kSsPs = bit(VTD_SS_ENTRY_PS_LSB),
                   kSsA = bit(VTD_SS_ENTRY_A_LSB), kSsD = bit(VTD_SS_ENTRY_D_LSB), kSsSnp = bit(VTD_SS_ENTRY_SNP_LSB),
                   kSsIr = bit(VTD_SS_ENTRY_IR_LSB), kSsIw = bit(VTD_SS_ENTRY_IW_LSB);

/* Replaces a field of CAP or ECAP in a configuration: setCap(cfg, VTD_FIELD_OF(CAP, ZLR), 0). */
#define VTD_FIELD_OF(REG, FIELD) VTD_##REG##_##FIELD##_LSB, VTD_##REG##_##FIELD##_MSB
void setCap(vtd_config &config, unsigned lsb, unsigned msb, uint64_t value);
void setEcap(vtd_config &config, unsigned lsb, unsigned msb, uint64_t value);

/* The preset, with all caches off, and with all but the one of PASID directories of `entries` entries (fully associative LRU). */
vtd_config preset(const char *name = "default");
/* The preset as a unit of revision 3, 4 or 5 of the specification: without what that does not have (ref 0.1). */
vtd_config atRevision(unsigned revision, vtd_config config = preset());
vtd_config withoutCaches(vtd_config config = preset());
vtd_config withCaches(uint32_t entries, vtd_config config = preset());

/* One fault record (ref 1.7). */
struct Fault {
    bool valid = false; /* F; all others are 0 when there was no record */
    unsigned reason = 0;
    uint16_t sid = 0;
    bool pp = false, priv = false, exe = false;
    uint32_t pasid = 0;
    unsigned at = 0;
    unsigned type = 0; /* {T1,T2}: kFaultWrite, ... */
    uint64_t fi = 0;   /* bits 63:12, in place */
};
enum : unsigned {
    kFaultWrite = 0,
    kFaultPageRequest = 1,
    kFaultRead = 2,
    kFaultAtomic = 3
};

/* One memory access of the unit, seen with Unit::Observed. */
struct MemAccess {
    enum Kind {
        Read,
        Write,
        Cas
    } kind;
    vtd_mem_class cls;
    uint64_t addr;
    size_t size;
    uint64_t value, desired; /* Cas: what was expected, what was to be stored */
    bool snoop;              /* Read: snooped the processor's caches; writes always do */
};

struct Message {
    uint64_t addr;
    uint32_t data;
};

/* A queue descriptor of 128 bits, or 256 (the upper half 0 unless set). */
struct Desc {
    uint64_t q[4] = {};
};
Desc ccInv(unsigned g, unsigned did = 0, unsigned sid = 0, unsigned fm = 0);
Desc iotlbInv(unsigned g, unsigned did = 0, uint64_t addr = 0, unsigned am = 0, bool ih = false);
Desc pcInv(unsigned g, unsigned did = 0, uint32_t pasid = 0);
Desc pasidIotlbInv(unsigned g, unsigned did, uint32_t pasid, uint64_t addr = 0, unsigned am = 0, bool ih = false);
Desc waitStatus(uint64_t addr, uint32_t data);

class Unit;
class FsTree;
class SsTree;

/* A device about to send a request: u.dma(sid).pasid(5).write(addr). */
class Dma
{
  public:
    Dma(Unit &unit, uint16_t sid);
    Dma &pasid(uint32_t pasid);
    Dma &priv(bool on = true); /* privileged mode requested */
    Dma &length(unsigned bytes);
    Dma &noWrite(bool on = true);
    Dma &noSnoop(bool on = true);
    Dma &at(vtd_at type);
    Dma &access(vtd_access kind);
    vtd_response read(uint64_t addr);
    vtd_response write(uint64_t addr);
    vtd_response atomic(uint64_t addr);
    vtd_response exec(uint64_t addr);
    vtd_response zeroLengthRead(uint64_t addr);
    vtd_response translation(uint64_t addr);                            /* ATS translation request */
    vtd_response translated(uint64_t addr, vtd_access kind = VTD_READ); /* ATS translated request */
    vtd_response go(uint64_t addr);                                     /* as set so far */
    vtd_request request(uint64_t addr) const;                           /* the request that go would send */

  private:
    Unit &unit_;
    vtd_request req_{};
};

class Unit
{
  public:
    /* Observed: memory is behind callbacks that log and may fail; Window: plain memory, as most users have it. */
    enum Memory {
        Window,
        Observed
    };
    explicit Unit(const vtd_config &config = preset(), Memory kind = Window);
    ~Unit();
    Unit(const Unit &) = delete;
    Unit &operator=(const Unit &) = delete;

    vtd *get() const
    {
        return unit_;
    }
    const vtd_config &config() const
    {
        return *vtd_config_get(unit_);
    }
    Dma dma(uint16_t sid)
    {
        return Dma(*this, sid);
    }
    vtd_prq_result pageRequest(uint16_t sid, uint64_t addr, unsigned flags, uint32_t pasid = 0, unsigned prgi = 0);
    vtd_stats stats() const;

    /* -------- memory */
    vtd_memory memory{};
    vtd_frames frames{};
    uint64_t alloc(unsigned order = 0); /* 2^order zeroed pages */
    uint64_t *at(uint64_t hpa);         /* the qword there */

    /* -------- callbacks */
    std::vector<MemAccess> accesses;               /* Observed only */
    std::function<bool(const MemAccess &)> fail;   /* Observed only: true makes the access fail */
    std::function<void(const MemAccess &)> before; /* Observed only: runs before the access, may change memory */
    std::vector<Message> messages;
    std::vector<vtd_page_response> responses;
    std::vector<vtd_device_tlb_inv> device_invs;
    std::function<unsigned(unsigned command, uint64_t a, uint64_t b, uint64_t *result)> virtual_command; /* unset: 16 */
    unsigned count(MemAccess::Kind kind, vtd_mem_class cls) const; /* in accesses */

    /* -------- registers (ref 1) */
    uint32_t read32(uint64_t offset) const
    {
        return vtd_mmio_read32(unit_, offset);
    }
    uint64_t read64(uint64_t offset) const
    {
        return vtd_mmio_read64(unit_, offset);
    }
    void write32(uint64_t offset, uint32_t value)
    {
        vtd_mmio_write32(unit_, offset, value);
    }
    void write64(uint64_t offset, uint64_t value)
    {
        vtd_mmio_write64(unit_, offset, value);
    }
    void command(unsigned gcmd_bit, bool on = true);                         /* one GCMD bit by the recipe of ref 1.4 */
    void setRootTable(unsigned ttm, bool ssirwe = false, uint64_t root = 0); /* RTADDR and SRTP; root 0: ours */
    void enable()
    {
        command(VTD_GCMD_TE_LSB);
    }
    void disable()
    {
        command(VTD_GCMD_TE_LSB, false);
    }
    void start(unsigned ttm = VTD_TTM_SCALABLE, bool ssirwe = false); /* root table, queue, translation */

    /* -------- invalidation queue (ref 3); 256-bit descriptors with SMTS */
    void enableQueue(unsigned qs = 0);
    void submit(const std::vector<Desc> &descs); /* and expects all of them to be consumed */
    void invalidateAll();                        /* context, PASID cache, IOTLB: global */
    uint64_t queueBase() const
    {
        return queue_;
    }

    /* -------- fault records (ref 5.4) */
    uint64_t frcd(unsigned index) const; /* offset of a fault recording register */
    Fault readFault(unsigned index) const;
    Fault takeFault(); /* the oldest pending record, cleared; .valid false when PPF=0 */
    void clearFaults();

    /* -------- tables (ref 2); made as needed, all linked entries valid */
    uint64_t root() const
    {
        return root_;
    }
    uint64_t *rootEntry(uint16_t sid)
    {
        return at(root_ + UINT64_C(16) * (sid >> 8));
    }
    uint64_t *context(uint16_t sid);                   /* scalable: table only */
    uint64_t *legacyContext(uint16_t sid);             /* legacy: table only */
    uint64_t *device(uint16_t sid, unsigned pdts = 7); /* a present context entry with all that the unit has enabled */
    uint64_t *pasidDir(uint16_t sid, uint32_t pasid);  /* directory entry, made with its table */
    uint64_t *pasidEntry(uint16_t sid, uint32_t pasid);
    uint64_t *setFs(uint16_t sid, uint32_t pasid, const FsTree &fs, unsigned did);
    uint64_t *setSs(uint16_t sid, uint32_t pasid, const SsTree &ss, unsigned did);
    uint64_t *setNested(uint16_t sid, uint32_t pasid, const FsTree &fs, const SsTree &ss, unsigned did);
    uint64_t *setPassThrough(uint16_t sid, uint32_t pasid, unsigned did);
    uint64_t *setLegacy(uint16_t sid, const SsTree &ss, unsigned did, unsigned tt = 0);

  private:
    uint64_t *presentPasid(uint16_t sid, uint32_t pasid, unsigned pgtt, unsigned did);

    vtd *unit_ = nullptr;
    uint64_t root_ = 0, queue_ = 0;
    unsigned queue_bytes_ = 0;
};

/* Common to both stages: the tables on the way to an address. Levels count from 1, the last. */
class Tree
{
  public:
    Tree(Unit &unit, unsigned levels, uint64_t link);
    Tree(const Tree &) = delete;
    Tree &operator=(const Tree &) = delete;
    virtual ~Tree() = default;

    uint64_t rootHpa() const
    {
        return root_;
    }
    unsigned levels() const
    {
        return levels_;
    }
    /* The entry for addr at a level; tables on the way are made and linked with the rights given to the constructor. */
    uint64_t *entry(uint64_t addr, unsigned level);
    uint64_t entryHpa(uint64_t addr, unsigned level);
    /* The entries that a walk of addr uses, root first; ends at a leaf or at level 1. */
    std::vector<uint64_t *> path(uint64_t addr);

  protected:
    virtual void madeTable(uint64_t hpa) = 0;
    uint64_t newTable();

    Unit &unit_;
    unsigned levels_;
    uint64_t link_;               /* rights in entries that point to a table */
    uint64_t address_offset_ = 0; /* what entries contain, minus host physical */
    uint64_t root_ = 0;
};

class SsTree : public Tree
{
  public:
    explicit SsTree(Unit &unit, unsigned levels, uint64_t link = kSsR | kSsW);
    /* A leaf of 2^shift bytes (12, 21, 30); returns it. */
    uint64_t *map(uint64_t gpa, uint64_t hpa, unsigned shift = 12, uint64_t bits = kSsR | kSsW);

  private:
    void madeTable(uint64_t) override {}
};

class FsTree : public Tree
{
  public:
    explicit FsTree(Unit &unit, unsigned levels, uint64_t link = kFsP | kFsRw | kFsUs);
    /* Guest tables: they lie kGpaOffset above their host physical address and are mapped in `under` by leaves of
     * 2^under_shift bytes with the rights `under_bits`. */
    FsTree(Unit &unit, unsigned levels, SsTree &under, unsigned under_shift = 12, uint64_t under_bits = kSsR | kSsW,
           uint64_t link = kFsP | kFsRw | kFsUs);
    /* A leaf of 2^shift bytes (12, 21, 30); returns it. */
    uint64_t *map(uint64_t iova, uint64_t out, unsigned shift = 12, uint64_t bits = kFsP | kFsRw | kFsUs);
    uint64_t rootAddress() const
    {
        return root_ + address_offset_;
    } /* what goes into FSPTPTR */

  private:
    void madeTable(uint64_t hpa) override;

    SsTree *under_ = nullptr;
    unsigned under_shift_ = 0;
    uint64_t under_bits_ = 0;
};

/* Assertions: EXPECT_TRUE(translated(response, hpa, page_shift)). A shift of 0 is not looked at. */
testing::AssertionResult translated(const vtd_response &resp, uint64_t hpa, unsigned page_shift = 0);
/* Blocked as an untranslated request is: UR, with this reason. */
testing::AssertionResult blocked(const vtd_response &resp, unsigned reason);
testing::AssertionResult answered(const vtd_response &resp, vtd_result result, unsigned reason);

} // namespace vtdtest

#endif
