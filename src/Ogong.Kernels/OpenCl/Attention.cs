using Ogong.Compute;
using Ogong.Native.OpenCl;

namespace Ogong.Kernels.OpenCl;

internal sealed partial class OpenClQueue
{
    /// <summary>Most bytes of partial sums at once; more rows go in turns.</summary>
    private const long AttentionScratch = 64 << 20;

    protected override void AttentionCore(KvCache cache, int layer, DeviceBuffer q, DeviceBuffer y, BatchLayout batch, int rows, int heads, int window, NumericMode mode) =>
        Attend(Operation.Attention, cache, layer, q, y, batch, rows, heads, window);

    private void Attend(Operation operation, KvCache cache, int layer, DeviceBuffer q, DeviceBuffer y, BatchLayout batch, int rows, int heads, int window)
    {
        (OpenClKvCache store, KvCacheShape shape) = (OpenClKvCache.From(cache), cache.Shape);
        long perRow = (long)heads * batch.MaxPages * (store.Pitch + 2) * sizeof(float);
        int turn = (int)Math.Clamp(AttentionScratch / perRow, 1, rows);
        OpenClBuffer scratch = Scratch(turn * perRow);
        uint fault = NextFault(operation, heads * shape.HeadDim);
        float scale = 1f / MathF.Sqrt(shape.HeadDim);
        for (int first = 0; first < rows; first += turn)
        {
            int count = Math.Min(turn, rows - first);
            Launch(
                Kernel("attention.cl", "attention_chunk", Shape.Group, shape.Type), (heads, count, batch.MaxPages), Shape.Group,
                Memory(q), store.Keys(layer), store.Values(layer), Memory(batch.Positions), Memory(batch.Sequences), Memory(batch.PageTable), scratch,
                first, batch.MaxPages, heads, shape.KvHeads, shape.HeadDim, store.Pitch, window, scale);
            Launch(
                Kernel("attention.cl", "attention_merge", Shape.Group, shape.Type), (heads, count, 1), Shape.Group,
                scratch, Memory(batch.Positions), Memory(y), _faultWords.Memory, fault, first, batch.MaxPages, heads, shape.HeadDim, store.Pitch, window);
        }
    }
}
