// SPDX-License-Identifier: MIT
//
// Test bench: the registers as software sees them, over AXI4-Lite, with the fault log. Commands are done at once.

module vtd_regs_bench (
    input logic clk_i,
    input logic rst_ni,

    input  logic        awvalid_i,
    output logic        awready_o,
    input  logic [11:0] awaddr_i,
    input  logic        wvalid_i,
    output logic        wready_o,
    input  logic [63:0] wdata_i,
    input  logic [ 7:0] wstrb_i,
    output logic        bvalid_o,
    input  logic        bready_i,
    output logic [ 1:0] bresp_o,
    input  logic        arvalid_i,
    output logic        arready_o,
    input  logic [11:0] araddr_i,
    output logic        rvalid_o,
    input  logic        rready_i,
    output logic [63:0] rdata_o,
    output logic [ 1:0] rresp_o,

    input logic        fault_i,
    input logic [ 7:0] reason_i,
    input logic        fpd_i,
    input logic [51:0] page_i,
    input logic [15:0] sid_i,
    input logic [19:0] pasid_i,
    input logic        has_pasid_i,
    input logic        priv_i,
    input logic [ 1:0] kind_i,

    input  logic        flushed_i,
    output logic        flush_o,
    input  logic        quiet_i,
    input  logic        iqe_i,
    input  logic [ 3:0] iqei_i,
    input  logic        iwc_i,
    output logic        te_o,
    output logic        qie_o,
    output logic [51:0] root_o,
    output logic [ 1:0] ttm_o,
    output logic        ssirwe_o,
    output logic [63:0] iqa_o,
    output logic [18:4] iqt_o,
    output logic        stopped_o,

    output logic        msg_valid_o,
    input  logic        msg_ready_i,
    output logic [63:0] msg_addr_o,
    output logic [31:0] msg_data_o
);

  logic write, write_ready;
  logic [11:2] write_addr;
  logic [31:0] write_data;
  logic [11:3] read_addr;
  logic [63:0] read_data;
  logic pfo, pfo_set, recorded, ppf, ppf_kept, restart, clear;
  logic [7:0] fri;
  logic [2:0] clear_index, read_index;
  logic [127:0] record;
  vtd_pkg::vtd_fault_info_t info;
  logic unused_addr, unused_hold;

  assign unused_addr = ^{awaddr_i[2:0], araddr_i[2:0]};
  assign info        = {page_i, sid_i, pasid_i, has_pasid_i, priv_i, kind_i};

  vtd_axil u_axil (
      .clk_i, .rst_ni, .awvalid_i, .awready_o, .awaddr_i(awaddr_i[11:3]), .wvalid_i, .wready_o, .wdata_i, .wstrb_i,
      .bvalid_o, .bready_i, .bresp_o, .arvalid_i, .arready_o, .araddr_i(araddr_i[11:3]), .rvalid_o, .rready_i,
      .rdata_o, .rresp_o,
      .write_o(write), .write_ready_i(write_ready), .write_addr_o(write_addr), .write_data_o(write_data),
      .read_addr_o(read_addr), .read_data_i(read_data)
  );

  vtd_fault_log u_log (
      .clk_i, .rst_ni, .fault_i, .reason_i, .fpd_i, .info_i(info), .pfo_i(pfo), .pfo_set_o(pfo_set),
      .recorded_o(recorded), .ppf_o(ppf), .ppf_kept_o(ppf_kept), .fri_o(fri), .restart_i(restart), .clear_i(clear),
      .clear_index_i(clear_index), .read_index_i(read_index), .read_data_o(record)
  );

  vtd_regfile u_regs (
      .clk_i, .rst_ni, .write_i(write), .write_ready_o(write_ready), .write_addr_i(write_addr),
      .write_data_i(write_data), .read_addr_i(read_addr), .read_data_o(read_data),
      .te_o, .qie_o, .root_o, .ttm_o, .ssirwe_o, .hold_o(unused_hold), .quiet_i, .flush_o, .flushed_i,
      .idle_i(1'b1),
      .iqa_o, .iqt_o, .iqh_i(15'd0), .stopped_o, .iqe_i, .iqei_i, .iwc_i,
      .pfo_o(pfo), .pfo_set_i(pfo_set), .ppf_i(ppf), .ppf_kept_i(ppf_kept), .recorded_i(recorded), .fri_i(fri),
      .fault_restart_o(restart), .frcd_clear_o(clear), .frcd_clear_index_o(clear_index),
      .frcd_read_index_o(read_index), .frcd_data_i(record),
      .msg_valid_o, .msg_ready_i, .msg_addr_o, .msg_data_o
  );

endmodule
