using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    // Linear on integer weights, the same in both modes. Few rows are bound by the way of the weights from memory, which dp4a keeps up with.
    private void IntegerLinear(DeviceBuffer x, CudaWeight w, DeviceBuffer? bias, DeviceBuffer y, int rows, Fault fault)
    {
        var plan = IntegerDecodePlan.For(rows, w.Rows, w.Columns, w.Type, Backend.SharedMemory, Backend.Multiprocessors);
        if (plan.Shape.Rows < rows)
        {
            IntegerPrefill(x, w, bias, y, rows, fault);
            return;
        }
        QuantizedInput input = plan.Fused ? default : Quantize(x, w, rows);
        CudaKernel decode = Kernel("integer_decode.cu", "integer_decode",
            ("WEIGHT_TYPE", (int)w.Type), ("ROWS", plan.Shape.Rows), ("SLOTS", plan.Shape.Slots), ("STAGES", plan.Shape.Stages), ("FUSED", plan.Fused ? 1 : 0));
        Launch(decode, plan.Shape.Blocks, plan.Shape.Threads, plan.Shape.SharedBytes, new IntegerDecodeArgs(
            Pointer(x), input.Q, input.Dx, input.Sums, w.Pointer, Pointer(bias), Pointer(y), fault, rows, w.Rows, w.Columns));
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct IntegerDecodeArgs(
        ulong X, ulong Q, ulong Dx, ulong Sums, ulong Weight, ulong Bias, ulong Y, Fault Fault, int Rows, int N, int K);
}
