#!/bin/sh
# Everything `make run` (setup.sh run) or `make test` (setup.sh test) needs, made once; a second run costs nothing.
set -eu
cd "$(dirname "$0")/.."

kind=${1:-run}
python=${PYTHON:-python3}
requirements=requirements/$kind.txt

# Letters are UTF-8 whatever the machine's language says, here and in all that this starts.
export PYTHONUTF8=1

tools/needs.sh "$kind"

# An environment is whole when the Python asked for made it, at this place, and no installing was broken off.
whole() {
    [ ! -e .venv/installing ] && version=$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || return 1
    [ "$version" = "$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" ] || return 1
    [ -d ".venv/lib/python$version/site-packages/pip" ] || return 1
    # scripts name their interpreter by its whole path: a folder that was moved or copied has those of another place
    [ "$(head -n 1 .venv/bin/pip 2>/dev/null)" = "#!$(cd .venv && pwd -P)/bin/python" ] ||
        head -n 1 .venv/bin/pip 2>/dev/null | grep -q "^#!$(cd .venv && pwd -P)/bin/python[0-9.]*$" ||
        # a path with blanks or over 127 letters is named in the second line
        sed -n 2p .venv/bin/pip 2>/dev/null | grep -qF "$(cd .venv && pwd -P)/bin/python"
}

environment() {
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        echo "Python 3.11 or newer is needed; PYTHON=/path/to/python3 make … chooses another" >&2
        exit 1
    }
    if [ -e .venv ] && ! whole; then
        echo "The environment in .venv is broken off, moved, or of another Python: making it anew"
        rm -rf .venv
    fi
    [ -d .venv ] && return
    echo "Making the environment in .venv"
    mkdir .venv && touch .venv/installing
    "$python" -m venv .venv
    rm .venv/installing
}

# The stamp holds the digest of the lock file that was installed: it is right whatever the clocks say. While `installing`
# is there, what lies in the environment may be half of something.
packages() {
    digest=$(sha256sum <"$requirements")
    stamp=.venv/installed-$kind
    [ "$(cat "$stamp" 2>/dev/null)" = "$digest" ] && return
    echo "Installing the locked packages of $requirements"
    touch .venv/installing
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "$requirements" || {
        # nothing was half done by a refusal that pip reports itself, such as a registry that does not answer
        status=$?
        [ "$status" -gt 2 ] || rm -f .venv/installing
        exit "$status"
    }
    echo "$digest" >"$stamp"
    rm .venv/installing
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
