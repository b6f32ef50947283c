#!/bin/sh
# `make fuzz`: odd requests at every door, other people's things asked for by everybody, and 50,000 broken messages for
# the reader of edXML (two minutes), at full size, on SQLite and then on PostgreSQL. PORTAL_TEST_SEED=words makes others;
# arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."
export PORTAL_TEST_FUZZ="${PORTAL_TEST_FUZZ:-1000}" PORTAL_TEST_FOREIGN="${PORTAL_TEST_FOREIGN:-500}"
exec tools/test.sh tests/house/test_fuzzed.py tests/house/test_foreign.py \
    tests/exchange/edxml/test_read_fuzzed.py "$@"
