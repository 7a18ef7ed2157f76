using System.CommandLine;
using Ogong.Cli.Bench;
using Ogong.Compute;
using Ogong.Kernels.Cpu;
using Ogong.Kernels.OpenCl;
using Ogong.Models;

namespace Ogong.Cli.Commands;

/// <summary>
/// <c>bench opencl</c>: decode, prefill and kernels on an OpenCL device, and on the CPU backend in turns with it. On a device that is the same processor (PoCL) the shares have targets.
/// </summary>
internal static class BenchOpenClCommand
{
    private const int Rounds = 5, Size = 2048, GemmRows = 512;

    private static readonly ElementType[] s_types = [ElementType.BF16, ElementType.I8_256, ElementType.Q8_0];

    public static Command Create()
    {
        Option<int?> index = CommonOptions.Number("--index", "N", "Which OpenCL device (default 0).", 0, 1 << 10);
        Option<int?> layers = CommonOptions.Number("--layers", "N", "Layers of the synthetic model (default 4).", 1, 1024);
        Option<int?> hidden = CommonOptions.Hidden(1024);
        return new Command("opencl", "Kernels, decode and prefill on an OpenCL device beside the CPU backend; some minutes.") { index, layers, hidden }
            .Handle(async (context, cancellationToken) =>
            {
                int width = context.Get(hidden) ?? 1024;
                var options = new OpenClOptions { Device = context.Get(index) ?? 0, Progress = context.Output.Note };
                if (!OpenClBackend.TryCreate(options, out OpenClBackend? device, out string? reason)) throw new BadInputException(reason);
                using (device)
                {
                    using var cpu = new CpuBackend();
                    ModelConfig shape = SyntheticModel.Shape(context.Get(layers) ?? 4, width, width * 11 / 4, 32000);
                    List<BenchFigure> figures = [];
                    foreach (ElementType type in s_types)
                    {
                        figures.AddRange(Kernels(device, cpu, type));
                        figures.AddRange(await ModelAsync(device, cpu, new SyntheticModel(shape, type), type, cancellationToken));
                    }
                    BenchFigure.Report(context.Output, device.Device, new SyntheticModel(shape).Parameters, figures);
                }
                return ExitCode.Ok;
            });
    }

    private static IEnumerable<BenchFigure> Kernels(IBackend device, IBackend cpu, ElementType type)
    {
        using var gemv = new LinearLoad(device, type, 1, Size, Size, 16);
        using var cpuGemv = new LinearLoad(cpu, type, 1, Size, Size, 16);
        using var gemm = new LinearLoad(device, type, GemmRows, Size, Size);
        using var cpuGemm = new LinearLoad(cpu, type, GemmRows, Size, Size);
        double[] seconds = Interleaved.Medians(Rounds, () => gemv.Run(16), () => cpuGemv.Run(16), () => gemm.Run(1), () => cpuGemm.Run(1));
        string key = Key(type);
        return
        [
            new($"gemv_{key}_bytes_per_s", $"{type} GEMV, GB/s", gemv.TotalBytes / seconds[0], "#,##0,,,.0"),
            new($"gemm_{key}_flops_per_s", $"{type} GEMM, GFLOP/s", gemm.FlopsPerCall / seconds[2], "#,##0,,,"),
            new($"gemv_{key}_of_cpu", $"{type} GEMV / CPU backend", seconds[1] / seconds[0], "F2"),
            new($"gemm_{key}_of_cpu", $"{type} GEMM / CPU backend", seconds[3] / seconds[2], "F2"),
        ];
    }

    private static async Task<IReadOnlyList<BenchFigure>> ModelAsync(IBackend device, IBackend cpu, SyntheticModel model, ElementType type, CancellationToken cancellationToken)
    {
        await using ModelBench bench = await ModelBench.LoadAsync(device, model, batch: 1, cancellationToken);
        await using ModelBench peer = await ModelBench.LoadAsync(cpu, model, batch: 1, cancellationToken);
        double[] rates = Interleaved.Medians(Rounds, () => 1 / bench.Decode(1), () => 1 / peer.Decode(1), () => Prefill(bench), () => Prefill(peer));
        Rho rho = await bench.RhoAsync(1, cancellationToken);
        string key = Key(type);
        return
        [
            new($"decode_{key}_tokens_per_s", $"{type} decode, tokens/s", rates[0], "F1"),
            new($"decode_{key}_of_cpu", $"{type} decode / CPU backend", rates[0] / rates[1], "F2", ">= 0.50 on the same processor"),
            new($"prefill_{key}_tokens_per_s", $"{type} prefill, tokens/s", rates[2], "F0"),
            new($"prefill_{key}_of_cpu", $"{type} prefill / CPU backend", rates[2] / rates[3], "F2", ">= 0.30 on the same processor"),
            new($"rho_{key}_batch_1", $"{type} rho, batch 1", rho.Value, "F3"),
        ];

        double Prefill(ModelBench bench) => bench.PrefillAsync(1, cancellationToken).GetAwaiter().GetResult();
    }

    private static string Key(ElementType type) => type.ToString().ToLowerInvariant();
}
