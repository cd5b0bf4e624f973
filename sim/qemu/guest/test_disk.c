/* SPDX-License-Identifier: MIT */
/* A disk through the kernel's own driver: a file system is mounted, read, written, and read again. */
#include "guest.h"

#include "qemu/pattern.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DISK    "/dev/vda"
#define PLACE   "/tmp/disk"
#define MODULES "/modules/disk" /* names of modules, one a line, in the order in which they need each other */
#define ROUNDS  3u
#define SIZE    700000u

/* A kernel that has them built in comes without the list. */
static const char *load_modules(void)
{
    char name[64], path[128];
    FILE *list = fopen(MODULES, "r");
    while (list && fgets(name, sizeof(name), list)) {
        name[strcspn(name, "\n")] = 0;
        snprintf(path, sizeof(path), "/modules/%s.ko", name);
        const int fd = open(path, O_RDONLY | O_CLOEXEC);
        const long error = fd < 0 ? -1 : syscall(SYS_finit_module, fd, "", 0);
        const int why = errno;
        if (fd >= 0)
            close(fd);
        if (error != 0 && why != EEXIST) {
            fclose(list);
            return vtd_guest_say("module %s: %s", name, strerror(why));
        }
    }
    if (list)
        fclose(list);
    return NULL;
}

static bool wait_for(const char *path, unsigned milliseconds)
{
    for (unsigned waited = 0; access(path, F_OK) != 0; waited += 10) {
        if (waited >= milliseconds)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return true;
}

/* Whether a file of the mounted disk has the pattern of a seed. */
static const char *check(const char *name, uint32_t size, unsigned seed)
{
    char path[64];
    snprintf(path, sizeof(path), PLACE "/%s", name);
    uint8_t *read_bytes = malloc(size + 1u), *expected = malloc(size);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const char *wrong = NULL;
    if (!read_bytes || !expected || fd < 0) {
        wrong = vtd_guest_say("%s: %s", name, strerror(errno));
    } else {
        uint32_t done = 0;
        ssize_t part;
        while (done <= size && (part = read(fd, read_bytes + done, size + 1u - done)) > 0)
            done += (uint32_t)part;
        vtd_pattern_fill(expected, size, seed);
        if (done != size)
            wrong = vtd_guest_say("%s has %u bytes, not %u", name, done, size);
        else if (memcmp(read_bytes, expected, size) != 0)
            wrong = vtd_guest_say("%s has another content", name);
    }
    if (fd >= 0)
        close(fd);
    free(read_bytes);
    free(expected);
    return wrong;
}

static const char *write_new(unsigned seed)
{
    uint8_t *content = malloc(SIZE);
    VTD_GUEST_REQUIRE(content, "no memory");
    vtd_pattern_fill(content, SIZE, seed);
    const int fd = open(PLACE "/new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    const bool written = fd >= 0 && write(fd, content, SIZE) == SIZE && fsync(fd) == 0;
    const int error = errno;
    if (fd >= 0)
        close(fd);
    free(content);
    VTD_GUEST_REQUIRE(written, "write: %s", strerror(error));
    return NULL;
}

static const char *use(unsigned round)
{
    char name[32];
    if (round > 1) /* what the round before wrote: after an unmount only the disk can know */
        VTD_GUEST_TRY(check("new", SIZE, 1000 + round - 1));
    for (unsigned i = 1; i <= VTD_PATTERN_FILES; i++) {
        snprintf(name, sizeof(name), "file-%u", i);
        VTD_GUEST_TRY(check(name, vtd_pattern_sizes[i - 1], i));
    }
    return write_new(1000 + round);
}

const char *vtd_guest_test_disk(void)
{
    VTD_GUEST_REQUIRE(vtd_guest_has_pci(0x1af4, 0x1042), "skip: there is no disk");
    VTD_GUEST_TRY(load_modules());
    VTD_GUEST_REQUIRE(wait_for(DISK, 5000), "the kernel did not make " DISK);
    mkdir(PLACE, 0755);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        VTD_GUEST_REQUIRE(mount(DISK, PLACE, "ext4", 0, NULL) == 0, "mount: %s", strerror(errno));
        const char *wrong = use(round);
        if (umount(PLACE) != 0 && !wrong)
            wrong = vtd_guest_say("unmount: %s", strerror(errno));
        VTD_GUEST_TRY(wrong);
    }
    return NULL;
}
