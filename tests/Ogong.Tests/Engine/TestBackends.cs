using Ogong.Compute;
using Ogong.Kernels.Cpu;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Engine;

/// <summary>The backends the engine's tests run on.</summary>
internal static class TestBackends
{
    public static readonly string[] Names = ["reference", "cpu"];

    /// <summary>For tests that are about the engine and not about a backend.</summary>
    public static IBackend CreateFastest(int threads = 2) => Create(Names[^1], threads);

    public static IBackend Create(string name, int threads = 2) => name switch
    {
        "reference" => new ReferenceBackend(),
        "cpu" => new CpuBackend(new CpuOptions { Threads = threads }),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
