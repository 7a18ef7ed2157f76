using Ogong.Commitments;
using Ogong.Diffusion;
using static Ogong.Detection.Markdown;

namespace Ogong.Detection;

/// <summary>A table of shares that are rejected: a column per check.</summary>
/// <param name="title">What stands above it.</param>
/// <param name="columns">Heads of columns, and the checks.</param>
internal sealed class Tables(string title, (string Title, string Check)[] columns)
{
    private static readonly Tables Defaults = new("Share rejected at the default thresholds, %", [("exact hash", "exact"), ("SRP 32, 0.10", "srp-32-F16-worst"), ("KS 8, 0.20", "ks-8-worst"), ("TV 8, 0.20", "tv-8-worst"), ("TOPLOC", "toploc"), ("tokens, 0.5", "tokens"), ("stop", "stop")]);

    private static readonly Tables Sketches = new("Share rejected, %: sketches", [("SRP 4", "srp-4-F16"), ("8", "srp-8-F16"), ("16", "srp-16-F16"), ("32", "srp-32-F16"), ("64", "srp-64-F16"), ("128", "srp-128-F16"), ("drawn bank, 64", "beacon-64"), ("whole states", "states")]);

    private static readonly Tables Storage = new("Share rejected, %: how sketches are stored", [("SRP 4, binary32", "srp-4-F32"), ("binary16", "srp-4-F16"), ("bfloat16", "srp-4-BF16"), ("SRP 32, binary32", "srp-32-F32"), ("binary16", "srp-32-F16"), ("bfloat16", "srp-32-BF16")]);

    private static readonly Tables Lists = new("Share rejected, %: lists", [("KS 4", "ks-4"), ("8", "ks-8"), ("16", "ks-16"), ("32", "ks-32"), ("128", "ks-128"), ("TV 4", "tv-4"), ("8", "tv-8"), ("16", "tv-16"), ("32", "tv-32"), ("128", "tv-128")]);

    private static readonly Tables Short = new("Share rejected, %", [("SRP 4", "srp-4-F16"), ("SRP 32", "srp-32-F16"), ("drawn bank, 64", "beacon-64"), ("KS 8", "ks-8"), ("TV 128", "tv-128"), ("TOPLOC, one score", "toploc-score")]);

    /// <summary>What the first page shows.</summary>
    public static string FirstPage(Evaluation shipped, IReadOnlyList<Evidence> evidence, IReadOnlyList<FittedDistance> fitted, IReadOnlyList<Cost> costs)
    {
        var text = new Markdown();
        text.Heading($"## Share of windows rejected, {shipped.Model.Name}");
        Defaults.Write(text, shipped, null, Markdown.Short);
        WithoutFalseRejects(text, shipped);
        OtherTables.Evidence(text, evidence);
        OtherTables.Calibrated(text, shipped);
        OtherTables.Fitted(text, fitted);
        OtherTables.Costs(text, costs);
        return text.ToString();
    }

    /// <summary>What the second page shows of a model.</summary>
    public static string SecondPage(Evaluation e)
    {
        var text = new Markdown();
        text.Heading($"## {e.Model.Name}");
        foreach ((string device, string reason) in e.Model.Skipped) text.Heading($"Not run on {device} where this page was written: {reason}.");
        OtherTables.Distances(text, e);
        Defaults.Write(text, e, null, Interval);
        foreach (string honest in (string[])[Variants.Fast, Variants.BFloat16])
            foreach (Tables table in (Tables[])[Sketches, Storage, Lists, Short]) table.Write(text, e, honest, Interval);
        Short.Write(text, e, Variants.Fast, Interval, Unit.Reply);
        OtherTables.Pairs(text, e);
        return text.ToString();
    }

    // Thresholds at the largest figure of any honest window: none of them is rejected, and with 95 % confidence at most a share 1 − 0.05^(1/n) would be.
    private static void WithoutFalseRejects(Markdown text, Evaluation e)
    {
        (string Honest, string Title, string Check)[] columns =
        [
            .. from honest in (string[])[Variants.Fast, Variants.BFloat16]
               from c in ((string, string)[])[("SRP 4, 8 bytes", "srp-4-F16"), ("TOPLOC, 8 bytes", "toploc-score"), ("SRP 32, 64 bytes", "srp-32-F16"), ("KS 8, 64 bytes", "ks-8")]
               select (honest, c.Item1, c.Item2),
        ];
        double[] thresholds = [.. columns.Select(c => e.Model.Of(c.Honest).Of(Figures.Of(c.Check)).Max())];
        int windows = e.Model.Of(Variants.BFloat16).Windows.Length;
        text.Heading($"**Share rejected at zero observed false rejects, %**; thresholds are the largest figure of {windows} honest windows (at most {Percent(1 - Math.Pow(0.05, 1.0 / windows))} % false rejects with 95 % confidence); four columns for *{Variants.Fast}*, four for *{Variants.BFloat16}*");
        text.Table(
            ["provider", .. columns.Select(c => c.Title)],
            e.Model.Variants.Where(v => v.Variant is { Kind: VariantKind.Values, Against: Against.ExactReading })
                .Select(v => (IEnumerable<string>)[v.Variant.Name, .. columns.Select((c, i) => Markdown.Short(Evaluation.Above(v.Of(Figures.Of(c.Check)), thresholds[i])))])
                .Prepend(["*threshold*", .. thresholds.Select(Number)]));
    }

    private void Write(Markdown text, Evaluation e, string? fittedTo, Func<DetectionMeasurement, string> cell, Unit unit = Unit.Window)
    {
        ThresholdCalibration?[] fits = [.. columns.Select(c => fittedTo is null ? null : e.Fit(fittedTo, Figures.Of(c.Check), unit))];
        if (fittedTo is not null && fits.Any(f => f is null)) return; // Too few windows for any bound.
        string bound = fits[0] is { } first ? $"; thresholds fitted to *{fittedTo}*, at most {Number(100 * first.FalseRejectBound)} % false rejects with 95 % confidence, from {first.Samples} {(unit == Unit.Reply ? "replies (means of seven windows)" : "windows")}" : "";
        text.Heading($"**{title}**{bound}");
        IEnumerable<VariantFigures> shown = e.Model.Variants.Where(v => fittedTo is null || v.Variant is { Kind: not VariantKind.Tokens, Against: Against.ExactReading });
        IEnumerable<IEnumerable<string>> rows = shown.Select(v => (IEnumerable<string>)[Title(v.Variant), $"{v.Windows.Length}", .. columns.Select((c, i) => cell(fits[i] is { } fit ? e.AboveFitted(v, Figures.Of(c.Check), fit.Threshold, unit) : e.AtDefault(v, Figures.Of(c.Check))))]);
        if (fittedTo is not null) rows = rows.Prepend(["*threshold*", "", .. fits.Select(f => Number(f!.Threshold))]);
        text.Table(["provider", "windows", .. columns.Select(c => c.Title)], rows);
    }
}
