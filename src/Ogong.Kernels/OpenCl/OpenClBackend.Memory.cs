using System.Globalization;
using Ogong.Compute;
using Ogong.Native.OpenCl;

namespace Ogong.Kernels.OpenCl;

public sealed partial class OpenClBackend
{
    private readonly Lock _gate = new();
    private readonly OpenClCommandQueue _memoryQueue;
    private long _used;
    private bool _disposed;

    /// <summary>Bytes of device memory in use.</summary>
    public long UsedBytes => Interlocked.Read(ref _used);

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long byteLength) => new OpenClDeviceBuffer(this, byteLength, "a buffer");

    /// <summary>Allocates zeroed memory, ready for any queue.</summary>
    /// <exception cref="OutOfMemoryException">The device has not that much, in all or in one piece. Drivers that commit memory late report what they lack only when it is used, as an <see cref="OpenClException"/>.</exception>
    internal OpenClBuffer Take(long byteLength, string purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        ObjectDisposedException.ThrowIf(_disposed, this);
        // Kernels and fills move 4 bytes at a time.
        long bytes = Math.Max((byteLength + 3) & ~3L, 4);
        lock (_gate)
        {
            if (bytes > _device.MaxAllocation) throw OutOfMemory(bytes, purpose, string.Create(CultureInfo.InvariantCulture, $"one buffer takes at most {_device.MaxAllocation:N0}"));
            if (_used + bytes > _device.GlobalMemory) throw OutOfMemory(bytes, purpose, string.Create(CultureInfo.InvariantCulture, $"{_used:N0} of {_device.GlobalMemory:N0} are this backend's"));
            OpenClBuffer memory;
            try
            {
                memory = Context.Allocate(bytes);
                _memoryQueue.Fill(memory, 0, 0, bytes);
                _memoryQueue.Finish();
            }
            catch (OpenClException exception) when (exception.IsOutOfMemory)
            {
                throw OutOfMemory(bytes, purpose, exception.Message);
            }
            _used += bytes;
            return memory;
        }
    }

    /// <summary>Gives memory back; the driver keeps it until commands that use it have run.</summary>
    internal void Return(OpenClBuffer memory)
    {
        lock (_gate)
        {
            _used -= memory.ByteLength;
            memory.Dispose();
        }
    }

    private OutOfMemoryException OutOfMemory(long bytes, string purpose, string why) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Device.Name} has no room for {bytes:N0} bytes for {purpose}: {why}."));
}
