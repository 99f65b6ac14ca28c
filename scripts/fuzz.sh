#!/bin/bash
# fuzz.sh SECONDS: runs each fuzz target in $BUILD/tests for so long, and says what it reached.
#
# Begins from tests/corpus/X and keeps what it finds in $BUILD/corpus/X, so that the next run goes
# on from there. A crash leaves its input in $BUILD/crash/; put it into tests/corpus/X with the fix.
# ONLY=WORD runs only the targets with WORD in their name. Exit 1 when one of them crashed.
set -u
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build/fuzzer}
seconds=${1:-60}
status=0
mkdir -p "$BUILD/crash"
symbolizer=$(command -v llvm-symbolizer || command -v llvm-symbolizer-14 || true)
export ASAN_SYMBOLIZER_PATH=$symbolizer UBSAN_OPTIONS=print_stacktrace=1
printf '%-20s %12s %10s %10s %8s  %s\n' target executions per_second edges corpus result
for target in "$BUILD"/tests/fuzz_*; do
    [ -x "$target" ] || continue
    what=${target##*/fuzz_}
    [[ -z ${ONLY:-} || $what == *$ONLY* ]] || continue
    kept=$BUILD/corpus/$what
    log=$BUILD/fuzz_$what.log
    mkdir -p "$kept"
    if "$target" -max_total_time="$seconds" -print_final_stats=1 -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="$BUILD/crash/$what-" "$kept" "tests/corpus/$what" >"$log" 2>&1; then
        result=ok
    else
        result="FAILED, see $log"
        status=1
    fi
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
    edges=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | cut -d' ' -f2)
    inputs=$(find "$kept" -type f | wc -l)
    printf '%-20s %12s %10s %10s %8s  %s\n' "$what" "${executions:--}" "${rate:--}" "${edges:--}" \
        "$inputs" "$result"
done
exit $status
