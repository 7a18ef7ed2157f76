namespace Ogong.Ejection;

/// <summary>
/// The test of one provider: an e-process, that is a non-negative supermartingale that starts at 1 while the provider is honest.
/// <para>A bet on failure rate q multiplies its stake by q/ε at a failed audit and by (1 − q)/(1 − ε) at a passed one. If an audit fails with a probability p ≤ ε given the past, the expected
/// factor is <c>1 − (ε − p)(q/ε − (1 − q)/(1 − ε)) ≤ 1</c>. Before epoch t = 1, 2, … a part <c>1/(t(t + 1))</c> of the initial capital is staked, shared equally by the rates, so that a
/// provider that turns bad late is found as well; what is not yet staked after t epochs is <c>1/(t + 1)</c>. The sum E of it all is the statistic, and by Ville's inequality
/// P(E ever reaches 1/β) ≤ β. The provider is ejected at the first epoch whose end finds E ≥ 1/β.</para>
/// </summary>
/// <remarks>Only additions, products and quotients of binary64 in a fixed order: every validator gets the same bits. Rounding is below 2⁻⁵² per operation; the threshold has a margin of 10⁻⁹
/// for it. Not thread-safe.</remarks>
public sealed class EjectionProcess
{
    private const double RoundingMargin = 1 + 1e-9;
    private readonly double[] stakes, onFailure, onPass;
    private readonly double threshold;

    /// <summary>Starts at 1.</summary>
    public EjectionProcess(EjectionParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Parameters = parameters;
        double epsilon = parameters.HonestFailureBound;
        stakes = new double[parameters.Rates.Length];
        onFailure = [.. parameters.Rates.Select(q => q / epsilon)];
        onPass = [.. parameters.Rates.Select(q => (1 - q) / (1 - epsilon))];
        threshold = RoundingMargin / parameters.Beta;
    }

    /// <summary>What it is tuned to.</summary>
    public EjectionParameters Parameters { get; }

    /// <summary>Epochs with audits seen.</summary>
    public int Epochs { get; private set; }

    /// <summary>The e-value: evidence against honesty. Its inverse bounds, at any time, the probability that an honest provider ever has so much against it.</summary>
    public double Evidence => stakes.Sum() + 1.0 / (Epochs + 1.0);

    /// <summary>Whether the evidence ever reached 1/β. It stays so.</summary>
    public bool IsEjected { get; private set; }

    /// <summary>Adds an epoch's settled audits. Nothing changes once ejected.</summary>
    /// <param name="audits">Number of audits, at least 1.</param>
    /// <param name="failures">How many of them failed.</param>
    /// <returns><see cref="IsEjected"/>.</returns>
    public bool Add(int audits, int failures)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(audits);
        ArgumentOutOfRangeException.ThrowIfNegative(failures);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(failures, audits);
        if (IsEjected) return true;
        Epochs++;
        double stake = 1.0 / (Epochs * (Epochs + 1.0)) / stakes.Length;
        for (int j = 0; j < stakes.Length; j++) stakes[j] = Multiply(stakes[j] + stake, onFailure[j], failures, onPass[j], audits - failures);
        return IsEjected = Evidence >= threshold;
    }

    // Factors above and below 1 alternate as the value demands, so that it neither overflows on the way nor vanishes, whatever their numbers.
    private static double Multiply(double value, double up, int ups, double down, int downs)
    {
        while (ups + downs > 0)
        {
            bool goUp = ups > 0 && (value < 1 || downs == 0);
            value *= goUp ? up : down;
            if (goUp) ups--;
            else downs--;
        }
        return value;
    }
}
