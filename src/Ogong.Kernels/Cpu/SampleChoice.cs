using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    /// <summary>Tokens tried first when looking for a nucleus.</summary>
    private const int NucleusGuess = 256;

    private readonly Scratch _keptScratch = new(), _bucketScratch = new();

    /// <summary>The tokens that top-k and top-p keep.</summary>
    private KeptTokens Keep(in SampleStep step)
    {
        bool topK = step.Row.TopK > 0 && step.Row.TopK < step.Vocabulary, topP = step.Row.TopP < 1UL << 32;
        if (!topK && !topP) return KeptTokens.UpTo((float.NegativeInfinity, int.MaxValue));
        if (!topK) return NucleusOfAll(step);
        KeptTokens kept = FirstTokens(step, step.Row.TopK);
        if (!topP) return kept;
        ulong total = 0;
        for (int i = 0; i < kept.Count; i++) total += SampleWeights.Weight(step.Scaled[kept.Ids[i]], step.Scaled[step.First.Id]);
        kept.Count = NucleusLength(step, kept, total);
        return kept;
    }

    /// <summary>Orders the first few tokens, which mostly suffices; else looks for the bucket in which the nucleus ends.</summary>
    private KeptTokens NucleusOfAll(in SampleStep step)
    {
        Run(step.PartCount, new WeightJob(step));
        ulong total = 0;
        for (int part = 0; part < step.PartCount; part++) total += step.Parts[part].Weight;
        KeptTokens first = FirstTokens(step, Math.Min(NucleusGuess, step.Vocabulary));
        int length = NucleusLength(step, first, total);
        if (length == first.Count && length < step.Vocabulary) return NucleusByBuckets(step, total);
        first.Count = length;
        return first;
    }

    private KeptTokens NucleusByBuckets(in SampleStep step, ulong total)
    {
        var buckets = (ulong*)_bucketScratch.Reserve((long)step.PartCount * BucketJob.Count * sizeof(ulong));
        Run(step.PartCount, new BucketJob(step, buckets));
        UInt128 share = (UInt128)step.Row.TopP * total;
        ulong before = 0;
        int bucket = 0;
        // TopP < 2³², so some bucket ends at or past the share, and every token before that bucket is kept.
        for (; ; bucket++)
        {
            ulong weight = 0;
            for (int part = 0; part < step.PartCount; part++) weight += buckets[((long)part * BucketJob.Count) + bucket];
            if ((UInt128)(before + weight) << 32 >= share) break;
            before += weight;
        }
        float largest = step.Scaled[step.First.Id];
        int count = 0;
        for (int id = 0; id < step.Vocabulary; id++) count += BucketJob.Bucket(step.Scaled[id], largest) == bucket ? 1 : 0;
        KeptTokens last = ReserveKept(count);
        var top = new TopK(last.Logits, last.Ids, count);
        for (int id = 0; id < step.Vocabulary; id++)
            if (BucketJob.Bucket(step.Scaled[id], largest) == bucket) top.Offer(step.Logits[id], id);
        top.Sort();
        return KeptTokens.UpTo(last.At(NucleusLength(step, last, total, before) - 1));
    }

    /// <summary>
    /// How many of these tokens, which follow <paramref name="before"/> of weight, are kept: the first, and those for which (weight
    /// strictly before) · 2³² &lt; TopP · total.
    /// </summary>
    private static int NucleusLength(in SampleStep step, KeptTokens tokens, ulong total, ulong before = 0)
    {
        UInt128 share = (UInt128)step.Row.TopP * total;
        int length = 0;
        for (; length < tokens.Count && (length == 0 || (UInt128)before << 32 < share); length++)
            before += SampleWeights.Weight(step.Scaled[tokens.Ids[length]], step.Scaled[step.First.Id]);
        return length;
    }

    /// <summary>The first tokens by (logit descending, id ascending), in that order.</summary>
    private KeptTokens FirstTokens(in SampleStep step, int count)
    {
        KeptTokens kept = ReserveKept(count);
        Run(1, new TopKJob(step, kept));
        return kept;
    }

    private KeptTokens ReserveKept(int count)
    {
        byte* memory = _keptScratch.Reserve((long)count * (sizeof(float) + sizeof(int)));
        return new KeptTokens { Logits = (float*)memory, Ids = (int*)((float*)memory + count), Count = count };
    }

    private static float Score(in SampleStep step, int id) => step.Scaled[id] + Randomness.Gumbel(step.Row.Seed, id, step.Row.Position);

    /// <summary>The kept token with the highest score, ties to the lowest id.</summary>
    private (float Value, int Id) Choose(in SampleStep step, KeptTokens kept)
    {
        (float Value, int Id) best = (Score(step, step.First.Id), step.First.Id);
        if (!kept.Listed)
        {
            Run(step.PartCount, new GumbelJob(step, best.Value, kept.Last));
            for (int part = 0; part < step.PartCount; part++) best = Better(best, step.Parts[part].Best);
            return best;
        }
        for (int i = 1; i < kept.Count; i++) best = Better(best, (Score(step, kept.Ids[i]), kept.Ids[i]));
        return best;
    }

    private static (float Value, int Id) Better((float Value, int Id) a, (float Value, int Id) b) =>
        b.Value > a.Value || (b.Value == a.Value && b.Id < a.Id) ? b : a;

    /// <summary>Kept tokens: a list in order, or all up to a last one.</summary>
    private struct KeptTokens
    {
        public float* Logits;
        public int* Ids;
        public int Count;
        private (float Logit, int Id) _last;

        public readonly bool Listed => Logits is not null;

        public readonly (float Logit, int Id) Last => Listed ? At(Count - 1) : _last;

        public static KeptTokens UpTo((float Logit, int Id) last) => new() { _last = last };

        public readonly (float Logit, int Id) At(int index) => (Logits[index], Ids[index]);
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
