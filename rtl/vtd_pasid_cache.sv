// SPDX-License-Identifier: MIT
//
// The PASID cache: PASID table entries by source-id and PASID (ref 6.1, pasid.c).

module vtd_pasid_cache #(
    parameter int unsigned SETS = 8,
    parameter int unsigned WAYS = 8,
    parameter int unsigned POLICY = vtd_pkg::VTD_POLICY_LRU,
    parameter int unsigned INDEX = vtd_pkg::VTD_INDEX_HASH
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic [15:0]         sid_i,  // of lookup and fill
    input  logic [19:0]         pasid_i,
    input  logic                lookup_i,
    output logic                hit_o,
    output vtd_pkg::vtd_pasid_t entry_o,
    input  logic                fill_i,
    input  vtd_pkg::vtd_pasid_t entry_i,
    output logic                fill_done_o,
    output logic                evict_o,
    output logic [19:0]         evict_pasid_o,
    output logic [15:0]         evict_sid_o,

    // Invalidation: everything, a domain, or of that one PASID (ref 6.3).
    input  logic        inv_i,
    input  logic        inv_all_i,
    input  logic [15:0] inv_did_i,
    input  logic        inv_with_pasid_i,
    input  logic [19:0] inv_pasid_i,
    output logic        inv_ready_o
);

  localparam int unsigned DATA_W = 110;

  logic unused_probe;
  logic [vtd_pkg::vtd_width(WAYS)-1:0] unused_way, unused_fill_way;
  logic [51:0] unused_tag;
  logic [DATA_W-1:0] data;

  // tag: domain, source-id, PASID
  vtd_assoc_cache #(
      .SETS(SETS), .WAYS(WAYS), .POLICY(POLICY), .INDEX(INDEX), .A_W(20), .B_W(16), .META_W(16), .DATA_W(DATA_W)
  ) u_cache (
      .clk_i, .rst_ni,
      .lookup_i, .lookup_key_i({sid_i, pasid_i}), .lookup_hit_o(hit_o), .lookup_probe_o(unused_probe),
      .lookup_way_o(unused_way), .lookup_tag_o(unused_tag), .lookup_data_o(data),
      .fill_i, .fill_tag_i({entry_i.did, sid_i, pasid_i}), .fill_data_i(entry_i), .fill_done_o,
      .fill_way_o(unused_fill_way), .fill_evict_o(evict_o), .fill_victim_o({evict_sid_o, evict_pasid_o}),
      .inv_i, .inv_all_i, .inv_mask_i({16'hffff, 16'd0, {20{inv_with_pasid_i}}}),
      .inv_value_i({inv_did_i, 16'd0, inv_pasid_i}), .inv_range_i(1'b0), .inv_exempt_i('0), .inv_page_i('0),
      .inv_am_i('0), .inv_ready_o
  );

  assign entry_o = data;

endmodule
