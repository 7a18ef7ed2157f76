#!/usr/bin/env bash
# Installs Node.js 24, whose OpenSSL 3.5 has ML-DSA, under artifacts/node24 for the signature tests that cross-check against it.
set -euo pipefail
folder="$(cd "$(dirname "$0")/.." && pwd)/artifacts/node24"
node="$folder/node_modules/.bin/node"
if [ ! -x "$node" ] || [[ "$("$node" --version)" != v24.* ]]; then
    mkdir -p "$folder"
    npm install --no-audit --no-fund --no-save --prefix "$folder" node@24
fi
"$node" -p '`Node.js ${process.version}, OpenSSL ${process.versions.openssl}`'
