#!/bin/sh
# `make run`: set up what is missing, then start the portal and stay until Ctrl-C.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh run
. tools/environment.sh
exec .venv/bin/python -m flask --app portal serve
