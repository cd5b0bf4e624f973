// SPDX-License-Identifier: MIT
//
// The IOTLB (ref 6.1, 6.3; iotlb.c, answer.c): translations by source-id, PASID and page. A lookup tries all page sizes
// at once. An entry of a large page that holds the interrupt range, at its output or, for requests without PASID, at
// its input, is cut to 4 KiB, so that a hit needs no check of it (ref 4.9).

module vtd_iotlb #(
    parameter int unsigned SETS = 64,
    parameter int unsigned WAYS = 8,
    parameter int unsigned POLICY = vtd_pkg::VTD_POLICY_LRU,
    parameter int unsigned INDEX = vtd_pkg::VTD_INDEX_HASH
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic                    lookup_i,
    input  vtd_pkg::vtd_iotlb_req_t lookup_req_i,
    output vtd_pkg::vtd_iotlb_rsp_t lookup_rsp_o,

    // A walk that succeeded: its request, the entry that it went by, the effective PASID, its outcome.
    input  logic                    fill_i,
    input  vtd_pkg::vtd_iotlb_req_t fill_req_i,
    input  vtd_pkg::vtd_pasid_t     fill_entry_i,
    input  logic [19:0]             fill_pasid_i,
    input  vtd_pkg::vtd_walk_rsp_t  fill_rsp_i,
    output logic                    fill_done_o,
    output logic                    evict_o,
    output logic [51:0]             evict_a_o,  // the victim's key, as iotlb.h packs it
    output logic [41:0]             evict_b_o,

    // Invalidation: everything, or a domain, of that perhaps a PASID, of that perhaps a range. A range of a whole domain
    // takes all entries of first-stage translation with it, one of a PASID takes only such (ref 6.3).
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
  localparam int unsigned B_W = 42;  // size, kind, PASID, source-id
  localparam int unsigned KEY_W = A_W + B_W;
  localparam int unsigned META_W = 37;  // first stage, PASID, domain
  localparam int unsigned TAG_W = KEY_W + META_W;
  localparam int unsigned DATA_W = 48;  // page frame, size of the mapping, attr

  function automatic logic [KEY_W-1:0] key_of(logic [63:0] addr, logic [1:0] size, logic has_pasid,
                                              logic [19:0] pasid, logic [15:0] sid);
    key_of = {size, 3'd0, has_pasid, has_pasid ? pasid : 20'd0, sid, addr[63:12] >> (6'd9 * {4'd0, size})};
  endfunction

  // Does the page of that size at the address hold a part of the interrupt range?
  function automatic logic holds_interrupts(logic [63:0] addr, logic [1:0] size);
    unique case (size)
      2'd0: holds_interrupts = addr[63:20] == 44'hfee;
      2'd1: holds_interrupts = addr[63:21] == 43'h7f7;
      default: holds_interrupts = addr[63:30] == 34'h3;
    endcase
  endfunction

  // ------------------------------------------------------------------ lookup

  logic [3*KEY_W-1:0] keys;
  logic hit;
  logic [1:0] hit_size;  // of the entry
  logic [TAG_W-1:0] unused_tag;
  logic [DATA_W-1:0] data;
  logic [39:0] frame;
  logic [1:0] mapping;
  logic [5:0] attr;
  logic own_read, own_write, needs_read, needs_write;

  generate
    for (genvar p = 0; p < 3; p++) begin : gen_probe
      assign keys[p*KEY_W+:KEY_W] = key_of(lookup_req_i.addr, 2'(p), lookup_req_i.has_pasid, lookup_req_i.pasid,
          lookup_req_i.sid);
    end
  endgenerate

  assign {frame, mapping, attr} = data;
  assign own_read    = lookup_req_i.has_pasid && lookup_req_i.priv ? attr[2] : attr[0];
  assign own_write   = lookup_req_i.has_pasid && lookup_req_i.priv ? attr[3] : attr[1];
  assign needs_read  = lookup_req_i.kind != vtd_pkg::VTD_ACCESS_WRITE;
  assign needs_write = lookup_req_i.kind != vtd_pkg::VTD_ACCESS_READ;

  always_comb begin
    lookup_rsp_o.found  = hit;
    lookup_rsp_o.usable = hit && (!needs_read || own_read) && (!needs_write || (own_write && attr[4]));
    unique case (hit_size)
      2'd0: lookup_rsp_o.hpa = {frame, lookup_req_i.addr[11:0]};
      2'd1: lookup_rsp_o.hpa = {frame[39:9], lookup_req_i.addr[20:0]};
      default: lookup_rsp_o.hpa = {frame[39:18], lookup_req_i.addr[29:0]};
    endcase
    lookup_rsp_o.size   = mapping;
    lookup_rsp_o.rights = {own_write, own_read};
    lookup_rsp_o.snoop  = attr[5];
  end

  // ------------------------------------------------------------------ fill

  logic [1:0] fill_size;
  logic [5:0] fill_attr;
  logic fill_fs;

  assign fill_size = holds_interrupts({12'd0, fill_rsp_i.hpa}, fill_rsp_i.size) ||
      (!fill_req_i.has_pasid && holds_interrupts(fill_req_i.addr, fill_rsp_i.size)) ? 2'd0 : fill_rsp_i.size;
  assign fill_fs = fill_entry_i.pgtt == vtd_defs_pkg::VTD_PGTT_FIRST_STAGE ||
      fill_entry_i.pgtt == vtd_defs_pkg::VTD_PGTT_NESTED;

  // Requests without PASID all have the privilege of RID_PRIV: both columns hold its rights.
  always_comb begin
    fill_attr = fill_rsp_i.attr;
    if (!fill_req_i.has_pasid) fill_attr[3:0] = {fill_rsp_i.rights, fill_rsp_i.rights};
    else if (!fill_entry_i.sre) fill_attr[3:2] = 2'b00;
  end

  // ------------------------------------------------------------------ the cache

  logic [vtd_pkg::vtd_width(WAYS)-1:0] unused_lookup_way, unused_fill_way;
  logic only_fs;

  assign only_fs = inv_with_pasid_i && inv_range_i;

  vtd_assoc_cache #(
      .SETS(SETS), .WAYS(WAYS), .POLICY(POLICY), .INDEX(INDEX), .PROBES(3), .A_W(A_W), .B_W(B_W), .META_W(META_W),
      .DATA_W(DATA_W), .SIZE_LSB(A_W + 40), .SIZE_W(2), .SIZE_MAX(2)
  ) u_cache (
      .clk_i, .rst_ni,
      .lookup_i({3{lookup_i}}), .lookup_key_i(keys), .lookup_hit_o(hit), .lookup_probe_o(hit_size),
      .lookup_way_o(unused_lookup_way), .lookup_tag_o(unused_tag), .lookup_data_o(data),
      .fill_i,
      .fill_tag_i({fill_fs, fill_pasid_i, fill_entry_i.did,
                   key_of(fill_req_i.addr, fill_size, fill_req_i.has_pasid, fill_req_i.pasid, fill_req_i.sid)}),
      .fill_data_i({fill_rsp_i.hpa[51:12], fill_rsp_i.size, fill_attr}), .fill_done_o, .fill_way_o(unused_fill_way),
      .fill_evict_o(evict_o), .fill_victim_o({evict_b_o, evict_a_o}),
      .inv_i, .inv_all_i,
      .inv_mask_i({only_fs, {20{inv_with_pasid_i}}, 16'hffff, {KEY_W{1'b0}}}),
      .inv_value_i({1'b1, inv_pasid_i, inv_did_i, {KEY_W{1'b0}}}), .inv_range_i,
      .inv_exempt_i({!inv_with_pasid_i, {TAG_W - 1{1'b0}}}), .inv_page_i, .inv_am_i, .inv_ready_o
  );

endmodule
