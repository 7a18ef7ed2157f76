using System.Diagnostics;
using System.Globalization;
using Ogong.Compute;
using Ogong.Kernels.Cuda;
using Ogong.Native.Cublas;
using Ogong.Native.Cuda;

namespace Ogong.Cli.Bench;

/// <summary>Sizes of the kernels that <see cref="CudaBench"/> times.</summary>
/// <param name="GemvSizes">Square bf16 weights of decode.</param>
/// <param name="Bytes">Weights that a GEMV rotates through, and what the copy moves; several times the second-level cache.</param>
/// <param name="GemmSize">Width and outputs of the matrix products.</param>
/// <param name="GemmRows">Their rows.</param>
/// <param name="Vocabulary">Of the digest's logits.</param>
/// <param name="Rounds">Times each is measured.</param>
/// <param name="Calls">Short operations queued together for one time.</param>
/// <param name="Reply">Tokens of a reply of the whole model.</param>
internal sealed record CudaBenchSizes(int[] GemvSizes, long Bytes, int GemmSize, int GemmRows, int Vocabulary, int Rounds, int Calls, int Reply)
{
    public static CudaBenchSizes Full { get; } = new([4096, 8192, 16384], 512L << 20, 8192, 4096, 131072, Rounds: 9, Calls: 50, Reply: 128);

    /// <summary>To see that everything runs, not how fast.</summary>
    public static CudaBenchSizes Small { get; } = new([256], 1 << 20, 256, 32, 4096, Rounds: 1, Calls: 1, Reply: 32);
}

/// <summary>Kernels on a CUDA device, as shares of limits measured in the same run. Times are medians, with the calls of one time queued together.</summary>
internal static class CudaBench
{
    private const int DigestRows = 32, TopK = 8, SrpColumns = 8192, SrpDirections = 64;

    public static IEnumerable<BenchFigure> Kernels(CudaBackend backend, CudaBenchSizes sizes)
    {
        double copy = CopyBytesPerSecond(backend.Context, sizes);
        yield return new("copy_bytes_per_s", "device copy, read and written, GB/s", copy, "#,##0,,,.0");
        foreach (int size in sizes.GemvSizes)
        {
            foreach (int batch in (int[])[1, 2, 4, 8])
            {
                int copies = (int)Math.Max(1, sizes.Bytes / (2L * size * size));
                using var gemv = new LinearLoad(backend, ElementType.BF16, batch, size, size, copies);
                double seconds = Interleaved.Medians(sizes.Rounds, () => gemv.Run(copies))[0];
                yield return new(
                    string.Create(CultureInfo.InvariantCulture, $"gemv_{size}_batch_{batch}_of_copy"),
                    $"bf16 linear, {size}², batch {batch} / copy",
                    gemv.TotalBytes / seconds / copy,
                    "F2",
                    size >= 8192 ? ">= 0.85" : ">= 0.75");
            }
        }

        using (var gemm = new LinearLoad(backend, ElementType.BF16, sizes.GemmRows, sizes.GemmSize, sizes.GemmSize))
        {
            double seconds = Interleaved.Medians(sizes.Rounds, () => gemm.Run(1))[0];
            yield return new("gemm_exact_flops_per_s", "exact bf16 GEMM, GFLOP/s", gemm.FlopsPerCall / seconds, "#,##0,,,");
            yield return new("gemm_exact_of_peak", "exact GEMM / f32 peak without tensor cores", gemm.FlopsPerCall / seconds / F32Peak(backend.Context.Device), "F2", ">= 0.70");
        }

        yield return FastOfCublas(backend, sizes);
        yield return Digest(backend, sizes);
        yield return Srp(backend, sizes);
    }

    // Bytes read and bytes written both cross the memory's bus.
    private static double CopyBytesPerSecond(CudaContext context, CudaBenchSizes sizes)
    {
        long bytes = sizes.Bytes;
        using DeviceMemory from = context.Allocate(bytes), to = context.Allocate(bytes);
        using CudaStream stream = context.CreateStream();
        using CudaEvent start = context.CreateEvent(timing: true), end = context.CreateEvent(timing: true);
        stream.Fill(from, (byte)1);
        double seconds = Interleaved.Medians(sizes.Rounds, () =>
        {
            start.Record(stream);
            stream.Copy(to, from);
            end.Record(stream);
            end.Synchronize();
            return end.MillisecondsSince(start) / 1e3;
        })[0];
        return 2 * bytes / seconds;
    }

