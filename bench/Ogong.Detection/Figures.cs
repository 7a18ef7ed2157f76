using System.Runtime.InteropServices;
using Ogong.Commitments;
using Ogong.Records;

namespace Ogong.Detection;

/// <summary>A check's figure of a window; above the threshold it rejects.</summary>
/// <param name="Name">Name of the figure.</param>
/// <param name="BytesPerToken">What must be committed or opened for it.</param>
/// <param name="Threshold">The protocol's threshold, or the published one; null where there is none.</param>
/// <param name="Fits">Whether a threshold is fitted to honest runs.</param>
internal sealed record Check(string Name, double BytesPerToken, double? Threshold, bool Fits);

/// <summary>The figures of one window, in the order of <see cref="Checks"/>.</summary>
internal static class Figures
{
    /// <summary>Figure of states that cannot be compared because they have another width.</summary>
    public const double Incomparable = 1e9;

    /// <summary>The checks.</summary>
    public static IReadOnlyList<Check> Checks { get; } = MakeChecks();

    private static readonly Dictionary<string, int> Indices = Checks.Select((c, i) => (c.Name, i)).ToDictionary();

    /// <summary>Index of a check.</summary>
    public static int Of(string name) => Indices[name];

    /// <summary>Compares a window that a provider committed to with the verifier's own.</summary>
    public static double[] Compare(Sheet committed, Sheet recomputed)
    {
        var figures = new List<double>(Checks.Count);
        bool comparable = committed.Width == recomputed.Width;
        bool equal = MemoryMarshal.AsBytes(committed.States).SequenceEqual(MemoryMarshal.AsBytes(recomputed.States)) && committed.ListHash == recomputed.ListHash;
        figures.Add(equal ? 0 : 1);
        figures.Add(comparable ? HiddenDistance.Between(committed.States, recomputed.States, recomputed.Width).Window : Incomparable);
        for (int i = 0; i < recomputed.Sketches.Length; i++)
        {
            HiddenDistance distance = HiddenDistance.Between(committed.Sketches[i], recomputed.Sketches[i]);
            figures.AddRange([distance.Window, distance.WorstPosition]);
        }
        figures.Add(comparable ? HiddenDistance.Between(committed.Drawn, recomputed.Drawn, Verifier.Directions).Window : Incomparable);
        for (int i = 0; i < recomputed.Lists.Length; i++)
        {
            TopKDistance ks = TopKDistance.Between(committed.Lists[i], recomputed.Lists[i]);
            TotalVariation tv = TotalVariation.Between(committed.Lists[i], recomputed.Lists[i]);
            figures.AddRange([ks.Window, ks.WorstPosition, tv.Window, tv.Worst]);
        }
        ToplocErrors toploc = Toploc.Compare(committed.Proof, recomputed.Largest);
        figures.AddRange([Math.Min(toploc.Default, Incomparable), toploc.Score, toploc.ExponentMismatches, Math.Min(toploc.MantissaMean, Incomparable), Math.Min(toploc.MantissaMedian, Incomparable)]);
        figures.AddRange([.. OfMargins(committed.Margins), 0]);
        return [.. figures];
    }

    /// <summary>The figures of a window whose values are right, and whose tokens have these margins.</summary>
    public static double[] OfTokens(ReadOnlySpan<float> margins)
    {
        var figures = new double[Checks.Count];
        OfMargins(margins).CopyTo(figures, Of("tokens"));
        return figures;
    }

    /// <summary>The figures of a window of which one check sees something, and the others nothing.</summary>
    public static double[] Only(string check, double figure)
    {
        var figures = new double[Checks.Count];
        figures[Of(check)] = figure;
        return figures;
    }

    // The largest margin, the share of tokens off the rule, the mean margin.
    private static double[] OfMargins(ReadOnlySpan<float> margins)
    {
        (double largest, double sum, int off) = (0, 0, 0);
        foreach (float margin in margins)
        {
            largest = Math.Max(largest, margin);
            sum += margin;
            if (margin > 0) off++;
        }
        return [largest, off / (double)margins.Length, sum / margins.Length];
    }

    private static List<Check> MakeChecks()
    {
        ToleranceThresholds outer = ToleranceThresholds.Default;
        // The exact tier's leaf holds a hash of the states and one of the lists: 64 bytes for 32 tokens.
        List<Check> checks = [new("exact", 2, 0, Fits: false), new("states", double.NaN, null, Fits: true)];
        foreach ((int m, StorageFormat format) in Sheet.Stores)
        {
            checks.Add(new($"srp-{m}-{format}", m * format.Size(), null, Fits: true));
            checks.Add(new($"srp-{m}-{format}-worst", m * format.Size(), outer.HiddenL2, Fits: false));
        }
        checks.Add(new("beacon-64", double.NaN, outer.HiddenL2, Fits: true));
        foreach (int k in Sheet.ListLengths)
        {
            checks.AddRange([new($"ks-{k}", 8 * k, null, Fits: true), new($"ks-{k}-worst", 8 * k, outer.Ks, Fits: false)]);
            checks.AddRange([new($"tv-{k}", 8 * k, null, Fits: true), new($"tv-{k}-worst", 8 * k, outer.Ks, Fits: false)]);
        }
        double toploc = Toploc.Bytes / (double)CommitmentWindow.Length;
        checks.AddRange([new("toploc", toploc, 1, Fits: false), new("toploc-score", toploc, null, Fits: true)]);
        checks.AddRange([new("toploc-exponents", toploc, null, Fits: false), new("toploc-mantissa-mean", toploc, null, Fits: false), new("toploc-mantissa-median", toploc, null, Fits: false)]);
        checks.AddRange([new("tokens", 0, outer.GumbelMargin, Fits: true), new("tokens-off", 0, null, Fits: true), new("tokens-mean", 0, null, Fits: true), new("stop", 0, 0, Fits: false)]);
        return checks;
    }
}
