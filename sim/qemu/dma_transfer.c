/* SPDX-License-Identifier: MIT */
/* The DMA engine at work: a transfer in bounded steps, each one request of the device. See dma_engine.h. */
#include "dma_engine_internal.h"

#include <string.h>

#define PAGE 4096u

/* Requests in one call of vtd_dma_run: 64 KiB of a copy. */
#define STEPS 256u

/* Code of a page response that ends page requests (ref 2.11). */
#define RESPONSE_FAILURE 15u

/* Addresses of interrupt messages (ref 8.1). */
#define IS_MESSAGE(addr) ((addr) >> 20 == 0xfee)

/* How one request ended. */
enum step {
    STEP_DONE,
    STEP_REFUSED,
    STEP_WAITING,
};

/* ---------------------------------------------------------------- begin and end */

static uint32_t mode(const struct vtd_dma_engine *e)
{
    return e->reg[VTD_DMA_REG_MODE / 4];
}

static uint32_t operation(const struct vtd_dma_engine *e)
{
    return mode(e) & VTD_DMA_MODE_OP;
}

static bool loads(const struct vtd_dma_engine *e)
{
    return operation(e) == VTD_DMA_MODE_COPY || operation(e) == VTD_DMA_MODE_READ;
}

static bool stores(const struct vtd_dma_engine *e)
{
    return operation(e) != VTD_DMA_MODE_READ;
}

/* [addr, addr + length) does not pass the end of the address space. */
static bool is_range(uint64_t addr, uint32_t length)
{
    return addr <= UINT64_MAX - (length - 1u);
}

static bool makes_sense(const struct vtd_dma_engine *e)
{
    const uint32_t length = e->reg[VTD_DMA_REG_LENGTH / 4], m = mode(e);
    const uint64_t target = vtd_dma_get64(e, VTD_DMA_REG_TARGET);
    if (!vtd_pci_is_master(&e->pci) || length == 0 || length > VTD_DMA_LENGTH_MAX || m & ~VTD_DMA_MODE_ALL)
        return false;
    if (loads(e) && !is_range(vtd_dma_get64(e, VTD_DMA_REG_SOURCE), length))
        return false;
    if (stores(e) && !is_range(target, length))
        return false;
    if (operation(e) == VTD_DMA_MODE_ADD && ((length != 4 && length != 8) || target % length))
        return false;
    if (m & VTD_DMA_MODE_PRIV && !(m & VTD_DMA_MODE_PASID))
        return false;
    if (m & VTD_DMA_MODE_PASID &&
        (!e->pasid || !(vtd_pci_get(&e->pci, e->pasid + 6u, 2) & 1) || e->reg[VTD_DMA_REG_PASID / 4] >> 20))
        return false;
    return !(m & VTD_DMA_MODE_FLAG) || vtd_dma_get64(e, VTD_DMA_REG_FLAG) % 4 == 0;
}

static void begin_round(struct vtd_dma_engine *e)
{
    e->place = 0;
    e->phase = loads(e) ? VTD_DMA_LOAD : VTD_DMA_STORE;
    vtd_dma_set64(e, VTD_DMA_REG_RESULT, 0);
}

void vtd_dma_start(struct vtd_dma_engine *e)
{
    memset(&e->reg[VTD_DMA_REG_MOVED / 4], 0, VTD_DMA_REG_LOST - VTD_DMA_REG_MOVED);
    if (!makes_sense(e)) {
        e->reg[VTD_DMA_REG_STATUS / 4] = VTD_DMA_STATUS_INVALID;
        return;
    }
    e->reg[VTD_DMA_REG_STATUS / 4] = VTD_DMA_STATUS_BUSY;
    begin_round(e);
}

