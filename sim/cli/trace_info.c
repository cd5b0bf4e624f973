/* SPDX-License-Identifier: MIT */
/* vtdsim trace info: what is in a trace. */
#include "trace_cli.h"

#include "tenant_options.h"
#include "trace_pages.h"
#include "workload/trace_reader.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICES_SHOWN 32
#define REUSE_CLASSES 64

struct device {
    uint64_t accesses, pages;
    uint32_t pasids; /* without the one that is none */
};

struct info {
    uint64_t reads, writes, unknown; /* by direction */
    uint64_t lengths;                /* accesses whose length is known */
    uint64_t inv_pages, inv_domain, inv_all, pages_invalidated, detached;
    uint64_t comments, first_ns, last_ns;
    uint64_t reuse[REUSE_CLASSES];      /* [k]: the page was touched at most 2^k accesses before, but not 2^(k-1) */
    struct vtd_pairs requesters, pages; /* value of a page: number of its last access */
    struct device *device;              /* of each source-id */
    bool binary;
};

struct arguments {
    char **file;
    int files;
    bool json;
};

static const struct argp_option options[] = {
    {"format", 'f', "text|json", 0, "Form of the result (default text)", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    static const char *const formats[] = {"text", "json", NULL};
    struct arguments *a = state->input;
    switch (key) {
    case 'f':
        a->json = vtd_option_choice(state, "format", argument, formats) == 1;
        return 0;
    case ARGP_KEY_ARGS:
        a->file = state->argv + state->next;
        a->files = state->argc - state->next;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no trace given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "FILE...",
    .doc = "Counts what is in traces: accesses, devices, PASIDs, pages, time, invalidations, and how soon pages are "
           "touched again. With json there is one object for each file."
           "\vExit status: 0 success; 2 an error. Of a damaged trace the part before that is counted.",
};

/* ---------------------------------------------------------------- counting */

static bool count_access(struct info *n, const struct vtd_trace_item *i)
{
    bool is_new;
    const uint64_t number = n->reads + n->writes + n->unknown + 1;
    const uint32_t requester = vtd_pairs_index(&n->requesters, i->has_pasid ? i->pasid + 1 : 0, i->sid, &is_new);
    if (requester == UINT32_MAX)
        return false;
    struct device *d = &n->device[i->sid];
    d->accesses++;
    d->pasids += is_new && i->has_pasid;
    const uint32_t page = vtd_pairs_index(&n->pages, i->iova >> 12, requester, &is_new);
    if (page == UINT32_MAX)
        return false;
    d->pages += is_new;
    if (!is_new) {
        unsigned class = 0;
        while ((number - n->pages.pair[page].value - 1) >> class)
            class ++;
        n->reuse[class]++;
    }
    n->pages.pair[page].value = number;
    n->reads += i->kind == VTD_ITEM_READ;
    n->writes += i->kind == VTD_ITEM_WRITE;
    n->unknown += i->kind == VTD_ITEM_ACCESS;
    n->lengths += i->len != 0;
    if (number == 1)
        n->first_ns = i->time_ns;
    if (i->time_ns > n->last_ns)
        n->last_ns = i->time_ns;
    return true;
}

static int count(struct info *n, const char *file, char *why)
{
    struct vtd_trace_item item;
    struct vtd_trace_reader *r = vtd_trace_reader_open(file, why);
    int status = r ? 1 : -1;
    if (r)
        n->binary = vtd_trace_reader_is_binary(r);
    while (status > 0 && (status = vtd_trace_reader_next(r, &item, why)) > 0) {
        if (vtd_item_is_access(&item) && !count_access(n, &item))
            status = vtd_trace_reader_complain(r, "out of memory", why);
        n->inv_pages += item.kind == VTD_ITEM_INV_PAGES;
        n->pages_invalidated += item.kind == VTD_ITEM_INV_PAGES ? item.pages : 0;
        n->inv_domain += item.kind == VTD_ITEM_INV_DOMAIN;
        n->inv_all += item.kind == VTD_ITEM_INV_ALL;
        n->detached += item.kind == VTD_ITEM_DETACH;
        n->comments += item.kind == VTD_ITEM_COMMENT;
    }
    vtd_trace_reader_close(r);
    return status;
}

/* ---------------------------------------------------------------- results */

static void sid_text(char text[16], unsigned sid)
{
    snprintf(text, 16, "%02x:%02x.%x", sid >> 8, sid >> 3 & 31, sid & 7);
}

static void counts_of_devices(const struct info *n, unsigned *devices, uint64_t *pasids)
{
    *devices = 0;
    *pasids = 0;
    for (unsigned sid = 0; sid <= UINT16_MAX; sid++) {
        *devices += n->device[sid].accesses != 0;
        *pasids += n->device[sid].pasids;
    }
}

static double percent(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void write_reuse(const struct info *n, uint64_t accesses)
{
    uint64_t sum = 0;
    printf("pages          %" PRIu32 ", %.2f %% of the accesses are the first to their page\n", n->pages.count,
           percent(n->pages.count, accesses));
    printf("touched again  ");
    for (unsigned k = 0; k < REUSE_CLASSES; k++) {
        sum += n->reuse[k];
        if (k % 4 == 0 && (k == 0 || sum < accesses - n->pages.count || n->reuse[k] || n->reuse[k - 1] ||
                           n->reuse[k - 2] || n->reuse[k - 3]))
            printf("%s<= %llu: %.2f %%", k ? ", " : "", 1ull << k, percent(sum, accesses));
    }
    puts(accesses ? "" : "-");
}

static void write_text(const char *file, const struct info *n)
{
    const uint64_t accesses = n->reads + n->writes + n->unknown;
    unsigned devices, shown = 0;
    uint64_t pasids;
    counts_of_devices(n, &devices, &pasids);
    printf("trace          %s (%s)\n", file, n->binary ? "binary" : "text");
    printf("accesses       %" PRIu64 ": %" PRIu64 " reads, %" PRIu64 " writes, %" PRIu64
           " of unknown direction; length known of %" PRIu64 "\n",
           accesses, n->reads, n->writes, n->unknown, n->lengths);
    printf("invalidations  %" PRIu64 ": of pages %" PRIu64 " (%" PRIu64 " pages), of domains %" PRIu64
           ", of all %" PRIu64 "\n",
           n->inv_pages + n->inv_domain + n->inv_all, n->inv_pages, n->pages_invalidated, n->inv_domain, n->inv_all);
    if (n->detached)
        printf("detached       %" PRIu64 "\n", n->detached);
    printf("duration       %.6f ms\n", (double)(n->last_ns - n->first_ns) / 1e6);
    write_reuse(n, accesses);
    printf("devices        %u, PASIDs %" PRIu64 "\n", devices, pasids);
    printf("%15s %12s %8s %12s\n", "device", "accesses", "PASIDs", "pages");
    for (unsigned sid = 0; sid <= UINT16_MAX && shown < DEVICES_SHOWN; sid++) {
        const struct device *d = &n->device[sid];
        char text[16];
        sid_text(text, sid);
        if (!d->accesses)
            continue;
        printf("%15s %12" PRIu64 " %8" PRIu32 " %12" PRIu64 "\n", text, d->accesses, d->pasids, d->pages);
        shown++;
    }
    if (devices > shown)
        printf("%15s %u more\n", "...", devices - shown);
}

static void set(json_t *object, const char *name, uint64_t value)
{
    json_object_set_new(object, name, json_integer((json_int_t)value));
}

static void write_json(const char *file, const struct info *n, const char *incomplete)
{
    unsigned devices;
    uint64_t pasids;
    json_t *root = json_object(), *list = json_object(), *reuse = json_array();
    unsigned classes = REUSE_CLASSES;
    counts_of_devices(n, &devices, &pasids);
    json_object_set_new(root, "trace", json_string(file));
    json_object_set_new(root, "format", json_string(n->binary ? "binary" : "text"));
    if (incomplete[0])
        json_object_set_new(root, "incomplete", json_string(incomplete));
    set(root, "accesses", n->reads + n->writes + n->unknown);
    set(root, "reads", n->reads);
    set(root, "writes", n->writes);
    set(root, "unknown_direction", n->unknown);
    set(root, "known_length", n->lengths);
    set(root, "invalidations", n->inv_pages + n->inv_domain + n->inv_all);
    set(root, "invalidations_of_pages", n->inv_pages);
    set(root, "invalidations_of_domains", n->inv_domain);
    set(root, "invalidations_of_all", n->inv_all);
    set(root, "detached", n->detached);
    set(root, "pages_invalidated", n->pages_invalidated);
    set(root, "duration_ns", n->last_ns - n->first_ns);
    set(root, "pages", n->pages.count);
    set(root, "pasids", pasids);
    while (classes && !n->reuse[classes - 1])
        classes--;
    for (unsigned k = 0; k < classes; k++)
        json_array_append_new(reuse, json_integer((json_int_t)n->reuse[k]));
    json_object_set_new(root, "reuse_log2", reuse);
    for (unsigned sid = 0; sid <= UINT16_MAX; sid++) {
        char text[16];
        sid_text(text, sid);
        if (!n->device[sid].accesses)
            continue;
        json_t *d = json_object();
        set(d, "accesses", n->device[sid].accesses);
        set(d, "pasids", n->device[sid].pasids);
        set(d, "pages", n->device[sid].pages);
        json_object_set_new(list, text, d);
    }
    json_object_set_new(root, "devices", list);
    json_dumpf(root, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(root);
}

static int show(const char *file, bool json, bool space)
{
    char why[VTD_WHY_SIZE] = "";
    struct info n = {0};
    int status = -1;
    n.device = calloc(0x10000, sizeof *n.device);
    if (n.device)
        status = count(&n, file, why);
    else
        snprintf(why, sizeof why, "out of memory");
    if (n.device && (status == 0 || n.requesters.count)) {
        if (space && !json)
            putchar('\n');
        if (json)
            write_json(file, &n, why);
        else
            write_text(file, &n);
    }
    if (status != 0)
        fprintf(stderr, "vtdsim trace info: %s\n", why);
    vtd_pairs_free(&n.requesters);
    vtd_pairs_free(&n.pages);
    free(n.device);
    return status;
}

int vtd_trace_info(int argc, char **argv)
{
    struct arguments a = {0};
    int status = 0;
    argp_err_exit_status = VTD_TRACE_EXIT_ERROR;
    if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
        return VTD_TRACE_EXIT_ERROR;
    for (int i = 0; i < a.files; i++)
        if (show(a.file[i], a.json, i > 0) != 0)
            status = VTD_TRACE_EXIT_ERROR;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("vtdsim trace info: cannot write the result\n", stderr);
        status = VTD_TRACE_EXIT_ERROR;
    }
    return status;
}
