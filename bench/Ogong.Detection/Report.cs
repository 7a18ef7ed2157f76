using System.Text.Json;
using System.Text.Json.Serialization;
using Ogong.Cli.Plots;
using Ogong.Diffusion;

namespace Ogong.Detection;

/// <summary>Writes the results: tables into docs/detection.md, plots and all figures beside the other plots.</summary>
internal static class Report
{
    private const string Begin = "<!-- measured: written by bench/Ogong.Detection -->", End = "<!-- end of measured -->";

    private static readonly JsonSerializerOptions Format = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>Writes both pages, the plots and the figures.</summary>
    public static void Write(string repository, Evaluation shipped, Evaluation wide, IReadOnlyList<FittedDistance> fitted, IReadOnlyList<Cost> costs)
    {
        string docs = Path.Combine(repository, "docs"), plots = Path.Combine(docs, "plots");
        Evidence[] evidence = [.. Evidence.All(shipped)];
        Replace(Path.Combine(docs, "detection.md"), Tables.FirstPage(shipped, evidence, fitted, costs));
        Replace(Path.Combine(docs, "detection-tables.md"), string.Join('\n', ((Evaluation[])[shipped, wide]).Where(e => e.Model.Variants.Count > 0).Select(Tables.SecondPage)));
        File.WriteAllText(Path.Combine(plots, "detection-fast.svg"), Plot(shipped, Variants.Fast, "Q8_0 weights"));
        File.WriteAllText(Path.Combine(plots, "detection-bfloat16.svg"), Plot(shipped, Variants.BFloat16, "Q8_0 weights, all activations bfloat16"));
        File.WriteAllText(Path.Combine(plots, "detection.json"), Json([shipped, wide], evidence, fitted, costs) + "\n");
    }

    /// <summary>Every rate of every check and provider.</summary>
    public static string Json(IReadOnlyList<Evaluation> models, IReadOnlyList<Evidence> evidence, IReadOnlyList<FittedDistance> fitted, IReadOnlyList<Cost> costs) => JsonSerializer.Serialize(
        new
        {
            models = models.Where(e => e.Model.Variants.Count > 0).Select(e => new
            {
                name = e.Model.Name,
                skipped = e.Model.Skipped,
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
                            windows = v.Windows.Length,
                            quantiles = new[] { 0.05, 0.5, 0.95, 1 }.Select(q => Evaluation.Quantile(v.Of(c), q)),
                            atThreshold = check.Threshold is null ? null : Rate(e.AtDefault(v, c)),
                            aboveFast = fast is null ? null : Rate(e.AboveFitted(v, c, fast.Threshold)),
                            aboveBFloat16 = bfloat16 is null ? null : Rate(e.AboveFitted(v, c, bfloat16.Threshold)),
                        }),
                    };
                }),
            }),
            evidence,
            fitted,
            costs,
        },
        Format);

    // What a cheat is caught by, by what the check costs.
    private static string Plot(Evaluation e, string honest, string cheat)
    {
        var plot = new LinePlot($"{cheat}; honest: {honest}", "bytes per token", "share of windows rejected") { IsLogX = true, MaxY = 1.25 }; // Room for the legend.
        plot.Add("sketches, binary16", Line(Sheet.Directions.Select(m => $"srp-{m}-F16")));
        plot.Add("lists, TV", Line(Sheet.ListLengths.Select(k => $"tv-{k}")));
        plot.Add("lists, KS", Line(Sheet.ListLengths.Select(k => $"ks-{k}")));
        plot.Add("TOPLOC, 8 bytes", ((double[])[8, 1024]).Select(x => (x, Share("toploc-score"))));
        return plot.ToSvg();

        IEnumerable<(double X, double Y)> Line(IEnumerable<string> checks) => checks.Select(c => (Figures.Checks[Figures.Of(c)].BytesPerToken, Share(c)));

        double Share(string check) => e.Fit(honest, Figures.Of(check)) is { } fit ? e.AboveFitted(e.Model.Of(cheat), Figures.Of(check), fit.Threshold).Rate : 0;
    }

    private static object Rate(DetectionMeasurement m) => new { rejected = m.Detected, of = m.Trials, low = m.Low, high = m.High };

    private static void Replace(string path, string measured)
    {
        string page = File.ReadAllText(path);
        int begin = page.IndexOf(Begin, StringComparison.Ordinal), end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin) throw new InvalidDataException($"{path} has no place for the tables.");
        File.WriteAllText(path, $"{page[..(begin + Begin.Length)]}\n\n{measured}\n{page[end..]}");
    }
}
