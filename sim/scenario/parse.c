/* SPDX-License-Identifier: MIT */
/*
 * The scenario parser: from a file to a list of statements. It owns the rules for the whole file (first line, config
 * only at the beginning) and the statements about configuration, memory, registers and messages; those about requests
 * of devices are in parse_request.c.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"

/* A scenario is written by hand or by a generator; what is larger is not one. */
#define FILE_LIMIT (256u << 20)

static bool read_size(struct vtd_scn_parser *p, bool bytes, unsigned *size)
{
    static const struct vtd_scn_choice memory_sizes[] = {{"1", 1}, {"2", 2}, {"4", 4}, {"8", 8}, {NULL, 0}};
    return vtd_scn_read_choice(p, "SIZE", bytes ? memory_sizes : memory_sizes + 2, size);
}

static uint64_t size_max(unsigned size)
{
    return UINT64_MAX >> (64 - 8 * size);
}

/* VALUE [MASK] at the end of a statement. */
static bool read_expected(struct vtd_scn_parser *p, uint64_t max, struct vtd_expect *e)
{
    e->kind = VTD_EXPECT_VALUE;
    e->mask = max;
    if (!vtd_scn_read_number(p, "VALUE", max, &e->value))
        return false;
    return vtd_scn_peek(p) == NULL || vtd_scn_read_number(p, "MASK", max, &e->mask);
}

static bool parse_config(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    char *key, *value;
    if (!vtd_scn_read_word(p, "KEY", &key) || !vtd_scn_read_word(p, "VALUE", &value))
        return false;
    s->name = key;
    s->argument = value;
    return true;
}

static bool parse_endpoint(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    static const struct vtd_scn_choice answers[] = {
        {"prompt", VTD_ANSWER_PROMPT},
        {"hold", VTD_ANSWER_HOLD},
        {"release", VTD_ANSWER_RELEASE},
        {"never", VTD_ANSWER_NEVER},
        {"wrong-sid", VTD_ANSWER_WRONG_SID},
        {"wrong-itag", VTD_ANSWER_WRONG_ITAG},
        {NULL, 0},
    };
    char *word, *value;
    unsigned answer;
    if (!vtd_scn_read_sid(p, &s->sid) || !vtd_scn_read_word(p, "answer=", &word))
        return false;
    vtd_scn_split(word, &value);
    if (strcmp(word, "answer") != 0 || value == NULL)
        return vtd_scn_fail(p, "expected answer=..., not '%.60s'", word);
    if (!vtd_scn_choose(p, "answer", value, answers, &answer))
        return false;
    s->answer = (uint8_t)answer;
    return true;
}

static bool parse_store(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    return vtd_scn_read_number(p, "ADDR", UINT64_MAX, &s->addr) && read_size(p, true, &s->size) &&
           vtd_scn_read_number(p, "VALUE", size_max(s->size), &s->value);
}

static bool parse_fill(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    uint64_t byte;
    if (!vtd_scn_read_number(p, "ADDR", UINT64_MAX, &s->addr) ||
        !vtd_scn_read_number(p, "LENGTH", UINT64_MAX, &s->value) || !vtd_scn_read_number(p, "BYTE", 0xff, &byte))
        return false;
    s->byte = (uint8_t)byte;
    return true;
}

static bool parse_check(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    return vtd_scn_read_number(p, "ADDR", UINT64_MAX, &s->addr) && read_size(p, true, &s->size) &&
           read_expected(p, size_max(s->size), &s->expect);
}

static bool parse_write(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    return vtd_scn_read_number(p, "OFFSET", UINT64_MAX, &s->addr) && read_size(p, false, &s->size) &&
           vtd_scn_read_number(p, "VALUE", size_max(s->size), &s->value);
}

static bool parse_read(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    if (!vtd_scn_read_number(p, "OFFSET", UINT64_MAX, &s->addr) || !read_size(p, false, &s->size))
        return false;
    return vtd_scn_peek(p) == NULL || read_expected(p, size_max(s->size), &s->expect);
}

static bool parse_msi(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    const char *word = vtd_scn_peek(p);
    uint64_t data;
    if (word == NULL) {
        s->expect.kind = VTD_EXPECT_ANY;
        return true;
    }
    if (strcmp(word, "none") == 0) {
        vtd_scn_next(p);
        s->expect.kind = VTD_EXPECT_NONE;
        return true;
    }
    s->expect.kind = VTD_EXPECT_MSI;
    if (!vtd_scn_read_number(p, "ADDR", UINT64_MAX, &s->expect.addr) ||
        !vtd_scn_read_number(p, "DATA", UINT32_MAX, &data))
        return false;
    s->expect.data = (uint32_t)data;
    return true;
}

static bool parse_to_device(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    return vtd_scn_parse_to_device(p, &s->expect);
}

