#!/bin/sh
# Runs the published client of seats.io against a ticketing-api. Exit code 77 means: skipped, with the reason.
#   check.sh <ticketing-api> [file.test.mjs...]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$1
shift

skip() {
  echo "skipped: $1"
  exit 77
}

command -v node >/dev/null || skip "there is no node"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  skip "node $(node --version) is too old: 20.19 or newer"
[ -x "$program" ] || skip "$program is not built"
cd "$here"
[ -e node_modules/.package-lock.json ] && [ ! package-lock.json -nt node_modules/.package-lock.json ] ||
  npm ci --no-audit --no-fund --loglevel=error
[ $# -gt 0 ] || set -- *.test.mjs
TICKETING_API=$program exec node --test --test-concurrency=2 --test-timeout=60000 "$@"
