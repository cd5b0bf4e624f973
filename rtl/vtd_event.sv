// SPDX-License-Identifier: MIT
//
// One event interrupt: its four registers and the message (ref 1.7, 5.4). While IM is set, or the message port is
// busy, the event waits as IP. What withdraws an event that waits is the owner's matter.

module vtd_event (
    input logic clk_i,
    input logic rst_ni,

    input  logic        write_i,       // software writes a dword
    input  logic [ 1:0] write_dword_i, // 0 control, 1 data, 2 address, 3 upper address
    input  logic [31:0] write_data_i,
    output logic [31:0] control_o,
    output logic [31:0] data_o,
    output logic [31:0] addr_o,
    output logic [31:0] uaddr_o,

    input logic withdraw_i,  // before raise_i, when both come
    input logic raise_i,

    output logic        msg_valid_o,
    input  logic        msg_ready_i,
    output logic [63:0] msg_addr_o,
    output logic [31:0] msg_data_o
);

  // The registers of all events have one layout; EIMD went with revision 5 (ref 0.1).
  localparam logic [31:0] DATA_MASK = 32'hffffffff >> (32 - vtd_defs_pkg::VTD_FEDATA_IMD_WIDTH);

  logic im_q, ip_q;
  logic [31:0] data_q, addr_q, uaddr_q;
  logic msg_valid_q;
  logic [63:0] msg_addr_q;
  logic [31:0] msg_data_q;
  logic waits, sends;

  assign waits = (ip_q && !withdraw_i) || raise_i;
  assign sends = waits && !im_q && (!msg_valid_q || msg_ready_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      im_q        <= 1'b1;
      ip_q        <= 1'b0;
      data_q      <= '0;
      addr_q      <= '0;
      uaddr_q     <= '0;
      msg_valid_q <= 1'b0;
    end else begin
      ip_q <= waits && !sends;
      if (write_i) begin
        unique case (write_dword_i)
          2'd0: im_q <= write_data_i[vtd_defs_pkg::VTD_FECTL_IM_LSB];
          2'd1: data_q <= write_data_i & DATA_MASK;
          2'd2: addr_q <= write_data_i & vtd_defs_pkg::VTD_FEADDR_RW_MASK;
          default: uaddr_q <= write_data_i & vtd_defs_pkg::VTD_FEUADDR_RW_MASK;
        endcase
      end
      if (sends) msg_valid_q <= 1'b1;
      else if (msg_ready_i) msg_valid_q <= 1'b0;
    end
    if (sends) begin
      msg_addr_q <= {uaddr_q, addr_q};
      msg_data_q <= data_q;
    end
  end

  always_comb begin
    control_o                                 = '0;
    control_o[vtd_defs_pkg::VTD_FECTL_IM_LSB] = im_q;
    control_o[vtd_defs_pkg::VTD_FECTL_IP_LSB] = ip_q;
  end

  assign data_o      = data_q;
  assign addr_o      = addr_q;
  assign uaddr_o     = uaddr_q;
  assign msg_valid_o = msg_valid_q;
  assign msg_addr_o  = msg_addr_q;
  assign msg_data_o  = msg_data_q;

`ifdef FORMAL_vtd_event
`include "formal/vtd_event_props.svh"
`endif

endmodule
