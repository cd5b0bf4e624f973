/* SPDX-License-Identifier: MIT */
/* The invalidation queue (ref 3), and global invalidation, which registers also ask for (ref 1.4, 1.6). */
#ifndef VTD_INVQ_H
#define VTD_INVQ_H

#include "instance.h"

/* Fetches and executes descriptors until the queue is empty, in error, or held up by a device. */
void vtd_invq_run(struct vtd *v);

/* QIE went from 1 to 0 (ref 1.4). */
void vtd_invq_disable(struct vtd *v);

/* All DMA translation caches (SRTP with ESRTPS, TE off; ref 6.3). */
void vtd_invq_invalidate_everything(struct vtd *v);

#endif
