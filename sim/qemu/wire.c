/* SPDX-License-Identifier: MIT */
/* The wire protocol of x-pci-proxy-dev. See wire.h. Nothing that arrives is trusted before check_* has seen it. */
#include "wire.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Payload of each command, in bytes. */
static const uint16_t payload_size[] = {
    [VTD_QEMU_SYNC_MEMORY] = 24 * VTD_QEMU_WIRE_REGIONS,
    [VTD_QEMU_RETURN] = 8,
    [VTD_QEMU_CONFIG_WRITE] = 12,
    [VTD_QEMU_CONFIG_READ] = 12,
    [VTD_QEMU_BAR_WRITE] = 24,
    [VTD_QEMU_BAR_READ] = 24,
    [VTD_QEMU_SET_IRQ] = 0,
    [VTD_QEMU_RESET] = 0,
};
#define COMMANDS (sizeof(payload_size) / sizeof(*payload_size))

static uint64_t le(const uint8_t *p, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;)
        value = value << 8 | p[i];
    return value;
}

static void close_descriptors(struct vtd_qemu_wire *w)
{
    for (unsigned i = 0; i < w->descriptors; i++)
        close(w->descriptor[i]);
    w->descriptors = 0;
}

/* Descriptors that came; more than a message may have are closed and counted. */
static void keep_descriptors(struct vtd_qemu_wire *w, struct msghdr *header)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        const unsigned count = (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (unsigned i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
            if (w->descriptors < VTD_QEMU_WIRE_REGIONS)
                w->descriptor[w->descriptors++] = fd;
            else
                close(fd);
        }
    }
}

/* Reads until there are want bytes. Descriptors may come only with the first byte of a message. */
static enum vtd_qemu_wire_result fill(struct vtd_qemu_wire *w, unsigned want, char *why)
{
    while (w->have < want) {
        union {
            struct cmsghdr align;
            char bytes[CMSG_SPACE(sizeof(int) * VTD_QEMU_WIRE_REGIONS)];
        } control;
        struct iovec part = {.iov_base = w->buffer + w->have, .iov_len = want - w->have};
        struct msghdr header = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)};
        const ssize_t got = recvmsg(w->fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return VTD_QEMU_WIRE_WAIT;
        if (got < 0) {
            snprintf(why, VTD_QEMU_WHY_SIZE, "cannot read from QEMU: %s", strerror(errno));
            return VTD_QEMU_WIRE_ERROR;
        }
        if (got == 0 && w->have == 0)
            return VTD_QEMU_WIRE_CLOSED;
        if (got == 0) {
            snprintf(why, VTD_QEMU_WHY_SIZE, "QEMU went away inside of a message: %u bytes of %u", w->have, want);
            return VTD_QEMU_WIRE_ERROR;
        }
        const unsigned before = w->descriptors;
        keep_descriptors(w, &header);
        if ((header.msg_flags & MSG_CTRUNC) || (w->descriptors != before && w->have != 0)) {
            snprintf(why, VTD_QEMU_WHY_SIZE, "file descriptors of QEMU where no message begins, or more than %u",
                     VTD_QEMU_WIRE_REGIONS);
            return VTD_QEMU_WIRE_ERROR;
        }
        w->have += (unsigned)got;
    }
    return VTD_QEMU_WIRE_MESSAGE;
}

/* ---------------------------------------------------------------- checks */

static bool check_access(struct vtd_qemu_message *m, bool config, int64_t size, char *why)
{
    const bool known = size == 1 || size == 2 || size == 4 || (size == 8 && !config);
    if (!known || (config && m->addr > VTD_QEMU_CONFIG_SIZE - (uint64_t)size) ||
        m->addr > UINT64_MAX - ((uint64_t)size - 1)) {
        snprintf(why, VTD_QEMU_WHY_SIZE, "QEMU asks for %lld bytes at 0x%llx of %s", (long long)size,
                 (unsigned long long)m->addr, config ? "configuration space" : "a BAR");
        return false;
    }
    m->size = (uint8_t)size;
    return true;
}

static bool check_config(const uint8_t *p, struct vtd_qemu_message *m, char *why)
{
    m->addr = le(p, 4);
    m->value = le(p + 4, 4);
    return check_access(m, true, (int32_t)le(p + 8, 4), why);
}

static bool check_bar(const uint8_t *p, struct vtd_qemu_message *m, char *why)
{
    m->addr = le(p, 8);
    m->value = le(p + 8, 8);
    if (p[20] == 1)
        return check_access(m, false, (int64_t)le(p + 16, 4), why);
    snprintf(why, VTD_QEMU_WHY_SIZE, "QEMU accesses a BAR that is not memory");
    return false;
}

