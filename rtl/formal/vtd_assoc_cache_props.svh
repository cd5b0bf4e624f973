// SPDX-License-Identifier: MIT
//
// What is proved of vtd_assoc_cache, by induction, for every set: included at its end when FORMAL_vtd_assoc_cache is defined.
// f_set is any set; what holds of it holds of all.

  (* anyconst *) logic [SET_W-1:0] f_set;
  logic f_past;  // there was a cycle before this one
  logic [WAYS*TAG_W-1:0] f_tags;  // of the ways of f_set
  logic [WAYS-1:0] f_covered;  // by the predicate at the inputs
  logic [WAYS-1:0] f_was_covered;  // by the predicate of the cycle before
  logic f_inv_q, f_all_q, f_ready_q, f_range_q;
  logic [TAG_W-1:0] f_mask_q, f_value_q, f_exempt_q;
  logic [A_W-1:0] f_page_q;
  logic [5:0] f_am_q;
  logic [WAYS-1:0] f_valid;

  initial f_past = 1'b0;

  always_ff @(posedge clk_i) begin
    f_past     <= 1'b1;
    f_inv_q    <= rst_ni && inv_i;
    f_all_q    <= inv_all_i;
    f_ready_q  <= inv_ready_o;
    f_range_q  <= inv_range_i;
    f_mask_q   <= inv_mask_i;
    f_value_q  <= inv_value_i;
    f_exempt_q <= inv_exempt_i;
    f_page_q   <= inv_page_i;
    f_am_q     <= inv_am_i;
  end

  generate
    for (genvar w = 0; w < WAYS; w++) begin : gen_formal
      assign f_tags[w*TAG_W+:TAG_W] = gen_way[w].tag_q[f_set];
      assign f_valid[w]             = gen_way[w].valid_q[f_set];
      vtd_inv_match #(.TAG_W(TAG_W), .PAGE_W(A_W), .SIZE_MAX(SIZE_MAX)) u_now (
          .tag_i(f_tags[w*TAG_W+:TAG_W]), .size_i(size_of(f_tags[w*TAG_W+:TAG_W])), .mask_i(inv_mask_i),
          .value_i(inv_value_i), .range_i(inv_range_i), .exempt_i(inv_exempt_i), .page_i(inv_page_i),
          .am_i(inv_am_i), .match_o(f_covered[w])
      );
      vtd_inv_match #(.TAG_W(TAG_W), .PAGE_W(A_W), .SIZE_MAX(SIZE_MAX)) u_past (
          .tag_i(f_tags[w*TAG_W+:TAG_W]), .size_i(size_of(f_tags[w*TAG_W+:TAG_W])), .mask_i(f_mask_q),
          .value_i(f_value_q), .range_i(f_range_q), .exempt_i(f_exempt_q), .page_i(f_page_q), .am_i(f_am_q),
          .match_o(f_was_covered[w])
      );
    end
  endgenerate

  always_comb begin
    // The unit starts with a reset, and an invalidation stands still until it is done (valid and ready).
    if (!f_past) assume (!rst_ni);
    if (f_past && f_inv_q && !f_ready_q && rst_ni) begin
      assume (inv_i && inv_all_i == f_all_q && inv_mask_i == f_mask_q && inv_value_i == f_value_q);
      assume (inv_range_i == f_range_q && inv_exempt_i == f_exempt_q && inv_page_i == f_page_q && inv_am_i == f_am_q);
    end
  end

  always_comb begin
    if (f_past) begin
      // No key stands twice in a set.
      for (int unsigned x = 0; x < WAYS; x++)
        for (int unsigned y = 0; y < x; y++)
          assert (!(f_valid[x] && f_valid[y] && f_tags[x*TAG_W+:KEY_W] == f_tags[y*TAG_W+:KEY_W]));

      // LRU and FIFO: the ages of a set are all different, so they are a permutation, and there is one oldest.
      if (POLICY != vtd_pkg::VTD_POLICY_PLRU && written_q[f_set])
        for (int unsigned x = 0; x < WAYS; x++) begin
          assert (WAY_W'(state_q[f_set] >> (x * WAY_W)) <= WAY_W'(WAYS - 1));
          for (int unsigned y = 0; y < x; y++)
            assert (WAY_W'(state_q[f_set] >> (x * WAY_W)) != WAY_W'(state_q[f_set] >> (y * WAY_W)));
        end

      // An invalidation that is done has left nothing that it covers: no fill beside it has slipped in.
      if (f_inv_q && f_ready_q) assert (f_all_q ? f_valid == '0 : (f_valid & f_was_covered) == '0);
      // On the way there: nothing in the sets that the sweep has passed.
      if (f_inv_q && !f_ready_q && !f_all_q && sweep_q > f_set)
        assert ((f_valid & f_was_covered) == '0);
      // The sweep begins at the first set.
      if (!f_inv_q || f_ready_q) assert (sweep_q == '0);
    end
  end
