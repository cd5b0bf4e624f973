// SPDX-License-Identifier: MIT
//
// What a walk will put into the paging-structure caches when it succeeds, in the order in which it found it (ref 10.3,
// psc.c): a second-stage table that was noted before is not noted again. (A walk passes each first-stage level once.)

module vtd_walk_notes #(
    parameter int unsigned NOTES = 32  // a nested walk of 5 levels over 5 finds at most 28 tables
) (
    input logic clk_i,
    input logic rst_ni,

    input logic                   clear_i,
    input logic                   note_i,
    input vtd_pkg::vtd_psc_fill_t fill_i,   // with the input address of the stage

    output logic                   valid_o,  // the oldest that was not taken
    input  logic                   take_i,
    output vtd_pkg::vtd_psc_fill_t fill_o    // with its address down to what the level indexes
);

  localparam int unsigned COUNT_W = $clog2(NOTES) + 1;
  localparam int unsigned INDEX_W = COUNT_W - 1;
  localparam int unsigned DATA_W = 45;

  logic [COUNT_W-1:0] count_q, taken_q;
  logic               second_stage_q[NOTES];
  logic [       63:0] addr_q        [NOTES];
  logic [        2:0] level_q       [NOTES];
  logic [ DATA_W-1:0] data_q        [NOTES];

  logic [63:0] addr;
  logic known, enters;
  logic [INDEX_W-1:0] first;

  always_comb begin
    unique case (fill_i.level)
      3'd2: addr = {fill_i.addr[63:21], 21'd0};
      3'd3: addr = {fill_i.addr[63:30], 30'd0};
      3'd4: addr = {fill_i.addr[63:39], 39'd0};
      default: addr = {fill_i.addr[63:48], 48'd0};
    endcase
    known = 1'b0;
    for (int unsigned n = 0; n < NOTES; n++)
      if (COUNT_W'(n) < count_q && second_stage_q[n] && level_q[n] == fill_i.level && addr_q[n] == addr) known = 1'b1;
  end

  assign enters         = note_i && !(fill_i.second_stage && known) && count_q != COUNT_W'(NOTES);
  assign first          = taken_q[INDEX_W-1:0];
  assign valid_o        = taken_q != count_q;
  assign fill_o         = {second_stage_q[first], addr_q[first], level_q[first], data_q[first]};

  always_ff @(posedge clk_i) begin
    if (enters) begin
      second_stage_q[count_q[INDEX_W-1:0]] <= fill_i.second_stage;
      addr_q[count_q[INDEX_W-1:0]]         <= addr;
      level_q[count_q[INDEX_W-1:0]]        <= fill_i.level;
      data_q[count_q[INDEX_W-1:0]]         <= fill_i.data;
    end
    if (!rst_ni || clear_i) begin
      count_q <= '0;
      taken_q <= '0;
    end else begin
      if (enters) count_q <= count_q + 1'b1;
      if (valid_o && take_i) taken_q <= taken_q + 1'b1;
    end
  end

endmodule
