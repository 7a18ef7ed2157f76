using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// Memory an operation keeps between calls: it grows to the largest size asked for, so that steady state allocates nothing.
/// </summary>
internal sealed unsafe class Scratch : IDisposable
{
    private HostBuffer? _buffer;

    /// <summary>At least so many bytes, 64-byte aligned; what they hold is unspecified, and earlier pointers end here.</summary>
    public byte* Reserve(long byteLength)
    {
        if (_buffer is null || _buffer.ByteLength < byteLength)
        {
            _buffer?.Dispose();
            _buffer = new HostBuffer(byteLength);
        }
        return _buffer.Pointer;
    }

    public void Dispose()
    {
        _buffer?.Dispose();
        _buffer = null;
    }
}
