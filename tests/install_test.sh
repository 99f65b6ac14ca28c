#!/bin/bash
# `make install` puts everything where a package would want it, the programs run from there, they
# are built hardened, their man pages know each of their options, and `make uninstall` leaves
# nothing behind.
set -u
cd "$(dirname "$0")/.." || exit 1
case ${BUILD:-build} in
*sanitize*) echo '# skipped: programs with sanitizers are not installed'; exit 77 ;;
esac
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
wrong=0
complain() { echo "$*"; wrong=1; }

make -s install DESTDIR="$root" prefix=/usr || exit 1

for program in squareoff squareoff-admin squareoff-exchange; do
    installed=$root/usr/bin/$program
    [ "$("$installed" --version)" = "$program $(cat VERSION)" ] ||
        complain "$program --version says: $("$installed" --version)"
    "$installed" --help | grep -q "$program [^0-9]" || complain "$program --help shows no usage"
    "$installed" --no-such-option >"$root/out" 2>&1 && complain "$program accepts --no-such-option"
    page=$(sed 's/\\-/-/g' "$root/usr/share/man/man1/$program.1")
    for option in $("$installed" --help | grep -o -e '--[a-z][a-z-]*' | sort -u); do
        grep -q -e "$option\b" <<<"$page" || complain "the man page of $program lacks $option"
    done

    header=$(readelf -hldW "$installed")
    grep -q 'Type: *DYN' <<<"$header" || complain "$program is not position-independent"
    grep -q 'GNU_RELRO' <<<"$header" || complain "$program has no RELRO"
    grep -q 'BIND_NOW' <<<"$header" || complain "$program binds lazily"
    grep -q 'GNU_STACK.*RWE' <<<"$header" && complain "$program has an executable stack"
    readelf -sW "$installed" | grep -q '__stack_chk_fail' || complain "$program has no stack guard"
done
for file in themes/dark.theme drill/positions.csv drill/instruments.csv; do
    cmp -s "$file" "$root/usr/share/squareoff/$file" || complain "$file is not installed"
done
for file in README.md CHANGELOG.md LICENSE; do
    cmp -s "$file" "$root/usr/share/doc/squareoff/$file" || complain "$file is not installed"
done

# The drill finds its day beside the program, from wherever it is started.
(cd / && timeout -s TERM 2 "$root/usr/bin/squareoff" --drill --headless 2>&1 </dev/null) |
    grep -q 'book day=20261126' || complain 'the installed drill does not open its day'

make -s uninstall DESTDIR="$root" prefix=/usr || exit 1
left=$(find "$root/usr" ! -type d)
[ -z "$left" ] || complain "left behind: $left"
exit $wrong
