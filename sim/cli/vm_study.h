/* SPDX-License-Identifier: MIT */
/* Results of vtdsim vm-study: a table for people, and rows as those of vtdsim sweep, which vtdsim report reads. */
#ifndef VTD_CLI_VM_STUDY_H
#define VTD_CLI_VM_STUDY_H

#include "study/axes.h"
#include "vmm/vm_study.h"

#include <stdio.h>

/* Where results go; all 0 but out is a table. */
struct vtd_vm_output {
    FILE *out;
    enum vtd_vm_format {
        VTD_VM_TABLE,
        VTD_VM_JSONL,
        VTD_VM_CSV,
    } format;
    const struct vtd_axes *axes;
    const struct vtd_words *base;  /* of the command, beside the axes */
    const struct vtd_words *overs; /* the axes as they were given */
};

/* The header; and a point, after it. Return 0, or -1 when memory is out. Errors of out are left in it. */
int vtd_vm_output_begin(const struct vtd_vm_output *output);
int vtd_vm_output_point(const struct vtd_vm_output *output, uint64_t index, const struct vtd_vm_study_result *result);

#endif
