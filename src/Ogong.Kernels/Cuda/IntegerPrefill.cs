using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    // Linear on integer weights for many rows: the input is quantised once, then multiplied by tensor cores.
    private void IntegerPrefill(DeviceBuffer x, CudaWeight w, DeviceBuffer? bias, DeviceBuffer y, int rows, Fault fault)
    {
        const int Threads = 256, Warp = 32, SumBytes = 16;
        bool summed = w.Type == ElementType.Q4_K; // whose minima multiply sums of the input
        long chunks = (long)rows * Grid.Blocks(w.Columns, Reductions.Chunk);
        ulong q = Scratch(chunks * (Reductions.Chunk + sizeof(float) + (summed ? SumBytes : 0)));
        ulong sums = q + ((ulong)chunks * Reductions.Chunk), dx = sums + (summed ? (ulong)chunks * SumBytes : 0);
        Launch(Kernel("quantize_rows.cu", "quantize_rows"), GridStride(chunks * Warp, Threads), Threads, 0,
            new QuantizeRowsArgs(Pointer(x), q, dx, summed ? sums : 0, rows, w.Columns));
        var plan = IntegerPrefillPlan.For(rows, w.Rows, w.Type, Backend.SharedMemory, Backend.Multiprocessors);
        CudaKernel kernel = Kernel("integer_prefill.cu", "integer_prefill",
            ("WEIGHT_TYPE", (int)w.Type), ("OPERANDS", (int)Backend.Operands), ("TILE_ROWS", plan.TileRows), ("TILE_COLUMNS", plan.TileColumns), ("STAGES", plan.Stages));
        Launch(kernel, plan.Grid, IntegerPrefillPlan.Threads, plan.SharedBytes,
            new IntegerPrefillArgs(q, dx, sums, w.Pointer, Pointer(bias), Pointer(y), fault, rows, w.Rows, w.Columns));
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct QuantizeRowsArgs(ulong X, ulong Q, ulong Dx, ulong Sums, int Rows, int K);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct IntegerPrefillArgs(ulong Q, ulong Dx, ulong Sums, ulong Weight, ulong Bias, ulong Y, Fault Fault, int Rows, int N, int K);
}
