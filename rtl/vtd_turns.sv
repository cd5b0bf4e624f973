// SPDX-License-Identifier: MIT
//
// Turns for something shared: of those that want it one has its turn, round robin. Who has his turn keeps it until what
// is shared is taken, as valid/ready wants it.

module vtd_turns #(
    parameter int unsigned N = 2
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic [N-1:0] want_i,
    input  logic         take_i,  // the turn ends with this cycle
    output logic [N-1:0] turn_o   // one of want_i, if any
);

  logic [N-1:0] later_q;  // those behind the one that had the last turn
  logic [N-1:0] kept_q;  // has his turn since an earlier cycle
  logic [N-1:0] candidates, first;

  assign candidates = (want_i & later_q) != '0 ? want_i & later_q : want_i;
  assign first      = candidates & (~candidates + 1'b1);
  assign turn_o     = (want_i & kept_q) != '0 ? kept_q : first;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      later_q <= '0;
      kept_q  <= '0;
    end else begin
      if (take_i && turn_o != '0) later_q <= ~(turn_o | (turn_o - 1'b1));
      kept_q <= take_i ? '0 : turn_o;
    end
  end

`ifdef FORMAL_vtd_turns
`include "formal/vtd_turns_props.svh"
`endif

endmodule
