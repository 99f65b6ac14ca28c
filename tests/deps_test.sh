#!/bin/bash
# Proves that scripts/deps.sh finds each kind of breach: a small tree that keeps all the rules is
# broken in one way at a time, and each must be reported with the file that broke it.
set -u
cd "$(dirname "$0")/.." || exit 1
deps=$PWD/scripts/deps.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
wrong=0

good_tree() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree"/{core,db,net/simulator,tui,tests,build}
    cd "$tree" || exit 1
    echo 'int sq_add(int a, int b);' >core/add.h
    printf '#include "core/add.h"\n#include <string.h>\n%s\n%s\n' \
        'static const char *const words[] = {"one", "two"};' \
        'int sq_add(int a, int b) { return a + b + (int)strlen(words[a & 1]); }' >core/add.c
    echo '#include "core/add.h"' >db/store.c
    echo 'int fix;' >net/fix.h
    echo '#include "net/fix.h"' >net/simulator/book.c
    echo '#include "core/add.h"' >tui/panel.c
    echo '#include "net/fix.h"' >tui/main.h
    printf '#include "core/add.h"\n#include "tui/main.h"\n#include <uv.h>\n' >tui/main.c
}

build_core() {
    local file
    rm -f build/*
    for file in core/*.c; do
        gcc -O2 -fPIE -I. -c "$file" -o "build/$(basename "$file" .c).o" || exit 1
    done
    ar rcs build/libsquareoff.a build/*.o
    gcc -I. -c db/store.c -o build/store.o && ar rcs build/libsqdb.a build/store.o || exit 1
}

run_deps() {
    build_core
    ROOT=$tree BUILD=build "$deps" >report 2>&1
}

# breaks WHAT FILE LINE: the line is added to the file, and the report must name the file
breaks() {
    good_tree
    printf '%s\n' "$3" >>"$2"
    if run_deps; then
        echo "not found: $1"
        wrong=1
    elif ! grep -q "$4" report; then
        echo "found, but not told apart: $1"
        cat report
        wrong=1
    fi
}

good_tree
if ! run_deps; then
    echo "a tree that keeps the rules is refused:"
    cat report
    wrong=1
fi

breaks 'core includes net' core/add.c '#include "net/fix.h"' '^deps: core/add.c: includes "net/fix.h"'
breaks 'core includes a system header' core/add.c '#include <stdio.h>' 'core/add.c: includes <stdio.h>'
breaks 'db includes net' db/store.c '#include "net/fix.h"' 'db/store.c: includes "net/fix.h"'
breaks 'net includes tui' net/fix.h '#include "tui/x.h"' 'net/fix.h: includes "tui/x.h"'
breaks 'tui includes net' tui/panel.c '#  include "net/fix.h"' 'tui/panel.c: includes "net/fix.h"'
breaks 'the simulator includes core' net/simulator/book.c '#include "core/add.h"' \
    'net/simulator/book.c: reaches core/add.h'
breaks 'the simulator reaches core by a detour' net/fix.h '#include "core/add.h"' \
    'net/simulator/book.c: reaches core/add.h'
breaks 'the header of the mains reaches a panel' tui/panel.c '#include "tui/main.h"' \
    'tui/panel.c: includes "tui/main.h"'
breaks 'curses outside its file' tui/panel.c '#include <ncurses.h>' 'tui/panel.c: includes <ncurses.h>'
breaks 'SQLite outside db' tui/panel.c '#include <sqlite3.h>' 'tui/panel.c: includes <sqlite3.h>'
breaks 'a header of nobody' core/lonely.h 'int sq_lonely;' 'core/lonely.h: nobody includes it'
breaks 'core asks for the clock' core/add.c \
    'long time(long *); long sq_now(void); long sq_now(void) { return time(0); }' \
    'asks the system for time'
breaks 'core allocates' core/add.c \
    'void *malloc(unsigned long); void *sq_get(void); void *sq_get(void) { return malloc(9); }' \
    'asks the system for malloc'
breaks 'core has a global' core/add.c 'int sq_counter = 7;' 'global variable, sq_counter'
breaks 'core has a hidden global' core/add.c \
    'int sq_count(void); int sq_count(void) { static int n; return ++n; }' 'global variable, n'
breaks 'a name in two libraries' db/store.c 'int sq_add(int a, int b) { return a - b; }' \
    'sq_add is defined in two libraries'
exit $wrong
