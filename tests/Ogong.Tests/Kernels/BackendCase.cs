using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cpu;
using Ogong.Kernels.OpenCl;
using Ogong.Kernels.Reference;
using Ogong.Tests.Kernels.Cuda;
using Ogong.Tests.Kernels.OpenCl;

namespace Ogong.Tests.Kernels;

/// <summary>One backend, with one set of settings, that the operation suite runs against.</summary>
public sealed class BackendCase
{
    private readonly string _name;
    private readonly Func<IBackend> _create;

    private BackendCase(string name, Func<IBackend> create) => (_name, _create) = (name, create);

    /// <summary>Every backend this version has; the CPU's at every vector width and on one and two threads, CUDA's on the emulated device if there is no other, OpenCL's as it runs on a processor and as on a graphics device.</summary>
    public static IEnumerable<BackendCase> All()
    {
        yield return new BackendCase("reference", static () => new ReferenceBackend());
        foreach (int threads in new[] { 1, 2 })
            foreach (int bits in new[] { 512, 256, 128, 32 })
                yield return new BackendCase($"cpu {bits}x{threads}", () => Cpu(new CpuOptions { Threads = threads, VectorBits = bits }));
        yield return new BackendCase("cuda", static () => CudaCase.Create());
        yield return new BackendCase("opencl", static () => OpenClCase.Create());
        yield return new BackendCase("opencl scalar", static () => OpenClCase.Create(new DeviceShape(1, 64)));
    }

    /// <summary>Creates the backend, or skips the tests, visibly, where the machine cannot run it.</summary>
    public IBackend Create() => _create();

    public override string ToString() => _name;

    private static CpuBackend Cpu(CpuOptions options)
    {
        if (!VectorWidth.IsSupported(options.VectorBits)) Assert.Ignore($"This processor has no {options.VectorBits}-bit vectors.");
        return new CpuBackend(options);
    }
}
