using BenchmarkDotNet.Attributes;
using Ogong.Cli.Bench;
using Ogong.Compute;
using Ogong.Kernels.Cpu;

namespace Ogong.Bench.Cpu;

/// <summary>Linear at prefill sizes, all threads. The comparison with OpenBLAS is the <c>peers</c> command, which interleaves the two.</summary>
[MemoryDiagnoser]
public class GemmBench
{
    private CpuBackend? _backend;
    private LinearLoad? _load;

    [Params(ElementType.F32, ElementType.BF16, ElementType.F16)]
    public ElementType Type { get; set; }

    [Params(128, 512)]
    public int Rows { get; set; }

    [Params(2048)]
    public int Size { get; set; }

    [Params(512, 256)]
    public int VectorBits { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _backend = new CpuBackend(new CpuOptions { VectorBits = VectorBits });
        _load = new LinearLoad(_backend, Type, Rows, Size, Size);
    }

    [Benchmark]
    public double Gemm() => _load!.Run(1);

    [GlobalCleanup]
    public void Cleanup()
    {
        _load?.Dispose();
        _backend?.Dispose();
    }
}
