using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void GatedResidualCore(DeviceBuffer x, DeviceBuffer y, SampleParameters parameters, int gate, int rows, int columns)
    {
        long count = (long)rows * columns;
        var arguments = new GatedResidualArgs(
            Pointer(x), Pointer(y), Pointer(parameters.Values, (long)gate * sizeof(float)), count, NextFault(Operation.GatedResidual, columns),
            columns, parameters.Stride, parameters.RowsPerSample);
        Launch(Kernel("gated_residual.cu", "gated_residual"), GridStride(count, 256), 256, 0, arguments);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct GatedResidualArgs(ulong X, ulong Y, ulong Gates, long Count, Fault Fault, int Columns, int Stride, int RowsPerSample);
}
