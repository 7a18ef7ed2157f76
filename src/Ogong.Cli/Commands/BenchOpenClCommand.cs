using System.CommandLine;
using Ogong.Cli.Bench;
using Ogong.Compute;
using Ogong.Kernels.Cpu;
using Ogong.Kernels.OpenCl;

namespace Ogong.Cli.Commands;

/// <summary>
/// <c>bench opencl</c>: decode, prefill and kernels on an OpenCL device, and on the CPU backend in turns with it. On a device that is the same processor (PoCL) the shares have targets.
/// </summary>
internal static class BenchOpenClCommand
{
    private const int Rounds = 5, Size = 2048, GemmRows = 512;

    public static Command Create()
    {
        Option<int?> index = CommonOptions.Number("--index", "N", "Which OpenCL device (default 0).", 0, 1 << 10);
        Option<int?> layers = CommonOptions.Number("--layers", "N", "Layers of the synthetic model (default 4).", 1, 1024);
        Option<int?> hidden = CommonOptions.Hidden(1024);
        return new Command("opencl", "Kernels, decode and prefill on an OpenCL device beside the CPU backend; about a minute.") { index, layers, hidden }
            .Handle(async (context, cancellationToken) =>
            {
                int width = context.Get(hidden) ?? 1024;
                var options = new OpenClOptions { Device = context.Get(index) ?? 0, Progress = context.Output.Note };
                if (!OpenClBackend.TryCreate(options, out OpenClBackend? device, out string? reason)) throw new BadInputException(reason);
                using (device)
                {
                    using var cpu = new CpuBackend();
                    var shape = new SyntheticModel(SyntheticModel.Shape(context.Get(layers) ?? 4, width, width * 11 / 4, 32000));
                    List<BenchFigure> figures = [.. Kernels(device, cpu), .. await ModelAsync(device, cpu, shape, cancellationToken)];
                    BenchFigure.Report(context.Output, device.Device, shape.Parameters, figures);
                }
                return ExitCode.Ok;
            });
    }

    private static IEnumerable<BenchFigure> Kernels(IBackend device, IBackend cpu)
    {
        using var gemv = new LinearLoad(device, ElementType.BF16, 1, Size, Size, 16);
        using var cpuGemv = new LinearLoad(cpu, ElementType.BF16, 1, Size, Size, 16);
        using var gemm = new LinearLoad(device, ElementType.BF16, GemmRows, Size, Size);
        using var cpuGemm = new LinearLoad(cpu, ElementType.BF16, GemmRows, Size, Size);
        double[] seconds = Interleaved.Medians(Rounds, () => gemv.Run(16), () => cpuGemv.Run(16), () => gemm.Run(1), () => cpuGemm.Run(1));
        return
        [
            new("gemv_bytes_per_s", "bf16 GEMV, GB/s", gemv.TotalBytes / seconds[0], "#,##0,,,.0"),
            new("gemm_bf16_flops_per_s", "bf16 GEMM, GFLOP/s", gemm.FlopsPerCall / seconds[2], "#,##0,,,"),
            new("gemv_of_cpu", "bf16 GEMV / CPU backend", seconds[1] / seconds[0], "F2"),
            new("gemm_of_cpu", "bf16 GEMM / CPU backend", seconds[3] / seconds[2], "F2"),
        ];
    }

    private static async Task<IReadOnlyList<BenchFigure>> ModelAsync(IBackend device, IBackend cpu, SyntheticModel model, CancellationToken cancellationToken)
    {
        await using ModelBench bench = await ModelBench.LoadAsync(device, model, batch: 1, cancellationToken);
        await using ModelBench peer = await ModelBench.LoadAsync(cpu, model, batch: 1, cancellationToken);
        double[] decode = Interleaved.Medians(Rounds, () => bench.Decode(1), () => peer.Decode(1));
        double prefill = await bench.PrefillAsync(Rounds, cancellationToken), peerPrefill = await peer.PrefillAsync(Rounds, cancellationToken);
        Rho rho = await bench.RhoAsync(1, cancellationToken);
        return
        [
            new("decode_tokens_per_s", "decode, tokens/s", 1 / decode[0], "F1"),
            new("decode_of_cpu", "decode / CPU backend", decode[1] / decode[0], "F2", ">= 0.50 on the same processor"),
            new("prefill_tokens_per_s", "prefill, tokens/s", prefill, "F0"),
            new("prefill_of_cpu", "prefill / CPU backend", prefill / peerPrefill, "F2", ">= 0.30 on the same processor"),
            new("rho_batch_1", "rho, batch 1", rho.Value, "F3"),
        ];
    }
}