static bool parse_stat(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    char *name;
    if (!vtd_scn_read_word(p, "NAME", &name))
        return false;
    s->name = name;
    if (vtd_scn_peek(p) == NULL)
        return true;
    s->expect.kind = VTD_EXPECT_VALUE;
    s->expect.mask = UINT64_MAX;
    return vtd_scn_read_number(p, "VALUE", UINT64_MAX, &s->expect.value);
}

static bool parse_reset(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    (void)p;
    (void)s;
    return true;
}

static bool parse_echo(struct vtd_scn_parser *p, struct vtd_stmt *s)
{
    char *first;
    if (!vtd_scn_read_word(p, "TEXT", &first))
        return false;
    s->name = s->text + strlen("echo");
    s->name += strspn(s->name, " \t");
    p->next = p->count;
    return true;
}

static const struct {
    const char *word;
    bool (*parse)(struct vtd_scn_parser *p, struct vtd_stmt *s);
} statements[VTD_STMT_KINDS] = {
    [VTD_STMT_CONFIG] = {"config", parse_config},
    [VTD_STMT_ENDPOINT] = {"endpoint", parse_endpoint},
    [VTD_STMT_STORE] = {"store", parse_store},
    [VTD_STMT_FILL] = {"fill", parse_fill},
    [VTD_STMT_CHECK] = {"check", parse_check},
    [VTD_STMT_WRITE] = {"write", parse_write},
    [VTD_STMT_READ] = {"read", parse_read},
    [VTD_STMT_DMA] = {"dma", vtd_scn_parse_dma},
    [VTD_STMT_TRANSLATED] = {"translated", vtd_scn_parse_translated},
    [VTD_STMT_ATS] = {"ats", vtd_scn_parse_ats},
    [VTD_STMT_PAGE_REQUEST] = {"page-request", vtd_scn_parse_page_request},
    [VTD_STMT_INTERRUPT] = {"interrupt", vtd_scn_parse_interrupt},
    [VTD_STMT_MSI] = {"msi", parse_msi},
    [VTD_STMT_TO_DEVICE] = {"to-device", parse_to_device},
    [VTD_STMT_STAT] = {"stat", parse_stat},
    [VTD_STMT_RESET] = {"reset", parse_reset},
    [VTD_STMT_ECHO] = {"echo", parse_echo},
};

const char *vtd_stmt_word(enum vtd_stmt_kind kind)
{
    return statements[kind].word;
}

static bool parse_first_line(struct vtd_scn_parser *p)
{
    uint64_t version;
    if (strcmp(vtd_scn_next(p), "vtd-scenario") != 0)
        return vtd_scn_fail(p, "a scenario begins with 'vtd-scenario 1', not '%.60s'", p->word[0]);
    if (!vtd_scn_read_number(p, "version", UINT64_MAX, &version))
        return false;
    if (version != 1)
        return vtd_scn_fail(p, "version %llu of the format is not known; this program knows version 1",
                            (unsigned long long)version);
    return vtd_scn_end(p);
}

static bool parse_statement(struct vtd_scn_parser *p, struct vtd_stmt *s, const struct vtd_stmt *before)
{
    const char *word = vtd_scn_next(p);
    unsigned kind = 0;
    while (kind < VTD_STMT_KINDS && strcmp(statements[kind].word, word) != 0)
        kind++;
    if (kind == VTD_STMT_KINDS)
        return vtd_scn_fail(p, "unknown statement '%.60s'", word);
    s->kind = (enum vtd_stmt_kind)kind;
    if (kind == VTD_STMT_CONFIG && before != NULL && before->kind != VTD_STMT_CONFIG)
        return vtd_scn_fail(p, "config must stand before all other statements; there is one in line %u", before->line);
    return statements[kind].parse(p, s) && vtd_scn_end(p);
}

/* Cuts a line into words, in place: ends it at a comment and replaces blanks by ends of words. */
static bool split_words(struct vtd_scn_parser *p, char *line)
{
    p->count = p->next = 0;
    bool in_word = false;
    for (char *c = line; *c != '\0'; c++) {
        if (*c == ' ' || *c == '\t') {
            *c = '\0';
            in_word = false;
            continue;
        }
        if (!in_word && p->count < VTD_SCN_WORDS)
            p->word[p->count] = c;
        p->count += !in_word;
        in_word = true;
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return vtd_scn_fail(p, "control character 0x%02x", (unsigned char)*c);
    }
    return true;
}

/* Ends the line of `length` bytes at its comment and its last blank; false if it has a zero byte before that. */
static bool end_line(char *line, size_t length)
{
    char *comment = memchr(line, '#', length);
    size_t end = comment != NULL ? (size_t)(comment - line) : length;
    if (memchr(line, '\0', end) != NULL)
        return false;
    while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '\t'))
        end--;
    line[end] = '\0';
    return true;
}

