using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>The weights of one chunk of a softmax, as <see cref="SoftmaxState.Weigh"/>.</summary>
internal static unsafe class ChunkSoftmax
{
    /// <summary>Lanes that <see cref="AttentionKernel{E, T}.Scores"/> computes together: two blocks of cache entries.</summary>
    public const int LaneBlock = 64;

    /// <summary>
    /// Scores [256] of one query to weights p, in place: <c>s = mul(dot, scale)</c> for lanes [first, end), m_c,
    /// <c>p = exp(sub(s, m_c))</c>, z_c; +0 in every other lane. Returns (m_c, z_c).
    /// </summary>
    public static (float Maximum, float Normalizer) Weigh<S, V>(float* scores, int first, int end, float scale)
        where S : struct, ISimd<V> where V : unmanaged
    {
        int from = first & -LaneBlock, to = (end + LaneBlock - 1) & -LaneBlock;
        // −∞ weighs +0 by exp's own rule.
        new Span<float>(scores + from, first - from).Fill(float.NegativeInfinity);
        new Span<float>(scores + end, to - end).Fill(float.NegativeInfinity);
        new Span<float>(scores, from).Clear();
        new Span<float>(scores + to, Reductions.Chunk - to).Clear();
        V factor = S.Broadcast(scale), largest = S.Broadcast(float.NegativeInfinity);
        for (int lane = from; lane < to; lane += S.Count)
        {
            V s = S.Mul(S.Load(scores + lane), factor);
            S.Store(s, scores + lane);
            largest = S.Max(largest, s);
        }
        float maximum = S.LargestLane(largest);
        V subtrahend = S.Broadcast(maximum);
        for (int lane = from; lane < to; lane += S.Count)
            S.Store(VectorMath.Exp<S, V>(S.Sub(S.Load(scores + lane), subtrahend)), scores + lane);
        return (maximum, VectorMath.TreeSum256<S, V>(scores));
    }
}
