// SPDX-License-Identifier: MIT
//
// See calibrate.h. Both units translate the same requests behind the same tables, arriving at the same distances; each has a
// driver of its own, whose work takes no time.
#include "calibrate.h"

#include "side.hpp"

#include <cmath>
#include <cstdio>
#include <map>
#include <set>

extern "C" {
#include "workload/workload.h"
}

namespace
{

using namespace vtdsim;

constexpr std::uint64_t kPage = 4096, kGuest = UINT64_C(4) << 30, kGuestPages = 16384;
constexpr std::size_t kBatch = 4096;

class calibration final : private rtl_watcher
{
  public:
    calibration(const vtd_calibration_options &o, vtd_calibration &result);
    ~calibration() override
    {
        vtd_timing_destroy(timing_);
        rtl_.unit->watch(nullptr);
    }
    void run(vtd_tenants *records);

  private:
    using who = std::pair<std::uint16_t, std::uint32_t>;
    struct space {
        std::size_t domain;
        vtd_drv_kind kind;
        std::set<std::uint64_t> pages; // that are mapped
    };
    template <class F> void both(F f)
    {
        for (side *s : {static_cast<side *>(&model_), static_cast<side *>(&rtl_)}) {
            const long long error = f(*s);
            if (error < 0)
                throw std::runtime_error("the driver fails: error " + std::to_string(error));
        }
        model_.clear();
        rtl_.clear();
    }
    std::size_t create(vtd_drv_kind kind, unsigned width);
    space &space_of(const vtd_record &r);
    void map(space &s, std::uint64_t iova);
    void unmap(const vtd_record &r);
    void access(const vtd_record &r);
    void measure();
    void responded(std::uint64_t cookie, const vtd_request &, const vtd_response &, std::uint64_t,
                   std::uint64_t answered) override
    {
        answered_[cookie] = answered;
    }
    void judge(std::uint64_t rtl, std::uint64_t model);

