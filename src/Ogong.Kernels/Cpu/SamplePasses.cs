using Ogong.Compute;
using Ogong.Kernels.Host;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>One row of logits being sampled, and what the parts of the vocabulary leave.</summary>
internal unsafe struct SampleStep
{
    /// <summary>Tokens per part.</summary>
    public const int Part = 16384;

    public float* Logits, Scaled;
    public int Vocabulary;
    public SamplingRow Row;
    public SamplePart* Parts;

    /// <summary>The token with the highest logit, ties to the lowest id.</summary>
    public (float Value, int Id) First;

    public readonly int PartCount => (Vocabulary + Part - 1) / Part;

    /// <summary>Whether the temperature is not above 0.</summary>
    public readonly bool IsGreedy => !(Row.Temperature > 0f);
}

/// <summary>What one part of the vocabulary leaves: of the pass that ran last, the fields it names.</summary>
internal struct SamplePart
{
    public (float Value, int Id) Best;
    public ulong Weight;
    public bool Finite;
}

/// <summary>t = div(l, T), or l when greedy; whether all are finite; the highest logit.</summary>
internal readonly unsafe struct ScaleJob(SampleStep step) : IVectorJob
{
    public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
    {
        int first = task * SampleStep.Part, count = Math.Min(SampleStep.Part, step.Vocabulary - first);
        float* l = step.Logits + first, t = step.Scaled + first;
        V temperature = S.Broadcast(step.IsGreedy ? 1f : step.Row.Temperature), largest = S.Broadcast(float.NegativeInfinity);
        int i = 0;
        for (; i <= count - S.Count; i += S.Count)
        {
            V v = S.Load(l + i);
            largest = S.Max(largest, v);
            S.Store(S.Div(v, temperature), t + i);
        }
        float best = S.LargestLane(largest);
        for (; i < count; i++)
        {
            best = l[i] > best ? l[i] : best;
            t[i] = l[i] / (step.IsGreedy ? 1f : step.Row.Temperature);
        }
        step.Parts[task].Finite = FiniteCheck.FirstNonFinite(new ReadOnlySpan<float>(t, count)) < 0;
        step.Parts[task].Best = (best, first + Math.Max(0, new ReadOnlySpan<float>(l, count).IndexOf(best)));
    }
}

/// <summary>Sum of the integer weights rint(mul(exp(sub(t, t_max)), 2³²)).</summary>
internal readonly unsafe struct WeightJob(SampleStep step) : IVectorJob
{
    private const float Two23 = 8388608f, Two32 = 4294967296f;

    /// <summary>One token's weight.</summary>
    public static ulong Weight(float scaled, float largest) => (ulong)MathF.Round(ExactMath.Exp(scaled - largest) * Two32, MidpointRounding.ToEven);

    public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
    {
        int first = task * SampleStep.Part, count = Math.Min(SampleStep.Part, step.Vocabulary - first);
        float* t = step.Scaled + first;
        float largest = step.Scaled[step.First.Id];
        ulong total = 0;
        int start = 0;
        for (; start <= count - Reductions.Chunk; start += Reductions.Chunk) total += ChunkWeight<S, V>(t + start, largest);
        for (; start < count; start++) total += Weight(t[start], largest);
        step.Parts[task].Weight = total;
    }

    /// <summary>A weight w ≤ 2³² is split into rint(w · 2⁻¹⁶) and the rest; of 256 either sum is an integer of at most 24 bits, exact in binary32 in any order.</summary>
    private static ulong ChunkWeight<S, V>(float* t, float largest) where S : struct, ISimd<V> where V : unmanaged
    {
        V subtrahend = S.Broadcast(largest), two23 = S.Broadcast(Two23), high = S.Broadcast(0f), low = high;
        for (int i = 0; i < Reductions.Chunk; i += S.Count)
        {
            V w = S.Mul(VectorMath.Exp<S, V>(S.Sub(S.Load(t + i), subtrahend)), S.Broadcast(Two32));
            w = S.Select(S.LessThan(w, two23), S.Sub(S.Add(w, two23), two23), w);
            V h = S.Sub(S.Add(S.Mul(w, S.Broadcast(1f / 65536f)), two23), two23);
            high = S.Add(high, h);
            low = S.Add(low, S.Fma(h, S.Broadcast(-65536f), w));
        }
        return (ulong)(((long)S.TreeSum(high) * 65536) + (long)S.TreeSum(low));
    }
}

/// <summary>The highest score add(t, g) over a part, ties to the lowest id. Starts from the score of the most likely token, so that few lanes need noise.</summary>
internal readonly unsafe struct GumbelJob(SampleStep step, float startScore) : IVectorJob
{
    public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
    {
        (float Value, int Id) best = (startScore, step.First.Id);
        int end = Math.Min((task + 1) * SampleStep.Part, step.Vocabulary);
        Search<SimdScalar, float>(Search<S, V>(task * SampleStep.Part, end, ref best), end, ref best);
        step.Parts[task].Best = best;
    }

    // Without stackalloc, which would keep the runtime from optimising the loop again once the constants of the noise are known.
    private int Search<S, V>(int id, int end, ref (float Value, int Id) best) where S : struct, ISimd<V> where V : unmanaged
    {
        V bound = S.Broadcast(VectorGumbel.Bound);
        uint all = S.SignBits(S.IntBroadcast(uint.MaxValue));
        for (; id <= end - S.Count; id += S.Count)
        {
            V t = S.Load(step.Scaled + id), current = S.Broadcast(best.Value);
            if (S.SignBits(S.LessThan(S.Add(t, bound), current)) == all) continue;
            V score = S.Add(t, VectorGumbel.Noise<S, V>(step.Row.Seed, id, step.Row.Position));
            if (S.SignBits(S.LessThan(score, current)) != all) Take<S, V>(score, id, ref best);
        }
        return id;
    }

    private static void Take<S, V>(V score, int id, ref (float Value, int Id) best) where S : struct, ISimd<V> where V : unmanaged
    {
        float* scores = stackalloc float[S.Count];
        S.Store(score, scores);
        for (int lane = 0; lane < S.Count; lane++)
            if (scores[lane] > best.Value || (scores[lane] == best.Value && id + lane < best.Id)) best = (scores[lane], id + lane);
    }
}
