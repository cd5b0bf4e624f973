/* SPDX-License-Identifier: MIT */
/* A PCI function for tests of what leads to one. */
#ifndef VTD_TEST_PROBE_FUNCTION_H
#define VTD_TEST_PROBE_FUNCTION_H

#include "qemu/function.h"

/* A function that remembers what it was asked. */
struct Probe {
    uint32_t seen_offset = 0;
    uint64_t seen_addr = 0, seen_value = 0;
    unsigned seen_size = 0, resets = 0;
    vtd_qemu_function function{};

    Probe()
    {
        function.self = this;
        function.config_read = [](void *self, uint32_t offset, unsigned size) {
            auto *p = static_cast<Probe *>(self);
            p->seen_offset = offset;
            p->seen_size = size;
            return UINT32_C(0xffffffff);
        };
        function.config_write = [](void *self, uint32_t offset, uint32_t value, unsigned size) {
            auto *p = static_cast<Probe *>(self);
            p->seen_offset = offset;
            p->seen_value = value;
            p->seen_size = size;
        };
        function.bar_read = [](void *self, uint64_t addr, unsigned size, uint64_t *value) {
            auto *p = static_cast<Probe *>(self);
            p->seen_addr = addr;
            p->seen_size = size;
            *value = UINT64_C(0x1122334455667788);
            return addr < 0x1000;
        };
        function.bar_write = [](void *self, uint64_t addr, uint64_t value, unsigned size) {
            auto *p = static_cast<Probe *>(self);
            p->seen_addr = addr;
            p->seen_value = value;
            p->seen_size = size;
            return addr < 0x1000;
        };
        function.reset = [](void *self) { static_cast<Probe *>(self)->resets++; };
    }
};

#endif
