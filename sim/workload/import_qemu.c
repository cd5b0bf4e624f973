/* SPDX-License-Identifier: MIT */
/* Traces from the trace events of QEMU's emulated VT-d unit and device models. See import.h. */
#include "import_qemu.h"
#include "lines.h"
#include "trace_domains.h"
#include "vtd/vtd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct importer {
    const struct vtd_import_qemu *options;
    struct vtd_trace_writer *to;
    struct vtd_import_counts *counts;
    struct vtd_qemu_devices devices;
    struct vtd_domains *domains; /* of accesses seen */
    struct vtd_trace_item held;  /* the last access: what the next line says decides about it */
    uint64_t held_pte;
    bool holding, started;
    uint16_t last_sid; /* of the last access */
    bool any;
    uint64_t now_us, start_us; /* from the log; start: of the first access written */
    bool written;              /* is the line in the time that is wanted? */
    char *why;                 /* of the writer */
};

/* What taking a line may say. */
enum taken {
    TAKEN,
    MALFORMED, /* a known event without its fields */
    NO_MEMORY,
    NOT_WRITTEN, /* why is filled */
};

/* ---------------------------------------------------------------- lines */

/* The number behind " NAME " or "NAME=" or "NAME: ", hex with 0x, else decimal. */
static bool field(const char *message, const char *name, uint64_t *value)
{
    const size_t length = strlen(name);
    for (const char *p = message; (p = strstr(p, name)) != NULL; p++) {
        const char *digits = p + length;
        char *end;
        if ((p != message && p[-1] != ' ') || !strchr(" =", *digits) || !*digits)
            continue;
        digits++;
        const bool hex = digits[0] == '0' && digits[1] == 'x';
        if (!strchr("0123456789abcdef", digits[hex ? 2 : 0]) || !digits[hex ? 2 : 0])
            return false;
        *value = strtoull(digits, &end, hex ? 16 : 10);
        return *end == '\0' || *end == ' ' || *end == ',';
    }
    return false;
}

/* Cuts a line into the event's name and its message; takes the time that may stand in front, "PID@SEC.USEC:". */
static const char *event_of(struct importer *m, char *line, const char **message)
{
    char *name = line, *at = strchr(line, '@'), *end;
    if (at && strspn(line, "0123456789") == (size_t)(at - line)) {
        const uint64_t seconds = strtoull(at + 1, &end, 10);
        char *colon = end;
        if (*end == '.' && seconds < UINT64_MAX / 2000000) {
            m->now_us = seconds * 1000000 + strtoull(end + 1, &colon, 10) % 1000000;
            if (*colon == ':')
                name = colon + 1;
        }
    }
    name[strcspn(name, "\r")] = '\0';
    char *space = strchr(name, ' ');
    *message = space ? space + 1 : "";
    if (space)
        *space = '\0';
    return name;
}

/* ---------------------------------------------------------------- writing */

static enum taken put(struct importer *m, const struct vtd_trace_item *item)
{
    return vtd_trace_writer_put(m->to, item, m->why) == 0 ? TAKEN : NOT_WRITTEN;
}

/* Writes the access that was held back; descriptor: its device said that it was the fetch of a descriptor. */
static enum taken release(struct importer *m, bool descriptor)
{
    if (!m->holding)
        return TAKEN;
    m->holding = false;
    const struct vtd_qemu_device *d = vtd_qemu_device(&m->devices, m->held.sid);
    if (!d)
        return NO_MEMORY;
    vtd_qemu_judge(d, m->held_pte, descriptor, &m->held);
    m->counts->accesses++;
    return put(m, &m->held);
}

/* Says which device is in which domain, when that is new. */
static enum taken announce(struct importer *m, uint16_t sid, uint32_t domain)
{
    const struct vtd_requester who = {.sid = sid};
    uint32_t before;
    char line[64];
    if (vtd_domains_of(m->domains, &who, &before) && before == domain)
        return TAKEN;
    if (!vtd_domains_add(m->domains, domain, &who))
        return NO_MEMORY;
    snprintf(line, sizeof line, "# domains: %x=%02x:%02x.%x", domain, sid >> 8, sid >> 3 & 31, sid & 7);
    return vtd_trace_writer_comment(m->to, line, m->why) == 0 ? TAKEN : NOT_WRITTEN;
}

/* ---------------------------------------------------------------- the unit's events */

