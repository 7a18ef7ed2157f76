namespace Ogong.Commitments;

/// <summary>
/// A threshold fitted from the figures of honest runs, with a stated bound on false rejects. Distribution-free: the threshold is an order statistic, chosen so that with the stated confidence at most the stated share of
/// honest figures from the same source exceeds it (S. S. Wilks, "Determination of sample sizes for setting tolerance limits", 1941).
/// </summary>
/// <param name="Threshold">A figure above this rejects.</param>
/// <param name="FalseRejectBound">Largest share of honest figures above the threshold, ε.</param>
/// <param name="Confidence">Probability, over the honest runs, that the bound holds, as reached (not below what was asked for).</param>
/// <param name="Samples">Honest runs fitted.</param>
/// <param name="Rank">Rank of the figure taken, 1 the smallest.</param>
public sealed record ThresholdCalibration(double Threshold, double FalseRejectBound, double Confidence, int Samples, int Rank)
{
    /// <summary>
    /// Fits from one figure per honest audit. The r-th smallest of n figures has at most a share ε above it with probability at least <c>P(Binomial(n, 1 − ε) ≤ r − 1)</c>; the smallest r reaching the confidence is taken.
    /// </summary>
    /// <returns>Null when there are too few runs: even the largest figure needs <c>1 − (1 − ε)ⁿ ≥ confidence</c>.</returns>
    /// <exception cref="ArgumentException">A figure is not finite, or a probability is not inside (0, 1).</exception>
    public static ThresholdCalibration? Fit(IReadOnlyCollection<double> honestFigures, double falseRejectBound, double confidence)
    {
        ArgumentNullException.ThrowIfNull(honestFigures);
        if (!(falseRejectBound is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(falseRejectBound), falseRejectBound, "The bound is inside (0, 1).");
        if (!(confidence is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "The confidence is inside (0, 1).");
        if (honestFigures.Any(f => !double.IsFinite(f))) throw new ArgumentException("A figure is not finite.", nameof(honestFigures));
        double[] sorted = [.. honestFigures.Order()];
        int n = sorted.Length;
        // With E ~ Binomial(n, ε) the number of figures above the true (1 − ε)-quantile, P(Binomial(n, 1 − ε) ≤ r − 1) = P(E ≥ n − r + 1) = 1 − P(E ≤ n − r).
        int? rank = null;
        double reached = 0, atMost = 0;
        for (int exceeding = 0; exceeding < n; exceeding++)
        {
            atMost += BinomialTerm(n, exceeding, falseRejectBound);
            if (1 - atMost < confidence) break;
            (rank, reached) = (n - exceeding, 1 - atMost);
        }
        return rank is { } r ? new ThresholdCalibration(sorted[r - 1], falseRejectBound, reached, n, r) : null;
    }

    /// <summary>C(n, k)·pᵏ·(1 − p)ⁿ⁻ᵏ through logarithms, so that large n does not underflow on the way.</summary>
    private static double BinomialTerm(int n, int k, double p)
    {
        double log = (k * Math.Log(p)) + ((n - k) * Math.Log(1 - p));
        for (int i = 1; i <= k; i++) log += Math.Log((n - k + i) / (double)i);
        return Math.Exp(log);
    }
}
