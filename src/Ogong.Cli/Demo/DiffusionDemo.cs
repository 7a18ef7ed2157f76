using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ogong.Audit;
using Ogong.Cli.Diffusion;
using Ogong.Cli.Images;
using Ogong.Cli.Local;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Models;
using Spectre.Console;

namespace Ogong.Cli.Demo;

/// <summary><c>demo --diffusion</c>: one order, run honestly and in every way of cheating; who is caught, by what, and how often a few drawn steps suffice.</summary>
internal static class DiffusionDemo
{
    private const string Label = "R";
    private const ulong Seed = 7;
    private const int AuditSteps = 4, Audits = 200;

    public static async Task<int> RunAsync(CommandContext context, IBackend backend, string? folder, CancellationToken cancellationToken)
    {
        Output output = context.Output;
        using DenoiserDirectory model = DenoiserDirectory.Open(DefaultModel.DenoiserFolder);
        Conditioning conditioning = Conditioning.OfLabel(ClassLabel.Parse(model.Config, Label));
        var request = new DiffusionRequest(model.Scheduler.For(DiffusionOptions.DefaultSteps), Seed, DiffusionOptions.DefaultGuidance);
        using DiffusionMarket market = await DiffusionMarket.StartAsync(backend, model, request, conditioning, cancellationToken);
        output.Facts("Ogong diffusion demo",
            ("model", $"glyph-dit: {model.Config.Layers} blocks of width {model.Config.Width}, latents {model.Config.Shape}"),
            ("model root", market.Manifest.ModelRoot.ToString()),
            ("order", string.Create(CultureInfo.InvariantCulture, $"{ClassLabel.Describe(model.Config, conditioning.Label!.Value)}, {request.Schedule.Steps} steps, seed {Seed}, guidance {request.Guidance}, every latent committed")),
            ("providers", "ada (first half of the blocks) and ben (second half); cyd (all of them)"),
            ("audit", $"the last step and {AuditSteps} drawn ones are replayed and must have the committed bits"),
            ("device", $"{backend.Device.Name} ({backend.Device.Detail}), exact mode"));
        long start = Stopwatch.GetTimestamp();
        List<DiffusionCase> cases = [];
        await foreach (DiffusionCase run in new DiffusionCases(market, AuditSteps).RunAsync(cancellationToken)) cases.Add(run);
        ShowCases(output, market, cases);
        IReadOnlyList<DetectionRow> detection = await DetectionRow.MeasureAsync(market, Audits, cancellationToken);
        ShowDetection(output, detection);
        if (folder is not null) WritePictures(folder, cases);
        output.Line(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s{(folder is null ? "; --out DIR writes the pictures" : $"; pictures in {folder}")}"));
        output.Json(json =>
        {
            json.WriteString("model_root", market.Manifest.ModelRoot.ToString());
            DeviceJson.Write(json, backend.Device, NumericMode.Exact);
            WriteJson(json, market, cases, detection);
        });
        return ExitCode.Ok;
    }

    private static void ShowCases(Output output, DiffusionMarket market, IEnumerable<DiffusionCase> cases)
    {
        var table = new Table().AddColumns("run", "verdict", "check", "step", "figure", "value", "threshold", "named");
        foreach (DiffusionCase run in cases)
        {
            AuditFigure? decided = run.Verdict.DecidedBy;
            bool accepted = decided is null;
            table.AddRow(
                new Text(run.Name), new Text($"{run.Verdict.Outcome}", new Style(accepted ? Color.Green : Color.Red)), new Text($"{decided?.Check}"), new Text($"{decided?.Step}"),
                new Text(decided?.Name ?? ""), new Text(Number(decided?.Value)), new Text(Number(decided?.Threshold)), new Text(Named(market, run.Verdict)));
        }
        output.People.Write(table);
    }

    private static void ShowDetection(Output output, IReadOnlyList<DetectionRow> rows)
    {
        output.Line($"Steps skipped, none of them the last, and audits that notice ({rows[0].Measured.Trials} each, {rows[0].Measured.Confidence:P0} interval):");
        var table = new Table().AddColumns("skipped", "drawn, k", "audit costs", "caught", "interval", "expected", "1 − (1 − f)^k");
        foreach (DetectionRow row in rows)
        {
            table.AddRow(
                $"{row.Wrong} of {row.Plan.Committed.Transitions}", $"{row.Plan.Drawn}", Percent(row.Plan.ExpectedCost), Percent(row.Measured.Rate),
                $"{Percent(row.Measured.Low)} to {Percent(row.Measured.High)}", Percent(row.Plan.Probability(row.Wrong)), Percent(row.Plan.Bound(row.Share)));
        }
        output.People.Write(table);
    }

    private static void WritePictures(string folder, IReadOnlyList<DiffusionCase> cases)
    {
        Directory.CreateDirectory(folder);
        LatentShape shape = cases[0].Reply.Order.Message.Shape;
        foreach (DiffusionCase run in cases)
            PngWriter.Write(Path.Combine(folder, FileName(run.Name)), LatentPicture.Of(shape, run.Reply.FinalLatent.Span));
        PngWriter.Write(Path.Combine(folder, "honest-strip.png"), LatentPicture.Strip(shape, cases[0].Reply.Latents.Select(static l => l.Latent)));
        PngWriter.Write(Path.Combine(folder, "all.png"), LatentPicture.Strip(shape, cases.Select(static run => run.Reply.FinalLatent)));
    }

    private static void WriteJson(Utf8JsonWriter json, DiffusionMarket market, IEnumerable<DiffusionCase> cases, IEnumerable<DetectionRow> detection)
    {
        json.WriteStartArray("runs");
        foreach (DiffusionCase run in cases)
        {
            json.WriteStartObject();
            json.WriteString("name", run.Name);
            json.WriteString("named", Named(market, run.Verdict));
            json.WriteString("final_latent", run.Reply.Record.Message.FinalLatent.ToString());
            VerdictReport.WriteJson(json, run.Verdict);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("detection");
        foreach (DetectionRow row in detection)
        {
            json.WriteStartObject();
            json.WriteNumber("wrong", row.Wrong);
            json.WriteNumber("transitions", row.Plan.Committed.Transitions);
            json.WriteNumber("drawn", row.Plan.Drawn);
            json.WriteNumber("audits", row.Measured.Trials);
            json.WriteNumber("detected", row.Measured.Detected);
            json.WriteNumber("low", row.Measured.Low);
            json.WriteNumber("high", row.Measured.High);
            json.WriteNumber("probability", row.Plan.Probability(row.Wrong));
            json.WriteNumber("bound", row.Plan.Bound(row.Share));
            json.WriteNumber("expected_cost", row.Plan.ExpectedCost);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Named(DiffusionMarket market, Verdict verdict) => verdict.Offender switch
    {
        null => "",
        { ProviderKeyId: { } key } offender => $"{market.NameOf(key)} ({offender.Role.ToString().ToLowerInvariant()})",
        var offender => offender.Role.ToString().ToLowerInvariant(),
    };

    private static string FileName(string name) => $"{string.Join('-', name.Split([' ', ',', '+', '%'], StringSplitOptions.RemoveEmptyEntries))}.png";

    private static string Number(double? value) => value?.ToString("G4", CultureInfo.InvariantCulture) ?? "";

    private static string Percent(double value) => value.ToString("P1", CultureInfo.InvariantCulture);
}
