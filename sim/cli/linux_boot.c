/* SPDX-License-Identifier: MIT */
/* One boot of vtdsim linux. See linux_boot.h. */
#define _GNU_SOURCE
#include "linux_boot.h"
#include "linux_record.h"

#include "qemu/disk_image.h"
#include "qemu/dma_engine.h"
#include "qemu/session.h"
#include "qemu/virtio_blk.h"
#include "vtd/vtd_regs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define ENGINES 2

static volatile int cancelled;

static void on_signal(int number)
{
    cancelled = number;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What the callbacks of a boot work on. */
struct watch {
    const struct vtd_linux_options *options;
    const struct vtd_linux_run *run;
    struct vtd_linux_result *result;
    struct vtd_qemu_session *session;
    FILE *log;
    double begin;
    char last[200];    /* line of the console */
    char message[200]; /* line of QEMU */
    bool mode_wrong;
    bool dropped; /* QEMU did not carry an access of the guest out */
};

/* Whether the kernel uses the unit as the run wants it: read from the unit, whatever the kernel says. */
static void check_mode(struct watch *w)
{
    struct vtd *unit = w->session->machine.unit;
    const uint64_t root = vtd_mmio_read64(unit, VTD_REG_RTADDR);
    const uint32_t status = vtd_mmio_read32(unit, VTD_REG_GSTS);
    const uint64_t wanted = w->run->mode == VTD_LINUX_LEGACY ? 0 : 1;
    w->mode_wrong = !vtd_reg_gsts_tes(status) || vtd_reg_rtaddr_ttm(root) != wanted ||
                    (w->run->remapping && !vtd_reg_gsts_ires(status));
}

static void on_console(void *opaque, const char *line)
{
    struct watch *w = opaque;
    fprintf(w->log, "%s\n", line);
    if (w->options->verbose)
        fprintf(stderr, "%s\n", line);
    snprintf(w->last, sizeof(w->last), "%.190s", line);
    if (vtd_verdict_take(&w->result->verdict, line) != VTD_VERDICT_LINE_START)
        return;
    w->result->up = seconds() - w->begin;
    check_mode(w);
}

static void on_message(void *opaque, const char *line)
{
    struct watch *w = opaque;
    fprintf(w->log, "QEMU: %s\n", line);
    if (w->options->verbose)
        fprintf(stderr, "QEMU: %s\n", line);
    snprintf(w->message, sizeof(w->message), "%.190s", line);
    w->dropped |= strstr(line, "Blocked re-entrant IO") != NULL;
}

/* ---------------------------------------------------------------- preparation */

int vtd_linux_configure(const struct vtd_linux_options *options, const struct vtd_linux_run *run,
                        struct vtd_sim_config *config, char *why)
{
    struct vtd_sim_assignments all = {0};
    int status = 0;
    for (unsigned i = 0; i < VTD_LINUX_SETS && run->set[i] && status == 0; i++)
        status = vtd_sim_assignments_add(&all, run->set[i], why);
    for (size_t i = 0; i < options->assignments.count && status == 0; i++) {
        char text[512];
        const struct vtd_sim_assignment *a = &options->assignments.list[i];
        snprintf(text, sizeof(text), "%s=%s", a->key, a->value);
        status = vtd_sim_assignments_add(&all, text, why);
    }
    if (status == 0)
        status = vtd_sim_assignments_apply(&all, config, why);
    vtd_sim_assignments_free(&all);
    return status;
}

static int add_engines(struct vtd_qemu_session *s, const struct vtd_linux_run *run)
{
    for (unsigned i = 0; i < ENGINES; i++) {
        struct vtd_qemu_function function;
        const unsigned device = run->segment ? i : VTD_QEMU_FIRST_SLOT + i;
        const struct vtd_dma_engine_config engine = {
            .sid = (uint16_t)(device << 3),
            .express = run->segment,
            .ats = run->segment,
            .pasid = run->segment,
            .pri = run->segment,
        };
        if (vtd_dma_engine_create(&s->host, &engine, &function, s->why) != 0)
            return -1;
        if (!vtd_qemu_session_add(s, &function))
            return -1;
    }
    return 0;
}

/* A disk with a file system, behind the engines. A machine without mke2fs boots without one. */
static int add_disk(struct vtd_qemu_session *s, const struct vtd_linux_run *run, const char *directory)
{
    struct vtd_qemu_function function;
    char path[VTD_LINUX_PATH], why[VTD_DISK_IMAGE_WHY];
    snprintf(path, sizeof(path), "%.3500s/disk.img", directory);
    const int error = vtd_disk_image_make(path, why);
    if (error == -ENOENT) {
        fprintf(stderr, "vtdsim linux: the guest gets no disk: %s\n", why);
        return 0;
    }
    if (error) {
        snprintf(s->why, sizeof(s->why), "%.400s", why);
        return -1;
    }
    const unsigned device = run->segment ? ENGINES : VTD_QEMU_FIRST_SLOT + ENGINES;
    const struct vtd_virtio_blk_config disk = {.sid = (uint16_t)(device << 3), .path = path};
    if (vtd_virtio_blk_create(&s->host, &disk, &function, s->why) != 0)
        return -1;
    return vtd_qemu_session_add(s, &function) ? 0 : -1;
}

/* Directory of this process for what QEMU reads, below that of all. */
static bool work_directory(const struct vtd_linux_files *files, char *path, char *why, size_t size)
{
    const int length = snprintf(path, VTD_LINUX_PATH - 32, "%.3000s/work.%d", files->directory, (int)getpid());
    if (length > 0 && (mkdir(path, 0777) == 0 || errno == EEXIST))
        return true;
    snprintf(why, size, "%.900s: %s", path, strerror(errno));
    return false;
}

static void remove_work(const char *path)
{
    static const char *const name[] = {"disk.img", "dmar.bin", "segment.bin"};
    char file[VTD_LINUX_PATH];
    for (unsigned i = 0; i < sizeof(name) / sizeof(*name); i++) {
        snprintf(file, sizeof(file), "%.3500s/%s", path, name[i]);
        unlink(file);
    }
    rmdir(path);
}

/* ---------------------------------------------------------------- the boot */

/* What the guest said last, and what the unit is at: an invalidation that does not end shows there. */
static void explain_timeout(const struct watch *w, struct vtd_linux_result *result)
{
    struct vtd *unit = w->session->machine.unit;
    snprintf(result->why, sizeof(result->why),
             "%s; the console's last line: %s; the unit: GSTS 0x%x, FSTS 0x%x, IQH 0x%llx, IQT 0x%llx%s",
             w->session->why, w->last, vtd_mmio_read32(unit, VTD_REG_GSTS), vtd_mmio_read32(unit, VTD_REG_FSTS),
             (unsigned long long)vtd_mmio_read64(unit, VTD_REG_IQH),
             (unsigned long long)vtd_mmio_read64(unit, VTD_REG_IQT),
             w->dropped ? "; QEMU has dropped an access of the guest" : "");
}

static void judge(const struct watch *w, enum vtd_qemu_end end, struct vtd_linux_result *result)
{
    const struct vtd_qemu_session *s = w->session;
    char why[256] = "";
    result->good = end == VTD_QEMU_END_EXIT;
    result->ran = s->running; /* else QEMU did not come so far */
    result->cancelled = end == VTD_QEMU_END_CANCEL ? cancelled : 0;
    if (end == VTD_QEMU_END_CANCEL)
        snprintf(result->why, sizeof(result->why), "ended by signal %d", cancelled);
    else if (end == VTD_QEMU_END_TIMEOUT)
        explain_timeout(w, result);
    else if (end == VTD_QEMU_END_ERROR)
        snprintf(result->why, sizeof(result->why), "%s%s%s", s->why, w->message[0] ? "; it says: " : "", w->message);
    if (result->good && w->dropped) {
        result->good = false;
        snprintf(result->why, sizeof(result->why), "QEMU dropped an access: %s", w->message);
    }
    if (!result->good || w->options->interactive)
        return;
    result->good = vtd_verdict_good(&result->verdict, why);
    if (result->good && w->mode_wrong) {
        result->good = false;
        snprintf(why, sizeof(why), "the kernel did not bring the unit into the mode of this run");
    }
    snprintf(result->why, sizeof(result->why), "%s", why);
}

static void serve(struct watch *w, const struct vtd_linux_files *files, const char *directory)
{
    const struct vtd_linux_options *o = w->options;
    struct vtd_linux_result *result = w->result;
    struct vtd_qemu_session *s = w->session;
    char line[2048];
    const char *tests = o->interactive ? "shell" : o->tests;
    if (!vtd_linux_command_line(w->run, tests, o->append, line, sizeof(line))) {
        snprintf(result->why, sizeof(result->why), "the kernel command line is longer than %zu bytes", sizeof(line));
        return;
    }
    const struct vtd_qemu_boot boot = {
        .qemu = files->qemu,
        .libraries = files->libraries[0] ? files->libraries : NULL,
        .data = files->data[0] ? files->data : NULL,
        .kernel = files->kernel,
        .initrd = files->initrd,
        .append = line,
        .directory = directory,
        .memory = s->memory.size,
        .cpus = o->cpus ? o->cpus : w->run->cpus,
        .own_segment = w->run->segment,
        .interrupt_remapping = w->run->remapping,
        .terminal = o->interactive,
        .timeout = o->interactive ? 0 : o->timeout,
        .console = on_console,
        .message = on_message,
        .opaque = w,
        .cancel = &cancelled,
    };
    struct termios terminal;
    const bool restore = o->interactive && tcgetattr(STDIN_FILENO, &terminal) == 0;
    w->begin = seconds();
    const enum vtd_qemu_end end = vtd_qemu_session_run(s, &boot);
    if (restore) /* a QEMU that was killed has not done it */
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
    result->seconds = seconds() - w->begin;
    judge(w, end, result);
    vtd_stats_get(s->machine.unit, &result->stats);
    result->register_reads = s->unit.reads;
    result->register_writes = s->unit.writes;
    result->interrupts = s->interrupts;
}

/* With what is to be written down. */
static void serve_recorded(struct watch *w, const struct vtd_linux_files *files, const char *directory)
{
    struct vtd_linux_result *result = w->result;
    struct vtd_linux_record record;
    if (vtd_linux_record_begin(&record, w->options, &result->config, w->session, result->why) != 0)
        return;
    serve(w, files, directory);
    vtd_linux_record_end(&record, result->record_why);
}

static void run_session(struct watch *w, const struct vtd_linux_files *files)
{
    struct vtd_linux_result *result = w->result;
    char directory[VTD_LINUX_PATH];
    const uint64_t memory = w->options->memory ? w->options->memory : (uint64_t)w->run->memory << 20;
    if (vtd_qemu_session_init(w->session, &result->config.unit, memory, w->run->segment) != 0 ||
        add_engines(w->session, w->run) != 0) {
        snprintf(result->why, sizeof(result->why), "%s", w->session->why);
        return;
    }
    if (!work_directory(files, directory, result->why, sizeof(result->why)))
        return;
    if (add_disk(w->session, w->run, directory) == 0)
        serve_recorded(w, files, directory);
    else
        snprintf(result->why, sizeof(result->why), "%s", w->session->why);
    remove_work(directory);
}

void vtd_linux_boot(const struct vtd_linux_options *options, const struct vtd_linux_files *files,
                    const struct vtd_linux_run *run, struct vtd_linux_result *result)
{
    memset(result, 0, sizeof(*result));
    vtd_verdict_init(&result->verdict);
    char why[VTD_WHY_SIZE];
    if (vtd_linux_configure(options, run, &result->config, why) != 0) {
        snprintf(result->why, sizeof(result->why), "%s", why);
        return;
    }
    snprintf(result->log, sizeof(result->log), "%.3900s/%s.log", files->directory, run->name);
    struct watch w = {.options = options, .run = run, .result = result, .log = fopen(result->log, "w")};
    w.session = calloc(1, sizeof(*w.session));
    if (!w.log || !w.session) {
        snprintf(result->why, sizeof(result->why), "%.900s: %s", result->log, strerror(errno));
    } else {
        signal(SIGINT, on_signal);
        signal(SIGTERM, on_signal);
        run_session(&w, files);
        vtd_qemu_session_fini(w.session);
    }
    free(w.session);
    if (w.log)
        fclose(w.log);
}
