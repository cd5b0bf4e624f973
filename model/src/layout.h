/* SPDX-License-Identifier: MIT */
/* Reserved masks of every structure and descriptor, derived from the .def files and the capabilities (ref 2, 3.1). */
#ifndef VTD_LAYOUT_H
#define VTD_LAYOUT_H

#include "instance.h"

void vtd_layout_init(struct reserved *r, const struct features *f, unsigned haw);

#endif
