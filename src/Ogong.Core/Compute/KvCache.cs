namespace Ogong.Compute;

/// <summary>Shape of a paged key/value cache.</summary>
/// <param name="Layers">Layers of the segment it serves.</param>
/// <param name="KvHeads">Key/value heads per layer.</param>
/// <param name="HeadDim">Elements per head.</param>
/// <param name="Pages">Pages in the pool, shared by all sequences; page p exists in every layer.</param>
/// <param name="Type">Storage type: values are rounded to it, to nearest even, on append, and every read sees the rounded value.</param>
public sealed record KvCacheShape(int Layers, int KvHeads, int HeadDim, int Pages, ElementType Type)
{
    /// <summary>
    /// Positions per page. Equal to the profile's reduction chunk, so that page boundaries are chunk boundaries:
    /// position p of a sequence lies in entry <c>p / 256</c> of its page table, at offset <c>p mod 256</c>.
    /// </summary>
    public const int PageLength = 256;
}

/// <summary>
/// Keys and values of every position seen so far, in pages of <see cref="KvCacheShape.PageLength"/> positions and in the backend's own layout.
/// Which page belongs to which sequence is the caller's bookkeeping (<see cref="BatchLayout"/>). Memory is committed as pages are first written where the platform allows.
/// </summary>
public abstract class KvCache(KvCacheShape shape) : IDisposable
{
    /// <summary>The shape it was created with.</summary>
    public KvCacheShape Shape { get; } = shape;

    /// <summary>Returns the memory to the device.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the memory; called once or more.</summary>
    protected abstract void Dispose(bool disposing);
}
