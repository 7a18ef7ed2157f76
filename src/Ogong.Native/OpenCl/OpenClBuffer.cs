namespace Ogong.Native.OpenCl;

/// <summary>Device memory. The driver keeps it until commands that use it have finished, even when it is disposed before.</summary>
public sealed class OpenClBuffer : IDisposable
{
    private readonly OpenClHandle _handle;

    internal OpenClBuffer(OpenClHandle handle, long byteLength) => (_handle, ByteLength) = (handle, byteLength);

    /// <summary>Size in bytes.</summary>
    public long ByteLength { get; }

    internal nint Value => _handle.Value;

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
