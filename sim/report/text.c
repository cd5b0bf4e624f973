/* SPDX-License-Identifier: MIT */
/* Text and numbers of a page. See text.h. */
#include "text.h"

#include <math.h>
#include <string.h>

/* Bytes of the character that begins here. */
static size_t character(const char *text)
{
    size_t n = 1;
    while (((unsigned char)text[n] & 0xc0) == 0x80)
        n++;
    return n;
}

void vtd_html_short(FILE *out, const char *text, size_t count)
{
    for (; *text; count--) {
        const size_t n = character(text);
        if (count == 0 || (count == 1 && text[n])) {
            fputs("\xe2\x80\xa6", out);
            return;
        }
        if (*text == '&')
            fputs("&amp;", out);
        else if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '>')
            fputs("&gt;", out);
        else if (*text == '"')
            fputs("&quot;", out);
        else if (*text == '\'')
            fputs("&#39;", out);
        else if (((unsigned char)*text < 0x20 && *text != '\n' && *text != '\t') || *text == 0x7f ||
                 (n == 3 && (memcmp(text, "\xef\xbf\xbe", 3) == 0 || memcmp(text, "\xef\xbf\xbf", 3) == 0)))
            fputs("\xef\xbf\xbd", out);
        else
            fwrite(text, 1, n, out);
        text += n;
    }
}

void vtd_html_text(FILE *out, const char *text)
{
    vtd_html_short(out, text, (size_t)-1);
}

/* Digits without an exponent, and without zeros at the end. */
static void plain(char text[VTD_NUMBER_TEXT], double value, int decimals)
{
    snprintf(text, VTD_NUMBER_TEXT, "%.*f", decimals, value);
    if (strchr(text, '.')) {
        size_t n = strlen(text);
        while (text[n - 1] == '0')
            text[--n] = 0;
        if (text[n - 1] == '.')
            text[n - 1] = 0;
    }
}

const char *vtd_number_text(char text[VTD_NUMBER_TEXT], double value, bool percent)
{
    if (percent) {
        snprintf(text, VTD_NUMBER_TEXT, "%.2f", 100 * value);
        /* What is almost all or almost nothing does not become all or nothing. */
        if ((value < 1 && value > 0.99995) || (value > 0 && value < 0.00005))
            snprintf(text, VTD_NUMBER_TEXT, "%.6f", 100 * value);
        strcat(text, " %");
    } else if (value == floor(value)) {
        plain(text, value, 0);
    } else {
        const double size = fabs(value);
        plain(text, value, size >= 1000 ? 1 : size >= 10 ? 2 : size >= 0.01 ? 4 : 9);
    }
    return text;
}

const char *vtd_tick_text(char text[VTD_NUMBER_TEXT], double value, bool percent)
{
    static const char *const units[] = {"Ki", "Mi", "Gi", "Ti"};
    if (percent) {
        plain(text, 100 * value, 4);
        strcat(text, " %");
        return text;
    }
    unsigned unit = 0;
    double scaled = value;
    int exponent;
    const bool power = value > 0 && frexp(value, &exponent) == 0.5; /* a size, and not any number that 1024 divides */
    for (; power && unit < 4 && scaled >= (unit ? 1024 : 16384); unit++)
        scaled /= 1024;
    if (unit == 0 && value == floor(value) && fabs(value) >= 1e5) {
        const bool million = fabs(value) >= 1e6;
        plain(text, value / (million ? 1e6 : 1e3), 3);
        strcat(text, million ? "M" : "k");
        return text;
    }
    plain(text, scaled, scaled == floor(scaled) ? 0 : fabs(scaled) >= 0.01 ? 4 : 9);
    if (unit)
        strcat(text, units[unit - 1]);
    return text;
}

const char *vtd_shell_word(struct vtd_arena *arena, const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_";
    if (*text && strspn(text, safe) == strlen(text))
        return text;
    char *word = vtd_arena_alloc(arena, 4 * strlen(text) + 3, 1), *to = word;
    *to++ = '\'';
    for (; *text; text++) {
        if (*text == '\'')
            to += sprintf(to, "'\\'");
        *to++ = *text;
    }
    *to = '\'';
    return word;
}

const char *vtd_shell_command(struct vtd_arena *arena, int argc, char **argv)
{
    const char *text = argv[0];
    for (int i = 1; i < argc; i++)
        text = vtd_arena_print(arena, "%s %s", text, vtd_shell_word(arena, argv[i]));
    return text;
}
