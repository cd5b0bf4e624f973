// SPDX-License-Identifier: MIT
//
// The pipeline of requests. S0: screening and the IOTLB, all page sizes at once. S1: the response, or the miss table. A
// request in each cycle, as long as responses are taken; hits pass misses that wait.
//
// A request that looks up again (from the miss table) goes before new ones, from the cycle in which it goes into the
// table as stale. So a new miss never fills S1 while all places of the table are taken by such requests: each waited for
// the other.

module vtd_front #(
    parameter int unsigned SETS = 64,  // of the IOTLB
    parameter int unsigned WAYS = 8,
    parameter int unsigned POLICY = vtd_pkg::VTD_POLICY_LRU,
    parameter int unsigned INDEX = vtd_pkg::VTD_INDEX_HASH,
    parameter int unsigned ENTRY_W = 4  // of an entry of the miss table
) (
    input logic       clk_i,
    input logic       rst_ni,
    input logic       te_i,
    input logic [1:0] ttm_i,
    input logic       hold_i,  // takes no new request

    input  logic                  req_valid_i,
    output logic                  req_ready_o,
    input  vtd_pkg::vtd_request_t req_i,

    output logic                     rsp_valid_o,
    input  logic                     rsp_ready_i,
    output vtd_pkg::vtd_response_t   rsp_o,
    output vtd_pkg::vtd_fault_info_t info_o,

    // the miss table
    input  logic                  retry_valid_i,
    output logic                  retry_ready_o,
    input  vtd_pkg::vtd_request_t retry_req_i,
    input  logic [ENTRY_W-1:0]    retry_entry_i,
    output logic                  release_o,
    output logic                  put_o,
    input  logic                  put_ready_i,
    output vtd_pkg::vtd_request_t put_req_o,
    output logic                  put_stale_o,
    output logic                  put_again_o,
    output logic [ENTRY_W-1:0]    entry_o,        // of release and put
    input  logic                  put_leads_i,

    // a request is in S1; and it stays there
    output logic valid_o,
    output logic stays_o,

    // fills and invalidations of the IOTLB
    input  logic                     fill_i,
    input  vtd_pkg::vtd_iotlb_fill_t fill_req_i,
    input  logic                     inv_i,
    input  vtd_pkg::vtd_inv_scope_t  inv_scope_i,
    output logic                     inv_ready_o,

    // pulses: of a request that leads or is answered
    output logic lookup_o,
    output logic hit_o,
    output logic fill_o,
    output logic evict_o,
    output logic merge_o   // waits for another
);

  // ------------------------------------------------------------------ S0

  vtd_pkg::vtd_request_t s0_req;
  logic s0_valid, s0_ready, s0_takes, screened, takes_new;
  vtd_pkg::vtd_response_t s0_screen_rsp, s0_rsp;
  vtd_pkg::vtd_iotlb_req_t lookup_req;
  vtd_pkg::vtd_iotlb_rsp_t found;

  assign s0_req        = retry_valid_i ? retry_req_i : req_i;
  assign takes_new     = !retry_valid_i && !(put_o && put_stale_o) && !hold_i;
  assign s0_valid      = retry_valid_i || (req_valid_i && takes_new);
  assign s0_takes      = s0_valid && s0_ready;
  assign req_ready_o   = s0_ready && takes_new;
  assign retry_ready_o = s0_ready;
  assign lookup_req    = {s0_req.addr, s0_req.sid, s0_req.has_pasid, s0_req.pasid, s0_req.priv, s0_req.kind};

  vtd_screen u_screen (.te_i, .ttm_i, .req_i(s0_req), .done_o(screened), .rsp_o(s0_screen_rsp));

  logic [51:0] unused_victim_a;
  logic [41:0] unused_victim_b;

  vtd_iotlb #(.SETS(SETS), .WAYS(WAYS), .POLICY(POLICY), .INDEX(INDEX)) u_iotlb (
      .clk_i, .rst_ni, .lookup_i(s0_takes && !screened), .lookup_req_i(lookup_req), .lookup_rsp_o(found),
      .fill_i, .fill_req_i(fill_req_i.req), .fill_entry_i(fill_req_i.entry), .fill_pasid_i(fill_req_i.pasid),
      .fill_rsp_i(fill_req_i.rsp), .fill_done_o(fill_o),
      .evict_o, .evict_a_o(unused_victim_a), .evict_b_o(unused_victim_b),
      .inv_i, .inv_all_i(inv_scope_i.all), .inv_did_i(inv_scope_i.did), .inv_with_pasid_i(inv_scope_i.with_pasid),
      .inv_pasid_i(inv_scope_i.pasid), .inv_range_i(inv_scope_i.range), .inv_page_i(inv_scope_i.page),
      .inv_am_i(inv_scope_i.am), .inv_ready_o
  );

  always_comb begin
    s0_rsp = s0_screen_rsp;
    if (!screened) begin
      s0_rsp.tag    = s0_req.tag;
      s0_rsp.result = vtd_pkg::VTD_RESULT_OK;
      s0_rsp.reason = '0;
      s0_rsp.hpa    = {12'd0, found.hpa};
      s0_rsp.size   = found.size;
      s0_rsp.rights = found.rights;
      s0_rsp.snoop  = found.snoop || !s0_req.no_snoop;
    end
  end

  // ------------------------------------------------------------------ S1

  logic s1_valid_q, s1_miss_q, s1_screened_q, s1_retry_q, s1_stale_q;
  logic [ENTRY_W-1:0] s1_entry_q;
  vtd_pkg::vtd_request_t s1_req_q;
  vtd_pkg::vtd_response_t s1_rsp_q;
  logic leaves, answers;

  assign rsp_valid_o = s1_valid_q && !s1_miss_q;
  assign rsp_o       = s1_rsp_q;
  assign info_o      = {s1_req_q.addr[63:12], s1_req_q.sid, s1_req_q.pasid, s1_req_q.has_pasid, s1_req_q.priv,
                        s1_req_q.kind};
  assign put_o       = s1_valid_q && s1_miss_q;
  assign put_req_o   = s1_req_q;
  assign put_stale_o = s1_stale_q;
  assign put_again_o = s1_retry_q;
  assign entry_o     = s1_entry_q;
  assign answers     = rsp_valid_o && rsp_ready_i;
  assign leaves      = answers || (put_o && put_ready_i);
  assign release_o   = answers && s1_retry_q;
  assign s0_ready    = !s1_valid_q || leaves;
  assign valid_o     = s1_valid_q;
  assign stays_o     = s1_valid_q && !leaves;

  assign lookup_o = (answers && !s1_screened_q) || (put_o && put_ready_i && put_leads_i);
  assign hit_o    = answers && !s1_screened_q;
  assign merge_o  = put_o && put_ready_i && !put_leads_i && !s1_stale_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) s1_valid_q <= 1'b0;
    else s1_valid_q <= s0_takes || stays_o;
    s1_stale_q <= stays_o;
    if (s0_takes) begin
      s1_req_q      <= s0_req;
      s1_rsp_q      <= s0_rsp;
      s1_miss_q     <= !screened && !found.usable;
      s1_screened_q <= screened;
      s1_retry_q    <= retry_valid_i;
      s1_entry_q    <= retry_entry_i;
    end
  end

endmodule
