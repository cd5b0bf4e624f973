/* SPDX-License-Identifier: MIT */
/*
 * Outcomes and expectations in words, the way a scenario writes them.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "outcome.h"

/* A text that grows; what does not fit is cut. */
struct text {
    char *at;
    size_t used;
};

static void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->at + t->used, VTD_OUTCOME_TEXT_SIZE - t->used, format, args);
    va_end(args);
    if (n > 0)
        t->used += (size_t)n < VTD_OUTCOME_TEXT_SIZE - t->used ? (size_t)n : VTD_OUTCOME_TEXT_SIZE - 1 - t->used;
}

void vtd_page_text(unsigned shift, char *text, size_t size)
{
    static const char units[] = " KMGTPE";
    if (shift == 0)
        snprintf(text, size, "none");
    else
        snprintf(text, size, "%u%c", 1u << shift % 10, units[shift / 10 % 7]);
}

static void add_fault(struct text *t, uint8_t fault)
{
    add(t, "fault=0x%02x (%s: %s)", fault, vtd_fault_name(fault), vtd_fault_description(fault));
}

static void add_rights(struct text *t, uint32_t shown, uint32_t set)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } names[] = {
        {"r", VTD_GIVEN_R},       {"w", VTD_GIVEN_W},           {"x", VTD_GIVEN_X}, {"u", VTD_GIVEN_U},
        {"priv", VTD_GIVEN_PRIV}, {"global", VTD_GIVEN_GLOBAL}, {"n", VTD_GIVEN_N},
    };
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if ((shown & names[i].bit) != 0)
            add(t, "%s%s=%d", t->used > 0 ? " " : "", names[i].name, (set & names[i].bit) != 0);
    }
}

static void add_irq(struct text *t, const struct vtd_irq_response *r)
{
    switch (r->result) {
    case VTD_IRQ_PASSED:
    case VTD_IRQ_REMAPPED:
        add(t, "vector=0x%02x dest=0x%" PRIx32 " mode=%u", r->vector, r->dest, r->delivery_mode);
        add(t, r->result == VTD_IRQ_PASSED ? " (passed unchanged)" : " (remapped)");
        break;
    case VTD_IRQ_POSTED:
        add(t, "posted");
        break;
    default:
        add_fault(t, r->fault);
        break;
    }
}

static void add_completion(struct text *t, const struct vtd_response *r)
{
    unsigned shift = r->page_shift >= 12 && r->page_shift < 64 ? r->page_shift : 12;
    uint64_t size = UINT64_C(1) << shift;
    add(t, "hpa=0x%" PRIx64 " size=0x%" PRIx64 " ", r->hpa & ~(size - 1), size);
    add(t, "r=%d w=%d x=%d u=%d priv=%d global=%d n=%d", (r->attr & VTD_ATTR_R) != 0, (r->attr & VTD_ATTR_W) != 0,
        (r->attr & VTD_ATTR_X) != 0, (r->attr & VTD_ATTR_U) != 0, (r->attr & VTD_ATTR_PRIV) != 0,
        (r->attr & VTD_ATTR_GLOBAL) != 0, (r->attr & VTD_ATTR_NO_SNOOP) != 0);
    if (r->fault != 0)
        add(t, " after 0x%02x (%s)", r->fault, vtd_fault_name(r->fault));
}

static void add_response(struct text *t, bool ats, const struct vtd_response *r)
{
    if (r->result == VTD_RESULT_INTERRUPT) {
        add_irq(t, &r->irq);
    } else if (r->result == VTD_RESULT_OK && ats) {
        add_completion(t, r);
    } else if (r->result == VTD_RESULT_OK) {
        add(t, "hpa=0x%" PRIx64, r->hpa);
        if (r->page_shift != 0) {
            char page[16];
            vtd_page_text(r->page_shift, page, sizeof(page));
            add(t, " page=%s", page);
        }
    } else {
        if (ats)
            add(t, r->result == VTD_RESULT_UR ? "ur, " : "ca, ");
        if (r->fault != 0)
            add_fault(t, r->fault);
        else
            add(t, ats ? "no fault" : "blocked without a fault reason");
    }
}

static void add_range(struct text *t, uint64_t addr, uint64_t size)
{
    add(t, " addr=0x%" PRIx64, addr);
    add(t, size != 0 ? " size=0x%" PRIx64 : " size=0x10000000000000000", size);
}

static void add_to_device(struct text *t, const struct vtd_to_device *m)
{
    const struct vtd_device_tlb_inv *i = &m->invalidate;
    const struct vtd_page_response *r = &m->page_response;
    uint16_t sid = m->is_response ? r->sid : i->sid;
    add(t, "%s sid=%02x:%02x.%x", m->is_response ? "page-response" : "invalidate", sid >> 8, sid >> 3 & 0x1f, sid & 7);
    if (m->is_response ? r->has_pasid : i->has_pasid)
        add(t, " pasid=0x%" PRIx32, m->is_response ? r->pasid : i->pasid);
    if (m->is_response) {
        add(t, " prgi=%u code=%u", r->prgi, r->code);
    } else {
        add_range(t, i->addr, i->size);
        add(t, " global=%d", i->global);
    }
}

static const char *const prq_names[] = {"queued", "overflow", "rejected", "dropped"};

