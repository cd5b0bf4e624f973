// SPDX-License-Identifier: MIT
//
// Steps 3 to 9 of ref 4.2 for one untranslated request: root and context entry, what the context allows, PASID
// directory and table entry (resolve.c, context.c, pasid.c). The caches are asked in that order; an entry that is good
// is kept before the request is judged by it. Step 2, the mode, is the caller's.

module vtd_resolve #(
    parameter int unsigned HAW = 46
) (
    input logic clk_i,
    input logic rst_ni,
    input logic [51:0] root_i,  // as SRTP latched it: address 63:12

    input  logic                      req_valid_i,
    output logic                      req_ready_o,
    input  vtd_pkg::vtd_resolve_req_t req_i,
    output logic                      rsp_valid_o,
    input  logic                      rsp_ready_i,
    output vtd_pkg::vtd_resolve_rsp_t rsp_o,

    // memory: reads of 1, 2, 4 or 8 qwords, the answer of all of them at once, at least one cycle later
    output logic         mem_valid_o,
    input  logic         mem_ready_i,
    output logic [51:3]  mem_addr_o,
    output logic [3:0]   mem_qwords_o,
    input  logic         mem_rvalid_i,
    input  logic         mem_error_i,
    input  logic [511:0] mem_rdata_i,

    // context cache and PASID cache; keys are those of sid_o and pasid_o; the answer comes with ready
    output logic [15:0]           sid_o,
    output logic [19:0]           pasid_o,
    output logic                  context_lookup_o,
    input  logic                  context_ready_i,
    input  logic                  context_hit_i,
    input  vtd_pkg::vtd_context_t context_i,
    output logic                  context_fill_o,
    output vtd_pkg::vtd_context_t context_o,
    output logic                  pasid_lookup_o,
    input  logic                  pasid_ready_i,
    input  logic                  pasid_hit_i,
    input  vtd_pkg::vtd_pasid_t   pasid_i,
    output logic                  pasid_fill_o,
    output vtd_pkg::vtd_pasid_t   pasid_entry_o
);

  typedef enum logic [3:0] {
    IDLE,
    CONTEXT_LOOKUP,
    ROOT_READ,
    ROOT_ENTRY,
    CONTEXT_READ,
    CONTEXT_ENTRY,
    CONTEXT_FILL,
    ALLOWED,       // what the context entry allows
    PASID_LOOKUP,
    DIR_READ,
    DIR_ENTRY,
    ENTRY_READ,
    PASID_ENTRY,
    PASID_FILL,
    JUDGE,
    RESPOND
  } state_e;

  state_e state_q;
  logic waits_q;  // for an answer of memory
  vtd_pkg::vtd_resolve_req_t req_q;
  vtd_pkg::vtd_resolve_rsp_t rsp_q;
  vtd_pkg::vtd_context_t context_q;
  logic [51:0] table_q;  // context table, PASID table: address 63:12
  logic [511:0] data_q;
  logic dir_fpd_q;

  // ------------------------------------------------------------------ memory

  logic reads, above_haw, answered, failed;
  logic [63:3] addr;

  assign reads = state_q == ROOT_READ || state_q == CONTEXT_READ || state_q == DIR_READ || state_q == ENTRY_READ;

  always_comb begin
    unique case (state_q)
      ROOT_READ: addr = {root_i, req_q.sid[15:8], 1'b0};
      CONTEXT_READ: addr = {table_q, req_q.sid[6:0], 2'b00};
      DIR_READ: addr = {context_q.dir, 9'd0} + {47'd0, rsp_q.pasid[19:6]};
      default: addr = {table_q, rsp_q.pasid[5:0], 3'b000};
    endcase
    unique case (state_q)
      ROOT_READ: mem_qwords_o = 4'd2;
      CONTEXT_READ: mem_qwords_o = 4'd4;
      DIR_READ: mem_qwords_o = 4'd1;
      default: mem_qwords_o = 4'd8;
    endcase
  end

  // There is no memory above the host address width.
  assign above_haw   = addr[63:HAW] != '0;
  assign mem_valid_o = reads && !waits_q && !above_haw;
  assign mem_addr_o  = addr[51:3];
  assign answered    = reads && (above_haw || (waits_q && mem_rvalid_i));
  assign failed      = above_haw || mem_error_i;

  // ------------------------------------------------------------------ entries

  vtd_pkg::vtd_context_t context_read;
  vtd_pkg::vtd_pasid_t pasid_read;
  logic [7:0] context_reason, pasid_reason;
  logic [63:0] root_half;
  logic root_present;

  vtd_context_entry u_context (.entry_i(data_q[255:0]), .context_o(context_read), .reason_o(context_reason));
  vtd_pasid_entry #(.HAW(HAW)) u_pasid (
      .entry_i(data_q), .dir_fpd_i(dir_fpd_q), .pasid_o(pasid_read), .reason_o(pasid_reason)
  );

  // Only the half that devfn selects is looked at (ref 2.2).
  assign root_half    = req_q.sid[7] ? data_q[127:64] : data_q[63:0];
  assign root_present = root_half[vtd_defs_pkg::VTD_SM_ROOT_LP_LSB];

  localparam logic [63:0] DIR_RESERVED = vtd_defs_pkg::VTD_PASID_DIR_RSVD_MASK |
      (vtd_defs_pkg::VTD_PASID_DIR_KIND_ADDR_MASK & ~((64'd1 << HAW) - 64'd1));

  // ------------------------------------------------------------------ what ends the request

  logic [7:0] reason;

  always_comb begin
    reason = vtd_defs_pkg::VTD_FAULT_NONE;
    unique case (state_q)
      ROOT_READ: if (answered && failed) reason = vtd_defs_pkg::VTD_FAULT_SRT_1;
      ROOT_ENTRY:
      if (!root_present) reason = vtd_defs_pkg::VTD_FAULT_SRT_2;
      else if ((root_half & vtd_defs_pkg::VTD_SM_ROOT_RSVD_MASK[63:0]) != '0) reason = vtd_defs_pkg::VTD_FAULT_SRT_3;
      CONTEXT_READ: if (answered && failed) reason = vtd_defs_pkg::VTD_FAULT_SCT_1;
      CONTEXT_ENTRY: reason = context_reason;
      ALLOWED:
      if (req_q.has_pasid) begin
        if (!context_q.paside) reason = vtd_defs_pkg::VTD_FAULT_SCT_6;
        else if (!vtd_pkg::vtd_in_directory(req_q.pasid, context_q.pdts)) reason = vtd_defs_pkg::VTD_FAULT_SCT_7;
        else if (req_q.pasid == context_q.rid_pasid) reason = vtd_defs_pkg::VTD_FAULT_SCT_9;
      end
      DIR_READ: if (answered && failed) reason = vtd_defs_pkg::VTD_FAULT_SPD_1;
      DIR_ENTRY:
      if (!data_q[vtd_defs_pkg::VTD_PASID_DIR_P_LSB]) reason = vtd_defs_pkg::VTD_FAULT_SPD_2;
      else if ((data_q[63:0] & DIR_RESERVED) != '0) reason = vtd_defs_pkg::VTD_FAULT_SPD_3;
      ENTRY_READ: if (answered && failed) reason = vtd_defs_pkg::VTD_FAULT_SPT_1;
      PASID_ENTRY: reason = pasid_reason;
      JUDGE: if (rsp_q.priv && !rsp_q.entry.sre) reason = vtd_defs_pkg::VTD_FAULT_SPT_6;
      default: ;
    endcase
  end

  // ------------------------------------------------------------------ steps

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= IDLE;
      waits_q <= 1'b0;
    end else begin
      if (mem_valid_o && mem_ready_i) waits_q <= 1'b1;
      else if (mem_rvalid_i) waits_q <= 1'b0;
      unique case (state_q)
        IDLE: if (req_valid_i) state_q <= CONTEXT_LOOKUP;
        CONTEXT_LOOKUP: if (context_ready_i) state_q <= context_hit_i ? ALLOWED : ROOT_READ;
        ROOT_READ: if (answered) state_q <= ROOT_ENTRY;
        ROOT_ENTRY: state_q <= CONTEXT_READ;
        CONTEXT_READ: if (answered) state_q <= CONTEXT_ENTRY;
        CONTEXT_ENTRY: state_q <= CONTEXT_FILL;
        CONTEXT_FILL: if (context_ready_i) state_q <= ALLOWED;
        ALLOWED: state_q <= PASID_LOOKUP;
        PASID_LOOKUP: if (pasid_ready_i) state_q <= pasid_hit_i ? JUDGE : DIR_READ;
        DIR_READ: if (answered) state_q <= DIR_ENTRY;
        DIR_ENTRY: state_q <= ENTRY_READ;
        ENTRY_READ: if (answered) state_q <= PASID_ENTRY;
        PASID_ENTRY: state_q <= PASID_FILL;
        PASID_FILL: if (pasid_ready_i) state_q <= JUDGE;
        JUDGE: state_q <= RESPOND;
        default: if (rsp_ready_i) state_q <= IDLE;
      endcase
      if (reason != '0) state_q <= RESPOND;
    end
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      IDLE: begin
        req_q     <= req_i;
        rsp_q     <= '0;
        dir_fpd_q <= 1'b0;
      end
      CONTEXT_LOOKUP: context_q <= context_i;
      ROOT_ENTRY: table_q <= root_half[63:12];
      CONTEXT_ENTRY: begin
        context_q <= context_read;
        rsp_q.fpd <= context_read.fpd;  // also of an entry that faults
      end
      ALLOWED: begin
        rsp_q.fpd   <= context_q.fpd;
        rsp_q.pasid <= req_q.has_pasid ? req_q.pasid : context_q.rid_pasid;
        rsp_q.priv  <= req_q.has_pasid ? req_q.priv : context_q.rid_priv;
      end
      PASID_LOOKUP: rsp_q.entry <= pasid_i;
      DIR_ENTRY: begin
        table_q   <= data_q[63:12];
        dir_fpd_q <= data_q[vtd_defs_pkg::VTD_PASID_DIR_FPD_LSB];
        rsp_q.fpd <= rsp_q.fpd || data_q[vtd_defs_pkg::VTD_PASID_DIR_FPD_LSB];  // also when not present (ref 2.4)
      end
      PASID_ENTRY: begin
        rsp_q.entry <= pasid_read;
        rsp_q.fpd   <= rsp_q.fpd || pasid_read.fpd;
      end
      JUDGE: rsp_q.fpd <= rsp_q.fpd || rsp_q.entry.fpd;
      default: ;
    endcase
    if (answered) data_q <= mem_rdata_i;
    if (reason != '0) rsp_q.reason <= reason;
  end

  assign req_ready_o      = state_q == IDLE;
  assign rsp_valid_o      = state_q == RESPOND;
  assign rsp_o            = rsp_q;
  assign sid_o            = req_q.sid;
  assign pasid_o          = rsp_q.pasid;
  assign context_lookup_o = state_q == CONTEXT_LOOKUP;
  assign context_fill_o   = state_q == CONTEXT_FILL;
  assign context_o        = context_q;
  assign pasid_lookup_o   = state_q == PASID_LOOKUP;
  assign pasid_fill_o     = state_q == PASID_FILL;
  assign pasid_entry_o    = rsp_q.entry;

endmodule
