namespace Ogong.Economics;

/// <summary>
/// When honesty is a best response. A cheat saves Δ of compute; with probability q it is caught and loses the fee p, the franchise Φ (what its good name would still have earned) and a bond B.
/// With cost c honest work earns <c>p − c</c> and a cheat <c>(1 − q)p − (c − Δ) − q(Φ + B)</c>, which is <c>Δ − q(p + Φ + B)</c> more: honesty is a best response exactly when
/// <c>q ≥ Δ / (p + Φ + B)</c>. All amounts in one unit, of one reply or one slice of it.
/// </summary>
public sealed record Deterrence
{
    /// <summary>States a case.</summary>
    /// <param name="fee">p, what honest work is paid; positive.</param>
    /// <param name="saving">Δ, compute the cheat saves; not negative.</param>
    /// <param name="franchise">Φ, worth of the future income that ejection ends; not negative.</param>
    /// <param name="bond">B, a stake that is forfeited; not negative.</param>
    public Deterrence(double fee, double saving, double franchise, double bond = 0)
    {
        if (!(fee > 0) || !double.IsFinite(fee)) throw new ArgumentOutOfRangeException(nameof(fee), fee, "A positive amount.");
        (Fee, Saving, Franchise, Bond) = (fee, Amount(saving, nameof(saving)), Amount(franchise, nameof(franchise)), Amount(bond, nameof(bond)));
    }

    /// <summary>p.</summary>
    public double Fee { get; }

    /// <summary>Δ.</summary>
    public double Saving { get; }

    /// <summary>Φ.</summary>
    public double Franchise { get; }

    /// <summary>B.</summary>
    public double Bond { get; }

    /// <summary>Δ/(p + Φ + B): the least detection probability at which honesty is a best response. Above 1 no detection deters.</summary>
    public double RequiredDetection => Saving / (Fee + Franchise + Bond);

    /// <summary>Whether honesty is a best response at a detection probability.</summary>
    public bool IsHonest(double detection) => Probability(detection) * (Fee + Franchise + Bond) >= Saving;

    /// <summary>What a cheat gains over honest work on average: Δ − q(p + Φ + B).</summary>
    public double CheatGain(double detection) => Saving - Probability(detection) * (Fee + Franchise + Bond);

    /// <summary>The least bond at which honesty is a best response, the franchise as it is: <c>max(0, Δ/q − p − Φ)</c>; infinite at q = 0 with Δ &gt; 0.</summary>
    public double RequiredBond(double detection) => Saving == 0 ? 0 : Math.Max(0, Saving / Probability(detection) - Fee - Franchise);

    /// <summary>The least franchise at which honesty is a best response, without a bond: <c>max(0, Δ/q − p)</c>.</summary>
    public double RequiredFranchise(double detection) => Saving == 0 ? 0 : Math.Max(0, Saving / Probability(detection) - Fee);

    /// <summary>Whether a bond changes nothing: fee and franchise deter by themselves. Under full coverage (q = 1) always so when the saving is at most the fee.</summary>
    public bool IsBondRedundant(double detection) => RequiredBond(detection) == 0;

    /// <summary>
    /// The case of one slice with a share s of the work: fee and saving shrink by s, what ejection costs does not. Its required detection <c>sΔ/(sp + Φ + B)</c> is at most that of the whole,
    /// because <c>s(p + Φ + B) ≤ sp + Φ + B</c>: sharding never weakens deterrence.
    /// </summary>
    /// <param name="share">s, in (0, 1].</param>
    public Deterrence Slice(double share)
    {
        if (!(share is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "A share in (0, 1].");
        return new Deterrence(Fee * share, Saving * share, Franchise, Bond);
    }

    /// <summary>
    /// Worth of an honest provider's future: income net of cost per epoch, each epoch worth a factor less than the one before, <c>net·δ/(1 − δ)</c>.
    /// </summary>
    /// <param name="netPerEpoch">Income less cost, per epoch.</param>
    /// <param name="discount">δ, in [0, 1).</param>
    public static double FranchiseOf(double netPerEpoch, double discount)
    {
        if (!(discount is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(discount), discount, "A factor in [0, 1).");
        return Amount(netPerEpoch, nameof(netPerEpoch)) * discount / (1 - discount);
    }

    /// <summary>Detection probability of one cheated reply: coverage × probability that an audit catches it × probability that the verifier computes.</summary>
    public static double Detection(double coverage, double catchRate = 1, double verifierHonesty = 1) =>
        Probability(coverage) * Probability(catchRate) * Probability(verifierHonesty);

    private static double Amount(double value, string name) => value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, "An amount, not negative.");

    private static double Probability(double value) => value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A probability.");
}
