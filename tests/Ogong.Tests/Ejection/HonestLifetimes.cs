using Ogong.Ejection;

namespace Ogong.Tests.Ejection;

/// <summary>
/// Lives of honest providers, one audit an epoch, with only the failures simulated. While audits pass, each stake moves along <c>I ← (I + w_t)·b</c>; with S_t the path from zero (a table),
/// the difference I − S only decays, by b per audit. The evidence falls while audits pass, so it can reach 1/β only at a failure.
/// </summary>
internal sealed class HonestLifetimes
{
    private readonly EjectionParameters parameters;
    private readonly int length;
    private readonly double[][] path, decay;

    public HonestLifetimes(EjectionParameters parameters, int length)
    {
        (this.parameters, this.length) = (parameters, length);
        path = [.. parameters.Rates.Select(_ => new double[length + 1])];
        decay = [.. parameters.Rates.Select(_ => new double[length + 1])];
        for (int j = 0; j < path.Length; j++)
        {
            double pass = (1 - parameters.Rates[j]) / (1 - parameters.HonestFailureBound);
            decay[j][0] = 1;
            for (int t = 1; t <= length; t++)
            {
                path[j][t] = (path[j][t - 1] + Stake(t)) * pass;
                decay[j][t] = decay[j][t - 1] * pass;
            }
        }
    }

    /// <summary>Whether a provider whose audits fail with the given probability is ejected within its life.</summary>
    public bool IsEjected(double failureRate, Random random)
    {
        double scale = 1 / Math.Log(1 - failureRate);
        Span<double> above = stackalloc double[path.Length]; // I − S
        above.Clear();
        for (int last = 0; ;)
        {
            double gap = Math.Floor(Math.Log(1 - random.NextDouble()) * scale); // Audits passed before the next failure.
            if (gap >= length - last) return false;
            int t = last + (int)gap + 1;
            double evidence = 1 / (t + 1.0);
            for (int j = 0; j < above.Length; j++)
            {
                double before = path[j][t - 1] + above[j] * decay[j][t - 1 - last];
                double stake = (before + Stake(t)) * (parameters.Rates[j] / parameters.HonestFailureBound);
                above[j] = stake - path[j][t];
                evidence += stake;
            }
            if (evidence >= 1 / parameters.Beta) return true;
            last = t;
        }
    }

    /// <summary>Share of lives in which the provider is ejected.</summary>
    public double EjectedShare(double failureRate, int lives, int seed)
    {
        var random = new Random(seed);
        int ejected = 0;
        for (int i = 0; i < lives; i++) ejected += IsEjected(failureRate, random) ? 1 : 0;
        return (double)ejected / lives;
    }

    private double Stake(int t) => 1.0 / (t * (t + 1.0)) / parameters.Rates.Length;
}
