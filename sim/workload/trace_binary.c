/* SPDX-License-Identifier: MIT */
/*
 * Items of a trace as bytes (docs/02_user/traces.md gives the layout). An operation byte says which fields follow;
 * what is as it was in the item before is left out. Numbers are little-endian groups of seven bits, the high bit
 * meaning that more follow.
 */
#include "lines.h"
#include "trace_item.h"

#include <string.h>

/* A skippable frame of zstd with eight bytes of content: name, version. */
const uint8_t vtd_item_header[VTD_ITEM_HEADER_SIZE] = {
    0x50, 0x2a, 0x4d, 0x18, 8, 0, 0, 0, 'V', 'T', 'D', 'T', 'R', 'C', 0, VTD_ITEM_VERSION,
};

/* Operation byte of an access: kind in bits 1:0 (enum vtd_item_kind), and which fields follow, in this order. */
enum {
    OP_KIND = 3,
    OP_TIME = 1 << 2,
    OP_SID = 1 << 3,
    OP_PASID = 1 << 4,
    OP_OFFSET = 1 << 5, /* the address within its page is not 0 */
    OP_LEN = 1 << 6,    /* the length is known */
    OP_UNUSED = 1 << 7,
};

/* The others have 3 in bits 1:0. */
enum {
    OP_INV_PAGES = 0x03,
    OP_INV_DOMAIN = 0x07,
    OP_INV_ALL = 0x0b,
    OP_COMMENT = 0x0f,
    OP_DETACH = 0x13,
    OP_END = 0xff,
};

/* ---------------------------------------------------------------- writing */

static uint8_t *put(uint8_t *p, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        *p++ = (uint8_t)(v | 0x80);
    *p++ = (uint8_t)v;
    return p;
}

/* Differences of either sign: 0, -1, 1, -2, ... become 0, 1, 2, 3, ... */
static uint64_t fold(uint64_t difference)
{
    return difference << 1 ^ (difference >> 63 ? UINT64_MAX : 0);
}

static uint64_t unfold(uint64_t v)
{
    return v >> 1 ^ (v & 1 ? UINT64_MAX : 0);
}

static uint8_t *put_access(struct vtd_item_state *s, const struct vtd_trace_item *i, uint8_t *p)
{
    const uint32_t pasid = i->has_pasid ? i->pasid + 1 : 0;
    uint8_t *op = p++;
    *op = i->kind;
    if (i->time_ns != s->time_ns) {
        *op |= OP_TIME;
        p = put(p, fold(i->time_ns - s->time_ns));
    }
    if (i->sid != s->sid) {
        *op |= OP_SID;
        p = put(p, i->sid);
    }
    if (pasid != s->pasid) {
        *op |= OP_PASID;
        p = put(p, pasid);
    }
    p = put(p, i->iova >> 12);
    if (i->iova & 0xfff) {
        *op |= OP_OFFSET;
        p = put(p, i->iova & 0xfff);
    }
    if (i->len) {
        *op |= OP_LEN;
        p = put(p, i->len);
    }
    s->time_ns = i->time_ns;
    s->sid = i->sid;
    s->pasid = pasid;
    return p;
}

size_t vtd_item_encode(struct vtd_item_state *s, const struct vtd_trace_item *i, uint8_t out[VTD_ITEM_BINARY_MAX])
{
    uint8_t *p = out;
    s->records += vtd_item_is_record(i);
    if (vtd_item_is_access(i))
        return (size_t)(put_access(s, i, p) - out);
    switch (i->kind) {
    case VTD_ITEM_INV_PAGES:
        *p++ = OP_INV_PAGES;
        p = put(put(put(p, i->domain), i->iova >> 12), i->pages);
        break;
    case VTD_ITEM_INV_DOMAIN:
        *p++ = OP_INV_DOMAIN;
        p = put(p, i->domain);
        break;
    case VTD_ITEM_INV_ALL:
        *p++ = OP_INV_ALL;
        break;
    case VTD_ITEM_DETACH:
        *p++ = OP_DETACH;
        p = put(put(p, i->sid), i->has_pasid ? i->pasid + 1 : 0);
        break;
    default:
        *p++ = OP_COMMENT;
        p = put(p, i->text_length);
        break;
    }
    return (size_t)(p - out);
}

size_t vtd_item_encode_end(const struct vtd_item_state *s, uint8_t out[VTD_ITEM_BINARY_MAX])
{
    out[0] = OP_END;
    return (size_t)(put(out + 1, s->records) - out);
}

/* ---------------------------------------------------------------- reading */

struct input {
    const uint8_t *p, *end;
    bool ended; /* more was wanted than is there */
    const char *problem;
};

/* A number up to max; 0 with in->ended or in->problem set when there is none. */
static uint64_t get(struct input *in, uint64_t max, const char *problem)
{
    uint64_t v = 0;
    for (unsigned shift = 0; !in->ended && !in->problem; shift += 7) {
        if (in->p == in->end) {
            in->ended = true;
            break;
        }
        const uint8_t byte = *in->p++;
        if (shift == 63 && byte > 1) {
            in->problem = problem;
            break;
        }
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            if (v <= max)
                return v;
            in->problem = problem;
        }
    }
    return 0;
}

