// SPDX-License-Identifier: MIT
//
// A lockstep run from its options to its result. See lockstep.h.
#include "lockstep.h"

#include "player.hpp"

#include <cstdio>

namespace
{

using namespace vtdsim;

rtl_options rtl_options_of(const vtd_lockstep_options &o)
{
    rtl_options r;
    r.walkers = o.walkers;
    r.latency = o.latency;
    r.jitter = o.walkers > 1 ? o.seed + 1 : 0;
    r.trace = o.trace != nullptr ? o.trace : "";
    r.trace_from = o.trace_from;
    r.trace_to = o.trace_to;
    r.states_at = o.states_at;
    return r;
}

void finish(const rtl_side &rtl, const model_side &model, vtd_lockstep_result &result)
{
    result.cycles = rtl.unit->cycles();
    result.writes = model.writes;
    std::snprintf(result.states, sizeof result.states, "%s", rtl.unit->states_then().c_str());
}

} // namespace

int vtd_lockstep_run(const struct vtd_lockstep_options *options, struct vtd_lockstep_result *result)
{
    *result = vtd_lockstep_result();
    try {
        rtl_side rtl(rtl_options_of(*options));
        vtd_config config;
        rtl.unit->describe(config);
        model_side model(config);
        rtl.clear();
        try {
            player(*options, model, rtl, *result).play();
        } catch (const lock_difference &d) {
            result->differs = true;
            result->at_cycle = d.cycle;
            std::snprintf(result->what, sizeof result->what, "%s", d.what());
        } catch (const rtl_hangs &h) {
            result->differs = true;
            result->at_cycle = rtl.unit->cycles();
            std::snprintf(result->what, sizeof result->what, "action %llu: %s",
                          static_cast<unsigned long long>(result->actions), h.what());
        }
        if (result->differs) // the rest of the waveform
            for (unsigned i = 0; i < 50; i++)
                rtl.unit->cycle();
        finish(rtl, model, *result);
        return 0;
    } catch (const std::exception &e) {
        std::snprintf(result->what, sizeof result->what, "%s", e.what());
        return -1;
    }
}
