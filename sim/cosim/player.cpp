// SPDX-License-Identifier: MIT
//
// What must be the same after each action. See player.hpp.
#include "player.hpp"

#include "vtd/vtd_regs.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace vtdsim
{

namespace
{

constexpr std::uint64_t kRecords = 0x220, kRecordsEnd = 0x2a0; // CAP.FRO, CAP.NFR

std::string hex(std::uint64_t value)
{
    char text[32];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

std::string text_of(const vtd_request &q)
{
    static const char *const kinds[] = {"read", "write", "exec", "atomic"};
    std::string s = std::string(q.len == 0 ? "zero-length " : "") + kinds[q.access & 3] + " sid " + hex(q.sid);
    if (q.flags & VTD_REQ_PASID)
        s += " pasid " + hex(q.pasid);
    if (q.flags & VTD_REQ_PRIV)
        s += " privileged";
    return s + " addr " + hex(q.addr);
}

std::string text_of(const vtd_response &r)
{
    static const char *const results[] = {"OK", "UR", "CA", "interrupt"};
    return std::string(results[r.result & 3]) + (r.fault != 0 ? std::string(" ") + vtd_fault_name(r.fault) : "") +
           " hpa " + hex(r.hpa) + " page 2^" + std::to_string(r.page_shift) + " attr " + hex(r.attr);
}

} // namespace

void player::differ(const std::string &what, std::uint64_t cycle)
{
    throw lock_difference("action " + std::to_string(result_.actions) + ", after " + std::to_string(result_.requests) +
                              " requests: " + what,
                          cycle != 0 ? cycle : rtl_.unit->cycles());
}

void player::compare_steps(const char *what)
{
    const auto &a = model_.steps, &b = rtl_.steps;
    result_.steps += a.size();
    for (std::size_t i = 0; i < a.size() || i < b.size(); i++) {
        if (i < a.size() && i < b.size() && a[i] == b[i])
            continue;
        std::string text = std::string(what) + ", step " + std::to_string(i + 1) + ":";
        text += "\n  model: " + (i < a.size() ? a[i].text() : std::string("nothing more"));
        text += "\n  RTL:   " + (i < b.size() ? b[i].text() : std::string("nothing more"));
        if (i > 0)
            text += "\n  step before, the same on both: " + a[i - 1].text();
        differ(text, i < b.size() ? b[i].cycle : 0);
    }
}

void player::compare_registers(const char *what)
{
    static const unsigned offsets[] = {VTD_REG_GSTS,   VTD_REG_FSTS,   VTD_REG_FECTL,  VTD_REG_FEDATA, VTD_REG_FEADDR,
                                       VTD_REG_RTADDR, VTD_REG_IQH,    VTD_REG_IQT,    VTD_REG_IQA,    VTD_REG_ICS,
                                       VTD_REG_IECTL,  VTD_REG_IEDATA, VTD_REG_IEADDR, VTD_REG_IQERCD};
    const auto check = [&](unsigned offset, unsigned size) {
        const std::uint64_t a = model_.read(offset, size), b = rtl_.read(offset, size);
        if (a != b)
            differ(std::string(what) + ": register " + hex(offset) + " is " + hex(a) + " in the model and " + hex(b) +
                   " in the RTL");
    };
    for (const unsigned offset : offsets)
        check(offset, 4);
    for (unsigned offset = kRecords; options_.walkers == 1 && offset < kRecordsEnd; offset += 8)
        check(offset, 8);
}

void player::compare_memory(const char *what)
{
    const std::uint64_t end = model_.frames.next;
    if (end != rtl_.frames.next)
        differ(std::string(what) + ": the driver took other pages");
    if (std::memcmp(model_.memory.base + side::kFrames, rtl_.memory.base + side::kFrames, end - side::kFrames) == 0)
        return;
    for (std::uint64_t at = side::kFrames; at < end; at += 8) {
        std::uint64_t a = 0, b = 0;
        vtd_memory_read(&model_.memory, at, 8, &a);
        vtd_memory_read(&rtl_.memory, at, 8, &b);
        if (a != b)
            differ(std::string(what) + ": memory at " + hex(at) + " holds " + hex(a) + " beside the model and " +
                   hex(b) + " beside the RTL");
    }
}

// With several walkers the order of steps is free; results are not.
void player::compare(const char *what)
{
    if (options_.walkers == 1)
        compare_steps(what);
    if (!(model_.messages == rtl_.messages))
        differ(std::string(what) + ": " + std::to_string(model_.messages.size()) + " messages of the model, " +
               std::to_string(rtl_.messages.size()) + " of the RTL, or others");
    result_.messages += model_.messages.size();
    model_.clear();
    rtl_.clear();
}

void player::compare_response(const vtd_request &q, const vtd_response &a, const vtd_response &b)
{
    const bool same_interrupt = a.result != VTD_RESULT_INTERRUPT ||
                                (a.irq.result == b.irq.result && a.irq.dest == b.irq.dest &&
                                 a.irq.vector == b.irq.vector && a.irq.delivery_mode == b.irq.delivery_mode);
    if (a.result == b.result && a.fault == b.fault && a.hpa == b.hpa && a.page_shift == b.page_shift &&
        a.attr == b.attr && same_interrupt)
        return;
    differ(text_of(q) + "\n  model: " + text_of(a) + "\n  RTL:   " + text_of(b));
}

// Requests side by side may be recorded in any order: which of them an overflow loses is then free. So there is none.
void player::cut_before_overflow(std::vector<vtd_request> &wanted, std::vector<vtd_response> &responses)
{
    std::vector<vtd_request> taken;
    std::vector<vtd_response> answers;
    unsigned faults = 0;
    for (const vtd_request &q : wanted) {
        model_.translate({q}, responses);
        taken.push_back(q);
        answers.push_back(responses[0]);
        faults += responses[0].fault != 0;
        if (faults == (kRecordsEnd - kRecords) / 16)
            break;
    }
    wanted.swap(taken);
    responses.swap(answers);
}

void player::requests(unsigned count)
{
    std::vector<vtd_request> wanted;
    std::vector<vtd_response> a, b;
    if (options_.walkers > 1)
        handle_faults();
    for (unsigned i = 0; i < count; i++)
        wanted.push_back(some_request());
    if (options_.walkers == 1) {
        // One at a time, so that a difference stands where it begins.
        for (const vtd_request &q : wanted) {
            model_.translate({q}, a);
            rtl_.translate({q}, b);
            result_.requests++;
            result_.faults += a[0].fault != 0;
            compare_response(q, a[0], b[0]);
            compare(text_of(q).c_str());
        }
        return;
    }
    cut_before_overflow(wanted, a);
    rtl_.translate(wanted, b);
    for (std::size_t i = 0; i < wanted.size(); i++) {
        result_.requests++;
        result_.faults += a[i].fault != 0;
        compare_response(wanted[i], a[i], b[i]);
    }
    compare("requests side by side");
    handle_faults();
}

void player::handle_faults()
{
    using record = std::vector<std::uint64_t>;
    std::vector<record> records[2];
    unsigned turn = 0;
    both("handling faults", [&](side &s) {
        bool overflow = false;
        const auto keep = [](void *to, const vtd_drv_fault *f) {
            static_cast<std::vector<record> *>(to)->push_back(
                {f->addr, f->sid, f->pasid, f->reason, f->type, f->at, f->has_pasid, f->privileged, f->execute});
        };
        const int n = vtd_drv_handle_faults(s.drv, keep, &records[turn++], &overflow);
        return 2 * n + overflow;
    });
    if (options_.walkers > 1)
        for (auto &r : records)
            std::sort(r.begin(), r.end());
    if (records[0] != records[1])
        differ("the fault records differ");
}

player::player(const vtd_lockstep_options &options, model_side &model, rtl_side &rtl, vtd_lockstep_result &result)
    : options_(options), model_(model), rtl_(rtl), result_(result), random_(options.seed)
{
    vtd_drv_options o{};
    o.haw = 46;
    o.ss_ad = ssade_ = chance(50);
    o.no_preset_ad = chance(70);
    o.queue_size = static_cast<std::uint8_t>(below(3));
    o.flush = static_cast<std::uint8_t>(below(3));
    o.event_address = 0xfee01000;
    o.event_data = 0x51;
    model_.start(o);
    rtl_.start(o);
    compare("start");
    tables_ = model_.frames.next;
    create_domains();
}

// Another page in a table entry beside the model only.
void player::plant()
{
    for (unsigned i = 0; i < 1000; i++) {
        std::uint64_t value = 0;
        const std::uint64_t at = tables_ + below((model_.frames.next - tables_) / 8) * 8;
        vtd_memory_read(&model_.memory, at, 8, &value);
        if (value != 0) {
            vtd_memory_write(&model_.memory, at, 8, value ^ 0x1000);
            return;
        }
    }
}

void player::play()
{
    while (result_.requests < options_.requests) {
        result_.actions++;
        if (options_.plant != 0 && result_.actions >= options_.plant)
            plant();
        act();
        if (result_.actions % 16 == 0) {
            compare_registers("after the action");
            if (options_.plant == 0)
                compare_memory("after the action");
        }
    }
    compare_registers("at the end");
    compare_memory("at the end");
}

} // namespace vtdsim
