#!/bin/bash
# Starts a throw-away PostgreSQL for the tests, installing it where it is missing, and prints its address; a second call
# finds the first one running. `.ci/postgres.sh stop` ends it. It refuses to run as root, so root hands it to `postgres`.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/setup.sh
dir=${ONEDOOR_TEST_POSTGRES_DIR:-/tmp/onedoor-postgres-$(id -u)}
exec 9>"$dir.lock"
flock 9

bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1; }
as_server() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

if [ -z "$(bin)" ]; then install_packages postgresql >&2; fi
bin=$(bin)
user=$([ "$(id -u)" -eq 0 ] && echo postgres || id -un)
case ${1:-start} in
    stop)
        as_server "$bin/pg_ctl" -D "$dir/data" -m immediate stop >&2 || true
        rm -rf "$dir"
        exit
        ;;
    start) ;;
    *) echo "usage: .ci/postgres.sh [start|stop]" >&2; exit 2 ;;
esac
if ! as_server "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; then
    rm -rf "$dir"
    mkdir -p "$dir"
    [ "$(id -u)" -eq 0 ] && chown postgres "$dir"
    as_server "$bin/initdb" -D "$dir/data" -A trust --locale=C.UTF-8 -E UTF8 >/dev/null
    # The tests kill onedoor, never this server: its own durability would only cost time.
    cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir'
max_connections = 400
shared_buffers = 128MB
fsync = ${ONEDOOR_TEST_POSTGRES_FSYNC:-off}
synchronous_commit = on
CONF
    as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w start >/dev/null 9>&-
fi
echo "postgres://$user@localhost/postgres?host=$dir"
