#!/bin/sh
# What pip cannot bring. `tools/needs.sh run`, `test` or `browsers` looks for all of it at once and, as root, installs
# what is missing from Debian's packages; anybody else is told the one line to type.
#
# Ends with 3 where something is missing that nothing works without; what only some tests need is asked for in the same
# breath, and tools/test.sh names those that do not run. The loader is asked for libraries, never dpkg for names: these
# differ between releases (libmagic1 became libmagic1t64), and a machine without dpkg may have all of them.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
python=${PYTHON:-python3}

needed= wanted=
need() { needed="$needed $1"; }
want() { wanted="$wanted $1"; }

have_command() { PATH="$PATH:/usr/sbin:/usr/local/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

# A Python that can make an environment: it also asks the loader, as the libraries will be asked for.
if "$python" -c '' 2>/dev/null; then
    "$python" -c 'import ensurepip, venv' 2>/dev/null || need python3-venv
    absent=$("$python" -c '
import ctypes, sys
for name in sys.argv[1:]:
    try:
        ctypes.CDLL(name)
    except OSError:
        print(name)' \
        libpango-1.0.so.0 libpangoft2-1.0.so.0 libharfbuzz-subset.so.0 libmagic.so.1 libatomic.so.1)
else
    need python3-venv
    absent="libpango-1.0.so.0 libpangoft2-1.0.so.0 libharfbuzz-subset.so.0 libmagic.so.1 libatomic.so.1"
fi
for library in $absent; do
    case $library in
        # WeasyPrint draws with these three
        libpango-1.0.so.0) need libpango-1.0-0 ;;
        libpangoft2-1.0.so.0) need libpangoft2-1.0-0 ;;
        libharfbuzz-subset.so.0) need libharfbuzz-subset0 ;;
        # says what an uploaded file is
        libmagic.so.1) need libmagic1 ;;
        # the program that drives the browsers
        libatomic.so.1) [ "$kind" != test ] || want libatomic1 ;;
    esac
done

if [ "$kind" = test ]; then
    have_command chromium || have_command chromium-browser || want chromium
    have_command pdftotext || want poppler-utils
    have_command nginx || want nginx-light
    have_command clamd || want clamav-daemon
    # a server that answers, or the programs of one: tools/test.sh then starts its own
    [ -n "${PORTAL_TEST_POSTGRES_URL:-}" ] || [ -n "$(tools/throwaway-postgres.sh binaries)" ] ||
        bash -c ": </dev/tcp/127.0.0.1/${PGPORT:-5432}" 2>/dev/null || want postgresql
fi
if [ "$kind" = browsers ]; then
    have_command firefox-esr || have_command firefox || need firefox-esr
    have_command WebKitWebDriver || need webkit2gtk-driver
    have_command Xvfb || need xvfb
fi
[ -n "$needed$wanted" ] || exit 0

ending=0
[ -z "$needed" ] || ending=3
say() { printf '%s\n' "$*" >&2; }

if ! command -v apt-get >/dev/null 2>&1; then
    [ -z "$needed" ] || say "Nothing works without these, by their Debian names:$needed"
    [ -z "$wanted" ] || say "Some tests need these, by their Debian names:$wanted"
    exit "$ending"
fi
if [ "$(id -u)" != 0 ]; then
    say "Missing from this machine:$needed$wanted. Type this, then try again:"
    say "    sudo apt-get update && sudo apt-get install -y --no-install-recommends$needed$wanted"
    [ -z "$wanted" ] || say "Without${wanted} the portal runs, but not every test."
    exit "$ending"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
echo "Installing system packages:$needed$wanted"
# one failing source in the lists need not matter: the install below says whether it does
apt-get update -q >"$log" 2>&1 || true
# shellcheck disable=SC2086  # lists of names
install() { apt-get install -y -q --no-install-recommends "$@" >>"$log" 2>&1; }
# shellcheck disable=SC2086
if install $needed $wanted; then exit 0; fi
# what only tests want must not keep the portal from running: what is needed first, then one by one what can be had
# shellcheck disable=SC2086
if [ -n "$needed" ] && ! install $needed; then
    tail -n 30 "$log" >&2
    say "apt-get could not install:$needed"
    exit 3
fi
for package in $wanted; do
    install "$package" || say "apt-get could not install $package: $(tail -n 1 "$log")"
done
