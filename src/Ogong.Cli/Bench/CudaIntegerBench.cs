using System.Diagnostics;
using Ogong.Compute;
using Ogong.Kernels.Cuda;
using Ogong.Models;
using Ogong.Native.Cublas;
using Ogong.Native.Cuda;

namespace Ogong.Cli.Bench;

/// <summary>Integer weights on a CUDA device: linear layers of one row and of many beside the device's own limits, and a whole model of I8-256.</summary>
internal static class CudaIntegerBench
{
    private static readonly (ElementType Type, string Key, string GemmTarget)[] s_types =
        [(ElementType.I8_256, "i8_256", ">= 0.60"), (ElementType.Q8_0, "q8_0", ">= 0.30"), (ElementType.Q4_0, "q4_0", "")];

    /// <summary>One row against the copy, and many rows, quantising of the input included, against the library's product of bytes of the same shape alone.</summary>
    public static IEnumerable<BenchFigure> Kernels(CudaBackend backend, CudaBenchSizes sizes, double copy)
    {
        int rows = sizes.GemmRows, size = sizes.GemmSize, calls = Math.Min(8, sizes.Calls);
        foreach ((ElementType type, string key, _) in s_types)
        {
            int copies = (int)Math.Max(1, sizes.Bytes / (type.RowBytes(size) * size));
            using var gemv = new LinearLoad(backend, type, 1, size, size, copies);
            double seconds = Interleaved.Medians(sizes.Rounds, () => gemv.Run(copies))[0];
            yield return new($"gemv_{key}_of_copy", $"{type} linear, {size}², batch 1 / copy", gemv.TotalBytes / seconds / copy, "F2", ">= 0.80");
        }

        using CudaStream stream = backend.Context.CreateStream();
        if (!CublasLtHandle.TryCreate(stream, out CublasLtHandle? library, out string? reason)) throw new BadInputException(reason);
        using (library)
        {
            using DeviceMemory x = backend.Context.Allocate((long)rows * size), w = backend.Context.Allocate((long)size * size), y = backend.Context.Allocate(4L * rows * size);
            stream.Fill(x, 0x5BA71FC3u); // clocks depend on the data, and zeros are too kind
            stream.Fill(w, 0x29E36D94u);
            double Library()
            {
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < calls; i++) library.Multiply(MatmulType.S8, rows, size, size, x, w, y);
                stream.Synchronize();
                return Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            LinearLoad[] loads = [.. s_types.Select(t => new LinearLoad(backend, t.Type, rows, size, size))];
            double[] seconds;
            try
            {
                seconds = Interleaved.Medians(sizes.Rounds, [Library, .. loads.Select(load => (Func<double>)(() => load.Run(calls)))]);
            }
            finally
            {
                foreach (LinearLoad load in loads) load.Dispose();
            }
            yield return new("cublaslt_int8_ops_per_s", $"cuBLASLt of bytes, {rows} × {size}², TOP/s", 2.0 * calls * rows * size * size / seconds[0], "#,##0,,,,");
            for (int i = 0; i < s_types.Length; i++)
            {
                (ElementType type, string key, string target) = s_types[i];
                yield return new($"gemm_{key}_of_cublaslt_int8", $"{type} linear / cuBLASLt of bytes", seconds[0] / seconds[1 + i], "F2", target);
            }
        }
    }

    /// <summary>Decode, prefill and audits of a model whose matrices are I8-256.</summary>
    public static async Task<IReadOnlyList<BenchFigure>> ModelAsync(
        CudaBackend backend, ModelConfig shape, CudaBenchSizes sizes, double copy, CancellationToken cancellationToken)
    {
        var model = new SyntheticModel(shape, ElementType.I8_256);
        await using ModelBench bench = await ModelBench.LoadAsync(backend, model, batch: 1, cancellationToken, replyLength: sizes.Reply);
        double decode = bench.Decode(sizes.Rounds);
        return
        [
            new("decode_i8_256_tokens_per_s", "I8-256 decode, tokens/s", 1 / decode, "F1"),
            new("decode_i8_256_of_copy", "I8-256 decode / (copy / weight bytes)", bench.WeightBytes / decode / copy, "F2"),
            new("prefill_i8_256_tokens_per_s", "I8-256 exact prefill, tokens/s", await bench.PrefillAsync(sizes.Rounds, cancellationToken), "F0"),
            new("rho_i8_256_batch_1", "rho, I8-256, exact, batch 1", (await bench.RhoAsync(1, cancellationToken)).Value, "F4", "<= 0.015"),
        ];
    }
}
