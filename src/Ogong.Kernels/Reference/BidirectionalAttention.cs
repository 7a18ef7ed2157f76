using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // Every query of a sample sees keys [0, count) of that sample. Chunks are of key indices within the sample.
    protected override void BidirectionalAttentionCore(DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer? keyCounts, DeviceBuffer y, AttentionShape shape)
    {
        int headDim = shape.HeadDim, keys = shape.Samples * shape.Keys;
        if (!CheckFinite(k, keys, shape.Width, Operation.BidirectionalAttention) || !CheckFinite(v, keys, shape.Width, Operation.BidirectionalAttention)) return;
        for (int row = 0; row < shape.Rows; row++)
        {
            int sample = row / shape.Queries, count = keyCounts is null ? shape.Keys : Element(keyCounts, sample);
            if (count < 1 || count > shape.Keys) throw new ArgumentException($"Sample {sample} has {count} visible keys of {shape.Keys}.", nameof(keyCounts));
            for (int head = 0; head < shape.Heads; head++)
            {
                Span<float> query = Row<float>(q, (row * shape.Heads) + head, headDim), output = Row<float>(y, (row * shape.Heads) + head, headDim);
                output.Clear();
                var state = new SoftmaxState();
                for (int start = 0; start < count; start += Reductions.Chunk)
                    AttendKeys(k, v, shape, (sample * shape.Keys) + start, Math.Min(Reductions.Chunk, count - start), head, query, output, ref state);
                foreach (ref float o in output) o /= state.Normalizer;
            }
        }
        CheckFinite(y, shape.Rows, shape.Width, Operation.BidirectionalAttention);
    }

    // One chunk, as AttendChunk.
    private static void AttendKeys(
        DeviceBuffer k, DeviceBuffer v, AttentionShape shape, int firstKey, int count, int head, ReadOnlySpan<float> query, Span<float> output, ref SoftmaxState state)
    {
        float scale = 1f / MathF.Sqrt(query.Length);
        Span<float> p = stackalloc float[count], sum = new float[query.Length];
        for (int j = 0; j < count; j++) p[j] = Reductions.Dot(query, Row<float>(k, ((firstKey + j) * shape.Heads) + head, query.Length)) * scale;
        (float maximum, float normalizer) = SoftmaxState.Weigh(p);
        for (int j = 0; j < count; j++)
        {
            Span<float> value = Row<float>(v, ((firstKey + j) * shape.Heads) + head, query.Length);
            for (int d = 0; d < sum.Length; d++) sum[d] = MathF.FusedMultiplyAdd(p[j], value[d], sum[d]);
        }
        (float a, float b) = state.Merge(maximum, normalizer);
        for (int d = 0; d < sum.Length; d++) output[d] = MathF.FusedMultiplyAdd(output[d], a, (sum[d] + 0f) * b);
    }
}
