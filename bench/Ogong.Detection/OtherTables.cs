using static Ogong.Detection.Markdown;

namespace Ogong.Detection;

/// <summary>The tables that are not about shares of windows.</summary>
internal static class OtherTables
{
    public static void Distances(Markdown text, Evaluation e)
    {
        text.Heading($"**How far the values are**: medians over windows; of states and sketches also the 95 % quantile and the largest");
        text.Table(
            ["provider", "windows", "states, relative L2", "SRP 32, one position", "KS 8", "TV 8", "TOPLOC exponents of 128", "TOPLOC mantissa mean"],
            e.Model.Variants.Where(v => v.Variant is { Kind: not VariantKind.Tokens, Against: not Against.ExactHashes }).Select(v => (IEnumerable<string>)
            [
                Title(v.Variant), $"{v.Windows.Length}",
                v.Windows[0][Figures.Of("states")] >= Figures.Incomparable ? "other width" : Spread(v, "states"), Spread(v, "srp-32-F16-worst"),
                .. new[] { "ks-8", "tv-8", "toploc-exponents", "toploc-mantissa-mean" }.Select(c => Number(Evaluation.Quantile(v.Of(Figures.Of(c)), 0.5))),
            ]));
    }

    public static void Evidence(Markdown text, IReadOnlyList<Evidence> evidence)
    {
        if (evidence.Count == 0) return;
        text.Heading($"## How evidence adds up");
        string[] honest = [.. evidence.Select(e => e.Honest).Distinct()];
        (string Check, Unit Unit)[] columns = [.. evidence.Select(e => (e.Check, e.Unit)).Distinct()];
        foreach (string drift in honest)
        {
            text.Heading($"**Replies until ejection where *{drift}* is honest**: median (95 % of lives); each reply is audited");
            text.Table(
                ["provider", .. columns.Select(c => $"{Detection.Evidence.Name(c.Check)}, {(c.Unit == Unit.Reply ? "mean of a reply" : "one window of a reply")}")],
                evidence.Where(e => e.Honest == drift).GroupBy(e => e.Provider).Select(g => (IEnumerable<string>)[g.Key == drift ? $"*{g.Key}*" : g.Key, .. columns.Select(c => Life(g.FirstOrDefault(e => (e.Check, e.Unit) == c)))]));
        }
    }

    public static void Pairs(Markdown text, Evaluation e)
    {
        Pair[] pairs = [.. Pair.Of(e)];
        if (pairs.Length == 0) return;
        text.Heading($"**Calibrated thresholds, {e.Model.Name}**: the verifier computes exactly, confidence 95 %; held out: odd windows above a threshold fitted to the even ones");
        text.Table(
            ["pair: the provider's side", "figure, per window", "threshold", "false rejects at most", "windows", "largest", "held out: rejected"],
            pairs.Select(p => (IEnumerable<string>)[$"*{p.Provider}*", Detection.Evidence.Name(p.Check), Number(p.Fitted.Threshold), $"{Number(100 * p.Fitted.FalseRejectBound)} %", $"{p.Fitted.Samples}", Number(p.Worst), $"{p.HeldOut.Detected} of {p.HeldOut.Trials}"]));
    }

    public static void Fitted(Markdown text, IReadOnlyList<FittedDistance> fitted)
    {
        if (fitted.Count == 0) return;
        text.Heading($"## A cheat fitted to the bank\n\nMedian distance of windows of text that it was not fitted to.");
        text.Table(
            ["cheap model", "public directions", "readout fitted", "numbers fitted", "public bank", "drawn bank"],
            fitted.Select(f => (IEnumerable<string>)[f.Model, $"{f.Directions}", f.Readout, f.Parameters switch { 0 => "", int.MaxValue => "any", var p => $"{p}" }, Number(f.Public), Number(f.Drawn)]));
    }

    public static void Costs(Markdown text, IReadOnlyList<Cost> costs)
    {
        text.Heading($"## Cost\n\nOn kjv-0.9m, per token, as a share of a pass that reads the same tokens on one thread.");
        text.Table(["check", "bytes per token", "commit", "verify"], costs.Select(c => (IEnumerable<string>)[c.Name, Number(c.BytesPerToken), $"{Percent(c.Commit)} %", $"{Percent(c.Verify)} %"]));
    }

    private static string Spread(VariantFigures v, string check)
    {
        double[] figures = v.Of(Figures.Of(check));
        return $"{Number(Evaluation.Quantile(figures, 0.5))} ({Number(Evaluation.Quantile(figures, 0.95))}, {Number(figures.Max())})";
    }

    private static string Life(Evidence? e) => e switch
    {
        null => "",
        { Ejected: 0 } => $"never ({Percent(e.Failed)} % fail)",
        { Median: null } => $"{e.Ejected} of {e.Lives} lives",
        { Late: null } => $"{e.Median} ({e.Ejected} of {e.Lives} lives)",
        _ => $"{e.Median} ({e.Late})",
    };
}
