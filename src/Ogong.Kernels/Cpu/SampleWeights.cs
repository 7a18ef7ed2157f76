using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>The integer weights of top-p: <c>rint(mul(exp(sub(t, t_max)), 2³²))</c>.</summary>
internal static unsafe class SampleWeights
{
    private const float Two23 = 8388608f, Two32 = 4294967296f;

    /// <summary>One token's weight.</summary>
    public static ulong Weight(float scaled, float largest) =>
        (ulong)MathF.Round(ExactMath.Exp(scaled - largest) * Two32, MidpointRounding.ToEven);

    /// <summary>A vector of weights, as binary32.</summary>
    private static V Weights<S, V>(V scaled, V largest) where S : struct, ISimd<V> where V : unmanaged
    {
        V two23 = S.Broadcast(Two23), w = S.Mul(VectorMath.Exp<S, V>(S.Sub(scaled, largest)), S.Broadcast(Two32));
        return S.Select(S.LessThan(w, two23), S.Sub(S.Add(w, two23), two23), w);
    }

    /// <summary>
    /// Sum over 256 tokens. A weight w ≤ 2³² is split into rint(w · 2⁻¹⁶) and the rest: either sum is an integer of at most 24 bits, exact
    /// in binary32 in any order.
    /// </summary>
    public static ulong ChunkWeight<S, V>(float* scaled, float largest) where S : struct, ISimd<V> where V : unmanaged
    {
        V subtrahend = S.Broadcast(largest), two23 = S.Broadcast(Two23), high = S.Broadcast(0f), low = high;
        for (int i = 0; i < Reductions.Chunk; i += S.Count)
        {
            V w = Weights<S, V>(S.Load(scaled + i), subtrahend);
            V h = S.Sub(S.Add(S.Mul(w, S.Broadcast(1f / 65536f)), two23), two23);
            high = S.Add(high, h);
            low = S.Add(low, S.Fma(h, S.Broadcast(-65536f), w));
        }
        return (ulong)(((long)S.TreeSum(high) * 65536) + (long)S.TreeSum(low));
    }

    /// <summary>Stores the weights of 256 tokens.</summary>
    public static void ChunkWeights<S, V>(float* scaled, float largest, float* weights) where S : struct, ISimd<V> where V : unmanaged
    {
        V subtrahend = S.Broadcast(largest);
        for (int i = 0; i < Reductions.Chunk; i += S.Count) S.Store(Weights<S, V>(S.Load(scaled + i), subtrahend), weights + i);
    }
}

/// <summary>Sum of the weights of a part.</summary>
internal readonly unsafe struct WeightJob(SampleStep step) : IVectorJob
{
    public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
    {
        int i = task * SampleStep.Part, end = Math.Min(i + SampleStep.Part, step.Vocabulary);
        float largest = step.Scaled[step.First.Id];
        ulong total = 0;
        for (; i <= end - Reductions.Chunk; i += Reductions.Chunk) total += SampleWeights.ChunkWeight<S, V>(step.Scaled + i, largest);
        for (; i < end; i++) total += SampleWeights.Weight(step.Scaled[i], largest);
        step.Parts[task].Weight = total;
    }
}

/// <summary>
/// Weights of a part by bucket, so that the token where a nucleus ends can be found without ordering all before it. The bucket grows with
/// t_max − t: its exponent and 4 bits of its significand,
/// so that a bucket is a run of the (logit descending) order.
/// </summary>
internal readonly unsafe struct BucketJob(SampleStep step, ulong* buckets) : IVectorJob
{
    /// <summary>More than the bucket of +∞.</summary>
    public const int Count = 4096;

    /// <summary>The bucket of a token.</summary>
    public static int Bucket(float scaled, float largest) => (int)(BitConverter.SingleToUInt32Bits(largest - scaled) >> 19);

    public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
    {
        int i = task * SampleStep.Part, end = Math.Min(i + SampleStep.Part, step.Vocabulary);
        float largest = step.Scaled[step.First.Id];
        ulong* to = buckets + ((long)task * Count);
        new Span<ulong>(to, Count).Clear();
        float* weights = stackalloc float[Reductions.Chunk];
        for (; i <= end - Reductions.Chunk; i += Reductions.Chunk)
        {
            SampleWeights.ChunkWeights<S, V>(step.Scaled + i, largest, weights);
            for (int k = 0; k < Reductions.Chunk; k++) to[Bucket(step.Scaled[i + k], largest)] += (ulong)weights[k];
        }
        for (; i < end; i++) to[Bucket(step.Scaled[i], largest)] += SampleWeights.Weight(step.Scaled[i], largest);
    }
}
