// SPDX-License-Identifier: MIT
//
// Test bench: an IOTLB, its structures as single ports.

module vtd_iotlb_bench (
    input logic clk_i,
    input logic rst_ni,

    input  logic        lookup_i,
    input  logic        fill_i,
    input  logic [63:0] addr_i,      // of lookup or fill
    input  logic [15:0] sid_i,
    input  logic        has_pasid_i,
    input  logic [19:0] pasid_i,
    input  logic        priv_i,
    input  logic [ 1:0] kind_i,
    output logic        found_o,
    output logic        usable_o,
    output logic [51:0] hpa_o,
    output logic [ 1:0] size_o,
    output logic [ 1:0] rights_o,
    output logic        snoop_o,

    input  logic [15:0] did_i,
    input  logic [ 2:0] pgtt_i,
    input  logic        sre_i,
    input  logic [19:0] effective_pasid_i,
    input  logic [51:0] hpa_i,
    input  logic [ 1:0] size_i,
    input  logic [ 1:0] rights_i,
    input  logic [ 5:0] attr_i,
    output logic        fill_done_o,
    output logic        evict_o,
    output logic [51:0] evict_a_o,
    output logic [41:0] evict_b_o,

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

  vtd_pkg::vtd_iotlb_req_t req;
  vtd_pkg::vtd_pasid_t entry;
  vtd_pkg::vtd_walk_rsp_t rsp;

  assign req = {addr_i, sid_i, has_pasid_i, pasid_i, priv_i, kind_i};
  assign rsp = {8'd0, hpa_i, size_i, rights_i, attr_i};
  always_comb begin
    entry      = '0;
    entry.did  = did_i;
    entry.pgtt = pgtt_i;
    entry.sre  = sre_i;
  end

  vtd_iotlb #(.SETS(4), .WAYS(4)) u_iotlb (
      .clk_i, .rst_ni, .lookup_i, .lookup_req_i(req),
      .lookup_rsp_o({found_o, usable_o, hpa_o, size_o, rights_o, snoop_o}),
      .fill_i, .fill_req_i(req), .fill_entry_i(entry), .fill_pasid_i(effective_pasid_i), .fill_rsp_i(rsp), .fill_done_o,
      .evict_o, .evict_a_o, .evict_b_o, .inv_i, .inv_all_i, .inv_did_i, .inv_with_pasid_i, .inv_pasid_i, .inv_range_i,
      .inv_page_i, .inv_am_i, .inv_ready_o
  );

endmodule
