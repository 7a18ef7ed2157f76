using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void GeluCore(DeviceBuffer x, DeviceBuffer y, long count) =>
        Launch(Kernel("gelu.cu", "gelu"), GridStride((count + 3) / 4, 256), 256, 0, new GeluArgs(Pointer(x), Pointer(y), count));

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct GeluArgs(ulong X, ulong Y, long Count);
}
