// SPDX-License-Identifier: MIT
//
// Tree pseudo-LRU of one set: a binary tree of WAYS-1 bits, numbered as in a heap: node 1 is the root, the children of
// n are 2n and 2n+1, the ways follow the last node. A bit points to the half that was used longer ago. Combinational:
// the owner keeps the state (bit 0 is not used). WAYS is a power of two.

module vtd_plru #(
    parameter int unsigned WAYS = 8,
    localparam int unsigned WAY_W = vtd_pkg::vtd_width(WAYS),
    localparam int unsigned STATE_W = WAYS
) (
    input  logic [STATE_W-1:0] state_i,
    input  logic               fresh_i,  // the state was not written since reset: all bits 0
    input  logic               touch_i,  // way_i is used
    input  logic [  WAY_W-1:0] way_i,
    output logic [STATE_W-1:0] state_o,
    output logic [  WAY_W-1:0] victim_o  // of state_i
);

  localparam int unsigned LEVELS = $clog2(WAYS);

  logic [STATE_W-1:0] tree;
  logic [  WAY_W-1:0] down;  // node on the way to the victim
  logic [    WAY_W:0] up;  // node on the way from way_i to the root

  assign tree = fresh_i ? '0 : state_i;

  always_comb begin
    down = WAY_W'(1);
    for (int unsigned l = 0; l < LEVELS; l++) down = WAY_W'({down, tree[down]});
    victim_o = WAYS > 1 ? down : '0;  // what was the leading one has been shifted out
  end

  // Every node on the way points to the other half.
  always_comb begin
    state_o = tree;
    up = (WAY_W + 1)'(WAYS) + {1'b0, way_i};
    for (int unsigned l = 0; l < LEVELS; l++) begin
      if (touch_i) state_o[up[WAY_W:1]] = !up[0];
      up = up >> 1;
    end
  end

endmodule