void vtd_dma_end(struct vtd_dma_engine *e, uint32_t why)
{
    if (e->waiting) {
        e->orphan[e->prgi] = true;
        e->orphans++;
        e->waiting = false;
    }
    e->phase = VTD_DMA_IDLE;
    uint32_t *status = &e->reg[VTD_DMA_REG_STATUS / 4];
    *status = (*status & VTD_DMA_STATUS_FAULT) | why;
}

/* Lets groups go that were answered after their transfer had ended. */
static void collect_orphans(struct vtd_dma_engine *e)
{
    uint8_t code;
    for (unsigned i = 0; e->orphans && i < VTD_REQUESTER_GROUPS; i++) {
        if (e->orphan[i] && vtd_requester_collect(e->requester, (uint16_t)i, &code)) {
            e->orphan[i] = false;
            e->orphans--;
        }
    }
}

static void send_message(struct vtd_dma_engine *e)
{
    uint64_t addr;
    uint32_t data;
    if (vtd_pci_msi(&e->pci, &addr, &data))
        e->reg[VTD_DMA_REG_LOST / 4] += !vtd_qemu_interrupt(e->host, e->config.sid, addr, data);
}

/* ---------------------------------------------------------------- one request */

static void note_fault(struct vtd_dma_engine *e, uint64_t addr, uint32_t fault)
{
    if (e->reg[VTD_DMA_REG_FAULTS / 4] == 0) {
        e->reg[VTD_DMA_REG_FAULT / 4] = fault;
        vtd_dma_set64(e, VTD_DMA_REG_ADDRESS, addr);
    }
    if (e->reg[VTD_DMA_REG_FAULTS / 4] != UINT32_MAX)
        e->reg[VTD_DMA_REG_FAULTS / 4]++;
    e->reg[VTD_DMA_REG_STATUS / 4] |= VTD_DMA_STATUS_FAULT;
}

static unsigned flags_of(const struct vtd_dma_engine *e)
{
    const uint32_t m = mode(e);
    return (m & VTD_DMA_MODE_PASID ? VTD_REQ_PASID : 0u) | (m & VTD_DMA_MODE_PRIV ? VTD_REQ_PRIV : 0u) |
           (m & VTD_DMA_MODE_NO_SNOOP ? VTD_REQ_NO_SNOOP : 0u);
}

/*
 * Gets the memory behind an address for an access of `length` bytes. where says who asks, for FAULT. Called again with the
 * same arguments after STEP_WAITING.
 */
static enum step reach(struct vtd_dma_engine *e, uint64_t addr, uint32_t length, enum vtd_access access, uint32_t where,
                       uint8_t **memory)
{
    struct vtd_requester_outcome out;
    enum vtd_requester_result result;
    if (e->waiting) {
        result = vtd_requester_retry(e->requester, e->prgi, &out);
    } else {
        const unsigned flags = flags_of(e);
        const struct vtd_request req = {.addr = addr,
                                        .pasid = flags & VTD_REQ_PASID ? e->reg[VTD_DMA_REG_PASID / 4] : 0,
                                        .access = (uint8_t)access,
                                        .flags = (uint8_t)flags,
                                        .len = (uint16_t)length};
        vtd_requester_set_pri(e->requester, e->pri_on && mode(e) & VTD_DMA_MODE_PAGING);
        result = vtd_requester_access(e->requester, &req, &out);
    }
    if (result == VTD_REQUESTER_DENIED && out.code == RESPONSE_FAILURE)
        e->pri_on = false;
    e->waiting = result == VTD_REQUESTER_WAITING;
    if (e->waiting) {
        e->prgi = out.prgi;
        return STEP_WAITING;
    }
    if (result == VTD_REQUESTER_BUSY)
        return STEP_WAITING;
    if (result == VTD_REQUESTER_DONE && out.resp.result == VTD_RESULT_OK) {
        *memory = vtd_qemu_ram(e->host, out.hpa, length);
        if (*memory)
            return STEP_DONE;
        where |= VTD_DMA_FAULT_NOT_MEMORY;
    }
    note_fault(e, addr, where | (uint32_t)out.code << 4 | (uint32_t)out.resp.fault << 16);
    return STEP_REFUSED;
}

