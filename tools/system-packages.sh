#!/bin/sh
# Debian packages that pip cannot bring: `tools/system-packages.sh PACKAGE…` installs those that are missing.
# As root it installs them; otherwise it prints the line to type and ends with 3.
set -eu

missing=
for package in "$@"; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

line="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Needed from your system, by their Debian names:$missing" >&2
    exit 3
fi
if [ "$(id -u)" != 0 ]; then
    printf 'Missing system packages. Type this, then try again:\n    sudo %s\n' "$line" >&2
    exit 3
fi

echo "Installing system packages:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# one failing source in the lists need not matter: the install below says whether it does
apt-get update -q >"$log" 2>&1 || true
# shellcheck disable=SC2086  # a list of names
if ! apt-get install -y -q --no-install-recommends $missing >>"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "apt-get could not install:$missing" >&2
    exit 3
fi
