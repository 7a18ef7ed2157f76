namespace Ogong.Compute;

/// <summary>
/// A block of device memory, zero when allocated. Untyped: operations state the element type and shape they read it with.
/// Owned by whoever allocated it; not thread-safe against a queue that still uses it.
/// </summary>
public abstract class DeviceBuffer(long byteLength) : IDisposable
{
    /// <summary>Size in bytes.</summary>
    public long ByteLength { get; } = byteLength;

    /// <summary>Returns the memory to the device.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the memory; called once or more.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Checks that the buffer holds at least <paramref name="count"/> elements of <paramref name="elementSize"/> bytes.</summary>
    /// <exception cref="ArgumentException">It is too small.</exception>
    internal void Require(long count, int elementSize, string name)
    {
        if (ByteLength / elementSize < count)
            throw new ArgumentException($"Buffer '{name}' holds {ByteLength / elementSize} elements, {count} are needed.", name);
    }
}
