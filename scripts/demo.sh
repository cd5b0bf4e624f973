#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The bundled study: what the size of the PASID cache does when tenants with a PASID each share real devices.
set -euo pipefail
cd "$(dirname "$0")/.."

vtdsim=build/release/bin/vtdsim
trace=sim/workload/traces/nvme4-tenants-strict.trace.zst
scenario=testbenches/scenarios/example.vtd
sizes="1 2 4 8 16 32 64 128 256"
tenants=16
interleave=random
iotlb=64
out=build/run

usage() {
    cat <<TEXT
Usage: ./scripts/demo.sh [OPTION...]

  --trace FILE         DMA trace to play (default $trace)
  --tenants N          tenants, each with a PASID of its own (default $tenants)
  --interleave RULE    round-robin, random or zipf:S (default $interleave)
  --sizes "N N ..."    entries of the PASID cache (default "$sizes")
  --iotlb N            entries of the IOTLB (default $iotlb)
  --out DIRECTORY      where results go (default $out)
  --help               this text
TEXT
}

while [ $# -gt 0 ]; do
    case "$1" in
    -h | --help) usage && exit 0 ;;
    --trace | --tenants | --interleave | --sizes | --iotlb | --out)
        [ $# -ge 2 ] || { echo "demo.sh: $1 wants a value" >&2 && exit 2; }
        declare "${1#--}=$2"
        shift 2
        ;;
    *) echo "demo.sh: unknown option $1" >&2 && usage >&2 && exit 2 ;;
    esac
done
[ -x "$vtdsim" ] || { echo "demo.sh: $vtdsim is not built; ./scripts/run builds it" >&2 && exit 2; }
mkdir -p "$out"

# column NAME < FILE: the value of one column of the CSV that vtdsim run writes.
column() { awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR == 2 { print $c }'; }

printf 'A real DMA trace (%s) for %s tenants with a PASID each, %s order.\n' "$(basename "$trace")" "$tenants" "$interleave"
printf 'First-stage translation, IOTLB of %s entries, true LRU everywhere; the PASID cache grows from line to line.\n\n' "$iotlb"
printf '%12s  %9s  %10s  %10s  %10s  %14s\n' 'PASID cache' 'requests' 'IOTLB' 'context' 'PASID' 'memory reads'
printf '%12s  %9s  %10s  %10s  %10s  %14s\n' 'entries' '' 'hit rate' 'hit rate' 'hit rate' 'per request'
data=$out/pasid-cache.dat
echo '# entries pasid_cache_hit_rate memory_reads_per_request' >"$data"
for size in $sizes; do
    csv=$out/pasid-cache-$size.csv
    "$vtdsim" run --trace "$trace" --tenants "$tenants" --interleave "$interleave" --set "iotlb.entries=$iotlb" \
        --set "pasid_cache.entries=$size" --set "pasid_cache.ways=$size" --stats csv --output "$csv"
    pasid=$(column pasid_cache_hit_rate <"$csv")
    reads=$(column memory_reads_per_request <"$csv")
    echo "$size $pasid $reads" >>"$data"
    awk -v n="$size" -v r="$(column requests <"$csv")" -v i="$(column iotlb_hit_rate <"$csv")" \
        -v c="$(column ctxt_cache_hit_rate <"$csv")" -v p="$pasid" -v m="$reads" \
        'BEGIN { printf "%12d  %9d  %8.2f %%  %8.2f %%  %8.2f %%  %14.3f\n", n, r, 100 * i, 100 * c, 100 * p, m }'
done

figure=$out/pasid-cache.svg
# The right axis gets five round steps, as many as the left one has, so that both share one grid.
step=$(awk '$1 != "#" && $3 > max { max = $3 }
    END { for (s = 0.01; ; s *= 10) for (i = 1; i <= 5; i += i == 1 ? 1 : i == 2 ? 3 : 1)
        if (5 * i * s >= max) { print i * s; exit } }' "$data")
name=$(basename "$trace" .trace.zst)
name=${name//_/\\\\_} # an underscore would lower the next letter
gnuplot <<PLOT
set terminal svg size 860,540 font "DejaVu Sans,14" background rgb "white"
set output "$figure"
set title "{/:Bold How large should the PASID cache be?}\n{/*0.85 $name, $tenants tenants with a PASID each, $interleave order, LRU, IOTLB of $iotlb entries}" offset 0,0.3
set logscale x 2
set xrange [$(awk '$1 != "#" { if (!min || $1 < min) min = $1; if ($1 > max) max = $1 }
    END { printf "%g:%g", min * 0.8, max * 1.25 }' "$data")]
set xlabel "PASID cache size (entries, fully associative)"
set ylabel "hit rate of the PASID cache (%)" textcolor rgb "#1f5fa8"
set y2label "memory reads per request" textcolor rgb "#c4551a"
set yrange [0:100]
set y2range [0:5 * $step]
set xtics nomirror out (${sizes// /, }) textcolor rgb "#333333"
set ytics nomirror out 20 textcolor rgb "#1f5fa8"
set y2tics out $step textcolor rgb "#c4551a"
set grid ytics linetype 1 linewidth 1 linecolor rgb "#e4e4e4"
set border 11 linecolor rgb "#888888"
set key at graph 0.97, graph 0.62 right top Left reverse samplen 2.5 opaque box linecolor rgb "#e4e4e4" textcolor rgb "#333333"
set style line 1 linecolor rgb "#1f5fa8" linewidth 2.5 pointtype 7 pointsize 0.8
set style line 2 linecolor rgb "#c4551a" linewidth 2.5 pointtype 5 pointsize 0.7
plot "$data" using 1:(100 * \$2) with linespoints linestyle 1 title "hit rate (left axis)", \
     "$data" using 1:3 axes x1y2 with linespoints linestyle 2 title "memory reads (right axis)"
PLOT
printf '\nThe curve: %s\nThe numbers: %s\n' "$figure" "$data"

printf '\nOne translation, step by step (vtdsim explain %s --line 23):\n\n' "$scenario"
"$vtdsim" explain "$scenario" --line 23
