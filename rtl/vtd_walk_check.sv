// SPDX-License-Identifier: MIT
//
// What is checked of an address before its walk: canonical form, width of the second stage, and of a pass-through
// request all there is to check (ref 4.3, 4.4, 4.6). Combinational.

module vtd_walk_check #(
    parameter int unsigned HAW = 46
) (
    input  vtd_pkg::vtd_walk_req_t req_i,
    output logic [7:0]             reason_o
);

  logic canonical, within_ss;

  assign canonical = req_i.fs_five ? req_i.addr[63:56] == {8{req_i.addr[56]}} :
      req_i.addr[63:47] == {17{req_i.addr[47]}};

  always_comb begin
    unique case (req_i.ss_levels)  // min(MGAW, AW): MGAW is 57
      3'd3: within_ss = req_i.addr[63:39] == '0;
      3'd4: within_ss = req_i.addr[63:48] == '0;
      default: within_ss = req_i.addr[63:57] == '0;
    endcase
  end

  always_comb begin
    reason_o = vtd_defs_pkg::VTD_FAULT_NONE;
    unique case (req_i.pgtt)
      vtd_defs_pkg::VTD_PGTT_FIRST_STAGE, vtd_defs_pkg::VTD_PGTT_NESTED:
      if (!canonical) reason_o = vtd_defs_pkg::VTD_FAULT_SGN_1;
      vtd_defs_pkg::VTD_PGTT_SECOND_STAGE: if (!within_ss) reason_o = vtd_defs_pkg::VTD_FAULT_SGN_5;
      default:
      if (req_i.addr[63:HAW] != '0) reason_o = vtd_defs_pkg::VTD_FAULT_SGN_4;
      else if (vtd_pkg::vtd_in_interrupt_range(req_i.addr[51:0])) reason_o = vtd_defs_pkg::VTD_FAULT_SGN_8;
    endcase
  end

endmodule
