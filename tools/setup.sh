#!/bin/sh
# Everything `make run` (setup.sh run) or `make test` (setup.sh test) needs, made once; a second run costs nothing.
set -eu
cd "$(dirname "$0")/.."

kind=${1:-run}
python=${PYTHON:-python3}
requirements=requirements/$kind.txt

# WeasyPrint draws with Pango; libmagic says what an uploaded file really is.
tools/system-packages.sh libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libmagic1

environment() {
    if [ -d .venv ] && ! .venv/bin/python -c '' 2>/dev/null; then
        echo "The environment was made by a Python that is gone: making it anew"
        rm -rf .venv
    fi
    [ -d .venv ] && return
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        echo "Python 3.11 or newer is needed; PYTHON=/path/to/python3 make … chooses another" >&2
        exit 1
    }
    "$python" -c 'import ensurepip, venv' 2>/dev/null || tools/system-packages.sh python3-venv
    echo "Making the environment in .venv"
    "$python" -m venv .venv
}

# The stamp holds the digest of the lock file that was installed: it is right whatever the clocks say.
packages() {
    digest=$(sha256sum <"$requirements")
    stamp=.venv/installed-$kind
    [ "$(cat "$stamp" 2>/dev/null)" = "$digest" ] && return
    echo "Installing the locked packages of $requirements"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "$requirements"
    echo "$digest" >"$stamp"
}

fonts() {
    for font in static/fonts/be-vietnam-pro-400.woff2 static/fonts/be-vietnam-pro-600.woff2; do
        if [ ! -e "$font" ] || [ tools/fonts.py -nt "$font" ]; then
            echo "Cutting the web fonts to the letters that are used"
            .venv/bin/python tools/fonts.py
            return
        fi
    done
}

translations() {
    for words in portal/translations/*/LC_MESSAGES/*.po; do
        [ -e "$words" ] || return 0
        compiled=${words%.po}.mo
        if [ ! -e "$compiled" ] || [ "$words" -nt "$compiled" ]; then
            .venv/bin/pybabel --quiet compile -f -i "$words" -o "$compiled"
        fi
    done
}

environment
packages
fonts
translations
