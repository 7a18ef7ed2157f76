using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Host;

/// <summary>Device memory of a backend that computes on the host: 64-byte aligned, outside the garbage-collected heap, committed by the system on first touch.</summary>
internal sealed unsafe class HostBuffer : DeviceBuffer
{
    private const nuint Alignment = 64;
    private byte* _raw;
    private byte* _memory;

    public HostBuffer(long byteLength) : base(byteLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        nuint size = Math.Max(((nuint)byteLength + Alignment - 1) & ~(Alignment - 1), Alignment);
        // calloc hands out untouched zero pages for large sizes; aligned allocation plus clearing would commit them all.
        byte* raw = (byte*)NativeMemory.AllocZeroed(size + Alignment);
        _raw = raw;
        _memory = (byte*)(((nuint)raw + Alignment - 1) & ~(Alignment - 1));
    }

    ~HostBuffer() => Dispose(disposing: false);

    /// <summary>The memory.</summary>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    public byte* Pointer => _memory is null ? throw new ObjectDisposedException(nameof(HostBuffer)) : _memory;

    public float* Floats => (float*)Pointer;

    public int* Ints => (int*)Pointer;

    /// <summary>The memory behind a buffer of this backend.</summary>
    /// <exception cref="ArgumentException">The buffer belongs to another kind of backend.</exception>
    public static HostBuffer From(DeviceBuffer buffer) =>
        buffer as HostBuffer ?? throw new ArgumentException($"A {buffer.GetType().Name} does not belong to a host backend.", nameof(buffer));

    protected override void Dispose(bool disposing)
    {
        if (_raw is null) return;
        NativeMemory.Free(_raw);
        _raw = _memory = null;
    }
}
