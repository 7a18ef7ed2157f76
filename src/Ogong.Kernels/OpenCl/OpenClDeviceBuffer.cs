using Ogong.Compute;
using Ogong.Native.OpenCl;

namespace Ogong.Kernels.OpenCl;

/// <summary>Zeroed memory of an OpenCL device.</summary>
internal sealed class OpenClDeviceBuffer(OpenClBackend backend, long byteLength, string purpose) : DeviceBuffer(byteLength)
{
    private OpenClBuffer? _memory = backend.Take(byteLength, purpose);

    /// <summary>The driver's buffer.</summary>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    public OpenClBuffer Memory => _memory ?? throw new ObjectDisposedException(nameof(OpenClDeviceBuffer));

    /// <summary>The memory behind a buffer of this backend.</summary>
    /// <exception cref="ArgumentException">The buffer belongs to another kind of backend.</exception>
    public static OpenClDeviceBuffer From(DeviceBuffer buffer) =>
        buffer as OpenClDeviceBuffer ?? throw new ArgumentException($"A {buffer.GetType().Name} does not belong to the OpenCL backend.", nameof(buffer));

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _memory, null) is { } memory && disposing) backend.Return(memory);
    }
}
