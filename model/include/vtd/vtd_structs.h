/* SPDX-License-Identifier: MIT */
/*
 * In-memory structures, queue descriptors and fault reasons as C, expanded from defs/structures.def, defs/descriptors.def
 * and defs/faults.def (ref 2, 3.1, 5). A structure is an array of little-endian qwords.
 */
#ifndef VTD_STRUCTS_H
#define VTD_STRUCTS_H

#include <stdint.h>

/* Sizes in qwords and bytes: VTD_PASID_ENTRY_QWORDS, VTD_PASID_ENTRY_BYTES. */
enum vtd_struct_size {
#define VTD_STRUCT(NAME, name, qwords, description) VTD_##NAME##_QWORDS = (qwords), VTD_##NAME##_BYTES = 8 * (qwords),
#include "vtd/defs/structures.def"
#define VTD_DESC(NAME, name, type, qwords, description)                                                                \
    VTD_##NAME##_QWORDS = (qwords), VTD_##NAME##_BYTES = 8 * (qwords),
#include "vtd/defs/descriptors.def"
};

/* Descriptor types: VTD_TYPE_CC_INV and so on (ref 3). */
enum vtd_desc_type {
#define VTD_DESC(NAME, name, type, qwords, description) VTD_TYPE_##NAME = (type),
#include "vtd/defs/descriptors.def"
};

/* Absolute bit positions: VTD_PASID_ENTRY_DID_LSB, _MSB. */
enum vtd_field_position {
#define VTD_POSITION_(STRUCT, FIELD, struct, field, msb, lsb, kind, description)                                       \
    VTD_##STRUCT##_##FIELD##_LSB = (lsb), VTD_##STRUCT##_##FIELD##_MSB = (msb),
#define VTD_FIELD VTD_POSITION_
#include "vtd/defs/structures.def"
#define VTD_DESC_FIELD VTD_POSITION_
#include "vtd/defs/descriptors.def"
#undef VTD_POSITION_
};

/*
 * vtd_STRUCT_FIELD(q) extracts a field; vtd_STRUCT_set_FIELD(q, v) replaces it, keeping the other bits. Address fields are
 * in pages: vtd_pasid_entry_ssptptr(q) << 12 is the address.
 */
#define VTD_ACCESSORS_(STRUCT, FIELD, struct_, field, msb, lsb, kind, description)                                     \
    static inline uint64_t vtd_##struct_##_##field(const uint64_t *q)                                                  \
    {                                                                                                                  \
        return (q[(lsb) / 64] >> ((lsb) % 64)) & (~0ull >> (63 - ((msb) - (lsb))));                                    \
    }                                                                                                                  \
    static inline void vtd_##struct_##_set_##field(uint64_t *q, uint64_t v)                                            \
    {                                                                                                                  \
        const uint64_t mask_ = (~0ull >> (63 - ((msb) - (lsb)))) << ((lsb) % 64);                                      \
        q[(lsb) / 64] = (q[(lsb) / 64] & ~mask_) | ((v << ((lsb) % 64)) & mask_);                                      \
    }
#define VTD_FIELD VTD_ACCESSORS_
#include "vtd/defs/structures.def"
#define VTD_DESC_FIELD VTD_ACCESSORS_
#include "vtd/defs/descriptors.def"
#undef VTD_ACCESSORS_

/* Fault reasons: VTD_FAULT_SFS_2 = 0x71 and so on; 0 is none (ref 5). */
enum vtd_fault_reason {
    VTD_FAULT_NONE = 0,
#define VTD_FAULT(NAME, code, label, qualified, tr, td, pr, description) VTD_FAULT_##NAME = (code),
#include "vtd/defs/faults.def"
};

/* Values of coded fields: VTD_PGTT_NESTED, VTD_TTM_SCALABLE, VTD_IQEI_FETCH, ... from defs/values.def (ref 1.5, 2.5, 3.4). */
enum vtd_field_value {
#define VTD_VALUE(GROUP, NAME, value, description) VTD_##GROUP##_##NAME = (value),
#include "vtd/defs/values.def"
};

#endif
