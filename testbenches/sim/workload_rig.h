/* SPDX-License-Identifier: MIT */
/* Traces from text, synthetic workloads and tenants, each as an object that cleans up behind itself. */
#ifndef VTD_TEST_WORKLOAD_RIG_H
#define VTD_TEST_WORKLOAD_RIG_H

#include "program.h"
#include "vtd/vtd.h"
#include "workload/workload.h"

#include <cmath>
#include <vector>

namespace rig
{

/* A trace from text; its problem when it is refused. */
class Trace
{
  public:
    explicit Trace(const std::string &text, const std::string &suffix = ".trace") : file(suffix, text)
    {
        status = vtd_workload_open_trace(&workload, file.path.c_str(), why);
    }
    ~Trace()
    {
        if (status == 0)
            vtd_workload_close(&workload);
    }
    const vtd_record &operator[](size_t i) const
    {
        return workload.trace.record[i];
    }

    const program::File file;
    vtd_workload workload = {};
    char why[VTD_WHY_SIZE] = "";
    int status;
};

/* A synthetic workload. */
class Synthetic
{
  public:
    explicit Synthetic(const char *spec, uint64_t seed = 1)
    {
        char why[VTD_WHY_SIZE] = "";
        EXPECT_EQ(vtd_workload_open_spec(&workload, spec, seed, why), 0) << why;
    }
    ~Synthetic()
    {
        vtd_workload_close(&workload);
    }
    vtd_workload workload = {};
};

/* Tenants over a workload. */
class Tenants
{
  public:
    Tenants(const vtd_workload &workload, uint32_t count, vtd_interleave interleave = VTD_INTERLEAVE_ROUND_ROBIN,
            vtd_tenant_id id = VTD_TENANT_PASID, double s = 1)
    {
        char why[VTD_WHY_SIZE] = "";
        vtd_tenants_spec spec = {};
        spec.workload = &workload;
        spec.count = count;
        spec.interleave = interleave;
        spec.id = id;
        spec.s = s;
        spec.seed = 42;
        tenants = vtd_tenants_create(&spec, why);
        EXPECT_NE(tenants, nullptr) << why;
    }
    ~Tenants()
    {
        vtd_tenants_destroy(tenants);
    }
    std::vector<vtd_record> take(size_t most)
    {
        std::vector<vtd_record> records;
        vtd_record r;
        while (records.size() < most && vtd_tenants_next(tenants, &r))
            records.push_back(r);
        return records;
    }
    vtd_tenants *tenants;
};

} // namespace rig

#endif
