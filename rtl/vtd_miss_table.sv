// SPDX-License-Identifier: MIT
//
// The requests that missed the IOTLB. Of those for one page (4 KiB of one source-id and PASID) the first leads: it
// waits for a walker, in order of arrival, and is walked. Those behind it follow: when it has its response they look
// the IOTLB up again, and what misses once more leads or follows anew. So a page is not walked twice at the same time.
//
// When the table is full, put_ready_o is 0. A request that looks up again keeps its entry until it is answered
// (release) or comes back (put with put_again_i), which is always possible.

module vtd_miss_table #(
    parameter int unsigned ENTRIES = 16,
    parameter int unsigned WALKERS = 4,
    localparam int unsigned ENTRY_W = vtd_pkg::vtd_width(ENTRIES),
    localparam int unsigned WALKER_W = vtd_pkg::vtd_width(WALKERS)
) (
    input logic clk_i,
    input logic rst_ni,

    // a request that missed
    input  logic                  put_i,
    output logic                  put_ready_o,
    input  vtd_pkg::vtd_request_t put_req_i,
    input  logic                  put_stale_i,  // its lookup is more than one cycle ago: it looks up again
    input  logic                  put_again_i,  // it was here before, in put_entry_i
    input  logic [ENTRY_W-1:0]    put_entry_i,
    output logic                  put_leads_o,  // put_i: it will be walked

    // requests that look up again, and those of them that are answered
    output logic                  retry_valid_o,
    input  logic                  retry_ready_i,
    output vtd_pkg::vtd_request_t retry_req_o,
    output logic [ENTRY_W-1:0]    retry_entry_o,
    input  logic                  release_i,
    input  logic [ENTRY_W-1:0]    release_entry_i,

    // to the walkers; a walker has one request from take to done
    output logic                  walk_valid_o,
    output logic [WALKER_W-1:0]   walk_walker_o,
    output vtd_pkg::vtd_request_t walk_req_o,
    input  logic [WALKERS-1:0]    walk_ready_i,
    input  logic [WALKERS-1:0]    walk_done_i,   // answered: one of them in a cycle

    output logic empty_o
);

  generate
    if (ENTRIES < 1 || ENTRIES > 256) $error("1 to 256 requests wait");
    if (WALKERS < 1 || WALKERS > 16) $error("1 to 16 walkers");
  endgenerate

  localparam int unsigned PAGE_W = 89;  // page, PASID or none, source-id

  // One bit per entry and state; none: free.
  logic [ENTRIES-1:0] waits_q;    // leads, and waits for a walker
  logic [ENTRIES-1:0] walks_q;    // leads, and is walked
  logic [ENTRIES-1:0] follows_q;  // the one that leads its page
  logic [ENTRIES-1:0] retries_q;  // wants to look up again
  logic [ENTRIES-1:0] looks_q;    // does
  vtd_pkg::vtd_request_t req_q[ENTRIES];
  logic [PAGE_W-1:0] page_q[ENTRIES];
  logic [ENTRY_W-1:0] leader_q[ENTRIES];
  logic [ENTRY_W-1:0] walked_q[WALKERS];  // entry of a walker

  // ------------------------------------------------------------------ where a request goes

  logic [ENTRIES-1:0] used, leads, done, follows_done;
  logic [ENTRY_W-1:0] free, put_entry, leader;
  logic [PAGE_W-1:0] put_page;
  logic full, merges, puts;

  assign used        = waits_q | walks_q | follows_q | retries_q | looks_q;
  assign full        = &used;
  assign empty_o     = used == '0;
  assign leads       = waits_q | walks_q;
  assign put_ready_o = put_again_i || !full;
  assign puts        = put_i && put_ready_o;
  assign put_entry   = put_again_i ? put_entry_i : free;
  assign put_page    = {put_req_i.sid, put_req_i.has_pasid, put_req_i.has_pasid ? put_req_i.pasid : 20'd0,
                        put_req_i.addr[63:12]};
  assign put_leads_o = !merges && !put_stale_i;

  always_comb begin
    free   = '0;
    leader = '0;
    merges = 1'b0;
    for (int unsigned n = 0; n < ENTRIES; n++) begin
      if (!used[ENTRIES-1-n]) free = ENTRY_W'(ENTRIES - 1 - n);
      if (leads[n] && page_q[n] == put_page) begin
        merges = 1'b1;
        leader = ENTRY_W'(n);
      end
    end
  end

  // ------------------------------------------------------------------ the order of those that wait for a walker

  logic [ENTRY_W-1:0] order_q[ENTRIES];
  logic [ENTRY_W-1:0] first_q, last_q;  // next to be walked, next to be written
  logic [ENTRY_W-1:0] next;  // entry
  logic takes;

  function automatic logic [ENTRY_W-1:0] behind(logic [ENTRY_W-1:0] place);
    behind = place == ENTRY_W'(ENTRIES - 1) ? '0 : place + 1'b1;
  endfunction

  assign next         = order_q[first_q];
  assign walk_valid_o = waits_q != '0 && walk_ready_i != '0;
  assign walk_req_o   = req_q[next];
  assign takes        = walk_valid_o;

  always_comb begin
    walk_walker_o = '0;
    for (int unsigned w = 0; w < WALKERS; w++)
      if (walk_ready_i[WALKERS-1-w]) walk_walker_o = WALKER_W'(WALKERS - 1 - w);
  end

  always_ff @(posedge clk_i) begin
    if (puts && put_leads_o) order_q[last_q] <= put_entry;
    if (takes) walked_q[walk_walker_o] <= next;
    if (!rst_ni) begin
      first_q <= '0;
      last_q  <= '0;
    end else begin
      if (puts && put_leads_o) last_q <= behind(last_q);
      if (takes) first_q <= behind(first_q);
    end
  end

  // ------------------------------------------------------------------ who is done, and who follows him

  always_comb begin
    done = '0;
    for (int unsigned w = 0; w < WALKERS; w++) if (walk_done_i[w]) done[walked_q[w]] = 1'b1;
    for (int unsigned n = 0; n < ENTRIES; n++) follows_done[n] = follows_q[n] && done[leader_q[n]];
  end

  // ------------------------------------------------------------------ looking up again

  always_comb begin
    retry_entry_o = '0;
    for (int unsigned n = 0; n < ENTRIES; n++) if (retries_q[ENTRIES-1-n]) retry_entry_o = ENTRY_W'(ENTRIES - 1 - n);
  end
  assign retry_valid_o = retries_q != '0;
  assign retry_req_o   = req_q[retry_entry_o];

  // ------------------------------------------------------------------ state

  always_ff @(posedge clk_i) begin
    if (puts && !put_again_i) begin
      req_q[put_entry]  <= put_req_i;
      page_q[put_entry] <= put_page;
    end
    if (puts) leader_q[put_entry] <= leader;
    if (!rst_ni) begin
      waits_q   <= '0;
      walks_q   <= '0;
      follows_q <= '0;
      retries_q <= '0;
      looks_q   <= '0;
    end else begin
      walks_q   <= walks_q & ~done;
      follows_q <= follows_q & ~follows_done;
      retries_q <= retries_q | follows_done;
      if (takes) begin
        waits_q[next] <= 1'b0;
        walks_q[next] <= 1'b1;
      end
      if (retry_valid_o && retry_ready_i) begin
        retries_q[retry_entry_o] <= 1'b0;
        looks_q[retry_entry_o]   <= 1'b1;
      end
      if (release_i) looks_q[release_entry_i] <= 1'b0;
      if (puts) begin
        looks_q[put_entry] <= 1'b0;
        // A leader that is done in this cycle has filled the IOTLB before.
        if (put_stale_i || (merges && done[leader])) retries_q[put_entry] <= 1'b1;
        else if (merges) follows_q[put_entry] <= 1'b1;
        else waits_q[put_entry] <= 1'b1;
      end
    end
  end

endmodule