void vtd_outcome_text(const struct vtd_stmt *stmt, const struct vtd_outcome *o, char *text)
{
    struct text t = {.at = text};
    text[0] = '\0';
    if (o->none) {
        add(&t, "none");
        return;
    }
    switch (stmt->kind) {
    case VTD_STMT_DMA:
    case VTD_STMT_TRANSLATED:
    case VTD_STMT_ATS:
        add_response(&t, stmt->kind == VTD_STMT_ATS, &o->response);
        break;
    case VTD_STMT_INTERRUPT:
        add_irq(&t, &o->irq);
        break;
    case VTD_STMT_PAGE_REQUEST:
        add(&t, "%s", (unsigned)o->prq < 4 ? prq_names[o->prq] : "?");
        break;
    case VTD_STMT_MSI:
        add(&t, "0x%" PRIx64 " 0x%" PRIx32, o->msi_addr, o->msi_data);
        break;
    case VTD_STMT_TO_DEVICE:
        add_to_device(&t, &o->to_device);
        break;
    case VTD_STMT_STAT:
        add(&t, "%" PRIu64, o->value);
        break;
    default:
        add(&t, "0x%" PRIx64, o->value);
        break;
    }
}

static void add_message_keys(struct text *t, const struct vtd_expect *e)
{
    if ((e->given & VTD_GIVEN_SID) != 0)
        add(t, " sid=%02x:%02x.%x", e->sid >> 8, e->sid >> 3 & 0x1f, e->sid & 7);
    if ((e->given & VTD_GIVEN_PASID) != 0)
        add(t, " pasid=0x%" PRIx32, e->pasid);
    if ((e->given & VTD_GIVEN_ADDR) != 0)
        add(t, " addr=0x%" PRIx64, e->addr);
    if ((e->given & VTD_GIVEN_SIZE) != 0)
        add(t, e->size != 0 ? " size=0x%" PRIx64 : " size=0x10000000000000000", e->size);
    if ((e->given & VTD_GIVEN_GLOBAL) != 0)
        add(t, " global=%d", e->global);
    if ((e->given & VTD_GIVEN_PRGI) != 0)
        add(t, " prgi=%u", e->prgi);
    if ((e->given & VTD_GIVEN_CODE) != 0)
        add(t, " code=%u", e->code);
}

static void add_translation_keys(struct text *t, const struct vtd_stmt *stmt)
{
    const struct vtd_expect *e = &stmt->expect;
    if ((e->given & VTD_GIVEN_HPA) != 0)
        add(t, "hpa=0x%" PRIx64, e->addr);
    if ((e->given & VTD_GIVEN_SIZE) != 0 && e->kind == VTD_EXPECT_HPA)
        add(t, " page=%s", e->size == 4096 ? "4K" : e->size == 1 << 21 ? "2M" : "1G");
    else if ((e->given & VTD_GIVEN_SIZE) != 0)
        add(t, "%ssize=0x%" PRIx64, t->used > 0 ? " " : "", e->size);
    add_rights(t, e->given & ~(uint32_t)(VTD_GIVEN_HPA | VTD_GIVEN_SIZE), e->rights);
}

void vtd_expect_text(const struct vtd_stmt *stmt, char *text)
{
    const struct vtd_expect *e = &stmt->expect;
    struct text t = {.at = text};
    text[0] = '\0';
    switch (e->kind) {
    case VTD_EXPECT_VALUE:
        add(&t, stmt->kind == VTD_STMT_STAT ? "%" PRIu64 : "0x%" PRIx64, e->value);
        if (stmt->kind != VTD_STMT_STAT && e->mask != UINT64_MAX >> (64 - 8 * stmt->size))
            add(&t, " under mask 0x%" PRIx64, e->mask);
        break;
    case VTD_EXPECT_HPA:
    case VTD_EXPECT_ATS:
        add_translation_keys(&t, stmt);
        break;
    case VTD_EXPECT_FAULT:
        add_fault(&t, e->fault);
        break;
    case VTD_EXPECT_VECTOR:
        add(&t, "vector=0x%02x", e->vector);
        if ((e->given & VTD_GIVEN_DEST) != 0)
            add(&t, " dest=0x%" PRIx32, e->data);
        if ((e->given & VTD_GIVEN_MODE) != 0)
            add(&t, " mode=%u", e->mode);
        break;
    case VTD_EXPECT_PRQ:
        add(&t, "%s", prq_names[e->prq]);
        break;
    case VTD_EXPECT_MSI:
        add(&t, "0x%" PRIx64 " 0x%" PRIx32, e->addr, e->data);
        break;
    case VTD_EXPECT_INVALIDATE:
    case VTD_EXPECT_PAGE_RESPONSE:
        add(&t, e->kind == VTD_EXPECT_INVALIDATE ? "invalidate" : "page-response");
        add_message_keys(&t, e);
        break;
    default: {
        static const char *const words[] = {
            [VTD_EXPECT_BLOCKED] = "blocked", [VTD_EXPECT_UR] = "ur",     [VTD_EXPECT_CA] = "ca",
            [VTD_EXPECT_POSTED] = "posted",   [VTD_EXPECT_NONE] = "none", [VTD_EXPECT_ANY] = "a message",
        };
        add(&t, "%s", e->kind <= VTD_EXPECT_ANY && words[e->kind] != NULL ? words[e->kind] : "nothing");
        break;
    }
    }
}
