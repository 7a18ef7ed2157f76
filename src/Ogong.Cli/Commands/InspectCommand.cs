using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ogong.Audit;
using Ogong.Cli.Diffusion;
using Ogong.Cli.Local;
using Ogong.Diffusion;
using Ogong.Records;

namespace Ogong.Cli.Commands;

/// <summary><c>inspect</c>: what a reply file says, and whether its papers are in order. Needs no model; an Accept here says nothing about the work.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "The reply: an .ogong file." };
        return new Command("inspect", "Show what a reply file says and check its papers.") { file }.Handle((context, _) =>
        {
            string path = context.Get(file);
            if (ReplyFile.KindOf(path) == ReplyKind.Trajectory) return Inspect(context, ReplyFile.ReadTrajectory(path));
            Reply reply = ReplyFile.ReadText(path);
            Verdict papers = Auditor.CheckPapers(reply);
            context.Output.Json(json => WriteJson(json, reply, papers));
            WritePeople(context.Output, reply, papers);
            return VerdictReport.ExitCodeOf(papers);
        });
    }

    private static int Inspect(CommandContext context, TrajectoryReply reply)
    {
        Verdict papers = TrajectoryAuditor.CheckPapers(reply);
        context.Output.Json(json =>
        {
            TrajectoryReport.WriteJson(json, reply);
            WritePapers(json, papers);
        });
        TrajectoryReport.WritePeople(context.Output, reply);
        context.Output.Line($"papers: {VerdictReport.Summary(papers)}");
        return VerdictReport.ExitCodeOf(papers);
    }

    private static void WritePeople(Output output, Reply reply, Verdict papers)
    {
        (Order order, ReplyRecord record) = (reply.Order.Message, reply.Record.Message);
        output.Facts("order",
            ("hash", record.OrderHash.ToString()),
            ("consumer", order.ConsumerKeyId.ToString()),
            ("profile", $"{order.Profile.Profile}, key/value cache {order.Profile.KvFormat}, top-{order.Profile.TopK} digest, {order.Profile.Sketch.Directions} directions"),
            ("sampling", Sampling(order.Sampling)),
            ("fee", order.Fee.ToString(CultureInfo.InvariantCulture)));
        output.Facts("record",
            ("hash", record.Hash().ToString()),
            ("lead", record.ProviderKeyId.ToString()),
            ("model root", record.ModelRoot.ToString()),
            ("commit root", record.CommitRoot.ToString()),
            ("tokens", $"{record.PromptLength} + {record.TokenCount}, ended by {record.StopReason}, {reply.TextWindows.Count} windows"));
        SegmentReport.WritePeople(output, Segments(reply));
        output.Line($"papers: {VerdictReport.Summary(papers)}");
    }

    private static void WriteJson(Utf8JsonWriter json, Reply reply, Verdict papers)
    {
        (Order order, ReplyRecord record) = (reply.Order.Message, reply.Record.Message);
        json.WriteString("record_hash", record.Hash().ToString());
        json.WriteString("reply_id", record.ReplyId.ToString());
        json.WriteString("order_hash", record.OrderHash.ToString());
        json.WriteString("consumer", order.ConsumerKeyId.ToString());
        json.WriteString("lead", record.ProviderKeyId.ToString());
        json.WriteString("model_root", record.ModelRoot.ToString());
        json.WriteString("commit_root", record.CommitRoot.ToString());
        json.WriteString("profile", order.Profile.Profile.ToString());
        json.WriteString("sampling", Sampling(order.Sampling));
        json.WriteString("fee", order.Fee.ToString(CultureInfo.InvariantCulture));
        json.WriteNumber("prompt_length", record.PromptLength);
        json.WriteStartArray("tokens");
        foreach (int token in reply.Tokens) json.WriteNumberValue(token);
        json.WriteEndArray();
        json.WriteString("stop_reason", record.StopReason.ToString());
        SegmentReport.WriteJson(json, Segments(reply));
        WritePapers(json, papers);
    }

    private static void WritePapers(Utf8JsonWriter json, Verdict papers)
    {
        json.WriteStartObject("papers");
        VerdictReport.WriteJson(json, papers);
        json.WriteEndObject();
    }

    private static IEnumerable<(SegmentAttestation, bool)> Segments(Reply reply) => reply.Segments.Select(static s => (s.Attestation.Message, s.IsOpened));

    private static string Sampling(SamplingParameters s) => s.Temperature == 0
        ? "greedy"
        : string.Create(CultureInfo.InvariantCulture, $"temperature {s.Temperature}, top-k {s.TopK}, top-p {s.TopP / (double)SamplingParameters.FullTopP:G6}, seed {s.Seed}");
}
