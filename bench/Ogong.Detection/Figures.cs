using System.Runtime.InteropServices;
using Ogong.Commitments;

namespace Ogong.Detection;

/// <summary>A check's figure of a window; above the threshold it rejects.</summary>
/// <param name="Name">Name of the figure.</param>
/// <param name="BytesPerToken">What must be committed or opened for it.</param>
/// <param name="Threshold">The protocol's threshold, or the published one; null where there is none.</param>
/// <param name="Fits">Whether a threshold is fitted to honest runs.</param>
internal sealed record Check(string Name, double BytesPerToken, double? Threshold, bool Fits);

/// <summary>All figures of one window, in the order of <see cref="Checks"/>.</summary>
internal sealed class Figures(ulong challenge)
{
    /// <summary>Figure of states that cannot be compared because they have another width.</summary>
    public const double Incomparable = 1e9;

    private static readonly int[] Directions = [4, 8, 16, 32, 64, 128];
    private static readonly int[] ListLengths = [4, 8, 16, 32, 64, 128];
    private static readonly StorageFormat[] Formats = [StorageFormat.F16, StorageFormat.BF16];

    /// <summary>The checks.</summary>
    public static IReadOnlyList<Check> Checks { get; } = MakeChecks();

    /// <summary>Index of a check.</summary>
    public static int Of(string name) => Checks.Select((c, i) => (c, i)).First(c => c.c.Name == name).i;

    /// <summary>Compares a window that a provider committed to with the verifier's own.</summary>
    public double[] Compare(Trace committed, Trace recomputed, int window, Verifier verifier)
    {
        var figures = new List<double>(Checks.Count);
        ReadOnlySpan<float> s = committed.HiddenOf(window), v = recomputed.HiddenOf(window);
        TopKWindow top = committed.TopKOf(window, 8), ownTop = recomputed.TopKOf(window, 8);
        bool equal = MemoryMarshal.AsBytes(s).SequenceEqual(MemoryMarshal.AsBytes(v)) && top.Hash(0) == ownTop.Hash(0);
        figures.Add(equal ? 0 : 1);
        figures.Add(s.Length == v.Length ? HiddenDistance.Between(s, v, recomputed.Width).Window : Incomparable);
        foreach (StorageFormat format in Formats)
        {
            foreach (int m in Directions)
            {
                HiddenDistance distance = HiddenDistance.Between(Stored(committed.SketchOf(window), m, format), Stored(recomputed.SketchOf(window), m, format));
                figures.Add(distance.Window);
                figures.Add(distance.WorstPosition);
            }
        }
        figures.Add(verifier.Challenge(s, committed.Width, v, recomputed.Width, challenge));
        foreach (int k in ListLengths)
        {
            (TopKWindow c, TopKWindow r) = k == 8 ? (top, ownTop) : (committed.TopKOf(window, k), recomputed.TopKOf(window, k));
            TopKDistance ks = TopKDistance.Between(c, r);
            TotalVariation tv = TotalVariation.Between(c, r);
            figures.AddRange([ks.Window, ks.WorstPosition, tv.Window, tv.Worst]);
        }
        ToplocErrors toploc = Toploc.Compare(Toploc.Prove(s), Toploc.Largest(v));
        figures.AddRange([Math.Min(toploc.Default, Incomparable), toploc.Score, toploc.ExponentMismatches, Math.Min(toploc.MantissaMean, Incomparable)]);
        figures.Add(Margin(committed, window));
        return [.. figures];
    }

    /// <summary>The figures of a window whose values are right: 0 but for the largest margin of its tokens.</summary>
    public static double[] OfTokens(Trace trace, int window)
    {
        var figures = new double[Checks.Count];
        figures[^1] = Margin(trace, window);
        return figures;
    }

    private static double Margin(Trace trace, int window) => trace.Margins.AsSpan(window * CommitmentWindow.Length, CommitmentWindow.Length).ToArray().Max();

    /// <summary>The first m directions of a window's sketches, in a storage format.</summary>
    internal static SketchWindow Stored(ReadOnlySpan<float> sketches, int m, StorageFormat format)
    {
        int all = Trace.Bank.Directions;
        var values = new float[CommitmentWindow.Length * m];
        for (int r = 0; r < CommitmentWindow.Length; r++) sketches.Slice(r * all, m).CopyTo(values.AsSpan(r * m));
        return SketchWindow.Create(values, new SketchParameters(0, m, format));
    }

    private static List<Check> MakeChecks()
    {
        // The exact tier's leaf holds a hash of the states and one of the lists: 64 bytes for 32 tokens.
        List<Check> checks = [new("exact", 2, 0, Fits: false), new("states", double.NaN, null, Fits: true)];
        foreach (StorageFormat format in Formats)
        {
            foreach (int m in Directions)
            {
                checks.Add(new($"srp-{m}-{format}", m * format.Size(), null, Fits: true));
                checks.Add(new($"srp-{m}-{format}-worst", m * format.Size(), 0.10, Fits: false));
            }
        }
        checks.Add(new("beacon-64", double.NaN, 0.10, Fits: true));
        foreach (int k in ListLengths)
        {
            checks.AddRange([new($"ks-{k}", 8 * k, null, Fits: true), new($"ks-{k}-worst", 8 * k, 0.10, Fits: false)]);
            checks.AddRange([new($"tv-{k}", 8 * k, null, Fits: true), new($"tv-{k}-worst", 8 * k, 0.10, Fits: false)]);
        }
        double toploc = Toploc.Bytes / (double)CommitmentWindow.Length;
        checks.AddRange([new("toploc", toploc, 1, Fits: false), new("toploc-score", toploc, null, Fits: true)]);
        checks.AddRange([new("toploc-exponents", toploc, null, Fits: false), new("toploc-mantissa-mean", toploc, null, Fits: false)]);
        checks.Add(new("tokens", 0, 0.5, Fits: false));
        return checks;
    }
}
