// SPDX-License-Identifier: MIT
//
// AXI4-Lite, 64 bits of data, in front of the registers. A write becomes one or two dword writes, the low one first
// (ref 1: hardware may treat a qword so); a read takes both dwords of the aligned qword at once.
//
// Software accesses aligned dwords and qwords. A write whose strobes do not cover a whole dword leaves that dword
// alone; every access is answered with OKAY.

module vtd_axil (
    input logic clk_i,
    input logic rst_ni,

    input  logic        awvalid_i,
    output logic        awready_o,
    input  logic [11:3] awaddr_i,
    input  logic        wvalid_i,
    output logic        wready_o,
    input  logic [63:0] wdata_i,
    input  logic [ 7:0] wstrb_i,
    output logic        bvalid_o,
    input  logic        bready_i,
    output logic [ 1:0] bresp_o,

    input  logic        arvalid_i,
    output logic        arready_o,
    input  logic [11:3] araddr_i,
    output logic        rvalid_o,
    input  logic        rready_i,
    output logic [63:0] rdata_o,
    output logic [ 1:0] rresp_o,

    output logic        write_o,
    input  logic        write_ready_i,
    output logic [11:2] write_addr_o,
    output logic [31:0] write_data_o,
    output logic [11:3] read_addr_o,
    input  logic [63:0] read_data_i
);

  // ------------------------------------------------------------------ writes

  logic [1:0] todo_q;  // dwords still to write
  logic bvalid_q;
  logic [11:3] addr_q;
  logic [63:0] data_q;
  logic takes, idle, done;

  assign idle         = todo_q == 2'b00 && (!bvalid_q || bready_i);
  assign takes        = idle && awvalid_i && wvalid_i;  // address and data together
  assign awready_o    = takes;
  assign wready_o     = takes;
  assign write_o      = todo_q != 2'b00;
  assign write_addr_o = {addr_q, !todo_q[0]};
  assign write_data_o = todo_q[0] ? data_q[31:0] : data_q[63:32];
  assign done         = write_o && write_ready_i && todo_q != 2'b11;  // the last dword goes
  assign bvalid_o     = bvalid_q;
  assign bresp_o      = 2'b00;

  always_ff @(posedge clk_i) begin
    if (takes) begin
      addr_q <= awaddr_i;
      data_q <= wdata_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      todo_q   <= 2'b00;
      bvalid_q <= 1'b0;
    end else begin
      if (takes) todo_q <= {&wstrb_i[7:4], &wstrb_i[3:0]};
      else if (write_o && write_ready_i) todo_q <= todo_q[0] ? {todo_q[1], 1'b0} : 2'b00;
      if (done || (takes && !(&wstrb_i[7:4]) && !(&wstrb_i[3:0]))) bvalid_q <= 1'b1;
      else if (bready_i) bvalid_q <= 1'b0;
    end
  end

  // ------------------------------------------------------------------ reads

  logic rvalid_q;
  logic [63:0] rdata_q;

  assign arready_o   = !rvalid_q || rready_i;
  assign read_addr_o = araddr_i;
  assign rvalid_o    = rvalid_q;
  assign rdata_o     = rdata_q;
  assign rresp_o     = 2'b00;

  always_ff @(posedge clk_i) begin
    if (arvalid_i && arready_o) rdata_q <= read_data_i;
    if (!rst_ni) rvalid_q <= 1'b0;
    else if (arready_o) rvalid_q <= arvalid_i;
  end

`ifdef FORMAL_vtd_axil
`include "formal/vtd_axil_props.svh"
`endif

endmodule
