using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // Query i sees key j iff i - window < j ≤ i. Chunks are of absolute key positions.
    protected override void AttentionCore(
        KvCache cache, int layer, DeviceBuffer q, DeviceBuffer y, BatchLayout batch, int rows, int heads, int window, NumericMode mode)
    {
        KvCacheShape shape = cache.Shape;
        var store = ReferenceKvCache.From(cache);
        for (int row = 0; row < rows; row++)
        {
            int sequence = Element(batch.Sequences, row), position = Element(batch.Positions, row);
            int first = (int)Math.Max(0L, (long)position - window + 1);
            for (int head = 0; head < heads; head++)
            {
                int kvHead = (int)((long)head * shape.KvHeads / heads);
                Span<float> query = Row<float>(q, (row * heads) + head, shape.HeadDim), output = Row<float>(y, (row * heads) + head, shape.HeadDim);
                output.Clear();
                var state = new SoftmaxState();
                for (int chunk = first / Reductions.Chunk; chunk <= position / Reductions.Chunk; chunk++)
                    AttendChunk(store, layer, batch, sequence, kvHead, query, chunk, first, position, output, ref state);
                foreach (ref float o in output) o /= state.Normalizer;
            }
        }
        CheckFinite(y, rows, heads * shape.HeadDim, Operation.Attention);
    }

    // s = mul(dot(q, k), div(1, sqrt(head_dim))); (m_c, z_c, p) as SoftmaxState; o_c = add(fma chain over p, v, +0); o = fma(o, a, mul(o_c, b))
    private static void AttendChunk(
        ReferenceKvCache store, int layer, BatchLayout batch, int sequence, int kvHead, ReadOnlySpan<float> query, int chunk, int first, int last, Span<float> output, ref SoftmaxState state)
    {
        int headDim = query.Length, elementSize = store.Shape.Type.Size(), start = chunk * Reductions.Chunk;
        int lanes = Math.Min(Reductions.Chunk, last - start + 1), firstLane = Math.Max(0, first - start);
        float scale = 1f / MathF.Sqrt(headDim);
        Span<float> p = stackalloc float[Reductions.Chunk], stored = new float[headDim];
        p = p[..lanes];
        for (int lane = firstLane; lane < lanes; lane++)
        {
            ElementStorage.Widen(store.Shape.Type, store.Keys(layer, batch, sequence, start + lane).Slice(kvHead * headDim * elementSize, headDim * elementSize), stored);
            p[lane] = Reductions.Dot(query, stored) * scale;
        }
        (float maximum, float normalizer) = SoftmaxState.Weigh(p, firstLane);
        Span<float> sum = new float[headDim];
        for (int lane = firstLane; lane < lanes; lane++)
        {
            ElementStorage.Widen(store.Shape.Type, store.Values(layer, batch, sequence, start + lane).Slice(kvHead * headDim * elementSize, headDim * elementSize), stored);
            for (int d = 0; d < headDim; d++) sum[d] = MathF.FusedMultiplyAdd(p[lane], stored[d], sum[d]);
        }
        (float a, float b) = state.Merge(maximum, normalizer);
        for (int d = 0; d < headDim; d++) output[d] = MathF.FusedMultiplyAdd(output[d], a, (sum[d] + 0f) * b);
    }
}
