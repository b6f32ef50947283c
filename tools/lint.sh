#!/bin/sh
# All checks, even after one has failed; ends with 1 if any did.
set -u
cd "$(dirname "$0")/.."
failed=0
check() {
    echo "— $1"
    shift
    "$@" || failed=1
}
check "ruff" .venv/bin/ruff check --quiet .
check "types" .venv/bin/mypy
check "imports go down only" .venv/bin/lint-imports --no-logo
check "templates" .venv/bin/djlint templates --lint --quiet
exit $failed
