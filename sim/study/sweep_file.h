/* SPDX-License-Identifier: MIT */
/* The file of results of a sweep that is about to run: begun, or taken up where an earlier run left it. */
#ifndef VTD_STUDY_SWEEP_FILE_H
#define VTD_STUDY_SWEEP_FILE_H

#include "row_file.h"
#include "sweep.h"

/*
 * Opens sweep->output and sets done[i / 8] bit i % 8 for each point that has a result; counts sweep->done and ->blocked.
 * Rows with errors are taken out: they get another chance. Returns 0, or -1 with why filled.
 */
int vtd_sweep_file_open(struct vtd_sweep *sweep, struct vtd_row_file *file, uint8_t *done, char *why);

#endif
