namespace Ogong.Commitments;

/// <summary>
/// Kolmogorov–Smirnov distance of committed from recomputed top-k distributions, over the positions of one window. At a position the support is the recomputed ids in their order, then the ids only the committed
/// list has, in theirs, then one residual point; an id outside a list has probability 0 in it, and its mass lies in that list's residual 1 − Σ exp(logprob) (not below 0). The distance is
/// <c>max |F_committed − F_recomputed|</c> of the cumulative sums along the support, in binary64. 0 is equal, 1 is disjoint.
/// </summary>
/// <param name="WorstPosition">Largest distance at one position.</param>
/// <param name="WorstRow">Row of the window where it is.</param>
/// <param name="Window">Mean over the window's positions.</param>
public readonly record struct TopKDistance(double WorstPosition, int WorstRow, double Window)
{
    /// <summary>Distance between the lists of the same positions.</summary>
    /// <exception cref="ArgumentException">The windows differ in rows.</exception>
    public static TopKDistance Between(TopKWindow committed, TopKWindow recomputed)
    {
        ArgumentNullException.ThrowIfNull(committed);
        ArgumentNullException.ThrowIfNull(recomputed);
        if (committed.Rows != recomputed.Rows) throw new ArgumentException("Only lists of the same positions compare.", nameof(recomputed));
        double worst = -1, sum = 0;
        int worstRow = 0;
        for (int r = 0; r < committed.Rows; r++)
        {
            double distance = At(committed.Ids(r), committed.Logprobs(r), recomputed.Ids(r), recomputed.Logprobs(r));
            sum += distance;
            if (distance <= worst) continue;
            (worst, worstRow) = (distance, r);
        }
        return new TopKDistance(worst, worstRow, sum / committed.Rows);
    }

    private static double At(ReadOnlySpan<int> committedIds, ReadOnlySpan<float> committed, ReadOnlySpan<int> recomputedIds, ReadOnlySpan<float> recomputed)
    {
        double difference = 0, distance = 0; // F_committed − F_recomputed so far, and its largest magnitude.
        for (int i = 0; i < recomputedIds.Length; i++)
        {
            int at = committedIds.IndexOf(recomputedIds[i]);
            difference += (at < 0 ? 0 : Probability(committed[at])) - Probability(recomputed[i]);
            distance = Math.Max(distance, Math.Abs(difference));
        }
        for (int i = 0; i < committedIds.Length; i++)
        {
            if (recomputedIds.Contains(committedIds[i])) continue;
            difference += Probability(committed[i]);
            distance = Math.Max(distance, Math.Abs(difference));
        }
        return Math.Min(distance, 1); // The residual point brings both sums to 1 and adds no distance.
    }

    private static double Probability(float logprob) => Math.Exp(Math.Min(logprob, 0f));
}
