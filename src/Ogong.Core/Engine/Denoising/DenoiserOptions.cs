using Ogong.Compute;
using Ogong.Diffusion;

namespace Ogong.Engine;

/// <summary>How steps are run. Of these only <see cref="IsExact"/> may change a bit of a result; in the exact profile the rest never does.</summary>
public sealed record DenoiserOptions
{
    /// <summary>Whether to run the exact profile, rather than the device's reduced-precision units.</summary>
    public bool IsExact { get; init; } = true;

    /// <summary>Most latents in one step; a guided step evaluates the model twice for each.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>Most vectors of a conditioning, for models with cross-attention.</summary>
    public int ContextTokens { get; init; } = 512;

    internal NumericMode Mode => IsExact ? NumericMode.Exact : NumericMode.Fast;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Samples);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Samples, 1 << 12);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ContextTokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ContextTokens, Conditioning.MaxTokens);
    }
}
