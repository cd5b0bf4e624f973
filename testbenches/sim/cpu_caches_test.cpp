/* SPDX-License-Identifier: MIT */
/* vtdsim run with processor caches in front of memory: a driver that flushes what it must leaves no trace of them. */
#include "program.h"

#include <gmock/gmock.h>

using program::Output;
using program::Result;
using program::vtdsim;
using testing::HasSubstr;

namespace
{

const char *const kUnsnooped = " --set ecap.c=0 --set ecap.smpwcs=0 --set ecap.ssads=0 --set ecap.eafs=0";

TEST(RunWithCpuCaches, CountsTheSameAndBlocksNothing)
{
    for (const char *unit : {"", " --set ecap.c=0", kUnsnooped}) {
        for (const char *pgtt : {"first-stage", "second-stage", "nested", "pass-through"}) {
            const std::string what = std::string("--workload zipf:pages=2000 --requests 20000 --pgtt ") + pgtt + unit;
            SCOPED_TRACE(what);
            const Result without(what), with(what + " --set memory.cpu_caches=1");
            for (const char *name : {"requests", "faults", "iotlb_lookup", "iotlb_hit", "fs_nonleaf_hit",
                                     "ss_nonleaf_hit", "memory_reads"})
                EXPECT_EQ(with.counter(name), without.counter(name)) << name;
            EXPECT_EQ(with.counter("faults"), 0);
            EXPECT_NE(with.text("config_hash"), without.text("config_hash"));
        }
    }
}

TEST(RunWithCpuCaches, IsOnOrOff)
{
    const Output o = vtdsim("run --workload uniform --set memory.cpu_caches=2");
    EXPECT_EQ(o.status, 2);
    EXPECT_THAT(o.err, HasSubstr("memory.cpu_caches"));
}

} // namespace
