/* SPDX-License-Identifier: MIT */
/* The named runs. See runs.h. */
#include "runs.h"

#include <stdio.h>
#include <string.h>

/* Sizes at which every cache of the unit has one entry, none, or many. */
#define ONE_ENTRY                                                                                                      \
    "context_cache.entries=1", "pasid_cache.entries=1", "iotlb.entries=1", "fs_psc.entries=1", "ss_psc.entries=1",     \
        "iec.entries=1"
#define NO_CACHES                                                                                                      \
    "context_cache.entries=0", "pasid_cache.entries=0", "iotlb.entries=0", "fs_psc.entries=0", "ss_psc.entries=0",     \
        "iec.entries=0"
#define LARGE                                                                                                          \
    "context_cache.entries=4096", "pasid_cache.entries=65536", "iotlb.entries=65536", "fs_psc.entries=4096",           \
        "ss_psc.entries=4096", "iec.entries=4096"

#define SMALL_MACHINE .cpus = 1, .memory = 512

static const struct vtd_linux_run runs[] = {
    {.name = "sm", .about = "scalable mode, both stages", .mode = VTD_LINUX_SM, SMALL_MACHINE},
    {.name = "legacy", .about = "legacy mode", .mode = VTD_LINUX_LEGACY, SMALL_MACHINE},
    {.name = "pt", .about = "pass-through for the kernel's own devices", .mode = VTD_LINUX_PT, SMALL_MACHINE},
    {.name = "first-stage", .about = "no second stage", .set = {"ecap.ssts=0", "ecap.nest=0", "cap.sagaw=0"}, SMALL_MACHINE},
    {.name = "second-stage", .about = "no first stage", .set = {"ecap.fsts=0", "ecap.nest=0", "cap.fs1gp=0", "cap.fs5lp=0", "ecap.eafs=0"}, SMALL_MACHINE},
    {.name = "no-queue",
     .about = "legacy mode, invalidation by registers",
     .mode = VTD_LINUX_LEGACY,
     .set = {"version=0x50", "ecap=0xfc1", "cap.fs1gp=0", "cap.fs5lp=0", "cap.pi=0"},
     SMALL_MACHINE},
    {.name = "caching-mode", .about = "caching mode", .set = {"cap.cm=1"}, SMALL_MACHINE},
    {.name = "one-entry", .about = "caches of one entry", .set = {ONE_ENTRY}, SMALL_MACHINE},
    {.name = "no-caches", .about = "no caches", .set = {NO_CACHES}, SMALL_MACHINE},
    {.name = "large-caches", .about = "large caches", .set = {LARGE}, SMALL_MACHINE},
    {.name = "two-cpus", .about = "two processors", .cpus = 2, .memory = 512},
    {.name = "high-memory", .about = "memory above 4 GiB", .cpus = 1, .memory = 5120},
    {.name = "segment", .about = "devices with ATS, PASID and PRI on segment 1", .segment = true, SMALL_MACHINE},
    {.name = "remapping", .about = "interrupt remapping", .remapping = true, SMALL_MACHINE},
};
#define RUNS (sizeof(runs) / sizeof(*runs))

const struct vtd_linux_run *vtd_linux_run_at(unsigned i)
{
    return i < RUNS ? &runs[i] : NULL;
}

const struct vtd_linux_run *vtd_linux_run_by_name(const char *name)
{
    for (unsigned i = 0; i < RUNS; i++)
        if (strcmp(runs[i].name, name) == 0)
            return &runs[i];
    return NULL;
}

static const char *const modes[] = {"sm", "legacy", "pt"};

const char *vtd_linux_mode_name(enum vtd_linux_mode mode)
{
    return modes[mode];
}

bool vtd_linux_mode_by_name(const char *name, enum vtd_linux_mode *mode)
{
    for (unsigned i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        if (strcmp(modes[i], name) == 0) {
            *mode = (enum vtd_linux_mode)i;
            return true;
        }
    }
    return false;
}

bool vtd_linux_command_line(const struct vtd_linux_run *run, const char *tests, const char *extra, char *text,
                            unsigned size)
{
    static const char *const driver[] = {"intel_iommu=on,sm_on", "intel_iommu=on,sm_off",
                                         "intel_iommu=on,sm_on iommu=pt"};
    /*
     * A panic ends QEMU (panic=-1 and its -no-reboot). Pins of the I/O APIC do not go through our unit, so that with
     * interrupt remapping the kernel must not wait for its timer there.
     */
    const int used =
        snprintf(text, size,
                 "console=ttyS0 panic=-1 printk.devkmsg=on loglevel=7 mitigations=off %s %s vtd.mode=%s "
                 "vtd.tests=%s vtd.segment=%d vtd.ir=%d%s%s",
                 driver[run->mode], run->remapping ? "no_timer_check" : "intremap=off", vtd_linux_mode_name(run->mode),
                 tests, run->segment, run->remapping, extra ? " " : "", extra ? extra : "");
    return used > 0 && (unsigned)used < size;
}
