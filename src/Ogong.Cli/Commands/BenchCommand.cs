using System.CommandLine;
using Ogong.Cli.Bench;
using Ogong.Compute;
using Ogong.Kernels.Cpu;

namespace Ogong.Cli.Commands;

/// <summary><c>bench</c>, and <c>bench cpu</c>: what this machine reaches, as shares of limits measured in the same run, each beside its target.</summary>
internal static class BenchCommand
{
    private const int Rounds = 5;

    public static Command Create() => new("bench", "Measure what this machine reaches.") { Cpu(), BenchCudaCommand.Create(), BenchOpenClCommand.Create(), BenchDiffusionCommand.Create() };

    private static Command Cpu()
    {
        Option<int?> threads = CommonOptions.Threads();
        Option<int?> layers = CommonOptions.Number("--layers", "N", "Layers of the synthetic model (default 10).", 1, 1024);
        Option<int?> hidden = CommonOptions.Hidden(1024);
        Option<int?> intermediate = CommonOptions.Number("--intermediate", "N", "Its feed-forward width (default 2816).", 1, 1 << 18);
        Option<int?> vocabulary = CommonOptions.Number("--vocabulary", "N", "Its vocabulary (default 32000).", 1024, 1 << 20);
        return new Command("cpu", "Bandwidth, kernels, decode, prefill, commitments and audit cost on the CPU; about two minutes.") { threads, layers, hidden, intermediate, vocabulary }
            .Handle(async (context, cancellationToken) =>
            {
                int width = context.Get(hidden) ?? 1024;
                var options = new CpuOptions { Threads = context.Get(threads) ?? 0 };
                CpuRates rates = CpuBench.Measure(options);
                var shape = new SyntheticModel(SyntheticModel.Shape(
                    context.Get(layers) ?? 10, width, context.Get(intermediate) ?? 2816, context.Get(vocabulary) ?? 32000));
                var wide = new SyntheticModel(SyntheticModel.Shape(layers: 4, hidden: 2048, intermediate: 5632, vocabulary: 32000));
                List<BenchFigure> figures = [.. Kernels(rates), .. await ModelAsync(rates, options, shape, cancellationToken), .. await WideAsync(options, wide, cancellationToken)];
                BenchFigure.Report(context.Output, rates.Device, shape.Parameters, figures);
                return ExitCode.Ok;
            });
    }

    private static IEnumerable<BenchFigure> Kernels(CpuRates rates) =>
    [
        new("read_bytes_per_s", "read bandwidth, GB/s", rates.ReadBytesPerSecond, "#,##0,,,.0"),
        new("gemm_f32_flops_per_s", "f32 GEMM, GFLOP/s", rates.GemmF32FlopsPerSecond, "#,##0,,,"),
        new("gemm_bf16_flops_per_s", "bf16 GEMM, GFLOP/s", rates.GemmBF16FlopsPerSecond, "#,##0,,,"),
        new("gemv_of_bandwidth", "bf16 GEMV / read bandwidth", rates.GemvBytesPerSecond / rates.ReadBytesPerSecond, "F2", ">= 0.85"),
        .. rates.Integer.SelectMany(r => Integer(r, rates)),
    ];

    private static IEnumerable<BenchFigure> Integer(IntegerRates integer, CpuRates rates)
    {
        string key = integer.Type.ToString().ToLowerInvariant();
        return
        [
            new($"gemv_{key}_of_bandwidth", $"{integer.Type} GEMV / read bandwidth", integer.GemvBytesPerSecond / rates.ReadBytesPerSecond, "F2", ">= 0.80"),
            new($"gemm_{key}_of_f32", $"{integer.Type} GEMM / f32 GEMM", integer.GemmFlopsPerSecond / rates.GemmF32FlopsPerSecond, "F2", integer.Type switch
            {
                ElementType.I8_256 => ">= 1.70",
                ElementType.Q8_0 => ">= 1.40",
                _ => "",
            }),
        ];
    }

    private static async Task<IReadOnlyList<BenchFigure>> ModelAsync(CpuRates rates, CpuOptions options, SyntheticModel model, CancellationToken cancellationToken)
    {
        using var backend = new CpuBackend(options);
        await using ModelBench bench = await ModelBench.LoadAsync(backend, model, batch: 32, cancellationToken);
        double decode = bench.Decode(Rounds);
        double prefill = await bench.PrefillAsync(Rounds, cancellationToken);
        var figures = new List<BenchFigure>
        {
            new("decode_tokens_per_s", "decode, tokens/s", 1 / decode, "F1"),
            new("decode_of_bandwidth", "decode / (bandwidth / weight bytes)", bench.WeightBytes / decode / rates.ReadBytesPerSecond, "F2", ">= 0.80"),
            new("prefill_tokens_per_s", "prefill, tokens/s", prefill, "F0"),
            new("prefill_of_gemm", "prefill / bf16 GEMM rate", prefill * bench.FlopsPerPosition / rates.GemmBF16FlopsPerSecond, "F2", ">= 0.70"),
            new("resident_of_stored", "resident weights / stored tensors", bench.ResidentRatio, "F3", "<= 1.20"),
        };
        foreach (int batch in (int[])[1, 8, 32])
        {
            Rho rho = await bench.RhoAsync(batch, cancellationToken);
            figures.Add(new($"rho_batch_{batch}", $"rho, batch {batch}", rho.Value, "F3", batch == 1 ? "<= 0.15" : ""));
        }
        return figures;
    }

    private static async Task<IReadOnlyList<BenchFigure>> WideAsync(CpuOptions options, SyntheticModel model, CancellationToken cancellationToken)
    {
        using var backend = new CpuBackend(options);
        await using ModelBench bench = await ModelBench.LoadAsync(backend, model, batch: 1, cancellationToken);
        return [new("commit_overhead", "commitments / decode, hidden 2048", bench.CommitOverhead(8 * Rounds), "P1", "<= 2 %")];
    }
}
