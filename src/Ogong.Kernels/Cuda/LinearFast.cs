using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Native.Cublas;
using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    private CublasLtHandle? _cublas;
    private StreamCall<MultiplyArgs>? _multiply;

    // Activations are rounded to the weights' type, and tensor cores accumulate in binary32; binary32 weights and their activations are read as TF32.
    private void LinearFast(DeviceBuffer x, CudaWeight w, DeviceBuffer? bias, DeviceBuffer y, int rows, Fault fault)
    {
        const int Threads = 256;
        ulong inputs = Pointer(x);
        if (w.Type != ElementType.F32)
        {
            long count = (long)rows * w.Columns;
            inputs = Scratch(count * sizeof(ushort));
            Launch(Kernel("linear_fast.cu", "round_activations", ("WEIGHT_TYPE", (int)w.Type)),
                GridStride((count + 7) / 8, Threads), Threads, 0, new RoundActivationsArgs(Pointer(x), inputs, count));
        }
        _cublas ??= CreateCublas();
        Call(_multiply ??= Multiply, new MultiplyArgs(inputs, w.Pointer, Pointer(y), rows, w.Rows, w.Columns, w.Type));
        Launch(Kernel("linear_fast.cu", "finish_linear", ("WEIGHT_TYPE", (int)w.Type)),
            (Grid.Blocks(w.Rows, Threads), Math.Min(rows, 65535)), Threads, 0, new FinishLinearArgs(Pointer(bias), Pointer(y), fault, rows, w.Rows));
    }

    /// <exception cref="NotSupportedException">There is no cuBLASLt on this machine.</exception>
    private CublasLtHandle CreateCublas() => CublasLtHandle.TryCreate(_stream, out CublasLtHandle? handle, out string? reason)
        ? handle
        : throw new NotSupportedException($"Linear layers of more than {MostExactRowsInFastMode} rows need cuBLASLt in fast mode. {reason}");

    private void Multiply(CudaStream stream, in MultiplyArgs a)
    {
        MatmulType type = a.Type switch { ElementType.F16 => MatmulType.F16, ElementType.BF16 => MatmulType.BF16, _ => MatmulType.F32 };
        _cublas!.Multiply(stream, type, a.Rows, a.Outputs, a.Columns, a.X, a.W, a.Y);
    }

    private readonly record struct MultiplyArgs(ulong X, ulong W, ulong Y, int Rows, int Outputs, int Columns, ElementType Type);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct RoundActivationsArgs(ulong X, ulong Rounded, long Count);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct FinishLinearArgs(ulong Bias, ulong Y, Fault Fault, int Rows, int N);
}
