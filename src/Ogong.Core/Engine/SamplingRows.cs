using Ogong.Compute;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>Sampling parameters as a device reads them.</summary>
internal static class SamplingRows
{
    /// <summary>The parameters for choosing the token at absolute <paramref name="position"/>.</summary>
    public static SamplingRow RowAt(this SamplingParameters sampling, int position) =>
        new(sampling.Seed, sampling.TopP, sampling.Temperature, sampling.TopK, position);

    /// <summary>
    /// The rules that a token of the tolerance tier may follow. Last bits decide which tokens at the cut of top-k and top-p are kept, and any of them may have the best score of all: so besides the ordered
    /// rule one that drops a little more and one that drops a little less, k by a sixteenth (at least 1) and p by 2⁻⁶, far more than honest devices differ in (their cumulative probabilities by some 10⁻³).
    /// </summary>
    public static IReadOnlyList<SamplingParameters> Nearby(this SamplingParameters sampling)
    {
        if (sampling.Temperature == 0 || (sampling.TopK == 0 && sampling.TopP == SamplingParameters.FullTopP)) return [sampling];
        return [sampling, Moved(sampling, -1), Moved(sampling, 1)];
    }

    private static SamplingParameters Moved(SamplingParameters sampling, int direction)
    {
        long k = sampling.TopK + (direction * Math.Max(1L, sampling.TopK / 16)), p = (long)sampling.TopP + (direction * ((long)SamplingParameters.FullTopP >> 6));
        return SamplingParameters.FromFixedPoint(
            sampling.Seed, sampling.Temperature, sampling.TopK == 0 ? 0 : (int)Math.Clamp(k, 1, int.MaxValue),
            sampling.TopP == SamplingParameters.FullTopP ? sampling.TopP : (ulong)Math.Clamp(p, 1, (long)SamplingParameters.FullTopP));
    }
}
