/* SPDX-License-Identifier: MIT */
/*
 * Scenario files: one test language for every device under test. A scenario pokes a remapping unit and says what must
 * come back. The parser turns a file into a list of statements, strictly and completely, before anything runs; the
 * runner plays the list on a device (dut.h). The format is a public interface, documented in
 * docs/02_user/scenarios.md.
 */
#ifndef VTD_SIM_SCENARIO_H
#define VTD_SIM_SCENARIO_H

#include <stdio.h>

#include "dut.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_sim_config;

/* Size in bytes of the buffers that receive "FILE:LINE: what is wrong". */
#define VTD_SCENARIO_WHY_SIZE 1024

enum vtd_stmt_kind {
    VTD_STMT_CONFIG,
    VTD_STMT_ENDPOINT,
    VTD_STMT_STORE,
    VTD_STMT_FILL,
    VTD_STMT_CHECK,
    VTD_STMT_WRITE,
    VTD_STMT_READ,
    VTD_STMT_DMA,
    VTD_STMT_TRANSLATED,
    VTD_STMT_ATS,
    VTD_STMT_PAGE_REQUEST,
    VTD_STMT_INTERRUPT,
    VTD_STMT_MSI,
    VTD_STMT_TO_DEVICE,
    VTD_STMT_STAT,
    VTD_STMT_RESET,
    VTD_STMT_ECHO,
    VTD_STMT_KINDS,
};

/* What a statement expects, if anything. */
enum vtd_expect_kind {
    VTD_EXPECT_NOTHING,
    VTD_EXPECT_VALUE,   /* check, read, stat: value under mask */
    VTD_EXPECT_HPA,     /* OUTCOME: a good translation */
    VTD_EXPECT_FAULT,   /* blocked with this reason */
    VTD_EXPECT_BLOCKED, /* blocked for whatever reason */
    VTD_EXPECT_ATS,     /* ATSOUT: a successful completion */
    VTD_EXPECT_UR,
    VTD_EXPECT_CA,
    VTD_EXPECT_VECTOR, /* IRQOUT: forwarded with this vector */
    VTD_EXPECT_POSTED,
    VTD_EXPECT_PRQ,  /* result of a page request */
    VTD_EXPECT_NONE, /* msi none, to-device none */
    VTD_EXPECT_ANY,  /* msi, to-device: there is one */
    VTD_EXPECT_MSI,  /* this address and data */
    VTD_EXPECT_INVALIDATE,
    VTD_EXPECT_PAGE_RESPONSE,
};

/* Bits of vtd_expect.given: which of the optional keys were written. */
enum {
    VTD_GIVEN_HPA = 1 << 0,
    VTD_GIVEN_SIZE = 1 << 1, /* size=, page= */
    VTD_GIVEN_R = 1 << 2,
    VTD_GIVEN_W = 1 << 3,
    VTD_GIVEN_X = 1 << 4,
    VTD_GIVEN_U = 1 << 5,
    VTD_GIVEN_PRIV = 1 << 6,
    VTD_GIVEN_GLOBAL = 1 << 7,
    VTD_GIVEN_N = 1 << 8,
    VTD_GIVEN_VECTOR = 1 << 9,
    VTD_GIVEN_DEST = 1 << 10,
    VTD_GIVEN_MODE = 1 << 11,
    VTD_GIVEN_SID = 1 << 12,
    VTD_GIVEN_PASID = 1 << 13,
    VTD_GIVEN_ADDR = 1 << 14,
    VTD_GIVEN_PRGI = 1 << 15,
    VTD_GIVEN_CODE = 1 << 16,
};

struct vtd_expect {
    enum vtd_expect_kind kind;
    uint32_t given;  /* VTD_GIVEN_* */
    uint64_t value;  /* VALUE */
    uint64_t mask;   /* MASK */
    uint64_t addr;   /* hpa, addr, ADDR of msi */
    uint64_t size;   /* bytes; 0 = the whole address space */
    uint32_t rights; /* r, w, x, u, priv, global, n as VTD_GIVEN_* */
    uint32_t data;   /* DATA of msi; dest */
    uint32_t pasid;
    uint16_t sid;
    uint16_t prgi;
    uint8_t fault;
    uint8_t vector;
    uint8_t mode;
    uint8_t code; /* of a page response */
    uint8_t prq;  /* enum vtd_prq_result */
    bool global;  /* of an invalidation */
};

/* One statement. text is its source without comment; it and name live in the scenario. */
struct vtd_stmt {
    enum vtd_stmt_kind kind;
    unsigned line;
    unsigned size; /* SIZE */
    const char *text;
    const char *name;     /* config KEY, stat NAME, echo TEXT */
    const char *argument; /* config VALUE */
    uint64_t addr;        /* ADDR, OFFSET */
    uint64_t value;       /* VALUE to write, LENGTH of fill */
    uint8_t byte;         /* of fill */
    uint8_t answer;       /* enum vtd_answer */
    uint16_t sid;         /* endpoint, interrupt */
    uint32_t data;        /* interrupt */
    struct vtd_request request;
    struct vtd_page_request page_request;
    struct vtd_expect expect;
};

struct vtd_scenario {
    char *file; /* name for messages */
    struct vtd_stmt *stmts;
    size_t count;
    char *text;  /* owned: what vtd_stmt.text points into */
    char *words; /* owned: what vtd_stmt.name and argument point into */
};

/*
 * Parses a scenario of length bytes; file is its name for messages. Returns 0, or -1 with why (VTD_SCENARIO_WHY_SIZE
 * bytes) filled with "FILE:LINE: what is wrong"; then there is nothing to free.
 */
int vtd_scenario_parse(struct vtd_scenario *sc, const char *file, const char *text, size_t length, char *why);

/* Reads and parses a file; as vtd_scenario_parse. A file that cannot be read gives "FILE: why". */
int vtd_scenario_load(struct vtd_scenario *sc, const char *path, char *why);

void vtd_scenario_free(struct vtd_scenario *sc);

/* The word that begins a statement of this kind, e.g. "page-request". */
const char *vtd_stmt_word(enum vtd_stmt_kind kind);

struct vtd_outcome; /* outcome.h */

/* How a scenario is run. */
struct vtd_run_options {
    FILE *out; /* what statements print, and expectations that do not hold; NULL: nothing is printed */
    /* Asked when the configuration is complete; nonzero with why (VTD_WHY_SIZE bytes) filled refuses it. May be
     * NULL. */
    int (*accept)(void *opaque, const struct vtd_sim_config *cfg, char *why);
    /* Told before and after each statement but config and echo; after only when the device could do it. held: it
     * gave what the statement expects. May be NULL. */
    void (*before)(void *opaque, const struct vtd_stmt *stmt);
    void (*after)(void *opaque, const struct vtd_stmt *stmt, const struct vtd_outcome *outcome, bool held);
    void *opaque;
};

/* How a run ended. */
struct vtd_run_result {
    size_t expectations;
    size_t failures;
};

/*
 * Runs a scenario on a device, which it configures; the caller creates and destroys the device. Returns 0 when it ran
 * to its end (result says whether everything held), or -1 with why (VTD_SCENARIO_WHY_SIZE bytes) filled: a
 * configuration that cannot be, a statement that this device does not support or that makes no sense in this
 * configuration.
 */
int vtd_scenario_run(const struct vtd_scenario *sc, struct vtd_dut *dut, const struct vtd_run_options *options,
                     struct vtd_run_result *result, char *why);

#ifdef __cplusplus
}
#endif
#endif
