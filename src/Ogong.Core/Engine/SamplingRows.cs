using Ogong.Compute;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>Sampling parameters as a device reads them.</summary>
internal static class SamplingRows
{
    /// <summary>The parameters for choosing the token at absolute <paramref name="position"/>.</summary>
    public static SamplingRow RowAt(this SamplingParameters sampling, int position) =>
        new(sampling.Seed, sampling.TopP, sampling.Temperature, sampling.TopK, position);
}
