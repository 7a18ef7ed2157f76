using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Cli.Local;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;
using Spectre.Console;

namespace Ogong.Cli.Diffusion;

/// <summary><c>audit</c> of a trajectory: replays the last step and as many drawn ones as asked for, and says what that catches and costs.</summary>
internal static class TrajectoryAudit
{
    public static async Task<int> RunAsync(CommandContext context, RunOptions run, AuditOptions options, TrajectoryReply reply, CancellationToken cancellationToken)
    {
        int? only = options.Segment(context, reply.Segments.Count);
        DiffusionOrder order = reply.Order.Message;
        if (only == reply.Segments.Count - 1 && !order.Profile.IsExact && order.Stride > 1)
            throw new BadInputException("the last segment of a trajectory in fast mode is audited alone only with stride 1; audit it whole.");
        if (only is > 0 and int index && reply.Segments[index].Steps.All(static step => step.OpenedInput.IsEmpty))
            throw new BadInputException($"the file does not open the inputs of segment {index}; audit it whole.");
        int count = options.Steps(context) ?? AuditOptions.DefaultSteps;
        Digest randomness = options.Randomness(context, reply.Record.Message.Finished);
        using DenoiserDirectory model = DenoiserDirectory.Open(context.Get(run.Model));
        using IBackend backend = run.OpenDevice(context);
        DenoiserManifest manifest = DenoiserManifest.Compute(model, useCache: true, cancellationToken);
        using DenoiserSegment segment = await DenoiserSegment.LoadAsync(backend, model, cancellationToken: cancellationToken);
        using var replayer = new StepReplayer([segment], manifest.ModelRoot, Math.Max(1, reply.Conditioning.Tokens));
        var auditor = new TrajectoryAuditor(replayer);
        long start = Stopwatch.GetTimestamp();
        Verdict verdict = only is { } one
            ? await auditor.AuditSegmentAsync(reply, one, randomness, count, cancellationToken: cancellationToken)
            : await auditor.AuditAsync(reply, randomness, count, cancellationToken: cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        ImmutableArray<int> drawn = TrajectoryAuditor.Draw(reply, randomness, count);
        var detection = new TrajectoryDetection(CommittedSteps.Of(order), count);
        NumericMode mode = order.Profile.IsExact ? NumericMode.Exact : NumericMode.Fast;
        context.Output.Json(json =>
        {
            VerdictReport.WriteJson(json, verdict);
            json.WriteString("beacon", randomness.ToString());
            WriteJson(json, detection, [.. drawn.Select(i => detection.Committed[i])]);
            json.WriteNumber("seconds", seconds);
            DeviceJson.Write(json, backend.Device, mode);
        });
        VerdictReport.WritePeople(context.Output, verdict);
        WritePeople(context.Output, detection, [.. drawn.Select(i => detection.Committed[i])]);
        context.Output.Line(string.Create(CultureInfo.InvariantCulture, $"{seconds:F3} s on {backend.Device.Name} ({backend.Device.Detail}), {mode}"));
        return VerdictReport.ExitCodeOf(verdict);
    }

    private static void WritePeople(Output output, TrajectoryDetection detection, int[] steps)
    {
        output.Line(string.Create(CultureInfo.InvariantCulture,
            $"drawn: the transitions from steps {string.Join(", ", steps)} of {detection.Committed.Steps}; an audit of {detection.Drawn} and the last costs {detection.ExpectedCost:P0} of the trajectory"));
        var table = new Table().AddColumns("wrong transitions", "caught with", "1 − (1 − f)^k");
        foreach ((int wrong, double share) in Shares(detection))
            table.AddRow(string.Create(CultureInfo.InvariantCulture, $"{wrong} of {detection.Committed.Transitions}"), Percent(detection.Probability(wrong)), Percent(detection.Bound(share)));
        output.People.Write(table);
    }

    private static void WriteJson(Utf8JsonWriter json, TrajectoryDetection detection, int[] steps)
    {
        json.WriteStartArray("drawn_steps");
        foreach (int step in steps) json.WriteNumberValue(step);
        json.WriteEndArray();
        json.WriteNumber("expected_cost", detection.ExpectedCost);
        json.WriteStartArray("detection");
        foreach ((int wrong, double share) in Shares(detection))
        {
            json.WriteStartObject();
            json.WriteNumber("wrong", wrong);
            json.WriteNumber("transitions", detection.Committed.Transitions);
            json.WriteNumber("probability", detection.Probability(wrong));
            json.WriteNumber("bound", detection.Bound(share));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>One transition, a tenth and half of them, none of them the last, which is always caught.</summary>
    private static IEnumerable<(int Wrong, double Share)> Shares(TrajectoryDetection detection)
    {
        int transitions = detection.Committed.Transitions;
        foreach (int wrong in new[] { 1, (transitions + 9) / 10, (transitions + 1) / 2 }.Distinct()) yield return (wrong, wrong / (double)transitions);
    }

    private static string Percent(double value) => value.ToString("P1", CultureInfo.InvariantCulture);
}
