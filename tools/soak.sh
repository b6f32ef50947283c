#!/bin/sh
# `make soak`: what commits for good (races, killed workers) at full size, on SQLite and then on PostgreSQL.
# PORTAL_TEST_SOAK says so to tests/sizes.py; arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."
export PORTAL_TEST_SOAK=1
exec tools/test.sh -m "real_commits and not browser" "$@"
