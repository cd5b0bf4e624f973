/* SPDX-License-Identifier: MIT */
/* Words as people write them. See text.h. */
#define _POSIX_C_SOURCE 200809L

#include "text.h"

#include <stddef.h>
#include <string.h>

/* The value of a digit, or 16. */
static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 16;
}

enum vtd_number_status vtd_number_read(const char *text, uint64_t max, uint64_t *value)
{
    const char *c = text;
    unsigned base = 10;
    if (c[0] == '0' && c[1] == 'x') {
        base = 16;
        c += 2;
    }
    uint64_t v = 0;
    bool overflow = false, was_digit = false;
    for (; *c != '\0'; c++) {
        if (*c == '_') {
            if (!was_digit)
                return VTD_NUMBER_MALFORMED;
            was_digit = false;
            continue;
        }
        const unsigned digit = digit_value(*c);
        if (digit >= base)
            return VTD_NUMBER_MALFORMED;
        overflow = overflow || v > (UINT64_MAX - digit) / base;
        v = v * base + digit;
        was_digit = true;
    }
    if (!was_digit)
        return VTD_NUMBER_MALFORMED;
    if (overflow || v > max)
        return VTD_NUMBER_RANGE;
    *value = v;
    return VTD_NUMBER_OK;
}

bool vtd_number_parse(const char *text, uint64_t *value)
{
    return vtd_number_read(text, UINT64_MAX, value) == VTD_NUMBER_OK;
}

enum vtd_number_status vtd_source_id_read(const char *text, uint16_t *sid)
{
    static const uint8_t position[5] = {0, 1, 3, 4, 6};
    unsigned d[5];
    if (strlen(text) != 7 || text[2] != ':' || text[5] != '.')
        return VTD_NUMBER_MALFORMED;
    for (unsigned i = 0; i < 5; i++)
        if ((d[i] = digit_value(text[position[i]])) > 15)
            return VTD_NUMBER_MALFORMED;
    if (d[2] > 1 || d[4] > 7)
        return VTD_NUMBER_RANGE;
    *sid = (uint16_t)(d[0] << 12 | d[1] << 8 | (d[2] << 4 | d[3]) << 3 | d[4]);
    return VTD_NUMBER_OK;
}

void vtd_text_make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

#define NAME_MAX_LENGTH 64

unsigned vtd_text_distance(const char *a, const char *b)
{
    unsigned row[NAME_MAX_LENGTH + 1];
    const size_t m = strnlen(a, NAME_MAX_LENGTH);
    const size_t n = strnlen(b, NAME_MAX_LENGTH);
    for (unsigned j = 0; j <= n; j++)
        row[j] = j;
    for (unsigned i = 1; i <= m; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= n; j++) {
            const unsigned replaced = diagonal + (a[i - 1] != b[j - 1]);
            const unsigned shorter = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = replaced < shorter ? replaced : shorter;
        }
    }
    return row[n];
}
