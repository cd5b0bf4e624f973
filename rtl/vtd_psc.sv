// SPDX-License-Identifier: MIT
//
// A paging-structure cache (ref 6.1, psc.c): where the next table of a walk is. An entry of level 2 to 5 is tagged with
// the address down to the bits that its level indexes, the level, the domain and, in the first stage, the PASID. A
// lookup tries all levels of the walk at once; the lowest, which saves most, is the hit.

module vtd_psc #(
    parameter int unsigned SETS = 8,
    parameter int unsigned WAYS = 8,
    parameter int unsigned POLICY = vtd_pkg::VTD_POLICY_LRU,
    parameter int unsigned INDEX = vtd_pkg::VTD_INDEX_HASH,
    parameter bit SECOND_STAGE = 1'b0  // takes the second stage's lookups and fills; the PASID is not part of the tag
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic [15:0]              did_i,  // of lookup and fill
    input  logic [19:0]              pasid_i,
    input  logic                     lookup_i,
    input  vtd_pkg::vtd_psc_lookup_t lookup_req_i,
    output vtd_pkg::vtd_psc_hit_t    hit_o,

    input  logic                     fill_i,
    input  vtd_pkg::vtd_psc_fill_t   fill_req_i,
    output logic                     fill_done_o,
    output logic                     evict_o,
    output logic [51:0]              evict_a_o,  // the victim's key, as psc.c packs it
    output logic [38:0]              evict_b_o,

    // Invalidation: everything, or a domain, of that perhaps one PASID, of that perhaps a range (ref 6.3).
    input  logic        inv_i,
    input  logic        inv_all_i,
    input  logic [15:0] inv_did_i,
    input  logic        inv_with_pasid_i,
    input  logic [19:0] inv_pasid_i,
    input  logic        inv_range_i,
    input  logic [51:0] inv_page_i,
    input  logic [ 5:0] inv_am_i,
    output logic        inv_ready_o
);

  localparam int unsigned A_W = 52;
  localparam int unsigned B_W = 39;  // level, PASID, domain
  localparam int unsigned KEY_W = A_W + B_W;
  localparam int unsigned LEVEL_LSB = 36;  // in B
  localparam int unsigned DATA_W = 45;

  logic [19:0] pasid;
  logic [3:0] probes;
  logic [4*KEY_W-1:0] probe_keys;
  logic hit;
  logic [1:0] hit_probe;
  logic [DATA_W-1:0] hit_data;
  logic [51:0] fill_a;

  assign pasid = SECOND_STAGE ? 20'd0 : pasid_i;

  generate
    for (genvar p = 0; p < 4; p++) begin : gen_probe  // level p + 2
      assign probes[p] = lookup_i && lookup_req_i.second_stage == SECOND_STAGE && 3'(p + 2) <= lookup_req_i.levels;
      assign probe_keys[p*KEY_W+:KEY_W] = {3'(p + 2), pasid, did_i, A_W'(lookup_req_i.addr >> (12 + 9 * (p + 1)))};
    end
  endgenerate

  always_comb begin
    unique case (fill_req_i.level)
      3'd2: fill_a = A_W'(fill_req_i.addr >> 21);
      3'd3: fill_a = A_W'(fill_req_i.addr >> 30);
      3'd4: fill_a = A_W'(fill_req_i.addr >> 39);
      default: fill_a = A_W'(fill_req_i.addr >> 48);
    endcase
  end

  logic unused_meta;
  logic [vtd_pkg::vtd_width(WAYS)-1:0] unused_lookup_way, unused_fill_way;
  logic [KEY_W-1:0] unused_key;

  vtd_assoc_cache #(
      .SETS(SETS), .WAYS(WAYS), .POLICY(POLICY), .INDEX(INDEX), .PROBES(4), .A_W(A_W), .B_W(B_W), .META_W(1),
      .DATA_W(DATA_W), .SIZE_LSB(A_W + LEVEL_LSB), .SIZE_W(3), .SIZE_BIAS(1), .SIZE_MAX(4)
  ) u_cache (
      .clk_i, .rst_ni,
      .lookup_i(probes), .lookup_key_i(probe_keys), .lookup_hit_o(hit), .lookup_probe_o(hit_probe),
      .lookup_way_o(unused_lookup_way), .lookup_tag_o({unused_meta, unused_key}), .lookup_data_o(hit_data),
      .fill_i(fill_i && fill_req_i.second_stage == SECOND_STAGE),
      .fill_tag_i({1'b0, fill_req_i.level, pasid, did_i, fill_a}), .fill_data_i(fill_req_i.data), .fill_done_o,
      .fill_way_o(unused_fill_way), .fill_evict_o(evict_o), .fill_victim_o({evict_b_o, evict_a_o}),
      .inv_i, .inv_all_i,
      .inv_mask_i({4'd0, {20{inv_with_pasid_i && !SECOND_STAGE}}, 16'hffff, {A_W{1'b0}}}),
      .inv_value_i({4'd0, inv_pasid_i, inv_did_i, {A_W{1'b0}}}), .inv_range_i, .inv_exempt_i('0),
      .inv_page_i, .inv_am_i, .inv_ready_o
  );

  assign hit_o = {hit, {1'b0, hit_probe} + 3'd2, hit_data};

endmodule
