using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Ogong.Cli.Diffusion;
using Ogong.Cli.Local;
using Ogong.Cohorts;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Cli.Commands;

/// <summary><c>diffuse</c>: one committed and signed picture, or other latent, from a cohort in this process.</summary>
internal static class DiffuseCommand
{
    private const long RetentionBytes = 4L << 30;

    public static Command Create()
    {
        var run = new RunOptions();
        var diffusion = new DiffusionOptions();
        var files = new DiffusionFiles();
        Option<string> label = new("--label") { Description = "What to draw: a character that the model's config names a class by, or a class number.", HelpName = "LABEL", Required = true };
        Option<int?> segments = CommonOptions.Segments();
        Option<string?> key = new("--key") { Description = "PEM file of the hybrid key that signs the record (default: one made for the occasion).", HelpName = "FILE" };
        var command = new Command("diffuse", "Draw a committed, signed picture with a diffusion model.") { label, segments, key };
        diffusion.AddTo(command);
        files.AddTo(command);
        run.AddTo(command);
        return command.Handle(async (context, cancellationToken) =>
        {
            using DenoiserDirectory model = DenoiserDirectory.Open(context.Get(run.Model));
            Conditioning conditioning = Conditioning.OfLabel(ClassLabel.Parse(model.Config, context.Get(label)));
            DiffusionRequest request = diffusion.Read(context, model);
            files.Check(context, model.Config.Shape, request.Mode);
            int count = context.Get(segments) ?? 1;
            if (count > model.Config.Layers) throw new BadInputException($"{model.Config.Layers} layers cannot be split into {count} segments.");
            using IBackend backend = run.OpenDevice(context);
            DenoiserManifest manifest = DenoiserManifest.Compute(model, useCache: true, cancellationToken);
            using HybridKey lead = context.Get(key) is { } file ? HybridKey.ImportPem(File.ReadAllText(file)) : HybridKey.Generate();
            using var consumer = new LocalConsumer();
            using var retention = new MemoryRetentionStore(RetentionBytes);
            List<LocalProvider> providers = [];
            try
            {
                foreach (LayerRange range in LayerRange.Split(model.Config.Layers, count))
                {
                    // One segment is one provider, which leads itself.
                    providers.Add(await LocalProvider.StartAsync($"segment {providers.Count}", backend, model, manifest.ModelRoot, range, count == 1 ? lead : null, cancellationToken: cancellationToken));
                }
                var cohort = new DenoiserLead(model.Config, manifest.ModelRoot, [.. providers.Select(p => p.Cohort)], lead, retention);
                Signed<DiffusionOrder> order = consumer.Order(model.Config, manifest.ModelRoot, conditioning, request);
                long start = Stopwatch.GetTimestamp();
                TrajectoryReply reply = (await cohort.RunAsync(order, consumer.PublicKey, conditioning, cancellationToken: cancellationToken)).Reply;
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                IReadOnlyList<(string What, string Path)> written = files.Write(context, reply);
                Report(context, reply, model.Config, backend, seconds, written);
                return ExitCode.Ok;
            }
            finally
            {
                foreach (LocalProvider provider in providers) provider.Dispose();
            }
        });
    }

    private static void Report(
        CommandContext context, TrajectoryReply reply, DenoiserConfig config, IBackend backend, double seconds, IReadOnlyList<(string What, string Path)> written)
    {
        DeviceDescription device = backend.Device;
        (DiffusionOrder order, TrajectoryRecord record) = (reply.Order.Message, reply.Record.Message);
        NumericMode mode = order.Profile.IsExact ? NumericMode.Exact : NumericMode.Fast;
        context.Output.Json(json =>
        {
            TrajectoryReport.WriteJson(json, reply);
            json.WriteNumber("seconds", seconds);
            json.WriteNumber("seconds_per_step", seconds / record.Steps);
            foreach ((string what, string path) in written) json.WriteString(what, path);
            DeviceJson.Write(json, device, mode);
        });
        context.Output.Facts("trajectory",
        [
            ("drawn", string.Create(CultureInfo.InvariantCulture, $"{ClassLabel.Describe(config, reply.Conditioning.Label!.Value)}, seed {order.Seed}, guidance {order.Guidance}")),
            ("steps", string.Create(CultureInfo.InvariantCulture, $"{record.Steps} of {order.Schedule.Kind}; {seconds / record.Steps * 1e3:F2} ms a step, committed and signed")),
            ("trajectory root", record.TrajectoryRoot.ToString()),
            ("final latent", record.FinalLatent.ToString()),
            ("model root", record.ModelRoot.ToString()),
            ("record", record.Hash().ToString()),
            ("device", $"{device.Name} ({device.Detail}), {mode}"),
            .. written.Select(static file => (file.What.Replace('_', ' '), file.Path)),
        ]);
    }
}
