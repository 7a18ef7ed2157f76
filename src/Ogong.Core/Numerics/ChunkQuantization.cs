namespace Ogong.Numerics;

/// <summary>How a chunk of at most 256 values becomes integers with one scale: the input of every integer linear layer, and the weights of I8-256.</summary>
internal static class ChunkQuantization
{
    /// <summary>2⁻¹⁰⁰. A chunk with no magnitude from here on is zero: its scale and the inverse would leave the normal numbers.</summary>
    public const float Smallest = 7.8886090522101181e-31f;

    /// <summary>
    /// <c>d = div(max |x|, 127)</c>, <c>q = rint(mul(x, div(1, d)))</c>, so |q| ≤ 127. Where max |x| is below <see cref="Smallest"/>, d and every
    /// q are 0; where an x is not finite, d is NaN and every q 0, so that whatever uses the chunk is NaN.
    /// </summary>
    /// <returns>The scale d.</returns>
    public static float Quantize(ReadOnlySpan<float> x, Span<sbyte> q)
    {
        q[..x.Length].Clear();
        float largest = 0;
        foreach (float value in x)
        {
            if (!float.IsFinite(value)) return float.NaN;
            largest = MathF.Max(largest, MathF.Abs(value));
        }
        if (largest < Smallest) return 0;
        float d = largest / 127, inverse = 1 / d;
        for (int k = 0; k < x.Length; k++) q[k] = (sbyte)MathF.Round(x[k] * inverse, MidpointRounding.ToEven);
        return d;
    }
}
