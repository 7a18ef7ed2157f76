using BenchmarkDotNet.Attributes;
using Ogong.Compute;

namespace Ogong.Bench.Cpu;

/// <summary>
/// SRP sketch of hidden states of 2048: 2048 additions per direction and row, so 131 k at 64 directions: at 16 lanes and 2 per cycle, some
/// 5 µs with the sign flips. The sign bits (16 KB) are kept
/// from call to call; FreshBank generates them every time, as a verifier with a bank of its own does once: 1024 Philox blocks.
/// </summary>
[MemoryDiagnoser]
public class SrpProjectBench
{
    private const int Columns = 2048;
    private OperationLoad? _load;
    private DeviceBuffer? _h, _y;
    private ulong _seed;

    [Params(1, 32)]
    public int Rows { get; set; }

    [Params(16, 64, 256)]
    public int Directions { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _load = new OperationLoad();
        (_h, _y) = (_load.Floats(Rows * Columns), _load.Floats(Rows * Directions));
    }

    [Benchmark]
    public void Project() => _load!.Queue.SrpProject(_h!, 1, _y!, Rows, Columns, Directions);

    [Benchmark]
    public void FreshBank() => _load!.Queue.SrpProject(_h!, ++_seed, _y!, Rows, Columns, Directions);

    [GlobalCleanup]
    public void Cleanup() => _load?.Dispose();
}
