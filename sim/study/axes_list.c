/* SPDX-License-Identifier: MIT */
/* Points of a sweep from a CSV file: names in the first line, a point in each further one. See axes.h. */
#define _POSIX_C_SOURCE 200809L

#include "axes.h"

#include "config/text.h"
#include "vtd/vtd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_LENGTH 65536
#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* spreadsheets put it in front of UTF-8 */

struct list {
    const char *file;
    unsigned long line;
    char *why;
};

static int complain(const struct list *l, const char *what)
{
    snprintf(l->why, VTD_WHY_SIZE, "%.100s:%lu: %.120s", l->file, l->line, what);
    vtd_text_make_printable(l->why);
    return -1;
}

/* Adds the field that begins at *text and moves behind it; a quoted one has "" for each quote in it. */
static int take_field(const struct list *l, char **text, struct vtd_words *out)
{
    char *s = *text + strspn(*text, " \t"), *value = s, *end = s;
    if (*s == '"') {
        for (s++; *s && (*s != '"' || s[1] == '"'); s++) {
            s += *s == '"';
            *end++ = *s;
        }
        if (*s != '"')
            return complain(l, "a quote is not closed");
        s++;
        s += strspn(s, " \t");
        if (*s && *s != ',')
            return complain(l, "something stands behind a quoted value");
    } else {
        s += strcspn(s, ",");
        for (end = s; end > value && (end[-1] == ' ' || end[-1] == '\t'); end--)
            ;
    }
    if (end == value)
        return complain(l, "a value is missing");
    if (!vtd_words_add_part(out, value, (size_t)(end - value)))
        return complain(l, "out of memory");
    *text = s;
    return 0;
}

static int take_line(const struct list *l, char *text, struct vtd_dimension *d)
{
    const bool is_first = d->names.count == 0;
    struct vtd_words *out = is_first ? &d->names : &d->values;
    const size_t before = out->count;
    for (;; text++) {
        if (take_field(l, &text, out) != 0)
            return -1;
        if (*text == '\0')
            break;
    }
    if (is_first)
        return d->names.count <= VTD_AXES_COLUMNS_MAX ? 0 : complain(l, "too many names");
    if (out->count - before != d->names.count)
        return complain(l, "there are not as many values as names in the first line");
    return out->count / d->names.count <= VTD_AXES_POINTS_MAX ? 0 : complain(l, "too many points");
}

static int take_lines(struct list *l, FILE *in, struct vtd_dimension *d)
{
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    int status = 0;
    while (status == 0 && (length = getline(&text, &size, in)) >= 0) {
        l->line++;
        while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
            text[--length] = '\0';
        const size_t mark = l->line == 1 && strncmp(text, BYTE_ORDER_MARK, 3) == 0 ? 3 : 0;
        if (length > LINE_MAX_LENGTH || strlen(text) != (size_t)length)
            status = complain(l, "the line is too long, or no text");
        else if (text[mark + strspn(text + mark, " \t")] != '\0')
            status = take_line(l, text + mark, d);
    }
    free(text);
    if (status == 0 && ferror(in))
        return complain(l, strerror(errno));
    if (status == 0 && d->values.count == 0)
        return complain(l, "there are no points");
    return status;
}

int vtd_axes_add_list(struct vtd_axes *axes, const char *file, char *why)
{
    struct list l = {.file = file, .why = why};
    struct vtd_dimension *d = vtd_axes_add(axes);
    FILE *in = d ? fopen(file, "r") : NULL;
    if (!in) {
        snprintf(why, VTD_WHY_SIZE, "%.100s: %s", file, d ? strerror(errno) : "out of memory");
        return -1;
    }
    const int status = take_lines(&l, in, d);
    fclose(in);
    return status;
}
