using System.Diagnostics;
using Ogong.Compute;

namespace Ogong.Cli.Bench;

/// <summary>One linear layer to time on a backend: a GEMV at one row, a GEMM at many. Copies of the weight, used in turn, can make it larger than the caches.</summary>
internal sealed class LinearLoad : IDisposable
{
    private readonly ComputeQueue _queue;
    private readonly Weight[] _weights;
    private readonly DeviceBuffer _x;
    private readonly DeviceBuffer _y;
    private readonly NumericMode _mode;
    private int _next;

    public LinearLoad(IBackend backend, ElementType type, int rows, int columns, int outputs, int copies = 1, NumericMode mode = NumericMode.Exact)
    {
        (Rows, _mode) = (rows, mode);
        _queue = backend.CreateQueue();
        float scale = 1f / MathF.Sqrt(columns);
        _weights = [.. Enumerable.Range(0, copies).Select(i => backend.LoadWeight(new SyntheticTensor($"w{i}", type, outputs, columns, scale)))];
        _x = backend.Allocate(4L * rows * columns);
        _y = backend.Allocate(4L * rows * outputs);
        float[] values = new float[rows * columns];
        ulong state = 1;
        foreach (ref float value in values.AsSpan()) value = SyntheticTensor.Next(ref state, 1);
        _queue.Write<float>(values, _x);
    }

    public int Rows { get; }

    /// <summary>Multiply-adds count as two.</summary>
    public double FlopsPerCall => 2.0 * Rows * _weights[0].Rows * _weights[0].Columns;

    /// <summary>Bytes of weights one call reads, packing included.</summary>
    public long BytesPerCall => _weights[0].ByteLength;

    /// <summary>Bytes of all copies.</summary>
    public long TotalBytes => BytesPerCall * _weights.Length;

    /// <summary>Runs the layer <paramref name="calls"/> times; returns the seconds it took.</summary>
    public double Run(int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            _queue.Linear(_x, _weights[_next], null, _y, Rows, _mode);
            _next = (_next + 1) % _weights.Length;
        }
        _queue.CompleteAsync().AsTask().GetAwaiter().GetResult();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        foreach (Weight weight in _weights) weight.Dispose();
        _x.Dispose();
        _y.Dispose();
        _queue.Dispose();
    }
}
