using System.Text.Json;
using NUnit.Framework;
using Ogong.Tests.Emulator;

namespace Ogong.Tests.Cli;

/// <summary>The CUDA benchmark at sizes that show that it runs, on the emulated device. The figures mean nothing there.</summary>
[Category("Slow")]
internal sealed class BenchCudaTests
{
    private static readonly string[] Expected =
    [
        "copy_bytes_per_s", "gemv_256_batch_1_of_copy", "gemv_256_batch_8_of_copy", "gemm_exact_flops_per_s", "gemm_exact_of_peak", "fast_linear_of_cublaslt", "digest_us", "srp_us",
        "gemv_i8_256_of_copy", "gemv_q8_0_of_copy", "gemv_q4_0_of_copy", "cublaslt_int8_ops_per_s",
        "gemm_i8_256_of_cublaslt_int8", "gemm_q8_0_of_cublaslt_int8", "gemm_q4_0_of_cublaslt_int8", "decode_tokens_per_s", "decode_of_copy", "prefill_tokens_per_s", "commit_overhead", "rho_exact_batch_1", "prefill_fast_tokens_per_s", "rho_fast_batch_1",
        "decode_i8_256_tokens_per_s", "decode_i8_256_of_copy", "prefill_i8_256_tokens_per_s", "rho_i8_256_batch_1",
    ];

    [Test]
    public void Every_figure_is_measured()
    {
        EmulatedCuda.Require();
        (int code, JsonElement result, string error) = CommandLine.RunJson(
            "bench", "cuda", "--small", "--layers", "1", "--hidden", "256", "--intermediate", "256", "--vocabulary", "1024", "--batch", "1");
        Assert.That(code, Is.Zero, error);
        foreach (string figure in Expected)
            Assert.That(result.GetProperty(figure).GetDouble(), Is.Not.NaN.And.Not.Zero, figure);
        Assert.That(result.GetProperty("kernel_hash").GetString(), Has.Length.EqualTo(64));
        Assert.That(result.GetProperty("device_detail").GetString(), Does.Contain("driver").And.Contain("NVRTC"));
    }
}
