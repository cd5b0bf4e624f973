/* SPDX-License-Identifier: MIT */
/*
 * vtdsim vm-demo: one process of one guest on one device, from the guest's bind to a host physical address and back,
 * told step by step (ref 9).
 */
#define _POSIX_C_SOURCE 200809L

#include "commands.h"
#include "vm_demo.h"

#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GPA UINT64_C(0x2000000) /* the process' first page; those that it gets on demand follow */
#define RW  (VTD_DRV_READ | VTD_DRV_WRITE)

enum {
    EXIT_WRONG = 1,
    EXIT_ERROR = 2,
    OPT_MAPPING = 256,
    OPT_LEVELS,
    OPT_JSON,
    PAGE = 4096,
};

/* ---------------------------------------------------------------- command line */

static const struct argp_option options[] = {
    {"mapping", OPT_MAPPING, "identity|guest-owned", 0, "Whose PASIDs the guest has: the host's (default), or its own",
     0},
    {"levels", OPT_LEVELS, "4|5", 0, "Of the process' page table (default 4)", 0},
    {"json", OPT_JSON, NULL, 0, "Write JSON", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct vtd_demo *d = state->input;
    switch (key) {
    case OPT_MAPPING:
        if (strcmp(argument, "identity") != 0 && strcmp(argument, "guest-owned") != 0)
            argp_error(state, "--mapping %s: must be identity or guest-owned", argument);
        d->guest_pasids = strcmp(argument, "guest-owned") == 0;
        return 0;
    case OPT_LEVELS:
        if (strcmp(argument, "4") != 0 && strcmp(argument, "5") != 0)
            argp_error(state, "--levels %s: must be 4 or 5", argument);
        d->levels = (unsigned)(argument[0] - '0');
        return 0;
    case OPT_JSON:
        d->json = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "no arguments, not '%s'", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .doc = "Tells how a process of a guest comes to a device of the host: the guest binds it to a PASID on its virtual "
           "unit, the "
           "hypervisor follows on the host's unit, the device works, a page is missing, and in the end all is taken "
           "back. All "
           "of it runs: drivers, units, hypervisor and device."
           "\vExit status: 0; 1 something was not as plain arithmetic says it must be; 2 an error.",
};

/* ---------------------------------------------------------------- the story */

static uint64_t gva(const struct vtd_demo *d)
{
    return d->levels == 5 ? UINT64_C(0xab7f0000400000) : UINT64_C(0x7f0000400000);
}

static struct vtd_request write_to(const struct vtd_demo *d, uint64_t address)
{
    return (struct vtd_request){.addr = address,
                                .pasid = d->hpasid,
                                .sid = VTD_DEMO_HOST_SID,
                                .flags = VTD_REQ_PASID,
                                .access = VTD_WRITE,
                                .len = 64};
}

static int begin(struct vtd_demo *d)
{
    const struct vtd_drv_domain_spec spec = {.kind = VTD_DRV_FIRST_STAGE, .addr_width = d->levels == 5 ? 57 : 48};
    vtd_demo_tell(d, VTD_DEMO_HOST,
                  "gives the machine memory: guest physical 0 to 0x%" PRIx64 " is host physical 0x%" PRIx64
                  " to 0x%" PRIx64 ", by a second-stage table",
                  VTD_DEMO_GUEST_SIZE - 1, d->base, d->base + VTD_DEMO_GUEST_SIZE - 1);
    vtd_demo_fact(d, "base", d->base);
    vtd_demo_tell(d, VTD_DEMO_HOST,
                  "gives it the device 28:02.0, which is 00:01.0 in the guest; PASIDs 1 to %d are the host's own",
                  VTD_DEMO_HOSTS_OWN);
    if (d->guest_pasids)
        vtd_demo_tell(d, VTD_DEMO_GUEST, "takes a PASID of its own: its unit has no virtual commands");
    else
        vtd_demo_tell(d, VTD_DEMO_GUEST, "needs a PASID, and has to ask: its unit has virtual commands");
    d->watching = true;
    int error = vtd_drv_pasid_alloc(d->guest, &d->gpasid);
    d->watching = false;
    if (!error)
        error = vtd_drv_domain_create(d->guest, &spec, &d->process);
    if (!error)
        error = vtd_drv_map(d->process, gva(d), GPA, PAGE, RW);
    vtd_demo_tell(d, VTD_DEMO_GUEST,
                  "has PASID %u for a process, whose %u-level page table maps 0x%" PRIx64
                  " to guest physical 0x%" PRIx64,
                  d->gpasid, d->levels, gva(d), GPA);
    vtd_demo_fact(d, "gpasid", d->gpasid);
    vtd_demo_fact(d, "gva", gva(d));
    vtd_demo_fact(d, "gpa", GPA);
    return error ? vtd_demo_complain("the process", error) : 0;
}

static int bind(struct vtd_demo *d)
{
    d->watching = d->show_entry = true;
    int error = vtd_drv_attach(d->guest, VTD_DEMO_GUEST_SID, d->gpasid, d->process);
    d->watching = false;
    if (!error)
        error = vtd_vmm_host_pasid(d->vmm, VTD_DEMO_GUEST_SID, d->gpasid, &d->hpasid);
    return error ? vtd_demo_complain("the bind", error) : 0;
}

static void work(struct vtd_demo *d)
{
    const struct vtd_request req = write_to(d, gva(d) + 0x40);
    const uint64_t hpa = d->base + GPA + 0x40;
    vtd_demo_tell(d, VTD_DEMO_DEVICE,
                  "writes 64 bytes for PASID %u; it must reach 0x%" PRIx64 " + 0x%" PRIx64 " + 0x40 = 0x%" PRIx64,
                  d->hpasid, d->base, GPA, hpa);
    vtd_demo_fact(d, "hpasid", d->hpasid);
    vtd_demo_fact(d, "expected", hpa);
    vtd_demo_explain(d, &req, hpa, 0);
}

/* The guest's answer to a page request. */
static enum vtd_drv_page_answer map_page(void *arg, const struct vtd_drv_page_request *request)
{
    struct vtd_demo *d = arg;
    const uint64_t gpa = GPA + (request->addr - gva(d));
    vtd_demo_tell(d, VTD_DEMO_GUEST,
                  "takes the page request of 00:01.0, PASID %u, %s 0x%" PRIx64 ": maps it to guest physical 0x%" PRIx64
                  ", and responds",
                  request->pasid, request->write ? "write" : "read", request->addr, gpa);
    vtd_demo_fact(d, "gpasid", request->pasid);
    vtd_demo_fact(d, "addr", request->addr);
    vtd_demo_fact(d, "gpa", gpa);
    const int error = vtd_drv_map(request->domain, request->addr, gpa, PAGE, RW);
    d->watching = true; /* the response is a descriptor */
    return error ? VTD_DRV_PAGE_INVALID : VTD_DRV_PAGE_SUCCESS;
}

static void demand(struct vtd_demo *d)
{
    const struct vtd_request req = write_to(d, gva(d) + 5 * PAGE + 0x80);
    const uint64_t hpa = d->base + GPA + 5 * PAGE + 0x80;
    struct vtd_requester_outcome out;
    vtd_requester_access(d->device, &req, &out);
    vtd_demo_tell(d, VTD_DEMO_DEVICE,
                  "wants to write to 0x%" PRIx64
                  ", which is not mapped: translation request, and then a page request, group %u",
                  req.addr, out.prgi);
    vtd_demo_fact(d, "addr", req.addr);
    vtd_demo_check(d, out.result == VTD_REQUESTER_WAITING, "the device waits for a page");
    const uint16_t group = out.prgi;
    vtd_drv_set_page_handler(d->guest, map_page, d);
    vtd_drv_handle_page_requests(d->host, NULL);
    vtd_drv_handle_page_requests(d->guest, NULL);
    d->watching = false;
    vtd_requester_retry(d->device, group, &out);
    vtd_demo_tell(d, VTD_DEMO_DEVICE, "gets the response, tries again, and reaches 0x%" PRIx64, out.hpa);
    vtd_demo_fact(d, "hpa", out.hpa);
    vtd_demo_fact(d, "expected", hpa);
    vtd_demo_check(d, out.result == VTD_REQUESTER_DONE && out.hpa == hpa, "the device reaches the new page");
}

static void hand_fault_on(void *arg, const struct vtd_drv_fault *fault)
{
    const struct vtd_demo *d = arg;
    vtd_vmm_fault(d->vmm, fault);
}

static void read_fault(void *arg, const struct vtd_drv_fault *fault)
{
    struct vtd_demo *d = arg;
    vtd_demo_tell(d, VTD_DEMO_GUEST, "reads its fault record: device 0x%04x, PASID %u, address 0x%" PRIx64 ", %s: %s",
                  fault->sid, fault->pasid, fault->addr, vtd_fault_name(fault->reason),
                  vtd_fault_description(fault->reason));
    vtd_demo_fact(d, "sid", fault->sid);
    vtd_demo_fact(d, "gpasid", fault->pasid);
    vtd_demo_fact(d, "addr", fault->addr);
    vtd_demo_fact(d, "reason", fault->reason);
}

static int unmap(struct vtd_demo *d)
{
    const struct vtd_request req = write_to(d, gva(d) + 0x40);
    vtd_demo_tell(d, VTD_DEMO_GUEST, "unmaps 0x%" PRIx64 ", and flushes", gva(d));
    d->watching = true;
    const int64_t unmapped = vtd_drv_unmap(d->process, gva(d), PAGE);
    d->watching = false;
    if (unmapped != PAGE)
        return vtd_demo_complain("the unmap", (int)unmapped);
    vtd_demo_tell(d, VTD_DEMO_DEVICE, "writes there again: nothing may have stayed in a cache, and it must be blocked");
    vtd_demo_explain(d, &req, 0, VTD_FAULT_SFS_2);
    vtd_drv_handle_faults(d->host, hand_fault_on, d, NULL);
    vtd_drv_handle_faults(d->guest, read_fault, d, NULL);
    return 0;
}

static int unbind(struct vtd_demo *d)
{
    const struct vtd_request req = write_to(d, gva(d) + 5 * PAGE);
    d->watching = d->show_entry = true;
    int error = vtd_drv_detach(d->guest, VTD_DEMO_GUEST_SID, d->gpasid);
    if (!error)
        error = vtd_drv_pasid_free(d->guest, d->gpasid);
    d->watching = false;
    if (error)
        return vtd_demo_complain("the unbind", error);
    vtd_demo_tell(d, VTD_DEMO_DEVICE, "writes to the page that was mapped last: PASID %u is nobody's now", d->hpasid);
    vtd_demo_explain(d, &req, 0, VTD_FAULT_SPT_2);
    vtd_drv_handle_faults(d->host, NULL, NULL, NULL);
    return 0;
}

/* The machine ends; what is left of it. */
static int end(struct vtd_demo *d)
{
    uint64_t pasids = 0;
    vtd_drv_destroy(d->guest);
    d->guest = NULL;
    int error = vtd_drv_pri_disable(d->host, VTD_DEMO_HOST_SID);
    if (!error)
        error = vtd_drv_ats_disable(d->host, VTD_DEMO_HOST_SID);
    if (!error)
        error = vtd_vmm_destroy(d->vmm);
    d->vmm = NULL;
    if (!error)
        error = vtd_drv_device_remove(d->host, VTD_DEMO_HOST_SID);
    for (uint32_t i = 0; i < d->pasids.pool.limit / 64; i++)
        pasids += (uint64_t)__builtin_popcountll(d->pasids.pool.used[i]);
    const uint64_t frames = d->machine.frames.used - d->used;
    vtd_demo_tell(d, VTD_DEMO_HOST, "ends the machine. Left of it: %" PRIu64 " page frames, %" PRIu64 " PASIDs", frames,
                  pasids - VTD_DEMO_HOSTS_OWN);
    vtd_demo_fact(d, "frames", frames);
    vtd_demo_fact(d, "pasids", pasids - VTD_DEMO_HOSTS_OWN);
    vtd_demo_check(d, frames == 0 && pasids == VTD_DEMO_HOSTS_OWN, "nothing is left");
    return error ? vtd_demo_complain("the end", error) : 0;
}

static int story(struct vtd_demo *d)
{
    if (vtd_demo_start(d) != 0)
        return -1;
    if (!d->json)
        printf("Guest PASID bind: %s, a guest with %u-level page tables\n\n",
               d->guest_pasids ? "PASIDs of the guest's own" : "identity, the guest's PASIDs are the host's",
               d->levels);
    if (begin(d) != 0 || bind(d) != 0)
        return -1;
    work(d);
    demand(d);
    return unmap(d) != 0 || unbind(d) != 0 || end(d) != 0 ? -1 : 0;
}

static int write_json(struct vtd_demo *d)
{
    json_t *root = json_pack("{s:s, s:i, s:O}", "mapping", d->guest_pasids ? "guest-owned" : "identity", "levels",
                             (int)d->levels, "steps", d->steps);
    const int status = root ? json_dumpf(root, stdout, JSON_INDENT(2)) : -1;
    putchar('\n');
    json_decref(root);
    return status;
}

int vtd_cmd_vm_demo(int argc, char **argv)
{
    struct vtd_demo d = {.levels = 4, .base = VTD_DEMO_GUEST_START};
    argp_err_exit_status = EXIT_ERROR;
    if (argp_parse(&argp, argc, argv, 0, NULL, &d) != 0)
        return EXIT_ERROR;
    d.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    d.steps = json_array();
    int status = d.steps ? story(&d) : vtd_demo_complain("memory", ENOMEM);
    if (status == 0 && d.failed)
        status = vtd_demo_complain("memory", ENOMEM);
    if (status == 0 && d.json)
        status = write_json(&d);
    vtd_demo_fini(&d);
    return status != 0 ? EXIT_ERROR : d.wrong ? EXIT_WRONG : 0;
}
