using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    /// <summary>As in layer_norm.cuh: rows of a block, each a warp.</summary>
    private const int LayerNormRows = 4;

    protected override void LayerNormCore(DeviceBuffer x, DeviceBuffer? weight, DeviceBuffer? bias, float epsilon, DeviceBuffer y, int rows, int columns) =>
        Launch(
            Kernel("layer_norm.cu", "layer_norm"), Grid.Blocks(rows, LayerNormRows), 32 * LayerNormRows, 0,
            new LayerNormArgs(Pointer(x), Pointer(weight), Pointer(bias), Pointer(y), NextFault(Operation.LayerNorm, columns), rows, columns, epsilon));

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct LayerNormArgs(ulong X, ulong Weight, ulong Bias, ulong Y, Fault Fault, int Rows, int Columns, float Epsilon);
}
