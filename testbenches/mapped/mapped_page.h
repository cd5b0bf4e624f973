/* SPDX-License-Identifier: MIT */
/* A mapped page in front of a bus that is plain memory and writes down its accesses. */
#ifndef VTD_MAPPED_PAGE_H
#define VTD_MAPPED_PAGE_H

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <sys/mman.h>

#include "mapped/vtd_mapped.h"

class MappedPage
{
  public:
    MappedPage()
    {
        bus_.opaque = this;
        bus_.read32 = [](void *o, uint64_t at) { return static_cast<MappedPage *>(o)->read<uint32_t>(at); };
        bus_.read64 = [](void *o, uint64_t at) { return static_cast<MappedPage *>(o)->read<uint64_t>(at); };
        bus_.write32 = [](void *o, uint64_t at, uint32_t v) { static_cast<MappedPage *>(o)->write(at, v); };
        bus_.write64 = [](void *o, uint64_t at, uint64_t v) { static_cast<MappedPage *>(o)->write(at, v); };
        char why[256] = "";
        registers_ = vtd_map_registers(&bus_, sizeof memory_, why);
        EXPECT_NE(registers_, nullptr) << why;
    }
    ~MappedPage()
    {
        vtd_unmap_registers(registers_);
    }
    MappedPage(const MappedPage &) = delete;
    MappedPage &operator=(const MappedPage &) = delete;

    volatile void *registers() const
    {
        return registers_;
    }
    uint8_t *memory()
    {
        return memory_;
    }

    /* Accesses since the last call. */
    std::string log()
    {
        return std::move(log_);
    }

    /* Stores value in register 0 and loads it with code whose operand is relative to rip. */
    uint32_t call_rip_relative(uint32_t value)
    {
        memcpy(memory_, &value, sizeof value);
        const uintptr_t near = reinterpret_cast<uintptr_t>(registers_) - (1 << 20);
        void *hint = reinterpret_cast<void *>(near);
        auto *code =
            static_cast<uint8_t *>(mmap(hint, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        const int64_t distance = reinterpret_cast<intptr_t>(registers_) - reinterpret_cast<intptr_t>(code + 4096);
        EXPECT_LT(distance < 0 ? -distance : distance, INT32_MAX);
        /* At the very end of the page: mov eax, [rip + distance + 1]; ret. What lies behind is nobody's. */
        const int32_t displacement = static_cast<int32_t>(distance + 1);
        code[4096 - 7] = 0x8b;
        code[4096 - 6] = 0x05;
        memcpy(code + 4096 - 5, &displacement, 4);
        code[4096 - 1] = 0xc3;
        mprotect(code, 4096, PROT_READ | PROT_EXEC);
        const uint32_t result = reinterpret_cast<uint32_t (*)()>(code + 4096 - 7)();
        munmap(code, 4096);
        return result;
    }

  private:
    template <typename T> T read(uint64_t at)
    {
        log_ += "r" + std::to_string(sizeof(T)) + "@" + std::to_string(at) + " ";
        T v;
        memcpy(&v, memory_ + at, sizeof v);
        return v;
    }
    template <typename T> void write(uint64_t at, T v)
    {
        log_ += "w" + std::to_string(sizeof(T)) + "@" + std::to_string(at) + " ";
        memcpy(memory_ + at, &v, sizeof v);
    }

    vtd_bus bus_ = {};
    volatile void *registers_;
    alignas(4096) uint8_t memory_[4096] = {};
    std::string log_;
};

#endif
