/* SPDX-License-Identifier: MIT */
/*
 * A request in the hands of the numbered steps of ref 4.2, shared by the files that work on it:
 *
 *   steps.c   the order of steps          stages.c  steps 10, 11: the walks and what they grant
 *   answer.c  the outcome: response, fault record, IOTLB
 */
#ifndef VTD_JOB_H
#define VTD_JOB_H

#include "iotlb.h"
#include "pagewalk.h"
#include "pasid.h"
#include "translate.h"

/* What a request wants of a page. */
struct wanted {
    bool read, write, exec; /* rights without which it is blocked; a fetch wants exec alone (ref 0.2) */
    bool zero_length_read;  /* reads through write-only second-stage pages with CAP.ZLR (ref 4.4) */
    bool shapes;            /* a translation request: missing rights shape the answer instead of blocking it */
};

/* A request in the hands of the steps. */
struct job {
    struct vtd *v;
    const struct vtd_request *req;
    struct vtd_response *resp;
    struct resolved r;
    struct wanted want;
    bool legacy;
    bool has_did; /* the domain became known: did */
    uint16_t did;
    uint8_t pgtt;                      /* of the translation; legacy mode: second-stage or pass-through */
    struct vtd_translation_tags *tags; /* vtd_peek_tagged, else NULL */
    uint8_t rights;                    /* RIGHT_R, RIGHT_W, RIGHT_X of this requester */
    uint32_t attr;                     /* IOTLB_* */
    struct walk walk;                  /* last: it is not cleared for every request */
};

static inline uint16_t job_did(const struct job *j)
{
    return j->legacy ? j->r.context.did : j->r.entry.did;
}

static inline void job_know_did(struct job *j, uint16_t did)
{
    j->has_did = true;
    j->did = did;
}

/* Legacy mode: the fault of a page that grants nothing, by what the request wants (ref 4.4, 10.4). */
static inline uint8_t job_legacy_missing(const struct wanted *want)
{
    return want->write && !want->shapes ? VTD_FAULT_LGN_2 : VTD_FAULT_LGN_3;
}

/* ---- steps.c ---- */

/* Takes a request through all steps; j->v, req and resp are set, the rest is 0. */
void vtd_job_run(struct job *j);

/* ---- stages.c ---- */

/* What a request wants. */
struct wanted vtd_job_wanted_by(const struct vtd *v, const struct vtd_request *req);

/* Steps 10 and 11 for j->pgtt: fills j->walk.hpa, shift, j->rights and j->attr. Returns 0 or the fault reason. */
uint8_t vtd_job_translate(struct job *j);

/* ---- answer.c ---- */

/* A request that goes through. rights: RIGHT_R, RIGHT_W, RIGHT_X. */
void vtd_job_answer_ok(struct job *j, uint64_t hpa, unsigned shift, unsigned rights, bool snoop);

/* A request that meets a fault: the record, and the answer that the table of ref 5 says. */
void vtd_job_answer_fault(struct job *j, uint8_t reason);

/* The request is translated by a translation with these tags. */
static inline void job_tag(const struct job *j, uint32_t pasid, uint16_t did, uint8_t pgtt)
{
    if (j->tags)
        *j->tags = (struct vtd_translation_tags){.addr = j->req->addr,
                                                 .pasid = pasid,
                                                 .sid = j->req->sid,
                                                 .did = did,
                                                 .page_shift = j->resp->page_shift,
                                                 .first_stage = pgtt_has_first_stage(pgtt)};
}

/* Looks in the IOTLB. Answers the request and returns true, or returns false: walk. */
bool vtd_job_try_iotlb(struct job *j);

/* Keeps the outcome of step 10: a translation, or with caching mode a second-stage fault (ref 6.2). */
void vtd_job_fill_iotlb(struct job *j);
void vtd_job_fill_negative(struct job *j, uint8_t reason);

#endif
