/* SPDX-License-Identifier: MIT */
/* Decoding of the capability registers (ref 1.2, 1.3). */
#ifndef VTD_CONFIG_H
#define VTD_CONFIG_H

#include "instance.h"

void vtd_config_features(struct features *f, const struct vtd_config *cfg);

#endif
