// SPDX-License-Identifier: MIT
//
// The unit, but for AXI to memory: the pipeline of requests, the misses and their walkers, the queue engine, the fault
// log, the registers. Client n of memory is walker n, the last is the queue engine.

module vtd_core #(
    parameter int unsigned HAW = 46,
    parameter int unsigned WALKERS = 4,
    parameter int unsigned MISSES = 16,
    parameter int unsigned RECORDS = 8,
    parameter int unsigned CONTEXT_SETS = 8,
    parameter int unsigned CONTEXT_WAYS = 8,
    parameter int unsigned PASID_SETS = 16,
    parameter int unsigned PASID_WAYS = 8,
    parameter int unsigned IOTLB_SETS = 64,
    parameter int unsigned IOTLB_WAYS = 8,
    parameter int unsigned FS_PSC_SETS = 8,
    parameter int unsigned FS_PSC_WAYS = 8,
    parameter int unsigned SS_PSC_SETS = 8,
    parameter int unsigned SS_PSC_WAYS = 8,
    parameter int unsigned POLICY = vtd_pkg::VTD_POLICY_LRU,
    parameter int unsigned INDEX = vtd_pkg::VTD_INDEX_HASH,
    localparam int unsigned CLIENTS = WALKERS + 1,
    localparam int unsigned MEM_W = vtd_pkg::VTD_MEM_REQ_W
) (
    input logic clk_i,
    input logic rst_ni,

    // registers: dword writes, qword reads
    input  logic        reg_write_i,
    output logic        reg_write_ready_o,
    input  logic [11:2] reg_write_addr_i,
    input  logic [31:0] reg_write_data_i,
    input  logic [11:3] reg_read_addr_i,
    output logic [63:0] reg_read_data_o,

    input  logic                   req_valid_i,
    output logic                   req_ready_o,
    input  vtd_pkg::vtd_request_t  req_i,
    output logic                   rsp_valid_o,
    input  logic                   rsp_ready_i,
    output vtd_pkg::vtd_response_t rsp_o,

    output logic        msg_valid_o,
    input  logic        msg_ready_i,
    output logic [63:0] msg_addr_o,
    output logic [31:0] msg_data_o,

    // memory: one access of a client at a time; its answer at least one cycle after ready
    output logic [CLIENTS-1:0]                  mem_valid_o,
    input  logic [CLIENTS-1:0]                  mem_ready_i,
    output logic [CLIENTS*MEM_W-1:0]            mem_o,        // vtd_mem_req_t
    input  logic [CLIENTS-1:0]                  mem_rvalid_i,
    input  logic [CLIENTS-1:0]                  mem_error_i,
    input  logic [CLIENTS*512-1:0]              mem_rdata_i,

    // pulses: contexts, PASID entries, IOTLB, first- and second-stage structures (bit 0 to 4)
    output logic [4:0] count_lookup_o,
    output logic [4:0] count_hit_o,
    output logic [4:0] count_fill_o,
    output logic [4:0] count_evict_o,
    output logic       count_merge_o,
    output logic       idle_o         // nothing is in flight: request, descriptor, command, message
);

  localparam int unsigned ENTRY_W = vtd_pkg::vtd_width(MISSES);
  localparam int unsigned WALKER_W = vtd_pkg::vtd_width(WALKERS);
  localparam int unsigned RSP_W = vtd_pkg::VTD_RESPONSE_W;
  localparam int unsigned INFO_W = vtd_pkg::VTD_FAULT_INFO_W;
  localparam int unsigned INDEX_W = vtd_pkg::vtd_width(RECORDS);

  // ------------------------------------------------------------------ registers

  logic te, qie, ssirwe, hold, quiet, flush, flushed, engine_idle, stopped, iqe, iwc;
  logic [51:0] root;
  logic [1:0] ttm;
  logic [63:0] iqa;
  logic [18:4] iqt, iqh;
  logic [3:0] iqei;
  logic pfo, pfo_set, ppf, ppf_kept, recorded, fault_restart, frcd_clear;
  logic [7:0] fri;
  logic [INDEX_W-1:0] frcd_clear_index, frcd_read_index;
  logic [127:0] frcd_data;

  vtd_regfile #(.RECORDS(RECORDS)) u_regs (
      .clk_i, .rst_ni, .write_i(reg_write_i), .write_ready_o(reg_write_ready_o), .write_addr_i(reg_write_addr_i),
      .write_data_i(reg_write_data_i), .read_addr_i(reg_read_addr_i), .read_data_o(reg_read_data_o),
      .te_o(te), .qie_o(qie), .root_o(root), .ttm_o(ttm), .ssirwe_o(ssirwe), .hold_o(hold), .quiet_i(quiet),
      .flush_o(flush), .flushed_i(flushed), .idle_i(engine_idle),
      .iqa_o(iqa), .iqt_o(iqt), .iqh_i(iqh), .stopped_o(stopped), .iqe_i(iqe), .iqei_i(iqei), .iwc_i(iwc),
      .pfo_o(pfo), .pfo_set_i(pfo_set), .ppf_i(ppf), .ppf_kept_i(ppf_kept), .recorded_i(recorded), .fri_i(fri),
      .fault_restart_o(fault_restart), .frcd_clear_o(frcd_clear), .frcd_clear_index_o(frcd_clear_index),
      .frcd_read_index_o(frcd_read_index), .frcd_data_i(frcd_data),
      .msg_valid_o, .msg_ready_i, .msg_addr_o, .msg_data_o
  );

  // ------------------------------------------------------------------ the pipeline, misses, walkers

  logic front_valid, front_stays, front_rsp_valid, misses_empty;
  vtd_pkg::vtd_response_t front_rsp;
  vtd_pkg::vtd_fault_info_t front_info;
  logic retry_valid, retry_ready, release_entry, put, put_ready, put_stale, put_again, put_leads;
  vtd_pkg::vtd_request_t retry_req, put_req, walk_req;
  logic [ENTRY_W-1:0] retry_entry, front_entry;
  logic walk_valid;
  logic [WALKER_W-1:0] walk_walker;
  logic [WALKERS-1:0] walk_ready, walk_busy, walk_rsp_valid, walk_fpd;
  logic [WALKERS*RSP_W-1:0] walk_rsp;
  logic [WALKERS*INFO_W-1:0] walk_info;
  logic iotlb_fill;
  vtd_pkg::vtd_iotlb_fill_t iotlb;
  logic [WALKERS:0] rsp_turn, rsp_taken;  // the last is the pipeline
  logic mark;
  vtd_pkg::vtd_inv_caches_t inv_valid, inv_ready, pool_inv_ready;
  vtd_pkg::vtd_inv_scope_t inv_scope;
  logic iotlb_inv_ready;
  logic [4:0] pool_lookup, pool_hit, pool_fill, pool_evict;
  logic iotlb_lookup, iotlb_hit, iotlb_filled, iotlb_evict;

  vtd_front #(.SETS(IOTLB_SETS), .WAYS(IOTLB_WAYS), .POLICY(POLICY), .INDEX(INDEX), .ENTRY_W(ENTRY_W)) u_front (
      .clk_i, .rst_ni, .te_i(te), .ttm_i(ttm), .hold_i(hold), .req_valid_i, .req_ready_o, .req_i,
      .rsp_valid_o(front_rsp_valid), .rsp_ready_i(rsp_taken[WALKERS]), .rsp_o(front_rsp), .info_o(front_info),
      .retry_valid_i(retry_valid), .retry_ready_o(retry_ready), .retry_req_i(retry_req), .retry_entry_i(retry_entry),
      .release_o(release_entry), .put_o(put), .put_ready_i(put_ready), .put_req_o(put_req), .put_stale_o(put_stale),
      .put_again_o(put_again), .entry_o(front_entry), .put_leads_i(put_leads),
      .valid_o(front_valid), .stays_o(front_stays), .fill_i(iotlb_fill), .fill_req_i(iotlb),
      .inv_i(inv_valid.iotlb), .inv_scope_i(inv_scope), .inv_ready_o(iotlb_inv_ready),
      .lookup_o(iotlb_lookup), .hit_o(iotlb_hit), .fill_o(iotlb_filled), .evict_o(iotlb_evict),
      .merge_o(count_merge_o)
  );

  vtd_miss_table #(.ENTRIES(MISSES), .WALKERS(WALKERS)) u_misses (
      .clk_i, .rst_ni, .put_i(put), .put_ready_o(put_ready), .put_req_i(put_req), .put_stale_i(put_stale),
      .put_again_i(put_again), .put_entry_i(front_entry), .put_leads_o(put_leads),
      .retry_valid_o(retry_valid), .retry_ready_i(retry_ready), .retry_req_o(retry_req), .retry_entry_o(retry_entry),
      .release_i(release_entry), .release_entry_i(front_entry),
      .walk_valid_o(walk_valid), .walk_walker_o(walk_walker), .walk_req_o(walk_req), .walk_ready_i(walk_ready),
      .walk_done_i(rsp_taken[WALKERS-1:0]), .empty_o(misses_empty)
  );

  vtd_walk_pool #(
      .HAW(HAW), .WALKERS(WALKERS), .CONTEXT_SETS(CONTEXT_SETS), .CONTEXT_WAYS(CONTEXT_WAYS), .PASID_SETS(PASID_SETS),
      .PASID_WAYS(PASID_WAYS), .FS_PSC_SETS(FS_PSC_SETS), .FS_PSC_WAYS(FS_PSC_WAYS), .SS_PSC_SETS(SS_PSC_SETS),
      .SS_PSC_WAYS(SS_PSC_WAYS), .POLICY(POLICY), .INDEX(INDEX)
  ) u_walkers (
      .clk_i, .rst_ni, .root_i(root), .ssirwe_i(ssirwe), .req_valid_i(walk_valid), .req_walker_i(walk_walker),
      .req_i(walk_req), .ready_o(walk_ready), .busy_o(walk_busy), .rsp_valid_o(walk_rsp_valid),
      .rsp_ready_i(rsp_taken[WALKERS-1:0]), .rsp_o(walk_rsp), .fpd_o(walk_fpd), .info_o(walk_info),
      .iotlb_fill_o(iotlb_fill), .iotlb_o(iotlb),
      .mem_valid_o(mem_valid_o[WALKERS-1:0]), .mem_ready_i(mem_ready_i[WALKERS-1:0]), .mem_o(mem_o[WALKERS*MEM_W-1:0]),
      .mem_rvalid_i(mem_rvalid_i[WALKERS-1:0]), .mem_error_i(mem_error_i[WALKERS-1:0]),
      .mem_rdata_i(mem_rdata_i[WALKERS*512-1:0]),
      .mark_i(mark), .inv_valid_i(inv_valid), .inv_ready_o(pool_inv_ready), .inv_scope_i(inv_scope),
      .lookup_o(pool_lookup), .hit_o(pool_hit), .fill_o(pool_fill), .evict_o(pool_evict)
  );

  assign quiet = misses_empty && !front_valid;

  // ------------------------------------------------------------------ responses, and their faults

  logic answered, fpd;
  vtd_pkg::vtd_fault_info_t info;

  vtd_turns #(.N(WALKERS + 1)) u_rsp_turns (
      .clk_i, .rst_ni, .want_i({front_rsp_valid, walk_rsp_valid}), .take_i(rsp_ready_i), .turn_o(rsp_turn)
  );

  assign rsp_valid_o = rsp_turn != '0;
  assign rsp_taken   = rsp_ready_i ? rsp_turn : '0;
  assign answered    = rsp_taken != '0;

  always_comb begin
    rsp_o = front_rsp;
    info  = front_info;
    fpd   = 1'b0;
    for (int unsigned w = 0; w < WALKERS; w++) begin
      if (rsp_turn[w]) begin
        rsp_o = walk_rsp[w*RSP_W+:RSP_W];
        info  = walk_info[w*INFO_W+:INFO_W];
        fpd   = walk_fpd[w];
      end
    end
  end

  vtd_fault_log #(.RECORDS(RECORDS)) u_log (
      .clk_i, .rst_ni, .fault_i(answered && rsp_o.reason != '0), .reason_i(rsp_o.reason), .fpd_i(fpd), .info_i(info),
      .pfo_i(pfo), .pfo_set_o(pfo_set), .recorded_o(recorded), .ppf_o(ppf), .ppf_kept_o(ppf_kept), .fri_o(fri),
      .restart_i(fault_restart), .clear_i(frcd_clear), .clear_index_i(frcd_clear_index),
      .read_index_i(frcd_read_index), .read_data_o(frcd_data)
  );

  // ------------------------------------------------------------------ queue engine

  logic read_valid, status_valid;
  logic [51:4] read_addr;
  logic [2:0] read_qwords;
  logic [51:2] status_addr;
  logic [31:0] status_data;

  vtd_inv_engine #(.HAW(HAW), .SLOTS(WALKERS + 1)) u_engine (
      .clk_i, .rst_ni, .qie_i(qie), .stopped_i(stopped), .ttm_i(ttm), .iqa_i(iqa), .iqt_i(iqt), .iqh_o(iqh),
      .idle_o(engine_idle), .iqe_o(iqe), .iqei_o(iqei), .iwc_o(iwc), .flush_i(flush), .flushed_o(flushed),
      .mem_valid_o(read_valid), .mem_ready_i(mem_ready_i[WALKERS]), .mem_addr_o(read_addr),
      .mem_qwords_o(read_qwords), .mem_rvalid_i(mem_rvalid_i[WALKERS]), .mem_error_i(mem_error_i[WALKERS]),
      .mem_rdata_i(mem_rdata_i[WALKERS*512+:256]),
      .status_valid_o(status_valid), .status_ready_i(mem_ready_i[WALKERS]), .status_addr_o(status_addr),
      .status_data_o(status_data), .status_done_i(mem_rvalid_i[WALKERS]),
      .inv_valid_o(inv_valid), .inv_ready_i(inv_ready), .inv_scope_o(inv_scope),
      .mark_o(mark), .busy_i({front_stays, walk_busy})
  );

  logic unused_rdata;
  assign unused_rdata = ^mem_rdata_i[WALKERS*512+256+:256];

  always_comb begin
    inv_ready       = pool_inv_ready;
    inv_ready.iotlb = iotlb_inv_ready;
  end

  assign mem_valid_o[WALKERS]        = read_valid || status_valid;
  assign mem_o[WALKERS*MEM_W+:MEM_W] = status_valid ?
      {vtd_pkg::VTD_MEM_WRITE, status_addr, 4'd1, 64'd0, 32'd0, status_data, 1'b1, vtd_pkg::VTD_MEM_STATUS, 3'd0} :
      {vtd_pkg::VTD_MEM_READ, read_addr, 2'b00, 1'b0, read_qwords, 128'd0, 1'b1, vtd_pkg::VTD_MEM_DESCRIPTOR, 3'd0};

  // ------------------------------------------------------------------ what is seen from outside

  assign count_lookup_o = pool_lookup | {2'b00, iotlb_lookup, 2'b00};
  assign count_hit_o    = pool_hit | {2'b00, iotlb_hit, 2'b00};
  assign count_fill_o   = pool_fill | {2'b00, iotlb_filled, 2'b00};
  assign count_evict_o  = pool_evict | {2'b00, iotlb_evict, 2'b00};
  assign idle_o         = quiet && engine_idle && reg_write_ready_o && !msg_valid_o;

endmodule
