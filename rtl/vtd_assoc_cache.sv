// SPDX-License-Identifier: MIT
//
// The set-associative array that every cache of the unit is made of. It knows no VT-d term: a key of two parts {b, a},
// of which the low part may select the set, a meta word that invalidations look at, and data. It does what cache.c of
// the model does: the same set, the same way, the same victim.
//
// Within one cycle the order is: lookup, fill, invalidation.
// - Lookup: PROBES keys at once; the lowest-numbered key that is there is the hit, and is touched. Combinational.
// - Fill: a key that is there keeps its way; otherwise the lowest-numbered free way, otherwise the victim.
// - Invalidation: everything in one cycle, or what vtd_inv_match covers, one set per cycle. Valid and predicate stay
//   until ready. A fill that an invalidation at work covers is dropped: the invalidation wins.
//
// Tags and data are memories that are read asynchronously; valid bits are flip-flops.

module vtd_assoc_cache #(
    parameter int unsigned SETS = 8,  // a power of two
    parameter int unsigned WAYS = 8,  // up to VTD_WAYS_MAX; PLRU: a power of two
    parameter int unsigned POLICY = vtd_pkg::VTD_POLICY_LRU,
    parameter int unsigned INDEX = vtd_pkg::VTD_INDEX_HASH,
    parameter int unsigned PROBES = 1,
    parameter int unsigned A_W = 52,
    parameter int unsigned B_W = 42,
    parameter int unsigned META_W = 1,
    parameter int unsigned DATA_W = 64,
    // Where in the tag {meta, b, a} an entry's size code is, for ranges (vtd_inv_match); SIZE_W = 0: it has none.
    parameter int unsigned SIZE_LSB = 0,
    parameter int unsigned SIZE_W = 0,
    parameter int unsigned SIZE_BIAS = 0,  // what the code has too much
    parameter int unsigned SIZE_MAX = 0,
    localparam int unsigned KEY_W = A_W + B_W,
    localparam int unsigned TAG_W = KEY_W + META_W,
    localparam int unsigned WAY_W = vtd_pkg::vtd_width(WAYS),
    localparam int unsigned PROBE_W = vtd_pkg::vtd_width(PROBES)
) (
    input logic clk_i,
    input logic rst_ni,  // synchronous

    input  logic [      PROBES-1:0] lookup_i,       // per probe: the key is valid
    input  logic [PROBES*KEY_W-1:0] lookup_key_i,
    output logic                    lookup_hit_o,
    output logic [     PROBE_W-1:0] lookup_probe_o,
    output logic [       WAY_W-1:0] lookup_way_o,
    output logic [       TAG_W-1:0] lookup_tag_o,
    output logic [      DATA_W-1:0] lookup_data_o,

    input  logic              fill_i,
    input  logic [ TAG_W-1:0] fill_tag_i,
    input  logic [DATA_W-1:0] fill_data_i,
    output logic              fill_done_o,   // not dropped
    output logic [ WAY_W-1:0] fill_way_o,
    output logic              fill_evict_o,
    output logic [ KEY_W-1:0] fill_victim_o,

    input  logic             inv_i,
    input  logic             inv_all_i,
    input  logic [TAG_W-1:0] inv_mask_i,
    input  logic [TAG_W-1:0] inv_value_i,
    input  logic             inv_range_i,
    input  logic [TAG_W-1:0] inv_exempt_i,
    input  logic [  A_W-1:0] inv_page_i,
    input  logic [      5:0] inv_am_i,
    output logic             inv_ready_o    // done with this cycle
);

  localparam int unsigned SET_W = vtd_pkg::vtd_width(SETS);
  localparam int unsigned STATE_W = POLICY == vtd_pkg::VTD_POLICY_PLRU ? WAYS : WAYS * WAY_W;
  localparam bit HIT_TOUCHES = POLICY != vtd_pkg::VTD_POLICY_FIFO;

  generate
    if (POLICY > vtd_pkg::VTD_POLICY_FIFO) $error("this replacement policy is not built: LRU, tree-PLRU or FIFO");
    if (WAYS < 1 || WAYS > vtd_pkg::VTD_WAYS_MAX) $error("a set has 1 to 64 ways");
    if (SETS < 1 || (SETS & (SETS - 1)) != 0) $error("the number of sets is a power of two");
    if (POLICY == vtd_pkg::VTD_POLICY_PLRU && (WAYS & (WAYS - 1)) != 0)
      $error("tree-PLRU needs a power-of-two number of ways");
  endgenerate

  // ------------------------------------------------------------------ which set, which size

  function automatic logic [SET_W-1:0] set_of(logic [KEY_W-1:0] key);
    if (SETS == 1) set_of = '0;
    else if (INDEX == vtd_pkg::VTD_INDEX_MODULO) set_of = SET_W'(key[A_W-1:0]);
    else
      set_of = SET_W'((64'(key[A_W-1:0]) * vtd_pkg::VTD_HASH_A + 64'(key[KEY_W-1:A_W]) * vtd_pkg::VTD_HASH_B) >> 32);
  endfunction

  function automatic logic [2:0] size_of(logic [TAG_W-1:0] tag);
    size_of = SIZE_W == 0 ? 3'd0 : 3'(tag >> SIZE_LSB) & 3'((1 << SIZE_W) - 1);
    size_of = size_of - 3'(SIZE_BIAS);
  endfunction

  // ------------------------------------------------------------------ state (valid bits, tags and data: below, by way)

  logic [ SETS-1:0] written_q;  // the replacement state of the set was written since everything was cleared
  logic [STATE_W-1:0] state_q[SETS];
  logic [  SET_W-1:0] sweep_q;

  // ------------------------------------------------------------------ lookup

  logic [  PROBES*SET_W-1:0] probe_set;
  logic [        PROBES-1:0] probe_hit;
  logic [  PROBES*WAYS-1:0] probe_match;
  logic [PROBES*WAYS*TAG_W-1:0] probe_tag;
  logic [   SET_W-1:0] hit_set;
  logic [  WAYS*DATA_W-1:0] hit_data;

  always_comb begin
    lookup_hit_o   = 1'b0;
    lookup_probe_o = '0;
    lookup_way_o   = '0;
    lookup_tag_o   = '0;
    hit_set        = '0;
    for (int unsigned p = 0; p < PROBES; p++) begin
      probe_hit[p] = lookup_i[p] && probe_match[p*WAYS+:WAYS] != '0;
      if (probe_hit[p] && !lookup_hit_o) begin
        lookup_hit_o   = 1'b1;
        lookup_probe_o = PROBE_W'(p);
        hit_set        = probe_set[p*SET_W+:SET_W];
        for (int unsigned w = 0; w < WAYS; w++) begin
          if (probe_match[p*WAYS+w]) begin
            lookup_way_o = WAY_W'(w);
            lookup_tag_o = probe_tag[(p*WAYS+w)*TAG_W+:TAG_W];
          end
        end
      end
    end
  end

  always_comb begin
    lookup_data_o = '0;
    for (int unsigned w = 0; w < WAYS; w++)
      if (lookup_way_o == WAY_W'(w)) lookup_data_o = hit_data[w*DATA_W+:DATA_W];
  end

  // ------------------------------------------------------------------ fill

  logic [  SET_W-1:0] fill_set;
  logic [   WAYS-1:0] fill_match;
  logic [   WAYS-1:0] fill_valid;
  logic [WAYS*KEY_W-1:0] fill_key;  // of the ways of fill_set
  logic               fill_covered;  // by the invalidation at work
  logic               fill_there, fill_full;
  logic [WAY_W-1:0] fill_there_way, fill_free_way, victim;

  assign fill_set    = set_of(fill_tag_i[KEY_W-1:0]);
  assign fill_done_o = fill_i && !(inv_i && (inv_all_i || fill_covered));

  always_comb begin
    fill_there     = 1'b0;
    fill_there_way = '0;
    fill_full      = 1'b1;
    fill_free_way  = '0;
    for (int unsigned n = 0; n < WAYS; n++) begin
      if (fill_match[n]) begin
        fill_there     = 1'b1;
        fill_there_way = WAY_W'(n);
      end
      if (!fill_valid[WAYS-1-n]) begin
        fill_full     = 1'b0;
        fill_free_way = WAY_W'(WAYS - 1 - n);
      end
    end
    fill_way_o    = fill_there ? fill_there_way : fill_full ? victim : fill_free_way;
    fill_evict_o  = fill_done_o && !fill_there && fill_full;
    fill_victim_o = '0;
    for (int unsigned w = 0; w < WAYS; w++)
      if (fill_way_o == WAY_W'(w)) fill_victim_o = fill_key[w*KEY_W+:KEY_W];
  end

  // ------------------------------------------------------------------ replacement

  logic [STATE_W-1:0] hit_state, fill_old_state, fill_state;
  logic hit_touches, fill_touches, same_set;

  assign hit_touches    = lookup_hit_o && HIT_TOUCHES;
  assign fill_touches   = fill_done_o && (HIT_TOUCHES || !fill_there);
  assign same_set       = hit_touches && hit_set == fill_set;
  assign fill_old_state = same_set ? hit_state : state_q[fill_set];

  generate
    if (POLICY == vtd_pkg::VTD_POLICY_PLRU) begin : gen_plru
      logic [WAY_W-1:0] unused_victim;
      vtd_plru #(.WAYS(WAYS)) u_hit (
          .state_i(state_q[hit_set]), .fresh_i(!written_q[hit_set]), .touch_i(hit_touches), .way_i(lookup_way_o),
          .state_o(hit_state), .victim_o(unused_victim)
      );
      vtd_plru #(.WAYS(WAYS)) u_fill (
          .state_i(fill_old_state), .fresh_i(!written_q[fill_set] && !same_set), .touch_i(fill_touches),
          .way_i(fill_way_o), .state_o(fill_state), .victim_o(victim)
      );
    end else begin : gen_order
      logic [WAY_W-1:0] unused_victim;
      vtd_lru #(.WAYS(WAYS)) u_hit (
          .state_i(state_q[hit_set]), .fresh_i(!written_q[hit_set]), .touch_i(hit_touches), .way_i(lookup_way_o),
          .state_o(hit_state), .victim_o(unused_victim)
      );
      vtd_lru #(.WAYS(WAYS)) u_fill (
          .state_i(fill_old_state), .fresh_i(!written_q[fill_set] && !same_set), .touch_i(fill_touches),
          .way_i(fill_way_o), .state_o(fill_state), .victim_o(victim)
      );
    end
  endgenerate

  always_ff @(posedge clk_i) begin
    if (hit_touches) state_q[hit_set] <= hit_state;
    if (fill_touches) state_q[fill_set] <= fill_state;
  end

  // ------------------------------------------------------------------ the ways

  logic [WAYS-1:0] sweep_match;  // of the ways of the set that is swept
  logic [WAYS-1:0] holds;  // the way has a valid entry in any set
  logic            clears;  // everything, where there is anything (else the state of the trees stays: cache.c)

  generate
    for (genvar w = 0; w < WAYS; w++) begin : gen_way
      logic [SETS-1:0] valid_q;
      logic [TAG_W-1:0] tag_q[SETS];
      logic [DATA_W-1:0] data_q[SETS];
      logic [TAG_W-1:0] sweep_tag;
      logic [KEY_W-1:0] fill_old;  // key of this way of fill_set
      logic covers;

      for (genvar p = 0; p < PROBES; p++) begin : gen_probe
        logic [TAG_W-1:0] tag;
        assign tag                                 = tag_q[probe_set[p*SET_W+:SET_W]];
        assign probe_tag[(p*WAYS+w)*TAG_W+:TAG_W] = tag;
        assign probe_match[p*WAYS+w] = valid_q[probe_set[p*SET_W+:SET_W]] &&
            tag[KEY_W-1:0] == lookup_key_i[p*KEY_W+:KEY_W];
      end

      assign hit_data[w*DATA_W+:DATA_W] = data_q[hit_set];
      assign fill_old                   = tag_q[fill_set][KEY_W-1:0];
      assign fill_key[w*KEY_W+:KEY_W]   = fill_old;
      assign fill_valid[w]              = valid_q[fill_set];
      assign fill_match[w]              = fill_valid[w] && fill_old == fill_tag_i[KEY_W-1:0];
      assign sweep_tag                  = tag_q[sweep_q];
      assign sweep_match[w]             = covers;
      assign holds[w]                   = valid_q != '0;

      vtd_inv_match #(.TAG_W(TAG_W), .PAGE_W(A_W), .SIZE_MAX(SIZE_MAX)) u_match (
          .tag_i(sweep_tag), .size_i(size_of(sweep_tag)), .mask_i(inv_mask_i), .value_i(inv_value_i),
          .range_i(inv_range_i), .exempt_i(inv_exempt_i), .page_i(inv_page_i), .am_i(inv_am_i), .match_o(covers)
      );

      always_ff @(posedge clk_i) begin
        if (fill_done_o && fill_way_o == WAY_W'(w)) begin
          tag_q[fill_set]  <= fill_tag_i;
          data_q[fill_set] <= fill_data_i;
        end
      end

      always_ff @(posedge clk_i) begin
        if (!rst_ni || clears) valid_q <= '0;
        else begin
          if (inv_i && !inv_all_i && sweep_match[w]) valid_q[sweep_q] <= 1'b0;
          if (fill_done_o && fill_way_o == WAY_W'(w)) valid_q[fill_set] <= 1'b1;
        end
      end
    end
    for (genvar p = 0; p < PROBES; p++) begin : gen_probe_set
      assign probe_set[p*SET_W+:SET_W] = set_of(lookup_key_i[p*KEY_W+:KEY_W]);
    end
  endgenerate

  // ------------------------------------------------------------------ invalidation

  vtd_inv_match #(.TAG_W(TAG_W), .PAGE_W(A_W), .SIZE_MAX(SIZE_MAX)) u_fill_match (
      .tag_i(fill_tag_i), .size_i(size_of(fill_tag_i)), .mask_i(inv_mask_i), .value_i(inv_value_i),
      .range_i(inv_range_i), .exempt_i(inv_exempt_i), .page_i(inv_page_i), .am_i(inv_am_i), .match_o(fill_covered)
  );

  assign inv_ready_o = inv_all_i || sweep_q == SET_W'(SETS - 1);
  assign clears      = inv_i && inv_all_i && holds != '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      written_q <= '0;
      sweep_q   <= '0;
    end else begin
      if (inv_i && !inv_all_i) sweep_q <= inv_ready_o ? '0 : sweep_q + 1'b1;
      if (hit_touches) written_q[hit_set] <= 1'b1;
      if (fill_touches) written_q[fill_set] <= 1'b1;
      if (clears) written_q <= '0;
    end
  end

`ifdef FORMAL_vtd_assoc_cache
`include "formal/vtd_assoc_cache_props.svh"
`endif

endmodule
