/* SPDX-License-Identifier: MIT */
/* Starts QEMU for a session: its ACPI tables, its sockets and its command line. See session.h. */
#define _GNU_SOURCE
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ARGUMENTS 96
#define TEXT      8192

/* A command line while it grows. */
struct command_line {
    char *argv[ARGUMENTS + 1];
    unsigned count;
    char text[TEXT];
    size_t used;
    bool full;
};

__attribute__((format(printf, 2, 3))) static void add(struct command_line *c, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const int size = vsnprintf(c->text + c->used, TEXT - c->used, format, list);
    va_end(list);
    if (c->count == ARGUMENTS || size < 0 || (size_t)size >= TEXT - c->used) {
        c->full = true;
        return;
    }
    c->argv[c->count++] = c->text + c->used;
    c->used += (size_t)size + 1;
}

static int fail(struct vtd_qemu_session *s, const char *what, int error)
{
    snprintf(s->why, sizeof(s->why), "%.400s: %s", what, strerror(error));
    return -1;
}

/* ---------------------------------------------------------------- ACPI tables */

static int write_table(struct vtd_qemu_session *s, const char *name, const struct vtd_acpi_table *table)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", s->boot->directory, name);
    FILE *f = fopen(path, "wb");
    if (!f)
        return fail(s, path, errno);
    const bool written = fwrite(table->bytes, 1, table->size, f) == table->size;
    if (fclose(f) != 0 || !written)
        return fail(s, path, errno);
    return 0;
}

/* log2 of the pages of registers. */
static uint8_t register_pages(const struct vtd_qemu_session *s)
{
    uint8_t log = 0;
    while ((UINT32_C(4096) << log) < s->unit.bar_size[0])
        log++;
    return log;
}

static int write_tables(struct vtd_qemu_session *s)
{
    /* QEMU's I/O APIC has id 0; its source-id is what a q35 machine reports for it. */
    static const struct vtd_dmar_scope ioapic = {
        .type = VTD_DMAR_IOAPIC, .id = 0, .bus = 0xf0, .depth = 1, .path = {0}};
    const bool remapping = s->boot->interrupt_remapping;
    const uint16_t segment = s->boot->own_segment ? 1 : 0;
    const struct vtd_dmar_structure structure[] = {
        {.type = VTD_DMAR_DRHD,
         .flag = true,
         .segment = segment,
         .size = register_pages(s),
         .base = VTD_QEMU_UNIT_BASE,
         .scope = &ioapic,
         .scopes = remapping ? 1 : 0},
        {.type = VTD_DMAR_ATSR, .flag = true, .segment = segment},
    };
    const struct vtd_dmar dmar = {
        .host_address_width = vtd_config_get(s->machine.unit)->haw,
        .interrupt_remapping = remapping,
        .structure = structure,
        .structures = s->boot->own_segment ? 2 : 1,
    };
    const struct vtd_acpi_segment own = {
        .number = 1,
        .buses = 1,
        .ecam = VTD_QEMU_ECAM_BASE,
        .window = VTD_QEMU_WINDOW_BASE,
        .window_size = VTD_QEMU_WINDOW_SIZE,
    };
    struct vtd_acpi_table table = {0};
    if (!vtd_acpi_dmar(&table, &dmar))
        return fail(s, "DMAR table", EINVAL);
    if (write_table(s, "dmar.bin", &table) != 0)
        return -1;
    table = (struct vtd_acpi_table){0};
    if (s->boot->own_segment && !vtd_acpi_ssdt(&table, &own))
        return fail(s, "SSDT", EINVAL);
    return s->boot->own_segment ? write_table(s, "segment.bin", &table) : 0;
}

/* ---------------------------------------------------------------- sockets */

/* A pair of sockets: ours stays here, the other is inherited. */
static int make_pair(struct vtd_qemu_session *s, int *ours, int *theirs)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return fail(s, "cannot make a socket", errno);
    fcntl(ends[1], F_SETFD, 0);
    *ours = ends[0];
    *theirs = ends[1];
    return 0;
}

/* QEMU's ends: carriers, then qtest, monitor, console. */
#define SOCKETS (1 + VTD_QEMU_FUNCTIONS + 3)
struct ends {
    int fd[SOCKETS];
    unsigned count;
};

static int make_carriers(struct vtd_qemu_session *s, struct ends *ends)
{
    const unsigned carried = s->boot->own_segment ? 0 : s->functions;
    for (unsigned i = 0; i < 1 + carried; i++) {
        struct vtd_qemu_carrier *c = &s->carrier[i];
        *c = (struct vtd_qemu_carrier){.function = i == 0 ? &s->unit.function : &s->function[i - 1]};
        if (make_pair(s, &c->wire.fd, &ends->fd[ends->count]) != 0)
            return -1;
        ends->count++;
        s->carriers++;
    }
    s->carrier[0].memory = &s->memory;
    return 0;
}

