/* SPDX-License-Identifier: MIT */
/*
 * A queue of equal elements that grows. See queue.h.
 */
#include <stdlib.h>
#include <string.h>

#include "queue.h"

static bool grow(struct vtd_queue *q)
{
    size_t capacity = q->capacity == 0 ? 16 : 2 * q->capacity;
    char *data = malloc(capacity * q->element);
    if (data == NULL)
        return false;
    for (size_t i = 0; i < q->count; i++)
        memcpy(data + i * q->element, q->data + ((q->head + i) & (q->capacity - 1)) * q->element, q->element);
    free(q->data);
    q->data = data;
    q->head = 0;
    q->capacity = capacity;
    return true;
}

void vtd_queue_put(struct vtd_queue *q, const void *element, size_t limit)
{
    if (q->count >= limit || (q->count == q->capacity && !grow(q))) {
        q->lost++;
        return;
    }
    memcpy(q->data + ((q->head + q->count) & (q->capacity - 1)) * q->element, element, q->element);
    q->count++;
}

bool vtd_queue_take(struct vtd_queue *q, void *element)
{
    if (q->count == 0)
        return false;
    memcpy(element, q->data + q->head * q->element, q->element);
    q->head = (q->head + 1) & (q->capacity - 1);
    q->count--;
    return true;
}

void vtd_queue_free(struct vtd_queue *q)
{
    free(q->data);
    q->data = NULL;
    q->head = q->count = q->capacity = q->lost = 0;
}
