// SPDX-License-Identifier: MIT
//
// See states.hpp. The names come from the hardware description itself (state_names.inc, made by CMakeLists.txt).
#include "states.hpp"

namespace vtdsim
{

namespace
{

#include "state_names.inc"

template <std::size_t N> std::string name(const char *const (&names)[N], unsigned state)
{
    return state < N ? names[state] : std::to_string(state);
}

} // namespace

std::string text_of(const rtl_states &states)
{
    std::string text;
    for (std::size_t i = 0; i < states.walkers.size(); i++) {
        const rtl_states::walker &w = states.walkers[i];
        if (w.step == 0)
            continue;
        const std::string step = name(kMissWalkerStates, w.step);
        text += "walker " + std::to_string(i) + " " + step;
        if (step == "RESOLVE")
            text += ": " + name(kResolveStates, w.resolve);
        else if (step == "WALK")
            text += ": " + name(kWalkerStates, w.walk) + ", second stage " + name(kWalkSsStates, w.second_stage);
        text += "; ";
    }
    if (text.empty())
        text = "walkers at rest; ";
    return text + "queue engine " + name(kInvEngineStates, states.engine);
}

} // namespace vtdsim
