// SPDX-License-Identifier: MIT
//
// Test bench: the invalidation queue engine with the registers. The harness is software, memory, the caches, the walks
// and the receiver of messages.

module vtd_inv_bench (
    input logic clk_i,
    input logic rst_ni,

    input  logic        write_i,
    output logic        write_ready_o,
    input  logic [11:0] write_addr_i,
    input  logic [31:0] write_data_i,
    input  logic [11:0] read_addr_i,
    output logic [63:0] read_data_o,

    output logic         mem_valid_o,
    input  logic         mem_ready_i,
    output logic [ 51:0] mem_addr_o,
    output logic [  2:0] mem_qwords_o,
    input  logic         mem_rvalid_i,
    input  logic         mem_error_i,
    input  logic [255:0] mem_rdata_i,
    output logic         status_valid_o,
    input  logic         status_ready_i,
    output logic [ 51:0] status_addr_o,
    output logic [ 31:0] status_data_o,
    input  logic         status_done_i,

    output logic [ 4:0] inv_valid_o,    // contexts, PASIDs, IOTLB, first-stage and second-stage structures
    input  logic [ 4:0] inv_ready_i,
    output logic        inv_all_o,
    output logic [15:0] inv_sid_o,
    output logic [15:0] inv_sid_mask_o,
    output logic [15:0] inv_did_o,
    output logic        inv_with_pasid_o,
    output logic [19:0] inv_pasid_o,
    output logic        inv_range_o,
    output logic        inv_fs_psc_range_o,
    output logic [51:0] inv_page_o,
    output logic [ 5:0] inv_am_o,

    output logic       mark_o,
    input  logic [2:0] busy_i,
    output logic       idle_o,
    output logic       iwc_o,

    output logic        msg_valid_o,
    input  logic        msg_ready_i,
    output logic [63:0] msg_addr_o,
    output logic [31:0] msg_data_o
);

  logic pfo, pfo_set, recorded, ppf, ppf_kept, restart, clear;
  logic [7:0] fri;
  logic [2:0] clear_index, read_index;
  logic [127:0] record;
  vtd_pkg::vtd_fault_info_t no_fault;
  vtd_pkg::vtd_inv_scope_t scope;
  logic qie, stopped, iqe, flush, flushed;
  logic [1:0] ttm;
  logic [63:0] iqa;
  logic [18:4] iqt, iqh;
  logic [3:0] iqei;
  logic unused_te, unused_ssirwe, unused_addr, unused_hold;
  logic [51:0] unused_root;

  assign unused_addr          = ^{write_addr_i[1:0], read_addr_i[2:0]};
  assign no_fault             = '0;
  assign mem_addr_o[3:0]      = '0;
  assign status_addr_o[1:0]   = '0;
  assign {inv_all_o, inv_sid_o, inv_sid_mask_o, inv_did_o, inv_with_pasid_o, inv_pasid_o, inv_range_o,
          inv_fs_psc_range_o, inv_page_o, inv_am_o} = scope;

  vtd_fault_log u_log (
      .clk_i, .rst_ni, .fault_i(1'b0), .reason_i('0), .fpd_i(1'b0), .info_i(no_fault), .pfo_i(pfo),
      .pfo_set_o(pfo_set), .recorded_o(recorded), .ppf_o(ppf), .ppf_kept_o(ppf_kept), .fri_o(fri), .restart_i(restart),
      .clear_i(clear), .clear_index_i(clear_index), .read_index_i(read_index), .read_data_o(record)
  );

  vtd_regfile u_regs (
      .clk_i, .rst_ni, .write_i, .write_ready_o, .write_addr_i(write_addr_i[11:2]), .write_data_i,
      .read_addr_i(read_addr_i[11:3]), .read_data_o,
      .te_o(unused_te), .qie_o(qie), .root_o(unused_root), .ttm_o(ttm), .ssirwe_o(unused_ssirwe),
      .hold_o(unused_hold), .quiet_i(1'b1), .flush_o(flush), .flushed_i(flushed), .idle_i(idle_o),
      .iqa_o(iqa), .iqt_o(iqt), .iqh_i(iqh), .stopped_o(stopped), .iqe_i(iqe), .iqei_i(iqei), .iwc_i(iwc_o),
      .pfo_o(pfo), .pfo_set_i(pfo_set), .ppf_i(ppf), .ppf_kept_i(ppf_kept), .recorded_i(recorded), .fri_i(fri),
      .fault_restart_o(restart), .frcd_clear_o(clear), .frcd_clear_index_o(clear_index),
      .frcd_read_index_o(read_index), .frcd_data_i(record),
      .msg_valid_o, .msg_ready_i, .msg_addr_o, .msg_data_o
  );

  vtd_inv_engine #(.HAW(46), .SLOTS(3)) u_engine (
      .clk_i, .rst_ni, .qie_i(qie), .stopped_i(stopped), .ttm_i(ttm), .iqa_i(iqa), .iqt_i(iqt), .iqh_o(iqh), .idle_o,
      .iqe_o(iqe), .iqei_o(iqei), .iwc_o, .flush_i(flush), .flushed_o(flushed),
      .mem_valid_o, .mem_ready_i, .mem_addr_o(mem_addr_o[51:4]), .mem_qwords_o, .mem_rvalid_i, .mem_error_i,
      .mem_rdata_i,
      .status_valid_o, .status_ready_i, .status_addr_o(status_addr_o[51:2]), .status_data_o, .status_done_i,
      .inv_valid_o, .inv_ready_i, .inv_scope_o(scope), .mark_o, .busy_i
  );

endmodule