/* The next free statement; NULL when memory is out. */
static struct vtd_stmt *append(struct vtd_scenario *sc, size_t *capacity)
{
    if (sc->count == *capacity) {
        size_t bigger = *capacity == 0 ? 64 : 2 * *capacity;
        struct vtd_stmt *stmts = realloc(sc->stmts, bigger * sizeof(*stmts));
        if (stmts == NULL)
            return NULL;
        sc->stmts = stmts;
        *capacity = bigger;
    }
    struct vtd_stmt *s = &sc->stmts[sc->count];
    memset(s, 0, sizeof(*s));
    return s;
}

/* The line of `length` bytes at `at` in both copies of the text; first: the version line is still to come. */
static bool parse_line(struct vtd_scn_parser *p, struct vtd_scenario *sc, size_t at, size_t length, bool *first,
                       size_t *capacity)
{
    if (!end_line(sc->text + at, length) || !end_line(sc->words + at, length))
        return vtd_scn_fail(p, "control character 0x00");
    if (!split_words(p, sc->words + at))
        return false;
    if (p->count == 0)
        return true;
    if (*first) {
        *first = false;
        return parse_first_line(p);
    }
    struct vtd_stmt *s = append(sc, capacity);
    if (s == NULL)
        return vtd_scn_fail(p, "out of memory");
    s->line = p->line;
    s->text = sc->text + at + strspn(sc->text + at, " \t");
    if (!parse_statement(p, s, sc->count > 0 ? s - 1 : NULL))
        return false;
    if (p->count > VTD_SCN_WORDS && s->kind != VTD_STMT_ECHO)
        return vtd_scn_fail(p, "too many words");
    sc->count++;
    return true;
}

int vtd_scenario_parse(struct vtd_scenario *sc, const char *file, const char *text, size_t length, char *why)
{
    struct vtd_scn_parser p = {.file = file, .line = 1, .why = why};
    why[0] = '\0';
    *sc = (struct vtd_scenario){.file = strdup(file), .text = malloc(length + 1), .words = malloc(length + 1)};
    bool first = true;
    size_t capacity = 0;
    bool ok = sc->file != NULL && sc->text != NULL && sc->words != NULL;
    if (!ok)
        vtd_scn_fail(&p, "out of memory");
    else if (length > 0) {
        memcpy(sc->text, text, length);
        memcpy(sc->words, text, length);
    }
    for (size_t at = 0; ok && at < length; p.line++) {
        const char *newline = memchr(text + at, '\n', length - at);
        size_t end = newline != NULL ? (size_t)(newline - text) : length;
        ok = parse_line(&p, sc, at, end - at, &first, &capacity);
        at = end + 1;
    }
    if (ok && first)
        ok = vtd_scn_fail(&p, "a scenario begins with 'vtd-scenario 1'; there is nothing here");
    if (!ok)
        vtd_scenario_free(sc);
    return ok ? 0 : -1;
}

/* Reads a whole file; returns its text to be freed, or NULL with why filled. */
static char *read_file(FILE *file, const char *path, size_t *length, char *why)
{
    char *text = NULL;
    size_t capacity = 1 << 16;
    for (*length = 0; *length < FILE_LIMIT; capacity *= 2) {
        char *bigger = realloc(text, capacity);
        if (bigger == NULL) {
            snprintf(why, VTD_SCENARIO_WHY_SIZE, "%.600s: out of memory", path);
            free(text);
            return NULL;
        }
        text = bigger;
        *length += fread(text + *length, 1, capacity - *length, file);
        if (*length < capacity && !ferror(file))
            return text;
        if (ferror(file)) {
            snprintf(why, VTD_SCENARIO_WHY_SIZE, "%.600s: %s", path, strerror(errno));
            free(text);
            return NULL;
        }
    }
    snprintf(why, VTD_SCENARIO_WHY_SIZE, "%.600s: larger than %u MiB", path, FILE_LIMIT >> 20);
    free(text);
    return NULL;
}

int vtd_scenario_load(struct vtd_scenario *sc, const char *path, char *why)
{
    *sc = (struct vtd_scenario){0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        snprintf(why, VTD_SCENARIO_WHY_SIZE, "%.600s: %s", path, strerror(errno));
        return -1;
    }
    size_t length;
    char *text = read_file(file, path, &length, why);
    fclose(file);
    int result = text != NULL ? vtd_scenario_parse(sc, path, text, length, why) : -1;
    free(text);
    return result;
}

void vtd_scenario_free(struct vtd_scenario *sc)
{
    free(sc->file);
    free(sc->text);
    free(sc->words);
    free(sc->stmts);
    *sc = (struct vtd_scenario){0};
}
