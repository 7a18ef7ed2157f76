using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    /// <summary>Tokens tried first when looking for a nucleus.</summary>
    private const int NucleusGuess = 256;

    private readonly Scratch _keptScratch = new();

    /// <summary>The tokens that top-k and top-p keep.</summary>
    private KeptTokens Keep(in SampleStep step)
    {
        bool topK = step.Row.TopK > 0 && step.Row.TopK < step.Vocabulary, topP = step.Row.TopP < 1UL << 32;
        if (!topK && !topP) return default;
        if (!topK) return NucleusOfAll(step);
        KeptTokens kept = FirstTokens(step, step.Row.TopK);
        if (!topP) return kept;
        ulong total = 0;
        for (int i = 0; i < kept.Count; i++) total += WeightJob.Weight(step.Scaled[kept.Ids[i]], step.Scaled[step.First.Id]);
        kept.Count = NucleusLength(step, kept, total);
        return kept;
    }

    /// <summary>Orders ever more tokens until the weight before one of them reaches the share: seldom more than a few hundred.</summary>
    private KeptTokens NucleusOfAll(in SampleStep step)
    {
        Run(step.PartCount, new WeightJob(step));
        ulong total = 0;
        for (int part = 0; part < step.PartCount; part++) total += step.Parts[part].Weight;
        for (int count = Math.Min(NucleusGuess, step.Vocabulary); ; count = (int)Math.Min(count * 16L, step.Vocabulary))
        {
            KeptTokens kept = FirstTokens(step, count);
            kept.Count = NucleusLength(step, kept, total);
            if (kept.Count < count || count == step.Vocabulary) return kept;
        }
    }

    /// <summary>A token is kept iff it is the first or (weight strictly before it) · 2³² &lt; TopP · total.</summary>
    private static int NucleusLength(in SampleStep step, KeptTokens tokens, ulong total)
    {
        UInt128 share = (UInt128)step.Row.TopP * total;
        ulong before = 0;
        int length = 0;
        for (; length < tokens.Count && (length == 0 || (UInt128)before << 32 < share); length++)
            before += WeightJob.Weight(step.Scaled[tokens.Ids[length]], step.Scaled[step.First.Id]);
        return length;
    }

    /// <summary>The first tokens by (logit descending, id ascending), in that order.</summary>
    private KeptTokens FirstTokens(in SampleStep step, int count)
    {
        byte* memory = _keptScratch.Reserve((long)count * (sizeof(float) + sizeof(int)));
        var kept = new KeptTokens { Logits = (float*)memory, Ids = (int*)((float*)memory + count), Count = count };
        Run(1, new TopKJob(step, kept));
        return kept;
    }

    private static float Score(in SampleStep step, int id) => step.Scaled[id] + Randomness.Gumbel(step.Row.Seed, id, step.Row.Position);

    /// <summary>The kept token with the highest score, ties to the lowest id.</summary>
    private (float Value, int Id) Choose(in SampleStep step, KeptTokens kept)
    {
        (float Value, int Id) best = (Score(step, step.First.Id), step.First.Id);
        if (kept.All)
        {
            Run(step.PartCount, new GumbelJob(step, best.Value));
            for (int part = 0; part < step.PartCount; part++) best = Better(best, step.Parts[part].Best);
            return best;
        }
        for (int i = 1; i < kept.Count; i++) best = Better(best, (Score(step, kept.Ids[i]), kept.Ids[i]));
        return best;
    }

    private static (float Value, int Id) Better((float Value, int Id) a, (float Value, int Id) b) =>
        b.Value > a.Value || (b.Value == a.Value && b.Id < a.Id) ? b : a;

    /// <summary>Kept tokens in order; the default value means that no filter applies.</summary>
    private struct KeptTokens
    {
        public float* Logits;
        public int* Ids;
        public int Count;

        public readonly bool All => Logits is null;

        public readonly (float Logit, int Id) Last => (Logits[Count - 1], Ids[Count - 1]);
    }

    private readonly struct TopKJob(SampleStep step, KeptTokens kept) : IVectorJob
    {
        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            var top = new TopK(kept.Logits, kept.Ids, kept.Count);
            top.Scan<S, V>(step.Logits, step.Vocabulary, 0);
            top.Sort();
        }
    }
}