static void take_regions(struct vtd_qemu_wire *w, const uint8_t *p, struct vtd_qemu_message *m)
{
    m->regions = w->descriptors;
    for (unsigned i = 0; i < m->regions; i++)
        m->region[i] = (struct vtd_qemu_region){
            .gpa = le(p + 8 * i, 8),
            .size = le(p + 8 * (VTD_QEMU_WIRE_REGIONS + i), 8),
            .offset = le(p + 8 * (2 * VTD_QEMU_WIRE_REGIONS + i), 8),
            .fd = w->descriptor[i],
        };
    w->descriptors = 0;
}

/* The header is there: is it one that QEMU may send? */
static bool check_header(const struct vtd_qemu_wire *w, char *why)
{
    const uint32_t command = (uint32_t)le(w->buffer, 4);
    const uint64_t size = le(w->buffer + 8, 8);
    if (command >= COMMANDS || command == VTD_QEMU_RETURN) {
        snprintf(why, VTD_QEMU_WHY_SIZE, "QEMU sends command %u, which is not known", command);
        return false;
    }
    if (size != payload_size[command]) {
        snprintf(why, VTD_QEMU_WHY_SIZE, "QEMU sends command %u with %llu bytes instead of %u", command,
                 (unsigned long long)size, payload_size[command]);
        return false;
    }
    const bool some = command == VTD_QEMU_SYNC_MEMORY || command == VTD_QEMU_SET_IRQ;
    if (w->descriptors != 0 && !some) {
        snprintf(why, VTD_QEMU_WHY_SIZE, "QEMU sends command %u with file descriptors", command);
        return false;
    }
    return true;
}

enum vtd_qemu_wire_result vtd_qemu_wire_receive(struct vtd_qemu_wire *w, struct vtd_qemu_message *m, char *why)
{
    enum vtd_qemu_wire_result result = VTD_QEMU_WIRE_MESSAGE;
    if (w->have < VTD_QEMU_WIRE_HEADER)
        result = fill(w, VTD_QEMU_WIRE_HEADER, why);
    if (result == VTD_QEMU_WIRE_MESSAGE && !check_header(w, why))
        result = VTD_QEMU_WIRE_ERROR;
    if (result == VTD_QEMU_WIRE_MESSAGE)
        result = fill(w, VTD_QEMU_WIRE_HEADER + (unsigned)le(w->buffer + 8, 8), why);
    if (result == VTD_QEMU_WIRE_ERROR)
        close_descriptors(w);
    if (result != VTD_QEMU_WIRE_MESSAGE)
        return result;

    const uint8_t *p = w->buffer + VTD_QEMU_WIRE_HEADER;
    bool good = true;
    *m = (struct vtd_qemu_message){.command = (uint8_t)le(w->buffer, 4)};
    if (m->command == VTD_QEMU_CONFIG_READ || m->command == VTD_QEMU_CONFIG_WRITE)
        good = check_config(p, m, why);
    else if (m->command == VTD_QEMU_BAR_READ || m->command == VTD_QEMU_BAR_WRITE)
        good = check_bar(p, m, why);
    else if (m->command == VTD_QEMU_SYNC_MEMORY)
        take_regions(w, p, m);
    close_descriptors(w); /* the event descriptors: only a hypervisor in the kernel would listen to them */
    w->have = 0;
    return good ? VTD_QEMU_WIRE_MESSAGE : VTD_QEMU_WIRE_ERROR;
}

/* ---------------------------------------------------------------- replies */

bool vtd_qemu_wire_wants_reply(const struct vtd_qemu_message *m)
{
    return m->command != VTD_QEMU_SYNC_MEMORY && m->command != VTD_QEMU_SET_IRQ;
}

int vtd_qemu_wire_reply(struct vtd_qemu_wire *w, uint64_t value)
{
    uint8_t reply[VTD_QEMU_WIRE_HEADER + 8] = {VTD_QEMU_RETURN, [8] = 8};
    for (unsigned i = 0; i < 8; i++)
        reply[VTD_QEMU_WIRE_HEADER + i] = (uint8_t)(value >> 8 * i);
    for (size_t sent = 0; sent < sizeof(reply);) {
        const ssize_t n = send(w->fd, reply + sent, sizeof(reply) - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return -errno;
        sent += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

void vtd_qemu_wire_fini(struct vtd_qemu_wire *w)
{
    close_descriptors(w);
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}
