// SPDX-License-Identifier: MIT
//
// A scalable-mode context entry, decoded and looked at (ref 2.3, 4.2 steps 4 and 5; context.c). Combinational. Device
// TLBs, page requests, host permission tables and PASIDs in translated requests are not there: their bits are reserved.

module vtd_context_entry (
    input  logic [255:0]          entry_i,
    output vtd_pkg::vtd_context_t context_o,
    output logic [7:0]            reason_o
);

  localparam logic [255:0] RESERVED = vtd_defs_pkg::VTD_SM_CONTEXT_RSVD_MASK |
      vtd_defs_pkg::VTD_SM_CONTEXT_KIND_DT_MASK | vtd_defs_pkg::VTD_SM_CONTEXT_KIND_PRS_MASK |
      vtd_defs_pkg::VTD_SM_CONTEXT_KIND_HPTS_MASK | vtd_defs_pkg::VTD_SM_CONTEXT_KIND_PTRS_MASK;

  assign context_o = {
    entry_i[vtd_defs_pkg::VTD_SM_CONTEXT_FPD_LSB],
    entry_i[vtd_defs_pkg::VTD_SM_CONTEXT_PASIDE_LSB],
    entry_i[vtd_defs_pkg::VTD_SM_CONTEXT_PDTS_LSB+:3],
    entry_i[vtd_defs_pkg::VTD_SM_CONTEXT_PASIDDIRPTR_LSB+:52],
    entry_i[vtd_defs_pkg::VTD_SM_CONTEXT_RID_PASID_LSB+:20],
    entry_i[vtd_defs_pkg::VTD_SM_CONTEXT_RID_PRIV_LSB]
  };

  always_comb begin
    reason_o = vtd_defs_pkg::VTD_FAULT_NONE;
    if (!entry_i[vtd_defs_pkg::VTD_SM_CONTEXT_P_LSB]) reason_o = vtd_defs_pkg::VTD_FAULT_SCT_2;
    else if ((entry_i & RESERVED) != '0) reason_o = vtd_defs_pkg::VTD_FAULT_SCT_3;
    else if (!vtd_pkg::vtd_in_directory(context_o.rid_pasid, context_o.pdts)) reason_o = vtd_defs_pkg::VTD_FAULT_SCT_4;
  end

endmodule
