namespace Ogong.Native.Cuda;

/// <summary>Properties of a device that Ogong reads: the values of CUdevice_attribute in cuda.h.</summary>
public enum CudaDeviceAttribute
{
    /// <summary>Threads in a block at most.</summary>
    MaxThreadsPerBlock = 1,

    /// <summary>Shared memory a block may have without asking for more, in bytes.</summary>
    MaxSharedMemoryPerBlock = 8,

    /// <summary>Threads in a warp.</summary>
    WarpSize = 10,

    /// <summary>The highest clock of the multiprocessors, in kHz.</summary>
    ClockRate = 13,

    /// <summary>Multiprocessors.</summary>
    MultiprocessorCount = 16,

    /// <summary>The highest clock of the memory, in kHz.</summary>
    MemoryClockRate = 36,

    /// <summary>Width of the memory bus, in bits.</summary>
    GlobalMemoryBusWidth = 37,

    /// <summary>Size of the second-level cache, in bytes.</summary>
    L2CacheSize = 38,

    /// <summary>Threads resident on a multiprocessor at most.</summary>
    MaxThreadsPerMultiprocessor = 39,

    /// <summary>The generation; see <see cref="CudaDevice.ComputeCapability"/>.</summary>
    ComputeCapabilityMajor = 75,

    /// <summary>The revision of the generation.</summary>
    ComputeCapabilityMinor = 76,

    /// <summary>Shared memory of a multiprocessor, in bytes.</summary>
    MaxSharedMemoryPerMultiprocessor = 81,

    /// <summary>Shared memory a block may have at most, when its function asks for it, in bytes.</summary>
    MaxSharedMemoryPerBlockOptIn = 97,

    /// <summary>1 if the device has memory pools.</summary>
    MemoryPoolsSupported = 115,
}
