// SPDX-License-Identifier: MIT
//
// What answers a request before any cache is looked at (ref 4.1, 4.2 steps 1 and 2, 4.9; steps.c): the interrupt range,
// translation off, a table mode that the unit has not. Combinational.

module vtd_screen (
    input  logic                   te_i,
    input  logic [1:0]             ttm_i,
    input  vtd_pkg::vtd_request_t  req_i,
    output logic                   done_o,  // rsp_o answers the request
    output vtd_pkg::vtd_response_t rsp_o
);

  logic interrupts;

  assign interrupts = !req_i.has_pasid && req_i.addr[63:20] == 44'hfee;

  always_comb begin
    done_o       = 1'b1;
    rsp_o        = '0;
    rsp_o.tag    = req_i.tag;
    rsp_o.result = vtd_pkg::VTD_RESULT_UR;
    rsp_o.size   = vtd_pkg::VTD_SIZE_NONE;
    if (interrupts) begin
      // There is no interrupt remapping: an interrupt request passes in compatibility format.
      if (req_i.kind == vtd_pkg::VTD_ACCESS_WRITE && req_i.dword) rsp_o.result = vtd_pkg::VTD_RESULT_INTERRUPT;
      else if (req_i.kind == vtd_pkg::VTD_ACCESS_READ && req_i.zero_length) begin
        rsp_o.result = vtd_pkg::VTD_RESULT_OK;
        rsp_o.hpa    = req_i.addr;
      end else rsp_o.reason = vtd_defs_pkg::VTD_FAULT_IR_MALFORMED;
    end else if (!te_i) begin
      rsp_o.result = vtd_pkg::VTD_RESULT_OK;
      rsp_o.hpa    = req_i.addr;
      rsp_o.rights = 2'b11;
      rsp_o.snoop  = !req_i.no_snoop;
    end else if (ttm_i != vtd_defs_pkg::VTD_TTM_SCALABLE) rsp_o.reason = vtd_defs_pkg::VTD_FAULT_RTA_1;
    else done_o = 1'b0;
  end

endmodule
