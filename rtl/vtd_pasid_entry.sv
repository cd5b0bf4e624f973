// SPDX-License-Identifier: MIT
//
// A PASID table entry, decoded and looked at (ref 2.5, 4.2 step 9; pasid.c). Combinational. Execute requests, memory
// types and host permission tables are not there: their bits are reserved.

module vtd_pasid_entry #(
    parameter int unsigned HAW = 46
) (
    input  logic [511:0]        entry_i,
    input  logic                dir_fpd_i,
    output vtd_pkg::vtd_pasid_t pasid_o,
    output logic [7:0]          reason_o
);

  localparam logic [63:0] ABOVE_HAW = ~((64'd1 << HAW) - 64'd1);
  localparam logic [511:0] RESERVED = vtd_defs_pkg::VTD_PASID_ENTRY_RSVD_MASK |
      vtd_defs_pkg::VTD_PASID_ENTRY_KIND_ERS_MASK | vtd_defs_pkg::VTD_PASID_ENTRY_KIND_MTS_MASK |
      vtd_defs_pkg::VTD_PASID_ENTRY_KIND_MTS3_MASK | vtd_defs_pkg::VTD_PASID_ENTRY_KIND_HPTS_MASK |
      (vtd_defs_pkg::VTD_PASID_ENTRY_KIND_ADDR_MASK & {8{ABOVE_HAW}});

  logic [2:0] aw;
  logic [1:0] fspm;
  logic has_fs, has_ss, root_beyond_ss;

  assign aw     = entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_AW_LSB+:3];
  assign fspm   = entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_FSPM_LSB+:2];
  assign has_fs = pasid_o.pgtt == vtd_defs_pkg::VTD_PGTT_FIRST_STAGE || pasid_o.pgtt == vtd_defs_pkg::VTD_PGTT_NESTED;
  assign has_ss = pasid_o.pgtt == vtd_defs_pkg::VTD_PGTT_SECOND_STAGE || pasid_o.pgtt == vtd_defs_pkg::VTD_PGTT_NESTED;

  assign pasid_o = {
    dir_fpd_i || entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_FPD_LSB],
    entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_PGTT_LSB+:3],
    entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_DID_LSB+:16],
    entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_FSPTPTR_LSB+:40],
    fspm[0],
    entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_SSPTPTR_LSB+:40],
    aw + 3'd2,
    entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_SSADE_LSB],
    entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_EAFE_LSB],
    entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_WPE_LSB],
    entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_PWSNP_LSB],
    entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_PGSNP_LSB],
    entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_SRE_LSB]
  };

  // The root of a nested first stage is guest physical; a second stage of 5 levels reaches all of it.
  assign root_beyond_ss = (aw == 3'd1 && pasid_o.fs_root[39:27] != '0) || (aw == 3'd2 && pasid_o.fs_root[39:36] != '0);

  always_comb begin
    reason_o = vtd_defs_pkg::VTD_FAULT_NONE;
    if (!entry_i[vtd_defs_pkg::VTD_PASID_ENTRY_P_LSB]) reason_o = vtd_defs_pkg::VTD_FAULT_SPT_2;
    else if ((entry_i & RESERVED) != '0) reason_o = vtd_defs_pkg::VTD_FAULT_SPT_3;
    else if (pasid_o.pgtt < 3'd1 || pasid_o.pgtt > 3'd4) reason_o = vtd_defs_pkg::VTD_FAULT_SPT_4;
    else if (has_ss && (aw < 3'd1 || aw > 3'd3)) reason_o = vtd_defs_pkg::VTD_FAULT_SPT_4;
    else if (has_fs && fspm[1]) reason_o = vtd_defs_pkg::VTD_FAULT_SPT_4;
    else if (has_fs && has_ss && root_beyond_ss) reason_o = vtd_defs_pkg::VTD_FAULT_SPT_4;
  end

endmodule
