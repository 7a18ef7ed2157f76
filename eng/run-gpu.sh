#!/usr/bin/env bash
# Runs the CUDA tests on this machine's GPU, which must have one, then the benchmarks of text and diffusion models. Part of the portable bundle; see
# eng/portable-bundle.sh. Arguments go to "ogong bench cuda". Needs the CUDA driver, NVRTC and cuBLASLt; the variables OGONG_CUDA_DRIVER_PATH,
# OGONG_NVRTC_PATH and OGONG_CUBLASLT_PATH name files where they are not found by themselves.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
dotnet="$here/dotnet/dotnet"
export DOTNET_ROOT="$here/dotnet" DOTNET_MULTILEVEL_LOOKUP=0 OGONG_REQUIRE_CUDA=1

"$dotnet" "$here/app/cli/ogong.dll" doctor
# What names CUDA: the operation suite, queues and steps, the engine's replies and pinned scores. Where these would skip for want of a device they
# fail instead; what skips is only for the emulated device, or needs another device beside.
"$dotnet" "$here/app/tests/Ogong.Tests.dll" --minimum-expected-tests 100 --filter \
    "FullyQualifiedName~cuda&(FullyQualifiedName~Tests.Kernels|FullyQualifiedName~Tests.Engine)"
"$dotnet" "$here/app/cli/ogong.dll" bench cuda --json "$@" | tee "$here/bench-cuda.json"
"$dotnet" "$here/app/cli/ogong.dll" bench diffusion --device cuda --json | tee "$here/bench-diffusion.json"
