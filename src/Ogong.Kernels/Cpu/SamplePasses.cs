using Ogong.Compute;
using Ogong.Kernels.Host;

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

/// <summary>
/// The highest score add(t, g) over a part's tokens up to <paramref name="last"/> in (logit descending, id ascending) order, ties to the
/// lowest id.
/// Starts from the score of the most likely token, so that few lanes need noise.
/// </summary>
internal readonly unsafe struct GumbelJob(SampleStep step, float startScore, (float Logit, int Id) last) : IVectorJob
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
        V bound = S.Broadcast(VectorGumbel.Bound), lowest = S.Broadcast(last.Logit);
        uint all = S.SignBits(S.IntBroadcast(uint.MaxValue));
        for (; id <= end - S.Count; id += S.Count)
        {
            V t = S.Load(step.Scaled + id), current = S.Broadcast(best.Value);
            V hopeless = S.Or(S.LessThan(S.Load(step.Logits + id), lowest), S.LessThan(S.Add(t, bound), current));
            if (S.SignBits(hopeless) == all) continue;
            V score = S.Add(t, VectorGumbel.Noise<S, V>(step.Row.Seed, id, step.Row.Position));
            if (S.SignBits(S.LessThan(score, current)) != all) Take<S, V>(score, id, ref best);
        }
        return id;
    }

    private void Take<S, V>(V score, int firstId, ref (float Value, int Id) best) where S : struct, ISimd<V> where V : unmanaged
    {
        float* scores = stackalloc float[S.Count];
        S.Store(score, scores);
        for (int lane = 0; lane < S.Count; lane++)
        {
            int id = firstId + lane;
            float logit = step.Logits[id];
            bool kept = logit > last.Logit || (logit == last.Logit && id <= last.Id);
            if (kept && (scores[lane] > best.Value || (scores[lane] == best.Value && id < best.Id))) best = (scores[lane], id);
        }
    }
}
