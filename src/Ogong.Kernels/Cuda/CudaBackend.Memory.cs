using System.Globalization;
using Ogong.Compute;
using Ogong.Kernels.Device;
using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

public sealed partial class CudaBackend
{
    private readonly Lock _gate = new();
    private readonly List<CudaQueue> _queues = [];
    private readonly CudaMemoryPool _pool;
    private readonly CudaStream _memoryStream;
    private long _used;
    private long _highWater;
    private bool _disposed;

    /// <summary>Device memory in use, and the most there ever was.</summary>
    public CudaMemoryUse Memory
    {
        get
        {
            lock (_gate) return new CudaMemoryUse(_used, _highWater, _pool.ReservedBytes, Context.MemoryInfo().Free, _device.TotalMemory);
        }
    }

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long byteLength) => new CudaBuffer(this, byteLength, "a buffer");

    /// <summary>Allocates zeroed memory, ready for any queue.</summary>
    /// <exception cref="OutOfMemoryException">The device has not that much.</exception>
    internal DeviceMemory Take(long byteLength, string purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        ObjectDisposedException.ThrowIf(_disposed, this);
        long bytes = Math.Max(byteLength, 1);
        lock (_gate)
        {
            DeviceMemory memory = TakeFromPool(bytes, purpose);
            try
            {
                _memoryStream.Fill(memory.Pointer, 0, bytes);
                _memoryStream.Synchronize();
            }
            catch
            {
                memory.Dispose();
                throw;
            }
            _used += byteLength;
            _highWater = Math.Max(_highWater, _used);
            return memory;
        }
    }

    /// <summary>Frees memory once no queue can be using it any more.</summary>
    internal void Return(DeviceMemory memory, long byteLength)
    {
        lock (_gate)
        {
            foreach (CudaQueue queue in _queues) queue.Drain();
            memory.Dispose();
            _used -= byteLength;
        }
    }

    /// <summary>Allocates pinned host memory.</summary>
    internal StagingBlock Pin(long byteLength)
    {
        PinnedMemory memory = Context.AllocatePinned(byteLength);
        return new StagingBlock(memory, memory.Pointer, memory.ByteLength);
    }

    /// <summary>A queue is being disposed.</summary>
    internal void Forget(CudaQueue queue)
    {
        lock (_gate) _queues.Remove(queue);
    }

    private DeviceMemory TakeFromPool(long bytes, string purpose)
    {
        try
        {
            return _pool.AllocateAsync(bytes, _memoryStream);
        }
        catch (CudaException exception) when (exception.IsOutOfMemory)
        {
            throw new OutOfMemoryException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Device.Name} has no room for {bytes:N0} bytes for {purpose}: {Context.MemoryInfo().Free:N0} of {_device.TotalMemory:N0} are free, {_used:N0} are this backend's."),
                exception);
        }
    }
}
