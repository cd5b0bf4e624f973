// SPDX-License-Identifier: MIT
//
// Test bench: the unit without AXI, its structures as single ports, small caches. The harness is software, the memory of
// each client, and the devices.

module vtd_core_bench #(
    parameter int unsigned WALKERS = 3,
    parameter int unsigned MISSES = 5,
    localparam int unsigned CLIENTS = WALKERS + 1
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic        write_i,
    output logic        write_ready_o,
    input  logic [11:0] write_addr_i,
    input  logic [31:0] write_data_i,
    input  logic [11:0] read_addr_i,
    output logic [63:0] read_data_o,

    input  logic        req_valid_i,
    output logic        req_ready_o,
    input  logic [15:0] req_tag_i,
    input  logic [15:0] req_sid_i,
    input  logic        req_has_pasid_i,
    input  logic [19:0] req_pasid_i,
    input  logic        req_priv_i,
    input  logic        req_no_snoop_i,
    input  logic [ 1:0] req_kind_i,
    input  logic        req_zero_length_i,
    input  logic        req_dword_i,
    input  logic [63:0] req_addr_i,
    output logic        rsp_valid_o,
    input  logic        rsp_ready_i,
    output logic [15:0] rsp_tag_o,
    output logic [ 1:0] rsp_result_o,
    output logic [ 7:0] rsp_reason_o,
    output logic [63:0] rsp_hpa_o,
    output logic [ 1:0] rsp_size_o,
    output logic [ 1:0] rsp_rights_o,
    output logic        rsp_snoop_o,

    output logic        msg_valid_o,
    input  logic        msg_ready_i,
    output logic [63:0] msg_addr_o,
    output logic [31:0] msg_data_o,

    output logic [CLIENTS-1:0] mem_valid_o,
    input  logic [CLIENTS-1:0] mem_ready_i,
    output logic [        1:0] mem_op_o      [CLIENTS],
    output logic [       51:0] mem_addr_o    [CLIENTS],
    output logic [        3:0] mem_qwords_o  [CLIENTS],
    output logic [       63:0] mem_expected_o[CLIENTS],
    output logic [       63:0] mem_desired_o [CLIENTS],
    output logic               mem_snoop_o   [CLIENTS],
    output logic [        3:0] mem_kind_o    [CLIENTS],
    output logic [        2:0] mem_level_o   [CLIENTS],
    input  logic [CLIENTS-1:0] mem_rvalid_i,
    input  logic [CLIENTS-1:0] mem_error_i,
    input  logic [      511:0] mem_rdata_i   [CLIENTS],

    output logic [4:0] lookup_o,
    output logic [4:0] hit_o,
    output logic [4:0] fill_o,
    output logic [4:0] evict_o,
    output logic       merge_o,
    output logic       idle_o
);

  localparam int unsigned MEM_W = vtd_pkg::VTD_MEM_REQ_W;

  vtd_pkg::vtd_request_t req;
  vtd_pkg::vtd_response_t rsp;
  logic [CLIENTS*MEM_W-1:0] mem;
  logic [CLIENTS*512-1:0] rdata;
  logic unused_addr;

  assign unused_addr = ^{write_addr_i[1:0], read_addr_i[2:0]};
  assign req = {req_tag_i, req_sid_i, req_has_pasid_i, req_pasid_i, req_priv_i, req_no_snoop_i, req_kind_i,
                req_zero_length_i, req_dword_i, req_addr_i};
  assign {rsp_tag_o, rsp_result_o, rsp_reason_o, rsp_hpa_o, rsp_size_o, rsp_rights_o, rsp_snoop_o} = rsp;

  generate
    for (genvar c = 0; c < CLIENTS; c++) begin : gen_client
      assign {mem_op_o[c], mem_addr_o[c][51:2], mem_qwords_o[c], mem_expected_o[c], mem_desired_o[c], mem_snoop_o[c],
              mem_kind_o[c], mem_level_o[c]} = mem[c*MEM_W+:MEM_W];
      assign mem_addr_o[c][1:0] = 2'd0;
      assign rdata[c*512+:512]  = mem_rdata_i[c];
    end
  endgenerate

  vtd_core #(
      .HAW(46), .WALKERS(WALKERS), .MISSES(MISSES), .CONTEXT_SETS(2), .CONTEXT_WAYS(2), .PASID_SETS(4), .PASID_WAYS(2),
      .IOTLB_SETS(4), .IOTLB_WAYS(4), .FS_PSC_SETS(2), .FS_PSC_WAYS(4), .SS_PSC_SETS(4), .SS_PSC_WAYS(4)
  ) u_core (
      .clk_i, .rst_ni, .reg_write_i(write_i), .reg_write_ready_o(write_ready_o), .reg_write_addr_i(write_addr_i[11:2]),
      .reg_write_data_i(write_data_i), .reg_read_addr_i(read_addr_i[11:3]), .reg_read_data_o(read_data_o),
      .req_valid_i, .req_ready_o, .req_i(req), .rsp_valid_o, .rsp_ready_i, .rsp_o(rsp),
      .msg_valid_o, .msg_ready_i, .msg_addr_o, .msg_data_o,
      .mem_valid_o, .mem_ready_i, .mem_o(mem), .mem_rvalid_i, .mem_error_i, .mem_rdata_i(rdata),
      .count_lookup_o(lookup_o), .count_hit_o(hit_o), .count_fill_o(fill_o), .count_evict_o(evict_o),
      .count_merge_o(merge_o), .idle_o
  );

endmodule
