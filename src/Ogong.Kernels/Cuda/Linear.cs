using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    /// <summary>Up to so many rows the exact kernel is as fast as memory allows, so that fast mode takes it too.</summary>
    private const int MostExactRowsInFastMode = 8;

    protected override void LinearCore(DeviceBuffer x, Weight w, DeviceBuffer? bias, DeviceBuffer y, int rows, NumericMode mode)
    {
        Fault fault = NextFault(Operation.Linear, w.Rows, w);
        if (w.Type.IsBlock())
        {
            IntegerLinear(x, CudaWeight.From(w), bias, y, rows, fault);
            return;
        }
        if (mode == NumericMode.Fast && rows > MostExactRowsInFastMode)
        {
            LinearFast(x, CudaWeight.From(w), bias, y, rows, fault);
            return;
        }
        int vectors = w.Columns * w.Type.Size() % 16 == 0 ? 1 : 0;
        var arguments = new LinearArgs(Pointer(x), CudaWeight.From(w).Pointer, Pointer(bias), Pointer(y), fault, rows, w.Rows, w.Columns, vectors);
        if (rows <= DecodePlan.MostRows)
        {
            var plan = DecodePlan.For(rows, w.Rows, w.Type, Backend.SharedMemory, Backend.Multiprocessors);
            CudaKernel decode = Kernel("linear_decode.cu", "linear_decode",
                ("WEIGHT_TYPE", (int)w.Type), ("ROWS", plan.Rows), ("SLOTS", plan.Slots), ("STAGES", plan.Stages));
            Launch(decode, plan.Blocks, plan.Threads, plan.SharedBytes, arguments);
        }
        else
        {
            var plan = PrefillPlan.For(rows, w.Rows, w.Columns, Backend.SharedMemory, Backend.Multiprocessors);
            CudaKernel prefill = Kernel("linear_prefill.cu", "linear_prefill",
                ("WEIGHT_TYPE", (int)w.Type), ("TILE_ROWS", plan.TileRows), ("TILE_COLUMNS", plan.TileColumns));
            Launch(prefill, plan.Grid, PrefillPlan.Threads, plan.SharedBytes, arguments);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct LinearArgs(ulong X, ulong Weight, ulong Bias, ulong Y, Fault Fault, int Rows, int N, int K, int Vectors);
}
