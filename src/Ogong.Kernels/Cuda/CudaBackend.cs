using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Ogong.Compute;
using Ogong.Kernels.Device;
using Ogong.Native.Cuda;
using Ogong.Native.Nvrtc;

namespace Ogong.Kernels.Cuda;

/// <summary>
/// The exact and fast profiles on an NVIDIA GPU of compute capability 8.0 or later. Needs the driver and NVRTC; kernels are compiled for the device at their first use and kept. Thread-safe.
/// </summary>
public sealed partial class CudaBackend : IBackend
{
    /// <summary>The oldest architecture the kernels are written for: bfloat16 tensor cores and asynchronous copies.</summary>
    private static readonly ComputeCapability LeastCapability = new(8, 0);

    private readonly CudaDevice _device;
    private long _stepsReplayed;

    private CudaBackend(CudaDriver driver, NvrtcCompiler compiler, CudaOptions options)
    {
        _device = driver.GetDevice(options.Device);
        Context = _device.RetainPrimaryContext();
        _pool = Context.CreateMemoryPool();
        _memoryStream = Context.CreateStream();
        Uploader = new WeightUploader(Context);
        ComputeCapability capability = _device.ComputeCapability;
        Multiprocessors = _device.MultiprocessorCount;
        SharedMemory = _device.GetAttribute(CudaDeviceAttribute.MaxSharedMemoryPerBlockOptIn);
        Operands = options.Operands ?? IntegerPrefillPlan.OperandsFor(capability);
        Kernels = new KernelLibrary(Context, compiler, compiler.ArchitectureFor(capability), new BinaryCache(options.KernelCache), options.Progress);
        string name = options.Device == 0 ? "cuda" : string.Create(CultureInfo.InvariantCulture, $"cuda:{options.Device}");
        string memory = string.Create(CultureInfo.InvariantCulture, $"{_device.TotalMemory / (double)(1 << 30):F1} GiB");
        Device = new DeviceDescription(
            name, $"{_device.Name}, compute capability {capability}, {memory}, driver {driver.Version}, NVRTC {compiler.Version}", Kernels.Hash);
    }

    /// <inheritdoc/>
    public DeviceDescription Device { get; }

    /// <summary>Folder that keeps compiled kernels; null if none does.</summary>
    public string? KernelCacheFolder => Kernels.Cache.Folder;

    /// <summary>Bytes of compiled kernels in <see cref="KernelCacheFolder"/>.</summary>
    public long KernelCacheBytes => Kernels.Cache.Size;

    internal CudaContext Context { get; }

    internal KernelLibrary Kernels { get; }

    internal WeightUploader Uploader { get; }

    /// <summary>Recorded steps that queues have launched as one graph.</summary>
    internal long StepsReplayed => Interlocked.Read(ref _stepsReplayed);

    /// <summary>Streaming multiprocessors.</summary>
    internal int Multiprocessors { get; }

    /// <summary>Bytes of shared memory a block may have.</summary>
    internal int SharedMemory { get; }

    /// <summary>What tensor cores multiply in Linear on integer weights.</summary>
    internal IntegerOperands Operands { get; }

    internal void StepReplayed() => Interlocked.Increment(ref _stepsReplayed);

    /// <summary>Creates the backend of a device.</summary>
    /// <param name="options">Which device, and where its kernels are kept.</param>
    /// <param name="backend">The backend; the caller disposes it.</param>
    /// <param name="reason">Why there is none.</param>
    public static bool TryCreate(CudaOptions options, [NotNullWhen(true)] out CudaBackend? backend, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Device, nameof(options));
        backend = null;
        if (!CudaDriver.TryLoad(out CudaDriver? driver, out reason) || !NvrtcCompiler.TryLoad(out NvrtcCompiler? compiler, out reason)) return false;
        try
        {
            if (options.Device >= driver.DeviceCount)
            {
                reason = driver.DeviceCount == 0 ? "The CUDA driver sees no device." : $"There is no CUDA device {options.Device}; the driver sees {driver.DeviceCount}.";
                return false;
            }
            CudaDevice device = driver.GetDevice(options.Device);
            if (device.ComputeCapability < LeastCapability)
            {
                reason = $"{device.Name} has compute capability {device.ComputeCapability}; the kernels need {LeastCapability}.";
                return false;
            }
            backend = new CudaBackend(driver, compiler, options);
            return true;
        }
        catch (Exception exception) when (exception is CudaException or NotSupportedException)
        {
            reason = exception.Message;
            return false;
        }
    }

    /// <inheritdoc/>
    public bool Supports(Operation operation, ElementType type, NumericMode mode) =>
        Enum.IsDefined(operation) && Enum.IsDefined(type) && Enum.IsDefined(mode);

    /// <inheritdoc/>
    public Weight LoadWeight(ITensorSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new CudaWeight(this, source);
    }

    /// <inheritdoc/>
    public KvCache CreateKvCache(KvCacheShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new CudaKvCache(this, shape);
    }

    /// <inheritdoc/>
    public ComputeQueue CreateQueue()
    {
        var queue = new CudaQueue(this);
        lock (_gate) _queues.Add(queue);
        return queue;
    }

    /// <summary>Releases the device. Everything made from the backend must have been disposed.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        Kernels.Dispose();
        Uploader.Dispose();
        _memoryStream.Dispose();
        _pool.Dispose();
        Context.Dispose();
    }
}
