using Ogong.Compute;
using Ogong.Kernels.Cpu;
using Ogong.Kernels.OpenCl;
using Ogong.Kernels.Reference;
using Ogong.Tests.Kernels.Cuda;
using Ogong.Tests.Kernels.OpenCl;

namespace Ogong.Tests.Engine;

/// <summary>The backends the engine's tests run on.</summary>
internal static class TestBackends
{
    /// <summary>Those that compute on the host: fast enough for every test.</summary>
    public static readonly string[] Names = ["reference", "cpu"];

    /// <summary>All that keep the bits of the exact profile. CUDA is emulated where there is no other, and OpenCL may be PoCL, so tests on them are small.</summary>
    public static readonly string[] Exact = [.. Names, "cuda", "opencl"];

    /// <summary>For tests that are about the engine and not about a backend.</summary>
    public static IBackend CreateFastest(int threads = 2) => Create(Names[^1], threads);

    public static IBackend Create(string name, int threads = 2) => name switch
    {
        "reference" => new ReferenceBackend(),
        "cpu" => new CpuBackend(new CpuOptions { Threads = threads }),
        "cuda" => CudaCase.Create(),
        "opencl" => OpenClCase.Create(),
        "opencl scalar" => OpenClCase.Create(new DeviceShape(1, 64)),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
