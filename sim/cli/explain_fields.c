/* SPDX-License-Identifier: MIT */
/*
 * Decoding for explanations: in-memory structures by the definitions that the model itself is built from, cache tags,
 * and requests in words.
 */
#include <inttypes.h>
#include <string.h>

#include "explain.h"
#include "vtd/vtd_structs.h"

enum structure {
#define VTD_STRUCT(NAME, name, qwords, description) STRUCTURE_##NAME,
#include "vtd/defs/structures.def"
    STRUCTURES,
};

static const struct {
    unsigned structure;
    const char *name;
    unsigned msb, lsb;
    const char *kind;
    const char *description;
} fields[] = {
#define VTD_FIELD(STRUCT, FIELD, struct_, field, msb, lsb, kind, description)                                          \
    {STRUCTURE_##STRUCT, #FIELD, msb, lsb, #kind, description},
#include "vtd/defs/structures.def"
};

static const unsigned sizes[STRUCTURES] = {
#define VTD_STRUCT(NAME, name, qwords, description) [STRUCTURE_##NAME] = (qwords),
#include "vtd/defs/structures.def"
};

static struct vtd_explain_layout layout_of(const char *name, const char *section, unsigned structure)
{
    return (struct vtd_explain_layout){
        .name = name, .section = section, .structure = structure, .qwords = sizes[structure]};
}

struct vtd_explain_layout vtd_explain_layout(const struct vtd_explanation *x, const struct vtd_event *event)
{
    bool legacy = x->ttm == VTD_TTM_LEGACY;
    switch (event->unit) {
    case VTD_MEM_ROOT:
        return legacy ? layout_of("root entry", "2.1", STRUCTURE_LEGACY_ROOT)
                      : layout_of("root entry", "2.2", STRUCTURE_SM_ROOT);
    case VTD_MEM_CONTEXT:
        return legacy ? layout_of("context entry", "2.1", STRUCTURE_LEGACY_CONTEXT)
                      : layout_of("context entry", "2.3", STRUCTURE_SM_CONTEXT);
    case VTD_MEM_PASID_DIR:
        return layout_of("PASID directory entry", "2.4", STRUCTURE_PASID_DIR);
    case VTD_MEM_PASID_ENTRY:
        return layout_of("PASID table entry", "2.5", STRUCTURE_PASID_ENTRY);
    case VTD_MEM_FS_ENTRY:
        return layout_of("first-stage", "2.6", STRUCTURE_FS_ENTRY);
    case VTD_MEM_SS_ENTRY:
        return layout_of("second-stage", "2.7", STRUCTURE_SS_ENTRY);
    case VTD_MEM_IRTE:
        return vtd_irte_im(event->value) ? layout_of("interrupt entry (posted)", "2.9", STRUCTURE_IRTE_POSTED)
                                         : layout_of("interrupt entry", "2.9", STRUCTURE_IRTE);
    case VTD_MEM_PI_DESCRIPTOR: { /* read as a whole, and once more a qword of it */
        struct vtd_explain_layout layout = layout_of("posted-interrupt descriptor", "2.9", STRUCTURE_PI_DESC);
        layout.first = (unsigned)(event->addr / 8 % 8);
        layout.qwords = event->count;
        return layout;
    }
    case VTD_MEM_PRQ:
        return layout_of("page request descriptor", "2.10", STRUCTURE_PRQ_DESC);
    default:
        return (struct vtd_explain_layout){.section = event->section};
    }
}

bool vtd_explain_field(const struct vtd_explain_layout *layout, const uint64_t *q, unsigned *i,
                       struct vtd_explain_field *field)
{
    for (; *i < sizeof(fields) / sizeof(fields[0]); ++*i) {
        if (fields[*i].structure != layout->structure || strcmp(fields[*i].kind, "IGNORED") == 0)
            continue;
        unsigned lsb = fields[*i].lsb, width = fields[*i].msb - lsb + 1, qword = lsb / 64;
        if (qword < layout->first || qword >= layout->first + layout->qwords)
            continue;
        uint64_t value = q[qword - layout->first] >> lsb % 64;
        if (width < 64)
            value &= (UINT64_C(1) << width) - 1;
        *field =
            (struct vtd_explain_field){.name = fields[*i].name, .description = fields[*i].description, .value = value};
        field->is_address = lsb % 64 == 12 && width >= 40; /* pages: at bit 12 of its qword */
        if (field->is_address)
            field->value <<= 12;
        ++*i;
        return true;
    }
    return false;
}

const char *vtd_explain_level(const struct vtd_event *event)
{
    static const char *const first[] = {"PT entry", "PD entry", "PDP entry", "PML4 entry", "PML5 entry"};
    static const char *const second[] = {"level 1", "level 2", "level 3", "level 4", "level 5"};
    if (event->level < 1 || event->level > 5)
        return NULL;
    return event->unit == VTD_MEM_FS_ENTRY   ? first[event->level - 1]
           : event->unit == VTD_MEM_SS_ENTRY ? second[event->level - 1]
                                             : NULL;
}

bool vtd_explain_is_leaf(const struct vtd_event *event)
{
    return event->level == 1 || ((event->level == 2 || event->level == 3) && vtd_fs_entry_ps(event->value));
}

/* The request bit of a vector, or ON, by the qword that the update is in (ref 2.9). */
static void explain_posting(const struct vtd_event *event, uint64_t set, char *buffer, size_t size)
{
    const unsigned qword = (unsigned)(event->addr / 8 % 8);
    if (qword < 4 && set != 0)
        snprintf(buffer, size, "the request of vector 0x%x", 64 * qword + (unsigned)__builtin_ctzll(set));
    else if (qword == 4 && (set & 1) != 0)
        snprintf(buffer, size, "ON");
}

void vtd_explain_update(const struct vtd_event *event, char *buffer, size_t size)
{
    const uint64_t set = event->value[1] & ~event->value[0];
    unsigned structure = event->unit == VTD_MEM_FS_ENTRY   ? STRUCTURE_FS_ENTRY
                         : event->unit == VTD_MEM_SS_ENTRY ? STRUCTURE_SS_ENTRY
                                                           : STRUCTURES;
    size_t used = 0;
    buffer[0] = '\0';
    if (event->unit == VTD_MEM_PI_DESCRIPTOR)
        explain_posting(event, set, buffer, size);
    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (fields[i].structure == structure && fields[i].msb == fields[i].lsb && (set >> fields[i].lsb & 1) != 0 &&
            used < size)
            used += (size_t)snprintf(buffer + used, size - used, "%s%s", used > 0 ? ", " : "", fields[i].name);
    }
}

