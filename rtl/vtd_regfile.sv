// SPDX-License-Identifier: MIT
//
// The registers and what writing them does (ref 1.4 to 1.8). Bits that are not named here are reserved and read 0:
// which registers the unit has, its CAP and ECAP say (below).
//
// A global command takes as long as what it waits for: TE and SRTP until no request is in flight (hold_o keeps new ones
// off) and, but for TE=1, every cache is empty (flush); QIE until the queue engine is idle. Until then no dword is
// written (write_ready_o). Commands of one write are done from bit 31 downwards (ref 10.3).

module vtd_regfile #(
    parameter int unsigned RECORDS = 8,  // fault records, 1 to 222
    localparam int unsigned INDEX_W = vtd_pkg::vtd_width(RECORDS)
) (
    input logic clk_i,
    input logic rst_ni,

    // software: dword writes, qword reads
    input  logic        write_i,
    output logic        write_ready_o,
    input  logic [11:2] write_addr_i,
    input  logic [31:0] write_data_i,
    input  logic [11:3] read_addr_i,
    output logic [63:0] read_data_o,

    // state of the unit
    output logic         te_o,      // GSTS.TES
    output logic         qie_o,     // GSTS.QIES
    output logic [51:0]  root_o,    // as SRTP latched them: address 63:12
    output logic [ 1:0]  ttm_o,
    output logic         ssirwe_o,
    output logic         hold_o,    // no request may begin
    input  logic         quiet_i,   // no request is in flight
    output logic         flush_o,   // invalidate everything
    input  logic         flushed_i, // done
    input  logic         idle_i,    // the queue engine stands still

    // invalidation queue
    output logic [63:0] iqa_o,
    output logic [18:4] iqt_o,
    input  logic [18:4] iqh_i,
    output logic        stopped_o,  // by an error that software has not cleared
    input  logic        iqe_i,      // an error, with its code
    input  logic [ 3:0] iqei_i,
    input  logic        iwc_i,      // a wait with IF=1 is complete

    // fault log
    output logic               pfo_o,
    input  logic               pfo_set_i,
    input  logic               ppf_i,
    input  logic               ppf_kept_i,  // after what software clears in this cycle
    input  logic               recorded_i,
    input  logic [        7:0] fri_i,
    output logic               fault_restart_o,
    output logic               frcd_clear_o,
    output logic [INDEX_W-1:0] frcd_clear_index_o,
    output logic [INDEX_W-1:0] frcd_read_index_o,
    input  logic [      127:0] frcd_data_i,

    // event messages
    output logic        msg_valid_o,
    input  logic        msg_ready_i,
    output logic [63:0] msg_addr_o,
    output logic [31:0] msg_data_o
);

  // ------------------------------------------------------------------ what the unit says it has (ref 1.1 to 1.3)

  localparam logic [31:0] UNIT_VERSION = 32'h60;

  // Fault records at 0x220, where the model's default has them.
  localparam logic [63:0] UNIT_FRO = 64'h22;

  localparam logic [63:0] UNIT_CAP =
      64'd6 << vtd_defs_pkg::VTD_CAP_ND_LSB | 64'b01110 << vtd_defs_pkg::VTD_CAP_SAGAW_LSB |
      64'd56 << vtd_defs_pkg::VTD_CAP_MGAW_LSB | 64'd1 << vtd_defs_pkg::VTD_CAP_ZLR_LSB |
      UNIT_FRO << vtd_defs_pkg::VTD_CAP_FRO_LSB | 64'd3 << vtd_defs_pkg::VTD_CAP_SSLPS_LSB |
      64'd1 << vtd_defs_pkg::VTD_CAP_PSI_LSB | (64'(RECORDS) - 64'd1) << vtd_defs_pkg::VTD_CAP_NFR_LSB |
      64'(vtd_pkg::VTD_MAMV) << vtd_defs_pkg::VTD_CAP_MAMV_LSB | 64'd1 << vtd_defs_pkg::VTD_CAP_DWD_LSB |
      64'd1 << vtd_defs_pkg::VTD_CAP_DRD_LSB | 64'd1 << vtd_defs_pkg::VTD_CAP_FS1GP_LSB |
      64'd1 << vtd_defs_pkg::VTD_CAP_FS5LP_LSB | 64'd1 << vtd_defs_pkg::VTD_CAP_ESRTPS_LSB;

  // IRO says where IVA would be: there is no register-based invalidation, the place reads 0.
  localparam logic [63:0] UNIT_ECAP =
      64'd1 << vtd_defs_pkg::VTD_ECAP_C_LSB | 64'd1 << vtd_defs_pkg::VTD_ECAP_QI_LSB |
      64'd1 << vtd_defs_pkg::VTD_ECAP_PT_LSB | 64'd1 << vtd_defs_pkg::VTD_ECAP_SC_LSB |
      64'h0f << vtd_defs_pkg::VTD_ECAP_IRO_LSB | 64'd1 << vtd_defs_pkg::VTD_ECAP_NEST_LSB |
      64'd1 << vtd_defs_pkg::VTD_ECAP_SRS_LSB | 64'd1 << vtd_defs_pkg::VTD_ECAP_EAFS_LSB |
      64'd19 << vtd_defs_pkg::VTD_ECAP_PSS_LSB | 64'd1 << vtd_defs_pkg::VTD_ECAP_PASID_LSB |
      64'd1 << vtd_defs_pkg::VTD_ECAP_SMTS_LSB | 64'd1 << vtd_defs_pkg::VTD_ECAP_SSADS_LSB |
      64'd1 << vtd_defs_pkg::VTD_ECAP_SSTS_LSB | 64'd1 << vtd_defs_pkg::VTD_ECAP_FSTS_LSB |
      64'd1 << vtd_defs_pkg::VTD_ECAP_SMPWCS_LSB | 64'd1 << vtd_defs_pkg::VTD_ECAP_RPS_LSB |
      64'd1 << vtd_defs_pkg::VTD_ECAP_RPRIVS_LSB | 64'd1 << vtd_defs_pkg::VTD_ECAP_SSIRWS_LSB;

  localparam logic [9:0] FRCD_FIRST = 10'(UNIT_FRO << 2);  // dword number
  localparam logic [9:0] FRCD_END = FRCD_FIRST + 10'(4 * RECORDS);

  generate
    if (RECORDS < 1 || RECORDS > 222) $error("1 to 222 fault records: they end before the end of the page");
  endgenerate

  // ------------------------------------------------------------------ decoding

  logic writes;
  logic frcd_write, frcd_read;
  logic [9:0] frcd_write_dword, frcd_read_dword;

  assign writes             = write_i && write_ready_o;
  assign frcd_write         = writes && write_addr_i >= FRCD_FIRST && write_addr_i < FRCD_END;
  assign frcd_write_dword   = write_addr_i - FRCD_FIRST;
  assign frcd_read          = {read_addr_i, 1'b0} >= FRCD_FIRST && {read_addr_i, 1'b0} < FRCD_END;
  assign frcd_read_dword    = {read_addr_i, 1'b0} - FRCD_FIRST;
  assign frcd_clear_o       = frcd_write && frcd_write_dword[1:0] == 2'd3 && write_data_i[31];
  assign frcd_clear_index_o = INDEX_W'(frcd_write_dword >> 2);
  assign frcd_read_index_o  = INDEX_W'(frcd_read_dword >> 2);

  function automatic logic is_at(logic [11:2] dword, logic [11:0] offset);
    is_at = {dword, 2'b00} == offset;
  endfunction

  // ------------------------------------------------------------------ plain registers

  logic [63:0] rtaddr_q, iqa_q;
  logic [18:4] iqt_q;

  // A dword of a register of 64 bits: RW bits take the value.
  function automatic logic [63:0] merged(logic [63:0] old, logic [63:0] mask, logic high, logic [31:0] value);
    merged = high ? {value, old[31:0]} : {old[63:32], value};
    merged = (old & ~mask) | (merged & mask);
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rtaddr_q <= '0;
      iqa_q    <= '0;
      iqt_q    <= '0;
    end else if (writes) begin
      if (is_at({write_addr_i[11:3], 1'b0}, vtd_defs_pkg::VTD_REG_RTADDR))
        rtaddr_q <= merged(rtaddr_q, vtd_defs_pkg::VTD_RTADDR_RW_MASK, write_addr_i[2], write_data_i);
      if (is_at({write_addr_i[11:3], 1'b0}, vtd_defs_pkg::VTD_REG_IQA))
        iqa_q <= merged(iqa_q, vtd_defs_pkg::VTD_IQA_RW_MASK, write_addr_i[2], write_data_i);
      if (is_at(write_addr_i, vtd_defs_pkg::VTD_REG_IQT)) iqt_q <= write_data_i[18:4];
    end
  end

  // ------------------------------------------------------------------ global command (ref 1.4)

  logic tes_q, rtps_q, qies_q;
  logic te_wanted_q, qie_wanted_q;
  logic te_todo_q, srtp_todo_q, qie_todo_q;
  logic gcmd_write, te_done, srtp_done, qie_done;
  logic [63:12] root_q;
  logic [1:0] ttm_q;
  logic ssirwe_q;

  assign gcmd_write    = writes && is_at(write_addr_i, vtd_defs_pkg::VTD_REG_GCMD);
  assign write_ready_o = !te_todo_q && !srtp_todo_q && !qie_todo_q;
  assign hold_o        = te_todo_q || srtp_todo_q;
  assign flush_o       = quiet_i && (te_todo_q ? !te_wanted_q : srtp_todo_q);
  assign te_done       = te_todo_q && quiet_i && (te_wanted_q || flushed_i);
  assign srtp_done     = !te_todo_q && srtp_todo_q && quiet_i && flushed_i;
  assign qie_done      = !te_todo_q && !srtp_todo_q && qie_todo_q && (qie_wanted_q || idle_i);
  // Recording begins again when a command leaves translation off (ref 5.4).
  assign fault_restart_o = (te_done && !te_wanted_q) ||
      (gcmd_write && !tes_q && !write_data_i[vtd_defs_pkg::VTD_GCMD_TE_LSB]);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      tes_q        <= 1'b0;
      rtps_q       <= 1'b0;
      qies_q       <= 1'b0;
      te_wanted_q  <= 1'b0;
      qie_wanted_q <= 1'b0;
      te_todo_q    <= 1'b0;
      srtp_todo_q  <= 1'b0;
      qie_todo_q   <= 1'b0;
      root_q       <= '0;
      ttm_q        <= '0;
      ssirwe_q     <= 1'b0;
    end else begin
      if (gcmd_write) begin
        te_wanted_q  <= write_data_i[vtd_defs_pkg::VTD_GCMD_TE_LSB];
        qie_wanted_q <= write_data_i[vtd_defs_pkg::VTD_GCMD_QIE_LSB];
        te_todo_q    <= write_data_i[vtd_defs_pkg::VTD_GCMD_TE_LSB] != tes_q;
        srtp_todo_q  <= write_data_i[vtd_defs_pkg::VTD_GCMD_SRTP_LSB];
        qie_todo_q   <= write_data_i[vtd_defs_pkg::VTD_GCMD_QIE_LSB] != qies_q;
        if (write_data_i[vtd_defs_pkg::VTD_GCMD_SRTP_LSB]) rtps_q <= 1'b0;
      end
      if (te_done) begin
        tes_q     <= te_wanted_q;
        te_todo_q <= 1'b0;
      end
      // Latched while nothing is in flight, before the flush: what is filled after it stems from the new tables.
      if (!te_todo_q && srtp_todo_q && quiet_i) begin
        root_q   <= rtaddr_q[63:12];
        ttm_q    <= rtaddr_q[vtd_defs_pkg::VTD_RTADDR_TTM_LSB+:2];
        ssirwe_q <= rtaddr_q[vtd_defs_pkg::VTD_RTADDR_SSIRWE_LSB];
      end
      if (srtp_done) begin
        rtps_q      <= 1'b1;
        srtp_todo_q <= 1'b0;
      end
      if (qie_done) begin
        qies_q     <= qie_wanted_q;
        qie_todo_q <= 1'b0;
      end
    end
  end

  // ------------------------------------------------------------------ status and events (ref 1.7, 5.4)

  logic pfo_q, iqe_q, iwc_q;
  logic [3:0] iqei_q;
  logic [31:0] fsts_clears;  // what software clears in this cycle
  logic pfo_kept, iqe_kept, iwc_kept;  // after software, before the unit
  logic conditions_kept;

  assign fsts_clears = writes && is_at(write_addr_i, vtd_defs_pkg::VTD_REG_FSTS) ? write_data_i : '0;
  assign pfo_kept    = pfo_q && !fsts_clears[vtd_defs_pkg::VTD_FSTS_PFO_LSB];
  assign iqe_kept    = iqe_q && !fsts_clears[vtd_defs_pkg::VTD_FSTS_IQE_LSB];
  assign iwc_kept = iwc_q && !(writes && is_at(write_addr_i, vtd_defs_pkg::VTD_REG_ICS) &&
      write_data_i[vtd_defs_pkg::VTD_ICS_IWC_LSB]);
  assign conditions_kept = pfo_kept || iqe_kept || ppf_kept_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      pfo_q  <= 1'b0;
      iqe_q  <= 1'b0;
      iwc_q  <= 1'b0;
      iqei_q <= '0;
    end else begin
      pfo_q <= pfo_kept || pfo_set_i;
      iqe_q <= iqe_kept || iqe_i;
      iwc_q <= iwc_kept || iwc_i;
      if (iqe_i) iqei_q <= iqei_i;
    end
  end

  logic [9:0] fe_dword, ie_dword;  // from the control register
  logic [31:0] fectl, fedata, feaddr, feuaddr, iectl, iedata, ieaddr, ieuaddr;
  logic fe_valid, fe_ready, ie_valid, ie_ready;
  logic [63:0] fe_addr, ie_addr;
  logic [31:0] fe_data, ie_data;

  assign fe_dword = write_addr_i - vtd_defs_pkg::VTD_REG_FECTL[11:2];
  assign ie_dword = write_addr_i - vtd_defs_pkg::VTD_REG_IECTL[11:2];

  vtd_event u_fault_event (
      .clk_i, .rst_ni,
      .write_i(writes && fe_dword < 10'd4), .write_dword_i(fe_dword[1:0]), .write_data_i,
      .control_o(fectl), .data_o(fedata), .addr_o(feaddr), .uaddr_o(feuaddr),
      // The first condition raises the event, the last that goes withdraws it.
      .withdraw_i(!conditions_kept), .raise_i(!conditions_kept && (pfo_set_i || iqe_i || recorded_i)),
      .msg_valid_o(fe_valid), .msg_ready_i(fe_ready), .msg_addr_o(fe_addr), .msg_data_o(fe_data)
  );

  vtd_event u_wait_event (
      .clk_i, .rst_ni,
      .write_i(writes && ie_dword < 10'd4), .write_dword_i(ie_dword[1:0]), .write_data_i,
      .control_o(iectl), .data_o(iedata), .addr_o(ieaddr), .uaddr_o(ieuaddr),
      .withdraw_i(!iwc_kept), .raise_i(!iwc_kept && iwc_i),
      .msg_valid_o(ie_valid), .msg_ready_i(ie_ready), .msg_addr_o(ie_addr), .msg_data_o(ie_data)
  );

  // One message port. Once the event of a wait is on it, it stays there until it is taken.
  logic ie_first_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) ie_first_q <= 1'b0;
    else ie_first_q <= ie_valid && !ie_ready && (ie_first_q || !fe_valid);
  end

  assign msg_valid_o = fe_valid || ie_valid;
  assign msg_addr_o  = fe_valid && !ie_first_q ? fe_addr : ie_addr;
  assign msg_data_o  = fe_valid && !ie_first_q ? fe_data : ie_data;
  assign fe_ready    = msg_ready_i && fe_valid && !ie_first_q;
  assign ie_ready    = msg_ready_i && ie_valid && (!fe_valid || ie_first_q);

  // ------------------------------------------------------------------ reading

  logic [31:0] gsts, fsts;

  always_comb begin
    gsts                                     = '0;
    gsts[vtd_defs_pkg::VTD_GSTS_TES_LSB]     = tes_q;
    gsts[vtd_defs_pkg::VTD_GSTS_RTPS_LSB]    = rtps_q;
    gsts[vtd_defs_pkg::VTD_GSTS_QIES_LSB]    = qies_q;
    fsts                                     = '0;
    fsts[vtd_defs_pkg::VTD_FSTS_PFO_LSB]     = pfo_q;
    fsts[vtd_defs_pkg::VTD_FSTS_PPF_LSB]     = ppf_i;
    fsts[vtd_defs_pkg::VTD_FSTS_IQE_LSB]     = iqe_q;
    fsts[vtd_defs_pkg::VTD_FSTS_FRI_LSB+:8]  = fri_i;
  end

  // Registers of 64 bits, and pairs of 32 bits, by the offset of the qword.
  always_comb begin
    unique case ({read_addr_i, 3'b000})
      12'h000: read_data_o = {32'd0, UNIT_VERSION};  // VER
      vtd_defs_pkg::VTD_REG_CAP: read_data_o = UNIT_CAP;
      vtd_defs_pkg::VTD_REG_ECAP: read_data_o = UNIT_ECAP;
      12'h018: read_data_o = {gsts, 32'd0};  // GCMD is write only
      vtd_defs_pkg::VTD_REG_RTADDR: read_data_o = rtaddr_q;
      12'h030: read_data_o = {fsts, 32'd0};
      vtd_defs_pkg::VTD_REG_FECTL: read_data_o = {fedata, fectl};
      vtd_defs_pkg::VTD_REG_FEADDR: read_data_o = {feuaddr, feaddr};
      vtd_defs_pkg::VTD_REG_IQH: read_data_o = {45'd0, iqh_i, 4'd0};
      vtd_defs_pkg::VTD_REG_IQT: read_data_o = {45'd0, iqt_q, 4'd0};
      vtd_defs_pkg::VTD_REG_IQA: read_data_o = iqa_q;
      12'h098: read_data_o = {31'd0, iwc_q, 32'd0};  // ICS
      vtd_defs_pkg::VTD_REG_IECTL: read_data_o = {iedata, iectl};
      vtd_defs_pkg::VTD_REG_IEADDR: read_data_o = {ieuaddr, ieaddr};
      vtd_defs_pkg::VTD_REG_IQERCD: read_data_o = {60'd0, iqei_q};
      default: read_data_o = !frcd_read ? '0 : frcd_read_dword[1] ? frcd_data_i[127:64] : frcd_data_i[63:0];
    endcase
  end

  assign te_o      = tes_q;
  assign qie_o     = qies_q;
  assign root_o    = root_q;
  assign ttm_o     = ttm_q;
  assign ssirwe_o  = ssirwe_q;
  assign iqa_o     = iqa_q;
  assign iqt_o     = iqt_q;
  assign stopped_o = iqe_q;
  assign pfo_o     = pfo_kept;

endmodule
