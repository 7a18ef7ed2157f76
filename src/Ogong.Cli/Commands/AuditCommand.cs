using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Cli.Diffusion;
using Ogong.Cli.Local;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Cli.Commands;

/// <summary><c>audit</c>: re-executes a reply, whole or one segment of it, or drawn steps of a trajectory, and gives the verdict.</summary>
internal static class AuditCommand
{
    public static Command Create()
    {
        var run = new RunOptions();
        var options = new AuditOptions();
        Option<string> replyFile = new("--reply") { Description = "The reply: an .ogong file.", HelpName = "FILE", Required = true };
        var command = new Command("audit", "Re-execute a reply, or drawn steps of a diffusion trajectory, and give the verdict.") { replyFile };
        options.AddTo(command);
        run.AddTo(command);
        return command.Handle((context, cancellationToken) => ReplyFile.KindOf(context.Get(replyFile)) == ReplyKind.Trajectory
            ? TrajectoryAudit.RunAsync(context, run, options, ReplyFile.ReadTrajectory(context.Get(replyFile)), cancellationToken)
            : RunAsync(context, run, options, ReplyFile.ReadText(context.Get(replyFile)), cancellationToken));
    }

    private static async Task<int> RunAsync(CommandContext context, RunOptions run, AuditOptions options, Reply reply, CancellationToken cancellationToken)
    {
        if (options.Steps(context) is not null) throw new BadInputException("--steps is for diffusion trajectories; a text reply is replayed whole.");
        int? only = options.Segment(context, reply.Segments.Count);
        if (only is { } index && !reply.Segments[index].IsOpened) throw new BadInputException($"the reply does not open the inputs of segment {index}; audit it whole.");
        Digest randomness = options.Randomness(context, reply.Record.Message.Finished);
        using StoredModel model = run.OpenModel(context);
        using IBackend backend = run.OpenDevice(context);
        ModelManifest manifest = ModelManifest.Compute(model, useCache: true, cancellationToken);
        // One segment per layer, so that any cohort's cut can be re-executed.
        using LocalSegments loaded = await LocalSegments.LoadAsync(backend, model, model.Config.Layers, cancellationToken);
        using var reexecutor = new Reexecutor(loaded.Segments, manifest.ModelRoot, reply.Record.Message.Rows);
        var auditor = new Auditor(reexecutor);
        long start = Stopwatch.GetTimestamp();
        Verdict verdict = only is { } one
            ? await auditor.AuditSegmentAsync(reply, one, randomness, cancellationToken: cancellationToken)
            : await auditor.AuditAsync(reply, randomness, cancellationToken: cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        NumericMode mode = reply.Record.Message.Profile.IsExact ? NumericMode.Exact : NumericMode.Fast;
        context.Output.Json(json =>
        {
            VerdictReport.WriteJson(json, verdict);
            json.WriteString("beacon", randomness.ToString());
            json.WriteNumber("seconds", seconds);
            DeviceJson.Write(json, backend.Device, mode);
        });
        VerdictReport.WritePeople(context.Output, verdict);
        context.Output.Line(string.Create(CultureInfo.InvariantCulture, $"{seconds:F3} s on {backend.Device.Name} ({backend.Device.Detail}), {mode}"));
        return VerdictReport.ExitCodeOf(verdict);
    }
}
