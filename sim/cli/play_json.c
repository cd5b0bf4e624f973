/* SPDX-License-Identifier: MIT */
/* What was played, and on which unit, as JSON. See play_json.h. */
#include "play_json.h"

#include <inttypes.h>
#include <stdlib.h>

json_t *vtd_number_json(uint64_t v)
{
    return v <= INT64_MAX ? json_integer((json_int_t)v) : json_sprintf("%" PRIu64, v);
}

json_t *vtd_play_workload_json(const struct vtd_play *play)
{
    json_t *w = json_object();
    if (play->trace)
        json_object_set_new(w, "trace", json_string(play->trace));
    else
        json_object_set_new(w, "synthetic", json_string(play->spec));
    json_object_set_new(w, "seed", vtd_number_json(play->tenants.spec.seed));
    json_object_set_new(w, "tenants", json_integer(play->tenants.spec.count));
    json_object_set_new(w, "interleave", json_string(play->tenants.interleave));
    json_object_set_new(w, "tenant_id", json_string(play->tenants.spec.id == VTD_TENANT_PASID ? "pasid" : "sid"));
    json_object_set_new(w, "invalidations", json_string(play->ignore_invalidations ? "ignore" : "play"));
    json_object_set_new(w, "pgtt", json_string(vtd_play_pgtt_name(play->by_pasid ? play->pasid_pgtt : play->pgtt)));
    if (play->region.first)
        json_object_set_new(w, "roi", json_sprintf("%" PRIu64 ":%" PRIu64, play->region.first, play->region.last));
    json_object_set_new(w, "warmup", vtd_number_json(play->region.skipped));
    char arrivals[32];
    if (play->time.on)
        json_object_set_new(w, "arrivals", json_string(vtd_play_time_arrivals(&play->time, arrivals)));
    if (play->incomplete[0])
        json_object_set_new(w, "incomplete", json_string(play->incomplete));
    json_object_set_new(w, "unmaps", json_integer((json_int_t)play->invalidations));
    json_object_set_new(w, "pages_mapped", json_integer((json_int_t)play->pages_mapped));
    json_object_set_new(w, "table_pages", json_integer((json_int_t)play->table_pages));
    return w;
}

static void set_key(void *arg, const char *key, const char *value, bool number)
{
    json_object_set_new(arg, key, number ? vtd_number_json(strtoull(value, NULL, 10)) : json_string(value));
}

json_t *vtd_play_config_json(const struct vtd_play *play)
{
    json_t *config = json_object();
    vtd_sim_config_for_each(&play->config, set_key, config);
    return config;
}
