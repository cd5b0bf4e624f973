/* SPDX-License-Identifier: MIT */
/* A figure as an SVG file of its own: title, legend and panels, for papers and slides. See svg.h. */
#include "report.h"
#include "svg.h"
#include "text.h"

#include <math.h>
#include <string.h>

enum {
    WIDTH = 900,
    MARGIN = 16,
    LINE = 22, /* of the legend */
    GAP = 18,
};

#define CHARACTER 6.4 /* width of one, at most, on average */

/* Characters, not bytes. */
static size_t length_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* Draws the legend from y on, or only measures it (out NULL). Returns the y of what follows. */
static double legend(FILE *out, const struct vtd_figure *f, double y)
{
    char class_name[4];
    double x = MARGIN;
    if (!f->series_label)
        return y;
    if (out && *f->series_label) {
        fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">", x, y + 4);
        vtd_html_short(out, f->series_label, 40);
        fputs("</text>\n", out);
    }
    if (*f->series_label)
        x += fmin(40, (double)length_of(f->series_label)) * CHARACTER + GAP;
    for (size_t s = 0; s < f->series_count; s++) {
        const double width = 32 + fmin(60, (double)length_of(f->series[s])) * CHARACTER + GAP;
        if (x + width > WIDTH && x > MARGIN) {
            x = MARGIN;
            y += LINE;
        }
        vtd_svg_class(class_name, f, s);
        if (out && f->bars)
            fprintf(out, "<rect class=\"bar %s\" x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"12\"/>", class_name, x + 7,
                    y - 6);
        else if (out)
            fprintf(out,
                    "<path class=\"line %s\" d=\"M%.1f,%.1fh26\"/><path class=\"mark %s\" "
                    "transform=\"translate(%.1f,%.1f)\" d=\"%s\"/>",
                    class_name, x, y, class_name, x + 13, y, vtd_svg_mark(s));
        if (out) {
            fprintf(out, "<text class=\"label\" x=\"%.1f\" y=\"%.1f\">", x + 32, y + 4);
            vtd_html_short(out, f->series[s], 60);
            fputs("</text>\n", out);
        }
        x += width;
    }
    return y + LINE;
}

void vtd_svg_drawing(FILE *out, struct vtd_arena *arena, const struct vtd_figure *f)
{
    const size_t columns = f->panel_count < 3 ? f->panel_count : f->panel_count == 4 ? 2 : 3;
    const size_t rows = (f->panel_count + columns - 1) / columns;
    const double panel_width = (WIDTH - 2 * MARGIN - GAP * (double)(columns - 1)) / (double)columns;
    const double panel_height = columns == 1 ? 400 : fmax(260, panel_width * 0.72), head = f->panel_count > 1 ? 24 : 0;
    const double top = legend(NULL, f, 62) - (f->series_label ? 0 : 14);
    const double height = top + (double)rows * (panel_height + head) + 4;
    fprintf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" viewBox=\"0 0 %d %.0f\">\n<style>\n",
        WIDTH, height, WIDTH, height);
    vtd_report_drawing_style(out);
    fprintf(out, "</style>\n<rect width=\"%d\" height=\"%.0f\" fill=\"#fff\"/>\n", WIDTH, height);
    fprintf(out, "<text class=\"title head\" x=\"%d\" y=\"30\">", MARGIN);
    vtd_html_short(out, f->title, 100);
    fputs("</text>\n", out);
    legend(out, f, 56);
    for (size_t i = 0; i < f->panel_count; i++) {
        const double x = MARGIN + (double)(i % columns) * (panel_width + GAP);
        const double y = top + (double)(i / columns) * (panel_height + head);
        const struct vtd_svg_look look = {
            .width = panel_width,
            .height = panel_height,
            .id = vtd_arena_print(arena, "p%zu", i),
            .class_name = "panel",
            .attributes = vtd_arena_print(arena, " x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"", x, y + head,
                                          panel_width, panel_height),
        };
        if (f->panels[i].title) {
            fprintf(out, "<text class=\"title\" x=\"%.1f\" y=\"%.1f\">", x, y + 14);
            vtd_html_short(out, f->panels[i].title, (size_t)(panel_width / CHARACTER));
            fputs("</text>\n", out);
        }
        vtd_svg_panel(out, f, i, &look);
    }
    fputs("</svg>\n", out);
}
