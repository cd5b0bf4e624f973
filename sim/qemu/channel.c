/* SPDX-License-Identifier: MIT */
/* Streams of lines to and from QEMU. See channel.h. */
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void vtd_qemu_channel_init(struct vtd_qemu_channel *c, int fd)
{
    c->fd = fd;
    c->have = 0;
    c->pending = 0;
    if (fd >= 0)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void hand_over(struct vtd_qemu_channel *c, vtd_qemu_line *line, void *opaque)
{
    c->line[c->have] = '\0';
    c->have = 0;
    line(opaque, c->line);
}

static void take(struct vtd_qemu_channel *c, char byte, vtd_qemu_line *line, void *opaque)
{
    if (byte == '\n') {
        hand_over(c, line, opaque);
        return;
    }
    if (byte == '\r')
        return;
    if (c->have == VTD_QEMU_LINE_MAX)
        hand_over(c, line, opaque);
    const bool control = ((unsigned char)byte < 0x20 && byte != '\t') || byte == 0x7f;
    c->line[c->have++] = control ? '?' : byte;
}

bool vtd_qemu_channel_read(struct vtd_qemu_channel *c, vtd_qemu_line *line, void *opaque)
{
    char bytes[4096];
    while (c->fd >= 0) {
        const ssize_t got = read(c->fd, bytes, sizeof(bytes));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return true;
        if (got <= 0)
            break;
        for (ssize_t i = 0; i < got; i++)
            take(c, bytes[i], line, opaque);
    }
    if (c->have != 0)
        hand_over(c, line, opaque);
    return false;
}

bool vtd_qemu_channel_flush(struct vtd_qemu_channel *c)
{
    while (c->fd >= 0 && c->pending != 0) {
        const ssize_t sent = send(c->fd, c->out, c->pending, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        c->pending -= (size_t)sent;
        memmove(c->out, c->out + sent, c->pending);
    }
    return c->fd >= 0;
}

bool vtd_qemu_channel_send(struct vtd_qemu_channel *c, const char *text)
{
    const size_t size = strlen(text);
    if (size > sizeof(c->out) - c->pending)
        return false;
    memcpy(c->out + c->pending, text, size);
    c->pending += size;
    return vtd_qemu_channel_flush(c);
}

void vtd_qemu_channel_fini(struct vtd_qemu_channel *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}
