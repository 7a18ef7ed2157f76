using System.CommandLine;
using Ogong.Cli.Bench;
using Ogong.Cli.Local;
using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Cli.Commands;

/// <summary>
/// <c>bench diffusion</c>: steps of a DiT-XL/2 on any device, as shares of the matrix product measured in turns with them, and what auditing drawn steps costs.
/// </summary>
internal static class BenchDiffusionCommand
{
    public static Command Create()
    {
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        Option<int?> layers = CommonOptions.Number("--layers", "N", "Blocks of the synthetic model (default 28).", 1, ModelLimits.Layers);
        var small = new Option<bool>("--small") { Description = "Sizes that show that everything runs, not how fast." };
        return new Command("diffusion", "Denoising steps, exact and fast, with and without guidance, and the cost of auditing drawn steps; some minutes on a CPU.") { device, threads, layers, small }
            .Handle(async (context, cancellationToken) =>
            {
                using IBackend backend = RunOptions.OpenDevice(context, context.Get(device), context.Get(threads) ?? 0);
                bool isSmall = context.Get(small);
                DenoiserConfig config = isSmall ? SyntheticDenoiser.Small : SyntheticDenoiser.Xl2();
                var model = new SyntheticDenoiser(context.Get(layers) is { } count ? config with { Layers = count } : config);
                using DenoiserBench bench = await DenoiserBench.LoadAsync(backend, model, cancellationToken);
                List<BenchFigure> figures = [.. Steps(backend, bench, isSmall ? DenoiserBenchSizes.Small : DenoiserBenchSizes.For(backend))];
                using var audits = new StepAuditBench(bench.Segment);
                foreach (int steps in (int[])[20, 50, 100]) figures.AddRange(await audits.RhoAsync(steps, cancellationToken));
                BenchFigure.Report(context.Output, backend.Device, model.Parameters, figures, "exact and fast mode");
                return ExitCode.Ok;
            });
    }

    private static IEnumerable<BenchFigure> Steps(IBackend backend, DenoiserBench bench, DenoiserBenchSizes sizes)
    {
        using var read = new LinearLoad(backend, ElementType.BF16, 1, sizes.GemvSize, sizes.GemvSize, sizes.GemvCopies);
        using var exact = new LinearLoad(backend, ElementType.BF16, sizes.GemmRows, sizes.GemmSize, sizes.GemmSize);
        using var fast = new LinearLoad(backend, ElementType.BF16, sizes.GemmRows, sizes.GemmSize, sizes.GemmSize, mode: NumericMode.Fast);
        double[] seconds = Interleaved.Medians(
            sizes.Rounds, () => read.Run(sizes.GemvCopies), () => exact.Run(1), () => fast.Run(1),
            () => bench.Step(NumericMode.Exact, guided: false), () => bench.Step(NumericMode.Exact, guided: true),
            () => bench.Step(NumericMode.Fast, guided: false), () => bench.Step(NumericMode.Fast, guided: true));
        double bandwidth = read.TotalBytes / seconds[0];
        yield return new("weights_read_bytes_per_s", $"bf16 linear, one row of {sizes.GemvSize}², GB/s", bandwidth, "#,##0,,,.0");
        yield return new("step_weight_bytes", "weights read per step, MB", bench.WeightBytes, "#,##0,,");
        yield return new("evaluation_flops", "arithmetic of one evaluation, GFLOP", bench.FlopsPerEvaluation, "#,##0,,,.0");
        foreach ((string mode, double gemm, int first) in new[] { ("exact", exact.FlopsPerCall / seconds[1], 3), ("fast", fast.FlopsPerCall / seconds[2], 5) })
        {
            yield return new($"gemm_{mode}_flops_per_s", $"{mode} bf16 GEMM {sizes.GemmRows} × {sizes.GemmSize}², GFLOP/s", gemm, "#,##0,,,");
            for (int guided = 0; guided < 2; guided++)
            {
                (string key, string name) = guided == 0 ? ($"step_{mode}", $"{mode} step") : ($"step_{mode}_guided", $"{mode} step, guided");
                double flops = bench.FlopsPerEvaluation * (1 + guided), step = seconds[first + guided], rate = flops / step;
                yield return new($"{key}_ms", $"{name}, ms", step * 1e3, "F2");
                yield return new($"{key}_flops_per_s", $"{name}, GFLOP/s", rate, "#,##0,,,");
                yield return new($"{key}_of_gemm", $"{name} / GEMM rate", rate / gemm, "F2", mode == "exact" ? ">= 0.70" : "");
                yield return new($"{key}_roofline_ms", $"{name}, ms by roofline (arithmetic / GEMM rate, or weights / their rate)", 1e3 * Math.Max(flops / gemm, bench.WeightBytes / bandwidth), "F2");
            }
        }
    }
}
