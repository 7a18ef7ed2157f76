#!/usr/bin/env bash
# Unpacks NVRTC 12.4 under artifacts/nvrtc, for the tests that compile the kernels without a GPU. The packages are Debian 13's, from the
# mirror this machine uses; its package lists and sources stay as they are. Needs apt and dpkg; installs nothing.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)/artifacts/nvrtc"
library="$root/nvrtc.so"
if [[ -e "$library" ]]; then
    echo "NVRTC is in $root"
    exit 0
fi

# The first Debian mirror among the system's sources, in either of their two formats.
mirror="$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null || true; } |
    sed -nE 's/^(URIs:|deb +(\[[^]]*\] +)?)[[:space:]]*([a-z]+:[^[:space:]]*\/debian\/?)([[:space:]].*)?$/\3/p' | head -n 1)"
if [[ -z "$mirror" ]]; then
    echo "No Debian mirror in /etc/apt." >&2
    exit 1
fi

work="$root.part"
rm -rf "$work"
mkdir -p "$work"/{lists/partial,cache/archives/partial,packages,unpacked}
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie non-free" >"$work/sources.list"
: >"$work/status"
apt=(apt-get -q
    -o "Dir::Etc::sourcelist=$work/sources.list"
    -o "Dir::Etc::sourceparts=-"
    -o "Dir::State::Lists=$work/lists"
    -o "Dir::State::status=$work/status"
    -o "Dir::Cache=$work/cache"
    -o "APT::Sandbox::User=root"
    -o "Debug::NoLocking=true")
"${apt[@]}" update
(cd "$work/packages" && "${apt[@]}" download libnvrtc12 libnvrtc-builtins12.4)
for package in "$work"/packages/*.deb; do
    dpkg -x "$package" "$work/unpacked"
done
mkdir "$work/libraries"
# Under a name of its own: a search for an installed NVRTC in the same process must not find this one loaded.
cp -L "$(find "$work/unpacked" -name libnvrtc.so.12)" "$work/libraries/nvrtc.so"
cp -L "$(find "$work/unpacked" -name 'libnvrtc-builtins.so.12.4')" "$work/libraries/"
rm -rf "$root"
mv "$work/libraries" "$root"
rm -rf "$work"
ls -l "$root"
