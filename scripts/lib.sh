# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What setup, run and test share: quiet steps with a log, one line of progress on a terminal, configure and build.
# The caller's current directory is the top of the source tree.

log_dir=build/logs
mkdir -p "$log_dir"

# Progress goes to standard error, and only when that is a terminal: standard output belongs to results.
say() { printf '%s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Shows its input as one line that is overwritten.
ticker() {
    local line columns
    columns=$(tput cols 2>/dev/null || echo 80)
    while IFS= read -r line; do
        line=${line//$'\t'/ }
        printf '\r\033[K%.*s' "$((columns - 1))" "$line" >&2
    done
    printf '\r\033[K' >&2
}

# logged NAME COMMAND...: runs the command with its output in $log_dir/NAME.log; returns its status.
logged() {
    local log="$log_dir/$1.log"
    shift
    if [ -t 2 ]; then
        "$@" 2>&1 </dev/null | tee "$log" | ticker
        return "${PIPESTATUS[0]}"
    fi
    "$@" >"$log" 2>&1 </dev/null
}

# show_log NAME: the log on standard error, without the lines of steps that went well.
show_log() {
    say "--- $log_dir/$1.log"
    grep -vE '^\[[0-9]+/[0-9]+\] |^ *[0-9]+/[0-9]+ Test +#.* Passed|^ +Start +[0-9]+: ' "$log_dir/$1.log" >&2 || true
    say "---"
}

# build_preset PRESET TARGET [CMAKE OPTION...]: configures and builds; says what went wrong. Returns 1 on failure.
build_preset() {
    local preset=$1 target=$2 warnings
    shift 2
    if ! logged "configure-$preset" cmake --preset "$preset" "$@"; then
        show_log "configure-$preset"
        say "error: cannot configure build/$preset"
        return 1
    fi
    if ! logged "build-$preset" cmake --build --preset "$preset" --target "$target"; then
        show_log "build-$preset"
        say "error: the build in build/$preset failed"
        return 1
    fi
    warnings=$(grep -c 'warning:' "$log_dir/build-$preset.log" || true)
    if [ "$warnings" -gt 0 ]; then
        say "$warnings compiler warnings, see $log_dir/build-$preset.log"
    fi
}
