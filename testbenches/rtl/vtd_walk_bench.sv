// SPDX-License-Identifier: MIT
//
// Test bench: a walker with both paging-structure caches. The harness is the memory, and sees every lookup and fill.

module vtd_walk_bench (
    input logic clk_i,
    input logic rst_ni,
    input logic ssirwe_i,

    input  logic        req_valid_i,
    output logic        req_ready_o,
    input  logic [63:0] addr_i,
    input  logic [ 2:0] pgtt_i,
    input  logic [19:0] pasid_i,
    input  logic [15:0] did_i,
    input  logic [39:0] fs_root_i,
    input  logic        fs_five_i,
    input  logic [39:0] ss_root_i,
    input  logic [ 2:0] ss_levels_i,
    input  logic        ssade_i,
    input  logic        eafe_i,
    input  logic        wpe_i,
    input  logic        pwsnp_i,
    input  logic        pgsnp_i,
    input  logic        priv_i,
    input  logic [ 1:0] kind_i,
    input  logic        zero_length_i,

    output logic        rsp_valid_o,
    input  logic        rsp_ready_i,
    output logic [ 7:0] reason_o,
    output logic [51:0] hpa_o,
    output logic [ 1:0] size_o,
    output logic [ 1:0] rights_o,
    output logic [ 5:0] attr_o,

    output logic        mem_valid_o,
    input  logic        mem_ready_i,
    output logic        mem_cas_o,
    output logic [51:0] mem_addr_o,
    output logic [63:0] mem_expected_o,
    output logic [63:0] mem_desired_o,
    output logic        mem_snoop_o,
    output logic        mem_second_stage_o,
    output logic [ 2:0] mem_level_o,
    input  logic        mem_rvalid_i,
    input  logic        mem_error_i,
    input  logic [63:0] mem_rdata_i,

    input  logic        psc_ready_i,
    output logic        lookup_o,
    output logic        lookup_second_stage_o,
    output logic        lookup_hit_o,
    output logic [ 2:0] lookup_level_o,
    output logic        fill_o,
    output logic        fill_second_stage_o,
    output logic [63:0] fill_addr_o,
    output logic [ 2:0] fill_level_o,
    output logic        evict_o,
    output logic [51:0] evict_a_o,
    output logic [38:0] evict_b_o,

    input  logic [ 1:0] inv_i,               // first stage, second stage
    input  logic        inv_all_i,
    input  logic [15:0] inv_did_i,
    input  logic        inv_with_pasid_i,
    input  logic [19:0] inv_pasid_i,
    input  logic        inv_range_i,
    input  logic [51:0] inv_page_i,
    input  logic [ 5:0] inv_am_i,
    output logic [ 1:0] inv_ready_o
);

  vtd_pkg::vtd_walk_req_t req;
  vtd_pkg::vtd_walk_rsp_t rsp;
  vtd_pkg::vtd_walk_mem_t mem;
  vtd_pkg::vtd_psc_lookup_t lookup;
  vtd_pkg::vtd_psc_hit_t hit, fs_hit, ss_hit;
  vtd_pkg::vtd_psc_fill_t fill;
  logic lookup_valid, fill_valid, fs_evict, ss_evict;
  logic [15:0] did;
  logic [19:0] pasid;
  logic [51:0] fs_evict_a, ss_evict_a;
  logic [38:0] fs_evict_b, ss_evict_b;
  logic [1:0] fills_done;

  assign req = {addr_i, pgtt_i, pasid_i, did_i, fs_root_i, fs_five_i, ss_root_i, ss_levels_i, ssade_i, eafe_i, wpe_i,
                pwsnp_i, pgsnp_i, priv_i, kind_i, zero_length_i};
  assign {reason_o, hpa_o, size_o, rights_o, attr_o} = rsp;
  assign mem_cas_o          = mem.cas;
  assign mem_addr_o         = {mem.addr, 3'd0};
  assign mem_expected_o     = mem.expected;
  assign mem_desired_o      = mem.desired;
  assign mem_snoop_o        = mem.snoop;
  assign mem_second_stage_o = mem.second_stage;
  assign mem_level_o        = mem.level;

  assign lookup_o       = lookup_valid && psc_ready_i;
  assign hit            = lookup.second_stage ? ss_hit : fs_hit;
  assign lookup_hit_o   = hit.hit;
  assign lookup_level_o = hit.level;
  assign lookup_second_stage_o = lookup.second_stage;
  assign fill_second_stage_o   = fill.second_stage;
  assign fill_addr_o           = fill.addr;
  assign fill_level_o          = fill.level;
  assign fill_o         = fills_done != 2'b00;
  assign evict_o        = fs_evict || ss_evict;
  assign evict_a_o      = fill_second_stage_o ? ss_evict_a : fs_evict_a;
  assign evict_b_o      = fill_second_stage_o ? ss_evict_b : fs_evict_b;

  vtd_walker #(.HAW(46)) u_walker (
      .clk_i, .rst_ni, .ssirwe_i, .req_valid_i, .req_ready_o, .req_i(req), .rsp_valid_o, .rsp_ready_i, .rsp_o(rsp),
      .mem_valid_o, .mem_ready_i, .mem_o(mem), .mem_rvalid_i, .mem_error_i, .mem_rdata_i,
      .lookup_valid_o(lookup_valid), .lookup_ready_i(psc_ready_i), .lookup_o(lookup), .hit_i(hit),
      .fill_valid_o(fill_valid), .fill_ready_i(psc_ready_i), .fill_o(fill), .did_o(did), .pasid_o(pasid)
  );

  vtd_psc #(.SETS(2), .WAYS(4)) u_fs (
      .clk_i, .rst_ni, .did_i(did), .pasid_i(pasid), .lookup_i(lookup_o), .lookup_req_i(lookup),
      .hit_o(fs_hit), .fill_i(fill_valid && psc_ready_i), .fill_req_i(fill),
      .fill_done_o(fills_done[0]), .evict_o(fs_evict), .evict_a_o(fs_evict_a), .evict_b_o(fs_evict_b),
      .inv_i(inv_i[0]), .inv_all_i, .inv_did_i, .inv_with_pasid_i, .inv_pasid_i, .inv_range_i, .inv_page_i, .inv_am_i,
      .inv_ready_o(inv_ready_o[0])
  );

  vtd_psc #(.SETS(4), .WAYS(4), .SECOND_STAGE(1'b1)) u_ss (
      .clk_i, .rst_ni, .did_i(did), .pasid_i(pasid), .lookup_i(lookup_o), .lookup_req_i(lookup),
      .hit_o(ss_hit), .fill_i(fill_valid && psc_ready_i), .fill_req_i(fill),
      .fill_done_o(fills_done[1]), .evict_o(ss_evict), .evict_a_o(ss_evict_a), .evict_b_o(ss_evict_b),
      .inv_i(inv_i[1]), .inv_all_i, .inv_did_i, .inv_with_pasid_i, .inv_pasid_i, .inv_range_i, .inv_page_i, .inv_am_i,
      .inv_ready_o(inv_ready_o[1])
  );

endmodule
