/* SPDX-License-Identifier: MIT */
/*
 * Whether what came back is what a statement expects.
 */
#include "outcome.h"

/* Rights of a translation completion, as VTD_GIVEN_* (ref 7.2). */
static uint32_t rights_of(const struct vtd_response *r)
{
    static const struct {
        uint8_t attr;
        uint32_t given;
    } map[] = {
        {VTD_ATTR_R, VTD_GIVEN_R},        {VTD_ATTR_W, VTD_GIVEN_W},       {VTD_ATTR_X, VTD_GIVEN_X},
        {VTD_ATTR_U, VTD_GIVEN_U},        {VTD_ATTR_PRIV, VTD_GIVEN_PRIV}, {VTD_ATTR_GLOBAL, VTD_GIVEN_GLOBAL},
        {VTD_ATTR_NO_SNOOP, VTD_GIVEN_N},
    };
    uint32_t rights = 0;
    for (unsigned i = 0; i < sizeof(map) / sizeof(map[0]); i++)
        rights |= (r->attr & map[i].attr) != 0 ? map[i].given : 0;
    return rights;
}

/* Size of the range that a completion covers: the mapping's, or one page where there is none. */
static uint64_t range_size(const struct vtd_response *r)
{
    return UINT64_C(1) << (r->page_shift >= 12 && r->page_shift < 64 ? r->page_shift : 12);
}

static bool ats_matches(const struct vtd_expect *e, const struct vtd_response *r)
{
    const uint32_t all =
        VTD_GIVEN_R | VTD_GIVEN_W | VTD_GIVEN_X | VTD_GIVEN_U | VTD_GIVEN_PRIV | VTD_GIVEN_GLOBAL | VTD_GIVEN_N;
    uint64_t size = range_size(r);
    return r->result == VTD_RESULT_OK && ((rights_of(r) ^ e->rights) & e->given & all) == 0 &&
           ((e->given & VTD_GIVEN_HPA) == 0 || (r->hpa & ~(size - 1)) == e->addr) &&
           ((e->given & VTD_GIVEN_SIZE) == 0 || size == e->size);
}

static bool response_matches(const struct vtd_expect *e, const struct vtd_response *r)
{
    bool blocked = r->result == VTD_RESULT_UR || r->result == VTD_RESULT_CA;
    switch (e->kind) {
    case VTD_EXPECT_HPA:
        return r->result == VTD_RESULT_OK && r->hpa == e->addr &&
               ((e->given & VTD_GIVEN_SIZE) == 0 || (r->page_shift != 0 && range_size(r) == e->size));
    case VTD_EXPECT_FAULT:
        return blocked && r->fault == e->fault;
    case VTD_EXPECT_BLOCKED:
        return blocked;
    case VTD_EXPECT_ATS:
        return ats_matches(e, r);
    case VTD_EXPECT_UR:
        return r->result == VTD_RESULT_UR;
    case VTD_EXPECT_CA:
        return r->result == VTD_RESULT_CA;
    default:
        return false;
    }
}

static bool irq_matches(const struct vtd_expect *e, const struct vtd_irq_response *r)
{
    switch (e->kind) {
    case VTD_EXPECT_VECTOR:
        return (r->result == VTD_IRQ_PASSED || r->result == VTD_IRQ_REMAPPED) && r->vector == e->vector &&
               ((e->given & VTD_GIVEN_DEST) == 0 || r->dest == e->data) &&
               ((e->given & VTD_GIVEN_MODE) == 0 || r->delivery_mode == e->mode);
    case VTD_EXPECT_POSTED:
        return r->result == VTD_IRQ_POSTED;
    case VTD_EXPECT_FAULT:
        return r->result == VTD_IRQ_BLOCKED && r->fault == e->fault;
    case VTD_EXPECT_BLOCKED:
        return r->result == VTD_IRQ_BLOCKED;
    default:
        return false;
    }
}

static bool invalidate_matches(const struct vtd_expect *e, const struct vtd_to_device *m)
{
    const struct vtd_device_tlb_inv *i = &m->invalidate;
    return !m->is_response && ((e->given & VTD_GIVEN_SID) == 0 || i->sid == e->sid) &&
           ((e->given & VTD_GIVEN_PASID) == 0 || (i->has_pasid && i->pasid == e->pasid)) &&
           ((e->given & VTD_GIVEN_ADDR) == 0 || i->addr == e->addr) &&
           ((e->given & VTD_GIVEN_SIZE) == 0 || i->size == e->size) &&
           ((e->given & VTD_GIVEN_GLOBAL) == 0 || i->global == e->global);
}

static bool page_response_matches(const struct vtd_expect *e, const struct vtd_to_device *m)
{
    const struct vtd_page_response *r = &m->page_response;
    return m->is_response && ((e->given & VTD_GIVEN_SID) == 0 || r->sid == e->sid) &&
           ((e->given & VTD_GIVEN_PASID) == 0 || (r->has_pasid && r->pasid == e->pasid)) &&
           ((e->given & VTD_GIVEN_PRGI) == 0 || r->prgi == e->prgi) &&
           ((e->given & VTD_GIVEN_CODE) == 0 || r->code == e->code);
}

static bool message_matches(const struct vtd_expect *e, const struct vtd_outcome *o)
{
    switch (e->kind) {
    case VTD_EXPECT_NONE:
        return o->none;
    case VTD_EXPECT_ANY:
        return !o->none;
    case VTD_EXPECT_MSI:
        return !o->none && o->msi_addr == e->addr && o->msi_data == e->data;
    case VTD_EXPECT_INVALIDATE:
        return !o->none && invalidate_matches(e, &o->to_device);
    case VTD_EXPECT_PAGE_RESPONSE:
        return !o->none && page_response_matches(e, &o->to_device);
    default:
        return false;
    }
}

bool vtd_outcome_matches(const struct vtd_stmt *stmt, const struct vtd_outcome *outcome)
{
    const struct vtd_expect *e = &stmt->expect;
    if (e->kind == VTD_EXPECT_NOTHING)
        return true;
    switch (stmt->kind) {
    case VTD_STMT_CHECK:
    case VTD_STMT_READ:
    case VTD_STMT_STAT:
        return ((outcome->value ^ e->value) & e->mask) == 0;
    case VTD_STMT_DMA:
        if (outcome->response.result == VTD_RESULT_INTERRUPT)
            return irq_matches(e, &outcome->response.irq);
        return response_matches(e, &outcome->response);
    case VTD_STMT_TRANSLATED:
    case VTD_STMT_ATS:
        return response_matches(e, &outcome->response);
    case VTD_STMT_INTERRUPT:
        return irq_matches(e, &outcome->irq);
    case VTD_STMT_PAGE_REQUEST:
        return outcome->prq == e->prq;
    default:
        return message_matches(e, outcome);
    }
}
