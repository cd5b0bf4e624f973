// SPDX-License-Identifier: MIT
//
// The clients' memory accesses as one AXI4 master with the AtomicCompare of AXI5.
//
// A client has one access in flight, and its number is the ID; so answers may come in any order between clients, and
// the R beats of a client are its qwords one after the other. A read that crosses a 4 KiB page, which a burst may not,
// becomes two. Reads and writes go out side by side, each by turns of the clients.

module vtd_mem_port #(
    parameter int unsigned CLIENTS = 2,
    localparam int unsigned ID_W = vtd_pkg::vtd_width(CLIENTS),
    localparam int unsigned REQ_W = vtd_pkg::VTD_MEM_REQ_W
) (
    input logic clk_i,
    input logic rst_ni,

    // Client n is bit or element n. valid stays, with req, until ready; then exactly one answer, a cycle of rvalid. The
    // next valid comes a cycle after that at the earliest.
    input  logic [CLIENTS-1:0]       valid_i,
    output logic [CLIENTS-1:0]       ready_o,
    input  logic [CLIENTS*REQ_W-1:0] req_i,  // vtd_mem_req_t
    output logic [CLIENTS-1:0]       rvalid_o,
    output logic [CLIENTS-1:0]       error_o,  // no memory there, or it cannot do the atomic
    output logic [CLIENTS*512-1:0]   rdata_o,  // qword k of client n at n*512 + k*64; CAS: what was there

    output logic            m_arvalid_o,
    input  logic            m_arready_i,
    output logic [ID_W-1:0] m_arid_o,
    output logic [51:0]     m_araddr_o,
    output logic [7:0]      m_arlen_o,
    output logic [2:0]      m_arsize_o,
    output logic [1:0]      m_arburst_o,
    output logic [7:0]      m_aruser_o,  // {level, kind, snoop}
    input  logic            m_rvalid_i,
    output logic            m_rready_o,
    input  logic [ID_W-1:0] m_rid_i,
    input  logic [63:0]     m_rdata_i,
    input  logic [1:0]      m_rresp_i,
    input  logic            m_rlast_i,
    output logic            m_awvalid_o,
    input  logic            m_awready_i,
    output logic [ID_W-1:0] m_awid_o,
    output logic [51:0]     m_awaddr_o,
    output logic [7:0]      m_awlen_o,
    output logic [2:0]      m_awsize_o,
    output logic [1:0]      m_awburst_o,
    output logic [5:0]      m_awatop_o,
    output logic [7:0]      m_awuser_o,
    output logic            m_wvalid_o,
    input  logic            m_wready_i,
    output logic [63:0]     m_wdata_o,
    output logic [7:0]      m_wstrb_o,
    output logic            m_wlast_o,
    input  logic            m_bvalid_i,
    output logic            m_bready_o,
    input  logic [ID_W-1:0] m_bid_i,
    input  logic [1:0]      m_bresp_i
);

  localparam logic [1:0] INCR = 2'b01, WRAP = 2'b10;
  localparam logic [2:0] DWORD = 3'd2, QWORD = 3'd3;
  localparam logic [5:0] ATOMIC_COMPARE = 6'b110001;

  generate
    if (CLIENTS < 1 || CLIENTS > 32) $error("1 to 32 clients");
  endgenerate

  logic [CLIENTS-1:0] reads, writes;

  // ------------------------------------------------------------------ read addresses

  logic ar_free, ar_takes, crosses, part_q;  // part: the first half of a split read is out
  logic [ID_W-1:0] ar_pick, ar_turn_q, ar_next;
  logic [3:0] room, ar_beats;  // qwords left in the page, if fewer than 8
  logic [9:0] page_end;
  vtd_pkg::vtd_mem_req_t ar_req;
  logic [51:2] ar_addr;  // by itself: Yosys 0.23 counts the bits of a member from 0

  // The turn is that of the client behind the one that had it, and of the first one when none is behind.
  always_comb begin
    ar_pick = '0;
    for (int unsigned c = CLIENTS; c > 0; c--) if (reads[c-1]) ar_pick = ID_W'(c - 1);
    for (int unsigned c = CLIENTS; c > 0; c--) if (reads[c-1] && ID_W'(c - 1) > ar_turn_q) ar_pick = ID_W'(c - 1);
    ar_next = part_q ? ar_turn_q : ar_pick;
  end

  assign ar_req   = req_i[ar_next*REQ_W+:REQ_W];
  assign ar_addr  = ar_req.addr;
  assign page_end = 10'd512 - {1'b0, ar_addr[11:3]};
  assign room     = page_end > 10'd8 ? 4'd8 : page_end[3:0];
  assign crosses  = !part_q && ar_req.qwords > room;
  assign ar_beats = part_q ? ar_req.qwords - room : crosses ? room : ar_req.qwords;
  assign ar_free  = !m_arvalid_o || m_arready_i;
  assign ar_takes = ar_free && reads != '0;

  assign m_arsize_o  = QWORD;
  assign m_arburst_o = INCR;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      m_arvalid_o <= 1'b0;
      part_q      <= 1'b0;
      ar_turn_q   <= '0;
    end else if (ar_free) begin
      m_arvalid_o <= ar_takes;
      part_q      <= ar_takes && crosses;
      if (ar_takes) ar_turn_q <= ar_next;
    end
    if (ar_free) begin
      m_arid_o   <= ar_next;
      m_araddr_o <= part_q ? {ar_addr[51:12] + 40'd1, 12'd0} : {ar_addr, 2'd0};
      m_arlen_o  <= {4'd0, ar_beats - 4'd1};
      m_aruser_o <= {ar_req.level, ar_req.kind, ar_req.snoop};
    end
  end

  // ------------------------------------------------------------------ writes and atomics

  // An AtomicCompare brings two qwords. The address is that of the qword to compare, and they wrap around it in 16
  // bytes: at its lower half the value to compare comes first, at its upper half the one to store.
  logic aw_free, aw_takes, aw_cas, second_q;  // second: a qword follows the one that goes out
  logic [ID_W-1:0] aw_pick, aw_turn_q;
  logic [63:0] second_data_q;
  vtd_pkg::vtd_mem_req_t aw_req;
  logic [51:2] aw_addr;

  always_comb begin
    aw_pick = '0;
    for (int unsigned c = CLIENTS; c > 0; c--) if (writes[c-1]) aw_pick = ID_W'(c - 1);
    for (int unsigned c = CLIENTS; c > 0; c--) if (writes[c-1] && ID_W'(c - 1) > aw_turn_q) aw_pick = ID_W'(c - 1);
  end

  assign aw_req    = req_i[aw_pick*REQ_W+:REQ_W];
  assign aw_addr   = aw_req.addr;
  assign aw_cas    = aw_req.op == vtd_pkg::VTD_MEM_CAS;
  assign aw_free   = (!m_awvalid_o || m_awready_i) && (!m_wvalid_o || (m_wready_i && m_wlast_o));
  assign aw_takes  = aw_free && writes != '0;
  assign m_wlast_o = !second_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      m_awvalid_o <= 1'b0;
      m_wvalid_o  <= 1'b0;
      second_q    <= 1'b0;
      aw_turn_q   <= '0;
    end else if (aw_free) begin
      m_awvalid_o <= aw_takes;
      m_wvalid_o  <= aw_takes;
      second_q    <= aw_takes && aw_cas;
      if (aw_takes) aw_turn_q <= aw_pick;
    end else begin
      if (m_awready_i) m_awvalid_o <= 1'b0;
      if (m_wready_i) begin
        m_wvalid_o <= second_q;
        second_q   <= 1'b0;
      end
    end
    if (aw_free) begin
      m_awid_o      <= aw_pick;
      m_awaddr_o    <= {aw_addr, 2'd0};
      m_awlen_o     <= {7'd0, aw_cas};
      m_awsize_o    <= aw_cas ? QWORD : DWORD;
      m_awburst_o   <= aw_cas && aw_addr[3] ? WRAP : INCR;
      m_awatop_o    <= aw_cas ? ATOMIC_COMPARE : '0;
      m_awuser_o    <= {aw_req.level, aw_req.kind, aw_req.snoop};
      m_wdata_o     <= !aw_cas ? {2{aw_req.desired[31:0]}} : aw_addr[3] ? aw_req.desired : aw_req.expected;
      second_data_q <= aw_addr[3] ? aw_req.expected : aw_req.desired;
      m_wstrb_o     <= aw_cas ? 8'hff : aw_addr[2] ? 8'hf0 : 8'h0f;
    end else if (m_wready_i) m_wdata_o <= second_data_q;
  end

  // ------------------------------------------------------------------ answers

  logic unused_rlast;

  assign unused_rlast = m_rlast_i;  // clients count beats
  assign m_rready_o   = 1'b1;
  assign m_bready_o   = 1'b1;

  for (genvar c = 0; c < CLIENTS; c++) begin : g_clients
    logic ar_taken, aw_taken;

    assign ar_taken   = ar_takes && ar_next == ID_W'(c);
    assign aw_taken   = aw_takes && aw_pick == ID_W'(c);
    assign ready_o[c] = (ar_taken && !crosses) || aw_taken;

    // A read begins with its first half, and is taken with its last.
    vtd_mem_client u_client (
        .clk_i, .rst_ni, .valid_i(valid_i[c]), .req_i(req_i[c*REQ_W+:REQ_W]), .reads_o(reads[c]), .writes_o(writes[c]),
        .begins_i((ar_taken && !part_q) || aw_taken),
        .rvalid_o(rvalid_o[c]), .error_o(error_o[c]), .rdata_o(rdata_o[c*512+:512]),
        .r_valid_i(m_rvalid_i && m_rid_i == ID_W'(c)), .r_data_i(m_rdata_i), .r_error_i(m_rresp_i[1]),
        .b_valid_i(m_bvalid_i && m_bid_i == ID_W'(c)), .b_error_i(m_bresp_i[1])
    );
  end

endmodule
