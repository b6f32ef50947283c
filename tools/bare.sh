#!/usr/bin/env bash
# `make bare`: bare roots of Debian, and in each a newcomer who types `make run` and `make test`, once as root and once
# as an ordinary user who types what is asked for first. Needs root and mmdebstrap; BARE_SUITES and BARE_USERS narrow it,
# BARE_TESTS goes to the tests ("-k word"; "none" leaves them out). What happened goes to docs/reliability.md.
set -uo pipefail
# each job is a process group of its own, which is how all of it ends
set -m
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "make bare makes roots of its own, so it must be run as root" >&2; exit 3; }
command -v mmdebstrap >/dev/null || { echo "Type this first: apt-get install -y mmdebstrap" >&2; exit 3; }

suites=${BARE_SUITES:-bookworm trixie}
users=${BARE_USERS:-root newcomer}
tests=${BARE_TESTS:-}
folder=$(mktemp -d "${BARE_FOLDER:-/var/tmp}/bare.XXXXXX")
port=8970
failed=0
declare -A result seconds

finish() { rm -rf --one-file-system "$folder"; }
trap finish EXIT
trap 'exit 130' INT TERM

# what lets this machine reach its registries, in a root too
settings=()
for name in PIP_CERT PIP_INDEX_URL PIP_EXTRA_INDEX_URL HTTP_PROXY HTTPS_PROXY http_proxy https_proxy; do
    [ -z "${!name:-}" ] || settings+=("$name=${!name}")
done

inside() { # inside ROOT USER COMMAND: in a root of its own, with the devices and processes that a machine has
    local root=$1 user=$2 command=$3
    unshare --mount --pid --fork --kill-child bash -c '
        root=$1 user=$2 command=$3
        shift 3
        mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount -t tmpfs tmpfs "$root/tmp" || exit 9
        exec chroot "$root" su -s /bin/bash "$user" -c "cd ~/portal 2>/dev/null || cd; env $* LC_ALL=C PGPORT=54329 CI=true $command"
    ' bash "$root" "$user" "$command" "${settings[@]}"
}

make_root() { # make_root SUITE: only what `make` itself needs, and a user
    mmdebstrap --quiet --variant=minbase --include=make,ca-certificates "$1" "$folder/$1.tar"
}

unpack() { # unpack SUITE USER → the root's folder
    local root=$folder/$1-$2 home
    mkdir "$root" && tar -xf "$folder/$1.tar" -C "$root" --exclude='./dev/*' || return
    cp /etc/resolv.conf "$root/etc/"
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod +x "$root/usr/sbin/policy-rc.d"
    chroot "$root" useradd -m newcomer
    home=/root && [ "$2" = root ] || home=/home/newcomer
    mkdir "$root$home/portal"
    git archive HEAD | tar -x -C "$root$home/portal"
    chroot "$root" chown -R "$2" "$home"
    echo "$root"
}

served() { # whether `make run` shows the home page within five minutes; its words go to FILE
    local root=$1 user=$2 words=$3 process answer=1
    if curl -s -m 5 -o /dev/null "http://127.0.0.1:$port/"; then
        echo "something else answers on port $port" >"$words"
        return 1
    fi
    inside "$root" "$user" "PORT=$port make run" >"$words" 2>&1 &
    process=$!
    for _ in $(seq 300); do
        if curl -fsS -m 5 -o /dev/null "http://127.0.0.1:$port/" 2>/dev/null; then answer=0; break; fi
        kill -0 "$process" 2>/dev/null || break
        sleep 1
    done
    kill -9 -- "-$process" 2>/dev/null
    wait "$process" 2>/dev/null
    return "$answer"
}

type_what_is_asked() { # the line that FILE asks for, as root
    local root=$1 line
    line=$(sed -n "s/^ *\(sudo apt-get update.*\)$/\1/p" "$2" | head -n 1 | sed "s/sudo //g")
    [ -n "$line" ] || return 1
    inside "$root" root "DEBIAN_FRONTEND=noninteractive bash -c '$line'" >>"$2" 2>&1
}

step() { # step NAME COMMAND…: does it, keeps the time and the outcome
    local name=$1 begun=$SECONDS
    shift
    if "$@"; then result[$name]=works; else result[$name]=FAILS failed=1; fi
    seconds[$name]=$((SECONDS - begun))
    echo "$name: ${result[$name]} (${seconds[$name]} s)"
    [ "${result[$name]}" = works ] || tail -n 40 "$folder/words" 2>/dev/null
}

run_as() { # run_as SUITE USER
    local root
    root=$(unpack "$1" "$2") || { failed=1; return; }
    if [ "$2" != root ]; then
        step "$1 $2: make run says what to type" says_what_to_type "$root" "$2" "make run"
    fi
    step "$1 $2: make run" served "$root" "$2" "$folder/words"
    step "$1 $2: make run again" served "$root" "$2" "$folder/words"
    if [ "$tests" != none ]; then
        if [ "$2" != root ]; then
            step "$1 $2: make test says what to type" says_what_to_type "$root" "$2" "make setup-test"
        fi
        step "$1 $2: make test" tested "$root" "$2"
    fi
    rm -rf --one-file-system "$root"
}

says_what_to_type() {
    inside "$1" "$2" "$3" >"$folder/words" 2>&1
    type_what_is_asked "$1" "$folder/words"
}

tested() { inside "$1" "$2" "make test ARGS='$tests'" >"$folder/words" 2>&1; }

for suite in $suites; do
    make_root "$suite" || { failed=1; continue; }
    for user in $users; do run_as "$suite" "$user"; done
    rm -f "$folder/$suite.tar"
done

python3 tools/reliability.py "Bare machines" <<REPORT
\`make bare\` on $(date -u +%Y-%m-%d), at $(git rev-parse --short HEAD)${tests:+; tests narrowed by "$tests"}. A root has nothing but
\`make\` and \`ca-certificates\`; the user is root, or a newcomer who types the line that is asked for.

| root, user, command | outcome | seconds |
|---|---|---|
$(for name in "${!result[@]}"; do echo "| $name | ${result[$name]} | ${seconds[$name]} |"; done | sort)
REPORT
exit "$failed"
