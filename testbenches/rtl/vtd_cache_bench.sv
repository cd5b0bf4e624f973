// SPDX-License-Identifier: MIT
//
// Test bench: caches of several geometries and policies side by side, all with the same inputs but for the invalidation,
// which takes as many cycles as a cache has sets. Keys and meta words are those of an IOTLB entry (iotlb.h).

module vtd_cache_bench (
    input logic clk_i,
    input logic rst_ni,

    input  logic [ 1:0] lookup_i,
    input  logic [51:0] lookup_a_i    [2],
    input  logic [41:0] lookup_b_i    [2],
    output logic        hit_o         [N],
    output logic        hit_probe_o   [N],
    output logic [ 5:0] hit_way_o     [N],
    output logic [31:0] hit_meta_o    [N],
    output logic [63:0] hit_data_o    [N],

    input  logic        fill_i,
    input  logic [51:0] fill_a_i,
    input  logic [41:0] fill_b_i,
    input  logic [31:0] fill_meta_i,
    input  logic [63:0] fill_data_i,
    output logic        fill_done_o   [N],
    output logic [ 5:0] fill_way_o    [N],
    output logic        evict_o       [N],
    output logic [51:0] victim_a_o    [N],
    output logic [41:0] victim_b_o    [N],

    input  logic        inv_i         [N],
    input  logic        inv_all_i,
    input  logic [41:0] inv_b_mask_i,
    input  logic [41:0] inv_b_value_i,
    input  logic [31:0] inv_meta_mask_i,
    input  logic [31:0] inv_meta_value_i,
    input  logic [31:0] inv_meta_exempt_i,
    input  logic        inv_range_i,
    input  logic [51:0] inv_page_i,
    input  logic [ 5:0] inv_am_i,
    output logic        inv_ready_o   [N]
);

  localparam int unsigned N = 9;
  localparam int unsigned SETS[N] = '{8, 64, 1, 4, 16, 1, 2, 1, 1};
  localparam int unsigned WAYS[N] = '{8, 8, 16, 3, 4, 32, 5, 1, 64};
  localparam int unsigned POLICY[N] = '{0, 0, 0, 0, 1, 1, 2, 0, 2};
  localparam int unsigned INDEX[N] = '{0, 0, 0, 1, 0, 1, 0, 1, 0};

  for (genvar i = 0; i < N; i++) begin : gen_cache
    localparam int unsigned WAY_W = vtd_pkg::vtd_width(WAYS[i]);
    logic [WAY_W-1:0] hit_way, fill_way;
    logic [125:0] tag;
    logic unused_key;
    assign hit_way_o[i]  = 6'(hit_way);
    assign fill_way_o[i] = 6'(fill_way);
    assign hit_meta_o[i] = tag[125:94];
    assign unused_key    = ^tag[93:0];

    vtd_assoc_cache #(
        .SETS(SETS[i]), .WAYS(WAYS[i]), .POLICY(POLICY[i]), .INDEX(INDEX[i]), .PROBES(2),
        .A_W(52), .B_W(42), .META_W(32), .DATA_W(64),
        .SIZE_LSB(52 + 40), .SIZE_W(2), .SIZE_MAX(2)
    ) u_cache (
        .clk_i,
        .rst_ni,
        .lookup_i,
        .lookup_key_i({lookup_b_i[1], lookup_a_i[1], lookup_b_i[0], lookup_a_i[0]}),
        .lookup_hit_o(hit_o[i]),
        .lookup_probe_o(hit_probe_o[i]),
        .lookup_way_o(hit_way),
        .lookup_tag_o(tag),
        .lookup_data_o(hit_data_o[i]),
        .fill_i,
        .fill_tag_i({fill_meta_i, fill_b_i, fill_a_i}),
        .fill_data_i,
        .fill_done_o(fill_done_o[i]),
        .fill_way_o(fill_way),
        .fill_evict_o(evict_o[i]),
        .fill_victim_o({victim_b_o[i], victim_a_o[i]}),
        .inv_i(inv_i[i]),
        .inv_all_i,
        .inv_mask_i({inv_meta_mask_i, inv_b_mask_i, 52'd0}),
        .inv_value_i({inv_meta_value_i, inv_b_value_i, 52'd0}),
        .inv_range_i,
        .inv_exempt_i({inv_meta_exempt_i, 94'd0}),
        .inv_page_i,
        .inv_am_i,
        .inv_ready_o(inv_ready_o[i])
    );
  end

endmodule
