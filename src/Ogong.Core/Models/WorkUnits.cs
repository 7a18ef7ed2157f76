namespace Ogong.Models;

/// <summary>
/// Work per generated token in multiply-accumulates, as settlement shares fees by it. A function of the config alone, so every party
/// computes the same: attention is counted over <see cref="NominalContext"/> positions (or the window, or the longest sequence, where those
/// are fewer), whatever the length of a reply.
/// </summary>
/// <param name="Embedding">Copying one row of the table: hidden size.</param>
/// <param name="Layer">One layer: its matrices, and attention's two products.</param>
/// <param name="Head">The LM head: vocabulary × hidden.</param>
/// <param name="Sampling">One noise term and comparison per vocabulary entry.</param>
public sealed record WorkUnits(long Embedding, long Layer, long Head, long Sampling)
{
    /// <summary>Positions attention is counted over.</summary>
    public const int NominalContext = 1024;

    /// <summary>The units of a config.</summary>
    public static WorkUnits Of(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        long hidden = config.HiddenSize, wide = (long)config.Heads * config.HeadDim, narrow = (long)config.KvHeads * config.HeadDim;
        long context = Math.Min(NominalContext, Math.Min(config.MaxPositions, config.SlidingWindow ?? int.MaxValue));
        long projections = hidden * ((2 * wide) + (2 * narrow));
        long feedForward = 3 * hidden * config.IntermediateSize;
        return new WorkUnits(hidden, projections + feedForward + (2 * wide * context), hidden * config.VocabularySize, config.VocabularySize);
    }

    /// <summary>
    /// Units of a segment of <paramref name="layers"/> layers, the first of which embeds and the last of which also makes logits and
    /// samples.
    /// </summary>
    public long Segment(int layers, bool isFirst, bool isLast)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layers);
        return (layers * Layer) + (isFirst ? Embedding : 0) + (isLast ? Head + Sampling : 0);
    }
}
