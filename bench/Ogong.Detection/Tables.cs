using System.Globalization;
using System.Text;
using Ogong.Commitments;
using Ogong.Diffusion;

namespace Ogong.Detection;

/// <summary>The measured tables of docs/detection.md.</summary>
internal static class Tables
{
    private static readonly (string Title, string Check)[] Defaults =
        [("exact hash", "exact"), ("SRP 32, 0.10", "srp-32-F16-worst"), ("KS 8, 0.10", "ks-8-worst"), ("TV 8, 0.10", "tv-8-worst"), ("TOPLOC", "toploc"), ("tokens, 0.5", "tokens")];

    private static readonly (string Title, string Check)[] Sketches =
        [("SRP 4", "srp-4-F16"), ("8", "srp-8-F16"), ("16", "srp-16-F16"), ("32", "srp-32-F16"), ("32, bfloat16", "srp-32-BF16"), ("64", "srp-64-F16"), ("128", "srp-128-F16"), ("drawn bank, 64", "beacon-64")];

    private static readonly (string Title, string Check)[] Lists =
        [("KS 4", "ks-4"), ("KS 8", "ks-8"), ("KS 32", "ks-32"), ("KS 128", "ks-128"), ("TV 8", "tv-8"), ("TV 128", "tv-128"), ("TOPLOC, one score", "toploc-score"), ("SRP 4 (as many bytes)", "srp-4-F16")];

    private static readonly (string Title, string Check)[] Short =
        [("SRP 4", "srp-4-F16"), ("SRP 32", "srp-32-F16"), ("drawn bank, 64", "beacon-64"), ("KS 8", "ks-8"), ("TV 128", "tv-128"), ("TOPLOC, one score", "toploc-score")];

    public static string All(Evaluation shipped, Evaluation? wide, IReadOnlyList<Cost> costs)
    {
        var text = new StringBuilder();
        Section(text, shipped, full: true);
        if (wide is not null) Section(text, wide, full: false);
        Costs(text, costs);
        return text.ToString();
    }

    private static void Section(StringBuilder text, Evaluation e, bool full)
    {
        Line(text, $"## {e.Model.Name}: {e.Model.Windows} windows");
        Line(text, $"\nWindows whose commitment while decoding differs from an auditor's pass, exact tier: **{e.Model.DecodeMismatches}** of {e.Model.Windows} (95 % bound {Upper(e.Model)} %).");
        Distances(text, e);
        Rates(text, e, "Share rejected at the default thresholds, %", Defaults, null, replies: false, tokens: true);
        if (full)
        {
            Rates(text, e, "Share rejected, %: sketches", Sketches, Variants.Fast, replies: false, tokens: false);
            Rates(text, e, "Share rejected, %: lists, and the peer", Lists, Variants.Fast, replies: false, tokens: false);
        }
        else
        {
            Rates(text, e, "Share rejected, %", Short, Variants.Fast, replies: false, tokens: false);
        }
        Rates(text, e, "Share rejected, %: a wider honest drift", Short, Variants.BFloat16, replies: false, tokens: false);
        if (full) Rates(text, e, "Share of replies rejected, %: the mean of seven windows", Short, Variants.Fast, replies: true, tokens: false);
    }

    private static void Distances(StringBuilder text, Evaluation e)
    {
        Line(text, $"\n**How far the values are** (medians over windows; states also 5 % and 95 % quantiles)\n");
        Line(text, $"| provider | states, relative L2 | SRP 32 | KS 8 | TV 8 | TOPLOC exponents of 128 | TOPLOC mantissa mean |\n|---|---|---|---|---|---|---|");
        foreach (VariantFigures v in e.Model.Variants.Where(v => v.Variant.Kind != VariantKind.Tokens))
        {
            double[] states = v.Of(Figures.Of("states"));
            string distance = states[0] >= Figures.Incomparable ? "other width" : $"{Number(Evaluation.Quantile(states, 0.5))} ({Number(Evaluation.Quantile(states, 0.05))} – {Number(Evaluation.Quantile(states, 0.95))})";
            string rest = string.Join(" | ", new[] { "srp-32-F16", "ks-8", "tv-8", "toploc-exponents", "toploc-mantissa-mean" }.Select(c => Number(Evaluation.Quantile(v.Of(Figures.Of(c)), 0.5))));
            Line(text, $"| {Title(v.Variant)} | {distance} | {rest} |");
        }
    }

    private static void Rates(StringBuilder text, Evaluation e, string title, (string Title, string Check)[] columns, string? fittedTo, bool replies, bool tokens)
    {
        ThresholdCalibration?[] fits = [.. columns.Select(c => fittedTo is null ? null : e.Fit(fittedTo, Figures.Of(c.Check), replies))];
        if (fittedTo is not null && fits.Any(f => f is null)) return; // Too few windows for any bound.
        string bound = fits[0] is { } first ? $"; thresholds fitted to {fittedTo}, at most {Number(100 * first.FalseRejectBound)} % false rejects at 95 % confidence, {first.Samples} figures" : "";
        Line(text, $"\n**{title}**{bound}\n");
        Line(text, $"| provider | {string.Join(" | ", columns.Select(c => c.Title))} |\n|---|{string.Concat(columns.Select(_ => "---|"))}");
        if (fittedTo is not null) Line(text, $"| *threshold* | {string.Join(" | ", fits.Select(f => Number(f!.Threshold)))} |");
        foreach (VariantFigures v in e.Model.Variants.Where(v => tokens || v.Variant.Kind != VariantKind.Tokens))
        {
            var cells = columns.Select((c, i) => Cell(fits[i] is { } fit ? e.AboveFitted(v, Figures.Of(c.Check), fit.Threshold, replies) : e.AtDefault(v, Figures.Of(c.Check))));
            Line(text, $"| {Title(v.Variant)} | {string.Join(" | ", cells)} |");
        }
    }

    private static void Costs(StringBuilder text, IReadOnlyList<Cost> costs)
    {
        Line(text, $"\n## Cost\n\nOn kjv-0.9m, per token, as a share of a pass that reads the same tokens on one thread.\n");
        Line(text, $"| check | bytes per token | commit | verify |\n|---|---|---|---|");
        foreach (Cost c in costs) Line(text, $"| {c.Name} | {Number(c.BytesPerToken)} | {c.Commit:P1} | {c.Verify:P1} |");
    }

    private static string Title(Variant v) => v.Kind == VariantKind.Honest ? $"*{v.Name}*" : v.Name;

    private static string Cell(DetectionMeasurement m) => m.Detected switch
    {
        0 => $"0 (< {Share(m.High)})",
        var all when all == m.Trials => $"100 (> {Share(m.Low)})",
        _ => $"{Share(m.Rate)} ({Share(m.Low)} – {Share(m.High)})",
    };

    // Rounded outward is not worth it: three digits say what the sample can.
    private static string Share(double rate) => (100 * rate).ToString(rate is > 0.001 and < 0.999 ? "0.#" : "0.##", CultureInfo.InvariantCulture);

    private static string Upper(ModelFigures m) => Share(DetectionMeasurement.Of(m.DecodeMismatches, m.Windows, 0.95).High);

    private static string Number(double value) => value == 0 ? "0" : value.ToString(Math.Abs(value) < 0.001 ? "0.#E0" : "G3", CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
