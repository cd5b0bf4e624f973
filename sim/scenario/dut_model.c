/* SPDX-License-Identifier: MIT */
/*
 * The C model behind the interface of a device under test. The unit's callbacks only note what the unit sends:
 * endpoints answer after the call that triggered it has returned, until nothing is left to be answered.
 */
#include "dut_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../config/config.h"
#include "../platform/answers.h"
#include "../platform/memory.h"
#include "../platform/pasid_pool.h"
#include "queue.h"

#define SIDS         65536
/* Messages that wait to be taken; a scenario that lets more pile up is told so. */
#define MESSAGES_MAX 1000000

struct msi {
    uint64_t addr;
    uint32_t data;
};

struct model {
    struct vtd_sim_config cfg;
    struct vtd *unit;
    struct vtd_memory memory;
    struct vtd_pasid_pool pasids; /* behind virtual commands */
    bool has_memory;
    struct vtd_queue messages;  /* struct msi */
    struct vtd_queue to_device; /* struct vtd_to_device */
    struct vtd_answers answers;
    uint8_t answer[SIDS]; /* enum vtd_answer */
    void (*event)(void *opaque, const struct vtd_event *event);
    void *event_opaque;
};

static enum vtd_dut_status invalid(struct vtd_dut *dut, const char *why)
{
    snprintf(dut->why, sizeof(dut->why), "%s", why);
    return VTD_DUT_INVALID;
}

/* ---------------------------------------------------------------- what the unit sends */

static void on_msi(void *opaque, uint64_t addr, uint32_t data)
{
    struct model *m = opaque;
    const struct msi msi = {.addr = addr, .data = data};
    vtd_queue_put(&m->messages, &msi, MESSAGES_MAX);
}

static void on_device_tlb_inv(void *opaque, const struct vtd_device_tlb_inv *inv)
{
    struct model *m = opaque;
    struct vtd_to_device message;
    memset(&message, 0, sizeof(message));
    message.invalidate = *inv;
    vtd_queue_put(&m->to_device, &message, MESSAGES_MAX);
    vtd_answers_put(&m->answers, inv);
}

static void on_page_response(void *opaque, const struct vtd_page_response *resp)
{
    struct model *m = opaque;
    struct vtd_to_device message;
    memset(&message, 0, sizeof(message));
    message.is_response = true;
    message.page_response = *resp;
    vtd_queue_put(&m->to_device, &message, MESSAGES_MAX);
}

static unsigned on_virtual_command(void *opaque, unsigned command, uint64_t a, uint64_t b, uint64_t *result)
{
    (void)b;
    return vtd_pasid_pool_command(&((struct model *)opaque)->pasids, command, a, result);
}

static void on_event(void *opaque, const struct vtd_event *event)
{
    struct model *m = opaque;
    if (m->event != NULL)
        m->event(m->event_opaque, event);
}

/* ---------------------------------------------------------------- endpoints */

static enum vtd_answer answer_of(void *opaque, uint16_t sid)
{
    const struct model *m = opaque;
    return m->answer[sid];
}

/* Endpoints react until nothing is left that they react to. Time passes last: time-outs come after all answers. */
static void settle(struct model *m)
{
    vtd_answers_run_and_expire(&m->answers, m->unit);
}

static enum vtd_dut_status model_endpoint(struct vtd_dut *dut, uint16_t sid, enum vtd_answer answer)
{
    struct model *m = dut->state;
    m->answer[sid] = (uint8_t)(answer == VTD_ANSWER_RELEASE ? VTD_ANSWER_PROMPT : answer);
    if (answer == VTD_ANSWER_RELEASE)
        vtd_answers_release(&m->answers, sid);
    settle(m);
    return VTD_DUT_OK;
}

/* ---------------------------------------------------------------- life */

