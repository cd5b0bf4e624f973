/* SPDX-License-Identifier: MIT */
/*
 * A fixed story of a driver over the model, on a machine whose memory is coherent, or has processor caches in front (ref 4.8),
 * or a write buffer (CAP.RWBF). One of the flushes can be left out. Devices do DMA after every register write and every step.
 */
#ifndef VTD_TESTS_FLUSH_STORY_H
#define VTD_TESTS_FLUSH_STORY_H

#include "model_rig.h"
#include "vtd/vtd_regs.h"

#include <cstring>
#include <functional>

namespace flush_story
{

constexpr unsigned kRw = VTD_DRV_READ | VTD_DRV_WRITE;
constexpr uint64_t kPage = 4096, k2M = 2 << 20, k1G = 1 << 30;
constexpr uint16_t kOne = 0x0510, kTwo = 0x0590; /* in both halves of a root entry */
constexpr uint64_t kTableOffset = UINT64_C(0x1000000000);

/* Mapped at some time, or beside that in each table on the way. */
constexpr uint64_t kAddresses[] = {
    k1G,
    k1G + 7 * kPage,
    k1G + 8 * kPage,
    k1G + 9 * kPage,
    k1G + 99 * kPage,
    k1G + k2M + 5 * kPage,
    k1G + k2M + 99 * kPage,
    k1G + 5 * k2M,
    k1G + 99 * k2M,
    3 * k1G,
    3 * k1G + k2M,
    3 * k1G + k2M + kPage,
    3 * k1G + k2M + 300 * kPage,
    3 * k1G + 99 * k2M,
    99 * k1G,
    UINT64_C(0x7f0000000000),
    kTableOffset + 99 * k2M,
};

/* What a page of tables holds. */
enum Class {
    Root,
    Context,
    Directory,
    Pasids,
    FirstStage,
    SecondStage,
    Classes
};

/* What is between the processor and memory. */
enum class Between {
    Nothing,
    Caches,
    WriteBuffer, /* holds all writes until a command flushes it (ref 1.4, 3.3) */
};

class Story
{
  public:
    static constexpr uint64_t kMemory = UINT64_C(256) << 20;
    static constexpr unsigned kNone = ~0u;

    Story(const vtd_config &config, Between between, unsigned drop)
        : drop_(drop), buffer_(between == Between::WriteBuffer), legacy_(!(config.ecap >> 43 & 1))
    {
        current = this;
        const auto init = between == Between::Nothing ? vtd_machine_init : vtd_machine_init_cached;
        EXPECT_EQ(init(&machine_, &config, kMemory, 0x100000, kMemory, nullptr), 0);
        bus_ = machine_.bus;
        if (bus_.flush && !buffer_)
            machine_.bus.flush = [](void *, const void *cpu, size_t size) { current->flush(cpu, size); };
        else
            machine_.bus.flush = nullptr;
        machine_.bus.dma_free = [](void *, uint64_t, unsigned) {}; /* a page is of one kind for ever */
        machine_.bus.write32 = [](void *o, uint64_t offset, uint32_t value) {
            current->pass_buffer(offset, value);
            current->bus_.write32(o, offset, value);
            current->look();
        };
        machine_.bus.write64 = [](void *o, uint64_t offset, uint64_t value) {
            current->pass_buffer(offset, 0);
            current->bus_.write64(o, offset, value);
            current->look();
        };
        vtd_drv_options options = {};
        options.haw = config.haw;
        EXPECT_EQ(vtd_drv_create(&machine_.bus, &options, &drv_), 0);
        EXPECT_EQ(vtd_drv_start(drv_), 0);
        if (legacy_)
            tell_legacy();
        else
            tell();
        look();
    }
    ~Story()
    {
        current = this; /* taking the unit down writes registers, too */
        vtd_drv_destroy(drv_);
        vtd_machine_fini(&machine_);
    }
    Story(const Story &) = delete;
    Story &operator=(const Story &) = delete;

