/* SPDX-License-Identifier: MIT */
/*
 * Statements about requests of devices: dma, translated, ats, page-request and interrupt. What could not be on a PCIe
 * link (a request that crosses 4 KiB, privileged mode without PASID) is refused here, so that a device under test
 * never sees it.
 */
#include <string.h>

#include "parser.h"

/* Options of all these statements; each statement allows some. */
enum option {
    OPTION_PASID = 1 << 0,
    OPTION_PRIV = 1 << 1,
    OPTION_LEN = 1 << 2,
    OPTION_NO_WRITE = 1 << 3,
    OPTION_EXEC = 1 << 4,
    OPTION_READ = 1 << 5,
    OPTION_WRITE = 1 << 6,
    OPTION_LAST = 1 << 7,
    OPTION_PRGI = 1 << 8,
};

static const struct {
    const char *name;
    enum option option;
    bool has_value;
    uint64_t max;
} options[] = {
    {"pasid", OPTION_PASID, true, 0xfffff},  {"priv", OPTION_PRIV, false, 0}, {"len", OPTION_LEN, true, 4096},
    {"no-write", OPTION_NO_WRITE, false, 0}, {"exec", OPTION_EXEC, false, 0}, {"read", OPTION_READ, false, 0},
    {"write", OPTION_WRITE, false, 0},       {"last", OPTION_LAST, false, 0}, {"prgi", OPTION_PRGI, true, 0x1ff},
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

/* Options that a statement had. */
struct given {
    uint32_t seen; /* enum option */
    uint32_t pasid;
    uint16_t len;
    uint16_t prgi;
};

static bool read_option(struct vtd_scn_parser *p, char *word, uint32_t allowed, struct given *g)
{
    char *text;
    vtd_scn_split(word, &text);
    unsigned i = 0;
    while (i < OPTIONS && (strcmp(options[i].name, word) != 0 || (options[i].option & allowed) == 0))
        i++;
    if (i == OPTIONS)
        return vtd_scn_fail(p, "unknown word '%.60s' in this statement", word);
    if (options[i].has_value != (text != NULL))
        return vtd_scn_fail(p, options[i].has_value ? "'%s' needs a value: %s=N" : "'%s' takes no value", word, word);
    if (!vtd_scn_once(p, word, options[i].option, &g->seen))
        return false;
    uint64_t value = 0;
    if (text != NULL && !vtd_scn_number(p, word, text, options[i].max, &value))
        return false;
    if (options[i].option == OPTION_PASID)
        g->pasid = (uint32_t)value;
    else if (options[i].option == OPTION_LEN)
        g->len = (uint16_t)value;
    else if (options[i].option == OPTION_PRGI)
        g->prgi = (uint16_t)value;
    return true;
}

/* Options up to "->" or the end of the line, in any order, each at most once. */
static bool read_options(struct vtd_scn_parser *p, uint32_t allowed, struct given *g)
{
    *g = (struct given){.len = 1};
    for (char *word = vtd_scn_peek(p); word != NULL && strcmp(word, "->") != 0; word = vtd_scn_peek(p)) {
        if (!read_option(p, vtd_scn_next(p), allowed, g))
            return false;
    }
    if ((g->seen & OPTION_PRIV) != 0 && (g->seen & OPTION_PASID) == 0)
        return vtd_scn_fail(p, "'priv' needs 'pasid': a request without PASID has no privileged mode");
    return true;
}

/* SID ADDR, or for requests with a KIND: KIND SID ADDR. */
static bool read_target(struct vtd_scn_parser *p, bool with_kind, struct vtd_request *r)
{
    static const struct vtd_scn_choice kinds[] = {
        {"read", VTD_READ}, {"write", VTD_WRITE}, {"exec", VTD_EXEC}, {"atomic", VTD_ATOMIC}, {NULL, 0},
    };
    unsigned kind = VTD_READ;
    if (with_kind && !vtd_scn_read_choice(p, "KIND", kinds, &kind))
        return false;
    r->access = (uint8_t)kind;
    return vtd_scn_read_sid(p, &r->sid) && vtd_scn_read_number(p, "ADDR", UINT64_MAX, &r->addr);
}

static void set_pasid(struct vtd_request *r, const struct given *g)
{
    r->pasid = g->pasid;
    if ((g->seen & OPTION_PASID) != 0)
        r->flags |= VTD_REQ_PASID;
    else if (r->access == VTD_EXEC)
        r->access = VTD_READ; /* "execute requested" travels with the PASID: without one it is a read (ref 4.1) */
    if ((g->seen & OPTION_PRIV) != 0)
        r->flags |= VTD_REQ_PRIV;
}

/* A DWORD write without PASID to FEEx_xxxx is an interrupt request (ref 8.1). */
static bool is_interrupt(const struct vtd_request *r)
{
    return r->access == VTD_WRITE && r->len == 4 && (r->flags & VTD_REQ_PASID) == 0 && r->addr >> 20 == 0xfee;
}

bool vtd_scn_parse_dma(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    struct vtd_request *r = &s->request;
    struct given g;
    if (!read_target(p, true, r) || !read_options(p, OPTION_PASID | OPTION_PRIV | OPTION_LEN, &g))
        return false;
    r->at = VTD_AT_UNTRANSLATED;
    r->len = g.len;
    if (g.len == 0 && r->access != VTD_READ)
        return vtd_scn_fail(p, "len=0 is a zero-length read; it is not possible with another kind");
    if ((r->addr & 0xfff) + g.len > 0x1000)
        return vtd_scn_fail(p, "the request crosses a 4 KiB boundary");
    set_pasid(r, &g);
    return is_interrupt(r) ? vtd_scn_parse_irq_outcome(p, &s->expect) : vtd_scn_parse_outcome(p, &s->expect);
}

bool vtd_scn_parse_translated(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    struct given g;
    if (!read_target(p, true, &s->request) || !read_options(p, OPTION_PASID | OPTION_PRIV, &g))
        return false;
    s->request.at = VTD_AT_TRANSLATED;
    s->request.len = 1;
    set_pasid(&s->request, &g);
    return vtd_scn_parse_outcome(p, &s->expect);
}

bool vtd_scn_parse_ats(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    struct vtd_request *r = &s->request;
    struct given g;
    if (!read_target(p, false, r) || !read_options(p, OPTION_PASID | OPTION_PRIV | OPTION_NO_WRITE | OPTION_EXEC, &g))
        return false;
    r->at = VTD_AT_TRANSLATION;
    r->addr &= ~UINT64_C(0xfff); /* one STU-sized page: the request has no lower address bits */
    r->len = 8;                  /* of the completion: one translation */
    if ((g.seen & OPTION_EXEC) != 0)
        r->access = VTD_EXEC;
    if ((g.seen & OPTION_NO_WRITE) != 0)
        r->flags |= VTD_REQ_NO_WRITE;
    set_pasid(r, &g);
    return vtd_scn_parse_ats_outcome(p, &s->expect);
}

bool vtd_scn_parse_page_request(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    static const struct {
        enum option option;
        uint8_t flag;
    } flags[] = {
        {OPTION_PASID, VTD_PRQ_PASID}, {OPTION_PRIV, VTD_PRQ_PRIV},   {OPTION_EXEC, VTD_PRQ_EXEC},
        {OPTION_READ, VTD_PRQ_READ},   {OPTION_WRITE, VTD_PRQ_WRITE}, {OPTION_LAST, VTD_PRQ_LAST},
    };
    struct vtd_page_request *r = &s->page_request;
    struct given g;
    if (!read_target(p, false, &s->request) ||
        !read_options(
            p, OPTION_PRGI | OPTION_PASID | OPTION_PRIV | OPTION_EXEC | OPTION_READ | OPTION_WRITE | OPTION_LAST, &g))
        return false;
    if ((g.seen & OPTION_PRGI) == 0)
        return vtd_scn_fail(p, "prgi=N is missing");
    r->addr = s->request.addr;
    r->sid = s->request.sid;
    r->pasid = g.pasid;
    r->prgi = g.prgi;
    if ((g.seen & OPTION_PASID) == 0)
        g.seen &= ~(uint32_t)OPTION_EXEC; /* travels with the PASID */
    for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if ((g.seen & flags[i].option) != 0)
            r->flags |= flags[i].flag;
    }
    return vtd_scn_parse_prq_outcome(p, &s->expect);
}

bool vtd_scn_parse_interrupt(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    uint64_t data;
    if (!vtd_scn_read_sid(p, &s->sid) || !vtd_scn_read_number(p, "ADDR", UINT64_MAX, &s->addr) ||
        !vtd_scn_read_number(p, "DATA", UINT32_MAX, &data))
        return false;
    if (s->addr >> 20 != 0xfee)
        return vtd_scn_fail(p, "ADDR is out of range: an interrupt request is a write to 0xfee00000-0xfeefffff");
    s->data = (uint32_t)data;
    return vtd_scn_parse_irq_outcome(p, &s->expect);
}
