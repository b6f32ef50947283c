#!/bin/sh
# Throw away the demonstration's database and files under var/ and load the set anew.
set -eu
cd "$(dirname "$0")/.."
if [ -n "${PORTAL_DATABASE_URL:-}" ]; then
    echo "demo-reset only empties var/portal.sqlite; unset PORTAL_DATABASE_URL, and empty that database yourself" >&2
    exit 1
fi
. tools/environment.sh
if .venv/bin/python -c 'import socket, sys; sys.exit(socket.socket().connect_ex(("127.0.0.1", int(sys.argv[1]))))' "$PORT"; then
    echo "Something answers on port $PORT: stop the portal first (Ctrl-C where it runs)" >&2
    exit 1
fi
rm -rf var/portal.sqlite var/portal.sqlite-wal var/portal.sqlite-shm var/files
exec .venv/bin/python -m flask --app portal serve --only-prepare
