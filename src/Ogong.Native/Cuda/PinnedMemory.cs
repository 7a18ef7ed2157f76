using System.Runtime.CompilerServices;
using static Ogong.Native.Cuda.CudaException;
using static Ogong.Native.Cuda.CudaImports;

namespace Ogong.Native.Cuda;

/// <summary>Memory of the host that stays in place, so that copies to and from it run while the caller goes on.</summary>
public sealed unsafe class PinnedMemory : CudaHandle
{
    private PinnedMemory(CudaContext context, void* address, long byteLength)
        : base(context, context, (nint)address)
    {
        ByteLength = byteLength;
    }

    /// <summary>Its length in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Where it begins. The caller keeps the memory alive.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>
    /// The memory, or a part of it, as values. It must not be used after this object is disposed, nor written while a copy from it runs,
    /// nor read while a copy to it runs.
    /// </summary>
    /// <param name="byteOffset">Where the part begins, in bytes.</param>
    /// <param name="count">Values, or −1 for all that fit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not within the memory, or longer than a span can be.</exception>
    public Span<T> AsSpan<T>(long byteOffset = 0, int count = -1)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset, ByteLength);
        ArgumentOutOfRangeException.ThrowIfNotEqual(byteOffset % Unsafe.SizeOf<T>(), 0L, nameof(byteOffset));
        long fit = (ByteLength - byteOffset) / Unsafe.SizeOf<T>();
        long taken = count < 0 ? fit : count;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(taken, Math.Min(fit, int.MaxValue), nameof(count));
        return new Span<T>((byte*)Pointer + byteOffset, (int)taken);
    }

    internal static PinnedMemory Allocate(CudaContext context, long byteLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(byteLength);
        using var use = context.Use();
        void* address = null;
        CheckAllocation(cuMemHostAlloc(&address, (nuint)byteLength, 0), byteLength, "pinned host");
        return new PinnedMemory(context, address, byteLength);
    }

    private protected override CUresult Destroy(nint handle) => cuMemFreeHost((void*)handle);
}
