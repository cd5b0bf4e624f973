// SPDX-License-Identifier: MIT
//
// The invalidation queue (ref 3.3, 3.4; invq.c): fetch, errors, invalidations, waits, one descriptor after the other.
// What is in a descriptor, vtd_inv_decode says.
//
// An error stops the queue with the head at the bad descriptor until software clears FSTS.IQE. The commands that
// invalidate everything (flush_i) take their turn between two descriptors.

module vtd_inv_engine #(
    parameter int unsigned HAW = 46,   // host address width, 20 to 52
    parameter int unsigned SLOTS = 1   // requests that can be in flight
) (
    input logic clk_i,
    input logic rst_ni,

    // registers
    input  logic        qie_i,      // GSTS.QIES
    input  logic        stopped_i,  // FSTS.IQE
    input  logic [ 1:0] ttm_i,
    input  logic [63:0] iqa_i,
    input  logic [18:4] iqt_i,
    output logic [18:4] iqh_o,
    output logic        idle_o,     // and no descriptor begins in this cycle
    output logic        iqe_o,
    output logic [ 3:0] iqei_o,
    output logic        iwc_o,      // a wait with IF=1 is complete
    input  logic        flush_i,
    output logic        flushed_o,

    // Reads of 2 or 4 qwords at a multiple of 16. One that crosses a page is possible only after software changed the
    // width of descriptors while the queue was not empty.
    output logic         mem_valid_o,
    input  logic         mem_ready_i,
    output logic [ 51:4] mem_addr_o,
    output logic [  2:0] mem_qwords_o,
    input  logic         mem_rvalid_i,
    input  logic         mem_error_i,
    input  logic [255:0] mem_rdata_i,

    // Status writes, of a dword each. done: it is visible, or failed.
    output logic        status_valid_o,
    input  logic        status_ready_i,
    output logic [51:2] status_addr_o,
    output logic [31:0] status_data_o,
    input  logic        status_done_i,

    // To the caches: each takes the command until it says ready.
    output vtd_pkg::vtd_inv_caches_t inv_valid_o,
    input  vtd_pkg::vtd_inv_caches_t inv_ready_i,
    output vtd_pkg::vtd_inv_scope_t  inv_scope_o,

    // Walks and responses. Those that are in flight while mark is 1 fill nothing, then and later: they may have seen what
    // goes. A wait ends when no slot that was busy as it began has been busy ever since; between two requests a slot is
    // not busy for at least a cycle.
    output logic             mark_o,
    input  logic [SLOTS-1:0] busy_i
);

  generate
    if (HAW < 20 || HAW > 52) $error("a host address width of 20 to 52 bits");
    if (SLOTS < 1) $error("one request in flight at least");
  endgenerate

  typedef enum logic [3:0] {
    IDLE,
    READ,
    ANSWER,
    DECODE,
    INVALIDATE,
    DRAIN,
    STATUS,
    STATUS_DONE,
    EVENT,
    ERROR,
    FLUSH
  } state_e;

  state_e state_q;
  logic [18:4] head_q;
  // As the descriptor found them: software may write registers meanwhile.
  logic wide_q, scalable_q;
  logic [2:0] size_q;  // of the queue
  logic [63:4] addr_q;
  logic [255:0] descriptor_q;
  logic [3:0] code_q;
  vtd_pkg::vtd_inv_caches_t todo_q;
  logic [SLOTS-1:0] in_flight_q;

  // ------------------------------------------------------------------ begin

  logic wide, begins, legacy_width;
  logic [3:0] queue_code;
  logic [19:4] queue_end;  // size of the queue, in units of 16 bytes

  assign wide         = iqa_i[vtd_defs_pkg::VTD_IQA_DW_LSB];
  assign queue_end    = 16'd256 << iqa_i[vtd_defs_pkg::VTD_IQA_QS_LSB+:3];
  assign legacy_width = ttm_i == vtd_defs_pkg::VTD_TTM_LEGACY;
  assign begins       = state_q == IDLE && !flush_i && qie_i && !stopped_i && head_q != iqt_i;
  assign idle_o       = state_q == IDLE && !begins;

  // Errors of the queue, when a fetch is attempted.
  always_comb begin
    if (ttm_i == vtd_defs_pkg::VTD_TTM_RESERVED) queue_code = vtd_defs_pkg::VTD_IQEI_TTM;
    else if (!wide && !legacy_width) queue_code = vtd_defs_pkg::VTD_IQEI_WIDTH;
    else if (wide && iqt_i[4]) queue_code = vtd_defs_pkg::VTD_IQEI_ALIGNMENT;
    else if ({1'b0, iqt_i} >= queue_end) queue_code = vtd_defs_pkg::VTD_IQEI_TAIL;
    else queue_code = vtd_defs_pkg::VTD_IQEI_NONE;
  end

  // ------------------------------------------------------------------ fetch

  logic above_haw;

  // There is no memory above the host address width.
  assign above_haw    = addr_q[63:HAW] != '0;
  assign mem_valid_o  = state_q == READ && !above_haw;
  assign mem_addr_o   = addr_q[51:4];
  assign mem_qwords_o = wide_q ? 3'd4 : 3'd2;

  // ------------------------------------------------------------------ decode

  logic [3:0] descriptor_code;
  logic is_wait, accepted;
  vtd_pkg::vtd_inv_wait_t wait_fields;
  vtd_pkg::vtd_inv_caches_t caches, all_caches;
  vtd_pkg::vtd_inv_scope_t scope;
  logic [18:4] head_next;

  vtd_inv_decode u_decode (
      .descriptor_i(descriptor_q), .wide_i(wide_q), .scalable_i(scalable_q), .code_o(descriptor_code),
      .is_wait_o(is_wait), .wait_o(wait_fields), .caches_o(caches), .scope_o(scope)
  );

  assign accepted   = state_q == DECODE && descriptor_code == vtd_defs_pkg::VTD_IQEI_NONE;
  assign head_next  = (head_q + (wide_q ? 15'd2 : 15'd1)) & ((15'd256 << size_q) - 15'd1);
  assign all_caches = '1;

  // ------------------------------------------------------------------ effects

  logic [SLOTS-1:0] in_flight;
  vtd_pkg::vtd_inv_caches_t left;

  assign in_flight   = in_flight_q & busy_i;
  assign left        = todo_q & ~inv_ready_i;
  assign inv_valid_o = mark_o ? todo_q : '0;
  assign flushed_o   = state_q == FLUSH && left == '0;
  assign mark_o      = state_q == INVALIDATE || state_q == FLUSH;

  always_comb begin
    inv_scope_o = scope;
    if (state_q == FLUSH) inv_scope_o.all = 1'b1;
  end

  logic [63:2] wait_addr;  // by itself: Yosys 0.23 counts the bits of a member from 0
  logic unused_above_haw;

  // Address bits above the host address width are ignored (ref 3.1).
  assign wait_addr        = wait_fields.addr;
  assign unused_above_haw = ^wait_addr[63:HAW];
  assign status_valid_o = state_q == STATUS;
  assign status_data_o  = wait_fields.data;
  always_comb begin
    status_addr_o          = '0;
    status_addr_o[HAW-1:2] = wait_addr[HAW-1:2];
  end

  assign iqh_o  = head_q;
  assign iqe_o  = state_q == ERROR;
  assign iqei_o = code_q;
  assign iwc_o  = state_q == EVENT && wait_fields.raises;

  // ------------------------------------------------------------------ order

  always_ff @(posedge clk_i) begin
    if (!rst_ni) state_q <= IDLE;
    else begin
      unique case (state_q)
        IDLE:
        if (flush_i) state_q <= FLUSH;
        else if (begins) state_q <= queue_code == vtd_defs_pkg::VTD_IQEI_NONE ? READ : ERROR;
        READ:
        if (above_haw) state_q <= ERROR;
        else if (mem_ready_i) state_q <= ANSWER;
        ANSWER: if (mem_rvalid_i) state_q <= mem_error_i ? ERROR : DECODE;
        DECODE:
        if (!accepted) state_q <= ERROR;
        else state_q <= is_wait ? DRAIN : INVALIDATE;
        INVALIDATE: if (left == '0) state_q <= IDLE;
        DRAIN: if (in_flight == '0) state_q <= wait_fields.writes ? STATUS : EVENT;
        STATUS: if (status_ready_i) state_q <= STATUS_DONE;
        STATUS_DONE: if (status_done_i) state_q <= EVENT;
        FLUSH: if (left == '0) state_q <= IDLE;
        default: state_q <= IDLE;  // EVENT, ERROR
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || !qie_i) head_q <= '0;
    else if (accepted) head_q <= head_next;
  end

  always_ff @(posedge clk_i) begin
    if (state_q == IDLE) begin
      wide_q     <= wide;
      scalable_q <= ttm_i[0];
      size_q     <= iqa_i[vtd_defs_pkg::VTD_IQA_QS_LSB+:3];
      addr_q     <= {iqa_i[63:12], 8'd0} + {45'd0, head_q};
      code_q     <= queue_code;
    end
    if (state_q == READ || state_q == ANSWER) code_q <= vtd_defs_pkg::VTD_IQEI_FETCH;
    if (state_q == DECODE) code_q <= descriptor_code;
    if (mem_rvalid_i && state_q == ANSWER) descriptor_q <= mem_rdata_i;
    in_flight_q <= state_q == DECODE ? busy_i : in_flight;
    if (state_q == IDLE) todo_q <= all_caches;
    else if (state_q == DECODE) todo_q <= caches;
    else if (state_q == INVALIDATE || state_q == FLUSH) todo_q <= left;
  end

`ifdef FORMAL_vtd_inv_engine
`include "formal/vtd_inv_engine_props.svh"
`endif

endmodule
