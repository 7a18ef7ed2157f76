using Ogong.Cli.Plots;
using Ogong.Economics;

namespace Ogong.Cli.Economy;

/// <summary>The plots of docs/audit-economy.md, in units of the fee.</summary>
internal static class EconomicsPlots
{
    /// <summary>Required detection over the franchise, for several savings; honesty is a best response above a line.</summary>
    public static string HonestyRegion()
    {
        var plot = new LinePlot("Honesty is a best response above the line", "franchise / fee (Φ/p)", "detection probability q") { MaxY = 1, ShadedAbove = 0 };
        foreach (double saving in new[] { 0.9, 0.5, 0.2 })
            plot.Add(FormattableString.Invariant($"saving Δ = {saving}·p"), Range(0, 20).Select(franchise => (franchise, new Deterrence(1, saving, franchise).RequiredDetection)));
        return plot.ToSvg();
    }

    /// <summary>Required detection of a slice over its share of the work.</summary>
    public static string Sharding()
    {
        var plot = new LinePlot("A smaller slice needs less detection", "share of the work in one slice", "required detection q") { MaxY = 1.25 }; // Room for the legend.
        foreach (double franchise in new[] { 0.0, 0.5, 2, 10 })
            plot.Add(FormattableString.Invariant($"franchise Φ = {franchise}·p"), Range(0.01, 1).Select(share => (share, new Deterrence(1, 0.9, franchise).Slice(share).RequiredDetection)));
        return plot.ToSvg();
    }

    /// <summary>The least bond over the detection probability.</summary>
    public static string Bond()
    {
        var plot = new LinePlot("Where a bond is redundant: the line at zero", "detection probability q", "least bond / fee") { MaxY = 10 };
        foreach (double franchise in new[] { 0.0, 2, 10 })
            plot.Add(FormattableString.Invariant($"franchise Φ = {franchise}·p, Δ = 0.9·p"), Range(0.02, 1).Select(q => (q, new Deterrence(1, 0.9, franchise).RequiredBond(q))));
        return plot.ToSvg();
    }

    private static IEnumerable<double> Range(double from, double to) => Enumerable.Range(0, 101).Select(i => from + (to - from) * i / 100);
}