    std::vector<uint64_t> seen; /* by devices */
    unsigned flushes = 0;
    uint64_t dropped_page = 0;
    bool covered = false;     /* what was dropped was flushed again before any device looked */
    bool not_present = false; /* it is an entry that was and is not present */
    std::map<uint64_t, Class> pages;

  private:
    static inline Story *current = nullptr;
    vtd_machine machine_{};
    vtd_bus bus_{};
    vtd_drv *drv_ = nullptr;
    unsigned drop_;
    bool buffer_, legacy_;
    std::set<uint64_t> pending_; /* lines that were dropped and not flushed since */
    bool looked_ = false;        /* a device did DMA since the flush was dropped */

    /* Invalidations and GCMD.WBF flush the write buffer; of the latter one can be left out. */
    void pass_buffer(uint64_t offset, uint32_t value)
    {
        const bool wbf = offset == VTD_REG_GCMD && value >> 27 & 1;
        const bool queue = offset == VTD_REG_IQT && vtd_mmio_read32(machine_.unit, VTD_REG_GSTS) >> 26 & 1;
        const bool invalidation = queue || offset == VTD_REG_CCMD || offset == 0xf8;
        if (!buffer_ || !(wbf || invalidation))
            return;
        if (wbf && flushes++ == drop_) {
            not_present = !holds_present();
            return;
        }
        vtd_cpu_cache_flush(&machine_.cpu_cache, machine_.frames.start, machine_.frames.next - machine_.frames.start);
    }

    /* Whether the write buffer holds more than entries of 16 bytes that were and are not present. */
    bool holds_present() const
    {
        const uint8_t *base = machine_.memory.base, *behind = machine_.cpu_cache.behind.base;
        for (uint64_t at = machine_.frames.start; at < machine_.frames.next; at += 16)
            if (memcmp(base + at, behind + at, 16) != 0 && ((base[at] | behind[at]) & 1))
                return true;
        return false;
    }

    void flush(const void *cpu, size_t size)
    {
        const uint64_t at = (uint64_t)(static_cast<const uint8_t *>(cpu) - machine_.memory.base);
        const uint64_t first = at / 64, last = (at + size - 1) / 64;
        if (flushes++ != drop_) {
            bus_.flush(bus_.opaque, cpu, size);
            for (uint64_t line = first; line <= last; line++)
                pending_.erase(line);
            covered = covered || (drop_ < flushes && !looked_ && pending_.empty());
            return;
        }
        dropped_page = at & ~(kPage - 1);
        for (uint64_t line = first; line <= last; line++)
            pending_.insert(line);
        const uint8_t *old = machine_.cpu_cache.behind.base + at;
        not_present = size <= 64 && size >= 16 && !(*old & 1) && !(*static_cast<const uint8_t *>(cpu) & 1);
    }

    void dma(uint16_t sid, uint32_t pasid, uint64_t addr)
    {
        vtd_request req{};
        req.addr = addr;
        req.sid = sid;
        req.pasid = pasid;
        req.flags = pasid ? VTD_REQ_PASID : 0;
        req.access = VTD_READ;
        req.len = 1;
        vtd_response resp{};
        EXPECT_EQ(vtd_translate(machine_.unit, &req, &resp), VTD_STATUS_OK);
        seen.push_back(resp.result == VTD_RESULT_OK ? resp.hpa : UINT64_MAX - resp.fault);
    }

    /* From everyone, to what is, was and never is mapped; also by those who have no entry at all. */
    void look()
    {
        note_pages();
        looked_ = looked_ || flushes > drop_;
        for (uint16_t sid : {kOne, kTwo, (uint16_t)(kOne + 7), (uint16_t)(kTwo + 9), (uint16_t)0x3300})
            for (uint32_t pasid : {0u, 5u, 9u, 70u, 99u, 900u})
                for (uint64_t addr : kAddresses)
                    dma(sid, pasid, addr);
        for (uint64_t page = 0x100000; page < 0x160000; page += kPage) /* where the parent has the nested tables */
            dma(kOne, 0, kTableOffset + page);
    }

