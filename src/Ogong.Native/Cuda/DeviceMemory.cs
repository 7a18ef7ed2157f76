using static Ogong.Native.Cuda.CudaException;
using static Ogong.Native.Cuda.CudaImports;

namespace Ogong.Native.Cuda;

/// <summary>
/// Memory of a device. Memory of a pool is ordered on a stream: it may be used by work given to that stream after the allocation, and
/// disposing it gives it back after the work given before. Its contents are undefined until written.
/// </summary>
public sealed unsafe class DeviceMemory : CudaHandle
{
    private readonly CudaStream? _stream;
    private bool _isLost = true;

    private DeviceMemory(CudaContext context, CudaStream? stream, ulong pointer, long byteLength)
        : base(context, stream is null ? context : stream, unchecked((nint)pointer))
    {
        (_stream, ByteLength) = (stream, byteLength);
    }

    /// <summary>Its length in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Where it begins on the device, for kernel arguments; a multiple of 256. The caller keeps the memory alive.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ulong Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return unchecked((ulong)handle);
        }
    }

    /// <summary>A part of this memory.</summary>
    /// <param name="byteOffset">Where it begins.</param>
    /// <param name="byteLength">Its length.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not within this memory.</exception>
    public DeviceRange Slice(long byteOffset, long byteLength) => new(this, byteOffset, byteLength);

    internal static DeviceMemory Allocate(CudaContext context, long byteLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(byteLength);
        using var use = context.Use();
        ulong pointer = 0;
        CheckAllocation(cuMemAlloc_v2(&pointer, (nuint)byteLength), byteLength, "device");
        return new DeviceMemory(context, null, pointer, byteLength);
    }

    internal static DeviceMemory Allocate(CudaMemoryPool pool, CudaStream stream, long byteLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(byteLength);
        using var use = stream.Use();
        using var from = pool.Keep();
        ulong pointer = 0;
        CheckAllocation(cuMemAllocFromPoolAsync(&pointer, (nuint)byteLength, from.Value, use.Value), byteLength, "device");
        return new DeviceMemory(stream.Context, stream, pointer, byteLength);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _isLost = !disposing;
        base.Dispose(disposing);
    }

    // Memory that was lost, not disposed, may be found at any moment, even while its stream is recorded into a graph, which would record the
    // release. cuMemFree is never recorded; it waits for the device instead.
    private protected override CUresult Destroy(nint handle) => _stream is null || _isLost || _stream.IsCapturing
        ? cuMemFree_v2(unchecked((ulong)handle))
        : cuMemFreeAsync(unchecked((ulong)handle), _stream.DangerousGetHandle());
}
