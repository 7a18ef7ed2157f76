using System.Collections.Immutable;

namespace Ogong.Ejection;

/// <summary>What the sequential test of a provider is tuned to.</summary>
public sealed record EjectionParameters
{
    /// <summary>States parameters.</summary>
    /// <param name="beta">Most probability with which an honest provider is ever ejected, over its whole life.</param>
    /// <param name="honestFailureBound">Most probability ε with which an audit of honest work fails, whatever happened before.</param>
    /// <param name="detectableRate">Least failure rate per audit the test is tuned for; lower rates above ε are found too, but slower.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 &lt; ε &lt; detectable rate ≤ 1/2, or β outside (0, 1).</exception>
    public EjectionParameters(double beta = 0.001, double honestFailureBound = 1e-4, double detectableRate = 0.01)
    {
        if (!(beta is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(beta), beta, "A probability in (0, 1).");
        if (!(honestFailureBound is > 0 and < 0.5)) throw new ArgumentOutOfRangeException(nameof(honestFailureBound), honestFailureBound, "A probability in (0, 1/2).");
        if (!(detectableRate > honestFailureBound && detectableRate <= 0.5))
            throw new ArgumentOutOfRangeException(nameof(detectableRate), detectableRate, "Above the honest bound and at most 1/2.");
        (Beta, HonestFailureBound, DetectableRate) = (beta, honestFailureBound, detectableRate);
        var rates = ImmutableArray.CreateBuilder<double>();
        for (double rate = detectableRate; rate < 0.5; rate *= 2) rates.Add(rate);
        rates.Add(0.5);
        Rates = rates.ToImmutable();
    }

    /// <summary>Most probability with which an honest provider is ever ejected.</summary>
    public double Beta { get; }

    /// <summary>Most probability ε with which an audit of honest work fails.</summary>
    public double HonestFailureBound { get; }

    /// <summary>Least failure rate the test is tuned for.</summary>
    public double DetectableRate { get; }

    /// <summary>The failure rates betted on: the detectable rate, doubled up to 1/2.</summary>
    public ImmutableArray<double> Rates { get; }

    /// <summary>
    /// Audits after which a provider that starts to fail audits at a rate is ejected, to first order: <c>(ln(1/β) + ln G + ln(t(t + 1))) / KL</c>, G the number of rates, t the first
    /// epoch it fails in, and KL the largest growth per audit among the rates, <c>p·ln(q/ε) + (1 − p)·ln((1 − q)/(1 − ε))</c>.
    /// </summary>
    /// <param name="failureRate">Probability p that an audit fails from then on.</param>
    /// <param name="firstEpoch">t, from 1.</param>
    /// <returns>Infinity for a rate on which no bet grows.</returns>
    public double ExpectedAudits(double failureRate, int firstEpoch = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(firstEpoch, 1);
        double epsilon = HonestFailureBound;
        double growth = Rates.Max(q => failureRate * Math.Log(q / epsilon) + (1 - failureRate) * Math.Log((1 - q) / (1 - epsilon)));
        double needed = Math.Log(1 / Beta) + Math.Log(Rates.Length) + Math.Log(firstEpoch) + Math.Log(firstEpoch + 1.0);
        return growth > 0 ? needed / growth : double.PositiveInfinity;
    }
}
