# To be sourced, from the project's folder: the settings of a portal on one's own machine.
# What the caller has set stays. Everything it keeps is under var/.
export PYTHONUTF8=1
export PORT="${PORT:-8000}" HOST="${HOST:-127.0.0.1}"
export PORTAL_DATABASE_URL="${PORTAL_DATABASE_URL:-sqlite:///var/portal.sqlite}"
export PORTAL_DEMONSTRATION="${PORTAL_DEMONSTRATION:-1}"
# Plain HTTP on one's own machine; behind a TLS proxy, set it to 0.
export PORTAL_INSECURE_HTTP="${PORTAL_INSECURE_HTTP:-1}"
# Printed on papers and in QR codes.
export PORTAL_PUBLIC_URL="${PORTAL_PUBLIC_URL:-http://localhost:$PORT}"

(umask 077 && mkdir -p var)
chmod go-rwx var 2>/dev/null || true  # what earlier releases left open
[ ! -f var/secret-key ] || chmod go-rwx var/secret-key 2>/dev/null || true
if [ -z "${PORTAL_SECRET_KEY:-}" ]; then
    if [ ! -s var/secret-key ]; then
        # the k keeps a key of digits alone from being read as a number
        (umask 077 && printf 'k%s\n' "$(od -An -tx1 -N32 /dev/urandom | tr -d ' \n')" >var/secret-key)
    fi
    PORTAL_SECRET_KEY=$(cat var/secret-key)
    export PORTAL_SECRET_KEY
fi
