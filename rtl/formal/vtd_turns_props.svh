// SPDX-License-Identifier: MIT
//
// What is proved of vtd_turns: included at its end when FORMAL_vtd_turns is defined.

  logic f_past, f_take_q;
  logic [N-1:0] f_want_q, f_turn_q;

  initial f_past = 1'b0;

  always_ff @(posedge clk_i) begin
    f_past   <= 1'b1;
    f_take_q <= take_i;
    f_want_q <= rst_ni ? want_i : '0;
    f_turn_q <= rst_ni ? turn_o : '0;
  end

  always_comb begin
    assume (rst_ni == f_past);
    // Who wants, wants until his turn ends.
    if (f_past) assume ((f_want_q & ~want_i & ~(f_take_q ? f_turn_q : '0)) == '0);
  end

  always_comb begin
    if (f_past) begin
      // The turn is that of one who wants, if there is any.
      assert ((turn_o & ~want_i) == '0 && (turn_o & (turn_o - 1'b1)) == '0);
      assert ((turn_o != '0) == (want_i != '0));
      // It stays with him until it ends: so a port behind it keeps still until ready.
      if (!f_take_q && f_turn_q != '0) assert (turn_o == f_turn_q);

      // What the induction needs besides.
      assert ((kept_q & (kept_q - 1'b1)) == '0);
      if (!f_take_q) assert (kept_q == f_turn_q);
      if (f_take_q) assert (kept_q == '0);
    end
  end
