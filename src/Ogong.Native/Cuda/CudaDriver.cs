using System.Diagnostics.CodeAnalysis;
using static Ogong.Native.Cuda.CudaException;
using static Ogong.Native.Cuda.CudaImports;

namespace Ogong.Native.Cuda;

/// <summary>The CUDA driver of this machine. It is loaded by the first call here, once for the process, and never before.</summary>
public sealed unsafe class CudaDriver
{
    private const string NewestFunction = "cuGraphInstantiateWithFlags", NeededVersion = "CUDA 11.4";

    private CudaDriver(LoadedLibrary library)
    {
        LibraryPath = library.Path;
        Version = ReadVersion();
        int count = 0;
        Check(cuDeviceGetCount(&count));
        DeviceCount = count;
    }

    /// <summary>The file that was loaded.</summary>
    public string LibraryPath { get; }

    /// <summary>The newest CUDA version the driver supports.</summary>
    public Version Version { get; }

    /// <summary>How many devices the driver offers, at least 1. CUDA_VISIBLE_DEVICES limits them.</summary>
    public int DeviceCount { get; }

    /// <summary>Loads the driver.</summary>
    /// <param name="driver">The driver.</param>
    /// <param name="reason">Why there is no driver with a device, in words for people.</param>
    /// <param name="path">The file to load, or null to search; see <see cref="LibraryDescription.CudaDriver"/>.</param>
    /// <returns>Whether there is a driver with at least one device. A missing or failing driver never throws.</returns>
    public static bool TryLoad([NotNullWhen(true)] out CudaDriver? driver, [NotNullWhen(false)] out string? reason, string? path = null)
    {
        driver = null;
        if (!NativeBinding.TryBind(NativeBinding.CudaDriver, LibraryDescription.CudaDriver, path, NewestFunction, NeededVersion, out var library, out reason))
            return false;
        try
        {
            Check(cuInit(0));
            driver = new CudaDriver(library);
            if (driver.DeviceCount > 0)
                return true;
            (driver, reason) = (null, $"{library.Path} offers no device");
        }
        catch (CudaException e)
        {
            reason = $"{library.Path}: {e.Message}";
        }

        return false;
    }

    /// <summary>Loads the driver.</summary>
    /// <param name="path">The file to load, or null to search.</param>
    /// <exception cref="NotSupportedException">There is no usable driver; the message says why.</exception>
    public static CudaDriver Load(string? path = null) =>
        TryLoad(out var driver, out string? reason, path) ? driver : throw new NotSupportedException($"No usable CUDA device: {reason}");

    /// <summary>One of the devices.</summary>
    /// <param name="ordinal">Its number, from 0 to <see cref="DeviceCount"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such device.</exception>
    public CudaDevice GetDevice(int ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ordinal, DeviceCount);
        int device = 0;
        Check(cuDeviceGet(&device, ordinal));
        return new CudaDevice(ordinal, device);
    }

    // 1000 · major + 10 · minor
    private static Version ReadVersion()
    {
        int version = 0;
        Check(cuDriverGetVersion(&version));
        return new Version(version / 1000, version % 1000 / 10);
    }
}
