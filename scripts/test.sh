#!/bin/bash
# test.sh: runs every test that is built in $BUILD, and counts. `make test` calls it.
#
#   tests/*_test.c   cmocka programs: each test counts, and a crash or a time-out is one failure more
#   tests/fuzz_*.c   replayed over tests/corpus/*
#   tests/*.sh       and tests/*_test.py: exit 0 passed, 77 skipped, anything else failed
#   make deps        the rules between folders
#   tests/sim.c      the seeded simulation, over SEEDS seeds
#
# Prints the output of what failed; the last line is `N passed, N failed` (`, N skipped` if any).
# Exit 0 when nothing failed and something passed.
# ONLY=WORD in the environment runs only what has WORD in its name.
set -u
cd "$(dirname "$0")/.." || exit 1
export BUILD=${BUILD:-build} LC_ALL=C.UTF-8
seconds=${TEST_SECONDS:-300}
seeds=${SEEDS:-500}
out=$BUILD/test-output
rm -rf "$out"
mkdir -p "$out"

passed=0 failed=0 skipped=0 failures=()

selected() { [[ -z ${ONLY:-} || $1 == *$ONLY* ]]; }

# start NAME COMMAND...: leaves NAME.out, NAME.err and NAME.rc in $out
start() {
    local name=$1
    shift
    timeout -k 10 "$seconds" "$@" >"$out/$name.out" 2>"$out/$name.err" </dev/null
    echo $? >"$out/$name.rc"
}

count_lines() { grep -c "$1" "$2" 2>/dev/null || true; }

report() { # NAME passed failed skipped
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
    if [ "$3" -gt 0 ]; then
        failures+=("$1")
        printf 'FAIL  %s (%d passed, %d failed, exit %s)\n' "$1" "$2" "$3" "$(cat "$out/$1.rc")"
        grep -h '^\[  FAILED  \]' "$out/$1.out" | sed 's/^/      /'
        tail -n 60 "$out/$1.err" | sed 's/^/      | /'
        grep -q '\[==========\]' "$out/$1.out" || tail -n 60 "$out/$1.out" | sed 's/^/      | /'
    else
        printf 'ok    %s (%d)\n' "$1" "$2"
    fi
    if [ "$4" -gt 0 ]; then
        grep -h '^# skipped' "$out/$1.out" | sort -u | sed 's/^/      /'
    fi
}

# cmocka's exit status is the number of tests that failed. Anything else is a crash, a time-out
# or a sanitizer's complaint; a program that ran no test proves nothing.
report_cmocka() {
    local name=$1 rc ok bad skip
    rc=$(cat "$out/$name.rc")
    ok=$(count_lines '^\[       OK \]' "$out/$name.out")
    bad=$(count_lines '^\[  FAILED  \]' "$out/$name.out")
    skip=$(count_lines '^\[  SKIPPED \]' "$out/$name.out")
    if [ "$rc" -ne "$bad" ] || [ $((ok + bad + skip)) -eq 0 ]; then
        bad=$((bad + 1))
    fi
    report "$name" "$ok" "$bad" "$skip"
}

report_program() {
    case $(cat "$out/$1.rc") in
    0)  report "$1" 1 0 0 ;;
    77) report "$1" 0 0 1 ;;
    *)  report "$1" 0 1 0 ;;
    esac
}

run_program() {
    selected "$1" || return 0
    start "$@"
    report_program "$1"
}

# The cmocka programs side by side, as many as there are processors.
names=()
for source in tests/*_test.c; do
    [ -e "$source" ] || continue
    name=$(basename "$source" .c)
    selected "$name" && names+=("$name")
done
for name in ${names[@]+"${names[@]}"}; do
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
    start "$name" "$BUILD/tests/$name" &
done
wait
for name in ${names[@]+"${names[@]}"}; do report_cmocka "$name"; done

for source in tests/fuzz_*.c; do
    what=$(basename "$source" .c) what=${what#fuzz_}
    [ "$what" = main ] || [ ! -e "$source" ] ||
        run_program "replay_$what" "$BUILD/tests/replay_$what" "tests/corpus/$what"
done
for script in tests/*.sh; do
    [ ! -e "$script" ] || run_program "$(basename "$script" .sh)" bash "$script"
done
for script in tests/*_test.py; do
    [ ! -e "$script" ] || run_program "$(basename "$script" .py)" python3 "$script"
done
run_program deps scripts/deps.sh
if [ -e tests/sim.c ]; then
    seconds=1200 run_program "sim_$seeds" "$BUILD/tests/sim" --seeds "$seeds" --first 1
    seconds=1200 run_program "sim_owners_$((seeds / 2))" "$BUILD/tests/sim" --owners --seeds "$((seeds / 2))" --first 1
fi

echo
for name in ${failures[@]+"${failures[@]}"}; do
    echo "failed: $name (all of its output: $out/$name.out, $out/$name.err)"
done
if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
