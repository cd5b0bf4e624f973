/* SPDX-License-Identifier: MIT */
/* Draws a panel: axes with ticks, lines with marks or bars. See svg.h. */
#include "svg.h"

#include "scale.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHARACTER = 7, /* width that a character of a label takes at most, on average */
    MARKS_MAX = 48 /* more points of a line than this need no marks */
};

struct panel {
    FILE *out;
    const struct vtd_figure *f;
    size_t at;
    const struct vtd_svg_look *look;
    struct vtd_scale x, y;
    double left, right; /* ends of the axes */
};

static const char *const marks[VTD_FIGURE_SERIES] = {
    "M-4.2,0a4.2,4.2 0 1,0 8.4,0a4.2,4.2 0 1,0 -8.4,0z",
    "M-3.8,-3.8h7.6v7.6h-7.6z",
    "M0,-5L4.8,3.6H-4.8z",
    "M0,-5.4L5.4,0L0,5.4L-5.4,0z",
    "M0,5L4.8,-3.6H-4.8z",
    "M-4.4,-2.6L-2.6,-4.4L0,-1.8L2.6,-4.4L4.4,-2.6L1.8,0L4.4,2.6L2.6,4.4L0,1.8L-2.6,4.4L-4.4,2.6L-1.8,0z",
    "M-1.5,-4.8h3v3.3h3.3v3h-3.3v3.3h-3v-3.3h-3.3v-3h3.3z",
    "M-4.8,0L-2.4,-4.2h4.8L4.8,0L2.4,4.2h-4.8z",
};

const char *vtd_svg_mark(size_t series)
{
    return marks[series % VTD_FIGURE_SERIES];
}

void vtd_svg_class(char name[4], const struct vtd_figure *f, size_t series)
{
    size_t color = series % VTD_FIGURE_SERIES;
    if (f->ordered && f->series_count > 1) /* the whole range of colours, however many series */
        color = series * (VTD_FIGURE_SERIES - 1) / (f->series_count - 1);
    snprintf(name, 4, "%c%u", f->ordered ? 'q' : 's', (unsigned)(color % VTD_FIGURE_SERIES));
}

/* ---------------------------------------------------------------- scales */

static void make_scales(struct panel *p)
{
    const struct vtd_figure *f = p->f;
    char text[VTD_NUMBER_TEXT];
    size_t longest = 0;
    if (f->y_log)
        vtd_scale_log(&p->y, f->y_min, f->y_max);
    else if (f->percent && (f->bars || f->y_min < 0.6))
        vtd_scale_linear(&p->y, 0, f->y_max > 0.5 || f->y_max <= 0 ? 1 : f->y_max, 5);
    else if (f->percent)
        vtd_scale_linear(&p->y, f->y_min, f->y_max > f->y_min ? f->y_max : 1, 5);
    else
        vtd_scale_linear(&p->y, f->y_min < 0 ? f->y_min : 0, f->y_max, 5);
    for (size_t i = 0; i < p->y.ticks; i++) {
        const size_t length = strlen(vtd_tick_text(text, p->y.tick[i], f->percent));
        longest = length > longest ? length : longest;
    }
    p->y.from = p->look->height - 46;
    p->y.to = 30;
    p->left = (double)(longest * CHARACTER + 14);
    p->right = p->look->width - 16;
    const double inset = f->bars ? (p->right - p->left) / 2 / (double)f->x_count : 10;
    p->x = (struct vtd_scale){.log = f->x_log, .min = f->x[0], .max = f->x[f->x_count - 1]};
    p->x.from = p->left + inset;
    p->x.to = p->right - inset;
}

/* ---------------------------------------------------------------- axes */

static void draw_y_axis(const struct panel *p)
{
    char text[VTD_NUMBER_TEXT];
    const double left = p->left, right = p->right;
    for (size_t i = 0; i < p->y.ticks; i++) {
        const double y = vtd_scale_at(&p->y, p->y.tick[i]);
        fprintf(p->out, "<path class=\"%s\" d=\"M%.1f,%.1fH%.1f\"/>", i == 0 ? "axis" : "grid", left, y, right);
        fprintf(p->out, "<text class=\"ty\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", left - 7, y + 4,
                vtd_tick_text(text, p->y.tick[i], p->f->percent));
    }
    fprintf(p->out, "<text class=\"label\" x=\"%.1f\" y=\"14\">", left);
    vtd_html_short(p->out, p->f->y_label, (size_t)((right - left) / CHARACTER));
    fputs("</text>\n", p->out);
}

static const char *x_text(const struct panel *p, size_t i, char text[VTD_NUMBER_TEXT])
{
    return p->f->bars ? p->f->x_names[i] : vtd_tick_text(text, p->f->x[i], false);
}

static bool is_power(double x)
{
    int exponent;
    return x > 0 && frexp(x, &exponent) == 0.5;
}

