/* SPDX-License-Identifier: MIT */
/*
 * Work in processes of its own: a job that crashes takes nothing with it. Each gives back text, and what it says on its
 * standard error is kept.
 */
#ifndef VTD_STUDY_POOL_H
#define VTD_STUDY_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a job ended. */
struct vtd_pool_end {
    int status;       /* what work returned; -1: it was killed, and signal says by which */
    int signal;       /* 0: none */
    const char *text; /* what it wrote to out; length bytes, and a NUL behind them */
    size_t length;
    const char *message; /* the first line of its standard error */
};

struct vtd_pool_hooks {
    void *arg;
    bool (*next)(void *arg, uint64_t *job);        /* false: there is nothing left to begin */
    int (*work)(void *arg, uint64_t job, int out); /* in a process of its own */
    int (*done)(void *arg, uint64_t job, const struct vtd_pool_end *end, char *why); /* not 0: an error, give up */
    void (*tick)(void *arg, unsigned running); /* now and then, at least once a second; may be NULL */
};

/*
 * Does all jobs, so many at a time. Returns 0; -1 with why (VTD_WHY_SIZE bytes) filled after an error; or the number of the
 * signal (SIGINT, SIGTERM, SIGHUP) that ended it. After the latter two the jobs that ran are killed, and done did not see
 * them. One pool at a time in a process.
 */
int vtd_pool_run(const struct vtd_pool_hooks *hooks, unsigned at_a_time, char *why);

/* Processors that this process may use. */
unsigned vtd_pool_processors(void);

/* Writes all of it to a file descriptor, whatever signals come. Returns 0, or -1 with errno set. */
int vtd_pool_write(int fd, const char *text, size_t length);

#ifdef __cplusplus
}
#endif
#endif