static int add_sid(char *buffer, size_t size, unsigned sid)
{
    return snprintf(buffer, size, "device %02x:%02x.%x", sid >> 8 & 0xff, sid >> 3 & 0x1f, sid & 7);
}

/* The tags as the caches of the model pack them into the two words of a key (ref 6.1). */
void vtd_explain_tag(const struct vtd_event *event, char *buffer, size_t size)
{
    const uint64_t a = event->value[0], b = event->value[1];
    int used;
    switch (event->unit) {
    case VTD_CACHE_CONTEXT:
        add_sid(buffer, size, (unsigned)a);
        break;
    case VTD_CACHE_PASID:
    case VTD_CACHE_PASID_DIR: /* directory entries of 64 PASIDs may be in both */
        used = add_sid(buffer, size, (unsigned)(b & 0xffff));
        if (b >> 16 != 0)
            snprintf(buffer + used, size - (size_t)used, ", directory entry of PASIDs 0x%" PRIx64 " to 0x%" PRIx64,
                     a << 6, a << 6 | 63);
        else
            snprintf(buffer + used, size - (size_t)used, ", PASID 0x%" PRIx64, a);
        break;
    case VTD_CACHE_IOTLB: {
        const unsigned class = (unsigned)(b >> 40 & 3);
        static const char *const pages[] = {"4K", "2M", "1G", "?"};
        used = add_sid(buffer, size, (unsigned)(b & 0xffff));
        if ((b >> 36 & 1) != 0)
            used += snprintf(buffer + used, size - (size_t)used, ", PASID 0x%" PRIx64, b >> 16 & 0xfffff);
        snprintf(buffer + used, size - (size_t)used, ", %s page 0x%" PRIx64, pages[class], a << (12 + 9 * class));
        break;
    }
    case VTD_CACHE_FS_PSC:
    case VTD_CACHE_SS_PSC: {
        const unsigned level = (unsigned)(b >> 36 & 7);
        used = snprintf(buffer, size, "level %u, DID %" PRIu64, level, b & 0xffff);
        if (event->unit == VTD_CACHE_FS_PSC)
            used += snprintf(buffer + used, size - (size_t)used, ", PASID 0x%" PRIx64, b >> 16 & 0xfffff);
        snprintf(buffer + used, size - (size_t)used, ", address 0x%" PRIx64,
                 level > 0 ? a << (12 + 9 * (level - 1)) : a);
        break;
    }
    default:
        snprintf(buffer, size, "index 0x%" PRIx64, a);
        break;
    }
}

