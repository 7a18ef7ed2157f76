using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ogong.Audit;
using Ogong.Cli.Local;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;
using Ogong.Settlement;
using Ogong.Signatures;
using Spectre.Console;

namespace Ogong.Cli.Demo;

/// <summary><c>demo</c>: the main job in one minute, first honest, then with one provider cheating.</summary>
internal static class DemoCommand
{
    private const int Cheat = 1;

    public static Command Create()
    {
        Option<int?> threads = CommonOptions.Threads();
        Option<string> device = CommonOptions.Device();
        Option<bool> diffusion = new("--diffusion") { Description = "Show diffusion: one picture, made honestly and in every way of cheating." };
        Option<string?> folder = new("--out") { Description = "With --diffusion: write the pictures to this folder.", HelpName = "DIR" };
        return new Command("demo", "Run a split, committed, audited and settled reply of the shipped model, honest and cheating.") { device, threads, diffusion, folder }
            .Handle(async (context, cancellationToken) =>
            {
                Output output = context.Output;
                using IBackend backend = RunOptions.OpenDevice(context, context.Get(device), context.Get(threads) ?? 0);
                if (context.Get(diffusion)) return await DiffusionDemo.RunAsync(context, backend, context.Get(folder), cancellationToken);
                if (context.Get(folder) is not null) throw new BadInputException("--out goes with --diffusion.");
                using ModelDirectory model = ModelDirectory.Open(DefaultModel.Folder);
                using DemoCohort cohort = await DemoCohort.StartAsync(backend, model, cancellationToken);
                ShowMarket(output, cohort, backend);

                DemoJob honest = await RunAsync(output, cohort, "1. A reply from three strangers", cancellationToken);
                await cohort.CheatAsync(Cheat, cancellationToken);
                string cheat = cohort.Providers[Cheat].Name;
                DemoJob cheated = await RunAsync(output, cohort, $"2. The same job, but {cheat} serves 8-bit weights and bills 16-bit ones", cancellationToken);

                output.Json(json =>
                {
                    json.WriteString("model_root", cohort.Manifest.ModelRoot.ToString());
                    DeviceJson.Write(json, backend.Device, NumericMode.Exact);
                    json.WriteString("cheat", cohort.Providers[Cheat].KeyId.ToString());
                    WriteJson(json, "honest", honest);
                    WriteJson(json, "cheated", cheated);
                });
                return ExitCode.Ok;
            });
    }

    private static void ShowMarket(Output output, DemoCohort cohort, IBackend backend)
    {
        output.Facts("Ogong demo",
            ("model", $"kjv-0.9m: {cohort.Config.Layers} layers, hidden {cohort.Config.HiddenSize}, bytes as tokens"),
            ("model root", cohort.Manifest.ModelRoot.ToString()),
            ("device", $"{backend.Device.Name} ({backend.Device.Detail}), exact mode"));
        var table = new Table().AddColumns("provider", "layers", "price per work unit", "key id");
        foreach (LocalProvider p in cohort.Providers) table.AddRow(p.Name, $"{p.Layers.First}..{p.Layers.End}", $"{p.PricePerUnit}", p.KeyId.ToString());
        output.People.Write(table);
    }

    private static async Task<DemoJob> RunAsync(Output output, DemoCohort cohort, string title, CancellationToken cancellationToken)
    {
        output.People.Write(new Rule(Markup.Escape(title)).LeftJustified());
        output.Part(DemoCohort.Prompt);
        var text = new ReplyText(output, Tokenizer.Bytes);
        DemoJob job = await cohort.RunAsync(new CallbackProgress<GeneratedToken>(text.Add), cancellationToken);
        text.End();
        ReplyRecord record = job.Result.Reply.Record.Message;
        output.Facts("record",
            ("cohort", string.Join(" -> ", job.Result.Route.Segments.Select(o => cohort.NameOf(o.Provider))) + $", cheapest of the tilings at {job.Result.Route.Price:N0}"),
            ("speed", string.Create(CultureInfo.InvariantCulture, $"{record.TokenCount} tokens in {job.Seconds:F2} s; the audits below took {job.AuditSeconds:F2} s")),
            ("commit root", record.CommitRoot.ToString()),
            ("record", record.Hash().ToString()),
            ("signature", $"{HybridSignature.Size} bytes: Ed25519 {Ed25519.SignatureSize} + ML-DSA-44 {MLDsa44.SignatureSize}"));
        var table = new Table().AddColumns("segment", "provider", "verdict", "work units", "paid");
        for (int i = 0; i < job.Verdicts.Count; i++)
        {
            SegmentAttestation a = job.Result.Reply.Segments[i].Attestation.Message;
            Verdict verdict = job.Verdicts[i];
            string said = verdict.Outcome == AuditOutcome.Accept ? "Accept" : $"Reject: {verdict.DecidedBy!.Name}, window {verdict.DecidedBy.Window}";
            table.AddRow(
                new Text($"{i}"), new Text(cohort.NameOf(a.ProviderKeyId)), new Text(said, new Style(verdict.Outcome == AuditOutcome.Accept ? Color.Green : Color.Red)),
                new Text($"{a.WorkUnits:N0}"), new Text($"{job.Split.Payments[i].Amount:N0}"));
        }
        output.People.Write(table);
        output.Line($"settlement: fee {job.Split.Fee:N0} = providers {job.Split.Fee - job.Split.Refund - job.Split.AuditPool - job.Split.Protocol:N0}"
            + $" + refund {job.Split.Refund:N0} + audit pool {job.Split.AuditPool:N0} + protocol {job.Split.Protocol:N0}");
        foreach (Offender offender in job.Verdicts.Select(v => v.Offender).OfType<Offender>())
            output.Line($"offender: {(offender.ProviderKeyId is { } key ? $"{cohort.NameOf(key)} ({key})" : "unknown")}, segment {offender.Segment}");
        output.Line("");
        return job;
    }

    private static void WriteJson(Utf8JsonWriter json, string name, DemoJob job)
    {
        Reply reply = job.Result.Reply;
        json.WriteStartObject(name);
        json.WriteString("text", Tokenizer.Bytes.Decode(reply.Tokens.AsSpan()));
        json.WriteString("commit_root", reply.Record.Message.CommitRoot.ToString());
        json.WriteNumber("tokens", reply.Tokens.Length);
        json.WriteNumber("seconds", job.Seconds);
        json.WriteNumber("audit_seconds", job.AuditSeconds);
        json.WriteStartArray("audits");
        foreach (Verdict verdict in job.Verdicts)
        {
            json.WriteStartObject();
            VerdictReport.WriteJson(json, verdict);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("settlement");
        json.WriteString("fee", job.Split.Fee.ToString(CultureInfo.InvariantCulture));
        json.WriteStartArray("paid");
        foreach (Payment payment in job.Split.Payments) json.WriteStringValue(payment.Amount.ToString(CultureInfo.InvariantCulture));
        json.WriteEndArray();
        json.WriteString("refund", job.Split.Refund.ToString(CultureInfo.InvariantCulture));
        json.WriteString("audit_pool", job.Split.AuditPool.ToString(CultureInfo.InvariantCulture));
        json.WriteString("protocol", job.Split.Protocol.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
