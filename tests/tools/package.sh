#!/bin/sh
# Finds a program or installs the Debian package that brings it; else says in one line what to install.
# Usage: package.sh PACKAGE "WHAT FOR" PROGRAM..., each program a name on PATH or a whole path.
set -eu

package=$1 purpose=$2
shift 2
for program in "$@"; do
    if command -v "$program" >/dev/null 2>&1; then exit 0; fi
done

give_up() {
    echo "$package is missing: install Debian's package '$package'." >&2
    exit 1
}

command -v apt-get >/dev/null 2>&1 || give_up
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif sudo -n true >/dev/null 2>&1; then
    as_root="sudo -n"
else
    give_up
fi

echo "Installing Debian's package '$package' for the $purpose; a service of it is not started."
log=$(mktemp)
# At runlevel 1 a package starts no service of its own.
install="env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $package"
if ! { $as_root apt-get update -q && $as_root $install; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    give_up
fi
rm -f "$log"
