using BenchmarkDotNet.Attributes;
using Ogong.Cli.Bench;
using Ogong.Compute;
using Ogong.Kernels.Cpu;

namespace Ogong.Bench.Cpu;

/// <summary>Linear at decode sizes over weights larger than the last-level cache, beside the read bandwidth that bounds it. Both read the same number of bytes per operation.</summary>
[MemoryDiagnoser]
public class GemvBench
{
    private const int Columns = 2048;
    private const int Outputs = 2048;
    private const int Copies = 32;
    private CpuBackend? _backend;
    private LinearLoad? _load;
    private ReadBandwidth? _read;

    [Params(1, 4, 8)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _backend = new CpuBackend();
        _load = new LinearLoad(_backend, ElementType.BF16, Rows, Columns, Outputs, Copies);
        _read = new ReadBandwidth(Environment.ProcessorCount, _load.TotalBytes);
    }

    [Benchmark(Baseline = true)]
    public double Read() => _read!.Run();

    [Benchmark]
    public double Gemv() => _load!.Run(Copies);

    [GlobalCleanup]
    public void Cleanup()
    {
        _read?.Dispose();
        _load?.Dispose();
        _backend?.Dispose();
    }
}
