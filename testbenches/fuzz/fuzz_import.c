/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: logs of other programs. The first byte of the input says of which (even: QEMU, odd: HyperSIO), the rest
 * is the log. Whatever it says, the importer makes a trace of it or names what is wrong; a record that it writes is
 * one that the writer takes.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "input_file.h"
#include "vtd/vtd.h"
#include "workload/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct vtd_import_hint hint = {.sid = 0x18, .kind = VTD_IMPORT_NVME};
    const struct vtd_import_qemu options = {.hint = &hint, .hints = 1, .since = 1};
    struct vtd_import_counts counts;
    char why[VTD_WHY_SIZE] = "";
    if (size < 5 || memcmp(data + 1, "\x28\xb5\x2f\xfd", 4) == 0) /* a few bytes can unpack to gigabytes */
        return 0;
    struct input_file file = input_file_make(data + 1, size - 1);
    struct vtd_trace_writer *w = vtd_trace_writer_open("/dev/null", VTD_TRACE_TEXT, 1, why);
    HOLDS(w != NULL);
    const int status = data[0] % 2 ? vtd_import_hypersio(file.name, w, &counts, why)
                                   : vtd_import_qemu(file.name, &options, w, &counts, why);
    HOLDS(status == 0 || (status == -1 && why[0] != '\0'));
    HOLDS(strstr(why, "cannot write") == NULL);
    HOLDS(vtd_trace_writer_finish(w, why) == 0);
    input_file_drop(&file);
    return 0;
}
