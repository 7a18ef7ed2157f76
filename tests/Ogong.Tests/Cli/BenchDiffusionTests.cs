using System.Text.Json;
using NUnit.Framework;
using Ogong.Tests.Emulator;
using Ogong.Tests.Kernels.Cuda;

namespace Ogong.Tests.Cli;

/// <summary>The diffusion benchmark at sizes that show that it runs. The figures mean nothing there.</summary>
internal sealed class BenchDiffusionTests
{
    [TestCase("cpu")]
    [TestCase("cuda", Category = "Slow")]
    public void Every_figure_is_measured(string device)
    {
        if (device == "cuda" && !CudaCase.IsReal)
        {
            EmulatedCuda.Require();
            Environment.SetEnvironmentVariable("OGONG_KERNEL_CACHE", CudaCase.EmulatedKernels());
        }
        (int code, JsonElement result, string error) = CommandLine.RunJson("bench", "diffusion", "--small", "--device", device);
        Assert.That(code, Is.Zero, error);
        string[] steps = ["step_exact", "step_exact_guided", "step_fast", "step_fast_guided"], parts = ["ms", "flops_per_s", "of_gemm", "roofline_ms"];
        string[] figures = ["weights_read_bytes_per_s", "step_weight_bytes", "evaluation_flops", "gemm_exact_flops_per_s", "gemm_fast_flops_per_s", .. steps.SelectMany(_ => parts, (step, part) => $"{step}_{part}")];
        string[] rho = [.. from count in (int[])[20, 50, 100] from part in (string[])["generation_per_step_ms", "rho_last", "rho_drawn_4"] select $"steps_{count}_{part}"];
        foreach (string figure in figures.Concat(rho)) Assert.That(result.GetProperty(figure).GetDouble(), Is.Positive, figure);
        Assert.That(result.GetProperty("device").GetString(), Is.EqualTo(device));
    }
}
