#!/bin/sh
# A command of the environment with the settings of `make run`:
#     tools/portal.sh flask --app portal people add-officer …
set -eu
cd "$(dirname "$0")/.."
. tools/environment.sh
program=$1
shift
exec ".venv/bin/$program" "$@"
