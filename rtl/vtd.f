vtd_defs_pkg.sv
vtd_pkg.sv
vtd_lru.sv
vtd_plru.sv
vtd_inv_match.sv
vtd_assoc_cache.sv