static void get_access(const struct vtd_item_state *s, struct input *in, uint8_t op, struct vtd_trace_item *i)
{
    i->kind = op & OP_KIND;
    i->time_ns = s->time_ns;
    i->sid = s->sid;
    uint32_t pasid = s->pasid;
    if (op & OP_UNUSED)
        in->problem = "the operation is unknown";
    if (op & OP_TIME)
        i->time_ns += unfold(get(in, UINT64_MAX, "the time is no number"));
    if (op & OP_SID)
        i->sid = (uint16_t)get(in, UINT16_MAX, "the source-id has more than 16 bits");
    if (op & OP_PASID)
        pasid = (uint32_t)get(in, 0x100000, "the PASID has more than 20 bits");
    i->iova = get(in, UINT64_MAX >> 12, "the address has more than 64 bits") << 12;
    if (op & OP_OFFSET)
        i->iova |= get(in, 0xfff, "the offset in the page is above 4095");
    if (op & OP_LEN)
        i->len = (uint16_t)get(in, 4096, "the length is above 4096");
    i->has_pasid = pasid != 0;
    i->pasid = pasid ? pasid - 1 : 0;
}

static void get_detach(struct input *in, struct vtd_trace_item *i)
{
    i->kind = VTD_ITEM_DETACH;
    i->sid = (uint16_t)get(in, UINT16_MAX, "the source-id has more than 16 bits");
    const uint32_t pasid = (uint32_t)get(in, 0x100000, "the PASID has more than 20 bits");
    i->has_pasid = pasid != 0;
    i->pasid = pasid ? pasid - 1 : 0;
}

static void get_other(struct input *in, uint8_t op, struct vtd_trace_item *i)
{
    switch (op) {
    case OP_INV_PAGES:
        i->kind = VTD_ITEM_INV_PAGES;
        i->domain = (uint32_t)get(in, UINT32_MAX, "the domain has more than 32 bits");
        i->iova = get(in, UINT64_MAX >> 12, "the address has more than 64 bits") << 12;
        i->pages = (uint32_t)get(in, UINT32_MAX, "the number of pages has more than 32 bits");
        break;
    case OP_INV_DOMAIN:
        i->kind = VTD_ITEM_INV_DOMAIN;
        i->domain = (uint32_t)get(in, UINT32_MAX, "the domain has more than 32 bits");
        break;
    case OP_INV_ALL:
        i->kind = VTD_ITEM_INV_ALL;
        break;
    case OP_DETACH:
        get_detach(in, i);
        break;
    case OP_COMMENT:
        i->kind = VTD_ITEM_COMMENT;
        i->text_length = (size_t)get(in, VTD_LINE_MAX, "the comment is too long");
        i->text = (const char *)in->p;
        if ((size_t)(in->end - in->p) < i->text_length)
            in->ended = true;
        else
            in->p += i->text_length;
        break;
    default:
        in->problem = "the operation is unknown";
        break;
    }
}

static enum vtd_item_decoded get_end(const struct vtd_item_state *s, struct input *in, const char **problem)
{
    const uint64_t records = get(in, UINT64_MAX, "the number of records is no number");
    if (in->ended)
        return VTD_ITEM_SHORT;
    if (!in->problem && records != s->records)
        in->problem = "the end tells another number of records";
    *problem = in->problem;
    return in->problem ? VTD_ITEM_BAD : VTD_ITEM_END;
}

enum vtd_item_decoded vtd_item_decode(struct vtd_item_state *s, const uint8_t *bytes, size_t size, size_t *used,
                                      struct vtd_trace_item *i, const char **problem)
{
    struct input in = {.p = bytes, .end = bytes + size};
    *i = (struct vtd_trace_item){0};
    *used = 0;
    if (size == 0)
        return VTD_ITEM_SHORT;
    const uint8_t op = *in.p++;
    if (op == OP_END) {
        const enum vtd_item_decoded end = get_end(s, &in, problem);
        *used = (size_t)(in.p - bytes);
        return end;
    }
    if ((op & OP_KIND) != OP_KIND)
        get_access(s, &in, op, i);
    else
        get_other(&in, op, i);
    if (in.ended)
        return VTD_ITEM_SHORT;
    if (!in.problem)
        in.problem = vtd_item_problem(i);
    if ((*problem = in.problem) != NULL)
        return VTD_ITEM_BAD;
    if (vtd_item_is_access(i)) {
        s->time_ns = i->time_ns;
        s->sid = i->sid;
        s->pasid = i->has_pasid ? i->pasid + 1 : 0;
    }
    s->records += vtd_item_is_record(i);
    *used = (size_t)(in.p - bytes);
    return VTD_ITEM_DECODED;
}
