namespace Ogong.Engine;

/// <summary>The page pool of a key/value cache has no room for a sequence. Nothing was taken from it.</summary>
/// <param name="requested">Pages asked for.</param>
/// <param name="free">Pages free.</param>
/// <param name="total">Pages in the pool.</param>
public sealed class KvCacheExhaustedException(int requested, int free, int total)
    : InvalidOperationException($"The KV cache has {free} of {total} pages free, {requested} are needed.")
{
    /// <summary>Pages asked for.</summary>
    public int Requested { get; } = requested;

    /// <summary>Pages free.</summary>
    public int Free { get; } = free;

    /// <summary>Pages in the pool.</summary>
    public int Total { get; } = total;
}
