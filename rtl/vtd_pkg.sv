// SPDX-License-Identifier: MIT
//
// Types and constants that the modules of the unit share. Layouts of registers and tables are in vtd_defs_pkg.
//
// Package constants carry the numbers of the C interface (vtd.h), so that a test can hand a configuration of the
// model to the hardware as it is.

// verilator lint_off UNUSEDPARAM
// (A package of constants: no design uses all of them.)
package vtd_pkg;

  // Replacement policies (enum vtd_policy). Random replacement is not built: see vtd_assoc_cache.
  localparam int unsigned VTD_POLICY_LRU = 0;
  localparam int unsigned VTD_POLICY_PLRU = 1;
  localparam int unsigned VTD_POLICY_FIFO = 2;

  // How a key selects its set (enum vtd_index).
  localparam int unsigned VTD_INDEX_HASH = 0;
  localparam int unsigned VTD_INDEX_MODULO = 1;

  // The factors of the hash of a key {a, b} (cache.h): its upper half selects the set.
  localparam logic [63:0] VTD_HASH_A = 64'h9e3779b97f4a7c15;
  localparam logic [63:0] VTD_HASH_B = 64'hd6e8feb86659fd93;

  // Most ways of a set. (The model finds keys of larger sets by another index, with another order of free ways.)
  localparam int unsigned VTD_WAYS_MAX = 64;

  // ------------------------------------------------------------------ requests

  // Access kinds (enum vtd_access). There are no execute requests here.
  localparam logic [1:0] VTD_ACCESS_READ = 2'd0;
  localparam logic [1:0] VTD_ACCESS_WRITE = 2'd1;
  localparam logic [1:0] VTD_ACCESS_ATOMIC = 2'd3;

  // What a fault record says of the request besides the reason (ref 1.7).
  typedef struct packed {
    logic [51:0] page;  // address 63:12
    logic [15:0] sid;
    logic [19:0] pasid;
    logic        has_pasid;
    logic        priv;
    logic [1:0]  kind;  // VTD_ACCESS_*
  } vtd_fault_info_t;

  // ------------------------------------------------------------------ helpers

  // Bits of a number below n, at least one: wires of no width are not portable.
  function automatic int unsigned vtd_width(int unsigned n);
    vtd_width = n > 1 ? $clog2(n) : 1;
  endfunction

endpackage
// verilator lint_on UNUSEDPARAM
