// SPDX-License-Identifier: MIT
//
// See memory_slave.hpp.
#include "memory_slave.hpp"

#include <algorithm>
#include <cstring>

namespace vtdsim
{

namespace
{

constexpr unsigned kOkay = 0, kSlverr = 2;

} // namespace

memory_slave::memory_slave(const vtd_host &host, unsigned latency, std::uint64_t jitter)
    : host_(host), latency_(std::max(latency, 1u)), jitters_(jitter != 0), random_(jitter)
{
}

// ---------------------------------------------------------------- the host's memory

bool memory_slave::in_window(std::uint64_t addr, std::uint64_t size) const
{
    return host_.mem_base != nullptr && addr >= host_.mem_start && addr - host_.mem_start <= host_.mem_size &&
           size <= host_.mem_size - (addr - host_.mem_start);
}

bool memory_slave::load(std::uint64_t addr, std::uint64_t *data, unsigned qwords, vtd_mem_class cls, bool snoop)
{
    if (in_window(addr, 8 * qwords)) {
        const void *base = !snoop && host_.mem_unsnooped != nullptr ? host_.mem_unsnooped : host_.mem_base;
        std::memcpy(data, static_cast<const char *>(base) + (addr - host_.mem_start), 8 * qwords);
        return true;
    }
    return host_.mem_read != nullptr && host_.mem_read(host_.opaque, addr, data, 8 * qwords, cls, snoop) == 0;
}

// The unit's own writes are coherent: their line is seen by reads that do not snoop, too.
void memory_slave::made_visible(std::uint64_t addr)
{
    if (host_.mem_unsnooped == nullptr)
        return;
    const std::uint64_t at = (addr - host_.mem_start) & ~UINT64_C(63);
    const std::uint64_t size = std::min<std::uint64_t>(64, host_.mem_size - at);
    std::memcpy(static_cast<char *>(host_.mem_unsnooped) + at, static_cast<char *>(host_.mem_base) + at, size);
}

bool memory_slave::swap(std::uint64_t addr, std::uint64_t *expected, std::uint64_t desired, vtd_mem_class cls)
{
    if (!in_window(addr, 8))
        return host_.mem_cas != nullptr && host_.mem_cas(host_.opaque, addr, expected, desired, cls) == 0;
    char *at = static_cast<char *>(host_.mem_base) + (addr - host_.mem_start);
    std::uint64_t there;
    std::memcpy(&there, at, 8);
    if (there == *expected) {
        std::memcpy(at, &desired, 8);
        made_visible(addr);
    }
    *expected = there;
    return true;
}

bool memory_slave::store(std::uint64_t addr, std::uint32_t value, vtd_mem_class cls)
{
    if (!in_window(addr, 4))
        return host_.mem_write != nullptr && host_.mem_write(host_.opaque, addr, &value, 4, cls) == 0;
    std::memcpy(static_cast<char *>(host_.mem_base) + (addr - host_.mem_start), &value, 4);
    made_visible(addr);
    return true;
}

// ---------------------------------------------------------------- what the unit sends

bool memory_slave::ready()
{
    return !jitters_ || random_() % 4 != 0;
}

std::uint64_t memory_slave::due(std::uint64_t now)
{
    return now + (jitters_ ? 1 + random_() % (2 * latency_) : latency_);
}

void memory_slave::read_address(const address &a, std::uint64_t now, rtl_watcher *watcher)
{
    const auto cls = static_cast<vtd_mem_class>(a.user >> 1 & 15);
    burst b{};
    b.id = a.id;
    b.beats = a.beats;
    b.due = due(now);
    const bool there = load(a.addr, b.data, a.beats, cls, a.user & 1);
    for (unsigned &resp : b.resp)
        resp = there ? kOkay : kSlverr;
    reads_.push_back(b);
    if (watcher != nullptr)
        watcher->accessed({rtl_access::read, cls, a.id, a.user >> 5, a.beats, a.addr, b.data[0], (a.user & 1) != 0});
}

void memory_slave::write_address(const address &a)
{
    address_ = a;
    has_address_ = true;
}

void memory_slave::write_data(std::uint64_t data, unsigned strobes, bool last)
{
    data_[beats_++ & 1] = data;
    strobes_ = strobes;
    whole_ = last;
}

void memory_slave::atomic(std::uint64_t now, rtl_access &access)
{
    // At the upper half of 16 bytes the value to store comes first.
    const bool upper = access.addr >> 3 & 1;
    std::uint64_t there = data_[upper];
    const bool done = swap(access.addr, &there, data_[!upper], access.cls);
    burst b{};
    b.id = access.client;
    b.beats = 1;
    b.due = due(now);
    b.data[0] = there;
    b.resp[0] = done ? kOkay : kSlverr;
    reads_.push_back(b);
    responses_.push_back({{true, access.client, b.resp[0]}, due(now)});
    access.value = done && there == data_[upper] ? data_[!upper] : there;
}

void memory_slave::carry_out_write(std::uint64_t now, rtl_watcher *watcher)
{
    if (!has_address_ || !whole_)
        return;
    const auto cls = static_cast<vtd_mem_class>(address_.user >> 1 & 15);
    rtl_access access = {address_.atomic ? rtl_access::cas : rtl_access::write,
                         cls,
                         address_.id,
                         address_.user >> 5,
                         1,
                         address_.addr,
                         0,
                         true};
    if (address_.atomic) {
        atomic(now, access);
    } else {
        const auto value = static_cast<std::uint32_t>(strobes_ == 0xf0 ? data_[0] >> 32 : data_[0]);
        const bool done = store(access.addr, value, cls);
        access.value = value;
        responses_.push_back({{true, address_.id, done ? kOkay : kSlverr}, due(now)});
    }
    has_address_ = whole_ = false;
    beats_ = 0;
    if (watcher != nullptr)
        watcher->accessed(access);
}

// ---------------------------------------------------------------- what it is answered

const memory_slave::read_beat &memory_slave::offered_read(std::uint64_t now)
{
    if (current_.valid)
        return current_;
    // The first that is due, of those that are the oldest of their ID.
    unsigned before = 0; // a bit for each ID that has an older burst
    for (std::size_t i = 0; i < reads_.size(); i++) {
        const burst &b = reads_[i];
        if ((before >> b.id & 1) == 0 && b.due <= now) {
            current_ = {true, b.at + 1 == b.beats, b.id, b.resp[b.at], b.data[b.at]};
            current_burst_ = i;
            break;
        }
        before |= 1u << b.id;
    }
    return current_;
}

void memory_slave::take_read()
{
    if (current_.last)
        reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(current_burst_));
    else
        reads_[current_burst_].at++;
    current_.valid = false;
}

const memory_slave::write_response &memory_slave::offered_response(std::uint64_t now)
{
    for (std::size_t i = 0; !response_.valid && i < responses_.size(); i++) {
        if (responses_[i].due <= now) {
            response_ = responses_[i].response;
            current_response_ = i;
        }
    }
    return response_;
}

void memory_slave::take_response()
{
    responses_.erase(responses_.begin() + static_cast<std::ptrdiff_t>(current_response_));
    response_.valid = false;
}

void memory_slave::forget()
{
    reads_.clear();
    responses_.clear();
    current_.valid = response_.valid = false;
    has_address_ = whole_ = false;
    beats_ = 0;
}

} // namespace vtdsim
