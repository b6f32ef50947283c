#!/usr/bin/env bash
# A PostgreSQL of our own for tests: no port, no password, no promise to keep anything.
#     throwaway-postgres.sh binaries       prints where the server's programs are, or nothing
#     throwaway-postgres.sh start FOLDER   makes and starts one in FOLDER, prints its address
#     throwaway-postgres.sh stop FOLDER    at once, as when the machine fails
#     throwaway-postgres.sh again FOLDER   starts the one that was stopped
set -euo pipefail

binaries() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1 || true)
    [ -n "$found" ] || found=$(command -v initdb || true)
    [ -z "$found" ] || dirname "$found"
}

as_owner() { # PostgreSQL refuses to run as root
    if [ "$(id -u)" != 0 ]; then
        "$@"
    elif id postgres >/dev/null 2>&1; then
        runuser -u postgres -- "$@"
    else
        runuser -u nobody -- "$@"
    fi
}

start() {
    local folder=$1 bin
    bin=$(binaries)
    mkdir -p "$folder"
    if [ "$(id -u)" = 0 ]; then
        chmod 755 "$(dirname "$folder")"
        chown "$(as_owner id -u)" "$folder"
    fi
    cd /
    as_owner "$bin/initdb" -D "$folder/data" -U portal -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/../initdb.log" 2>&1 || {
        cat "$folder/../initdb.log" >&2
        return 1
    }
    again "$folder"
    echo "postgresql://portal@/postgres?host=$folder"
}

again() {
    local folder=$1
    cd /
    as_owner "$(binaries)/pg_ctl" -D "$folder/data" -l "$folder/data/log" -w -s start -o \
        "-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200" \
        >/dev/null || {
        cat "$folder/data/log" >&2
        return 1
    }
}

stop() {
    cd /
    as_owner "$(binaries)/pg_ctl" -D "$1/data" -m immediate -w -s stop >/dev/null
}

"$@"
