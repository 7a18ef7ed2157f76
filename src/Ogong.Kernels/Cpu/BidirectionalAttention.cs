using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    private readonly Scratch _keyBlocks = new(), _keyLayout = new();

    /// <summary>
    /// Packs keys and values as <see cref="CpuKvCache"/> lays out pages, then runs <see cref="AttentionCore"/>'s step with every query at
    /// the position of its sample's last visible key.
    /// </summary>
    protected override void BidirectionalAttentionCore(DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer? keyCounts,
        DeviceBuffer y, AttentionShape shape)
    {
        bool finite = true;
        int keys = checked(shape.Samples * shape.Keys);
        float* rawKeys = HostBuffer.From(k).Floats, rawValues = HostBuffer.From(v).Floats;
        if (!CheckFinite(rawKeys, keys, shape.Width, Operation.BidirectionalAttention)
            || !CheckFinite(rawValues, keys, shape.Width, Operation.BidirectionalAttention)) return;
        int pages = Tasks(shape.Keys, KvCacheShape.PageLength), stride = CpuKvCache.Stride(shape.HeadDim);
        long blockLength = (long)KvCacheShape.PageLength * (shape.HeadDim + stride), blocks = (long)shape.Samples * pages * shape.Heads;
        int* counts = keyCounts is null ? null : HostBuffer.From(keyCounts).Ints;
        var layout = (int*)_keyLayout.Reserve(sizeof(int) * ((2L * shape.Rows) + ((long)shape.Samples * pages)));
        LayOut(shape, counts, pages, layout);
        var packed = (float*)_keyBlocks.Reserve(sizeof(float) * blockLength * blocks);
        Run(checked((int)blocks), new PackKeysJob(rawKeys, rawValues, packed, shape, pages, blockLength,
            stride));
        var step = new AttentionStep
        {
            Layer = (byte*)packed, BlockLength = blockLength, Stride = stride, HeadDim = shape.HeadDim, KvHeads = shape.Heads,
            Q = HostBuffer.From(q).Floats, Y = HostBuffer.From(y).Floats, Heads = shape.Heads, Group = 1, Window = int.MaxValue,
            Positions = layout, PageTable = layout + (2L * shape.Rows), MaxPages = pages, Finite = &finite,
        };
        Attend<F32Format, float>(step, layout + shape.Rows, shape.Rows);
        if (!finite) CheckFinite(step.Y, shape.Rows, shape.Width, Operation.BidirectionalAttention);
    }

    /// <summary>Positions [Rows], sequences [Rows] and the page table [Samples × pages], one page after the other.</summary>
    private static void LayOut(AttentionShape shape, int* counts, int pages, int* layout)
    {
        for (int sample = 0; sample < shape.Samples; sample++)
        {
            int count = counts is null ? shape.Keys : counts[sample];
            if (count < 1 || count > shape.Keys)
                throw new ArgumentException($"Sample {sample} has {count} visible keys of {shape.Keys}.", nameof(counts));
            new Span<int>(layout + ((long)sample * shape.Queries), shape.Queries).Fill(count - 1);
            new Span<int>(layout + shape.Rows + ((long)sample * shape.Queries), shape.Queries).Fill(sample);
        }
        for (int page = 0; page < shape.Samples * pages; page++) layout[(2L * shape.Rows) + page] = page;
    }

    /// <summary>One block (sample, 256 keys, head) per task.</summary>
    private readonly struct PackKeysJob(float* k, float* v, float* packed, AttentionShape shape, int pages, long blockLength, int stride)
        : IVectorJob
    {
        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            const int lanes = CpuKvCache.Block;
            int head = task % shape.Heads, page = task / shape.Heads, sample = page / pages, first = page % pages * KvCacheShape.PageLength;
            int headDim = shape.HeadDim, width = shape.Heads * headDim, count = Math.Min(KvCacheShape.PageLength, shape.Keys - first);
            long from = ((((long)sample * shape.Keys) + first) * width) + ((long)head * headDim);
            float* keys = packed + (task * blockLength), values = keys + ((long)KvCacheShape.PageLength * headDim);
            for (int key = 0; key < count; key++)
            {
                float* source = k + from + ((long)key * width), to = keys + (key / lanes * lanes * headDim) + (key % lanes);
                for (int d = 0; d < headDim; d++) to[d * lanes] = source[d];
                new ReadOnlySpan<float>(v + from + ((long)key * width), headDim).CopyTo(new Span<float>(values + ((long)key * stride), headDim));
            }
        }
    }
}
