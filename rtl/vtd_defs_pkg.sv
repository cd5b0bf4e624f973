// SPDX-License-Identifier: MIT
// Generated from model/include/vtd/defs/*.def by scripts/generate-layouts. Do not edit.
//
// Layouts of the VT-d remapping unit: registers, in-memory structures, queue descriptors, fault reasons.
// Bit numbers are the architecture's absolute ones. A RSVD_MASK is the complement of the named fields. Of a
// structure or descriptor, KIND_x_MASK holds the fields that are reserved without capability x; KIND_ADDR the
// addresses, reserved from the host address width upwards; KIND_IGNORED what hardware does not look at.

// verilator lint_off UNUSEDPARAM
// (A package of constants: no design uses all of them.)
package vtd_defs_pkg;

  // Registers: byte offset, field positions, and one mask per access type. Bits in RSVD_MASK read 0.
  // IVA, IOTLB_REG, FRCD and PERFCNTR (but for PERFCNTROFF) have the offset within their block.

  // VER: version
  localparam logic [11:0] VTD_REG_VER = 12'h000;
  localparam int unsigned VTD_VER_MIN_LSB = 32'd0;
  localparam int unsigned VTD_VER_MIN_MSB = 32'd3;
  localparam int unsigned VTD_VER_MIN_WIDTH = 32'd4;
  localparam int unsigned VTD_VER_MAX_LSB = 32'd4;
  localparam int unsigned VTD_VER_MAX_MSB = 32'd7;
  localparam int unsigned VTD_VER_MAX_WIDTH = 32'd4;
  localparam logic [31:0] VTD_VER_RSVD_MASK = 32'hffffff00;
  localparam logic [31:0] VTD_VER_RO_MASK = 32'h000000ff;

  // CAP: capabilities
  localparam logic [11:0] VTD_REG_CAP = 12'h008;
  localparam int unsigned VTD_CAP_ND_LSB = 32'd0;
  localparam int unsigned VTD_CAP_ND_MSB = 32'd2;
  localparam int unsigned VTD_CAP_ND_WIDTH = 32'd3;
  localparam int unsigned VTD_CAP_AFL_LSB = 32'd3;
  localparam int unsigned VTD_CAP_AFL_MSB = 32'd3;
  localparam int unsigned VTD_CAP_AFL_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_RWBF_LSB = 32'd4;
  localparam int unsigned VTD_CAP_RWBF_MSB = 32'd4;
  localparam int unsigned VTD_CAP_RWBF_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_PLMR_LSB = 32'd5;
  localparam int unsigned VTD_CAP_PLMR_MSB = 32'd5;
  localparam int unsigned VTD_CAP_PLMR_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_PHMR_LSB = 32'd6;
  localparam int unsigned VTD_CAP_PHMR_MSB = 32'd6;
  localparam int unsigned VTD_CAP_PHMR_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_CM_LSB = 32'd7;
  localparam int unsigned VTD_CAP_CM_MSB = 32'd7;
  localparam int unsigned VTD_CAP_CM_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_SAGAW_LSB = 32'd8;
  localparam int unsigned VTD_CAP_SAGAW_MSB = 32'd12;
  localparam int unsigned VTD_CAP_SAGAW_WIDTH = 32'd5;
  localparam int unsigned VTD_CAP_MGAW_LSB = 32'd16;
  localparam int unsigned VTD_CAP_MGAW_MSB = 32'd21;
  localparam int unsigned VTD_CAP_MGAW_WIDTH = 32'd6;
  localparam int unsigned VTD_CAP_ZLR_LSB = 32'd22;
  localparam int unsigned VTD_CAP_ZLR_MSB = 32'd22;
  localparam int unsigned VTD_CAP_ZLR_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_FRO_LSB = 32'd24;
  localparam int unsigned VTD_CAP_FRO_MSB = 32'd33;
  localparam int unsigned VTD_CAP_FRO_WIDTH = 32'd10;
  localparam int unsigned VTD_CAP_SSLPS_LSB = 32'd34;
  localparam int unsigned VTD_CAP_SSLPS_MSB = 32'd37;
  localparam int unsigned VTD_CAP_SSLPS_WIDTH = 32'd4;
  localparam int unsigned VTD_CAP_PSI_LSB = 32'd39;
  localparam int unsigned VTD_CAP_PSI_MSB = 32'd39;
  localparam int unsigned VTD_CAP_PSI_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_NFR_LSB = 32'd40;
  localparam int unsigned VTD_CAP_NFR_MSB = 32'd47;
  localparam int unsigned VTD_CAP_NFR_WIDTH = 32'd8;
  localparam int unsigned VTD_CAP_MAMV_LSB = 32'd48;
  localparam int unsigned VTD_CAP_MAMV_MSB = 32'd53;
  localparam int unsigned VTD_CAP_MAMV_WIDTH = 32'd6;
  localparam int unsigned VTD_CAP_DWD_LSB = 32'd54;
  localparam int unsigned VTD_CAP_DWD_MSB = 32'd54;
  localparam int unsigned VTD_CAP_DWD_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_DRD_LSB = 32'd55;
  localparam int unsigned VTD_CAP_DRD_MSB = 32'd55;
  localparam int unsigned VTD_CAP_DRD_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_FS1GP_LSB = 32'd56;
  localparam int unsigned VTD_CAP_FS1GP_MSB = 32'd56;
  localparam int unsigned VTD_CAP_FS1GP_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_PI_LSB = 32'd59;
  localparam int unsigned VTD_CAP_PI_MSB = 32'd59;
  localparam int unsigned VTD_CAP_PI_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_FS5LP_LSB = 32'd60;
  localparam int unsigned VTD_CAP_FS5LP_MSB = 32'd60;
  localparam int unsigned VTD_CAP_FS5LP_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_ECMDS_LSB = 32'd61;
  localparam int unsigned VTD_CAP_ECMDS_MSB = 32'd61;
  localparam int unsigned VTD_CAP_ECMDS_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_ESIRTPS_LSB = 32'd62;
  localparam int unsigned VTD_CAP_ESIRTPS_MSB = 32'd62;
  localparam int unsigned VTD_CAP_ESIRTPS_WIDTH = 32'd1;
  localparam int unsigned VTD_CAP_ESRTPS_LSB = 32'd63;
  localparam int unsigned VTD_CAP_ESRTPS_MSB = 32'd63;
  localparam int unsigned VTD_CAP_ESRTPS_WIDTH = 32'd1;
  localparam logic [63:0] VTD_CAP_RSVD_MASK = 64'h060000400080e000;
  localparam logic [63:0] VTD_CAP_RO_MASK = 64'hf9ffffbfff7f1fff;

  // ECAP: extended capabilities
  localparam logic [11:0] VTD_REG_ECAP = 12'h010;
  localparam int unsigned VTD_ECAP_C_LSB = 32'd0;
  localparam int unsigned VTD_ECAP_C_MSB = 32'd0;
  localparam int unsigned VTD_ECAP_C_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_QI_LSB = 32'd1;
  localparam int unsigned VTD_ECAP_QI_MSB = 32'd1;
  localparam int unsigned VTD_ECAP_QI_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_DT_LSB = 32'd2;
  localparam int unsigned VTD_ECAP_DT_MSB = 32'd2;
  localparam int unsigned VTD_ECAP_DT_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_IR_LSB = 32'd3;
  localparam int unsigned VTD_ECAP_IR_MSB = 32'd3;
  localparam int unsigned VTD_ECAP_IR_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_EIM_LSB = 32'd4;
  localparam int unsigned VTD_ECAP_EIM_MSB = 32'd4;
  localparam int unsigned VTD_ECAP_EIM_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_PT_LSB = 32'd6;
  localparam int unsigned VTD_ECAP_PT_MSB = 32'd6;
  localparam int unsigned VTD_ECAP_PT_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_SC_LSB = 32'd7;
  localparam int unsigned VTD_ECAP_SC_MSB = 32'd7;
  localparam int unsigned VTD_ECAP_SC_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_IRO_LSB = 32'd8;
  localparam int unsigned VTD_ECAP_IRO_MSB = 32'd17;
  localparam int unsigned VTD_ECAP_IRO_WIDTH = 32'd10;
  localparam int unsigned VTD_ECAP_MHMV_LSB = 32'd20;
  localparam int unsigned VTD_ECAP_MHMV_MSB = 32'd23;
  localparam int unsigned VTD_ECAP_MHMV_WIDTH = 32'd4;
  localparam int unsigned VTD_ECAP_MTS_LSB = 32'd25;
  localparam int unsigned VTD_ECAP_MTS_MSB = 32'd25;
  localparam int unsigned VTD_ECAP_MTS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_NEST_LSB = 32'd26;
  localparam int unsigned VTD_ECAP_NEST_MSB = 32'd26;
  localparam int unsigned VTD_ECAP_NEST_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_PRS_LSB = 32'd29;
  localparam int unsigned VTD_ECAP_PRS_MSB = 32'd29;
  localparam int unsigned VTD_ECAP_PRS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_ERS_LSB = 32'd30;
  localparam int unsigned VTD_ECAP_ERS_MSB = 32'd30;
  localparam int unsigned VTD_ECAP_ERS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_SRS_LSB = 32'd31;
  localparam int unsigned VTD_ECAP_SRS_MSB = 32'd31;
  localparam int unsigned VTD_ECAP_SRS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_NWFS_LSB = 32'd33;
  localparam int unsigned VTD_ECAP_NWFS_MSB = 32'd33;
  localparam int unsigned VTD_ECAP_NWFS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_EAFS_LSB = 32'd34;
  localparam int unsigned VTD_ECAP_EAFS_MSB = 32'd34;
  localparam int unsigned VTD_ECAP_EAFS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_PSS_LSB = 32'd35;
  localparam int unsigned VTD_ECAP_PSS_MSB = 32'd39;
  localparam int unsigned VTD_ECAP_PSS_WIDTH = 32'd5;
  localparam int unsigned VTD_ECAP_PASID_LSB = 32'd40;
  localparam int unsigned VTD_ECAP_PASID_MSB = 32'd40;
  localparam int unsigned VTD_ECAP_PASID_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_DIT_LSB = 32'd41;
  localparam int unsigned VTD_ECAP_DIT_MSB = 32'd41;
  localparam int unsigned VTD_ECAP_DIT_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_PDS_LSB = 32'd42;
  localparam int unsigned VTD_ECAP_PDS_MSB = 32'd42;
  localparam int unsigned VTD_ECAP_PDS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_SMTS_LSB = 32'd43;
  localparam int unsigned VTD_ECAP_SMTS_MSB = 32'd43;
  localparam int unsigned VTD_ECAP_SMTS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_VCS_LSB = 32'd44;
  localparam int unsigned VTD_ECAP_VCS_MSB = 32'd44;
  localparam int unsigned VTD_ECAP_VCS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_SSADS_LSB = 32'd45;
  localparam int unsigned VTD_ECAP_SSADS_MSB = 32'd45;
  localparam int unsigned VTD_ECAP_SSADS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_SSTS_LSB = 32'd46;
  localparam int unsigned VTD_ECAP_SSTS_MSB = 32'd46;
  localparam int unsigned VTD_ECAP_SSTS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_FSTS_LSB = 32'd47;
  localparam int unsigned VTD_ECAP_FSTS_MSB = 32'd47;
  localparam int unsigned VTD_ECAP_FSTS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_SMPWCS_LSB = 32'd48;
  localparam int unsigned VTD_ECAP_SMPWCS_MSB = 32'd48;
  localparam int unsigned VTD_ECAP_SMPWCS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_RPS_LSB = 32'd49;
  localparam int unsigned VTD_ECAP_RPS_MSB = 32'd49;
  localparam int unsigned VTD_ECAP_RPS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_TDXCS_LSB = 32'd50;
  localparam int unsigned VTD_ECAP_TDXCS_MSB = 32'd50;
  localparam int unsigned VTD_ECAP_TDXCS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_PMS_LSB = 32'd51;
  localparam int unsigned VTD_ECAP_PMS_MSB = 32'd51;
  localparam int unsigned VTD_ECAP_PMS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_ADMS_LSB = 32'd52;
  localparam int unsigned VTD_ECAP_ADMS_MSB = 32'd52;
  localparam int unsigned VTD_ECAP_ADMS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_RPRIVS_LSB = 32'd53;
  localparam int unsigned VTD_ECAP_RPRIVS_MSB = 32'd53;
  localparam int unsigned VTD_ECAP_RPRIVS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_HPTS_LSB = 32'd55;
  localparam int unsigned VTD_ECAP_HPTS_MSB = 32'd55;
  localparam int unsigned VTD_ECAP_HPTS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_PTRS_LSB = 32'd56;
  localparam int unsigned VTD_ECAP_PTRS_MSB = 32'd56;
  localparam int unsigned VTD_ECAP_PTRS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_SSIRWS_LSB = 32'd57;
  localparam int unsigned VTD_ECAP_SSIRWS_MSB = 32'd57;
  localparam int unsigned VTD_ECAP_SSIRWS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_SMS_LSB = 32'd58;
  localparam int unsigned VTD_ECAP_SMS_MSB = 32'd58;
  localparam int unsigned VTD_ECAP_SMS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_HPT1GPS_LSB = 32'd59;
  localparam int unsigned VTD_ECAP_HPT1GPS_MSB = 32'd59;
  localparam int unsigned VTD_ECAP_HPT1GPS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_RDTS_LSB = 32'd60;
  localparam int unsigned VTD_ECAP_RDTS_MSB = 32'd60;
  localparam int unsigned VTD_ECAP_RDTS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_EIMER_LSB = 32'd61;
  localparam int unsigned VTD_ECAP_EIMER_MSB = 32'd61;
  localparam int unsigned VTD_ECAP_EIMER_WIDTH = 32'd1;
  localparam int unsigned VTD_ECAP_IRREQ_LSB = 32'd62;
  localparam int unsigned VTD_ECAP_IRREQ_MSB = 32'd62;
  localparam int unsigned VTD_ECAP_IRREQ_WIDTH = 32'd1;
  localparam logic [63:0] VTD_ECAP_RSVD_MASK = 64'h80400001190c0020;
  localparam logic [63:0] VTD_ECAP_RO_MASK = 64'h7fbffffee6f3ffdf;

  // GCMD: global command
  localparam logic [11:0] VTD_REG_GCMD = 12'h018;
  localparam int unsigned VTD_GCMD_CFI_LSB = 32'd23;
  localparam int unsigned VTD_GCMD_CFI_MSB = 32'd23;
  localparam int unsigned VTD_GCMD_CFI_WIDTH = 32'd1;
  localparam int unsigned VTD_GCMD_SIRTP_LSB = 32'd24;
  localparam int unsigned VTD_GCMD_SIRTP_MSB = 32'd24;
  localparam int unsigned VTD_GCMD_SIRTP_WIDTH = 32'd1;
  localparam int unsigned VTD_GCMD_IRE_LSB = 32'd25;
  localparam int unsigned VTD_GCMD_IRE_MSB = 32'd25;
  localparam int unsigned VTD_GCMD_IRE_WIDTH = 32'd1;
  localparam int unsigned VTD_GCMD_QIE_LSB = 32'd26;
  localparam int unsigned VTD_GCMD_QIE_MSB = 32'd26;
  localparam int unsigned VTD_GCMD_QIE_WIDTH = 32'd1;
  localparam int unsigned VTD_GCMD_WBF_LSB = 32'd27;
  localparam int unsigned VTD_GCMD_WBF_MSB = 32'd27;
  localparam int unsigned VTD_GCMD_WBF_WIDTH = 32'd1;
  localparam int unsigned VTD_GCMD_EAFL_LSB = 32'd28;
  localparam int unsigned VTD_GCMD_EAFL_MSB = 32'd28;
  localparam int unsigned VTD_GCMD_EAFL_WIDTH = 32'd1;
  localparam int unsigned VTD_GCMD_SFL_LSB = 32'd29;
  localparam int unsigned VTD_GCMD_SFL_MSB = 32'd29;
  localparam int unsigned VTD_GCMD_SFL_WIDTH = 32'd1;
  localparam int unsigned VTD_GCMD_SRTP_LSB = 32'd30;
  localparam int unsigned VTD_GCMD_SRTP_MSB = 32'd30;
  localparam int unsigned VTD_GCMD_SRTP_WIDTH = 32'd1;
  localparam int unsigned VTD_GCMD_TE_LSB = 32'd31;
  localparam int unsigned VTD_GCMD_TE_MSB = 32'd31;
  localparam int unsigned VTD_GCMD_TE_WIDTH = 32'd1;
  localparam logic [31:0] VTD_GCMD_RSVD_MASK = 32'h007fffff;
  localparam logic [31:0] VTD_GCMD_WO_MASK = 32'hff800000;

  // GSTS: global status
  localparam logic [11:0] VTD_REG_GSTS = 12'h01c;
  localparam int unsigned VTD_GSTS_CFIS_LSB = 32'd23;
  localparam int unsigned VTD_GSTS_CFIS_MSB = 32'd23;
  localparam int unsigned VTD_GSTS_CFIS_WIDTH = 32'd1;
  localparam int unsigned VTD_GSTS_IRTPS_LSB = 32'd24;
  localparam int unsigned VTD_GSTS_IRTPS_MSB = 32'd24;
  localparam int unsigned VTD_GSTS_IRTPS_WIDTH = 32'd1;
  localparam int unsigned VTD_GSTS_IRES_LSB = 32'd25;
  localparam int unsigned VTD_GSTS_IRES_MSB = 32'd25;
  localparam int unsigned VTD_GSTS_IRES_WIDTH = 32'd1;
  localparam int unsigned VTD_GSTS_QIES_LSB = 32'd26;
  localparam int unsigned VTD_GSTS_QIES_MSB = 32'd26;
  localparam int unsigned VTD_GSTS_QIES_WIDTH = 32'd1;
  localparam int unsigned VTD_GSTS_WBFS_LSB = 32'd27;
  localparam int unsigned VTD_GSTS_WBFS_MSB = 32'd27;
  localparam int unsigned VTD_GSTS_WBFS_WIDTH = 32'd1;
  localparam int unsigned VTD_GSTS_AFLS_LSB = 32'd28;
  localparam int unsigned VTD_GSTS_AFLS_MSB = 32'd28;
  localparam int unsigned VTD_GSTS_AFLS_WIDTH = 32'd1;
  localparam int unsigned VTD_GSTS_FLS_LSB = 32'd29;
  localparam int unsigned VTD_GSTS_FLS_MSB = 32'd29;
  localparam int unsigned VTD_GSTS_FLS_WIDTH = 32'd1;
  localparam int unsigned VTD_GSTS_RTPS_LSB = 32'd30;
  localparam int unsigned VTD_GSTS_RTPS_MSB = 32'd30;
  localparam int unsigned VTD_GSTS_RTPS_WIDTH = 32'd1;
  localparam int unsigned VTD_GSTS_TES_LSB = 32'd31;
  localparam int unsigned VTD_GSTS_TES_MSB = 32'd31;
  localparam int unsigned VTD_GSTS_TES_WIDTH = 32'd1;
  localparam logic [31:0] VTD_GSTS_RSVD_MASK = 32'h007fffff;
  localparam logic [31:0] VTD_GSTS_RO_MASK = 32'hff800000;

  // RTADDR: root table address
  localparam logic [11:0] VTD_REG_RTADDR = 12'h020;
  localparam int unsigned VTD_RTADDR_SSIRWE_LSB = 32'd7;
  localparam int unsigned VTD_RTADDR_SSIRWE_MSB = 32'd7;
  localparam int unsigned VTD_RTADDR_SSIRWE_WIDTH = 32'd1;
  localparam int unsigned VTD_RTADDR_TTM_LSB = 32'd10;
  localparam int unsigned VTD_RTADDR_TTM_MSB = 32'd11;
  localparam int unsigned VTD_RTADDR_TTM_WIDTH = 32'd2;
  localparam int unsigned VTD_RTADDR_RTA_LSB = 32'd12;
  localparam int unsigned VTD_RTADDR_RTA_MSB = 32'd63;
  localparam int unsigned VTD_RTADDR_RTA_WIDTH = 32'd52;
  localparam logic [63:0] VTD_RTADDR_RSVD_MASK = 64'h000000000000037f;
  localparam logic [63:0] VTD_RTADDR_RW_MASK = 64'hfffffffffffffc80;

  // CCMD: context command (register-based invalidation)
  localparam logic [11:0] VTD_REG_CCMD = 12'h028;
  localparam int unsigned VTD_CCMD_DID_LSB = 32'd0;
  localparam int unsigned VTD_CCMD_DID_MSB = 32'd15;
  localparam int unsigned VTD_CCMD_DID_WIDTH = 32'd16;
  localparam int unsigned VTD_CCMD_SID_LSB = 32'd16;
  localparam int unsigned VTD_CCMD_SID_MSB = 32'd31;
  localparam int unsigned VTD_CCMD_SID_WIDTH = 32'd16;
  localparam int unsigned VTD_CCMD_FM_LSB = 32'd32;
  localparam int unsigned VTD_CCMD_FM_MSB = 32'd33;
  localparam int unsigned VTD_CCMD_FM_WIDTH = 32'd2;
  localparam int unsigned VTD_CCMD_CAIG_LSB = 32'd59;
  localparam int unsigned VTD_CCMD_CAIG_MSB = 32'd60;
  localparam int unsigned VTD_CCMD_CAIG_WIDTH = 32'd2;
  localparam int unsigned VTD_CCMD_CIRG_LSB = 32'd61;
  localparam int unsigned VTD_CCMD_CIRG_MSB = 32'd62;
  localparam int unsigned VTD_CCMD_CIRG_WIDTH = 32'd2;
  localparam int unsigned VTD_CCMD_ICC_LSB = 32'd63;
  localparam int unsigned VTD_CCMD_ICC_MSB = 32'd63;
  localparam int unsigned VTD_CCMD_ICC_WIDTH = 32'd1;
  localparam logic [63:0] VTD_CCMD_RSVD_MASK = 64'h07fffffc00000000;
  localparam logic [63:0] VTD_CCMD_RW_MASK = 64'he00000000000ffff;
  localparam logic [63:0] VTD_CCMD_WO_MASK = 64'h00000003ffff0000;
  localparam logic [63:0] VTD_CCMD_RO_MASK = 64'h1800000000000000;

  // FSTS: fault status
  localparam logic [11:0] VTD_REG_FSTS = 12'h034;
  localparam int unsigned VTD_FSTS_PFO_LSB = 32'd0;
  localparam int unsigned VTD_FSTS_PFO_MSB = 32'd0;
  localparam int unsigned VTD_FSTS_PFO_WIDTH = 32'd1;
  localparam int unsigned VTD_FSTS_PPF_LSB = 32'd1;
  localparam int unsigned VTD_FSTS_PPF_MSB = 32'd1;
  localparam int unsigned VTD_FSTS_PPF_WIDTH = 32'd1;
  localparam int unsigned VTD_FSTS_AFO_LSB = 32'd2;
  localparam int unsigned VTD_FSTS_AFO_MSB = 32'd2;
  localparam int unsigned VTD_FSTS_AFO_WIDTH = 32'd1;
  localparam int unsigned VTD_FSTS_APF_LSB = 32'd3;
  localparam int unsigned VTD_FSTS_APF_MSB = 32'd3;
  localparam int unsigned VTD_FSTS_APF_WIDTH = 32'd1;
  localparam int unsigned VTD_FSTS_IQE_LSB = 32'd4;
  localparam int unsigned VTD_FSTS_IQE_MSB = 32'd4;
  localparam int unsigned VTD_FSTS_IQE_WIDTH = 32'd1;
  localparam int unsigned VTD_FSTS_ICE_LSB = 32'd5;
  localparam int unsigned VTD_FSTS_ICE_MSB = 32'd5;
  localparam int unsigned VTD_FSTS_ICE_WIDTH = 32'd1;
  localparam int unsigned VTD_FSTS_ITE_LSB = 32'd6;
  localparam int unsigned VTD_FSTS_ITE_MSB = 32'd6;
  localparam int unsigned VTD_FSTS_ITE_WIDTH = 32'd1;
  localparam int unsigned VTD_FSTS_PRO_LSB = 32'd7;
  localparam int unsigned VTD_FSTS_PRO_MSB = 32'd7;
  localparam int unsigned VTD_FSTS_PRO_WIDTH = 32'd1;
  localparam int unsigned VTD_FSTS_FRI_LSB = 32'd8;
  localparam int unsigned VTD_FSTS_FRI_MSB = 32'd15;
  localparam int unsigned VTD_FSTS_FRI_WIDTH = 32'd8;
  localparam logic [31:0] VTD_FSTS_RSVD_MASK = 32'hffff0000;
  localparam logic [31:0] VTD_FSTS_RW1CS_MASK = 32'h000000fd;
  localparam logic [31:0] VTD_FSTS_ROS_MASK = 32'h0000ff02;

  // FECTL: fault event control
  localparam logic [11:0] VTD_REG_FECTL = 12'h038;
  localparam int unsigned VTD_FECTL_RSVDP_LSB = 32'd0;
  localparam int unsigned VTD_FECTL_RSVDP_MSB = 32'd29;
  localparam int unsigned VTD_FECTL_RSVDP_WIDTH = 32'd30;
  localparam int unsigned VTD_FECTL_IP_LSB = 32'd30;
  localparam int unsigned VTD_FECTL_IP_MSB = 32'd30;
  localparam int unsigned VTD_FECTL_IP_WIDTH = 32'd1;
  localparam int unsigned VTD_FECTL_IM_LSB = 32'd31;
  localparam int unsigned VTD_FECTL_IM_MSB = 32'd31;
  localparam int unsigned VTD_FECTL_IM_WIDTH = 32'd1;
  localparam logic [31:0] VTD_FECTL_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_FECTL_RSVDP_MASK = 32'h3fffffff;
  localparam logic [31:0] VTD_FECTL_RO_MASK = 32'h40000000;
  localparam logic [31:0] VTD_FECTL_RW_MASK = 32'h80000000;

  // FEDATA: fault event data
  localparam logic [11:0] VTD_REG_FEDATA = 12'h03c;
  localparam int unsigned VTD_FEDATA_IMD_LSB = 32'd0;
  localparam int unsigned VTD_FEDATA_IMD_MSB = 32'd15;
  localparam int unsigned VTD_FEDATA_IMD_WIDTH = 32'd16;
  localparam int unsigned VTD_FEDATA_EIMD_LSB = 32'd16;
  localparam int unsigned VTD_FEDATA_EIMD_MSB = 32'd31;
  localparam int unsigned VTD_FEDATA_EIMD_WIDTH = 32'd16;
  localparam logic [31:0] VTD_FEDATA_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_FEDATA_RW_MASK = 32'hffffffff;

  // FEADDR: fault event address
  localparam logic [11:0] VTD_REG_FEADDR = 12'h040;
  localparam int unsigned VTD_FEADDR_MA_LSB = 32'd2;
  localparam int unsigned VTD_FEADDR_MA_MSB = 32'd31;
  localparam int unsigned VTD_FEADDR_MA_WIDTH = 32'd30;
  localparam logic [31:0] VTD_FEADDR_RSVD_MASK = 32'h00000003;
  localparam logic [31:0] VTD_FEADDR_RW_MASK = 32'hfffffffc;

  // FEUADDR: fault event upper address
  localparam logic [11:0] VTD_REG_FEUADDR = 12'h044;
  localparam int unsigned VTD_FEUADDR_MUA_LSB = 32'd0;
  localparam int unsigned VTD_FEUADDR_MUA_MSB = 32'd31;
  localparam int unsigned VTD_FEUADDR_MUA_WIDTH = 32'd32;
  localparam logic [31:0] VTD_FEUADDR_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_FEUADDR_RW_MASK = 32'hffffffff;

  // AFLOG: advanced fault log (CAP.AFL)
  localparam logic [11:0] VTD_REG_AFLOG = 12'h058;
  localparam int unsigned VTD_AFLOG_FLS_LSB = 32'd9;
  localparam int unsigned VTD_AFLOG_FLS_MSB = 32'd11;
  localparam int unsigned VTD_AFLOG_FLS_WIDTH = 32'd3;
  localparam int unsigned VTD_AFLOG_FLA_LSB = 32'd12;
  localparam int unsigned VTD_AFLOG_FLA_MSB = 32'd63;
  localparam int unsigned VTD_AFLOG_FLA_WIDTH = 32'd52;
  localparam logic [63:0] VTD_AFLOG_RSVD_MASK = 64'h00000000000001ff;
  localparam logic [63:0] VTD_AFLOG_RW_MASK = 64'hfffffffffffffe00;

  // PMEN: protected memory enable
  localparam logic [11:0] VTD_REG_PMEN = 12'h064;
  localparam int unsigned VTD_PMEN_EPM_LSB = 32'd31;
  localparam int unsigned VTD_PMEN_EPM_MSB = 32'd31;
  localparam int unsigned VTD_PMEN_EPM_WIDTH = 32'd1;
  localparam int unsigned VTD_PMEN_PRS_LSB = 32'd0;
  localparam int unsigned VTD_PMEN_PRS_MSB = 32'd0;
  localparam int unsigned VTD_PMEN_PRS_WIDTH = 32'd1;
  localparam logic [31:0] VTD_PMEN_RSVD_MASK = 32'h7ffffffe;
  localparam logic [31:0] VTD_PMEN_RW_MASK = 32'h80000000;
  localparam logic [31:0] VTD_PMEN_RO_MASK = 32'h00000001;

  // PLMBASE: protected low-memory base
  localparam logic [11:0] VTD_REG_PLMBASE = 12'h068;
  localparam int unsigned VTD_PLMBASE_PLMB_LSB = 32'd21;
  localparam int unsigned VTD_PLMBASE_PLMB_MSB = 32'd31;
  localparam int unsigned VTD_PLMBASE_PLMB_WIDTH = 32'd11;
  localparam logic [31:0] VTD_PLMBASE_RSVD_MASK = 32'h001fffff;
  localparam logic [31:0] VTD_PLMBASE_RW_MASK = 32'hffe00000;

  // PLMLIMIT: protected low-memory limit
  localparam logic [11:0] VTD_REG_PLMLIMIT = 12'h06c;
  localparam int unsigned VTD_PLMLIMIT_PLML_LSB = 32'd21;
  localparam int unsigned VTD_PLMLIMIT_PLML_MSB = 32'd31;
  localparam int unsigned VTD_PLMLIMIT_PLML_WIDTH = 32'd11;
  localparam logic [31:0] VTD_PLMLIMIT_RSVD_MASK = 32'h001fffff;
  localparam logic [31:0] VTD_PLMLIMIT_RW_MASK = 32'hffe00000;

  // PHMBASE: protected high-memory base
  localparam logic [11:0] VTD_REG_PHMBASE = 12'h070;
  localparam int unsigned VTD_PHMBASE_PHMB_LSB = 32'd21;
  localparam int unsigned VTD_PHMBASE_PHMB_MSB = 32'd63;
  localparam int unsigned VTD_PHMBASE_PHMB_WIDTH = 32'd43;
  localparam logic [63:0] VTD_PHMBASE_RSVD_MASK = 64'h00000000001fffff;
  localparam logic [63:0] VTD_PHMBASE_RW_MASK = 64'hffffffffffe00000;

  // PHMLIMIT: protected high-memory limit
  localparam logic [11:0] VTD_REG_PHMLIMIT = 12'h078;
  localparam int unsigned VTD_PHMLIMIT_PHML_LSB = 32'd21;
  localparam int unsigned VTD_PHMLIMIT_PHML_MSB = 32'd63;
  localparam int unsigned VTD_PHMLIMIT_PHML_WIDTH = 32'd43;
  localparam logic [63:0] VTD_PHMLIMIT_RSVD_MASK = 64'h00000000001fffff;
  localparam logic [63:0] VTD_PHMLIMIT_RW_MASK = 64'hffffffffffe00000;

  // IQH: invalidation queue head
  localparam logic [11:0] VTD_REG_IQH = 12'h080;
  localparam int unsigned VTD_IQH_QH_LSB = 32'd4;
  localparam int unsigned VTD_IQH_QH_MSB = 32'd18;
  localparam int unsigned VTD_IQH_QH_WIDTH = 32'd15;
  localparam logic [63:0] VTD_IQH_RSVD_MASK = 64'hfffffffffff8000f;
  localparam logic [63:0] VTD_IQH_RO_MASK = 64'h000000000007fff0;

  // IQT: invalidation queue tail
  localparam logic [11:0] VTD_REG_IQT = 12'h088;
  localparam int unsigned VTD_IQT_QT_LSB = 32'd4;
  localparam int unsigned VTD_IQT_QT_MSB = 32'd18;
  localparam int unsigned VTD_IQT_QT_WIDTH = 32'd15;
  localparam logic [63:0] VTD_IQT_RSVD_MASK = 64'hfffffffffff8000f;
  localparam logic [63:0] VTD_IQT_RW_MASK = 64'h000000000007fff0;

  // IQA: invalidation queue address
  localparam logic [11:0] VTD_REG_IQA = 12'h090;
  localparam int unsigned VTD_IQA_QS_LSB = 32'd0;
  localparam int unsigned VTD_IQA_QS_MSB = 32'd2;
  localparam int unsigned VTD_IQA_QS_WIDTH = 32'd3;
  localparam int unsigned VTD_IQA_DW_LSB = 32'd11;
  localparam int unsigned VTD_IQA_DW_MSB = 32'd11;
  localparam int unsigned VTD_IQA_DW_WIDTH = 32'd1;
  localparam int unsigned VTD_IQA_IQA_LSB = 32'd12;
  localparam int unsigned VTD_IQA_IQA_MSB = 32'd63;
  localparam int unsigned VTD_IQA_IQA_WIDTH = 32'd52;
  localparam logic [63:0] VTD_IQA_RSVD_MASK = 64'h00000000000007f8;
  localparam logic [63:0] VTD_IQA_RW_MASK = 64'hfffffffffffff807;

  // ICS: invalidation completion status
  localparam logic [11:0] VTD_REG_ICS = 12'h09c;
  localparam int unsigned VTD_ICS_IWC_LSB = 32'd0;
  localparam int unsigned VTD_ICS_IWC_MSB = 32'd0;
  localparam int unsigned VTD_ICS_IWC_WIDTH = 32'd1;
  localparam logic [31:0] VTD_ICS_RSVD_MASK = 32'hfffffffe;
  localparam logic [31:0] VTD_ICS_RW1CS_MASK = 32'h00000001;

  // IECTL: invalidation completion event control
  localparam logic [11:0] VTD_REG_IECTL = 12'h0a0;
  localparam int unsigned VTD_IECTL_RSVDP_LSB = 32'd0;
  localparam int unsigned VTD_IECTL_RSVDP_MSB = 32'd29;
  localparam int unsigned VTD_IECTL_RSVDP_WIDTH = 32'd30;
  localparam int unsigned VTD_IECTL_IP_LSB = 32'd30;
  localparam int unsigned VTD_IECTL_IP_MSB = 32'd30;
  localparam int unsigned VTD_IECTL_IP_WIDTH = 32'd1;
  localparam int unsigned VTD_IECTL_IM_LSB = 32'd31;
  localparam int unsigned VTD_IECTL_IM_MSB = 32'd31;
  localparam int unsigned VTD_IECTL_IM_WIDTH = 32'd1;
  localparam logic [31:0] VTD_IECTL_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_IECTL_RSVDP_MASK = 32'h3fffffff;
  localparam logic [31:0] VTD_IECTL_RO_MASK = 32'h40000000;
  localparam logic [31:0] VTD_IECTL_RW_MASK = 32'h80000000;

  // IEDATA: invalidation completion event data
  localparam logic [11:0] VTD_REG_IEDATA = 12'h0a4;
  localparam int unsigned VTD_IEDATA_IMD_LSB = 32'd0;
  localparam int unsigned VTD_IEDATA_IMD_MSB = 32'd15;
  localparam int unsigned VTD_IEDATA_IMD_WIDTH = 32'd16;
  localparam int unsigned VTD_IEDATA_EIMD_LSB = 32'd16;
  localparam int unsigned VTD_IEDATA_EIMD_MSB = 32'd31;
  localparam int unsigned VTD_IEDATA_EIMD_WIDTH = 32'd16;
  localparam logic [31:0] VTD_IEDATA_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_IEDATA_RW_MASK = 32'hffffffff;

  // IEADDR: invalidation completion event address
  localparam logic [11:0] VTD_REG_IEADDR = 12'h0a8;
  localparam int unsigned VTD_IEADDR_MA_LSB = 32'd2;
  localparam int unsigned VTD_IEADDR_MA_MSB = 32'd31;
  localparam int unsigned VTD_IEADDR_MA_WIDTH = 32'd30;
  localparam logic [31:0] VTD_IEADDR_RSVD_MASK = 32'h00000003;
  localparam logic [31:0] VTD_IEADDR_RW_MASK = 32'hfffffffc;

  // IEUADDR: invalidation completion event upper address
  localparam logic [11:0] VTD_REG_IEUADDR = 12'h0ac;
  localparam int unsigned VTD_IEUADDR_MUA_LSB = 32'd0;
  localparam int unsigned VTD_IEUADDR_MUA_MSB = 32'd31;
  localparam int unsigned VTD_IEUADDR_MUA_WIDTH = 32'd32;
  localparam logic [31:0] VTD_IEUADDR_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_IEUADDR_RW_MASK = 32'hffffffff;

  // IQERCD: invalidation queue error record
  localparam logic [11:0] VTD_REG_IQERCD = 12'h0b0;
  localparam int unsigned VTD_IQERCD_IQEI_LSB = 32'd0;
  localparam int unsigned VTD_IQERCD_IQEI_MSB = 32'd3;
  localparam int unsigned VTD_IQERCD_IQEI_WIDTH = 32'd4;
  localparam int unsigned VTD_IQERCD_ITESID_LSB = 32'd32;
  localparam int unsigned VTD_IQERCD_ITESID_MSB = 32'd47;
  localparam int unsigned VTD_IQERCD_ITESID_WIDTH = 32'd16;
  localparam int unsigned VTD_IQERCD_ICESID_LSB = 32'd48;
  localparam int unsigned VTD_IQERCD_ICESID_MSB = 32'd63;
  localparam int unsigned VTD_IQERCD_ICESID_WIDTH = 32'd16;
  localparam logic [63:0] VTD_IQERCD_RSVD_MASK = 64'h00000000fffffff0;
  localparam logic [63:0] VTD_IQERCD_RO_MASK = 64'hffffffff0000000f;

  // IRTA: interrupt remapping table address
  localparam logic [11:0] VTD_REG_IRTA = 12'h0b8;
  localparam int unsigned VTD_IRTA_S_LSB = 32'd0;
  localparam int unsigned VTD_IRTA_S_MSB = 32'd3;
  localparam int unsigned VTD_IRTA_S_WIDTH = 32'd4;
  localparam int unsigned VTD_IRTA_EIME_LSB = 32'd11;
  localparam int unsigned VTD_IRTA_EIME_MSB = 32'd11;
  localparam int unsigned VTD_IRTA_EIME_WIDTH = 32'd1;
  localparam int unsigned VTD_IRTA_IRTA_LSB = 32'd12;
  localparam int unsigned VTD_IRTA_IRTA_MSB = 32'd63;
  localparam int unsigned VTD_IRTA_IRTA_WIDTH = 32'd52;
  localparam logic [63:0] VTD_IRTA_RSVD_MASK = 64'h00000000000007f0;
  localparam logic [63:0] VTD_IRTA_RW_MASK = 64'hfffffffffffff80f;

  // PQH: page request queue head
  localparam logic [11:0] VTD_REG_PQH = 12'h0c0;
  localparam int unsigned VTD_PQH_PQH_LSB = 32'd5;
  localparam int unsigned VTD_PQH_PQH_MSB = 32'd18;
  localparam int unsigned VTD_PQH_PQH_WIDTH = 32'd14;
  localparam logic [63:0] VTD_PQH_RSVD_MASK = 64'hfffffffffff8001f;
  localparam logic [63:0] VTD_PQH_RW_MASK = 64'h000000000007ffe0;

  // PQT: page request queue tail
  localparam logic [11:0] VTD_REG_PQT = 12'h0c8;
  localparam int unsigned VTD_PQT_PQT_LSB = 32'd5;
  localparam int unsigned VTD_PQT_PQT_MSB = 32'd18;
  localparam int unsigned VTD_PQT_PQT_WIDTH = 32'd14;
  localparam logic [63:0] VTD_PQT_RSVD_MASK = 64'hfffffffffff8001f;
  localparam logic [63:0] VTD_PQT_RW_MASK = 64'h000000000007ffe0;

  // PQA: page request queue address
  localparam logic [11:0] VTD_REG_PQA = 12'h0d0;
  localparam int unsigned VTD_PQA_PQS_LSB = 32'd0;
  localparam int unsigned VTD_PQA_PQS_MSB = 32'd2;
  localparam int unsigned VTD_PQA_PQS_WIDTH = 32'd3;
  localparam int unsigned VTD_PQA_PQA_LSB = 32'd12;
  localparam int unsigned VTD_PQA_PQA_MSB = 32'd63;
  localparam int unsigned VTD_PQA_PQA_WIDTH = 32'd52;
  localparam logic [63:0] VTD_PQA_RSVD_MASK = 64'h0000000000000ff8;
  localparam logic [63:0] VTD_PQA_RW_MASK = 64'hfffffffffffff007;

  // PRS: page request status
  localparam logic [11:0] VTD_REG_PRS = 12'h0dc;
  localparam int unsigned VTD_PRS_PPR_LSB = 32'd0;
  localparam int unsigned VTD_PRS_PPR_MSB = 32'd0;
  localparam int unsigned VTD_PRS_PPR_WIDTH = 32'd1;
  localparam int unsigned VTD_PRS_PRO_LSB = 32'd1;
  localparam int unsigned VTD_PRS_PRO_MSB = 32'd1;
  localparam int unsigned VTD_PRS_PRO_WIDTH = 32'd1;
  localparam logic [31:0] VTD_PRS_RSVD_MASK = 32'hfffffffc;
  localparam logic [31:0] VTD_PRS_RW1CS_MASK = 32'h00000003;

  // PECTL: page request event control
  localparam logic [11:0] VTD_REG_PECTL = 12'h0e0;
  localparam int unsigned VTD_PECTL_RSVDP_LSB = 32'd0;
  localparam int unsigned VTD_PECTL_RSVDP_MSB = 32'd29;
  localparam int unsigned VTD_PECTL_RSVDP_WIDTH = 32'd30;
  localparam int unsigned VTD_PECTL_IP_LSB = 32'd30;
  localparam int unsigned VTD_PECTL_IP_MSB = 32'd30;
  localparam int unsigned VTD_PECTL_IP_WIDTH = 32'd1;
  localparam int unsigned VTD_PECTL_IM_LSB = 32'd31;
  localparam int unsigned VTD_PECTL_IM_MSB = 32'd31;
  localparam int unsigned VTD_PECTL_IM_WIDTH = 32'd1;
  localparam logic [31:0] VTD_PECTL_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_PECTL_RSVDP_MASK = 32'h3fffffff;
  localparam logic [31:0] VTD_PECTL_RO_MASK = 32'h40000000;
  localparam logic [31:0] VTD_PECTL_RW_MASK = 32'h80000000;

  // PEDATA: page request event data
  localparam logic [11:0] VTD_REG_PEDATA = 12'h0e4;
  localparam int unsigned VTD_PEDATA_IMD_LSB = 32'd0;
  localparam int unsigned VTD_PEDATA_IMD_MSB = 32'd15;
  localparam int unsigned VTD_PEDATA_IMD_WIDTH = 32'd16;
  localparam int unsigned VTD_PEDATA_EIMD_LSB = 32'd16;
  localparam int unsigned VTD_PEDATA_EIMD_MSB = 32'd31;
  localparam int unsigned VTD_PEDATA_EIMD_WIDTH = 32'd16;
  localparam logic [31:0] VTD_PEDATA_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_PEDATA_RW_MASK = 32'hffffffff;

  // PEADDR: page request event address
  localparam logic [11:0] VTD_REG_PEADDR = 12'h0e8;
  localparam int unsigned VTD_PEADDR_MA_LSB = 32'd2;
  localparam int unsigned VTD_PEADDR_MA_MSB = 32'd31;
  localparam int unsigned VTD_PEADDR_MA_WIDTH = 32'd30;
  localparam logic [31:0] VTD_PEADDR_RSVD_MASK = 32'h00000003;
  localparam logic [31:0] VTD_PEADDR_RW_MASK = 32'hfffffffc;

  // PEUADDR: page request event upper address
  localparam logic [11:0] VTD_REG_PEUADDR = 12'h0ec;
  localparam int unsigned VTD_PEUADDR_MUA_LSB = 32'd0;
  localparam int unsigned VTD_PEUADDR_MUA_MSB = 32'd31;
  localparam int unsigned VTD_PEUADDR_MUA_WIDTH = 32'd32;
  localparam logic [31:0] VTD_PEUADDR_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_PEUADDR_RW_MASK = 32'hffffffff;

  // PERFCAP: performance monitoring capabilities
  localparam logic [11:0] VTD_REG_PERFCAP = 12'h300;
  localparam int unsigned VTD_PERFCAP_NCNTR_LSB = 32'd0;
  localparam int unsigned VTD_PERFCAP_NCNTR_MSB = 32'd15;
  localparam int unsigned VTD_PERFCAP_NCNTR_WIDTH = 32'd16;
  localparam int unsigned VTD_PERFCAP_CW_LSB = 32'd16;
  localparam int unsigned VTD_PERFCAP_CW_MSB = 32'd22;
  localparam int unsigned VTD_PERFCAP_CW_WIDTH = 32'd7;
  localparam int unsigned VTD_PERFCAP_EGCNT_LSB = 32'd24;
  localparam int unsigned VTD_PERFCAP_EGCNT_MSB = 32'd28;
  localparam int unsigned VTD_PERFCAP_EGCNT_WIDTH = 32'd5;
  localparam int unsigned VTD_PERFCAP_RIDFS_LSB = 32'd32;
  localparam int unsigned VTD_PERFCAP_RIDFS_MSB = 32'd32;
  localparam int unsigned VTD_PERFCAP_RIDFS_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCAP_DIDFS_LSB = 32'd33;
  localparam int unsigned VTD_PERFCAP_DIDFS_MSB = 32'd33;
  localparam int unsigned VTD_PERFCAP_DIDFS_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCAP_PASIDFS_LSB = 32'd34;
  localparam int unsigned VTD_PERFCAP_PASIDFS_MSB = 32'd34;
  localparam int unsigned VTD_PERFCAP_PASIDFS_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCAP_ATFS_LSB = 32'd35;
  localparam int unsigned VTD_PERFCAP_ATFS_MSB = 32'd35;
  localparam int unsigned VTD_PERFCAP_ATFS_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCAP_PTLFS_LSB = 32'd36;
  localparam int unsigned VTD_PERFCAP_PTLFS_MSB = 32'd36;
  localparam int unsigned VTD_PERFCAP_PTLFS_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCAP_CWE_LSB = 32'd48;
  localparam int unsigned VTD_PERFCAP_CWE_MSB = 32'd48;
  localparam int unsigned VTD_PERFCAP_CWE_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCAP_GFS_LSB = 32'd49;
  localparam int unsigned VTD_PERFCAP_GFS_MSB = 32'd49;
  localparam int unsigned VTD_PERFCAP_GFS_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCAP_IOS_LSB = 32'd50;
  localparam int unsigned VTD_PERFCAP_IOS_MSB = 32'd50;
  localparam int unsigned VTD_PERFCAP_IOS_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCAP_PCCS_LSB = 32'd51;
  localparam int unsigned VTD_PERFCAP_PCCS_MSB = 32'd51;
  localparam int unsigned VTD_PERFCAP_PCCS_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCAP_CS_LSB = 32'd52;
  localparam int unsigned VTD_PERFCAP_CS_MSB = 32'd54;
  localparam int unsigned VTD_PERFCAP_CS_WIDTH = 32'd3;
  localparam logic [63:0] VTD_PERFCAP_RSVD_MASK = 64'hff80ffe0e0800000;
  localparam logic [63:0] VTD_PERFCAP_RO_MASK = 64'h007f001f1f7fffff;

  // PERFCFGOFF: offset of the counter configuration blocks
  localparam logic [11:0] VTD_REG_PERFCFGOFF = 12'h310;
  localparam int unsigned VTD_PERFCFGOFF_OFF_LSB = 32'd0;
  localparam int unsigned VTD_PERFCFGOFF_OFF_MSB = 32'd31;
  localparam int unsigned VTD_PERFCFGOFF_OFF_WIDTH = 32'd32;
  localparam logic [31:0] VTD_PERFCFGOFF_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_PERFCFGOFF_RO_MASK = 32'hffffffff;

  // PERFFRZOFF: offset of the freeze status
  localparam logic [11:0] VTD_REG_PERFFRZOFF = 12'h314;
  localparam int unsigned VTD_PERFFRZOFF_OFF_LSB = 32'd0;
  localparam int unsigned VTD_PERFFRZOFF_OFF_MSB = 32'd31;
  localparam int unsigned VTD_PERFFRZOFF_OFF_WIDTH = 32'd32;
  localparam logic [31:0] VTD_PERFFRZOFF_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_PERFFRZOFF_RO_MASK = 32'hffffffff;

  // PERFOVFOFF: offset of the overflow status
  localparam logic [11:0] VTD_REG_PERFOVFOFF = 12'h318;
  localparam int unsigned VTD_PERFOVFOFF_OFF_LSB = 32'd0;
  localparam int unsigned VTD_PERFOVFOFF_OFF_MSB = 32'd31;
  localparam int unsigned VTD_PERFOVFOFF_OFF_WIDTH = 32'd32;
  localparam logic [31:0] VTD_PERFOVFOFF_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_PERFOVFOFF_RO_MASK = 32'hffffffff;

  // PERFCNTROFF: offset of the counters
  localparam logic [11:0] VTD_REG_PERFCNTROFF = 12'h31c;
  localparam int unsigned VTD_PERFCNTROFF_OFF_LSB = 32'd0;
  localparam int unsigned VTD_PERFCNTROFF_OFF_MSB = 32'd31;
  localparam int unsigned VTD_PERFCNTROFF_OFF_WIDTH = 32'd32;
  localparam logic [31:0] VTD_PERFCNTROFF_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_PERFCNTROFF_RO_MASK = 32'hffffffff;

  // PERFINTRSTS: performance monitoring interrupt status
  localparam logic [11:0] VTD_REG_PERFINTRSTS = 12'h324;
  localparam int unsigned VTD_PERFINTRSTS_PIS_LSB = 32'd0;
  localparam int unsigned VTD_PERFINTRSTS_PIS_MSB = 32'd0;
  localparam int unsigned VTD_PERFINTRSTS_PIS_WIDTH = 32'd1;
  localparam logic [31:0] VTD_PERFINTRSTS_RSVD_MASK = 32'hfffffffe;
  localparam logic [31:0] VTD_PERFINTRSTS_RW1C_MASK = 32'h00000001;

  // PERFINTRCTL: performance monitoring event control
  localparam logic [11:0] VTD_REG_PERFINTRCTL = 12'h328;
  localparam int unsigned VTD_PERFINTRCTL_RSVDP_LSB = 32'd0;
  localparam int unsigned VTD_PERFINTRCTL_RSVDP_MSB = 32'd29;
  localparam int unsigned VTD_PERFINTRCTL_RSVDP_WIDTH = 32'd30;
  localparam int unsigned VTD_PERFINTRCTL_IP_LSB = 32'd30;
  localparam int unsigned VTD_PERFINTRCTL_IP_MSB = 32'd30;
  localparam int unsigned VTD_PERFINTRCTL_IP_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFINTRCTL_IM_LSB = 32'd31;
  localparam int unsigned VTD_PERFINTRCTL_IM_MSB = 32'd31;
  localparam int unsigned VTD_PERFINTRCTL_IM_WIDTH = 32'd1;
  localparam logic [31:0] VTD_PERFINTRCTL_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_PERFINTRCTL_RSVDP_MASK = 32'h3fffffff;
  localparam logic [31:0] VTD_PERFINTRCTL_RO_MASK = 32'h40000000;
  localparam logic [31:0] VTD_PERFINTRCTL_RW_MASK = 32'h80000000;

  // PERFINTRDATA: performance monitoring event data
  localparam logic [11:0] VTD_REG_PERFINTRDATA = 12'h32c;
  localparam int unsigned VTD_PERFINTRDATA_IMD_LSB = 32'd0;
  localparam int unsigned VTD_PERFINTRDATA_IMD_MSB = 32'd15;
  localparam int unsigned VTD_PERFINTRDATA_IMD_WIDTH = 32'd16;
  localparam int unsigned VTD_PERFINTRDATA_EIMD_LSB = 32'd16;
  localparam int unsigned VTD_PERFINTRDATA_EIMD_MSB = 32'd31;
  localparam int unsigned VTD_PERFINTRDATA_EIMD_WIDTH = 32'd16;
  localparam logic [31:0] VTD_PERFINTRDATA_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_PERFINTRDATA_RW_MASK = 32'hffffffff;

  // PERFINTRADDR: performance monitoring event address
  localparam logic [11:0] VTD_REG_PERFINTRADDR = 12'h330;
  localparam int unsigned VTD_PERFINTRADDR_MA_LSB = 32'd2;
  localparam int unsigned VTD_PERFINTRADDR_MA_MSB = 32'd31;
  localparam int unsigned VTD_PERFINTRADDR_MA_WIDTH = 32'd30;
  localparam logic [31:0] VTD_PERFINTRADDR_RSVD_MASK = 32'h00000003;
  localparam logic [31:0] VTD_PERFINTRADDR_RW_MASK = 32'hfffffffc;

  // PERFINTRUADDR: performance monitoring event upper address
  localparam logic [11:0] VTD_REG_PERFINTRUADDR = 12'h334;
  localparam int unsigned VTD_PERFINTRUADDR_MUA_LSB = 32'd0;
  localparam int unsigned VTD_PERFINTRUADDR_MUA_MSB = 32'd31;
  localparam int unsigned VTD_PERFINTRUADDR_MUA_WIDTH = 32'd32;
  localparam logic [31:0] VTD_PERFINTRUADDR_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_PERFINTRUADDR_RW_MASK = 32'hffffffff;

  // PERFEVNTCAP: events of group 0; of group g 8*g bytes further
  localparam logic [11:0] VTD_REG_PERFEVNTCAP = 12'h380;
  localparam int unsigned VTD_PERFEVNTCAP_ES_LSB = 32'd0;
  localparam int unsigned VTD_PERFEVNTCAP_ES_MSB = 32'd27;
  localparam int unsigned VTD_PERFEVNTCAP_ES_WIDTH = 32'd28;
  localparam logic [63:0] VTD_PERFEVNTCAP_RSVD_MASK = 64'hfffffffff0000000;
  localparam logic [63:0] VTD_PERFEVNTCAP_RO_MASK = 64'h000000000fffffff;

  // ECMD: enhanced command
  localparam logic [11:0] VTD_REG_ECMD = 12'h400;
  localparam int unsigned VTD_ECMD_CMD_LSB = 32'd0;
  localparam int unsigned VTD_ECMD_CMD_MSB = 32'd7;
  localparam int unsigned VTD_ECMD_CMD_WIDTH = 32'd8;
  localparam int unsigned VTD_ECMD_OA_LSB = 32'd16;
  localparam int unsigned VTD_ECMD_OA_MSB = 32'd63;
  localparam int unsigned VTD_ECMD_OA_WIDTH = 32'd48;
  localparam logic [63:0] VTD_ECMD_RSVD_MASK = 64'h000000000000ff00;
  localparam logic [63:0] VTD_ECMD_WO_MASK = 64'hffffffffffff00ff;

  // ECEO: enhanced command, further operand
  localparam logic [11:0] VTD_REG_ECEO = 12'h408;
  localparam int unsigned VTD_ECEO_OB_LSB = 32'd0;
  localparam int unsigned VTD_ECEO_OB_MSB = 32'd63;
  localparam int unsigned VTD_ECEO_OB_WIDTH = 32'd64;
  localparam logic [63:0] VTD_ECEO_RSVD_MASK = 64'h0000000000000000;
  localparam logic [63:0] VTD_ECEO_WO_MASK = 64'hffffffffffffffff;

  // ECRSP: enhanced command response
  localparam logic [11:0] VTD_REG_ECRSP = 12'h410;
  localparam int unsigned VTD_ECRSP_IP_LSB = 32'd0;
  localparam int unsigned VTD_ECRSP_IP_MSB = 32'd0;
  localparam int unsigned VTD_ECRSP_IP_WIDTH = 32'd1;
  localparam int unsigned VTD_ECRSP_SC_LSB = 32'd1;
  localparam int unsigned VTD_ECRSP_SC_MSB = 32'd7;
  localparam int unsigned VTD_ECRSP_SC_WIDTH = 32'd7;
  localparam int unsigned VTD_ECRSP_RES_LSB = 32'd16;
  localparam int unsigned VTD_ECRSP_RES_MSB = 32'd63;
  localparam int unsigned VTD_ECRSP_RES_WIDTH = 32'd48;
  localparam logic [63:0] VTD_ECRSP_RSVD_MASK = 64'h000000000000ff00;
  localparam logic [63:0] VTD_ECRSP_RO_MASK = 64'hffffffffffff00ff;

  // ECSTS0: enhanced command status 0
  localparam logic [11:0] VTD_REG_ECSTS0 = 12'h420;
  localparam logic [63:0] VTD_ECSTS0_RSVD_MASK = 64'hffffffffffffffff;

  // ECSTS1: enhanced command status 1
  localparam logic [11:0] VTD_REG_ECSTS1 = 12'h428;
  localparam logic [63:0] VTD_ECSTS1_RSVD_MASK = 64'hffffffffffffffff;

  // ECCAP0: enhanced commands 0 to 63
  localparam logic [11:0] VTD_REG_ECCAP0 = 12'h430;
  localparam logic [63:0] VTD_ECCAP0_RSVD_MASK = 64'hffffffffffffffff;

  // ECCAP1: enhanced commands 64 to 127
  localparam logic [11:0] VTD_REG_ECCAP1 = 12'h438;
  localparam logic [63:0] VTD_ECCAP1_RSVD_MASK = 64'hffffffffffffffff;

  // ECCAP2: enhanced commands 128 to 191
  localparam logic [11:0] VTD_REG_ECCAP2 = 12'h440;
  localparam logic [63:0] VTD_ECCAP2_RSVD_MASK = 64'hffffffffffffffff;

  // ECCAP3: enhanced commands 192 to 255
  localparam logic [11:0] VTD_REG_ECCAP3 = 12'h448;
  localparam int unsigned VTD_ECCAP3_ECNTS_LSB = 32'd48;
  localparam int unsigned VTD_ECCAP3_ECNTS_MSB = 32'd48;
  localparam int unsigned VTD_ECCAP3_ECNTS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECCAP3_DCNTS_LSB = 32'd49;
  localparam int unsigned VTD_ECCAP3_DCNTS_MSB = 32'd49;
  localparam int unsigned VTD_ECCAP3_DCNTS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECCAP3_RCFGS_LSB = 32'd50;
  localparam int unsigned VTD_ECCAP3_RCFGS_MSB = 32'd50;
  localparam int unsigned VTD_ECCAP3_RCFGS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECCAP3_RCNTS_LSB = 32'd51;
  localparam int unsigned VTD_ECCAP3_RCNTS_MSB = 32'd51;
  localparam int unsigned VTD_ECCAP3_RCNTS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECCAP3_FCNTS_LSB = 32'd52;
  localparam int unsigned VTD_ECCAP3_FCNTS_MSB = 32'd52;
  localparam int unsigned VTD_ECCAP3_FCNTS_WIDTH = 32'd1;
  localparam int unsigned VTD_ECCAP3_UFCNTS_LSB = 32'd53;
  localparam int unsigned VTD_ECCAP3_UFCNTS_MSB = 32'd53;
  localparam int unsigned VTD_ECCAP3_UFCNTS_WIDTH = 32'd1;
  localparam logic [63:0] VTD_ECCAP3_RSVD_MASK = 64'hffc0ffffffffffff;
  localparam logic [63:0] VTD_ECCAP3_RO_MASK = 64'h003f000000000000;

  // VCMD: virtual command
  localparam logic [11:0] VTD_REG_VCMD = 12'he00;
  localparam int unsigned VTD_VCMD_CMD_LSB = 32'd0;
  localparam int unsigned VTD_VCMD_CMD_MSB = 32'd7;
  localparam int unsigned VTD_VCMD_CMD_WIDTH = 32'd8;
  localparam int unsigned VTD_VCMD_OA_LSB = 32'd16;
  localparam int unsigned VTD_VCMD_OA_MSB = 32'd63;
  localparam int unsigned VTD_VCMD_OA_WIDTH = 32'd48;
  localparam logic [63:0] VTD_VCMD_RSVD_MASK = 64'h000000000000ff00;
  localparam logic [63:0] VTD_VCMD_RW_MASK = 64'hffffffffffff00ff;

  // VCMD_EO: virtual command, extended operand
  localparam logic [11:0] VTD_REG_VCMD_EO = 12'he08;
  localparam int unsigned VTD_VCMD_EO_OB_LSB = 32'd0;
  localparam int unsigned VTD_VCMD_EO_OB_MSB = 32'd63;
  localparam int unsigned VTD_VCMD_EO_OB_WIDTH = 32'd64;
  localparam logic [63:0] VTD_VCMD_EO_RSVD_MASK = 64'h0000000000000000;
  localparam logic [63:0] VTD_VCMD_EO_RW_MASK = 64'hffffffffffffffff;

  // VCRSP: virtual command response
  localparam logic [11:0] VTD_REG_VCRSP = 12'he10;
  localparam int unsigned VTD_VCRSP_IP_LSB = 32'd0;
  localparam int unsigned VTD_VCRSP_IP_MSB = 32'd0;
  localparam int unsigned VTD_VCRSP_IP_WIDTH = 32'd1;
  localparam int unsigned VTD_VCRSP_SC_LSB = 32'd1;
  localparam int unsigned VTD_VCRSP_SC_MSB = 32'd7;
  localparam int unsigned VTD_VCRSP_SC_WIDTH = 32'd7;
  localparam int unsigned VTD_VCRSP_RSLT_LSB = 32'd16;
  localparam int unsigned VTD_VCRSP_RSLT_MSB = 32'd63;
  localparam int unsigned VTD_VCRSP_RSLT_WIDTH = 32'd48;
  localparam logic [63:0] VTD_VCRSP_RSVD_MASK = 64'h000000000000ff00;
  localparam logic [63:0] VTD_VCRSP_RO_MASK = 64'hffffffffffff00ff;

  // VCCAP: virtual command capabilities
  localparam logic [11:0] VTD_REG_VCCAP = 12'he30;
  localparam int unsigned VTD_VCCAP_NS_LSB = 32'd0;
  localparam int unsigned VTD_VCCAP_NS_MSB = 32'd0;
  localparam int unsigned VTD_VCCAP_NS_WIDTH = 32'd1;
  localparam int unsigned VTD_VCCAP_PAS_LSB = 32'd1;
  localparam int unsigned VTD_VCCAP_PAS_MSB = 32'd1;
  localparam int unsigned VTD_VCCAP_PAS_WIDTH = 32'd1;
  localparam int unsigned VTD_VCCAP_FPS_LSB = 32'd2;
  localparam int unsigned VTD_VCCAP_FPS_MSB = 32'd2;
  localparam int unsigned VTD_VCCAP_FPS_WIDTH = 32'd1;
  localparam logic [63:0] VTD_VCCAP_RSVD_MASK = 64'hfffffffffffffff8;
  localparam logic [63:0] VTD_VCCAP_RO_MASK = 64'h0000000000000007;

  // OLD_VCCAP: virtual command capabilities (block at E00 before revision 3.3)
  localparam logic [11:0] VTD_REG_OLD_VCCAP = 12'h000;
  localparam int unsigned VTD_OLD_VCCAP_PAS_LSB = 32'd0;
  localparam int unsigned VTD_OLD_VCCAP_PAS_MSB = 32'd0;
  localparam int unsigned VTD_OLD_VCCAP_PAS_WIDTH = 32'd1;
  localparam logic [63:0] VTD_OLD_VCCAP_RSVD_MASK = 64'hfffffffffffffffe;
  localparam logic [63:0] VTD_OLD_VCCAP_RO_MASK = 64'h0000000000000001;

  // OLD_VCMD: virtual command (block at E00 before revision 3.3)
  localparam logic [11:0] VTD_REG_OLD_VCMD = 12'h010;
  localparam int unsigned VTD_OLD_VCMD_CMD_LSB = 32'd0;
  localparam int unsigned VTD_OLD_VCMD_CMD_MSB = 32'd7;
  localparam int unsigned VTD_OLD_VCMD_CMD_WIDTH = 32'd8;
  localparam int unsigned VTD_OLD_VCMD_OP_LSB = 32'd8;
  localparam int unsigned VTD_OLD_VCMD_OP_MSB = 32'd63;
  localparam int unsigned VTD_OLD_VCMD_OP_WIDTH = 32'd56;
  localparam logic [63:0] VTD_OLD_VCMD_RSVD_MASK = 64'h0000000000000000;
  localparam logic [63:0] VTD_OLD_VCMD_RW_MASK = 64'hffffffffffffffff;

  // OLD_VCRSP: virtual command response (block at E00 before revision 3.3)
  localparam logic [11:0] VTD_REG_OLD_VCRSP = 12'h020;
  localparam int unsigned VTD_OLD_VCRSP_IP_LSB = 32'd0;
  localparam int unsigned VTD_OLD_VCRSP_IP_MSB = 32'd0;
  localparam int unsigned VTD_OLD_VCRSP_IP_WIDTH = 32'd1;
  localparam int unsigned VTD_OLD_VCRSP_SC_LSB = 32'd1;
  localparam int unsigned VTD_OLD_VCRSP_SC_MSB = 32'd2;
  localparam int unsigned VTD_OLD_VCRSP_SC_WIDTH = 32'd2;
  localparam int unsigned VTD_OLD_VCRSP_RSLT_LSB = 32'd8;
  localparam int unsigned VTD_OLD_VCRSP_RSLT_MSB = 32'd63;
  localparam int unsigned VTD_OLD_VCRSP_RSLT_WIDTH = 32'd56;
  localparam logic [63:0] VTD_OLD_VCRSP_RSVD_MASK = 64'h00000000000000f8;
  localparam logic [63:0] VTD_OLD_VCRSP_RO_MASK = 64'hffffffffffffff07;

  // IVA: invalidate address (block at 16*IRO)
  localparam logic [11:0] VTD_REG_IVA = 12'h000;
  localparam int unsigned VTD_IVA_AM_LSB = 32'd0;
  localparam int unsigned VTD_IVA_AM_MSB = 32'd5;
  localparam int unsigned VTD_IVA_AM_WIDTH = 32'd6;
  localparam int unsigned VTD_IVA_IH_LSB = 32'd6;
  localparam int unsigned VTD_IVA_IH_MSB = 32'd6;
  localparam int unsigned VTD_IVA_IH_WIDTH = 32'd1;
  localparam int unsigned VTD_IVA_ADDR_LSB = 32'd12;
  localparam int unsigned VTD_IVA_ADDR_MSB = 32'd63;
  localparam int unsigned VTD_IVA_ADDR_WIDTH = 32'd52;
  localparam logic [63:0] VTD_IVA_RSVD_MASK = 64'h0000000000000f80;
  localparam logic [63:0] VTD_IVA_WO_MASK = 64'hfffffffffffff07f;

  // IOTLB_REG: IOTLB invalidate (block at 16*IRO)
  localparam logic [11:0] VTD_REG_IOTLB_REG = 12'h008;
  localparam int unsigned VTD_IOTLB_REG_DID_LSB = 32'd32;
  localparam int unsigned VTD_IOTLB_REG_DID_MSB = 32'd47;
  localparam int unsigned VTD_IOTLB_REG_DID_WIDTH = 32'd16;
  localparam int unsigned VTD_IOTLB_REG_DW_LSB = 32'd48;
  localparam int unsigned VTD_IOTLB_REG_DW_MSB = 32'd48;
  localparam int unsigned VTD_IOTLB_REG_DW_WIDTH = 32'd1;
  localparam int unsigned VTD_IOTLB_REG_DR_LSB = 32'd49;
  localparam int unsigned VTD_IOTLB_REG_DR_MSB = 32'd49;
  localparam int unsigned VTD_IOTLB_REG_DR_WIDTH = 32'd1;
  localparam int unsigned VTD_IOTLB_REG_IAIG_LSB = 32'd57;
  localparam int unsigned VTD_IOTLB_REG_IAIG_MSB = 32'd58;
  localparam int unsigned VTD_IOTLB_REG_IAIG_WIDTH = 32'd2;
  localparam int unsigned VTD_IOTLB_REG_IIRG_LSB = 32'd60;
  localparam int unsigned VTD_IOTLB_REG_IIRG_MSB = 32'd61;
  localparam int unsigned VTD_IOTLB_REG_IIRG_WIDTH = 32'd2;
  localparam int unsigned VTD_IOTLB_REG_IVT_LSB = 32'd63;
  localparam int unsigned VTD_IOTLB_REG_IVT_MSB = 32'd63;
  localparam int unsigned VTD_IOTLB_REG_IVT_WIDTH = 32'd1;
  localparam logic [63:0] VTD_IOTLB_REG_RSVD_MASK = 64'h49fc0000ffffffff;
  localparam logic [63:0] VTD_IOTLB_REG_RW_MASK = 64'hb003ffff00000000;
  localparam logic [63:0] VTD_IOTLB_REG_RO_MASK = 64'h0600000000000000;

  // FRCD_LO: fault record, low half (block at 16*FRO)
  localparam logic [11:0] VTD_REG_FRCD_LO = 12'h000;
  localparam int unsigned VTD_FRCD_LO_FI_LSB = 32'd12;
  localparam int unsigned VTD_FRCD_LO_FI_MSB = 32'd63;
  localparam int unsigned VTD_FRCD_LO_FI_WIDTH = 32'd52;
  localparam logic [63:0] VTD_FRCD_LO_RSVD_MASK = 64'h0000000000000fff;
  localparam logic [63:0] VTD_FRCD_LO_ROS_MASK = 64'hfffffffffffff000;

  // FRCD_HI: fault record, high half (block at 16*FRO)
  localparam logic [11:0] VTD_REG_FRCD_HI = 12'h008;
  localparam int unsigned VTD_FRCD_HI_SID_LSB = 32'd0;
  localparam int unsigned VTD_FRCD_HI_SID_MSB = 32'd15;
  localparam int unsigned VTD_FRCD_HI_SID_WIDTH = 32'd16;
  localparam int unsigned VTD_FRCD_HI_T2_LSB = 32'd28;
  localparam int unsigned VTD_FRCD_HI_T2_MSB = 32'd28;
  localparam int unsigned VTD_FRCD_HI_T2_WIDTH = 32'd1;
  localparam int unsigned VTD_FRCD_HI_PRIV_LSB = 32'd29;
  localparam int unsigned VTD_FRCD_HI_PRIV_MSB = 32'd29;
  localparam int unsigned VTD_FRCD_HI_PRIV_WIDTH = 32'd1;
  localparam int unsigned VTD_FRCD_HI_EXE_LSB = 32'd30;
  localparam int unsigned VTD_FRCD_HI_EXE_MSB = 32'd30;
  localparam int unsigned VTD_FRCD_HI_EXE_WIDTH = 32'd1;
  localparam int unsigned VTD_FRCD_HI_PP_LSB = 32'd31;
  localparam int unsigned VTD_FRCD_HI_PP_MSB = 32'd31;
  localparam int unsigned VTD_FRCD_HI_PP_WIDTH = 32'd1;
  localparam int unsigned VTD_FRCD_HI_FR_LSB = 32'd32;
  localparam int unsigned VTD_FRCD_HI_FR_MSB = 32'd39;
  localparam int unsigned VTD_FRCD_HI_FR_WIDTH = 32'd8;
  localparam int unsigned VTD_FRCD_HI_PV_LSB = 32'd40;
  localparam int unsigned VTD_FRCD_HI_PV_MSB = 32'd59;
  localparam int unsigned VTD_FRCD_HI_PV_WIDTH = 32'd20;
  localparam int unsigned VTD_FRCD_HI_AT_LSB = 32'd60;
  localparam int unsigned VTD_FRCD_HI_AT_MSB = 32'd61;
  localparam int unsigned VTD_FRCD_HI_AT_WIDTH = 32'd2;
  localparam int unsigned VTD_FRCD_HI_T1_LSB = 32'd62;
  localparam int unsigned VTD_FRCD_HI_T1_MSB = 32'd62;
  localparam int unsigned VTD_FRCD_HI_T1_WIDTH = 32'd1;
  localparam int unsigned VTD_FRCD_HI_F_LSB = 32'd63;
  localparam int unsigned VTD_FRCD_HI_F_MSB = 32'd63;
  localparam int unsigned VTD_FRCD_HI_F_WIDTH = 32'd1;
  localparam logic [63:0] VTD_FRCD_HI_RSVD_MASK = 64'h000000000fff0000;
  localparam logic [63:0] VTD_FRCD_HI_ROS_MASK = 64'h7ffffffff000ffff;
  localparam logic [63:0] VTD_FRCD_HI_RW1CS_MASK = 64'h8000000000000000;

  // PERFCNTRCFG: counter configuration (block at PERFCFGOFF)
  localparam logic [11:0] VTD_REG_PERFCNTRCFG = 12'h000;
  localparam int unsigned VTD_PERFCNTRCFG_EN_LSB = 32'd0;
  localparam int unsigned VTD_PERFCNTRCFG_EN_MSB = 32'd0;
  localparam int unsigned VTD_PERFCNTRCFG_EN_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCNTRCFG_IO_LSB = 32'd1;
  localparam int unsigned VTD_PERFCNTRCFG_IO_MSB = 32'd1;
  localparam int unsigned VTD_PERFCNTRCFG_IO_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCNTRCFG_GFO_LSB = 32'd2;
  localparam int unsigned VTD_PERFCNTRCFG_GFO_MSB = 32'd2;
  localparam int unsigned VTD_PERFCNTRCFG_GFO_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCNTRCFG_EGI_LSB = 32'd8;
  localparam int unsigned VTD_PERFCNTRCFG_EGI_MSB = 32'd11;
  localparam int unsigned VTD_PERFCNTRCFG_EGI_WIDTH = 32'd4;
  localparam int unsigned VTD_PERFCNTRCFG_ES_LSB = 32'd32;
  localparam int unsigned VTD_PERFCNTRCFG_ES_MSB = 32'd59;
  localparam int unsigned VTD_PERFCNTRCFG_ES_WIDTH = 32'd28;
  localparam logic [63:0] VTD_PERFCNTRCFG_RSVD_MASK = 64'hf0000000fffff0f8;
  localparam logic [63:0] VTD_PERFCNTRCFG_RO_MASK = 64'h0000000000000001;
  localparam logic [63:0] VTD_PERFCNTRCFG_RW_MASK = 64'h0fffffff00000f06;

  // PERFCNTRRID: requester-id filter (block at PERFCFGOFF)
  localparam logic [11:0] VTD_REG_PERFCNTRRID = 12'h008;
  localparam int unsigned VTD_PERFCNTRRID_RID_LSB = 32'd0;
  localparam int unsigned VTD_PERFCNTRRID_RID_MSB = 32'd15;
  localparam int unsigned VTD_PERFCNTRRID_RID_WIDTH = 32'd16;
  localparam int unsigned VTD_PERFCNTRRID_EN_LSB = 32'd31;
  localparam int unsigned VTD_PERFCNTRRID_EN_MSB = 32'd31;
  localparam int unsigned VTD_PERFCNTRRID_EN_WIDTH = 32'd1;
  localparam logic [31:0] VTD_PERFCNTRRID_RSVD_MASK = 32'h7fff0000;
  localparam logic [31:0] VTD_PERFCNTRRID_RW_MASK = 32'h8000ffff;

  // PERFCNTRDID: domain-id filter (block at PERFCFGOFF)
  localparam logic [11:0] VTD_REG_PERFCNTRDID = 12'h00c;
  localparam int unsigned VTD_PERFCNTRDID_DID_LSB = 32'd0;
  localparam int unsigned VTD_PERFCNTRDID_DID_MSB = 32'd15;
  localparam int unsigned VTD_PERFCNTRDID_DID_WIDTH = 32'd16;
  localparam int unsigned VTD_PERFCNTRDID_EN_LSB = 32'd31;
  localparam int unsigned VTD_PERFCNTRDID_EN_MSB = 32'd31;
  localparam int unsigned VTD_PERFCNTRDID_EN_WIDTH = 32'd1;
  localparam logic [31:0] VTD_PERFCNTRDID_RSVD_MASK = 32'h7fff0000;
  localparam logic [31:0] VTD_PERFCNTRDID_RW_MASK = 32'h8000ffff;

  // PERFCNTRPASID: PASID filter (block at PERFCFGOFF)
  localparam logic [11:0] VTD_REG_PERFCNTRPASID = 12'h010;
  localparam int unsigned VTD_PERFCNTRPASID_PASID_LSB = 32'd0;
  localparam int unsigned VTD_PERFCNTRPASID_PASID_MSB = 32'd19;
  localparam int unsigned VTD_PERFCNTRPASID_PASID_WIDTH = 32'd20;
  localparam int unsigned VTD_PERFCNTRPASID_MODE_LSB = 32'd20;
  localparam int unsigned VTD_PERFCNTRPASID_MODE_MSB = 32'd21;
  localparam int unsigned VTD_PERFCNTRPASID_MODE_WIDTH = 32'd2;
  localparam int unsigned VTD_PERFCNTRPASID_EN_LSB = 32'd31;
  localparam int unsigned VTD_PERFCNTRPASID_EN_MSB = 32'd31;
  localparam int unsigned VTD_PERFCNTRPASID_EN_WIDTH = 32'd1;
  localparam logic [31:0] VTD_PERFCNTRPASID_RSVD_MASK = 32'h7fc00000;
  localparam logic [31:0] VTD_PERFCNTRPASID_RW_MASK = 32'h803fffff;

  // PERFCNTRAT: address type filter (block at PERFCFGOFF)
  localparam logic [11:0] VTD_REG_PERFCNTRAT = 12'h014;
  localparam int unsigned VTD_PERFCNTRAT_AT_LSB = 32'd0;
  localparam int unsigned VTD_PERFCNTRAT_AT_MSB = 32'd4;
  localparam int unsigned VTD_PERFCNTRAT_AT_WIDTH = 32'd5;
  localparam int unsigned VTD_PERFCNTRAT_EN_LSB = 32'd31;
  localparam int unsigned VTD_PERFCNTRAT_EN_MSB = 32'd31;
  localparam int unsigned VTD_PERFCNTRAT_EN_WIDTH = 32'd1;
  localparam logic [31:0] VTD_PERFCNTRAT_RSVD_MASK = 32'h7fffffe0;
  localparam logic [31:0] VTD_PERFCNTRAT_RW_MASK = 32'h8000001f;

  // PERFCNTRPTL: page table level filter (block at PERFCFGOFF)
  localparam logic [11:0] VTD_REG_PERFCNTRPTL = 12'h018;
  localparam int unsigned VTD_PERFCNTRPTL_PTL_LSB = 32'd0;
  localparam int unsigned VTD_PERFCNTRPTL_PTL_MSB = 32'd4;
  localparam int unsigned VTD_PERFCNTRPTL_PTL_WIDTH = 32'd5;
  localparam int unsigned VTD_PERFCNTRPTL_EN_LSB = 32'd31;
  localparam int unsigned VTD_PERFCNTRPTL_EN_MSB = 32'd31;
  localparam int unsigned VTD_PERFCNTRPTL_EN_WIDTH = 32'd1;
  localparam logic [31:0] VTD_PERFCNTRPTL_RSVD_MASK = 32'h7fffffe0;
  localparam logic [31:0] VTD_PERFCNTRPTL_RW_MASK = 32'h8000001f;

  // PERFCNTRCAP: counter capabilities (block at PERFCFGOFF)
  localparam logic [11:0] VTD_REG_PERFCNTRCAP = 12'h080;
  localparam int unsigned VTD_PERFCNTRCAP_PCC_LSB = 32'd0;
  localparam int unsigned VTD_PERFCNTRCAP_PCC_MSB = 32'd0;
  localparam int unsigned VTD_PERFCNTRCAP_PCC_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCNTRCAP_CW_LSB = 32'd8;
  localparam int unsigned VTD_PERFCNTRCAP_CW_MSB = 32'd15;
  localparam int unsigned VTD_PERFCNTRCAP_CW_WIDTH = 32'd8;
  localparam int unsigned VTD_PERFCNTRCAP_IOS_LSB = 32'd16;
  localparam int unsigned VTD_PERFCNTRCAP_IOS_MSB = 32'd16;
  localparam int unsigned VTD_PERFCNTRCAP_IOS_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCNTRCAP_GFS_LSB = 32'd17;
  localparam int unsigned VTD_PERFCNTRCAP_GFS_MSB = 32'd17;
  localparam int unsigned VTD_PERFCNTRCAP_GFS_WIDTH = 32'd1;
  localparam int unsigned VTD_PERFCNTRCAP_EGCNT_LSB = 32'd28;
  localparam int unsigned VTD_PERFCNTRCAP_EGCNT_MSB = 32'd31;
  localparam int unsigned VTD_PERFCNTRCAP_EGCNT_WIDTH = 32'd4;
  localparam logic [31:0] VTD_PERFCNTRCAP_RSVD_MASK = 32'h0ffc00fe;
  localparam logic [31:0] VTD_PERFCNTRCAP_RO_MASK = 32'hf003ff01;

  // PERFCNTREVCAP: events of the counter; the next 4 bytes further (block at PERFCFGOFF)
  localparam logic [11:0] VTD_REG_PERFCNTREVCAP = 12'h084;
  localparam int unsigned VTD_PERFCNTREVCAP_ES_LSB = 32'd0;
  localparam int unsigned VTD_PERFCNTREVCAP_ES_MSB = 32'd27;
  localparam int unsigned VTD_PERFCNTREVCAP_ES_WIDTH = 32'd28;
  localparam int unsigned VTD_PERFCNTREVCAP_EGI_LSB = 32'd28;
  localparam int unsigned VTD_PERFCNTREVCAP_EGI_MSB = 32'd31;
  localparam int unsigned VTD_PERFCNTREVCAP_EGI_WIDTH = 32'd4;
  localparam logic [31:0] VTD_PERFCNTREVCAP_RSVD_MASK = 32'h00000000;
  localparam logic [31:0] VTD_PERFCNTREVCAP_RO_MASK = 32'hffffffff;

  // PERFCNTRFRZ: freeze status (at PERFFRZOFF)
  localparam logic [11:0] VTD_REG_PERFCNTRFRZ = 12'h000;
  localparam int unsigned VTD_PERFCNTRFRZ_F_LSB = 32'd0;
  localparam int unsigned VTD_PERFCNTRFRZ_F_MSB = 32'd63;
  localparam int unsigned VTD_PERFCNTRFRZ_F_WIDTH = 32'd64;
  localparam logic [63:0] VTD_PERFCNTRFRZ_RSVD_MASK = 64'h0000000000000000;
  localparam logic [63:0] VTD_PERFCNTRFRZ_RO_MASK = 64'hffffffffffffffff;

  // PERFCNTROVF: overflow status (at PERFOVFOFF)
  localparam logic [11:0] VTD_REG_PERFCNTROVF = 12'h000;
  localparam int unsigned VTD_PERFCNTROVF_O_LSB = 32'd0;
  localparam int unsigned VTD_PERFCNTROVF_O_MSB = 32'd63;
  localparam int unsigned VTD_PERFCNTROVF_O_WIDTH = 32'd64;
  localparam logic [63:0] VTD_PERFCNTROVF_RSVD_MASK = 64'h0000000000000000;
  localparam logic [63:0] VTD_PERFCNTROVF_RW1C_MASK = 64'hffffffffffffffff;

  // PERFCNTRVAL: counter (at PERFCNTROFF, 2^(CS+10) bytes apart)
  localparam logic [11:0] VTD_REG_PERFCNTRVAL = 12'h000;
  localparam int unsigned VTD_PERFCNTRVAL_CV_LSB = 32'd0;
  localparam int unsigned VTD_PERFCNTRVAL_CV_MSB = 32'd63;
  localparam int unsigned VTD_PERFCNTRVAL_CV_WIDTH = 32'd64;
  localparam logic [63:0] VTD_PERFCNTRVAL_RSVD_MASK = 64'h0000000000000000;
  localparam logic [63:0] VTD_PERFCNTRVAL_RW_MASK = 64'hffffffffffffffff;

  // In-memory structures.

  // LEGACY_ROOT: legacy root entry (ref 2.1)
  localparam int unsigned VTD_LEGACY_ROOT_QWORDS = 32'd2;
  localparam int unsigned VTD_LEGACY_ROOT_BYTES = 32'd16;
  localparam int unsigned VTD_LEGACY_ROOT_P_LSB = 32'd0;
  localparam int unsigned VTD_LEGACY_ROOT_P_MSB = 32'd0;
  localparam int unsigned VTD_LEGACY_ROOT_P_WIDTH = 32'd1;
  localparam int unsigned VTD_LEGACY_ROOT_CTP_LSB = 32'd12;
  localparam int unsigned VTD_LEGACY_ROOT_CTP_MSB = 32'd63;
  localparam int unsigned VTD_LEGACY_ROOT_CTP_WIDTH = 32'd52;
  localparam logic [127:0] VTD_LEGACY_ROOT_RSVD_MASK = 128'hffffffffffffffff_0000000000000ffe;
  localparam logic [127:0] VTD_LEGACY_ROOT_KIND_ADDR_MASK = 128'h0000000000000000_fffffffffffff000;

  // LEGACY_CONTEXT: legacy context entry (ref 2.1)
  localparam int unsigned VTD_LEGACY_CONTEXT_QWORDS = 32'd2;
  localparam int unsigned VTD_LEGACY_CONTEXT_BYTES = 32'd16;
  localparam int unsigned VTD_LEGACY_CONTEXT_P_LSB = 32'd0;
  localparam int unsigned VTD_LEGACY_CONTEXT_P_MSB = 32'd0;
  localparam int unsigned VTD_LEGACY_CONTEXT_P_WIDTH = 32'd1;
  localparam int unsigned VTD_LEGACY_CONTEXT_FPD_LSB = 32'd1;
  localparam int unsigned VTD_LEGACY_CONTEXT_FPD_MSB = 32'd1;
  localparam int unsigned VTD_LEGACY_CONTEXT_FPD_WIDTH = 32'd1;
  localparam int unsigned VTD_LEGACY_CONTEXT_TT_LSB = 32'd2;
  localparam int unsigned VTD_LEGACY_CONTEXT_TT_MSB = 32'd3;
  localparam int unsigned VTD_LEGACY_CONTEXT_TT_WIDTH = 32'd2;
  localparam int unsigned VTD_LEGACY_CONTEXT_SSPTPTR_LSB = 32'd12;
  localparam int unsigned VTD_LEGACY_CONTEXT_SSPTPTR_MSB = 32'd63;
  localparam int unsigned VTD_LEGACY_CONTEXT_SSPTPTR_WIDTH = 32'd52;
  localparam int unsigned VTD_LEGACY_CONTEXT_AW_LSB = 32'd64;
  localparam int unsigned VTD_LEGACY_CONTEXT_AW_MSB = 32'd66;
  localparam int unsigned VTD_LEGACY_CONTEXT_AW_WIDTH = 32'd3;
  localparam int unsigned VTD_LEGACY_CONTEXT_IGN_LSB = 32'd67;
  localparam int unsigned VTD_LEGACY_CONTEXT_IGN_MSB = 32'd70;
  localparam int unsigned VTD_LEGACY_CONTEXT_IGN_WIDTH = 32'd4;
  localparam int unsigned VTD_LEGACY_CONTEXT_DID_LSB = 32'd72;
  localparam int unsigned VTD_LEGACY_CONTEXT_DID_MSB = 32'd87;
  localparam int unsigned VTD_LEGACY_CONTEXT_DID_WIDTH = 32'd16;
  localparam logic [127:0] VTD_LEGACY_CONTEXT_RSVD_MASK = 128'hffffffffff000080_0000000000000ff0;
  localparam logic [127:0] VTD_LEGACY_CONTEXT_KIND_ADDR_MASK = 128'h0000000000000000_fffffffffffff000;
  localparam logic [127:0] VTD_LEGACY_CONTEXT_KIND_IGNORED_MASK = 128'h0000000000000078_0000000000000000;

  // SM_ROOT: scalable-mode root entry (ref 2.2)
  localparam int unsigned VTD_SM_ROOT_QWORDS = 32'd2;
  localparam int unsigned VTD_SM_ROOT_BYTES = 32'd16;
  localparam int unsigned VTD_SM_ROOT_LP_LSB = 32'd0;
  localparam int unsigned VTD_SM_ROOT_LP_MSB = 32'd0;
  localparam int unsigned VTD_SM_ROOT_LP_WIDTH = 32'd1;
  localparam int unsigned VTD_SM_ROOT_LCTP_LSB = 32'd12;
  localparam int unsigned VTD_SM_ROOT_LCTP_MSB = 32'd63;
  localparam int unsigned VTD_SM_ROOT_LCTP_WIDTH = 32'd52;
  localparam int unsigned VTD_SM_ROOT_UP_LSB = 32'd64;
  localparam int unsigned VTD_SM_ROOT_UP_MSB = 32'd64;
  localparam int unsigned VTD_SM_ROOT_UP_WIDTH = 32'd1;
  localparam int unsigned VTD_SM_ROOT_UCTP_LSB = 32'd76;
  localparam int unsigned VTD_SM_ROOT_UCTP_MSB = 32'd127;
  localparam int unsigned VTD_SM_ROOT_UCTP_WIDTH = 32'd52;
  localparam logic [127:0] VTD_SM_ROOT_RSVD_MASK = 128'h0000000000000ffe_0000000000000ffe;

  // SM_CONTEXT: scalable-mode context entry (ref 2.3)
  localparam int unsigned VTD_SM_CONTEXT_QWORDS = 32'd4;
  localparam int unsigned VTD_SM_CONTEXT_BYTES = 32'd32;
  localparam int unsigned VTD_SM_CONTEXT_P_LSB = 32'd0;
  localparam int unsigned VTD_SM_CONTEXT_P_MSB = 32'd0;
  localparam int unsigned VTD_SM_CONTEXT_P_WIDTH = 32'd1;
  localparam int unsigned VTD_SM_CONTEXT_FPD_LSB = 32'd1;
  localparam int unsigned VTD_SM_CONTEXT_FPD_MSB = 32'd1;
  localparam int unsigned VTD_SM_CONTEXT_FPD_WIDTH = 32'd1;
  localparam int unsigned VTD_SM_CONTEXT_DTE_LSB = 32'd2;
  localparam int unsigned VTD_SM_CONTEXT_DTE_MSB = 32'd2;
  localparam int unsigned VTD_SM_CONTEXT_DTE_WIDTH = 32'd1;
  localparam int unsigned VTD_SM_CONTEXT_PASIDE_LSB = 32'd3;
  localparam int unsigned VTD_SM_CONTEXT_PASIDE_MSB = 32'd3;
  localparam int unsigned VTD_SM_CONTEXT_PASIDE_WIDTH = 32'd1;
  localparam int unsigned VTD_SM_CONTEXT_PRE_LSB = 32'd4;
  localparam int unsigned VTD_SM_CONTEXT_PRE_MSB = 32'd4;
  localparam int unsigned VTD_SM_CONTEXT_PRE_WIDTH = 32'd1;
  localparam int unsigned VTD_SM_CONTEXT_HPTE_LSB = 32'd5;
  localparam int unsigned VTD_SM_CONTEXT_HPTE_MSB = 32'd5;
  localparam int unsigned VTD_SM_CONTEXT_HPTE_WIDTH = 32'd1;
  localparam int unsigned VTD_SM_CONTEXT_EPTR_LSB = 32'd6;
  localparam int unsigned VTD_SM_CONTEXT_EPTR_MSB = 32'd6;
  localparam int unsigned VTD_SM_CONTEXT_EPTR_WIDTH = 32'd1;
  localparam int unsigned VTD_SM_CONTEXT_PDTS_LSB = 32'd9;
  localparam int unsigned VTD_SM_CONTEXT_PDTS_MSB = 32'd11;
  localparam int unsigned VTD_SM_CONTEXT_PDTS_WIDTH = 32'd3;
  localparam int unsigned VTD_SM_CONTEXT_PASIDDIRPTR_LSB = 32'd12;
  localparam int unsigned VTD_SM_CONTEXT_PASIDDIRPTR_MSB = 32'd63;
  localparam int unsigned VTD_SM_CONTEXT_PASIDDIRPTR_WIDTH = 32'd52;
  localparam int unsigned VTD_SM_CONTEXT_RID_PASID_LSB = 32'd64;
  localparam int unsigned VTD_SM_CONTEXT_RID_PASID_MSB = 32'd83;
  localparam int unsigned VTD_SM_CONTEXT_RID_PASID_WIDTH = 32'd20;
  localparam int unsigned VTD_SM_CONTEXT_RID_PRIV_LSB = 32'd84;
  localparam int unsigned VTD_SM_CONTEXT_RID_PRIV_MSB = 32'd84;
  localparam int unsigned VTD_SM_CONTEXT_RID_PRIV_WIDTH = 32'd1;
  localparam logic [255:0] VTD_SM_CONTEXT_RSVD_MASK = 256'hffffffffffffffff_ffffffffffffffff_ffffffffffe00000_0000000000000180;
  localparam logic [255:0] VTD_SM_CONTEXT_KIND_DT_MASK = 256'h0000000000000000_0000000000000000_0000000000000000_0000000000000004;
  localparam logic [255:0] VTD_SM_CONTEXT_KIND_PASID_MASK = 256'h0000000000000000_0000000000000000_0000000000000000_0000000000000008;
  localparam logic [255:0] VTD_SM_CONTEXT_KIND_PRS_MASK = 256'h0000000000000000_0000000000000000_0000000000000000_0000000000000010;
  localparam logic [255:0] VTD_SM_CONTEXT_KIND_HPTS_MASK = 256'h0000000000000000_0000000000000000_0000000000000000_0000000000000020;
  localparam logic [255:0] VTD_SM_CONTEXT_KIND_PTRS_MASK = 256'h0000000000000000_0000000000000000_0000000000000000_0000000000000040;
  localparam logic [255:0] VTD_SM_CONTEXT_KIND_RPS_MASK = 256'h0000000000000000_0000000000000000_00000000000fffff_0000000000000000;
  localparam logic [255:0] VTD_SM_CONTEXT_KIND_RPRIVS_MASK = 256'h0000000000000000_0000000000000000_0000000000100000_0000000000000000;

  // PASID_DIR: PASID directory entry (ref 2.4)
  localparam int unsigned VTD_PASID_DIR_QWORDS = 32'd1;
  localparam int unsigned VTD_PASID_DIR_BYTES = 32'd8;
  localparam int unsigned VTD_PASID_DIR_P_LSB = 32'd0;
  localparam int unsigned VTD_PASID_DIR_P_MSB = 32'd0;
  localparam int unsigned VTD_PASID_DIR_P_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_DIR_FPD_LSB = 32'd1;
  localparam int unsigned VTD_PASID_DIR_FPD_MSB = 32'd1;
  localparam int unsigned VTD_PASID_DIR_FPD_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_DIR_SMPTBLPTR_LSB = 32'd12;
  localparam int unsigned VTD_PASID_DIR_SMPTBLPTR_MSB = 32'd63;
  localparam int unsigned VTD_PASID_DIR_SMPTBLPTR_WIDTH = 32'd52;
  localparam logic [63:0] VTD_PASID_DIR_RSVD_MASK = 64'h0000000000000ffc;
  localparam logic [63:0] VTD_PASID_DIR_KIND_ADDR_MASK = 64'hfffffffffffff000;

  // PASID_ENTRY: PASID table entry (ref 2.5)
  localparam int unsigned VTD_PASID_ENTRY_QWORDS = 32'd8;
  localparam int unsigned VTD_PASID_ENTRY_BYTES = 32'd64;
  localparam int unsigned VTD_PASID_ENTRY_P_LSB = 32'd0;
  localparam int unsigned VTD_PASID_ENTRY_P_MSB = 32'd0;
  localparam int unsigned VTD_PASID_ENTRY_P_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_FPD_LSB = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_FPD_MSB = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_FPD_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_AW_LSB = 32'd2;
  localparam int unsigned VTD_PASID_ENTRY_AW_MSB = 32'd4;
  localparam int unsigned VTD_PASID_ENTRY_AW_WIDTH = 32'd3;
  localparam int unsigned VTD_PASID_ENTRY_SLEE_LSB = 32'd5;
  localparam int unsigned VTD_PASID_ENTRY_SLEE_MSB = 32'd5;
  localparam int unsigned VTD_PASID_ENTRY_SLEE_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_PGTT_LSB = 32'd6;
  localparam int unsigned VTD_PASID_ENTRY_PGTT_MSB = 32'd8;
  localparam int unsigned VTD_PASID_ENTRY_PGTT_WIDTH = 32'd3;
  localparam int unsigned VTD_PASID_ENTRY_SSADE_LSB = 32'd9;
  localparam int unsigned VTD_PASID_ENTRY_SSADE_MSB = 32'd9;
  localparam int unsigned VTD_PASID_ENTRY_SSADE_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_SSPTPTR_LSB = 32'd12;
  localparam int unsigned VTD_PASID_ENTRY_SSPTPTR_MSB = 32'd63;
  localparam int unsigned VTD_PASID_ENTRY_SSPTPTR_WIDTH = 32'd52;
  localparam int unsigned VTD_PASID_ENTRY_DID_LSB = 32'd64;
  localparam int unsigned VTD_PASID_ENTRY_DID_MSB = 32'd79;
  localparam int unsigned VTD_PASID_ENTRY_DID_WIDTH = 32'd16;
  localparam int unsigned VTD_PASID_ENTRY_PWSNP_LSB = 32'd87;
  localparam int unsigned VTD_PASID_ENTRY_PWSNP_MSB = 32'd87;
  localparam int unsigned VTD_PASID_ENTRY_PWSNP_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_PGSNP_LSB = 32'd88;
  localparam int unsigned VTD_PASID_ENTRY_PGSNP_MSB = 32'd88;
  localparam int unsigned VTD_PASID_ENTRY_PGSNP_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_CD_LSB = 32'd89;
  localparam int unsigned VTD_PASID_ENTRY_CD_MSB = 32'd89;
  localparam int unsigned VTD_PASID_ENTRY_CD_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_EMTE_LSB = 32'd90;
  localparam int unsigned VTD_PASID_ENTRY_EMTE_MSB = 32'd90;
  localparam int unsigned VTD_PASID_ENTRY_EMTE_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_EMT_LSB = 32'd91;
  localparam int unsigned VTD_PASID_ENTRY_EMT_MSB = 32'd93;
  localparam int unsigned VTD_PASID_ENTRY_EMT_WIDTH = 32'd3;
  localparam int unsigned VTD_PASID_ENTRY_PWT_LSB = 32'd94;
  localparam int unsigned VTD_PASID_ENTRY_PWT_MSB = 32'd94;
  localparam int unsigned VTD_PASID_ENTRY_PWT_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_PCD_LSB = 32'd95;
  localparam int unsigned VTD_PASID_ENTRY_PCD_MSB = 32'd95;
  localparam int unsigned VTD_PASID_ENTRY_PCD_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_PAT_LSB = 32'd96;
  localparam int unsigned VTD_PASID_ENTRY_PAT_MSB = 32'd127;
  localparam int unsigned VTD_PASID_ENTRY_PAT_WIDTH = 32'd32;
  localparam int unsigned VTD_PASID_ENTRY_SRE_LSB = 32'd128;
  localparam int unsigned VTD_PASID_ENTRY_SRE_MSB = 32'd128;
  localparam int unsigned VTD_PASID_ENTRY_SRE_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_ERE_LSB = 32'd129;
  localparam int unsigned VTD_PASID_ENTRY_ERE_MSB = 32'd129;
  localparam int unsigned VTD_PASID_ENTRY_ERE_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_FSPM_LSB = 32'd130;
  localparam int unsigned VTD_PASID_ENTRY_FSPM_MSB = 32'd131;
  localparam int unsigned VTD_PASID_ENTRY_FSPM_WIDTH = 32'd2;
  localparam int unsigned VTD_PASID_ENTRY_WPE_LSB = 32'd132;
  localparam int unsigned VTD_PASID_ENTRY_WPE_MSB = 32'd132;
  localparam int unsigned VTD_PASID_ENTRY_WPE_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_NXE_LSB = 32'd133;
  localparam int unsigned VTD_PASID_ENTRY_NXE_MSB = 32'd133;
  localparam int unsigned VTD_PASID_ENTRY_NXE_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_SMEP_LSB = 32'd134;
  localparam int unsigned VTD_PASID_ENTRY_SMEP_MSB = 32'd134;
  localparam int unsigned VTD_PASID_ENTRY_SMEP_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_EAFE_LSB = 32'd135;
  localparam int unsigned VTD_PASID_ENTRY_EAFE_MSB = 32'd135;
  localparam int unsigned VTD_PASID_ENTRY_EAFE_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_FSPTPTR_LSB = 32'd140;
  localparam int unsigned VTD_PASID_ENTRY_FSPTPTR_MSB = 32'd191;
  localparam int unsigned VTD_PASID_ENTRY_FSPTPTR_WIDTH = 32'd52;
  localparam int unsigned VTD_PASID_ENTRY_HPTSZ_LSB = 32'd256;
  localparam int unsigned VTD_PASID_ENTRY_HPTSZ_MSB = 32'd257;
  localparam int unsigned VTD_PASID_ENTRY_HPTSZ_WIDTH = 32'd2;
  localparam int unsigned VTD_PASID_ENTRY_HPTPFD_LSB = 32'd258;
  localparam int unsigned VTD_PASID_ENTRY_HPTPFD_MSB = 32'd258;
  localparam int unsigned VTD_PASID_ENTRY_HPTPFD_WIDTH = 32'd1;
  localparam int unsigned VTD_PASID_ENTRY_HPTPTR_LSB = 32'd268;
  localparam int unsigned VTD_PASID_ENTRY_HPTPTR_MSB = 32'd319;
  localparam int unsigned VTD_PASID_ENTRY_HPTPTR_WIDTH = 32'd52;
  localparam int unsigned VTD_PASID_ENTRY_HPTDID_LSB = 32'd320;
  localparam int unsigned VTD_PASID_ENTRY_HPTDID_MSB = 32'd335;
  localparam int unsigned VTD_PASID_ENTRY_HPTDID_WIDTH = 32'd16;
  localparam logic [511:0] VTD_PASID_ENTRY_RSVD_MASK = 512'hffffffffffffffff_ffffffffffffffff_ffffffffffff0000_0000000000000ff8_ffffffffffffffff_0000000000000f00_00000000007f0000_0000000000000c00;
  localparam logic [511:0] VTD_PASID_ENTRY_KIND_ERS_MASK = 512'h0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000002_0000000000000000_0000000000000020;
  localparam logic [511:0] VTD_PASID_ENTRY_KIND_SSADS_MASK = 512'h0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000200;
  localparam logic [511:0] VTD_PASID_ENTRY_KIND_ADDR_MASK = 512'h0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_fffffffffffff000_0000000000000000_fffffffffffff000;
  localparam logic [511:0] VTD_PASID_ENTRY_KIND_SMPWCS_MASK = 512'h0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000800000_0000000000000000;
  localparam logic [511:0] VTD_PASID_ENTRY_KIND_SC_MASK = 512'h0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000001000000_0000000000000000;
  localparam logic [511:0] VTD_PASID_ENTRY_KIND_MTS_MASK = 512'h0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000006000000_0000000000000000;
  localparam logic [511:0] VTD_PASID_ENTRY_KIND_MTS3_MASK = 512'h0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_00000000f8000000_0000000000000000;
  localparam logic [511:0] VTD_PASID_ENTRY_KIND_IGNORED_MASK = 512'h0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000060_ffffffff00000000_0000000000000000;
  localparam logic [511:0] VTD_PASID_ENTRY_KIND_SRS_MASK = 512'h0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000001_0000000000000000_0000000000000000;
  localparam logic [511:0] VTD_PASID_ENTRY_KIND_EAFS_MASK = 512'h0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000080_0000000000000000_0000000000000000;
  localparam logic [511:0] VTD_PASID_ENTRY_KIND_HPTS_MASK = 512'h0000000000000000_0000000000000000_000000000000ffff_fffffffffffff007_0000000000000000_0000000000000000_0000000000000000_0000000000000000;

  // FS_ENTRY: first-stage paging entry (ref 2.6); reserved bits depend on the level
  localparam int unsigned VTD_FS_ENTRY_QWORDS = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_BYTES = 32'd8;
  localparam int unsigned VTD_FS_ENTRY_P_LSB = 32'd0;
  localparam int unsigned VTD_FS_ENTRY_P_MSB = 32'd0;
  localparam int unsigned VTD_FS_ENTRY_P_WIDTH = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_RW_LSB = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_RW_MSB = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_RW_WIDTH = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_US_LSB = 32'd2;
  localparam int unsigned VTD_FS_ENTRY_US_MSB = 32'd2;
  localparam int unsigned VTD_FS_ENTRY_US_WIDTH = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_PWT_LSB = 32'd3;
  localparam int unsigned VTD_FS_ENTRY_PWT_MSB = 32'd3;
  localparam int unsigned VTD_FS_ENTRY_PWT_WIDTH = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_PCD_LSB = 32'd4;
  localparam int unsigned VTD_FS_ENTRY_PCD_MSB = 32'd4;
  localparam int unsigned VTD_FS_ENTRY_PCD_WIDTH = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_A_LSB = 32'd5;
  localparam int unsigned VTD_FS_ENTRY_A_MSB = 32'd5;
  localparam int unsigned VTD_FS_ENTRY_A_WIDTH = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_D_LSB = 32'd6;
  localparam int unsigned VTD_FS_ENTRY_D_MSB = 32'd6;
  localparam int unsigned VTD_FS_ENTRY_D_WIDTH = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_PS_LSB = 32'd7;
  localparam int unsigned VTD_FS_ENTRY_PS_MSB = 32'd7;
  localparam int unsigned VTD_FS_ENTRY_PS_WIDTH = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_G_LSB = 32'd8;
  localparam int unsigned VTD_FS_ENTRY_G_MSB = 32'd8;
  localparam int unsigned VTD_FS_ENTRY_G_WIDTH = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_IGN_LSB = 32'd9;
  localparam int unsigned VTD_FS_ENTRY_IGN_MSB = 32'd9;
  localparam int unsigned VTD_FS_ENTRY_IGN_WIDTH = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_EA_LSB = 32'd10;
  localparam int unsigned VTD_FS_ENTRY_EA_MSB = 32'd10;
  localparam int unsigned VTD_FS_ENTRY_EA_WIDTH = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_IGN2_LSB = 32'd11;
  localparam int unsigned VTD_FS_ENTRY_IGN2_MSB = 32'd11;
  localparam int unsigned VTD_FS_ENTRY_IGN2_WIDTH = 32'd1;
  localparam int unsigned VTD_FS_ENTRY_ADDR_LSB = 32'd12;
  localparam int unsigned VTD_FS_ENTRY_ADDR_MSB = 32'd51;
  localparam int unsigned VTD_FS_ENTRY_ADDR_WIDTH = 32'd40;
  localparam int unsigned VTD_FS_ENTRY_IGN3_LSB = 32'd52;
  localparam int unsigned VTD_FS_ENTRY_IGN3_MSB = 32'd62;
  localparam int unsigned VTD_FS_ENTRY_IGN3_WIDTH = 32'd11;
  localparam int unsigned VTD_FS_ENTRY_XD_LSB = 32'd63;
  localparam int unsigned VTD_FS_ENTRY_XD_MSB = 32'd63;
  localparam int unsigned VTD_FS_ENTRY_XD_WIDTH = 32'd1;
  localparam logic [63:0] VTD_FS_ENTRY_RSVD_MASK = 64'h0000000000000000;
  localparam logic [63:0] VTD_FS_ENTRY_KIND_IGNORED_MASK = 64'hfff0000000000b00;
  localparam logic [63:0] VTD_FS_ENTRY_KIND_ADDR_MASK = 64'h000ffffffffff000;

  // SS_ENTRY: second-stage paging entry (ref 2.7); reserved bits depend on the level
  localparam int unsigned VTD_SS_ENTRY_QWORDS = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_BYTES = 32'd8;
  localparam int unsigned VTD_SS_ENTRY_R_LSB = 32'd0;
  localparam int unsigned VTD_SS_ENTRY_R_MSB = 32'd0;
  localparam int unsigned VTD_SS_ENTRY_R_WIDTH = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_W_LSB = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_W_MSB = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_W_WIDTH = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_X_LSB = 32'd2;
  localparam int unsigned VTD_SS_ENTRY_X_MSB = 32'd2;
  localparam int unsigned VTD_SS_ENTRY_X_WIDTH = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_EMT_LSB = 32'd3;
  localparam int unsigned VTD_SS_ENTRY_EMT_MSB = 32'd5;
  localparam int unsigned VTD_SS_ENTRY_EMT_WIDTH = 32'd3;
  localparam int unsigned VTD_SS_ENTRY_IPAT_LSB = 32'd6;
  localparam int unsigned VTD_SS_ENTRY_IPAT_MSB = 32'd6;
  localparam int unsigned VTD_SS_ENTRY_IPAT_WIDTH = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_PS_LSB = 32'd7;
  localparam int unsigned VTD_SS_ENTRY_PS_MSB = 32'd7;
  localparam int unsigned VTD_SS_ENTRY_PS_WIDTH = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_A_LSB = 32'd8;
  localparam int unsigned VTD_SS_ENTRY_A_MSB = 32'd8;
  localparam int unsigned VTD_SS_ENTRY_A_WIDTH = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_D_LSB = 32'd9;
  localparam int unsigned VTD_SS_ENTRY_D_MSB = 32'd9;
  localparam int unsigned VTD_SS_ENTRY_D_WIDTH = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_IGN2_LSB = 32'd10;
  localparam int unsigned VTD_SS_ENTRY_IGN2_MSB = 32'd10;
  localparam int unsigned VTD_SS_ENTRY_IGN2_WIDTH = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_SNP_LSB = 32'd11;
  localparam int unsigned VTD_SS_ENTRY_SNP_MSB = 32'd11;
  localparam int unsigned VTD_SS_ENTRY_SNP_WIDTH = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_ADDR_LSB = 32'd12;
  localparam int unsigned VTD_SS_ENTRY_ADDR_MSB = 32'd51;
  localparam int unsigned VTD_SS_ENTRY_ADDR_WIDTH = 32'd40;
  localparam int unsigned VTD_SS_ENTRY_IGN3_LSB = 32'd52;
  localparam int unsigned VTD_SS_ENTRY_IGN3_MSB = 32'd60;
  localparam int unsigned VTD_SS_ENTRY_IGN3_WIDTH = 32'd9;
  localparam int unsigned VTD_SS_ENTRY_IR_LSB = 32'd61;
  localparam int unsigned VTD_SS_ENTRY_IR_MSB = 32'd61;
  localparam int unsigned VTD_SS_ENTRY_IR_WIDTH = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_IW_LSB = 32'd62;
  localparam int unsigned VTD_SS_ENTRY_IW_MSB = 32'd62;
  localparam int unsigned VTD_SS_ENTRY_IW_WIDTH = 32'd1;
  localparam int unsigned VTD_SS_ENTRY_IGN4_LSB = 32'd63;
  localparam int unsigned VTD_SS_ENTRY_IGN4_MSB = 32'd63;
  localparam int unsigned VTD_SS_ENTRY_IGN4_WIDTH = 32'd1;
  localparam logic [63:0] VTD_SS_ENTRY_RSVD_MASK = 64'h0000000000000000;
  localparam logic [63:0] VTD_SS_ENTRY_KIND_IGNORED_MASK = 64'hbff0000000000404;
  localparam logic [63:0] VTD_SS_ENTRY_KIND_ADDR_MASK = 64'h000ffffffffff000;

  // IRTE: interrupt remapping table entry, remapped format (ref 2.9)
  localparam int unsigned VTD_IRTE_QWORDS = 32'd2;
  localparam int unsigned VTD_IRTE_BYTES = 32'd16;
  localparam int unsigned VTD_IRTE_P_LSB = 32'd0;
  localparam int unsigned VTD_IRTE_P_MSB = 32'd0;
  localparam int unsigned VTD_IRTE_P_WIDTH = 32'd1;
  localparam int unsigned VTD_IRTE_FPD_LSB = 32'd1;
  localparam int unsigned VTD_IRTE_FPD_MSB = 32'd1;
  localparam int unsigned VTD_IRTE_FPD_WIDTH = 32'd1;
  localparam int unsigned VTD_IRTE_DM_LSB = 32'd2;
  localparam int unsigned VTD_IRTE_DM_MSB = 32'd2;
  localparam int unsigned VTD_IRTE_DM_WIDTH = 32'd1;
  localparam int unsigned VTD_IRTE_RH_LSB = 32'd3;
  localparam int unsigned VTD_IRTE_RH_MSB = 32'd3;
  localparam int unsigned VTD_IRTE_RH_WIDTH = 32'd1;
  localparam int unsigned VTD_IRTE_TM_LSB = 32'd4;
  localparam int unsigned VTD_IRTE_TM_MSB = 32'd4;
  localparam int unsigned VTD_IRTE_TM_WIDTH = 32'd1;
  localparam int unsigned VTD_IRTE_DLM_LSB = 32'd5;
  localparam int unsigned VTD_IRTE_DLM_MSB = 32'd7;
  localparam int unsigned VTD_IRTE_DLM_WIDTH = 32'd3;
  localparam int unsigned VTD_IRTE_AVAIL_LSB = 32'd8;
  localparam int unsigned VTD_IRTE_AVAIL_MSB = 32'd11;
  localparam int unsigned VTD_IRTE_AVAIL_WIDTH = 32'd4;
  localparam int unsigned VTD_IRTE_IM_LSB = 32'd15;
  localparam int unsigned VTD_IRTE_IM_MSB = 32'd15;
  localparam int unsigned VTD_IRTE_IM_WIDTH = 32'd1;
  localparam int unsigned VTD_IRTE_V_LSB = 32'd16;
  localparam int unsigned VTD_IRTE_V_MSB = 32'd23;
  localparam int unsigned VTD_IRTE_V_WIDTH = 32'd8;
  localparam int unsigned VTD_IRTE_DST_LSB = 32'd32;
  localparam int unsigned VTD_IRTE_DST_MSB = 32'd63;
  localparam int unsigned VTD_IRTE_DST_WIDTH = 32'd32;
  localparam int unsigned VTD_IRTE_SID_LSB = 32'd64;
  localparam int unsigned VTD_IRTE_SID_MSB = 32'd79;
  localparam int unsigned VTD_IRTE_SID_WIDTH = 32'd16;
  localparam int unsigned VTD_IRTE_SQ_LSB = 32'd80;
  localparam int unsigned VTD_IRTE_SQ_MSB = 32'd81;
  localparam int unsigned VTD_IRTE_SQ_WIDTH = 32'd2;
  localparam int unsigned VTD_IRTE_SVT_LSB = 32'd82;
  localparam int unsigned VTD_IRTE_SVT_MSB = 32'd83;
  localparam int unsigned VTD_IRTE_SVT_WIDTH = 32'd2;
  localparam logic [127:0] VTD_IRTE_RSVD_MASK = 128'hfffffffffff00000_00000000ff007000;
  localparam logic [127:0] VTD_IRTE_KIND_IGNORED_MASK = 128'h0000000000000000_0000000000000f00;

  // IRTE_POSTED: interrupt remapping table entry, posted format (ref 2.9)
  localparam int unsigned VTD_IRTE_POSTED_QWORDS = 32'd2;
  localparam int unsigned VTD_IRTE_POSTED_BYTES = 32'd16;
  localparam int unsigned VTD_IRTE_POSTED_P_LSB = 32'd0;
  localparam int unsigned VTD_IRTE_POSTED_P_MSB = 32'd0;
  localparam int unsigned VTD_IRTE_POSTED_P_WIDTH = 32'd1;
  localparam int unsigned VTD_IRTE_POSTED_FPD_LSB = 32'd1;
  localparam int unsigned VTD_IRTE_POSTED_FPD_MSB = 32'd1;
  localparam int unsigned VTD_IRTE_POSTED_FPD_WIDTH = 32'd1;
  localparam int unsigned VTD_IRTE_POSTED_AVAIL_LSB = 32'd8;
  localparam int unsigned VTD_IRTE_POSTED_AVAIL_MSB = 32'd11;
  localparam int unsigned VTD_IRTE_POSTED_AVAIL_WIDTH = 32'd4;
  localparam int unsigned VTD_IRTE_POSTED_URG_LSB = 32'd14;
  localparam int unsigned VTD_IRTE_POSTED_URG_MSB = 32'd14;
  localparam int unsigned VTD_IRTE_POSTED_URG_WIDTH = 32'd1;
  localparam int unsigned VTD_IRTE_POSTED_IM_LSB = 32'd15;
  localparam int unsigned VTD_IRTE_POSTED_IM_MSB = 32'd15;
  localparam int unsigned VTD_IRTE_POSTED_IM_WIDTH = 32'd1;
  localparam int unsigned VTD_IRTE_POSTED_VV_LSB = 32'd16;
  localparam int unsigned VTD_IRTE_POSTED_VV_MSB = 32'd23;
  localparam int unsigned VTD_IRTE_POSTED_VV_WIDTH = 32'd8;
  localparam int unsigned VTD_IRTE_POSTED_PDAL_LSB = 32'd38;
  localparam int unsigned VTD_IRTE_POSTED_PDAL_MSB = 32'd63;
  localparam int unsigned VTD_IRTE_POSTED_PDAL_WIDTH = 32'd26;
  localparam int unsigned VTD_IRTE_POSTED_SID_LSB = 32'd64;
  localparam int unsigned VTD_IRTE_POSTED_SID_MSB = 32'd79;
  localparam int unsigned VTD_IRTE_POSTED_SID_WIDTH = 32'd16;
  localparam int unsigned VTD_IRTE_POSTED_SQ_LSB = 32'd80;
  localparam int unsigned VTD_IRTE_POSTED_SQ_MSB = 32'd81;
  localparam int unsigned VTD_IRTE_POSTED_SQ_WIDTH = 32'd2;
  localparam int unsigned VTD_IRTE_POSTED_SVT_LSB = 32'd82;
  localparam int unsigned VTD_IRTE_POSTED_SVT_MSB = 32'd83;
  localparam int unsigned VTD_IRTE_POSTED_SVT_WIDTH = 32'd2;
  localparam int unsigned VTD_IRTE_POSTED_PDAH_LSB = 32'd96;
  localparam int unsigned VTD_IRTE_POSTED_PDAH_MSB = 32'd127;
  localparam int unsigned VTD_IRTE_POSTED_PDAH_WIDTH = 32'd32;
  localparam logic [127:0] VTD_IRTE_POSTED_RSVD_MASK = 128'h00000000fff00000_0000003fff0030fc;
  localparam logic [127:0] VTD_IRTE_POSTED_KIND_IGNORED_MASK = 128'h0000000000000000_0000000000000f00;

  // PI_DESC: posted-interrupt descriptor (ref 2.9)
  localparam int unsigned VTD_PI_DESC_QWORDS = 32'd8;
  localparam int unsigned VTD_PI_DESC_BYTES = 32'd64;
  localparam int unsigned VTD_PI_DESC_PIR0_LSB = 32'd0;
  localparam int unsigned VTD_PI_DESC_PIR0_MSB = 32'd63;
  localparam int unsigned VTD_PI_DESC_PIR0_WIDTH = 32'd64;
  localparam int unsigned VTD_PI_DESC_PIR1_LSB = 32'd64;
  localparam int unsigned VTD_PI_DESC_PIR1_MSB = 32'd127;
  localparam int unsigned VTD_PI_DESC_PIR1_WIDTH = 32'd64;
  localparam int unsigned VTD_PI_DESC_PIR2_LSB = 32'd128;
  localparam int unsigned VTD_PI_DESC_PIR2_MSB = 32'd191;
  localparam int unsigned VTD_PI_DESC_PIR2_WIDTH = 32'd64;
  localparam int unsigned VTD_PI_DESC_PIR3_LSB = 32'd192;
  localparam int unsigned VTD_PI_DESC_PIR3_MSB = 32'd255;
  localparam int unsigned VTD_PI_DESC_PIR3_WIDTH = 32'd64;
  localparam int unsigned VTD_PI_DESC_ON_LSB = 32'd256;
  localparam int unsigned VTD_PI_DESC_ON_MSB = 32'd256;
  localparam int unsigned VTD_PI_DESC_ON_WIDTH = 32'd1;
  localparam int unsigned VTD_PI_DESC_SN_LSB = 32'd257;
  localparam int unsigned VTD_PI_DESC_SN_MSB = 32'd257;
  localparam int unsigned VTD_PI_DESC_SN_WIDTH = 32'd1;
  localparam int unsigned VTD_PI_DESC_NV_LSB = 32'd272;
  localparam int unsigned VTD_PI_DESC_NV_MSB = 32'd279;
  localparam int unsigned VTD_PI_DESC_NV_WIDTH = 32'd8;
  localparam int unsigned VTD_PI_DESC_NDST_LSB = 32'd288;
  localparam int unsigned VTD_PI_DESC_NDST_MSB = 32'd319;
  localparam int unsigned VTD_PI_DESC_NDST_WIDTH = 32'd32;
  localparam int unsigned VTD_PI_DESC_AVAIL0_LSB = 32'd320;
  localparam int unsigned VTD_PI_DESC_AVAIL0_MSB = 32'd383;
  localparam int unsigned VTD_PI_DESC_AVAIL0_WIDTH = 32'd64;
  localparam int unsigned VTD_PI_DESC_AVAIL1_LSB = 32'd384;
  localparam int unsigned VTD_PI_DESC_AVAIL1_MSB = 32'd447;
  localparam int unsigned VTD_PI_DESC_AVAIL1_WIDTH = 32'd64;
  localparam int unsigned VTD_PI_DESC_AVAIL2_LSB = 32'd448;
  localparam int unsigned VTD_PI_DESC_AVAIL2_MSB = 32'd511;
  localparam int unsigned VTD_PI_DESC_AVAIL2_WIDTH = 32'd64;
  localparam logic [511:0] VTD_PI_DESC_RSVD_MASK = 512'h0000000000000000_0000000000000000_0000000000000000_00000000ff00fffc_0000000000000000_0000000000000000_0000000000000000_0000000000000000;
  localparam logic [511:0] VTD_PI_DESC_KIND_IGNORED_MASK = 512'hffffffffffffffff_ffffffffffffffff_ffffffffffffffff_0000000000000000_0000000000000000_0000000000000000_0000000000000000_0000000000000000;

  // PRQ_DESC: page request descriptor (ref 2.10)
  localparam int unsigned VTD_PRQ_DESC_QWORDS = 32'd4;
  localparam int unsigned VTD_PRQ_DESC_BYTES = 32'd32;
  localparam int unsigned VTD_PRQ_DESC_TYPE_LSB = 32'd0;
  localparam int unsigned VTD_PRQ_DESC_TYPE_MSB = 32'd7;
  localparam int unsigned VTD_PRQ_DESC_TYPE_WIDTH = 32'd8;
  localparam int unsigned VTD_PRQ_DESC_PP_LSB = 32'd8;
  localparam int unsigned VTD_PRQ_DESC_PP_MSB = 32'd8;
  localparam int unsigned VTD_PRQ_DESC_PP_WIDTH = 32'd1;
  localparam int unsigned VTD_PRQ_DESC_PDP_LSB = 32'd9;
  localparam int unsigned VTD_PRQ_DESC_PDP_MSB = 32'd9;
  localparam int unsigned VTD_PRQ_DESC_PDP_WIDTH = 32'd1;
  localparam int unsigned VTD_PRQ_DESC_RID_LSB = 32'd16;
  localparam int unsigned VTD_PRQ_DESC_RID_MSB = 32'd31;
  localparam int unsigned VTD_PRQ_DESC_RID_WIDTH = 32'd16;
  localparam int unsigned VTD_PRQ_DESC_PASID_LSB = 32'd32;
  localparam int unsigned VTD_PRQ_DESC_PASID_MSB = 32'd51;
  localparam int unsigned VTD_PRQ_DESC_PASID_WIDTH = 32'd20;
  localparam int unsigned VTD_PRQ_DESC_EXR_LSB = 32'd52;
  localparam int unsigned VTD_PRQ_DESC_EXR_MSB = 32'd52;
  localparam int unsigned VTD_PRQ_DESC_EXR_WIDTH = 32'd1;
  localparam int unsigned VTD_PRQ_DESC_PMR_LSB = 32'd53;
  localparam int unsigned VTD_PRQ_DESC_PMR_MSB = 32'd53;
  localparam int unsigned VTD_PRQ_DESC_PMR_WIDTH = 32'd1;
  localparam int unsigned VTD_PRQ_DESC_RDR_LSB = 32'd64;
  localparam int unsigned VTD_PRQ_DESC_RDR_MSB = 32'd64;
  localparam int unsigned VTD_PRQ_DESC_RDR_WIDTH = 32'd1;
  localparam int unsigned VTD_PRQ_DESC_WRR_LSB = 32'd65;
  localparam int unsigned VTD_PRQ_DESC_WRR_MSB = 32'd65;
  localparam int unsigned VTD_PRQ_DESC_WRR_WIDTH = 32'd1;
  localparam int unsigned VTD_PRQ_DESC_LPIG_LSB = 32'd66;
  localparam int unsigned VTD_PRQ_DESC_LPIG_MSB = 32'd66;
  localparam int unsigned VTD_PRQ_DESC_LPIG_WIDTH = 32'd1;
  localparam int unsigned VTD_PRQ_DESC_PRGI_LSB = 32'd67;
  localparam int unsigned VTD_PRQ_DESC_PRGI_MSB = 32'd75;
  localparam int unsigned VTD_PRQ_DESC_PRGI_WIDTH = 32'd9;
  localparam int unsigned VTD_PRQ_DESC_ADDR_LSB = 32'd76;
  localparam int unsigned VTD_PRQ_DESC_ADDR_MSB = 32'd127;
  localparam int unsigned VTD_PRQ_DESC_ADDR_WIDTH = 32'd52;
  localparam int unsigned VTD_PRQ_DESC_PRIV0_LSB = 32'd128;
  localparam int unsigned VTD_PRQ_DESC_PRIV0_MSB = 32'd191;
  localparam int unsigned VTD_PRQ_DESC_PRIV0_WIDTH = 32'd64;
  localparam int unsigned VTD_PRQ_DESC_PRIV1_LSB = 32'd192;
  localparam int unsigned VTD_PRQ_DESC_PRIV1_MSB = 32'd255;
  localparam int unsigned VTD_PRQ_DESC_PRIV1_WIDTH = 32'd64;
  localparam logic [255:0] VTD_PRQ_DESC_RSVD_MASK = 256'h0000000000000000_0000000000000000_0000000000000000_ffc000000000fc00;
  localparam logic [255:0] VTD_PRQ_DESC_KIND_REV3_MASK = 256'hffffffffffffffff_ffffffffffffffff_0000000000000000_0000000000000200;

  // Invalidation queue descriptors. Bits 11:9 (TYPE_HI) and 3:0 (TYPE_LO) hold the type.

  // CC_INV: context-cache invalidate
  localparam logic [6:0] VTD_TYPE_CC_INV = 7'h01;
  localparam int unsigned VTD_CC_INV_QWORDS = 32'd2;
  localparam int unsigned VTD_CC_INV_BYTES = 32'd16;
  localparam int unsigned VTD_CC_INV_TYPE_LO_LSB = 32'd0;
  localparam int unsigned VTD_CC_INV_TYPE_LO_MSB = 32'd3;
  localparam int unsigned VTD_CC_INV_TYPE_LO_WIDTH = 32'd4;
  localparam int unsigned VTD_CC_INV_TYPE_HI_LSB = 32'd9;
  localparam int unsigned VTD_CC_INV_TYPE_HI_MSB = 32'd11;
  localparam int unsigned VTD_CC_INV_TYPE_HI_WIDTH = 32'd3;
  localparam int unsigned VTD_CC_INV_G_LSB = 32'd4;
  localparam int unsigned VTD_CC_INV_G_MSB = 32'd5;
  localparam int unsigned VTD_CC_INV_G_WIDTH = 32'd2;
  localparam int unsigned VTD_CC_INV_DID_LSB = 32'd16;
  localparam int unsigned VTD_CC_INV_DID_MSB = 32'd31;
  localparam int unsigned VTD_CC_INV_DID_WIDTH = 32'd16;
  localparam int unsigned VTD_CC_INV_SID_LSB = 32'd32;
  localparam int unsigned VTD_CC_INV_SID_MSB = 32'd47;
  localparam int unsigned VTD_CC_INV_SID_WIDTH = 32'd16;
  localparam int unsigned VTD_CC_INV_FM_LSB = 32'd48;
  localparam int unsigned VTD_CC_INV_FM_MSB = 32'd49;
  localparam int unsigned VTD_CC_INV_FM_WIDTH = 32'd2;
  localparam logic [127:0] VTD_CC_INV_RSVD_MASK = 128'hffffffffffffffff_fffc00000000f1c0;

  // IOTLB_INV: IOTLB invalidate
  localparam logic [6:0] VTD_TYPE_IOTLB_INV = 7'h02;
  localparam int unsigned VTD_IOTLB_INV_QWORDS = 32'd2;
  localparam int unsigned VTD_IOTLB_INV_BYTES = 32'd16;
  localparam int unsigned VTD_IOTLB_INV_TYPE_LO_LSB = 32'd0;
  localparam int unsigned VTD_IOTLB_INV_TYPE_LO_MSB = 32'd3;
  localparam int unsigned VTD_IOTLB_INV_TYPE_LO_WIDTH = 32'd4;
  localparam int unsigned VTD_IOTLB_INV_TYPE_HI_LSB = 32'd9;
  localparam int unsigned VTD_IOTLB_INV_TYPE_HI_MSB = 32'd11;
  localparam int unsigned VTD_IOTLB_INV_TYPE_HI_WIDTH = 32'd3;
  localparam int unsigned VTD_IOTLB_INV_G_LSB = 32'd4;
  localparam int unsigned VTD_IOTLB_INV_G_MSB = 32'd5;
  localparam int unsigned VTD_IOTLB_INV_G_WIDTH = 32'd2;
  localparam int unsigned VTD_IOTLB_INV_DW_LSB = 32'd6;
  localparam int unsigned VTD_IOTLB_INV_DW_MSB = 32'd6;
  localparam int unsigned VTD_IOTLB_INV_DW_WIDTH = 32'd1;
  localparam int unsigned VTD_IOTLB_INV_DR_LSB = 32'd7;
  localparam int unsigned VTD_IOTLB_INV_DR_MSB = 32'd7;
  localparam int unsigned VTD_IOTLB_INV_DR_WIDTH = 32'd1;
  localparam int unsigned VTD_IOTLB_INV_DID_LSB = 32'd16;
  localparam int unsigned VTD_IOTLB_INV_DID_MSB = 32'd31;
  localparam int unsigned VTD_IOTLB_INV_DID_WIDTH = 32'd16;
  localparam int unsigned VTD_IOTLB_INV_AM_LSB = 32'd64;
  localparam int unsigned VTD_IOTLB_INV_AM_MSB = 32'd69;
  localparam int unsigned VTD_IOTLB_INV_AM_WIDTH = 32'd6;
  localparam int unsigned VTD_IOTLB_INV_IH_LSB = 32'd70;
  localparam int unsigned VTD_IOTLB_INV_IH_MSB = 32'd70;
  localparam int unsigned VTD_IOTLB_INV_IH_WIDTH = 32'd1;
  localparam int unsigned VTD_IOTLB_INV_ADDR_LSB = 32'd76;
  localparam int unsigned VTD_IOTLB_INV_ADDR_MSB = 32'd127;
  localparam int unsigned VTD_IOTLB_INV_ADDR_WIDTH = 32'd52;
  localparam logic [127:0] VTD_IOTLB_INV_RSVD_MASK = 128'h0000000000000f80_ffffffff0000f100;

  // DEV_TLB_INV: device-TLB invalidate
  localparam logic [6:0] VTD_TYPE_DEV_TLB_INV = 7'h03;
  localparam int unsigned VTD_DEV_TLB_INV_QWORDS = 32'd2;
  localparam int unsigned VTD_DEV_TLB_INV_BYTES = 32'd16;
  localparam int unsigned VTD_DEV_TLB_INV_TYPE_LO_LSB = 32'd0;
  localparam int unsigned VTD_DEV_TLB_INV_TYPE_LO_MSB = 32'd3;
  localparam int unsigned VTD_DEV_TLB_INV_TYPE_LO_WIDTH = 32'd4;
  localparam int unsigned VTD_DEV_TLB_INV_TYPE_HI_LSB = 32'd9;
  localparam int unsigned VTD_DEV_TLB_INV_TYPE_HI_MSB = 32'd11;
  localparam int unsigned VTD_DEV_TLB_INV_TYPE_HI_WIDTH = 32'd3;
  localparam int unsigned VTD_DEV_TLB_INV_PFSID_LO_LSB = 32'd12;
  localparam int unsigned VTD_DEV_TLB_INV_PFSID_LO_MSB = 32'd15;
  localparam int unsigned VTD_DEV_TLB_INV_PFSID_LO_WIDTH = 32'd4;
  localparam int unsigned VTD_DEV_TLB_INV_MIP_LSB = 32'd16;
  localparam int unsigned VTD_DEV_TLB_INV_MIP_MSB = 32'd20;
  localparam int unsigned VTD_DEV_TLB_INV_MIP_WIDTH = 32'd5;
  localparam int unsigned VTD_DEV_TLB_INV_SID_LSB = 32'd32;
  localparam int unsigned VTD_DEV_TLB_INV_SID_MSB = 32'd47;
  localparam int unsigned VTD_DEV_TLB_INV_SID_WIDTH = 32'd16;
  localparam int unsigned VTD_DEV_TLB_INV_PFSID_HI_LSB = 32'd52;
  localparam int unsigned VTD_DEV_TLB_INV_PFSID_HI_MSB = 32'd63;
  localparam int unsigned VTD_DEV_TLB_INV_PFSID_HI_WIDTH = 32'd12;
  localparam int unsigned VTD_DEV_TLB_INV_S_LSB = 32'd64;
  localparam int unsigned VTD_DEV_TLB_INV_S_MSB = 32'd64;
  localparam int unsigned VTD_DEV_TLB_INV_S_WIDTH = 32'd1;
  localparam int unsigned VTD_DEV_TLB_INV_ADDR_LSB = 32'd76;
  localparam int unsigned VTD_DEV_TLB_INV_ADDR_MSB = 32'd127;
  localparam int unsigned VTD_DEV_TLB_INV_ADDR_WIDTH = 32'd52;
  localparam logic [127:0] VTD_DEV_TLB_INV_RSVD_MASK = 128'h0000000000000ffe_000f0000ffe001f0;
  localparam logic [127:0] VTD_DEV_TLB_INV_KIND_DIT_MASK = 128'h0000000000000000_fff000000000f000;

  // IEC_INV: interrupt-entry-cache invalidate
  localparam logic [6:0] VTD_TYPE_IEC_INV = 7'h04;
  localparam int unsigned VTD_IEC_INV_QWORDS = 32'd2;
  localparam int unsigned VTD_IEC_INV_BYTES = 32'd16;
  localparam int unsigned VTD_IEC_INV_TYPE_LO_LSB = 32'd0;
  localparam int unsigned VTD_IEC_INV_TYPE_LO_MSB = 32'd3;
  localparam int unsigned VTD_IEC_INV_TYPE_LO_WIDTH = 32'd4;
  localparam int unsigned VTD_IEC_INV_TYPE_HI_LSB = 32'd9;
  localparam int unsigned VTD_IEC_INV_TYPE_HI_MSB = 32'd11;
  localparam int unsigned VTD_IEC_INV_TYPE_HI_WIDTH = 32'd3;
  localparam int unsigned VTD_IEC_INV_G_LSB = 32'd4;
  localparam int unsigned VTD_IEC_INV_G_MSB = 32'd4;
  localparam int unsigned VTD_IEC_INV_G_WIDTH = 32'd1;
  localparam int unsigned VTD_IEC_INV_IM_LSB = 32'd27;
  localparam int unsigned VTD_IEC_INV_IM_MSB = 32'd31;
  localparam int unsigned VTD_IEC_INV_IM_WIDTH = 32'd5;
  localparam int unsigned VTD_IEC_INV_IIDX_LSB = 32'd32;
  localparam int unsigned VTD_IEC_INV_IIDX_MSB = 32'd47;
  localparam int unsigned VTD_IEC_INV_IIDX_WIDTH = 32'd16;
  localparam logic [127:0] VTD_IEC_INV_RSVD_MASK = 128'hffffffffffffffff_ffff000007fff1e0;

  // INV_WAIT: invalidation wait
  localparam logic [6:0] VTD_TYPE_INV_WAIT = 7'h05;
  localparam int unsigned VTD_INV_WAIT_QWORDS = 32'd2;
  localparam int unsigned VTD_INV_WAIT_BYTES = 32'd16;
  localparam int unsigned VTD_INV_WAIT_TYPE_LO_LSB = 32'd0;
  localparam int unsigned VTD_INV_WAIT_TYPE_LO_MSB = 32'd3;
  localparam int unsigned VTD_INV_WAIT_TYPE_LO_WIDTH = 32'd4;
  localparam int unsigned VTD_INV_WAIT_TYPE_HI_LSB = 32'd9;
  localparam int unsigned VTD_INV_WAIT_TYPE_HI_MSB = 32'd11;
  localparam int unsigned VTD_INV_WAIT_TYPE_HI_WIDTH = 32'd3;
  localparam int unsigned VTD_INV_WAIT_IF_LSB = 32'd4;
  localparam int unsigned VTD_INV_WAIT_IF_MSB = 32'd4;
  localparam int unsigned VTD_INV_WAIT_IF_WIDTH = 32'd1;
  localparam int unsigned VTD_INV_WAIT_SW_LSB = 32'd5;
  localparam int unsigned VTD_INV_WAIT_SW_MSB = 32'd5;
  localparam int unsigned VTD_INV_WAIT_SW_WIDTH = 32'd1;
  localparam int unsigned VTD_INV_WAIT_FN_LSB = 32'd6;
  localparam int unsigned VTD_INV_WAIT_FN_MSB = 32'd6;
  localparam int unsigned VTD_INV_WAIT_FN_WIDTH = 32'd1;
  localparam int unsigned VTD_INV_WAIT_PD_LSB = 32'd7;
  localparam int unsigned VTD_INV_WAIT_PD_MSB = 32'd7;
  localparam int unsigned VTD_INV_WAIT_PD_WIDTH = 32'd1;
  localparam int unsigned VTD_INV_WAIT_DATA_LSB = 32'd32;
  localparam int unsigned VTD_INV_WAIT_DATA_MSB = 32'd63;
  localparam int unsigned VTD_INV_WAIT_DATA_WIDTH = 32'd32;
  localparam int unsigned VTD_INV_WAIT_ADDR_LSB = 32'd66;
  localparam int unsigned VTD_INV_WAIT_ADDR_MSB = 32'd127;
  localparam int unsigned VTD_INV_WAIT_ADDR_WIDTH = 32'd62;
  localparam logic [127:0] VTD_INV_WAIT_RSVD_MASK = 128'h0000000000000003_00000000fffff100;
  localparam logic [127:0] VTD_INV_WAIT_KIND_PDS_MASK = 128'h0000000000000000_0000000000000080;

  // P_IOTLB_INV: PASID-based IOTLB invalidate
  localparam logic [6:0] VTD_TYPE_P_IOTLB_INV = 7'h06;
  localparam int unsigned VTD_P_IOTLB_INV_QWORDS = 32'd4;
  localparam int unsigned VTD_P_IOTLB_INV_BYTES = 32'd32;
  localparam int unsigned VTD_P_IOTLB_INV_TYPE_LO_LSB = 32'd0;
  localparam int unsigned VTD_P_IOTLB_INV_TYPE_LO_MSB = 32'd3;
  localparam int unsigned VTD_P_IOTLB_INV_TYPE_LO_WIDTH = 32'd4;
  localparam int unsigned VTD_P_IOTLB_INV_TYPE_HI_LSB = 32'd9;
  localparam int unsigned VTD_P_IOTLB_INV_TYPE_HI_MSB = 32'd11;
  localparam int unsigned VTD_P_IOTLB_INV_TYPE_HI_WIDTH = 32'd3;
  localparam int unsigned VTD_P_IOTLB_INV_G_LSB = 32'd4;
  localparam int unsigned VTD_P_IOTLB_INV_G_MSB = 32'd5;
  localparam int unsigned VTD_P_IOTLB_INV_G_WIDTH = 32'd2;
  localparam int unsigned VTD_P_IOTLB_INV_DID_LSB = 32'd16;
  localparam int unsigned VTD_P_IOTLB_INV_DID_MSB = 32'd31;
  localparam int unsigned VTD_P_IOTLB_INV_DID_WIDTH = 32'd16;
  localparam int unsigned VTD_P_IOTLB_INV_PASID_LSB = 32'd32;
  localparam int unsigned VTD_P_IOTLB_INV_PASID_MSB = 32'd51;
  localparam int unsigned VTD_P_IOTLB_INV_PASID_WIDTH = 32'd20;
  localparam int unsigned VTD_P_IOTLB_INV_AM_LSB = 32'd64;
  localparam int unsigned VTD_P_IOTLB_INV_AM_MSB = 32'd69;
  localparam int unsigned VTD_P_IOTLB_INV_AM_WIDTH = 32'd6;
  localparam int unsigned VTD_P_IOTLB_INV_IH_LSB = 32'd70;
  localparam int unsigned VTD_P_IOTLB_INV_IH_MSB = 32'd70;
  localparam int unsigned VTD_P_IOTLB_INV_IH_WIDTH = 32'd1;
  localparam int unsigned VTD_P_IOTLB_INV_ADDR_LSB = 32'd76;
  localparam int unsigned VTD_P_IOTLB_INV_ADDR_MSB = 32'd127;
  localparam int unsigned VTD_P_IOTLB_INV_ADDR_WIDTH = 32'd52;
  localparam logic [255:0] VTD_P_IOTLB_INV_RSVD_MASK = 256'hffffffffffffffff_ffffffffffffffff_0000000000000f80_fff000000000f1c0;

  // PC_INV: PASID-cache invalidate
  localparam logic [6:0] VTD_TYPE_PC_INV = 7'h07;
  localparam int unsigned VTD_PC_INV_QWORDS = 32'd4;
  localparam int unsigned VTD_PC_INV_BYTES = 32'd32;
  localparam int unsigned VTD_PC_INV_TYPE_LO_LSB = 32'd0;
  localparam int unsigned VTD_PC_INV_TYPE_LO_MSB = 32'd3;
  localparam int unsigned VTD_PC_INV_TYPE_LO_WIDTH = 32'd4;
  localparam int unsigned VTD_PC_INV_TYPE_HI_LSB = 32'd9;
  localparam int unsigned VTD_PC_INV_TYPE_HI_MSB = 32'd11;
  localparam int unsigned VTD_PC_INV_TYPE_HI_WIDTH = 32'd3;
  localparam int unsigned VTD_PC_INV_G_LSB = 32'd4;
  localparam int unsigned VTD_PC_INV_G_MSB = 32'd5;
  localparam int unsigned VTD_PC_INV_G_WIDTH = 32'd2;
  localparam int unsigned VTD_PC_INV_DID_LSB = 32'd16;
  localparam int unsigned VTD_PC_INV_DID_MSB = 32'd31;
  localparam int unsigned VTD_PC_INV_DID_WIDTH = 32'd16;
  localparam int unsigned VTD_PC_INV_PASID_LSB = 32'd32;
  localparam int unsigned VTD_PC_INV_PASID_MSB = 32'd51;
  localparam int unsigned VTD_PC_INV_PASID_WIDTH = 32'd20;
  localparam logic [255:0] VTD_PC_INV_RSVD_MASK = 256'hffffffffffffffff_ffffffffffffffff_ffffffffffffffff_fff000000000f1c0;

  // P_DEV_TLB_INV: PASID-based device-TLB invalidate
  localparam logic [6:0] VTD_TYPE_P_DEV_TLB_INV = 7'h08;
  localparam int unsigned VTD_P_DEV_TLB_INV_QWORDS = 32'd4;
  localparam int unsigned VTD_P_DEV_TLB_INV_BYTES = 32'd32;
  localparam int unsigned VTD_P_DEV_TLB_INV_TYPE_LO_LSB = 32'd0;
  localparam int unsigned VTD_P_DEV_TLB_INV_TYPE_LO_MSB = 32'd3;
  localparam int unsigned VTD_P_DEV_TLB_INV_TYPE_LO_WIDTH = 32'd4;
  localparam int unsigned VTD_P_DEV_TLB_INV_TYPE_HI_LSB = 32'd9;
  localparam int unsigned VTD_P_DEV_TLB_INV_TYPE_HI_MSB = 32'd11;
  localparam int unsigned VTD_P_DEV_TLB_INV_TYPE_HI_WIDTH = 32'd3;
  localparam int unsigned VTD_P_DEV_TLB_INV_MIP_LSB = 32'd4;
  localparam int unsigned VTD_P_DEV_TLB_INV_MIP_MSB = 32'd8;
  localparam int unsigned VTD_P_DEV_TLB_INV_MIP_WIDTH = 32'd5;
  localparam int unsigned VTD_P_DEV_TLB_INV_PFSID_LO_LSB = 32'd12;
  localparam int unsigned VTD_P_DEV_TLB_INV_PFSID_LO_MSB = 32'd15;
  localparam int unsigned VTD_P_DEV_TLB_INV_PFSID_LO_WIDTH = 32'd4;
  localparam int unsigned VTD_P_DEV_TLB_INV_SID_LSB = 32'd16;
  localparam int unsigned VTD_P_DEV_TLB_INV_SID_MSB = 32'd31;
  localparam int unsigned VTD_P_DEV_TLB_INV_SID_WIDTH = 32'd16;
  localparam int unsigned VTD_P_DEV_TLB_INV_PASID_LSB = 32'd32;
  localparam int unsigned VTD_P_DEV_TLB_INV_PASID_MSB = 32'd51;
  localparam int unsigned VTD_P_DEV_TLB_INV_PASID_WIDTH = 32'd20;
  localparam int unsigned VTD_P_DEV_TLB_INV_PFSID_HI_LSB = 32'd52;
  localparam int unsigned VTD_P_DEV_TLB_INV_PFSID_HI_MSB = 32'd63;
  localparam int unsigned VTD_P_DEV_TLB_INV_PFSID_HI_WIDTH = 32'd12;
  localparam int unsigned VTD_P_DEV_TLB_INV_GI_LSB = 32'd64;
  localparam int unsigned VTD_P_DEV_TLB_INV_GI_MSB = 32'd64;
  localparam int unsigned VTD_P_DEV_TLB_INV_GI_WIDTH = 32'd1;
  localparam int unsigned VTD_P_DEV_TLB_INV_S_LSB = 32'd75;
  localparam int unsigned VTD_P_DEV_TLB_INV_S_MSB = 32'd75;
  localparam int unsigned VTD_P_DEV_TLB_INV_S_WIDTH = 32'd1;
  localparam int unsigned VTD_P_DEV_TLB_INV_ADDR_LSB = 32'd76;
  localparam int unsigned VTD_P_DEV_TLB_INV_ADDR_MSB = 32'd127;
  localparam int unsigned VTD_P_DEV_TLB_INV_ADDR_WIDTH = 32'd52;
  localparam logic [255:0] VTD_P_DEV_TLB_INV_RSVD_MASK = 256'hffffffffffffffff_ffffffffffffffff_00000000000007fe_0000000000000000;
  localparam logic [255:0] VTD_P_DEV_TLB_INV_KIND_DIT_MASK = 256'h0000000000000000_0000000000000000_0000000000000000_fff000000000f000;

  // PG_RESP: page group response
  localparam logic [6:0] VTD_TYPE_PG_RESP = 7'h09;
  localparam int unsigned VTD_PG_RESP_QWORDS = 32'd4;
  localparam int unsigned VTD_PG_RESP_BYTES = 32'd32;
  localparam int unsigned VTD_PG_RESP_TYPE_LO_LSB = 32'd0;
  localparam int unsigned VTD_PG_RESP_TYPE_LO_MSB = 32'd3;
  localparam int unsigned VTD_PG_RESP_TYPE_LO_WIDTH = 32'd4;
  localparam int unsigned VTD_PG_RESP_TYPE_HI_LSB = 32'd9;
  localparam int unsigned VTD_PG_RESP_TYPE_HI_MSB = 32'd11;
  localparam int unsigned VTD_PG_RESP_TYPE_HI_WIDTH = 32'd3;
  localparam int unsigned VTD_PG_RESP_PP_LSB = 32'd4;
  localparam int unsigned VTD_PG_RESP_PP_MSB = 32'd4;
  localparam int unsigned VTD_PG_RESP_PP_WIDTH = 32'd1;
  localparam int unsigned VTD_PG_RESP_PDP_LSB = 32'd5;
  localparam int unsigned VTD_PG_RESP_PDP_MSB = 32'd5;
  localparam int unsigned VTD_PG_RESP_PDP_WIDTH = 32'd1;
  localparam int unsigned VTD_PG_RESP_RC_LSB = 32'd12;
  localparam int unsigned VTD_PG_RESP_RC_MSB = 32'd15;
  localparam int unsigned VTD_PG_RESP_RC_WIDTH = 32'd4;
  localparam int unsigned VTD_PG_RESP_RID_LSB = 32'd16;
  localparam int unsigned VTD_PG_RESP_RID_MSB = 32'd31;
  localparam int unsigned VTD_PG_RESP_RID_WIDTH = 32'd16;
  localparam int unsigned VTD_PG_RESP_PASID_LSB = 32'd32;
  localparam int unsigned VTD_PG_RESP_PASID_MSB = 32'd51;
  localparam int unsigned VTD_PG_RESP_PASID_WIDTH = 32'd20;
  localparam int unsigned VTD_PG_RESP_LPIG_LSB = 32'd66;
  localparam int unsigned VTD_PG_RESP_LPIG_MSB = 32'd66;
  localparam int unsigned VTD_PG_RESP_LPIG_WIDTH = 32'd1;
  localparam int unsigned VTD_PG_RESP_PRGI_LSB = 32'd67;
  localparam int unsigned VTD_PG_RESP_PRGI_MSB = 32'd75;
  localparam int unsigned VTD_PG_RESP_PRGI_WIDTH = 32'd9;
  localparam int unsigned VTD_PG_RESP_PRIV0_LSB = 32'd128;
  localparam int unsigned VTD_PG_RESP_PRIV0_MSB = 32'd191;
  localparam int unsigned VTD_PG_RESP_PRIV0_WIDTH = 32'd64;
  localparam int unsigned VTD_PG_RESP_PRIV1_LSB = 32'd192;
  localparam int unsigned VTD_PG_RESP_PRIV1_MSB = 32'd255;
  localparam int unsigned VTD_PG_RESP_PRIV1_WIDTH = 32'd64;
  localparam logic [255:0] VTD_PG_RESP_RSVD_MASK = 256'h0000000000000000_0000000000000000_fffffffffffff003_fff00000000001c0;
  localparam logic [255:0] VTD_PG_RESP_KIND_REV3_MASK = 256'hffffffffffffffff_ffffffffffffffff_0000000000000000_0000000000000020;
  localparam logic [255:0] VTD_PG_RESP_KIND_IGNORED_MASK = 256'h0000000000000000_0000000000000000_0000000000000004_0000000000000000;

  // Fault reasons; bit N of a set says whether reason N has the property.
  localparam logic [7:0] VTD_FAULT_NONE = 8'h00;
  localparam logic [7:0] VTD_FAULT_LRT_2 = 8'h01;  // root entry not present
  localparam logic [7:0] VTD_FAULT_LCT_2 = 8'h02;  // context entry not present
  localparam logic [7:0] VTD_FAULT_LCT_4 = 8'h03;  // context entry invalid: address width, translation type or second-stage root access
  localparam logic [7:0] VTD_FAULT_LGN_1 = 8'h04;  // address above the allowed width
  localparam logic [7:0] VTD_FAULT_LGN_2 = 8'h05;  // write or atomic without write permission
  localparam logic [7:0] VTD_FAULT_LGN_3 = 8'h06;  // read or atomic without read permission
  localparam logic [7:0] VTD_FAULT_LSS_1 = 8'h07;  // access error on a second-stage entry
  localparam logic [7:0] VTD_FAULT_LRT_1 = 8'h08;  // access error on the root entry
  localparam logic [7:0] VTD_FAULT_LCT_1 = 8'h09;  // access error on the context entry
  localparam logic [7:0] VTD_FAULT_LRT_3 = 8'h0a;  // reserved bits in the root entry
  localparam logic [7:0] VTD_FAULT_LCT_3 = 8'h0b;  // reserved bits in the context entry
  localparam logic [7:0] VTD_FAULT_LSS_2 = 8'h0c;  // reserved bits in a second-stage entry
  localparam logic [7:0] VTD_FAULT_LCT_5 = 8'h0d;  // translation type forbids translation and translated requests
  localparam logic [7:0] VTD_FAULT_LGN_4 = 8'h0e;  // result in the interrupt address range
  localparam logic [7:0] VTD_FAULT_IR_RSVD_REQUEST = 8'h20;  // reserved bits in a remappable interrupt request
  localparam logic [7:0] VTD_FAULT_IR_INDEX = 8'h21;  // interrupt index beyond the table
  localparam logic [7:0] VTD_FAULT_IR_NOT_PRESENT = 8'h22;  // interrupt remapping entry not present
  localparam logic [7:0] VTD_FAULT_IR_ACCESS = 8'h23;  // access error on the interrupt remapping entry
  localparam logic [7:0] VTD_FAULT_IR_RSVD_ENTRY = 8'h24;  // reserved bits in the interrupt remapping entry
  localparam logic [7:0] VTD_FAULT_IR_COMPAT = 8'h25;  // compatibility-format interrupt blocked
  localparam logic [7:0] VTD_FAULT_IR_SID = 8'h26;  // source-id validation failed
  localparam logic [7:0] VTD_FAULT_IR_PD_ACCESS = 8'h27;  // access error on the posted-interrupt descriptor
  localparam logic [7:0] VTD_FAULT_IR_PD_RSVD = 8'h28;  // reserved bits in the posted-interrupt descriptor
  localparam logic [7:0] VTD_FAULT_IR_MALFORMED = 8'h29;  // malformed access to the interrupt address range
  localparam logic [7:0] VTD_FAULT_IR_EIME = 8'h2a;  // interrupt remapping without extended interrupt mode
  localparam logic [7:0] VTD_FAULT_IR_REQUIRED = 8'h2b;  // interrupt remapping is required and disabled
  localparam logic [7:0] VTD_FAULT_RTA_1 = 8'h30;  // translation table mode not supported
  localparam logic [7:0] VTD_FAULT_RTA_2 = 8'h31;  // request with PASID in legacy mode
  localparam logic [7:0] VTD_FAULT_RTA_3 = 8'h32;  // page request in legacy mode
  localparam logic [7:0] VTD_FAULT_RTA_4 = 8'h33;  // abort-DMA mode
  localparam logic [7:0] VTD_FAULT_RTA_5 = 8'h34;  // execute request not supported
  localparam logic [7:0] VTD_FAULT_SRT_1 = 8'h38;  // access error on the root entry
  localparam logic [7:0] VTD_FAULT_SRT_2 = 8'h39;  // half of the root entry not present
  localparam logic [7:0] VTD_FAULT_SRT_3 = 8'h3a;  // reserved bits in the root entry
  localparam logic [7:0] VTD_FAULT_SCT_1 = 8'h40;  // access error on the context entry
  localparam logic [7:0] VTD_FAULT_SCT_2 = 8'h41;  // context entry not present
  localparam logic [7:0] VTD_FAULT_SCT_3 = 8'h42;  // reserved bits in the context entry
  localparam logic [7:0] VTD_FAULT_SCT_4 = 8'h43;  // context entry inconsistent
  localparam logic [7:0] VTD_FAULT_SCT_5 = 8'h44;  // device-TLB not enabled (DTE=0)
  localparam logic [7:0] VTD_FAULT_SCT_6 = 8'h45;  // PASID not enabled (PASIDE=0)
  localparam logic [7:0] VTD_FAULT_SCT_7 = 8'h46;  // PASID beyond the PASID directory
  localparam logic [7:0] VTD_FAULT_SCT_8 = 8'h47;  // page requests not enabled (PRE=0)
  localparam logic [7:0] VTD_FAULT_SCT_9 = 8'h48;  // PASID equals RID_PASID
  localparam logic [7:0] VTD_FAULT_SCT_10 = 8'h49;  // PASID in a translated request not enabled (EPTR=0)
  localparam logic [7:0] VTD_FAULT_SPD_1 = 8'h50;  // access error on the PASID directory entry
  localparam logic [7:0] VTD_FAULT_SPD_2 = 8'h51;  // PASID directory entry not present
  localparam logic [7:0] VTD_FAULT_SPD_3 = 8'h52;  // reserved bits in the PASID directory entry
  localparam logic [7:0] VTD_FAULT_SPT_1 = 8'h58;  // access error on the PASID table entry
  localparam logic [7:0] VTD_FAULT_SPT_2 = 8'h59;  // PASID table entry not present
  localparam logic [7:0] VTD_FAULT_SPT_3 = 8'h5a;  // reserved bits in the PASID table entry
  localparam logic [7:0] VTD_FAULT_SPT_4 = 8'h5b;  // PASID table entry invalid: AW, PGTT, FSPM or FSPTPTR
  localparam logic [7:0] VTD_FAULT_SPT_5 = 8'h5c;  // execute requests not enabled
  localparam logic [7:0] VTD_FAULT_SPT_6 = 8'h5d;  // supervisor requests not enabled (SRE=0)
  localparam logic [7:0] VTD_FAULT_SPT_9 = 8'h60;  // address beyond the host permission table
  localparam logic [7:0] VTD_FAULT_SFS_1 = 8'h70;  // access error on a first-stage entry
  localparam logic [7:0] VTD_FAULT_SFS_2 = 8'h71;  // first-stage entry not present
  localparam logic [7:0] VTD_FAULT_SFS_3 = 8'h72;  // reserved bits in a first-stage entry
  localparam logic [7:0] VTD_FAULT_SFS_4 = 8'h73;  // access error on the first-stage root table
  localparam logic [7:0] VTD_FAULT_SFS_5 = 8'h74;  // nested: address in a first-stage entry above the second-stage width
  localparam logic [7:0] VTD_FAULT_SFS_6 = 8'h75;  // nested: no second-stage read right for the first-stage root table
  localparam logic [7:0] VTD_FAULT_SFS_7 = 8'h76;  // nested: no second-stage read right for a first-stage table
  localparam logic [7:0] VTD_FAULT_SFS_8 = 8'h77;  // nested: no second-stage write right to update a first-stage entry
  localparam logic [7:0] VTD_FAULT_SSS_1 = 8'h78;  // access error on a second-stage entry
  localparam logic [7:0] VTD_FAULT_SSS_2 = 8'h79;  // second-stage entry not present or no right left
  localparam logic [7:0] VTD_FAULT_SSS_3 = 8'h7a;  // reserved bits in a second-stage entry
  localparam logic [7:0] VTD_FAULT_SSS_4 = 8'h7b;  // access error on the second-stage root table
  localparam logic [7:0] VTD_FAULT_SSS_5 = 8'h7c;  // second-stage A/D update on a non-snooped walk
  localparam logic [7:0] VTD_FAULT_SSS_6 = 8'h7d;  // second-stage A/D update: atomic operation failed
  localparam logic [7:0] VTD_FAULT_SGN_1 = 8'h80;  // address not canonical
  localparam logic [7:0] VTD_FAULT_SGN_2 = 8'h81;  // user access to a supervisor page
  localparam logic [7:0] VTD_FAULT_SGN_3 = 8'h82;  // execute permission violation
  localparam logic [7:0] VTD_FAULT_SGN_4 = 8'h83;  // address above the host address width
  localparam logic [7:0] VTD_FAULT_SGN_5 = 8'h84;  // address above the second-stage width
  localparam logic [7:0] VTD_FAULT_SGN_6 = 8'h85;  // write or atomic without write permission
  localparam logic [7:0] VTD_FAULT_SGN_7 = 8'h86;  // read or atomic without read permission
  localparam logic [7:0] VTD_FAULT_SGN_8 = 8'h87;  // result in the interrupt address range
  localparam logic [7:0] VTD_FAULT_SGN_10 = 8'h89;  // PASID above the supported size
  localparam logic [7:0] VTD_FAULT_SFS_9 = 8'h90;  // first-stage A/EA/D update on a non-snooped walk
  localparam logic [7:0] VTD_FAULT_SFS_10 = 8'h91;  // first-stage A/EA/D update: atomic operation failed
  localparam logic [7:0] VTD_FAULT_HPT_1 = 8'ha0;  // access error on a host permission table entry
  localparam logic [7:0] VTD_FAULT_HPT_2 = 8'ha1;  // reserved bits in a host permission table entry
  localparam logic [7:0] VTD_FAULT_HPT_3 = 8'ha2;  // access error on the host permission table root
  localparam logic [7:0] VTD_FAULT_HPT_4 = 8'ha3;  // host permission table: zero-length read without permission
  localparam logic [7:0] VTD_FAULT_HPT_5 = 8'ha4;  // host permission table: no write permission
  localparam logic [7:0] VTD_FAULT_HPT_6 = 8'ha5;  // host permission table: no read permission
  localparam logic [255:0] VTD_FAULT_QUALIFIED_SET = 256'h0000000000000000_0000003f000302ff_3fff00013e0603fe_000001d4000078fc;
  localparam logic [255:0] VTD_FAULT_TR_UR_SET = 256'h0000000000000000_0000000000000200_0000000000000172_021a0fff00002006;
  localparam logic [255:0] VTD_FAULT_TR_CA_SET = 256'h0000000000000000_0000000000000080_3d0000000d05000d_0501000000005f88;
  localparam logic [255:0] VTD_FAULT_TR_NULL_SET = 256'h0000000000000000_000000000003001b_02ff000032020000_0000000000000010;
  localparam logic [255:0] VTD_FAULT_TR_EFF_SET = 256'h0000000000000000_0000000000000064_0000000000000000_0000000000000060;
  localparam logic [255:0] VTD_FAULT_TD_UR_SET = 256'h0000000000000000_0000003800000288_000000010202035f_071b0fff00006f1e;
  localparam logic [255:0] VTD_FAULT_TD_CA_SET = 256'h0000000000000000_0000000700000000_000000000d050000_0000000000000000;
  localparam logic [255:0] VTD_FAULT_PR_IR_SET = 256'h0000000000000000_0000000000000000_000000000f0701ef_070d000000000000;

  // Values of coded fields.
  localparam logic [1:0] VTD_TTM_LEGACY = 2'd0;  // legacy mode
  localparam logic [1:0] VTD_TTM_SCALABLE = 2'd1;  // scalable mode
  localparam logic [1:0] VTD_TTM_RESERVED = 2'd2;  // reserved: every request faults with RTA.1
  localparam logic [1:0] VTD_TTM_ABORT = 2'd3;  // abort-DMA mode
  localparam logic [2:0] VTD_PGTT_FIRST_STAGE = 3'd1;  // first-stage translation only
  localparam logic [2:0] VTD_PGTT_SECOND_STAGE = 3'd2;  // second-stage translation only
  localparam logic [2:0] VTD_PGTT_NESTED = 3'd3;  // first stage over second stage
  localparam logic [2:0] VTD_PGTT_PASS_THROUGH = 3'd4;  // pass-through
  localparam logic [3:0] VTD_IQEI_NONE = 4'd0;  // no error
  localparam logic [3:0] VTD_IQEI_TAIL = 4'd1;  // tail pointer beyond the queue
  localparam logic [3:0] VTD_IQEI_FETCH = 4'd2;  // descriptor fetch failed
  localparam logic [3:0] VTD_IQEI_DESCRIPTOR = 4'd3;  // invalid descriptor: unknown type, or not allowed in this mode or by the capabilities
  localparam logic [3:0] VTD_IQEI_RESERVED = 4'd4;  // reserved field not zero
  localparam logic [3:0] VTD_IQEI_WIDTH = 4'd5;  // wrong descriptor width for the translation table mode
  localparam logic [3:0] VTD_IQEI_ALIGNMENT = 4'd6;  // tail misaligned: 256-bit descriptors and bit 4 of the tail set
  localparam logic [3:0] VTD_IQEI_TTM = 4'd7;  // invalid translation table mode
  localparam logic [31:0] VTD_ECMD_ENABLE_COUNTER = 32'd240;  // enable the counter of number OA
  localparam logic [31:0] VTD_ECMD_DISABLE_COUNTER = 32'd241;  // disable the counter of number OA
  localparam logic [31:0] VTD_ECMD_RESET_CONFIG = 32'd242;  // reset the configuration of all counters
  localparam logic [31:0] VTD_ECMD_RESET_VALUES = 32'd243;  // reset the values of all counters
  localparam logic [31:0] VTD_ECMD_FREEZE = 32'd244;  // freeze all counters
  localparam logic [31:0] VTD_ECMD_UNFREEZE = 32'd245;  // unfreeze all counters
  localparam logic [31:0] VTD_ECRSP_OK = 32'd0;  // done
  localparam logic [31:0] VTD_ECRSP_UNDEFINED = 32'd1;  // there is no such command
  localparam logic [31:0] VTD_ECRSP_ABORTED = 32'd2;  // a command of GCMD or PMEN is in flight
  localparam logic [31:0] VTD_ECRSP_REFUSED = 32'd16;  // the counter cannot be enabled or disabled

  // Statistics counters, numbered.
  localparam int unsigned VTD_COUNTER_REQUESTS = 32'd0;  // requests of devices (DMA, translation and translated requests)
  localparam int unsigned VTD_COUNTER_FAULTS = 32'd1;  // requests that met a fault reason, recorded or not
  localparam int unsigned VTD_COUNTER_FAULTS_RECORDED = 32'd2;  // faults written into a fault recording register
  localparam int unsigned VTD_COUNTER_FAULTS_OVERFLOWED = 32'd3;  // faults lost because the fault recording registers were full
  localparam int unsigned VTD_COUNTER_FAULTS_SUPPRESSED = 32'd4;  // qualified faults silenced by FPD
  localparam int unsigned VTD_COUNTER_CTXT_CACHE_LOOKUP = 32'd5;  // context cache: lookups
  localparam int unsigned VTD_COUNTER_CTXT_CACHE_HIT = 32'd6;  // context cache: lookups that found a usable entry
  localparam int unsigned VTD_COUNTER_CTXT_CACHE_MISS = 32'd7;  // context cache: lookups that did not
  localparam int unsigned VTD_COUNTER_CTXT_CACHE_FILL = 32'd8;  // context cache: entries written
  localparam int unsigned VTD_COUNTER_CTXT_CACHE_EVICT = 32'd9;  // context cache: valid entries replaced by another
  localparam int unsigned VTD_COUNTER_CTXT_CACHE_INVALIDATE = 32'd10;  // context cache: entries removed by invalidation
  localparam int unsigned VTD_COUNTER_PASID_CACHE_LOOKUP = 32'd11;  // PASID cache: lookups
  localparam int unsigned VTD_COUNTER_PASID_CACHE_HIT = 32'd12;  // PASID cache: lookups that found a usable entry
  localparam int unsigned VTD_COUNTER_PASID_CACHE_MISS = 32'd13;  // PASID cache: lookups that did not
  localparam int unsigned VTD_COUNTER_PASID_CACHE_FILL = 32'd14;  // PASID cache: entries written
  localparam int unsigned VTD_COUNTER_PASID_CACHE_EVICT = 32'd15;  // PASID cache: valid entries replaced by another
  localparam int unsigned VTD_COUNTER_PASID_CACHE_INVALIDATE = 32'd16;  // PASID cache: entries removed by invalidation
  localparam int unsigned VTD_COUNTER_PASID_DIR_LOOKUP = 32'd17;  // PASID directory entries, where they are cached: lookups
  localparam int unsigned VTD_COUNTER_PASID_DIR_HIT = 32'd18;  // PASID directory entries, where they are cached: lookups that found a usable entry
  localparam int unsigned VTD_COUNTER_PASID_DIR_MISS = 32'd19;  // PASID directory entries, where they are cached: lookups that did not
  localparam int unsigned VTD_COUNTER_PASID_DIR_FILL = 32'd20;  // PASID directory entries, where they are cached: entries written
  localparam int unsigned VTD_COUNTER_PASID_DIR_EVICT = 32'd21;  // PASID directory entries, where they are cached: valid entries replaced by another
  localparam int unsigned VTD_COUNTER_PASID_DIR_INVALIDATE = 32'd22;  // PASID directory entries, where they are cached: entries removed by invalidation
  localparam int unsigned VTD_COUNTER_PASID_PREFETCH_READ = 32'd23;  // PASID table entries read ahead
  localparam int unsigned VTD_COUNTER_PASID_PREFETCH_FILL = 32'd24;  // PASID table entries read ahead and kept: present and in order
  localparam int unsigned VTD_COUNTER_PASID_PREFETCH_USEFUL = 32'd25;  // PASID table entries kept ahead that a request asked for
  localparam int unsigned VTD_COUNTER_PASID_PREFETCH_UNUSED = 32'd26;  // PASID table entries kept ahead that were replaced before a request asked for them
  localparam int unsigned VTD_COUNTER_IOTLB_LOOKUP = 32'd27;  // IOTLB: lookups
  localparam int unsigned VTD_COUNTER_IOTLB_HIT = 32'd28;  // IOTLB: lookups that found a usable entry
  localparam int unsigned VTD_COUNTER_IOTLB_MISS = 32'd29;  // IOTLB: lookups that did not
  localparam int unsigned VTD_COUNTER_IOTLB_FILL = 32'd30;  // IOTLB: entries written
  localparam int unsigned VTD_COUNTER_IOTLB_EVICT = 32'd31;  // IOTLB: valid entries replaced by another
  localparam int unsigned VTD_COUNTER_IOTLB_INVALIDATE = 32'd32;  // IOTLB: entries removed by invalidation
  localparam int unsigned VTD_COUNTER_FS_NONLEAF_LOOKUP = 32'd33;  // first-stage paging-structure cache: lookups
  localparam int unsigned VTD_COUNTER_FS_NONLEAF_HIT = 32'd34;  // first-stage paging-structure cache: lookups that found a usable entry
  localparam int unsigned VTD_COUNTER_FS_NONLEAF_MISS = 32'd35;  // first-stage paging-structure cache: lookups that did not
  localparam int unsigned VTD_COUNTER_FS_NONLEAF_FILL = 32'd36;  // first-stage paging-structure cache: entries written
  localparam int unsigned VTD_COUNTER_FS_NONLEAF_EVICT = 32'd37;  // first-stage paging-structure cache: valid entries replaced by another
  localparam int unsigned VTD_COUNTER_FS_NONLEAF_INVALIDATE = 32'd38;  // first-stage paging-structure cache: entries removed by invalidation
  localparam int unsigned VTD_COUNTER_SS_NONLEAF_LOOKUP = 32'd39;  // second-stage paging-structure cache: lookups
  localparam int unsigned VTD_COUNTER_SS_NONLEAF_HIT = 32'd40;  // second-stage paging-structure cache: lookups that found a usable entry
  localparam int unsigned VTD_COUNTER_SS_NONLEAF_MISS = 32'd41;  // second-stage paging-structure cache: lookups that did not
  localparam int unsigned VTD_COUNTER_SS_NONLEAF_FILL = 32'd42;  // second-stage paging-structure cache: entries written
  localparam int unsigned VTD_COUNTER_SS_NONLEAF_EVICT = 32'd43;  // second-stage paging-structure cache: valid entries replaced by another
  localparam int unsigned VTD_COUNTER_SS_NONLEAF_INVALIDATE = 32'd44;  // second-stage paging-structure cache: entries removed by invalidation
  localparam int unsigned VTD_COUNTER_INT_CACHE_LOOKUP = 32'd45;  // interrupt entry cache: lookups
  localparam int unsigned VTD_COUNTER_INT_CACHE_HIT = 32'd46;  // interrupt entry cache: lookups that found a usable entry
  localparam int unsigned VTD_COUNTER_INT_CACHE_MISS = 32'd47;  // interrupt entry cache: lookups that did not
  localparam int unsigned VTD_COUNTER_INT_CACHE_FILL = 32'd48;  // interrupt entry cache: entries written
  localparam int unsigned VTD_COUNTER_INT_CACHE_EVICT = 32'd49;  // interrupt entry cache: valid entries replaced by another
  localparam int unsigned VTD_COUNTER_INT_CACHE_INVALIDATE = 32'd50;  // interrupt entry cache: entries removed by invalidation
  localparam int unsigned VTD_COUNTER_INT_CACHE_HIT_NONPOSTED = 32'd51;  // interrupt entry cache: hits of entries that remap
  localparam int unsigned VTD_COUNTER_INT_CACHE_HIT_POSTED = 32'd52;  // interrupt entry cache: hits of entries that post
  localparam int unsigned VTD_COUNTER_WALKS_FIRST_STAGE = 32'd53;  // page walks: first stage only
  localparam int unsigned VTD_COUNTER_WALKS_SECOND_STAGE = 32'd54;  // page walks: second stage only, scalable or legacy mode
  localparam int unsigned VTD_COUNTER_WALKS_NESTED = 32'd55;  // page walks: nested
  localparam int unsigned VTD_COUNTER_WALKS_PASS_THROUGH = 32'd56;  // translations that missed the IOTLB and pass through
  localparam int unsigned VTD_COUNTER_MEMORY_READS = 32'd57;  // reads of translation tables: root, context, PASID and paging structures (of up to 16 bytes)
  localparam int unsigned VTD_COUNTER_MEMORY_READS_ROOT = 32'd58;  // reads of root entries
  localparam int unsigned VTD_COUNTER_MEMORY_READS_CONTEXT = 32'd59;  // reads of context entries (a scalable-mode entry takes two)
  localparam int unsigned VTD_COUNTER_MEMORY_READS_PASID_DIR = 32'd60;  // reads of PASID directory entries
  localparam int unsigned VTD_COUNTER_MEMORY_READS_PASID_ENTRY = 32'd61;  // reads of PASID table entries (an entry takes four)
  localparam int unsigned VTD_COUNTER_MEMORY_READS_FS = 32'd62;  // reads of first-stage paging entries
  localparam int unsigned VTD_COUNTER_MEMORY_READS_SS = 32'd63;  // reads of second-stage paging entries
  localparam int unsigned VTD_COUNTER_MEMORY_READS_IRTE = 32'd64;  // reads of interrupt remapping table entries
  localparam int unsigned VTD_COUNTER_MEMORY_READS_DESCRIPTOR = 32'd65;  // reads of invalidation queue descriptors
  localparam int unsigned VTD_COUNTER_MEMORY_UPDATES = 32'd66;  // atomic updates of accessed, extended-accessed and dirty bits
  localparam int unsigned VTD_COUNTER_INV_DESCRIPTORS = 32'd67;  // invalidation queue descriptors retired
  localparam int unsigned VTD_COUNTER_INV_CONTEXT_CACHE = 32'd68;  // context-cache invalidate descriptors
  localparam int unsigned VTD_COUNTER_INV_IOTLB = 32'd69;  // IOTLB invalidate descriptors
  localparam int unsigned VTD_COUNTER_INV_PASID_IOTLB = 32'd70;  // PASID-based IOTLB invalidate descriptors
  localparam int unsigned VTD_COUNTER_INV_PASID_CACHE = 32'd71;  // PASID-cache invalidate descriptors
  localparam int unsigned VTD_COUNTER_INV_DEVICE_TLB = 32'd72;  // device-TLB invalidate descriptors, with and without PASID
  localparam int unsigned VTD_COUNTER_INV_INTERRUPT_CACHE = 32'd73;  // interrupt-entry-cache invalidate descriptors
  localparam int unsigned VTD_COUNTER_INV_WAIT = 32'd74;  // invalidation wait descriptors
  localparam int unsigned VTD_COUNTER_INV_GLOBAL = 32'd75;  // implicit global invalidations (set root table pointer, translation disable)
  localparam int unsigned VTD_COUNTER_INTERRUPTS = 32'd76;  // interrupt requests of devices
  localparam int unsigned VTD_COUNTER_INTERRUPTS_POSTED = 32'd77;  // interrupt requests that were posted
  localparam int unsigned VTD_COUNTER_PAGE_REQUESTS = 32'd78;  // page requests of devices
  localparam int unsigned VTD_COUNTER_PAGE_REQUESTS_QUEUED = 32'd79;  // page requests written into the page request queue
  localparam int unsigned VTD_COUNTER_PAGE_REQUESTS_OVERFLOWED = 32'd80;  // page requests that found no room in the page request queue
  localparam int unsigned VTD_COUNTER_PAGE_RESPONSES = 32'd81;  // page group responses sent to devices
  localparam int unsigned VTD_COUNTER_MESSAGES = 32'd82;  // message interrupts sent by the unit: events and posted-interrupt notifications
  localparam int unsigned VTD_COUNTERS = 32'd83;

endpackage
// verilator lint_on UNUSEDPARAM
