#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: lint.sh verilator|yosys PROGRAM
# Every module of rtl/vtd.f, also in unusual geometries: without a warning by Verilator, or read, elaborated and checked by
# Yosys without latches and asynchronous resets. And the other way round: what cannot be built is refused.
set -eu
tool=$1
program=$2
cd "$(dirname "$0")/../../rtl"
sources=$(tr '\n' ' ' <vtd.f)

# modules and parameters; what a module has inside need not stand here by itself
accepted=$(cat <<'EOT'
vtd_unit
vtd_unit HAW=52 WALKERS=1 MISSES=1 IOTLB_SETS=1 IOTLB_WAYS=1 RECORDS=1
vtd_assoc_cache POLICY=1 PROBES=2
vtd_assoc_cache POLICY=2 WAYS=3 SETS=1
vtd_assoc_cache WAYS=1 INDEX=1
vtd_assoc_cache WAYS=2 POLICY=1 PROBES=3 SETS=2 SIZE_LSB=92 SIZE_W=2 SIZE_MAX=2
vtd_psc SETS=2 WAYS=2
vtd_psc SECOND_STAGE=1'b1 POLICY=1 SETS=1 WAYS=4
vtd_context_cache SETS=1 POLICY=1 WAYS=4
vtd_pasid_cache WAYS=3 INDEX=1
vtd_iotlb SETS=2 WAYS=2
vtd_inv_engine HAW=20
vtd_mem_port CLIENTS=1
vtd_mem_port CLIENTS=17
EOT
)
refused=$(cat <<'EOT'
vtd_regfile RECORDS=223
vtd_assoc_cache POLICY=3
vtd_assoc_cache POLICY=1 WAYS=3
vtd_assoc_cache SETS=3
vtd_assoc_cache WAYS=65
vtd_inv_engine HAW=53
vtd_inv_engine SLOTS=0
vtd_mem_port CLIENTS=33
vtd_miss_table ENTRIES=0
vtd_miss_table WALKERS=17
EOT
)

# Yosys commands for a line of the lists.
yosys_commands() {
    module=${1%% *}
    set_parameters=""
    for parameter in ${1#"$module"}; do
        set_parameters="$set_parameters -set ${parameter%%=*} ${parameter#*=}"
    done
    [ -z "$set_parameters" ] || printf 'chparam%s %s; ' "$set_parameters" "$module"
    # shellcheck disable=SC2016 # names of Yosys cells
    printf 'hierarchy -check -top %s; proc; check -assert; select -assert-none t:$dlatch t:$adff; select -clear; ' "$module"
}

# lint COMMANDS-OR-CASE: 0 when the tool has nothing against it
lint() {
    if [ "$tool" = yosys ]; then
        "$program" -q -e 'Latch inferred' -p "read_verilog -sv -defer $sources; design -save all; $1" 2>&1
        return
    fi
    set_parameters=""
    for parameter in ${1#"${1%% *}"}; do
        set_parameters="$set_parameters -G$parameter"
    done
    # shellcheck disable=SC2086
    "$program" --lint-only -Wall lint/vtd.vlt $sources --top-module "${1%% *}" $set_parameters 2>&1
}

failures=0
# expect STATUS NAME COMMANDS-OR-CASE
expect() {
    status=0
    output=$(lint "$3") || status=1
    if [ $status -ne "$1" ]; then
        failures=1
        echo "$2: exit status $status, wanted $1"
        echo "$output"
    fi
}

commands=""
while read -r case; do
    if [ "$tool" = yosys ]; then
        commands="$commands log $case; $(yosys_commands "$case") design -load all; "
    else
        expect 0 "$case" "$case"
    fi
done <<EOT
$accepted
EOT
[ "$tool" != yosys ] || expect 0 "one of the modules that must be accepted" "$commands"
while read -r case; do
    if [ "$tool" = yosys ]; then
        expect 1 "$case" "$(yosys_commands "$case")"
    else
        expect 1 "$case" "$case"
    fi
done <<EOT
$refused
EOT
exit $failures
