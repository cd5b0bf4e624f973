// SPDX-License-Identifier: MIT
//
// Requests that are approximately timed. See approximate.hpp.
#include "approximate.hpp"

#include <algorithm>

namespace vtdsim
{

namespace
{

bool crosses_page(const payload &t)
{
    const unsigned span = std::min(t.get_streaming_width(), t.get_data_length());
    return t.get_address() % kPage + span > kPage;
}

} // namespace

tlm::tlm_sync_enum approximate::misuse(payload &t, const char *what)
{
    t.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    SC_REPORT_ERROR(kReport, (std::string(s_.top.name()) + ": " + what).c_str());
    return tlm::TLM_COMPLETED;
}

tlm::tlm_sync_enum approximate::forward(unsigned socket, payload &t, tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    socket_state &state = sockets_[socket];
    if (phase == tlm::BEGIN_REQ) {
        if (!t.has_mm())
            return misuse(t, "nb_transport_fw needs a transaction with a memory manager");
        if (state.requesting != nullptr)
            return misuse(t, "BEGIN_REQ before the END_REQ of the request before");
        if (!state.under_way.insert(&t).second)
            return misuse(t, "BEGIN_REQ of a transaction that is under way");
        t.acquire();
        state.requesting = &t;
        s_.wave.in_flight = ++in_flight_;
        at(sc_core::sc_time_stamp() + delay, {ARRIVE, socket, &t, false, 0});
        return tlm::TLM_ACCEPTED;
    }
    if (phase == tlm::END_RESP) {
        if (state.responding != &t)
            return misuse(t, "END_RESP of a transaction that was not answered");
        answered(socket, delay);
        return tlm::TLM_COMPLETED;
    }
    return misuse(t, "a phase that is not of an initiator of the base protocol");
}

void approximate::at(const sc_core::sc_time &when, const step &what)
{
    steps_.emplace(when, what); // after those of the same time
    if (!started_) {
        started_ = true;
        sc_core::sc_spawn([this] { run(); }, (std::string(s_.top.basename()) + "_requests").c_str());
    }
    more_.notify(sc_core::SC_ZERO_TIME);
}

void approximate::run()
{
    for (;;) {
        while (!steps_.empty() && steps_.begin()->first <= sc_core::sc_time_stamp()) {
            const step todo = steps_.begin()->second;
            steps_.erase(steps_.begin());
            carry_out(todo);
        }
        if (steps_.empty())
            sc_core::wait(more_);
        else
            sc_core::wait(steps_.begin()->first - sc_core::sc_time_stamp(), more_);
    }
}

void approximate::carry_out(const step &todo)
{
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time now;
    switch (todo.what) {
    case ARRIVE:
        arrive(todo);
        break;
    case ACCEPT:
        sockets_[todo.socket].requesting = nullptr;
        s_.top.upstream[todo.socket]->nb_transport_bw(*todo.t, phase, now);
        break;
    case ACCESS:
        access(todo);
        break;
    case ANSWER:
        sockets_[todo.socket].answers.push_back(todo.t);
        [[fallthrough]];
    case NEXT_ANSWER: {
        socket_state &state = sockets_[todo.socket];
        if (state.responding == nullptr && !state.answers.empty()) {
            payload *t = state.answers.front();
            state.answers.pop_front();
            answer(todo.socket, t);
        }
        break;
    }
    }
}

// Translates. What crosses a page, and what moves no data, is done as one at the time of its acceptance.
void approximate::arrive(const step &todo)
{
    payload &t = *todo.t;
    request *ext = t.get_extension<request>();
    const std::uint16_t source_id = s_.ports[todo.socket].source_id;
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    if (t.get_command() == tlm::TLM_IGNORE_COMMAND || t.get_data_length() == 0 || t.get_streaming_width() == 0 ||
        crosses_page(t) || t.get_address() >> 20 == 0xfee) {
        sc_core::sc_time delay;
        s_.go(t, ext, source_id, delay);
        at(now, {ACCEPT, todo.socket, &t, false, 0});
        at(now + delay, {ANSWER, todo.socket, &t, false, 0});
        return;
    }
    vtd_request req = s_.request_of(t, ext, source_id);
    req.len = static_cast<std::uint16_t>(std::min(t.get_data_length(), t.get_streaming_width()));
    vtd_response resp{};
    vtd_timed timed{};
    sc_core::sc_time delay;
    const bool forward = s_.translate(req, ext, t, resp, delay, &timed);
    sc_core::sc_time accepted = now, done = sc_core::sc_time_stamp() + delay;
    if (s_.timing != nullptr) {
        accepted = std::max(now, s_.time_of(timed.start));
        done = std::max(accepted, s_.time_of(timed.done));
    }
    at(accepted, {ACCEPT, todo.socket, &t, false, 0});
    at(done, {ACCESS, todo.socket, &t, forward, resp.hpa});
}

void approximate::access(const step &todo)
{
    payload &t = *todo.t;
    sc_core::sc_time delay;
    if (todo.forward) {
        const std::uint64_t addr = t.get_address();
        t.set_address(todo.hpa);
        s_.mem->b_transport(t, delay);
        t.set_address(addr);
        t.set_dmi_allowed(false);
    }
    at(sc_core::sc_time_stamp() + delay, {ANSWER, todo.socket, &t, false, 0});
}

void approximate::answer(unsigned socket, payload *t)
{
    socket_state &state = sockets_[socket];
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay;
    state.responding = t;
    const tlm::tlm_sync_enum sync = s_.top.upstream[socket]->nb_transport_bw(*t, phase, delay);
    if (state.responding != t)
        return; // END_RESP came on the forward path meanwhile
    if (sync == tlm::TLM_COMPLETED || (sync == tlm::TLM_UPDATED && phase == tlm::END_RESP))
        answered(socket, delay);
}

void approximate::answered(unsigned socket, const sc_core::sc_time &delay)
{
    socket_state &state = sockets_[socket];
    payload *t = state.responding;
    state.responding = nullptr;
    state.under_way.erase(t);
    s_.wave.in_flight = --in_flight_;
    t->release();
    at(sc_core::sc_time_stamp() + delay, {NEXT_ANSWER, socket, nullptr, false, 0});
}

tlm::tlm_sync_enum upstream_port::nb_transport_fw(payload &t, tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    if (!s->engine)
        s->engine = std::make_unique<approximate>(*s);
    return s->engine->forward(index, t, phase, delay);
}

} // namespace vtdsim
