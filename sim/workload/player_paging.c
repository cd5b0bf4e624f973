/* SPDX-License-Identifier: MIT */
/* Page requests of a player's devices: software maps the page that is asked for (ref 7.1). See player_internal.h. */
#include "player_internal.h"

#include <string.h>

static enum vtd_drv_page_answer decide(void *arg, const struct vtd_drv_page_request *request)
{
    struct vtd_player *p = arg;
    char why[VTD_WHY_SIZE];
    if (!p->wanting || request->domain != p->wanting->domain)
        return VTD_DRV_PAGE_INVALID;
    return vtd_player_map_page(p, p->wanting, request->addr, why) == 0 ? VTD_DRV_PAGE_SUCCESS : VTD_DRV_PAGE_INVALID;
}

int vtd_player_enable_paging(struct vtd_player *p, uint16_t sid)
{
    vtd_drv_set_page_handler(p->drv, decide, p);
    return vtd_drv_pri_enable(p->drv, sid);
}

/* Software takes its time, one request after the other; what follows is later than the accesses that come next. */
static void begin_software(struct vtd_clock *clock)
{
    clock->asked = clock->now;
    const uint64_t begin = clock->now > clock->paging_free ? clock->now : clock->paging_free;
    clock->now = begin + vtd_timing_config_get(clock->timing)->software_latency;
    clock->paging_free = clock->now;
    clock->software = true;
    clock->way = VTD_CLOCK_PAGED;
    vtd_timing_set_apart(clock->timing, true);
}

/* The response has left the unit: it goes to the device. */
static void end_software(struct vtd_clock *clock)
{
    clock->software = false;
    clock->now += vtd_timing_config_get(clock->timing)->link_latency;
    clock->part[VTD_TIMING_PAGING] += clock->now - clock->asked;
}

enum vtd_requester_result vtd_player_serve_page(struct vtd_player *p, struct vtd_player_space *s, uint16_t sid,
                                                struct vtd_requester_outcome *out, char *why)
{
    struct vtd_clock *clock = p->machine.clock;
    p->wanting = s;
    if (clock)
        begin_software(clock);
    const int handled = vtd_drv_handle_page_requests(p->drv, NULL);
    if (clock)
        end_software(clock);
    p->wanting = NULL;
    enum vtd_requester_result result = VTD_REQUESTER_INVALID;
    if (handled < 0)
        snprintf(why, VTD_WHY_SIZE, "cannot handle a page request: %s", strerror(-handled));
    else
        result = vtd_requester_retry(vtd_machine_requester(&p->machine, sid), out->prgi, out);
    if (clock)
        vtd_timing_set_apart(clock->timing, false);
    return result;
}
