// SPDX-License-Identifier: MIT
//
// Does an invalidation cover an entry? (ref 6.3) An entry is covered when every bit of its tag that the mask names has
// the wanted value, and, if the invalidation has a range, its block of memory touches the range or its tag has one of
// the bits that exempt it from the range (ref 6.3: entries of first-stage translation in a domain-wide range).
//
// The range is 2^am pages of 4 KiB, aligned to its size. The block of an entry is 2^(9*size) pages; its number stands
// in the low bits of the tag. Two aligned blocks of power-of-two sizes touch when the smaller lies in the larger, so
// the comparison leaves out the bits below the larger of the two sizes.

module vtd_inv_match #(
    parameter int unsigned TAG_W = 64,
    parameter int unsigned PAGE_W = 52,  // width of a page number; the block number is in tag bits PAGE_W-1:0
    parameter int unsigned SIZE_MAX = 2  // largest size code: 2 for 4 KiB, 2 MiB and 1 GiB
) (
    input  logic [ TAG_W-1:0] tag_i,
    input  logic [       2:0] size_i,    // of the entry, at most SIZE_MAX
    input  logic [ TAG_W-1:0] mask_i,
    input  logic [ TAG_W-1:0] value_i,
    input  logic              range_i,   // the invalidation has a range
    input  logic [ TAG_W-1:0] exempt_i,
    input  logic [PAGE_W-1:0] page_i,    // first page of the range, or any in it
    input  logic [       5:0] am_i,
    output logic              match_o
);

  logic [PAGE_W-1:0] wanted, low;
  logic [6:0] shift;  // pages of the entry, as a power of two
  logic in_range;

  always_comb begin
    wanted = page_i;
    shift  = 7'd0;
    for (int unsigned s = 1; s <= SIZE_MAX; s++) begin
      if (size_i == 3'(s)) begin
        wanted = page_i >> (9 * s);
        shift  = 7'(9 * s);
      end
    end
    // Bits that both sizes let be: those below am, seen from the entry's block.
    low = '1;
    if ({1'b0, am_i} > shift) low = low << ({1'b0, am_i} - shift);
    in_range = ((tag_i[PAGE_W-1:0] ^ wanted) & low) == '0;
  end

  assign match_o = ((tag_i ^ value_i) & mask_i) == '0 && (!range_i || in_range || (tag_i & exempt_i) != '0);

endmodule
