#!/bin/bash
# bench.sh: runs every bench in $BUILD/tests, then one table of all their figures.
#
# A bench prints lines `name | ours | floor or peer | ratio | goal`; other lines are for the reader
# and are shown as they come. Figures are reported, never judged: a slow machine fails nothing.
# ONLY=WORD runs only the benches with WORD in their name.
set -u
cd "$(dirname "$0")/.." || exit 1
export BUILD=${BUILD:-build} LC_ALL=C.UTF-8
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
status=0
for bench in "$BUILD"/tests/bench_*; do
    [ -x "$bench" ] || continue
    [[ -z ${ONLY:-} || $bench == *$ONLY* ]] || continue
    echo "== ${bench##*/}"
    "$bench" | tee >(grep -E '^[^|]+(\|[^|]*){4}$' >>"$rows") || status=1
    [ "${PIPESTATUS[0]}" -eq 0 ] || { echo "${bench##*/} failed"; status=1; }
done
sleep 0.1 # the last tee's filter ends after its pipe does
echo
awk -F'|' '
    function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
    BEGIN { cell[0, 1] = "figure"; cell[0, 2] = "ours"; cell[0, 3] = "floor or peer"
            cell[0, 4] = "ratio"; cell[0, 5] = "goal"
            for (i = 1; i <= 5; i++) width[i] = length(cell[0, i]) }
    trim($1) == "name" || trim($1) == "figure" { next }
    { n++; for (i = 1; i <= 5; i++) { cell[n, i] = trim($i)
        if (length(cell[n, i]) > width[i]) width[i] = length(cell[n, i]) } }
    END { for (row = 0; row <= n; row++) for (i = 1; i <= 5; i++)
            printf i < 5 ? "%-*s  " : "%-*s\n", i < 5 ? width[i] : 0, cell[row, i] }' "$rows"
exit $status
