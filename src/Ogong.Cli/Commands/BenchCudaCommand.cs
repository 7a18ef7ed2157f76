using System.CommandLine;
using Ogong.Cli.Bench;
using Ogong.Commitments;
using Ogong.Kernels.Cuda;
using Ogong.Models;
using Ogong.Native.Cuda;
using Ogong.Records;

namespace Ogong.Cli.Commands;

/// <summary><c>bench cuda</c>: kernels, decode, prefill, commitments and audit cost on a CUDA device, each beside its target.</summary>
internal static class BenchCudaCommand
{
    public static Command Create()
    {
        Option<int?> index = CommonOptions.Number("--index", "N", "Which CUDA device (default 0).", 0, 1 << 10);
        Option<int?> layers = CommonOptions.Number("--layers", "N", "Layers of the synthetic model (default 32).", 1, 1024);
        Option<int?> hidden = CommonOptions.Hidden(4096);
        Option<int?> intermediate = CommonOptions.Number("--intermediate", "N", "Its feed-forward width (default 14336).", 1, 1 << 18);
        Option<int?> vocabulary = CommonOptions.Number("--vocabulary", "N", "Its vocabulary (default 128256).", 1024, 1 << 20);
        Option<int?> batch = CommonOptions.Number("--batch", "N", "Most replies at once (default 32).", 1, 1024);
        var small = new Option<bool>("--small") { Description = "Kernels at sizes that show that they run, not how fast." };
        return new Command("cuda", "Kernels, decode, prefill, commitments and audit cost on a CUDA device; some minutes.")
            { index, layers, hidden, intermediate, vocabulary, batch, small }
            .Handle(async (context, cancellationToken) =>
            {
                int width = context.Get(hidden) ?? 4096;
                var options = new CudaOptions { Device = context.Get(index) ?? 0, Progress = context.Output.Note };
                if (!CudaBackend.TryCreate(options, out CudaBackend? backend, out string? reason)) throw new BadInputException(reason);
                using (backend)
                {
                    ModelConfig shape = SyntheticModel.Shape(context.Get(layers) ?? 32, width, context.Get(intermediate) ?? 14336, context.Get(vocabulary) ?? 128256);
                    var model = new SyntheticModel(shape);
                    CudaBenchSizes sizes = context.Get(small) ? CudaBenchSizes.Small : CudaBenchSizes.Full;
                    var figures = new List<BenchFigure>(Clocks(backend.Context.Device));
                    figures.AddRange(CudaBench.Kernels(backend, sizes));
                    double copy = figures.Single(static f => f.Key == "copy_bytes_per_s").Value;
                    figures.AddRange(CudaIntegerBench.Kernels(backend, sizes, copy));
                    int[] batches = [.. new[] { 1, 8, 32 }.Where(b => b <= (context.Get(batch) ?? 32))];
                    figures.AddRange(await ExactAsync(backend, model, batches, sizes, copy, cancellationToken));
                    figures.AddRange(await FastAsync(backend, model, batches, sizes, cancellationToken));
                    figures.AddRange(await CudaIntegerBench.ModelAsync(backend, shape, sizes, copy, cancellationToken));
                    BenchFigure.Report(context.Output, backend.Device, model.Parameters, figures);
                }
                return ExitCode.Ok;
            });
    }

    private static IEnumerable<BenchFigure> Clocks(CudaDevice device) =>
    [
        new("multiprocessor_clock_hz", "highest clock of the multiprocessors, MHz", 1e3 * device.GetAttribute(CudaDeviceAttribute.ClockRate), "#,##0,,"),
        new("memory_clock_hz", "highest clock of the memory, MHz", 1e3 * device.GetAttribute(CudaDeviceAttribute.MemoryClockRate), "#,##0,,"),
    ];

    private static async Task<IReadOnlyList<BenchFigure>> ExactAsync(
        CudaBackend backend, SyntheticModel model, int[] batches, CudaBenchSizes sizes, double copy, CancellationToken cancellationToken)
    {
        await using ModelBench bench = await ModelBench.LoadAsync(backend, model, batches[^1], cancellationToken, replyLength: sizes.Reply);
        double decode = bench.Decode(sizes.Rounds);
        var figures = new List<BenchFigure>
        {
            new("decode_tokens_per_s", "decode, tokens/s", 1 / decode, "F1"),
            new("decode_of_copy", "decode / (copy / weight bytes)", bench.WeightBytes / decode / copy, "F2", ">= 0.75"),
            new("prefill_tokens_per_s", "exact prefill, tokens/s", await bench.PrefillAsync(sizes.Rounds, cancellationToken), "F0"),
            new("commit_overhead", "commitments / decode", bench.CommitOverhead(sizes.Rounds), "P1", "<= 2 %"),
            new("resident_of_stored", "resident weights / stored tensors", bench.ResidentRatio, "F3"),
        };
        foreach (int batch in batches)
            figures.Add(new($"rho_exact_batch_{batch}", $"rho, exact, batch {batch}", (await bench.RhoAsync(batch, cancellationToken)).Value, "F3", batch == 1 ? "<= 0.08" : ""));
        return figures;
    }

    private static async Task<IReadOnlyList<BenchFigure>> FastAsync(
        CudaBackend backend, SyntheticModel model, int[] batches, CudaBenchSizes sizes, CancellationToken cancellationToken)
    {
        var profile = ProfileParameters.Fast(kvFormat: StorageFormat.BF16);
        await using ModelBench bench = await ModelBench.LoadAsync(backend, model, batches[^1], cancellationToken, profile, sizes.Reply);
        var figures = new List<BenchFigure> { new("prefill_fast_tokens_per_s", "fast prefill, tokens/s", await bench.PrefillAsync(sizes.Rounds, cancellationToken), "F0") };
        foreach (int batch in batches)
            figures.Add(new($"rho_fast_batch_{batch}", $"rho, fast, batch {batch}", (await bench.RhoAsync(batch, cancellationToken)).Value, "F3", batch == 1 ? "<= 0.01" : ""));
        return figures;
    }
}
