using Ogong.Compute;
using Ogong.Kernels.Cpu;

namespace Ogong.Bench.Cpu;

/// <summary>A CPU backend, a queue and buffers of uniform values for one operation's benchmark.</summary>
internal sealed class OperationLoad : IDisposable
{
    private readonly CpuBackend _backend = new();
    private readonly List<IDisposable> _owned = [];
    private readonly Random _random = new(1);

    public OperationLoad() => Queue = _backend.CreateQueue();

    public ComputeQueue Queue { get; }

    /// <summary>Binary32 values in [−scale, scale].</summary>
    public DeviceBuffer Floats(int count, float scale = 1f)
    {
        float[] values = new float[count];
        foreach (ref float value in values.AsSpan()) value = scale * ((2f * _random.NextSingle()) - 1f);
        return Upload<float>(values);
    }

    public DeviceBuffer Upload<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        DeviceBuffer buffer = Own(_backend.Allocate(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values).Length));
        Queue.Write(values, buffer);
        return buffer;
    }

    public KvCache Cache(KvCacheShape shape) => Own(_backend.CreateKvCache(shape));

    /// <summary>One sequence's rows, at positions from <paramref name="first"/> on, on pages in order.</summary>
    public BatchLayout Batch(int rows, int first, int pages)
    {
        BatchLayout batch = Own(new BatchLayout(_backend, rows, 1, pages));
        Queue.Write<int>([.. Enumerable.Range(first, rows)], batch.Positions);
        Queue.Write<int>([.. Enumerable.Range(0, pages)], batch.PageTable);
        return batch;
    }

    public void Dispose()
    {
        Queue.Dispose();
        foreach (IDisposable owned in _owned) owned.Dispose();
        _backend.Dispose();
    }

    private T Own<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
