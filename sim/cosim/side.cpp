// SPDX-License-Identifier: MIT
//
// See side.hpp.
#include "side.hpp"

#include "vtd/vtd_regs.h"

#include <cstdio>
#include <cstring>

namespace vtdsim
{

namespace
{

side *self(void *opaque)
{
    return static_cast<side *>(opaque);
}

unsigned index_of(unsigned cache)
{
    for (unsigned i = 0; i < rtl_caches.size(); i++)
        if (static_cast<unsigned>(rtl_caches[i]) == cache)
            return i;
    return rtl_caches.size();
}

} // namespace

// ---------------------------------------------------------------- steps

bool lock_step::operator==(const lock_step &o) const
{
    return what == o.what && std::memcmp(lookups, o.lookups, sizeof lookups) == 0 &&
           std::memcmp(hits, o.hits, sizeof hits) == 0 && unit == o.unit && level == o.level && qwords == o.qwords &&
           evicts == o.evicts && snoop == o.snoop && addr == o.addr;
}

std::string lock_step::text() const
{
    static const char *const names[] = {"ends", "fills", "reads", "updates", "writes"};
    std::string s;
    for (unsigned i = 0; i < rtl_caches.size(); i++)
        if (lookups[i] != 0)
            s += std::string(vtd_cache_name(rtl_caches[i])) + " " + std::to_string(hits[i]) + "/" +
                 std::to_string(lookups[i]) + " hit, ";
    s += names[what];
    if (what == fill)
        return s + " " + vtd_cache_name(rtl_caches[unit]) + (evicts ? ", evicting" : "");
    if (what == nothing)
        return s;
    char at[80];
    std::snprintf(at, sizeof at, " at 0x%llx (%u qwords%s)", static_cast<unsigned long long>(addr), qwords,
                  snoop ? ", snooped" : "");
    s += std::string(" ") + vtd_mem_class_name(static_cast<vtd_mem_class>(unit));
    return s + (level != 0 ? " of level " + std::to_string(level) : "") + at;
}

// ---------------------------------------------------------------- what both have

side::side()
{
    char why[VTD_WHY_SIZE];
    if (vtd_memory_init(&memory, kMemory, why) != 0)
        throw std::runtime_error(why);
    vtd_frames_init(&frames, &memory, kFrames, kMemory);
    bus.opaque = this;
    bus.read32 = [](void *o, std::uint64_t at) { return static_cast<std::uint32_t>(self(o)->read(at, 4)); };
    bus.read64 = [](void *o, std::uint64_t at) { return self(o)->read(at, 8); };
    bus.write32 = [](void *o, std::uint64_t at, std::uint32_t value) { self(o)->write(at, 4, value); };
    bus.write64 = [](void *o, std::uint64_t at, std::uint64_t value) { self(o)->write(at, 8, value); };
    bus.dma_alloc = [](void *o, unsigned order, std::uint64_t *dma) -> void * {
        *dma = vtd_frames_alloc(&self(o)->frames, order);
        return *dma != 0 ? self(o)->memory.base + *dma : nullptr;
    };
    bus.dma_free = [](void *o, std::uint64_t dma, unsigned order) { vtd_frames_free(&self(o)->frames, dma, order); };
    bus.dma_to_cpu = [](void *o, std::uint64_t dma) -> void * {
        return dma >= kFrames && dma < kMemory ? self(o)->memory.base + dma : nullptr;
    };
    bus.store128 = [](void *, void *cpu, std::uint64_t low, std::uint64_t high) {
        const std::uint64_t both[2] = {low, high};
        std::memcpy(cpu, both, sizeof both);
    };
}

side::~side()
{
    vtd_memory_fini(&memory);
}

void side::start(const vtd_drv_options &options)
{
    int error = vtd_drv_create(&bus, &options, &drv);
    if (error == 0)
        error = vtd_drv_start(drv);
    if (error != 0)
        throw std::runtime_error("the driver cannot start the unit: error " + std::to_string(error));
}

void side::clear()
{
    steps.clear();
    messages.clear();
    open_ = lock_step();
}

vtd_host side::host()
{
    vtd_host h{};
    h.opaque = this;
    h.mem_base = memory.base;
    h.mem_size = memory.size;
    h.msi = [](void *o, std::uint64_t addr, std::uint32_t data) { self(o)->messages.push_back({addr, data}); };
    return h;
}

void side::looked_up(unsigned cache, bool hit)
{
    open_.lookups[cache]++;
    open_.hits[cache] = static_cast<std::uint8_t>(open_.hits[cache] + hit);
}

void side::stepped(lock_step::what_kind what, unsigned unit, std::uint64_t addr, unsigned level, unsigned qwords,
                   bool snoop)
{
    open_.what = what;
    open_.unit = static_cast<std::uint8_t>(unit);
    open_.addr = addr;
    open_.level = static_cast<std::uint8_t>(level);
    open_.qwords = static_cast<std::uint8_t>(qwords);
    open_.snoop = snoop;
    steps.push_back(open_);
    open_ = lock_step();
}

// ---------------------------------------------------------------- the model

model_side::model_side(const vtd_config &config)
{
    vtd_host h = host();
    char why[VTD_WHY_SIZE];
    h.event = [](void *o, const vtd_event *event) { static_cast<model_side *>(self(o))->on_event(*event); };
    unit = vtd_create(&config, &h, why);
    if (unit == nullptr)
        throw std::runtime_error(why);
    vtd_events_enable(unit, true);
}

model_side::~model_side()
{
    vtd_drv_destroy(drv);
    vtd_destroy(unit);
}

std::uint64_t model_side::read(std::uint64_t offset, unsigned size)
{
    return size == 8 ? vtd_mmio_read64(unit, offset) : vtd_mmio_read32(unit, offset);
}

void model_side::write(std::uint64_t offset, unsigned size, std::uint64_t value)
{
    writes++;
    if (size == 8)
        vtd_mmio_write64(unit, offset, value);
    else
        vtd_mmio_write32(unit, offset, static_cast<std::uint32_t>(value));
}

void model_side::translate(const std::vector<vtd_request> &requests, std::vector<vtd_response> &responses)
{
    responses.resize(requests.size());
    for (std::size_t i = 0; i < requests.size(); i++)
        vtd_translate(unit, &requests[i], &responses[i]);
    count_lookups();
    steps.push_back(open_);
    open_ = lock_step();
}

// Events tell of every probe; what counts as a lookup, the statistics say.
void model_side::count_lookups()
{
    vtd_stats s;
    vtd_stats_get(unit, &s);
    const std::uint64_t lookups[5] = {s.ctxt_cache_lookup, s.pasid_cache_lookup, s.iotlb_lookup, s.fs_nonleaf_lookup,
                                      s.ss_nonleaf_lookup};
    const std::uint64_t hits[5] = {s.ctxt_cache_hit, s.pasid_cache_hit, s.iotlb_hit, s.fs_nonleaf_hit,
                                   s.ss_nonleaf_hit};
    for (unsigned i = 0; i < 5; i++) {
        open_.lookups[i] = static_cast<std::uint8_t>(lookups[i] - lookups_[i]);
        open_.hits[i] = static_cast<std::uint8_t>(hits[i] - hits_[i]);
        lookups_[i] = lookups[i];
        hits_[i] = hits[i];
    }
}

void model_side::on_event(const vtd_event &e)
{
    switch (e.kind) {
    case VTD_EVENT_CACHE_EVICT:
        evicted_ = true;
        break;
    case VTD_EVENT_CACHE_FILL:
        count_lookups();
        open_.evicts = evicted_;
        evicted_ = false;
        stepped(lock_step::fill, index_of(e.unit));
        break;
    case VTD_EVENT_MEM_READ:
        count_lookups();
        stepped(lock_step::read, e.unit, e.addr, e.level, e.count, e.snoop);
        break;
    case VTD_EVENT_MEM_WRITE:
        count_lookups();
        stepped(lock_step::write, e.unit, e.addr, 0, 1, true);
        break;
    case VTD_EVENT_MEM_CAS:
        count_lookups();
        stepped(lock_step::cas, e.unit, e.addr, 0, 1, true);
        break;
    default:
        break;
    }
}

// ---------------------------------------------------------------- the RTL

rtl_side::rtl_side(const rtl_options &options) : overlaps_(options.walkers > 1)
{
    unit = rtl_unit::make(host(), options);
    unit->watch(this);
}

rtl_side::~rtl_side()
{
    try {
        vtd_drv_destroy(drv);
    } catch (const rtl_hangs &) {
        // It was said before.
    }
}

std::uint64_t rtl_side::read(std::uint64_t offset, unsigned size)
{
    return unit->read(offset, size);
}

void rtl_side::write(std::uint64_t offset, unsigned size, std::uint64_t value)
{
    writes++;
    unit->write(offset, size, value);
}

void rtl_side::translate(const std::vector<vtd_request> &requests, std::vector<vtd_response> &responses)
{
    responses.assign(requests.size(), vtd_response());
    responses_ = &responses;
    for (std::size_t i = 0; i < requests.size(); i++) {
        unit->send(requests[i], i);
        if (!overlaps_)
            unit->settle();
    }
    unit->settle();
    open_.cycle = unit->cycles();
    steps.push_back(open_);
    open_ = lock_step();
}

void rtl_side::counted(rtl_count what, vtd_cache_id cache)
{
    const unsigned i = index_of(cache);
    if (what == rtl_count::lookup)
        open_.lookups[i]++;
    else if (what == rtl_count::hit)
        open_.hits[i]++;
    else if (what == rtl_count::evict && !steps.empty())
        steps.back().evicts = true;
    else if (what == rtl_count::fill) {
        open_.cycle = unit->cycles();
        stepped(lock_step::fill, i);
    }
}

void rtl_side::accessed(const rtl_access &a)
{
    static const lock_step::what_kind kinds[] = {lock_step::read, lock_step::cas, lock_step::write};
    open_.cycle = unit->cycles();
    stepped(kinds[a.op], a.cls, a.addr, a.op == rtl_access::read ? a.level : 0, a.qwords,
            a.op == rtl_access::read ? a.snoop : true);
}

void rtl_side::responded(std::uint64_t cookie, const vtd_request &, const vtd_response &response, std::uint64_t,
                         std::uint64_t)
{
    if (responses_ != nullptr && cookie < responses_->size())
        (*responses_)[cookie] = response;
}

} // namespace vtdsim
