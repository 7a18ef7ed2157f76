using System.Runtime.InteropServices;
using static Ogong.Native.Cuda.CudaException;
using static Ogong.Native.Cuda.CudaImports;

namespace Ogong.Native.Cuda;

/// <summary>A device and its properties, which do not change. Immutable.</summary>
public sealed unsafe class CudaDevice
{
    private const int LongestName = 256;

    internal CudaDevice(int ordinal, int handle)
    {
        Ordinal = ordinal;
        Handle = handle;
        byte* name = stackalloc byte[LongestName];
        Check(cuDeviceGetName(name, LongestName, handle));
        Name = Marshal.PtrToStringUTF8((nint)name)!;
        nuint total = 0;
        Check(cuDeviceTotalMem_v2(&total, handle));
        TotalMemory = checked((long)total);
        Guid bytes = default;
        Check(cuDeviceGetUuid_v2(&bytes, handle));
        Uuid = new Guid(new ReadOnlySpan<byte>(&bytes, sizeof(Guid)), bigEndian: true);
        MultiprocessorCount = GetAttribute(CudaDeviceAttribute.MultiprocessorCount);
        ComputeCapability = new(GetAttribute(CudaDeviceAttribute.ComputeCapabilityMajor), GetAttribute(CudaDeviceAttribute.ComputeCapabilityMinor));
    }

    /// <summary>The device's number in this process.</summary>
    public int Ordinal { get; }

    /// <summary>The product's name.</summary>
    public string Name { get; }

    /// <summary>What names this one device, or this slice of it, on any machine.</summary>
    public Guid Uuid { get; }

    /// <summary>The device's memory in bytes.</summary>
    public long TotalMemory { get; }

    /// <summary>The device's generation.</summary>
    public ComputeCapability ComputeCapability { get; }

    /// <summary>Streaming multiprocessors.</summary>
    public int MultiprocessorCount { get; }

    internal int Handle { get; }

    /// <summary>Retains the device's primary context, creating it if need be.</summary>
    /// <exception cref="CudaException">The device cannot be used, for instance because another process has it exclusively.</exception>
    public CudaContext RetainPrimaryContext() => CudaContext.Retain(this);

    /// <summary>Reads a property of the device, in the unit that <see cref="CudaDeviceAttribute"/> gives.</summary>
    /// <exception cref="CudaException">The driver does not know the attribute.</exception>
    public int GetAttribute(CudaDeviceAttribute attribute)
    {
        int value = 0;
        Check(cuDeviceGetAttribute(&value, attribute, Handle));
        return value;
    }

    /// <summary>Such as "0: NVIDIA H100 80GB HBM3 (9.0)".</summary>
    public override string ToString() => $"{Ordinal}: {Name} ({ComputeCapability})";
}
