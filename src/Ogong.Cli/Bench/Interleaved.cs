namespace Ogong.Cli.Bench;

/// <summary>
/// Times several loads in turns, so that whatever else the machine does meets all of them alike.
/// </summary>
internal static class Interleaved
{
    /// <summary>Runs each of <paramref name="loads"/> once uncounted, then all of them <paramref name="rounds"/> times in turn; returns the median of each one's results.</summary>
    public static double[] Medians(int rounds, params Func<double>[] loads)
    {
        foreach (Func<double> load in loads) load();
        double[][] results = [.. loads.Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
            for (int i = 0; i < loads.Length; i++)
                results[i][round] = loads[i]();
        return [.. results.Select(Median)];
    }

    /// <summary>Runs two loads in turn <paramref name="rounds"/> times after one uncounted turn each; returns the median of second over first, each ratio taken within its own turn.</summary>
    public static double MedianRatio(int rounds, Func<double> first, Func<double> second)
    {
        first();
        second();
        return Median([.. Enumerable.Range(0, rounds).Select(_ =>
        {
            double denominator = first();
            return second() / denominator;
        })]);
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
