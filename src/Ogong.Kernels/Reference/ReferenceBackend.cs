using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Reference;

/// <summary>
/// The definition of profile <c>exact-1</c>: every operation in a few scalar lines on one thread, and the oracle that every other backend equals bit for bit. Slow on purpose.
/// Thread-safe.
/// </summary>
public sealed class ReferenceBackend : IBackend
{
    /// <inheritdoc/>
    public DeviceDescription Device { get; } = new("reference", "scalar, 1 thread", ManagedModule.KernelHash());

    /// <inheritdoc/>
    public bool Supports(Operation operation, ElementType type, NumericMode mode)
    {
        bool weight = operation is Operation.Embed or Operation.Linear, cache = operation is Operation.AppendKv or Operation.Attention;
        return Enum.IsDefined(operation) && Enum.IsDefined(mode) && (weight ? Enum.IsDefined(type) : cache ? Enum.IsDefined(type) && !type.IsBlock() : type == ElementType.F32);
    }

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long byteLength) => new HostBuffer(byteLength);

    /// <inheritdoc/>
    public Weight LoadWeight(ITensorSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new ReferenceWeight(source);
    }

    /// <inheritdoc/>
    public KvCache CreateKvCache(KvCacheShape shape) => new ReferenceKvCache(shape);

    /// <inheritdoc/>
    public ComputeQueue CreateQueue() => new ReferenceQueue();

    /// <summary>Nothing to release: buffers, weights, caches and queues belong to whoever made them.</summary>
    public void Dispose()
    {
    }
}
