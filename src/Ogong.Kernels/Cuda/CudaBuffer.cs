using Ogong.Compute;
using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

/// <summary>Memory of a CUDA device, 256-byte aligned.</summary>
internal sealed class CudaBuffer(CudaBackend backend, long byteLength, string purpose) : DeviceBuffer(byteLength)
{
    private DeviceMemory? _memory = backend.Take(byteLength, purpose);

    /// <summary>Device address.</summary>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    public ulong Pointer => _memory is { } memory ? memory.Pointer : throw new ObjectDisposedException(nameof(CudaBuffer));

    /// <summary>A part of it, for copies.</summary>
    public DeviceRange Range(long offset, long length) => _memory is { } memory ? memory.Slice(offset, length) : throw new ObjectDisposedException(nameof(CudaBuffer));

    /// <summary>The memory behind a buffer of this backend.</summary>
    /// <exception cref="ArgumentException">The buffer belongs to another kind of backend.</exception>
    public static CudaBuffer From(DeviceBuffer buffer) =>
        buffer as CudaBuffer ?? throw new ArgumentException($"A {buffer.GetType().Name} does not belong to the CUDA backend.", nameof(buffer));

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _memory, null) is { } memory && disposing) backend.Return(memory, ByteLength);
    }
}
