/* SPDX-License-Identifier: MIT */
/*
 * A stream of lines to and from QEMU: its qtest socket, its monitor, its serial console, its messages. Nothing here waits:
 * what cannot be sent yet is kept, and what has arrived is handed over line by line.
 */
#ifndef VTD_QEMU_CHANNEL_H
#define VTD_QEMU_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_QEMU_LINE_MAX 1024u /* longer lines come in pieces */

struct vtd_qemu_channel {
    int fd; /* not blocking; -1: closed, or never open */
    unsigned have;
    char line[VTD_QEMU_LINE_MAX + 1];
    size_t pending; /* bytes in out that are not sent yet */
    char out[32768];
};

/* A line without its end; control characters are replaced by '?'. */
typedef void vtd_qemu_line(void *opaque, const char *line);

/* Begins with descriptor fd, which becomes the channel's. */
void vtd_qemu_channel_init(struct vtd_qemu_channel *c, int fd);

/* Hands over all lines that have arrived. Returns false when the other end is gone: the rest of a line was handed over. */
bool vtd_qemu_channel_read(struct vtd_qemu_channel *c, vtd_qemu_line *line, void *opaque);

/* Sends text, now or later. False: the other end is gone, or does not read. */
bool vtd_qemu_channel_send(struct vtd_qemu_channel *c, const char *text);

/* Sends what is kept. False as for vtd_qemu_channel_send. */
bool vtd_qemu_channel_flush(struct vtd_qemu_channel *c);

void vtd_qemu_channel_fini(struct vtd_qemu_channel *c);

#ifdef __cplusplus
}
#endif
#endif
