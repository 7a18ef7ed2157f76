using NUnit.Framework;
using Ogong.Kernels.Cuda;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>
/// The CUDA device of the tests: the emulated one, or, where <c>OGONG_REQUIRE_CUDA=1</c>, the machine's own, without which they fail.
/// </summary>
internal static class CudaCase
{
    /// <summary>Creates the backend. Compiled kernels are kept from run to run, unless the test brings a folder.</summary>
    public static CudaBackend Create(string? kernelCache = null, Action<string>? progress = null)
    {
        bool required = Environment.GetEnvironmentVariable("OGONG_REQUIRE_CUDA") == "1";
        string? reason = null;
        var options = new CudaOptions { KernelCache = kernelCache, Progress = progress };
        if (CudaBackend.TryCreate(options, out CudaBackend? backend, out reason)) return backend;
        if (required) Assert.Fail($"OGONG_REQUIRE_CUDA=1, but: {reason}");
        Assert.Ignore(reason);
        throw new InvalidOperationException(reason);
    }
}
