// SPDX-License-Identifier: MIT
//
// The fault recording registers: the only writer of fault records (ref 5.4). A qualified fault under FPD is not
// recorded; a fault that finds its record in use, or PFO set, is lost and sets PFO. Recording goes round; it begins
// again at record 0 when translation is off. Fault compression is not done (rule 2).

module vtd_fault_log #(
    parameter int unsigned RECORDS = 8,  // up to 256
    localparam int unsigned INDEX_W = vtd_pkg::vtd_width(RECORDS)
) (
    input logic clk_i,
    input logic rst_ni,

    input logic                      fault_i,
    input logic [7:0]                reason_i,
    input logic                      fpd_i,
    input vtd_pkg::vtd_fault_info_t  info_i,

    input  logic               pfo_i,      // FSTS.PFO, after what software clears in this cycle
    output logic               pfo_set_o,
    output logic               recorded_o, // a fault is recorded in this cycle
    output logic               ppf_o,      // a record is in use
    output logic               ppf_kept_o, // after what software clears in this cycle
    output logic [        7:0] fri_o,      // the first of them (ref 1.7)
    input  logic               restart_i,  // begin again at record 0
    input  logic               clear_i,    // software writes 1 to F of record clear_index_i
    input  logic [INDEX_W-1:0] clear_index_i,
    input  logic [INDEX_W-1:0] read_index_i,
    output logic [      127:0] read_data_o
);

  logic [RECORDS-1:0] f_q, written_q;
  logic [127:0] record_q[RECORDS];  // but for F
  logic [INDEX_W-1:0] next_q, next;
  logic [7:0] fri_q;

  logic [RECORDS-1:0] f_cleared;  // F after what software clears in this cycle
  logic wanted, records;
  logic [127:0] record;

  always_comb begin
    f_cleared = f_q;
    if (clear_i) f_cleared[clear_index_i] = 1'b0;
  end

  assign next      = restart_i ? '0 : next_q;
  assign wanted    = fault_i && !(fpd_i && vtd_defs_pkg::VTD_FAULT_QUALIFIED_SET[reason_i]);
  assign records   = wanted && !pfo_i && !f_cleared[next];
  assign pfo_set_o = wanted && !records;

  always_comb begin
    record                                                     = '0;
    record[63:12]                                              = info_i.page;
    record[64+vtd_defs_pkg::VTD_FRCD_HI_SID_LSB+:16]           = info_i.sid;
    record[64+vtd_defs_pkg::VTD_FRCD_HI_FR_LSB+:8]             = reason_i;
    record[64+vtd_defs_pkg::VTD_FRCD_HI_T1_LSB]                = info_i.kind != vtd_pkg::VTD_ACCESS_WRITE;
    record[64+vtd_defs_pkg::VTD_FRCD_HI_T2_LSB]                = info_i.kind == vtd_pkg::VTD_ACCESS_ATOMIC;
    record[64+vtd_defs_pkg::VTD_FRCD_HI_PP_LSB]                = info_i.has_pasid;
    if (info_i.has_pasid) begin
      record[64+vtd_defs_pkg::VTD_FRCD_HI_PV_LSB+:20]          = info_i.pasid;
      record[64+vtd_defs_pkg::VTD_FRCD_HI_PRIV_LSB]            = info_i.priv;
    end
  end

  always_ff @(posedge clk_i) begin
    if (records) record_q[next] <= record;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      f_q       <= '0;
      written_q <= '0;
      next_q    <= '0;
      fri_q     <= '0;
    end else begin
      f_q <= f_cleared;
      next_q <= next;
      if (records) begin
        f_q[next]       <= 1'b1;
        written_q[next] <= 1'b1;
        next_q          <= next == INDEX_W'(RECORDS - 1) ? '0 : next + 1'b1;
        if (f_cleared == '0) fri_q <= 8'(next);
      end
    end
  end

  always_comb begin
    read_data_o = written_q[read_index_i] ? record_q[read_index_i] : '0;
    read_data_o[64+vtd_defs_pkg::VTD_FRCD_HI_F_LSB] = f_q[read_index_i];
  end

  assign ppf_o      = f_q != '0;
  assign ppf_kept_o = f_cleared != '0;
  assign recorded_o = records;
  assign fri_o = fri_q;

endmodule
