#!/bin/bash
# deps.sh: the rules between folders, and what core's library asks of the system.
#
#   core includes only core/, and of the system's headers only those listed here
#   db, net and tui include core/ and themselves; only files named main*.c (and the main.h that
#   they share) join several folders
#   net/simulator is the judge of core, so nothing of core may reach it, by no detour either
#   curses is one file's, SQLite and libpq are db's, libuv and sockets are not core's and not tui's
#   every header is included by somebody
#   libsquareoff.a leaves nothing undefined but a handful of mem* and str* functions
#   no two libraries define the same name
#
# Prints each breach as file: reason; exit 1 when there was one. `make deps` calls it.
set -u
cd "${ROOT:-$(dirname "$0")/..}" || exit 1
BUILD=${BUILD:-build}
CC=${CC:-gcc}
breaches=0

breach() {
    echo "deps: $*"
    breaches=$((breaches + 1))
}

sources_of() { find "$@" -name '*.[ch]' ! -name 'main*.[ch]' 2>/dev/null | sort; }
included() { sed -n "s/^[ \t]*#[ \t]*include[ \t]*$1.*/\1/p" "$2"; }
quoted='"\([^"]*\)"'
angled='<\([^>]*\)>'

# only FOLDER PATTERN...: what the folder's files include in quotes begins with one of the patterns
only() {
    local folder=$1 file name
    shift
    for file in $(sources_of "$folder"); do
        for name in $(included "$quoted" "$file"); do
            case $name in
            */main*) breach "$file: includes \"$name\", which is for main*.c only" ;;
            esac
            case " $* " in
            *" ${name%%/*}/ "*) ;;
            *) breach "$file: includes \"$name\"; $folder may include only: $*" ;;
            esac
        done
    done
}
only core core/
only db core/ db/
only net core/ net/
only tui core/ tui/

core_headers=' assert.h inttypes.h limits.h stdalign.h stdarg.h stdbool.h stddef.h stdint.h string.h '
for file in $(sources_of core); do
    for name in $(included "$angled" "$file"); do
        case $core_headers in
        *" $name "*) ;;
        *) breach "$file: includes <$name>; core may include of the system only:$core_headers" ;;
        esac
    done
done

# reserved HEADERS OWNER: no file outside OWNER (a folder or a file) includes one of these
reserved() {
    local file name
    for file in $(find core db net tui tests -name '*.[ch]' 2>/dev/null | sort); do
        case $file in
        $2* | tests/* | */main*.[ch]) continue ;;
        esac
        for name in $(included "$angled" "$file"); do
            case " $1 " in
            *" $name "*) breach "$file: includes <$name>, which is for $2 only" ;;
            esac
        done
    done
}
reserved 'curses.h ncurses.h ncursesw/curses.h ncursesw/ncurses.h term.h' tui/curses.c
reserved 'sqlite3.h' db/
reserved 'libpq-fe.h' db/
reserved 'uv.h' net/

# A detour counts too: the compiler lists all that a file of the simulator reaches.
for file in $(find net/simulator -name '*.c' 2>/dev/null | sort); do
    reached=$($CC -MM -I. "$file" 2>/dev/null | grep -m1 -o '\bcore/[^ ]*') &&
        breach "$file: reaches $reached; the simulated exchange shares nothing with core"
done

for header in $(find core db net tui tests -name '*.h' 2>/dev/null | sort); do
    grep -rqF --include='*.[ch]' "\"$header\"" core db net tui tests ||
        breach "$header: nobody includes it"
done

# What a compiler may put in by itself (copies, stack guard, fortified forms, sanitizers, the
# table that position-independent code goes through), and what core's own code may ask for.
allowed=" memcpy memmove memset memcmp memchr strlen strcmp strncmp strchr strrchr strnlen \
strspn strcspn __assert_fail __stack_chk_fail _GLOBAL_OFFSET_TABLE_ \
__memcpy_chk __memmove_chk __memset_chk "
library=$BUILD/libsquareoff.a
if [ -e "$library" ]; then
    defined=" $(nm --defined-only "$library" | awk 'NF == 3 { print $3 }' | tr '\n' ' ') "
    for symbol in $(nm -u "$library" | awk '$1 == "U" { print $2 }' | sort -u); do
        case $symbol in
        __asan_* | __ubsan_* | __tsan_* | __sanitizer_* | __gcov_*) continue ;;
        esac
        case $defined in *" $symbol "*) continue ;; esac
        case $allowed in
        *" $symbol "*) ;;
        *) breach "$library: asks the system for $symbol" ;;
        esac
    done
    # Data that can be written to would be a global: two engines in a process must not meet there.
    # (Tables of pointers lie in .data.rel.ro, which is read-only once the program runs. The hook
    # of assertions, on_failed in core/assert.c, belongs to the process: the one exception.)
    for symbol in $(objdump -t "$library" | grep -E ' O (\.data|\.bss|\.tdata|\.tbss|\*COM\*)\s' |
        awk '{ print $NF }' | grep -v -E '^(__asan|__ubsan|\.L|__sanitizer|on_failed$)' | sort -u); do
        case $BUILD in
        *sanitize*) ;; # a sanitizer adds writable data of its own
        *) breach "$library: has a global variable, $symbol" ;;
        esac
    done
elif compgen -G 'core/*.c' >/dev/null; then
    breach "$library: is not built"
fi

# The linker would take whichever comes first: a name belongs to one library.
for symbol in $(for lib in "$BUILD"/libsq{uareoff,db,net,tui,tests}.a; do
    [ ! -e "$lib" ] || nm -g --defined-only "$lib" | awk 'NF == 3 { print $3 }' | sort -u
done | grep -v -E '^(__|_GLOBAL)' | sort | uniq -d); do
    breach "$symbol is defined in two libraries"
done

[ "$breaches" -eq 0 ] && echo "deps: all rules hold"
[ "$breaches" -eq 0 ]
