using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void SiluCore(DeviceBuffer x, DeviceBuffer y, long count) =>
        Launch(Kernel("silu.cu", "silu"), GridStride((count + 3) / 4, 256), 256, 0, new SiluArgs(Pointer(x), Pointer(y), count));

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct SiluArgs(ulong X, ulong Y, long Count);
}
