#!/usr/bin/env bash
# Builds native/emulator into artifacts/emulator: the library, and beside it the headers its NVRTC compiles kernels with.
# Needs g++ 12 or later on x86-64 Linux. Does nothing when the sources are those of the last build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=artifacts/emulator
mkdir -p "$out"
exec 9>"$out/lock"
flock 9 # test projects may run side by side

sources=$(cat eng/build-emulator.sh $(find native/emulator -name '*.cpp' -o -name '*.h' | LC_ALL=C sort) | sha256sum)
if [[ -f $out/libogong-emulator.so && $(cat "$out/sources" 2>/dev/null) == "$sources" ]]; then
    exit 0
fi

rm -rf "$out/include" "$out/objects" "$out/sources" "$out"/kernels* # kernels: what tests compiled with the last build
mkdir -p "$out/include" "$out/objects"
cp native/emulator/*.h "$out/include"
find native/emulator -name '*.cpp' | LC_ALL=C sort | xargs -P "$(nproc)" -I {} sh -c \
    'g++ -std=c++17 -O1 -Wall -Wextra -Werror -Wno-unknown-pragmas -ffp-contract=off -fPIC -fvisibility=hidden -pthread -c "$1" -o "$2/$(basename "$1" .cpp).o"' _ {} "$out/objects"
# Renamed into place, so that a process that has the old library open keeps it.
g++ -shared -pthread "$out"/objects/*.o -ldl -o "$out/libogong-emulator.so.new"
mv "$out/libogong-emulator.so.new" "$out/libogong-emulator.so"
printf '%s\n' "$sources" >"$out/sources"
