// SPDX-License-Identifier: MIT
//
// Order of use of the ways of one set: an age for every way, 0 the youngest. The ages are a permutation of 0 to
// WAYS-1; the way with the largest goes. Combinational: the owner keeps the state.
//
// LRU and FIFO are both this module: under LRU the owner touches a way on a hit and on a fill, under FIFO on a fill
// only (a way that was freed in the middle and filled again is the youngest, which a plain counter would not know).

module vtd_lru #(
    parameter int unsigned WAYS = 8,
    localparam int unsigned WAY_W = vtd_pkg::vtd_width(WAYS),
    localparam int unsigned STATE_W = WAYS * WAY_W
) (
    input  logic [STATE_W-1:0] state_i,  // age of way w in bits [w*WAY_W +: WAY_W]
    input  logic               fresh_i,  // the state was not written since reset: take the initial order
    input  logic               touch_i,  // way_i becomes the youngest
    input  logic [  WAY_W-1:0] way_i,
    output logic [STATE_W-1:0] state_o,
    output logic [  WAY_W-1:0] victim_o  // of state_i
);

  logic [STATE_W-1:0] ages;
  logic [  WAY_W-1:0] old_age;

  always_comb begin
    ages = state_i;
    for (int unsigned w = 0; w < WAYS; w++) if (fresh_i) ages[w*WAY_W+:WAY_W] = WAY_W'(w);
  end

  always_comb begin
    victim_o = '0;
    for (int unsigned w = 0; w < WAYS; w++)
      if (ages[w*WAY_W+:WAY_W] == WAY_W'(WAYS - 1)) victim_o = WAY_W'(w);
  end

  always_comb begin
    old_age = '0;
    for (int unsigned w = 0; w < WAYS; w++) if (way_i == WAY_W'(w)) old_age = ages[w*WAY_W+:WAY_W];
    state_o = ages;
    for (int unsigned w = 0; w < WAYS; w++) begin
      if (touch_i) begin
        if (way_i == WAY_W'(w)) state_o[w*WAY_W+:WAY_W] = '0;
        else if (ages[w*WAY_W+:WAY_W] < old_age) state_o[w*WAY_W+:WAY_W] = ages[w*WAY_W+:WAY_W] + 1'b1;
      end
    end
  end

endmodule
