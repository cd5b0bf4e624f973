/* SPDX-License-Identifier: MIT */
/*
 * Explanations for people: numbered steps in columns, decoded entries below them, and on the right the section of the
 * reference that governs each step. Colour only where it was asked for.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "explain.h"
#include "vtd/vtd_structs.h"

#define REFERENCE 98 /* column of the reference on the right */

enum colour {
    PLAIN,
    BOLD,
    DIM,
    GREEN,
    RED,
    YELLOW,
    CYAN
};

struct page {
    FILE *out;
    const struct vtd_explanation *x;
    bool colour;
    bool nested;     /* both stages occur: second-stage steps are indented below the first-stage ones */
    unsigned step;   /* number of the last step */
    unsigned column; /* how far the line is */
    uint64_t gpa;    /* nested: what the second stage is about to translate */
    bool has_gpa;    /* ... and it has not been said yet */
};

static void put(struct page *p, enum colour c, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void put(struct page *p, enum colour c, const char *format, ...)
{
    static const char *const codes[] = {"", "1", "2", "32", "31", "33", "36"};
    bool coloured = p->colour && c != PLAIN;
    if (coloured)
        fprintf(p->out, "\033[%sm", codes[c]);
    va_list args;
    va_start(args, format);
    int n = vfprintf(p->out, format, args);
    va_end(args);
    if (coloured)
        fputs("\033[0m", p->out);
    p->column += n > 0 ? (unsigned)n : 0;
}

/* Ends a line with the section on the right. */
static void end(struct page *p, const char *section)
{
    if (section != NULL) {
        put(p, PLAIN, "%*s", p->column + 2 < REFERENCE ? (int)(REFERENCE - p->column) : 2, "");
        put(p, DIM, "ref %s", section);
    }
    fputc('\n', p->out);
    p->column = 0;
}

/* "  7  read     " and what it is about, padded. */
static void begin_step(struct page *p, const char *verb, bool inner, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void begin_step(struct page *p, const char *verb, bool inner, const char *format, ...)
{
    char what[64];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    put(p, DIM, "%4u  ", ++p->step);
    put(p, PLAIN, "%-9s", verb);
    put(p, BOLD, "%s%-*s ", inner ? "  " : "", inner ? 25 : 27, what);
}

static bool is_inner(const struct page *p, const struct vtd_event *e)
{
    bool memory = e->kind == VTD_EVENT_MEM_READ || e->kind == VTD_EVENT_MEM_CAS;
    bool cache = e->kind == VTD_EVENT_CACHE_LOOKUP;
    return p->nested && ((memory && e->unit == VTD_MEM_SS_ENTRY) || (cache && e->unit == VTD_CACHE_SS_PSC));
}

/* How the entry was found in its table. */
static void put_index(struct page *p, const struct vtd_event *e)
{
    const uint64_t index = e->addr >> 3 & 0x1ff;
    if (e->level >= 1 && e->level <= 5)
        put(p, DIM, "  index 0x%03" PRIx64 " = address bits %u:%u", index, 9 * e->level + 11, 9 * e->level + 3);
    else if (e->unit == VTD_MEM_ROOT)
        put(p, DIM, "  index 0x%02" PRIx64 " = bus", e->addr >> 4 & 0xff);
    else if (e->unit == VTD_MEM_CONTEXT && p->x->ttm == VTD_TTM_LEGACY)
        put(p, DIM, "  index 0x%02" PRIx64 " = device and function", e->addr >> 4 & 0xff);
    else if (e->unit == VTD_MEM_CONTEXT)
        put(p, DIM, "  index 0x%02" PRIx64 " = device and function, lower 7 bits", e->addr >> 5 & 0x7f);
    else if (e->unit == VTD_MEM_PASID_DIR)
        put(p, DIM, "  index = PASID bits 19:6");
    else if (e->unit == VTD_MEM_PASID_ENTRY)
        put(p, DIM, "  index 0x%02" PRIx64 " = PASID bits 5:0", e->addr >> 6 & 0x3f);
}

static void put_qwords(struct page *p, const struct vtd_event *e)
{
    unsigned last = e->count > 8 ? 8 : e->count;
    while (last > 1 && e->value[last - 1] == 0)
        last--;
    put(p, PLAIN, "%15s", "");
    for (unsigned i = 0; i < last; i++)
        put(p, CYAN, "%s0x%" PRIx64, i > 0 ? " " : "", e->value[i]);
    if (last < e->count && e->count <= 8)
        put(p, DIM, last + 1 == e->count ? "  (last qword 0)" : "  (other qwords 0)");
}

/* A value, and what it stands for where the description is a list like "1 first-stage, 2 second-stage". */
static void put_value(struct page *p, const struct vtd_explain_field *f)
{
    char value[64], key[24];
    int used = snprintf(value, sizeof(value), f->value < 10 ? "%" PRIu64 : "0x%" PRIx64, f->value);
    snprintf(key, sizeof(key), "%" PRIu64 " ", f->value);
    const char *at = f->description;
    while ((at = strstr(at, key)) != NULL && at != f->description && strncmp(at - 2, ", ", 2) != 0 &&
           strncmp(at - 2, ": ", 2) != 0)
        at++;
    if (at != NULL) {
        at += strlen(key);
        snprintf(value + used, sizeof(value) - (size_t)used, " (%.*s)", (int)strcspn(at, ",;"), at);
    }
    put(p, CYAN, "%-18s ", value);
}

/* Root, context, PASID and interrupt entries: one line per field that is not 0; the first, "present", always. */
static void put_fields(struct page *p, const struct vtd_explain_layout *layout, const struct vtd_event *e)
{
    struct vtd_explain_field f;
    uint64_t q[8] = {0};
    memcpy(q, e->value, sizeof(q));
    put_qwords(p, e);
    end(p, NULL);
    bool first = true;
    for (unsigned i = 0; vtd_explain_field(layout, q, &i, &f);) {
        if (f.value != 0 || first) {
            put(p, PLAIN, "%17s", "");
            put(p, PLAIN, "%-12s", f.name);
            put_value(p, &f);
            put(p, DIM, "%s", f.description);
            end(p, NULL);
        }
        first = false;
    }
}

/* Paging entries: one line, with what the walker needs of it. */
static void put_paging_entry(struct page *p, const struct vtd_event *e)
{
    const uint64_t *q = e->value;
    const uint64_t address = vtd_fs_entry_addr(q) << 12;
    bool leaf = vtd_explain_is_leaf(e);
    bool present;
    put(p, PLAIN, "%15s%s", "", is_inner(p, e) ? "  " : "");
    put(p, CYAN, "0x%-16" PRIx64, q[0]);
    if (e->unit == VTD_MEM_FS_ENTRY) {
        present = vtd_fs_entry_p(q);
        put(p, PLAIN, "  P=%d RW=%d US=%d A=%d", present, (int)vtd_fs_entry_rw(q), (int)vtd_fs_entry_us(q),
            (int)vtd_fs_entry_a(q));
        if (leaf)
            put(p, PLAIN, " D=%d", (int)vtd_fs_entry_d(q));
    } else {
        present = vtd_ss_entry_r(q) || vtd_ss_entry_w(q);
        put(p, PLAIN, "  R=%d W=%d A=%d", (int)vtd_ss_entry_r(q), (int)vtd_ss_entry_w(q), (int)vtd_ss_entry_a(q));
        if (leaf)
            put(p, PLAIN, " D=%d SNP=%d", (int)vtd_ss_entry_d(q), (int)vtd_ss_entry_snp(q));
    }
    if (!present) {
        put(p, PLAIN, "  not present");
    } else if (leaf) {
        char size[16];
        vtd_page_text(3 + 9u * e->level, size, sizeof(size));
        put(p, PLAIN, "  maps a %s page at ", size);
        put(p, CYAN, "0x%" PRIx64, address & ~((UINT64_C(8) << 9 * e->level) - 1));
    } else {
        put(p, PLAIN, "  next table at ");
        put(p, CYAN, "0x%" PRIx64, address);
    }
    if (present && e->unit == VTD_MEM_FS_ENTRY && p->nested)
        put(p, DIM, " (guest-physical)");
    end(p, NULL);
}

static void put_read(struct page *p, const struct vtd_event *e)
{
    const struct vtd_explain_layout layout = vtd_explain_layout(p->x, e);
    const char *level = vtd_explain_level(e);
    begin_step(p, "read", is_inner(p, e), "%s%s%s", layout.name != NULL ? layout.name : vtd_mem_class_name(e->unit),
               level != NULL ? " " : "", level != NULL ? level : "");
    put(p, PLAIN, "0x%" PRIx64, e->addr);
    put_index(p, e);
    if (!e->snoop)
        put(p, DIM, "  not snooped");
    end(p, layout.section);
    if (e->error) {
        put(p, PLAIN, "%15s", "");
        put(p, RED, "access error");
        end(p, NULL);
    } else if (level != NULL) {
        put_paging_entry(p, e);
    } else if (layout.name != NULL) {
        put_fields(p, &layout, e);
    } else {
        put_qwords(p, e);
        end(p, NULL);
    }
}

static void put_update(struct page *p, const struct vtd_event *e)
{
    char set[64];
    vtd_explain_update(e, set, sizeof(set));
    begin_step(p, "update", is_inner(p, e), "%s", vtd_mem_class_name(e->unit));
    put(p, PLAIN, "0x%" PRIx64 "  ", e->addr);
    put(p, CYAN, "0x%" PRIx64 " -> 0x%" PRIx64, e->value[0], e->value[1]);
    if (set[0] != '\0')
        put(p, PLAIN, "  sets %s", set);
    if (e->error)
        put(p, RED, "  the atomic operation failed");
    else if (!e->hit)
        put(p, YELLOW, "  changed meanwhile");
    end(p, e->section);
}

static void put_write(struct page *p, const struct vtd_event *e)
{
    const struct vtd_explain_layout layout = vtd_explain_layout(p->x, e);
    begin_step(p, "write", false, "%s", layout.name != NULL ? layout.name : vtd_mem_class_name(e->unit));
    put(p, PLAIN, "0x%" PRIx64, e->addr);
    if (e->error)
        put(p, RED, "  access error");
    end(p, layout.section);
    if (!e->error && layout.name != NULL)
        put_fields(p, &layout, e);
}

static void put_cache(struct page *p, const struct vtd_event *e)
{
    char tag[96];
    vtd_explain_tag(e, tag, sizeof(tag));
    const char *verb = e->kind == VTD_EVENT_CACHE_LOOKUP ? "look up"
                       : e->kind == VTD_EVENT_CACHE_FILL ? "fill"
                                                         : "evict";
    begin_step(p, verb, is_inner(p, e), "%s", vtd_explain_cache(e->unit));
    put(p, PLAIN, "%s", tag);
    if (e->kind == VTD_EVENT_CACHE_LOOKUP)
        put(p, e->hit ? GREEN : YELLOW, "  %s", e->hit ? "HIT" : "miss");
    end(p, e->section);
}

static void put_invalidate(struct page *p, const struct vtd_event *e)
{
    begin_step(p, "drop", false, "%s", vtd_explain_cache(e->unit));
    put(p, PLAIN, "%" PRIu64 " entries", e->value[0]);
    end(p, e->section);
}

static void put_decision(struct page *p, const struct vtd_explain_step *s)
{
    const struct vtd_event *e = &s->event;
    put(p, PLAIN, "      ");
    put(p, DIM, "* ");
    put(p, PLAIN, "%s", s->text != NULL ? s->text : "");
    if (e->count > 0)
        put(p, CYAN, e->value[0] < 10 ? " %" PRIu64 : " 0x%" PRIx64, e->value[0]);
    end(p, s->section);
}

static void put_fault(struct page *p, const struct vtd_explain_step *s)
{
    const struct vtd_event *e = &s->event;
    put(p, PLAIN, "      ");
    put(p, RED, "! fault 0x%02x %s: %s", e->fault, vtd_fault_name(e->fault), vtd_fault_description(e->fault));
    put(p, PLAIN, "; %s", s->text != NULL ? s->text : e->hit ? "recorded" : "not recorded");
    end(p, s->section);
}

/* Nested translation: says which guest-physical address the second stage is asked for (ref 4.5). */
static void follow_stages(struct page *p, const struct vtd_event *e)
{
    const bool read = e->kind == VTD_EVENT_MEM_READ && !e->error;
    if (!p->nested)
        return;
    if (p->has_gpa && is_inner(p, e)) {
        p->has_gpa = false;
        put(p, PLAIN, "      ");
        put(p, DIM, "* ");
        put(p, PLAIN, "second stage: where is guest-physical ");
        put(p, CYAN, "0x%" PRIx64, p->gpa);
        put(p, PLAIN, "?");
        end(p, "4.5");
    } else if (read && e->unit == VTD_MEM_PASID_ENTRY) {
        p->gpa = vtd_pasid_entry_fsptptr(e->value) << 12;
        p->has_gpa = true;
    } else if (read && e->unit == VTD_MEM_FS_ENTRY && vtd_fs_entry_p(e->value)) {
        p->gpa = vtd_fs_entry_addr(e->value) << 12;
        if (vtd_explain_is_leaf(e)) {
            const uint64_t offset = (UINT64_C(8) << 9 * e->level) - 1;
            p->gpa = (p->gpa & ~offset) | (p->x->stmt->request.addr & offset);
        }
        p->has_gpa = true;
    } else if (e->kind == VTD_EVENT_CACHE_LOOKUP && e->unit == VTD_CACHE_FS_PSC && e->hit) {
        p->has_gpa = false; /* the entry holds the host-physical address of the next table */
    }
}

static void put_step(struct page *p, const struct vtd_explain_step *s)
{
    follow_stages(p, &s->event);
    switch (s->event.kind) {
    case VTD_EVENT_CACHE_LOOKUP:
    case VTD_EVENT_CACHE_FILL:
    case VTD_EVENT_CACHE_EVICT:
        put_cache(p, &s->event);
        break;
    case VTD_EVENT_MEM_READ:
        put_read(p, &s->event);
        break;
    case VTD_EVENT_MEM_WRITE:
        put_write(p, &s->event);
        break;
    case VTD_EVENT_MEM_CAS:
        put_update(p, &s->event);
        break;
    case VTD_EVENT_DECISION:
        put_decision(p, s);
        break;
    case VTD_EVENT_FAULT:
        put_fault(p, s);
        break;
    case VTD_EVENT_INVALIDATE:
        if (s->event.value[0] > 0)
            put_invalidate(p, &s->event);
        break;
    default: /* the request and the response stand above and below */
        break;
    }
}

static void put_outcome(struct page *p)
{
    const struct vtd_explanation *x = p->x;
    char got[VTD_OUTCOME_TEXT_SIZE], expected[VTD_OUTCOME_TEXT_SIZE];
    struct vtd_explain_sums sums;
    vtd_outcome_text(x->stmt, x->outcome, got);
    vtd_expect_text(x->stmt, expected);
    put(p, BOLD, "   => ");
    put(p, x->held ? GREEN : RED, "%s", got);
    if (!x->held)
        put(p, RED, "  but the scenario expects %s", expected);
    else if (x->stmt->expect.kind != VTD_EXPECT_NOTHING)
        put(p, DIM, "  as the scenario expects");
    end(p, NULL);
    vtd_explain_sum(x, &sums);
    put(p, DIM, "      %u cache lookup%s, %u hit%s; %u %s read from memory, %u atomic update%s", sums.lookups,
        sums.lookups == 1 ? "" : "s", sums.hits, sums.hits == 1 ? "" : "s", sums.reads,
        sums.reads == 1 ? "entry" : "entries", sums.updates, sums.updates == 1 ? "" : "s");
    end(p, NULL);
}

void vtd_explain_text(FILE *out, const struct vtd_explanation *x, bool colour)
{
    struct page p = {.out = out, .x = x, .colour = colour};
    bool stages[2] = {false, false};
    for (size_t i = 0; i < x->count; i++) {
        const struct vtd_event *e = &x->steps[i].event;
        if (e->kind == VTD_EVENT_MEM_READ && (e->unit == VTD_MEM_FS_ENTRY || e->unit == VTD_MEM_SS_ENTRY))
            stages[e->unit == VTD_MEM_SS_ENTRY] = true;
    }
    p.nested = stages[0] && stages[1];
    char request[256];
    vtd_explain_request(x->stmt, request, sizeof(request));
    if (x->file != NULL) {
        put(&p, BOLD, "%s:%u: %s", x->file, x->stmt->line, x->stmt->text);
        end(&p, NULL);
    }
    put(&p, PLAIN, "  %s.", request);
    end(&p, NULL);
    fputc('\n', out);
    for (size_t i = 0; i < x->count; i++)
        put_step(&p, &x->steps[i]);
    put_outcome(&p);
    fputc('\n', out);
}
