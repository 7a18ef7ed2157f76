using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void ResidualCore(DeviceBuffer x, DeviceBuffer y, long count)
    {
        var arguments = new ResidualArgs(Pointer(x), Pointer(y), count, NextFault(Operation.Residual, checked((int)count)));
        Launch(Kernel("residual.cu", "residual"), GridStride((count + 3) / 4, 256), 256, 0, arguments);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct ResidualArgs(ulong X, ulong Y, long Count, Fault Fault);
}
