#!/bin/sh
# Resolve setup.cfg into requirements/run.txt and test.txt with hashes. Read the difference before it lands.
# Further arguments go to uv: `make lock ARGS="--upgrade-package flask"`, or ARGS=--upgrade for all.
set -eu
cd "$(dirname "$0")/.."
[ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet uv
lock() {
    target=$1
    shift
    .venv/bin/uv pip compile --quiet --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links --python-version 3.11 setup.cfg -o "$target" "$@"
}
lock requirements/run.txt "$@"
# what both need has one version: the run set binds the test set
lock requirements/test.txt --extra test --constraint requirements/run.txt "$@"
if grep -nE '://|^--' requirements/*.txt; then
    echo "a lock file names a host or an option of this machine: take it out" >&2
    exit 1
fi
