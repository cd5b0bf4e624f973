/* SPDX-License-Identifier: MIT */
/* The events that the model counts, and a unit with one counter for each and tables to make them happen (ref 1.12). */
#ifndef VTD_TESTS_PERFMON_TABLES_H
#define VTD_TESTS_PERFMON_TABLES_H

#include "perfmon_rig.h"

#include <string>

namespace vtdtest
{

struct CountedEvent {
    const char *name;
    PerfEvent event;
    size_t counter; /* offset in vtd_stats */
};

inline const std::vector<CountedEvent> kEvents = {
#define VTD_PERF_EVENT(NAME, name, in_linux, group, bit, counter, description)                                         \
    {#name, VTD_EVENT_OF(NAME), offsetof(vtd_stats, counter)},
#include "vtd/defs/perf_events.def"
};

inline vtd_config manyCounters(vtd_config config)
{
    config.perfmon.counters = 64;
    return config;
}

constexpr uint64_t kIova = 0x7f0000003000, kLarge = 0x7f0000200000, kHuge = 0x7f0040000000;

/* PASID 1 of kSid is first-stage (DID 5), PASID 2 second-stage (DID 6): each maps 4 KiB, 2 MiB and 1 GiB. */
struct Tables : Monitored {
    explicit Tables(const vtd_config &config = manyCounters(monitored(withCaches(64))))
        : Monitored(config), fs(*this, 4), ss(*this, 4)
    {
        for (const auto &[iova, shift] : {std::pair{kIova, 12}, {kLarge, 21}, {kHuge, 30}}) {
            fs.map(iova, 0x40000000, shift);
            ss.map(iova, 0x40000000, shift);
        }
        setFs(kSid, 1, fs, 5);
        setSs(kSid, 2, ss, 6);
        setPassThrough(kSid, 0, 7);
        write64(VTD_REG_PQA, alloc());
        start();
        for (unsigned i = 0; i < kEvents.size(); i++)
            count(i, kEvents[i].event);
    }
    /* Values of all events that are not 0, as "name=n name=n", and back to 0. */
    std::string take()
    {
        std::string text;
        for (unsigned i = 0; i < kEvents.size(); i++)
            if (value(i) != 0)
                text += (text.empty() ? "" : " ") + std::string(kEvents[i].name) + "=" + std::to_string(value(i));
        ecmd(VTD_ECMD_RESET_VALUES);
        return text;
    }

    FsTree fs;
    SsTree ss;
};

} // namespace vtdtest

#endif
