using NUnit.Framework;
using Ogong.Kernels.Cuda;
using Ogong.Tests.Emulator;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>The CUDA device of the tests: the emulated one, or, where <c>OGONG_REQUIRE_CUDA=1</c>, the machine's own, without which they fail.</summary>
internal static class CudaCase
{
    /// <summary>Whether the tests run on the machine's own device.</summary>
    public static bool IsReal => Environment.GetEnvironmentVariable("OGONG_REQUIRE_CUDA") == "1";

    /// <summary>Creates the backend. Kernels compiled for the emulated device are kept from run to run, as long as the emulator is the same, unless the test brings a folder.</summary>
    public static CudaBackend Create(
        string? kernelCache = null, Action<string>? progress = null, EmulatedCuda.Device device = EmulatedCuda.Device.Shared, IntegerOperands? operands = null)
    {
        if (!IsReal)
        {
            EmulatedCuda.Require(device);
            kernelCache ??= EmulatedKernels();
        }
        var options = new CudaOptions { Device = IsReal ? 0 : (int)device, KernelCache = kernelCache, Progress = progress, Operands = operands };
        if (!CudaBackend.TryCreate(options, out CudaBackend? backend, out string? reason)) Assert.Fail($"No CUDA backend: {reason}");
        return backend!;
    }

    /// <summary>Emulated kernels depend on the emulator's headers too, so each build of it has its own folder.</summary>
    public static string EmulatedKernels()
    {
        string folder = Path.Combine(Repository.Root, "artifacts", "emulator");
        string build = File.ReadAllText(Path.Combine(folder, "sources"))[..16];
        return Path.Combine(folder, $"kernels-{build}");
    }
}
