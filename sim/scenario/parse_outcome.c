/* SPDX-License-Identifier: MIT */
/*
 * What a statement expects: OUTCOME, ATSOUT, IRQOUT, the result of a page request, and messages to devices. All of
 * them are lists of words and key=value in any order, each at most once; which keys are allowed, and which must be
 * there, depends on the statement.
 */
#include <string.h>

#include "parser.h"

/* How the value of a key is read and where it goes. */
enum value_kind {
    VALUE_ADDR,
    VALUE_SIZE, /* bytes; 2^64 (or 0) is the whole address space */
    VALUE_PAGE,
    VALUE_RIGHT, /* 0 or 1, kept under the key's own bit */
    VALUE_GLOBAL,
    VALUE_VECTOR,
    VALUE_DEST,
    VALUE_MODE,
    VALUE_SID,
    VALUE_PASID,
    VALUE_PRGI,
    VALUE_CODE,
};

struct key {
    const char *name;
    enum value_kind kind;
    uint32_t bit;
};

static const struct key outcome_keys[] = {
    {"hpa", VALUE_ADDR, VTD_GIVEN_HPA},
    {"page", VALUE_PAGE, VTD_GIVEN_SIZE},
    {NULL, 0, 0},
};
static const struct key ats_keys[] = {
    {"hpa", VALUE_ADDR, VTD_GIVEN_HPA},        {"size", VALUE_SIZE, VTD_GIVEN_SIZE},
    {"r", VALUE_RIGHT, VTD_GIVEN_R},           {"w", VALUE_RIGHT, VTD_GIVEN_W},
    {"x", VALUE_RIGHT, VTD_GIVEN_X},           {"u", VALUE_RIGHT, VTD_GIVEN_U},
    {"priv", VALUE_RIGHT, VTD_GIVEN_PRIV},     {"n", VALUE_RIGHT, VTD_GIVEN_N},
    {"global", VALUE_RIGHT, VTD_GIVEN_GLOBAL}, {NULL, 0, 0},
};
static const struct key irq_keys[] = {
    {"vector", VALUE_VECTOR, VTD_GIVEN_VECTOR},
    {"dest", VALUE_DEST, VTD_GIVEN_DEST},
    {"mode", VALUE_MODE, VTD_GIVEN_MODE},
    {NULL, 0, 0},
};
static const struct key invalidate_keys[] = {
    {"sid", VALUE_SID, VTD_GIVEN_SID},          {"pasid", VALUE_PASID, VTD_GIVEN_PASID},
    {"addr", VALUE_ADDR, VTD_GIVEN_ADDR},       {"size", VALUE_SIZE, VTD_GIVEN_SIZE},
    {"global", VALUE_GLOBAL, VTD_GIVEN_GLOBAL}, {NULL, 0, 0},
};
static const struct key response_keys[] = {
    {"sid", VALUE_SID, VTD_GIVEN_SID},
    {"pasid", VALUE_PASID, VTD_GIVEN_PASID},
    {"prgi", VALUE_PRGI, VTD_GIVEN_PRGI},
    {"code", VALUE_CODE, VTD_GIVEN_CODE},
    {NULL, 0, 0},
};

static bool read_size(struct vtd_scn_parser *p, const char *key, const char *text, uint64_t *size)
{
    char plain[24];
    size_t n = 0;
    for (const char *c = text; *c != '\0' && n < sizeof(plain) - 1; c++) {
        if (*c != '_')
            plain[n++] = *c;
    }
    plain[n] = '\0';
    *size = 0;
    if (strcmp(plain, "0x10000000000000000") == 0 || strcmp(plain, "18446744073709551616") == 0)
        return true;
    return vtd_scn_number(p, key, text, UINT64_MAX, size);
}

static bool read_page(struct vtd_scn_parser *p, const char *key, const char *text, uint64_t *size)
{
    static const struct vtd_scn_choice pages[] = {{"4K", 12}, {"2M", 21}, {"1G", 30}, {NULL, 0}};
    unsigned shift;
    if (!vtd_scn_choose(p, key, text, pages, &shift))
        return false;
    *size = UINT64_C(1) << shift;
    return true;
}