static enum taken access(struct importer *m, const char *message)
{
    uint64_t sid, iova, pte, domain;
    if (!field(message, "sid", &sid) || !field(message, "iova", &iova) ||
        (!field(message, "slpte", &pte) && !field(message, "pte", &pte)) || !field(message, "domain", &domain) ||
        sid > UINT16_MAX || domain > UINT32_MAX)
        return MALFORMED;
    enum taken taken = announce(m, (uint16_t)sid, (uint32_t)domain);
    if (taken != TAKEN)
        return taken;
    if (!vtd_qemu_device(&m->devices, (uint16_t)sid))
        return NO_MEMORY;
    m->last_sid = (uint16_t)sid;
    m->any = true;
    if (!m->written)
        return TAKEN;
    if (!m->started)
        m->start_us = m->now_us;
    m->started = true;
    const uint64_t since = m->now_us > m->start_us ? m->now_us - m->start_us : 0;
    m->held = (struct vtd_trace_item){.time_ns = since * 1000, .sid = (uint16_t)sid, .iova = iova};
    m->held_pte = pte;
    m->holding = true;
    return TAKEN;
}

/* Lists of pages of devices in this domain are forgotten where they are unmapped. */
static void forget_lists(struct importer *m, const struct vtd_trace_item *item)
{
    for (unsigned i = 0; i < m->devices.count; i++) {
        struct vtd_qemu_device *d = &m->devices.device[i];
        const struct vtd_requester who = {.sid = d->sid};
        uint32_t domain = 0;
        if (d->prp.count == 0 || !vtd_domains_of(m->domains, &who, &domain) ||
            (item->kind != VTD_ITEM_INV_ALL && domain != item->domain))
            continue;
        if (item->kind == VTD_ITEM_INV_PAGES)
            vtd_page_set_remove_range(&d->prp, item->iova >> 12, item->pages);
        else
            vtd_page_set_clear(&d->prp);
    }
}

static enum taken invalidation(struct importer *m, struct vtd_trace_item *item, const char *message)
{
    uint64_t domain = 0, mask = 0;
    if (item->kind != VTD_ITEM_INV_ALL && (!field(message, "domain", &domain) || domain > UINT32_MAX))
        return MALFORMED;
    item->domain = (uint32_t)domain;
    if (item->kind == VTD_ITEM_INV_PAGES) {
        if (!field(message, "addr", &item->iova) || !field(message, "mask", &mask))
            return MALFORMED;
        if (mask < 32) {
            item->pages = UINT32_C(1) << mask;
            item->iova &= ~(((uint64_t)item->pages << 12) - 1);
        } else {
            item->kind = VTD_ITEM_INV_DOMAIN; /* more than an item can say */
            item->iova = 0;
        }
    }
    forget_lists(m, item);
    if (!m->written)
        return TAKEN;
    if (item->kind != VTD_ITEM_INV_ALL && vtd_domains_first(m->domains, item->domain) == VTD_DOMAINS_NONE) {
        m->counts->foreign++;
        return TAKEN;
    }
    m->counts->invalidations++;
    return put(m, item);
}

/* ---------------------------------------------------------------- events of devices */

/* An event of an NVMe controller: of the one that made the last access, for it has just fetched a command. */
static enum taken nvme(struct importer *m, const char *event, const char *message)
{
    uint64_t a, b, c;
    if (!m->any)
        return TAKEN;
    struct vtd_qemu_device *d = vtd_qemu_device(&m->devices, m->last_sid);
    if (!d)
        return NO_MEMORY;
    d->kind = VTD_IMPORT_NVME;
    bool noted = true;
    if (strcmp(event, "pci_nvme_create_sq") == 0 || strcmp(event, "pci_nvme_create_cq") == 0) {
        const bool submission = event[sizeof "pci_nvme_create_" - 1] == 's';
        if (!field(message, "addr", &a) || !field(message, "qsize", &b) || b > UINT16_MAX)
            return MALFORMED;
        noted = vtd_qemu_note_range(d, a, (b + 1) * (submission ? 64 : 16),
                                    submission ? VTD_QEMU_SUBMISSION : VTD_QEMU_COMPLETION);
    } else if (strcmp(event, "pci_nvme_dbbuf_config") == 0) {
        if (!field(message, "dbs_addr", &a) || !field(message, "eis_addr", &b))
            return MALFORMED;
        noted =
            vtd_qemu_note_range(d, a, 4096, VTD_QEMU_DOORBELL) && vtd_qemu_note_range(d, b, 4096, VTD_QEMU_EVENT_INDEX);
    } else { /* pci_nvme_map_prp: more than one further page makes prp2 the address of a list */
        if (!field(message, "trans_len", &a) || !field(message, "len", &b) || !field(message, "prp2", &c))
            return MALFORMED;
        if (b > a && b - a > 4096)
            noted = vtd_page_set_add(&d->prp, c >> 12);
    }
    return noted ? TAKEN : NO_MEMORY;
}

