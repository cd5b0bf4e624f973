/* SPDX-License-Identifier: MIT */
/* Signals that end a run. See play_stop.h. */
#define _POSIX_C_SOURCE 200809L

#include "play_stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t stop_signal;

static void note_signal(int number)
{
    stop_signal = number;
}

void vtd_play_stop_on_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction old, note = {.sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&note.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &note, NULL);
}

int vtd_play_stop_signal(void)
{
    return stop_signal;
}
