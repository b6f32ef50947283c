#!/usr/bin/env bash
# `make test`: the whole suite on SQLite, browser included, then on PostgreSQL what a database can change.
# What cannot run is named in red at the end; under CI=true that is a failure. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

ci=${CI:-false}
cores=$(nproc 2>/dev/null || echo 2)
not_run=()
summaries=()
failed=0
folder=$(mktemp -d "${TMPDIR:-/tmp}/portal-test.XXXXXX")
cluster=
drop_at=

# Settings of a portal must not reach the tests: least of all the address of a database with real data.
for name in "${!PORTAL_@}"; do
    case $name in PORTAL_TEST_*) ;; *) unset "$name" ;; esac
done

finish() {
    [ -z "$drop_at" ] || .venv/bin/python tools/postgres_for_tests.py drop "$drop_at" || true
    [ -z "$cluster" ] || tools/throwaway-postgres.sh stop "$cluster" || true
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

export PYTHONUTF8=1
tools/setup.sh test

# Chromium drives the journeys, poppler reads the papers back, nginx is the shipped proxy, clamd scans.
there() { PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$1" >/dev/null 2>&1; }
there pdftotext || not_run+=("reading the papers back: install poppler-utils")
there nginx || not_run+=("the shipped proxy: install nginx-light")
there clamd || not_run+=("a real virus scanner: install clamav-daemon")
there chromium || there chromium-browser || not_run+=("browser tests: install chromium")

suite() { # suite NAME MARKERS [pytest arguments]
    local name=$1 markers=$2 status=0
    shift 2
    echo
    echo "━━ $name"
    local colour=()
    [ ! -t 1 ] || colour=(--color=yes)
    .venv/bin/python -m pytest -q -n "$cores" --durations=10 "${colour[@]}" ${markers:+-m "$markers"} "$@" \
        2>&1 | tee "$folder/out" || status=${PIPESTATUS[0]}
    summaries+=("$(printf '%-12s%s' "$name:" "$(tail -n 1 "$folder/out")")")
    # 5: a narrowed run (ARGS="-k …") may select nothing on one of the databases
    if [ "$status" != 0 ] && { [ "$status" != 5 ] || [ $# = 0 ]; }; then failed=1; fi
    if grep -q 'DID NOT RUN' "$folder/out"; then
        not_run+=("$(grep -m 1 -o '[^=]*DID NOT RUN[^=]*' "$folder/out")")
    fi
}

find_postgres() { # sets `server` to the address of a server, or to nothing
    server=$(.venv/bin/python tools/postgres_for_tests.py find) && return
    [ -z "${PORTAL_TEST_POSTGRES_URL:-}" ] || return 0  # the one that was asked for, or none
    if [ -n "$(tools/throwaway-postgres.sh binaries)" ]; then
        cluster=$folder/postgres
        server=$(tools/throwaway-postgres.sh start "$cluster") || server=
    fi
}

browser=
there chromium || there chromium-browser || browser="not browser"
PORTAL_TEST_DATABASE='' suite SQLite "$browser" "$@"

server=
find_postgres
if [ -n "$server" ]; then
    drop_at=$(.venv/bin/python tools/postgres_for_tests.py name "$server" "portal_$$")
    PORTAL_TEST_DATABASE=$drop_at suite PostgreSQL "not browser and not once" "$@"
else
    not_run+=("tests on PostgreSQL: no server at PORTAL_TEST_POSTGRES_URL or 127.0.0.1:5432, and no server binaries (install postgresql)")
fi

echo
printf '%s\n' "${summaries[@]}"
for each in "${not_run[@]+"${not_run[@]}"}"; do
    printf '\033[1;31mNOT RUN: %s\033[0m\n' "$each"
    [ "$ci" != true ] || failed=1
done
exit "$failed"
