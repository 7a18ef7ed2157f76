using BenchmarkDotNet.Attributes;
using Ogong.Compute;

namespace Ogong.Bench.Cpu;

/// <summary>
/// The operations between linear layers, 512 rows of 2048: 1.05 M elements. Each is bound by memory or cache: 8 bytes per element for
/// RmsNorm and Rope, 12 for Residual and GatedActivation
/// (which also has one exponential and one division per element). One row is a decode step: a few microseconds, on the caller's thread
/// alone.
/// </summary>
[MemoryDiagnoser]
public class RmsNormBench
{
    private const int Columns = 2048, HeadDim = 64;
    private OperationLoad? _load;
    private DeviceBuffer? _x, _y, _z, _weight, _table;
    private BatchLayout? _batch;

    [Params(1, 512)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _load = new OperationLoad();
        (_x, _y, _z) = (_load.Floats(Rows * Columns), _load.Floats(Rows * Columns), _load.Floats(Rows * Columns));
        _weight = _load.Floats(Columns);
        // Rotations by one angle: repeated in place, the values keep their size.
        _table = _load.Upload<float>([.. Enumerable.Range(0, Rows * HeadDim).Select(i => i % HeadDim < HeadDim / 2 ? 0.6f : 0.8f)]);
        _batch = _load.Batch(Rows, 0, 2);
    }

    [Benchmark]
    public void RmsNorm() => _load!.Queue.RmsNorm(_x!, _weight!, 1e-5f, _y!, Rows, Columns);

    [Benchmark]
    public void RmsNormPerHead() => _load!.Queue.RmsNorm(_x!, _weight!, 1e-5f, _y!, Rows * Columns / HeadDim, HeadDim);

    [Benchmark]
    public void Rope() => _load!.Queue.Rope(_x!, _table!, _batch!, Rows, Columns / HeadDim, HeadDim);

    [Benchmark]
    public void GatedActivation() => _load!.Queue.GatedActivation(_x!, _y!, _z!, Rows * Columns);

    [Benchmark]
    public void Residual() => _load!.Queue.Residual(_y!, _x!, Rows * Columns);

    [GlobalCleanup]
    public void Cleanup() => _load?.Dispose();
}
