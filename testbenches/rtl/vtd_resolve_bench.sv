// SPDX-License-Identifier: MIT
//
// Test bench: steps 3 to 9 with the context cache and the PASID cache. The harness is the memory, and sees every lookup
// and fill.

module vtd_resolve_bench (
    input logic        clk_i,
    input logic        rst_ni,
    input logic [51:0] root_i,

    input  logic         req_valid_i,
    output logic         req_ready_o,
    input  logic [15:0]  sid_i,
    input  logic         has_pasid_i,
    input  logic [19:0]  pasid_i,
    input  logic         priv_i,
    output logic         rsp_valid_o,
    input  logic         rsp_ready_i,
    output logic [7:0]   reason_o,
    output logic         fpd_o,
    output logic [19:0]  pasid_o,
    output logic         priv_o,
    output logic [2:0]   pgtt_o,
    output logic [15:0]  did_o,
    output logic [39:0]  fs_root_o,
    output logic         fs_five_o,
    output logic [39:0]  ss_root_o,
    output logic [2:0]   ss_levels_o,
    output logic         ssade_o,
    output logic         eafe_o,
    output logic         wpe_o,
    output logic         pwsnp_o,
    output logic         pgsnp_o,

    output logic         mem_valid_o,
    input  logic         mem_ready_i,
    output logic [51:0]  mem_addr_o,
    output logic [3:0]   mem_qwords_o,
    input  logic         mem_rvalid_i,
    input  logic         mem_error_i,
    input  logic [511:0] mem_rdata_i,

    input  logic         ready_i,          // of the caches
    output logic         context_lookup_o,
    output logic         context_hit_o,
    output logic         context_fill_o,
    output logic         context_evict_o,
    output logic [15:0]  context_evict_sid_o,
    output logic         pasid_lookup_o,
    output logic         pasid_hit_o,
    output logic         pasid_fill_o,
    output logic         pasid_evict_o,
    output logic [19:0]  pasid_evict_pasid_o,
    output logic [15:0]  pasid_evict_sid_o,

    input  logic [1:0]   inv_i,            // context cache, PASID cache
    input  logic         inv_all_i,
    input  logic [15:0]  inv_sid_i,
    input  logic [15:0]  inv_sid_mask_i,
    input  logic [15:0]  inv_did_i,
    input  logic         inv_with_pasid_i,
    input  logic [19:0]  inv_pasid_i,
    output logic [1:0]   inv_ready_o
);

  vtd_pkg::vtd_resolve_req_t req;
  vtd_pkg::vtd_resolve_rsp_t rsp;
  vtd_pkg::vtd_context_t context_read, context_cached;
  vtd_pkg::vtd_pasid_t entry_read, entry_cached;
  logic context_lookup, context_fill, pasid_lookup, pasid_fill, unused_sre, unused_entry_fpd;
  logic [15:0] sid;
  logic [19:0] pasid;

  assign req = {sid_i, has_pasid_i, pasid_i, priv_i};
  assign {reason_o, fpd_o, pasid_o, priv_o, unused_entry_fpd, pgtt_o, did_o, fs_root_o, fs_five_o, ss_root_o,
          ss_levels_o, ssade_o, eafe_o, wpe_o, pwsnp_o, pgsnp_o, unused_sre} = rsp;
  assign mem_addr_o[2:0]  = 3'd0;
  assign context_lookup_o = context_lookup && ready_i;
  assign pasid_lookup_o   = pasid_lookup && ready_i;

  vtd_resolve #(.HAW(46)) u_resolve (
      .clk_i, .rst_ni, .root_i, .req_valid_i, .req_ready_o, .req_i(req), .rsp_valid_o, .rsp_ready_i, .rsp_o(rsp),
      .mem_valid_o, .mem_ready_i, .mem_addr_o(mem_addr_o[51:3]), .mem_qwords_o, .mem_rvalid_i, .mem_error_i,
      .mem_rdata_i, .sid_o(sid), .pasid_o(pasid),
      .context_lookup_o(context_lookup), .context_ready_i(ready_i), .context_hit_i(context_hit_o),
      .context_i(context_cached), .context_fill_o(context_fill), .context_o(context_read),
      .pasid_lookup_o(pasid_lookup), .pasid_ready_i(ready_i), .pasid_hit_i(pasid_hit_o), .pasid_i(entry_cached),
      .pasid_fill_o(pasid_fill), .pasid_entry_o(entry_read)
  );

  vtd_context_cache #(.SETS(2), .WAYS(2)) u_context (
      .clk_i, .rst_ni, .sid_i(sid), .lookup_i(context_lookup_o), .hit_o(context_hit_o), .context_o(context_cached),
      .fill_i(context_fill && ready_i), .context_i(context_read), .fill_done_o(context_fill_o),
      .evict_o(context_evict_o), .evict_sid_o(context_evict_sid_o), .inv_i(inv_i[0]), .inv_all_i, .inv_sid_i,
      .inv_sid_mask_i, .inv_ready_o(inv_ready_o[0])
  );

  vtd_pasid_cache #(.SETS(4), .WAYS(2)) u_pasid (
      .clk_i, .rst_ni, .sid_i(sid), .pasid_i(pasid), .lookup_i(pasid_lookup_o), .hit_o(pasid_hit_o),
      .entry_o(entry_cached), .fill_i(pasid_fill && ready_i), .entry_i(entry_read), .fill_done_o(pasid_fill_o),
      .evict_o(pasid_evict_o), .evict_pasid_o(pasid_evict_pasid_o), .evict_sid_o(pasid_evict_sid_o),
      .inv_i(inv_i[1]), .inv_all_i, .inv_did_i, .inv_with_pasid_i, .inv_pasid_i, .inv_ready_o(inv_ready_o[1])
  );

endmodule
