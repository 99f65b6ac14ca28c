#!/bin/bash
# squareoff-admin over the shipped day: what it says, what it leaves behind, and its exit codes.
set -u
cd "$(dirname "$0")/.." || exit 1
admin=${BUILD:-build}/squareoff-admin
[ -x "$admin" ] || { echo "# skipped: no $admin"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
state=$work/state
wrong=0

# try EXIT-CODE WORDS COMMAND...: the code is right, and the output holds the words
try() {
    local code=$1 words=$2 got
    shift 2
    "$@" >"$work/out" 2>&1
    got=$?
    if [ "$got" -ne "$code" ] || ! grep -qF -- "$words" "$work/out"; then
        echo "wrong: exit $got, expected $code and '$words': $*"
        sed 's/^/  | /' "$work/out" | head -n 20
        wrong=$((wrong + 1))
    fi
}

bod() { "$admin" bod --state "$state" --book DRL --sender SQDRILL "$@"; }

try 0 'Exit: 0 done' "$admin" --help
try 0 'squareoff-admin' "$admin" --version
try 2 'no command' "$admin"
try 2 'not known' "$admin" frobnicate
try 2 'not possible' "$admin" bod --day 2026-13-01 drill
try 2 '--state DIR is needed' "$admin" bod drill
try 2 'needs files' "$admin" bod --state "$state"
try 2 'No such file' bod "$work/none"
try 3 'not there' "$admin" journal print --state "$state"
[ ! -e "$state" ] || { echo 'wrong: a state was made by failing'; wrong=$((wrong + 1)); }

try 0 '1896 contracts read' bod --accept-one-source SV02 'a drill' drill
try 0 'already loaded, nothing changed' bod --accept-one-source SV02 'a drill' drill
try 1 'from other content' bod drill
try 0 'hash chain and replay: good' "$admin" journal verify --state "$state"
try 0 '< book day=20261126' "$admin" journal print --state "$state"
try 0 'after seq 10 ' "$admin" journal replay --state "$state" --until 10
try 0 '"kind":"day-done"' "$admin" journal export --state "$state" --json
try 0 'seq,time,face,kind,text' "$admin" journal export --state "$state" --csv
try 2 'one of --csv and --json' "$admin" journal export --state "$state"
try 0 'CALL SHEET' "$admin" report --state "$state"
try 0 'NIFTY 01DEC 24500C' "$admin" report --state "$state"
try 0 'snapshot after seq' "$admin" snapshot --state "$state"
try 0 'hash chain and replay: good' "$admin" journal verify --state "$state"
try 0 'NFO' "$admin" instruments drill/instruments.csv
try 1 'header of no format' "$admin" instruments LICENSE

"$admin" report --json --state "$state" | python3 -c '
import json, sys
report = json.load(sys.stdin)
rows = sum(len(client["positions"]) for client in report["clients"])
assert rows >= 300, rows
assert len(report["call_sheet"]) >= 300
' || { echo 'wrong: report --json'; wrong=$((wrong + 1)); }
"$admin" journal export --json --state "$state" | python3 -c '
import json, sys
rows = json.load(sys.stdin)
assert rows[0]["kind"] == "config" and rows[0]["face"] == "input"
assert [r["seq"] for r in rows] == sorted(r["seq"] for r in rows)
' || { echo 'wrong: journal export --json'; wrong=$((wrong + 1)); }

# Twice the same day leaves the same journal.
before=$("$admin" journal replay --state "$state")
bod --accept-one-source SV02 'a drill' drill >/dev/null 2>&1
[ "$before" = "$("$admin" journal replay --state "$state")" ] ||
    { echo 'wrong: loading twice changed the journal'; wrong=$((wrong + 1)); }

# One refused row: exit 1, told with file, line and field, and no state is made.
mkdir "$work/bad"
cp drill/*.csv "$work/bad/"
sed -i '3s/NRML/NRLM/' "$work/bad/positions.csv"
try 1 "refused   positions.csv:3: product: 'NRLM': not a known name" \
    "$admin" bod --state "$work/fresh" "$work/bad"
try 1 'refused: nothing was loaded' "$admin" bod --state "$work/fresh" "$work/bad"
try 1 '"result":"refused: nothing was loaded"' "$admin" bod --json --state "$work/fresh" "$work/bad"
[ ! -e "$work/fresh" ] || { echo 'wrong: a refused day left a state'; wrong=$((wrong + 1)); }

# The next day: the old journal is put aside whole, the epoch rises; then no way back.
mkdir "$work/next"
cp drill/*.csv "$work/next/"
rm -f "$work/next/positions_exchange.csv"
try 1 'of another day than is loaded' bod --day 2026-11-30 "$work/next"
sed -i '/,2026-11-26,/d' "$work/next/positions.csv"
sed -i 's/2026-11-26/2026-11-27/g' "$work/next"/{positions,orders,trades,calendar}.csv
if bod --accept-one-source SV02 'a drill' "$work/next" >"$work/out" 2>&1; then
    try 0 'epoch=2' "$admin" journal print --state "$state"
    [ -e "$state/journal-20261126.db" ] ||
        { echo 'wrong: the day before is not kept'; wrong=$((wrong + 1)); }
    try 1 'a later day is loaded already' bod --accept-one-source SV02 'a drill' drill
else
    echo 'wrong: the next day was not loaded'
    sed 's/^/  | /' "$work/out" | head -n 20
    wrong=$((wrong + 1))
fi

# Somebody with sqlite3 moves one row by a microsecond.
if command -v sqlite3 >/dev/null; then
    cp "$state/journal-20261126.db" "$work/kept.db"
    mkdir -m 700 "$work/forged"
    cp "$work/kept.db" "$work/forged/journal.db"
    try 0 'good' "$admin" journal verify --state "$work/forged"
    sqlite3 "$work/forged/journal.db" 'UPDATE journal SET time = time + 1 WHERE seq = 5 AND ord = 0'
    try 3 'hash chain broken in the turn that begins at seq 2' \
        "$admin" journal verify --state "$work/forged"
fi

# Locked, damaged, full.
(exec 9<>"$state/lock" && flock 9 && try 3 'another process owns this state' bod drill &&
    [ "$wrong" -eq 0 ]) || wrong=$((wrong + 1))
printf 'not a database at all, and longer than a header is: %0200d' 0 >"$work/garbage"
cp "$work/garbage" "$state/journal.db"
try 3 'damaged' "$admin" journal verify --state "$state"
if mkdir "$work/small" && mount -t tmpfs -o size=64k tmpfs "$work/small" 2>/dev/null; then
    try 4 'disk is full' "$admin" bod --state "$work/small/state" drill
    umount "$work/small"
else
    echo '# no small file system to fill: not root'
fi

[ "$wrong" -eq 0 ] && echo 'squareoff-admin: as documented'
[ "$wrong" -eq 0 ]
