// SPDX-License-Identifier: MIT
//
// What is proved of vtd_walker, with vtd_walk_ss and vtd_walk_notes in it, by induction: included at its end when FORMAL_vtd_walker is
// defined.

  logic f_past, f_reset_q;
  initial f_past = 1'b0;
  always_ff @(posedge clk_i) begin
    f_past    <= 1'b1;
    f_reset_q <= !rst_ni;
  end

  always_comb begin
    // The unit starts with a reset. (Later ones are not looked at.)
    assume (rst_ni == f_past);
    // What PASID table entries (vtd_pasid_entry) and structure caches (vtd_psc) say.
    assume (req_i.ss_levels >= 3'd3 && req_i.ss_levels <= 3'd5);
    assume (hit_i.level >= 3'd2 && hit_i.level <= 3'd5);
  end

  // ------------------------------------------------------------------ how far a walk is from its end

  // States of the second stage, numbered as there.
  localparam logic [3:0] SS_IDLE = 4'd0, SS_LOOKUP = 4'd1, SS_READ = 4'd2, SS_READ_WAIT = 4'd3, SS_ENTRY = 4'd4,
      SS_UPDATE = 4'd5, SS_CAS = 4'd6, SS_CAS_WAIT = 4'd7, SS_DOWN = 4'd8, SS_DONE = 4'd9;

  // Signals within the instances, under the name that flattening gives them.
  (* hierconn *) wire [3:0] \u_ss.state_q ;
  (* hierconn *) wire [2:0] \u_ss.level_q ;
  (* hierconn *) wire [63:0] \u_ss.value_q ;
  (* hierconn *) wire [63:0] \u_ss.bits ;
  (* hierconn *) wire [5:0] \u_notes.count_q ;
  (* hierconn *) wire [5:0] \u_notes.taken_q ;

  logic [3:0] f_ss;
  logic [5:0] f_notes;  // that are left to fill
  logic [2:0] f_ss_level, f_level;
  logic [3:0] f_step;  // left in this level of the first stage
  logic [6:0] f_attempts, f_detail;
  logic [7:0] f_steps;
  logic [21:0] f_distance, f_distance_q;
  logic f_walks, f_waits, f_stalled, f_active_q, f_stalled_q;

  assign f_ss       = \u_ss.state_q ;
  assign f_ss_level = \u_ss.level_q ;
  assign f_notes    = \u_notes.count_q  - \u_notes.taken_q ;
  assign f_level    = has_fs ? level_q : 3'd1;
  assign f_walks    = state_q == CALL && !calls_set;

  always_comb begin
    unique case (state_q)
      FS_LEVEL: f_step = 4'd14;
      LOCATED: f_step = 4'd12;
      TABLE_SET: f_step = 4'd10;
      FS_READ: f_step = 4'd9;
      FS_WAIT: f_step = 4'd8;
      FS_ENTRY: f_step = 4'd7;
      JUDGE: f_step = 4'd5;
      FS_UPDATE: f_step = 4'd3;
      FS_CAS: f_step = 4'd1;
      CALL:
      unique case (call_q)
        WALK_TABLE: f_step = 4'd13;
        READ_TABLE: f_step = 4'd11;
        WALK_PAGE: f_step = 4'd6;
        USE_PAGE: f_step = 4'd4;
        default: f_step = 4'd2;
      endcase
      default: f_step = 4'd0;
    endcase
    unique case (state_q)
      CHECK: f_steps = 8'd255;
      BEGIN: f_steps = 8'd254;
      FS_LOOKUP: f_steps = 8'd253;
      FINISH: f_steps = 8'd0;
      default: f_steps = {1'b0, f_level, f_step};
    endcase
    if (state_q == FINISH) f_detail = {f_notes, !answered_q};
    else if (state_q != CALL || f_ss == SS_IDLE) f_detail = 7'd127;
    else if (f_ss == SS_LOOKUP) f_detail = 7'd126;
    else if (f_ss == SS_DONE) f_detail = 7'd0;
    else f_detail = {1'b0, f_ss_level, 3'(SS_DOWN - f_ss)} + 7'd1;
  end

  assign f_attempts = state_q == FINISH ? 7'd0 : 7'd64 - {1'b0, restarts_q};
  assign f_distance = {f_attempts, f_steps, f_detail};

  // The walk waits for somebody else.
  assign f_waits   = state_q == FS_WAIT || state_q == FS_CAS_WAIT || f_ss == SS_READ_WAIT || f_ss == SS_CAS_WAIT;
  assign f_stalled = (mem_valid_o && !mem_ready_i) || (f_waits && !mem_rvalid_i) || rsp_valid_o ||
      (lookup_valid_o && !lookup_ready_i) || (fill_valid_o && !fill_ready_i);

  always_ff @(posedge clk_i) begin
    f_distance_q <= f_distance;
    f_active_q   <= rst_ni && state_q != IDLE;
    f_stalled_q  <= f_stalled;
  end

  // ------------------------------------------------------------------ ports of the cycle before

  logic f_mem_q, f_lookup_q, f_fill_q, f_rsp_q;
  vtd_pkg::vtd_walk_mem_t f_mem_o_q;
  vtd_pkg::vtd_psc_lookup_t f_lookup_o_q;
  vtd_pkg::vtd_psc_fill_t f_fill_o_q;
  vtd_pkg::vtd_walk_rsp_t f_rsp_o_q;
  logic [63:0] f_new;  // bits that an update sets

  always_ff @(posedge clk_i) begin
    f_mem_q      <= rst_ni && mem_valid_o && !mem_ready_i;
    f_lookup_q   <= rst_ni && lookup_valid_o && !lookup_ready_i;
    f_fill_q     <= rst_ni && fill_valid_o && !fill_ready_i;
    f_rsp_q      <= rst_ni && rsp_valid_o && !rsp_ready_i;
    f_mem_o_q    <= mem_o;
    f_lookup_o_q <= lookup_o;
    f_fill_o_q   <= fill_o;
    f_rsp_o_q    <= rsp_o;
  end

  assign f_new = mem_o.desired & ~mem_o.expected;

  // ------------------------------------------------------------------ properties

  always_comb begin
    if (f_past && f_reset_q) assert (state_q == IDLE && f_ss == SS_IDLE);
    if (f_past && !f_reset_q) begin
      // A walk always ends. There is a number that every cycle makes smaller in which the walk does not wait for memory,
      // caches or the taker of its response, and that no cycle makes larger; so there is only a bounded number of such.
      // (Its upper part are the restarts that are left, then the levels, then the steps in a level.)
      if (f_active_q && !f_stalled_q) assert (state_q != IDLE && f_distance < f_distance_q);
      if (f_active_q && state_q != IDLE) assert (f_distance <= f_distance_q);

      // A write to memory is an update of a paging entry: it sets accessed, dirty and, in the first stage, extended
      // accessed bits, at least one, clears none, and is done only by a walk that may snoop.
      if (mem_valid_o && mem_o.cas) begin
        assert ((mem_o.expected & ~mem_o.desired) == '0 && f_new != '0 && req_q.pwsnp);
        assert ((f_new & ~(mem_o.second_stage ? SS_A | SS_D : FS_A | FS_D | FS_EA)) == '0);
        // The dirty bit of the first stage is that of a leaf, for a request that writes.
        if (!mem_o.second_stage && (f_new & FS_D) != '0) assert (leaf_q && dirty);
      end
      // Nothing is cached of a walk that failed.
      if (fill_valid_o) assert (rsp_q.reason == '0);

      // Ports: valid, and what goes with it, stay until ready.
      if (f_mem_q) assert (mem_valid_o && mem_o == f_mem_o_q);
      if (f_lookup_q) assert (lookup_valid_o && lookup_o == f_lookup_o_q);
      if (f_fill_q) assert (fill_valid_o && fill_o == f_fill_o_q);
      if (f_rsp_q) assert (rsp_valid_o && rsp_o == f_rsp_o_q);

      // What the induction needs besides.
      assert (f_ss <= SS_DONE);
      if (state_q >= FS_LOOKUP && state_q != FINISH) assert (call_q <= USE_PAGE);
      if (state_q != CALL) assert (f_ss == SS_IDLE);
      if (state_q == CALL && calls_set) assert (f_ss == SS_IDLE || (f_ss >= SS_UPDATE && f_ss != SS_DOWN));
      if (f_walks && f_ss >= SS_READ && f_ss != SS_DONE) assert (f_ss_level >= (f_ss <= SS_ENTRY ? 3'd1 : 3'd2));
      if (f_ss == SS_CAS) assert ((\u_ss.value_q  & \u_ss.bits ) != \u_ss.bits  && req_q.pwsnp);
      if (state_q != IDLE) assert (req_q.ss_levels >= 3'd3 && req_q.ss_levels <= 3'd5);
      if (has_fs && (state_q >= FS_LEVEL && state_q != FINISH) && !(state_q == CALL && call_q == WALK_PAGE))
        assert (level_q >= 3'd1);
      if (state_q == FS_LEVEL || state_q == LOCATED || state_q == TABLE_SET || state_q == FS_READ ||
          state_q == FS_WAIT || state_q == FS_ENTRY) assert (!leaf_q && has_fs);
      if (state_q == CALL && (call_q == WALK_TABLE || call_q == READ_TABLE)) assert (!leaf_q && nested);
      if (state_q == CALL && call_q == WRITE_TABLE) assert (nested);
      if (state_q == CALL && !has_fs) assert (call_q == WALK_PAGE || call_q == USE_PAGE);
      if (has_fs && state_q == CALL && (call_q == WALK_PAGE || call_q == USE_PAGE)) assert (level_q >= 3'd1);
      if (state_q == JUDGE || (state_q == CALL && (call_q == WALK_PAGE || call_q == USE_PAGE))) assert (leaf_q == has_fs);
      if (state_q == FS_UPDATE || state_q == FS_CAS || state_q == FS_CAS_WAIT ||
          (state_q == CALL && call_q == WRITE_TABLE)) assert (has_fs && (leaf_q || level_q >= 3'd2));
      if (state_q == FS_CAS) assert (!is_set && req_q.pwsnp);
      if (state_q == CALL && call_q == WRITE_TABLE) assert (!is_set);
      if (state_q == FS_LOOKUP) assert (has_fs && !leaf_q);
      if (state_q == LOCATED || (state_q == FS_LEVEL && !located_q)) assert (nested);
      if (state_q != IDLE && state_q != FINISH) assert (!answered_q);
      if (state_q == FINISH && answered_q) begin
        assert (rsp_q.reason != '0 || f_notes == '0);
        assert (rsp_q.attr[4] == (rsp_q.reason == '0 && (!has_fs || (value_q & FS_D) != '0) &&
            (!has_ss || !req_q.ssade || (page_value_q & SS_D) != '0)));
      end
      assert (\u_notes.count_q  <= 6'd32 && \u_notes.taken_q  <= \u_notes.count_q );
      if (state_q != IDLE && state_q != FINISH) assert (\u_notes.taken_q  == '0);
    end
  end
