// SPDX-License-Identifier: MIT
//
// What is proved of vtd_miss_walker: included at its end when FORMAL_vtd_miss_walker is defined. With the proofs of the cache (a sweep
// leaves nothing that it covers, and drops a fill beside it) and of the queue engine (mark_i is 1 as long as any cache is at
// work; a wait ends when no walk is in flight that was as it was decoded): no entry that was read before an invalidation
// survives it, and no response that was survives the wait behind it.

  logic f_past, f_seen_q;  // mark_i was 1 since the request was accepted
  logic f_rsp_q;  // the response waits since the cycle before

  initial f_past = 1'b0;

  always_ff @(posedge clk_i) begin
    f_past <= 1'b1;
    if (!rst_ni || !busy_o || (rsp_valid_o && rsp_ready_i)) f_seen_q <= 1'b0;
    else if (mark_i) f_seen_q <= 1'b1;
    f_rsp_q <= rst_ni && rsp_valid_o && !rsp_ready_i;
  end

  always_comb assume (rst_ni == f_past);

  always_comb begin
    if (f_past) begin
      // A walk that was in flight in any cycle of an invalidation fills no cache, in that cycle or later.
      if (f_seen_q || mark_i)
        assert (!context_fill_o && !pasid_fill_o && !psc_fill_o && !iotlb_fill_o);
      // The slot is busy as long as the request is not answered.
      if (rsp_valid_o || f_rsp_q) assert (busy_o);

      // What the induction needs besides.
      assert (state_q <= ANSWER);
      if (f_seen_q) assert (marked_q);
      if (f_rsp_q) assert (rsp_valid_o);
    end
  end
