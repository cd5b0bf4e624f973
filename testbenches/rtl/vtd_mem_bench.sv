// SPDX-License-Identifier: MIT
//
// Test bench: the memory port. The harness is the clients and the memory.

module vtd_mem_bench #(
    localparam int unsigned CLIENTS = 3
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic [CLIENTS-1:0] valid_i,
    output logic [CLIENTS-1:0] ready_o,
    input  logic [1:0]         op_i[CLIENTS],
    input  logic [51:0]        addr_i[CLIENTS],
    input  logic [3:0]         qwords_i[CLIENTS],
    input  logic [63:0]        expected_i[CLIENTS],
    input  logic [63:0]        desired_i[CLIENTS],
    input  logic [7:0]         user_i[CLIENTS],  // {level, kind, snoop}
    output logic [CLIENTS-1:0] rvalid_o,
    output logic [CLIENTS-1:0] error_o,
    output logic [511:0]       rdata_o[CLIENTS],

    output logic        m_arvalid_o,
    input  logic        m_arready_i,
    output logic [1:0]  m_arid_o,
    output logic [51:0] m_araddr_o,
    output logic [7:0]  m_arlen_o,
    output logic [2:0]  m_arsize_o,
    output logic [1:0]  m_arburst_o,
    output logic [7:0]  m_aruser_o,
    input  logic        m_rvalid_i,
    output logic        m_rready_o,
    input  logic [1:0]  m_rid_i,
    input  logic [63:0] m_rdata_i,
    input  logic [1:0]  m_rresp_i,
    input  logic        m_rlast_i,
    output logic        m_awvalid_o,
    input  logic        m_awready_i,
    output logic [1:0]  m_awid_o,
    output logic [51:0] m_awaddr_o,
    output logic [7:0]  m_awlen_o,
    output logic [2:0]  m_awsize_o,
    output logic [1:0]  m_awburst_o,
    output logic [5:0]  m_awatop_o,
    output logic [7:0]  m_awuser_o,
    output logic        m_wvalid_o,
    input  logic        m_wready_i,
    output logic [63:0] m_wdata_o,
    output logic [7:0]  m_wstrb_o,
    output logic        m_wlast_o,
    input  logic        m_bvalid_i,
    output logic        m_bready_o,
    input  logic [1:0]  m_bid_i,
    input  logic [1:0]  m_bresp_i
);

  localparam int unsigned W = vtd_pkg::VTD_MEM_REQ_W;

  logic [CLIENTS*W-1:0] req;
  logic [CLIENTS*512-1:0] rdata;
  logic unused_addr;

  for (genvar c = 0; c < CLIENTS; c++) begin : g_clients
    vtd_pkg::vtd_mem_req_t one;
    assign one.op        = op_i[c];
    assign one.addr      = addr_i[c][51:2];
    assign one.qwords    = qwords_i[c];
    assign one.expected  = expected_i[c];
    assign one.desired   = desired_i[c];
    assign one.snoop     = user_i[c][0];
    assign one.kind      = user_i[c][4:1];
    assign one.level     = user_i[c][7:5];
    assign req[c*W+:W]   = one;
    assign rdata_o[c]    = rdata[c*512+:512];
  end
  assign unused_addr = ^{addr_i[0][1:0], addr_i[1][1:0], addr_i[2][1:0]};

  vtd_mem_port #(.CLIENTS(CLIENTS)) u_port (.req_i(req), .rdata_o(rdata), .*);

endmodule
