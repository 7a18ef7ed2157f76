namespace Ogong.Devices;

/// <summary>
/// The terms on which an identity shows that it has a device of its own. All identities are challenged in the same beacon round with work that takes the time T at the claimed throughput; the answer
/// is due after <c>T·(1 + slack) + network</c>. Of n rounds at least k must be in time.
/// </summary>
public sealed record ThroughputPolicy
{
    /// <summary>States terms.</summary>
    /// <param name="work">T: time the work takes at the claimed throughput.</param>
    /// <param name="slackPercent">Slack over T, for jitter of the device.</param>
    /// <param name="network">Time for the task to come and the answer to go.</param>
    /// <param name="rounds">n.</param>
    /// <param name="needed">k, more than half of n.</param>
    public ThroughputPolicy(TimeSpan work, int slackPercent = 25, TimeSpan? network = null, int rounds = 8, int needed = 6)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(work, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(slackPercent);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rounds);
        if (needed <= rounds / 2 || needed > rounds) throw new ArgumentOutOfRangeException(nameof(needed), needed, "More than half of the rounds.");
        (Work, SlackPercent, Network, Rounds, Needed) = (work, slackPercent, network ?? TimeSpan.FromMilliseconds(250), rounds, needed);
    }

    /// <summary>T.</summary>
    public TimeSpan Work { get; }

    /// <summary>Slack over T.</summary>
    public int SlackPercent { get; }

    /// <summary>Time for the network.</summary>
    public TimeSpan Network { get; }

    /// <summary>n.</summary>
    public int Rounds { get; }

    /// <summary>k.</summary>
    public int Needed { get; }

    /// <summary>When an answer is due, from the publication of the round.</summary>
    public TimeSpan Deadline => Work + Work * SlackPercent / 100 + Network;

    /// <summary>Work units of a challenge for a claimed throughput: claim × T.</summary>
    public ulong Units(ulong unitsPerSecond) => (ulong)((UInt128)unitsPerSecond * (ulong)Work.Ticks / TimeSpan.TicksPerSecond);

    /// <summary>Overhead of an operator: deadline/T. A device does at most this many times its throughput's worth of challenges in a round.</summary>
    public double Overhead => Deadline / Work;

    /// <summary>
    /// Most identities of one claim that an operator of some real throughput can keep. In a round it finishes at most <c>throughput × deadline</c> units, so m identities are in time
    /// together in a share <c>a ≤ overhead · throughput / (m·claim)</c> of their answers, and each needs k of n: <c>m ≤ (n/k) · overhead · throughput / claim</c>, rounded down.
    /// With all operators bound alike, a share of throughput gives at most (n/k)·overhead times that share of identities.
    /// </summary>
    public long MaxIdentities(double throughput, double claim)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(throughput);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(claim);
        // Whole challenges fit in a round; over n rounds their number is n times that, and each identity needs k.
        double perRound = Math.Floor(throughput * Overhead / claim * (1 + 1e-12));
        return (long)Math.Floor(perRound * Rounds / Needed);
    }

    /// <summary>Probability that an honest identity fails: fewer than k of n in time, each late with a probability independent of the others.</summary>
    public double FalseReject(double late)
    {
        if (!(late is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(late), late, "A probability.");
        double sum = 0, choose = 1;
        for (int misses = 0; misses <= Rounds; misses++)
        {
            if (Rounds - misses < Needed) sum += choose * Math.Pow(late, misses) * Math.Pow(1 - late, Rounds - misses);
            choose = choose * (Rounds - misses) / (misses + 1);
        }
        return Math.Min(1, sum);
    }
}
