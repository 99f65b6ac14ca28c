#!/bin/sh
# serve.sh [PORT]: a simulated exchange and a squareoffd on the sample day, in a temporary folder,
# until Ctrl-C. Prints who may log in and how a console connects. BUILD names the programs' folder.
#
# The day is today's, with a market that never shuts (scripts/open_day.py); nothing leaves the
# machine, and all of it is removed at the end.
set -eu
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
port=${1:-7410}
folder=$(mktemp -d "${TMPDIR:-/tmp}/squareoff-serve-XXXXXX")
exchange='' server=''

finish() {
    trap - EXIT INT TERM
    for process in $server $exchange; do
        kill "$process" 2>/dev/null || true
        wait "$process" || true
    done
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 0' INT TERM

# said FILE WORDS: waits until a program has said something
said() {
    tries=0
    until grep -q "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 200 ] || { cat "$1" >&2; exit 1; }
        sleep 0.05
    done
}

scripts/open_day.py "$folder/day"
"$BUILD/squareoff-exchange" --listen 127.0.0.1:0 --day "$folder/day" --log "$folder/exchange.log" \
    >"$folder/exchange.out" 2>&1 &
exchange=$!
said "$folder/exchange.out" listening
exchange_port=$(sed -n 's/^listening .*://p' "$folder/exchange.out")

mkdir -m 700 "$folder/state"
echo "Who may log in:"
for user in RK07:dealer SV02:supervisor; do
    name=${user%:*}
    (umask 077 && echo "drill $name $$" >"$folder/password")
    secret=$("$BUILD/squareoff-admin" user add "$name" --role "${user#*:}" --books DRL \
        --password-file "$folder/password" --state "$folder/state" |
        grep -o '[A-Z2-7]\{32\}' | head -n 1)
    echo "  $name, ${user#*:}: password \"$(cat "$folder/password")\"," \
        "code from scripts/totp.py $secret"
done

cat >"$folder/squareoffd.conf" <<X
[server]
name = BACKUP-1
listen = 127.0.0.1:$port
http_listen = 127.0.0.1:$((port + 1))
state = $folder/state
[book DRL]
day = $folder/day
sender_comp_id = SQDRILL
accepted_by = SV02
accepted_why = the sample day accepts one source
host = 127.0.0.1
port = $exchange_port
target_comp_id = SQXCHG
X
"$BUILD/squareoffd" --config "$folder/squareoffd.conf" >"$folder/server.out" 2>&1 &
server=$!
said "$folder/server.out" 'logged on to'
echo "A console:  $BUILD/squareoff --server 127.0.0.1:$port --plain --user RK07"
echo "The day begins DORMANT: SV02 types :invoke REASON and :activate REASON before anybody closes."
echo "To watch:   http://127.0.0.1:$((port + 1))/metrics, /readyz, /healthz"
echo "Ctrl-C ends it."
wait "$server"
