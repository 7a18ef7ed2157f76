using Ogong.Compute;

namespace Ogong.Detection;

/// <summary>What is rounded besides what the processor's backend rounds itself.</summary>
internal enum Rounding
{
    /// <summary>Every result of an operation to binary16, the residual stream included.</summary>
    Float16,

    /// <summary>Every result of an operation to bfloat16, the residual stream included.</summary>
    BFloat16,

    /// <summary>Keys and values to 8 bits: per head and position <c>s = absmax / 127</c>, <c>v' = rint(v / s) · s</c>.</summary>
    EightBitCache,
}

/// <summary>A host backend whose queues round what they compute: honest drift, or a cheaper cache. Owns nothing.</summary>
internal sealed class RoundedBackend(IBackend inner, Rounding rounding) : IBackend
{
    public DeviceDescription Device => inner.Device;

    public bool Supports(Operation operation, ElementType type, NumericMode mode) => inner.Supports(operation, type, mode);

    public DeviceBuffer Allocate(long byteLength) => inner.Allocate(byteLength);

    public Weight LoadWeight(ITensorSource source) => inner.LoadWeight(source);

    public KvCache CreateKvCache(KvCacheShape shape) => inner.CreateKvCache(shape);

    public ComputeQueue CreateQueue() => new RoundedQueue(inner.CreateQueue(), rounding);

    public void Dispose()
    {
    }
}
