/* SPDX-License-Identifier: MIT */
/* The kernel's log, which a test reads for what the driver of the unit says. See guest.h. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int vtd_guest_log_open(void)
{
    const int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (log >= 0)
        lseek(log, 0, SEEK_END);
    return log;
}

bool vtd_guest_log_find(int log, const char *word, const char *other, int milliseconds, char *line, size_t size)
{
    for (int waited = 0;;) {
        char record[1024];
        const ssize_t length = read(log, record, sizeof(record) - 1);
        if (length > 0) {
            record[length] = 0;
            if (strstr(record, word) && strstr(record, other)) {
                snprintf(line, size, "%s", record);
                return true;
            }
        } else if (length < 0 && errno == EPIPE) {
            continue; /* lines were lost; there are others */
        } else if (waited >= milliseconds) {
            return false;
        } else {
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
            waited += 10;
        }
    }
}
