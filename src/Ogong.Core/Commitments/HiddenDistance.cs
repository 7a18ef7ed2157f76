namespace Ogong.Commitments;

/// <summary>
/// How far committed hidden states are from recomputed ones, over the rows of one window. With s the committed and v the recomputed row (states or sketches under one bank):
/// at a position <c>‖s − v‖₂ / ‖v‖₂</c>, pooled over the window <c>sqrt(Σ‖s − v‖² / Σ‖v‖²)</c>, in binary64. A recomputed row of zeros counts as having norm 2⁻¹²⁶. Larger is farther; 0 is equal.
/// </summary>
/// <param name="WorstPosition">Largest distance at one position.</param>
/// <param name="WorstRow">Row of the window where it is.</param>
/// <param name="Window">Distance pooled over the window.</param>
public readonly record struct HiddenDistance(double WorstPosition, int WorstRow, double Window)
{
    private const double SmallestNorm = 1.1754943508222875e-38;

    /// <summary>Distance between sketches of the same rows under the same bank.</summary>
    /// <exception cref="ArgumentException">The windows differ in rows or bank.</exception>
    public static HiddenDistance Between(SketchWindow committed, SketchWindow recomputed)
    {
        ArgumentNullException.ThrowIfNull(committed);
        ArgumentNullException.ThrowIfNull(recomputed);
        if (committed.Rows != recomputed.Rows || committed.Parameters != recomputed.Parameters)
            throw new ArgumentException("Only sketches of the same rows under the same bank compare.", nameof(recomputed));
        int m = committed.Parameters.Directions;
        var s = new float[committed.Rows * m];
        var v = new float[committed.Rows * m];
        for (int r = 0; r < committed.Rows; r++)
        {
            committed.Row(r, s.AsSpan(r * m, m));
            recomputed.Row(r, v.AsSpan(r * m, m));
        }
        return Between(s, v, m);
    }

    /// <summary>Distance between rows of <paramref name="width"/> values.</summary>
    /// <exception cref="ArgumentException">The sizes differ or are not whole rows.</exception>
    public static HiddenDistance Between(ReadOnlySpan<float> committed, ReadOnlySpan<float> recomputed, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (committed.IsEmpty || committed.Length != recomputed.Length || committed.Length % width != 0)
            throw new ArgumentException("Both sides have the same whole rows.", nameof(recomputed));
        double worst = -1, sumDifference = 0, sumNorm = 0;
        int worstRow = 0;
        for (int r = 0; r < committed.Length / width; r++)
        {
            double difference = 0, norm = 0;
            for (int i = r * width; i < (r + 1) * width; i++)
            {
                double d = (double)committed[i] - recomputed[i];
                difference += d * d;
                norm += (double)recomputed[i] * recomputed[i];
            }
            sumDifference += difference;
            sumNorm += norm;
            double distance = Ratio(difference, norm);
            if (distance <= worst) continue;
            (worst, worstRow) = (distance, r);
        }
        return new HiddenDistance(worst, worstRow, Ratio(sumDifference, sumNorm));
    }

    internal static double Ratio(double difference, double norm) => Math.Sqrt(difference) / Math.Max(Math.Sqrt(norm), SmallestNorm);
}
