using System.Numerics;
using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

/// <summary>
/// Attention by chunks: a kernel for few rows or for many computes every chunk's part, and a second one merges them in order. The parts are in the queue's scratch; rows are taken as many at a
/// time as have room there. In the fast mode tensor cores take many rows over a cache of 16 bits with heads of 64 or 128; everything else is exact in both modes.
/// Launches depend on the shapes of the call alone.
/// </summary>
internal sealed partial class CudaQueue
{
    /// <summary>Bytes of parts at most, unless a single row has more.</summary>
    private const long AttentionPartBytes = 128 << 20;

    /// <summary>Rows that are few whatever the batch; so are as many as it has sequences, for they are likely one of each.</summary>
    private const int FewRows = 8;

    /// <summary>Blocks of a grid's last dimension.</summary>
    private const int MaxGridZ = 65535;

    /// <summary>As in attention_prefill.cu: queries of a tile; elements of a slice of keys, and slices of their ring; positions of a slice of values.</summary>
    private const int TileQueries = 48, KeySlice = 16, KeySlices = 3, ValueSlice = 32;

    protected override void AttentionCore(
        KvCache cache, int layer, DeviceBuffer q, DeviceBuffer y, BatchLayout batch, int rows, int heads, int window, NumericMode mode) =>
        Attend(Operation.Attention, cache, layer, q, y, batch, rows, heads, window, mode);

    private void Attend(
        Operation operation, KvCache cache, int layer, DeviceBuffer q, DeviceBuffer y, BatchLayout batch, int rows, int heads, int window, NumericMode mode)
    {
        KvCacheShape shape = cache.Shape;
        Fault fault = NextFault(operation, checked(heads * shape.HeadDim));
        var arguments = new AttentionArgs(
            CudaKvCache.From(cache).Layer(layer), Pointer(q), Pointer(y), Pointer(batch.Positions), Pointer(batch.Sequences), Pointer(batch.PageTable), 0, 0, fault,
            0, rows, heads, shape.KvHeads, shape.HeadDim, window, batch.MaxPages, 0, 1f / MathF.Sqrt(shape.HeadDim));
        bool few = rows <= Math.Max(batch.MaxSequences, FewRows);
        if (mode == NumericMode.Fast && !few && shape.Type != ElementType.F32 && Specialised(shape) != 0)
        {
            AttendFast(shape, arguments);
            return;
        }
        int slots = Chunks(window, batch);
        long rowParts = (long)heads * slots, rowBytes = rowParts * sizeof(float) * (shape.HeadDim + 2);
        int atOnce = (int)Math.Clamp(AttentionPartBytes / rowBytes, 1, Math.Min(rows, MaxGridZ));
        ulong states = Scratch(atOnce * rowBytes), parts = states + (ulong)(atOnce * rowParts * 2 * sizeof(float));
        for (int first = 0; first < rows; first += atOnce)
        {
            AttentionArgs part = arguments with { FirstRow = first, Rows = Math.Min(atOnce, rows - first), Slots = slots, Parts = parts, States = states };
            if (few) AttendFew(shape, part);
            else AttendMany(shape, batch, part);
            Launch(Kernel("attention_merge.cu", "attention_merge"), checked(part.Rows * heads), 128, 0, part);
        }
    }

    /// <summary>A block per row, chunk, and up to eight query heads of a kv head.</summary>
    private void AttendFew(KvCacheShape shape, in AttentionArgs arguments)
    {
        int group = arguments.Heads / shape.KvHeads, queryHeads = (int)Math.Min(8, BitOperations.RoundUpToPowerOf2((uint)group)), size = shape.Type.Size();
        int width = shape.HeadDim == 64 || shape.Type == ElementType.F32 ? 64 : 128; // of a pass over the values
        int padded = shape.HeadDim + (16 / size) - 1 & -(16 / size);
        int shared = (queryHeads * sizeof(float) * (KvCacheShape.PageLength + padded)) + (KvCacheShape.PageLength * width * size);
        CudaKernel kernel = Kernel(
            "attention_decode.cu", "attention_decode", ("CACHE_TYPE", (int)shape.Type), ("HEAD_DIM", Specialised(shape)), ("QUERY_HEADS", queryHeads));
        Launch(kernel, (arguments.Slots, shape.KvHeads * Grid.Blocks(group, queryHeads), arguments.Rows), 128, shared, arguments);
    }

    /// <summary>A block per chunk and tile of the queries of a kv head.</summary>
    private void AttendMany(KvCacheShape shape, BatchLayout batch, in AttentionArgs arguments)
    {
        int group = arguments.Heads / shape.KvHeads, tileRows = Math.Max(1, TileQueries / group), size = shape.Type.Size();
        int keys = KeySlices * KeySlice * ((KvCacheShape.PageLength * size) + (TileQueries * sizeof(float))), weights = TileQueries * KvCacheShape.PageLength * sizeof(float);
        int shared = Math.Max(keys, weights) + (2 * ValueSlice * (Specialised(shape) == 64 ? 64 : 128) * size);
        CudaKernel kernel = Kernel("attention_prefill.cu", "attention_prefill", ("CACHE_TYPE", (int)shape.Type), ("HEAD_DIM", Specialised(shape)));
        // Rows of a tile see at most so many chunks together; where positions have gaps, a block does more than one.
        int chunks = Chunks(arguments.Window + (tileRows - 1L), batch);
        Launch(kernel, (chunks, shape.KvHeads * Grid.Blocks(group, TileQueries), Grid.Blocks(arguments.Rows, tileRows)), 256, shared, arguments);
    }

    /// <summary>A block per tile of the queries of a kv head, on tensor cores.</summary>
    private void AttendFast(KvCacheShape shape, in AttentionArgs arguments)
    {
        const int queries = 64, keys = 64, padding = 8; // as in attention_fast.cu
        int group = arguments.Heads / shape.KvHeads, shared = 2 * keys * sizeof(ushort) * (shape.HeadDim + shape.HeadDim + padding);
        CudaKernel kernel = Kernel("attention_fast.cu", "attention_fast", ("CACHE_TYPE", (int)shape.Type), ("HEAD_DIM", shape.HeadDim));
        Launch(kernel, (shape.KvHeads * Grid.Blocks(group, queries), Grid.Blocks(arguments.Rows, Math.Max(1, queries / group))), 128, shared, arguments);
    }

    /// <summary>Chunks that <paramref name="positions"/> adjacent ones touch at most.</summary>
    private static int Chunks(long positions, BatchLayout batch) =>
        (int)Math.Min(batch.MaxPages, ((positions + KvCacheShape.PageLength - 2) / KvCacheShape.PageLength) + 1);

    /// <summary>The head dimension the kernels are compiled for, 0 for any.</summary>
    private static int Specialised(KvCacheShape shape) => shape.HeadDim is 64 or 128 ? shape.HeadDim : 0;

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct AttentionArgs(
        ulong Cache, ulong Q, ulong Y, ulong Positions, ulong Sequences, ulong PageTable, ulong Parts, ulong States, Fault Fault,
        int FirstRow, int Rows, int Heads, int KvHeads, int HeadDim, int Window, int MaxPages, int Slots, float Scale);
}
