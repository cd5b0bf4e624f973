/* SPDX-License-Identifier: MIT */
/*
 * The interface that every device under test implements: the C model, and whatever else behaves like a remapping unit
 * with some memory and devices around it. Scenarios are run against it (scenario.h) and must give the same verdict on
 * each.
 *
 * Every operation returns an enum vtd_dut_status; with VTD_DUT_INVALID it says what is wrong in vtd_dut.why. An
 * operation that is NULL is one that this device does not support. An operation is complete, with all its effects,
 * when it returns.
 */
#ifndef VTD_SIM_DUT_H
#define VTD_SIM_DUT_H

#include "platform/answers.h"
#include "vtd/vtd.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_sim_config;
struct vtd_dut;

enum vtd_dut_status {
    VTD_DUT_OK = 0,
    VTD_DUT_NONE,        /* a queue that is taken from is empty */
    VTD_DUT_UNSUPPORTED, /* not supported by this device */
    VTD_DUT_INVALID,     /* the operation makes no sense: why says what is wrong */
};

/* A message of the unit to an endpoint. */
struct vtd_to_device {
    bool is_response; /* page_response is valid, else invalidate */
    struct vtd_device_tlb_inv invalidate;
    struct vtd_page_response page_response;
};

struct vtd_dut_ops {
    const char *name; /* for messages: "model" */

    /* Builds the unit and its memory in their power-on state. Once, before anything else but destroy. */
    enum vtd_dut_status (*configure)(struct vtd_dut *dut, const struct vtd_sim_config *cfg);
    /* Frees everything; also without configure. */
    void (*destroy)(struct vtd_dut *dut);
    /* Power-on reset of the unit: memory, configuration, endpoints and messages that were sent stay. */
    enum vtd_dut_status (*reset)(struct vtd_dut *dut);

    /* System memory; size 1, 2, 4 or 8, any alignment, little endian. Beyond the memory: VTD_DUT_INVALID. */
    enum vtd_dut_status (*mem_load)(struct vtd_dut *dut, uint64_t addr, unsigned size, uint64_t *value);
    enum vtd_dut_status (*mem_store)(struct vtd_dut *dut, uint64_t addr, unsigned size, uint64_t value);
    enum vtd_dut_status (*mem_fill)(struct vtd_dut *dut, uint64_t addr, uint64_t length, uint8_t byte);

    /* Registers; size 4 or 8. Unaligned or outside the block: writes are dropped, reads give 0 (ref 1). */
    enum vtd_dut_status (*reg_read)(struct vtd_dut *dut, uint64_t offset, unsigned size, uint64_t *value);
    enum vtd_dut_status (*reg_write)(struct vtd_dut *dut, uint64_t offset, unsigned size, uint64_t value);

    /* Requests of devices: untranslated, translation and translated ones by req->at (ref 4.1), page requests (ref
     * 7.1) and interrupt requests (ref 8.1). */
    enum vtd_dut_status (*request)(struct vtd_dut *dut, const struct vtd_request *req, struct vtd_response *resp);
    enum vtd_dut_status (*page_request)(struct vtd_dut *dut, const struct vtd_page_request *req,
                                        enum vtd_prq_result *result);
    enum vtd_dut_status (*interrupt)(struct vtd_dut *dut, uint16_t sid, uint64_t addr, uint32_t data,
                                     struct vtd_irq_response *resp);

    /* How endpoint sid answers device-TLB invalidations from here on (ref 7.3). */
    enum vtd_dut_status (*endpoint)(struct vtd_dut *dut, uint16_t sid, enum vtd_answer answer);

    /* Takes the oldest message interrupt of the unit itself, or the oldest message to an endpoint; VTD_DUT_NONE if none
     * waits. */
    enum vtd_dut_status (*take_msi)(struct vtd_dut *dut, uint64_t *addr, uint32_t *data);
    enum vtd_dut_status (*take_to_device)(struct vtd_dut *dut, struct vtd_to_device *message);

    /* A statistics counter by its name in defs/counters.def; unknown: VTD_DUT_INVALID. */
    enum vtd_dut_status (*stat)(struct vtd_dut *dut, const char *name, uint64_t *value);
};

/* A device under test: what it can do, and its state. */
struct vtd_dut {
    const struct vtd_dut_ops *ops;
    void *state;
    char why[VTD_WHY_SIZE];
};

#ifdef __cplusplus
}
#endif
#endif