/* Ticks stand at values that there are; where these are mostly powers of two, at those. Returns how many. */
static size_t x_candidates(const struct panel *p, size_t *at)
{
    size_t n = 0, powers = 0;
    for (size_t i = 0; i < p->f->x_count; i++)
        powers += is_power(p->f->x[i]);
    const bool chosen = p->f->x_log && 2 * powers > p->f->x_count;
    for (size_t i = 0; i < p->f->x_count; i++)
        if (!chosen || is_power(p->f->x[i]))
            at[n++] = i;
    return n;
}

/* All of them, or every second, third, ... so that no two labels meet. */
static size_t x_stride(const struct panel *p, const size_t *at, size_t count)
{
    char text[VTD_NUMBER_TEXT];
    size_t stride = 1;
    for (bool fits = false; !fits && stride < count; stride += !fits) {
        double end = -1e9;
        fits = true;
        for (size_t i = 0; i < count && fits; i += stride) {
            const double half = (double)(strlen(x_text(p, at[i], text)) * CHARACTER) / 2;
            const double x = vtd_scale_at(&p->x, p->f->x[at[i]]);
            fits = x - half > end + 4;
            end = x + half;
        }
    }
    return stride;
}

/* Of many values at equal distances, ticks stand at round numbers instead. */
static bool draw_round_ticks(const struct panel *p)
{
    struct vtd_scale round;
    char text[VTD_NUMBER_TEXT];
    if (p->f->bars || p->f->x_log || p->f->x_count <= 12)
        return false;
    vtd_scale_linear(&round, p->x.min, p->x.max, p->look->width > 600 ? 8 : 4);
    for (size_t i = 0; i < round.ticks; i++) {
        if (round.tick[i] < p->x.min || round.tick[i] > p->x.max)
            continue;
        const double x = vtd_scale_at(&p->x, round.tick[i]);
        fprintf(p->out, "<path class=\"axis\" d=\"M%.1f,%.1fv4\"/>", x, p->y.from);
        fprintf(p->out, "<text class=\"tx\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", x, p->y.from + 18,
                vtd_tick_text(text, round.tick[i], false));
    }
    return true;
}

static void draw_x_ticks(const struct panel *p, double step)
{
    char text[VTD_NUMBER_TEXT];
    const double bottom = p->y.from;
    size_t *candidate = calloc(p->f->x_count, sizeof *candidate);
    const size_t count = candidate ? x_candidates(p, candidate) : 0;
    const size_t stride = p->f->bars ? 1 : x_stride(p, candidate, count);
    for (size_t c = 0; c < count; c += stride) {
        const size_t i = candidate[c];
        const double x = vtd_scale_at(&p->x, p->f->x[i]);
        if (!p->f->bars)
            fprintf(p->out, "<path class=\"axis\" d=\"M%.1f,%.1fv4\"/>", x, bottom);
        fprintf(p->out, "<text class=\"tx\" x=\"%.1f\" y=\"%.1f\">", x, bottom + 18);
        vtd_html_short(p->out, x_text(p, i, text), p->f->bars ? (size_t)fmax(2, step / CHARACTER) : 20);
        fputs("</text>\n", p->out);
    }
    free(candidate);
}

static void draw_x_axis(const struct panel *p)
{
    const double width = p->right - p->left;
    if (!draw_round_ticks(p))
        draw_x_ticks(p, p->f->x_count > 1 ? (p->x.to - p->x.from) / (double)(p->f->x_count - 1) : width);
    fprintf(p->out, "<text class=\"label end\" x=\"%.1f\" y=\"%.1f\">", p->right, p->y.from + 38);
    vtd_html_short(p->out, p->f->x_label, (size_t)(width / CHARACTER));
    fputs("</text>\n", p->out);
}

/* ---------------------------------------------------------------- points */

/* What a mark tells when it is pointed at. */
static void draw_tip(const struct panel *p, size_t series, size_t x)
{
    char text[VTD_NUMBER_TEXT];
    const struct vtd_figure *f = p->f;
    const struct vtd_figure_point *at = vtd_figure_at(f, p->at, series, x);
    fputs("<title>", p->out);
    if (f->series_label) {
        vtd_html_text(p->out, f->series_label);
        fputs(*f->series_label ? " = " : "", p->out);
        vtd_html_text(p->out, f->series[series]);
        fputs(", ", p->out);
    }
    vtd_html_text(p->out, f->x_label);
    fputs(*f->x_label ? " = " : "", p->out);
    vtd_html_text(p->out, f->x_names[x]);
    fprintf(p->out, ": %s", vtd_number_text(text, at->y, f->percent));
    if (at->high > at->low) {
        fprintf(p->out, " (%s", vtd_number_text(text, at->low, f->percent));
        fprintf(p->out, " to %s)", vtd_number_text(text, at->high, f->percent));
    }
    fputs("</title>", p->out);
}

