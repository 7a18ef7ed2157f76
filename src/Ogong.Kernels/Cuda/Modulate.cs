using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void ModulateCore(DeviceBuffer x, SampleParameters parameters, int shift, int scale, float epsilon, DeviceBuffer y, int rows, int columns) =>
        Launch(
            Kernel("modulate.cu", "modulate"), Grid.Blocks(rows, LayerNormRows), 32 * LayerNormRows, 0,
            new ModulateArgs(
                Pointer(x), Pointer(parameters.Values), Pointer(y), NextFault(Operation.Modulate, columns), rows, columns, parameters.Stride, parameters.RowsPerSample,
                shift, scale, epsilon));

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct ModulateArgs(
        ulong X, ulong Values, ulong Y, Fault Fault, int Rows, int Columns, int Stride, int RowsPerSample, int Shift, int Scale, float Epsilon);
}
