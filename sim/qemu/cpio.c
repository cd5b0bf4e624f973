/* SPDX-License-Identifier: MIT */
/* Writes cpio archives for Linux. See cpio.h. */
#define _GNU_SOURCE
#include "cpio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HEADER_SIZE 110u

static void put(struct vtd_cpio *c, const void *bytes, size_t size)
{
    if (!c->failed && size != 0 && fwrite(bytes, 1, size, c->file) != size) {
        c->failed = true;
        c->error = errno;
    }
}

/* To a multiple of 4. */
static void pad(struct vtd_cpio *c, size_t size)
{
    put(c, "\0\0\0", (4 - size % 4) % 4);
}

static void header(struct vtd_cpio *c, const char *name, unsigned mode, size_t size, unsigned major, unsigned minor)
{
    char text[HEADER_SIZE + 1];
    const size_t name_size = strlen(name) + 1;
    c->entries++;
    /* magic, inode, mode, uid, gid, links, time, size, device (2), device of the node (2), name size, checksum */
    snprintf(text, sizeof(text), "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", c->entries, mode, 0, 0,
             1, 0, (unsigned)size, 0, 0, major, minor, (unsigned)name_size, 0);
    put(c, text, HEADER_SIZE);
    put(c, name, name_size);
    pad(c, HEADER_SIZE + name_size);
}

void vtd_cpio_directory(struct vtd_cpio *c, const char *name)
{
    header(c, name, S_IFDIR | 0755, 0, 0, 0);
}

void vtd_cpio_bytes(struct vtd_cpio *c, const char *name, unsigned mode, const void *bytes, size_t size)
{
    if (size > UINT32_MAX) {
        c->failed = true;
        c->error = EFBIG;
        return;
    }
    header(c, name, S_IFREG | mode, size, 0, 0);
    put(c, bytes, size);
    pad(c, size);
}

void vtd_cpio_character_device(struct vtd_cpio *c, const char *name, unsigned major, unsigned minor)
{
    header(c, name, S_IFCHR | 0600, 0, major, minor);
}

bool vtd_cpio_file(struct vtd_cpio *c, const char *name, unsigned mode, const char *path)
{
    FILE *in = fopen(path, "rb");
    struct stat about;
    char *bytes = NULL;
    bool read = in && fstat(fileno(in), &about) == 0;
    if (read) {
        const size_t size = (size_t)about.st_size;
        bytes = malloc(size + 1);
        read = bytes && fread(bytes, 1, size, in) == size;
        if (read)
            vtd_cpio_bytes(c, name, mode, bytes, size);
    }
    if (!read && !c->failed) {
        c->failed = true;
        c->error = errno ? errno : EIO;
    }
    free(bytes);
    if (in)
        fclose(in);
    return read;
}

bool vtd_cpio_end(struct vtd_cpio *c)
{
    header(c, "TRAILER!!!", 0, 0, 0, 0);
    return !c->failed;
}
