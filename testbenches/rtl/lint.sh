#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: lint.sh verilator|yosys PROGRAM
# Every module of rtl/vtd.f, also in unusual geometries: without a warning by Verilator, or read, elaborated and checked by
# Yosys without latches. And the other way round: what cannot be built is refused.
set -eu
tool=$1
program=$2
cd "$(dirname "$0")/../../rtl"
sources=$(tr '\n' ' ' <vtd.f)

# module and parameters, one a line; ! before what must be refused
cases=$(cat <<'EOT'
vtd_assoc_cache
vtd_assoc_cache POLICY=1 PROBES=2
vtd_assoc_cache POLICY=2 WAYS=3 SETS=1
vtd_assoc_cache WAYS=1 INDEX=1
vtd_assoc_cache WAYS=2 POLICY=1 PROBES=3 SETS=2 SIZE_LSB=92 SIZE_W=2 SIZE_MAX=2
vtd_axil
vtd_event
vtd_fault_log
vtd_fault_log RECORDS=1
vtd_regfile
vtd_regfile RECORDS=1
vtd_psc
vtd_psc SECOND_STAGE=1'b1 POLICY=1 SETS=1
vtd_walker
vtd_walker HAW=52
vtd_walker HAW=32
!vtd_regfile RECORDS=224
!vtd_assoc_cache POLICY=3
!vtd_assoc_cache POLICY=1 WAYS=3
!vtd_assoc_cache SETS=3
!vtd_assoc_cache WAYS=65
EOT
)

# read_one MODULE PARAMETER...: 0 when the tool has nothing against it
read_one() {
    module=$1
    shift
    set_parameters=""
    for parameter in "$@"; do
        if [ "$tool" = verilator ]; then
            set_parameters="$set_parameters -G$parameter"
        else
            set_parameters="$set_parameters -set ${parameter%%=*} ${parameter#*=}"
        fi
    done
    if [ "$tool" = verilator ]; then
        # shellcheck disable=SC2086
        "$program" --lint-only -Wall lint/vtd.vlt $sources --top-module "$module" $set_parameters
    else
        [ -z "$set_parameters" ] || set_parameters="chparam$set_parameters $module;"
        "$program" -q -e 'Latch inferred' -p "read_verilog -sv $sources; $set_parameters
            hierarchy -check -top $module; proc; opt; check -assert; select -assert-none t:\$dlatch t:\$adff" 2>&1
    fi
}

failures=0
while read -r case; do
    wanted=0
    [ "${case#!}" = "$case" ] || wanted=1
    status=0
    # shellcheck disable=SC2086
    output=$(read_one ${case#!} 2>&1) || status=1
    if [ $status -ne $wanted ]; then
        failures=1
        echo "$case: exit status $status, wanted $wanted"
        echo "$output"
    fi
done <<EOT
$cases
EOT
exit $failures
