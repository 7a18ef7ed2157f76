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
        int least = evidence.Min(e => e.Late ?? int.MaxValue);
        text.Heading($"## How evidence adds up\n\nReplies until ejection, each of them audited: median (95 % of lives). No reply ejects sooner than the {least}th; providers that every check ejects with it are left out.");
        foreach (IGrouping<string, Evidence> drift in evidence.GroupBy(e => e.Honest))
        {
            (string Check, Unit Unit)[] columns = [.. drift.Select(e => (e.Check, e.Unit)).Distinct()];
            text.Heading($"**Where *{drift.Key}* is honest**");
            text.Table(
                ["provider", .. columns.Select(c => $"{Detection.Evidence.Name(c.Check)}, {(c.Unit == Unit.Reply ? "mean of a reply" : "one window of a reply")}")],
                drift.GroupBy(e => e.Provider).Where(g => g.Any(e => e.Late != least)).Select(g => (IEnumerable<string>)[g.Key == drift.Key ? $"*{g.Key}*" : g.Key, .. columns.Select(c => Life(g.FirstOrDefault(e => (e.Check, e.Unit) == c)))]));
        }
    }

    /// <summary>The thresholds that an order states, a row per pair.</summary>
    public static void Calibrated(Markdown text, Evaluation e)
    {
        IGrouping<string, Pair>[] pairs = [.. Pair.Of(e).Where(p => p.Check is "srp-32-F16" or "ks-8").GroupBy(p => p.Provider)];
        if (pairs.Length == 0) return;
        text.Heading($"## Calibrated thresholds, {e.Model.Name}\n\nPer window, confidence 95 %; the verifier computes exactly. Held out: odd windows that a threshold fitted to the even ones rejects, SRP and KS.");
        text.Table(
            ["pair: the provider's side", "SRP 32", "KS 8", "false rejects at most", "honest windows", "held out: rejected"],
            pairs.Select(p => (p.Key, Srp: p.First(), Ks: p.Last())).Select(p => (IEnumerable<string>)
                [$"*{p.Key}*", Number(p.Srp.Fitted.Threshold), Number(p.Ks.Fitted.Threshold), $"{Number(100 * p.Srp.Fitted.FalseRejectBound)} %", $"{p.Srp.Fitted.Samples}", $"{p.Srp.HeldOut.Detected} and {p.Ks.HeldOut.Detected} of {p.Srp.HeldOut.Trials}"]));
    }

    public static void Pairs(Markdown text, Evaluation e)
    {
        Pair[] pairs = [.. Pair.Of(e)];
        if (pairs.Length == 0) return;
        text.Heading($"**Calibrated thresholds**, confidence 95 %; held out: odd windows above a threshold fitted to the even ones");
        text.Table(
            ["pair: the provider's side", "figure, per window", "threshold", "false rejects at most", "windows", "largest", "held out: rejected"],
            pairs.Select(p => (IEnumerable<string>)[$"*{p.Provider}*", Detection.Evidence.Name(p.Check), Number(p.Fitted.Threshold), $"{Number(100 * p.Fitted.FalseRejectBound)} %", $"{p.Fitted.Samples}", Number(p.Worst), $"{p.HeldOut.Detected} of {p.HeldOut.Trials}"]));
    }

    public static void Fitted(Markdown text, IReadOnlyList<FittedDistance> fitted)
    {
        if (fitted.Count == 0) return;
        text.Heading($"## A cheat fitted to the bank\n\nDistances under the public bank / under a drawn one: medians over windows of text that nothing was fitted to.");
        text.Table(
            ["cheap model", "public directions", .. fitted.Select(f => f.Readout).Distinct()],
            fitted.GroupBy(f => (f.Model, f.Directions)).Select(g => (IEnumerable<string>)[g.Key.Model, $"{g.Key.Directions}", .. g.Select(f => $"{Number(f.Public)} / {Number(f.Drawn)}{(f.Parameters is > 0 and < int.MaxValue ? $" ({f.Parameters} numbers)" : "")}")]));
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
