using Ogong.Compute;
using Ogong.Kernels.Cpu;

namespace Ogong.Cli.Bench;

/// <summary>What the machine reads and computes, measured in one interleaved run. Rates are medians.</summary>
/// <param name="Device">The backend: vector width and threads.</param>
/// <param name="ReadBytesPerSecond">Sequential read of a block larger than the caches, all threads.</param>
/// <param name="GemvBytesPerSecond">Weight bytes per second of a bf16 linear layer at one row, weights larger than the caches.</param>
/// <param name="GemmF32FlopsPerSecond">f32 linear layer at 512 rows; a multiply-add counts as two.</param>
/// <param name="GemmBF16FlopsPerSecond">The same with bf16 weights.</param>
/// <param name="Integer">The same with integer weights.</param>
internal sealed record CpuRates(
    DeviceDescription Device, double ReadBytesPerSecond, double GemvBytesPerSecond, double GemmF32FlopsPerSecond, double GemmBF16FlopsPerSecond,
    IReadOnlyList<IntegerRates> Integer);

/// <summary>What linear layers on integer weights reach.</summary>
/// <param name="Type">How the weights are stored.</param>
/// <param name="GemvBytesPerSecond">Weight bytes per second at one row.</param>
/// <param name="GemmFlopsPerSecond">At 512 rows; a multiply-add counts as two.</param>
internal sealed record IntegerRates(ElementType Type, double GemvBytesPerSecond, double GemmFlopsPerSecond);

/// <summary>Measures <see cref="CpuRates"/>: the limits that decode and prefill rates are judged by.</summary>
internal static class CpuBench
{
    private const int Rounds = 15;
    private const int Size = 2048;
    private const int GemmRows = 512;

    private static readonly ElementType[] s_integers = [ElementType.I8_256, ElementType.Q8_0, ElementType.Q4_0];

    /// <summary>Measures with <paramref name="options"/>; <paramref name="bytes"/> of weights are rotated through (several times the last-level cache). Takes some seconds.</summary>
    public static CpuRates Measure(CpuOptions? options = null, long bytes = 384L << 20)
    {
        options ??= new CpuOptions();
        int threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        using var backend = new CpuBackend(options);
        int copies = checked((int)Math.Max(1, bytes / (2L * Size * Size)));
        using var gemv = new LinearLoad(backend, ElementType.BF16, 1, Size, Size, copies);
        using var read = new ReadBandwidth(threads, gemv.TotalBytes);
        using var f32 = new LinearLoad(backend, ElementType.F32, GemmRows, Size, Size);
        using var bf16 = new LinearLoad(backend, ElementType.BF16, GemmRows, Size, Size);
        LinearLoad[] gemvs = [.. s_integers.Select(type => new LinearLoad(backend, type, 1, Size, Size, checked((int)Math.Max(1, bytes / 3 / (Size * type.RowBytes(Size))))))];
        LinearLoad[] gemms = [.. s_integers.Select(type => new LinearLoad(backend, type, GemmRows, Size, Size))];
        double[] seconds;
        try
        {
            seconds = Interleaved.Medians(
                Rounds,
                [
                    read.Run, () => gemv.Run(copies), () => f32.Run(1), () => bf16.Run(1),
                    .. gemvs.Select(load => (Func<double>)(() => load.Run((int)(load.TotalBytes / load.BytesPerCall)))), .. gemms.Select(load => (Func<double>)(() => load.Run(1))),
                ]);
        }
        finally
        {
            foreach (LinearLoad load in (LinearLoad[])[.. gemvs, .. gemms]) load.Dispose();
        }
        IEnumerable<IntegerRates> integers = s_integers.Select((type, i) => new IntegerRates(type, gemvs[i].TotalBytes / seconds[4 + i], gemms[i].FlopsPerCall / seconds[4 + gemvs.Length + i]));
        return new CpuRates(
            backend.Device,
            read.Bytes / seconds[0],
            gemv.TotalBytes / seconds[1],
            f32.FlopsPerCall / seconds[2],
            bf16.FlopsPerCall / seconds[3],
            [.. integers]);
    }
}
