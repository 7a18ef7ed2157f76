using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Reference;

/// <summary>Keys and values as [layer][page][position in page][key, value][kv head][element].</summary>
internal sealed unsafe class ReferenceKvCache : KvCache
{
    private readonly HostBuffer _bytes;

    public ReferenceKvCache(KvCacheShape shape) : base(shape) =>
        _bytes = new HostBuffer(checked((long)shape.Layers * shape.Pages * KvCacheShape.PageLength * 2 * RowBytes));

    /// <summary>Bytes of one position's keys, or values, over all heads.</summary>
    private int RowBytes => checked(Shape.KvHeads * Shape.HeadDim * Shape.Type.Size());

    public static ReferenceKvCache From(KvCache cache) =>
        cache as ReferenceKvCache ?? throw new ArgumentException($"A {cache.GetType().Name} does not belong to the reference backend.", nameof(cache));

    /// <summary>Stored keys of one position of one sequence, all heads.</summary>
    public Span<byte> Keys(int layer, BatchLayout batch, int sequence, int position) => Row(layer, batch, sequence, position, 0);

    /// <summary>Stored values of one position of one sequence, all heads.</summary>
    public Span<byte> Values(int layer, BatchLayout batch, int sequence, int position) => Row(layer, batch, sequence, position, 1);

    protected override void Dispose(bool disposing) => _bytes.Dispose();

    private Span<byte> Row(int layer, BatchLayout batch, int sequence, int position, int half)
    {
        int entry = position / KvCacheShape.PageLength;
        if (sequence < 0 || sequence >= batch.MaxSequences || position < 0 || entry >= batch.MaxPages)
            throw new ArgumentException($"Position {position} of sequence {sequence} is outside the page table.", nameof(batch));
        int page = HostBuffer.From(batch.PageTable).Ints[((long)sequence * batch.MaxPages) + entry];
        if (page < 0 || page >= Shape.Pages) throw new ArgumentException($"Page {page} is outside the cache.", nameof(batch));
        long slot = ((((long)layer * Shape.Pages) + page) * KvCacheShape.PageLength) + (position % KvCacheShape.PageLength);
        return new Span<byte>(_bytes.Pointer + (((2 * slot) + half) * RowBytes), RowBytes);
    }
}
