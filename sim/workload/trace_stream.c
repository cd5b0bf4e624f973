/* SPDX-License-Identifier: MIT */
/* Records of a trace file. See trace_stream.h. */
#include "trace_stream.h"

#include "trace_domains.h"
#include "trace_reader.h"
#include "vtd/vtd.h"

#include <stdio.h>
#include <stdlib.h>

struct vtd_trace_stream {
    struct vtd_trace_reader *reader;
    struct vtd_domains *domains;
    struct vtd_record unmap; /* for the members from next_member on, VTD_DOMAINS_NONE: all had it */
    uint32_t next_member;
    bool every; /* all members have it, not those of one domain */
    uint64_t time_ns;
};

struct vtd_trace_stream *vtd_trace_stream_open(const char *file, char *why)
{
    struct vtd_trace_stream *s = calloc(1, sizeof *s);
    if (!s || !(s->domains = vtd_domains_create())) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        vtd_trace_stream_close(s);
        return NULL;
    }
    s->next_member = VTD_DOMAINS_NONE;
    s->reader = vtd_trace_reader_open(file, why);
    if (s->reader)
        return s;
    vtd_trace_stream_close(s);
    return NULL;
}

/* The unmap of the next member of the domain. */
static void take_member(struct vtd_trace_stream *s, struct vtd_record *record)
{
    const struct vtd_requester *who = vtd_domains_member(s->domains, s->next_member);
    *record = s->unmap;
    record->sid = who->sid;
    record->has_pasid = who->has_pasid;
    record->pasid = who->pasid;
    if (!s->every)
        s->next_member = vtd_domains_next(s->domains, s->next_member);
    else if (++s->next_member == vtd_domains_count(s->domains))
        s->next_member = VTD_DOMAINS_NONE;
}

static int start_unmap(struct vtd_trace_stream *s, const struct vtd_trace_item *item, char *why)
{
    s->unmap = (struct vtd_record){
        .kind = item->kind == VTD_ITEM_INV_PAGES ? VTD_RECORD_UNMAP : VTD_RECORD_UNMAP_ALL,
        .iova = item->iova,
        .pages = item->pages,
        .time_ns = s->time_ns,
    };
    s->every = item->kind == VTD_ITEM_INV_ALL;
    if (s->every) {
        s->next_member = vtd_domains_count(s->domains) ? 0 : VTD_DOMAINS_NONE;
        return 0;
    }
    s->next_member = vtd_domains_first(s->domains, item->domain);
    if (s->next_member != VTD_DOMAINS_NONE)
        return 0;
    return vtd_trace_reader_complain(s->reader, "no '# domains:' line names the devices of this domain", why);
}

static void take_access(struct vtd_trace_stream *s, const struct vtd_trace_item *item, struct vtd_record *record)
{
    s->time_ns = item->time_ns;
    *record = (struct vtd_record){
        .iova = item->iova,
        .time_ns = item->time_ns,
        .pasid = item->pasid,
        .sid = item->sid,
        .len = item->len ? item->len : 1,
        .kind = item->kind == VTD_ITEM_WRITE ? VTD_RECORD_WRITE : VTD_RECORD_READ,
        .has_pasid = item->has_pasid,
        .dir_unknown = item->kind == VTD_ITEM_ACCESS,
        .len_unknown = item->len == 0,
    };
}

static void take_detach(const struct vtd_trace_stream *s, const struct vtd_trace_item *item, struct vtd_record *record)
{
    *record = (struct vtd_record){
        .kind = VTD_RECORD_DETACH,
        .time_ns = s->time_ns,
        .sid = item->sid,
        .has_pasid = item->has_pasid,
        .pasid = item->pasid,
    };
}

int vtd_trace_stream_next(struct vtd_trace_stream *s, struct vtd_record *record, char *why)
{
    struct vtd_trace_item item;
    const char *problem;
    while (s->next_member == VTD_DOMAINS_NONE) {
        const int status = vtd_trace_reader_next(s->reader, &item, why);
        if (status <= 0)
            return status;
        if (vtd_item_is_access(&item)) {
            take_access(s, &item, record);
            return 1;
        }
        if (item.kind == VTD_ITEM_DETACH) {
            take_detach(s, &item, record);
            return 1;
        }
        if (item.kind == VTD_ITEM_COMMENT) {
            if (!vtd_domains_comment(s->domains, item.text, item.text_length, &problem))
                return vtd_trace_reader_complain(s->reader, problem, why);
        } else if (start_unmap(s, &item, why) != 0) {
            return -1;
        }
    }
    take_member(s, record);
    return 1;
}

uint64_t vtd_trace_stream_consumed(const struct vtd_trace_stream *s)
{
    return vtd_trace_reader_consumed(s->reader);
}

void vtd_trace_stream_close(struct vtd_trace_stream *s)
{
    if (!s)
        return;
    vtd_trace_reader_close(s->reader);
    vtd_domains_destroy(s->domains);
    free(s);
}
