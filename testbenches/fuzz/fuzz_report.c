/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a file of results. What is accepted becomes a page; nothing that is in the file becomes an element of it, or a
 * byte that a reader of XML refuses.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_page(const char *page, size_t length)
{
    static const char *const never[] = {"<script",         "=\"nan",         "=\"-nan",         "=\"inf",
                                        "\"translate(nan", "\"translate(-n", "\"translate(inf", "\"translate(-i"};
    static const char end[] = "</html>\n";
    HOLDS(length > sizeof end && memcmp(page + length - (sizeof end - 1), end, sizeof end - 1) == 0);
    for (unsigned i = 0; i < sizeof never / sizeof never[0]; i++) /* text cannot have quotes: these are places */
        HOLDS(memmem(page, length, never[i], strlen(never[i])) == NULL);
    for (size_t i = 0; i < length; i++)
        HOLDS((unsigned char)page[i] >= 0x20 || page[i] == '\n' || page[i] == '\t');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vtd_report report = {0};
    char why[VTD_RESULTS_WHY], *page = NULL;
    size_t length = 0;
    if (vtd_loaded_parse(&report.results, "input", (const char *)data, size, why) == 0 &&
        vtd_loaded_finish(&report.results, why) == 0) {
        FILE *out = open_memstream(&page, &length);
        HOLDS(out != NULL);
        HOLDS(vtd_report_write(&report, out, why) == 0);
        fclose(out);
        check_page(page, length);
    }
    free(page);
    vtd_loaded_free(&report.results);
    return 0;
}