static enum vtd_dut_status model_configure(struct vtd_dut *dut, const struct vtd_sim_config *cfg)
{
    struct model *m = dut->state;
    m->cfg = *cfg;
    if (cfg->cpu_caches)
        return invalid(dut, "memory.cpu_caches: the memory of a scenario is coherent, it has no flush");
    if (vtd_memory_init(&m->memory, cfg->memory_size, dut->why) != 0)
        return VTD_DUT_INVALID;
    m->has_memory = true;
    if (vtd_pasid_pool_init(&m->pasids, vtd_pasid_pool_bits(&cfg->unit)) != 0)
        return invalid(dut, "out of memory");
    const struct vtd_host host = {
        .opaque = m,
        .mem_base = m->memory.base,
        .mem_size = m->memory.size,
        .msi = on_msi,
        .device_tlb_inv = on_device_tlb_inv,
        .page_response = on_page_response,
        .virtual_command = on_virtual_command,
        .event = on_event,
    };
    m->unit = vtd_create(&cfg->unit, &host, dut->why);
    if (m->unit == NULL)
        return VTD_DUT_INVALID;
    vtd_events_enable(m->unit, m->event != NULL);
    return VTD_DUT_OK;
}

static void model_destroy(struct vtd_dut *dut)
{
    struct model *m = dut->state;
    if (m == NULL)
        return;
    vtd_destroy(m->unit);
    if (m->has_memory)
        vtd_memory_fini(&m->memory);
    vtd_pasid_pool_fini(&m->pasids);
    vtd_queue_free(&m->messages);
    vtd_queue_free(&m->to_device);
    free(m);
    dut->state = NULL;
}

/* The unit forgets its ITags; what endpoints still hold is of no use any more. */
static enum vtd_dut_status model_reset(struct vtd_dut *dut)
{
    struct model *m = dut->state;
    vtd_reset(m->unit);
    vtd_events_enable(m->unit, m->event != NULL);
    vtd_answers_forget(&m->answers);
    return VTD_DUT_OK;
}

/* ---------------------------------------------------------------- memory and registers */

static bool in_memory(struct vtd_dut *dut, uint64_t addr, uint64_t length)
{
    const struct model *m = dut->state;
    if (vtd_memory_has(&m->memory, addr, length))
        return true;
    snprintf(dut->why, sizeof(dut->why), "0x%llx + 0x%llx bytes is beyond memory.size 0x%llx", (unsigned long long)addr,
             (unsigned long long)length, (unsigned long long)m->memory.size);
    return false;
}

static enum vtd_dut_status model_mem_load(struct vtd_dut *dut, uint64_t addr, unsigned size, uint64_t *value)
{
    const struct model *m = dut->state;
    if (!in_memory(dut, addr, size))
        return VTD_DUT_INVALID;
    return vtd_memory_read(&m->memory, addr, size, value) ? VTD_DUT_OK : invalid(dut, "SIZE must be 1, 2, 4 or 8");
}

static enum vtd_dut_status model_mem_store(struct vtd_dut *dut, uint64_t addr, unsigned size, uint64_t value)
{
    struct model *m = dut->state;
    if (!in_memory(dut, addr, size))
        return VTD_DUT_INVALID;
    return vtd_memory_write(&m->memory, addr, size, value) ? VTD_DUT_OK : invalid(dut, "SIZE must be 1, 2, 4 or 8");
}

static enum vtd_dut_status model_mem_fill(struct vtd_dut *dut, uint64_t addr, uint64_t length, uint8_t byte)
{
    struct model *m = dut->state;
    if (!in_memory(dut, addr, length))
        return VTD_DUT_INVALID;
    vtd_memory_fill(&m->memory, addr, length, byte);
    return VTD_DUT_OK;
}

static enum vtd_dut_status model_reg_read(struct vtd_dut *dut, uint64_t offset, unsigned size, uint64_t *value)
{
    struct model *m = dut->state;
    *value = size == 8 ? vtd_mmio_read64(m->unit, offset) : vtd_mmio_read32(m->unit, offset);
    return VTD_DUT_OK;
}

static enum vtd_dut_status model_reg_write(struct vtd_dut *dut, uint64_t offset, unsigned size, uint64_t value)
{
    struct model *m = dut->state;
    if (size == 8)
        vtd_mmio_write64(m->unit, offset, value);
    else
        vtd_mmio_write32(m->unit, offset, (uint32_t)value);
    settle(m);
    return VTD_DUT_OK;
}

/* ---------------------------------------------------------------- requests and messages */

static enum vtd_dut_status model_request(struct vtd_dut *dut, const struct vtd_request *req, struct vtd_response *resp)
{
    struct model *m = dut->state;
    if (vtd_translate(m->unit, req, resp) != VTD_STATUS_OK)
        return invalid(dut, "the request is not possible on a PCIe link");
    settle(m);
    return VTD_DUT_OK;
}

