/* SPDX-License-Identifier: MIT */
/* Numbers as people write them. See number.h. */
#include "number.h"

#include <stddef.h>

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

bool vtd_number_parse(const char *text, uint64_t *value)
{
    unsigned base = 10;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    uint64_t v = 0;
    bool after_digit = false;
    for (; *text; text++) {
        if (*text == '_' && after_digit && text[1] && text[1] != '_') {
            after_digit = false;
            continue;
        }
        const unsigned digit = (unsigned)digit_value(*text);
        if (digit >= base || v > (UINT64_MAX - digit) / base)
            return false;
        v = v * base + digit;
        after_digit = true;
    }
    if (!after_digit)
        return false;
    *value = v;
    return true;
}
