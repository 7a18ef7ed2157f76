using Ogong.Bytes;

namespace Ogong.Diffusion;

/// <summary>
/// What an audit of drawn transitions costs and catches. Pure functions of how many transitions there are, how many are wrong, and how many are drawn.
/// </summary>
/// <param name="Committed">The committed latents, and so the transitions.</param>
/// <param name="Drawn">Transitions drawn, k; the last one is replayed besides.</param>
public sealed record TrajectoryDetection(CommittedSteps Committed, int Drawn)
{
    /// <summary>
    /// Steps that an audit with openings replays, in the mean: every transition but the last with probability k/T, the last one always.
    /// </summary>
    public double ExpectedSteps
    {
        get
        {
            int transitions = Committed.Transitions, last = Committed.Steps - Committed[transitions - 1];
            return last + (Math.Min(Drawn, transitions) / (double)transitions * (Committed.Steps - last));
        }
    }

    /// <summary>The same as a share of what the trajectory cost: about (k + 1)/T.</summary>
    public double ExpectedCost => ExpectedSteps / Committed.Steps;

    /// <summary><c>1 − (1 − f)ᵏ</c>: the least probability of catching a cheat that gets a share f of the transitions wrong, whatever their number.</summary>
    public double Bound(double wrongShare)
    {
        if (!(wrongShare is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(wrongShare), wrongShare, "A share is in [0, 1].");
        return 1 - Math.Pow(1 - wrongShare, Drawn);
    }

    /// <summary>
    /// The probability itself, for draws without replacement: <c>1 − C(T − w, k)/C(T, k)</c> with w wrong transitions of T, none of them the last; with the last one wrong it is 1.
    /// </summary>
    public double Probability(int wrong)
    {
        int transitions = Committed.Transitions;
        ArgumentOutOfRangeException.ThrowIfNegative(wrong);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wrong, transitions);
        double missed = 1;
        for (int i = 0; i < Math.Min(Drawn, transitions); i++) missed *= Math.Max(0, transitions - wrong - i) / (double)(transitions - i);
        return 1 - missed;
    }

    /// <summary>The fewest drawn transitions that catch a share <paramref name="wrongShare"/> of wrong ones with probability <paramref name="target"/> or more, by <see cref="Bound"/>.</summary>
    /// <param name="wrongShare">In (0, 1].</param>
    /// <param name="target">In [0, 1).</param>
    public static int DrawsFor(double wrongShare, double target)
    {
        if (!(wrongShare is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(wrongShare), wrongShare, "A share is in (0, 1].");
        if (!(target is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(target), target, "A probability to reach is in [0, 1).");
        return wrongShare == 1 ? (target > 0 ? 1 : 0) : (int)Math.Ceiling(Math.Log(1 - target) / Math.Log(1 - wrongShare));
    }

    /// <summary>Draws as an audit does, from as many beacon values as there are trials, and counts those that hit a wrong transition.</summary>
    /// <param name="wrong">Indices of the wrong transitions.</param>
    /// <param name="trials">Audits to simulate.</param>
    /// <param name="confidence">Confidence of the interval, inside (0, 1).</param>
    /// <param name="recordHash">Hash of the record audited.</param>
    public DetectionMeasurement Measure(IReadOnlySet<int> wrong, int trials, double confidence, Digest recordHash)
    {
        ArgumentNullException.ThrowIfNull(wrong);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        int detected = 0;
        using var beacon = new TaggedHasher(simulationTag);
        for (int trial = 0; trial < trials; trial++)
        {
            beacon.Append((uint)trial);
            if (TrajectoryAuditor.Draw(Committed, beacon.Finish(), recordHash, Drawn).Any(wrong.Contains)) detected++;
        }
        return DetectionMeasurement.Of(detected, trials, confidence);
    }

    private static readonly HashTag simulationTag = new("ogong/detection-trial/1");
}
