using Ogong.Numerics;

namespace Ogong.Models;

/// <summary>
/// Work of one evaluation of a denoiser (one step, one branch, one latent) in multiply-accumulates, as settlement shares fees by it. A function of the config alone, so every party computes the
/// same: cross-attention is counted over <see cref="NominalContext"/> vectors, whatever the length of a prompt.
/// </summary>
/// <param name="Embedding">Projecting the patches.</param>
/// <param name="Layer">One block: conditioning, its matrices, and attention's products.</param>
/// <param name="Head">The block-0 embedder again, the output norm's projection and the output's.</param>
public sealed record DenoiserUnits(long Embedding, long Layer, long Head)
{
    /// <summary>Vectors cross-attention is counted over.</summary>
    public const int NominalContext = 128;

    /// <summary>The units of a config.</summary>
    public static DenoiserUnits Of(DenoiserConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        long width = config.Width, tokens = config.Tokens;
        long embedder = (TimestepEmbedding.Width + width) * width;
        long block = embedder + (6 * width * width) + (tokens * 4 * width * width) + (2 * tokens * tokens * width) + (2 * tokens * width * config.FeedForward);
        if (config.HasContext) block += (2 * tokens * width * width) + (2L * NominalContext * config.ContextWidth * width) + (2 * tokens * NominalContext * width);
        return new DenoiserUnits(tokens * config.PatchValues * width, block, embedder + (2 * width * width) + (tokens * config.PatchValues * width));
    }

    /// <summary>Units of <paramref name="layers"/> blocks over <paramref name="evaluations"/> evaluations, with what precedes the first and follows the last.</summary>
    public UInt128 Segment(int layers, bool isFirst, bool isLast, long evaluations)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layers);
        ArgumentOutOfRangeException.ThrowIfNegative(evaluations);
        return (UInt128)evaluations * (((UInt128)layers * (ulong)Layer) + (ulong)(isFirst ? Embedding : 0) + (ulong)(isLast ? Head : 0));
    }
}
