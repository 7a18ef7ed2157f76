using Ogong.Compute;

namespace Ogong.Engine;

/// <summary>What segments of either kind must be to run together.</summary>
internal static class SegmentChain
{
    /// <summary>Checks that segments follow each other on one backend.</summary>
    /// <exception cref="ArgumentException">They do not, or there are none.</exception>
    public static void CheckAdjacent<T>(IReadOnlyList<T> segments, Func<T, (IBackend Backend, LayerRange Layers)> of)
    {
        if (segments.Count == 0) throw new ArgumentException("There are no segments.", nameof(segments));
        (IBackend backend, LayerRange before) = of(segments[0]);
        foreach ((IBackend other, LayerRange layers) in segments.Skip(1).Select(of))
        {
            if (!ReferenceEquals(other, backend)) throw new ArgumentException("Segments run together must be on one backend.", nameof(segments));
            if (layers.First != before.End) throw new ArgumentException($"Segment {layers} does not follow {before}.", nameof(segments));
            before = layers;
        }
    }

    /// <summary>Checks besides that they hold all of <paramref name="count"/> layers.</summary>
    /// <inheritdoc cref="CheckAdjacent"/>
    public static void CheckWhole<T>(IReadOnlyList<T> segments, Func<T, (IBackend Backend, LayerRange Layers)> of, Func<T, int> count)
    {
        CheckAdjacent(segments, of);
        var layers = new LayerRange(of(segments[0]).Layers.First, of(segments[^1]).Layers.End);
        if (layers != new LayerRange(0, count(segments[0]))) throw new ArgumentException($"The segments hold layers {layers}, the model has {count(segments[0])}.", nameof(segments));
    }
}
