using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

/// <summary>Keys and values as [layer][page][kv head] blocks of the layout that native/cuda/kv_cache.cuh describes.</summary>
internal sealed class CudaKvCache : KvCache
{
    private readonly CudaBuffer _bytes;

    public CudaKvCache(CudaBackend backend, KvCacheShape shape) : base(shape) =>
        _bytes = new CudaBuffer(backend, checked(shape.Layers * LayerBytes), "the key/value cache");

    /// <summary>Bytes from one layer to the next.</summary>
    public long LayerBytes => checked((long)Shape.Pages * Shape.KvHeads * 2 * KvCacheShape.PageLength * PaddedHeadBytes);

    /// <summary>A head in whole groups of 16 bytes.</summary>
    private long PaddedHeadBytes => ((long)Shape.HeadDim * Shape.Type.Size() + 15) & -16;

    /// <summary>The cache behind one of this backend.</summary>
    /// <exception cref="ArgumentException">It belongs to another backend.</exception>
    public static CudaKvCache From(KvCache cache) =>
        cache as CudaKvCache ?? throw new ArgumentException($"A {cache.GetType().Name} does not belong to the CUDA backend.", nameof(cache));

    /// <summary>Device address of a layer.</summary>
    public ulong Layer(int layer) => _bytes.Pointer + checked((ulong)(layer * LayerBytes));

    protected override void Dispose(bool disposing) => _bytes.Dispose();
}
