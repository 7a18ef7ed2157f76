using Ogong.Commitments;
using Ogong.Ejection;

namespace Ogong.Detection;

/// <summary>How many replies it takes until the sequential test of the audit economy ejects a provider, where one audit says little.</summary>
/// <param name="Honest">The drift that is honest here.</param>
/// <param name="Check">The check whose figure an audit sees.</param>
/// <param name="Unit">What an audit looks at.</param>
/// <param name="Provider">The provider audited.</param>
/// <param name="Watch">Figure above which an audit counts as failed, so that honest ones fail at most with <see cref="FailureBound"/>.</param>
/// <param name="Failed">Share of its audits that fail.</param>
/// <param name="Median">Replies until ejection, over lives that start at different replies: their median; null if fewer than half are ejected by the end of the corpus.</param>
/// <param name="Late">Their 95 % quantile; null likewise.</param>
/// <param name="Lives">Lives started.</param>
/// <param name="Ejected">Lives that end in ejection.</param>
internal sealed record Evidence(string Honest, string Check, Unit Unit, string Provider, double Watch, double Failed, int? Median, int? Late, int Lives, int Ejected)
{
    /// <summary>Most probability with which an audit of the honest fails: far above that of a verdict, because no single audit decides.</summary>
    public const double FailureBound = 0.05;

    /// <summary>Most probability with which an honest provider is ever ejected.</summary>
    public const double Beta = 0.001;

    private const int MostLives = 100;

    /// <summary>The name of a check's figure in tables.</summary>
    public static string Name(string check) => check switch
    {
        "srp-4-F16" => "SRP 4",
        "srp-32-F16" => "SRP 32",
        "beacon-64" => "drawn bank, 64",
        "ks-8" => "KS 8",
        "tv-128" => "TV 128",
        "toploc-score" => "TOPLOC",
        "tokens-mean" => "mean margin",
        _ => check,
    };

    /// <summary>Of the cheats and the honest provider itself, under each drift.</summary>
    public static IEnumerable<Evidence> All(Evaluation evaluation) =>
        from honest in (string[])[Variants.Fast, Variants.BFloat16]
        from v in evaluation.Model.Variants
        where v.Variant.Name == honest || v.Variant is { Kind: VariantKind.Values, Against: Against.ExactReading }
        from c in ((string Check, Unit Unit)[])[("srp-32-F16", Unit.OneOfReply), ("srp-32-F16", Unit.Reply), ("srp-4-F16", Unit.Reply), ("ks-8", Unit.Reply), ("toploc-score", Unit.Reply)]
        let e = Of(evaluation, honest, c.Check, c.Unit, v)
        where e is not null
        select e;

    /// <summary>Feeds a provider's audits to the test; honest ones with the odd sequences, because the watch level is fitted to the even ones. Null where these are too few.</summary>
    public static Evidence? Of(Evaluation evaluation, string honest, string check, Unit unit, VariantFigures provider)
    {
        int c = Figures.Of(check);
        if (ThresholdCalibration.Fit(Evaluation.Halves(evaluation.Model.Of(honest), c, unit).Even, FailureBound, Evaluation.Confidence) is not { } watch) return null;
        (double[] even, double[] odd) = Evaluation.Halves(provider, c, unit);
        double[] audits = provider.Variant.Kind == VariantKind.Honest ? odd : [.. even.Zip(odd).SelectMany(static p => (double[])[p.First, p.Second])];
        bool[] failed = [.. audits.Select(figure => figure > watch.Threshold)];
        // A life starts in the first half of the corpus, so that it has at least the other half to end in.
        int lives = Math.Clamp(audits.Length / 2, 1, MostLives);
        int?[] lengths = [.. Enumerable.Range(0, lives).Select(l => LifeOf(failed.AsSpan(l * (audits.Length / 2) / lives))).Order(Comparer<int?>.Create(static (a, b) => (a ?? int.MaxValue).CompareTo(b ?? int.MaxValue)))];
        return new Evidence(
            honest, check, unit, provider.Variant.Name, watch.Threshold, failed.Count(static f => f) / (double)failed.Length,
            lengths[lives / 2], lengths[Math.Min(lives - 1, lives * 95 / 100)], lives, lengths.Count(static l => l is not null));
    }

    private static int? LifeOf(ReadOnlySpan<bool> failed)
    {
        var process = new EjectionProcess(new EjectionParameters(Beta, FailureBound, detectableRate: 2 * FailureBound));
        for (int i = 0; i < failed.Length; i++)
            if (process.Add(1, failed[i] ? 1 : 0)) return i + 1;
        return null;
    }
}
