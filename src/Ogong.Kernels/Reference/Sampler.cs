using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

/// <summary>What one row of logits and its parameters choose from: the scores of every token, and which tokens top-k and top-p keep.</summary>
internal sealed class Sampler
{
    private readonly float[] _scaled, _scores;
    private readonly int[] _kept;

    /// <param name="logits">One row of logits.</param>
    /// <param name="scaled">The same row through <see cref="Scale"/>.</param>
    /// <param name="row">Its parameters.</param>
    public Sampler(ReadOnlySpan<float> logits, ReadOnlySpan<float> scaled, SamplingRow row)
    {
        _scaled = scaled.ToArray();
        _scores = scaled.ToArray();
        int[] order = Order(logits);
        if (!IsGreedy(row))
        {
            for (int id = 0; id < _scores.Length; id++) _scores[id] += Randomness.Gumbel(row.Seed, id, row.Position);
            if (row.TopK > 0 && row.TopK < order.Length) order = order[..row.TopK];
            if (row.TopP < 1UL << 32) order = order[..Nucleus(order, row.TopP)];
        }
        _kept = order;
        Chosen = _kept[0];
        foreach (int id in _kept)
            if (_scores[id] > _scores[Chosen] || (_scores[id] == _scores[Chosen] && id < Chosen)) Chosen = id;
    }

    /// <summary>The kept token with the highest score add(t, g), ties to the lowest id.</summary>
    public int Chosen { get; }

    /// <summary>Whether the temperature is not above 0: the highest logit wins and no other parameter matters.</summary>
    public static bool IsGreedy(SamplingRow row) => !(row.Temperature > 0f);

    /// <summary>t = div(l, T), or l when greedy.</summary>
    public static void Scale(ReadOnlySpan<float> logits, SamplingRow row, Span<float> scaled)
    {
        for (int id = 0; id < scaled.Length; id++) scaled[id] = IsGreedy(row) ? logits[id] : logits[id] / row.Temperature;
    }

    /// <summary>Token ids by (logit descending, id ascending); −0 and +0 are equal.</summary>
    public static int[] Order(ReadOnlySpan<float> logits)
    {
        float[] keys = logits.ToArray();
        int[] ids = [.. Enumerable.Range(0, keys.Length)];
        // Where a NaN sorts does not matter: every operation that orders logits raises on one.
        Array.Sort(ids, (a, b) => keys[a] > keys[b] ? -1 : keys[a] < keys[b] ? 1 : a.CompareTo(b));
        return ids;
    }

    /// <summary>How far a token is from being chosen: max(0, sub(best score, its score)), and if it is not kept add div(sub(lowest kept logit, its logit), T).</summary>
    public float Margin(int token, ReadOnlySpan<float> logits, float temperature)
    {
        float behind = _scores[Chosen] - _scores[token];
        float margin = behind > 0f ? behind : 0f;
        return Array.IndexOf(_kept, token) >= 0 ? margin : margin + ((logits[_kept[^1]] - logits[token]) / temperature);
    }

    // Tokens are kept while (weight strictly before)·2³² < TopP·total; the first always is.
    private int Nucleus(int[] order, ulong topP)
    {
        ulong total = 0, before = 0;
        foreach (int id in order) total += Weight(id, order[0]);
        int count = 0;
        while (count < order.Length && (count == 0 || (UInt128)before << 32 < (UInt128)topP * total)) before += Weight(order[count++], order[0]);
        return count;
    }

    // rint(exp(sub(t, t_max))·2³²)
    private ulong Weight(int id, int first) => (ulong)MathF.Round(ExactMath.Exp(_scaled[id] - _scaled[first]) * 4294967296f, MidpointRounding.ToEven);
}
