#!/usr/bin/env bash
# Makes artifacts/ogong-portable.tar.xz: the tests, the command line and the shared .NET runtime, for a Linux x64 host with a GPU and without
# .NET. There: tar xf ogong-portable.tar.xz && ogong-portable/run-gpu.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
limit=$((45 * 1000 * 1000))
out=artifacts/portable
bundle="$out/ogong-portable"
rm -rf "$bundle"
mkdir -p "$bundle"/{dotnet/host/fxr,dotnet/shared/Microsoft.NETCore.App,tests}

# The tests as a program of their own. Built apart, so that the developer's build stays as it is.
dotnet publish tests/Ogong.Tests -c Release --artifacts-path "$out/build" -o "$bundle/app/tests" -p:PortableTests=true -v quiet --nologo
dotnet publish src/Ogong.Cli -c Release --artifacts-path "$out/build" -o "$bundle/app/cli" -v quiet --nologo
rm -rf "$bundle"/app/*/*.xml "$bundle/app/tests/Microsoft.CodeCoverage"

dotnet_root="$(dirname "$(readlink -f "$(command -v dotnet)")")"
version="$(dotnet --list-runtimes | sed -nE 's/^Microsoft\.NETCore\.App (10\.[0-9.]+) .*/\1/p' | sort -V | tail -n 1)"
cp "$dotnet_root/dotnet" "$bundle/dotnet/"
cp -r "$dotnet_root/host/fxr/$version" "$bundle/dotnet/host/fxr/"
cp -r "$dotnet_root/shared/Microsoft.NETCore.App/$version" "$bundle/dotnet/shared/Microsoft.NETCore.App/"

# What the tests look for in a checkout. Its root is where global.json is.
cp global.json "$bundle/"
cp -r tests/vectors "$bundle/tests/"
cp -r models "$bundle/"
cp eng/run-gpu.sh "$bundle/"

tar -C "$out" -c ogong-portable | xz -T0 -6 >artifacts/ogong-portable.tar.xz
size="$(stat -c %s artifacts/ogong-portable.tar.xz)"
echo "artifacts/ogong-portable.tar.xz: $size bytes, .NET $version"
if ((size > limit)); then
    echo "That is more than $limit bytes." >&2
    exit 1
fi