/* Largest value of a kind that is a plain number. */
static uint64_t value_max(enum value_kind kind)
{
    switch (kind) {
    case VALUE_RIGHT:
    case VALUE_GLOBAL:
        return 1;
    case VALUE_MODE:
        return 7;
    case VALUE_CODE:
        return 15;
    case VALUE_VECTOR:
        return 0xff;
    case VALUE_PRGI:
        return 0x1ff;
    case VALUE_PASID:
        return 0xfffff;
    case VALUE_DEST:
        return UINT32_MAX;
    default:
        return UINT64_MAX;
    }
}

static bool read_value(struct vtd_scn_parser *p, const struct key *k, const char *text, struct vtd_expect *e)
{
    uint64_t v = 0;
    if (k->kind == VALUE_SIZE)
        return read_size(p, k->name, text, &e->size);
    if (k->kind == VALUE_PAGE)
        return read_page(p, k->name, text, &e->size);
    if (k->kind == VALUE_SID)
        return vtd_scn_sid(p, k->name, text, &e->sid);
    if (!vtd_scn_number(p, k->name, text, value_max(k->kind), &v))
        return false;
    switch (k->kind) {
    case VALUE_ADDR:
        e->addr = v;
        break;
    case VALUE_RIGHT:
        e->rights |= v != 0 ? k->bit : 0;
        break;
    case VALUE_GLOBAL:
        e->global = v != 0;
        break;
    case VALUE_VECTOR:
        e->vector = (uint8_t)v;
        break;
    case VALUE_DEST:
        e->data = (uint32_t)v;
        break;
    case VALUE_MODE:
        e->mode = (uint8_t)v;
        break;
    case VALUE_PASID:
        e->pasid = (uint32_t)v;
        break;
    case VALUE_PRGI:
        e->prgi = (uint16_t)v;
        break;
    default:
        e->code = (uint8_t)v;
        break;
    }
    return true;
}

/* key=value up to the end of the line. */
static bool read_keys(struct vtd_scn_parser *p, const struct key *keys, struct vtd_expect *e)
{
    for (char *word = vtd_scn_next(p); word != NULL; word = vtd_scn_next(p)) {
        char *text;
        vtd_scn_split(word, &text);
        const struct key *k = keys;
        while (k->name != NULL && strcmp(k->name, word) != 0)
            k++;
        if (k->name == NULL)
            return vtd_scn_fail(p, "unknown word '%.60s' in what is expected", word);
        if (text == NULL)
            return vtd_scn_fail(p, "'%s' needs a value: %s=...", word, word);
        if (!vtd_scn_once(p, word, k->bit, &e->given) || !read_value(p, k, text, e))
            return false;
    }
    return true;
}

/* The key must have been given. */
static bool require(struct vtd_scn_parser *p, const struct vtd_expect *e, uint32_t bit, const char *what)
{
    return (e->given & bit) != 0 || vtd_scn_fail(p, "%s is missing", what);
}

/* "->" and a word behind it. *none: the line ended before "->". */
static bool read_arrow(struct vtd_scn_parser *p, bool *none)
{
    char *arrow = vtd_scn_next(p);
    *none = arrow == NULL;
    if (*none)
        return true;
    if (strcmp(arrow, "->") != 0)
        return vtd_scn_fail(p, "expected '->', not '%.60s'", arrow);
    return vtd_scn_peek(p) != NULL || vtd_scn_fail(p, "what is expected is missing behind '->'");
}

/* Takes the next word if it is `word`. */
static bool take(struct vtd_scn_parser *p, const char *word)
{
    const char *next = vtd_scn_peek(p);
    if (next == NULL || strcmp(next, word) != 0)
        return false;
    vtd_scn_next(p);
    return true;
}

