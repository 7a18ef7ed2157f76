namespace Ogong.Numerics;

/// <summary>
/// Running maximum m and normaliser z of a softmax whose chunks are merged in ascending order, from (−∞, +0). A chunk's part is m_c = max(s), p = exp(sub(s, m_c)) and z_c = tree256(p);
/// merging it gives <c>m' = max(m, m_c)</c>, <c>a = exp(sub(m, m'))</c>, <c>b = exp(sub(m_c, m'))</c>, <c>z = fma(z, a, mul(z_c, b))</c>.
/// </summary>
internal struct SoftmaxState()
{
    /// <summary>Largest score so far.</summary>
    public float Maximum { get; private set; } = float.NegativeInfinity;

    /// <summary>Sum of exp(s − Maximum).</summary>
    public float Normalizer { get; private set; }

    /// <summary>log(Σ exp(s)) = <c>add(m, log(z))</c>.</summary>
    public readonly float LogSumExp => Maximum + ExactMath.Log(Normalizer);

    /// <summary>
    /// Replaces the scores of one chunk, in lane order, by their weights p. Lanes before <paramref name="firstVisible"/> are hidden and weigh +0. Returns (m_c, z_c).
    /// </summary>
    public static (float Maximum, float Normalizer) Weigh(Span<float> scores, int firstVisible = 0)
    {
        float maximum = scores[firstVisible];
        foreach (float score in scores[firstVisible..])
            if (score > maximum) maximum = score;
        scores[..firstVisible].Clear();
        foreach (ref float score in scores[firstVisible..]) score = ExactMath.Exp(score - maximum);
        return (maximum, Reductions.TreeSum256(scores));
    }

    /// <summary>Merges one chunk's part. Returns (a, b), with which the caller merges each weighted sum: <c>o = fma(o, a, mul(o_c, b))</c>, from o = +0.</summary>
    public (float A, float B) Merge(float chunkMaximum, float chunkNormalizer)
    {
        float maximum = chunkMaximum > Maximum ? chunkMaximum : Maximum;
        float a = ExactMath.Exp(Maximum - maximum), b = ExactMath.Exp(chunkMaximum - maximum);
        Normalizer = MathF.FusedMultiplyAdd(Normalizer, a, chunkNormalizer * b);
        Maximum = maximum;
        return (a, b);
    }
}
