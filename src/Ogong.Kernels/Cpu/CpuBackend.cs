using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

/// <summary>The exact and fast profiles on SIMD units and threads of the host processor. Thread-safe.</summary>
public sealed partial class CpuBackend : IBackend
{
    /// <summary>Creates the backend and its worker threads.</summary>
    public CpuBackend(CpuOptions? options = null)
    {
        Options = options ?? new CpuOptions();
        Device = new DeviceDescription("cpu", "", "");
    }

    /// <inheritdoc/>
    public DeviceDescription Device { get; }

    internal CpuOptions Options { get; }

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long byteLength) => new HostBuffer(byteLength);

    /// <inheritdoc/>
    public bool Supports(Operation operation, ElementType type, NumericMode mode) => true;

    /// <inheritdoc/>
    public Weight LoadWeight(ITensorSource source) => throw new NotSupportedException();

    /// <inheritdoc/>
    public KvCache CreateKvCache(KvCacheShape shape) => throw new NotSupportedException();

    /// <inheritdoc/>
    public ComputeQueue CreateQueue() => new CpuQueue(this);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
