// SPDX-License-Identifier: MIT
//
// What is proved of vtd_inv_engine, by induction: included at its end when FORMAL_vtd_inv_engine is defined. f_slot is any slot, f_cache
// any cache; what holds of it holds of all.

  (* anyconst *) logic [SLOTS-1:0] f_slot;  // one bit
  (* anyconst *) logic [4:0] f_cache;  // one bit
  logic f_past;  // there was a cycle before this one
  logic f_reset_q, f_qie_q, f_idle_q, f_idle_state_q, f_stopped_q, f_accepted_q;
  logic [63:0] f_iqa_q;
  logic [18:4] f_head_q, f_step, f_next;
  logic [19:4] f_end;

  initial f_past = 1'b0;

  always_ff @(posedge clk_i) begin
    f_past         <= 1'b1;
    f_reset_q      <= !rst_ni;
    f_qie_q        <= qie_i;
    f_idle_q       <= idle_o;
    f_idle_state_q <= state_q == IDLE;
    f_stopped_q    <= stopped_i;
    f_iqa_q        <= iqa_i;
    f_head_q       <= head_q;
    f_accepted_q   <= accepted;
  end

  always_comb begin
    assume (f_slot != '0 && (f_slot & (f_slot - 1'b1)) == '0);
    assume (f_cache != '0 && (f_cache & (f_cache - 1'b1)) == '0);
    // The unit starts with a reset. (Later ones are not looked at.)
    assume (rst_ni == f_past);
    // The registers: IQA stands still while the queue is on, and the queue goes off only between two descriptors.
    if (f_past && f_qie_q && qie_i) assume (iqa_i == f_iqa_q);
    if (f_past && f_qie_q && !f_idle_q) assume (qie_i);
  end

  // ------------------------------------------------------------------ what the descriptor says: its bits, ref 3.1

  logic [255:0] f_bits;
  logic f_wait, f_if, f_sw;

  always_ff @(posedge clk_i) if (state_q == ANSWER && mem_rvalid_i) f_bits <= mem_rdata_i;

  assign f_wait = f_bits[3:0] == 4'd5 && f_bits[11:9] == 3'd0;
  assign f_if   = f_bits[4];
  assign f_sw   = f_bits[5];

  // ------------------------------------------------------------------ what happened since a descriptor was accepted

  logic f_owed_q;  // f_cache has not done its invalidation
  logic f_busy_q;  // f_slot was busy as the wait was decoded, and ever since
  logic f_written_q;  // the status was handed over
  logic f_visible_q;  // ... and is visible
  logic f_in_wait;  // a wait is under way

  always_ff @(posedge clk_i) begin
    if (!rst_ni) f_owed_q <= 1'b0;
    else if (accepted) f_owed_q <= (caches & f_cache) != '0;
    else if ((inv_valid_o & inv_ready_i & f_cache) != '0) f_owed_q <= 1'b0;
    if (state_q == DECODE) f_busy_q <= (busy_i & f_slot) != '0;
    else if ((busy_i & f_slot) == '0) f_busy_q <= 1'b0;
    if (!rst_ni || state_q == DECODE) f_written_q <= 1'b0;
    else if (status_valid_o && status_ready_i) f_written_q <= 1'b1;
    if (!rst_ni || state_q == DECODE) f_visible_q <= 1'b0;
    else if (f_written_q && status_done_i) f_visible_q <= 1'b1;
  end

  assign f_in_wait = state_q == DRAIN || state_q == STATUS || state_q == STATUS_DONE || state_q == EVENT;

  // ------------------------------------------------------------------ ports of the cycle before

  logic f_mem_stalled_q, f_status_stalled_q, f_inv_stalled_q;
  logic [51:4] f_mem_addr_q;
  logic [2:0] f_mem_qwords_q;
  logic [51:2] f_status_addr_q;
  logic [31:0] f_status_data_q;
  vtd_pkg::vtd_inv_scope_t f_scope_q;

  always_ff @(posedge clk_i) begin
    f_mem_stalled_q    <= rst_ni && mem_valid_o && !mem_ready_i;
    f_status_stalled_q <= rst_ni && status_valid_o && !status_ready_i;
    f_inv_stalled_q    <= rst_ni && (inv_valid_o & ~inv_ready_i & f_cache) != '0;
    f_mem_addr_q       <= mem_addr_o;
    f_mem_qwords_q     <= mem_qwords_o;
    f_status_addr_q    <= status_addr_o;
    f_status_data_q    <= status_data_o;
    f_scope_q          <= inv_scope_o;
  end

  // ------------------------------------------------------------------ properties

  assign f_end  = 16'd256 << iqa_i[vtd_defs_pkg::VTD_IQA_QS_LSB+:3];
  assign f_step = iqa_i[vtd_defs_pkg::VTD_IQA_DW_LSB] ? 15'd2 : 15'd1;
  assign f_next = {1'b0, f_head_q} + {1'b0, f_step} == f_end ? 15'd0 : f_head_q + f_step;

  always_comb begin
    if (f_past && f_reset_q) assert (state_q == IDLE && head_q == '0 && !f_owed_q);
    if (f_past && !f_reset_q) begin
      // The head is within the queue, at the beginning of a descriptor.
      if (qie_i && f_qie_q) begin
        assert ({1'b0, head_q} < f_end);
        assert (!(iqa_i[vtd_defs_pkg::VTD_IQA_DW_LSB] && head_q[4]));
      end
      // It moves only over a descriptor that was accepted, by its size, and from the end to the beginning.
      if (qie_i && f_qie_q) assert (head_q == (f_accepted_q ? f_next : f_head_q));
      // Reads are of the descriptor at the head, which is in the queue.
      if (mem_valid_o) begin
        assert (qie_i && mem_addr_o == 48'({iqa_i[51:12], 8'd0} + {33'd0, head_q}));
        assert (mem_qwords_o == {f_step[5:4], 1'b0});
      end
      // Nothing is fetched while software has not cleared an error.
      if (f_idle_state_q && f_stopped_q) assert (!mem_valid_o);

      // Order: while a cache has not done its invalidation, the next descriptor is not read and no wait is complete.
      if (f_owed_q) assert (state_q == INVALIDATE && (inv_valid_o & f_cache) != '0);
      // A wait is complete only when no request is in flight that was when it was decoded.
      if (f_in_wait && state_q != DRAIN) assert (!f_busy_q);
      // Its event comes after its status is visible, and only if it asks for it.
      if (iwc_o) assert (f_wait && f_if && (!f_sw || f_visible_q));
      // The only write to memory: the status of a wait that asks for it, its data to its address, once.
      if (status_valid_o) begin
        assert (f_wait && f_sw && !f_written_q && status_data_o == f_bits[63:32]);
        assert (status_addr_o == (50'(f_bits[127:66]) & ((50'd1 << (HAW - 2)) - 50'd1)));
      end
      // Walks in flight are marked as long as any cache is at work.
      if (inv_valid_o != '0) assert (mark_o);

      // Ports: valid, and what goes with it, stay until ready.
      if (f_mem_stalled_q) assert (mem_valid_o && mem_addr_o == f_mem_addr_q && mem_qwords_o == f_mem_qwords_q);
      if (f_status_stalled_q)
        assert (status_valid_o && status_addr_o == f_status_addr_q && status_data_o == f_status_data_q);
      if (f_inv_stalled_q) assert ((inv_valid_o & f_cache) != '0 && inv_scope_o == f_scope_q);

      // What the induction needs besides.
      if (!f_qie_q) assert (head_q == '0);
      if (state_q != IDLE && state_q != FLUSH) begin
        assert (qie_i && f_qie_q && size_q == iqa_i[vtd_defs_pkg::VTD_IQA_QS_LSB+:3]);
        assert (wide_q == iqa_i[vtd_defs_pkg::VTD_IQA_DW_LSB]);
      end
      if (state_q == READ) assert (addr_q == 60'({iqa_i[63:12], 8'd0} + {45'd0, head_q}));
      if (state_q != IDLE && state_q != READ && state_q != ANSWER && state_q != ERROR && state_q != FLUSH)
        assert (descriptor_q == f_bits);
      if (f_owed_q) assert ((todo_q & f_cache) != '0);
      if (f_in_wait) assert (f_wait && (f_busy_q == ((in_flight_q & f_slot) != '0)));
      if (f_in_wait && state_q != DRAIN && f_sw) assert (f_written_q == (state_q != STATUS));
      if (state_q == EVENT && f_sw) assert (f_visible_q);
      if (state_q == STATUS || state_q == STATUS_DONE) assert (f_sw);
      if (state_q == DRAIN || state_q == STATUS) assert (!f_written_q);
      if (state_q == FLUSH) assert (!f_owed_q);
      assert (state_q <= FLUSH);
    end
  end