static void draw_spread(const struct panel *p, const struct vtd_figure_point *at, double x, const char *class_name)
{
    if (at->high > at->low)
        fprintf(p->out, "<path class=\"spread %s\" d=\"M%.1f,%.1fh6m-3,0V%.1fm-3,0h6\"/>", class_name, x - 3,
                vtd_scale_at(&p->y, at->low), vtd_scale_at(&p->y, at->high));
}

static void draw_line(const struct panel *p, size_t series)
{
    const struct vtd_figure *f = p->f;
    char class_name[4];
    bool drawn = false;
    vtd_svg_class(class_name, f, series);
    fprintf(p->out, "<path class=\"line %s\" d=\"", class_name);
    for (size_t i = 0; i < f->x_count; i++) {
        const struct vtd_figure_point *at = vtd_figure_at(f, p->at, series, i);
        if (!at->count)
            continue;
        fprintf(p->out, "%c%.1f,%.1f", drawn ? 'L' : 'M', vtd_scale_at(&p->x, f->x[i]), vtd_scale_at(&p->y, at->y));
        drawn = true;
    }
    fputs(drawn ? "\"/>\n" : "M0,0\"/>\n", p->out);
    for (size_t i = 0; i < f->x_count; i++) {
        const struct vtd_figure_point *at = vtd_figure_at(f, p->at, series, i);
        const double x = vtd_scale_at(&p->x, f->x[i]);
        if (!at->count)
            continue;
        draw_spread(p, at, x, class_name);
        if (f->x_count > MARKS_MAX)
            continue;
        fprintf(p->out, "<path class=\"mark %s\" transform=\"translate(%.1f,%.1f)\" d=\"%s\">", class_name, x,
                vtd_scale_at(&p->y, at->y), vtd_svg_mark(series));
        draw_tip(p, series, i);
        fputs("</path>\n", p->out);
    }
}

static void draw_bars(const struct panel *p)
{
    const struct vtd_figure *f = p->f;
    const double group = (p->right - p->left) / (double)f->x_count * 0.76;
    const double width = fmin(group / (double)f->series_count, 56), zero = vtd_scale_at(&p->y, fmax(p->y.min, 0));
    char class_name[4], text[VTD_NUMBER_TEXT];
    for (size_t i = 0; i < f->x_count; i++)
        for (size_t s = 0; s < f->series_count; s++) {
            const struct vtd_figure_point *at = vtd_figure_at(f, p->at, s, i);
            if (!at->count)
                continue;
            const double middle =
                vtd_scale_at(&p->x, f->x[i]) + width * ((double)s - (double)(f->series_count - 1) / 2);
            const double y = vtd_scale_at(&p->y, at->y), height = fabs(zero - y);
            vtd_svg_class(class_name, f, s);
            fprintf(p->out, "<rect class=\"bar %s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">", class_name,
                    middle - width / 2 + 1, fmin(y, zero), fmax(width - 2, 1), height);
            draw_tip(p, s, i);
            fputs("</rect>\n", p->out);
            draw_spread(p, at, middle, "ink");
            vtd_number_text(text, at->y, f->percent);
            if ((double)(strlen(text) * (CHARACTER - 1)) < width * (f->series_count == 1 ? 1.6 : 1))
                fprintf(p->out, "<text class=\"value\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", middle, fmin(y, zero) - 5,
                        text);
        }
}

/* ---------------------------------------------------------------- panel */

/* For those who do not see it: what is drawn, and between which values. */
static void describe(const struct panel *p)
{
    const struct vtd_figure *f = p->f;
    char text[VTD_NUMBER_TEXT];
    fprintf(p->out, "<title id=\"%s-t\">", p->look->id);
    vtd_html_text(p->out, f->title);
    if (f->panels[p->at].title) {
        fputs(", ", p->out);
        vtd_html_text(p->out, f->panels[p->at].title);
    }
    fprintf(p->out, "</title>\n<desc id=\"%s-d\">%s of ", p->look->id, f->bars ? "Bars" : "Lines");
    vtd_html_text(p->out, f->y_label);
    if (*f->x_label) {
        fputs(" over ", p->out);
        vtd_html_text(p->out, f->x_label);
    }
    fprintf(p->out, ", from %s", vtd_number_text(text, f->y_min, f->percent));
    fprintf(p->out, " to %s; all values are in the table.</desc>\n", vtd_number_text(text, f->y_max, f->percent));
}

void vtd_svg_panel(FILE *out, const struct vtd_figure *f, size_t panel, const struct vtd_svg_look *look)
{
    struct panel p = {.out = out, .f = f, .at = panel, .look = look};
    make_scales(&p);
    fprintf(out, "<svg class=\"%s\"%s viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-labelledby=\"%s-t %s-d\">\n",
            look->class_name, look->attributes, look->width, look->height, look->id, look->id);
    describe(&p);
    draw_y_axis(&p);
    if (f->bars)
        draw_bars(&p);
    draw_x_axis(&p);
    for (size_t s = 0; s < f->series_count && !f->bars; s++)
        draw_line(&p, s);
    fputs("</svg>\n", out);
}
