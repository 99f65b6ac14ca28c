#!/bin/bash
# check.sh: the checks that carry the style: layout of all files, clang-tidy and cppcheck over the
# product, shellcheck. Says which of them complain; exit 1 when any does. `make check` calls it.
# Files that are long are named, and no more: whether to split one is a matter of sense.
set -u
cd "$(dirname "$0")/.." || exit 1
version=$(cat VERSION)
mapfile -t sources < <(git ls-files -- 'core/*.c' 'db/*.c' 'net/*.c' 'tui/*.c')
mapfile -t all < <(git ls-files -- '*.c' '*.h')
mapfile -t shell < <(git ls-files -- '*.sh' .ci/run)
failed=()

check() { # NAME COMMAND...
    local name=$1
    shift
    echo "== $name"
    "$@" || failed+=("$name")
}

# shellcheck disable=SC2016  # the inner shell expands these
tidy() {
    printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 4 sh -c '
        version=$1; shift
        clang-tidy --quiet "$@" -- -std=gnu11 -I. -Ibuild/gen \
            -I/usr/include/postgresql -D_GNU_SOURCE \
            -DSQ_VERSION="\"$version\"" 2>/dev/null' sh "$version"
}

long_files() {
    local lines file
    for file in "${all[@]}"; do
        lines=$(wc -l <"$file")
        [ "$lines" -le 600 ] || echo "$file: $lines lines; a file over 600 asks to be split"
    done
}

if [ ${#all[@]} -gt 0 ]; then
    check 'clang-format' clang-format --dry-run -Werror "${all[@]}"
    check 'clang-tidy' tidy
    # What is used before it is set is for clang-tidy, which knows memset and other files.
    check 'cppcheck' cppcheck --quiet --std=c11 --enable=warning,performance,portability \
        --inline-suppr --error-exitcode=1 -I. -D_GNU_SOURCE -DSQ_VERSION='""' \
        --suppress=missingIncludeSystem --suppress=uninitvar --suppress=ctuuninitvar "${sources[@]}"
    check 'length of files' long_files
fi
check 'shellcheck' shellcheck --severity=warning "${shell[@]}"
echo
[ ${#failed[@]} -eq 0 ] && echo 'check: clean' && exit 0
printf 'check: complaints from %s\n' "${failed[*]}"
exit 1
