/* SPDX-License-Identifier: MIT */
/*
 * Words and values of scenario files: numbers, source-ids, choices, key=value. Strict: what is not exactly of the
 * form that the format allows is an error that says what was expected.
 */
#include <stdarg.h>
#include <string.h>

#include "config/text.h"
#include "parser.h"

bool vtd_scn_fail(struct vtd_scn_parser *p, const char *format, ...)
{
    if (p->why[0] != '\0')
        return false;
    int used = snprintf(p->why, VTD_SCENARIO_WHY_SIZE, "%.600s:%u: ", p->file, p->line);
    va_list args;
    va_start(args, format);
    vsnprintf(p->why + used, (size_t)(VTD_SCENARIO_WHY_SIZE - used), format, args);
    va_end(args);
    vtd_text_make_printable(p->why + used);
    return false;
}

char *vtd_scn_peek(const struct vtd_scn_parser *p)
{
    return p->next < p->count && p->next < VTD_SCN_WORDS ? p->word[p->next] : NULL;
}

char *vtd_scn_next(struct vtd_scn_parser *p)
{
    char *word = vtd_scn_peek(p);
    if (word != NULL)
        p->next++;
    return word;
}

bool vtd_scn_end(struct vtd_scn_parser *p)
{
    const char *word = vtd_scn_peek(p);
    return word == NULL || vtd_scn_fail(p, "unexpected '%.60s' at the end of the statement", word);
}

bool vtd_scn_number(struct vtd_scn_parser *p, const char *what, const char *text, uint64_t max, uint64_t *value)
{
    switch (vtd_number_read(text, max, value)) {
    case VTD_NUMBER_MALFORMED:
        return vtd_scn_fail(p, "%s must be a number, decimal or 0x hex, not '%.60s'", what, text);
    case VTD_NUMBER_RANGE:
        return vtd_scn_fail(p, "%s is out of range: '%.60s', at most 0x%llx", what, text, (unsigned long long)max);
    default:
        return true;
    }
}

bool vtd_scn_sid(struct vtd_scn_parser *p, const char *what, const char *text, uint16_t *sid)
{
    if (strchr(text, ':') == NULL) {
        uint64_t number;
        if (!vtd_scn_number(p, what, text, 0xffff, &number))
            return false;
        *sid = (uint16_t)number;
        return true;
    }
    switch (vtd_source_id_read(text, sid)) {
    case VTD_NUMBER_MALFORMED:
        return vtd_scn_fail(p, "%s must be BB:DD.F in hex or a number, not '%.60s'", what, text);
    case VTD_NUMBER_RANGE:
        return vtd_scn_fail(p, "%s is out of range: '%s', at most ff:1f.7", what, text);
    default:
        return true;
    }
}

bool vtd_scn_choose(struct vtd_scn_parser *p, const char *what, const char *text, const struct vtd_scn_choice *choices,
                    unsigned *value)
{
    for (const struct vtd_scn_choice *c = choices; c->name != NULL; c++) {
        if (strcmp(c->name, text) == 0) {
            *value = c->value;
            return true;
        }
    }
    char list[VTD_SCN_LIST_SIZE];
    size_t used = 0;
    for (const struct vtd_scn_choice *c = choices; c->name != NULL && used < sizeof(list); c++) {
        const char *separator = c == choices ? "" : c[1].name == NULL ? " or " : ", ";
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", separator, c->name);
    }
    return vtd_scn_fail(p, "%s must be %s, not '%.60s'", what, list, text);
}

bool vtd_scn_read_word(struct vtd_scn_parser *p, const char *what, char **word)
{
    *word = vtd_scn_next(p);
    return *word != NULL || vtd_scn_fail(p, "%s is missing", what);
}

bool vtd_scn_read_number(struct vtd_scn_parser *p, const char *what, uint64_t max, uint64_t *value)
{
    char *word;
    return vtd_scn_read_word(p, what, &word) && vtd_scn_number(p, what, word, max, value);
}

bool vtd_scn_read_sid(struct vtd_scn_parser *p, uint16_t *sid)
{
    char *word;
    return vtd_scn_read_word(p, "SID", &word) && vtd_scn_sid(p, "SID", word, sid);
}

bool vtd_scn_read_choice(struct vtd_scn_parser *p, const char *what, const struct vtd_scn_choice *choices,
                         unsigned *value)
{
    char *word;
    return vtd_scn_read_word(p, what, &word) && vtd_scn_choose(p, what, word, choices, value);
}

void vtd_scn_split(char *word, char **value)
{
    char *equals = strchr(word, '=');
    *value = NULL;
    if (equals != NULL) {
        *equals = '\0';
        *value = equals + 1;
    }
}

bool vtd_scn_once(struct vtd_scn_parser *p, const char *key, uint32_t bit, uint32_t *seen)
{
    if ((*seen & bit) != 0)
        return vtd_scn_fail(p, "'%s' is given twice", key);
    *seen |= bit;
    return true;
}
