#!/bin/sh
# setup.sh GROUP... : installs the Debian packages of these groups that are not there yet.
#
#   run    what builds the programs          fuzz   clang and its libFuzzer
#   test   what the tests need besides       check  the tools of `make check`
#   bench  the peers that benches are measured against
#
# Says what it will install before it does. Needs root, or sudo. Starts no service.
set -eu

packages_of() {
    case $1 in
    run)   echo gcc libc6-dev make libncurses-dev libsqlite3-dev libuv1-dev libinih-dev libsodium-dev libpq-dev libwebsockets-dev libssl-dev libwebsockets-evlib-uv libcjson-dev \
             liboath-dev ;;
    test)  echo binutils libcmocka-dev python3 python3-websockets sqlite3 tmux procps postgresql openssl ;;
    fuzz)  echo clang-14 clang libclang-rt-14-dev llvm-14 ;;
    check) echo clang-format clang-tidy cppcheck shellcheck ;;
    bench) echo valgrind libquickfix-dev g++ htop tig sqlite3 tmux ;;
    *)     echo "setup.sh: no group '$1'" >&2; exit 2 ;;
    esac
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=
for group in "$@"; do
    wanted=$(packages_of "$group")
    for package in $wanted; do
        case " $missing " in *" $package "*) continue ;; esac
        installed "$package" || missing="$missing $package"
    done
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "Not a Debian system. Install what these packages hold, then try again:$missing" >&2
    exit 1
fi

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null; then
    as_root=sudo
else
    echo "These packages are missing, and there is neither root nor sudo to install them:$missing" >&2
    exit 1
fi

echo "Will install from Debian (apt-get, nothing recommended, no service started):"
for package in $missing; do echo "  $package"; done

# Debian's own switch against services that start on installation; taken away afterwards.
policy=/usr/sbin/policy-rc.d
policy_made=
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod 755 $policy
    policy_made=1
fi
log=$(mktemp)
# Debian's switch against a database cluster of its own for each PostgreSQL; put back afterwards.
cluster=/etc/postgresql-common/createcluster.conf
cluster_kept=
finish() {
    [ -z "$policy_made" ] || $as_root rm -f $policy
    [ -z "$cluster_kept" ] || $as_root mv -f $cluster.squareoff $cluster
    rm -f "$log"
}
trap finish EXIT
trap 'exit 130' INT TERM

apt() {
    # No frontend and no terminal input: the same with and without somebody watching.
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 \
        -o Dpkg::Use-Pty=0 "$@" </dev/null >"$log" 2>&1 || {
        cat "$log" >&2
        echo "setup.sh: apt-get $1 failed" >&2
        exit 1
    }
}
apt update
case " $missing " in *" postgresql "*)
    apt install -y --no-install-recommends postgresql-common
    $as_root cp -p $cluster $cluster.squareoff
    cluster_kept=1
    echo "create_main_cluster = false" | $as_root tee -a $cluster >/dev/null ;;
esac
# shellcheck disable=SC2086  # a list of names, one word each
apt install -y --no-install-recommends $missing
echo "Installed."
