// SPDX-License-Identifier: MIT
//
// What the tables of a finished walk grant, to user and privileged requesters and to this one, and whether the request
// goes through (ref 4.3 to 4.5, step 11). Combinational.

module vtd_walk_judge (
    input  vtd_pkg::vtd_walk_req_t req_i,
    input  logic                   fs_w_i,        // over all levels of the first stage
    input  logic                   fs_us_i,
    input  logic                   ss_r_i,        // over all levels of the second stage
    input  logic                   ss_w_i,
    input  logic [51:0]            hpa_i,
    output logic                   read_user_o,
    output logic                   write_user_o,
    output logic                   read_priv_o,
    output logic                   write_priv_o,
    output logic                   own_read_o,
    output logic                   own_write_o,
    output logic [ 7:0]            reason_o
);

  logic has_fs, has_ss, wants_read, wants_write;

  assign has_fs = req_i.pgtt == vtd_defs_pkg::VTD_PGTT_FIRST_STAGE || req_i.pgtt == vtd_defs_pkg::VTD_PGTT_NESTED;
  assign has_ss = req_i.pgtt == vtd_defs_pkg::VTD_PGTT_SECOND_STAGE || req_i.pgtt == vtd_defs_pkg::VTD_PGTT_NESTED;
  assign wants_read  = req_i.kind != vtd_pkg::VTD_ACCESS_WRITE;
  assign wants_write = req_i.kind != vtd_pkg::VTD_ACCESS_READ;

  assign read_user_o  = (!has_fs || fs_us_i) && (!has_ss || ss_r_i);
  assign write_user_o = (!has_fs || (fs_us_i && fs_w_i)) && (!has_ss || ss_w_i);
  assign read_priv_o  = !has_ss || ss_r_i;
  assign write_priv_o = (!has_fs || !req_i.wpe || fs_w_i) && (!has_ss || ss_w_i);
  assign own_read_o   = req_i.priv ? read_priv_o : read_user_o;
  assign own_write_o  = req_i.priv ? write_priv_o : write_user_o;

  // A zero-length read goes through a page that can only be written (ref 4.4).
  always_comb begin
    reason_o = vtd_defs_pkg::VTD_FAULT_NONE;
    if (has_fs && !req_i.priv && !fs_us_i) reason_o = vtd_defs_pkg::VTD_FAULT_SGN_2;
    else if (wants_write && !own_write_o) reason_o = vtd_defs_pkg::VTD_FAULT_SGN_6;
    else if (wants_read && !own_read_o && !(req_i.zero_length && !wants_write && own_write_o))
      reason_o = vtd_defs_pkg::VTD_FAULT_SGN_7;
    else if (vtd_pkg::vtd_in_interrupt_range(hpa_i)) reason_o = vtd_defs_pkg::VTD_FAULT_SGN_8;
  end

endmodule
