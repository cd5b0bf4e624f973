/* SPDX-License-Identifier: MIT */
/* Decoding of the capability registers (ref 1.2, 1.3). */
#ifndef VTD_CONFIG_H
#define VTD_CONFIG_H

#include "instance.h"

/* What the model does not have (docs/03_reference/conformance.md). */
#define UNMODELLED_CAP UINT64_C(0)
#define UNMODELLED_ECAP                                                                                                \
    (vtd_reg_ecap_put_mts(1) | vtd_reg_ecap_put_tdxcs(1) | vtd_reg_ecap_put_hpts(1) | vtd_reg_ecap_put_hpt1gps(1) |    \
     vtd_reg_ecap_put_rdts(1))

void vtd_config_features(struct features *f, const struct vtd_config *cfg);

#endif
