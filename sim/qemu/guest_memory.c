/* SPDX-License-Identifier: MIT */
/* Guest memory from the files that QEMU passes. See guest_memory.h. */
#include "guest_memory.h"

#include "qemu/function.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* q35 leaves the upper 2 GiB below 4 GiB to devices when memory would reach above this. */
#define LOW_LIMIT UINT64_C(0xb0000000)
#define LOW_SPLIT UINT64_C(0x80000000)

uint64_t vtd_qemu_memory_low_end(uint64_t size)
{
    return size >= LOW_LIMIT ? LOW_SPLIT : size;
}

uint64_t vtd_qemu_memory_top(uint64_t size)
{
    const uint64_t low = vtd_qemu_memory_low_end(size);
    return size == low ? low : VTD_QEMU_HIGH_START + (size - low);
}

static bool inside(uint64_t start, uint64_t size, uint64_t from, uint64_t to)
{
    return start >= from && start <= to && size <= to - start;
}

/* Whether a region is where the machine has that part of the file. */
static bool placed(const struct vtd_qemu_memory *m, const struct vtd_qemu_region *r)
{
    if (inside(r->gpa, r->size, 0, m->low_end))
        return r->offset == r->gpa;
    return inside(r->gpa, r->size, VTD_QEMU_HIGH_START, m->memory->size) &&
           r->offset == r->gpa - VTD_QEMU_HIGH_START + m->low_end;
}

static bool map(const struct vtd_qemu_memory *m, int fd, uint64_t gpa, uint64_t size, uint64_t offset)
{
    return size == 0 || mmap(m->memory->base + gpa, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                             (off_t)offset) != MAP_FAILED;
}

static int take(struct vtd_qemu_memory *m, const struct vtd_qemu_region *r, char *why)
{
    struct stat file;
    if (fstat(r->fd, &file) != 0 || !S_ISREG(file.st_mode) || (uint64_t)file.st_size < m->size) {
        snprintf(why, VTD_QEMU_WHY_SIZE,
                 "guest memory is not in a file of %llu bytes: it has to be a "
                 "memory-backend-memfd with share=on",
                 (unsigned long long)m->size);
        return -1;
    }
    if (!placed(m, r) || (m->mapped && (file.st_dev != m->device || file.st_ino != m->inode))) {
        snprintf(why, VTD_QEMU_WHY_SIZE,
                 "guest memory of 0x%llx bytes at 0x%llx, offset 0x%llx in its file, is not where a q35 machine with "
                 "%llu MiB has it",
                 (unsigned long long)r->size, (unsigned long long)r->gpa, (unsigned long long)r->offset,
                 (unsigned long long)m->size >> 20);
        return -1;
    }
    if (m->mapped)
        return 0;
    if (!map(m, r->fd, 0, m->low_end, 0) || !map(m, r->fd, VTD_QEMU_HIGH_START, m->size - m->low_end, m->low_end)) {
        snprintf(why, VTD_QEMU_WHY_SIZE, "cannot map guest memory: %s", strerror(errno));
        return -1;
    }
    m->mapped = true;
    m->device = file.st_dev;
    m->inode = file.st_ino;
    return 0;
}

int vtd_qemu_memory_sync(struct vtd_qemu_memory *m, const struct vtd_qemu_message *message, char *why)
{
    int status = 0;
    for (unsigned i = 0; i < message->regions; i++) {
        if (status == 0)
            status = take(m, &message->region[i], why);
        close(message->region[i].fd);
    }
    return status;
}
