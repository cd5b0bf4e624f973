/* SPDX-License-Identifier: MIT */
/* How vtdsim vm-demo tells its story: sentences and decoded entries for people, or the same as JSON. See vm_demo.h. */
#include "vm_demo.h"

#include "vtd/vtd_structs.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const who_names[] = {
    [VTD_DEMO_HOST] = "host",
    [VTD_DEMO_GUEST] = "guest",
    [VTD_DEMO_HYPERVISOR] = "hypervisor",
    [VTD_DEMO_DEVICE] = "device",
};

void vtd_demo_tell(struct vtd_demo *d, enum vtd_demo_who who, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    d->step++;
    if (!d->json) {
        printf("%3u  %s%-11s%s %s\n", d->step, d->colour ? "\033[1m" : "", who_names[who], d->colour ? "\033[0m" : "",
               text);
        return;
    }
    d->last = json_pack("{s:I, s:s, s:s}", "step", (json_int_t)d->step, "who", who_names[who], "text", text);
    if (!d->last || json_array_append_new(d->steps, d->last) != 0)
        d->failed = true;
}

static json_t *hex(uint64_t value)
{
    return json_sprintf("0x%" PRIx64, value);
}

void vtd_demo_fact(struct vtd_demo *d, const char *name, uint64_t value)
{
    if (!d->json)
        return;
    json_t *facts = json_object_get(d->last, "facts");
    if (!facts) {
        facts = json_object();
        json_object_set_new(d->last, "facts", facts);
    }
    if (json_object_set_new(facts, name, hex(value)) != 0)
        d->failed = true;
}

/* ---------------------------------------------------------------- entries */

static void print_entry(const char *whose, uint64_t address, const struct vtd_explain_layout *layout, const uint64_t *q)
{
    struct vtd_explain_field f;
    unsigned last = VTD_PASID_ENTRY_QWORDS;
    while (last > 1 && q[last - 1] == 0)
        last--;
    printf("                   %s %s at 0x%" PRIx64 ":", whose, layout->name, address);
    for (unsigned i = 0; i < last; i++)
        printf(" 0x%" PRIx64, q[i]);
    putchar('\n');
    for (unsigned i = 0; vtd_explain_field(layout, q, &i, &f);)
        if (f.value)
            printf("                     %-9s 0x%-10" PRIx64 " %s\n", f.name, f.value, f.description);
}

void vtd_demo_entry(struct vtd_demo *d, const char *whose, uint64_t address, const uint64_t *q)
{
    const struct vtd_event event = {.unit = VTD_MEM_PASID_ENTRY, .count = VTD_PASID_ENTRY_QWORDS};
    const struct vtd_explain_layout layout = vtd_explain_layout(&d->x, &event);
    struct vtd_explain_field f;
    if (!d->json) {
        print_entry(whose, address, &layout, q);
        return;
    }
    json_t *fields = json_object(), *qwords = json_array();
    for (unsigned i = 0; i < VTD_PASID_ENTRY_QWORDS; i++)
        json_array_append_new(qwords, hex(q[i]));
    for (unsigned i = 0; vtd_explain_field(&layout, q, &i, &f);)
        json_object_set_new(fields, f.name, hex(f.value));
    json_t *entry =
        json_pack("{s:s, s:o, s:o, s:o}", "whose", whose, "address", hex(address), "qwords", qwords, "fields", fields);
    if (!entry || json_object_set_new(d->last, "entry", entry) != 0)
        d->failed = true;
}

/* ---------------------------------------------------------------- translations */

static void note(void *opaque, const struct vtd_event *event)
{
    struct vtd_demo *d = opaque;
    if (!vtd_explain_note(&d->x, event))
        d->failed = true;
}

void vtd_demo_explain(struct vtd_demo *d, const struct vtd_request *req, uint64_t hpa, uint8_t fault)
{
    struct vtd_stmt stmt = {.kind = VTD_STMT_DMA, .text = "", .request = *req};
    struct vtd_outcome outcome = {0};
    d->machine.event = note;
    d->machine.event_opaque = d;
    vtd_events_enable(d->machine.unit, true);
    vtd_translate(d->machine.unit, req, &outcome.response);
    vtd_events_enable(d->machine.unit, false);
    d->x.stmt = &stmt;
    d->x.outcome = &outcome;
    d->x.held = true;
    d->x.ttm = VTD_TTM_SCALABLE;
    if (d->json) {
        json_object_set_new(d->last, "explain", vtd_explain_json_object(&d->x));
        vtd_demo_fact(d, "hpa", outcome.response.hpa);
        vtd_demo_fact(d, "fault", outcome.response.fault);
    } else {
        putchar('\n');
        vtd_explain_text(stdout, &d->x, d->colour);
    }
    vtd_explain_forget(&d->x);
    if (fault)
        vtd_demo_check(d, outcome.response.result != VTD_RESULT_OK && outcome.response.fault == fault,
                       "the request is blocked with that reason");
    else
        vtd_demo_check(d, outcome.response.result == VTD_RESULT_OK && outcome.response.hpa == hpa,
                       "the request reaches that address");
}

void vtd_demo_check(struct vtd_demo *d, bool holds, const char *what)
{
    d->wrong += !holds;
    if (!holds)
        fprintf(stderr, "vtdsim vm-demo: step %u: it should be so that %s\n", d->step, what);
}