static enum vtd_dut_status model_page_request(struct vtd_dut *dut, const struct vtd_page_request *req,
                                              enum vtd_prq_result *result)
{
    struct model *m = dut->state;
    if (vtd_page_request_submit(m->unit, req, result) != VTD_STATUS_OK)
        return invalid(dut, "the page request is not possible on a PCIe link");
    settle(m);
    return VTD_DUT_OK;
}

static enum vtd_dut_status model_interrupt(struct vtd_dut *dut, uint16_t sid, uint64_t addr, uint32_t data,
                                           struct vtd_irq_response *resp)
{
    struct model *m = dut->state;
    if (vtd_interrupt(m->unit, sid, addr, data, resp) != VTD_STATUS_OK)
        return invalid(dut, "not an interrupt request: a DWORD write to FEEx_xxxx");
    settle(m);
    return VTD_DUT_OK;
}

static enum vtd_dut_status take(struct vtd_dut *dut, struct vtd_queue *q, void *element)
{
    if (q->lost > 0)
        return invalid(dut, "more than a million messages were left waiting");
    return vtd_queue_take(q, element) ? VTD_DUT_OK : VTD_DUT_NONE;
}

static enum vtd_dut_status model_take_msi(struct vtd_dut *dut, uint64_t *addr, uint32_t *data)
{
    struct model *m = dut->state;
    struct msi msi = {0};
    const enum vtd_dut_status status = take(dut, &m->messages, &msi);
    *addr = msi.addr;
    *data = msi.data;
    return status;
}

static enum vtd_dut_status model_take_to_device(struct vtd_dut *dut, struct vtd_to_device *message)
{
    struct model *m = dut->state;
    return take(dut, &m->to_device, message);
}

enum vtd_dut_status vtd_dut_stat_of(struct vtd_dut *dut, const struct vtd *unit, const char *name, uint64_t *value)
{
    struct vtd_stats stats;
    const char *known;
    size_t offset;
    vtd_stats_get(unit, &stats);
    for (unsigned i = 0; (known = vtd_counter_name(i, NULL, &offset)) != NULL; i++) {
        if (strcmp(known, name) == 0) {
            memcpy(value, (const char *)&stats + offset, sizeof(*value));
            return VTD_DUT_OK;
        }
    }
    snprintf(dut->why, sizeof(dut->why), "unknown counter '%.100s'", name);
    return VTD_DUT_INVALID;
}

static enum vtd_dut_status model_stat(struct vtd_dut *dut, const char *name, uint64_t *value)
{
    const struct model *m = dut->state;
    return vtd_dut_stat_of(dut, m->unit, name, value);
}

static const struct vtd_dut_ops model_ops = {
    .name = "model",
    .configure = model_configure,
    .destroy = model_destroy,
    .reset = model_reset,
    .mem_load = model_mem_load,
    .mem_store = model_mem_store,
    .mem_fill = model_mem_fill,
    .reg_read = model_reg_read,
    .reg_write = model_reg_write,
    .request = model_request,
    .page_request = model_page_request,
    .interrupt = model_interrupt,
    .endpoint = model_endpoint,
    .take_msi = model_take_msi,
    .take_to_device = model_take_to_device,
    .stat = model_stat,
};

int vtd_dut_model_create(struct vtd_dut *dut)
{
    struct model *m = calloc(1, sizeof(*m));
    *dut = (struct vtd_dut){.ops = &model_ops, .state = m};
    if (m == NULL)
        return -1;
    m->messages.element = sizeof(struct msi);
    m->to_device.element = sizeof(struct vtd_to_device);
    m->answers.host = (struct vtd_answers_host){.opaque = m, .policy = answer_of};
    return 0;
}

void vtd_dut_model_listen(struct vtd_dut *dut, void (*event)(void *opaque, const struct vtd_event *event), void *opaque)
{
    struct model *m = dut->state;
    m->event = event;
    m->event_opaque = opaque;
    if (m->unit != NULL)
        vtd_events_enable(m->unit, event != NULL);
}

struct vtd *vtd_dut_model_unit(struct vtd_dut *dut)
{
    const struct model *m = dut->state;
    return m->unit;
}
