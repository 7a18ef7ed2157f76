using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Cli.Local;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Cli.Commands;

/// <summary><c>audit</c>: re-executes a reply, whole or one segment of it, and gives the verdict.</summary>
internal static class AuditCommand
{
    public static Command Create()
    {
        var run = new RunOptions();
        Option<string> replyFile = new("--reply") { Description = "The reply: an .ogong file.", HelpName = "FILE", Required = true };
        Option<int?> segment = CommonOptions.Number("--segment", "I", "Audit only this segment, from the inputs the file opens (default: the whole reply).", 0, Protocol.MaxSegments - 1);
        Option<Digest?> beacon = new("--beacon")
        {
            Description = "Public randomness that draws the layers of the work proofs (default: drawn here).",
            HelpName = "HEX",
            CustomParser = static result => Digest.TryParse(result.Tokens[0].Value, out Digest digest)
                ? digest
                : CommonOptions.Refuse<Digest?>(result, "--beacon is 64 hexadecimal digits."),
        };
        Option<string?> drand = new("--drand") { Description = "A round of drand's quicknet or default network, as its HTTP interface serves it, to take the randomness from.", HelpName = "FILE" };
        var command = new Command("audit", "Re-execute a reply and give the verdict.") { replyFile, segment, beacon, drand };
        run.AddTo(command);
        return command.Handle(async (context, cancellationToken) =>
        {
            Reply reply = ReadReply(context.Get(replyFile));
            int? only = context.Get(segment);
            if (only >= reply.Segments.Count) throw new BadInputException($"the reply has {reply.Segments.Count} segments, counted from 0.");
            if (only is { } index && !reply.Segments[index].IsOpened) throw new BadInputException($"the reply does not open the inputs of segment {index}; audit it whole.");
            Digest randomness = RandomnessFrom(context.Get(beacon), context.Get(drand), reply.Record.Message.Finished);
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
        });
    }

    private static Digest RandomnessFrom(Digest? given, string? drandFile, long finished)
    {
        if (given is not null && drandFile is not null) throw new BadInputException("--beacon and --drand exclude each other.");
        return drandFile is not null ? DrandRoundFile.Read(drandFile, finished).Value : given ?? LocalConsumer.FreshDigest();
    }

    /// <summary>Reads a reply file.</summary>
    /// <exception cref="BadInputException">It is not one; the message says where and why.</exception>
    internal static Reply ReadReply(string path)
    {
        using FileStream stream = File.OpenRead(path);
        DecodeResult<Reply> result = ReplyReader.Read(stream);
        return result.TryGet(out Reply? reply) ? reply : throw new BadInputException($"{path} is not a reply file: {result.Failure}.");
    }
}
