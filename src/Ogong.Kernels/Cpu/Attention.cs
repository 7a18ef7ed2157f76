using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    /// <summary>Multiply-adds worth a second thread.</summary>
    private const long AttentionGrain = 1 << 18;

    private readonly Scratch _attentionScratch = new(), _attentionParts = new();

    protected override void AttentionCore(KvCache cache, int layer, DeviceBuffer q, DeviceBuffer y, BatchLayout batch, int rows, int heads,
        int window, NumericMode mode)
    {
        CpuKvCache pages = CpuKvCache.From(cache);
        KvCacheShape shape = cache.Shape;
        pages.Require(batch, rows, window);
        bool finite = true;
        var step = new AttentionStep
        {
            Layer = pages.Layer(layer), BlockLength = pages.BlockLength, Stride = pages.ValueStride, HeadDim = shape.HeadDim,
            KvHeads = shape.KvHeads,
            Q = HostBuffer.From(q).Floats, Y = HostBuffer.From(y).Floats, Heads = heads, Group = heads / shape.KvHeads, Window = window,
            Positions = HostBuffer.From(batch.Positions).Ints, PageTable = HostBuffer.From(batch.PageTable).Ints,
            MaxPages = batch.MaxPages, Finite = &finite,
        };
        switch (shape.Type)
        {
            case ElementType.F32: Attend<F32Format, float>(step, HostBuffer.From(batch.Sequences).Ints, rows); break;
            case ElementType.BF16: Attend<BF16Format, ushort>(step, HostBuffer.From(batch.Sequences).Ints, rows); break;
            case ElementType.F16: Attend<F16Format, ushort>(step, HostBuffer.From(batch.Sequences).Ints, rows); break;
            default: throw new NotSupportedException($"No cache of {shape.Type}.");
        }
        if (!finite) CheckFinite(step.Y, rows, heads * shape.HeadDim, Operation.Attention);
    }

    /// <summary>
    /// Cuts the step into tiles. With many tiles (prefill), a task takes one tile and kv head through all its chunks. With few (decode),
    /// tasks take single chunks, so that a long context
    /// occupies every thread, and their parts are merged in order afterwards. Either way the operations on any one output are the same.
    /// </summary>
    private void Attend<E, T>(AttentionStep step, int* sequences, int rows) where E : struct, IElementFormat<T> where T : unmanaged
    {
        int threads = Backend.Pool.Threads, capacity = checked(rows * Tasks(step.Group, AttentionTile.MaxQueries));
        long tileBytes = (((long)capacity * sizeof(AttentionTile)) + 63) & ~63L, slotBytes = sizeof(float) * step.SlotLength;
        byte* memory = _attentionScratch.Reserve(tileBytes + (threads * (slotBytes + 64)));
        step.Tiles = (AttentionTile*)memory;
        (int items, long parts, long work) = step.Cut(sequences, rows);
        int pairs = step.TileCount * step.KvHeads;
        bool alone = threads == 1 || work < AttentionGrain, byChunk = !alone && pairs < 4 * threads && items > pairs;
        step.Parts = byChunk ? (float*)_attentionParts.Reserve(sizeof(float) * parts) : null;
        step.Slots = new ScratchSlots(memory + tileBytes, slotBytes, threads);
        int tasks = byChunk ? items : pairs, perTask = alone ? tasks : 1;
        Run(Tasks(tasks, perTask), new AttentionJob<E, T>(step, tasks, perTask));
        if (byChunk) Run(pairs, new AttentionMergeJob(step));
    }
}
