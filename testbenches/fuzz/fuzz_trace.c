/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a trace file, plain or compressed. What the reader accepts keeps the promises of record.h, and the
 * driver and the unit survive its first records, given to two tenants with PASIDs.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "bytes.h"
#include "input_file.h"
#include "workload/player.h"
#include "workload/workload.h"

#define TEXT_MAX   (UINT64_C(1) << 20) /* what a compressed input may unpack to */
#define PLAYED_MAX 300

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A few bytes can unpack to gigabytes; that only costs the fuzzer time. */
static bool unpacks_to_little(const uint8_t *data, size_t size)
{
    static char chunk[65536];
    if (size < 4 || memcmp(data, "\x28\xb5\x2f\xfd", 4) != 0)
        return true;
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer in = {.src = data, .size = size};
    uint64_t total = 0;
    bool more = stream != NULL;
    while (more && total <= TEXT_MAX) {
        ZSTD_outBuffer out = {.dst = chunk, .size = sizeof chunk};
        more = !ZSTD_isError(ZSTD_decompressStream(stream, &out, &in)) && (out.pos > 0 || in.pos < in.size);
        total += out.pos;
    }
    ZSTD_freeDStream(stream);
    return total <= TEXT_MAX;
}

static void check(const struct vtd_record *r)
{
    HOLDS(r->kind <= VTD_RECORD_UNMAP_ALL);
    HOLDS(!r->has_pasid || r->pasid < 1u << 20);
    if (r->kind <= VTD_RECORD_WRITE)
        HOLDS(r->len > 0 && r->iova % 4096 + r->len <= 4096);
    if (r->kind == VTD_RECORD_UNMAP)
        HOLDS(r->pages > 0 && r->iova % 4096 == 0);
}

static void play(const struct vtd_workload *w)
{
    char why[VTD_WHY_SIZE];
    struct vtd_sim_config cfg;
    struct vtd_record record;
    uint8_t reason;
    const struct vtd_tenants_spec spec = {.workload = w, .count = 2, .seed = 1};
    HOLDS(vtd_sim_config_init(&cfg, NULL, why) == 0);
    cfg.memory_size = UINT64_C(64) << 20;
    struct vtd_tenants *tenants = vtd_tenants_create(&spec, why);
    struct vtd_player *player = vtd_player_create(&cfg, VTD_PLAYER_SECOND_STAGE, VTD_PLAYER_FIRST_STAGE, why);
    HOLDS(tenants != NULL && player != NULL);
    for (unsigned i = 0; i < PLAYED_MAX && vtd_tenants_next(tenants, &record); i++)
        if (vtd_player_play(player, &record, &reason, why) == VTD_PLAYER_ERROR)
            break;
    vtd_player_destroy(player);
    vtd_tenants_destroy(tenants);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vtd_workload w;
    char why[VTD_WHY_SIZE];
    if (!unpacks_to_little(data, size))
        return 0;
    struct input_file file = input_file_make(data, size);
    if (vtd_workload_open_trace(&w, file.name, why) == 0) {
        for (size_t i = 0; i < w.trace.count; i++)
            check(&w.trace.record[i]);
        play(&w);
        vtd_workload_close(&w);
    }
    input_file_drop(&file);
    return 0;
}
