/* SPDX-License-Identifier: MIT */
/* Register pages and the signal handler behind them. */
#define _GNU_SOURCE
#include "vtd_mapped.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "instruction.h"

struct mapping {
    _Atomic uintptr_t start; /* 0: the slot is free */
    uintptr_t end;
    const struct vtd_bus *bus;
    pthread_mutex_t turn;
};

static struct mapping mappings[VTD_MAPPED_MAX];
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER; /* for changes of mappings and of the handler */
static unsigned mapped;
static struct sigaction before; /* what SIGSEGV did without us; valid while mapped > 0 */

static struct mapping *find(uintptr_t address)
{
    for (unsigned i = 0; i < VTD_MAPPED_MAX; i++) {
        const uintptr_t start = atomic_load_explicit(&mappings[i].start, memory_order_acquire);
        if (start && address >= start && address < mappings[i].end)
            return &mappings[i];
    }
    return NULL;
}

/* ---------------------------------------------------------------- an access */

static uint64_t load(void *opaque, uintptr_t address, unsigned size)
{
    const struct mapping *m = opaque;
    const struct vtd_bus *bus = m->bus;
    if (bus->relax)
        bus->relax(bus->opaque);
    return size == 8 ? bus->read64(bus->opaque, address - m->start) : bus->read32(bus->opaque, address - m->start);
}

static void store(void *opaque, uintptr_t address, unsigned size, uint64_t value)
{
    const struct mapping *m = opaque;
    const struct vtd_bus *bus = m->bus;
    if (size == 8)
        bus->write64(bus->opaque, address - m->start, value);
    else
        bus->write32(bus->opaque, address - m->start, (uint32_t)value);
    if (bus->relax)
        bus->relax(bus->opaque);
}

static void report(const char *why, uintptr_t offset)
{
    char text[VTD_INSTRUCTION_WHY + 80];
    const int length =
        snprintf(text, sizeof text, "vtdsim: access to register 0x%llx: %s\n", (unsigned long long)offset, why);
    if (write(STDERR_FILENO, text, (size_t)length) < 0)
        return; /* nobody to tell */
}

bool vtd_mapped_handle(int signal, void *signal_info, void *context)
{
    const siginfo_t *info = signal_info;
    /* A number of who raised it: sent by somebody, no access. */
    struct mapping *m = signal == SIGSEGV && info->si_code > 0 ? find((uintptr_t)info->si_addr) : NULL;
    if (!m)
        return false;
    char why[VTD_INSTRUCTION_WHY];
    const struct vtd_instruction_port port = {
        .opaque = m, .start = m->start, .end = m->end, .load = load, .store = store};
    const int kept = errno;
    pthread_mutex_lock(&m->turn);
    const bool done = vtd_instruction_run(&((ucontext_t *)context)->uc_mcontext, &port, why);
    pthread_mutex_unlock(&m->turn);
    if (!done)
        report(why, (uintptr_t)info->si_addr - m->start);
    errno = kept;
    return done;
}

/* What the program would have seen. Its mask and its stack are ours already. */
static void handle(int signal, siginfo_t *info, void *context)
{
    if (vtd_mapped_handle(signal, info, context))
        return;
    if (before.sa_flags & SA_SIGINFO) {
        before.sa_sigaction(signal, info, context);
    } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
        before.sa_handler(signal);
    } else if (info->si_code > 0 || before.sa_handler == SIG_DFL) {
        /* The instruction faults again and ends the program where it stands; a signal that was sent is sent again. */
        sigaction(SIGSEGV, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
        if (info->si_code <= 0)
            raise(signal);
    }
}

static bool install(void)
{
    if (sigaction(SIGSEGV, NULL, &before) != 0)
        return false;
    struct sigaction ours = {.sa_sigaction = handle, .sa_mask = before.sa_mask};
    ours.sa_flags = SA_SIGINFO | (before.sa_flags & (SA_ONSTACK | SA_NODEFER | SA_RESTART));
    return sigaction(SIGSEGV, &ours, NULL) == 0;
}

/* Puts back what was there, unless the program has its own by now. */
static void remove_handler(void)
{
    struct sigaction now;
    if (sigaction(SIGSEGV, NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) && now.sa_sigaction == handle)
        sigaction(SIGSEGV, &before, NULL);
}

/* ---------------------------------------------------------------- mappings */

static volatile void *failed(int error, const char *text, char *why)
{
    if (why)
        snprintf(why, 256, "%s", text);
    errno = error;
    return NULL;
}

/* With the table locked. */
static volatile void *map_into(struct mapping *m, const struct vtd_bus *bus, size_t size, char *why)
{
    void *page = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (page == MAP_FAILED)
        return failed(ENOMEM, "there is no address space for the registers", why);
    if (mapped == 0 && !install()) {
        munmap(page, size);
        return failed(errno, "the handler of SIGSEGV cannot be installed", why);
    }
    mapped++;
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE); /* a callback may read registers */
    pthread_mutex_init(&m->turn, &attr);
    pthread_mutexattr_destroy(&attr);
    m->bus = bus;
    m->end = (uintptr_t)page + size;
    atomic_store_explicit(&m->start, (uintptr_t)page, memory_order_release);
    return page;
}

volatile void *vtd_map_registers(const struct vtd_bus *bus, size_t size, char *why)
{
    if (!bus || !bus->read32 || !bus->read64 || !bus->write32 || !bus->write64)
        return failed(EINVAL, "the bus lacks one of read32, read64, write32 and write64", why);
    if (size == 0 || size % 4096 || size > UINT64_C(1) << 30)
        return failed(EINVAL, "the size of the registers must be a multiple of 4096 up to 1 GiB", why);
    pthread_mutex_lock(&table);
    struct mapping *m = NULL;
    for (unsigned i = 0; i < VTD_MAPPED_MAX && !m; i++)
        m = mappings[i].start ? NULL : &mappings[i];
    volatile void *page =
        m ? map_into(m, bus, size, why) : failed(ENOSPC, "as many units as possible are mapped already", why);
    const int error = errno;
    pthread_mutex_unlock(&table);
    errno = error;
    return page;
}

void vtd_unmap_registers(volatile void *registers)
{
    pthread_mutex_lock(&table);
    struct mapping *m = registers ? find((uintptr_t)registers) : NULL;
    if (m) {
        const size_t size = m->end - m->start;
        atomic_store_explicit(&m->start, 0, memory_order_release);
        pthread_mutex_destroy(&m->turn);
        munmap((void *)(uintptr_t)registers, size);
        if (--mapped == 0)
            remove_handler();
    }
    pthread_mutex_unlock(&table);
}

void vtd_mapped_lock(volatile void *registers)
{
    pthread_mutex_lock(&find((uintptr_t)registers)->turn);
}

void vtd_mapped_unlock(volatile void *registers)
{
    pthread_mutex_unlock(&find((uintptr_t)registers)->turn);
}