static enum taken take_event(struct importer *m, const char *event, const char *message)
{
    static const struct {
        const char *name;
        uint8_t kind;
    } invalidations[] = {
        {"vtd_inv_desc_iotlb_pages", VTD_ITEM_INV_PAGES},   {"vtd_inv_desc_iotlb_pasid_pages", VTD_ITEM_INV_PAGES},
        {"vtd_inv_desc_iotlb_domain", VTD_ITEM_INV_DOMAIN}, {"vtd_inv_desc_iotlb_pasid", VTD_ITEM_INV_DOMAIN},
        {"vtd_inv_desc_iotlb_global", VTD_ITEM_INV_ALL},
    };
    enum taken taken;
    if (strcmp(event, "vtd_iotlb_page_hit") == 0 || strcmp(event, "vtd_iotlb_page_update") == 0)
        return (taken = release(m, false)) != TAKEN ? taken : access(m, message);
    if (strcmp(event, "e1000e_tx_descr") == 0 || strcmp(event, "e1000e_rx_descr") == 0) {
        struct vtd_qemu_device *d = m->any ? vtd_qemu_device(&m->devices, m->last_sid) : NULL;
        if (d)
            d->kind = VTD_IMPORT_E1000E;
        return release(m, true);
    }
    if (strcmp(event, "pci_nvme_create_sq") == 0 || strcmp(event, "pci_nvme_create_cq") == 0 ||
        strcmp(event, "pci_nvme_dbbuf_config") == 0 || strcmp(event, "pci_nvme_map_prp") == 0)
        return nvme(m, event, message);
    for (unsigned i = 0; i < sizeof invalidations / sizeof invalidations[0]; i++) {
        struct vtd_trace_item item = {.kind = invalidations[i].kind};
        if (strcmp(event, invalidations[i].name) == 0)
            return (taken = release(m, false)) != TAKEN ? taken : invalidation(m, &item, message);
    }
    m->counts->ignored++;
    return TAKEN;
}

/* ---------------------------------------------------------------- the file */

static int complain(const struct importer *m, const struct vtd_lines *lines, const char *file, const char *problem)
{
    snprintf(m->why, VTD_WHY_SIZE, "%.110s:%" PRIu64 ": %.75s (record %" PRIu64 ", offset %" PRIu64 ")", file,
             vtd_lines_number(lines), problem, m->counts->accesses + m->counts->invalidations + m->holding + 1,
             vtd_lines_offset(lines));
    return -1;
}

static int take_lines(struct importer *m, struct vtd_lines *lines, const char *file)
{
    char problem[VTD_WHY_SIZE], *line;
    int status;
    while ((status = vtd_lines_next(lines, &line, problem)) > 0) {
        const char *message, *event = event_of(m, line, &message);
        const double now = (double)m->now_us / 1e6;
        m->written = now >= m->options->since && (m->options->until == 0 || now < m->options->until);
        const enum taken taken = take_event(m, event, message);
        if (taken == NOT_WRITTEN)
            return -1;
        if (taken != TAKEN)
            return complain(m, lines, file, taken == NO_MEMORY ? "out of memory" : "fields of the event are missing");
    }
    return status == 0 ? 0 : complain(m, lines, file, problem);
}

/* The access that is still held belongs to what was read, whatever came behind it. */
static int finish(struct importer *m, int status)
{
    char why[VTD_WHY_SIZE], *first = m->why;
    if (status != 0)
        m->why = why; /* the first problem is the one to tell */
    if (release(m, false) == NO_MEMORY)
        snprintf(m->why, VTD_WHY_SIZE, "out of memory");
    else if (status == 0 && m->why[0] == '\0')
        return 0;
    m->why = first;
    return -1;
}

int vtd_import_qemu(const char *file, const struct vtd_import_qemu *options, struct vtd_trace_writer *to,
                    struct vtd_import_counts *counts, char *why)
{
    *counts = (struct vtd_import_counts){0};
    why[0] = '\0';
    struct vtd_unpack *unpack = vtd_unpack_open(file, why);
    if (!unpack)
        return -1;
    struct vtd_lines *lines = vtd_lines_open(unpack);
    struct importer *m = lines ? calloc(1, sizeof *m) : NULL;
    int status = -1;
    bool ready = m && (m->domains = vtd_domains_create()) != NULL;
    for (unsigned i = 0; ready && i < options->hints; i++) {
        struct vtd_qemu_device *d = vtd_qemu_device(&m->devices, options->hint[i].sid);
        if ((ready = d != NULL))
            d->kind = options->hint[i].kind;
    }
    if (ready) {
        m->options = options;
        m->to = to;
        m->counts = counts;
        m->why = why;
        status = finish(m, take_lines(m, lines, file));
    } else {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
    }
    if (m) {
        vtd_qemu_devices_clear(&m->devices);
        vtd_domains_destroy(m->domains);
    }
    free(m);
    vtd_lines_close(lines);
    return status;
}
