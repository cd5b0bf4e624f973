// SPDX-License-Identifier: MIT
//
// The walkers, and the caches that they share: contexts, PASID entries, paging structures of both stages. A cache
// serves one walker in a cycle; they take turns.

module vtd_walk_pool #(
    parameter int unsigned HAW = 46,
    parameter int unsigned WALKERS = 4,
    parameter int unsigned CONTEXT_SETS = 8,
    parameter int unsigned CONTEXT_WAYS = 8,
    parameter int unsigned PASID_SETS = 16,
    parameter int unsigned PASID_WAYS = 8,
    parameter int unsigned FS_PSC_SETS = 8,
    parameter int unsigned FS_PSC_WAYS = 8,
    parameter int unsigned SS_PSC_SETS = 8,
    parameter int unsigned SS_PSC_WAYS = 8,
    parameter int unsigned POLICY = vtd_pkg::VTD_POLICY_LRU,
    parameter int unsigned INDEX = vtd_pkg::VTD_INDEX_HASH,
    localparam int unsigned WALKER_W = vtd_pkg::vtd_width(WALKERS),
    localparam int unsigned RSP_W = vtd_pkg::VTD_RESPONSE_W,
    localparam int unsigned INFO_W = vtd_pkg::VTD_FAULT_INFO_W,
    localparam int unsigned MEM_W = vtd_pkg::VTD_MEM_REQ_W
) (
    input logic        clk_i,
    input logic        rst_ni,
    input logic [51:0] root_i,   // as SRTP latched them
    input logic        ssirwe_i,

    // requests, to a walker that is ready; responses, one at a time; fills of the IOTLB
    input  logic                                   req_valid_i,
    input  logic [WALKER_W-1:0]                    req_walker_i,
    input  vtd_pkg::vtd_request_t                  req_i,
    output logic [WALKERS-1:0]                     ready_o,
    output logic [WALKERS-1:0]                     busy_o,
    output logic [WALKERS-1:0]                     rsp_valid_o,
    input  logic [WALKERS-1:0]                     rsp_ready_i,
    output logic [WALKERS*RSP_W-1:0]               rsp_o,    // vtd_response_t
    output logic [WALKERS-1:0]                     fpd_o,
    output logic [WALKERS*INFO_W-1:0]              info_o,   // vtd_fault_info_t
    output logic                                   iotlb_fill_o,
    output vtd_pkg::vtd_iotlb_fill_t               iotlb_o,

    // memory, per walker
    output logic [WALKERS-1:0]                  mem_valid_o,
    input  logic [WALKERS-1:0]                  mem_ready_i,
    output logic [WALKERS*MEM_W-1:0]            mem_o,        // vtd_mem_req_t
    input  logic [WALKERS-1:0]                  mem_rvalid_i,
    input  logic [WALKERS-1:0]                  mem_error_i,
    input  logic [WALKERS*512-1:0]              mem_rdata_i,

    // invalidations; the bit of the IOTLB is not looked at, and says ready
    input  logic                     mark_i,
    input  vtd_pkg::vtd_inv_caches_t inv_valid_i,
    output vtd_pkg::vtd_inv_caches_t inv_ready_o,
    input  vtd_pkg::vtd_inv_scope_t  inv_scope_i,

    // pulses: contexts, PASID entries, (2: 0), first- and second-stage structures
    output logic [4:0] lookup_o,
    output logic [4:0] hit_o,
    output logic [4:0] fill_o,
    output logic [4:0] evict_o
);

  // ------------------------------------------------------------------ walkers

  // What a walker has to say to a cache.
  localparam int unsigned CONTEXT_W = 16 + vtd_pkg::VTD_CONTEXT_W;  // source-id, entry
  localparam int unsigned PASID_W = 36 + vtd_pkg::VTD_PASID_W;  // source-id, PASID, entry
  localparam int unsigned PSC_W = 36 + vtd_pkg::VTD_PSC_LOOKUP_W + vtd_pkg::VTD_PSC_FILL_W;  // domain, PASID; lookup, fill
  localparam int unsigned IOTLB_W = vtd_pkg::VTD_IOTLB_FILL_W;

  logic [WALKERS-1:0] context_lookup, context_fill, pasid_lookup, pasid_fill, psc_lookup, psc_fill, iotlb_fill;
  logic [WALKERS*CONTEXT_W-1:0] to_contexts;
  logic [WALKERS*PASID_W-1:0] to_pasids;
  logic [WALKERS*PSC_W-1:0] to_psc;
  logic [WALKERS*IOTLB_W-1:0] to_iotlb;

  // whose turn it is
  logic [WALKERS-1:0] context_turn, pasid_turn, fs_want, fs_turn, ss_want, ss_turn, iotlb_turn;

  logic context_hit, pasid_hit;
  vtd_pkg::vtd_context_t context_found;
  vtd_pkg::vtd_pasid_t pasid_found;
  vtd_pkg::vtd_psc_hit_t fs_hit, ss_hit;

  generate
    for (genvar w = 0; w < WALKERS; w++) begin : gen_walker
      logic second_stage;
      logic [15:0] sid, psc_did;
      logic [19:0] pasid, psc_pasid;
      vtd_pkg::vtd_context_t context_new;
      vtd_pkg::vtd_pasid_t pasid_new;
      vtd_pkg::vtd_psc_lookup_t psc_lookup_req;
      vtd_pkg::vtd_psc_fill_t psc_fill_req;
      vtd_pkg::vtd_iotlb_fill_t iotlb;

      assign to_contexts[w*CONTEXT_W+:CONTEXT_W] = {sid, context_new};
      assign to_pasids[w*PASID_W+:PASID_W]       = {sid, pasid, pasid_new};
      assign to_psc[w*PSC_W+:PSC_W]              = {psc_did, psc_pasid, psc_lookup_req, psc_fill_req};
      assign to_iotlb[w*IOTLB_W+:IOTLB_W]        = iotlb;

      assign fs_want[w]   = (psc_lookup[w] || psc_fill[w]) && !second_stage;
      assign ss_want[w]   = (psc_lookup[w] || psc_fill[w]) && second_stage;

      vtd_miss_walker #(.HAW(HAW)) u_walker (
          .clk_i, .rst_ni, .root_i, .ssirwe_i, .mark_i, .busy_o(busy_o[w]),
          .req_valid_i(req_valid_i && req_walker_i == WALKER_W'(w)), .req_ready_o(ready_o[w]), .req_i,
          .rsp_valid_o(rsp_valid_o[w]), .rsp_ready_i(rsp_ready_i[w]), .rsp_o(rsp_o[w*RSP_W+:RSP_W]), .fpd_o(fpd_o[w]),
          .info_o(info_o[w*INFO_W+:INFO_W]),
          .iotlb_fill_o(iotlb_fill[w]), .iotlb_ready_i(iotlb_turn[w]), .iotlb_o(iotlb),
          .sid_o(sid), .pasid_o(pasid),
          .context_lookup_o(context_lookup[w]), .context_ready_i(context_turn[w]), .context_hit_i(context_hit),
          .context_i(context_found), .context_fill_o(context_fill[w]), .context_o(context_new),
          .pasid_lookup_o(pasid_lookup[w]), .pasid_ready_i(pasid_turn[w]), .pasid_hit_i(pasid_hit),
          .pasid_i(pasid_found), .pasid_fill_o(pasid_fill[w]), .pasid_entry_o(pasid_new),
          .psc_did_o(psc_did), .psc_pasid_o(psc_pasid), .psc_second_stage_o(second_stage),
          .psc_lookup_o(psc_lookup[w]), .psc_lookup_req_o(psc_lookup_req), .psc_ready_i(fs_turn[w] || ss_turn[w]),
          .psc_hit_i(second_stage ? ss_hit : fs_hit), .psc_fill_o(psc_fill[w]), .psc_fill_req_o(psc_fill_req),
          .mem_valid_o(mem_valid_o[w]), .mem_ready_i(mem_ready_i[w]), .mem_o(mem_o[w*MEM_W+:MEM_W]),
          .mem_rvalid_i(mem_rvalid_i[w]), .mem_error_i(mem_error_i[w]), .mem_rdata_i(mem_rdata_i[w*512+:512])
      );
    end
  endgenerate

  // ------------------------------------------------------------------ turns

  vtd_turns #(.N(WALKERS)) u_context_turns (
      .clk_i, .rst_ni, .want_i(context_lookup | context_fill), .take_i(1'b1), .turn_o(context_turn)
  );
  vtd_turns #(.N(WALKERS)) u_pasid_turns (
      .clk_i, .rst_ni, .want_i(pasid_lookup | pasid_fill), .take_i(1'b1), .turn_o(pasid_turn)
  );
  vtd_turns #(.N(WALKERS)) u_fs_turns (.clk_i, .rst_ni, .want_i(fs_want), .take_i(1'b1), .turn_o(fs_turn));
  vtd_turns #(.N(WALKERS)) u_ss_turns (.clk_i, .rst_ni, .want_i(ss_want), .take_i(1'b1), .turn_o(ss_turn));
  vtd_turns #(.N(WALKERS)) u_iotlb_turns (
      .clk_i, .rst_ni, .want_i(iotlb_fill), .take_i(1'b1), .turn_o(iotlb_turn)
  );

  // What the one whose turn it is has to say.
  logic [15:0] context_sid, pasid_sid, fs_did, ss_did;
  logic [19:0] pasid_pasid, fs_pasid, ss_pasid;
  vtd_pkg::vtd_context_t context_write;
  vtd_pkg::vtd_pasid_t pasid_write;
  vtd_pkg::vtd_psc_lookup_t fs_lookup_req, ss_lookup_req;
  vtd_pkg::vtd_psc_fill_t fs_fill_req, ss_fill_req;

  assign iotlb_fill_o = iotlb_fill != '0;

  always_comb begin
    {context_sid, context_write}                  = '0;
    {pasid_sid, pasid_pasid, pasid_write}         = '0;
    {fs_did, fs_pasid, fs_lookup_req, fs_fill_req} = '0;
    {ss_did, ss_pasid, ss_lookup_req, ss_fill_req} = '0;
    iotlb_o                                       = '0;
    for (int unsigned w = 0; w < WALKERS; w++) begin
      if (context_turn[w]) {context_sid, context_write} = to_contexts[w*CONTEXT_W+:CONTEXT_W];
      if (pasid_turn[w]) {pasid_sid, pasid_pasid, pasid_write} = to_pasids[w*PASID_W+:PASID_W];
      if (fs_turn[w]) {fs_did, fs_pasid, fs_lookup_req, fs_fill_req} = to_psc[w*PSC_W+:PSC_W];
      if (ss_turn[w]) {ss_did, ss_pasid, ss_lookup_req, ss_fill_req} = to_psc[w*PSC_W+:PSC_W];
      if (iotlb_turn[w]) iotlb_o = to_iotlb[w*IOTLB_W+:IOTLB_W];
    end
  end

  // ------------------------------------------------------------------ caches

  logic [15:0] unused_context_victim, unused_pasid_victim_sid;
  logic [19:0] unused_pasid_victim;
  logic [51:0] unused_fs_victim_a, unused_ss_victim_a;
  logic [38:0] unused_fs_victim_b, unused_ss_victim_b;

  vtd_context_cache #(.SETS(CONTEXT_SETS), .WAYS(CONTEXT_WAYS), .POLICY(POLICY), .INDEX(INDEX)) u_contexts (
      .clk_i, .rst_ni, .sid_i(context_sid), .lookup_i(lookup_o[0]), .hit_o(context_hit), .context_o(context_found),
      .fill_i((context_turn & context_fill) != '0), .context_i(context_write), .fill_done_o(fill_o[0]),
      .evict_o(evict_o[0]), .evict_sid_o(unused_context_victim),
      .inv_i(inv_valid_i.contexts), .inv_all_i(inv_scope_i.all), .inv_sid_i(inv_scope_i.sid),
      .inv_sid_mask_i(inv_scope_i.sid_mask), .inv_ready_o(inv_ready_o.contexts)
  );

  vtd_pasid_cache #(.SETS(PASID_SETS), .WAYS(PASID_WAYS), .POLICY(POLICY), .INDEX(INDEX)) u_pasids (
      .clk_i, .rst_ni, .sid_i(pasid_sid), .pasid_i(pasid_pasid), .lookup_i(lookup_o[1]), .hit_o(pasid_hit),
      .entry_o(pasid_found), .fill_i((pasid_turn & pasid_fill) != '0), .entry_i(pasid_write), .fill_done_o(fill_o[1]),
      .evict_o(evict_o[1]), .evict_pasid_o(unused_pasid_victim), .evict_sid_o(unused_pasid_victim_sid),
      .inv_i(inv_valid_i.pasids), .inv_all_i(inv_scope_i.all), .inv_did_i(inv_scope_i.did),
      .inv_with_pasid_i(inv_scope_i.with_pasid), .inv_pasid_i(inv_scope_i.pasid), .inv_ready_o(inv_ready_o.pasids)
  );

  vtd_psc #(.SETS(FS_PSC_SETS), .WAYS(FS_PSC_WAYS), .POLICY(POLICY), .INDEX(INDEX)) u_fs (
      .clk_i, .rst_ni, .did_i(fs_did), .pasid_i(fs_pasid), .lookup_i(lookup_o[3]), .lookup_req_i(fs_lookup_req),
      .hit_o(fs_hit), .fill_i((fs_turn & psc_fill) != '0), .fill_req_i(fs_fill_req), .fill_done_o(fill_o[3]),
      .evict_o(evict_o[3]), .evict_a_o(unused_fs_victim_a), .evict_b_o(unused_fs_victim_b),
      .inv_i(inv_valid_i.fs_psc), .inv_all_i(inv_scope_i.all), .inv_did_i(inv_scope_i.did),
      .inv_with_pasid_i(inv_scope_i.with_pasid), .inv_pasid_i(inv_scope_i.pasid),
      .inv_range_i(inv_scope_i.fs_psc_range), .inv_page_i(inv_scope_i.page), .inv_am_i(inv_scope_i.am),
      .inv_ready_o(inv_ready_o.fs_psc)
  );

  vtd_psc #(.SETS(SS_PSC_SETS), .WAYS(SS_PSC_WAYS), .POLICY(POLICY), .INDEX(INDEX), .SECOND_STAGE(1'b1)) u_ss (
      .clk_i, .rst_ni, .did_i(ss_did), .pasid_i(ss_pasid), .lookup_i(lookup_o[4]), .lookup_req_i(ss_lookup_req),
      .hit_o(ss_hit), .fill_i((ss_turn & psc_fill) != '0), .fill_req_i(ss_fill_req), .fill_done_o(fill_o[4]),
      .evict_o(evict_o[4]), .evict_a_o(unused_ss_victim_a), .evict_b_o(unused_ss_victim_b),
      .inv_i(inv_valid_i.ss_psc), .inv_all_i(inv_scope_i.all), .inv_did_i(inv_scope_i.did),
      .inv_with_pasid_i(inv_scope_i.with_pasid), .inv_pasid_i(inv_scope_i.pasid),
      .inv_range_i(inv_scope_i.range), .inv_page_i(inv_scope_i.page), .inv_am_i(inv_scope_i.am),
      .inv_ready_o(inv_ready_o.ss_psc)
  );

  assign inv_ready_o.iotlb = 1'b1;

  assign lookup_o = {(ss_turn & psc_lookup) != '0, (fs_turn & psc_lookup) != '0, 1'b0,
                     (pasid_turn & pasid_lookup) != '0, (context_turn & context_lookup) != '0};
  assign hit_o    = lookup_o & {ss_hit.hit, fs_hit.hit, 1'b0, pasid_hit, context_hit};
  assign fill_o[2]  = 1'b0;
  assign evict_o[2] = 1'b0;

endmodule
