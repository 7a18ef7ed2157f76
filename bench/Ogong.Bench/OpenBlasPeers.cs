using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Ogong.Cli.Bench;
using Ogong.Compute;
using Ogong.Kernels.Cpu;

namespace Ogong.Bench;

/// <summary><c>peers</c>: GEMM against OpenBLAS and GEMV against the read bandwidth, interleaved within one run.</summary>
internal static unsafe class OpenBlasPeers
{
    private const int Rounds = 15;

    public static int Run(bool json, int threads, string coreType)
    {
        // The C library's environment: OpenBLAS reads it when loaded, and .NET's own copy is not what it sees.
        Require(SetEnvironment("OPENBLAS_CORETYPE", coreType, 1));
        Require(SetEnvironment("OPENBLAS_NUM_THREADS", threads.ToString(System.Globalization.CultureInfo.InvariantCulture), 1));
        if (!OpenBlas.IsAvailable)
        {
            Console.Error.WriteLine("libopenblas.so.0 not found: install libopenblas0-pthread.");
            return 2;
        }
        using var backend = new CpuBackend(new CpuOptions { Threads = threads });
        var report = new Dictionary<string, object> { ["device"] = backend.Device, ["openblas"] = OpenBlas.Description };
        foreach ((int rows, int columns, int outputs) in ((int, int, int)[])[(512, 1024, 1024), (512, 2048, 2048), (1024, 2048, 5632)])
            Gemm(report, backend, rows, columns, outputs);
        Gemv(report, backend, threads, 2048, 2048);
        Gemv(report, backend, threads, 768, 2048);
        if (json) Console.WriteLine(JsonSerializer.Serialize(report));
        else foreach ((string key, object value) in report) Console.WriteLine($"{key,-40} {value:0.###}");
        return 0;
    }

    private static void Gemm(Dictionary<string, object> report, CpuBackend backend, int rows, int columns, int outputs)
    {
        float* x = Allocate(rows * columns), w = Allocate(outputs * columns), y = Allocate(rows * outputs);
        using var f32 = new LinearLoad(backend, ElementType.F32, rows, columns, outputs);
        using var bf16 = new LinearLoad(backend, ElementType.BF16, rows, columns, outputs);
        using var f16 = new LinearLoad(backend, ElementType.F16, rows, columns, outputs);
        double[] seconds = Interleaved.Medians(Rounds, Peer, () => f32.Run(1), () => bf16.Run(1), () => f16.Run(1));
        string shape = $"{rows}x{columns}x{outputs}";
        report[$"openblas_sgemm_gflops {shape}"] = f32.FlopsPerCall / seconds[0] / 1e9;
        report[$"gemm_f32_ratio {shape}"] = seconds[0] / seconds[1];
        report[$"gemm_bf16_ratio {shape}"] = seconds[0] / seconds[2];
        report[$"gemm_f16_ratio {shape}"] = seconds[0] / seconds[3];
        NativeMemory.AlignedFree(x);
        NativeMemory.AlignedFree(w);
        NativeMemory.AlignedFree(y);

        double Peer()
        {
            long start = Stopwatch.GetTimestamp();
            OpenBlas.Linear(x, w, y, rows, columns, outputs);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private static void Gemv(Dictionary<string, object> report, CpuBackend backend, int threads, int columns, int outputs)
    {
        const long Bytes = 384L << 20;
        int copies = (int)(Bytes / (2L * columns * outputs));
        using var read = new ReadBandwidth(threads, Bytes);
        using var gemv = new LinearLoad(backend, ElementType.BF16, 1, columns, outputs, copies);
        double[] seconds = Interleaved.Medians(Rounds, read.Run, () => gemv.Run(copies));
        double bandwidth = read.Bytes / seconds[0], rate = gemv.TotalBytes / seconds[1];
        report[$"read_gb_per_s {columns}x{outputs}"] = bandwidth / 1e9;
        report[$"gemv_bf16_ratio {columns}x{outputs}"] = rate / bandwidth;
    }

    private static float* Allocate(int count)
    {
        float* memory = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        ulong state = 1;
        for (int i = 0; i < count; i++) memory[i] = SyntheticTensor.Next(ref state, 1);
        return memory;
    }

    private static void Require(int status)
    {
        if (status != 0) throw new InvalidOperationException("setenv failed.");
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, ExactSpelling = true)]
    private static extern int SetEnvironment([MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int overwrite);
}
