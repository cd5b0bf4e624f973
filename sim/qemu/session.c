/* SPDX-License-Identifier: MIT */
/* One run of QEMU behind our unit: the loop that serves it. See session.h. */
#define _GNU_SOURCE
#include "session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

/* Messages of one carrier that are served before the others get their turn. */
#define SERVE_AT_ONCE 32

static void fail(struct vtd_qemu_session *s, const char *why)
{
    if (!s->failed)
        snprintf(s->why, sizeof(s->why), "%s", why);
    s->failed = true;
}

/* ---------------------------------------------------------------- qtest */

static void command(struct vtd_qemu_session *s, const char *text)
{
    s->commands++;
    if (!vtd_qemu_channel_send(&s->qtest, text) && !s->failed && s->running)
        fail(s, "QEMU does not take commands any more");
}

static void host_message(void *opaque, uint64_t addr, uint32_t data)
{
    struct vtd_qemu_session *s = opaque;
    char text[64];
    snprintf(text, sizeof(text), "writel 0x%llx 0x%x\n", (unsigned long long)addr, data);
    s->interrupts++;
    command(s, text);
}

/* Configuration mechanism #1 of the PC: an address in port CF8, the data in CFC. */
static void config_write(struct vtd_qemu_session *s, unsigned offset, uint32_t value, bool half)
{
    char text[128];
    const uint32_t address = UINT32_C(0x80000000) | (VTD_QEMU_FIRST_SLOT - 1) << 11 | offset;
    snprintf(text, sizeof(text), "outl 0xcf8 0x%x\n", address);
    command(s, text);
    snprintf(text, sizeof(text), "%s 0xcfc 0x%x\n", half ? "outw" : "outl", value);
    command(s, text);
}

/* Places the BARs of the unit's carrier and lets it decode them. */
static void place(struct vtd_qemu_session *s)
{
    for (unsigned i = 0; i < VTD_QEMU_UNIT_BARS; i++) {
        uint32_t base;
        if (vtd_qemu_unit_function_bar(&s->unit, i, &base) != 0)
            config_write(s, 0x10 + 4 * i, base, false);
    }
    config_write(s, 0x04, 2, true); /* memory space */
}

static void on_qtest(void *opaque, const char *line)
{
    struct vtd_qemu_session *s = opaque;
    if (strncmp(line, "OK", 2) == 0)
        s->answers++;
    else if (strncmp(line, "IRQ", 3) != 0)
        fail(s, line);
    if (s->running || s->answers != s->commands)
        return;
    s->running = true;
    s->unit.hidden = true;
    if (!vtd_qemu_channel_send(&s->monitor, "{\"execute\":\"qmp_capabilities\"}{\"execute\":\"cont\"}\n"))
        fail(s, "QEMU's monitor is closed");
}

static void on_monitor(void *opaque, const char *line)
{
    struct vtd_qemu_session *s = opaque;
    if (strstr(line, "\"error\""))
        fail(s, line);
}

/* ---------------------------------------------------------------- the machine */

/* After anything that may have made the unit or a device speak. */
static void settle(struct vtd_qemu_session *s)
{
    struct vtd_msi_message message;
    vtd_machine_run_devices(&s->machine);
    while (vtd_msi_sink_take(&s->machine.msi, &message))
        host_message(s, message.addr, message.data);
}

/* One step of each transfer; whether there is more to do. */
static bool advance(struct vtd_qemu_session *s)
{
    bool more = false;
    for (unsigned i = 0; i < s->functions; i++) {
        const struct vtd_qemu_function *f = &s->function[i];
        if (!s->busy[i] || !f->run)
            continue;
        s->busy[i] = f->run(f->self);
        settle(s);
        more |= s->busy[i];
    }
    return more;
}

/* False: the carrier's socket is closed. */
static bool serve(struct vtd_qemu_session *s, struct vtd_qemu_carrier *c)
{
    char why[VTD_QEMU_WHY_SIZE];
    for (unsigned i = 0; i < SERVE_AT_ONCE; i++) {
        switch (vtd_qemu_carrier_serve(c, why)) {
        case VTD_QEMU_CARRIER_SERVED:
            break;
        case VTD_QEMU_CARRIER_IDLE:
            return true;
        case VTD_QEMU_CARRIER_CLOSED:
            return false;
        default:
            fail(s, why);
            return false;
        }
        memset(s->busy, true, sizeof(s->busy)); /* an access, or what it did in the unit, may be what one waits for */
        settle(s);
    }
    return true;
}

/* ---------------------------------------------------------------- the loop */

static void ignore(void *opaque, const char *line)
{
    (void)opaque;
    (void)line;
}

