namespace Ogong.Diffusion;

/// <summary>How often a cheat was caught, with an interval that holds the true probability.</summary>
/// <param name="Detected">Audits that rejected.</param>
/// <param name="Trials">Audits made.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="Confidence">Probability that an interval made this way holds the true one, at least.</param>
public sealed record DetectionMeasurement(int Detected, int Trials, double Low, double High, double Confidence)
{
    /// <summary>Share of audits that rejected.</summary>
    public double Rate => Detected / (double)Trials;

    /// <summary>
    /// The interval of C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits", 1934: the probabilities under which neither as few nor as many successes have a chance below
    /// (1 − confidence)/2.
    /// </summary>
    public static DetectionMeasurement Of(int detected, int trials, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        ArgumentOutOfRangeException.ThrowIfNegative(detected);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(detected, trials);
        if (!(confidence is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "The confidence is inside (0, 1).");
        double tail = (1 - confidence) / 2;
        double low = detected == 0 ? 0 : Solve(p => 1 - AtMost(detected - 1, trials, p) >= tail);
        double high = detected == trials ? 1 : Solve(p => AtMost(detected, trials, p) <= tail);
        return new DetectionMeasurement(detected, trials, low, high, confidence);
    }

    // The least p in [0, 1] that satisfies a condition which stays satisfied above it.
    private static double Solve(Func<double, bool> holds)
    {
        (double low, double high) = (0, 1);
        for (int i = 0; i < 60; i++)
        {
            double middle = (low + high) / 2;
            if (holds(middle)) high = middle;
            else low = middle;
        }
        return high;
    }

    // P(Binomial(n, p) ≤ k), p inside (0, 1); terms by their logarithms, each from the one before.
    private static double AtMost(int k, int n, double p)
    {
        double odds = Math.Log(p) - Math.Log(1 - p), term = n * Math.Log(1 - p), sum = 0;
        for (int i = 0; i <= k; i++)
        {
            sum += Math.Exp(term);
            term += Math.Log((n - i) / (i + 1.0)) + odds;
        }
        return Math.Min(sum, 1);
    }
}
