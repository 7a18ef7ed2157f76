namespace Ogong.Compute;

/// <summary>
/// A device and its kernels: memory, weights and queues. Thread-safe, except that what it hands out follows its own rules.
/// The engine is written once against this; adding a backend touches no file of Ogong.Core.
/// </summary>
public interface IBackend : IDisposable
{
    /// <summary>What this is, for results and diagnostics.</summary>
    DeviceDescription Device { get; }

    /// <summary>Whether <paramref name="operation"/> runs here on weights (or cache, or states) of <paramref name="type"/> in <paramref name="mode"/>. Nothing falls back silently: what is unsupported throws.</summary>
    bool Supports(Operation operation, ElementType type, NumericMode mode);

    /// <summary>Allocates zeroed device memory.</summary>
    /// <exception cref="OutOfMemoryException">The device has not that much.</exception>
    DeviceBuffer Allocate(long byteLength);

    /// <summary>Loads a weight matrix, packing it for <see cref="ComputeQueue.Linear"/> and <see cref="ComputeQueue.Embed"/>.</summary>
    /// <exception cref="NotSupportedException">There are no kernels for its type (<see cref="Supports"/>).</exception>
    Weight LoadWeight(ITensorSource source);

    /// <summary>Creates a paged key/value cache.</summary>
    KvCache CreateKvCache(KvCacheShape shape);

    /// <summary>Creates an ordered queue of operations.</summary>
    ComputeQueue CreateQueue();
}
