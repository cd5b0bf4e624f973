// SPDX-License-Identifier: MIT
//
// The second stage of a walk (ref 2.7, 4.4, 4.7; walk_ss.c): walks to the leaf for a guest physical address, or sets
// bits of a leaf that was found. The caller keeps a command until done.

module vtd_walk_ss #(
    parameter int unsigned HAW = 46
) (
    input logic clk_i,
    input logic rst_ni,
    input logic ssirwe_i,
    input vtd_pkg::vtd_walk_req_t req_i,

    input  logic        walk_i,
    input  logic [63:0] gpa_i,
    input  logic        set_i,
    input  logic [51:3] set_at_i,
    input  logic [63:0] set_value_i,  // what is there
    input  logic [63:0] set_bits_i,

    output logic        done_o,
    output logic [ 7:0] reason_o,  // SSS.1 to SSS.6
    output logic        again_o,   // an entry changed under an update
    output logic [51:3] at_o,      // of the leaf: address, value, rights over all levels
    output logic [63:0] value_o,   // ... after set: with the bits
    output logic        r_o,
    output logic        w_o,
    output logic [ 1:0] size_o,
    output logic [51:0] hpa_o,

    output logic                   mem_valid_o,
    input  logic                   mem_ready_i,
    output vtd_pkg::vtd_walk_mem_t mem_o,
    input  logic                   mem_rvalid_i,
    input  logic                   mem_error_i,
    input  logic [63:0]            mem_rdata_i,

    output logic                   lookup_o,        // for gpa_i
    input  logic                   lookup_ready_i,
    input  vtd_pkg::vtd_psc_hit_t  hit_i,
    output logic                   note_o,
    output vtd_pkg::vtd_psc_fill_t note_fill_o
);

  localparam logic [63:0] A = 64'd1 << vtd_defs_pkg::VTD_SS_ENTRY_A_LSB;

  typedef enum logic [3:0] {
    IDLE,
    LOOKUP,
    READ,
    READ_WAIT,
    ENTRY,
    UPDATE,
    CAS,
    CAS_WAIT,
    DOWN,
    DONE
  } state_e;

  state_e state_q;
  logic [2:0] level_q;
  logic [39:0] table_q;
  logic r_q, w_q;
  logic [51:3] at_q;
  logic [63:0] value_q;
  logic [7:0] reason_q;
  logic again_q;

  logic leaf, entry_r, entry_w, unused_us;
  logic [7:0] entry_reason;
  logic [63:0] bits;
  logic read_only;  // an update is needed, but not allowed

  vtd_pte #(.HAW(HAW)) u_pte (
      .entry_i(value_q), .level_i(level_q), .second_stage_i(1'b1), .nested_i(1'b0), .ss_levels_i(req_i.ss_levels),
      .ssirwe_i, .leaf_o(leaf), .reason_o(entry_reason), .r_o(entry_r), .w_o(entry_w), .us_o(unused_us)
  );

  assign bits      = set_i ? set_bits_i : A;
  assign read_only = (value_q & bits) != bits && !req_i.pwsnp;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) state_q <= IDLE;
    else
      unique case (state_q)
        IDLE: if (set_i) state_q <= UPDATE;
        else if (walk_i) state_q <= LOOKUP;
        LOOKUP: if (lookup_ready_i) state_q <= READ;
        READ: if (mem_ready_i) state_q <= READ_WAIT;
        READ_WAIT: if (mem_rvalid_i) state_q <= mem_error_i ? DONE : ENTRY;
        ENTRY: state_q <= entry_reason != '0 || leaf ? DONE : req_i.ssade ? UPDATE : DOWN;
        UPDATE:
        if (read_only) state_q <= DONE;
        else if ((value_q & bits) == bits) state_q <= set_i ? DONE : DOWN;
        else state_q <= CAS;
        CAS: if (mem_ready_i) state_q <= CAS_WAIT;
        CAS_WAIT:
        if (mem_rvalid_i) state_q <= set_i || mem_error_i || mem_rdata_i != value_q ? DONE : DOWN;
        DOWN: state_q <= READ;
        default: state_q <= IDLE;
      endcase
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      IDLE: begin
        reason_q <= '0;
        again_q  <= 1'b0;
        at_q     <= set_at_i;
        value_q  <= set_value_i;
      end
      LOOKUP: begin
        level_q <= hit_i.hit ? hit_i.level - 3'd1 : req_i.ss_levels;
        table_q <= hit_i.hit ? hit_i.data.table_page : req_i.ss_root;
        r_q     <= hit_i.hit ? hit_i.data.r : 1'b1;
        w_q     <= hit_i.hit ? hit_i.data.w : 1'b1;
      end
      READ: at_q <= mem_o.addr;
      READ_WAIT: begin
        value_q <= mem_rdata_i;
        if (mem_rvalid_i && mem_error_i)
          reason_q <= level_q == req_i.ss_levels ? vtd_defs_pkg::VTD_FAULT_SSS_4 : vtd_defs_pkg::VTD_FAULT_SSS_1;
      end
      ENTRY: begin
        r_q      <= r_q && entry_r;
        w_q      <= w_q && entry_w;
        reason_q <= entry_reason;
        if (entry_reason == '0 && leaf && !(r_q && entry_r) && !(w_q && entry_w))
          reason_q <= vtd_defs_pkg::VTD_FAULT_SSS_2;  // no right is left over all levels
      end
      UPDATE: if (read_only) reason_q <= vtd_defs_pkg::VTD_FAULT_SSS_5;
      CAS_WAIT:
      if (mem_rvalid_i) begin
        if (mem_error_i) reason_q <= vtd_defs_pkg::VTD_FAULT_SSS_6;
        else if (mem_rdata_i != value_q) again_q <= 1'b1;
        else value_q <= value_q | bits;
      end
      DOWN: begin
        level_q <= level_q - 3'd1;
        table_q <= value_q[51:12];
      end
      default: ;
    endcase
  end

  assign done_o   = state_q == DONE;
  assign reason_o = reason_q;
  assign again_o  = again_q;
  assign at_o     = at_q;
  assign value_o  = value_q;
  assign r_o      = r_q;
  assign w_o      = w_q;
  assign size_o   = 2'(level_q - 3'd1);
  assign hpa_o    = vtd_pkg::vtd_behind(value_q, gpa_i, level_q);

  assign mem_valid_o = state_q == READ || state_q == CAS;
  always_comb begin
    mem_o.cas          = state_q == CAS;
    mem_o.addr         = state_q == CAS ? at_q : {table_q, vtd_pkg::vtd_index_of(gpa_i, level_q)};
    mem_o.expected     = value_q;
    mem_o.desired      = value_q | bits;
    mem_o.snoop        = req_i.pwsnp;
    mem_o.second_stage = 1'b1;
    mem_o.level        = level_q;
  end

  assign lookup_o     = state_q == LOOKUP;
  assign note_o       = state_q == DOWN;
  assign note_fill_o  = {1'b1, gpa_i, level_q, value_q[51:12], 3'b000, w_q, r_q};

endmodule
