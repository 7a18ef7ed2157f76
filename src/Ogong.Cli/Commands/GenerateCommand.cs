using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Ogong.Cli.Local;
using Ogong.Cohorts;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Kernels.Cuda;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Cli.Commands;

/// <summary><c>generate</c>: one committed and signed reply from a cohort in this process.</summary>
internal static class GenerateCommand
{
    private const long RetentionBytes = 4L << 30;

    public static Command Create()
    {
        var run = new RunOptions();
        var sampling = new SamplingOptions();
        Option<int[]?> tokens = CommonOptions.Tokens();
        Option<string?> prompt = CommonOptions.Prompt();
        Option<int?> maxTokens = CommonOptions.Number("--max-tokens", "N", "Most tokens to generate.", 1, Protocol.MaxTokens);
        maxTokens.Required = true;
        Option<NumericMode> mode = CommonOptions.Mode();
        Option<int?> segments = CommonOptions.Segments();
        Option<string?> key = new("--key") { Description = "PEM file of the hybrid key that signs the record (default: one made for the occasion).", HelpName = "FILE" };
        Option<string?> outFile = new("--out") { Description = "Write the reply, with all an auditor needs, to this .ogong file.", HelpName = "FILE" };
        var command = new Command("generate", "Generate a committed, signed reply.") { tokens, prompt, maxTokens, mode, segments, key, outFile };
        run.AddTo(command);
        sampling.AddTo(command);
        return command.Handle(async (context, cancellationToken) =>
        {
            using StoredModel model = run.OpenModel(context);
            using IBackend backend = run.OpenDevice(context);
            ModelText modelText = ModelText.Open(model, context.Output);
            int[] ids = modelText.Resolve(context.Has(tokens) ? context.Get(tokens) : null, context.Get(prompt));
            int most = context.Get(maxTokens)!.Value;
            if (ids.Length > model.Config.MaxPositions - most)
                throw new BadInputException($"a prompt of {ids.Length} tokens and a reply of {most} do not fit the model's context of {model.Config.MaxPositions}.");
            ModelManifest manifest = ModelManifest.Compute(model, useCache: true, cancellationToken);
            using HybridKey lead = context.Get(key) is { } file ? HybridKey.ImportPem(File.ReadAllText(file)) : HybridKey.Generate();
            using var consumer = new LocalConsumer();
            using var retention = new MemoryRetentionStore(RetentionBytes);
            List<LocalProvider> providers = [];
            try
            {
                int count = context.Get(segments) ?? 1;
                if (count > model.Config.Layers) throw new BadInputException($"{model.Config.Layers} layers cannot be split into {count} segments.");
                foreach (LayerRange range in LayerRange.Split(model.Config.Layers, count))
                {
                    // One segment is one provider, which leads itself.
                    providers.Add(await LocalProvider.StartAsync(
                        $"segment {providers.Count}", backend, model, manifest.ModelRoot, range, count == 1 ? lead : null,
                        contextLength: ids.Length + most, cancellationToken: cancellationToken));
                }
                var cohort = new CohortLead(model.Config, manifest.ModelRoot, [.. providers.Select(p => p.Cohort)], lead, retention);
                Signed<Order> order = consumer.Order(
                    model.Config, manifest.ModelRoot, ids, RunOptions.Profile(context.Get(mode)), sampling.Read(context), new StopRule([.. model.Config.EndTokens], [], most));
                var text = new ReplyText(context.Output, modelText.Tokenizer);
                long start = Stopwatch.GetTimestamp();
                CohortResult result = await cohort.RunAsync(order, consumer.PublicKey, ids, new CallbackProgress<GeneratedToken>(text.Add), cancellationToken);
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                text.End();
                if (context.Get(outFile) is { } path) Write(path, result.Reply);
                Report(context, result.Reply, modelText, backend, seconds, context.Get(outFile));
                return ExitCode.Ok;
            }
            finally
            {
                foreach (LocalProvider provider in providers) provider.Dispose();
            }
        });
    }

    private static void Write(string path, Reply reply)
    {
        using FileStream stream = File.Create(path);
        reply.WriteTo(stream);
    }

    private static void Report(CommandContext context, Reply reply, ModelText text, IBackend backend, double seconds, string? path)
    {
        DeviceDescription device = backend.Device;
        ReplyRecord record = reply.Record.Message;
        NumericMode mode = record.Profile.IsExact ? NumericMode.Exact : NumericMode.Fast;
        context.Output.Json(json =>
        {
            json.WriteStartArray("tokens");
            foreach (int token in reply.Tokens) json.WriteNumberValue(token);
            json.WriteEndArray();
            json.WriteString("text", text.Decode(reply.Tokens.AsSpan()));
            json.WriteString("stop_reason", record.StopReason.ToString());
            json.WriteString("commit_root", record.CommitRoot.ToString());
            json.WriteString("model_root", record.ModelRoot.ToString());
            json.WriteString("record_hash", record.Hash().ToString());
            json.WriteNumber("segments", record.Segments);
            json.WriteNumber("seconds", seconds);
            json.WriteNumber("tokens_per_s", record.TokenCount / seconds);
            DeviceJson.Write(json, device, mode);
            if (backend is CudaBackend cuda) json.WriteNumber("device_memory_high_water", cuda.Memory.HighWater);
        });
        context.Output.Facts("reply",
            ("tokens", string.Create(CultureInfo.InvariantCulture, $"{record.TokenCount}, ended by {record.StopReason}; {record.TokenCount / seconds:F0} per second")),
            ("commit root", record.CommitRoot.ToString()),
            ("model root", record.ModelRoot.ToString()),
            ("record", record.Hash().ToString()),
            ("device", $"{device.Name} ({device.Detail}), {mode}"),
            ("file", path ?? "not written; --out FILE keeps it"));
    }
}
