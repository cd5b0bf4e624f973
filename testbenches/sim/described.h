/* SPDX-License-Identifier: MIT */
/* Described workloads in a test: from text to records. */
#ifndef VTD_TEST_DESCRIBED_H
#define VTD_TEST_DESCRIBED_H

#include "workload_rig.h"

namespace rig
{

/* A workload from the text of a YAML file; its problem when it is refused. */
class Described
{
  public:
    explicit Described(const std::string &yaml, uint64_t seed = 1) : file(".yaml", yaml)
    {
        status = vtd_workload_open_spec(&workload, file.path.c_str(), seed, why);
    }
    ~Described()
    {
        if (status == 0)
            vtd_workload_close(&workload);
    }
    /* The first records of its stream. */
    std::vector<vtd_record> take(size_t count) const
    {
        EXPECT_EQ(status, 0) << why;
        return status == 0 ? Tenants(workload, 1).take(count) : std::vector<vtd_record>();
    }

    const program::File file;
    vtd_workload workload = {};
    char why[VTD_WHY_SIZE] = "";
    int status;
};

inline bool is_access(const vtd_record &r)
{
    return r.kind <= VTD_RECORD_WRITE;
}

/* Chi-square of counts against weights. */
inline double chi_square_of(const std::vector<double> &counts, const std::vector<double> &weights)
{
    double all = 0, sum = 0, result = 0;
    for (size_t i = 0; i < counts.size(); i++) {
        all += counts[i];
        sum += weights[i];
    }
    for (size_t i = 0; i < counts.size(); i++) {
        const double expected = weights[i] / sum * all;
        result += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    return result;
}

/* Mean of chi-square plus five standard deviations. */
inline double chi_square_bound(size_t cells)
{
    return double(cells - 1) + 5 * std::sqrt(2.0 * double(cells - 1));
}

} // namespace rig

#endif
