// SPDX-License-Identifier: MIT
//
// One invalidation descriptor: what is wrong with it (ref 3.4), or which caches it concerns and what it takes there
// (ref 3.1, 6.3; inv_exec.c). The unit has types 1, 2, 5, 6 and 7.

module vtd_inv_decode (
    input  logic [255:0]             descriptor_i,
    input  logic                     wide_i,       // 256 bits, else the lower 128
    input  logic                     scalable_i,   // scalable or abort mode
    output logic [  3:0]             code_o,       // 0, or the error
    output logic                     is_wait_o,
    output vtd_pkg::vtd_inv_wait_t   wait_o,
    output vtd_pkg::vtd_inv_caches_t caches_o,     // none for a wait
    output vtd_pkg::vtd_inv_scope_t  scope_o
);

  // PD is reserved: there are no page requests.
  localparam logic [127:0] WAIT_RESERVED = vtd_defs_pkg::VTD_INV_WAIT_RSVD_MASK |
      vtd_defs_pkg::VTD_INV_WAIT_KIND_PDS_MASK;

  logic [6:0] kind;
  logic [1:0] g;
  logic [5:0] am;
  logic ih;
  logic valid;  // the type is there, and its granularity and limits are legal
  logic [255:0] reserved;

  assign kind = {descriptor_i[11:9], descriptor_i[3:0]};
  // These fields stand at the same place in all types that have them.
  assign g    = descriptor_i[vtd_defs_pkg::VTD_IOTLB_INV_G_LSB+:2];
  assign am   = descriptor_i[vtd_defs_pkg::VTD_IOTLB_INV_AM_LSB+:6];
  assign ih   = descriptor_i[vtd_defs_pkg::VTD_IOTLB_INV_IH_LSB];

  // ------------------------------------------------------------------ errors

  always_comb begin
    valid    = 1'b0;
    reserved = '0;
    unique case (kind)
      vtd_defs_pkg::VTD_TYPE_CC_INV: begin
        valid    = g != 2'd0;
        reserved = {{128{1'b1}}, vtd_defs_pkg::VTD_CC_INV_RSVD_MASK};
      end
      vtd_defs_pkg::VTD_TYPE_IOTLB_INV: begin
        valid    = g == 2'd3 ? am <= vtd_pkg::VTD_MAMV : g != 2'd0;
        reserved = {{128{1'b1}}, vtd_defs_pkg::VTD_IOTLB_INV_RSVD_MASK};
      end
      vtd_defs_pkg::VTD_TYPE_INV_WAIT: begin
        valid    = 1'b1;
        reserved = {{128{1'b1}}, WAIT_RESERVED};
      end
      vtd_defs_pkg::VTD_TYPE_P_IOTLB_INV: begin
        valid    = scalable_i && wide_i && g >= 2'd2;
        reserved = vtd_defs_pkg::VTD_P_IOTLB_INV_RSVD_MASK;
      end
      vtd_defs_pkg::VTD_TYPE_PC_INV: begin
        valid    = scalable_i && wide_i && g != 2'd2;
        reserved = vtd_defs_pkg::VTD_PC_INV_RSVD_MASK;
      end
      default: valid = 1'b0;
    endcase
    if (!wide_i) reserved[255:128] = '0;
    if (!valid) code_o = vtd_defs_pkg::VTD_IQEI_DESCRIPTOR;
    else if ((descriptor_i & reserved) != '0) code_o = vtd_defs_pkg::VTD_IQEI_RESERVED;
    else code_o = vtd_defs_pkg::VTD_IQEI_NONE;
  end

  // ------------------------------------------------------------------ a wait

  assign is_wait_o     = kind == vtd_defs_pkg::VTD_TYPE_INV_WAIT;
  assign wait_o.raises = descriptor_i[vtd_defs_pkg::VTD_INV_WAIT_IF_LSB];
  assign wait_o.writes = descriptor_i[vtd_defs_pkg::VTD_INV_WAIT_SW_LSB];
  assign wait_o.data   = descriptor_i[vtd_defs_pkg::VTD_INV_WAIT_DATA_LSB+:32];
  assign wait_o.addr   = descriptor_i[vtd_defs_pkg::VTD_INV_WAIT_ADDR_LSB+:62];

  // ------------------------------------------------------------------ an invalidation

  logic [15:0] fm_ignored;  // bits of the source-id

  always_comb begin
    unique case (descriptor_i[vtd_defs_pkg::VTD_CC_INV_FM_LSB+:2])
      2'd0: fm_ignored = 16'd0;
      2'd1: fm_ignored = 16'd4;
      2'd2: fm_ignored = 16'd6;
      default: fm_ignored = 16'd7;
    endcase
  end

  always_comb begin
    caches_o         = '0;
    scope_o          = '0;
    scope_o.sid      = descriptor_i[vtd_defs_pkg::VTD_CC_INV_SID_LSB+:16];
    scope_o.sid_mask = ~fm_ignored;
    scope_o.did      = descriptor_i[vtd_defs_pkg::VTD_IOTLB_INV_DID_LSB+:16];
    scope_o.pasid    = descriptor_i[vtd_defs_pkg::VTD_P_IOTLB_INV_PASID_LSB+:20];
    scope_o.page     = descriptor_i[vtd_defs_pkg::VTD_IOTLB_INV_ADDR_LSB+:52];
    scope_o.am       = am;
    unique case (kind)
      // Contexts of scalable mode have no domain (ref 6.3): a domain's are all of them.
      vtd_defs_pkg::VTD_TYPE_CC_INV: begin
        caches_o.contexts = 1'b1;
        scope_o.all       = g != 2'd3;
      end
      vtd_defs_pkg::VTD_TYPE_IOTLB_INV: begin
        caches_o.iotlb  = 1'b1;
        caches_o.fs_psc = 1'b1;
        caches_o.ss_psc = !(g == 2'd3 && ih);
        scope_o.all     = g == 2'd1;
        scope_o.range   = g == 2'd3;
      end
      vtd_defs_pkg::VTD_TYPE_P_IOTLB_INV: begin
        caches_o.iotlb       = 1'b1;
        caches_o.fs_psc      = !(g == 2'd3 && ih);
        scope_o.with_pasid   = 1'b1;
        scope_o.range        = g == 2'd3;
        scope_o.fs_psc_range = g == 2'd3;
      end
      vtd_defs_pkg::VTD_TYPE_PC_INV: begin
        caches_o.pasids    = 1'b1;
        scope_o.all        = g == 2'd3;
        scope_o.with_pasid = g == 2'd1;
      end
      default: caches_o = '0;
    endcase
  end

endmodule
