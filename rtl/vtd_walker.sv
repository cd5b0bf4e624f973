// SPDX-License-Identifier: MIT
//
// One page walk: steps 10 and 11 of ref 4.2 for one request (stages.c, walk_fs.c, walk_ss.c). The order of lookups,
// reads and atomics is the model's: structure first, then rights, then the leaves' accessed and dirty bits, then what
// the paging-structure caches keep. A table entry that changes under an update starts the walk again (ref 4.7).
//
// The second stage is a subroutine (vtd_walk_ss): call_q says what for.

module vtd_walker #(
    parameter int unsigned HAW = 46  // host address width, 32 to 52
) (
    input logic clk_i,
    input logic rst_ni,
    input logic ssirwe_i, // as SRTP latched it

    input  logic                   req_valid_i,
    output logic                   req_ready_o,
    input  vtd_pkg::vtd_walk_req_t req_i,
    output logic                   rsp_valid_o,
    input  logic                   rsp_ready_i,
    output vtd_pkg::vtd_walk_rsp_t rsp_o,

    // memory; one access at a time, the response at least one cycle later
    output logic                   mem_valid_o,
    input  logic                   mem_ready_i,
    output vtd_pkg::vtd_walk_mem_t mem_o,
    input  logic                   mem_rvalid_i,
    input  logic                   mem_error_i,   // no memory there, or it cannot do the atomic
    input  logic [63:0]            mem_rdata_i,   // what was there

    // paging-structure caches; the answer to a lookup comes with ready
    output logic                     lookup_valid_o,
    input  logic                     lookup_ready_i,
    output vtd_pkg::vtd_psc_lookup_t lookup_o,
    input  vtd_pkg::vtd_psc_hit_t    hit_i,
    output logic                     fill_valid_o,
    input  logic                     fill_ready_i,
    output vtd_pkg::vtd_psc_fill_t   fill_o,
    output logic [15:0]            did_o,
    output logic [19:0]            pasid_o
);

  localparam logic [63:0] FS_A = 64'd1 << vtd_defs_pkg::VTD_FS_ENTRY_A_LSB;
  localparam logic [63:0] FS_D = 64'd1 << vtd_defs_pkg::VTD_FS_ENTRY_D_LSB;
  localparam logic [63:0] FS_EA = 64'd1 << vtd_defs_pkg::VTD_FS_ENTRY_EA_LSB;
  localparam logic [63:0] SS_A = 64'd1 << vtd_defs_pkg::VTD_SS_ENTRY_A_LSB;
  localparam logic [63:0] SS_D = 64'd1 << vtd_defs_pkg::VTD_SS_ENTRY_D_LSB;
  localparam logic [5:0] RESTARTS = 6'd63;  // WALK_RESTARTS_MAX of the model, less the first attempt

  typedef enum logic [3:0] {
    IDLE,
    CHECK,     // width and canonical form of the address
    BEGIN,     // an attempt
    FS_LOOKUP,
    FS_LEVEL,  // a first-stage level: where is its table?
    CALL,      // the second stage walks, or sets bits
    LOCATED,   // nested: a first-stage table is found
    TABLE_SET, // ... and the accessed bit of the leaf that leads to it is set
    FS_READ,
    FS_WAIT,
    FS_ENTRY,
    FS_UPDATE, // sets bits of a first-stage entry
    FS_CAS,
    FS_CAS_WAIT,
    JUDGE,     // rights and output, then the leaves' bits
    FINISH     // fills, then the response
  } state_e;

  // What the second stage is called for.
  typedef enum logic [2:0] {
    WALK_TABLE,   // find the page that holds a first-stage table
    WALK_PAGE,    // find the page of the request
    READ_TABLE,   // accessed bit of the former's leaf
    WRITE_TABLE,  // ... and dirty, for an update of a first-stage entry in it
    USE_PAGE      // accessed and dirty bits of the latter's
  } call_e;

  // ------------------------------------------------------------------ state

  state_e state_q;
  call_e call_q;
  vtd_pkg::vtd_walk_req_t req_q;
  vtd_pkg::vtd_walk_rsp_t rsp_q;
  logic answered_q;  // FINISH: all fills are done
  logic [5:0] restarts_q;
  logic [7:0] contended_q;  // what a walk ends with that is started over and over
  logic skip_psc_q;

  // first stage
  logic [2:0] level_q, noted_q;  // noted: a level whose table is to be noted once it is located; 0 none
  logic [39:0] table_q;
  logic located_q, leaf_q;
  logic fs_w_q, fs_us_q;  // rights over all levels
  logic [51:3] at_q;
  logic [63:0] value_q;
  logic table_write_q, table_dirty_q, table_known_q;  // of the page that holds the table (PSC_SS_W, PSC_SS_DIRTY)

  // second stage: the leaf of the page that holds a first-stage table, and that of the page that the request wants
  logic [63:0] gpa_q;
  logic [51:3] table_at_q, page_at_q;
  logic [63:0] table_value_q, page_value_q;
  logic table_r_q, page_r_q, page_w_q;

  // ------------------------------------------------------------------ the request

  logic nested, has_fs, has_ss, dirty;
  logic [2:0] fs_levels;

  assign nested    = req_q.pgtt == vtd_defs_pkg::VTD_PGTT_NESTED;
  assign has_fs    = nested || req_q.pgtt == vtd_defs_pkg::VTD_PGTT_FIRST_STAGE;
  assign has_ss    = nested || req_q.pgtt == vtd_defs_pkg::VTD_PGTT_SECOND_STAGE;
  assign dirty     = req_q.kind != vtd_pkg::VTD_ACCESS_READ;  // who gets so far has the right to write
  assign fs_levels = req_q.fs_five ? 3'd5 : 3'd4;

  logic [7:0] check_reason;
  vtd_walk_check #(.HAW(HAW)) u_check (.req_i(req_q), .reason_o(check_reason));

  // ------------------------------------------------------------------ the second stage

  logic calls_set, ss_done, ss_again, ss_r, ss_w;
  logic [7:0] ss_reason;
  logic [51:3] ss_at;
  logic [63:0] ss_value;
  logic [1:0] ss_size;
  logic [51:0] ss_hpa;
  logic ss_mem_valid, ss_lookup, notes_ss;
  vtd_pkg::vtd_walk_mem_t ss_mem;
  vtd_pkg::vtd_psc_fill_t ss_note;

  assign calls_set = call_q != WALK_TABLE && call_q != WALK_PAGE;

  vtd_walk_ss #(.HAW(HAW)) u_ss (
      .clk_i, .rst_ni, .ssirwe_i, .req_i(req_q),
      .walk_i(state_q == CALL && !calls_set), .gpa_i(gpa_q), .set_i(state_q == CALL && calls_set),
      .set_at_i(call_q == USE_PAGE ? page_at_q : table_at_q),
      .set_value_i(call_q == USE_PAGE ? page_value_q : table_value_q),
      .set_bits_i(SS_A | (call_q == WRITE_TABLE || (call_q == USE_PAGE && dirty) ? SS_D : '0)),
      .done_o(ss_done), .reason_o(ss_reason), .again_o(ss_again), .at_o(ss_at), .value_o(ss_value), .r_o(ss_r),
      .w_o(ss_w), .size_o(ss_size), .hpa_o(ss_hpa),
      .mem_valid_o(ss_mem_valid), .mem_ready_i, .mem_o(ss_mem), .mem_rvalid_i, .mem_error_i, .mem_rdata_i,
      .lookup_o(ss_lookup), .lookup_ready_i, .hit_i, .note_o(notes_ss), .note_fill_o(ss_note)
  );

  // ------------------------------------------------------------------ first-stage entries and rights

  logic entry_leaf, entry_w, entry_us, unused_r;
  logic [7:0] entry_reason, judgement;
  logic read_user, write_user, read_priv, write_priv, own_read, own_write;
  logic [63:0] bits;  // that an update of the entry sets
  logic is_set;

  vtd_pte #(.HAW(HAW)) u_pte (
      .entry_i(value_q), .level_i(level_q), .second_stage_i(1'b0), .nested_i(nested), .ss_levels_i(req_q.ss_levels),
      .ssirwe_i, .leaf_o(entry_leaf), .reason_o(entry_reason), .r_o(unused_r), .w_o(entry_w), .us_o(entry_us)
  );

  vtd_walk_judge u_judge (
      .req_i(req_q), .fs_w_i(fs_w_q), .fs_us_i(fs_us_q), .ss_r_i(page_r_q), .ss_w_i(page_w_q), .hpa_i(rsp_q.hpa),
      .read_user_o(read_user), .write_user_o(write_user), .read_priv_o(read_priv), .write_priv_o(write_priv),
      .own_read_o(own_read), .own_write_o(own_write), .reason_o(judgement)
  );

  assign bits   = FS_A | (req_q.eafe ? FS_EA : '0) | (leaf_q && dirty ? FS_D : '0);
  assign is_set = (value_q & bits) == bits;

  // ------------------------------------------------------------------ memory

  assign mem_valid_o = ss_mem_valid || state_q == FS_READ || state_q == FS_CAS;
  assign mem_o       = state_q == CALL ? ss_mem :
      {state_q == FS_CAS, state_q == FS_CAS ? at_q : {table_q, vtd_pkg::vtd_index_of(req_q.addr, level_q)}, value_q,
       value_q | bits, req_q.pwsnp, 1'b0, level_q};

  // ------------------------------------------------------------------ paging-structure caches

  logic cached, notes_fs, notes_valid;
  vtd_pkg::vtd_psc_fill_t fs_note;
  assign cached         = hit_i.hit && !skip_psc_q;
  assign did_o          = req_q.did;
  assign pasid_o        = req_q.pasid;
  assign lookup_valid_o = (state_q == FS_LOOKUP && !skip_psc_q) || ss_lookup;
  assign lookup_o       = ss_lookup ? {1'b1, gpa_q, req_q.ss_levels} : {1'b0, req_q.addr, fs_levels};

  assign notes_fs = state_q == FS_READ && mem_ready_i && noted_q != 3'd0;
  assign fs_note  = {1'b0, req_q.addr, noted_q, table_q, nested && table_dirty_q, nested && table_write_q, fs_us_q,
                     fs_w_q, 1'b0};

  vtd_walk_notes u_notes (
      .clk_i, .rst_ni, .clear_i(state_q == BEGIN || state_q == IDLE), .note_i(notes_fs || notes_ss),
      .fill_i(notes_ss ? ss_note : fs_note), .valid_o(notes_valid), .take_i(fill_valid_o && fill_ready_i), .fill_o
  );

  // Nothing is cached of a walk that failed (ref 10.3).
  assign fill_valid_o = state_q == FINISH && notes_valid && rsp_q.reason == '0;

  assign req_ready_o = state_q == IDLE;
  assign rsp_valid_o = state_q == FINISH && answered_q;
  assign rsp_o       = rsp_q;

  // ------------------------------------------------------------------ what ends an attempt

  logic fails, restarts;
  logic [7:0] reason;
  always_comb begin
    restarts = 1'b0;
    reason   = vtd_defs_pkg::VTD_FAULT_NONE;
    unique case (state_q)
      CHECK: reason = check_reason;
      CALL:
      if (ss_done) begin
        reason   = ss_reason;
        restarts = ss_again;
        // The table's page may be written now, but the entry in it only by a snooping walk.
        if (reason == '0 && !restarts && call_q == WRITE_TABLE && !req_q.pwsnp) reason = vtd_defs_pkg::VTD_FAULT_SFS_9;
      end
      LOCATED:
      if (!table_r_q) reason = level_q == fs_levels ? vtd_defs_pkg::VTD_FAULT_SFS_6 : vtd_defs_pkg::VTD_FAULT_SFS_7;
      else if (req_q.ssade && !table_write_q) reason = vtd_defs_pkg::VTD_FAULT_SFS_8;
      FS_WAIT:
      if (mem_rvalid_i && mem_error_i)
        reason = level_q == fs_levels ? vtd_defs_pkg::VTD_FAULT_SFS_4 : vtd_defs_pkg::VTD_FAULT_SFS_1;
      FS_ENTRY: reason = entry_reason;
      FS_UPDATE:
      if (!is_set) begin
        if (nested && !table_write_q) reason = vtd_defs_pkg::VTD_FAULT_SFS_8;
        else if (nested && !table_dirty_q) restarts = !table_known_q;  // the cached entry does not know that leaf
        else if (!req_q.pwsnp) reason = vtd_defs_pkg::VTD_FAULT_SFS_9;
      end
      FS_CAS_WAIT:
      if (mem_rvalid_i) begin
        if (mem_error_i) reason = vtd_defs_pkg::VTD_FAULT_SFS_10;
        else restarts = mem_rdata_i != value_q;
      end
      JUDGE: reason = judgement;
      default: ;
    endcase
    fails = reason != '0;
  end

  // ------------------------------------------------------------------ steps

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= IDLE;
    end else begin
      unique case (state_q)
        IDLE: if (req_valid_i) state_q <= CHECK;
        CHECK: state_q <= has_fs || has_ss ? BEGIN : FINISH;
        BEGIN: state_q <= has_fs ? FS_LOOKUP : CALL;
        FS_LOOKUP: if (lookup_ready_i || skip_psc_q) state_q <= FS_LEVEL;
        FS_LEVEL: state_q <= located_q ? FS_READ : CALL;
        CALL:
        if (ss_done)
          unique case (call_q)
            WALK_TABLE: state_q <= LOCATED;
            WALK_PAGE: state_q <= JUDGE;
            READ_TABLE: state_q <= TABLE_SET;
            WRITE_TABLE: state_q <= FS_CAS;
            default: state_q <= has_fs ? FS_UPDATE : FINISH;
          endcase
        LOCATED: state_q <= req_q.ssade ? CALL : TABLE_SET;
        TABLE_SET: state_q <= FS_READ;
        FS_READ: if (mem_ready_i) state_q <= FS_WAIT;
        FS_WAIT: if (mem_rvalid_i) state_q <= FS_ENTRY;
        FS_ENTRY: state_q <= !entry_leaf ? FS_UPDATE : nested ? CALL : JUDGE;
        FS_UPDATE:
        if (is_set) state_q <= leaf_q ? FINISH : FS_LEVEL;
        else state_q <= nested && !table_dirty_q ? CALL : FS_CAS;
        FS_CAS: if (mem_ready_i) state_q <= FS_CAS_WAIT;
        FS_CAS_WAIT: if (mem_rvalid_i) state_q <= leaf_q ? FINISH : FS_LEVEL;
        JUDGE: state_q <= has_ss && req_q.ssade ? CALL : has_fs ? FS_UPDATE : FINISH;
        default: if (rsp_valid_o && rsp_ready_i) state_q <= IDLE;
      endcase
      if (restarts) state_q <= restarts_q == RESTARTS ? FINISH : BEGIN;
      if (fails) state_q <= FINISH;
    end
  end

  // ------------------------------------------------------------------ what is remembered
  logic descends;  // a non-leaf entry is done with
  assign descends = !leaf_q && !fails && !restarts &&
      ((state_q == FS_UPDATE && is_set) || (state_q == FS_CAS_WAIT && mem_rvalid_i));

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      IDLE: begin
        req_q       <= req_i;
        rsp_q       <= '0;
        restarts_q  <= '0;
        skip_psc_q  <= 1'b0;
        answered_q  <= 1'b0;
        contended_q <= vtd_defs_pkg::VTD_FAULT_SSS_6;
      end
      CHECK: begin  // pass-through: everything is allowed (ref 4.6)
        rsp_q.hpa    <= req_q.addr[51:0];
        rsp_q.rights <= 2'b11;
        rsp_q.attr   <= {req_q.pgsnp, 5'b11111};
      end
      BEGIN: begin
        call_q <= WALK_PAGE;
        gpa_q  <= req_q.addr;
        leaf_q <= 1'b0;
      end
      FS_LOOKUP: begin
        level_q       <= cached ? hit_i.level - 3'd1 : fs_levels;
        table_q       <= cached ? hit_i.data.table_page : req_q.fs_root;
        fs_w_q        <= !cached || hit_i.data.w;
        fs_us_q       <= !cached || hit_i.data.us;
        located_q     <= cached || !nested;
        table_write_q <= hit_i.data.ss_write;
        table_dirty_q <= hit_i.data.ss_dirty;
        table_known_q <= 1'b0;
        noted_q       <= '0;
      end
      FS_LEVEL: begin
        call_q <= WALK_TABLE;
        gpa_q  <= {12'd0, table_q, 12'd0};
      end
      CALL:
      if (ss_done)
        unique case (call_q)
          WALK_TABLE: begin
            table_at_q    <= ss_at;
            table_value_q <= ss_value;
            table_r_q     <= ss_r;
            table_write_q <= ss_w;
            table_q       <= ss_hpa[51:12];
          end
          WALK_PAGE: begin
            page_at_q    <= ss_at;
            page_value_q <= ss_value;
            page_r_q     <= ss_r;
            page_w_q     <= ss_w;
            rsp_q.hpa    <= ss_hpa;
            if (!has_fs || ss_size < rsp_q.size) rsp_q.size <= ss_size;  // the smaller page (ref 4.5)
          end
          USE_PAGE: page_value_q <= ss_value;
          default: begin
            table_value_q <= ss_value;
            if (call_q == WRITE_TABLE) table_dirty_q <= 1'b1;
          end
        endcase
      LOCATED: call_q <= READ_TABLE;
      TABLE_SET: begin
        table_known_q <= 1'b1;
        table_dirty_q <= !req_q.ssade || (table_value_q & SS_D) != '0;
      end
      FS_READ: at_q <= mem_o.addr;
      FS_WAIT: value_q <= mem_rdata_i;
      FS_ENTRY: begin
        fs_w_q  <= fs_w_q && entry_w;
        fs_us_q <= fs_us_q && entry_us;
        if (entry_leaf) begin
          call_q     <= WALK_PAGE;
          gpa_q      <= {12'd0, vtd_pkg::vtd_behind(value_q, req_q.addr, level_q)};
          leaf_q     <= 1'b1;
          rsp_q.hpa  <= vtd_pkg::vtd_behind(value_q, req_q.addr, level_q);
          rsp_q.size <= 2'(level_q - 3'd1);
        end
      end
      FS_UPDATE: begin
        call_q     <= WRITE_TABLE;
        skip_psc_q <= skip_psc_q || restarts;
      end
      FS_CAS_WAIT: if (mem_rvalid_i) value_q <= value_q | bits;
      JUDGE: begin
        call_q       <= USE_PAGE;
        rsp_q.rights <= {own_write, own_read};
        rsp_q.attr   <= {
          (has_ss && page_value_q[vtd_defs_pkg::VTD_SS_ENTRY_SNP_LSB]) || req_q.pgsnp,
          1'b0, write_priv, read_priv, write_user, read_user
        };
      end
      FINISH: begin  // attr[4]: a write needs no update any more (ref 6.1)
        answered_q    <= !notes_valid || rsp_q.reason != '0;
        rsp_q.attr[4] <= rsp_q.reason == '0 && (!has_fs || (value_q & FS_D) != '0) &&
            (!has_ss || !req_q.ssade || (page_value_q & SS_D) != '0);
      end
      default: ;
    endcase
    if (descends) begin
      noted_q   <= level_q;
      level_q   <= level_q - 3'd1;
      table_q   <= value_q[51:12];
      located_q <= !nested;
    end
    if (restarts) begin
      restarts_q <= restarts_q + 1'b1;
      if (state_q == FS_CAS_WAIT) contended_q <= vtd_defs_pkg::VTD_FAULT_SFS_10;
      if (state_q == CALL) contended_q <= vtd_defs_pkg::VTD_FAULT_SSS_6;
    end
    if (restarts && restarts_q == RESTARTS)
      rsp_q <= {state_q == FS_CAS_WAIT ? vtd_defs_pkg::VTD_FAULT_SFS_10 :
          state_q == CALL ? vtd_defs_pkg::VTD_FAULT_SSS_6 : contended_q, 62'd0};
    if (fails) rsp_q <= {reason, 62'd0};
  end

`ifdef FORMAL_vtd_walker
`include "formal/vtd_walker_props.svh"
`endif
endmodule
