/* SPDX-License-Identifier: MIT */
/* The steps of an explanation, as the unit tells them. See explain.h. */
#define _POSIX_C_SOURCE 200809L
#include "explain.h"

#include <stdlib.h>
#include <string.h>

void vtd_explain_forget(struct vtd_explanation *x)
{
    for (size_t i = 0; i < x->count; i++) {
        free(x->steps[i].text);
        free(x->steps[i].section);
    }
    x->count = 0;
}

void vtd_explain_free(struct vtd_explanation *x)
{
    vtd_explain_forget(x);
    free(x->steps);
    x->steps = NULL;
    x->capacity = 0;
}

bool vtd_explain_note(struct vtd_explanation *x, const struct vtd_event *event)
{
    if (x->count == x->capacity) {
        size_t capacity = x->capacity == 0 ? 64 : 2 * x->capacity;
        struct vtd_explain_step *steps = realloc(x->steps, capacity * sizeof(*steps));
        if (steps == NULL)
            return false;
        x->steps = steps;
        x->capacity = capacity;
    }
    struct vtd_explain_step *s = &x->steps[x->count++];
    *s = (struct vtd_explain_step){.event = *event, .section = strdup(event->section)};
    if (event->text != NULL)
        s->text = strdup(event->text);
    s->event.section = s->section;
    s->event.text = s->text;
    s->event.req = NULL;
    s->event.resp = NULL;
    return s->section != NULL && (event->text == NULL || s->text != NULL);
}
