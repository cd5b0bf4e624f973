/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a configuration file. What is accepted can be printed and read back to the same hash, and makes a unit.
 * An input that begins with '!' is a list of --set arguments instead, one on a line.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "config/config.h"
#include "input_file.h"

#define CACHE_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_unit(const struct vtd_sim_config *cfg)
{
    const struct vtd_host host = {0};
    char why[VTD_WHY_SIZE];
    for (unsigned i = 0; i < VTD_CACHES; i++)
        if (cfg->unit.cache[i].entries > CACHE_MAX)
            return;
    struct vtd *unit = vtd_create(&cfg->unit, &host, why);
    HOLDS(unit != NULL);
    vtd_destroy(unit);
}

static void print_and_read_back(const struct vtd_sim_config *cfg)
{
    struct vtd_sim_assignments a = {0};
    struct vtd_sim_config again;
    char why[VTD_WHY_SIZE];
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    HOLDS(out != NULL);
    vtd_sim_config_print(cfg, out);
    fclose(out);
    struct input_file file = input_file_make(text, length);
    HOLDS(vtd_sim_assignments_load(&a, file.name, why) == 0);
    HOLDS(vtd_sim_assignments_apply(&a, &again, why) == 0);
    HOLDS(vtd_sim_config_hash(&again) == vtd_sim_config_hash(cfg));
    vtd_sim_assignments_free(&a);
    input_file_drop(&file);
    free(text);
}

static int load_words(struct vtd_sim_assignments *a, const uint8_t *data, size_t size, char *why)
{
    char *text = strndup((const char *)data, size), *save = NULL;
    int status = text != NULL ? 0 : -1;
    for (char *word = text ? strtok_r(text, "\n", &save) : NULL; word && status == 0;
         word = strtok_r(NULL, "\n", &save))
        status = vtd_sim_assignments_add(a, word, why);
    free(text);
    return status;
}

static int load_file(struct vtd_sim_assignments *a, const uint8_t *data, size_t size, char *why)
{
    struct input_file file = input_file_make(data, size);
    const int status = vtd_sim_assignments_load(a, file.name, why);
    input_file_drop(&file);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vtd_sim_assignments a = {0};
    struct vtd_sim_config cfg;
    char why[VTD_WHY_SIZE];
    const bool words = size > 0 && data[0] == '!';
    int status = words ? load_words(&a, data + 1, size - 1, why) : load_file(&a, data, size, why);
    if (status == 0 && vtd_sim_assignments_apply(&a, &cfg, why) == 0) {
        print_and_read_back(&cfg);
        make_unit(&cfg);
    }
    vtd_sim_assignments_free(&a);
    return 0;
}
