// SPDX-License-Identifier: MIT
//
// Test bench: the smallest unit, one walker and one place for misses, with a memory that answers every access with an
// error. The harness is software and a device.

module vtd_small_bench (
    input logic clk_i,
    input logic rst_ni,

    input  logic        write_i,
    output logic        write_ready_o,
    input  logic [11:0] write_addr_i,
    input  logic [31:0] write_data_i,

    input  logic        req_valid_i,
    output logic        req_ready_o,
    input  logic [15:0] req_tag_i,
    input  logic [63:0] req_addr_i,
    output logic        rsp_valid_o,
    input  logic        rsp_ready_i,
    output logic [15:0] rsp_tag_o,
    output logic [ 7:0] rsp_reason_o,
    output logic        idle_o
);

  vtd_pkg::vtd_request_t req;
  vtd_pkg::vtd_response_t rsp;
  logic [1:0] mem_valid, mem_rvalid_q;
  logic [2*vtd_pkg::VTD_MEM_REQ_W-1:0] unused_mem;
  logic [63:0] unused_read_data, unused_msg_addr;
  logic [31:0] unused_msg_data;
  logic [4:0] unused_lookup, unused_hit, unused_fill, unused_evict;
  logic unused_addr, unused_rsp, unused_msg_valid, unused_merge;

  assign unused_addr = ^write_addr_i[1:0];
  assign unused_rsp  = ^{rsp.result, rsp.hpa, rsp.size, rsp.rights, rsp.snoop};

  always_comb begin
    req      = '0;
    req.tag  = req_tag_i;
    req.addr = req_addr_i;
  end
  assign rsp_tag_o    = rsp.tag;
  assign rsp_reason_o = rsp.reason;

  always_ff @(posedge clk_i) mem_rvalid_q <= rst_ni ? mem_valid : '0;

  vtd_core #(
      .WALKERS(1), .MISSES(1), .RECORDS(1), .CONTEXT_SETS(1), .CONTEXT_WAYS(1), .PASID_SETS(1), .PASID_WAYS(1),
      .IOTLB_SETS(1), .IOTLB_WAYS(1), .FS_PSC_SETS(1), .FS_PSC_WAYS(1), .SS_PSC_SETS(1), .SS_PSC_WAYS(1)
  ) u_core (
      .clk_i, .rst_ni, .reg_write_i(write_i), .reg_write_ready_o(write_ready_o), .reg_write_addr_i(write_addr_i[11:2]),
      .reg_write_data_i(write_data_i), .reg_read_addr_i('0), .reg_read_data_o(unused_read_data),
      .req_valid_i, .req_ready_o, .req_i(req), .rsp_valid_o, .rsp_ready_i, .rsp_o(rsp),
      .msg_valid_o(unused_msg_valid), .msg_ready_i(1'b1), .msg_addr_o(unused_msg_addr), .msg_data_o(unused_msg_data),
      .mem_valid_o(mem_valid), .mem_ready_i('1), .mem_o(unused_mem), .mem_rvalid_i(mem_rvalid_q), .mem_error_i('1),
      .mem_rdata_i('0), .count_lookup_o(unused_lookup), .count_hit_o(unused_hit), .count_fill_o(unused_fill),
      .count_evict_o(unused_evict), .count_merge_o(unused_merge), .idle_o
  );

endmodule
