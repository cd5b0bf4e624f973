/* SPDX-License-Identifier: MIT */
/*
 * layout_gen: prints one generated file to standard output: "sv" (rtl/vtd_defs_pkg.sv) or the name of a page of
 * docs/03_reference ("registers", "structures", "descriptors", "faults", "counters"). Called by scripts/generate-layouts.
 */
#include <stdio.h>
#include <string.h>

#include "tables.h"

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: layout_gen sv|registers|structures|descriptors|faults|counters\n");
        return 2;
    }
    if (strcmp(argv[1], "sv") == 0) {
        gen_print_systemverilog();
    } else if (gen_print_markdown(argv[1]) != 0) {
        fprintf(stderr, "layout_gen: no output called '%s'\n", argv[1]);
        return 2;
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("layout_gen");
        return 2;
    }
    return 0;
}
