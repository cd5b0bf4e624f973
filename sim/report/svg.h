/* SPDX-License-Identifier: MIT */
/* Draws panels of figures as SVG. Colours, fonts and widths of lines are classes, which the page's style fills in. */
#ifndef VTD_REPORT_SVG_H
#define VTD_REPORT_SVG_H

#include "figure.h"

#include <stdio.h>

struct vtd_svg_look {
    double width, height;
    const char *id;         /* ids in the drawing begin with it */
    const char *class_name; /* of the drawing */
    const char *attributes; /* more attributes of the element; "" for a drawing within a page */
};

#ifdef __cplusplus
extern "C" {
#endif

void vtd_svg_panel(FILE *out, const struct vtd_figure *figure, size_t panel, const struct vtd_svg_look *look);

/* The figure as a whole file of SVG, with its title, legend and style. */
void vtd_svg_drawing(FILE *out, struct vtd_arena *arena, const struct vtd_figure *figure);

/* The class of a series' colour: s0 to s7 where series have no order, q0 to q7 where they have. */
void vtd_svg_class(char name[4], const struct vtd_figure *figure, size_t series);

/* The outline of a series' mark, around 0,0 and some 9 wide. */
const char *vtd_svg_mark(size_t series);

#ifdef __cplusplus
}
#endif

#endif
