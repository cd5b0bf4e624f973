// SPDX-License-Identifier: MIT
//
// What software and devices do in a lockstep run. See player.hpp.
#include "player.hpp"

#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

namespace vtdsim
{

namespace
{

constexpr std::uint64_t kPage = 4096, k2M = UINT64_C(2) << 20, k1G = UINT64_C(1) << 30;
constexpr std::uint64_t kTableOffset = UINT64_C(1) << 36; // where parents see the tables of nested domains
constexpr std::uint16_t kSids[] = {0x0010, 0x0011, 0x0098, 0x8107, 0xff00};
constexpr std::uint32_t kPasids[] = {0, 0, 1, 2, 5, 63, 64, 70, 4095, 0xfffff};

} // namespace

// ---------------------------------------------------------------- domains and their pages

void player::create_domains()
{
    static const std::pair<vtd_drv_kind, std::uint8_t> kinds[] = {
        {VTD_DRV_SECOND_STAGE, 48}, {VTD_DRV_FIRST_STAGE, 48}, {VTD_DRV_NESTED, 48},       {VTD_DRV_FIRST_STAGE, 57},
        {VTD_DRV_NESTED, 57},       {VTD_DRV_PASS_THROUGH, 0}, {VTD_DRV_SECOND_STAGE, 39}, {VTD_DRV_SECOND_STAGE, 57},
        {VTD_DRV_NESTED, 48},       {VTD_DRV_FIRST_STAGE, 48}};
    for (const auto &[kind, width] : kinds) {
        domain d;
        d.spec.kind = kind;
        d.spec.addr_width = width;
        static const std::uint8_t shifts[] = {12, 21, 30, 0};
        d.spec.max_page_shift = kind == VTD_DRV_PASS_THROUGH ? 0 : shifts[below(4)];
        if (kind == VTD_DRV_NESTED) {
            d.parent = domains_.size() == 8 ? 7 : 0; // the second-stage domains of 57 and 48 bits
            d.spec.table_offset = kTableOffset;
        }
        both("creating a domain", [&](side &s) {
            vtd_drv_domain_spec spec = d.spec;
            if (kind == VTD_DRV_NESTED)
                spec.parent = s.domains[d.parent];
            vtd_drv_domain *made = nullptr;
            const int error = vtd_drv_domain_create(s.drv, &spec, &made);
            s.domains.push_back(made);
            return error;
        });
        domains_.push_back(d);
    }
    for (const unsigned parent : {0, 7}) // most of what their nested domains map to
        both("map", [&](side &s) {
            return vtd_drv_map(s.domains[parent], k1G, 16 * k1G, 3 * k2M, VTD_DRV_READ | VTD_DRV_WRITE);
        });
    for (unsigned i = 0; i < 60; i++)
        map();
    for (unsigned i = 0; i < 12; i++)
        attach();
}

// Page-aligned, in a few windows, so that ranges meet.
std::uint64_t player::some_input(const domain &d)
{
    const std::uint64_t window = below(4) * k2M + below(512) * kPage;
    if (chance(15) && d.spec.kind != VTD_DRV_SECOND_STAGE) // the upper half
        return (UINT64_MAX << (d.spec.addr_width - 1)) + window;
    if (chance(15))
        return 5 * k1G - 3 * k2M + window; // across 1 GiB
    if (chance(15) && d.spec.addr_width > 47)
        return (UINT64_C(1) << 46) - 16 * k2M + window;
    return k1G + window;
}

void player::map()
{
    const unsigned n = static_cast<unsigned>(below(domains_.size()));
    domain &d = domains_[n];
    if (d.spec.kind == VTD_DRV_PASS_THROUGH)
        return;
    const bool first = d.spec.kind != VTD_DRV_SECOND_STAGE, nested = d.spec.kind == VTD_DRV_NESTED;
    std::uint64_t at = some_input(d), size = kPage << below(7);
    std::uint64_t to = nested ? k1G + below(4) * k2M + below(512) * kPage : 8 * k1G + below(1 << 20) * kPage;
    if (chance(40)) {
        const std::uint64_t page = chance(25) ? k1G : k2M;
        at &= ~(page - 1);
        to &= ~(page - 1);
        size = page * (1 + below(2));
    }
    unsigned rights = first ? VTD_DRV_READ | (chance(70) ? VTD_DRV_WRITE : 0) : 1 + static_cast<unsigned>(below(3));
    if (first && chance(10))
        rights |= VTD_DRV_SUPERVISOR;
    if (both("map", [&](side &s) { return vtd_drv_map(s.domains[n], at, to, size, rights); }) == 0)
        d.ranges.emplace_back(at, size);
}

void player::unmap()
{
    const unsigned n = static_cast<unsigned>(below(domains_.size()));
    domain &d = domains_[n];
    if (d.spec.kind == VTD_DRV_PASS_THROUGH)
        return;
    if (chance(5)) {
        if (both("unmap all", [&](side &s) { return vtd_drv_unmap_all(s.domains[n]); }) >= 0)
            d.ranges.clear();
        return;
    }
    if (d.ranges.empty())
        return;
    const std::size_t i = below(d.ranges.size());
    auto [at, size] = d.ranges[i];
    if (chance(50)) { // a part of it
        at += below(size / kPage) * kPage;
        size = kPage << below(3);
    } else {
        d.ranges.erase(d.ranges.begin() + static_cast<std::ptrdiff_t>(i));
    }
    both("unmap", [&](side &s) { return vtd_drv_unmap(s.domains[n], at, size); });
}

// ---------------------------------------------------------------- devices

void player::attach()
{
    const who w{kSids[below(std::size(kSids))], kPasids[below(std::size(kPasids))]};
    const unsigned n = static_cast<unsigned>(below(domains_.size()));
    if (both("attach", [&](side &s) { return vtd_drv_attach(s.drv, w.first, w.second, s.domains[n]); }) == 0)
        attached_[w] = n;
}

void player::detach()
{
    if (attached_.empty())
        return;
    const auto it = std::next(attached_.begin(), static_cast<std::ptrdiff_t>(below(attached_.size())));
    const who w = it->first;
    both("detach", [&](side &s) { return vtd_drv_detach(s.drv, w.first, w.second); });
    attached_.erase(it);
}

void player::replace()
{
    if (attached_.empty())
        return;
    const auto it = std::next(attached_.begin(), static_cast<std::ptrdiff_t>(below(attached_.size())));
    const who w = it->first;
    const unsigned n = static_cast<unsigned>(below(domains_.size()));
    if (both("replace", [&](side &s) { return vtd_drv_replace(s.drv, w.first, w.second, s.domains[n]); }) == 0)
        it->second = n;
}

void player::remove_device()
{
    const std::uint16_t sid = kSids[below(std::size(kSids))];
    both("removing a device", [&](side &s) { return vtd_drv_device_remove(s.drv, sid); });
}

std::uint64_t player::some_address(const domain &d)
{
    if (d.ranges.empty() || chance(4))
        return some_input(d) + below(kPage);
    const auto &[at, size] = d.ranges[below(d.ranges.size())];
    return at + below(std::min(size, 4 * k2M)) + (chance(3) ? k2M : 0);
}

vtd_request player::some_request()
{
    static const std::uint8_t kinds[] = {VTD_READ, VTD_READ, VTD_READ, VTD_WRITE, VTD_WRITE, VTD_ATOMIC};
    vtd_request q{};
    q.access = kinds[below(std::size(kinds))];
    q.len = q.access == VTD_READ && chance(5) ? 0 : 4;
    q.sid = kSids[below(std::size(kSids))];
    std::uint32_t pasid = kPasids[below(std::size(kPasids))];
    q.addr = chance(50) ? random_() & 0x7fffffffff : random_();
    if (!attached_.empty() && chance(97)) {
        const auto it = std::next(attached_.begin(), static_cast<std::ptrdiff_t>(below(attached_.size())));
        q.sid = it->first.first;
        pasid = it->first.second;
        q.addr = some_address(domains_[it->second]);
    }
    if (chance(1))
        q.addr = 0xfee00000 | (random_() & 0xfffff);
    q.addr &= ~UINT64_C(3);
    if (pasid != VTD_DRV_RID_PASID) {
        q.flags = VTD_REQ_PASID;
        q.pasid = pasid;
        if (chance(10))
            q.flags |= VTD_REQ_PRIV;
    }
    if (chance(10))
        q.flags |= VTD_REQ_NO_SNOOP;
    return q;
}

// ---------------------------------------------------------------- software at the unit

void player::invalidate()
{
    both("invalidating everything", [](side &s) { return vtd_drv_invalidate_all(s.drv); });
}

// Descriptors that the driver would not write: wider than needed, or of any granularity. Now and then a bad one, which
// stops the queue until the driver is told.
void player::submit_raw()
{
    std::uint64_t q[3][4] = {};
    const unsigned count = 1 + static_cast<unsigned>(below(3));
    for (unsigned i = 0; i < count; i++) {
        const std::uint64_t did = below(12) << 16, pasid = std::uint64_t{kPasids[below(std::size(kPasids))]} << 32;
        const std::uint64_t range =
            (some_input(domains_[below(domains_.size())]) & ~(kPage - 1)) | below(2) << 6 | below(28);
        switch (below(4)) {
        case 0:
            q[i][0] =
                VTD_TYPE_CC_INV | (1 + below(3)) << 4 | did | (kSids[below(std::size(kSids))] | below(4) << 16) << 32;
            break;
        case 1:
            q[i][0] = VTD_TYPE_IOTLB_INV | (1 + below(3)) << 4 | did;
            q[i][1] = range;
            break;
        case 2:
            q[i][0] = VTD_TYPE_P_IOTLB_INV | (2 + below(2)) << 4 | did | pasid;
            q[i][1] = range;
            break;
        default:
            q[i][0] = VTD_TYPE_PC_INV | (chance(50) ? 3 : below(2)) << 4 | did | pasid;
            break;
        }
    }
    if (chance(5))
        q[below(count)][below(4)] ^= UINT64_C(1) << below(64);
    both("raw descriptors", [&](side &s) { return vtd_drv_submit_raw(s.drv, q, count); });
}

void player::restart()
{
    both("stop", [](side &s) { return vtd_drv_stop(s.drv); });
    requests(4); // translation is off
    both("start", [](side &s) { return vtd_drv_start(s.drv); });
}

void player::mask_events()
{
    const std::uint32_t control = chance(50) ? UINT32_C(1) << 31 : 0;
    const unsigned offset = chance(70) ? VTD_REG_FECTL : VTD_REG_IECTL;
    both("masking an event", [&](side &s) {
        s.write(offset, 4, control);
        return 0;
    });
}

// A table entry with a bit turned over, and back; caches are empty before the devices and before the driver go on.
void player::damage()
{
    std::uint64_t at = 0, value = 0;
    for (unsigned i = 0; i < 200 && value == 0; i++) {
        at = tables_ + below((model_.frames.next - tables_) / 8) * 8;
        vtd_memory_read(&model_.memory, at, 8, &value);
    }
    if (value == 0)
        return;
    const std::uint64_t bit = UINT64_C(1) << below(chance(50) ? 13 : 64);
    const auto turn = [&](side &s) {
        std::uint64_t q = 0;
        vtd_memory_read(&s.memory, at, 8, &q);
        vtd_memory_write(&s.memory, at, 8, q ^ bit);
    };
    turn(model_);
    turn(rtl_);
    invalidate();
    requests(24);
    turn(model_);
    turn(rtl_);
    invalidate();
}

void player::act()
{
    const std::uint64_t dice = below(100);
    if (dice < 12)
        map();
    else if (dice < 22)
        unmap();
    else if (dice < 26)
        attach();
    else if (dice < 28)
        detach();
    else if (dice < 30)
        replace();
    else if (dice < 31)
        remove_device();
    else if (dice < 35)
        submit_raw();
    else if (dice < 36)
        invalidate();
    else if (dice < 38)
        mask_events();
    else if (dice < 44)
        damage();
    else if (dice < 50)
        handle_faults();
    else if (dice < 51 && chance(20))
        restart();
    else
        requests(16 + static_cast<unsigned>(below(32)));
}

} // namespace vtdsim
