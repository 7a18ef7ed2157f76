namespace Ogong.Ejection;

/// <summary>
/// Where a provider's failure rate lies, for dashboards: an interval that holds the rate at all times at once with the stated confidence, however often one looks. Robbins' mixture: the interval is
/// every p with <c>B(f + ½, n − f + ½) / B(½, ½) &lt; p^f·(1 − p)^(n − f) / δ</c>, f of n audits failed; at the true p the quotient of the two sides is a martingale that starts at 1, so Ville's
/// inequality bounds by δ the probability that p is ever left out. It presumes one rate for all audits; the test of <see cref="EjectionProcess"/> does not.
/// </summary>
public static class ConfidenceSequence
{
    /// <summary>The interval after some audits.</summary>
    /// <param name="audits">Audits n.</param>
    /// <param name="failures">Failures f.</param>
    /// <param name="delta">Most probability that the interval ever misses the rate.</param>
    public static (double Low, double High) Interval(long audits, long failures, double delta = 0.05)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(failures);
        ArgumentOutOfRangeException.ThrowIfLessThan(audits, failures);
        if (!(delta is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(delta), delta, "A probability in (0, 1).");
        if (audits == 0) return (0, 1);
        double bound = LogBeta(failures + 0.5, audits - failures + 0.5) - Math.Log(Math.PI) + Math.Log(delta); // B(½, ½) = π
        double peak = (double)failures / audits;
        return (failures == 0 ? 0 : Edge(0, peak), failures == audits ? 1 : Edge(1, peak));

        // The likelihood falls from its peak to either side: bisect for where it crosses the bound.
        double Edge(double outside, double inside)
        {
            for (int i = 0; i < 100; i++)
            {
                double middle = (outside + inside) / 2;
                if (LogLikelihood(middle) > bound) inside = middle;
                else outside = middle;
            }
            return outside;
        }

        double LogLikelihood(double p) => (failures == 0 ? 0 : failures * Math.Log(p)) + (failures == audits ? 0 : (audits - failures) * Math.Log(1 - p));
    }

    private static double LogBeta(double a, double b) => LogGamma(a) + LogGamma(b) - LogGamma(a + b);

    // Stirling's series from 8 up, where its fourth term is below 1e-9; the recurrence Γ(x + 1) = xΓ(x) below.
    private static double LogGamma(double x)
    {
        double shift = 0;
        for (; x < 8; x++) shift -= Math.Log(x);
        double square = x * x;
        return shift + (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) + (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / x;
    }
}
