#!/bin/bash
# Proves that scripts/test.sh counts: tests that pass, fail, crash, hang, run nothing or are
# skipped, in a small tree of its own. Also that the checks of tests/check.h can fail.
set -u
cd "$(dirname "$0")/.." || exit 1
BUILD=$(cd "${BUILD:-build}" && pwd)
wrong=0
expect() { # WHAT GOT WANTED
    [ "$2" = "$3" ] || { echo "$1: got '$2', wanted '$3'"; wrong=1; }
}

failed=$("$BUILD/tests/check_test" fail 2>/dev/null | grep -c '^\[  FAILED  \]')
expect 'checks that must fail' "$failed" 3

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{scripts,tests,build/tests}
cp scripts/test.sh "$tree/scripts/"
printf '#!/bin/sh\nexit 0\n' >"$tree/scripts/deps.sh"
chmod +x "$tree/scripts/deps.sh"

# program NAME LINE...: a stand-in for a cmocka program
program() {
    local name=$1
    shift
    touch "$tree/tests/$name.c"
    { echo '#!/bin/bash'; printf '%s\n' "$@"; } >"$tree/build/tests/$name"
    chmod +x "$tree/build/tests/$name"
}
last_line() {
    (cd "$tree" && TEST_SECONDS=2 BUILD=build scripts/test.sh >report 2>&1; echo $? >rc; tail -n 1 report)
}

program good_test 'echo "[       OK ] a"' 'echo "[       OK ] b"' 'exit 0'
expect 'all pass' "$(last_line)" '3 passed, 0 failed'
expect 'exit status' "$(cat "$tree/rc")" 0
program skip_test 'echo "# skipped: no data"' 'echo "[  SKIPPED ] c"'
expect 'a skip is told' "$(last_line)" '3 passed, 0 failed, 1 skipped'
program bad_test 'echo "[       OK ] a"' 'echo "[  FAILED  ] b"' 'echo "b.c:7: error" >&2' 'exit 1'
expect 'a failure' "$(last_line)" '4 passed, 1 failed, 1 skipped'
expect 'exit status of a failure' "$(cat "$tree/rc")" 1
grep -q 'b.c:7: error' "$tree/report" || { echo 'the output of a failure is not shown'; wrong=1; }
program crash_test 'echo "[       OK ] a"' 'kill -SEGV $$'
expect 'a crash' "$(last_line)" '5 passed, 2 failed, 1 skipped'
program hang_test 'echo "[       OK ] a"' 'sleep 20'
expect 'a time-out' "$(last_line)" '6 passed, 3 failed, 1 skipped'
program empty_test 'exit 0'
expect 'a program without a test' "$(last_line)" '6 passed, 4 failed, 1 skipped'
touch "$tree/tests/lost_test.c"
expect 'a program that was not built' "$(last_line)" '6 passed, 5 failed, 1 skipped'
exit $wrong
