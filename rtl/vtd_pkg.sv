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
  //
  // Several of a type are one flat vector, element n at [n*W +: W] with the width W that stands behind the type: Yosys
  // does not index arrays of structures.

  // Access kinds (enum vtd_access). There are no execute requests here.
  localparam logic [1:0] VTD_ACCESS_READ = 2'd0;
  localparam logic [1:0] VTD_ACCESS_WRITE = 2'd1;
  localparam logic [1:0] VTD_ACCESS_ATOMIC = 2'd3;

  // What becomes of a request (enum vtd_result).
  localparam logic [1:0] VTD_RESULT_OK = 2'd0;
  localparam logic [1:0] VTD_RESULT_UR = 2'd1;
  localparam logic [1:0] VTD_RESULT_INTERRUPT = 2'd3;

  // The page size of an address that is not translated.
  localparam logic [1:0] VTD_SIZE_NONE = 2'd3;

  // An untranslated request of a device (ref 4.1). It lies within 4 KiB.
  typedef struct packed {
    logic [15:0] tag;  // the sender's: its response has it
    logic [15:0] sid;
    logic        has_pasid;
    logic [19:0] pasid;
    logic        priv;  // only with PASID
    logic        no_snoop;
    logic [1:0]  kind;  // VTD_ACCESS_*
    logic        zero_length;  // only a read
    logic        dword;  // a write of an aligned dword
    logic [63:0] addr;
  } vtd_request_t;
  localparam int unsigned VTD_REQUEST_W = 123;

  // Its response. Unless it goes through, all but tag, result and reason are 0, the size VTD_SIZE_NONE.
  typedef struct packed {
    logic [15:0] tag;
    logic [1:0]  result;  // VTD_RESULT_*
    logic [7:0]  reason;  // 0, or the fault
    logic [63:0] hpa;
    logic [1:0]  size;  // of the mapping: 0 4 KiB, 1 2 MiB, 2 1 GiB, VTD_SIZE_NONE
    logic [1:0]  rights;  // {write, read}
    logic        snoop;
  } vtd_response_t;
  localparam int unsigned VTD_RESPONSE_W = 95;

  // What a fault record says of the request besides the reason (ref 1.7).
  typedef struct packed {
    logic [51:0] page;  // address 63:12
    logic [15:0] sid;
    logic [19:0] pasid;
    logic        has_pasid;
    logic        priv;
    logic [1:0]  kind;  // VTD_ACCESS_*
  } vtd_fault_info_t;
  localparam int unsigned VTD_FAULT_INFO_W = 92;

  // ------------------------------------------------------------------ context and PASID entries

  // What is kept of a scalable-mode context entry (struct context; ref 2.3). Faulting entries are not kept.
  typedef struct packed {
    logic        fpd;
    logic        paside;
    logic [2:0]  pdts;
    logic [51:0] dir;  // PASID directory: address 63:12
    logic [19:0] rid_pasid;
    logic        rid_priv;
  } vtd_context_t;
  localparam int unsigned VTD_CONTEXT_W = 78;

  // What is kept of a PASID table entry, with its directory entry's FPD (struct pasid_entry; ref 2.4, 2.5).
  typedef struct packed {
    logic        fpd;
    logic [2:0]  pgtt;
    logic [15:0] did;
    logic [39:0] fs_root;  // address 51:12
    logic        fs_five;
    logic [39:0] ss_root;
    logic [2:0]  ss_levels;
    logic        ssade;
    logic        eafe;
    logic        wpe;
    logic        pwsnp;
    logic        pgsnp;
    logic        sre;
  } vtd_pasid_t;
  localparam int unsigned VTD_PASID_W = 110;

  // A request as steps 3 to 9 see it, and what they find (ref 4.2).
  typedef struct packed {
    logic [15:0] sid;
    logic        has_pasid;
    logic [19:0] pasid;
    logic        priv;
  } vtd_resolve_req_t;

  typedef struct packed {
    logic [7:0]  reason;  // 0, or the fault
    logic        fpd;  // valid in both cases
    logic [19:0] pasid;  // effective
    logic        priv;
    vtd_pasid_t  entry;
  } vtd_resolve_rsp_t;

  // ------------------------------------------------------------------ walks

  // A translation that missed the IOTLB: the request, and what its PASID table entry says (ref 2.5).
  typedef struct packed {
    logic [63:0] addr;
    logic [2:0]  pgtt;
    logic [19:0] pasid;  // effective: RID_PASID for requests without
    logic [15:0] did;
    logic [39:0] fs_root;  // address 51:12
    logic        fs_five;  // first stage of 5 levels, else 4
    logic [39:0] ss_root;
    logic [2:0]  ss_levels;  // 3 to 5
    logic        ssade;
    logic        eafe;
    logic        wpe;
    logic        pwsnp;  // reads of paging entries snoop
    logic        pgsnp;
    logic        priv;
    logic [1:0]  kind;  // VTD_ACCESS_*
    logic        zero_length;
  } vtd_walk_req_t;

  // What came of it. rights and attr are those of the model's job: attr goes into the IOTLB.
  typedef struct packed {
    logic [7:0]  reason;  // 0, or the fault
    logic [51:0] hpa;
    logic [1:0]  size;  // of the page: 0 4 KiB, 1 2 MiB, 2 1 GiB
    logic [1:0]  rights;  // {write, read} of this requester
    logic [5:0]  attr;  // {snoop, dirty bits are set, write privileged, read privileged, write user, read user}
  } vtd_walk_rsp_t;

  // A request as the IOTLB sees it.
  typedef struct packed {
    logic [63:0] addr;
    logic [15:0] sid;
    logic        has_pasid;
    logic [19:0] pasid;
    logic        priv;
    logic [1:0]  kind;  // VTD_ACCESS_*
  } vtd_iotlb_req_t;

  // Its answer. found alone: there is an entry, but it lacks a right or the dirty bit, so the tables decide (ref 6.1).
  typedef struct packed {
    logic        found;
    logic        usable;
    logic [51:0] hpa;
    logic [1:0]  size;  // of the mapping, as in vtd_walk_rsp_t
    logic [1:0]  rights;  // {write, read}
    logic        snoop;
  } vtd_iotlb_rsp_t;

  // A memory access of a walker: 8 bytes, aligned.
  typedef struct packed {
    logic        cas;  // compare with expected, store desired; else a read
    logic [51:3] addr;
    logic [63:0] expected;
    logic [63:0] desired;
    logic        snoop;
    logic        second_stage;
    logic [2:0]  level;
  } vtd_walk_mem_t;

  // An entry of a paging-structure cache (struct psc_entry): where the next table is, and what is left of the rights.
  typedef struct packed {
    logic [39:0] table_page;  // host address 51:12
    logic        ss_dirty;  // nested: the table's page needs no dirty-bit update
    logic        ss_write;  // nested: the second stage lets the table be written
    logic        us;
    logic        w;
    logic        r;
  } vtd_psc_data_t;

  // A lookup and a fill of a paging-structure cache; the domain and PASID of both are those of the request.
  typedef struct packed {
    logic        second_stage;
    logic [63:0] addr;
    logic [2:0]  levels;  // of the walk
  } vtd_psc_lookup_t;
  localparam int unsigned VTD_PSC_LOOKUP_W = 68;

  typedef struct packed {
    logic          hit;
    logic [2:0]    level;
    vtd_psc_data_t data;
  } vtd_psc_hit_t;

  typedef struct packed {
    logic          second_stage;
    logic [63:0]   addr;
    logic [2:0]    level;
    vtd_psc_data_t data;
  } vtd_psc_fill_t;
  localparam int unsigned VTD_PSC_FILL_W = 113;

  // What the IOTLB takes of a walk that succeeded.
  typedef struct packed {
    vtd_iotlb_req_t req;
    vtd_pasid_t     entry;
    logic [19:0]    pasid;  // effective
    vtd_walk_rsp_t  rsp;
  } vtd_iotlb_fill_t;
  localparam int unsigned VTD_IOTLB_FILL_W = 304;

  // ------------------------------------------------------------------ memory

  localparam logic [1:0] VTD_MEM_READ = 2'd0;
  localparam logic [1:0] VTD_MEM_CAS = 2'd1;
  localparam logic [1:0] VTD_MEM_WRITE = 2'd2;

  // What an access is for (enum vtd_mem_class).
  localparam logic [3:0] VTD_MEM_ROOT = 4'd0;
  localparam logic [3:0] VTD_MEM_CONTEXT = 4'd1;
  localparam logic [3:0] VTD_MEM_PASID_DIR = 4'd2;
  localparam logic [3:0] VTD_MEM_PASID_ENTRY = 4'd3;
  localparam logic [3:0] VTD_MEM_FS_ENTRY = 4'd4;
  localparam logic [3:0] VTD_MEM_SS_ENTRY = 4'd5;
  localparam logic [3:0] VTD_MEM_DESCRIPTOR = 4'd8;
  localparam logic [3:0] VTD_MEM_STATUS = 4'd9;

  // A memory access of a client of the memory port: a walker, or the queue engine.
  typedef struct packed {
    logic [1:0]  op;  // VTD_MEM_READ, VTD_MEM_CAS or VTD_MEM_WRITE
    logic [51:2] addr;  // of a qword; of a write: of a dword
    logic [3:0]  qwords;  // of a read: 1, 2, 4 or 8; else 1
    logic [63:0] expected;  // CAS: desired is stored where this is
    logic [63:0] desired;  // CAS; a write stores bits 31:0
    logic        snoop;
    logic [3:0]  kind;  // what for
    logic [2:0]  level;  // of a paging entry, else 0
  } vtd_mem_req_t;

  // Its bits: Yosys reads a packed array of a structure as one element, so several of them are a plain vector.
  localparam int unsigned VTD_MEM_REQ_W = 192;

  // ------------------------------------------------------------------ invalidations

  // Largest address mask of a page-selective IOTLB invalidation (CAP.MAMV).
  localparam logic [5:0] VTD_MAMV = 6'd27;

  // Which caches an invalidation concerns.
  typedef struct packed {
    logic ss_psc;
    logic fs_psc;
    logic iotlb;
    logic pasids;
    logic contexts;
  } vtd_inv_caches_t;

  // What it takes there (ref 6.3): the caches' ports inv_all_i to inv_am_i. The context cache goes by the source-id
  // alone; the range for the first-stage structures is not that of the IOTLB and the second-stage structures.
  typedef struct packed {
    logic        all;
    logic [15:0] sid;
    logic [15:0] sid_mask;
    logic [15:0] did;
    logic        with_pasid;
    logic [19:0] pasid;
    logic        range;
    logic        fs_psc_range;
    logic [51:0] page;
    logic [5:0]  am;
  } vtd_inv_scope_t;

  // A wait descriptor (ref 3.1). FN asks for nothing more: descriptors are done one by one.
  typedef struct packed {
    logic        raises;  // IF
    logic        writes;  // SW
    logic [31:0] data;
    logic [63:2] addr;
  } vtd_inv_wait_t;

  // ------------------------------------------------------------------ helpers

  // Addresses 0xfee00000 to 0xfeefffff (ref 4.9).
  function automatic logic vtd_in_interrupt_range(logic [51:0] hpa);
    vtd_in_interrupt_range = hpa[51:20] == 32'hfee;
  endfunction

  // The entry's number in a table of that level.
  function automatic logic [8:0] vtd_index_of(logic [63:0] addr, logic [2:0] level);
    unique case (level)
      3'd1: vtd_index_of = addr[20:12];
      3'd2: vtd_index_of = addr[29:21];
      3'd3: vtd_index_of = addr[38:30];
      3'd4: vtd_index_of = addr[47:39];
      default: vtd_index_of = addr[56:48];
    endcase
  endfunction

  // The address behind a leaf of that level.
  function automatic logic [51:0] vtd_behind(logic [63:0] entry, logic [63:0] addr, logic [2:0] level);
    unique case (level)
      3'd1: vtd_behind = {entry[51:12], addr[11:0]};
      3'd2: vtd_behind = {entry[51:21], addr[20:0]};
      default: vtd_behind = {entry[51:30], addr[29:0]};
    endcase
  endfunction

  // Does a PASID directory of that size have the PASID? (ref 2.3: PASID < 2^(PDTS+13))
  function automatic logic vtd_in_directory(logic [19:0] pasid, logic [2:0] pdts);
    vtd_in_directory = ({1'b0, pasid} >> (5'd13 + {2'd0, pdts})) == '0;
  endfunction

  // Bits of a number below n, at least one: wires of no width are not portable.
  function automatic int unsigned vtd_width(int unsigned n);
    vtd_width = n > 1 ? $clog2(n) : 1;
  endfunction

endpackage
// verilator lint_on UNUSEDPARAM
