#!/bin/sh
# Finds RabbitMQ or installs Debian's package; where neither is possible, says in one line what to install.
set -eu

[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] && exit 0

give_up() {
    echo "RabbitMQ is missing: install Debian's package 'rabbitmq-server'." >&2
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

echo "Installing Debian's package 'rabbitmq-server' for the fault runs; its service is not started."
log=$(mktemp)
# At runlevel 1 the package starts no service of its own.
install="env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends rabbitmq-server"
if ! { $as_root apt-get update -q && $as_root $install; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    give_up
fi
rm -f "$log"
