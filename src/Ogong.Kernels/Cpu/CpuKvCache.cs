using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

/// <summary>
/// Keys and values by layer, page and kv head, each block contiguous: keys [256/32][HeadDim][32 keys], so that vectors run over keys while
/// the dot product ascends along the head;
/// then values [256 keys][ValueStride], so that vectors run over the head while the weighted sum ascends along the keys. Padding is zero.
/// The order within 32 entries is the format's.
/// </summary>
internal sealed unsafe class CpuKvCache : KvCache
{
    /// <summary>Entries side by side that are read together: two of the widest vectors.</summary>
    public const int Block = 32;

    private readonly HostBuffer _memory;

    public CpuKvCache(KvCacheShape shape) : base(shape)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shape.Layers, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shape.KvHeads, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shape.HeadDim, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shape.Pages, nameof(shape));
        ValueStride = Stride(shape.HeadDim);
        BlockLength = (long)KvCacheShape.PageLength * (shape.HeadDim + ValueStride);
        _memory = new HostBuffer(checked(BlockLength * shape.Type.Size() * shape.KvHeads * shape.Pages * shape.Layers));
    }

    /// <summary>Elements from one key's values to the next: the head dimension, padded to whole blocks.</summary>
    public int ValueStride { get; }

    /// <summary>Elements per layer, page and kv head.</summary>
    public long BlockLength { get; }

    public static CpuKvCache From(KvCache cache) =>
        cache as CpuKvCache ?? throw new ArgumentException($"A {cache.GetType().Name} does not belong to the CPU backend.", nameof(cache));

    /// <summary>The head dimension padded as values (and the sums over them) are.</summary>
    public static int Stride(int headDim) => (headDim + Block - 1) & -Block;

    /// <summary>First block of a layer; block (page, kv head) follows at (page · KvHeads + head) · BlockLength elements.</summary>
    public byte* Layer(int layer) => _memory.Pointer + (layer * BlockLength * Shape.Type.Size() * Shape.KvHeads * Shape.Pages);

    /// <summary>
    /// Checks that the last <paramref name="window"/> positions each row sees lie in pages of the cache, so that a kernel need not.
    /// </summary>
    /// <exception cref="ArgumentException">A position, sequence or page number is out of range.</exception>
    public void Require(BatchLayout batch, int rows, int window)
    {
        int* positions = HostBuffer.From(batch.Positions).Ints, sequences = HostBuffer.From(batch.Sequences).Ints,
            pages = HostBuffer.From(batch.PageTable).Ints;
        for (int row = 0; row < rows; row++)
        {
            int position = positions[row], sequence = sequences[row];
            if ((uint)sequence >= (uint)batch.MaxSequences)
                throw new ArgumentException($"Row {row} names sequence {sequence} of {batch.MaxSequences}.", nameof(batch));
            int last = position >> 8;
            if (position < 0 || last >= batch.MaxPages)
                throw new ArgumentException($"Row {row} is at position {position} of {batch.MaxPages} pages.", nameof(batch));
            int first = Math.Max(0, position - (window - 1)) >> 8;
            for (int chunk = first; chunk <= last; chunk++)
                if ((uint)pages[((long)sequence * batch.MaxPages) + chunk] >= (uint)Shape.Pages)
                    throw new ArgumentException(
                        $"Sequence {sequence} has page {pages[((long)sequence * batch.MaxPages) + chunk]} of {Shape.Pages}.", nameof(batch));
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _memory.Dispose();
    }
}
