namespace Ogong.Engine;

/// <summary>A contiguous range of layers [<paramref name="First"/>, <paramref name="End"/>).</summary>
/// <param name="First">First layer, from 0.</param>
/// <param name="End">One past the last layer.</param>
public readonly record struct LayerRange(int First, int End)
{
    /// <summary>Layers in the range.</summary>
    public int Count => End - First;

    /// <summary>Cuts [0, <paramref name="layers"/>) into <paramref name="segments"/> ranges whose sizes differ by at most one, the larger ones first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not at least one segment and one layer per segment.</exception>
    public static LayerRange[] Split(int layers, int segments)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segments);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(segments, layers);
        var ranges = new LayerRange[segments];
        int first = 0;
        for (int i = 0; i < segments; i++)
        {
            int count = (layers / segments) + (i < layers % segments ? 1 : 0);
            ranges[i] = new LayerRange(first, first + count);
            first += count;
        }
        return ranges;
    }

    /// <inheritdoc/>
    public override string ToString() => $"[{First}, {End})";
}