static int make_channels(struct vtd_qemu_session *s, struct ends *ends)
{
    struct vtd_qemu_channel *channel[] = {&s->qtest, &s->monitor, &s->console};
    for (unsigned i = 0; i < 3; i++) {
        int ours;
        if (make_pair(s, &ours, &ends->fd[ends->count]) != 0)
            return -1;
        ends->count++;
        vtd_qemu_channel_init(channel[i], ours);
    }
    return 0;
}

/* ---------------------------------------------------------------- the command line */

static void add_machine(struct command_line *c, const struct vtd_qemu_boot *b)
{
    const unsigned long long mib = (unsigned long long)(b->memory >> 20);
    add(c, "%s", b->qemu);
    add(c, "-nodefaults");
    add(c, "-no-user-config");
    add(c, "-no-reboot");
    add(c, "-display");
    add(c, "none");
    add(c, "-S");
    add(c, "-accel");
    /*
     * One thread for all processors: a proxy device lets the others go on while it waits for us, and QEMU drops accesses
     * that reach a device in the middle of another access to it.
     */
    add(c, "tcg,thread=single");
    add(c, "-cpu");
    add(c, "qemu64");
    add(c, "-smp");
    add(c, "%u", b->cpus);
    add(c, "-m");
    add(c, "%lluM", mib);
    add(c, "-object");
    add(c, "memory-backend-memfd,id=ram,size=%lluM,share=on", mib);
    add(c, "-machine");
    add(c, "q35,memory-backend=ram");
    if (b->data) {
        char paths[TEXT / 2], *save = NULL;
        snprintf(paths, sizeof(paths), "%s", b->data);
        for (char *p = strtok_r(paths, ":", &save); p; p = strtok_r(NULL, ":", &save)) {
            add(c, "-L");
            add(c, "%s", p);
        }
    }
}

static void add_devices(struct command_line *c, const struct vtd_qemu_session *s, const struct ends *ends)
{
    for (unsigned i = 0; i < s->carriers; i++) {
        add(c, "-device");
        add(c, "x-pci-proxy-dev,id=vtd%u,fd=%d,addr=%u", i, ends->fd[i], VTD_QEMU_FIRST_SLOT - 1 + i);
    }
    static const char *const name[] = {"qtest", "monitor", "console"};
    for (unsigned i = 0; i < 3; i++) {
        add(c, "-chardev");
        if (i == 2 && s->boot->terminal)
            add(c, "stdio,id=%s,signal=off", name[i]); /* control-C is for the guest */
        else
            add(c, "socket,id=%s,fd=%d", name[i], ends->fd[s->carriers + i]);
    }
    add(c, "-qtest");
    add(c, "chardev:qtest");
    add(c, "-qtest-log");
    add(c, "none");
    add(c, "-mon");
    add(c, "chardev=monitor,mode=control");
    add(c, "-serial");
    add(c, "chardev:console");
}

static void add_guest(struct command_line *c, const struct vtd_qemu_boot *b)
{
    add(c, "-acpitable");
    add(c, "file=%s/dmar.bin", b->directory);
    if (b->own_segment) {
        add(c, "-acpitable");
        add(c, "file=%s/segment.bin", b->directory);
    }
    add(c, "-kernel");
    add(c, "%s", b->kernel);
    if (b->initrd) {
        add(c, "-initrd");
        add(c, "%s", b->initrd);
    }
    add(c, "-append");
    add(c, "%s", b->append);
}

static int start(struct vtd_qemu_session *s, struct ends *ends)
{
    if (make_carriers(s, ends) != 0 || make_channels(s, ends) != 0)
        return -1;
    struct command_line *c = calloc(1, sizeof(*c));
    int output[2];
    if (!c || pipe2(output, O_CLOEXEC) != 0) {
        const int error = c ? errno : ENOMEM;
        free(c);
        return fail(s, "cannot start QEMU", error);
    }
    add_machine(c, s->boot);
    add_devices(c, s, ends);
    add_guest(c, s->boot);
    vtd_qemu_channel_init(&s->message, output[0]);
    const int error =
        c->full ? -E2BIG : vtd_qemu_child_start(&s->child, c->argv, s->boot->libraries, s->boot->terminal, output[1]);
    close(output[1]);
    free(c);
    return error == 0 ? 0 : fail(s, s->boot->qemu, -error);
}

int vtd_qemu_session_start(struct vtd_qemu_session *s)
{
    struct ends ends = {.count = 0};
    if (write_tables(s) != 0)
        return -1;
    const int status = start(s, &ends);
    for (unsigned i = 0; i < ends.count; i++)
        close(ends.fd[i]);
    return status;
}
