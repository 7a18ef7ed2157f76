using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cpu;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Kernels;

/// <summary>One backend, with one set of settings, that the operation suite runs against.</summary>
public sealed class BackendCase
{
    private readonly CpuOptions? _cpu;

    private BackendCase(CpuOptions? cpu) => _cpu = cpu;

    /// <summary>Every backend this version has, at every vector width and on one and two threads.</summary>
    public static IEnumerable<BackendCase> All()
    {
        yield return new BackendCase(null);
        foreach (int threads in new[] { 1, 2 })
            foreach (int bits in new[] { 512, 256, 128, 32 })
                yield return new BackendCase(new CpuOptions { Threads = threads, VectorBits = bits });
    }

    /// <summary>Creates the backend, or skips the tests, visibly, where the processor has no vectors that wide.</summary>
    public IBackend Create()
    {
        if (_cpu is null) return new ReferenceBackend();
        if (!VectorWidth.IsSupported(_cpu.VectorBits)) Assert.Ignore($"This processor has no {_cpu.VectorBits}-bit vectors.");
        return new CpuBackend(_cpu);
    }

    public override string ToString() => _cpu is null ? "reference" : $"cpu {_cpu.VectorBits}x{_cpu.Threads}";
}
