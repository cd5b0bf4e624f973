/* SPDX-License-Identifier: MIT */
/* Inner parts of the model, as the lockstep tests (C++) need them: headers of model/src with designators are for C only. */
#ifndef VTD_TESTS_MODEL_PORT_H
#define VTD_TESTS_MODEL_PORT_H

#include "vtd/vtd.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A request that faults (fault.h). */
struct model_fault {
    uint64_t page; /* address >> 12 */
    uint32_t pasid;
    uint16_t sid;
    uint8_t reason, access;
    bool fpd, has_pasid, priv;
};
void vtd_port_fault(struct vtd *v, const struct model_fault *f);

/* A wait descriptor with IF=1 is complete (ref 3.3). */
void vtd_port_wait_done(struct vtd *v);

/* What translation sees of the registers. */
struct model_state {
    uint64_t root, iqa, iqt;
    uint8_t ttm;
    bool te, qie, ssirwe;
};
struct model_state vtd_port_state(const struct vtd *v);

#ifdef __cplusplus
}
#endif

#endif
