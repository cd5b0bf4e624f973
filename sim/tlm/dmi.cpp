// SPDX-License-Identifier: MIT
//
// Pointers for direct memory access: granted for one translated page, and revoked by the invalidations that select its
// translation, whether or not the IOTLB still has it (ref 6.3).
#include "state.hpp"

#include <algorithm>

namespace vtdsim
{

namespace
{

constexpr std::size_t kRegionsMax = 65536;

bool touches_interrupts(std::uint64_t start, std::uint64_t end)
{
    return start <= 0xfeefffff && end >= 0xfee00000;
}

bool refuse(payload &t, tlm::tlm_dmi &dmi, std::uint64_t addr)
{
    dmi.init();
    dmi.allow_none();
    dmi.set_start_address(addr); // only this: what is around may become translated without notice
    dmi.set_end_address(addr);
    t.set_dmi_allowed(false);
    return false;
}

tlm::tlm_dmi::dmi_access_e both(unsigned downstream, unsigned rights)
{
    return static_cast<tlm::tlm_dmi::dmi_access_e>(downstream & rights);
}

} // namespace

bool iommu::state::grant(unsigned socket, std::uint16_t source_id, payload &t, tlm::tlm_dmi &dmi)
{
    request *ext = t.get_extension<request>();
    const std::uint64_t addr = t.get_address();
    vtd_request req = request_of(t, ext, source_id);
    vtd_response resp{};
    vtd_translation_tags tags{};
    req.len = 1;
    if (req.at != VTD_AT_UNTRANSLATED || req.access == VTD_ATOMIC || t.get_command() == tlm::TLM_IGNORE_COMMAND ||
        busy || mem == nullptr)
        return refuse(t, dmi, addr);
    // A refusal leaves no fault behind; what is granted counts as an access, with the bits that it sets in the tables.
    sc_core::sc_time unpaid;
    busy = debugging = true;
    bool ok = vtd_peek_tagged(unit, &req, &resp, &tags) == VTD_STATUS_OK && resp.result == VTD_RESULT_OK &&
              resp.page_shift != 0;
    debugging = false;
    if (ok) {
        const local_time scope(*this, &unpaid);
        ok = vtd_translate(unit, &req, &resp) == VTD_STATUS_OK && resp.result == VTD_RESULT_OK;
    }
    leave();
    if (!ok)
        return refuse(t, dmi, addr);

    std::uint64_t mask = (UINT64_C(1) << resp.page_shift) - 1;
    if (touches_interrupts(addr & ~mask, addr | mask) || touches_interrupts(resp.hpa & ~mask, resp.hpa | mask))
        mask = kPage - 1; // not all of the page is memory (ref 4.9)
    t.set_address(resp.hpa);
    dmi.init();
    const bool below = mem->get_direct_mem_ptr(t, dmi);
    t.set_address(addr);
    if (!below || dmi.get_start_address() > resp.hpa || dmi.get_end_address() < resp.hpa)
        return refuse(t, dmi, addr);
    // Reads set no dirty bit: a pointer for them does not write. Writes have it set, and may read where they are allowed to.
    const unsigned rights = t.is_write() ? 2u | (resp.attr & VTD_ATTR_R ? 1u : 0u) : 1u;
    const auto access = both(dmi.get_granted_access(), rights);
    if ((access & (t.is_write() ? 2 : 1)) == 0)
        return refuse(t, dmi, addr);
    const std::uint64_t from = std::max<std::uint64_t>(dmi.get_start_address(), resp.hpa & ~mask);
    const std::uint64_t to = std::min<std::uint64_t>(dmi.get_end_address(), resp.hpa | mask);
    if (regions.size() >= kRegionsMax)
        revoke_all();
    const dmi_region region = {socket, addr - (resp.hpa - from), addr + (to - resp.hpa), from, tags};
    dmi.set_dmi_ptr(dmi.get_dmi_ptr() + (from - dmi.get_start_address()));
    dmi.set_start_address(region.start);
    dmi.set_end_address(region.end);
    dmi.set_granted_access(access);
    dmi.set_read_latency(dmi.get_read_latency() + cfg.latency);
    dmi.set_write_latency(dmi.get_write_latency() + cfg.latency);
    const bool known = std::any_of(regions.begin(), regions.end(), [&](const dmi_region &r) {
        return r.socket == socket && r.start == region.start && r.end == region.end && r.tags.sid == tags.sid &&
               r.tags.pasid == tags.pasid && r.tags.did == tags.did;
    });
    if (!known)
        regions.push_back(region);
    t.set_dmi_allowed(true);
    return true;
}

// Initiators are told of addresses, not of PASIDs: others who share socket and addresses lose theirs, too.
template <class Predicate> void iommu::state::revoke_if(Predicate predicate)
{
    std::vector<dmi_region> gone;
    for (const dmi_region &r : regions) {
        if (predicate(r))
            gone.push_back(r);
    }
    if (gone.empty())
        return;
    const auto is_told = [&gone](const dmi_region &r) {
        return std::any_of(gone.begin(), gone.end(), [&r](const dmi_region &g) {
            return g.socket == r.socket && g.start <= r.end && r.start <= g.end;
        });
    };
    regions.erase(std::remove_if(regions.begin(), regions.end(), is_told), regions.end());
    for (const dmi_region &g : gone)
        top.upstream[g.socket]->invalidate_direct_mem_ptr(g.start, g.end);
}

void iommu::state::revoke(const vtd_invalidation &inv)
{
    // Who has an IOTLB that is asked first never looks at the other caches for what it holds.
    const vtd_config &unit_config = cfg.unit;
    const bool others_matter =
        unit_config.iotlb_order != VTD_IOTLB_FIRST || unit_config.cache[VTD_CACHE_IOTLB].entries == 0;
    if (inv.cache == VTD_CACHE_IOTLB || others_matter)
        revoke_if([&inv](const dmi_region &r) { return vtd_invalidation_selects(&inv, &r.tags); });
}

void iommu::state::revoke_hpa(std::uint64_t start, std::uint64_t end)
{
    revoke_if([=](const dmi_region &r) { return r.hpa <= end && r.hpa + (r.end - r.start) >= start; });
}

void iommu::state::revoke_all()
{
    revoke_if([](const dmi_region &) { return true; });
}

tlm::tlm_sync_enum memory_port::nb_transport_bw(payload &, tlm::tlm_phase &, sc_core::sc_time &)
{
    SC_REPORT_ERROR(kReport, "nb_transport_bw on the memory socket: the unit makes no such transactions");
    return tlm::TLM_COMPLETED;
}

// Memory takes its pointers back.
void memory_port::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end)
{
    s->revoke_hpa(start, end);
}

} // namespace vtdsim
