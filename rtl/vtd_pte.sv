// SPDX-License-Identifier: MIT
//
// One paging entry, first or second stage, looked at (ref 2.6, 2.7, 4.3 to 4.5): leaf or not, and what is wrong with
// it, in the order of the reference. Combinational.

module vtd_pte #(
    parameter int unsigned HAW = 46  // host address width, 32 to 52
) (
    input  logic [63:0] entry_i,
    input  logic [ 2:0] level_i,
    input  logic        second_stage_i,
    input  logic        nested_i,    // first stage: its addresses are guest physical
    input  logic [ 2:0] ss_levels_i,
    input  logic        ssirwe_i,
    output logic        leaf_o,
    output logic [ 7:0] reason_o,
    output logic        r_o,         // second stage only
    output logic        w_o,
    output logic        us_o         // first stage only
);

  // Addresses begin at the page of the size; what is below is reserved, of first-stage entries but for PAT (bit 12).
  localparam logic [63:0] LOW_1G_SS = 64'h3ffff000;
  localparam logic [63:0] LOW_2M_SS = 64'h001ff000;
  localparam logic [63:0] LOW_1G_FS = 64'h3fffe000;
  localparam logic [63:0] LOW_2M_FS = 64'h001fe000;
  localparam logic [63:0] ADDR = 64'h000ffffffffff000;
  localparam logic [63:0] ABOVE_HAW = ADDR & ~((64'd1 << HAW) - 64'd1);
  localparam logic [63:0] PS = 64'd1 << vtd_defs_pkg::VTD_FS_ENTRY_PS_LSB;  // the same place in both stages
  localparam logic [63:0] SNP = 64'd1 << vtd_defs_pkg::VTD_SS_ENTRY_SNP_LSB;
  localparam logic [63:0] IW = 64'd1 << vtd_defs_pkg::VTD_SS_ENTRY_IW_LSB;

  logic is_large;  // PS, where it means that
  logic [63:0] reserved, beyond_ss;

  assign is_large  = level_i <= 3'd3 && (entry_i & PS) != '0;
  assign leaf_o = level_i == 3'd1 || is_large;

  always_comb begin
    reserved = level_i >= 3'd4 ? PS : '0;
    if (second_stage_i) begin
      reserved = reserved | ABOVE_HAW | (leaf_o ? '0 : SNP) | (ssirwe_i ? '0 : IW);
      if (is_large && level_i == 3'd3) reserved = reserved | LOW_1G_SS;
      if (is_large && level_i == 3'd2) reserved = reserved | LOW_2M_SS;
    end else begin
      if (!nested_i) reserved = reserved | ABOVE_HAW;
      if (is_large && level_i == 3'd3) reserved = reserved | LOW_1G_FS;
      if (is_large && level_i == 3'd2) reserved = reserved | LOW_2M_FS;
    end
    // Guest physical addresses that the second stage does not reach; one of 5 levels reaches all 52 bits.
    unique case (ss_levels_i)
      3'd3: beyond_ss = ADDR & ~((64'd1 << 39) - 64'd1);
      3'd4: beyond_ss = ADDR & ~((64'd1 << 48) - 64'd1);
      default: beyond_ss = '0;
    endcase
  end

  assign r_o  = ssirwe_i ? entry_i[vtd_defs_pkg::VTD_SS_ENTRY_IR_LSB] : entry_i[vtd_defs_pkg::VTD_SS_ENTRY_R_LSB];
  assign w_o  = !second_stage_i ? entry_i[vtd_defs_pkg::VTD_FS_ENTRY_RW_LSB] :
      ssirwe_i ? entry_i[vtd_defs_pkg::VTD_SS_ENTRY_IW_LSB] : entry_i[vtd_defs_pkg::VTD_SS_ENTRY_W_LSB];
  assign us_o = entry_i[vtd_defs_pkg::VTD_FS_ENTRY_US_LSB];

  always_comb begin
    reason_o = vtd_defs_pkg::VTD_FAULT_NONE;
    if (second_stage_i) begin
      if (!r_o && !w_o) reason_o = vtd_defs_pkg::VTD_FAULT_SSS_2;
      else if ((entry_i & reserved) != '0) reason_o = vtd_defs_pkg::VTD_FAULT_SSS_3;
    end else begin
      if (!entry_i[vtd_defs_pkg::VTD_FS_ENTRY_P_LSB]) reason_o = vtd_defs_pkg::VTD_FAULT_SFS_2;
      else if ((entry_i & reserved) != '0) reason_o = vtd_defs_pkg::VTD_FAULT_SFS_3;
      else if (nested_i && (entry_i & beyond_ss) != '0) reason_o = vtd_defs_pkg::VTD_FAULT_SFS_5;
    end
  end

endmodule
