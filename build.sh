#!/usr/bin/env bash
# Builds, tests, benchmarks or packs Ogong: ./build.sh [build|test|bench|pack|api|proofs] [--option=value ...]
# Needs the .NET SDK named in global.json, and nothing else: the build tool is restored from .config/dotnet-tools.json.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v dotnet >/dev/null; then
    echo "dotnet is not on PATH: install the .NET 10 SDK first." >&2
    exit 2
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
target="test"
if [[ $# -gt 0 && $1 != -* ]]; then
    target="$1"
    shift
fi

dotnet tool restore --verbosity quiet
exec dotnet cake build.cake --verbosity=minimal --target="$target" "$@"