const char *vtd_explain_cache(unsigned id)
{
    static const char *const names[VTD_CACHES] = {
        [VTD_CACHE_CONTEXT] = "context cache",
        [VTD_CACHE_PASID] = "PASID cache",
        [VTD_CACHE_IOTLB] = "IOTLB",
        [VTD_CACHE_FS_PSC] = "first-stage paging cache",
        [VTD_CACHE_SS_PSC] = "second-stage paging cache",
        [VTD_CACHE_IEC] = "interrupt entry cache",
        [VTD_CACHE_PASID_DIR] = "PASID directory cache",
    };
    return id < VTD_CACHES ? names[id] : "?";
}

void vtd_explain_request(const struct vtd_stmt *stmt, char *buffer, size_t size)
{
    static const char *const access[] = {"read", "write", "instruction fetch", "atomic operation"};
    const struct vtd_request *r = &stmt->request;
    unsigned sid = r->sid;
    int used;
    if (stmt->kind == VTD_STMT_INTERRUPT) {
        used =
            snprintf(buffer, size, "An interrupt request: write of 0x%x to 0x%" PRIx64 " by ", stmt->data, stmt->addr);
        sid = stmt->sid;
    } else if (stmt->kind == VTD_STMT_PAGE_REQUEST) {
        const unsigned flags = stmt->page_request.flags;
        const bool reads = (flags & VTD_PRQ_READ) != 0, writes = (flags & VTD_PRQ_WRITE) != 0;
        used =
            snprintf(buffer, size, "A page request to %s 0x%" PRIx64 ", %sgroup %u, by ",
                     (flags & VTD_PRQ_EXEC) != 0 ? "execute"
                     : reads && writes           ? "read and write"
                     : writes                    ? "write"
                     : reads                     ? "read"
                                                 : "do nothing with",
                     stmt->page_request.addr, (flags & VTD_PRQ_LAST) != 0 ? "last of " : "", stmt->page_request.prgi);
    } else if (stmt->kind == VTD_STMT_ATS) {
        used = snprintf(buffer, size, "A translation request (ATS) for 0x%" PRIx64 "%s by ", r->addr,
                        (r->flags & VTD_REQ_NO_WRITE) != 0 ? ", no write" : "");
    } else {
        const char *word = r->access < 4 ? access[r->access] : "?";
        const char *at = r->at == VTD_AT_TRANSLATED ? "translated " : r->len == 0 ? "zero-length " : "";
        const char *article = at[0] == '\0' && (r->access == VTD_EXEC || r->access == VTD_ATOMIC) ? "An" : "A";
        used = snprintf(buffer, size, "%s %s%s of %u byte%s at 0x%" PRIx64 " by ", article, at, word, r->len,
                        r->len == 1 ? "" : "s", r->addr);
    }
    used += add_sid(buffer + used, size - (size_t)used, sid);
    if (stmt->kind == VTD_STMT_INTERRUPT)
        return;
    bool has_pasid = stmt->kind == VTD_STMT_PAGE_REQUEST ? (stmt->page_request.flags & VTD_PRQ_PASID) != 0
                                                         : (r->flags & VTD_REQ_PASID) != 0;
    const bool priv = stmt->kind == VTD_STMT_PAGE_REQUEST ? (stmt->page_request.flags & VTD_PRQ_PRIV) != 0
                                                          : (r->flags & VTD_REQ_PRIV) != 0;
    uint32_t pasid = stmt->kind == VTD_STMT_PAGE_REQUEST ? stmt->page_request.pasid : r->pasid;
    if (has_pasid)
        used += snprintf(buffer + used, size - (size_t)used, " for PASID 0x%" PRIx32, pasid);
    snprintf(buffer + used, size - (size_t)used, "%s", priv ? ", privileged" : has_pasid ? "" : ", without PASID");
}

void vtd_explain_sum(const struct vtd_explanation *x, struct vtd_explain_sums *sums)
{
    *sums = (struct vtd_explain_sums){0};
    for (size_t i = 0; i < x->count; i++) {
        const struct vtd_event *e = &x->steps[i].event;
        sums->lookups += e->kind == VTD_EVENT_CACHE_LOOKUP;
        sums->hits += e->kind == VTD_EVENT_CACHE_LOOKUP && e->hit;
        sums->reads += e->kind == VTD_EVENT_MEM_READ;
        sums->updates += e->kind == VTD_EVENT_MEM_CAS;
        sums->writes += e->kind == VTD_EVENT_MEM_WRITE;
    }
}