enum {
    POLL_CHILD,
    POLL_QTEST,
    POLL_MONITOR,
    POLL_CONSOLE,
    POLL_MESSAGE,
    POLL_CARRIER,
    POLL_MAX = POLL_CARRIER + 1 + VTD_QEMU_FUNCTIONS
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void read_channel(struct vtd_qemu_channel *c, vtd_qemu_line *line, void *opaque)
{
    if (!vtd_qemu_channel_read(c, line ? line : ignore, opaque))
        vtd_qemu_channel_fini(c);
}

static void read_channels(struct vtd_qemu_session *s)
{
    read_channel(&s->qtest, on_qtest, s);
    read_channel(&s->monitor, on_monitor, s);
    read_channel(&s->console, s->boot->console, s->boot->opaque);
    read_channel(&s->message, s->boot->message, s->boot->opaque);
}

static unsigned prepare(struct vtd_qemu_session *s, struct pollfd *list)
{
    const struct vtd_qemu_channel *channel[] = {&s->qtest, &s->monitor, &s->console, &s->message};
    list[POLL_CHILD] = (struct pollfd){.fd = s->child.pidfd, .events = POLLIN};
    for (unsigned i = 0; i < 4; i++)
        list[POLL_QTEST + i] =
            (struct pollfd){.fd = channel[i]->fd, .events = (short)(POLLIN | (channel[i]->pending ? POLLOUT : 0))};
    for (unsigned i = 0; i < s->carriers; i++)
        list[POLL_CARRIER + i] = (struct pollfd){.fd = s->carrier[i].wire.fd, .events = POLLIN};
    return POLL_CARRIER + s->carriers;
}

static bool cancelled(const struct vtd_qemu_session *s)
{
    return s->boot->cancel && *s->boot->cancel;
}

/* What has come is dealt with. False: QEMU has ended. */
static bool turn(struct vtd_qemu_session *s, const struct pollfd *list)
{
    for (unsigned i = 0; i < s->carriers; i++)
        if (list[POLL_CARRIER + i].revents && s->carrier[i].wire.fd >= 0 && !serve(s, &s->carrier[i]))
            vtd_qemu_wire_fini(&s->carrier[i].wire);
    if (list[POLL_QTEST].revents & POLLOUT)
        vtd_qemu_channel_flush(&s->qtest);
    if (list[POLL_MONITOR].revents & POLLOUT)
        vtd_qemu_channel_flush(&s->monitor);
    read_channels(s);
    return list[POLL_CHILD].revents == 0;
}

static enum vtd_qemu_end loop(struct vtd_qemu_session *s)
{
    const int64_t deadline = now_ms() + (int64_t)s->boot->timeout * 1000;
    struct pollfd list[POLL_MAX];
    for (;;) {
        const bool more = advance(s);
        const int64_t left = s->boot->timeout ? deadline - now_ms() : 1000;
        if (s->failed)
            return VTD_QEMU_END_ERROR;
        if (cancelled(s))
            return VTD_QEMU_END_CANCEL;
        if (left <= 0) {
            snprintf(s->why, sizeof(s->why), "no end after %u s", s->boot->timeout);
            return VTD_QEMU_END_TIMEOUT;
        }
        const unsigned count = prepare(s, list);
        if (poll(list, count, more ? 0 : (int)(left < 1000 ? left : 1000)) < 0) {
            if (errno != EINTR) {
                fail(s, strerror(errno));
                return VTD_QEMU_END_ERROR;
            }
            continue;
        }
        if (!turn(s, list))
            return s->failed ? VTD_QEMU_END_ERROR : VTD_QEMU_END_EXIT;
    }
}

/* ---------------------------------------------------------------- life */

int vtd_qemu_session_init(struct vtd_qemu_session *s, const struct vtd_config *config, uint64_t memory,
                          bool own_segment)
{
    *s = (struct vtd_qemu_session){.child = {.pidfd = -1}};
    s->qtest.fd = s->monitor.fd = s->console.fd = s->message.fd = -1;
    if (vtd_machine_init(&s->machine, config, vtd_qemu_memory_top(memory), 0, 0, s->why) != 0)
        return -1;
    s->host = (struct vtd_qemu_host){
        .machine = &s->machine,
        .low_end = vtd_qemu_memory_low_end(memory),
        .opaque = s,
        .message = host_message,
    };
    s->memory = (struct vtd_qemu_memory){.memory = &s->machine.memory, .size = memory, .low_end = s->host.low_end};
    vtd_qemu_unit_function_init(&s->unit, &s->host, own_segment);
    return 0;
}

bool vtd_qemu_session_add(struct vtd_qemu_session *s, const struct vtd_qemu_function *function)
{
    if (s->functions == VTD_QEMU_FUNCTIONS)
        return false;
    s->function[s->functions] = *function;
    if (s->unit.bar_size[1] != 0)
        s->unit.segment[s->functions] = &s->function[s->functions];
    s->functions++;
    return true;
}

/* How QEMU ended, when that is no good end. */
static enum vtd_qemu_end judge(struct vtd_qemu_session *s, int status)
{
    if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return VTD_QEMU_END_EXIT;
    if (status != -1 && WIFSIGNALED(status))
        snprintf(s->why, sizeof(s->why), "QEMU was ended by signal %d", WTERMSIG(status));
    else
        snprintf(s->why, sizeof(s->why), "QEMU ended with status %d%s", status == -1 ? -1 : WEXITSTATUS(status),
                 s->running ? "" : " before the guest ran");
    return VTD_QEMU_END_ERROR;
}

enum vtd_qemu_end vtd_qemu_session_run(struct vtd_qemu_session *s, const struct vtd_qemu_boot *boot)
{
    s->boot = boot;
    if (vtd_qemu_session_start(s) != 0)
        return VTD_QEMU_END_ERROR;
    place(s);
    enum vtd_qemu_end end = loop(s);
    const int status = vtd_qemu_child_end(&s->child);
    read_channels(s);
    if (end == VTD_QEMU_END_EXIT)
        end = judge(s, status);
    return end;
}

void vtd_qemu_session_fini(struct vtd_qemu_session *s)
{
    vtd_qemu_child_end(&s->child);
    for (unsigned i = 0; i < s->carriers; i++)
        vtd_qemu_wire_fini(&s->carrier[i].wire);
    vtd_qemu_channel_fini(&s->qtest);
    vtd_qemu_channel_fini(&s->monitor);
    vtd_qemu_channel_fini(&s->console);
    vtd_qemu_channel_fini(&s->message);
    for (unsigned i = 0; i < s->functions; i++)
        if (s->function[i].destroy)
            s->function[i].destroy(s->function[i].self);
    vtd_machine_fini(&s->machine);
    s->functions = s->carriers = 0;
}
