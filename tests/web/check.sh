#!/bin/sh
# What ctest runs of the web parts. Exit code 77 means: skipped, with the reason in the last line.
#   check.sh unit                                     types, lint and unit tests of clients/web
#   check.sh walks <ticketing-platform> <chart-tool>  the walks against a platform of their own
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

skip() {
  echo "skipped: $1"
  exit 77
}

installed() { # a folder whose packages are as its lock file says
  [ -e "$1/node_modules/.package-lock.json" ] && [ ! "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ] ||
    (cd "$1" && npm ci)
}

command -v node >/dev/null || skip "there is no node"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  skip "node $(node --version) is too old: 20.19 or newer"

installed "$root/clients/web"
cd "$root/clients/web"
case $1 in
  unit)
    npm run lint
    npm test
    ;;
  walks)
    [ -x "$2" ] || skip "$2 is not built"
    [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || skip "there is no Chromium"
    npm run generate
    npm run build:apps
    installed "$here"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    "$3" --in="$root/examples/stadium/stadium.json" --out="$work/chart.json"
    cd "$here"
    node run.mjs "$2" --chart="$work/chart.json"
    ;;
  *)
    echo "usage: check.sh unit | check.sh walks <ticketing-platform> <chart-tool>" >&2
    exit 2
    ;;
esac