/* Writes of 4 bytes to where messages go are messages. */
static enum step store_bytes(struct vtd_dma_engine *e, uint64_t addr, const uint8_t *bytes, uint32_t length,
                             uint32_t where)
{
    uint8_t *memory = NULL;
    if (IS_MESSAGE(addr) && length == 4 && !(mode(e) & VTD_DMA_MODE_PASID)) {
        const uint32_t data = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
        if (vtd_qemu_interrupt(e->host, e->config.sid, addr, data))
            return STEP_DONE;
        note_fault(e, addr, where);
        return STEP_REFUSED;
    }
    const enum step step = reach(e, addr, length, VTD_WRITE, where, &memory);
    if (step == STEP_DONE)
        memcpy(memory, bytes, length);
    return step;
}

static enum step add(struct vtd_dma_engine *e, uint64_t addr, uint32_t length)
{
    uint8_t *memory = NULL;
    const enum step step = reach(e, addr, length, VTD_ATOMIC, VTD_DMA_FAULT_TARGET, &memory);
    if (step != STEP_DONE)
        return step;
    const uint64_t addend = vtd_dma_get64(e, VTD_DMA_REG_SOURCE);
    const uint64_t before = length == 8
                                ? __atomic_fetch_add((uint64_t *)(void *)memory, addend, __ATOMIC_SEQ_CST)
                                : __atomic_fetch_add((uint32_t *)(void *)memory, (uint32_t)addend, __ATOMIC_SEQ_CST);
    vtd_dma_set64(e, VTD_DMA_REG_RESULT, before);
    return STEP_DONE;
}

/* ---------------------------------------------------------------- steps */

/* How much the next request to addr may have: up to the end of the page, of the transfer, and of what one may be. */
static uint32_t next_length(const struct vtd_dma_engine *e, uint64_t addr, uint32_t limit)
{
    const uint32_t page = PAGE - (uint32_t)(addr % PAGE);
    const uint32_t rest = e->reg[VTD_DMA_REG_LENGTH / 4] - e->place;
    uint32_t length = limit < page ? limit : page;
    return length < rest ? length : rest;
}

/* A round is over, or the transfer is. */
static void finish(struct vtd_dma_engine *e)
{
    const uint32_t m = mode(e);
    vtd_dma_set64(e, VTD_DMA_REG_ROUNDS, vtd_dma_get64(e, VTD_DMA_REG_ROUNDS) + 1);
    if (m & VTD_DMA_MODE_REPEAT) {
        begin_round(e);
        return;
    }
    vtd_dma_end(e, VTD_DMA_STATUS_DONE);
    if (m & VTD_DMA_MODE_MESSAGE)
        send_message(e);
}

/* length bytes of the round are behind us. */
static void advance(struct vtd_dma_engine *e, uint32_t length, bool moved)
{
    e->place += length;
    if (moved)
        vtd_dma_set64(e, VTD_DMA_REG_MOVED, vtd_dma_get64(e, VTD_DMA_REG_MOVED) + length);
    e->phase = loads(e) ? VTD_DMA_LOAD : VTD_DMA_STORE;
    if (e->place < e->reg[VTD_DMA_REG_LENGTH / 4])
        return;
    if (mode(e) & VTD_DMA_MODE_FLAG)
        e->phase = VTD_DMA_SIGNAL;
    else
        finish(e);
}

/* A refused request ends the transfer, with its message but without its flag, or is left out. */
static void refuse(struct vtd_dma_engine *e, uint32_t length)
{
    if (mode(e) & VTD_DMA_MODE_GO_ON) {
        advance(e, length, false);
        return;
    }
    const bool message = mode(e) & VTD_DMA_MODE_MESSAGE;
    vtd_dma_end(e, 0);
    if (message)
        send_message(e);
}

