using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    // Linear on integer weights for many rows: the input is quantised once, then multiplied by tensor cores.
    private void IntegerPrefill(DeviceBuffer x, CudaWeight w, DeviceBuffer? bias, DeviceBuffer y, int rows, Fault fault)
    {
        QuantizedInput input = Quantize(x, w, rows);
        var plan = IntegerPrefillPlan.For(rows, w.Rows, w.Type, Backend.SharedMemory, Backend.Multiprocessors);
        CudaKernel kernel = Kernel("integer_prefill.cu", "integer_prefill",
            ("WEIGHT_TYPE", (int)w.Type), ("OPERANDS", (int)Backend.Operands), ("TILE_ROWS", plan.TileRows), ("TILE_COLUMNS", plan.TileColumns), ("STAGES", plan.Stages));
        Launch(kernel, plan.Grid, IntegerPrefillPlan.Threads, plan.SharedBytes,
            new IntegerPrefillArgs(input.Q, input.Dx, input.Sums, w.Pointer, Pointer(bias), Pointer(y), fault, rows, w.Rows, w.Columns));
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct IntegerPrefillArgs(ulong Q, ulong Dx, ulong Sums, ulong Weight, ulong Bias, ulong Y, Fault Fault, int Rows, int N, int K);
}
