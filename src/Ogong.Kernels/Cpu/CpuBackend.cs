using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

/// <summary>The exact and fast profiles on SIMD units and threads of the host processor. Thread-safe.</summary>
public sealed partial class CpuBackend : IBackend
{
    /// <summary>Creates the backend and its worker threads.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of threads, or a vector width that does not exist.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor lacks the vector width asked for.</exception>
    public CpuBackend(CpuOptions? options = null)
    {
        options ??= new CpuOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads, nameof(options));
        VectorBits = VectorWidth.Select(options.VectorBits);
        Pool = new WorkerPool(options.Threads == 0 ? Environment.ProcessorCount : options.Threads);
        string threads = Pool.Threads == 1 ? "1 thread" : $"{Pool.Threads} threads";
        Device = new DeviceDescription("cpu", $"{VectorWidth.Name(VectorBits)}, {threads}", ManagedModule.KernelHash());
    }

    /// <inheritdoc/>
    public DeviceDescription Device { get; }

    /// <summary>Vector width the kernels run with: 512, 256, 128, or 32 for scalar code.</summary>
    internal int VectorBits { get; }

    /// <summary>The threads of every queue of this backend.</summary>
    internal WorkerPool Pool { get; }

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long byteLength) => new HostBuffer(byteLength);

    /// <inheritdoc/>
    public bool Supports(Operation operation, ElementType type, NumericMode mode) =>
        Enum.IsDefined(operation) && Enum.IsDefined(type) && Enum.IsDefined(mode)
        && (!type.IsBlock() || operation is Operation.Linear or Operation.Embed);

    /// <inheritdoc/>
    public Weight LoadWeight(ITensorSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new CpuWeight(source, Pool.Threads);
    }

    /// <inheritdoc/>
    public KvCache CreateKvCache(KvCacheShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new CpuKvCache(shape);
    }

    /// <inheritdoc/>
    public ComputeQueue CreateQueue() => new CpuQueue(this);

    /// <summary>Stops the worker threads. Buffers and weights stay valid, queues do not.</summary>
    public void Dispose() => Pool.Dispose();
}
