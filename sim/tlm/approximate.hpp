// SPDX-License-Identifier: MIT
//
// Requests that are approximately timed: several in flight on each socket, with the back-pressure of the timing model.
//
// One thread, started with the first such request, does everything in the order of time: it takes a request when it
// arrives, translates it, accepts it (END_REQ) when the unit has room, does its memory access when it is translated, and
// answers (BEGIN_RESP) as the initiator has taken the answer before.
#ifndef VTD_SIM_TLM_APPROXIMATE_HPP
#define VTD_SIM_TLM_APPROXIMATE_HPP

#include "state.hpp"

namespace vtdsim
{

class approximate
{
  public:
    explicit approximate(iommu::state &s) : s_(s), sockets_(s.ports.size()) {}

    tlm::tlm_sync_enum forward(unsigned socket, payload &t, tlm::tlm_phase &phase, sc_core::sc_time &delay);
    unsigned in_flight() const
    {
        return in_flight_;
    }

  private:
    enum step_t {
        ARRIVE,
        ACCEPT,
        ACCESS,
        ANSWER,
        NEXT_ANSWER
    };
    struct step {
        step_t what;
        unsigned socket;
        payload *t;
        bool forward; // ACCESS: to memory, at hpa; else the response status is there
        std::uint64_t hpa;
    };
    struct socket_state {
        payload *requesting = nullptr; // has begun, and not been accepted
        payload *responding = nullptr; // has been answered, and the answer not been taken
        std::deque<payload *> answers; // wait for their turn
        std::set<payload *> under_way;
    };

    void at(const sc_core::sc_time &when, const step &what);
    void run();
    void carry_out(const step &todo);
    void arrive(const step &todo);
    void access(const step &todo);
    void answer(unsigned socket, payload *t);
    void answered(unsigned socket, const sc_core::sc_time &delay);
    tlm::tlm_sync_enum misuse(payload &t, const char *what);

    iommu::state &s_;
    std::vector<socket_state> sockets_;
    std::multimap<sc_core::sc_time, step> steps_;
    sc_core::sc_event more_;
    bool started_ = false;
    unsigned in_flight_ = 0;
};

} // namespace vtdsim

#endif
