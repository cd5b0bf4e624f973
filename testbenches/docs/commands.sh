#!/bin/bash
# SPDX-License-Identifier: MIT
#
# commands.sh PAGE BIN SOURCE: runs every line of the blocks of shell in a page, in order, in a directory of its own, with the
# programs in BIN in front of the PATH and SOURCE/sim at hand. "-n NUMBER" is cut to a small number, so that it takes seconds.
# A page whose commands fail, or that has none, fails.
set -euo pipefail
page=$(realpath "$1")
bin=$(realpath "$2")
source=$(realpath "$3")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
ln -s "$source/sim" sim
sed -n '/^```sh$/,/^```$/{/^```/d;p}' "$page" |
    sed -E 's/(^| )(-n|--requests) [0-9]+/\1\2 4000/g' >commands
[ -s commands ] || {
    echo "$page has no commands" >&2
    exit 1
}
cat commands
PATH="$bin:$PATH" bash -euo pipefail commands >output || {
    echo "a command of $page failed; it printed:" >&2
    tail -20 output >&2
    exit 1
}
