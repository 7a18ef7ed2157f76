namespace Ogong.Engine;

/// <summary>How a provider serves a segment of a denoiser.</summary>
public sealed record DenoiserHostOptions
{
    /// <summary>Sessions served at once; more are refused as busy.</summary>
    public int Capacity { get; init; } = 8;

    /// <summary>Most vectors of a conditioning, for models with cross-attention.</summary>
    public int ContextTokens { get; init; } = 512;

    /// <summary>
    /// Whether each step is computed a second time and compared bit for bit before it is signed. A passing hardware fault then costs a refused session instead of a signature on a wrong result.
    /// Exact profile only; doubles the work.
    /// </summary>
    public bool SelfCheck { get; init; }
}
