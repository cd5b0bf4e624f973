/* SPDX-License-Identifier: MIT */
/* Beginning and end of a check, and what the unit tells it. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

static void on_event(void *opaque, const struct vtd_event *event)
{
    struct vtd_check *check = opaque;
    if (event->kind == VTD_EVENT_REQUEST) {
        check->requests++;
        check_protocol_request(check);
    }
    check_shadows_event(check, event);
}

static void on_descriptor(void *opaque, const uint64_t q[4], unsigned qwords)
{
    struct vtd_check *check = opaque;
    (void)qwords;
    check_protocol_descriptor(check, q);
    if ((q[0] & 0xf) == VTD_TYPE_INV_WAIT) {
        check->waits++;
        check_sources_scan(check);
    } else {
        check_history_add(check, q);
    }
}

/* Invalidation by register (ref 1.6) is complete, and a point of synchronization, when the write has had its effects. */
static void on_register_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    struct vtd_check *check = opaque;
    check_protocol_write(check, offset, size, value);
    const uint64_t iotlb = vtd_reg_ecap_iro(vtd_mmio_read64(check->unit, VTD_REG_ECAP)) * 16 + 8;
    const uint64_t end = offset + size;
    if (end == VTD_REG_CCMD + 8 || end == iotlb + 8) {
        check_protocol_register_invalidation(check, end == VTD_REG_CCMD + 8,
                                             (uint32_t)(size == 8 ? value >> 32 : value));
        check->waits++;
        check_sources_scan(check);
    }
}

static bool read_suppressions(struct vtd_check *check, const char *path, char *why)
{
    char line[512], problem[VTD_WHY_SIZE];
    FILE *in = fopen(path, "r");
    if (!in) {
        snprintf(why, VTD_WHY_SIZE, "%s: %s", path, strerror(errno));
        return false;
    }
    bool good = true;
    for (unsigned number = 1; good && fgets(line, sizeof line, in); number++) {
        line[strcspn(line, "#\r\n")] = '\0';
        for (size_t n = strlen(line); n && (line[n - 1] == ' ' || line[n - 1] == '\t'); n--)
            line[n - 1] = '\0';
        if (line[0] == '\0')
            continue;
        good = vtd_check_suppress(check, line, problem);
        if (!good)
            snprintf(why, VTD_WHY_SIZE, "%.100s:%u: %.120s", path, number, problem);
    }
    fclose(in);
    return good;
}

struct vtd_check *vtd_check_start(struct vtd *unit, const struct vtd_check_options *options, char *why)
{
    char ignored[VTD_WHY_SIZE];
    why = why ? why : ignored;
    struct vtd_check *check = calloc(1, sizeof *check);
    if (!check) {
        snprintf(why, VTD_WHY_SIZE, "memory is out");
        return NULL;
    }
    check->unit = unit;
    check->shadow_limit = 4096;
    if (options)
        check->options = *options;
    if (check->options.limit == 0)
        check->options.limit = 10;
    if (check->options.suppressions && !read_suppressions(check, check->options.suppressions, why)) {
        vtd_check_stop(check);
        return NULL;
    }
    check->gcmd_status = vtd_mmio_read32(unit, VTD_REG_GSTS);
    check->rtaddr = vtd_mmio_read64(unit, VTD_REG_RTADDR);
    vtd_watch(unit, &(struct vtd_watcher){.opaque = check,
                                          .event = on_event,
                                          .descriptor = on_descriptor,
                                          .register_write = on_register_write});
    return check;
}

void vtd_check_stop(struct vtd_check *check)
{
    if (!check)
        return;
    vtd_watch(check->unit, NULL);
    check_shadows_free(check);
    check_protocol_free(check);
    for (unsigned i = 0; i < check->report_count; i++)
        free(check->reports[i].text);
    for (unsigned i = 0; i < check->suppression_count; i++)
        free(check->suppressions[i].text);
    free(check->reports);
    free(check->suppressions);
    free(check);
}
