using System.Runtime.CompilerServices;
using static Ogong.Native.Cuda.CudaException;
using static Ogong.Native.Cuda.CudaImports;

namespace Ogong.Native.Cuda;

/// <summary>
/// Copies and fills. Those with spans wait until they are done, so that the span may go. The others do not wait; those that take pointers
/// instead of ranges cannot check them.
/// </summary>
public sealed unsafe partial class CudaStream
{
    /// <summary>Copies values to the device and waits until they are there. Not possible during a capture.</summary>
    /// <param name="destination">Where to; its beginning is written.</param>
    /// <param name="source">The values.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="CudaException">The copy or earlier work failed.</exception>
    public void Write<T>(DeviceRange destination, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        long bytes = (long)source.Length * Unsafe.SizeOf<T>();
        CheckSpanCopy(bytes, destination.ByteLength);
        if (bytes == 0)
            return;
        fixed (T* values = source)
        {
            using var memory = destination.Memory.Keep();
            CopyToDevice(destination.Pointer, values, bytes);
            Synchronize(); // while the values are fixed
        }
    }

    /// <summary>Copies values from the device when the work given so far is done, and waits for them. Not possible during a capture.</summary>
    /// <param name="source">Where from; its beginning is read.</param>
    /// <param name="destination">Where to; filled.</param>
    /// <exception cref="ArgumentException">The source is too short.</exception>
    /// <exception cref="CudaException">The copy or earlier work failed.</exception>
    public void Read<T>(DeviceRange source, Span<T> destination)
        where T : unmanaged
    {
        long bytes = (long)destination.Length * Unsafe.SizeOf<T>();
        CheckSpanCopy(bytes, source.ByteLength);
        if (bytes == 0)
            return;
        fixed (T* values = destination)
        {
            using var memory = source.Memory.Keep();
            CopyToHost(values, source.Pointer, bytes);
            Synchronize();
        }
    }

    /// <summary>Copies from pinned memory, whose bytes must stay as they are until the copy is done.</summary>
    /// <param name="destination">Where to; its length is copied.</param>
    /// <param name="source">Where from.</param>
    /// <param name="byteOffset">Where to begin there.</param>
    /// <exception cref="ArgumentOutOfRangeException">The source is too short.</exception>
    /// <exception cref="CudaException">The call or earlier work failed.</exception>
    public void CopyToDevice(DeviceRange destination, PinnedMemory source, long byteOffset = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        CheckRange(byteOffset, destination.ByteLength, source.ByteLength, nameof(byteOffset));
        using var memory = destination.Memory.Keep();
        using var pinned = source.Keep();
        CopyToDevice(destination.Pointer, (byte*)pinned.Value + byteOffset, destination.ByteLength);
    }

    /// <summary>Copies to pinned memory, which must be left alone until the copy is done.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="source">Where from; its length is copied.</param>
    /// <param name="byteOffset">Where to begin in the destination.</param>
    /// <exception cref="ArgumentOutOfRangeException">The destination is too short.</exception>
    /// <exception cref="CudaException">The call or earlier work failed.</exception>
    public void CopyToHost(PinnedMemory destination, DeviceRange source, long byteOffset = 0)
    {
        ArgumentNullException.ThrowIfNull(destination);
        CheckRange(byteOffset, source.ByteLength, destination.ByteLength, nameof(byteOffset));
        using var memory = source.Memory.Keep();
        using var pinned = destination.Keep();
        CopyToHost((byte*)pinned.Value + byteOffset, source.Pointer, source.ByteLength);
    }

    /// <summary>Copies within the device. The ranges must not overlap.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="source">Where from; of the same length.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="CudaException">The call or earlier work failed.</exception>
    public void Copy(DeviceRange destination, DeviceRange source)
    {
        if (destination.ByteLength != source.ByteLength)
            throw new ArgumentException($"{source.ByteLength} bytes do not fill {destination.ByteLength}.", nameof(source));
        using var use = Use();
        using var target = destination.Memory.Keep();
        using var origin = source.Memory.Keep();
        Check(cuMemcpyDtoDAsync_v2(destination.Pointer, source.Pointer, (nuint)source.ByteLength, use.Value));
    }

    /// <summary>Sets every byte.</summary>
    /// <exception cref="CudaException">The call or earlier work failed.</exception>
    public void Fill(DeviceRange destination, byte value)
    {
        using var memory = destination.Memory.Keep();
        Fill(destination.Pointer, value, destination.ByteLength);
    }

    /// <summary>Sets every 32-bit word.</summary>
    /// <exception cref="ArgumentException">The length is not a multiple of 4.</exception>
    /// <exception cref="CudaException">The call or earlier work failed.</exception>
    public void Fill(DeviceRange destination, uint value)
    {
        if (destination.ByteLength % sizeof(uint) != 0)
            throw new ArgumentException($"{destination.ByteLength} bytes are no whole number of words.", nameof(destination));
        using var use = Use();
        using var memory = destination.Memory.Keep();
        Check(cuMemsetD32Async(destination.Pointer, value, (nuint)destination.ByteLength / sizeof(uint), use.Value));
    }

    /// <summary>Copies from the host. Memory that is not pinned is read before the call returns, unless a capture is open; pinned memory later.</summary>
    /// <param name="destination">Device pointer.</param>
    /// <param name="source">Host pointer.</param>
    /// <param name="byteLength">Bytes.</param>
    /// <exception cref="CudaException">The call or earlier work failed.</exception>
    public void CopyToDevice(ulong destination, void* source, long byteLength)
    {
        using var use = Use();
        Check(cuMemcpyHtoDAsync_v2(destination, source, checked((nuint)byteLength), use.Value));
    }

    /// <summary>Copies to the host. Memory that is not pinned is written before the call returns, unless a capture is open; pinned memory later.</summary>
    /// <param name="destination">Host pointer.</param>
    /// <param name="source">Device pointer.</param>
    /// <param name="byteLength">Bytes.</param>
    /// <exception cref="CudaException">The call or earlier work failed.</exception>
    public void CopyToHost(void* destination, ulong source, long byteLength)
    {
        using var use = Use();
        Check(cuMemcpyDtoHAsync_v2(destination, source, checked((nuint)byteLength), use.Value));
    }

    /// <summary>Sets every byte.</summary>
    /// <param name="destination">Device pointer.</param>
    /// <param name="value">What to.</param>
    /// <param name="byteLength">Bytes.</param>
    /// <exception cref="CudaException">The call or earlier work failed.</exception>
    public void Fill(ulong destination, byte value, long byteLength)
    {
        using var use = Use();
        Check(cuMemsetD8Async(destination, value, checked((nuint)byteLength), use.Value));
    }

    // A captured copy would keep the span's address after the span is gone.
    private void CheckSpanCopy(long bytes, long available)
    {
        if (IsCapturing)
            throw new InvalidOperationException("A copy to or from a span cannot be captured: use pinned memory.");
        if (bytes > available)
            throw new ArgumentException($"{bytes} bytes do not fit in a range of {available}.");
    }

    private static void CheckRange(long offset, long length, long available, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, available - length, name);
    }
}