    uint64_t qword(uint64_t addr) const
    {
        uint64_t v = 0;
        if (addr + 8 <= kMemory)
            memcpy(&v, machine_.memory.base + addr, 8);
        return v;
    }
    static uint64_t pointer(uint64_t entry)
    {
        return entry & UINT64_C(0xffffffffff000);
    }

    /* The page tables at table; guest tables lie kTableOffset above where they are. */
    void note_tables(uint64_t table, unsigned level, Class c)
    {
        table = table >= kTableOffset ? table - kTableOffset : table;
        if (table >= kMemory)
            return;
        pages[table] = c;
        for (unsigned i = 0; level > 1 && i < 512; i++)
            if (const uint64_t e = qword(table + 8 * i); (e & 3) && !(e & 0x80))
                note_tables(pointer(e), level - 1, c);
    }

    void note_pasids(uint64_t page)
    {
        pages[page] = Pasids;
        for (unsigned i = 0; i < 64; i++) {
            const uint64_t q0 = qword(page + 64 * i), q2 = qword(page + 64 * i + 16);
            const unsigned pgtt = q0 >> 6 & 7; /* 1 first stage, 2 second, 3 nested (ref 2.5) */
            if (!(q0 & 1))
                continue;
            if (pgtt & 1)
                note_tables(pointer(q2), 4, FirstStage);
            if (pgtt & 2)
                note_tables(pointer(q0), 4, SecondStage);
        }
    }

    /* Learns from the processor's view what each page is (ref 2.2 to 2.5). */
    void note_pages()
    {
        const uint64_t root = pointer(vtd_mmio_read64(machine_.unit, 0x20));
        if (!root)
            return;
        pages[root] = Root;
        if (legacy_) {
            note_legacy(root);
            return;
        }
        for (unsigned half = 0; half < 512; half++) {
            const uint64_t context = pointer(qword(root + 8 * half));
            if (!context)
                continue;
            pages[context] = Context;
            for (unsigned i = 0; i < 128; i++) {
                const uint64_t entry = qword(context + 32 * i), directory = pointer(entry);
                const unsigned directory_pages = 1u << std::max(0, (int)(entry >> 9 & 7) - 2);
                for (unsigned p = 0; (entry & 1) && p < directory_pages; p++)
                    pages[directory + p * kPage] = Directory;
                for (unsigned d = 0; (entry & 1) && d < 16; d++)
                    if (qword(directory + 8 * d) & 1)
                        note_pasids(pointer(qword(directory + 8 * d)));
            }
        }
    }

    void note_legacy(uint64_t root)
    {
        for (unsigned bus = 0; bus < 256; bus++) {
            const uint64_t context = pointer(qword(root + 16 * bus));
            if (context)
                pages[context] = Context;
            for (unsigned i = 0; context && i < 256; i++)
                if (const uint64_t entry = qword(context + 16 * i); entry & 1 && pointer(entry))
                    note_tables(pointer(entry), 4, SecondStage);
        }
    }

    vtd_drv_domain *domain(vtd_drv_kind kind, vtd_drv_domain *parent = nullptr)
    {
        vtd_drv_domain_spec spec{};
        spec.kind = kind;
        spec.addr_width = kind == VTD_DRV_PASS_THROUGH ? 0 : 48;
        spec.parent = parent;
        spec.table_offset = parent ? kTableOffset : 0;
        vtd_drv_domain *d = nullptr;
        EXPECT_EQ(vtd_drv_domain_create(drv_, &spec, &d), 0);
        return d;
    }

    void step(int64_t result, int64_t expected)
    {
        EXPECT_EQ(result, expected);
        look();
    }

