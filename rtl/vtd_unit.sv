// SPDX-License-Identifier: MIT
//
// The remapping unit: registers over AXI4-Lite, requests and responses, event messages, memory over AXI4. What it has,
// its CAP and ECAP say (vtd_regfile).

module vtd_unit #(
    parameter int unsigned HAW = 46,       // host address width
    parameter int unsigned WALKERS = 4,    // 1 to 16
    parameter int unsigned MISSES = 16,    // requests that missed and wait, 1 to 256
    parameter int unsigned RECORDS = 8,    // fault records
    parameter int unsigned CONTEXT_SETS = 8,
    parameter int unsigned CONTEXT_WAYS = 8,
    parameter int unsigned PASID_SETS = 16,
    parameter int unsigned PASID_WAYS = 8,
    parameter int unsigned IOTLB_SETS = 64,
    parameter int unsigned IOTLB_WAYS = 8,
    parameter int unsigned FS_PSC_SETS = 8,
    parameter int unsigned FS_PSC_WAYS = 8,
    parameter int unsigned SS_PSC_SETS = 8,
    parameter int unsigned SS_PSC_WAYS = 8,
    parameter int unsigned POLICY = vtd_pkg::VTD_POLICY_LRU,
    parameter int unsigned INDEX = vtd_pkg::VTD_INDEX_HASH,
    localparam int unsigned ID_W = vtd_pkg::vtd_width(WALKERS + 1)
) (
    input logic clk_i,
    input logic rst_ni,

    // registers: AXI4-Lite
    input  logic        s_awvalid_i,
    output logic        s_awready_o,
    input  logic [11:0] s_awaddr_i,
    input  logic        s_wvalid_i,
    output logic        s_wready_o,
    input  logic [63:0] s_wdata_i,
    input  logic [ 7:0] s_wstrb_i,
    output logic        s_bvalid_o,
    input  logic        s_bready_i,
    output logic [ 1:0] s_bresp_o,
    input  logic        s_arvalid_i,
    output logic        s_arready_o,
    input  logic [11:0] s_araddr_i,
    output logic        s_rvalid_o,
    input  logic        s_rready_i,
    output logic [63:0] s_rdata_o,
    output logic [ 1:0] s_rresp_o,

    // requests (untranslated, AT = 00)
    input  logic        req_valid_i,
    output logic        req_ready_o,
    input  logic [15:0] req_tag_i,
    input  logic [15:0] req_sid_i,
    input  logic        req_has_pasid_i,
    input  logic [19:0] req_pasid_i,
    input  logic        req_priv_i,        // only with PASID
    input  logic        req_no_snoop_i,
    input  logic [ 1:0] req_kind_i,        // VTD_ACCESS_*
    input  logic        req_zero_length_i, // only a read
    input  logic        req_dword_i,       // a write of an aligned dword: an interrupt, if it goes to FEEx_xxxx
    input  logic [63:0] req_addr_i,

    // responses
    output logic        rsp_valid_o,
    input  logic        rsp_ready_i,
    output logic [15:0] rsp_tag_o,
    output logic [ 1:0] rsp_result_o,      // VTD_RESULT_*
    output logic [ 7:0] rsp_reason_o,      // fault reason, 0 none
    output logic [63:0] rsp_hpa_o,         // 0 unless OK
    output logic [ 1:0] rsp_size_o,        // 0 4 KiB, 1 2 MiB, 2 1 GiB, 3 not translated
    output logic [ 1:0] rsp_rights_o,      // {write, read}
    output logic        rsp_snoop_o,

    // event messages
    output logic        msg_valid_o,
    input  logic        msg_ready_i,
    output logic [63:0] msg_addr_o,
    output logic [31:0] msg_data_o,

    // counters: pulses; bit 0 context cache, 1 PASID cache, 2 IOTLB, 3 and 4 structures of first and second stage. A
    // miss that merges is not a lookup of the IOTLB, its second lookup is. Found but not usable is no hit.
    output logic [4:0] count_lookup_o,
    output logic [4:0] count_hit_o,
    output logic [4:0] count_fill_o,
    output logic [4:0] count_evict_o,
    output logic       count_merge_o,      // a miss that waits for one that is there
    output logic       idle_o,             // nothing is in flight: request, descriptor, command, message

    // memory: AXI4 master with the AtomicCompare of AXI5 (vtd_mem_port); ID: number of the walker, WALKERS the queue
    // engine; user: {level, kind, snoop} as in vtd_mem_req_t
    output logic            m_arvalid_o,
    input  logic            m_arready_i,
    output logic [ID_W-1:0] m_arid_o,
    output logic [51:0]     m_araddr_o,
    output logic [7:0]      m_arlen_o,
    output logic [2:0]      m_arsize_o,
    output logic [1:0]      m_arburst_o,
    output logic [7:0]      m_aruser_o,
    input  logic            m_rvalid_i,
    output logic            m_rready_o,
    input  logic [ID_W-1:0] m_rid_i,
    input  logic [63:0]     m_rdata_i,
    input  logic [1:0]      m_rresp_i,
    input  logic            m_rlast_i,
    output logic            m_awvalid_o,
    input  logic            m_awready_i,
    output logic [ID_W-1:0] m_awid_o,
    output logic [51:0]     m_awaddr_o,
    output logic [7:0]      m_awlen_o,
    output logic [2:0]      m_awsize_o,
    output logic [1:0]      m_awburst_o,
    output logic [5:0]      m_awatop_o,
    output logic [7:0]      m_awuser_o,
    output logic            m_wvalid_o,
    input  logic            m_wready_i,
    output logic [63:0]     m_wdata_o,
    output logic [7:0]      m_wstrb_o,
    output logic            m_wlast_o,
    input  logic            m_bvalid_i,
    output logic            m_bready_o,
    input  logic [ID_W-1:0] m_bid_i,
    input  logic [1:0]      m_bresp_i
);

  localparam int unsigned CLIENTS = WALKERS + 1;
  localparam int unsigned MEM_W = vtd_pkg::VTD_MEM_REQ_W;

  // ------------------------------------------------------------------ registers

  logic reg_write, reg_write_ready, unused_offset;
  logic [11:2] reg_write_addr;
  logic [31:0] reg_write_data;
  logic [11:3] reg_read_addr;
  logic [63:0] reg_read_data;

  assign unused_offset = ^{s_awaddr_i[2:0], s_araddr_i[2:0]};  // the strobes choose

  vtd_axil u_axil (
      .clk_i, .rst_ni, .awvalid_i(s_awvalid_i), .awready_o(s_awready_o), .awaddr_i(s_awaddr_i[11:3]),
      .wvalid_i(s_wvalid_i), .wready_o(s_wready_o), .wdata_i(s_wdata_i), .wstrb_i(s_wstrb_i), .bvalid_o(s_bvalid_o),
      .bready_i(s_bready_i), .bresp_o(s_bresp_o), .arvalid_i(s_arvalid_i), .arready_o(s_arready_o),
      .araddr_i(s_araddr_i[11:3]), .rvalid_o(s_rvalid_o), .rready_i(s_rready_i), .rdata_o(s_rdata_o),
      .rresp_o(s_rresp_o),
      .write_o(reg_write), .write_ready_i(reg_write_ready), .write_addr_o(reg_write_addr),
      .write_data_o(reg_write_data), .read_addr_o(reg_read_addr), .read_data_i(reg_read_data)
  );

  // ------------------------------------------------------------------ the unit, and its memory

  vtd_pkg::vtd_request_t req;
  vtd_pkg::vtd_response_t rsp;
  logic [CLIENTS-1:0] mem_valid, mem_ready, mem_rvalid, mem_error;
  logic [CLIENTS*MEM_W-1:0] mem_req;
  logic [CLIENTS*512-1:0] mem_rdata;

  assign req = {req_tag_i, req_sid_i, req_has_pasid_i, req_pasid_i, req_priv_i, req_no_snoop_i, req_kind_i,
                req_zero_length_i, req_dword_i, req_addr_i};
  assign {rsp_tag_o, rsp_result_o, rsp_reason_o, rsp_hpa_o, rsp_size_o, rsp_rights_o, rsp_snoop_o} = rsp;

  vtd_core #(
      .HAW(HAW), .WALKERS(WALKERS), .MISSES(MISSES), .RECORDS(RECORDS), .CONTEXT_SETS(CONTEXT_SETS),
      .CONTEXT_WAYS(CONTEXT_WAYS), .PASID_SETS(PASID_SETS), .PASID_WAYS(PASID_WAYS), .IOTLB_SETS(IOTLB_SETS),
      .IOTLB_WAYS(IOTLB_WAYS), .FS_PSC_SETS(FS_PSC_SETS), .FS_PSC_WAYS(FS_PSC_WAYS), .SS_PSC_SETS(SS_PSC_SETS),
      .SS_PSC_WAYS(SS_PSC_WAYS), .POLICY(POLICY), .INDEX(INDEX)
  ) u_core (
      .clk_i, .rst_ni, .reg_write_i(reg_write), .reg_write_ready_o(reg_write_ready),
      .reg_write_addr_i(reg_write_addr), .reg_write_data_i(reg_write_data), .reg_read_addr_i(reg_read_addr),
      .reg_read_data_o(reg_read_data),
      .req_valid_i, .req_ready_o, .req_i(req), .rsp_valid_o, .rsp_ready_i, .rsp_o(rsp),
      .msg_valid_o, .msg_ready_i, .msg_addr_o, .msg_data_o,
      .mem_valid_o(mem_valid), .mem_ready_i(mem_ready), .mem_o(mem_req), .mem_rvalid_i(mem_rvalid),
      .mem_error_i(mem_error), .mem_rdata_i(mem_rdata),
      .count_lookup_o, .count_hit_o, .count_fill_o, .count_evict_o, .count_merge_o, .idle_o
  );

  vtd_mem_port #(.CLIENTS(CLIENTS)) u_memory (
      .clk_i, .rst_ni, .valid_i(mem_valid), .ready_o(mem_ready), .req_i(mem_req), .rvalid_o(mem_rvalid),
      .error_o(mem_error), .rdata_o(mem_rdata),
      .m_arvalid_o, .m_arready_i, .m_arid_o, .m_araddr_o, .m_arlen_o, .m_arsize_o, .m_arburst_o, .m_aruser_o,
      .m_rvalid_i, .m_rready_o, .m_rid_i, .m_rdata_i, .m_rresp_i, .m_rlast_i,
      .m_awvalid_o, .m_awready_i, .m_awid_o, .m_awaddr_o, .m_awlen_o, .m_awsize_o, .m_awburst_o, .m_awatop_o,
      .m_awuser_o, .m_wvalid_o, .m_wready_i, .m_wdata_o, .m_wstrb_o, .m_wlast_o,
      .m_bvalid_i, .m_bready_o, .m_bid_i, .m_bresp_i
  );

endmodule