static enum step load(struct vtd_dma_engine *e)
{
    const uint64_t addr = vtd_dma_get64(e, VTD_DMA_REG_SOURCE) + e->place;
    const uint32_t length = next_length(e, addr, VTD_DMA_REQUEST);
    uint8_t *memory = NULL;
    const enum step step = reach(e, addr, length, VTD_READ, VTD_DMA_FAULT_SOURCE, &memory);
    if (step == STEP_REFUSED)
        refuse(e, length);
    if (step != STEP_DONE)
        return step;
    if (stores(e)) {
        memcpy(e->buffer, memory, length);
        e->loaded = length;
        e->phase = VTD_DMA_STORE;
        return step;
    }
    uint64_t sum = vtd_dma_get64(e, VTD_DMA_REG_RESULT);
    for (uint32_t i = 0; i < length; i++)
        sum += memory[i];
    vtd_dma_set64(e, VTD_DMA_REG_RESULT, sum);
    advance(e, length, true);
    return step;
}

/* Writes some of what was loaded, or of the pattern; a load of up to two pages of the target takes two of these. */
static enum step store(struct vtd_dma_engine *e)
{
    const uint64_t addr = vtd_dma_get64(e, VTD_DMA_REG_TARGET) + e->place;
    const bool copy = operation(e) == VTD_DMA_MODE_COPY;
    const uint32_t length = next_length(e, addr, copy ? e->loaded : VTD_DMA_REQUEST);
    enum step step;
    if (operation(e) == VTD_DMA_MODE_ADD) {
        step = add(e, addr, length);
    } else {
        if (!copy) {
            const uint64_t pattern = vtd_dma_get64(e, VTD_DMA_REG_SOURCE);
            for (uint32_t i = 0; i < length; i++)
                e->buffer[i] = (uint8_t)(pattern >> (8 * ((e->place + i) % 8)));
        }
        step = store_bytes(e, addr, e->buffer, length, VTD_DMA_FAULT_TARGET);
    }
    if (step == STEP_WAITING)
        return step;
    if (copy) {
        e->loaded -= length;
        memmove(e->buffer, e->buffer + length, e->loaded);
    }
    if (step == STEP_REFUSED)
        refuse(e, length);
    else
        advance(e, length, true);
    if (copy && e->phase == VTD_DMA_LOAD && e->loaded)
        e->phase = VTD_DMA_STORE;
    return step;
}

static enum step signal_flag(struct vtd_dma_engine *e)
{
    const uint32_t value = e->reg[VTD_DMA_REG_VALUE / 4];
    const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
    const enum step step = store_bytes(e, vtd_dma_get64(e, VTD_DMA_REG_FLAG), bytes, 4, VTD_DMA_FAULT_FLAG);
    if (step != STEP_WAITING)
        finish(e);
    return step;
}

bool vtd_dma_run(void *self)
{
    struct vtd_dma_engine *e = self;
    uint32_t *status = &e->reg[VTD_DMA_REG_STATUS / 4];
    collect_orphans(e);
    enum step step = STEP_DONE;
    for (unsigned i = 0; i < STEPS && e->phase != VTD_DMA_IDLE && step != STEP_WAITING; i++) {
        if (!vtd_pci_is_master(&e->pci)) { /* taken away in between */
            vtd_dma_end(e, VTD_DMA_STATUS_STOPPED);
            break;
        }
        if (e->phase == VTD_DMA_LOAD)
            step = load(e);
        else if (e->phase == VTD_DMA_STORE)
            step = store(e);
        else
            step = signal_flag(e);
    }
    if (e->phase == VTD_DMA_IDLE)
        return false;
    *status = step == STEP_WAITING ? *status | VTD_DMA_STATUS_WAITING : *status & ~VTD_DMA_STATUS_WAITING;
    return step != STEP_WAITING;
}
