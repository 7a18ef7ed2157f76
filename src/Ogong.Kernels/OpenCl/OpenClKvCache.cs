using Ogong.Compute;
using Ogong.Native.OpenCl;

namespace Ogong.Kernels.OpenCl;

/// <summary>Keys and values in the layout of append_kv.cl, one buffer of each per layer, since many devices limit the size of a buffer to a fraction of their memory.</summary>
internal sealed class OpenClKvCache : KvCache
{
    private readonly OpenClBackend _backend;
    private readonly List<OpenClBuffer> _buffers = [];
    private bool _disposed;

    public OpenClKvCache(OpenClBackend backend, KvCacheShape shape) : base(shape)
    {
        _backend = backend;
        long positions = (long)shape.Pages * KvCacheShape.PageLength * shape.KvHeads;
        try
        {
            for (int layer = 0; layer < shape.Layers; layer++)
            {
                _buffers.Add(backend.Take(positions * shape.HeadDim * shape.Type.Size(), $"the keys of layer {layer}"));
                _buffers.Add(backend.Take(positions * Pitch * shape.Type.Size(), $"the values of layer {layer}"));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Elements from one value of a head to the next: the head dimension, rounded up to the widest vector.</summary>
    public int Pitch => (Shape.HeadDim + 15) & ~15;

    /// <summary>The cache behind one of this backend.</summary>
    /// <exception cref="ArgumentException">It belongs to another backend.</exception>
    public static OpenClKvCache From(KvCache cache) =>
        cache as OpenClKvCache ?? throw new ArgumentException($"A {cache.GetType().Name} does not belong to the OpenCL backend.", nameof(cache));

    public OpenClBuffer Keys(int layer) => Of(2 * layer);

    public OpenClBuffer Values(int layer) => Of((2 * layer) + 1);

    protected override void Dispose(bool disposing)
    {
        if (_disposed || !disposing) return;
        _disposed = true;
        foreach (OpenClBuffer buffer in _buffers) _backend.Return(buffer);
    }

    private OpenClBuffer Of(int index) => _disposed ? throw new ObjectDisposedException(nameof(OpenClKvCache)) : _buffers[index];
}
