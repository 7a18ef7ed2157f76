using System.Diagnostics.CodeAnalysis;
using Ogong.Compute;

namespace Ogong.Kernels.Device;

/// <summary>A binary32 key/value cache of one layer for the keys of one shape of bidirectional attention, and where its keys and queries stand.</summary>
internal sealed class TokenCache : IDisposable
{
    public TokenCache(IBackend backend, AttentionShape shape)
    {
        int pages = (shape.Keys + KvCacheShape.PageLength - 1) / KvCacheShape.PageLength;
        Keys = new BatchLayout(backend, checked(shape.Samples * shape.Keys), shape.Samples, pages);
        Queries = new BatchLayout(backend, shape.Rows, shape.Samples, pages);
        Cache = backend.CreateKvCache(new KvCacheShape(1, shape.Heads, shape.HeadDim, checked(shape.Samples * pages), ElementType.F32));
    }

    public KvCache Cache { get; }

    /// <summary>Key j of sample s: position j of sequence s.</summary>
    public BatchLayout Keys { get; }

    /// <summary>Every query of sample s: the position of its last visible key.</summary>
    public BatchLayout Queries { get; }

    public void Dispose()
    {
        Cache.Dispose();
        Keys.Dispose();
        Queries.Dispose();
    }
}

/// <summary>The token caches of a queue. A denoiser has one shape, or two with cross-attention; few more are kept, so that a recorded step finds its memory again.</summary>
internal sealed class TokenCaches : IDisposable
{
    private const int Most = 4;
    private readonly Dictionary<AttentionShape, TokenCache> _caches = [];

    public bool TryGet(AttentionShape shape, [NotNullWhen(true)] out TokenCache? cache) => _caches.TryGetValue(shape, out cache);

    /// <summary>Makes one, in place of all there are where these are too many already.</summary>
    public TokenCache Add(IBackend backend, AttentionShape shape)
    {
        if (_caches.Count == Most) Dispose();
        var cache = new TokenCache(backend, shape);
        _caches.Add(shape, cache);
        return cache;
    }

    public void Dispose()
    {
        foreach (TokenCache cache in _caches.Values) cache.Dispose();
        _caches.Clear();
    }
}
