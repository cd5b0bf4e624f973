/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a trace file, text or binary, plain or compressed. What the reader accepts keeps the promises of
 * record.h, what is written from it in either format reads back the same, and the driver and the unit survive its
 * first records, given to two tenants with PASIDs.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "bytes.h"
#include "input_file.h"
#include "workload/player.h"
#include "workload/trace_reader.h"
#include "workload/trace_stream.h"
#include "workload/workload.h"

#define TEXT_MAX    (UINT64_C(1) << 20) /* what a compressed input may unpack to */
#define PLAYED_MAX  300
#define RECORDS_MAX 100000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A few bytes can unpack to gigabytes; that only costs the fuzzer time. */
static bool unpacks_to_little(const uint8_t *data, size_t size)
{
    static char chunk[65536];
    if (size < 4 || (memcmp(data, "\x28\xb5\x2f\xfd", 4) != 0 && memcmp(data, "\x50\x2a\x4d\x18", 4) != 0))
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
    HOLDS(r->kind <= VTD_RECORD_DETACH);
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

/* Records of a file, RECORDS_MAX at most: a few lines can be an unmap of everything, of many devices each. */
static size_t records_of(const char *name)
{
    char why[VTD_WHY_SIZE];
    struct vtd_record r;
    size_t count = 0;
    struct vtd_trace_stream *s = vtd_trace_stream_open(name, why);
    while (s && count < RECORDS_MAX && vtd_trace_stream_next(s, &r, why) > 0) {
        check(&r);
        count++;
    }
    vtd_trace_stream_close(s);
    return count;
}

static bool same(const struct vtd_trace_item *a, const struct vtd_trace_item *b)
{
    return a->kind == b->kind && a->time_ns == b->time_ns && a->iova == b->iova && a->has_pasid == b->has_pasid &&
           a->pasid == b->pasid && a->pages == b->pages && a->domain == b->domain && a->sid == b->sid &&
           a->len == b->len && a->text_length == b->text_length &&
           (a->text_length == 0 || memcmp(a->text, b->text, a->text_length) == 0);
}

/* An item in one form and back. */
static void check_forms(const struct vtd_trace_item *item)
{
    struct vtd_item_state out = {0}, in = {0};
    uint8_t bytes[VTD_ITEM_BINARY_MAX];
    char text[VTD_ITEM_TEXT_MAX];
    struct vtd_trace_item back;
    const char *problem;
    size_t used;
    if (item->kind == VTD_ITEM_COMMENT)
        return;
    const size_t size = vtd_item_encode(&out, item, bytes);
    HOLDS(vtd_item_decode(&in, bytes, size, &used, &back, &problem) == VTD_ITEM_DECODED);
    HOLDS(used == size && same(item, &back));
    text[vtd_item_format(item, text) - 1] = '\0'; /* its end */
    HOLDS(vtd_item_parse(text, &back, &problem) && same(item, &back));
}

static void read_items(const char *name)
{
    char why[VTD_WHY_SIZE];
    struct vtd_trace_item item;
    struct vtd_trace_reader *r = vtd_trace_reader_open(name, why);
    while (r && vtd_trace_reader_next(r, &item, why) > 0) {
        HOLDS(vtd_item_problem(&item) == NULL);
        check_forms(&item);
    }
    vtd_trace_reader_close(r);
}

/* The input as items that were compressed: a fuzzer seldom gets through zstd and its checksum. */
static void decode(const uint8_t *data, size_t size)
{
    struct vtd_item_state state = {0};
    struct vtd_trace_item item;
    const char *problem;
    size_t used;
    while (vtd_item_decode(&state, data, size, &used, &item, &problem) == VTD_ITEM_DECODED) {
        HOLDS(used > 0 && used <= size && vtd_item_problem(&item) == NULL);
        check_forms(&item);
        data += used;
        size -= used;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vtd_workload w;
    char why[VTD_WHY_SIZE];
    if (!unpacks_to_little(data, size))
        return 0;
    decode(data, size);
    struct input_file file = input_file_make(data, size);
    read_items(file.name);
    if (records_of(file.name) < RECORDS_MAX && vtd_workload_open_trace(&w, file.name, why) == 0) {
        for (size_t i = 0; i < w.trace.count; i++)
            check(&w.trace.record[i]);
        play(&w);
        vtd_workload_close(&w);
    }
    input_file_drop(&file);
    return 0;
}
