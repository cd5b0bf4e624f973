/* SPDX-License-Identifier: MIT */
/* Tables built directly in memory. See build.h. */
#include "tables/build.h"

#include "vtd/vtd_structs.h"

bool vtd_build_init(struct vtd_builder *b, struct vtd_frames *frames)
{
    b->frames = frames;
    b->root = vtd_frames_alloc(frames, 0);
    return b->root != 0;
}

uint64_t *vtd_build_at(const struct vtd_builder *b, uint64_t addr)
{
    return (uint64_t *)(void *)(b->frames->memory->base + addr);
}

uint64_t vtd_build_table(struct vtd_builder *b)
{
    return vtd_frames_alloc(b->frames, 0);
}

/* Follows a pointer entry, and makes what it points to when it is not present. 0 when there is no room. */
static uint64_t follow(struct vtd_builder *b, uint64_t *entry)
{
    if (!(*entry & 1)) {
        const uint64_t table = vtd_frames_alloc(b->frames, 0);
        if (!table)
            return 0;
        *entry = vtd_encode_pointer(table);
    }
    return *entry & ~UINT64_C(0xfff);
}

uint64_t *vtd_build_context(struct vtd_builder *b, uint16_t sid)
{
    uint64_t *root = vtd_build_at(b, b->root + (uint64_t)(sid >> 8) * VTD_SM_ROOT_BYTES);
    const uint64_t table = follow(b, &root[sid >> 7 & 1]);
    return table ? vtd_build_at(b, table + (uint64_t)(sid & 0x7f) * VTD_SM_CONTEXT_BYTES) : NULL;
}

uint64_t *vtd_build_pasid(struct vtd_builder *b, uint16_t sid, uint32_t pasid, bool paside)
{
    uint64_t *context = vtd_build_context(b, sid);
    if (!context)
        return NULL;
    if (!vtd_sm_context_p(context)) {
        const struct vtd_context_spec spec = {
            .directory = vtd_frames_alloc(b->frames, 5), .pdts = 7, .paside = paside}; /* 2^14 entries: 2^5 pages */
        if (!spec.directory)
            return NULL;
        vtd_encode_context(context, &spec);
    }
    const uint64_t directory = vtd_sm_context_pasiddirptr(context) << 12;
    const uint64_t table = follow(b, vtd_build_at(b, directory + (uint64_t)(pasid >> 6) * VTD_PASID_DIR_BYTES));
    return table ? vtd_build_at(b, table + (uint64_t)(pasid & 63) * VTD_PASID_ENTRY_BYTES) : NULL;
}

/* Descends from level `levels` to level `level`; link is what a missing table is linked with, address 0. */
static uint64_t *descend(struct vtd_builder *b, uint64_t root, unsigned levels, uint64_t addr, unsigned level,
                         uint64_t link)
{
    uint64_t table = root;
    for (unsigned l = levels; l > level; l--) {
        uint64_t *entry = vtd_build_at(b, table) + vtd_level_index(addr, l);
        if (!*entry) {
            const uint64_t next = vtd_build_table(b);
            if (!next)
                return NULL;
            *entry = link | next;
        }
        table = *entry & UINT64_C(0x000ffffffffff000);
    }
    return vtd_build_at(b, table) + vtd_level_index(addr, level);
}

uint64_t *vtd_build_fs(struct vtd_builder *b, uint64_t root, unsigned levels, uint64_t addr, unsigned level)
{
    const uint64_t link = vtd_encode_fs(0, 2, VTD_PTE_R | VTD_PTE_W | VTD_PTE_U | VTD_PTE_A | VTD_PTE_TABLE);
    return descend(b, root, levels, addr, level, link);
}

uint64_t *vtd_build_ss(struct vtd_builder *b, uint64_t root, unsigned levels, uint64_t addr, unsigned level)
{
    const uint64_t link = vtd_encode_ss(0, 2, VTD_PTE_R | VTD_PTE_W | VTD_PTE_TABLE);
    return descend(b, root, levels, addr, level, link);
}
