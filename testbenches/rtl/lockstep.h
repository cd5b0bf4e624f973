/* SPDX-License-Identifier: MIT */
/* What tests in lockstep with the model share: the model, with its events. */
#ifndef VTD_TEST_RTL_LOCKSTEP_H
#define VTD_TEST_RTL_LOCKSTEP_H

#include "vtd/vtd.h"

#include <gtest/gtest.h>

namespace lockstep
{

/* A model that tells the host of its steps; NULL with a failure of the test when it cannot be made. */
inline vtd *make_model(const vtd_config &config, const vtd_host &host)
{
    char why[VTD_WHY_SIZE];
    vtd *model = vtd_create(&config, &host, why);
    if (!model)
        ADD_FAILURE() << why;
    else
        vtd_events_enable(model, true);
    return model;
}

} // namespace lockstep

#endif
