// SPDX-License-Identifier: MIT
//
// The context cache: scalable-mode context entries by source-id (ref 6.1, context.c).

module vtd_context_cache #(
    parameter int unsigned SETS = 8,
    parameter int unsigned WAYS = 8,
    parameter int unsigned POLICY = vtd_pkg::VTD_POLICY_LRU,
    parameter int unsigned INDEX = vtd_pkg::VTD_INDEX_HASH
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic [15:0]           sid_i,  // of lookup and fill
    input  logic                  lookup_i,
    output logic                  hit_o,
    output vtd_pkg::vtd_context_t context_o,
    input  logic                  fill_i,
    input  vtd_pkg::vtd_context_t context_i,
    output logic                  fill_done_o,
    output logic                  evict_o,
    output logic [15:0]           evict_sid_o,

    // Invalidation: everything, or the devices whose source-id agrees where the mask is 1 (ref 6.3).
    input  logic        inv_i,
    input  logic        inv_all_i,
    input  logic [15:0] inv_sid_i,
    input  logic [15:0] inv_sid_mask_i,
    output logic        inv_ready_o
);

  localparam int unsigned DATA_W = 78;

  logic unused_probe;
  logic [vtd_pkg::vtd_width(WAYS)-1:0] unused_way, unused_fill_way;
  logic [17:0] unused_tag;
  logic [DATA_W-1:0] data;
  logic unused_mode;

  // The mode is part of the key (context.c): 0, scalable.
  vtd_assoc_cache #(
      .SETS(SETS), .WAYS(WAYS), .POLICY(POLICY), .INDEX(INDEX), .A_W(16), .B_W(1), .META_W(1), .DATA_W(DATA_W)
  ) u_cache (
      .clk_i, .rst_ni,
      .lookup_i, .lookup_key_i({1'b0, sid_i}), .lookup_hit_o(hit_o), .lookup_probe_o(unused_probe),
      .lookup_way_o(unused_way), .lookup_tag_o(unused_tag), .lookup_data_o(data),
      .fill_i, .fill_tag_i({2'b00, sid_i}), .fill_data_i(context_i), .fill_done_o, .fill_way_o(unused_fill_way),
      .fill_evict_o(evict_o), .fill_victim_o({unused_mode, evict_sid_o}),
      .inv_i, .inv_all_i, .inv_mask_i({2'b00, inv_sid_mask_i}), .inv_value_i({2'b00, inv_sid_i}), .inv_range_i(1'b0),
      .inv_exempt_i('0), .inv_page_i('0), .inv_am_i('0), .inv_ready_o
  );

  assign context_o = data;

endmodule
