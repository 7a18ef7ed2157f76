using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cuda;

internal sealed partial class CudaQueue
{
    protected override void GatherRowsCore(DeviceBuffer x, DeviceBuffer indices, DeviceBuffer y, int rows, int columns) =>
        Launch(Kernel("gather_rows.cu", "gather_rows"), rows, 256, 0, new GatherRowsArgs(Pointer(x), Pointer(indices), Pointer(y), columns));

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct GatherRowsArgs(ulong X, ulong Indices, ulong Y, int Columns);
}
