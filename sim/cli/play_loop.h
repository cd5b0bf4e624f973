/* SPDX-License-Identifier: MIT */
/* The loop of a run: request after request, with what happens in between (play_loop.c). */
#ifndef VTD_CLI_PLAY_LOOP_H
#define VTD_CLI_PLAY_LOOP_H

#include "play.h"

/* Who plays. */
struct vtd_stage {
    struct vtd_player *player;
    struct vtd_timed_run *timed;   /* plays it in time; NULL: there is none */
    struct vtd_timeline *timeline; /* NULL: none is asked for */
};

/* Plays tenants' requests up to play->region.limit, and fills the results of play. Returns 0, or -1 with why filled. */
int vtd_play_loop(struct vtd_play *play, const struct vtd_play_hooks *hooks, const struct vtd_stage *stage,
                  struct vtd_tenants *tenants, char *why);

#endif