/* "blocked" or "fault=CODE", which OUTCOME and IRQOUT share; *done: it was one of them. */
static bool read_blocked(struct vtd_scn_parser *p, struct vtd_expect *e, bool *done)
{
    const char *word = vtd_scn_peek(p);
    *done = true;
    if (take(p, "blocked")) {
        e->kind = VTD_EXPECT_BLOCKED;
        return vtd_scn_end(p);
    }
    if (strncmp(word, "fault=", 6) == 0) {
        uint64_t code;
        vtd_scn_next(p);
        if (!vtd_scn_number(p, "fault", word + 6, 0xff, &code))
            return false;
        if (code == 0)
            return vtd_scn_fail(p, "fault is out of range: 0 is not a fault reason");
        e->kind = VTD_EXPECT_FAULT;
        e->fault = (uint8_t)code;
        return vtd_scn_end(p);
    }
    *done = false;
    return true;
}

bool vtd_scn_parse_outcome(struct vtd_scn_parser *p, struct vtd_expect *e)
{
    bool none, done;
    if (!read_arrow(p, &none) || none)
        return none;
    if (!read_blocked(p, e, &done))
        return false;
    if (done)
        return true;
    e->kind = VTD_EXPECT_HPA;
    return read_keys(p, outcome_keys, e) && require(p, e, VTD_GIVEN_HPA, "hpa=ADDR");
}

bool vtd_scn_parse_irq_outcome(struct vtd_scn_parser *p, struct vtd_expect *e)
{
    bool none, done;
    if (!read_arrow(p, &none) || none)
        return none;
    if (!read_blocked(p, e, &done))
        return false;
    if (done)
        return true;
    if (take(p, "posted")) {
        e->kind = VTD_EXPECT_POSTED;
        return vtd_scn_end(p);
    }
    e->kind = VTD_EXPECT_VECTOR;
    return read_keys(p, irq_keys, e) && require(p, e, VTD_GIVEN_VECTOR, "vector=N");
}

bool vtd_scn_parse_ats_outcome(struct vtd_scn_parser *p, struct vtd_expect *e)
{
    bool none;
    if (!read_arrow(p, &none) || none)
        return none;
    if (take(p, "ur")) {
        e->kind = VTD_EXPECT_UR;
        return vtd_scn_end(p);
    }
    if (take(p, "ca")) {
        e->kind = VTD_EXPECT_CA;
        return vtd_scn_end(p);
    }
    e->kind = VTD_EXPECT_ATS;
    return read_keys(p, ats_keys, e) && require(p, e, VTD_GIVEN_R, "r=0|1") && require(p, e, VTD_GIVEN_W, "w=0|1");
}

bool vtd_scn_parse_prq_outcome(struct vtd_scn_parser *p, struct vtd_expect *e)
{
    static const struct vtd_scn_choice results[] = {
        {"queued", VTD_PRQ_QUEUED},
        {"overflow", VTD_PRQ_OVERFLOW},
        {"rejected", VTD_PRQ_REJECTED},
        {"dropped", VTD_PRQ_DROPPED},
        {NULL, 0},
    };
    bool none;
    unsigned result;
    if (!read_arrow(p, &none) || none)
        return none;
    if (!vtd_scn_read_choice(p, "what is expected", results, &result))
        return false;
    e->kind = VTD_EXPECT_PRQ;
    e->prq = (uint8_t)result;
    return vtd_scn_end(p);
}

bool vtd_scn_parse_to_device(struct vtd_scn_parser *p, struct vtd_expect *e)
{
    static const struct vtd_scn_choice kinds[] = {
        {"none", VTD_EXPECT_NONE},
        {"invalidate", VTD_EXPECT_INVALIDATE},
        {"page-response", VTD_EXPECT_PAGE_RESPONSE},
        {NULL, 0},
    };
    unsigned kind = VTD_EXPECT_ANY;
    if (vtd_scn_peek(p) != NULL && !vtd_scn_read_choice(p, "KIND", kinds, &kind))
        return false;
    e->kind = (enum vtd_expect_kind)kind;
    if (e->kind == VTD_EXPECT_INVALIDATE)
        return read_keys(p, invalidate_keys, e);
    return e->kind != VTD_EXPECT_PAGE_RESPONSE || read_keys(p, response_keys, e);
}
