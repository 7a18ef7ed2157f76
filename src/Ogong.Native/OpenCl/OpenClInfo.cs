using System.Text;

namespace Ogong.Native.OpenCl;

/// <summary>Reads the answers of the clGet…Info functions, which all take (size, pointer, size returned).</summary>
internal static unsafe class OpenClInfo
{
    // Platform
    public const uint CL_PLATFORM_VERSION = 0x0901, CL_PLATFORM_NAME = 0x0902;

    // Device
    public const uint CL_DEVICE_TYPE = 0x1000, CL_DEVICE_MAX_COMPUTE_UNITS = 0x1002, CL_DEVICE_MAX_WORK_GROUP_SIZE = 0x1004, CL_DEVICE_MAX_CLOCK_FREQUENCY = 0x100C,
        CL_DEVICE_MAX_MEM_ALLOC_SIZE = 0x1010, CL_DEVICE_SINGLE_FP_CONFIG = 0x101B, CL_DEVICE_GLOBAL_MEM_SIZE = 0x101F, CL_DEVICE_LOCAL_MEM_SIZE = 0x1023,
        CL_DEVICE_ENDIAN_LITTLE = 0x1026, CL_DEVICE_AVAILABLE = 0x1027, CL_DEVICE_COMPILER_AVAILABLE = 0x1028, CL_DEVICE_NAME = 0x102B, CL_DEVICE_VENDOR = 0x102C,
        CL_DRIVER_VERSION = 0x102D, CL_DEVICE_VERSION = 0x102F, CL_DEVICE_EXTENSIONS = 0x1030, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT = 0x103A, CL_DEVICE_OPENCL_C_VERSION = 0x103D;

    // Program, kernel, event
    public const uint CL_PROGRAM_BINARY_SIZES = 0x1165, CL_PROGRAM_BINARIES = 0x1166, CL_PROGRAM_BUILD_LOG = 0x1183, CL_KERNEL_WORK_GROUP_SIZE = 0x11B0, CL_KERNEL_NUM_ARGS = 0x1191,
        CL_EVENT_COMMAND_EXECUTION_STATUS = 0x11D3, CL_PROFILING_COMMAND_END = 0x1283;

    /// <summary>One fixed-size answer of an object.</summary>
    public static T Value<T>(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> get, nint target, uint what, string call) where T : unmanaged
    {
        T value = default;
        OpenClException.Check(get(target, what, (nuint)sizeof(T), &value, null), call);
        return value;
    }

    /// <summary>One text of an object, without the terminating zero.</summary>
    public static string Text(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> get, nint target, uint what, string call)
    {
        nuint size;
        OpenClException.Check(get(target, what, 0, null, &size), call);
        byte[] bytes = new byte[size];
        fixed (byte* to = bytes) OpenClException.Check(get(target, what, size, to, null), call);
        return Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim();
    }
}
