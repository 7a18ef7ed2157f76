namespace Ogong.Native.Cuda;

/// <summary>A part of a device's memory, which must outlive it.</summary>
public readonly struct DeviceRange
{
    /// <summary>A part of some memory.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="byteOffset">Where the part begins.</param>
    /// <param name="byteLength">Its length.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not within the memory.</exception>
    public DeviceRange(DeviceMemory memory, long byteOffset, long byteLength)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset, memory.ByteLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteLength, memory.ByteLength - byteOffset);
        (Memory, ByteOffset, ByteLength) = (memory, byteOffset, byteLength);
    }

    /// <summary>The memory this is a part of.</summary>
    public DeviceMemory Memory { get; }

    /// <summary>Where it begins there, in bytes.</summary>
    public long ByteOffset { get; }

    /// <summary>Its length in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Where it begins on the device.</summary>
    public ulong Pointer => Memory.Pointer + (ulong)ByteOffset;

    /// <summary>The whole of some memory.</summary>
    public static implicit operator DeviceRange(DeviceMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return new DeviceRange(memory, 0, memory.ByteLength);
    }
}
