/* SPDX-License-Identifier: MIT */
/*
 * Registers as C: offsets (VTD_REG_x), field positions (VTD_x_y_LSB, _MSB) and accessors, all expanded from
 * defs/registers.def (ref 1).
 */
#ifndef VTD_REGS_H
#define VTD_REGS_H

#include <stdint.h>

enum vtd_reg_offset {
#define VTD_REG(NAME, name, offset, bits, description) VTD_REG_##NAME = (offset),
#include "vtd/defs/registers.def"
};

enum vtd_reg_field_position {
#define VTD_REG_FIELD(REG, FIELD, reg, field, msb, lsb, access, description)                                           \
    VTD_##REG##_##FIELD##_LSB = (lsb), VTD_##REG##_##FIELD##_MSB = (msb),
#include "vtd/defs/registers.def"
};

/*
 * vtd_reg_REG_FIELD(v) extracts a field from a register value; vtd_reg_REG_put_FIELD(v) places v into the field, the other
 * bits 0 (bits of v that do not fit are dropped).
 */
#define VTD_REG_FIELD(REG, FIELD, reg, field, msb, lsb, access, description)                                           \
    static inline uint64_t vtd_reg_##reg##_##field(uint64_t v)                                                         \
    {                                                                                                                  \
        return (v >> (lsb)) & (~0ull >> (63 - ((msb) - (lsb))));                                                       \
    }                                                                                                                  \
    static inline uint64_t vtd_reg_##reg##_put_##field(uint64_t v)                                                     \
    {                                                                                                                  \
        return (v & (~0ull >> (63 - ((msb) - (lsb))))) << (lsb);                                                       \
    }
#include "vtd/defs/registers.def"

#endif
