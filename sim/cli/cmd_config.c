/* SPDX-License-Identifier: MIT */
/* vtdsim config: presets, the effective configuration, CAP and ECAP in words. */
#include "commands.h"

#include "config/text.h"
#include "config_options.h"

#include <argp.h>
#include <inttypes.h>
#include <string.h>

enum {
    EXIT_NO = 1,
    EXIT_ERROR = 2
};

struct arguments {
    struct vtd_sim_assignments assignments;
    const char *word[3];
    unsigned words;
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->assignments;
        return 0;
    case ARGP_KEY_ARG:
        if (a->words == sizeof a->word / sizeof a->word[0])
            argp_error(state, "too many arguments");
        a->word[a->words++] = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&vtd_config_options, 0, NULL, 0}, {0}};

static const struct argp argp = {
    .children = children,
    .parser = parse_option,
    .args_doc = "list\nshow\nkeys\ndecode CAP ECAP",
    .doc = "Shows presets, the effective configuration, and what a pair of capability registers means."
           "\v  list     the presets, and what of the real hardware is not modelled\n"
           "  show     the effective configuration as YAML, and its hash\n"
           "  keys     every key with its meaning\n"
           "  decode   the fields of CAP and ECAP, and whether they are consistent\n\n"
           "Exit status: 0 success; 1 CAP and ECAP are not consistent or not modelled; 2 an error.",
};

/* ---------------------------------------------------------------- list, keys, show */

struct register_field {
    const char *reg, *name, *about;
    uint8_t msb, lsb;
};

static const struct register_field fields[] = {
#define VTD_REG_FIELD(REG, FIELD, reg_, field_, msb_, lsb_, access_, description)                                      \
    {.reg = #REG, .name = #FIELD, .about = description, .msb = msb_, .lsb = lsb_},
#include "vtd/defs/registers.def"
};

enum {
    FIELDS = sizeof fields / sizeof fields[0]
};

/* Names of the fields of a register that have bits in mask. */
static void print_names(const char *reg, uint64_t mask)
{
    for (unsigned i = 0; i < FIELDS; i++)
        if (strcmp(fields[i].reg, reg) == 0 && (mask >> fields[i].lsb & 1))
            printf(" %s.%s", reg, fields[i].name);
}

static int list(void)
{
    const char *about;
    const char *name;
    for (unsigned i = 0; (name = vtd_config_preset_name(i, &about)); i++) {
        uint64_t cap, ecap;
        struct vtd_config cfg;
        vtd_config_preset(&cfg, name);
        vtd_config_preset_masked(name, &cap, &ecap);
        printf("%-16s %s\n", name, about);
        printf("%-16s version %u.%u, CAP 0x%016" PRIx64 ", ECAP 0x%016" PRIx64 ", host address width %u\n", "",
               cfg.version >> 4, cfg.version & 15, cfg.cap, cfg.ecap, cfg.haw);
        if (cap || ecap) {
            printf("%-16s not modelled, hence cleared:", "");
            print_names("CAP", cap);
            print_names("ECAP", ecap);
            putchar('\n');
        }
    }
    return 0;
}

static int list_keys(void)
{
    const char *about;
    const char *key;
    for (unsigned i = 0; (key = vtd_sim_config_key(i, &about)); i++)
        printf("%-24s %s\n", key, about);
    return 0;
}

static int show(const struct arguments *a)
{
    struct vtd_sim_config cfg;
    char why[VTD_WHY_SIZE];
    if (vtd_sim_assignments_apply(&a->assignments, &cfg, why) != 0) {
        fprintf(stderr, "vtdsim config: %s\n", why);
        return EXIT_ERROR;
    }
    printf("# configuration %016" PRIx64 "\n", vtd_sim_config_hash(&cfg));
    vtd_sim_config_print(&cfg, stdout);
    return 0;
}

/* ---------------------------------------------------------------- decode */

static void print_register(const char *reg, uint64_t value)
{
    printf("%s 0x%016" PRIx64 "\n", reg, value);
    for (unsigned i = 0; i < FIELDS; i++) {
        const struct register_field *f = &fields[i];
        if (strcmp(f->reg, reg) != 0)
            continue;
        const uint64_t v = value >> f->lsb & (~0ull >> (63 - (f->msb - f->lsb)));
        char bits[16];
        if (f->msb == f->lsb)
            snprintf(bits, sizeof bits, "%u", f->lsb);
        else
            snprintf(bits, sizeof bits, "%u:%u", f->msb, f->lsb);
        printf("  %6s  %-8s %4" PRIu64 "  %s\n", bits, f->name, v, f->about);
        value &= ~((~0ull >> (63 - (f->msb - f->lsb))) << f->lsb);
    }
    if (value)
        printf("  bits without a meaning: 0x%" PRIx64 "\n", value);
}

static void print_widths(const struct vtd_config *cfg)
{
    static const char *const levels[] = {"", "39 (3 levels)", "48 (4 levels)", "57 (5 levels)"};
    printf("Domain-ids: %u bits. Guest addresses: %u bits. Second-stage widths:", 4 + 2 * (unsigned)(cfg->cap & 7),
           (unsigned)(cfg->cap >> 16 & 63) + 1);
    for (unsigned i = 1; i <= 3; i++)
        if (cfg->cap >> (8 + i) & 1)
            printf(" %s", levels[i]);
    printf(".\nFirst-stage paging: %s.\n", cfg->cap >> 60 & 1 ? "4 and 5 levels" : "4 levels");
}

static int decode(const struct arguments *a)
{
    struct vtd_sim_config cfg;
    char why[VTD_WHY_SIZE];
    uint64_t cap, ecap;
    if (a->words != 3 || !vtd_number_parse(a->word[1], &cap) || !vtd_number_parse(a->word[2], &ecap)) {
        fputs("vtdsim config decode: want two numbers, CAP and ECAP\n", stderr);
        return EXIT_ERROR;
    }
    if (vtd_sim_assignments_apply(&a->assignments, &cfg, why) != 0) {
        fprintf(stderr, "vtdsim config: %s\n", why);
        return EXIT_ERROR;
    }
    cfg.unit.cap = cap;
    cfg.unit.ecap = ecap;
    print_register("CAP", cap);
    print_register("ECAP", ecap);
    print_widths(&cfg.unit);
    const enum vtd_status status = vtd_config_validate(&cfg.unit, why);
    if (status == VTD_STATUS_OK) {
        puts("Consistent, and modelled in full.");
        return 0;
    }
    printf("%s: %s\n", status == VTD_STATUS_UNSUPPORTED ? "Consistent, but not modelled in full" : "Not consistent",
           why);
    return EXIT_NO;
}

int vtd_cmd_config(int argc, char **argv)
{
    struct arguments a = {.words = 0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
        return EXIT_ERROR;
    int status = EXIT_ERROR;
    const char *word = a.words ? a.word[0] : "show";
    if (strcmp(word, "decode") == 0)
        status = decode(&a);
    else if (a.words > 1)
        fprintf(stderr, "vtdsim config %s: takes no argument\n", word);
    else if (strcmp(word, "list") == 0)
        status = list();
    else if (strcmp(word, "keys") == 0)
        status = list_keys();
    else if (strcmp(word, "show") == 0)
        status = show(&a);
    else
        fprintf(stderr, "vtdsim config: there is no '%s'; there are list, show, keys and decode\n", word);
    vtd_sim_assignments_free(&a.assignments);
    return status;
}