    const vtd_calibration_options &options_;
    vtd_calibration &result_;
    rtl_side rtl_;
    model_side model_;
    vtd_timing *timing_ = nullptr;
    std::size_t parent_ = 0;
    std::map<who, space> spaces_;
    std::vector<vtd_request> requests_;
    std::vector<std::uint64_t> offered_, answered_;
    std::uint64_t now_ = 0, next_page_ = 0; // of the model; of the guest
    double rtl_sum_ = 0, model_sum_ = 0, error_sum_ = 0, relative_sum_ = 0;
};

rtl_options options_for(const vtd_calibration_options &o)
{
    rtl_options r;
    r.walkers = o.walkers;
    r.latency = o.latency;
    return r;
}

vtd_config config_of(rtl_side &rtl)
{
    vtd_config config;
    rtl.unit->describe(config);
    return config;
}

calibration::calibration(const vtd_calibration_options &o, vtd_calibration &result)
    : options_(o), result_(result), rtl_(options_for(o)), model_(config_of(rtl_))
{
    vtd_timing_config config;
    char why[VTD_WHY_SIZE];
    rtl_unit::describe_timing(config, o.walkers, o.latency);
    timing_ = vtd_timing_create(model_.unit, &config, why);
    if (timing_ == nullptr)
        throw std::runtime_error(why);
    vtd_drv_options driver{};
    driver.haw = 46;
    model_.start(driver);
    rtl_.start(driver);
    parent_ = create(VTD_DRV_SECOND_STAGE, 48);
    both([&](side &s) {
        return vtd_drv_map(s.domains[parent_], kGuest, kGuest, kGuestPages * kPage, VTD_DRV_READ | VTD_DRV_WRITE);
    });
    vtd_events_enable(model_.unit, false);
    rtl_.unit->watch(this);
}

// ---------------------------------------------------------------- software

std::size_t calibration::create(vtd_drv_kind kind, unsigned width)
{
    both([&](side &s) {
        vtd_drv_domain_spec spec{};
        spec.kind = kind;
        spec.addr_width = static_cast<std::uint8_t>(width);
        spec.max_page_shift = kind == VTD_DRV_PASS_THROUGH ? 0 : 12;
        if (kind == VTD_DRV_NESTED) {
            spec.parent = s.domains[parent_];
            spec.table_offset = UINT64_C(1) << 36;
        }
        vtd_drv_domain *made = nullptr;
        const int error = vtd_drv_domain_create(s.drv, &spec, &made);
        s.domains.push_back(made);
        return error;
    });
    return model_.domains.size() - 1;
}

// Without PASID second-stage, as for devices of the host; with PASID one of all kinds.
calibration::space &calibration::space_of(const vtd_record &r)
{
    static const std::pair<vtd_drv_kind, unsigned> kinds[] = {{VTD_DRV_FIRST_STAGE, 48},
                                                              {VTD_DRV_NESTED, 48},
                                                              {VTD_DRV_FIRST_STAGE, 57},
                                                              {VTD_DRV_SECOND_STAGE, 57},
                                                              {VTD_DRV_SECOND_STAGE, 48}};
    const who w{r.sid, r.has_pasid ? r.pasid : VTD_DRV_RID_PASID};
    const auto it = spaces_.find(w);
    if (it != spaces_.end())
        return it->second;
    const auto &[kind, width] = kinds[r.has_pasid ? r.pasid % 5 : 4];
    const space made{create(kind, width), kind, {}};
    both([&](side &s) { return vtd_drv_attach(s.drv, w.first, w.second, s.domains[made.domain]); });
    return spaces_.emplace(w, made).first->second;
}

void calibration::map(space &s, std::uint64_t iova)
{
    const std::uint64_t page = iova & ~(kPage - 1);
    if (!s.pages.insert(page).second)
        return;
    const std::uint64_t n = next_page_++;
    const std::uint64_t to = s.kind == VTD_DRV_NESTED ? kGuest + n % kGuestPages * kPage : kGuest + n * kPage;
    measure(); // what is on its way came before
    both([&](side &x) { return vtd_drv_map(x.domains[s.domain], page, to, kPage, VTD_DRV_READ | VTD_DRV_WRITE); });
}

void calibration::unmap(const vtd_record &r)
{
    measure();
    for (auto &[w, s] : spaces_) {
        if (w.first != r.sid || (r.has_pasid && w.second != r.pasid))
            continue;
        if (r.kind == VTD_RECORD_UNMAP) {
            both([&, d = s.domain](side &x) {
                return vtd_drv_unmap(x.domains[d], r.iova & ~(kPage - 1), r.pages * kPage);
            });
            for (std::uint64_t i = 0; i < r.pages; i++)
                s.pages.erase((r.iova & ~(kPage - 1)) + i * kPage);
        } else {
            both([&, d = s.domain](side &x) { return vtd_drv_unmap_all(x.domains[d]); });
            s.pages.clear();
        }
    }
}

// ---------------------------------------------------------------- devices

void calibration::access(const vtd_record &r)
{
    map(space_of(r), r.iova);
    vtd_request q{};
    q.addr = r.iova;
    q.sid = r.sid;
    q.access = r.kind == VTD_RECORD_WRITE ? VTD_WRITE : VTD_READ;
    q.len = 1;
    if (r.has_pasid && r.pasid != VTD_DRV_RID_PASID) {
        q.flags = VTD_REQ_PASID;
        q.pasid = r.pasid;
    }
    requests_.push_back(q);
    if (requests_.size() == kBatch)
        measure();
}

// Requests that have come together, from a unit at rest on.
void calibration::measure()
{
    rtl_unit &unit = *rtl_.unit;
    offered_.assign(requests_.size(), 0);
    answered_.assign(requests_.size(), 0);
    const std::uint64_t begin = unit.cycles();
    for (std::size_t i = 0; i < requests_.size(); i++) {
        while (unit.cycles() < begin + i * options_.interval)
            unit.cycle();
        offered_[i] = unit.cycles();
        unit.send(requests_[i], i);
        if (options_.interval == 0)
            unit.settle();
    }
    unit.settle();
    const std::uint64_t start = now_;
    for (std::size_t i = 0; i < requests_.size(); i++) {
        vtd_response response;
        vtd_timed timed;
        const std::uint64_t arrival = options_.interval == 0 ? now_ : start + i * options_.interval;
        if (vtd_timing_translate(timing_, &requests_[i], arrival, &response, &timed) != VTD_STATUS_OK)
            throw std::runtime_error("a request of the workload is not possible");
        now_ = std::max(now_, timed.done);
        judge(answered_[i] - offered_[i], timed.done - arrival);
    }
    now_ += 1000;
    requests_.clear();
}

void calibration::judge(std::uint64_t rtl, std::uint64_t model)
{
    const double error = std::fabs(static_cast<double>(model) - static_cast<double>(rtl));
    result_.requests++;
    rtl_sum_ += static_cast<double>(rtl);
    model_sum_ += static_cast<double>(model);
    error_sum_ += error;
    relative_sum_ += error / static_cast<double>(rtl);
}

void calibration::run(vtd_tenants *records)
{
    vtd_record r;
    while (result_.requests + requests_.size() < options_.requests && vtd_tenants_next(records, &r)) {
        if (r.kind == VTD_RECORD_READ || r.kind == VTD_RECORD_WRITE)
            access(r);
        else if (r.kind != VTD_RECORD_DETACH)
            unmap(r);
    }
    measure();
    const double n = static_cast<double>(result_.requests);
    result_.rtl_mean = rtl_sum_ / n;
    result_.model_mean = model_sum_ / n;
    result_.error_mean = error_sum_ / n;
    result_.relative_mean = relative_sum_ / n;
}

// What is played: a trace, or 40 address spaces, of two devices, with some hundred pages each.
struct stream {
    explicit stream(const vtd_calibration_options &o)
    {
        char why[VTD_WHY_SIZE];
        const bool is_trace = o.trace != nullptr;
        const int error = is_trace ? vtd_workload_open_trace(&workload, o.trace, why)
                                   : vtd_workload_open_spec(&workload, "zipf:pages=300,s=0.9,writes=30", o.seed, why);
        if (error != 0)
            throw std::runtime_error(why);
        vtd_tenants_spec spec{};
        spec.workload = &workload;
        spec.count = is_trace ? 1 : 40;
        spec.interleave = VTD_INTERLEAVE_ZIPF;
        spec.id = VTD_TENANT_PASID;
        spec.s = 0.9;
        spec.seed = o.seed;
        tenants = vtd_tenants_create(&spec, why);
        if (tenants == nullptr) {
            vtd_workload_close(&workload);
            throw std::runtime_error(why);
        }
    }
    ~stream()
    {
        vtd_tenants_destroy(tenants);
        vtd_workload_close(&workload);
    }
    stream(const stream &) = delete;
    stream &operator=(const stream &) = delete;
    vtd_workload workload{};
    vtd_tenants *tenants = nullptr;
};

} // namespace

int vtd_calibrate(const struct vtd_calibration_options *options, struct vtd_calibration *result)
{
    *result = vtd_calibration();
    try {
        stream s(*options);
        calibration(*options, *result).run(s.tenants);
        if (result->requests == 0)
            throw std::runtime_error("there is no access in it");
        return 0;
    } catch (const std::exception &e) {
        std::snprintf(result->why, sizeof result->why, "%s", e.what());
        return -1;
    }
}
