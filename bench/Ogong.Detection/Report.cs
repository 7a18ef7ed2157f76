using System.Text;
using System.Text.Json;
using Ogong.Cli.Plots;
using Ogong.Diffusion;

namespace Ogong.Detection;

/// <summary>Writes the results: tables into docs/detection.md, plots and all figures beside the other plots.</summary>
internal static class Report
{
    private const string Begin = "<!-- measured: written by bench/Ogong.Detection -->", End = "<!-- end of measured -->";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = false };

    public static void Write(string repository, ModelFigures shipped, ModelFigures? wide, IReadOnlyList<Cost> costs)
    {
        (Evaluation e, Evaluation? w) = (new Evaluation(shipped), wide is null ? null : new Evaluation(wide));
        string page = Path.Combine(repository, "docs", "detection.md"), plots = Path.Combine(repository, "docs", "plots");
        File.WriteAllText(page, Between(File.ReadAllText(page), Tables.All(e, w, costs)));
        File.WriteAllText(Path.Combine(plots, "detection-directions.svg"), Plot(e, "Windows caught by the number of directions", "directions", [.. DirectionLines]));
        File.WriteAllText(Path.Combine(plots, "detection-lists.svg"), Plot(e, "Windows caught by the length of the lists", "k", [.. ListLines]));
        File.WriteAllText(Path.Combine(plots, "detection.json"), Json(w is null ? [e] : [e, w], costs) + "\n");
    }

    /// <summary>Every rate of every check and provider.</summary>
    public static string Json(IReadOnlyList<Evaluation> models, IReadOnlyList<Cost> costs) => JsonSerializer.Serialize(
        new
        {
            models = models.Select(e => new
            {
                name = e.Model.Name,
                windows = e.Model.Windows,
                decodeMismatches = e.Model.DecodeMismatches,
                checks = Figures.Checks.Select((check, c) =>
                {
                    var (fast, bfloat16) = (check.Fits ? e.Fit(Variants.Fast, c) : null, check.Fits ? e.Fit(Variants.BFloat16, c) : null);
                    return new
                    {
                        name = check.Name,
                        bytesPerToken = double.IsNaN(check.BytesPerToken) ? null : (double?)check.BytesPerToken,
                        threshold = check.Threshold,
                        fittedToFast = fast is null ? null : new { fast.Threshold, fast.FalseRejectBound, fast.Samples },
                        fittedToBFloat16 = bfloat16 is null ? null : new { bfloat16.Threshold, bfloat16.FalseRejectBound, bfloat16.Samples },
                        providers = e.Model.Variants.Select(v => new
                        {
                            name = v.Variant.Name,
                            kind = v.Variant.Kind.ToString(),
                            quantiles = new[] { 0.05, 0.5, 0.95, 1 }.Select(q => Evaluation.Quantile(v.Of(c), q)),
                            atThreshold = check.Threshold is null ? null : Rate(e.AtDefault(v, c)),
                            aboveFast = fast is null ? null : Rate(e.AboveFitted(v, c, fast.Threshold)),
                            aboveBFloat16 = bfloat16 is null ? null : Rate(e.AboveFitted(v, c, bfloat16.Threshold)),
                        }),
                    };
                }),
            }),
            costs,
        },
        Format);

    private static readonly (string Provider, string Name, Func<int, string> Check)[] DirectionLines =
        [.. new[] { "Q8_0 weights", "8-bit weights, a scale per row", "Q8_0 weights and activations", "8-bit cache", "FP8 E4M3 weights", Variants.Fast }.Select(p => (p, p, (Func<int, string>)(m => $"srp-{m}-F16")))];

    private static readonly (string Provider, string Name, Func<int, string> Check)[] ListLines =
        [.. new[] { "Q8_0 weights", "8-bit cache", "FP8 E4M3 weights" }.SelectMany(p => new (string, string, Func<int, string>)[] { (p, $"KS, {p}", k => $"ks-{k}"), (p, $"TV, {p}", k => $"tv-{k}") })];

    private static string Plot(Evaluation e, string title, string axis, (string Provider, string Name, Func<int, string> Check)[] lines)
    {
        var plot = new LinePlot(title, axis, $"share rejected, thresholds fitted to {Variants.Fast}") { IsLogX = true, MaxY = 1 };
        foreach (var (provider, name, check) in lines)
        {
            var points = new[] { 4, 8, 16, 32, 64, 128 }
                .Select(x => (x, Check: Figures.Of(check(x))))
                .Select(p => ((double)p.x, e.Fit(Variants.Fast, p.Check) is { } fit ? e.AboveFitted(e.Model.Of(provider), p.Check, fit.Threshold).Rate : 0));
            plot.Add(name, points);
        }
        return plot.ToSvg();
    }

    private static object Rate(DetectionMeasurement m) => new { rejected = m.Detected, of = m.Trials, low = m.Low, high = m.High };

    private static string Between(string page, string measured)
    {
        int begin = page.IndexOf(Begin, StringComparison.Ordinal), end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin) throw new InvalidDataException("docs/detection.md has no place for the tables.");
        return new StringBuilder(page[..(begin + Begin.Length)]).Append("\n\n").Append(measured).Append('\n').Append(page[end..]).ToString();
    }
}
