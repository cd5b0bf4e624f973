/* SPDX-License-Identifier: MIT */
/*
 * A queue of equal elements that grows: messages that wait to be taken.
 */
#ifndef VTD_SIM_SCENARIO_QUEUE_H
#define VTD_SIM_SCENARIO_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_queue {
    char *data;
    size_t element; /* bytes of one */
    size_t head;
    size_t count;
    size_t capacity; /* a power of two */
    size_t lost;     /* put while there was no room */
};

/* Puts a copy of an element; where memory is out or `limit` wait already, it is lost and counted. */
void vtd_queue_put(struct vtd_queue *q, const void *element, size_t limit);

/* Takes the oldest; false if there is none. */
bool vtd_queue_take(struct vtd_queue *q, void *element);

void vtd_queue_free(struct vtd_queue *q);

#ifdef __cplusplus
}
#endif

#endif