    // Multiprocessors · f32 units of each · 2 · the highest clock. 8.0 has 64 units, later generations 128.
    private static double F32Peak(CudaDevice device)
    {
        int units = device.ComputeCapability == new ComputeCapability(8, 0) ? 64 : 128;
        return 2e3 * units * device.MultiprocessorCount * device.GetAttribute(CudaDeviceAttribute.ClockRate);
    }

    /// <summary>A fast linear layer of many rows, rounding of the activations included, against the library's product of the same shape alone.</summary>
    private static BenchFigure FastOfCublas(CudaBackend backend, CudaBenchSizes sizes)
    {
        const int Calls = 8;
        int rows = sizes.GemmRows, size = sizes.GemmSize;
        using var fast = new LinearLoad(backend, ElementType.BF16, rows, size, size, mode: NumericMode.Fast);
        CudaContext context = backend.Context;
        using CudaStream stream = context.CreateStream();
        if (!CublasLtHandle.TryCreate(stream, out CublasLtHandle? library, out string? reason)) throw new BadInputException(reason);
        using (library)
        {
            using DeviceMemory x = context.Allocate(2L * rows * size), w = context.Allocate(2L * size * size), y = context.Allocate(4L * rows * size);
            stream.Fill(x, 0x3C003C00u); // bf16 0.0078125: clocks depend on the data, and zeros are too kind
            stream.Fill(w, 0x3C003C00u);
            double[] seconds = Interleaved.Medians(sizes.Rounds, () => fast.Run(Calls), () =>
            {
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < Calls; i++) library.Multiply(MatmulType.BF16, rows, size, size, x, w, y);
                stream.Synchronize();
                return Stopwatch.GetElapsedTime(start).TotalSeconds;
            });
            return new("fast_linear_of_cublaslt", "fast bf16 linear / cuBLASLt", seconds[1] / seconds[0], "F2", ">= 0.75");
        }
    }

    private static BenchFigure Digest(CudaBackend backend, CudaBenchSizes sizes)
    {
        int vocabulary = sizes.Vocabulary;
        using DeviceBuffer logits = backend.Allocate(4L * DigestRows * vocabulary), ids = backend.Allocate(4L * DigestRows * TopK), logprobs = backend.Allocate(4L * DigestRows * TopK);
        return Microseconds(backend, sizes, "digest_us", $"top-{TopK} digest, {DigestRows} × {vocabulary}, µs", "<= 30", logits,
            queue => queue.LogprobDigest(logits, ids, logprobs, null, null, DigestRows, vocabulary, TopK));
    }

    private static BenchFigure Srp(CudaBackend backend, CudaBenchSizes sizes)
    {
        using DeviceBuffer h = backend.Allocate(4L * DigestRows * SrpColumns), y = backend.Allocate(4L * DigestRows * SrpDirections);
        return Microseconds(backend, sizes, "srp_us", $"SRP, {DigestRows} × {SrpColumns}, {SrpDirections} directions, µs", "<= 10", h,
            queue => queue.SrpProject(h, 7, y, DigestRows, SrpColumns, SrpDirections));
    }

    /// <summary>The time of one operation on made-up input, from many queued together.</summary>
    private static BenchFigure Microseconds(
        CudaBackend backend, CudaBenchSizes sizes, string key, string name, string target, DeviceBuffer input, Action<ComputeQueue> operation)
    {
        using ComputeQueue queue = backend.CreateQueue();
        float[] values = new float[input.ByteLength / sizeof(float)];
        ulong state = 1;
        foreach (ref float value in values.AsSpan()) value = SyntheticTensor.Next(ref state, 1);
        queue.Write<float>(values, input);
        double seconds = Interleaved.Medians(sizes.Rounds, () =>
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < sizes.Calls; i++) operation(queue);
            queue.CompleteAsync().AsTask().GetAwaiter().GetResult();
            return Stopwatch.GetElapsedTime(start).TotalSeconds / sizes.Calls;
        })[0];
        return new(key, name, seconds * 1e6, "F1", target);
    }
}
