// SPDX-License-Identifier: MIT
//
// The state machines of the unit, for messages.
#ifndef VTD_COSIM_STATES_HPP
#define VTD_COSIM_STATES_HPP

#include <string>
#include <vector>

namespace vtdsim
{

struct rtl_states {
    struct walker {
        unsigned step, resolve, walk, second_stage;
    };
    std::vector<walker> walkers;
    unsigned engine;
};

// "walker 0 WALK: FS_WAIT, second stage IDLE; queue engine IDLE"; walkers at rest are left out.
std::string text_of(const rtl_states &states);

// The state machines of a Verilated unit by the names that Verilator gives them; root: its rootp.
#define VTD_RTL_AT(root, i, state)                                                                                     \
    (root)->vtd_unit__DOT__u_core__DOT__u_walkers__DOT__gen_walker__BRA__##i##__KET____DOT__u_walker__DOT__##state
#define VTD_RTL_WALKER(root, i)                                                                                        \
    {                                                                                                                  \
        VTD_RTL_AT(root, i, state_q), VTD_RTL_AT(root, i, u_resolve__DOT__state_q),                                    \
            VTD_RTL_AT(root, i, u_walker__DOT__state_q), VTD_RTL_AT(root, i, u_walker__DOT__u_ss__DOT__state_q)        \
    }
#define VTD_RTL_ENGINE(root) (root)->vtd_unit__DOT__u_core__DOT__u_engine__DOT__state_q

} // namespace vtdsim

#endif
