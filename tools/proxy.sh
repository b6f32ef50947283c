#!/bin/sh
# The shipped proxy (tools/proxy/portal.conf) on one's own machine, without TLS, in the foreground:
#     tools/proxy.sh FOLDER LISTEN PORTAL        e.g. tools/proxy.sh var/proxy 127.0.0.1:8080 127.0.0.1:8000
# Everything it writes lies in FOLDER. Ctrl-C stops it. The portal behind it needs PORTAL_TRUSTED_PROXIES=1.
set -eu
cd "$(dirname "$0")/.."
folder=${1:-var/proxy} listen=${2:-127.0.0.1:8080} portal=${3:-127.0.0.1:8000}
nginx=$(command -v nginx || true)
[ -n "$nginx" ] || [ ! -x /usr/sbin/nginx ] || nginx=/usr/sbin/nginx
[ -n "$nginx" ] || { echo "nginx is not installed: apt-get install nginx-light" >&2; exit 3; }
mkdir -p "$folder/kept" "$folder/waiting"
folder=$(cd "$folder" && pwd)

# The same file, but for its three places: where the portal is, where pages are kept, where it listens.
sed -e "s|server 127.0.0.1:8000;|server $portal;|" \
    -e "s|/var/cache/nginx/portal |$folder/kept |" \
    -e "s|listen 443 ssl http2;|listen $listen;|" \
    -e '/ssl_/d' -e "s|/var/log/nginx/portal.log|$folder/access.log|" \
    tools/proxy/portal.conf >"$folder/portal.conf"
{
    # as root, nginx would hand its work to a user that may not enter FOLDER
    [ "$(id -u)" != 0 ] || echo "user root;"
    echo "daemon off; worker_processes ${PROXY_PROCESSES:-1}; pid $folder/nginx.pid; error_log $folder/error.log;"
    echo "events { worker_connections 1024; }"
    echo "http {"
    for kind in client_body proxy fastcgi uwsgi scgi; do echo "    ${kind}_temp_path $folder/waiting/$kind;"; done
    echo "    default_type application/octet-stream;"
    echo "    include $folder/portal.conf;"
    echo "}"
} >"$folder/nginx.conf"
exec "$nginx" -e "$folder/error.log" -c "$folder/nginx.conf"
