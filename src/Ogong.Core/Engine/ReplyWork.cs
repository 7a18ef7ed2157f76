using Ogong.Models;

namespace Ogong.Engine;

/// <summary>Work units of a reply: every position goes through the layers, every generated token through the head and the sampler.</summary>
public static class ReplyWork
{
    /// <summary>
    /// Units of <paramref name="layers"/>: rows · (layers · Layer + Embedding if first) + tokens · (Head + Sampling if last), rows = prompt + tokens − 1.
    /// </summary>
    public static ulong UnitsOf(ModelConfig config, LayerRange layers, int promptLength, int tokenCount)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(promptLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokenCount);
        WorkUnits units = WorkUnits.Of(config);
        long perRow = units.Segment(layers.Count, layers.First == 0, isLast: false);
        long perToken = layers.End == config.Layers ? units.Head + units.Sampling : 0;
        return checked((ulong)(((long)promptLength + tokenCount - 1) * perRow) + (ulong)(tokenCount * perToken));
    }
}
