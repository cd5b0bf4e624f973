// SPDX-License-Identifier: MIT
//
// What is proved of vtd_event: included at its end when FORMAL_vtd_event is defined.

  logic f_past, f_msg_q, f_im_q, f_raised_q;
  logic [63:0] f_addr_q;
  logic [31:0] f_data_q;

  initial f_past = 1'b0;

  always_ff @(posedge clk_i) begin
    f_past     <= 1'b1;
    f_msg_q    <= rst_ni && msg_valid_o && !msg_ready_i;
    f_im_q     <= control_o[vtd_defs_pkg::VTD_FECTL_IM_LSB];
    f_raised_q <= rst_ni && raise_i;
    f_addr_q   <= msg_addr_o;
    f_data_q   <= msg_data_o;
  end

  always_comb assume (rst_ni == f_past);

  always_comb begin
    if (f_past) begin
      // A message, and what goes with it, stays until it is taken.
      if (f_msg_q) assert (msg_valid_o && msg_addr_o == f_addr_q && msg_data_o == f_data_q);
      // While IM is set no message begins.
      if (f_im_q && !f_msg_q) assert (!msg_valid_o);
      // An event is not lost: it is on its way, or waits as IP.
      if (f_raised_q) assert (msg_valid_o || control_o[vtd_defs_pkg::VTD_FECTL_IP_LSB]);
    end
  end
