/* SPDX-License-Identifier: MIT */
/*
 * main for a fuzz target without libFuzzer: plays every regular file below the given files and directories once, in the
 * order of their names. It fails when it finds nothing to play, so that an emptied corpus does not pass for a green test.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Plays one file; returns the number of inputs played (1) or -1. */
static int play_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    uint8_t *data = malloc(size > 0 ? size : 1); /* exactly the size, so that a sanitizer sees any read behind it */
    size_t got = data != NULL ? fread(data, 1, size, file) : 0;
    fclose(file);
    if (data == NULL || got != size) {
        fprintf(stderr, "%s: cannot read %zu bytes\n", path, size);
        free(data);
        return -1;
    }
    /* Said before the run, so that the last line of a crash names the input. */
    printf("%s (%zu bytes)\n", path, size);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

/* Plays a file or all files below a directory; returns how many inputs were played, or -1. */
static int play(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    if (S_ISREG(info.st_mode))
        return play_file(path, (size_t)info.st_size);
    if (!S_ISDIR(info.st_mode))
        return 0;

    struct dirent **names;
    int count = scandir(path, &names, NULL, alphasort);
    if (count < 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    int played = 0;
    for (int i = 0; i < count; i++) {
        char *child = NULL;
        if (played >= 0 && names[i]->d_name[0] != '.') {
            int got = asprintf(&child, "%s/%s", path, names[i]->d_name) < 0 ? -1 : play(child);
            played = got < 0 ? -1 : played + got;
            free(child);
        }
        free(names[i]);
    }
    free(names);
    return played;
}

int main(int argc, char **argv)
{
    int total = 0;
    for (int i = 1; i < argc; i++) {
        int played = play(argv[i]);
        if (played < 0)
            return EXIT_FAILURE;
        total += played;
    }
    if (total == 0) {
        fprintf(stderr, "usage: %s FILE|DIRECTORY...: no input found\n", argv[0]);
        return EXIT_FAILURE;
    }
    printf("%d inputs played\n", total);
    return EXIT_SUCCESS;
}