    void tell_legacy()
    {
        auto *a = domain(VTD_DRV_SECOND_STAGE), *b = domain(VTD_DRV_SECOND_STAGE), *pt = domain(VTD_DRV_PASS_THROUGH);
        look();
        step(vtd_drv_attach(drv_, kOne, 0, a), 0);
        step(vtd_drv_attach(drv_, kTwo, 0, b), 0);
        for (auto *d : {a, b}) {
            step(vtd_drv_map(d, k1G, 8 * k1G, kPage, kRw), 0);
            step(vtd_drv_map(d, k1G + 7 * kPage, k1G, 3 * kPage, kRw), 0);
            step(vtd_drv_map(d, k1G + k2M, 9 * k1G, k2M, kRw), 0);
            step(vtd_drv_map(d, 3 * k1G, 16 * k1G, k1G, kRw), 0);
            step(vtd_drv_unmap(d, k1G + 7 * kPage, kPage), (int64_t)kPage);
            step(vtd_drv_unmap(d, k1G + k2M + 5 * kPage, kPage), (int64_t)kPage);
            step(vtd_drv_unmap(d, 3 * k1G + k2M, 2 * kPage), (int64_t)(2 * kPage));
            step(vtd_drv_unmap(d, k1G, k2M), (int64_t)(3 * kPage));
        }
        step(vtd_drv_replace(drv_, kOne, 0, pt), 0);
        step(vtd_drv_replace(drv_, kOne, 0, b), 0);
        step(vtd_drv_detach(drv_, kTwo, 0), 0);
        step(vtd_drv_device_remove(drv_, kTwo), 0);
        step(vtd_drv_attach(drv_, kTwo, 0, pt), 0);
        step(vtd_drv_stop(drv_), 0);
        step(vtd_drv_start(drv_), 0);
    }

    void tell()
    {
        auto *fs = domain(VTD_DRV_FIRST_STAGE), *ss = domain(VTD_DRV_SECOND_STAGE), *pt = domain(VTD_DRV_PASS_THROUGH);
        auto *nested = domain(VTD_DRV_NESTED, ss);
        look();
        step(vtd_drv_attach(drv_, kOne, 0, ss), 0);
        step(vtd_drv_attach(drv_, kOne, 5, fs), 0);
        step(vtd_drv_attach(drv_, kTwo, 70, nested), 0);
        step(vtd_drv_attach(drv_, kTwo, 0, fs), 0);
        for (auto *d : {ss, fs, nested}) {
            step(vtd_drv_map(d, k1G, d == nested ? k1G : 8 * k1G, kPage, kRw), 0);
            step(vtd_drv_map(d, k1G + 7 * kPage, k1G, 3 * kPage, kRw), 0);
            step(vtd_drv_map(d, k1G + k2M, d == nested ? k1G + k2M : 9 * k1G, k2M, kRw), 0);
            step(vtd_drv_map(d, 3 * k1G, d == nested ? 3 * k1G : 16 * k1G, k1G, kRw), 0);
        }
        for (auto *d : {nested, ss, fs}) {
            step(vtd_drv_unmap(d, k1G + 7 * kPage, kPage), (int64_t)kPage);
            step(vtd_drv_unmap(d, k1G + k2M + 5 * kPage, kPage), (int64_t)kPage);
            step(vtd_drv_unmap(d, 3 * k1G + k2M, 2 * kPage), (int64_t)(2 * kPage));
            step(vtd_drv_unmap(d, k1G, k2M), (int64_t)(3 * kPage));
        }
        step(vtd_drv_replace(drv_, kOne, 5, pt), 0);
        step(vtd_drv_replace(drv_, kOne, 5, fs), 0);
        step(vtd_drv_replace(drv_, kOne, 0, fs), 0);
        step(vtd_drv_replace(drv_, kOne, 0, ss), 0);
        step(vtd_drv_detach(drv_, kOne, 5), 0);
        step(vtd_drv_attach(drv_, kOne, 9, pt), 0);
        step(vtd_drv_detach(drv_, kTwo, 0), 0);
        step(vtd_drv_detach(drv_, kTwo, 70), 0);
        step(vtd_drv_device_remove(drv_, kTwo), 0);
        step(vtd_drv_attach(drv_, kTwo, 5, ss), 0);
    }
};

} // namespace flush_story

#endif
