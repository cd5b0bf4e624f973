/* SPDX-License-Identifier: MIT */
/* Signals that end a run: it stops, and what it has so far is a result. */
#ifndef VTD_CLI_PLAY_STOP_H
#define VTD_CLI_PLAY_STOP_H

/*
 * From now on SIGINT, SIGTERM and SIGHUP are requests to stop, save those that are ignored already (nohup). A second one ends
 * the program at once, as ever.
 */
void vtd_play_stop_on_signals(void);

/* The number of the signal that came; 0: none. */
int vtd_play_stop_signal(void);

#endif
