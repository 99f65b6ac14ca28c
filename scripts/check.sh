#!/bin/bash
# check.sh: the checks that carry the style: layout, clang-tidy, cppcheck, shellcheck.
# Says which of them complain; exit 1 when any does. `make check` calls it.
set -u
cd "$(dirname "$0")/.." || exit 1
version=$(cat VERSION)
mapfile -t sources < <(git ls-files -- '*.c')
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
        clang-tidy --quiet "$@" -- -std=gnu11 -I. -Ibuild/gen -D_GNU_SOURCE \
            -DSQ_VERSION="\"$version\"" 2>/dev/null' sh "$version"
}

long_files() {
    local found=0 lines file
    for file in "${all[@]}"; do
        lines=$(wc -l <"$file")
        if [ "$lines" -gt 600 ]; then
            echo "$file: $lines lines; a file over 600 asks to be split"
            found=1
        fi
    done
    return "$found"
}

if [ ${#all[@]} -gt 0 ]; then
    check 'clang-format' clang-format --dry-run -Werror "${all[@]}"
    check 'clang-tidy' tidy
    check 'cppcheck' cppcheck --quiet --std=c11 --enable=warning,performance,portability \
        --inline-suppr --error-exitcode=1 -I. -D_GNU_SOURCE -DSQ_VERSION='""' \
        --suppress=missingIncludeSystem "${sources[@]}"
    check 'length of files' long_files
fi
check 'shellcheck' shellcheck --severity=warning "${shell[@]}"
echo
[ ${#failed[@]} -eq 0 ] && echo 'check: clean' && exit 0
printf 'check: complaints from %s\n' "${failed[*]}"
exit 1
