/* SPDX-License-Identifier: MIT */
/*
 * A PCI function that copies memory on request: the device with which guests test their DMA through the unit.
 *
 * BAR 0 is 4 KiB of registers, little-endian, for aligned accesses of 32 bits, and of 64 bits (the low half first). Smaller
 * writes do nothing. While STATUS.BUSY is set, writes to other registers than CONTROL do nothing.
 *
 *   0x000 ID       RO  0x56544445
 *   0x004 FEATURES RO  bit 0 ATS, 1 PASID, 2 PRI; 31:16 the largest request in bytes
 *   0x008 SOURCE   RW  64-bit address; FILL: the pattern; ADD: the addend
 *   0x010 TARGET   RW  64-bit address
 *   0x018 LENGTH   RW  bytes, 1 to VTD_DMA_LENGTH_MAX
 *   0x01c PASID    RW  20 bits
 *   0x020 MODE     RW  VTD_DMA_MODE_*
 *   0x024 CONTROL  WO  VTD_DMA_START, VTD_DMA_STOP, VTD_DMA_CLEAR
 *   0x028 FLAG     RW  64-bit address, a multiple of 4, of the completion flag
 *   0x030 VALUE    RW  what the flag is set to
 *   0x034 STATUS   RO  VTD_DMA_STATUS_*
 *   0x038 MOVED    RO  64-bit: bytes since START, those of all rounds
 *   0x040 ROUNDS   RO  64-bit: finished rounds since START
 *   0x048 FAULTS   RO  refused requests since START
 *   0x04c FAULT    RO  of the first one: 3:0 VTD_DMA_FAULT_*, 11:4 code of the page response, 23:16 fault reason of the unit
 *   0x050 ADDRESS  RO  64-bit: its address
 *   0x058 RESULT   RO  64-bit: READ: sum of all bytes of a round; ADD: the value before
 *   0x060 LOST     RO  message interrupts that the unit blocked
 *
 * A transfer reads and writes in requests that never cross a page of 4 KiB. It advances in bounded steps (the function's
 * run), so that software can unmap while it goes on. Unlike a real device this one learns that its posted writes were
 * blocked, and why a request was: so tests can tell.
 */
#ifndef VTD_QEMU_DMA_ENGINE_H
#define VTD_QEMU_DMA_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#define VTD_DMA_ENGINE_VENDOR 0x1b36 /* Red Hat, whose virtual devices have small numbers */
#define VTD_DMA_ENGINE_DEVICE 0x0dad
#define VTD_DMA_ENGINE_BAR    4096u

#define VTD_DMA_ID         0x56544445u
#define VTD_DMA_REQUEST    512u
#define VTD_DMA_LENGTH_MAX 0x04000000u

/* Registers. */
enum {
    VTD_DMA_REG_ID = 0x00,
    VTD_DMA_REG_FEATURES = 0x04,
    VTD_DMA_REG_SOURCE = 0x08,
    VTD_DMA_REG_TARGET = 0x10,
    VTD_DMA_REG_LENGTH = 0x18,
    VTD_DMA_REG_PASID = 0x1c,
    VTD_DMA_REG_MODE = 0x20,
    VTD_DMA_REG_CONTROL = 0x24,
    VTD_DMA_REG_FLAG = 0x28,
    VTD_DMA_REG_VALUE = 0x30,
    VTD_DMA_REG_STATUS = 0x34,
    VTD_DMA_REG_MOVED = 0x38,
    VTD_DMA_REG_ROUNDS = 0x40,
    VTD_DMA_REG_FAULTS = 0x48,
    VTD_DMA_REG_FAULT = 0x4c,
    VTD_DMA_REG_ADDRESS = 0x50,
    VTD_DMA_REG_RESULT = 0x58,
    VTD_DMA_REG_LOST = 0x60,
    VTD_DMA_REG_END = 0x64,
};

/* FEATURES. */
#define VTD_DMA_FEATURE_ATS   0x1u
#define VTD_DMA_FEATURE_PASID 0x2u
#define VTD_DMA_FEATURE_PRI   0x4u

/* MODE. What is done is in bits 1:0. */
#define VTD_DMA_MODE_COPY     0x000u
#define VTD_DMA_MODE_FILL     0x001u /* the target, with the pattern of 8 bytes, from its first byte on */
#define VTD_DMA_MODE_READ     0x002u /* the source */
#define VTD_DMA_MODE_ADD      0x003u /* FetchAdd of 4 or 8 aligned bytes at the target */
#define VTD_DMA_MODE_OP       0x003u
#define VTD_DMA_MODE_PASID    0x010u /* requests carry the PASID */
#define VTD_DMA_MODE_PRIV     0x020u /* and ask for privileged mode */
#define VTD_DMA_MODE_NO_SNOOP 0x040u
#define VTD_DMA_MODE_PAGING   0x080u /* ask for pages that are missing, while PRI is on */
#define VTD_DMA_MODE_FLAG     0x100u /* set the flag at the end */
#define VTD_DMA_MODE_MESSAGE  0x200u /* send the message interrupt at the end */
#define VTD_DMA_MODE_REPEAT   0x400u /* round after round, until STOP */
#define VTD_DMA_MODE_GO_ON    0x800u /* leave out what is refused, instead of ending */
#define VTD_DMA_MODE_ALL      0xff3u

/* CONTROL; a write of more than one is taken as CLEAR, then STOP, then START. */
#define VTD_DMA_START 0x1u
#define VTD_DMA_STOP  0x2u /* ends a transfer at the next request */
#define VTD_DMA_CLEAR 0x4u /* STATUS and what is counted, when it is not busy */

/* STATUS. */
#define VTD_DMA_STATUS_BUSY    0x01u
#define VTD_DMA_STATUS_DONE    0x02u
#define VTD_DMA_STATUS_FAULT   0x04u /* at least one request was refused */
#define VTD_DMA_STATUS_INVALID 0x08u /* START with registers that make no sense, or without bus mastering */
#define VTD_DMA_STATUS_STOPPED 0x10u
#define VTD_DMA_STATUS_WAITING 0x20u /* with BUSY: for a page response */

/* FAULT 3:0. */
#define VTD_DMA_FAULT_SOURCE     0x1u /* a read was refused */
#define VTD_DMA_FAULT_TARGET     0x2u /* a write or atomic was refused */
#define VTD_DMA_FAULT_FLAG       0x3u /* the write of the flag was refused */
#define VTD_DMA_FAULT_NOT_MEMORY 0x8u /* with one of them: it was allowed, and there is no memory */

/* For the device's side only; programs of guests include this header without it. */
#ifndef VTD_DMA_REGISTERS_ONLY
#include "qemu/function.h"
#include "vtd/vtd.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_dma_engine_config {
    uint16_t sid;
    bool express;                         /* an integrated endpoint with 4096 bytes of configuration space */
    bool ats, pasid, pri;                 /* capabilities; need express, pri needs ats */
    struct vtd_cache_geometry device_tlb; /* 0 entries: 64, fully associative */
};

/*
 * Makes an engine at config->sid, with a requester of the host's machine. function is filled; function->destroy ends it. The
 * host must outlive it. Returns 0, or a negative errno with why filled (VTD_WHY_SIZE bytes, may be NULL): -EINVAL, -EEXIST,
 * -ENOMEM.
 */
int vtd_dma_engine_create(struct vtd_qemu_host *host, const struct vtd_dma_engine_config *config,
                          struct vtd_qemu_function *function, char *why);

#ifdef __cplusplus
}
#endif
#endif
#endif
