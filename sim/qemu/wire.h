/* SPDX-License-Identifier: MIT */
/*
 * The wire protocol of QEMU's x-pci-proxy-dev (7.2): a PCI function whose configuration and BAR accesses go over a unix
 * stream socket. Little endian; a header of 16 bytes (command, padding, payload size), a payload of fixed size, and for
 * some commands file descriptors that come with the header.
 */
#ifndef VTD_QEMU_WIRE_H
#define VTD_QEMU_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Size of the buffers that receive an explanation of an error. */
#define VTD_QEMU_WHY_SIZE 256

enum vtd_qemu_command {
    VTD_QEMU_SYNC_MEMORY = 0, /* what the guest's memory is now; no reply */
    VTD_QEMU_RETURN = 1,      /* our reply */
    VTD_QEMU_CONFIG_WRITE = 2,
    VTD_QEMU_CONFIG_READ = 3,
    VTD_QEMU_BAR_WRITE = 4,
    VTD_QEMU_BAR_READ = 5,
    VTD_QEMU_SET_IRQ = 6, /* two event descriptors; no reply */
    VTD_QEMU_RESET = 7,
};

#define VTD_QEMU_WIRE_HEADER  16u
#define VTD_QEMU_WIRE_REGIONS 8u
#define VTD_QEMU_WIRE_PAYLOAD (24u * VTD_QEMU_WIRE_REGIONS) /* the largest */
#define VTD_QEMU_CONFIG_SIZE  256u

/* A range of guest memory: offset in the file of the descriptor. */
struct vtd_qemu_region {
    uint64_t gpa, size, offset;
    int fd;
};

/* A message that was checked: sizes, ranges and descriptors are as the protocol wants them. */
struct vtd_qemu_message {
    uint8_t command;
    uint8_t size;   /* of an access in bytes: configuration 1, 2, 4; BAR 1, 2, 4, 8 */
    uint64_t addr;  /* offset in configuration space, or address on the bus */
    uint64_t value; /* of a write */
    unsigned regions;
    struct vtd_qemu_region region[VTD_QEMU_WIRE_REGIONS]; /* the descriptors are the caller's to close */
};

enum vtd_qemu_wire_result {
    VTD_QEMU_WIRE_MESSAGE,
    VTD_QEMU_WIRE_WAIT,   /* there is no whole message yet */
    VTD_QEMU_WIRE_CLOSED, /* the other end is gone, between two messages */
    VTD_QEMU_WIRE_ERROR,
};

/* What of a message has arrived. Set fd, the rest to 0. */
struct vtd_qemu_wire {
    int fd;
    unsigned have; /* bytes in buffer */
    uint8_t buffer[VTD_QEMU_WIRE_HEADER + VTD_QEMU_WIRE_PAYLOAD];
    int descriptor[VTD_QEMU_WIRE_REGIONS];
    unsigned descriptors;
};

/*
 * Takes the next message, without waiting for it. why (VTD_QEMU_WHY_SIZE bytes) is filled for VTD_QEMU_WIRE_ERROR; the
 * stream is of no use then. Descriptors that message does not hand over are closed.
 */
enum vtd_qemu_wire_result vtd_qemu_wire_receive(struct vtd_qemu_wire *wire, struct vtd_qemu_message *message,
                                                char *why);

/* Whether the other end waits for a reply. */
bool vtd_qemu_wire_wants_reply(const struct vtd_qemu_message *message);

/* Replies with value. Returns 0 or a negative errno. */
int vtd_qemu_wire_reply(struct vtd_qemu_wire *wire, uint64_t value);

/* Closes the socket and descriptors that came and were not handed over. */
void vtd_qemu_wire_fini(struct vtd_qemu_wire *wire);

#ifdef __cplusplus
}
#endif
#endif
