using Ogong.Numerics;

namespace Ogong.Models;

/// <summary>
/// Llama 3's RoPE scaling as GGUF has it: a divisor for each rotary frequency. With wavelength λ and s = (original/λ − low)/(high − low)
/// clamped to [0, 1], the divisor is 1/((1 − s)/factor + s).
/// </summary>
internal static class RopeFactors
{
    /// <summary>Divisors are computed in binary32 by whoever writes them; those of other parameters differ by far more.</summary>
    private const double Tolerance = 1.0 / 4096;

    /// <summary>The divisors of a config, head_dim/2 of them, the same on every platform; none where it has no scaling.</summary>
    public static float[] Of(ModelConfig config) => config.RopeScaling is { } scaling ? RopeTable.Divisors(config.RopeTheta, config.HeadDim, scaling.OfTable) : [];

    /// <summary>Whether these are the divisors of a config.</summary>
    public static bool Match(ModelConfig config, ReadOnlySpan<float> factors)
    {
        float[] own = Of(config);
        if (own.Length != factors.Length) return false;
        for (int i = 0; i < own.Length; i++)
            if (!(Math.Abs(factors[i] - own[i]) <= Tolerance * own[i])) return false; // false for NaN
        return true;
    }

    /// <summary>
    /// The parameters that divisors come from, where they are those of a published model: every one has low 1, high 4 and 8192 original
    /// positions, and the factor is what the lowest frequency is divided by. Divisors of 1 are no scaling.
    /// </summary>
    public static bool Recognise(ModelConfig config, ReadOnlySpan<float> factors, out Llama3RopeScaling? scaling)
    {
        scaling = null;
        if (factors.Length != config.HeadDim / 2) return false;
        if (factors.IndexOfAnyExcept(1f) < 0) return true;
        if (!(factors[^1] is >= 1 and <= 1e6f)) return false;
        scaling = new Llama3RopeScaling(factors[^1], 1, 4, 8192);
        return Match(config with { RopeScaling = scaling }, factors);
    }
}
