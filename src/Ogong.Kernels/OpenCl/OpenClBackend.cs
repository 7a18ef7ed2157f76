using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Ogong.Compute;
using Ogong.Kernels.Device;
using Ogong.Native.OpenCl;

namespace Ogong.Kernels.OpenCl;

/// <summary>
/// The exact and fast profiles on any OpenCL 1.2 device whose binary32 arithmetic is IEEE 754: graphics processors of every vendor, and processors. Kernels are compiled by the device's driver at
/// their first use and kept. Thread-safe.
/// </summary>
public sealed partial class OpenClBackend : IBackend
{
    private readonly OpenClDevice _device;

    private OpenClBackend(OpenClDevice device, OpenClOptions options)
    {
        _device = device;
        Shape = options.Shape ?? DeviceShape.Of(device);
        Context = device.CreateContext();
        _memoryQueue = Context.CreateQueue();
        Programs = new ProgramLibrary(Context, Shape, new BinaryCache(options.KernelCache), options.Progress);
        string name = device.Index == 0 ? "opencl" : string.Create(CultureInfo.InvariantCulture, $"opencl:{device.Index}");
        string memory = string.Create(CultureInfo.InvariantCulture, $"{device.GlobalMemory / (double)(1 << 30):F1} GiB");
        Device = new DeviceDescription(name, $"{device.Name}, {device.Platform}, {device.Version}, {memory}, driver {device.DriverVersion}", Programs.Hash);
    }

    /// <inheritdoc/>
    public DeviceDescription Device { get; }

    /// <summary>Folder that keeps compiled kernels; null if none does.</summary>
    public string? KernelCacheFolder => Programs.Cache.Folder;

    internal OpenClContext Context { get; }

    internal ProgramLibrary Programs { get; }

    internal DeviceShape Shape { get; }

    /// <summary>Creates the backend of a device.</summary>
    /// <param name="options">Which device, and where its kernels are kept.</param>
    /// <param name="backend">The backend; the caller disposes it.</param>
    /// <param name="reason">Why there is none.</param>
    public static bool TryCreate(OpenClOptions options, [NotNullWhen(true)] out OpenClBackend? backend, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Device, nameof(options));
        backend = null;
        if (!OpenClLibrary.TryLoad(out OpenClLibrary? library, out reason)) return false;
        try
        {
            if (!TryChoose(library, options, out OpenClDevice? device, out reason)) return false;
            if (RefusalOf(device) is { } refusal)
            {
                reason = $"{device.Name} {refusal}.";
                return false;
            }
            backend = new OpenClBackend(device, options);
            if (ArithmeticCheck.FirstDifference(backend) is { } difference)
            {
                reason = $"{device.Name} does not compute as IEEE 754 binary32 asks: {difference}.";
                backend.Dispose();
                backend = null;
                return false;
            }
            return true;
        }
        catch (Exception exception) when (exception is OpenClException or OpenClBuildException)
        {
            reason = exception.Message;
            return false;
        }
    }

    private static bool TryChoose(OpenClLibrary library, OpenClOptions options, [NotNullWhen(true)] out OpenClDevice? device, [NotNullWhen(false)] out string? reason)
    {
        (device, reason) = (null, null);
        IReadOnlyList<OpenClDevice> devices = library.Devices;
        if (devices.Count == 0)
        {
            reason = $"The OpenCL loader {library.Path} knows no device: no driver is installed.";
        }
        else if (options.DeviceName is { } name)
        {
            OpenClDevice[] named = [.. devices.Where(device => device.Name.Contains(name, StringComparison.OrdinalIgnoreCase))];
            if (named.Length == 1) device = named[0];
            else reason = $"{named.Length} OpenCL devices have '{name}' in their name; there are {string.Join("; ", devices.Select(device => $"opencl:{device.Index} {device.Name}"))}.";
        }
        else if (options.Device < devices.Count)
        {
            device = devices[options.Device];
        }
        else
        {
            reason = $"There is no OpenCL device {options.Device}; there are {devices.Count}.";
        }
        return device is not null;
    }

    /// <summary>Why profile exact-1 is impossible on a device, or null if it is possible. What a device claims is then checked by computing (<see cref="ArithmeticCheck"/>).</summary>
    public static string? RefusalOf(OpenClDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (!device.IsAvailable) return "is not available";
        if (!device.HasCompiler) return "has no compiler";
        if (!device.IsLittleEndian) return "is big-endian";
        (OpenClFloatConfig Needed, string Text)[] needs =
        [
            (OpenClFloatConfig.Denormals, "flushes subnormals to zero"),
            (OpenClFloatConfig.RoundToNearest, "does not round to nearest"),
            (OpenClFloatConfig.InfinitiesAndNaNs, "has no infinities and NaNs"),
            (OpenClFloatConfig.CorrectlyRoundedDivideAndSqrt, "cannot round divide and square root correctly"),
        ];
        foreach ((OpenClFloatConfig needed, string text) in needs)
            if (!device.FloatConfig.HasFlag(needed)) return $"{text}, which profile exact-1 needs";
        return null;
    }

    /// <inheritdoc/>
    public bool Supports(Operation operation, ElementType type, NumericMode mode) =>
        Enum.IsDefined(operation) && Enum.IsDefined(type) && Enum.IsDefined(mode);

    /// <inheritdoc/>
    public Weight LoadWeight(ITensorSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new OpenClWeight(this, source);
    }

    /// <inheritdoc/>
    public KvCache CreateKvCache(KvCacheShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new OpenClKvCache(this, shape);
    }

    /// <inheritdoc/>
    public ComputeQueue CreateQueue() => new OpenClQueue(this);

    /// <summary>Releases the device. Everything made from the backend must have been disposed.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        Programs.Dispose();
        _memoryQueue.Dispose();
        Context.Dispose();
    }
}
