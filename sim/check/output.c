/* SPDX-License-Identifier: MIT */
/* The list of reports as text, JSON and SARIF 2.1.0 (OASIS). */
#include "internal.h"

#include <jansson.h>
#include <string.h>

static void write_text(const struct vtd_check *check, FILE *out)
{
    for (unsigned i = 0; i < check->report_count; i++) {
        const struct vtd_check_report *r = &check->reports[i].report;
        fprintf(out, "%s: %s\n", vtd_check_name(r->id), r->what);
        fprintf(out, "  owed:  %s (reference %s)\n", r->owed, vtd_check_section(r->id));
        for (const char *line = r->since; *line; line = strchr(line, '\n') + 1)
            fprintf(out, "  done:  %.*s\n", (int)strcspn(line, "\n"), line);
        fprintf(out, "  when:  request %llu, after wait %llu\n", (unsigned long long)r->request,
                (unsigned long long)r->waits);
    }
    for (unsigned id = 0; id < VTD_CHECKS; id++)
        if (check->by_check[id] > check->options.limit)
            fprintf(out, "%s: %llu more like these\n", vtd_check_name(id),
                    (unsigned long long)(check->by_check[id] - check->options.limit));
    fprintf(out, "%llu %s\n", (unsigned long long)check->total, check->total == 1 ? "violation" : "violations");
}

static json_t *lines_of(const char *text)
{
    json_t *lines = json_array();
    for (const char *line = text; *line; line = strchr(line, '\n') + 1)
        json_array_append_new(lines, json_stringn(line, strcspn(line, "\n")));
    return lines;
}

static json_t *json_of(const struct vtd_check *check)
{
    json_t *list = json_array(), *counts = json_object();
    for (unsigned i = 0; i < check->report_count; i++) {
        const struct vtd_check_report *r = &check->reports[i].report;
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:o, s:I, s:I}", "check", vtd_check_name(r->id),
                                              "what", r->what, "owed", r->owed, "reference", vtd_check_section(r->id),
                                              "done", lines_of(r->since), "request", (json_int_t)r->request, "wait",
                                              (json_int_t)r->waits));
    }
    for (unsigned id = 0; id < VTD_CHECKS; id++)
        if (check->by_check[id])
            json_object_set_new(counts, vtd_check_name(id), json_integer((json_int_t)check->by_check[id]));
    return json_pack("{s:I, s:o, s:o}", "violations", (json_int_t)check->total, "counts", counts, "reports", list);
}

static json_t *sarif_of(const struct vtd_check *check)
{
    json_t *rules = json_array(), *results = json_array();
    for (unsigned id = 0; id < VTD_CHECKS; id++)
        json_array_append_new(rules,
                              json_pack("{s:s, s:{s:s}, s:{s:s}}", "id", vtd_check_name(id), "shortDescription", "text",
                                        vtd_check_text(id), "properties", "reference", vtd_check_section(id)));
    for (unsigned i = 0; i < check->report_count; i++) {
        const struct vtd_check_report *r = &check->reports[i].report;
        char text[2400];
        snprintf(text, sizeof text, "%s. Owed: %s.", r->what, r->owed);
        json_array_append_new(results, json_pack("{s:s, s:i, s:s, s:{s:s}}", "ruleId", vtd_check_name(r->id),
                                                 "ruleIndex", (int)r->id, "level", "error", "message", "text", text));
    }
    return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:o}]}", "$schema",
                     "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs", "tool", "driver",
                     "name", "vtdsim", "version", vtd_version(), "rules", rules, "results", results);
}

bool vtd_check_write(const struct vtd_check *check, enum vtd_check_form form, FILE *out)
{
    if (form == VTD_CHECK_TEXT) {
        write_text(check, out);
        return fflush(out) == 0 && !ferror(out);
    }
    json_t *json = form == VTD_CHECK_JSON ? json_of(check) : sarif_of(check);
    const bool good = json && json_dumpf(json, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;
    json_decref(json);
    return good && fflush(out) == 0;
}
