#!/bin/sh
# Finds Chromium or installs Debian's package; where neither is possible, says in one line what to install.
set -eu

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done

give_up() {
    echo "Chromium is missing: install Debian's package 'chromium', or put Chromium on PATH." >&2
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

echo "Installing Debian's package 'chromium' for the browser tests."
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
if ! { $as_root apt-get update -q && $as_root apt-get install -q -y --no-install-recommends chromium; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    give_up
fi
rm -f "$log"
