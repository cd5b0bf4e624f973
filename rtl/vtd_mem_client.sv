// SPDX-License-Identifier: MIT
//
// What the memory port keeps for a client: the access that is in flight, and its answer as it comes together.

module vtd_mem_client (
    input logic clk_i,
    input logic rst_ni,

    // the access that the client asks for
    input  logic                  valid_i,
    input  vtd_pkg::vtd_mem_req_t req_i,
    output logic                  reads_o,
    output logic                  writes_o,  // or compares and swaps
    input  logic                  begins_i,  // it goes out; perhaps a part of it

    // the answer, for a cycle
    output logic         rvalid_o,
    output logic         error_o,
    output logic [511:0] rdata_o,

    // R and B for this client
    input logic        r_valid_i,
    input logic [63:0] r_data_i,
    input logic        r_error_i,
    input logic        b_valid_i,
    input logic        b_error_i
);

  logic [3:0] beats_q;  // of R that are still to come
  logic b_q;            // B is still to come
  logic [2:0] at_q;
  logic beat, response;

  assign reads_o  = valid_i && req_i.op == vtd_pkg::VTD_MEM_READ;
  assign writes_o = valid_i && req_i.op != vtd_pkg::VTD_MEM_READ;
  assign beat     = r_valid_i && beats_q != '0;
  assign response = b_valid_i && b_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      beats_q  <= '0;
      b_q      <= 1'b0;
      rvalid_o <= 1'b0;
    end else begin
      rvalid_o <= (beat || response) && beats_q == {3'd0, beat} && b_q == response;
      if (begins_i) begin
        beats_q <= req_i.op == vtd_pkg::VTD_MEM_WRITE ? '0 : req_i.qwords;
        b_q     <= writes_o;
      end else begin
        if (beat) beats_q <= beats_q - 4'd1;
        if (response) b_q <= 1'b0;
      end
    end
    if (begins_i) begin
      at_q    <= '0;
      error_o <= 1'b0;
    end else begin
      if (beat) at_q <= at_q + 3'd1;
      if ((beat && r_error_i) || (response && b_error_i)) error_o <= 1'b1;
    end
    if (beat) rdata_o[{at_q, 6'd0}+:64] <= r_data_i;
  end

endmodule
