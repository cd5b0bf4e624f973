// SPDX-License-Identifier: MIT
//
// A walker of the unit: steps 3 to 11 of ref 4.2 for one request that missed the IOTLB (vtd_resolve, then vtd_walker),
// the fill of the IOTLB, and the response.
//
// A walk that is in flight while mark_i is 1 fills no cache, then and later: it may have seen what is invalidated.

module vtd_miss_walker #(
    parameter int unsigned HAW = 46
) (
    input logic        clk_i,
    input logic        rst_ni,
    input logic [51:0] root_i,    // as SRTP latched them
    input logic        ssirwe_i,
    input logic        mark_i,
    output logic       busy_o,

    input  logic                     req_valid_i,
    output logic                     req_ready_o,
    input  vtd_pkg::vtd_request_t    req_i,
    output logic                     rsp_valid_o,
    input  logic                     rsp_ready_i,
    output vtd_pkg::vtd_response_t   rsp_o,
    output logic                     fpd_o,        // of a fault
    output vtd_pkg::vtd_fault_info_t info_o,

    output logic                     iotlb_fill_o,
    input  logic                     iotlb_ready_i,
    output vtd_pkg::vtd_iotlb_fill_t iotlb_o,

    // caches: as those of vtd_resolve and vtd_walker
    output logic [15:0]              sid_o,
    output logic [19:0]              pasid_o,
    output logic                     context_lookup_o,
    input  logic                     context_ready_i,
    input  logic                     context_hit_i,
    input  vtd_pkg::vtd_context_t    context_i,
    output logic                     context_fill_o,
    output vtd_pkg::vtd_context_t    context_o,
    output logic                     pasid_lookup_o,
    input  logic                     pasid_ready_i,
    input  logic                     pasid_hit_i,
    input  vtd_pkg::vtd_pasid_t      pasid_i,
    output logic                     pasid_fill_o,
    output vtd_pkg::vtd_pasid_t      pasid_entry_o,
    output logic [15:0]              psc_did_o,
    output logic [19:0]              psc_pasid_o,
    output logic                     psc_second_stage_o,  // of lookup or fill
    output logic                     psc_lookup_o,
    output vtd_pkg::vtd_psc_lookup_t psc_lookup_req_o,
    input  logic                     psc_ready_i,
    input  vtd_pkg::vtd_psc_hit_t    psc_hit_i,
    output logic                     psc_fill_o,
    output vtd_pkg::vtd_psc_fill_t   psc_fill_req_o,

    output logic                  mem_valid_o,
    input  logic                  mem_ready_i,
    output vtd_pkg::vtd_mem_req_t mem_o,
    input  logic                  mem_rvalid_i,
    input  logic                  mem_error_i,
    input  logic [511:0]          mem_rdata_i
);

  typedef enum logic [2:0] {
    IDLE,
    RESOLVE,
    WALK,
    FILL,
    ANSWER
  } state_e;

  state_e state_q;
  logic marked_q, fills;
  vtd_pkg::vtd_request_t req_q;

  assign fills       = !marked_q && !mark_i;
  assign busy_o      = state_q != IDLE;
  assign req_ready_o = state_q == IDLE;

  // ------------------------------------------------------------------ steps 3 to 9

  logic unused_resolve_ready, resolved;
  vtd_pkg::vtd_resolve_req_t resolve_req;
  vtd_pkg::vtd_resolve_rsp_t found;
  logic resolve_mem_valid, context_fill, pasid_fill;
  logic [51:3] resolve_addr;
  logic [3:0] resolve_qwords;

  assign resolve_req = {req_i.sid, req_i.has_pasid, req_i.pasid, req_i.priv};

  // It keeps what it found until the response is taken.
  vtd_resolve #(.HAW(HAW)) u_resolve (
      .clk_i, .rst_ni, .root_i, .req_valid_i(state_q == IDLE && req_valid_i), .req_ready_o(unused_resolve_ready),
      .req_i(resolve_req), .rsp_valid_o(resolved), .rsp_ready_i(rsp_valid_o && rsp_ready_i), .rsp_o(found),
      .mem_valid_o(resolve_mem_valid), .mem_ready_i, .mem_addr_o(resolve_addr), .mem_qwords_o(resolve_qwords),
      .mem_rvalid_i, .mem_error_i, .mem_rdata_i, .sid_o, .pasid_o,
      .context_lookup_o, .context_ready_i(context_ready_i || (context_fill && !fills)), .context_hit_i, .context_i,
      .context_fill_o(context_fill), .context_o,
      .pasid_lookup_o, .pasid_ready_i(pasid_ready_i || (pasid_fill && !fills)), .pasid_hit_i, .pasid_i,
      .pasid_fill_o(pasid_fill), .pasid_entry_o
  );

  assign context_fill_o = context_fill && fills;
  assign pasid_fill_o   = pasid_fill && fills;

  // ------------------------------------------------------------------ steps 10 and 11

  logic unused_walk_ready, walked, psc_fill, walk_mem_valid;
  vtd_pkg::vtd_walk_req_t walk_req;
  vtd_pkg::vtd_walk_rsp_t outcome;
  vtd_pkg::vtd_walk_mem_t walk_mem;

  assign walk_req = {
    req_q.addr, found.entry.pgtt, found.pasid, found.entry.did, found.entry.fs_root, found.entry.fs_five,
    found.entry.ss_root, found.entry.ss_levels, found.entry.ssade, found.entry.eafe, found.entry.wpe,
    found.entry.pwsnp, found.entry.pgsnp, found.priv, req_q.kind, req_q.zero_length
  };

  vtd_walker #(.HAW(HAW)) u_walker (
      .clk_i, .rst_ni, .ssirwe_i,
      .req_valid_i(state_q == RESOLVE && resolved && found.reason == '0), .req_ready_o(unused_walk_ready),
      .req_i(walk_req), .rsp_valid_o(walked), .rsp_ready_i(rsp_valid_o && rsp_ready_i), .rsp_o(outcome),
      .mem_valid_o(walk_mem_valid), .mem_ready_i, .mem_o(walk_mem), .mem_rvalid_i, .mem_error_i,
      .mem_rdata_i(mem_rdata_i[63:0]),
      .lookup_valid_o(psc_lookup_o), .lookup_ready_i(psc_ready_i), .lookup_o(psc_lookup_req_o), .hit_i(psc_hit_i),
      .fill_valid_o(psc_fill), .fill_ready_i(psc_ready_i || !fills), .fill_o(psc_fill_req_o), .did_o(psc_did_o),
      .pasid_o(psc_pasid_o)
  );

  assign psc_fill_o         = psc_fill && fills;
  assign psc_second_stage_o = psc_lookup_o ? psc_lookup_req_o.second_stage : psc_fill_req_o.second_stage;

  // ------------------------------------------------------------------ memory: one of them at a time

  assign mem_valid_o = resolve_mem_valid || walk_mem_valid;

  always_comb begin
    mem_o = '0;
    if (walk_mem_valid) begin
      mem_o.op       = walk_mem.cas ? vtd_pkg::VTD_MEM_CAS : vtd_pkg::VTD_MEM_READ;
      mem_o.addr     = {walk_mem.addr, 1'b0};
      mem_o.qwords   = 4'd1;
      mem_o.expected = walk_mem.expected;
      mem_o.desired  = walk_mem.desired;
      mem_o.snoop    = walk_mem.snoop;
      mem_o.kind     = walk_mem.second_stage ? vtd_pkg::VTD_MEM_SS_ENTRY : vtd_pkg::VTD_MEM_FS_ENTRY;
      mem_o.level    = walk_mem.level;
    end else begin
      mem_o.op     = vtd_pkg::VTD_MEM_READ;
      mem_o.addr   = {resolve_addr, 1'b0};
      mem_o.qwords = resolve_qwords;
      mem_o.snoop  = 1'b1;  // ECAP.C
      unique case (resolve_qwords)
        4'd2: mem_o.kind = vtd_pkg::VTD_MEM_ROOT;
        4'd4: mem_o.kind = vtd_pkg::VTD_MEM_CONTEXT;
        4'd1: mem_o.kind = vtd_pkg::VTD_MEM_PASID_DIR;
        default: mem_o.kind = vtd_pkg::VTD_MEM_PASID_ENTRY;
      endcase
    end
  end

  // ------------------------------------------------------------------ fill and response

  logic [7:0] reason;

  assign reason        = found.reason != '0 ? found.reason : outcome.reason;
  assign iotlb_fill_o  = state_q == FILL && fills;
  assign iotlb_o.req   = {req_q.addr, req_q.sid, req_q.has_pasid, req_q.pasid, req_q.priv, req_q.kind};
  assign iotlb_o.entry = found.entry;
  assign iotlb_o.pasid = found.pasid;
  assign iotlb_o.rsp   = outcome;

  assign rsp_valid_o = state_q == ANSWER;
  assign fpd_o       = found.fpd;
  assign info_o      = {req_q.addr[63:12], req_q.sid, req_q.pasid, req_q.has_pasid, req_q.priv, req_q.kind};

  always_comb begin
    rsp_o        = '0;
    rsp_o.tag    = req_q.tag;
    rsp_o.result = vtd_pkg::VTD_RESULT_UR;
    rsp_o.reason = reason;
    rsp_o.size   = vtd_pkg::VTD_SIZE_NONE;
    if (reason == '0) begin
      rsp_o.result = vtd_pkg::VTD_RESULT_OK;
      rsp_o.hpa    = {12'd0, outcome.hpa};
      rsp_o.size   = outcome.size;
      rsp_o.rights = outcome.rights;
      rsp_o.snoop  = outcome.attr[5] || !req_q.no_snoop;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q  <= IDLE;
      marked_q <= 1'b0;
    end else begin
      unique case (state_q)
        IDLE: if (req_valid_i) state_q <= RESOLVE;
        RESOLVE: if (resolved) state_q <= found.reason != '0 ? ANSWER : WALK;
        WALK: if (walked) state_q <= outcome.reason != '0 ? ANSWER : FILL;
        FILL: if (iotlb_ready_i || !fills) state_q <= ANSWER;
        default: if (rsp_ready_i) state_q <= IDLE;
      endcase
      marked_q <= state_q != IDLE && (marked_q || mark_i);
    end
    if (state_q == IDLE) req_q <= req_i;
  end

`ifdef FORMAL_vtd_miss_walker
`include "formal/vtd_miss_walker_props.svh"
`endif

endmodule
