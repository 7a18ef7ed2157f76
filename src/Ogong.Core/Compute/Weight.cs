namespace Ogong.Compute;

/// <summary>A matrix of weights resident on a device, in the backend's own layout. Immutable, so any number of queues may read it at once.</summary>
public abstract class Weight(string name, ElementType type, int rows, int columns) : IDisposable
{
    /// <summary>The tensor's full name, for error messages.</summary>
    public string Name { get; } = name;

    /// <summary>How the elements are stored on the device (the type they were loaded with: never widened in memory).</summary>
    public ElementType Type { get; } = type;

    /// <summary>Output features (or vocabulary entries of an embedding table).</summary>
    public int Rows { get; } = rows;

    /// <summary>Input features (or embedding width).</summary>
    public int Columns { get; } = columns;

    /// <summary>Device bytes held, padding of the layout included.</summary>
    public abstract long ByteLength { get; }

    /// <summary>Returns the memory to the device.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the memory; called once or more.</summary>
    protected abstract void Dispose(bool disposing);
}
