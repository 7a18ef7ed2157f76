namespace Ogong.Native.OpenCl;

/// <summary>What an OpenCL device is good at.</summary>
[Flags]
public enum OpenClDeviceTypes : ulong
{
    /// <summary>None of the others.</summary>
    None = 0,

    /// <summary>The platform's default device.</summary>
    Default = 1,

    /// <summary>A host processor.</summary>
    Cpu = 2,

    /// <summary>A graphics processor.</summary>
    Gpu = 4,

    /// <summary>A dedicated accelerator.</summary>
    Accelerator = 8,

    /// <summary>A vendor's own kind.</summary>
    Custom = 16,
}

/// <summary>binary32 abilities of a device (CL_DEVICE_SINGLE_FP_CONFIG).</summary>
[Flags]
public enum OpenClFloatConfig : ulong
{
    /// <summary>None is reported.</summary>
    None = 0,

    /// <summary>Subnormals are kept.</summary>
    Denormals = 1,

    /// <summary>Infinities and NaNs.</summary>
    InfinitiesAndNaNs = 2,

    /// <summary>Rounding to nearest even.</summary>
    RoundToNearest = 4,

    /// <summary>Rounding to zero.</summary>
    RoundToZero = 8,

    /// <summary>Rounding to either infinity.</summary>
    RoundToInfinity = 16,

    /// <summary>IEEE 754-2008 fused multiply-add in hardware; without it <c>fma</c> is correct but slow.</summary>
    Fma = 32,

    /// <summary>Basic operations are done in software.</summary>
    SoftFloat = 64,

    /// <summary>Divide and square root can be correctly rounded (with <c>-cl-fp32-correctly-rounded-divide-sqrt</c>).</summary>
    CorrectlyRoundedDivideAndSqrt = 128,
}

/// <summary>One OpenCL device. Immutable and thread-safe.</summary>
public sealed unsafe class OpenClDevice
{
    internal OpenClDevice(OpenClApi api, nint id, string platform, int index)
    {
        (Api, Id, Platform, Index) = (api, id, platform, index);
        Name = Text(OpenClInfo.CL_DEVICE_NAME);
        Vendor = Text(OpenClInfo.CL_DEVICE_VENDOR);
        Version = Text(OpenClInfo.CL_DEVICE_VERSION);
        DriverVersion = Text(OpenClInfo.CL_DRIVER_VERSION);
        LanguageVersion = Text(OpenClInfo.CL_DEVICE_OPENCL_C_VERSION);
        Extensions = Text(OpenClInfo.CL_DEVICE_EXTENSIONS).Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        Types = (OpenClDeviceTypes)Value<ulong>(OpenClInfo.CL_DEVICE_TYPE);
        FloatConfig = (OpenClFloatConfig)Value<ulong>(OpenClInfo.CL_DEVICE_SINGLE_FP_CONFIG);
        ComputeUnits = (int)Value<uint>(OpenClInfo.CL_DEVICE_MAX_COMPUTE_UNITS);
        ClockMHz = (int)Value<uint>(OpenClInfo.CL_DEVICE_MAX_CLOCK_FREQUENCY);
        NativeFloatWidth = (int)Value<uint>(OpenClInfo.CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT);
        MaxWorkGroupSize = (long)Value<nuint>(OpenClInfo.CL_DEVICE_MAX_WORK_GROUP_SIZE);
        GlobalMemory = (long)Value<ulong>(OpenClInfo.CL_DEVICE_GLOBAL_MEM_SIZE);
        MaxAllocation = (long)Value<ulong>(OpenClInfo.CL_DEVICE_MAX_MEM_ALLOC_SIZE);
        LocalMemory = (long)Value<ulong>(OpenClInfo.CL_DEVICE_LOCAL_MEM_SIZE);
        IsLittleEndian = Value<uint>(OpenClInfo.CL_DEVICE_ENDIAN_LITTLE) != 0;
        IsAvailable = Value<uint>(OpenClInfo.CL_DEVICE_AVAILABLE) != 0;
        HasCompiler = Value<uint>(OpenClInfo.CL_DEVICE_COMPILER_AVAILABLE) != 0;
    }

    /// <summary>Position among all devices of the loader.</summary>
    public int Index { get; }

    /// <summary>The platform (driver package) it belongs to.</summary>
    public string Platform { get; }

    /// <summary>The device's own name.</summary>
    public string Name { get; }

    /// <summary>Who made it.</summary>
    public string Vendor { get; }

    /// <summary>Version of OpenCL it implements, e.g. <c>OpenCL 3.0 …</c>.</summary>
    public string Version { get; }

    /// <summary>Version of OpenCL C its compiler reads.</summary>
    public string LanguageVersion { get; }

    /// <summary>Version of its driver.</summary>
    public string DriverVersion { get; }

    /// <summary>Extensions it reports.</summary>
    public IReadOnlySet<string> Extensions { get; }

    /// <summary>What kind of device it is.</summary>
    public OpenClDeviceTypes Types { get; }

    /// <summary>What its binary32 arithmetic keeps of IEEE 754.</summary>
    public OpenClFloatConfig FloatConfig { get; }

    /// <summary>Parallel compute units.</summary>
    public int ComputeUnits { get; }

    /// <summary>Highest clock in MHz; 0 where the driver does not say.</summary>
    public int ClockMHz { get; }

    /// <summary>binary32 lanes of the device's vector registers; 1 on devices that vectorise over work-items.</summary>
    public int NativeFloatWidth { get; }

    /// <summary>Most work-items in a work-group.</summary>
    public long MaxWorkGroupSize { get; }

    /// <summary>Bytes of global memory.</summary>
    public long GlobalMemory { get; }

    /// <summary>Most bytes in one buffer.</summary>
    public long MaxAllocation { get; }

    /// <summary>Bytes of local memory per work-group.</summary>
    public long LocalMemory { get; }

    /// <summary>Whether it is little-endian.</summary>
    public bool IsLittleEndian { get; }

    /// <summary>Whether it can be used now.</summary>
    public bool IsAvailable { get; }

    /// <summary>Whether its driver has a compiler.</summary>
    public bool HasCompiler { get; }

    internal OpenClApi Api { get; }

    internal nint Id { get; }

    /// <summary>Creates a context of this device alone.</summary>
    /// <exception cref="OpenClException">The driver refused.</exception>
    public OpenClContext CreateContext() => new(this);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Platform}, {Version}, driver {DriverVersion})";

    private string Text(uint what) => OpenClInfo.Text(Api.clGetDeviceInfo, Id, what, nameof(Api.clGetDeviceInfo));

    private T Value<T>(uint what) where T : unmanaged => OpenClInfo.Value<T>(Api.clGetDeviceInfo, Id, what, nameof(Api.clGetDeviceInfo));
}
