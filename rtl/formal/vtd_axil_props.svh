// SPDX-License-Identifier: MIT
//
// What is proved of vtd_axil: included at its end when FORMAL_vtd_axil is defined.

  logic f_past, f_b_q, f_r_q, f_write_q;
  logic [63:0] f_rdata_q;
  logic [11:2] f_addr_q;
  logic [31:0] f_data_q;
  logic [1:0] f_open_q;  // writes that were taken and not answered

  initial f_past = 1'b0;

  always_ff @(posedge clk_i) begin
    f_past    <= 1'b1;
    f_b_q     <= rst_ni && bvalid_o && !bready_i;
    f_r_q     <= rst_ni && rvalid_o && !rready_i;
    f_write_q <= rst_ni && write_o && !write_ready_i;
    f_rdata_q <= rdata_o;
    f_addr_q  <= write_addr_o;
    f_data_q  <= write_data_o;
    if (!rst_ni) f_open_q <= '0;
    else f_open_q <= f_open_q + {1'b0, takes} - {1'b0, bvalid_o && bready_i};
  end

  always_comb assume (rst_ni == f_past);

  always_comb begin
    if (f_past) begin
      // Ports: valid, and what goes with it, stay until ready.
      if (f_b_q) assert (bvalid_o);
      if (f_r_q) assert (rvalid_o && rdata_o == f_rdata_q);
      if (f_write_q) assert (write_o && write_addr_o == f_addr_q && write_data_o == f_data_q);
      // Each write is answered once, after its last dword is written: one is open at a time.
      assert (f_open_q == {1'b0, write_o || bvalid_o});
      if (bvalid_o) assert (!write_o);
    end
  end
