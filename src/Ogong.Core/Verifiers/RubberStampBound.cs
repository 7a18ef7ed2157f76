namespace Ogong.Verifiers;

/// <summary>
/// How soon a verifier that accepts without computing is exposed. A task is a honeypot with probability h, independently of all it sees, and it stamps a share s of its tasks, chosen by whatever
/// rule: each task exposes it with probability h·s given the past, so <c>P(not exposed after n tasks) = (1 − h·s)^n ≤ e^(−n·h·s)</c>.
/// </summary>
public static class RubberStampBound
{
    /// <summary>Probability of not being exposed after some tasks.</summary>
    /// <param name="honeypotShare">h, in (0, 1].</param>
    /// <param name="stampShare">s, in [0, 1].</param>
    /// <param name="tasks">n.</param>
    public static double Survival(double honeypotShare, double stampShare, long tasks)
    {
        Check(honeypotShare, stampShare);
        ArgumentOutOfRangeException.ThrowIfNegative(tasks);
        return Math.Pow(1 - honeypotShare * stampShare, tasks);
    }

    /// <summary>Tasks after which a rubber stamp has been exposed with probability at least 1 − δ: ⌈ln δ / ln(1 − h·s)⌉.</summary>
    /// <param name="honeypotShare">h, in (0, 1].</param>
    /// <param name="stampShare">s, in (0, 1].</param>
    /// <param name="delta">δ, in (0, 1).</param>
    public static long TasksToExpose(double honeypotShare, double stampShare, double delta)
    {
        Check(honeypotShare, stampShare);
        if (!(stampShare > 0)) throw new ArgumentOutOfRangeException(nameof(stampShare), stampShare, "Who stamps nothing is never exposed.");
        if (!(delta is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(delta), delta, "A probability in (0, 1).");
        return honeypotShare * stampShare >= 1 ? 1 : (long)Math.Ceiling(Math.Log(delta) / Math.Log(1 - honeypotShare * stampShare));
    }

    /// <summary>Least share of honeypots at which stamping does not pay: <c>h·loss ≥ cost</c>, what one exposure costs against what computing a task costs.</summary>
    /// <param name="computeCost">Cost of computing a task.</param>
    /// <param name="exposureLoss">What an exposed verifier loses: its bond, or the worth of its future income.</param>
    public static double ShareThatDeters(double computeCost, double exposureLoss)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(computeCost);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exposureLoss);
        return Math.Min(1, computeCost / exposureLoss);
    }

    private static void Check(double honeypotShare, double stampShare)
    {
        if (!(honeypotShare is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(honeypotShare), honeypotShare, "A share in (0, 1].");
        if (!(stampShare is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(stampShare), stampShare, "A share in [0, 1].");
    }
}
